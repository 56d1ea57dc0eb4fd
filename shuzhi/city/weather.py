"""Hourly weather of the simulated city: a plain in a basin, cloudy, humid, with weak winds.

A few city-wide processes with a memory of hours to days (cloud, fronts, warmth, wind, showers) drive radiation, and
radiation drives temperature and the mixing layer. Stations differ from the city by their height and by local noise.
"""

import csv
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.city.noise import HOURS, day_numbers, red, trailing, white
from shuzhi.settings import DATA

FACTORS = {
    "temperature": 1,
    "humidity": 0,
    "pressure": 1,
    "wind_speed": 1,
    "wind_direction": 0,
    "precipitation": 1,
    "radiation": 0,
    "mixing_height": 0,
}
"""Factor codes and the decimals they are reported with."""

LATITUDE, LONGITUDE = 30.66, 104.07
ELEVATION = 505

_LEAD_DAYS = 110
"""Days before the first one that the slowest kernel needs."""

_SEASONAL_MEMORY = 12 * HOURS
"""Hours over which a process is held to its normal, so that each year has about the same mean."""

_PROCESSES = {"cloud": 36, "front": 55, "warmth": 70, "wind": 9, "shower": 4, "particles": 45, "oxidant": 48}
"""City-wide processes and their memory in hours; the last two are for air.py."""


@dataclass(frozen=True)
class Weather:
    """City-wide weather, arrays of one value an hour; `times` are ends of the hour, Beijing, without zone."""

    times: pd.DatetimeIndex
    values: dict[str, np.ndarray]
    processes: dict[str, np.ndarray]

    def __getitem__(self, factor: str) -> np.ndarray:
        return self.values[factor]


@lru_cache(maxsize=1)
def normals() -> pd.DataFrame:
    """Monthly normals of weather and air (data/city/climate.csv), indexed by month."""
    return pd.read_csv(DATA / "city" / "climate.csv", index_col="month")


