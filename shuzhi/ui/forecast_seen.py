"""What was measured at the places of a forecast: read once for everybody and all places, of which one's rows are a
slice."""

import datetime as dt

import pandas as pd

from shuzhi.settings import BEIJING
from shuzhi.status import air
from shuzhi.status.station import Rows
from shuzhi.store import Scope
from shuzhi.ui import state
from shuzhi.ui import station as stations_view

SEEN_DAYS, SEEN_HOURS = 14, 24
"""How much of the past stands before the forecast."""
DAYS, HOURS = 7, 72
"""How much of an old issue's time may have come."""
_HOUR = pd.Timedelta(hours=1)


@state.shared(max_entries=64)
def days(key: tuple, first: dt.date, level: str, place: str, edition: str, _ctx: state.Context) -> pd.DataFrame:
    """Valid daily values of a place around ``first``, day 1 of an issue: as `air.daily`, and ``end`` (UTC)."""
    _ctx.scope.require("air")
    rows = _all_days(key[:2], first, edition, _ctx)
    if level == "station":
        table = rows.station(place)
    else:
        codes = _codes(key, level, place, _ctx)
        table = _over(air.city_of_days(_ctx.home, _ctx.scope, _of(rows, codes), codes, edition))
    return table[table["valid"].to_numpy(bool)]


@state.shared(max_entries=64)
def hours(key: tuple, begin: pd.Timestamp, level: str, place: str, edition: str, _ctx: state.Context) -> pd.DataFrame:
    """Hourly values of a station or the city around ``begin``, where an issue's hours begin: as `air.hourly`."""
    _ctx.scope.require("air")
    rows = _all_hours(key[:2], begin, edition, _ctx)
    if level == "station":
        return rows.station(place)
    codes = _codes(key, level, place, _ctx)
    return air.city_of(_ctx.home, _ctx.scope, _of(rows, codes), codes, edition)


@state.shared(max_entries=4)
def _all_days(version: tuple, first: dt.date, edition: str, _ctx: state.Context) -> Rows:
    span = first - dt.timedelta(days=SEEN_DAYS), first + dt.timedelta(days=DAYS - 1)
    return Rows.of(_over(air.daily(_ctx.home, Scope.all(), *span, city=_ctx.home.city, edition=edition)))


@state.shared(max_entries=4)
def _all_hours(version: tuple, begin: pd.Timestamp, edition: str, _ctx: state.Context) -> Rows:
    span = begin - SEEN_HOURS * _HOUR, begin + HOURS * _HOUR
    return Rows.of(air.hourly(_ctx.home, Scope.all(), *span, city=_ctx.home.city, edition=edition))


def _codes(key: tuple, level: str, place: str, ctx: state.Context) -> list[str]:
    """The evaluation sites of the city, or the stations of a district."""
    register = [row for row in stations_view.register(key, ctx).values() if row["city"] == ctx.home.city]
    return [row["code"] for row in register if (row["evaluation"] if level == "city" else row["district"] == place)]


def _of(rows: Rows, codes: list[str]) -> pd.DataFrame:
    """The rows of some stations."""
    return rows.stations[rows.stations["station"].isin(codes)]


def _over(days: pd.DataFrame) -> pd.DataFrame:
    """The days that are over, with their ends."""
    ends = pd.DatetimeIndex(pd.to_datetime(days["day"])).tz_localize(BEIJING) + pd.Timedelta(days=1)
    days = days.assign(end=ends.tz_convert("UTC"))
    return days[days["end"] <= pd.Timestamp.now("UTC")]
