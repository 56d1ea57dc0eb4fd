"""Calendar of daily AQI: a row a month, a column a day, and the valid days of each month.

Made once with Altair for a mode, a language and a scale; a call with a table fills it.
"""

from collections import Counter
from datetime import date
from functools import cache

import altair as alt
import pandas as pd

from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.theme import NARROW, as_dict, choice, fill, of_columns, of_rows, responsive_size, styled, text_size
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
    cells = calendar_cells(daily, first, last)
    months = completeness(cells)
    data = {"cells": cells, "months": months, "head": [{"text": _("有效天数")}]}
    template = _calendar_template(mode.dark, language(), scale)
    return fill(template, data, year=first.year, height=round(row * scale) * len(months))


CELL_FIELDS = ("month", "day", "aqi", "level", "primary")
"""Columns of :func:`calendar_cells`; date, colours and texts follow from them in the browser."""


def calendar_cells(daily: pd.DataFrame, first: date, last: date) -> dict[str, list]:
    """One cell a day of ``first``…``last``: month, day, ``aqi`` (None where invalid), level (0), primary pollutants."""
    columns = zip(*(daily[name].tolist() for name in ("day", "valid", "aqi", "level", "primary")), strict=True)
    found = {day.toordinal(): rated for day, valid, *rated in columns if valid is True and rated[0] == rated[0]}
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    rows = ((day.month, day.day, *found.get(day.toordinal(), (None, 0, ""))) for day in days)
    return dict(zip(CELL_FIELDS, map(list, zip(*rows, strict=True)), strict=True))


def completeness(cells: dict[str, list]) -> list[dict]:
    """Of each month in the cells: ``month``, ``valid`` and all ``days``, their ``share``, and ``text`` to print."""
    days, valid = Counter(cells["month"]), Counter()
    for month, aqi in zip(cells["month"], cells["aqi"], strict=True):
        valid[month] += aqi is not None
    return [
        {"month": month, "valid": valid[month], "days": n, "share": valid[month] / n, "text": f"{valid[month]}/{n}"}
        for month, n in days.items()
    ]


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
        of_columns(
            "cells",
            CELL_FIELDS,
            mark.transform_calculate(left="datum.day - 0.47", right="datum.day + 0.47", **_cell_texts(mode))
            .mark_rect()
            .encode(x=x("left"), x2="right:Q", y=y, color=alt.Color("color:N", scale=None), tooltip=tooltip),
            mark.transform_filter("isValid(datum.aqi)")
            .transform_calculate(ink=choice("level", mode.ink3, *_of_levels("ink")))
            .mark_text(fontSize=responsive_size(size - 1))
            .encode(x=x("day"), y=y, text="aqi:N", color=alt.Color("ink:N", scale=None)),
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
    year = alt.param(name="year", value=2000)
    return as_dict(styled(alt.layer(*layers).add_params(year), mode, scale))


def _cell_texts(mode: Tokens) -> dict[str, str]:
    """Vega expressions for a day's colour and the texts of its tooltip."""
    level, invalid = choice("level", "", *level_names().values()), _("无效日")
    return {
        "color": choice("level", mode.sunken, *_of_levels("color")),
        "date": "utcFormat(utc(year, datum.month - 1, datum.day), '%Y-%m-%d')",
        "state": f"isValid(datum.aqi) ? datum.aqi + ' ' + {level} : '{invalid}'",
        "primary": "datum.primary || '—'",
    }


def _of_levels(column: str) -> list[str]:
    return level_colors()[column].tolist()


def month_names() -> list[str]:
    """Short names of the months in the language spoken now."""
    return [when(date(2000, month, 1), _("M月")) for month in range(1, 13)]
