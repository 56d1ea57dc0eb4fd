"""Hourly concentrations of the simulated city.

City-wide air comes from the season and the weather: particles gather under weak ventilation and are washed out by rain,
ozone follows radiation and temperature, NO2 follows traffic and the mixing layer and eats ozone at night. Each station
adds its place (town or country), noise that neighbours share, noise of its own, and gaps.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.city.noise import HOURS, day_numbers, generator, red, trailing, white
from shuzhi.city.stations import distance_to_centre, distances
from shuzhi.city.weather import Weather, city_weather, normal
from shuzhi.settings import DATA

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")

_CITY_LEAD_DAYS = 16
_FIELD_LEAD_DAYS = 3
_OUTAGE_LEAD_DAYS = 9

_FIELD_MEMORY = 6
_FIELD_REACH_KM = 22
"""Memory [h] and reach of the noise that neighbouring stations share."""

_LN_VENTILATION = 6.0
"""Logarithm of wind speed × mixing height [m²/s] about which the seasons of climate.csv are meant."""

_MOST_MADE = 186
"""Ozone that the strongest sun makes [µg/m³]."""

_TREND_FROM, _TREND_DEPTH, _TREND_YEARS = 2025.0, 0.22, 3.5
"""Emissions fall from this year on, first by about 6 % a year, in the end by the depth."""


@dataclass(frozen=True)
class Sites:
    """What the model needs to know of the stations; arrays of one value a station."""

    codes: list[str]
    urban: np.ndarray
    background: np.ndarray
    micro: np.ndarray
    shared: np.ndarray
    """Matrix that turns white noise into noise shared by neighbours."""
    factors: dict[str, np.ndarray]
    """Lasting deviation of a station by item, about 1."""


def sites(seed: int, table: pd.DataFrame) -> Sites:
    """The stations of the register, with their lasting properties."""
    urban = np.exp(-((distance_to_centre(table) / 24) ** 1.3))
    background, micro = (table["对照点"] == "Y").to_numpy(), (table["网络"] == "微站").to_numpy()
    shared = np.linalg.cholesky(np.exp(-distances(table) / _FIELD_REACH_KM) + 1e-9 * np.eye(len(table)))
    random = generator(seed, 20).standard_normal((len(table), len(ITEMS)))
    spread = {"pm25": 0.05, "pm10": 0.07, "so2": 0.12, "no2": 0.11, "co": 0.08, "o3": 0.035}
    factors = {item: np.exp(spread[item] * np.where(micro, 1.9, 1.0) * random[:, i]) for i, item in enumerate(ITEMS)}
    return Sites(table["监测点编码"].tolist(), urban, background, micro, shared, factors)


def concentrations(seed: int, place: Sites, first: dt.date, last: dt.date) -> dict[str, np.ndarray]:
    """Hourly readings of the calendar days from `first` to `last`, as the stations report them.

    Returns
    -------
    dict of arrays, shape (24 × days, stations), by item; row 0 is the stamp `first` 00:00
        µg/m³ as whole numbers, CO mg/m³ with one decimal, NaN where the station is silent.
    """
    start = first - dt.timedelta(days=_CITY_LEAD_DAYS)
    keep = slice(_CITY_LEAD_DAYS * HOURS, None)
    city = {name: array[keep, None] for name, array in _city_air(city_weather(seed, start, last)).items()}
    noise = _noise(seed, place, first, last)
    air = _station_air(city, place, noise)
    days = day_numbers(first, last)
    air = _report(air)
    silent = outages(seed, place.micro, first, last)
    lost = np.abs(white(seed, 31, days, len(ITEMS) * len(place.codes))) > 2.93
    for i, item in enumerate(ITEMS):
        air[item][silent | lost[:, i :: len(ITEMS)]] = np.nan
    return air


def outages(seed: int, micro: np.ndarray, first: dt.date, last: dt.date) -> np.ndarray:
    """Hours in which a station sends nothing: a few now and then, rarely days. A mask, (24 × days, stations)."""
    days = day_numbers(first - dt.timedelta(days=_OUTAGE_LEAD_DAYS), last)
    mask = np.zeros((len(days) * HOURS, len(micro)), bool)
    for i, day in enumerate(days):
        random = generator(seed, 30, day)
        chance, begin, length, long = random.random((4, len(micro)))
        hours = np.where(long < 0.06, 24 + 150 * length, 1 + 9 * length**2)
        for station in np.flatnonzero(chance < np.where(micro, 0.033, 0.02)):
            at = i * HOURS + int(begin[station] * HOURS)
            mask[at : at + int(hours[station]), station] = True
    return mask[_OUTAGE_LEAD_DAYS * HOURS :]


def year_targets(year: int) -> dict[str, float]:
    """Targets that a bureau would set for a year of this city: good days, annual PM2.5 [µg/m³]."""
    share = float(_trend(np.array(year + 0.5)))
    return {"good_days": round(288 + 60 * (1 - share)), "pm25": round(35.5 * share, 1)}


def _years(times: pd.DatetimeIndex) -> np.ndarray:
    return times.year.to_numpy() + times.day_of_year.to_numpy() / 365.25


def _trend(years: np.ndarray) -> np.ndarray:
    """Emissions as a share of those of the first year."""
    years = years - _TREND_FROM
    return 1 - _TREND_DEPTH * (1 - np.exp(-np.clip(years, 0, None) / _TREND_YEARS))


def _profile(column: str, times: pd.DatetimeIndex) -> np.ndarray:
    """A day's course from data/city/diurnal.csv, for the hour that ends at `times`."""
    table = pd.read_csv(DATA / "city" / "diurnal.csv", index_col="hour")[column].to_numpy()
    return table[(times.hour.to_numpy() - 1) % HOURS]


