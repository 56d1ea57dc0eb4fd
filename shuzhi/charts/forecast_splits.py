"""Charts of accuracies of the forecast by season and by station, each beside what takes no skill.

Each is made once with Altair for a mode, a language and a scale (``…_template``); a call with tables fills it (see
`shuzhi.charts.theme.fill`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import altair as alt
import numpy as np

from shuzhi.charts.theme import as_dict, fill, of_rows, styled, text_size
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language

ROW, LANE = 46, 92
"""Height of a row of `beside`, of a lane of `spread` [px]."""
_BINS = 56
"""Places in a lane: dots in one of them stand above each other."""
_SUNK = 0.1
"""How far the dots stand under the middle of their lane: names are written above them."""
_LEFT, _RIGHT = 0.02, 0.1
"""Room before the lowest share and after the highest, for the numbers."""


@dataclass(frozen=True)
class Share:
    """A share of what was right, what it is of, and what takes no skill; NaN where there is none."""

    name: str
    told: float
    climatology: float
    always_good: float
    n: int


@dataclass(frozen=True)
class Dot:
    """A station: its lane, its share, and where a click goes."""

    lane: str
    name: str
    share: float
    n: int
    href: str = ""
    named: bool = False


def beside(shares: Sequence[Share], mode: Tokens, *, scale: float = 1.0) -> dict:
    """A row for each: ● what is told, ◇ the climatology, | always saying 优～良, on an axis of shares.

    Returns
    -------
    dict
        Vega-Lite.
    """
    known = [one for one in shares if one.told == one.told]
    rows = [
        {"r": k + 0.5, "v": one.told, "text": f"{one.told:.0%}", "name": one.name, "n": one.n}
        | {"c": _or_none(one.climatology), "g": _or_none(one.always_good), "said": _text(one.climatology)}
        | {"always": _text(one.always_good)}
        for k, one in enumerate(known)
    ]
    return fill(
        _beside_template(mode.dark, language(), scale),
        {"floors": rows, "rows": rows},
        names=[one.name for one in known],
        count=len(known) or 1,
        span=_span([value for one in known for value in (one.told, one.climatology, one.always_good)]),
        height=round((len(known) * ROW + 24) * scale),
    )


def spread(dots: Sequence[Dot], lanes: Sequence[str], mode: Tokens, *, level: float, scale: float = 1.0) -> dict:
    """Stations as dots along their shares, those of one network in one lane; some are named.

    Parameters
    ----------
    lanes : sequence of str
        From the top.
    level : float
        Share that takes no skill: a line through all lanes; NaN: none.

    Returns
    -------
    dict
        Vega-Lite.
    """
    known = [one for one in dots if one.share == one.share]
    span = _span([one.share for one in known] + [level])
    rows = []
    for k, lane in enumerate(lanes):
        mine = sorted((one for one in known if one.lane == lane), key=lambda one: one.share)
        for one, above in zip(mine, _stacked([one.share for one in mine], span), strict=True):
            rows.append(
                {
                    "v": one.share,
                    "r": k + 0.5 + above,
                    "top": k + 0.05,
                    "name": one.name,
                    "text": f"{one.share:.0%}",
                    "n": one.n,
                }
                | {"href": one.href, "named": one.named, "lane": lane}
            )
    return fill(
        _spread_template(mode.dark, language(), scale),
        {"rows": rows, "level": [] if level != level else [{"v": level}]},
        names=list(lanes),
        count=len(lanes) or 1,
        span=span,
        height=round((len(lanes) * LANE + 24) * scale),
    )


def _stacked(shares: Sequence[float], span: Sequence[float]) -> list[float]:
    """How far from the middle of its lane each dot stands, so that none covers another."""
    low, high = span
    places = [round((share - low) / (high - low) * _BINS) for share in shares]
    crowds = {place: places.count(place) for place in set(places)}
    apart = min(0.12, 0.6 / max([*crowds.values(), 1]))
    seen, found = dict.fromkeys(crowds, 0), []
    for place in places:
        found.append(_SUNK + (seen[place] - (crowds[place] - 1) / 2) * apart)
        seen[place] += 1
    return found


def _span(values: Sequence[float]) -> list[float]:
    """Ends of the axis: tens of percent around the values, never beyond 0 and 1."""
    known = [value for value in values if value == value] or [0.0, 1.0]
    low, high = np.floor(min(known) * 10 - 0.2) / 10, np.ceil(max(known) * 10 + 0.2) / 10
    return [max(float(low), 0.0), min(float(high), 1.0)]


def _or_none(value: float) -> float | None:
    return None if value != value else float(value)


def _text(value: float) -> str:
    return "–" if value != value else f"{value:.0%}"


def _axes(size: int) -> tuple[alt.Axis, alt.Scale, alt.Axis, alt.Scale]:
    """Of the shares and of the rows."""
    domain = [
        alt.ExprRef(f"span[0] - {_LEFT} * (span[1] - span[0])"),
        alt.ExprRef(f"span[1] + {_RIGHT} * (span[1] - span[0])"),
    ]
    x_axis = alt.Axis(
        title=None, orient="top", format=".0%", values=alt.ExprRef("sequence(span[0], span[1] + .01, .1)"), grid=True
    )
    x_scale = alt.Scale(domain=domain, nice=False, zero=False)
    y_axis = alt.Axis(
        title=None, values=alt.ExprRef("sequence(0.5, count)"), labelExpr="names[floor(datum.value)]", grid=False,
        labelFontSize=size, labelLimit=150, labelPadding=8, labelOverlap=False,
    )  # fmt: skip
    y_scale = alt.Scale(domain=[0, alt.ExprRef("count")], reverse=True, nice=False, zero=False)
    return x_axis, x_scale, y_axis, y_scale


@cache
def _beside_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_axis, x_scale, y_axis, y_scale = _axes(size)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", axis=x_axis, scale=x_scale)

    y = alt.Y("r:Q", axis=y_axis, scale=y_scale)
    tooltip = [
        alt.Tooltip("name:N", title=_("时段")),
        alt.Tooltip("text:N", title=_("集合预报")),
        alt.Tooltip("said:N", title=_("气候")),
        alt.Tooltip("always:N", title=_("总报“优～良”")),
        alt.Tooltip("n:Q", title=_("对数")),
    ]
    mark = alt.Chart()
    floors = of_rows(
        "floors",
        mark.mark_rule(color=mode.line2, strokeWidth=1).encode(x=x("c"), x2="v:Q", y=y),
        mark.mark_tick(orient="vertical", color=mode.ink3, thickness=3, size=24).encode(x=x("g"), y=y),
        mark.mark_point(shape="diamond", color=mode.ink, fill=mode.bg, size=110, strokeWidth=1.6, opacity=1).encode(
            x=x("c"), y=y
        ),
    )
    told = of_rows(
        "rows",
        mark.mark_circle(color=mode.accent, size=150, opacity=1).encode(x=x("v"), y=y),
        mark.mark_text(dy=-15, color=mode.ink, fontSize=size, fontWeight=600).encode(x=x("v"), y=y, text="text:N"),
        mark.mark_circle(size=900, opacity=0).encode(x=x("v"), y=y, tooltip=tooltip),
    )
    params = [alt.param(name=name, value=0) for name in ("names", "count", "span")]
    padding = {"left": 0, "top": 2, "bottom": 0, "right": 6}
    return as_dict(styled(alt.layer(floors, told).properties(padding=padding).add_params(*params), mode, scale))


@cache
def _spread_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_axis, x_scale, y_axis, y_scale = _axes(size)
    x, y = alt.X("v:Q", axis=x_axis, scale=x_scale), alt.Y("r:Q", axis=y_axis, scale=y_scale)
    tooltip = [
        alt.Tooltip("name:N", title=_("站点")),
        alt.Tooltip("lane:N", title=_("站网")),
        alt.Tooltip("text:N", title=_("准确率")),
        alt.Tooltip("n:Q", title=_("对数")),
    ]
    mark = alt.Chart()
    others, named = mark.transform_filter("!datum.named"), mark.transform_filter("datum.named")
    level = mark.mark_rule(color=mode.ink3, strokeDash=[4, 3]).encode(x=x, y=alt.value(0), y2=alt.value("height"))
    layers = [
        of_rows("level", level),
        of_rows(
            "rows",
            others.mark_circle(color=mode.accent, size=42, opacity=0.62, cursor="pointer").encode(
                x=x, y=y, tooltip=tooltip, href="href:N"
            ),
            named.mark_circle(color=mode.ink, size=80, opacity=1, cursor="pointer").encode(
                x=x, y=y, tooltip=tooltip, href="href:N"
            ),
            named.transform_calculate(label="datum.name + ' ' + datum.text")
            .mark_text(baseline="top", color=mode.ink, fontSize=size - 1, fontWeight=600)
            .encode(x=x, y=alt.Y("top:Q", axis=y_axis, scale=y_scale), text="label:N"),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("names", "count", "span")]
    padding = {"left": 0, "top": 2, "bottom": 0, "right": 6}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))
