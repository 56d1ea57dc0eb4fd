"""Writes the simulated city in the formats that the doors read: the national hourly archive, weather, stations."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from shuzhi.city.noise import HOURS
from shuzhi.city.stations import CITY
from shuzhi.settings import BEIJING
from shuzhi.standards.aqi import hourly_aqi
from shuzhi.standards.rounding import round_half_even

SYMBOLS = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "o3": "O3", "co": "CO"}
"""Items in the order of the archive, and their names there."""

_CELL = 5
"""Bytes of the widest cell, its comma included: values up to 9999."""


def archive_columns(air: dict, lead: dict | None, times: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """All types of the archive, in its order, from the hourly readings.

    As in the published archive, `X_24h` is the mean of the 24 hours that end at the stamp, `O3_24h` their maximum,
    `O3_8h` a mean that begins anew at 01:00, `O3_8h_24h` its maximum since 01:00; none of them asks for validity.

    Parameters
    ----------
    air : dict of arrays, shape (24 × days, stations), by item, row 0 at 00:00
    lead : dict of arrays, shape (24, stations)
        The 24 hours before; None if there are none.
    times : stamps of the rows, Beijing, without zone

    Returns
    -------
    dict of arrays like those of `air`, by type; NaN where a station is silent
    """
    stations = air["o3"].shape[1]
    before = lead or {item: np.full((HOURS, stations), np.nan) for item in SYMBOLS}
    long = {item: np.concatenate([before[item], air[item]]) for item in SYMBOLS}
    columns = {"AQI": _hourly_index(air, times)}
    for item, symbol in SYMBOLS.items():
        decimals = 1 if item == "co" else 0
        columns[symbol] = air[item]
        if item != "o3":
            columns[f"{symbol}_24h"] = round_half_even(_mean(long[item], np.full(len(times), HOURS)), decimals)
            continue
        columns["O3_24h"] = _maximum(long["o3"])
        rows = np.arange(len(long["o3"]))
        window = np.minimum(np.minimum((rows - 1) % HOURS + 1, 8), rows + 1)
        eight = round_half_even(_mean(long["o3"], window), 0)
        columns["O3_8h"] = eight[HOURS:]
        columns["O3_8h_24h"] = _maximum_of_day(eight)[HOURS:]
    silent = np.all([np.isnan(air[item]) for item in SYMBOLS], axis=0)
    return {name: np.where(silent, np.nan, values) for name, values in columns.items()}


def write_days(
    folder: Path, columns: dict, codes: list[str], times: pd.DatetimeIndex, wanted: np.ndarray
) -> list[Path]:
    """Write `china_sites_YYYYMMDD.csv` of each day that has `wanted` hours (a mask of the rows); returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    header = ",".join(["date", "hour", "type", *codes]).encode() + b"\n"
    cells = {name: _cells(values, tenths=name.startswith("CO")) for name, values in columns.items()}
    files = []
    for midnight in range(0, len(times), HOURS):
        rows = midnight + np.flatnonzero(wanted[midnight : midnight + HOURS])
        if len(rows):
            files.append(folder / f"china_sites_{times[midnight]:%Y%m%d}.csv")
            replace_file(files[-1], header + _lines(cells, times, rows))
    return files


def write_weather(path: Path, table: pd.DataFrame, stations: list[dict]) -> None:
    """Write hourly weather: station, name, city, lon, lat, time (ISO, Beijing), factors."""
    known = pd.DataFrame(stations).assign(city=CITY).set_index("code")[["name", "city", "lon", "lat"]]
    table = table.join(known, on="station")
    table = table.assign(time=table["time"].dt.strftime("%Y-%m-%dT%H:%M:%S+08:00"))
    front = ["station", *known, "time"]
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, table[front + table.columns.drop(front).tolist()].to_csv(index=False).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old or the new one, never half of it."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _hourly_index(air: dict, times: pd.DatetimeIndex) -> np.ndarray:
    shape = air["o3"].shape
    table = pd.DataFrame({item: air[item].ravel() for item in SYMBOLS})
    table["time"] = np.repeat(times.tz_localize(BEIJING).tz_convert("UTC"), shape[1])
    return hourly_aqi(table)["aqi"].to_numpy().reshape(shape)


def _mean(x: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Mean of the readings in the `window` hours up to each of the last len(window) rows; NaN if there are none."""
    known = np.isfinite(x)
    zero = np.zeros((1, x.shape[1]))
    total = np.concatenate([zero, np.cumsum(np.where(known, x, 0), axis=0)])
    number = np.concatenate([zero, np.cumsum(known, axis=0)])
    end = np.arange(len(x) - len(window), len(x)) + 1
    with np.errstate(invalid="ignore"):
        return (total[end] - total[end - window]) / (number[end] - number[end - window])


def _maximum(x: np.ndarray) -> np.ndarray:
    """Maximum of the 24 hours that end at each row, the first 24 rows of `x` being the lead."""
    rows = len(x) - HOURS
    return np.fmax.reduce([x[HOURS - back : HOURS - back + rows] for back in range(HOURS)])


def _maximum_of_day(x: np.ndarray) -> np.ndarray:
    """Running maximum since 01:00; row 0 is a stamp 00:00."""
    days = np.concatenate([x[1:], x[:1]]).reshape(-1, HOURS, x.shape[1])
    running = np.fmax.accumulate(days, axis=1).reshape(x.shape)
    return np.concatenate([x[:1], running[:-1]])


def _cells(values: np.ndarray, tenths: bool) -> np.ndarray:
    """Cells as bytes with a comma before, padded with zero bytes; shape (hours, stations, 5)."""
    digits = [f",{i / 10:g}" if tenths else f",{i}" for i in range(1000 if tenths else 10000)] + [","]
    table = np.array(digits, f"S{_CELL}").view(np.uint8).reshape(-1, _CELL)
    whole = np.rint(values * 10 if tenths else values)
    return table[np.where(np.isnan(whole), len(digits) - 1, whole).astype(np.int64)]


def _lines(cells: dict, times: pd.DatetimeIndex, rows: np.ndarray) -> bytes:
    """The lines of some hours of a day: hour by hour, in each hour all types."""
    body = np.stack([block[rows].reshape(len(rows), -1) for block in cells.values()], axis=1)
    names = [[f"{times[row]:%Y%m%d},{times[row].hour},{name}" for name in cells] for row in rows]
    labels = np.array(names, "S24").view(np.uint8).reshape(*body.shape[:2], -1)
    ends = np.full((*body.shape[:2], 1), ord("\n"), np.uint8)
    text = np.concatenate([labels, body, ends], axis=2).ravel()
    return text[text != 0].tobytes()
