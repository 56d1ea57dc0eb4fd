"""Calendar of daily AQI: a row a month, a column a day, and the valid days of each month.

Made once with Altair for a mode, a language and a scale; a call with a table fills it.
"""

from datetime import date, timedelta
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.theme import NARROW, as_dict, fill, of_rows, responsive_size, styled, text_size
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language, when


def calendar(daily: pd.DataFrame, first: date, last: date, mode: Tokens, *, scale: float = 1.0, row: int = 28) -> dict:
    """Daily AQI, a row a month and a column a day, with the valid days of each month at the right.

    A valid day carries its number on its level's colour, an invalid one is grey. On a phone the numbers go.

    Parameters
    ----------
    daily : DataFrame
        ``day`` (datetime.date or datetime64), ``valid`` (bool), ``aqi``, ``level``; days without a row are invalid.
    first, last : date
        Days of one year to draw, both included.

    Returns
    -------
    dict
        Vega-Lite.
    """
    months = completeness(daily, first, last).to_dict("records")
    data = {
        "cells": calendar_cells(daily, first, last, mode),
        "months": [{**month, "text": f"{month['valid']}/{month['days']}"} for month in months],
        "head": [{"text": _("有效天数")}],
    }
    return fill(_calendar_template(mode.dark, language(), scale), data, height=round(row * scale) * len(months))


def calendar_cells(daily: pd.DataFrame, first: date, last: date, mode: Tokens) -> list[dict]:
    """One cell a day of ``first``…``last``: month, day, printed number, colours and tooltip texts."""
    colors, inks, names = level_colors()["color"].to_dict(), level_colors()["ink"].to_dict(), level_names()
    days = pd.to_datetime(daily["day"]).dt.strftime("%Y-%m-%d").tolist()
    columns = (daily[name].tolist() for name in ("valid", "aqi", "level", "primary"))
    rated = {
        day: (f"{aqi:.0f}", int(level), primary)
        for day, valid, aqi, level, primary in zip(days, *columns, strict=True)
        if valid is True and aqi == aqi
    }
    invalid = _("无效日")
    cells = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        text, level, primary = rated.get(day.isoformat(), ("", 0, ""))
        cells.append(
            {
                "month": day.month,
                "day": day.day,
                "text": text,
                "color": colors.get(level, mode.sunken),
                "ink": inks.get(level, mode.ink3),
                "date": day.isoformat(),
                "state": f"{text} {names[level]}" if text else invalid,
                "primary": primary or "—",
            }
        )
    return cells


def completeness(daily: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Valid days of each month of ``first``…``last`` (one year): ``month``, ``valid``, ``days``, ``share``."""
    every = pd.date_range(first, last)
    valid = pd.DatetimeIndex(daily["day"][daily["valid"].eq(True)]).unique()
    days = np.bincount(every.month, minlength=13)
    counts = np.bincount(valid[valid.isin(every)].month, minlength=13)
    months = np.flatnonzero(days)
    table = {"month": months, "valid": counts[months], "days": days[months], "share": counts[months] / days[months]}
    return pd.DataFrame(table)


@cache
def _calendar_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    side = f"(width < {NARROW} ? 60 : 168)"
    bars, room = f"width - {side} + (width < {NARROW} ? 8 : 20)", f"(width < {NARROW} ? 0 : 96)"
    x_scale = alt.Scale(domain=[0.5, 31.5], range=[0, alt.ExprRef(f"width - {side}")], nice=False, zero=False)
    x_axis = alt.Axis(
        orient="top",
        values=list(range(1, 32)),
        title=None,
        domain=False,
        ticks=False,
        labelExpr=f"width < {NARROW} && datum.value % 5 && datum.value > 1 ? '' : format(datum.value, 'd')",
        labelOverlap=False,
    )
    names = ", ".join(f"'{name}'" for name in month_names())
    y_axis = alt.Axis(title=None, domain=False, ticks=False, labelExpr=f"[{names}][datum.value - 1]")
    y = alt.Y("month:O", scale=alt.Scale(paddingInner=0.06, paddingOuter=0), axis=y_axis)
    tooltip = [
        alt.Tooltip("date:N", title=_("日期")),
        alt.Tooltip("state:N", title=_("日 AQI")),
        alt.Tooltip("primary:N", title=_("首要污染物")),
    ]

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x_scale, axis=x_axis)

    mark = alt.Chart()
    layers = [
        of_rows(
            "cells",
            mark.transform_calculate(left="datum.day - 0.47", right="datum.day + 0.47")
            .mark_rect()
            .encode(x=x("left"), x2="right:Q", y=y, color=alt.Color("color:N", scale=None), tooltip=tooltip),
            mark.mark_text(fontSize=responsive_size(size - 1)).encode(
                x=x("day"), y=y, text="text:N", color=alt.Color("ink:N", scale=None)
            ),
        ),
        of_rows(
            "months",
            mark.mark_rect(color=mode.ink3, height=8, width=alt.ExprRef(f"datum.share * {room}"), align="left").encode(
                x=alt.value(alt.ExprRef(bars)), y=y
            ),
            mark.mark_text(align="left", color=mode.ink3, fontSize=size - 1).encode(
                x=alt.value(alt.ExprRef(f"{bars} + {room} + (width < {NARROW} ? 0 : 6)")), y=y, text="text:N"
            ),
        ),
        of_rows(
            "head",
            mark.mark_text(align="left", baseline="bottom", color=mode.ink3, fontSize=size).encode(
                x=alt.value(alt.ExprRef(bars)), y=alt.value(-6), text="text:N"
            ),
        ),
    ]
    return as_dict(styled(alt.layer(*layers), mode, scale))


def month_names() -> list[str]:
    """Short names of the months in the language spoken now."""
    return [when(date(2000, month, 1), _("M月")) for month in range(1, 13)]
