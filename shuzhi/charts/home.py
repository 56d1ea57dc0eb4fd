"""Charts of the page 态势: AQI of the last day by hour and of the year by day, as bars with height and colour."""

from functools import cache

import altair as alt
import pandas as pd

from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.theme import as_dict, choice, fill, known, of_columns, styled, text_size, wall_clock
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language

HOUR = 60 * 60 * 1000  # ms
DAY = 24 * HOUR
HOUR_GAP = HOUR * 14 // 100
"""Room before and after the bar of an hour [ms]."""
FIELDS = ("a", "v", "level", "primary")
"""What is sent of each bar: its start [ms, wall clock], AQI, level, primary pollutants."""
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
    ends = wall_clock(hours["time"])
    starts = [end - HOUR + HOUR_GAP for end in ends]
    ticks = [end - HOUR // 2 for end in ends if end % (6 * HOUR) == 0]
    span = [ends[0] - HOUR, ends[-1]]
    return _filled(_hours_template(mode.dark, language(), scale), hours, starts, span, ticks)


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
    dates = pd.DatetimeIndex(days["day"])
    starts = dates.as_unit("ms").asi8.tolist()
    months = dates[dates.day == 1].as_unit("ms").asi8.tolist()
    span = [starts[0], starts[-1] + DAY]
    return _filled(_days_template(mode.dark, language(), scale), days, starts, span, months)


def _filled(template: dict, table: pd.DataFrame, starts: list[int], span: list[int], ticks: list[int]) -> dict:
    values = known(table["aqi"])
    top = max([GOOD_UP_TO, *(value for value in values if value is not None)]) * HEADROOM
    primary = [names.replace(";", _("、")) for names in table["primary"]]
    columns = dict(zip(FIELDS, (starts, values, table["level"].tolist(), primary), strict=True))
    last = [{"a": starts[-1], "v": values[-1]}] if values[-1] is not None else []
    data = {"bars": columns, "last": last, "limit": [{"v": GOOD_UP_TO}]}
    step = 50 if top < 175 else 100
    return fill(template, data, span=span, ticks=ticks, top=top, steps=list(range(0, int(top), step)))


@cache
def _hours_template(dark: bool, lang: str, scale: float) -> dict:
    form = _("%-H 时")
    label = f"utcFormat(datum.value + {HOUR // 2}, '{form}')"
    when = f"utcFormat(datum.a + {HOUR - HOUR_GAP}, '%Y-%m-%d %H:%M')"
    width = HOUR - 2 * HOUR_GAP
    return _template(tokens(dark), scale, label, when, width, stroke=0 if dark else 0.6, last=True)


@cache
def _days_template(dark: bool, lang: str, scale: float) -> dict:
    form = _("%-m月")
    label, when = f"utcFormat(datum.value, '{form}')", "utcFormat(datum.a, '%Y-%m-%d')"
    return _template(tokens(dark), scale, label, when, DAY, stroke=0, last=False)


def _template(mode: Tokens, scale: float, label: str, when: str, width: int, stroke: float, last: bool) -> dict:
    """Bars of ``width`` [ms]; ``label`` and ``when`` are expressions for the axis and for the tooltip's time."""
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), labelExpr=label, labelOverlap=True, labelFlush=False)
    y_axis = alt.Axis(title=None, values=alt.ExprRef("steps"), grid=True, gridDash=[2, 3], gridColor=mode.line2)
    y = alt.Y("v:Q", scale=alt.Scale(domain=alt.ExprRef("[0, top]"), nice=False), axis=y_axis)
    names, invalid = choice("level", "", *level_names().values()), _("无效")
    tooltip = [
        alt.Tooltip("label:N", title=_("时间")),
        alt.Tooltip("state:N", title="AQI"),
        alt.Tooltip("primary:N", title=_("首要污染物")),
    ]

    def bars(mark: alt.Chart, state: str, color) -> alt.Chart:
        spans = mark.transform_calculate(b=f"datum.a + {width}", label=when, state=state)
        x = alt.X("a:T", scale=x_scale, axis=x_axis)
        return spans.encode(x=x, x2="b:T", y=y, y2=alt.datum(0), color=color, tooltip=tooltip)

    chart = alt.Chart()
    gaps = chart.transform_filter("!isValid(datum.v)").transform_calculate(v="top").mark_rect()
    rated = chart.transform_filter("isValid(datum.v)").transform_calculate(
        color=choice("level", None, *level_colors()["color"])
    )
    drawn = rated.mark_rect(stroke=mode.keyline if stroke else None, strokeWidth=stroke)
    layers = [
        of_columns(
            "bars",
            FIELDS,
            bars(gaps, f"'{invalid}'", alt.value(mode.sunken)),
            bars(drawn, f"datum.v + ' ' + {names}", alt.Color("color:N", scale=None)),
        ),
        alt.Chart(alt.NamedData("limit")).mark_rule(color=mode.ink, strokeWidth=1).encode(y="v:Q"),
    ]
    if last:
        number = alt.Chart(alt.NamedData("last")).transform_calculate(b=f"datum.a + {width}")
        text = number.mark_text(
            baseline="bottom", align="right", dy=-3, color=mode.ink, fontSize=text_size(scale), fontWeight=600
        )
        layers.append(text.encode(x=alt.X("b:T", scale=x_scale), y="v:Q", text="v:Q"))
    params = [alt.param(name=name, value=0) for name in ("span", "ticks", "top", "steps")]
    return as_dict(styled(alt.layer(*layers).add_params(*params), mode, scale))
