"""Weather forecasts of the simulated city: what a numerical model would say of the weather that is to come.

The simulation knows its own future. A forecast is that future at the weather stations, in steps of three hours, plus an
error that walks away from it along the lead. What nobody can know, the noise of a single station, is not in it.
"""

import datetime as dt
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from shuzhi.city.noise import generator
from shuzhi.city.plan import Plan
from shuzhi.city.stations import CITY
from shuzhi.city.weather import (
    ELEVATION,
    FACTORS,
    Weather,
    city_weather,
    clear_sky,
    local,
    normal,
    rain_of,
    stations,
    sun,
    wetness,
)
from shuzhi.ingest import service
from shuzhi.progress import Progress, silent
from shuzhi.settings import BEIJING, DATA
from shuzhi.store import Home

PRODUCT = "数值预报（模拟）"

HOURS = (8, 20)
"""Beijing hours in which an issue is made."""

BACK = 30
"""Days before the building for which there is the issue of the evening too; earlier ones have that of the morning."""

STEP, REACH = 3, 192
"""Hours of a step, and of the whole forecast: seven whole days after that of the issue, also from the morning on."""

SHARE = 0.12
"""Variance of the error after a day, in variances of the climate; it grows with the lead."""

_STREAM = 130
_TOGETHER = 0.85  # correlation of a station's error with that of the whole city
_CLEARNESS = (0.08, 0.95)
_LOWEST_LAYER = 50
_DAY = dt.timedelta(days=1)


def extend(
    home: Home, plan: Plan, folder: Path, since: dt.datetime, until: dt.datetime, progress: Progress = silent
) -> None:
    """Write the issues that were made after `since` up to `until`, a file a month, and take them in."""
    made = issues(since, until)
    months = made.to_period("M").unique()
    for done, month in enumerate(months):
        of_month = made[made.to_period("M") == month]
        path = folder / "weather_forecast" / f"weather_forecast_{of_month[-1]:%Y%m%d%H}.csv"
        progress(done, len(months), path.name)
        _write(path, forecasts(plan.seed, of_month))
        service.import_weather_forecast(home, path, origin="simulated")


def issues(since: dt.datetime, until: dt.datetime) -> pd.DatetimeIndex:
    """When issues are made after `since` up to `until`; Beijing, without zone."""
    since, until = (pd.Timestamp(moment.astimezone(BEIJING)).tz_localize(None) for moment in (since, until))
    days = pd.date_range(since.normalize(), until.normalize())
    morning, evening = (days + pd.Timedelta(hours=hour) for hour in HOURS)
    made = morning.append(evening[evening > until - BACK * _DAY]).sort_values()
    return made[(made > since) & (made <= until)]


