"""What the page 态势 shows, computed once for a version of the home."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from shuzhi.charts import home as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.maps import layers
from shuzhi.maps.layers import BASE
from shuzhi.settings import BEIJING, settings
from shuzhi.status import city, snapshot
from shuzhi.ui import city_map, situation, state
from shuzhi.ui.deck import Frames
from shuzhi.ui.markup import Html, join, tag
from shuzhi.ui.widgets import legend

NEVER = 99.0
"""Zoom at which nothing is labelled."""

CENTRE = 0.21, 0.105
"""Half of the inset's width and height [degrees] around the middle of the evaluation sites."""


@state.cached
def look_at(key, scope, at, edition) -> city.Situation | None:
    """The situation at an hour (None: the newest), or None in a home without readings."""
    return city.situation(state.home(), scope, at, edition)


def is_late(ctx: state.Context, s: city.Situation) -> bool:
    """The newest hour is shown and it is older than it should be."""
    overdue = pd.Timestamp.now(BEIJING) - s.at > pd.Timedelta(hours=settings().stale_hours)
    return ctx.at is None and overdue


def blocks(ctx: state.Context, s: city.Situation) -> dict:
    """HTML and charts of the page, by name."""
    return _blocks(ctx.key, ctx.scope, ctx.at, ctx.edition, ctx.lang, ctx.dark, ctx.wall, is_late(ctx, s))


@state.cached
def _blocks(key, scope, at, edition, lang, dark, wall, late) -> dict:
    s = look_at(key, scope, at, edition)
    mode, scale = tokens(dark), state.scale(wall)
    kind = state.home().kind
    other = "2012" if s.edition == "2026" else "2026"

    def station(code: str) -> str:
        return state.link("station", station=code)

    levels = snapshot.snapshot(state.home(), scope, s.at, edition=edition)["level"]
    return {
        "legend": legend(snapshot.counts(levels)),
        "top": situation.top(s, kind, at is None, late),
        "index": situation.index_block(s),
        "pollutants": situation.pollutants_block(s),
        "days": situation.days_block(s),
        "year": join([situation.comparison_block(s), situation.exceedance_block(s, station)]),
        "source": situation.source_block(s, kind, (other, state.link("", edition=other))),
        "hours_chart": charts.hour_bars(s.hours.tail(24), mode, scale),
        "days_chart": charts.day_bars(s.year.days, mode, scale),
    }


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
class MapView:
    """The maps of the page: the whole city and its centre."""

    districts: Mapping[str, str] | None
    places: tuple[Place, ...]


def map_view(ctx: state.Context, s: city.Situation) -> MapView:
    """What the two maps of the page show."""
    ground = city_map.ground(ctx.key, ctx.lang, ctx)
    title = tag("div", join([tag("b", _("中心城区")), " ", _("参评站点小时 AQI")]), class_="sz-inset-title")
    whole = Frames(ctx.version, s.at, hours=1, edition=ctx.edition, labelled={"national": 0}, named={})
    inner = Frames(ctx.version, s.at, hours=1, edition=ctx.edition, labelled={"national": 0}, named={"national": 0})
    places = [Place("city", _deck(ctx, BASE), None, _("全市空气质量地图"), ground.bounds, whole, (0.5, 0.5, 0.5, 0.5))]
    box = centre(s.stations)
    if box is not None:
        places.append(
            Place("centre", _deck(ctx, ("river",)), title, _("中心城区空气质量地图"), box, inner, (0, 0, 0, 0))
        )
    return MapView(city_map.districts(ctx.key, ctx) if ctx.lang == "en" else None, tuple(places))


def _deck(ctx: state.Context, names: tuple[str, ...]) -> str:
    return _deck_json(ctx.key, ctx.lang, ctx.dark, names, ctx)


@state.cached(max_entries=16)
def _deck_json(key, lang, dark, names, _ctx) -> str:
    return layers.deck(tokens(dark), city_map.ground(key, lang, _ctx), BASE, names).to_json()


def centre(stations: pd.DataFrame) -> list[float] | None:
    """West, south, east, north around the median of the evaluation sites; None where there are fewer than three."""
    sites = stations[stations["evaluation"]].dropna(subset=["lon", "lat"])
    if len(sites) < 3:
        return None
    lon, lat = sites["lon"].median(), sites["lat"].median()
    return [lon - CENTRE[0], lat - CENTRE[1], lon + CENTRE[0], lat + CENTRE[1]]


def station_query(ctx: state.Context, code: str) -> dict[str, str]:
    """Parameters with which the page of a station opens at this hour."""
    return {key: value for key in state.SHARED if (value := state.url(key))} | {"station": code}
