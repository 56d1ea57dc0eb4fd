"""What charts over time are made of: their axes, the plot above the zero line, the strip of levels under it, limits.

The axes read the parameters ``span``, ``dates``, ``top`` and ``ticks`` of the chart (see `shuzhi.charts.theme.fill`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import altair as alt

from shuzhi.charts.theme import day_label
from shuzhi.charts.tokens import Tokens
from shuzhi.i18n import _

HOUR_MS = 60 * 60 * 1000
ZERO = 1.1
"""The zero line stands at ``height / ZERO``; the strip of levels lies under it."""
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)


@dataclass(frozen=True)
class Limit:
    """A limit as a line: its value [unit of the item], its name, and whether it is the one that binds (grade II)."""

    value: float
    name: str
    binding: bool = False


def ticks(top: float, most: float = 6.5) -> list[float]:
    """Round numbers from 0 up to ``top``, of which ``most`` would fill it."""
    step = next((step for step in _STEPS if top / step <= most), top)
    return [round(step * i, 3) for i in range(int(top / step) + 1)]


def every(first: int, last: int, hours: int) -> list[int]:
    """Every so many hours of the day within a span of the wall clock [ms], both ends included."""
    step = hours * HOUR_MS
    return list(range(-(-first // step) * step, last + 1, step))


def params(*names: str) -> list[alt.Parameter]:
    """Parameters that `fill` gives their values."""
    return [alt.param(name=name, value=0) for name in names]


def by_days() -> Callable[..., alt.X]:
    """Position of a field on the city's clock, with the names of days."""
    scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    axis = alt.Axis(
        title=None,
        values=alt.ExprRef("dates"),
        labelExpr=day_label(),
        labelAlign="left",
        labelOffset=4,
        labelFlush=False,
        labelOverlap=True,
        tickSize=5,
    )
    return lambda field="t": alt.X(f"{field}:T", scale=scale, axis=axis)


def by_amount() -> Callable[..., alt.Y]:
    """Position of a field between the zero line and ``top``."""
    scale = alt.Scale(domain=[alt.ExprRef(f"-{ZERO - 1:.1f} * top"), alt.ExprRef("top")], nice=False, zero=False)
    axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), grid=False, labelPadding=6)
    return lambda field="v": alt.Y(f"{field}:Q", scale=scale, axis=axis)


def pixel(share: float) -> dict:
    """A place at a share of the chart's height, from above."""
    return alt.value(alt.ExprRef(f"height * {share:.4f}"))


def plot() -> dict:
    """From the upper edge down to the zero line."""
    return {"y": pixel(0), "y2": pixel(1 / ZERO)}


def strip() -> dict:
    """The strip of levels."""
    return {"y": pixel(1.035 / ZERO), "y2": pixel(1.085 / ZERO)}


def limit_rows(lines: Sequence[Limit], top: float, t: int, mode: Tokens) -> list[dict]:
    """Lines within the axis, named at ``t``; the names of those beyond it stand at the upper edge, without a line."""
    rows = [
        {
            "t": t,
            "v": line.value,
            "rule": line.value,
            "text": line.name,
            "color": mode.ink if line.binding else mode.ink3,
        }
        for line in lines
        if line.value <= top
    ]
    beyond = [line.name for line in lines if line.value > top]
    if beyond:
        text = _("{limits}，在图外").format(limits=_("、").join(beyond))
        rows.append({"t": t, "v": top * 0.95, "rule": None, "text": text, "color": mode.ink3})
    return rows


def limit_marks(mark: alt.Chart, mode: Tokens, size: int, x: alt.X, y: alt.Y, **color) -> list[alt.Chart]:
    """Dashed lines and their names."""
    return [
        mark.transform_filter("isValid(datum.rule)").mark_rule(strokeDash=[4, 3]).encode(y=y, **color),
        mark.mark_text(align="left", baseline="bottom", dx=4, dy=-1, color=mode.ink2, fontSize=size - 1).encode(
            x=x, y=y, text="text:N"
        ),
    ]
