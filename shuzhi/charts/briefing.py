"""Charts of a briefing (新闻稿): the same on the page and on paper. Light and on white, because paper is.

``city_map`` serves every document that shows stations over districts.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import altair as alt
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from shuzhi.charts import calendar, home
from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.theme import PHONE, as_dict, fill, of_rows, responsive_size, styled, text_size
from shuzhi.charts.tokens import LIGHT, Tokens
from shuzhi.i18n import _, language, when
from shuzhi.standards import water

PAPER = replace(LIGHT, bg="#FFFFFF")
"""Tokens of everything that is printed."""
BARS_UP_TO = 45
"""Days that a row of bars with their numbers can hold; more become a calendar."""
SMALLER = 0.85
"""Text of a calendar on paper, so that three digits fit into a day."""
GOOD_UP_TO = 100
HEADROOM = 1.2
SIMPLER = 0.002
"""Outlines on paper are simplified by so many degrees, a third of a pixel."""


def daily(days: pd.DataFrame) -> dict:
    """Daily AQI of any span of days: bars with their numbers, or a calendar of a year, or plain bars of several.

    Parameters
    ----------
    days : DataFrame
        A row for each calendar day: day (datetime64), aqi (NaN = not valid), level (0 = not valid), primary.

    Returns
    -------
    dict
        Vega-Lite.
    """
    first, last = days["day"].iloc[0].date(), days["day"].iloc[-1].date()
    if len(days) <= BARS_UP_TO:
        return _bars(days)
    if first.year == last.year:
        return calendar.calendar(days.assign(valid=days["level"] > 0), first, last, PAPER, scale=SMALLER, row=31)
    return {**home.day_bars(days, PAPER), "height": 160}


def hourly(hours: pd.DataFrame) -> dict:
    """Hourly AQI of one day; rows as for :func:`shuzhi.charts.home.hour_bars`."""
    return {**home.hour_bars(hours, PAPER), "height": 160}


def _bars(days: pd.DataFrame) -> dict:
    colors, names = level_colors()["color"].to_dict(), level_names()
    rows = []
    for number, (day, aqi, level, primary) in enumerate(
        zip(days["day"], days["aqi"], days["level"], days["primary"], strict=True)
    ):
        text = f"{aqi:.0f}" if level else ""
        state = f"{text} {names[level]}" if level else _("数据不足")
        rows.append(
            {
                "n": number,
                "a": number - 0.42,
                "b": number + 0.42,
                "v": aqi if level else None,
                "text": text if len(days) <= 31 else "",
                "color": colors.get(level, PAPER.sunken),
                "date": f"{day:%Y-%m-%d}",
                "label": when(day, _("M月d日")) if len(days) <= 7 else str(day.day),
                "state": state,
                "primary": primary.replace(";", _("、")) or "—",
                "spoken": f"{day:%Y-%m-%d} AQI {state}",
            }
        )
    top = max([GOOD_UP_TO, *(row["v"] for row in rows if row["v"] is not None)]) * HEADROOM
    gaps = [{**row, "v": top} for row in rows if row["v"] is None]
    data = {
        "gaps": gaps,
        "bars": [row for row in rows if row["v"] is not None],
        "axis": rows,
        "limit": [{"v": GOOD_UP_TO, "text": str(GOOD_UP_TO)}],
    }
    return fill(_bars_template(language()), data, top=top, count=len(rows), height=180)


@cache
def _bars_template(lang: str) -> dict:
    size = text_size()
    x_scale = alt.Scale(domain=[-0.6, alt.ExprRef("count - 0.4")], nice=False, zero=False)
    y_scale = alt.Scale(domain=[0, alt.ExprRef("top")], nice=False)
    y = alt.Y("v:Q", scale=y_scale, axis=None)
    mark = alt.Chart()
    tooltip = [
        alt.Tooltip("date:N", title=_("日期")),
        alt.Tooltip("state:N", title=_("日 AQI")),
        alt.Tooltip("primary:N", title=_("首要污染物")),
    ]

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x_scale, axis=None)

    def spans(**how) -> alt.Chart:
        colour = alt.Color("color:N", scale=None)
        place = {"x": x("a"), "x2": "b:Q", "y": y, "y2": alt.datum(0)}
        return mark.mark_rect(**how).encode(color=colour, tooltip=tooltip, description="spoken:N", **place)

    under = alt.value(alt.ExprRef("height + 14"))
    every = alt.ExprRef(f"datum.n % ceil(count * {size * 1.7:.0f} / width) ? 0 : 1")
    shown = alt.ExprRef(f"width / count < 16 ? 0 : width / count < 22 ? {size - 4} : {size}")
    numbers = mark.mark_text(baseline="bottom", dy=-3, fontSize=shown)
    layers = [
        of_rows("gaps", spans()),
        of_rows(
            "limit",
            mark.mark_rule(color=PAPER.ink, strokeWidth=1).encode(y=y),
            mark.mark_text(align="left", dx=4, color=PAPER.ink3, fontSize=size - 1).encode(
                x=alt.value(alt.ExprRef("width")), y=y, text="text:N"
            ),
        ),
        of_rows(
            "bars",
            spans(stroke=PAPER.keyline, strokeWidth=0.6),
            numbers.encode(x=x("n"), y=y, text="text:N", stroke=alt.value(PAPER.bg), strokeWidth=alt.value(4)),
            numbers.encode(x=x("n"), y=y, text="text:N", color=alt.value(PAPER.ink)),
        ),
        of_rows(
            "axis",
            mark.mark_text(color=PAPER.ink3, fontSize=size, opacity=every).encode(x=x("n"), y=under, text="label:N"),
        ),
    ]
    params = [alt.param(name="top", value=100), alt.param(name="count", value=1)]
    padding = {"left": 0, "top": 4, "right": 26, "bottom": 22}
    return as_dict(styled(alt.layer(*layers).add_params(*params).properties(padding=padding), PAPER))


def level_bars(counts: Mapping[str, Mapping[int, int]]) -> dict:
    """Days by level as stacked bars, one a period, with their numbers inside and a legend below.

    Parameters
    ----------
    counts : mapping
        Name of the period → level (1…6, 0 = not valid) → days; the first stands on top.

    Returns
    -------
    dict
        Vega-Lite.
    """
    return _stacked(counts, {level: _level_look(level) for level in _ORDER})


def class_bars(counts: Mapping[str, Mapping[int, int]]) -> dict:
    """Sections of surface water by class (1…6), as `level_bars`."""
    table = water.classes().set_index("water_class")
    names = table[f"name_{language()}"]
    looks = {k: {"color": row["color"], "ink": row["ink"], "name": names[k]} for k, row in table.iterrows()}
    return _stacked(counts, looks)


def _stacked(counts: Mapping[str, Mapping[int, int]], looks: Mapping[int, dict]) -> dict:
    rows = [row for place, (period, days) in enumerate(counts.items()) for row in _stack(place, period, days, looks)]
    ends = [{"row": place, "text": period} for place, period in enumerate(counts)]
    used = [level for level in looks if any(days.get(level) for days in counts.values())]
    legend, needed = _legend_row([looks[level] for level in used])
    data = {"rows": rows, "ends": ends, "legend": legend}
    height = _LINE * len(ends) + (26 if len(used) <= _LEGEND_ROW else 44)
    return fill(_levels_template(language()), data, high=_LINE * len(ends), needed=needed, height=height)


_ORDER = (1, 2, 3, 4, 5, 6, 0)
_LINE = 52
"""Height of one period's bar with its name [px]."""
_LEGEND_ROW = 3
"""Entries of a legend beside each other where it is too wide for one row."""


