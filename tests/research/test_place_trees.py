"""Trees over all places learn what the weather does, look at nothing later, and are found again as stored."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import (
    boosted,
    coming,
    day_features,
    day_weather,
    days,
    fit,
    hour_features,
    hours,
    models,
    naive,
)
from shuzhi.research.forecast.coming import NAMES, Coming
from shuzhi.research.forecast.models import Models, Trials
from shuzhi.research.forecast.panel import Panel
from shuzhi.standards.aqi import ITEMS
from shuzhi.store import open_home

COUNT = 240
START = pd.Timestamp("2026-03-01")
PLACES = pd.DataFrame({"level": ["station"] * 3 + ["city"], "place": ["1", "2", "3", "成都"]})
NEAR = np.full((4, 5), -1)


@pytest.fixture(autouse=True, scope="module")
def quick():
    patch = pytest.MonkeyPatch()
    patch.setattr(fit, "CASES", 4000)
    patch.setattr(fit, "_ORIGINS", 60)
    for settings in ("DAY", "HOUR"):
        patch.setattr(boosted, settings, getattr(boosted, settings) | {"rounds": 60, "min_child_samples": 20})
    yield
    patch.undo()


def wind_and_air(grain: str) -> tuple[Panel, Coming]:
    """Air that the wind of the same day (hour) decides, and a product that knows the wind."""
    random = np.random.default_rng(5)
    wind = random.uniform(0.5, 4, COUNT + 20)
    repeated = 24 if grain == "day" else 1
    first = START.to_datetime64() - np.timedelta64(8, "h")
    hourly = np.zeros((len(wind) * repeated, len(NAMES)), np.float32)
    hourly[:, NAMES.index("wind_speed")] = wind.repeat(repeated)
    issued = first.astype("datetime64[h]") + repeated * np.arange(COUNT)
    issued = issued + (8 if grain == "day" else 1)
    told = np.full((COUNT, coming.REACH, len(NAMES)), np.nan, np.float32)
    for k in range(COUNT):
        begin = int((issued[k] - first.astype("datetime64[h]")).astype(int))
        part = hourly[begin : begin + coming.REACH]
        told[k, : len(part)] = part
    begin = first.astype("datetime64[h]") + 1
    weather = Coming(begin, hourly, issued, told, "product", begin + len(hourly))
    values = (120 / (1 + wind[:COUNT]))[:, None, None] * np.array([0.9, 1, 1.1, 1])[:, None]
    values = np.repeat(values + random.normal(0, 1, (COUNT, 4, 1)), 6, axis=2).astype(np.float32)
    if grain == "day":
        times, items = pd.date_range(START, periods=COUNT), (*ITEMS[:5], "o3_8h")
    else:
        times = pd.date_range(pd.Timestamp(first).tz_localize("UTC") + pd.Timedelta(hours=1), periods=COUNT, freq="h")
        items = ITEMS
    return Panel(grain, times, PLACES, items, values), weather


@pytest.fixture(scope="module")
def daily():
    panel, weather = wind_and_air("day")
    return panel, day_weather.of_issues(panel, weather, len(days.LEADS))


def test_the_weather_of_the_coming_days_is_worth_it(daily):
    panel, weather = daily
    _, origins, told = fit._days(panel, 0, weather, weather, NEAR)
    values = panel.values[:, :, 0].astype(float)
    came = naive.truth(values, origins, days.LEADS)
    floor = naive.of_days(values, origins, days.LEADS)["climatology"]
    missed = {name: np.nanmean(np.abs(forecast - came)) for name, forecast in told.items()}
    least = np.nanmean(np.abs(floor - came))
    assert missed["trees"] < 0.6 * least
    assert missed["ridge"] < 0.6 * least
    assert min(missed["trees_blind"], missed["ridge_blind"]) > 0.9 * least  # this air has no memory
    assert origins[0] == len(values) - COUNT // 3 - 1


def test_a_features_row_knows_nothing_later(daily):
    panel, weather = daily
    values = panel.values.copy()
    values[101:] = 1e6
    poisoned = Panel(panel.grain, panel.times, panel.places, panel.items, values)
    origins, places = np.array([50, 100]), np.array([0, 3])
    before = day_features.Features(panel, 0, weather, NEAR).table(origins, 3, places)
    after = day_features.Features(poisoned, 0, weather, NEAR).table(origins, 3, places)
    assert np.array_equal(before, after, equal_nan=True)


def test_hours_learn_the_weather_too():
    panel, weather = wind_and_air("hour")
    trees, origins, told = fit._hours(panel, 0, weather)
    told = told["trees"]
    assert set(panel.times[origins].hour) <= set(hours.CLOCK)
    assert told.shape == (len(origins), 72, 4)
    came = naive.truth(panel.values[:, :, 0].astype(float), origins, hours.LEADS)
    floor = naive.of_hours(panel.values[:, :, 0].astype(float), origins, hours.LEADS)["persistence"]
    assert np.nanmean(np.abs(told - came)) < 0.8 * np.nanmean(np.abs(floor - came))
    assert len(trees.usual) == 73


def test_hours_know_nothing_later():
    panel, weather = wind_and_air("hour")
    values = panel.values.copy()
    values[151:] = 1e6
    poisoned = Panel(panel.grain, panel.times, panel.places, panel.items, values)
    leads, places = np.array([1, 30, 72]), np.array([0, 1, 3])
    before = hour_features.Features(panel, 0, weather).table(150, leads, places)
    after = hour_features.Features(poisoned, 0, weather).table(150, leads, places)
    assert np.array_equal(before, after, equal_nan=True)


def test_what_is_stored_is_found_again(daily, tmp_path):
    panel, weather = daily
    home = open_home(tmp_path, create="simulated")
    learnt, origins, told = fit._days(panel, 0, weather, weather, NEAR)
    forecasts = {name: values[..., None] for name, values in told.items()}
    trials = Trials(models.instants(panel, origins), models.names(panel), forecasts)
    facts = {"version": "a", "trained_until": "2026-10-28T00:00:00+00:00", "grains": ["day"]}
    ridges = {models.RIDGES: {"pm25": (learnt.ridge, learnt.blind)}, models.SECTIONS: None}
    models.store(home, facts, {("day", "pm25"): learnt.trees}, {"day": trials}, ridges)
    found = models.newest(home, pd.Timestamp("2026-10-29T00:00Z"))
    assert found.version == "a"
    assert found.part(models.SECTIONS) is None
    assert found.of_days("o3_8h") is None
    assert found.complete
    features = day_features.Features(panel, 0, weather, NEAR)
    last = np.array([len(panel.times) - 1])
    before, after = (one.forecasts(features, last) for one in (learnt, found.of_days("pm25")))
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in before)
    again = found.trials("day")
    assert np.array_equal(again.at(panel, origins, "ridge", 0), told["ridge"].astype(float), equal_nan=True)
    assert np.isnan(again.at(panel, np.array([3]), "trees", 0)).all()
    assert again.newer(panel, np.array([3, len(panel.times) - 2, len(panel.times) - 1])).tolist() == [
        False,
        False,
        True,
    ]


def test_models_that_know_more_than_an_instant_are_not_its_models(tmp_path):
    home = open_home(tmp_path, create="simulated")
    for version, day in enumerate(("2026-10-01", "2026-10-08", "2026-10-15", "2026-10-22")):
        facts = {"version": f"v{version}", "trained_until": f"{day}T00:00:00+00:00", "grains": []}
        stored = models.store(home, facts, {}, {}, {})
        assert stored.complete
        assert isinstance(stored, Models)
    assert models.newest(home, pd.Timestamp("2026-10-16T00:00Z")).version == "v2"
    assert models.newest(home, pd.Timestamp("2026-10-02T00:00Z")) is None  # only the last ones are kept


def test_a_version_from_before_ridge_regression_is_not_complete(tmp_path):
    home = open_home(tmp_path, create="simulated")
    facts = {"version": "old", "trained_until": "2026-10-01T00:00:00+00:00", "grains": ["day", "hour"]}
    assert not models.store(home, facts, {}, {}, {}).complete
