"""Four-hourly surface water of the simulated city, as its automatic stations report it.

Rain and season make the flow, and the flow dilutes what towns and fields give off day by day. Rain after dry weather
washes more into the rivers. What a section gets from upstream arrives later and partly decayed, so that a spill can be
followed down the river. Dissolved oxygen is what water of its temperature can hold, less what decay takes, more or less
what the day's light makes. Lakes answer slowly, and grow algae when it is warm.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.city import sections
from shuzhi.city.noise import HOURS, day_numbers, generator, red, trailing, white
from shuzhi.city.stations import CENTRE
from shuzhi.city.weather import Weather, city_weather, hours_of, normal

STEP = 4
"""Hours between two readings, at 00:00, 04:00 … of Beijing."""

DECIMALS = {
    "water_temperature": 1,
    "ph": 2,
    "do": 2,
    "conductivity": 1,
    "turbidity": 1,
    "codmn": 2,
    "nh3n": 3,
    "tp": 3,
    "tn": 2,
    "chla": 3,
    "algae": 0,
}
"""Items in the order of the national table, and the decimals they are reported with."""

BY_ANALYSER = ("codmn", "nh3n", "tp", "tn")
"""What is measured from a sample in the station's cabinet, and lacks when that is in maintenance."""

LAKE_ONLY = ("chla", "algae")

_LEAD_DAYS = 72
"""Days before the first one that the slowest kernel and the longest way down a river need."""

_SPEED = 2.4
"""Of the water [km/h]."""

_FIELD_MEMORY, _FIELD_REACH_KM = 6, 30
"""Memory [h] and reach of the noise that makes rain differ from place to place."""

_LOAD_MEMORY = 40
"""Hours over which what a reach gives off stays above or below its mean."""

_REACH_KM = 9.0
"""The longest stretch above a section whose own pollution is counted."""

_URBAN_KM = 15


@dataclass(frozen=True)
class Substance:
    """How a substance comes into a river and leaves it; mg/L, turbidity in NTU.

    Parameters
    ----------
    base : float
        What clean water holds.
    country, town : float
        What a kilometre of river adds in dry weather at mean flow, in fields and in the middle of the city.
    wash : float
        What a kilometre adds after rain, for each mm/h that washes.
    decay : float
        Part that is lost in a day.
    cold : float
        Change of the load for each degree that the water is colder than 16 °C.
    least : float
        What is reported where less is found.
    """

    base: float
    country: float
    town: float
    wash: float
    decay: float
    cold: float
    least: float


SUBSTANCES = {
    "codmn": Substance(1.25, 0.013, 0.048, 0.12, 0.16, 0.000, 0.5),
    "nh3n": Substance(0.035, 0.0022, 0.0135, 0.009, 0.55, 0.032, 0.025),
    "tp": Substance(0.022, 0.00085, 0.0023, 0.0054, 0.22, 0.000, 0.005),
    "tn": Substance(1.25, 0.018, 0.045, 0.05, 0.08, 0.012, 0.1),
    "turbidity": Substance(7.0, 0.10, 0.10, 6.0, 1.30, 0.000, 0.5),
}


@dataclass(frozen=True)
class Waters:
    """What the model needs to know of the sections; arrays of one value a section."""

    names: list[str]
    lake: np.ndarray
    urban: np.ndarray
    load: np.ndarray
    """Lasting share of what a kilometre of river gives off, about 1."""
    reach: np.ndarray
    """Kilometres of river above the section whose pollution is its own."""
    mountain: np.ndarray
    """Share of the water that is fresh from the mountains: cold, clear, fed by snow."""
    shared: np.ndarray
    """Matrix that turns white noise into noise shared by neighbours."""
    flows: list[list[sections.Inflow]]
    order: list[int]
    levels: pd.DataFrame
    """Of the lakes: usual tp, tn, chla, codmn and the share of warmth they take (data/city/water_lakes.csv)."""


