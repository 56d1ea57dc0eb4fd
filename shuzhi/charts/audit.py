"""Chart of the audit: how many events there were, by hour or day and by kind."""

from functools import cache

import altair as alt
import pandas as pd

from shuzhi.charts.theme import as_dict, day_label, fill, of_rows, styled, wall_clock
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language

HEIGHT = 130
"""Of the chart [px]."""

_GAP = 0.12  # of a bar's width
_TICKS = 8
_HOUR = 3_600_000  # ms


def colours(mode: Tokens) -> dict[str, str]:
    """Colour of each kind of ``access.review.KINDS``: what matters stands out, what was refused is ink."""
    return {
        "sign_in": mode.line2,
        "view": mode.river,
        "export": mode.accent,
        "change": mode.ink3,
        "refused": mode.ink,
    }


def bars(counted: pd.DataFrame, words: dict[str, str], step: pd.Timedelta, mode: Tokens, scale: float = 1.0) -> dict:
    """Events of each step of time, stacked by kind.

    Parameters
    ----------
    counted : DataFrame
        time (begin of the step, tz-aware), kind, n; every step is there.
    words : dict
        Name of each kind, the topmost first.
    step : pandas.Timedelta
        An hour or a day.
    """
    counted = counted.assign(start=wall_clock(counted["time"]))
    shades, width, rows = colours(mode), int(step / pd.Timedelta("1ms")), []
    crossed = counted.set_index(["start", "kind"])["n"].unstack(fill_value=0).reindex(columns=list(words), fill_value=0)
    for start, numbers in zip(crossed.index.tolist(), crossed.to_numpy(int).tolist(), strict=True):
        low = 0
        for (kind, name), n in reversed(list(zip(words.items(), numbers, strict=True))):  # what matters at the bottom
            if n:
                rows.append({"a": start, "y": low, "z": low + n, "c": shades[kind], "k": name})
            low += n
    first, last = int(counted["start"].min()), int(counted["start"].max()) + width
    values = {"span": [first, last], "ticks": _ticks(first, last), "width_": width, "height": HEIGHT}
    return fill(_template(mode.dark, language(), scale), {"bars": rows, "ground": [{"v": 0}]}, **values)


def _ticks(first: int, last: int) -> list[int]:
    """Some six marks: on full days, or every few hours where there are not two of them."""
    days = max(1, round((last - first) / (24 * _HOUR) / _TICKS))
    every = 4 * _HOUR if last - first <= 48 * _HOUR else days * 24 * _HOUR
    return list(range(first + -first % every, last, every))


@cache
def _template(dark: bool, lang: str, scale: float) -> dict:
    mode, form = tokens(dark), _("%-H 时")
    label = f"utchours(datum.value) === 0 ? {day_label()} : utcFormat(datum.value, '{form}')"
    x = alt.X(
        "from:T",
        scale=alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False),
        axis=alt.Axis(title=None, values=alt.ExprRef("ticks"), labelExpr=label, labelOverlap=True),
    )
    y = alt.Y("y:Q", axis=alt.Axis(title=None, grid=True, tickCount=3, tickMinStep=1, format="~s"))
    tip = [
        alt.Tooltip("when:N", title=_("时间")),
        alt.Tooltip("k:N", title=_("类别")),
        alt.Tooltip("n:Q", title=_("事件数"), format=","),
    ]
    drawn = (
        alt.Chart()
        .mark_rect()
        .transform_calculate(
            **{"from": f"datum.a + {_GAP / 2} * width_"},
            to=f"datum.a + {1 - _GAP / 2} * width_",
            when="utcFormat(datum.a, width_ > 3600000 ? '%Y-%m-%d' : '%Y-%m-%d %H:%M')",
            n="datum.z - datum.y",
        )
        .encode(x=x, x2="to:T", y=y, y2="z:Q", color=alt.Color("c:N", scale=None), tooltip=tip)
    )
    ground = alt.Chart(alt.NamedData("ground")).mark_rule(color=mode.line2).encode(y="v:Q")
    params = [alt.param(name=name, value=value) for name, value in (("span", [0, 1]), ("ticks", []), ("width_", 1))]
    return as_dict(styled(alt.layer(of_rows("bars", drawn), ground).add_params(*params), mode, scale))