def _city_air(weather: Weather) -> dict[str, np.ndarray]:
    """The city's own part of each item, and what stations scale it by."""
    times, trend = weather.times, _trend(_years(weather.times))
    ventilation = np.log(weather["wind_speed"] * weather["mixing_height"]) - _LN_VENTILATION
    stale = -trailing(ventilation, 30)
    washed = trailing(np.minimum(weather["precipitation"], 4), 14)
    gathering = 0.56 * stale - 0.12 * (ventilation + stale) + 0.40 * weather.processes["particles"]
    pm25 = normal("pm25", times) * trend * np.exp(gathering - 0.85 * np.minimum(washed, 1.1))
    dry = np.exp(-1.6 * washed) * (1.15 - 0.4 * weather["humidity"] / 100)
    gusts = 1 + 0.10 * np.clip(weather["wind_speed"] - 1.2, 0, 3)
    coarse = normal("coarse", times) * dry * gusts * _profile("activity", times) * (0.5 * pm25 + 10) * trend
    mixing = np.exp(-0.30 * ventilation + 0.16 * stale)
    sunlit = 1 - 0.30 * np.minimum(weather["radiation"] / 700, 1)
    slow_traffic = trailing(_profile("traffic", times), 1.2)
    no2 = normal("no2", times) * trend * slow_traffic * mixing * sunlit
    load = np.exp(0.5 * gathering)
    so2 = normal("so2", times) * trend * load**0.5 * _profile("activity", times) ** 0.6
    co = normal("co", times) * load**0.9 * (0.75 + 0.25 * slow_traffic)
    return {"pm25": pm25, "coarse": coarse, "no2": no2, "so2": so2, "co": co} | _ozone(weather, stale)


