"""Frames (回放帧): what a map needs to show its stations at any of the last hours, as compact JSON."""

import json

import numpy as np
import pandas as pd

from shuzhi.settings import BEIJING
from shuzhi.status import air
from shuzhi.status.snapshot import HOUR, Window, window
from shuzhi.store import Home, Scope

HOURS = 72
DECIMALS = {"co": 1}


def frames(
    home: Home, scope: Scope, end: pd.Timestamp, hours: int = HOURS, factor: str = "aqi", edition: str = "auto"
) -> str:
    """Stations and their readings of the `hours` hours that end with `end`, as JSON.

    Returns
    -------
    str
        ``first`` and ``end`` (Beijing, end of the hour), ``hours``, ``factor``, ``decimals``; ``stations``: rows of
        code, name, network, district, lon, lat; ``value``: a list an hour (null = none); ``level`` and ``age``: a
        string an hour with one character a station, level 0…6, hours since the reading or "-"; ``city``: ``aqi`` and
        ``level`` of the city's hours. Stations without a position are left out.
    """
    seen = window(home, scope, end, hours, factor, edition)
    placed = seen.stations[["lon", "lat"]].notna().all(axis=1).to_numpy()
    body = {
        "first": beijing(seen.times[0]),
        "end": beijing(seen.times[-1]),
        "hours": hours,
        "factor": factor,
        "decimals": DECIMALS.get(factor, 0),
        "stations": _stations(seen.stations[placed]),
        **_readings(seen, placed, DECIMALS.get(factor, 0)),
        "city": _city(home, scope, seen.times, edition),
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _stations(table: pd.DataFrame) -> list[list]:
    table = table.assign(lon=table["lon"].round(5), lat=table["lat"].round(5))
    rows = table[["code", "name", "network", "district", "lon", "lat"]]
    return rows.astype(object).where(rows.notna(), None).to_numpy().tolist()


def _readings(seen: Window, placed: np.ndarray, decimals: int) -> dict:
    return {
        "value": [_numbers(row, decimals) for row in seen.value[:, placed]],
        "level": ["".join(map(str, row)) for row in seen.level[:, placed].tolist()],
        "age": ["".join("-" if age < 0 else str(age) for age in row) for row in seen.age[:, placed].tolist()],
    }


def _city(home: Home, scope: Scope, times: pd.DatetimeIndex, edition: str) -> dict:
    table = air.city_hourly(home, scope, times[0] - HOUR, times[-1], edition).set_index("time")
    table = table[["aqi", "level"]].reindex(times)
    return {
        "aqi": _numbers(table["aqi"].to_numpy(float), 0),
        "level": "".join(map(str, table["level"].fillna(0).astype(int))),
    }


def _numbers(values: np.ndarray, decimals: int) -> list:
    rounded = np.round(values, decimals)
    cast = float if decimals else int
    return [None if value != value else cast(value) for value in rounded.tolist()]


def beijing(stamp: pd.Timestamp) -> str:
    """An hour as it stands in addresses and frames: ``2019-08-26T15:00``, Beijing."""
    return stamp.tz_convert(BEIJING).strftime("%Y-%m-%dT%H:%M")
