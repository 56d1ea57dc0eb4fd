"""Numbers that know where they come from (数据依据), and sentences made of them.

A sentence is a tuple of text and facts; a template becomes one when its places are filled. So a page can mark each
number, a workbook can list them, and an edited text can be held against what it was made from.
"""

import datetime as dt
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A named query with its parameters, and when the data were as they are.

    Attributes
    ----------
    query : str
        A name of ``store.queries``.
    parameters : tuple of (name, text)
    first, last : date
        Days that it covers, both included.
    as_of : datetime or None
        When the newest delivery of data ended; tz-aware, Beijing.
    """

    query: str
    parameters: tuple[tuple[str, str], ...]
    first: dt.date
    last: dt.date
    as_of: dt.datetime | None

    @property
    def call(self) -> str:
        """The query as one line."""
        return f"{self.query}({', '.join(f'{name}={text}' for name, text in self.parameters)})"


@dataclass(frozen=True)
class Fact:
    """One number of a text.

    Attributes
    ----------
    label : str
        What it is, in the language of the text.
    value : float
        As computed, before it was rounded for the text.
    text : str
        As it stands in the text.
    unit : str
    source : Source
    method : str
        How it was computed from what the query gave.
    """

    label: str
    value: float
    text: str
    unit: str
    source: Source
    method: str


Parts = tuple[str | Fact, ...]
"""A piece of text: strings and the facts between them."""


def fill(template: str, **values) -> Parts:
    """A template with its ``{names}`` replaced by facts, texts or other parts.

    Examples
    --------
    >>> plain(fill("优良{good}天。", good="182"))
    '优良182天。'
    """
    parts: list[str | Fact] = []
    for text, name, _spec, _conversion in string.Formatter().parse(template):
        parts.append(text)
        if name is not None:
            value = values[name]
            parts += value if isinstance(value, tuple) else [value if isinstance(value, Fact) else str(value)]
    return tuple(part for part in parts if part != "")


def joined(pieces: Iterable[Parts], between: str = "") -> Parts:
    """Pieces in a row."""
    parts: list[str | Fact] = []
    for number, piece in enumerate(piece for piece in pieces if piece):
        parts += [between, *piece] if number and between else piece
    return tuple(parts)


def plain(parts: Parts) -> str:
    """The text alone."""
    return "".join(part.text if isinstance(part, Fact) else part for part in parts)


def facts_of(parts: Parts) -> list[Fact]:
    """The facts, in the order of the text."""
    return [part for part in parts if isinstance(part, Fact)]


@dataclass(frozen=True)
class Difference:
    """How the numbers of an edited text differ from the data: facts that are gone, numbers that came instead."""

    missing: tuple[Fact, ...]
    foreign: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.foreign)


_NAMES = re.compile(
    r"PM\s?2\.5|PM\s?10|(?<![A-Za-z])(?:SO2|NO2|O3)(?!\d|\.\d)|[mµμ]3|HJ\s?\d+[-—–]\d+|GB\s?\d+[-—–]\d+"
)
"""Digits that are part of a name, not a number."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")


def numbers(text: str) -> list[str]:
    """Numbers of a text as written, without the digits in names of pollutants, units and standards."""
    folded = unicodedata.normalize("NFKC", text).replace("\u2044", "/")
    return _NUMBER.findall(_NAMES.sub(" ", _THOUSANDS.sub("", folded)))


def difference(edited: str, made: Parts) -> Difference:
    """Hold an edited text against the sentence that was made from the data.

    Parameters
    ----------
    edited : str
    made : Parts
        The sentence as generated.
    """
    left = Counter(numbers(edited))
    missing = []
    for fact in facts_of(made):
        wanted = Counter(numbers(fact.text))
        if wanted - left:
            missing.append(fact)
        else:
            left -= wanted
    foreign = Counter(numbers(edited)) - Counter(numbers(plain(made)))
    return Difference(tuple(missing), tuple(foreign.elements()))


def located(edited: str, facts: Sequence[Fact]) -> Parts:
    """An edited text with the facts that it still names put back into it, in their order."""
    parts: list[str | Fact] = []
    at = 0
    for fact in facts:
        found = re.compile(rf"(?<![\d.A-Za-z]){re.escape(fact.text)}(?!\.?\d)").search(edited, at)
        if found:
            parts += [edited[at : found.start()], fact]
            at = found.end()
    parts.append(edited[at:])
    return tuple(part for part in parts if part != "")
