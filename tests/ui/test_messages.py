"""Every message has its English, with the same placeholders; the catalogue has nothing else."""

import ast
import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from shuzhi.i18n import catalogue_files
from shuzhi.settings import ROOT

CATALOGUES = catalogue_files("en")
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
HOW = "write it into a catalogue of data/locales/en/LC_MESSAGES (msgid, then msgstr)"
HAN = re.compile(r"[一-鿿]")


def in_the_code() -> set[tuple]:
    """(msgid, plural) of every message in the code."""
    found = set()
    for folder in ("shuzhi", "pages"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, [("**.py", "python"), ("**/templates/**.html", "jinja2")], keywords=KEYWORDS
        ):
            singular, plural = message if isinstance(message, tuple) else (message, None)
            found.add((singular, plural))
    return found


@pytest.fixture(scope="module")
def english() -> dict[tuple, tuple[str, ...]]:
    messages = [m for path in CATALOGUES for m in read_po(path.open("rb"), locale="en") if m.id]
    return {
        (m.id if isinstance(m.id, tuple) else (m.id, None)): m.string if isinstance(m.string, tuple) else (m.string,)
        for m in messages
    }


def test_every_message_has_english(english):
    missing = [key for key in in_the_code() if not all(english.get(key, ("",)))]
    assert not missing, f"no English for {missing}: {HOW}"


def test_no_message_is_left_over(english):
    left = set(english) - in_the_code()
    assert not left, f"not in the code any more, take out: {left}"


def test_no_message_is_in_two_catalogues():
    ids = [m.id for path in CATALOGUES for m in read_po(path.open("rb"), locale="en") if m.id]
    assert not [one for one in ids if ids.count(one) > 1]


def test_english_is_english(english):
    assert not [text for texts in english.values() for text in texts if HAN.search(text)]


def test_placeholders_are_the_same(english):
    def names(text):
        return set(re.findall(r"\{(\w*)[^}]*\}", text))

    for (singular, plural), texts in english.items():
        known = names(singular) | names(plural or "")
        for text in texts:
            assert names(text) <= known, (singular, text)


def test_no_message_hides_in_an_f_string():
    """The extractor does not look into f-strings."""
    for folder in ("shuzhi", "pages"):
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            inside = [node for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for node in ast.walk(text)]
            called = {node.func.id for node in inside if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
            assert not called & set(KEYWORDS), file
