"""Charts of the page 态势: AQI of the last day by hour and of the year by day, as bars with height and colour."""

from functools import cache

import altair as alt
import pandas as pd

from shuzhi.charts.theme import as_dict, fill, styled, text_size, wall_clock
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language
from shuzhi.standards.aqi import levels

HOUR = pd.Timedelta(hours=1)
DAY = pd.Timedelta(days=1)
GOOD_UP_TO = 100
HEADROOM = 1.18
"""The axis ends above the highest bar by this factor, so that its number fits."""


def hour_bars(hours: pd.DataFrame, mode: Tokens, scale: float = 1.0) -> dict:
    """Hourly AQI of a day: a bar an hour in the colour of its level, missing hours as grey strips.

    Parameters
    ----------
    hours : DataFrame
        A row for each hour: time (tz-aware, end of hour), aqi (NaN = missing), level, primary.

    Returns
    -------
    dict
        Vega-Lite without a size.
    """
    ends = pd.DatetimeIndex(hours["time"])
    labels = [f"{end:%Y-%m-%d %H:%M}" for end in ends]
    rows = _rows(hours, ends - HOUR * 0.86, ends - HOUR * 0.14, labels)
    ticks = [end - HOUR / 2 for end in ends if end.hour % 6 == 0]
    span = wall_clock([ends[0] - HOUR, ends[-1]])
    return _filled(_hours_template(mode.dark, language(), scale), rows, span, wall_clock(ticks))


def day_bars(days: pd.DataFrame, mode: Tokens, scale: float = 1.0) -> dict:
    """Daily AQI from the first of January: a bar a day in the colour of its level, days not valid as grey strips.

    Parameters
    ----------
    days : DataFrame
        A row for each day: day (datetime64), aqi (NaN = not valid), level, primary.

    Returns
    -------
    dict
        Vega-Lite without a size.
    """
    starts = pd.DatetimeIndex(days["day"]).tz_localize("Asia/Shanghai")
    rows = _rows(days, starts, starts + DAY, [f"{start:%Y-%m-%d}" for start in starts])
    months = [start for start in starts if start.day == 1]
    span = wall_clock([starts[0], starts[-1] + DAY])
    return _filled(_days_template(mode.dark, language(), scale), rows, span, wall_clock(months))


def _rows(table: pd.DataFrame, starts, ends, labels: list[str]) -> list[dict]:
    known = levels().set_index("level")
    name = f"name_{language()}"
    return [
        {
            "a": start,
            "b": end,
            "v": None if pd.isna(aqi) else int(aqi),
            "color": known.at[level, "color"] if level else None,
            "label": label,
            "state": f"{int(aqi)} {known.at[level, name]}" if level else _("无效"),
            "primary": primary.replace(";", _("、")),
        }
        for start, end, label, aqi, level, primary in zip(
            wall_clock(starts), wall_clock(ends), labels, table["aqi"], table["level"], table["primary"], strict=True
        )
    ]


def _filled(template: dict, rows: list[dict], span: list[int], ticks: list[int]) -> dict:
    bars = [row for row in rows if row["v"] is not None]
    top = max([GOOD_UP_TO, *(row["v"] for row in bars)]) * HEADROOM
    gaps = [{**row, "v": top} for row in rows if row["v"] is None]
    data = {
        "gaps": gaps,
        "bars": bars,
        "last": [row for row in rows[-1:] if row["v"] is not None],
        "limit": [{"v": GOOD_UP_TO}],
    }
    step = 50 if top < 175 else 100
    return fill(template, data, span=span, ticks=ticks, top=top, steps=list(range(0, int(top), step)))


@cache
def _hours_template(dark: bool, lang: str, scale: float) -> dict:
    form = _("%-H 时")
    label = f"utcFormat(datum.value + 30 * 60 * 1000, '{form}')"
    return _template(tokens(dark), scale, label, stroke=0 if dark else 0.6, last=True)


@cache
def _days_template(dark: bool, lang: str, scale: float) -> dict:
    form = _("%-m月")
    return _template(tokens(dark), scale, f"utcFormat(datum.value, '{form}')", stroke=0, last=False)


def _template(mode: Tokens, scale: float, label: str, stroke: float, last: bool) -> dict:
    span, ticks = alt.param(name="span", value=[0, 1]), alt.param(name="ticks", value=[])
    top, steps = alt.param(name="top", value=100), alt.param(name="steps", value=[0, 50, 100])
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), labelExpr=label, labelOverlap=True, labelFlush=False)
    y_axis = alt.Axis(title=None, values=alt.ExprRef("steps"), grid=True, gridDash=[2, 3], gridColor=mode.line2)
    y_scale = alt.Scale(domain=alt.ExprRef("[0, top]"), nice=False)
    tooltip = [
        alt.Tooltip("label:N", title=_("时间")),
        alt.Tooltip("state:N", title="AQI"),
        alt.Tooltip("primary:N", title=_("首要污染物")),
    ]

    def spans(name: str, color, **mark) -> alt.Chart:
        return (
            alt.Chart(alt.NamedData(name))
            .mark_rect(**mark)
            .encode(
                x=alt.X("a:T", scale=x_scale, axis=x_axis),
                x2="b:T",
                y=alt.Y("v:Q", scale=y_scale, axis=y_axis),
                y2=alt.datum(0),
                color=color,
                tooltip=tooltip,
            )
        )

    colour = alt.Color("color:N", scale=None)
    limit = alt.Chart(alt.NamedData("limit")).mark_rule(color=mode.ink, strokeWidth=1).encode(y="v:Q")
    layers = [
        spans("gaps", alt.value(mode.sunken)),
        spans("bars", colour, stroke=mode.keyline if stroke else None, strokeWidth=stroke),
        limit,
    ]
    if last:
        number = alt.Chart(alt.NamedData("last")).mark_text(
            baseline="bottom", align="right", dy=-3, color=mode.ink, fontSize=text_size(scale), fontWeight=600
        )
        layers.append(number.encode(x=alt.X("b:T", scale=x_scale), y="v:Q", text="v:Q"))
    return as_dict(styled(alt.layer(*layers).add_params(span, ticks, top, steps), mode, scale))