def _level_look(level: int) -> dict:
    if not level:
        return {"color": PAPER.sunken, "ink": PAPER.ink3, "name": _("数据不足")}
    row = level_colors().loc[level]
    return {"color": row["color"], "ink": row["ink"], "name": level_names()[level]}


def _stack(place: int, period: str, days: Mapping[int, int], looks: Mapping[int, dict]) -> list[dict]:
    """The pieces of one bar, as shares of its length."""
    rows, at, total = [], 0, sum(days.values())
    for level in looks:
        if n := days.get(level, 0):
            edges = {"a": at / total, "b": (at + n) / total, "mid": (at + n / 2) / total, "share": n / total}
            texts = {"text": str(n), "days": n, "spoken": f"{period} {looks[level]['name']} {n}"}
            rows.append({"row": place, **edges, **texts, **looks[level]})
            at += n
    return rows


def _legend_row(looks: list[dict]) -> tuple[list[dict], float]:
    """Entries of the legend with their places in one row [px] and in several, and how wide the one row is."""
    at, rows = 6.0, []
    for number, look in enumerate(looks):
        rows.append({**look, "px": at, "column": number % _LEGEND_ROW, "line": number // _LEGEND_ROW})
        at += 34 + _text_width(look["name"], text_size())
    return rows, at


@cache
def _levels_template(lang: str) -> dict:
    size = text_size()
    mark, colour = alt.Chart(), alt.Color("color:N", scale=None)
    x_scale = alt.Scale(domain=[0, 1], nice=False)
    y_scale = alt.Scale(domain=[0, 1], range=[0, 1], nice=False)
    tooltip = [alt.Tooltip("name:N", title=_("类别")), alt.Tooltip("days:Q", title=_("数量"))]

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x_scale, axis=None)

    def y(field: str = "at") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=y_scale, axis=None)

    def of_row(offset: float, **more: float) -> alt.Chart:
        places = {name: f"datum.row * {_LINE} + {px}" for name, px in {"at": offset, **more}.items()}
        return mark.transform_calculate(**places)

    outline = {"stroke": PAPER.keyline, "strokeWidth": 0.8}
    fits = alt.ExprRef("datum.share * width > 20 ? 1 : 0")
    below = mark.transform_calculate(at="high + 15 + (width < needed ? 18 * datum.line : 0)")
    place = f"(width < needed ? 6 + datum.column * width / {_LEGEND_ROW} : datum.px)"
    layers = [
        of_rows(
            "ends",
            of_row(9)
            .mark_text(align="left", color=PAPER.ink2, fontSize=size)
            .encode(x=alt.value(0), y=y(), text="text:N"),
        ),
        of_rows(
            "rows",
            of_row(20, end=46)
            .mark_rect(**outline)
            .encode(x=x("a"), x2="b:Q", y=y(), y2="end:Q", color=colour, tooltip=tooltip, description="spoken:N"),
            of_row(33)
            .mark_text(fontSize=size + 1, fontWeight=600, opacity=fits)
            .encode(x=x("mid"), y=y(), text="text:N", color=alt.Color("ink:N", scale=None)),
        ),
        of_rows(
            "legend",
            below.mark_square(size=110, opacity=1, **outline).encode(
                x=alt.value(alt.ExprRef(place)), y=y(), color=colour
            ),
            below.mark_text(align="left", fontSize=size, color=PAPER.ink2).encode(
                x=alt.value(alt.ExprRef(f"{place} + 12")), y=y(), text="name:N"
            ),
        ),
    ]
    params = [alt.param(name="high", value=1), alt.param(name="needed", value=1)]
    return as_dict(styled(alt.layer(*layers).add_params(*params), PAPER))


