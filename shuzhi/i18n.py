"""Messages. The Chinese text is the key; English comes from the catalogues in ``data/locales``.

The language belongs to the run of a page (a context variable), so that sessions in other threads keep theirs.
``python -m shuzhi`` and tests that never choose one speak Chinese.
"""

import datetime as dt
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_datetime
from babel.messages.pofile import read_po

from shuzhi.settings import BEIJING, DATA

LANGUAGES = ("zh", "en")

_language: ContextVar[str | None] = ContextVar("language", default=None)
_ask: Callable[[], str] | None = None


def use(lang: str) -> None:
    """Speak ``zh`` or ``en`` from here on in this thread (context); anything else means ``zh``."""
    _language.set(lang if lang in LANGUAGES else "zh")


def ask_with(source: Callable[[], str] | None) -> None:
    """Name a function that knows the language where :func:`use` was not called (a fragment's own rerun)."""
    global _ask
    _ask = source


def language() -> str:
    """The language spoken now: ``zh`` or ``en``."""
    lang = _language.get()
    if lang is None:
        use(_ask() if _ask else "zh")
        lang = _language.get()
    return lang


@cache
def catalogue(lang: str) -> dict[str, tuple[str, ...]]:
    """Translations of a language, read once from its catalogues (one a room): msgid → (singular, plural …)."""
    messages = [m for path in catalogue_files(lang) for m in read_po(path.open("rb"), locale=lang)]
    messages = [m for m in messages if m.id and m.string and not m.fuzzy]
    return {_first(m.id): m.string if isinstance(m.string, tuple) else (m.string,) for m in messages}


def catalogue_files(lang: str) -> list[Path]:
    """The catalogues of a language."""
    return sorted((DATA / "locales" / lang / "LC_MESSAGES").glob("*.po"))


def _first(forms: str | tuple[str, ...]) -> str:
    return forms[0] if isinstance(forms, tuple) else forms


def gettext(message: str) -> str:
    """The message in the language spoken now; the Chinese text itself where the catalogue has none."""
    if language() == "zh":
        return message
    return catalogue(language()).get(message, (message,))[0]


_ = gettext


def ngettext(singular: str, plural: str, n: int) -> str:
    """The message for ``n`` things. Chinese has one form: give the same text twice."""
    if language() == "zh":
        return singular if n == 1 else plural
    forms = catalogue(language()).get(singular, (singular, plural))
    return forms[0] if n == 1 else forms[-1]


def N_(message: str) -> str:
    """Mark a message for the catalogue where it is defined; translate it with ``_`` where it is shown."""
    return message


def when(moment, pattern: str) -> str:
    """A time as text, in Beijing and in the language spoken now.

    Parameters
    ----------
    moment : tz-aware datetime or Timestamp, or date
        A date stands for its midnight.
    pattern : str
        Unicode date pattern that already went through the catalogue, such as ``_("y年M月d日 EEEE HH:mm")``.
    """
    zone = BEIJING if getattr(moment, "tzinfo", None) else None
    if not hasattr(moment, "hour"):
        moment = dt.datetime.combine(moment, dt.time())
    return format_datetime(moment, pattern, tzinfo=zone, locale=_locale(language()))


@cache
def _locale(lang: str) -> Locale:
    """Babel would look for the locale's file at every text."""
    return Locale.parse(lang)