def waters(seed: int, table: pd.DataFrame) -> Waters:
    """The sections of the register, with their lasting properties."""
    xy = table[["经度", "纬度"]].to_numpy() * sections.KM
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    flows, lake = sections.inflows(table), (table["水体类型"] == sections.LAKE).to_numpy()
    known = sections.rivers()
    load = np.array([float(known[name].about["load"]) if name in known else 1.0 for name in table["河流"]])
    random = generator(seed, 201).standard_normal(len(table))
    levels = pd.DataFrame([sections.lakes()[name] for name in table.loc[lake, "断面名称"]])
    numbers = ["temperature", "tp", "tn", "chla", "codmn"]
    return Waters(
        names=table["断面名称"].tolist(),
        lake=lake,
        urban=np.exp(-((np.hypot(*((xy - np.array(CENTRE) * sections.KM).T)) / _URBAN_KM) ** 1.3)),
        load=load * np.exp(0.40 * random - 0.08),
        reach=_reaches(table, flows),
        mountain=_mountain(table, flows),
        shared=np.linalg.cholesky(np.exp(-apart / _FIELD_REACH_KM) + 1e-9 * np.eye(len(table))),
        flows=flows,
        order=sections.downstream_order(flows),
        levels=levels.reindex(columns=numbers).astype(float),
    )


def year_targets() -> dict[str, float]:
    """Targets that a bureau would set for the water of any year of this city: share of classes Ⅰ–Ⅲ [%]."""
    return {"water_good_share": 98.0}


def conditions(seed: int, place: Waters, first: dt.date, last: dt.date) -> dict[str, np.ndarray]:
    """What is measured every four hours of the calendar days from `first` to `last`, unrounded and without gaps.

    Returns
    -------
    dict of arrays, shape (6 × days, sections), by item; row 0 is the stamp `first` 00:00
        Units as in data/standards/factors.csv; NaN where a section does not measure the item.
    """
    start = first - dt.timedelta(days=_LEAD_DAYS)
    weather, days = city_weather(seed, start, last), day_numbers(start, last)
    rain = _rain(seed, place, weather, days)
    flow = _flow(place, weather, rain)
    temperature = _temperature(seed, place, weather, days)
    water = {"water_temperature": temperature} | _substances(seed, place, days, rain, flow, temperature)
    for item, values in _lakes(seed, place, weather, days, rain).items():
        water.setdefault(item, np.full(temperature.shape, np.nan))[:, place.lake] = values
    light = _light(place, weather, temperature, water["chla"])
    water["do"] = _oxygen(seed, place, days, light, water)
    water["ph"] = _acidity(seed, place, days, light, rain)
    water["conductivity"] = _conductivity(seed, place, days, flow)
    keep = slice(_LEAD_DAYS * HOURS, None, STEP)
    noise = _instruments(seed, day_numbers(first, last), len(place.names))
    return {item: np.maximum(water[item][keep] * noise[item], _LEAST.get(item, 0)) for item in DECIMALS}


_LEAST = {item: substance.least for item, substance in SUBSTANCES.items()}
_LEAST |= {"water_temperature": 1.5, "do": 0.8, "conductivity": 40, "chla": 0.001, "algae": 20_000}


_RESTLESS = {
    "ph": 0.0015,
    "do": 0.006,
    "conductivity": 0.008,
    "turbidity": 0.12,
    "codmn": 0.04,
    "nh3n": 0.05,
    "tp": 0.04,
    "tn": 0.03,
    "chla": 0.06,
    "algae": 0.10,
}
"""By how much a reading differs from the water, as a share of it."""


def times_of(first: dt.date, last: dt.date) -> pd.DatetimeIndex:
    """The stamps of `conditions`, Beijing, without zone."""
    return hours_of(first, last)[::STEP]


