"""What was measured at the places of a forecast: read once for all of them, of which a place's rows are a slice."""

import datetime as dt

import pandas as pd

from shuzhi.settings import BEIJING
from shuzhi.status import air
from shuzhi.status.station import Rows
from shuzhi.ui import state
from shuzhi.ui import station as stations_view

SEEN_DAYS, SEEN_HOURS = 14, 24
"""How much of the past stands before the forecast."""
DAYS, HOURS = 7, 72
"""How much of an old issue's time may have come."""
_HOUR = pd.Timedelta(hours=1)


@state.shared(max_entries=64)
def days(key: tuple, first: dt.date, level: str, place: str, edition: str, _ctx: state.Context) -> pd.DataFrame:
    """Valid daily values of a place around ``first``, day 1 of an issue: as `air.daily`, and ``time``, the day's
    end."""
    rows = _all_days(key, first, edition, _ctx)
    if level == "station":
        return _valid(rows.station(place))
    codes = _codes(key, level, place, _ctx)
    return _valid(air.city_of_days(_ctx.home, _ctx.scope, _of(rows, codes), codes, edition))


@state.shared(max_entries=64)
def hours(key: tuple, begin: pd.Timestamp, level: str, place: str, edition: str, _ctx: state.Context) -> pd.DataFrame:
    """Hourly values of a station or the city around ``begin``, where an issue's hours begin: as `air.hourly`."""
    rows = _all_hours(key, begin, edition, _ctx)
    if level == "station":
        return rows.station(place)
    codes = _codes(key, level, place, _ctx)
    return air.city_of(_ctx.home, _ctx.scope, _of(rows, codes), codes, edition)


@state.shared(max_entries=4)
def _all_days(key: tuple, first: dt.date, edition: str, _ctx: state.Context) -> Rows:
    span = first - dt.timedelta(days=SEEN_DAYS), first + dt.timedelta(days=DAYS - 1)
    return Rows.of(air.daily(_ctx.home, _ctx.scope, *span, city=_ctx.home.city, edition=edition))


@state.shared(max_entries=4)
def _all_hours(key: tuple, begin: pd.Timestamp, edition: str, _ctx: state.Context) -> Rows:
    span = begin - SEEN_HOURS * _HOUR, begin + HOURS * _HOUR
    return Rows.of(air.hourly(_ctx.home, _ctx.scope, *span, city=_ctx.home.city, edition=edition))


def _codes(key: tuple, level: str, place: str, ctx: state.Context) -> list[str]:
    """The evaluation sites of the city, or the stations of a district."""
    register = [row for row in stations_view.register(key, ctx).values() if row["city"] == ctx.home.city]
    return [row["code"] for row in register if (row["evaluation"] if level == "city" else row["district"] == place)]


def _of(rows: Rows, codes: list[str]) -> pd.DataFrame:
    return rows.stations[rows.stations["station"].isin(codes)]


def _valid(table: pd.DataFrame) -> pd.DataFrame:
    table = table[table["valid"].to_numpy(bool)]
    ends = pd.DatetimeIndex(pd.to_datetime(table["day"])).tz_localize(BEIJING) + pd.Timedelta(days=1)
    table = table.assign(time=ends.tz_convert("UTC"))
    return table[table["time"] <= pd.Timestamp.now("UTC")]
