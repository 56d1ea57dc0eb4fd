"""How sources and machines are drawn on the map: what ``ui/static/tile_layers.js`` is told of each.

A cell is a circle; bands of categories lie in it, the first innermost, each with an area as large as its count. The
colours are steps of one hue for a register, from strong to pale: they tell categories apart and are no levels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from shuzhi.charts.tokens import Tokens
from shuzhi.i18n import N_, _
from shuzhi.maps import tiles
from shuzhi.maps.layers import rgb
from shuzhi.registry.names import name, names_of
from shuzhi.store import Home, Scope
from shuzhi.store.selection import Selection, write

BY = {"sources": ("permit_class",), "machines": ("stage", "seen")}
"""What the colours of a register can tell."""

_HUE = {"sources": "no2", "machines": "pm25"}
_DEEPER, _PALER, _AT_HUE = 0.6, 0.8, 0.25
"""How far the strongest step is from the hue to the ink, and the palest to the ground; where the hue itself lies."""
_OPACITY = 225
_CELLS = 400
"""Part of the city's whole that a cell of the far view needs for the largest circle."""
_FEW = 12
"""Rows that it needs at least."""


@dataclass(frozen=True)
class Band:
    """Categories of the tiles that are drawn as one."""

    categories: tuple[str, ...]
    name: str


_SEEN = {"day": N_("24 小时内"), "week": N_("7 天内"), "month": N_("30 天内"), "older": N_("更早")}


def bands(by: str) -> list[Band]:
    """The bands of a register, the innermost first, with their names in the language spoken now."""
    if by == "permit_class":
        classes = [Band((code,), name("permit_classes", code)) for code in ("key", "simplified", "registered")]
        return [*classes, Band(("other",), _("未分类"))]
    if by == "seen":
        return [Band((code,), _(label)) for code, label in _SEEN.items()]
    old = Band(("stage_0", "stage_1", "stage_2"), _("国二及以前"))
    return [old, *(Band((f"stage_{code}",), name("stages", code)) for code in ("3", "4", "electric", "unknown"))]


def tile_layer(
    home: Home,
    scope: Scope,
    look: Tokens,
    layer: str,
    selection: Selection,
    by: str | None = None,
    amount: str | None = None,
) -> dict:
    """What the browser is told of a register.

    Parameters
    ----------
    look : Tokens
        Colours of the mode.
    layer : str
        In ``BY``.
    selection : Selection
    by : str, optional
        One of ``BY[layer]``; by default the first.
    amount : str, optional
        Pollutant by whose emissions the circles are sized; by default they are sized by number.

    Returns
    -------
    dict
        ``id``, ``address`` (with {z}, {x}, {y}), ``maxZoom``, ``words``; ``reference``, the number or, where ``sized``
        by emissions, the t/a of a cell with the largest circle; ``bands``: names of the properties, name, fill, count
        of placed rows; ``n`` and ``unplaced``.
    """
    by = by or BY[layer][0]
    counted = tiles.counts(home, scope, layer, selection, amount)
    drawn = bands(by)
    fills = _fills(look, layer, len(drawn))
    query = urlencode(write(selection) | ({"amount": amount} if amount else {}))
    return {
        "id": layer,
        "address": f"/tiles/{layer}/{home.version}/{{z}}/{{x}}/{{y}}.mvt" + (f"?{query}" if query else ""),
        "maxZoom": tiles.MAX_ZOOM,
        "sized": amount is not None,
        "reference": max(float(counted["amount"]) / _CELLS, 1e-3) if amount else max(counted["n"] / _CELLS, _FEW),
        "bands": [
            {
                "names": list(band.categories),
                "name": band.name,
                "fill": fill,
                "count": int(sum(counted[category] for category in band.categories)),
            }
            for band, fill in zip(drawn, fills, strict=True)
        ],
        "n": int(counted["n"]),
        "unplaced": int(counted["unplaced"]),
        "words": _words(layer, amount),
    }


def _words(layer: str, amount: str | None) -> dict:
    codes = {"sources": "statuses", "machines": "machine_types"}[layer]
    return {
        "count": _("{n} 个污染源") if layer == "sources" else _("{n} 台机械"),
        "between": _("，"),
        "forbidden": _("{n} 台在禁用区内"),
        "closer": _("点击放大"),
        "amount": names_of("pollutants").at[amount, "symbol"] if amount else "",
        "unit": _("吨/年"),
        "of": {code: name(codes, code) for code in names_of(codes).index},
    }


def _fills(look: Tokens, layer: str, count: int) -> list[list[int]]:
    """Steps of the register's hue, the strongest first: from deeper than the hue itself, over it, to nearly as pale as
    the ground. Neighbours differ in lightness by 12 and more (CIE L*)."""
    hue, land = rgb(look.pollutant(_HUE[layer]))[:3], rgb(look.land)[:3]
    stops = [_mixed(hue, rgb(look.ink)[:3], _DEEPER), hue, _mixed(hue, land, _PALER)]
    shares = [step / max(count - 1, 1) for step in range(count)]
    return [[*_between(stops, share), _OPACITY] for share in shares]


def _between(stops: list[Sequence[int]], share: float) -> list[int]:
    """A colour on the way from the first stop over the second, which lies at `_AT_HUE`, to the last."""
    deep, hue, pale = stops
    if share < _AT_HUE:
        return _mixed(deep, hue, share / _AT_HUE)
    return _mixed(hue, pale, (share - _AT_HUE) / (1 - _AT_HUE))


def _mixed(one: Sequence[int], other: Sequence[int], share: float) -> list[int]:
    return [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