def stations() -> list[dict]:
    """The weather stations (气象站) of data/city/weather_stations.csv."""
    with open(DATA / "city" / "weather_stations.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row | {key: float(row[key]) for key in ("lon", "lat", "elevation")} for row in rows]


def normal(column: str, times: pd.DatetimeIndex) -> np.ndarray:
    """A monthly normal at each time, interpolated between the middles of the months."""
    table = normals()[column].to_numpy(float)
    position = (times.day_of_year.to_numpy() - 0.5) / 365.25 * 12
    return np.interp(position, np.arange(14) - 0.5, np.concatenate([table[-1:], table, table[:1]]))


def hours_of(first: dt.date, last: dt.date) -> pd.DatetimeIndex:
    """The stamps 00:00 … 23:00 of the calendar days from `first` to `last`."""
    return pd.date_range(first, last + dt.timedelta(days=1), freq="h", inclusive="left", unit="s")


def sun(times: pd.DatetimeIndex) -> np.ndarray:
    """Sine of the sun's elevation in the middle of the hour that ends at `times`, 0 at night."""
    declination = np.radians(23.45) * np.sin(2 * np.pi * (times.day_of_year.to_numpy() + 284) / 365.25)
    solar_hour = times.hour.to_numpy() - 0.5 + (LONGITUDE - 120) / 15
    angle = np.radians(15 * (solar_hour - 12))
    latitude = np.radians(LATITUDE)
    sine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(angle)
    return np.clip(sine, 0, None)


def clear_sky(sine: np.ndarray) -> np.ndarray:
    """Global radiation under a clear sky [W/m²], Haurwitz (1945)."""
    return 1098 * sine * np.exp(-0.057 / np.maximum(sine, 0.01))


def city_weather(seed: int, first: dt.date, last: dt.date) -> Weather:
    """Weather of the whole city, each hour of the calendar days from `first` to `last`."""
    start = first - dt.timedelta(days=_LEAD_DAYS)
    times = hours_of(start, last)
    process = _processes(seed, day_numbers(start, last))
    cloud = _cloud(process, times)
    rain = rain_of(wetness(process, times), normal("rain", times))
    cloud = np.maximum(cloud, np.where(rain > 0, 0.88, 0))
    radiation = clear_sky(sun(times)) * (0.92 - 0.80 * cloud**1.5)
    values = {"radiation": radiation, "precipitation": rain}
    values["wind_speed"] = _wind_speed(process, times)
    values["wind_direction"] = _wind_direction(seed, start, last)
    values["temperature"], values["humidity"] = _warmth(process, times, radiation, rain)
    values["pressure"] = _pressure(process, times, values["temperature"])
    values["mixing_height"] = 140 + 90 * values["wind_speed"] + 1.45 * trailing(radiation, 2.5)
    keep = slice(_LEAD_DAYS * HOURS, None)
    return Weather(
        times[keep],
        {name: array[keep] for name, array in values.items()},
        {name: array[keep] for name, array in process.items()},
    )


def station_weather(seed: int, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Weather by station of the Beijing days from `first` to `last` (stamps 01:00 … 00:00); some hours are missing.

    Returns
    -------
    DataFrame
        `station`, `time` (end of the hour, Beijing, without zone) and the factor codes, units as in
        data/standards/factors.csv.
    """
    last += dt.timedelta(days=1)
    city, sites, days = city_weather(seed, first, last), stations(), day_numbers(first, last)
    height = np.array([site["elevation"] for site in sites]) - ELEVATION
    table = pd.DataFrame()
    for i, (factor, decimals) in enumerate(FACTORS.items()):
        noise = white(seed, 100 + i, days, len(sites))
        table[factor] = np.round(local(factor, city[factor][:, None], height, noise), decimals).ravel()
    table.insert(0, "station", np.tile([site["code"] for site in sites], len(city.times)))
    table.insert(1, "time", np.repeat(city.times.to_numpy(), len(sites)))
    present = np.abs(white(seed, 120, days, len(sites))).ravel() <= 2.9
    of_days = (table["time"] > city.times[0]) & (table["time"] <= pd.Timestamp(last))
    return table[present & of_days].reset_index(drop=True)


def _processes(seed: int, days: np.ndarray) -> dict[str, np.ndarray]:
    noise = white(seed, 1, days, len(_PROCESSES))
    return {name: _process(noise[:, i], tau) for i, (name, tau) in enumerate(_PROCESSES.items())}


def _process(noise: np.ndarray, tau: float) -> np.ndarray:
    """Noise with memory `tau`, smooth from hour to hour, without slow drift, of about unit variance."""
    fast = trailing(red(noise, tau), 2.5) * np.sqrt(1 + 2.5 / tau)
    return (fast - trailing(fast, _SEASONAL_MEMORY)) * np.sqrt(1 + tau / _SEASONAL_MEMORY)


def _cloud(process: dict, times: pd.DatetimeIndex) -> np.ndarray:
    """Cloud cover, 0 to 1."""
    share = normal("cloud", times)
    odds = np.log(share / (1 - share)) * 1.3 + 1.9 * (0.85 * process["cloud"] - 0.52 * process["front"])
    return 1 / (1 + np.exp(-odds))


def wetness(process: dict, times: pd.DatetimeIndex) -> np.ndarray:
    """How ready it is to rain; showers need cloud and a front, and fall at night more often (巴山夜雨)."""
    at_night = 0.35 * np.cos(2 * np.pi * (times.hour.to_numpy() - 3) / 24)
    return 0.75 * process["cloud"] - 0.6 * process["front"] + 0.7 * process["shower"] + at_night


def rain_of(wet: np.ndarray, month_sum: np.ndarray) -> np.ndarray:
    """Precipitation [mm/h] of a wetness, where the month has so much rain [mm]."""
    threshold = 1.55 - 0.003 * np.minimum(month_sum, 200)
    excess = np.clip(wet - threshold, 0, None)
    amount = (0.15 + 0.014 * month_sum) * excess**1.5
    return np.where(amount < 0.05, 0, amount)


def _wind_speed(process: dict, times: pd.DatetimeIndex) -> np.ndarray:
    by_day = 0.22 * np.cos(2 * np.pi * (times.hour.to_numpy() - 16) / 24)
    return normal("wind_speed", times) * 0.93 * np.exp(0.36 * process["wind"] - 0.16 * process["front"] + by_day)


def _wind_direction(seed: int, first: dt.date, last: dt.date) -> np.ndarray:
    """Direction the wind comes from [°]: mostly north-north-east, turning with slow noise."""
    noise = red(white(seed, 2, day_numbers(first, last), 2), 7)
    east, north = 0.25 + 0.75 * noise[:, 0], 0.75 + 0.95 * noise[:, 1]
    return np.degrees(np.arctan2(east, north)) % 360


def _warmth(process: dict, times: pd.DatetimeIndex, radiation: np.ndarray, rain: np.ndarray):
    """Temperature [°C] and relative humidity [%]."""
    mean = normal("temperature", times)
    heating = 0.021 * (trailing(radiation, 5) - normal("radiation", times))
    cooling = 1.2 * np.minimum(trailing(rain, 4), 1.5)
    slow = 1.9 * process["warmth"] + 0.9 * process["front"]
    temperature = mean + slow + heating - cooling
    depression = 4.4 * (1 - normal("humidity", times) / 100) / 0.21
    dew_point = mean + slow - depression + 2.0 * process["cloud"] + cooling
    humidity = 100 * _vapour(dew_point) / _vapour(temperature)
    return temperature, np.clip(humidity, 22, 99)


def _vapour(temperature: np.ndarray) -> np.ndarray:
    """Saturation vapour pressure [hPa], Magnus formula."""
    return 6.112 * np.exp(17.62 * temperature / (243.12 + temperature))


def _pressure(process: dict, times: pd.DatetimeIndex, temperature: np.ndarray) -> np.ndarray:
    tide = 1.1 * np.cos(4 * np.pi * (times.hour.to_numpy() - 10) / 24)
    return (
        normal("pressure", times) + 2.6 * process["front"] - 0.25 * (temperature - normal("temperature", times)) + tide
    )


def local(factor: str, city: np.ndarray, height: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """A station's value from the city's."""
    if factor == "temperature":
        return city - 0.0055 * height + 0.35 * noise
    if factor == "humidity":
        return np.clip(city + 0.01 * height + 2 * noise, 20, 100)
    if factor == "pressure":
        return city - 0.113 * height + 0.15 * noise
    if factor == "wind_direction":
        return (city + 22 * noise) % 359.5
    if factor == "precipitation":
        return city * np.exp(0.5 * noise)
    spread = {"wind_speed": 0.18, "radiation": 0.06, "mixing_height": 0.05}[factor]
    return city * np.exp(spread * noise)
