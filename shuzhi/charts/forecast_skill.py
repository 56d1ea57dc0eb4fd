"""Charts of the forecast's honesty: models by lead, reliability, what was told beside what came.

Each is made once with Altair for a mode, a language and a scale (``…_template``); a call with tables fills it (see
`shuzhi.charts.theme.fill`).
"""

from collections.abc import Mapping, Sequence
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts import shapes
from shuzhi.charts.forecast import BANDS, DAY, lines_of, top_of
from shuzhi.charts.theme import as_dict, day_label, fill, of_rows, styled, text_size, wall_clock
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language
from shuzhi.research.forecast.words import chance_text
from shuzhi.settings import BEIJING

_LINE = 19
"""Between names at the ends of lines [px]."""
_DASHES = ([6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [4, 4], [10, 4], [3, 1], [5, 1, 1, 1])


def by_lead(
    series: Mapping[str, Sequence[float]],
    labels: Sequence[str],
    mode: Tokens,
    *,
    told: str,
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 220,
    zero: bool = False,
    most: float = 1e9,
) -> dict:
    """Lines over the leads: one is told, the others stand beside it; each is named at its end.

    Parameters
    ----------
    series : mapping
        Name (in the language of the page) → a value for each label; NaN where there is none.
    labels : sequence of str
        Of the leads.
    told : str
        Name of the line that is drawn strong.
    zero : bool
        Begin the axis at 0.
    most : float
        Value beyond which the axis has no numbers.

    Returns
    -------
    dict
        Vega-Lite.
    """
    order = [*(name for name in series if name != told), *([told] if told in series else [])]
    rows = [
        {"x": k, "label": labels[k], "v": float(v), "name": name, "told": name == told, "value": f"{v:.{decimals}f}"}
        for name in order
        for k, v in enumerate(series[name])
        if v == v
    ]
    values = [row["v"] for row in rows] or [0.0, 1.0]
    low, high = (0.0 if zero else min(values)), max(values)
    room = (high - low or abs(high) or 1.0) * 0.08
    line = room / 0.08 * _LINE / height
    ends = _apart({name: rows_of[-1] for name in order if (rows_of := [r for r in rows if r["name"] == name])}, line)
    dashes = {name: _DASHES[k % len(_DASHES)] for k, name in enumerate(n for n in order if n != told)}
    return fill(
        _lead_template(mode.dark, language(), scale),
        {
            "others": [{**row, "dash": list(dashes).index(row["name"])} for row in rows if not row["told"]],
            "told": [row for row in rows if row["told"]],
            "names": ends,
        },
        low=low - (0 if zero else room),
        high=max([high, *(row["v"] for row in ends)]) + room,
        most=most,
        labels=list(labels),
        ticks=list(range(len(labels))),
        span=[-0.2, len(labels) - 0.8 + 0.16 * len(labels)],
        height=round(height * scale),
    )


def _apart(ends: Mapping[str, dict], room: float) -> list[dict]:
    """Names at the ends of the lines, pushed apart so that none covers another."""
    placed, last = [], -np.inf
    for name, row in sorted(ends.items(), key=lambda pair: pair[1]["v"]):
        last = max(row["v"], last + room)
        placed.append({"x": row["x"], "v": last, "name": name, "told": row["told"]})
    return placed


@cache
def _lead_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_axis = alt.Axis(
        title=None,
        values=alt.ExprRef("ticks"),
        labelExpr="labels[datum.value]",
        labelFlush=False,
        labelOverlap=True,
        labelSeparation=8,
    )
    x_scale = alt.Scale(domain=alt.ExprRef("span"), nice=False, zero=False)
    y_scale = alt.Scale(domain=[alt.ExprRef("low"), alt.ExprRef("high")], nice=False, zero=False)
    x = alt.X("x:Q", axis=x_axis, scale=x_scale)
    y = alt.Y(
        "v:Q", axis=alt.Axis(title=None, tickCount=5, labelExpr="datum.value > most ? '' : datum.label"), scale=y_scale
    )
    tooltip = [
        alt.Tooltip("name:N", title=_("模型")),
        alt.Tooltip("label:N", title=_("时间")),
        alt.Tooltip("value:N", title=_("数值")),
    ]
    mark = alt.Chart()
    dash = alt.StrokeDash("dash:O", legend=None, scale=alt.Scale(domain=list(range(len(_DASHES))), range=list(_DASHES)))
    layers = [
        of_rows(
            "others",
            mark.mark_line(color=mode.ink3, strokeWidth=1.3).encode(x=x, y=y, detail="name:N", strokeDash=dash),
            mark.mark_circle(size=140, opacity=0).encode(x=x, y=y, tooltip=tooltip),
        ),
        of_rows(
            "told",
            mark.mark_line(color=mode.accent, strokeWidth=2.6).encode(x=x, y=y),
            mark.mark_circle(color=mode.accent, size=34, opacity=1).encode(x=x, y=y, tooltip=tooltip),
        ),
        of_rows(
            "names",
            mark.transform_filter("!datum.told")
            .mark_text(align="left", dx=8, color=mode.ink2, fontSize=size)
            .encode(x=x, y=y, text="name:N"),
            mark.transform_filter("datum.told")
            .mark_text(align="left", dx=8, color=mode.ink, fontSize=size, fontWeight=700)
            .encode(x=x, y=y, text="name:N"),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("low", "high", "most", "labels", "ticks", "span")]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 10}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))