def _instruments(seed: int, days: np.ndarray, count: int) -> dict[str, np.ndarray]:
    """By item, what a reading is of the true value; about 1."""
    shape = (HOURS // STEP, count, len(DECIMALS))
    noise = np.concatenate([generator(seed, 222, day).standard_normal(shape) for day in days])
    return {item: np.exp(_RESTLESS.get(item, 0) * noise[:, :, i]) for i, item in enumerate(DECIMALS)}


def _reaches(table: pd.DataFrame, flows: list[list[sections.Inflow]]) -> np.ndarray:
    """Kilometres from the next section upstream, or from the river's beginning; 0 in a lake."""
    found = np.zeros(len(table))
    for i, row in enumerate(table.itertuples()):
        river = sections.rivers().get(row.河流)
        way = min((flow.km for flow in flows[i]), default=river.km(row.经度, row.纬度) if river else 0)
        found[i] = min(way, _REACH_KM) if river else 0
    return found


def _mountain(table: pd.DataFrame, flows: list[list[sections.Inflow]]) -> np.ndarray:
    """Fades on the way; a section without any upstream takes what its river begins with."""
    found = np.zeros(len(table))
    for i in sections.downstream_order(flows):
        river = sections.rivers().get(table["河流"].iloc[i])
        if river is None:
            continue
        came = sum(flow.share * found[flow.section] * np.exp(-flow.km / 75) for flow in flows[i])
        km = river.km(table["经度"].iloc[i], table["纬度"].iloc[i])
        found[i] = came if flows[i] else float(river.about["mountain"]) * np.exp(-km / 75)
    return found


def _rain(seed: int, place: Waters, weather: Weather, days: np.ndarray) -> np.ndarray:
    """Rain [mm/h] above each section."""
    field = red(white(seed, 202, days, len(place.names)), _FIELD_MEMORY) @ place.shared.T
    return weather["precipitation"][:, None] * np.exp(0.6 * field - 0.18)


def _flow(place: Waters, weather: Weather, rain: np.ndarray) -> np.ndarray:
    """Flow as a share of its mean over years: lowest in March, floods in summer, a rise after rain."""
    season = 2 * np.pi * (weather.times.day_of_year.to_numpy() - 242) / 365.25
    base = np.exp(0.62 * np.cos(season) + 0.10 * np.cos(2 * season) - 0.12)[:, None]
    return 0.75 * base * (1 + 0.20 * place.mountain) + 0.55 * trailing(rain, 20) + 2.4 * trailing(rain, 110)


def _temperature(seed: int, place: Waters, weather: Weather, days: np.ndarray) -> np.ndarray:
    """Rivers follow the air of the last days, mountain water stays cold, lakes are slow."""
    air = weather["temperature"]
    river = 1.5 + 0.93 * (0.72 * trailing(air, 70) + 0.28 * trailing(air, 7))
    snow = 7.5 + 0.30 * (trailing(air, 70) - 5)
    noise = red(white(seed, 214, days, len(place.names)), 50)
    lasting = generator(seed, 219).standard_normal(len(place.names))
    water = river[:, None] + place.mountain * (snow - river)[:, None] + 0.25 * noise + 0.3 * lasting
    deep = 10.5 + 0.35 * (normal("temperature", weather.times) - 10)
    upper = 2.0 + 0.97 * trailing(air, 140)
    share = place.levels["temperature"].to_numpy()
    water[:, place.lake] = upper[:, None] * share + deep[:, None] * (1 - share)
    return water


def _substances(seed: int, place: Waters, days, rain, flow, temperature) -> dict[str, np.ndarray]:
    """Concentrations in the rivers: what a reach gives off, and what arrives from above."""
    dilution = flow**-0.75
    # The first rain after dry weather finds most to wash away.
    washing = trailing(np.minimum(rain, 6), 9) * np.exp(-1.1 * np.minimum(trailing(rain, 72), 1.6))
    spill = _spills(seed, len(place.names), days)
    found = {}
    for i, (item, about) in enumerate(SUBSTANCES.items()):
        noise = red(white(seed, 203 + i, days, len(place.names)), _LOAD_MEMORY)
        load = (about.country + about.town * place.urban) * place.load
        dry = load * np.exp(0.42 * noise - about.cold * np.minimum(temperature - 16, 12)) * dilution
        wash = about.wash * (0.35 + 0.65 * place.urban + 0.25 * place.load) * washing
        own = place.reach * (dry * (1 + spill[item]) + wash) if item in spill else place.reach * (dry + wash)
        base = about.base * (1 - 0.45 * place.mountain) * np.exp(0.05 * noise)
        if item == "turbidity":
            base = base * (0.5 + flow**1.5) * np.exp(0.25 * noise)
        found[item] = base + carried(place, own, about.decay)
    return found


def carried(place: Waters, own: np.ndarray, decay: float) -> np.ndarray:
    """What reaches a section: its own, and what passed the sections above some hours ago, less what decayed."""
    total = own.copy()
    for section in place.order:
        for flow in place.flows[section]:
            hours = round(flow.km / _SPEED)
            rest = flow.share * np.exp(-decay * hours / HOURS)
            total[hours:, section] += rest * total[: len(total) - hours, flow.section]
    return total


def _spills(seed: int, count: int, days: np.ndarray) -> dict[str, np.ndarray]:
    """How much more than usual a reach gives off: rarely, for some hours, somebody lets something go."""
    size = {item: np.zeros((len(days) * HOURS, count)) for item in ("nh3n", "tp", "codmn")}
    for i, day in enumerate(days):
        chance, begin, length, strength, kind = generator(seed, 208, day).random((5, count))
        for section in np.flatnonzero(chance < 0.0035):
            at = i * HOURS + int(begin[section] * HOURS)
            until = at + int(5 + 30 * length[section] ** 2)
            for item, least, share in (("nh3n", 0.0, 1.0), ("tp", 0.35, 0.8), ("codmn", 0.5, 0.4)):
                if kind[section] >= least:
                    size[item][at:until, section] += share * (3 + 22 * strength[section] ** 2)
    return {item: trailing(values, 2.5) for item, values in size.items()}


def _lakes(seed: int, place: Waters, weather: Weather, days, rain) -> dict[str, np.ndarray]:
    """Nutrients, chlorophyll and algae of the lakes."""
    count = int(place.lake.sum())
    warm = trailing(weather["temperature"], 140)[:, None]
    wet = trailing(rain[:, place.lake], 110)
    noise = {
        name: red(white(seed, 209 + i, days, count), 110)
        for i, name in enumerate(("tp", "tn", "codmn", "chla", "fast"))
    }
    usual = {name: place.levels[name].to_numpy() for name in ("tp", "tn", "chla", "codmn")}
    bloom = 0.055 * (warm - 17) + 0.0016 * (trailing(weather["radiation"], 140)[:, None] - 110)
    chla = usual["chla"] * np.exp(bloom + 0.32 * noise["chla"] - 0.25 * np.minimum(wet, 1.5))
    return {
        "tp": usual["tp"] * np.exp(0.16 * noise["tp"] + 0.45 * np.minimum(wet, 1.2) - 0.06),
        "tn": usual["tn"] * np.exp(0.10 * noise["tn"] - 0.012 * (warm - 17) + 0.15 * np.minimum(wet, 1.2)),
        "codmn": usual["codmn"] * np.exp(0.09 * noise["codmn"] + 0.012 * (warm - 17)),
        "turbidity": 4.5 * np.exp(0.3 * noise["fast"] + 0.8 * np.minimum(wet, 1.5)),
        "nh3n": 0.055 * np.exp(0.4 * noise["fast"] - 0.02 * (warm - 17)) + 0.04 * np.minimum(wet, 1),
        "chla": chla,
        "algae": 2.6e8 * chla * np.exp(0.25 * noise["fast"]),
    }


def _light(place: Waters, weather: Weather, temperature, chla) -> np.ndarray:
    """What the light of the day does to the water: above 0 in the afternoon, below before dawn; about 1 at most."""
    sunlight = weather["radiation"]
    course = (trailing(sunlight, 4) - trailing(sunlight, 24)) / 260
    growth = np.exp(0.05 * (np.minimum(temperature, 28) - 22))
    plants = np.where(place.lake, 0.7, 0.55 + 0.35 * place.urban)
    bloom = np.where(np.isnan(chla), 0, np.minimum(chla / 0.012, 3))
    return course[:, None] * growth * (plants + 0.3 * bloom)


def _oxygen(seed: int, place: Waters, days, light, water) -> np.ndarray:
    """Dissolved oxygen [mg/L]: saturation at 500 m above the sea, what decay takes, what light makes."""
    t = water["water_temperature"]
    saturation = 0.944 * (14.652 - 0.41022 * t + 0.007991 * t**2 - 0.000077774 * t**3)
    noise = red(white(seed, 215, days, len(place.names)), 30)
    towns = 1.4 * np.where(place.lake, 0, place.urban)
    load = 0.22 * (np.minimum(water["codmn"], 9) - 1.2) + 1.3 * np.minimum(water["nh3n"], 1.5)
    taken = (0.30 + load + towns) * 1.05 ** (t - 20) * (1 - 0.6 * place.mountain)
    return saturation - taken + 1.5 * light + 0.3 * noise


def _acidity(seed: int, place: Waters, days, light, rain) -> np.ndarray:
    noise = red(white(seed, 216, days, len(place.names)), 60)
    lasting = generator(seed, 217).standard_normal(len(place.names))
    usual = 7.85 + 0.14 * lasting + 0.22 * place.mountain - 0.12 * place.urban + 0.15 * place.lake
    return usual + 0.16 * light + 0.06 * noise - 0.10 * np.minimum(trailing(rain, 40), 1.5)


def _conductivity(seed: int, place: Waters, days, flow) -> np.ndarray:
    """[µS/cm]: more where towns give off salts, less at high water."""
    noise = red(white(seed, 218, days, len(place.names)), 60)
    usual = 330 + 190 * place.urban + 70 * (place.load - 1) - 60 * place.mountain - 60 * place.lake
    return usual * np.exp(0.04 * noise) * np.where(place.lake, 1, np.clip(flow, 0.2, 4) ** -0.20)
