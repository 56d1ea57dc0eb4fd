"""Classes of surface water as HTML: swatch ◆, chip, name, legend and the bar of sections by class."""

from collections.abc import Mapping
from functools import cache

from shuzhi.i18n import _, language
from shuzhi.standards import water
from shuzhi.status.water_words import class_name
from shuzhi.ui.markup import Html, join, tag

CLASSES = range(1, 7)
LABELLED_FROM = 0.07
"""Share of a bar from which a piece has room for its class and number."""


@cache
def colors() -> dict[int, tuple[str, str]]:
    """Colour and ink of each class."""
    return {row.water_class: (row.color, row.ink) for row in water.classes().itertuples()}


def swatch(water_class: int) -> Html:
    """◆ in the colour of the class; hollow without one."""
    if not water_class:
        return tag("i", class_="sz-swatch sz-water sz-hollow")
    return tag("i", class_="sz-swatch sz-water", style=f"background:{colors()[int(water_class)][0]}")


def named(water_class: int) -> Html:
    """Swatch and name of a class, in ink."""
    return _named(int(water_class), language())


@cache
def _named(water_class: int, _lang: str) -> Html:
    return tag("span", join([swatch(water_class), class_name(water_class)]), class_="sz-level")


def chip(water_class: int) -> Html:
    """Name of a class on its colour; plain text without one. A few on a page at most."""
    if not water_class:
        return tag("span", class_name(0), class_="sz-muted")
    color, ink = colors()[int(water_class)]
    return tag("span", class_name(water_class), class_="sz-chip", style=f"background:{color};color:{ink}")


def legend(counts: Mapping[int, int], short: bool = False) -> Html:
    """Swatch, name and number of sections of each class, zero counts too; sections without a class last.

    Parameters
    ----------
    short : bool
        Roman numbers alone: Ⅱ instead of Ⅱ类.
    """

    def name(k: int) -> str:
        if k == 0:
            return _("无数据")
        if not short:
            return class_name(k)
        return "> V" if language() == "en" and k == len(water.ROMAN) else water.ROMAN[k - 1]

    entries = [tag("span", join([swatch(k), name(k), " ", tag("b", counts.get(k, 0))])) for k in (*CLASSES, 0)]
    return tag("div", join(entries), class_="sz-legend")


def bar(counts: Mapping[int, int], labelled: bool = False) -> Html:
    """Sections by class as one bar, the best at the left; only those that have a class.

    Parameters
    ----------
    labelled : bool
        Write class and number into the pieces; what does not fit is cut off and stands in the tooltip.
    """
    total = sum(counts.get(k, 0) for k in CLASSES)
    pieces = []
    for k in CLASSES:
        n = counts.get(k, 0)
        if n:
            color, ink = colors()[k]
            text = join([water.ROMAN[k - 1], " ", tag("b", n)]) if labelled and n / total > LABELLED_FROM else ""
            style = f"flex:{n};background:{color};color:{ink}"
            pieces.append(tag("i", text, style=style, title=f"{class_name(k)} {n}"))
    return tag("div", join(pieces), class_="sz-waterbar")