def _ozone(weather: Weather, stale: np.ndarray) -> dict[str, np.ndarray]:
    """Regional ozone, the part made by the sun, and how well the ground is joined to the air above."""
    heat = np.exp(0.034 * (weather["temperature"] - 25))
    sunlight = trailing(weather["radiation"], 2.6) / 600
    drive = sunlight * heat * np.exp(0.22 * weather.processes["oxidant"] + 0.10 * np.clip(stale, -1, 1))
    made = _MOST_MADE * (1 - np.exp(-0.62 * drive))
    joined = np.clip(weather["mixing_height"] / 750, 0.48, 1)
    regional = normal("o3", weather.times) * np.exp(0.10 * weather.processes["oxidant"])
    return {"o3_made": made, "o3_regional": regional, "joined": joined}


def _noise(seed: int, place: Sites, first: dt.date, last: dt.date) -> dict[str, np.ndarray]:
    """By name, noise shared by neighbours (`particles`, `traffic`, `ozone`) and each station's own."""
    n = len(place.codes)
    start = first - dt.timedelta(days=_FIELD_LEAD_DAYS)
    keep = slice(_FIELD_LEAD_DAYS * HOURS, None)
    shared = {
        name: red(white(seed, 21 + i, day_numbers(start, last), n), _FIELD_MEMORY)[keep] @ place.shared.T
        for i, name in enumerate(("particles", "traffic", "ozone"))
    }
    own = white(seed, 25, day_numbers(first, last), n * len(ITEMS)).reshape(-1, n, len(ITEMS))
    restless = np.where(place.micro, 2.2, 1.0)
    return shared | {item: own[:, :, i] * restless for i, item in enumerate(ITEMS)}


def _station_air(city: dict, place: Sites, noise: dict) -> dict[str, np.ndarray]:
    urban, factor = place.urban, place.factors
    country = np.where(place.background, 0.62, 0.84 + 0.19 * urban)
    pm25 = city["pm25"] * country * factor["pm25"] * np.exp(0.15 * noise["particles"] + 0.05 * noise["pm25"])
    rough = np.where(place.background, 0.6, 0.88 + 0.14 * urban) * factor["pm10"]
    coarse = city["coarse"] * rough * np.exp(0.15 * noise["particles"] + 0.12 * noise["pm10"])
    town = np.where(place.background, 0.30, 0.42 + 0.72 * urban) * factor["no2"]
    no2 = city["no2"] * town * np.exp(0.20 * noise["traffic"] + 0.06 * noise["no2"])
    so2 = city["so2"] * (0.92 + 0.1 * urban) * factor["so2"] * np.exp(0.15 * noise["traffic"] + 0.10 * noise["so2"])
    co = city["co"] * (0.88 + 0.14 * urban) * factor["co"] * np.exp(0.08 * noise["traffic"] + 0.04 * noise["co"])
    made = city["o3_made"] * (1.04 - 0.06 * urban) * np.exp(0.10 * noise["ozone"])
    joined = np.where(place.background, np.maximum(city["joined"], 0.8), city["joined"])
    # NO2 stands for the NO of fresh exhaust: it takes ozone where the ground is cut off from the air above.
    eaten = no2 * (0.75 - 0.62 * joined)
    o3 = (city["o3_regional"] * joined + made - eaten) * factor["o3"] + 1.5 * noise["o3"]
    return {"pm25": pm25, "pm10": pm25 + coarse, "so2": so2, "no2": no2, "co": co, "o3": _floor(o3, 4)}


def _floor(x: np.ndarray, softness: float) -> np.ndarray:
    """Values bent so that they stay above 1, as an instrument near its limit reads."""
    return 1 + softness * np.logaddexp(0, (x - 1) / softness)


def _report(air: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Values as published: whole µg/m³, CO mg/m³ with one decimal; PM10 above PM2.5."""
    low = {"pm25": 2, "pm10": 4, "so2": 2, "no2": 3, "co": 0.2, "o3": 1}
    reported = {item: np.maximum(np.round(air[item], 1 if item == "co" else 0), low[item]) for item in ITEMS}
    reported["pm10"] = np.maximum(reported["pm10"], reported["pm25"] + 1)
    return reported
