"""What came (实况), in the shape in which forecasts are held against it.

A day counts when it is over, an hour when any reading of it or of a later one has come. Values are those that the
platform reports: daily values by HJ 663, indices by the edition of the day.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.research.forecast import panel, section_days
from shuzhi.settings import BEIJING
from shuzhi.status import air
from shuzhi.store import Home, Scope
from shuzhi.store.schema import DAY_ITEMS, INSTANT, ITEMS

COLUMNS = ("level", "place", "item", "time", "value", "primary")
AHEAD = {"day": pd.Timedelta(days=7), "hour": pd.Timedelta(hours=72)}
"""How far an issue reaches."""
_TYPES = {"time": INSTANT, "value": pa.float64()}


def of_month(home: Home, scope: Scope, month: str, kind: str, grain: str) -> pa.Table:
    """What came of all that the issues of a month tell.

    Parameters
    ----------
    month : str
        ``YYYY-MM``, Beijing.
    kind : 'air' or 'water'
    grain : 'hour' or 'day'

    Returns
    -------
    pyarrow.Table
        ``COLUMNS``: time is the end of the period (UTC), primary symbols joined by ";" on rows of the AQI.
    """
    begin = pd.Timestamp(f"{month}-01", tz=BEIJING)
    end = begin + pd.offsets.MonthBegin() + AHEAD[grain]
    if grain == "hour":
        return hours(home, scope, begin, end)
    span = begin.date(), end.date()
    return water_days(home, scope, *span) if kind == "water" else air_days(home, scope, *span)


def air_days(
    home: Home,
    scope: Scope,
    first: dt.date,
    last: dt.date,
    levels: Sequence[str] = panel.LEVELS,
    places: Sequence[str] | None = None,
) -> pa.Table:
    """Daily values and AQI of stations, districts (as the panel forms them) and the city; columns as of `of_month`.

    Parameters
    ----------
    first, last : date
        Both included; days that are not over are left out.
    places : sequence of str, optional
        Codes or names; by default all.
    """
    newest = air.latest_hour(home, scope)
    last = last if newest is None else min(last, panel.last_day(newest))
    if newest is None or last < first:
        return _joined([])
    parts = []
    for level, place, sites in _places(home, scope, levels, places):
        if level == "station":
            found = air.daily(home, scope, first, last, stations=sites)
            place = found["station"]
        else:
            found = air.city_daily(home, scope, first, last, stations=sites)
        parts += _long(found, level, place, _ends(found["day"]), (*DAY_ITEMS, "aqi"))
    return _joined(parts)


def _places(home: Home, scope: Scope, levels: Sequence[str], places: Sequence[str] | None):
    """Level, place and codes of sites; all stations at once."""
    stations = air.stations(home, scope, home.city)
    if "station" in levels:
        yield "station", "", [code for code in stations["code"] if places is None or code in places]
    for name, table in stations.groupby("district", sort=True) if "district" in levels else ():
        if places is None or name in places:
            yield "district", name, table["code"].tolist()
    if "city" in levels and (places is None or home.city in places):
        yield "city", home.city, None


def hours(
    home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp, stations: Sequence[str] | None = None
) -> pa.Table:
    """Hourly values and AQI of stations (by default all) and the city, start < time <= end."""
    items = (*ITEMS, "aqi")
    codes = air.stations(home, scope, home.city)["code"].tolist() if stations is None else list(stations)
    found = air.hourly(home, scope, start, end, stations=codes)
    parts = _long(found, "station", found["station"], found["time"], items)
    found = air.city_hourly(home, scope, start, end)
    return _joined(parts + _long(found, "city", home.city, found["time"], items))


def water_days(home: Home, scope: Scope, first: dt.date, last: dt.date) -> pa.Table:
    """Daily means and class of the sections."""
    newest = home.engine.run("water_latest", scope)["newest"].iloc[0]
    if pd.isna(newest):
        return _joined([])
    last = min(last, section_days.last_day(newest).date())
    if last < first:
        return _joined([])
    found = section_days.observed(home, scope, first, last)
    found["class"] = found["class"].where(found["class"] > 0)
    return _joined(_long(found, "section", found["place"], _ends(found["day"]), (*section_days.ITEMS, "class")))


def _ends(days: pd.Series) -> pd.DatetimeIndex:
    """Instants at which Beijing days end."""
    whole = pd.DatetimeIndex(pd.to_datetime(days.to_numpy())) + pd.Timedelta(days=1)
    return whole.tz_localize(BEIJING).tz_convert("UTC")


def _long(found: pd.DataFrame, level: str, place, times, items: Sequence[str]) -> list[dict]:
    """Columns of each item, those without a value left out."""
    times = pd.DatetimeIndex(times).tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[us]")
    places = np.full(len(found), place, object) if isinstance(place, str) else np.asarray(place, object)
    parts = []
    for item in items:
        values = found[item].to_numpy(float)
        there = np.isfinite(values)
        primary = found["primary"].to_numpy(object)[there] if item == "aqi" else np.full(there.sum(), None, object)
        named = {"level": np.full(there.sum(), level, object), "item": np.full(there.sum(), item, object)}
        parts.append(named | {"place": places[there], "time": times[there], "value": values[there], "primary": primary})
    return parts


def _joined(parts: list[dict]) -> pa.Table:
    columns = {}
    for name in COLUMNS:
        kind = _TYPES.get(name, pa.string())
        arrays = [pa.array(part[name], kind, from_pandas=True) for part in parts]
        columns[name] = pa.chunked_array(arrays, kind)
    return pa.table(columns)
