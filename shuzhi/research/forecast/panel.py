"""Readings of all stations, districts and of the city as arrays (面板): what the forecasts of the air start from.

A panel ends at its last step that lies at or before ``as_of``; nothing later gets into it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.settings import settings
from shuzhi.standards import statistics
from shuzhi.standards.aqi import daily_aqi, hourly_aqi
from shuzhi.standards.days import beijing_day
from shuzhi.status import air
from shuzhi.store import Home, Scope
from shuzhi.store.schema import DAY_ITEMS, ITEMS

LEVELS = ("station", "district", "city")
FIRST = dt.date(2000, 1, 1)
_DAY = np.timedelta64(1, "D")
_DECIMALS = {"co": 1}


@dataclass(frozen=True)
class Panel:
    """Values of places on equal steps.

    Attributes
    ----------
    grain : 'day' or 'hour'
    times : DatetimeIndex (T,)
        Beijing days without a zone, or ends of hours in UTC; none left out.
    places : DataFrame (P rows)
        level, place; stations by code, then districts, then the city.
    items : tuple of str
    values : float array (T, P, items)
        µg/m³, CO mg/m³; NaN where missing.
    """

    grain: str
    times: pd.DatetimeIndex
    places: pd.DataFrame
    items: tuple[str, ...]
    values: np.ndarray

    def columns(self, level: str) -> np.ndarray:
        """Places of a level, as numbers of their columns."""
        return np.flatnonzero(self.places["level"] == level)

    def targets(self, leads: np.ndarray) -> pd.DatetimeIndex:
        """Ends of the periods ``leads`` steps after the last one, in UTC."""
        return self.ends(len(self.times) - 1 + leads)

    def ends(self, rows: np.ndarray) -> pd.DatetimeIndex:
        """Ends of the periods of some rows, those after the last too, in UTC."""
        if self.grain == "hour":
            return self.times[0] + pd.to_timedelta(rows, unit="h")
        days = self.times[0] + pd.to_timedelta(rows + 1, unit="D")
        return days.tz_localize("Asia/Shanghai").tz_convert("UTC")

    def until(self, row: int) -> "Panel":
        """The same as it was known at the end of a row."""
        return Panel(self.grain, self.times[: row + 1], self.places, self.items, self.values[: row + 1])

    @cached_property
    def aqi(self) -> np.ndarray:
        """AQI of each value, array (T, P); NaN none."""
        return rated(self, np.arange(len(self.times)), self.values)[0]


def rated(panel: Panel, rows: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AQI and primary pollutants of concentrations.

    Parameters
    ----------
    rows : int array (n,)
        Steps of the panel that they are of, those after its last too.
    values : array (n, …, items)

    Returns
    -------
    aqi, primary : array (n, …)
        Whole numbers, NaN none; symbols joined by ";".
    """
    flat = values.reshape(-1, values.shape[-1]).astype(float)
    table = pd.DataFrame(flat, columns=list(panel.items))
    ends = panel.ends(np.asarray(rows)).repeat(len(flat) // max(len(rows), 1))
    method = settings().aqi_2012_method
    if panel.grain == "hour":
        found = hourly_aqi(table.assign(time=ends), method=method)
    else:
        found = daily_aqi(table.assign(day=beijing_day(ends)), method=method)
    shape = values.shape[:-1]
    return found["aqi"].to_numpy(float).reshape(shape), found["primary"].to_numpy(object).reshape(shape)


def last_day(as_of: pd.Timestamp) -> dt.date:
    """The last Beijing day that is over at an instant."""
    return (beijing_day(as_of + pd.Timedelta(seconds=1)) - _DAY).astype(dt.date)


def daily(home: Home, scope: Scope, as_of: pd.Timestamp) -> Panel:
    """Daily values of all stations of the home's city, its districts and of the city, of the days over at ``as_of``.

    A district's value is the mean of its stations, the city's that of its evaluation sites, by the rule of HJ 663.

    Raises
    ------
    InputError
        There is no reading.
    """
    stations = air.stations(home, scope, home.city)
    rows = air.daily(home, scope, FIRST, last_day(as_of), stations=stations["code"].tolist())
    rows = rows[rows[list(DAY_ITEMS)].notna().any(axis=1)]
    if rows.empty:
        raise InputError(f"no air reading of {home.city} before {as_of.isoformat()}; import some first")
    day = rows["day"].to_numpy(dtype="datetime64[D]")
    row = (day - day.min()).astype(int)
    cube = _cube(rows, row, stations["code"], DAY_ITEMS)
    times = pd.DatetimeIndex(day.min() + np.arange(len(cube)))
    return _with_means("day", times, stations, cube, DAY_ITEMS, LEVELS[1:], home.city)


def hourly(home: Home, scope: Scope, as_of: pd.Timestamp, days: int) -> Panel:
    """Hourly values of all stations of the home's city and of the city, of the last ``days`` days up to ``as_of``.

    Raises
    ------
    InputError
        There is no reading in them.
    """
    stations = air.stations(home, scope, home.city)
    last = as_of.tz_convert("UTC").floor("h")
    rows = air.hourly(home, scope, last - pd.Timedelta(days=days), last, stations=stations["code"].tolist())
    if rows.empty:
        raise InputError(f"no air reading of {home.city} in the {days} days before {as_of.isoformat()}")
    begin = rows["time"].min()
    row = ((rows["time"] - begin) // pd.Timedelta(hours=1)).to_numpy()
    cube = _cube(rows, row, stations["code"], ITEMS)
    times = pd.date_range(begin, periods=len(cube), freq="h")
    return _with_means("hour", times, stations, cube, ITEMS, LEVELS[2:], home.city)


def _cube(rows: pd.DataFrame, row: np.ndarray, codes: pd.Series, items: Sequence[str]) -> np.ndarray:
    cube = np.full((row.max() + 1, len(codes), len(items)), np.nan)
    cube[row, pd.Index(codes).get_indexer(rows["station"])] = rows[list(items)].to_numpy(float)
    return cube


def _with_means(grain, times, stations: pd.DataFrame, cube, items, levels, city) -> Panel:
    seen = np.isfinite(cube).any(axis=(0, 2))  # a station without any reading has no forecast
    groups = {("station", code): None for code in stations["code"][seen]}
    parts = [cube[:, seen]]
    days = times.to_numpy() if grain == "day" else beijing_day(times)
    for level, name, columns in _groups(stations, levels, city):
        if seen[columns].any():
            groups[level, name] = None
            parts.append(_mean(cube[:, columns], days, items)[:, None])
    places = pd.DataFrame(list(groups), columns=["level", "place"])
    return Panel(grain, times, places, tuple(items), np.concatenate(parts, axis=1).astype(np.float32))


def _groups(stations: pd.DataFrame, levels, city: str):
    if "district" in levels:
        for name, table in stations.groupby("district", sort=True):
            yield "district", name, table.index.to_numpy()
    yield "city", city, np.flatnonzero(stations["evaluation"])


def _mean(cube: np.ndarray, days: np.ndarray, items: Sequence[str]) -> np.ndarray:
    """Mean over sites, array (T, items): of the sites in service enough must have a value."""
    days = days.astype("datetime64[D]").astype(int)
    seen = np.isfinite(cube).any(axis=2)
    first, last = seen.argmax(axis=0), len(seen) - 1 - seen[::-1].argmax(axis=0)
    closed = days[last] + settings().closed_after_days
    sites = (seen.any(axis=0) & (days[first] <= days[:, None]) & (days[:, None] <= closed)).sum(axis=1)
    share = {"share": settings().city_site_share, "share_few": settings().city_site_share_few}
    means = [
        statistics.city_mean(cube[:, :, at], decimals=_DECIMALS.get(item, 0), sites=sites, **share)[0]
        for at, item in enumerate(items)
    ]
    return np.where(sites[:, None] > 0, np.column_stack(means), np.nan)