def forecasts(seed: int, made: pd.DatetimeIndex) -> pd.DataFrame:
    """What the issues of a month say.

    Parameters
    ----------
    made : DatetimeIndex
        Issues of one calendar month, Beijing, without zone.

    Returns
    -------
    DataFrame
        station, issue and time (end of the three hours; Beijing, without zone), and the factors of `weather.FACTORS`:
        means of the three hours, of precipitation their sum.
    """
    first = made[0].to_period("M")  # always the whole month, so that nothing depends on when it was made
    city = city_weather(seed, first.start_time.date(), first.end_time.date() + (REACH // 24 + 1) * _DAY)
    begin = np.asarray((made - city.times[0]) // pd.Timedelta(hours=1))
    rows = (begin[:, None] + 1 + np.arange(REACH)).reshape(len(made), -1, STEP)
    values = _values(city, rows, errors(seed, made))
    codes = [site["code"] for site in stations()]
    shape = (*rows.shape[:2], len(codes))
    ends = np.broadcast_to(city.times.to_numpy()[rows[:, :, -1]][:, :, None], shape)
    table = {"station": np.broadcast_to(codes, shape), "issue": np.broadcast_to(made.to_numpy()[:, None, None], shape)}
    table |= {"time": ends, **{name: np.round(values[name], digits) for name, digits in FACTORS.items()}}
    return pd.DataFrame({name: column.ravel() for name, column in table.items()})


def errors(seed: int, made: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """Errors of the issues, by quantity of data/city/forecast_errors.csv, in its units; (issues, steps, stations)."""
    table, count = _spreads(), len(stations())
    draws = np.stack([_draw(seed, moment, len(table), count) for moment in made])
    common, own = draws[:, :, :1], draws[:, :, 1:]
    walks = np.sqrt(_TOGETHER) * common + np.sqrt(1 - _TOGETHER) * own
    walks = np.cumsum(walks, axis=3) * np.sqrt(SHARE * STEP / 24)
    shared = table["with_clearness"].to_numpy()[:, None, None]
    walks = shared * walks[:, :1] + np.sqrt(1 - shared**2) * walks
    return {name: spread * walks[:, i].swapaxes(1, 2) for i, (name, spread) in enumerate(table["spread"].items())}


def _draw(seed: int, moment: pd.Timestamp, quantities: int, count: int) -> np.ndarray:
    """Steps of the walks of one issue: the city's first, then each station's."""
    random = generator(seed, _STREAM + HOURS.index(moment.hour), moment.toordinal())
    return random.standard_normal((quantities, 1 + count, REACH // STEP))


@lru_cache(maxsize=1)
def _spreads() -> pd.DataFrame:
    return pd.read_csv(DATA / "city" / "forecast_errors.csv", index_col="quantity")


def _values(city: Weather, rows: np.ndarray, error: dict) -> dict[str, np.ndarray]:
    """Values of each step; `rows` are the hours in it, shape (issues, steps, 3)."""
    height = np.array([site["elevation"] for site in stations()]) - ELEVATION

    def true(factor: str) -> np.ndarray:
        return local(factor, city[factor][rows].mean(axis=2)[:, :, None], height, np.zeros(len(height)))

    return {
        "temperature": true("temperature") + error["temperature"],
        "humidity": np.clip(true("humidity") + error["humidity"], 0, 100),
        "pressure": true("pressure") + error["pressure"],
        "wind_speed": true("wind_speed") * np.exp(error["wind_speed"]),
        "wind_direction": (_direction(city, rows)[:, :, None] + error["wind_direction"]) % 360,
        "precipitation": _rain(city, rows, error["wetness"]),
        "radiation": _radiation(city, rows, error["clearness"]),
        "mixing_height": np.maximum(true("mixing_height") * np.exp(error["mixing_height"]), _LOWEST_LAYER),
    }


def _direction(city: Weather, rows: np.ndarray) -> np.ndarray:
    angle, speed = np.radians(city["wind_direction"][rows]), city["wind_speed"][rows]
    return np.degrees(np.arctan2((speed * np.sin(angle)).sum(axis=2), (speed * np.cos(angle)).sum(axis=2)))


def _rain(city: Weather, rows: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Sum of the rain [mm]; the longer the lead, the more often it is told where it stays dry, and the reverse.

    The wetness is kept at its variance, so that the model is no wetter in a week than tomorrow.
    """
    lead = (1 + np.arange(rows.shape[1])) * STEP / 24
    wet = wetness(city.processes, city.times)[rows][:, :, :, None] + error[:, :, None]
    wet /= np.sqrt(1 + SHARE * lead)[:, None, None]
    return rain_of(wet, normal("rain", city.times)[rows][:, :, :, None]).sum(axis=2)


def _radiation(city: Weather, rows: np.ndarray, error: np.ndarray) -> np.ndarray:
    clear = clear_sky(sun(city.times))[rows].mean(axis=2)[:, :, None]
    radiation = city["radiation"][rows].mean(axis=2)[:, :, None]
    share = np.divide(radiation, clear, out=np.zeros_like(clear), where=clear > 0)
    return clear * np.clip(share + error, *_CLEARNESS)


def _write(path: Path, table: pd.DataFrame) -> None:
    """Write a file: product, station, its name and position, issue and time (ISO, Beijing), factors."""
    known = pd.DataFrame(stations()).assign(city=CITY).set_index("code")[["name", "city", "lon", "lat"]]
    front = {"product": PRODUCT, "station": table["station"]}
    front |= {name: known[name].reindex(table["station"]).to_numpy() for name in known}
    front |= {name: _iso(table[name]) for name in ("issue", "time")}
    rows = pd.concat([pd.DataFrame(front, index=table.index), table[list(FACTORS)]], axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    csv.write_csv(pa.Table.from_pandas(rows, preserve_index=False), part, csv.WriteOptions(quoting_style="none"))
    part.replace(path)


def _iso(times: pd.Series) -> np.ndarray:
    places, moments = pd.factorize(times)
    return np.asarray(pd.DatetimeIndex(moments).strftime("%Y-%m-%dT%H:%M:%S+08:00"), dtype=object)[places]