def city_map(
    districts: dict,
    stations: pd.DataFrame,
    names: list[dict],
    *,
    rivers: dict | None = None,
    height: int = 460,
    tokens: Tokens = PAPER,
) -> dict:
    """Districts and stations coloured by their level, with a legend that counts them.

    Parameters
    ----------
    districts, rivers : dict
        GeoJSON FeatureCollections, WGS 84.
    stations : DataFrame
        name, lon, lat, level (0 = no data), aqi; those without a position are counted, not drawn.
    names : list of dict
        Names on the map: text, lon, lat (as from :func:`shuzhi.maps.labels.polygon_names`).

    Returns
    -------
    dict
        Vega-Lite.
    """
    plane = _Plane(districts)
    mark, size = alt.Chart(), text_size()
    projection = alt.Projection(
        type="identity",
        reflectY=True,
        scale=alt.ExprRef(f"min(width / {plane.width:.5f}, height / {plane.height:.5f})"),
        translate=alt.ExprRef("[width / 2, height / 2]"),
    )
    rows, labels = _station_rows(stations, plane), _legend(stations)
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[label for label, _colour in labels], range=[colour for _label, colour in labels]),
        legend=alt.Legend(
            title=None,
            orient="bottom",
            columns=alt.ExprRef(_columns([label for label, _colour in labels], size)),
            symbolType="circle",
            symbolSize=90,
            labelFontSize=size,
            labelColor=tokens.ink2,
            symbolStrokeColor=tokens.keyline,
            symbolStrokeWidth=1,
            columnPadding=14,
        ),
    )
    tooltip = [alt.Tooltip("name:N", title=_("站点")), alt.Tooltip("state:N", title="AQI")]
    position = {"longitude": "x:Q", "latitude": "y:Q"}
    known = mark.transform_filter("datum.level > 0")
    layers = [
        alt.Chart(alt.Data(values=plane.features(districts)))
        .mark_geoshape(fill="#FAFBFA", stroke=tokens.line2, strokeWidth=0.9)
        .encode(),
    ]
    if rivers:
        layers.append(
            alt.Chart(alt.Data(values=plane.features(rivers)))
            .mark_geoshape(filled=False, stroke=tokens.river, strokeWidth=1.3)
            .encode()
        )
    layers += [
        alt.Chart(alt.Data(values=[{"text": one["text"], **plane.point(one["lon"], one["lat"])} for one in names]))
        .mark_text(color=tokens.ink2, fontSize=responsive_size(size - 1, PHONE))
        .encode(text="text:N", **position),
        alt.layer(
            mark.transform_filter("datum.level == 0")
            .mark_circle(fill=tokens.bg, stroke=tokens.stale, strokeWidth=1.6, size=42, opacity=1)
            .encode(tooltip=tooltip, description="spoken:N", **position),
            known.mark_circle(stroke=tokens.keyline, strokeWidth=1, opacity=1).encode(
                color=colour,
                size=alt.Size("radius:Q", scale=None),
                tooltip=tooltip,
                description="spoken:N",
                order="level:Q",
                **position,
            ),
            data=alt.Data(values=rows),
        ),
    ]
    chart = alt.layer(*layers).properties(projection=projection, height=height)
    return as_dict(styled(chart, tokens))