def reliability(table: pd.DataFrame, mode: Tokens, *, scale: float = 1.0, height: int = 230) -> dict:
    """How often an event came when it was held likely, beside the diagonal of what was promised.

    Parameters
    ----------
    table : DataFrame
        ``probability``, ``frequency`` (0…1), ``n``: as from `research.forecast.scores.reliability`.

    Returns
    -------
    dict
        Vega-Lite.
    """
    rows = [
        {"p": float(row.probability), "f": float(row.frequency), "n": int(row.n), "said": chance_text(row.probability)}
        | {"came": f"{row.frequency:.0%}"}
        for row in table[table["n"] > 0].itertuples()
    ]
    ideal = [{"p": 0, "f": 0}, {"p": 1, "f": 1}]
    data = {"ideal": ideal, "rows": rows}
    return fill(_reliability_template(mode.dark, language(), scale), data, height=round(height * scale))


@cache
def _reliability_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    shares = alt.Scale(domain=[0, 1], nice=False)
    axis = {"values": [0, 0.25, 0.5, 0.75, 1], "format": ".0%"}
    x = alt.X("p:Q", scale=shares, axis=alt.Axis(title=_("预报的可能性"), **axis))
    y = alt.Y("f:Q", scale=shares, axis=alt.Axis(title=_("实际出现"), **axis))
    tooltip = [
        alt.Tooltip("said:N", title=_("预报的可能性")),
        alt.Tooltip("came:N", title=_("实际出现")),
        alt.Tooltip("n:Q", title=_("次数")),
    ]
    mark = alt.Chart()
    area = alt.Size("n:Q", legend=None, scale=alt.Scale(range=[30, 420]))
    layers = [
        of_rows("ideal", mark.mark_line(color=mode.ink3, strokeDash=[4, 3]).encode(x=x, y=y)),
        of_rows(
            "rows",
            mark.mark_line(color=mode.accent, strokeWidth=1.6).encode(x=x, y=y),
            mark.mark_circle(color=mode.accent, opacity=1).encode(x=x, y=y, size=area, tooltip=tooltip),
            mark.mark_text(dy=-16, stroke=mode.bg, strokeWidth=4, fontSize=size - 1).encode(x=x, y=y, text="n:Q"),
            mark.mark_text(dy=-16, color=mode.ink2, fontSize=size - 1).encode(x=x, y=y, text="n:Q"),
        ),
    ]
    padding = {"left": 0, "top": 14, "bottom": 0, "right": 14}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding), mode, scale))


