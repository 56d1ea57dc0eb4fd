"""The order of a document's pieces, the same on the page, in Word, PDF and HTML; and its tables as text."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from shuzhi.i18n import _
from shuzhi.publish import words
from shuzhi.publish.document import Document, Paragraph
from shuzhi.publish.figures import Figures
from shuzhi.publish.pictures import Picture
from shuzhi.standards.factors import factors

AFTER = {
    "lead": ("levels",),
    "polluted": ("days",),
    "items": ("items",),
    "districts": ("districts", "map"),
    "water": ("water",),
}
"""Paragraph → the pictures and tables that follow it; of one day its hours follow the lead."""

_LOWERED = re.compile(r"(PM)(2\.5|10)(?!\d|\.\d)|(?<![A-Za-z])([SN]O)(2)(?!\d|\.\d)|(?<![A-Za-z])(O)(3)(?!\d|\.\d)")


@dataclass(frozen=True)
class Grid:
    """A table as text.

    Attributes
    ----------
    key, caption : str
    heads : sequence of str
    rows : sequence of sequence of str
    words : int
        So many columns at the left are words, the others numbers.
    """

    key: str
    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


Piece = Paragraph | Picture | Grid


def pieces(document: Document, pictures: Sequence[Picture]) -> list[Piece]:
    """Paragraphs, each followed by what illustrates it; what has no paragraph comes at the end."""
    things: dict[str, Piece] = {picture.key: picture for picture in pictures}
    things |= {grid.key: grid for grid in grids(document)}
    found: list[Piece] = []
    after = {**AFTER, "lead": ("days",)} if document.figures.period.days == 1 else AFTER
    for paragraph in document.shown:
        if paragraph.key == "water":  # the map of the air belongs before it, also where districts have no paragraph
            found += [things.pop(key) for key in ("map",) if key in things]
        found.append(paragraph)
        found += [things.pop(key) for key in after.get(paragraph.key, ()) if key in things]
    return [*found, *things.values()]


def grids(document: Document) -> list[Grid]:
    """The tables of a document: the six items, the districts."""
    figures = document.figures
    if not figures.this.valid:
        return []
    found = [_items(figures)]
    if figures.whole_city and len(figures.districts) > 1:
        found.append(_districts(document))
    return found


def _items(figures: Figures) -> Grid:
    heads = [_("项目"), _("统计量"), _("单位"), _("本期")]
    heads += [_("去年同期"), _("同比（%）")] if figures.comparable else []
    one_day = figures.period.days == 1
    rows = []
    for item in words.ITEMS:
        row = figures.items.loc[item]
        statistic = _("日值") if one_day else words.statistic_label(item)
        cells = [factors().at[item, "symbol"], statistic, factors().at[item, "unit"], _number(row["value"], item)]
        cells += [_number(row["last"], item), signed(row["change"])] if figures.comparable else []
        rows.append([*cells, str(int(row["exceed"]))])
    return Grid("items", _("六项污染物浓度"), [*heads, _("超标天数")], rows, words=3)


def _districts(document: Document) -> Grid:
    heads = [_("区县"), _("站点数"), _("有效天数"), _("优良天数"), _("优良率（%）"), "PM2.5", "O3-8h"]
    rows = [
        [
            document.names.get(name, name),
            *(str(int(row[column])) for column in ("sites", "valid", "good")),
            "–" if math.isnan(row["share"]) else f"{row['share']:.1f}",
            _number(row["pm25"], "pm25"),
            _number(row["o3_8h"], "o3_8h"),
        ]
        for name, row in document.figures.districts.iterrows()
    ]
    caption = _("各区县空气质量（浓度单位µg/m³；没有城市评价点的区县为其全部站点的均值，不作考核排名）")
    return Grid("districts", caption, heads, rows)


def _number(value: float, item: str) -> str:
    return "–" if math.isnan(value) else f"{value:.{int(factors().at[item, 'decimals'])}f}"


def signed(percent: float) -> str:
    """A change with its sign; 0.0 without one, an en dash where there is none."""
    if math.isnan(percent):
        return "–"
    return "0.0" if f"{abs(percent):.1f}" == "0.0" else f"{percent:+.1f}".replace("-", "−")


def runs(text: str) -> list[tuple[str, bool]]:
    """Text in pieces, each with whether it stands lowered: the digits of PM2.5, PM10, SO2, NO2 and O3.

    Examples
    --------
    >>> runs("O3超标")
    [('O', False), ('3', True), ('超标', False)]
    """
    found, at = [], 0
    for match in _LOWERED.finditer(text):
        letters, digits = (part for part in match.groups() if part)
        found += [(text[at : match.start()] + letters, False), (digits, True)]
        at = match.end()
    return [run for run in [*found, (text[at:], False)] if run[0]]


def ems(text: str) -> float:
    """About how wide a bold line is, in its own size: full-width signs 1, others 0.6."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.6 for sign in text) or 1.0


def fitting(text: str, width: float, largest: float, smallest: float) -> float:
    """Size of a line that fits into a width, in the unit of the width, within bounds."""
    return max(smallest, min(largest, width / ems(text)))
