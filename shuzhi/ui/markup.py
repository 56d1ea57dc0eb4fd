"""HTML that is safe to show: text from data is escaped unless it already is :class:`Html`."""

import html
import re
import unicodedata
from collections.abc import Iterable

_POLLUTANT = re.compile(r"(PM)(2\.5|10)|(?<![A-Za-z])([SN]O)(2)|(?<![A-Za-z])(O)(3)")

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+.!|~:$<>-])")
"""Signs of a text that a label would take for Markdown."""

_UNIT = re.compile(r"\s*([µm]g/m³)")


class Html(str):
    """A piece of HTML made by this package; everything else is text and gets escaped."""

    __slots__ = ()


def esc(value) -> Html:
    """The value as HTML: unchanged if it is :class:`Html`, else escaped; None and NaN become an en dash."""
    if isinstance(value, Html):
        return value
    if value is None or value != value:
        return Html("–")
    return Html(html.escape(str(value)))


def join(parts: Iterable, between: str = "") -> Html:
    """Escaped parts in a row."""
    return Html(between.join(esc(part) for part in parts))


def tag(name: str, content="", **attributes) -> Html:
    """An element; ``class_`` becomes ``class``, ``aria_label`` becomes ``aria-label``; None leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{written}>{esc(content)}</{name}>")


def rich(text: str) -> Html:
    """Escaped text with the digits of pollutants lowered: PM2.5, PM10, SO2, NO2, O3."""
    return Html(_POLLUTANT.sub(_lowered, html.escape(text)))


def _lowered(match: re.Match) -> str:
    letters, digits = (part for part in match.groups() if part)
    return f"{letters}<sub>{digits}</sub>"


def literal(text: str) -> str:
    """The text in Streamlit's Markdown (labels of buttons, messages), where it means nothing but itself."""
    return _MARKDOWN.sub(r"\\\1", text)


def headed(text: str) -> Html:
    """A sentence for a heading: pollutants with lowered digits, units small."""
    small = _UNIT.sub(r'<span class="sz-unit">\1</span>', html.escape(text))
    return Html(_POLLUTANT.sub(_lowered, small))


def ems(text: str) -> float:
    """Width of a bold line [em], a little generous: full-width signs 1, others 0.56, units at their smaller size."""
    small = "".join(_UNIT.findall(text))
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    narrow = len(text) - wide - len(small)
    return round(wide + 0.56 * narrow + 0.36 * len(small), 1)