def _columns(labels: list[str], size: int) -> str:
    """Vega expression for the columns of a legend: all in a row where they fit, else as many as do."""
    wide = max(_text_width(label, size) for label in labels) + 34
    whole = sum(_text_width(label, size) + 34 for label in labels)
    return f"width > {whole:.0f} ? {len(labels)} : max(2, floor(width / {wide:.0f}))"


def _text_width(text: str, size: int) -> float:
    """About how wide a text is [px]."""
    return sum(size if ord(sign) > 255 else 0.56 * size for sign in text)


class _Plane:
    """Degrees as a plane with the middle of the layer at zero, in which a kilometre is as long east as north."""

    def __init__(self, layer: dict):
        self._shapes = [shape(feature["geometry"]) for feature in layer["features"]]
        west, south, east, north = shapely.total_bounds(self._shapes)
        self._lon, self._lat = (west + east) / 2, (south + north) / 2
        self._narrow = np.cos(np.radians(self._lat))
        self.width, self.height = float((east - west) * self._narrow * 1.01), float((north - south) * 1.01)

    def point(self, lon: float, lat: float) -> dict:
        """A position as x and y."""
        return {"x": round(float((lon - self._lon) * self._narrow), 4), "y": round(float(lat - self._lat), 4)}

    def features(self, layer: dict) -> list[dict]:
        """Features of a layer in the plane, simplified."""
        return [self._feature(shape(feature["geometry"])) for feature in layer["features"]]

    def _feature(self, geometry) -> dict:
        simple = geometry.simplify(SIMPLER, preserve_topology=True)
        moved = shapely.transform(simple, lambda at: np.round((at - [self._lon, self._lat]) * [self._narrow, 1.0], 4))
        return {"type": "Feature", "geometry": mapping(moved), "properties": {}}


def _station_rows(stations: pd.DataFrame, plane: _Plane) -> list[dict]:
    labels, names = _kinds(stations), level_names()
    rows = []
    for name, lon, lat, level, aqi in zip(
        *(stations[column] for column in ("name", "lon", "lat", "level", "aqi")), strict=True
    ):
        if pd.isna(lon) or pd.isna(lat):
            continue
        state = f"{aqi:.0f} {names[level]}" if level else _("无数据")
        row = {"name": name, "level": int(level), "kind": labels[level], "state": state, **plane.point(lon, lat)}
        rows.append({**row, "spoken": f"{name} AQI {state}", "radius": 52 + 14 * int(level)})
    return rows


def _kinds(stations: pd.DataFrame) -> dict[int, str]:
    """What the legend says of each level: its name and how many stations are of it."""
    counts = stations["level"].value_counts()
    names = {**level_names(), 0: _("无数据")}
    return {level: f"{names[level]} {int(counts.get(level, 0))}" for level in (1, 2, 3, 4, 5, 6, 0)}


def _legend(stations: pd.DataFrame) -> list[tuple[str, str]]:
    colors = level_colors()["color"]
    return [(label, colors.get(level, "#FFFFFF")) for level, label in _kinds(stations).items()]
