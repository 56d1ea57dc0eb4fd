"""What the page 态势 shows, made once for a version of the home: blocks of HTML, two charts, two maps."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.charts import home as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.maps import layers
from shuzhi.maps.layers import BASE
from shuzhi.settings import BEIJING, settings
from shuzhi.status import air, city, snapshot, water_overview
from shuzhi.status import water as status
from shuzhi.ui import city_map, situation, state, station, water
from shuzhi.ui.deck import Frames
from shuzhi.ui.markup import Html, join, tag
from shuzhi.ui.widgets import legend

CENTRE = 0.21, 0.105
"""Half of the inset's width and height [degrees] around the middle of the evaluation sites."""


@dataclass(frozen=True)
class Place:
    """One of the two maps: deck.gl's JSON, where it looks and what it labels."""

    name: str
    deck: str
    title: Html | None
    label: str
    bounds: list[float]
    frames: Frames
    padding: tuple[float, float, float, float]


@dataclass(frozen=True)
class Page:
    """Everything on the page, ready to draw.

    Attributes
    ----------
    html : dict
        Blocks by name: top, index, pollutants, days, year, legend, source.
    hours, days : dict
        Charts (Vega-Lite) of the last 24 hours and of the year's days.
    places : tuple of Place
        The whole city; its centre where there are enough evaluation sites.
    districts : mapping or None
        English names of the districts.
    """

    html: dict[str, Html]
    hours: dict
    days: dict
    places: tuple[Place, ...]
    districts: Mapping[str, str] | None


def page(ctx: state.Context) -> Page | None:
    """The page at the hour asked for, or None in a home without readings."""
    latest = station.latest_hour(ctx.open_key, ctx)
    if latest is None:
        return None
    late = ctx.at is None and pd.Timestamp.now(BEIJING) - latest > pd.Timedelta(hours=settings().stale_hours)
    at = latest.tz_convert(BEIJING) if ctx.at is None else ctx.at
    live = ctx.at is None
    return _page(ctx.open_key, ctx.scope.city_wide, at, ctx.edition, ctx.lang, ctx.dark, ctx.wall, live, late, ctx)


def has_stations(ctx: state.Context) -> bool:
    """The register has stations of the city."""
    return any(row["city"] == ctx.home.city for row in station.register(ctx.open_key, ctx).values())


@state.shared
def _page(key, scope, at, edition, lang, dark, wall, live, late, _ctx) -> Page:
    s = _situation(key, scope, at, edition, _ctx.home)
    return Page(
        html=_blocks(_ctx, s, live, late),
        hours=charts.hour_bars(s.hours.tail(24), tokens(dark), state.scale(wall)),
        days=_days(key, scope, s.year.last, s.edition, lang, dark, wall, _ctx.home),
        places=_places(_ctx, s),
        districts=city_map.districts(key, _ctx) if lang == "en" else None,
    )


@state.shared
def _situation(key, scope, at, edition, _home) -> city.Situation:
    years, readings = (lambda home, *asked, read=read: read(key, *asked, home) for read in (_years, _readings))
    return city.situation(_home, scope, at, edition, years, readings)


@state.shared(max_entries=8)
def _readings(key, scope, day, edition, _home) -> city.Readings:
    return city.readings(_home, scope, day, edition)


@state.shared
def _years(key, scope, last, edition, _home) -> tuple[city.Year, city.Year]:
    def daily(home, scope, first, last, edition):
        days = _city_days(key, scope, first.year, edition, home)
        return days[(days["day"] >= pd.Timestamp(first)) & (days["day"] <= pd.Timestamp(last))]

    return city.years(_home, scope, last, edition, daily)


@state.shared(max_entries=8)
def _city_days(key, scope, year, edition, _home) -> pd.DataFrame:
    """The city's days of a calendar year: whatever day is asked for, the year up to it is a part of them."""
    days = air.city_daily(_home, scope, dt.date(year, 1, 1), dt.date(year, 12, 31), edition)
    return days.assign(day=pd.DatetimeIndex(days["day"]))


@state.shared
def _water(key, scope, at, _home) -> water_overview.Summary:
    return water_overview.summary(_home, scope, at)


@state.shared
def _days(key, scope, last, edition, lang, dark, wall, _home) -> dict:
    year, _before = _years(key, scope, last, edition, _home)
    return charts.day_bars(year.days, tokens(dark), state.scale(wall))


@state.shared
def _deck(key, lang, dark, names, _ctx) -> str:
    return layers.deck(tokens(dark), city_map.ground(key, lang, _ctx), BASE, names).to_json()


def _blocks(ctx: state.Context, s: city.Situation, live: bool, late: bool) -> dict[str, Html]:
    kind = ctx.home.kind
    other = "2012" if s.edition == "2026" else "2026"

    def page_of(code: str) -> str:
        return state.link("station", station=code)

    def water_page_of(code: str) -> str:
        return state.link("water", section=code)

    latest = water.latest_time(ctx.open_key, ctx)
    seen = _water(ctx.open_key, ctx.scope.city_wide, s.at if latest is None else status.stamp(s.at, latest), ctx.home)
    water_block = situation.water_block(seen, water_page_of)
    rows = situation.rows_of_exceedances(bool(water_block), ctx.wall)
    over = situation.exceedance_block(s, page_of, rows)
    return {
        "top": situation.top(s, kind, live, late),
        "index": situation.index_block(s),
        "pollutants": situation.pollutants_block(s),
        "days": situation.days_block(s),
        "year": join([situation.comparison_block(s), water_block, over]),
        "legend": legend(snapshot.counts(s.stations["seen"])),
        "source": situation.source_block(s, kind, (other, state.link("", edition=other))),
    }


def _places(ctx: state.Context, s: city.Situation) -> tuple[Place, ...]:
    ground = city_map.ground(ctx.open_key, ctx.lang, ctx)

    def deck(names: tuple[str, ...]) -> str:
        return _deck(ctx.open_key, ctx.lang, ctx.dark, names, ctx)

    def frames(named: dict[str, float]) -> Frames:
        return Frames(ctx.version, s.at, hours=1, edition=ctx.edition, labelled={"national": 0}, named=named)

    room = (0.5, 0.5, 0.5, 0.5)
    whole = Place("city", deck(BASE), None, _("全市空气质量地图"), ground.bounds, frames({}), room)
    box = centre(s.stations)
    if box is None:
        return (whole,)
    title = tag("div", join([tag("b", _("中心城区")), " ", _("参评站点小时 AQI")]), class_="sz-inset-title")
    label = _("中心城区空气质量地图")
    return whole, Place("centre", deck(("river",)), title, label, box, frames({"national": 0}), (0, 0, 0, 0))


def centre(stations: pd.DataFrame) -> list[float] | None:
    """West, south, east, north around the median of the evaluation sites; None where there are fewer than three."""
    sites = stations.loc[stations["evaluation"], ["lon", "lat"]].to_numpy(dtype=float)
    sites = sites[~np.isnan(sites).any(axis=1)]
    if len(sites) < 3:
        return None
    lon, lat = np.median(sites, axis=0).tolist()
    return [lon - CENTRE[0], lat - CENTRE[1], lon + CENTRE[0], lat + CENTRE[1]]


def station_query(code: str) -> dict[str, str]:
    """Parameters with which the page of a station opens at this hour."""
    return {key: value for key in state.SHARED if (value := state.url(key))} | {"station": code}