def beside(
    table: pd.DataFrame,
    item: str,
    mode: Tokens,
    *,
    unit: str = "",
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 280,
) -> dict:
    """What was told of each day, with its bands, beside what came.

    Parameters
    ----------
    table : DataFrame
        A row a day: ``time`` (end of the day), ``value``, the bands, ``came``; of one lead.

    Returns
    -------
    dict
        Vega-Lite.
    """
    table = table.sort_values("time")
    first, last = table["time"].min() - DAY, table["time"].max()
    lines = lines_of(item, last.tz_convert(BEIJING).date(), "day")
    top = top_of(table[["value", "came", "upper90"]].to_numpy(float).ravel(), lines)
    t0, t1 = wall_clock([first, last])

    def text(value: float) -> str:
        return f"{value:.{decimals}f} {unit}".strip()

    rows = [
        {"t": t, "v": row.value, "came": row.came, "time": day, "told": text(row.value), "seen": text(row.came)}
        | ({} if np.isnan(row.lower90) else dict(zip("abcd", (getattr(row, name) for name in BANDS), strict=True)))
        for t, day, row in zip(
            wall_clock(table["time"] - DAY / 2),
            (table["time"] - DAY).dt.tz_convert(BEIJING).dt.strftime("%Y-%m-%d"),
            table.astype(dict.fromkeys((*BANDS, "value", "came"), float)).itertuples(),
            strict=True,
        )
    ]
    midnights = wall_clock(pd.date_range(first.tz_convert(BEIJING), last.tz_convert(BEIJING), freq="D"))
    return fill(
        _beside_template(mode.dark, language(), scale),
        {"rows": rows, "limits": [{"t": t0, "v": line.value, "text": line.name} for line in lines if line.value < top]},
        tone=mode.accent if item == "aqi" else mode.pollutant(item),
        top=top,
        ticks=shapes.ticks(top, 5.5),
        span=[t0, t1],
        dates=midnights[:: max(-(-len(midnights) // 11), 1)],
        height=round(height * scale),
    )


@cache
def _beside_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_axis = alt.Axis(
        title=None, values=alt.ExprRef("dates"), labelExpr=day_label(), labelAlign="left", labelOffset=4, tickSize=5
    )
    x = alt.X("t:T", scale=alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False), axis=x_axis)
    y_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), grid=False, labelPadding=6)
    y_scale = alt.Scale(domain=[0, alt.ExprRef("top")], nice=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=y_scale, axis=y_axis)

    tooltip = [
        alt.Tooltip("time:N", title=_("日期")),
        alt.Tooltip("told:N", title=_("预报")),
        alt.Tooltip("seen:N", title=_("实测")),
    ]
    mark, tone = alt.Chart(), alt.ExprRef("tone")
    beginning = {"align": "left", "baseline": "bottom", "dx": 4, "dy": -1, "fontSize": size - 1}
    layers = [
        of_rows(
            "limits",
            mark.mark_rule(strokeDash=[4, 3], color=mode.ink3).encode(y=y("v")),
        ),
        of_rows(
            "rows",
            mark.mark_rule(color=tone, opacity=0.3, strokeWidth=2, clip=True).encode(x=x, y=y("a"), y2="d:Q"),
            mark.mark_rule(color=tone, opacity=0.55, strokeWidth=5, clip=True).encode(x=x, y=y("b"), y2="c:Q"),
            mark.mark_circle(color=tone, size=52, opacity=1).encode(x=x, y=y("v")),
            mark.mark_line(color=mode.ink, strokeWidth=1.6).encode(x=x, y=y("came")),
            mark.mark_point(color=mode.ink, fill=mode.bg, size=26, strokeWidth=1.4, opacity=1).encode(x=x, y=y("came")),
            mark.mark_bar(opacity=0, width=10).encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=tooltip),
        ),
        of_rows(
            "limits",
            mark.mark_text(**beginning, stroke=mode.bg, strokeWidth=4).encode(x=x, y=y("v"), text="text:N"),
            mark.mark_text(**beginning, color=mode.ink2).encode(x=x, y=y("v"), text="text:N"),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("tone", "top", "ticks", "span", "dates")]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 6}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))
