"""Simulated water: shapes that an expert would accept, the way down a river, and values that do not depend on when."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shuzhi.city import water, weather
from shuzhi.city.noise import trailing
from shuzhi.city.sections import make_sections
from shuzhi.standards import water as law

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
WINTER, SPRING, SUMMER, AUTUMN = [12, 1, 2], [2, 3, 4], [6, 7, 8], [8, 9, 10]


@pytest.fixture(scope="module")
def year():
    """One year of all sections: register, stamps, values by item, classes; city rain [mm/h] at the stamps."""
    table = make_sections(1)
    place = water.waters(1, table)
    parts = []
    for start in pd.date_range(FIRST, LAST, freq="MS"):
        parts.append(water.conditions(1, place, start.date(), (start + pd.offsets.MonthEnd()).date()))
    values = {item: np.concatenate([part[item] for part in parts]) for item in water.DECIMALS}
    table_of = pd.DataFrame({item: values[item].ravel() for item in law.AUTOMATIC})
    times = water.times_of(FIRST, LAST)
    body = np.tile(np.where(place.lake, "lake", "river"), len(times))
    rated = law.section_class(table_of, body, law.AUTOMATIC)["water_class"].to_numpy().reshape(len(times), -1)
    rain = weather.city_weather(1, FIRST, LAST)["precipitation"]
    return SimpleNamespace(
        place=place,
        times=times,
        values=values,
        classes=rated,
        rain={hours: trailing(rain, hours)[:: water.STEP] for hours in (10, 72)},
        urban=(place.urban > 0.4) & ~place.lake,
    )


def _good(year, months=None, which=None) -> float:
    """Share of classes Ⅰ–Ⅲ."""
    rows = slice(None) if months is None else np.isin(year.times.month, months)
    return float((year.classes[rows][:, ~year.place.lake if which is None else which] <= 3).mean())


def _mean(year, item, months, which) -> float:
    return float(year.values[item][np.isin(year.times.month, months)][:, which].mean())


def test_classes_are_those_of_the_city(year):
    assert 0.92 < _good(year) < 0.985
    assert 0 < (year.classes[:, ~year.place.lake] == 6).mean() < 0.003
    assert (year.classes > 0).all()
    assert 0.4 < (year.classes == 2).mean() < 0.8


def test_urban_rivers_are_worse_and_worst_in_spring(year):
    assert _good(year, which=year.urban) < _good(year)
    assert _good(year, SPRING, year.urban) < _good(year, AUTUMN, year.urban) - 0.03


def test_values_are_plausible(year):
    bands = {
        "water_temperature": (1, 33), "ph": (6.8, 9.2), "do": (2, 16), "conductivity": (150, 1100),
        "turbidity": (1, 1500), "codmn": (0.5, 25), "nh3n": (0.025, 6), "tp": (0.005, 1.5), "tn": (0.3, 12),
        "chla": (0.001, 0.12), "algae": (20_000, 1e8),
    }  # fmt: skip
    for item, (low, high) in bands.items():
        known = year.values[item][:, year.place.lake] if item in water.LAKE_ONLY else year.values[item]
        assert ((low <= known) & (known <= high)).all(), (item, known.min(), known.max())
    assert np.isnan(year.values["chla"][:, ~year.place.lake]).all()


def test_oxygen_falls_when_it_is_warm_and_follows_the_day(year):
    oxygen, temperature = year.values["do"], year.values["water_temperature"]
    assert (np.array([np.corrcoef(oxygen[:, i], temperature[:, i])[0, 1] for i in range(oxygen.shape[1])]) < -0.6).all()
    summer = np.isin(year.times.month, SUMMER)
    by_hour = {hour: oxygen[summer & (year.times.hour == hour)].mean(axis=0) for hour in (4, 16)}
    assert (by_hour[16] > by_hour[4] + 0.25).all()
    assert (by_hour[16] - by_hour[4])[year.urban].mean() > 0.7


def test_ammonia_is_higher_in_winter_and_when_it_is_dry(year):
    rivers = ~year.place.lake
    assert _mean(year, "nh3n", WINTER, year.urban) > 1.7 * _mean(year, "nh3n", SUMMER, year.urban)
    level = np.log(year.values["nh3n"][:, rivers]).mean(axis=1)
    months = np.isin(year.times.month, [5, 6, 7, 8, 9])
    dry = months & (year.rain[72] < 0.02)
    diluted = months & (year.rain[72] > 0.15) & (year.rain[10] < 0.05)
    assert level[dry].mean() > level[diluted].mean() + 0.1


def test_rain_washes_phosphorus_and_turbidity_into_rivers(year):
    """Within a season: after rain against after dry days."""
    rivers, months = ~year.place.lake, np.isin(year.times.month, [4, 5, 6, 9])
    rain = year.rain[10] > 0.3
    for item, factor in (("turbidity", 2.0), ("tp", 1.15), ("codmn", 1.1)):
        values = year.values[item][:, rivers].mean(axis=1)
        assert values[months & rain].mean() > factor * values[months & (year.rain[72] < 0.05)].mean(), item


def test_what_enters_a_river_arrives_later_and_weaker_downstream(year):
    place = year.place
    names = ["锦江一号桥", "锦江天府新区三号桥", "锦江双流出境"]
    spots = [place.names.index(name) for name in names]
    own = np.zeros((240, len(place.names)))
    own[24, spots[0]] = 1.0
    passed = water.carried(place, own, decay=0.5)[:, spots]
    peaks, heights = passed.argmax(axis=0), passed.max(axis=0)
    assert peaks[0] == 24
    assert 30 < peaks[1] < peaks[2] < 60
    assert 1.0 == heights[0] > heights[1] > heights[2] > 0.2
    assert water.carried(place, own, decay=0.5)[:, place.names.index("沱江简阳出境")].max() == 0


def test_mountain_water_is_cold_and_clear(year):
    head, foot = (year.place.names.index(name) for name in ("岷江都江堰一号桥", "岷江新津出境"))
    mean = {item: values.mean(axis=0) for item, values in year.values.items()}
    assert mean["water_temperature"][head] < mean["water_temperature"][foot] - 3
    assert all(mean[item][head] < 0.6 * mean[item][foot] for item in ("nh3n", "tp", "turbidity"))


def test_lakes_are_of_their_trophic_levels(year):
    lakes = np.flatnonzero(year.place.lake)
    means = pd.DataFrame({item: year.values[item][:, lakes].mean(axis=0) for item in ("tp", "tn", "chla", "codmn")})
    index = pd.Series(law.tli(means, list(means))["tli"].to_numpy(), [year.place.names[i] for i in lakes])
    assert index["紫坪铺水库坝前"] < 42 < index["三岔湖湖心"] < 52
    assert index.max() < 60
    warm, cold = (_mean(year, "chla", months, year.place.lake) for months in (SUMMER, WINTER))
    assert warm > 2 * cold


def test_values_do_not_depend_on_the_length_of_the_run():
    """Days made alone equal the same days made in a longer run."""
    place = water.waters(3, make_sections(3, 12))
    alone = water.conditions(3, place, dt.date(2026, 3, 1), dt.date(2026, 3, 2))
    long = water.conditions(3, place, dt.date(2026, 2, 10), dt.date(2026, 3, 2))
    for item in water.DECIMALS:
        np.testing.assert_allclose(alone[item], long[item][-12:], rtol=1e-9)


def test_seed_decides():
    place = water.waters(1, make_sections(1, 12))
    one, other = (water.conditions(seed, place, FIRST, FIRST)["nh3n"] for seed in (1, 2))
    assert not np.allclose(one, other)
