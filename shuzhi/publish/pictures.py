"""The pictures of a document: each chart made once, shown on the page, and turned into SVG or PNG for every file."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from shuzhi.charts import briefing as charts
from shuzhi.charts.theme import for_document, to_png, to_svg
from shuzhi.i18n import _, language
from shuzhi.maps.labels import polygon_names
from shuzhi.publish.document import Document
from shuzhi.publish.period import Period, spoken, spoken_day
from shuzhi.registry import places
from shuzhi.settings import BEIJING
from shuzhi.status import air
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span

WIDTH = 760
"""Width of a picture on paper [px]."""
NAMES_UP_TO = 8.0
"""Names of places that fit into their polygon at this zoom stand on the map of a page's width."""


@dataclass(frozen=True)
class Picture:
    """One chart with its caption.

    Attributes
    ----------
    key : str
        ``levels``, ``days``, ``map`` or ``water``.
    caption : str
    spec : dict
        Vega-Lite without a width.
    levels : tuple of int
        AQI levels that occur in the chart over time.
    """

    key: str
    caption: str
    spec: dict
    levels: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """Of the width of the text: a map needs less."""
        return 0.76 if self.key == "map" else 1.0

    @cached_property
    def svg(self) -> str:
        """As SVG, ``WIDTH`` px wide; text stays text."""
        return to_svg(self.on_paper())

    @cached_property
    def png(self) -> bytes:
        """As PNG, three times as large: sharp in print."""
        return to_png(self.on_paper(), scale=3.0)

    def on_paper(self, width: int = WIDTH, height: int | None = None) -> dict:
        """Vega-Lite with a size of its own on white."""
        spec = for_document(self.spec, charts.PAPER, width=width, height=height)
        return {**spec, "padding": self.spec.get("padding", 0) or 2}


def pictures(home: Home, scope: Scope, document: Document) -> tuple[Picture, ...]:
    """The pictures of a document, in their order; those of the air only with a valid day."""
    figures = document.figures
    found = _days(home, scope, document) if figures.this.valid else []
    if figures.this.valid and len(figures.stations):
        found.append(_map(home, scope, document))
    return (*found, _classes(document)) if figures.water else tuple(found)


def _days(home: Home, scope: Scope, document: Document) -> list[Picture]:
    figures = document.figures
    if figures.period.days == 1:
        caption = _("{place}小时AQI，{period}").format(place=document.place, period=spoken(figures.period))
        hours = _hours(home, scope, document)
        levels = tuple(sorted(set(hours.loc[hours["level"] > 0, "level"])))
        return [Picture("days", caption, charts.hourly(hours), levels)] if levels else []
    caption = _("{place}逐日AQI，{period}；灰色为数据不足").format(place=document.place, period=spoken(figures.period))
    levels = tuple(level for level in range(1, 7) if figures.this.counts[level])
    return [_levels(document), Picture("days", caption, charts.daily(figures.this.days), levels)]


def _levels(document: Document) -> Picture:
    figures = document.figures
    counts = {_line(figures.period): figures.this.counts}
    if figures.comparable:
        counts[_line(figures.earlier)] = figures.last.counts
    return Picture("levels", _("各级别天数"), charts.level_bars(counts))


def _classes(document: Document) -> Picture:
    figures, water = document.figures, document.figures.water
    counts = {_sections(figures.period, water.now.rated): {k: water.now.counts[k] for k in range(1, 7)}}
    if water.comparable:
        counts[_sections(figures.earlier, water.before.rated)] = {k: water.before.counts[k] for k in range(1, 7)}
    return Picture("water", _("地表水各类别断面数（时段均值）"), charts.class_bars(counts))


def _sections(period: Period, n: int) -> str:
    return _("{period}，共{n}个断面").format(period=spoken(period), n=n)


def _line(period: Period) -> str:
    return _("{period}，共{days}天").format(period=spoken(period), days=period.days)


def _hours(home: Home, scope: Scope, document: Document) -> pd.DataFrame:
    """Hours of a city's only day, each with a row."""
    figures = document.figures
    start, end = day_span(figures.period.first, figures.period.last)
    times = pd.date_range(start, end, freq="h", inclusive="right", name="time").tz_convert(BEIJING)
    found = air.city_hourly(home, scope, start, end, figures.edition) if figures.whole_city else None
    if found is None:
        return pd.DataFrame({"time": times, "aqi": float("nan"), "level": 0, "primary": ""})
    table = found.assign(time=found["time"].dt.tz_convert(BEIJING)).set_index("time").reindex(times).reset_index()
    texts = table["primary"].astype(object).where(table["primary"].notna(), "")
    return table.assign(level=table["level"].fillna(0).astype(int), primary=texts)


def _map(home: Home, scope: Scope, document: Document) -> Picture:
    figures = document.figures
    layer = _ground(home, scope, document)
    stations = figures.stations
    points = stations[["lon", "lat"]].dropna().to_numpy()
    names = [one for one in polygon_names(layer, language(), points) if one["minzoom"] <= NAMES_UP_TO]
    if figures.period.days == 1:
        text = _("站点日AQI级别，{day}。界线：天地图").format(day=spoken_day(figures.period.last))
    else:
        text = _("站点AQI级别（日AQI的中位数），{period}。界线：天地图").format(period=spoken(figures.period))
    return Picture("map", text, charts.city_map(layer, stations, names))


def _ground(home: Home, scope: Scope, document: Document) -> dict:
    """The districts: of the city all, of a district itself."""
    layer = places.layer(home, scope, "district")
    figures = document.figures
    own = [f for kind in ("district", "zone") for f in places.layer(home, scope, kind)["features"]]
    own = [f for f in own if f["properties"]["name"] == figures.place]
    return {**layer, "features": own} if own and not figures.whole_city else layer
