"""What drove the days: contributions of the trees add up to their forecast less the climatology."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import boosted, coming, day_drivers, day_features, drivers, issues
from shuzhi.research.forecast.day_weather import DayWeather
from shuzhi.research.forecast.days import LEADS
from shuzhi.research.forecast.panel import Panel
from shuzhi.store import Scope, open_home

PLACES = pd.DataFrame({"level": ["station", "district", "city"], "place": ["a", "武侯区", "成都"]})
NEAR = np.array([[1], [-1], [-1]])


@pytest.fixture(scope="module")
def panel():
    days = pd.date_range("2026-01-01", periods=90)
    walk = np.cumsum(np.random.default_rng(0).normal(size=(90, 3, 2)), axis=0)
    return Panel("day", days, PLACES, ("pm25", "o3_8h"), 60 + 5 * walk - (5 * walk).min(axis=0))


@pytest.fixture(scope="module")
def weather(panel):
    names = ["temperature", "wind_speed"]
    noise = np.random.default_rng(1)
    return DayWeather(noise.normal(size=(90, 2)), noise.normal(size=(90, len(LEADS), 2)), names)


class Fitted:
    """Models with trees of each item, learnt from the panel itself."""

    def __init__(self, panel, weather):
        self._trees = [self._fit(panel, item, weather) for item in range(len(panel.items))]
        self._items = panel.items

    def _fit(self, panel, item, weather):
        features = day_features.Features(panel, item, weather, NEAR)
        origins = np.tile(np.arange(40, 80), 3)
        places = np.repeat(np.arange(3), 40)
        x = np.concatenate([features.table(origins, lead, places) for lead in LEADS])
        last = np.tile(features.filled[origins, places], len(LEADS))
        came = np.concatenate([panel.values[origins + lead, places, item] for lead in LEADS])
        return boosted.fit(x, last, came, boosted.DAY | {"rounds": 20, "min_child_samples": 10})

    def trials(self, grain):
        return {}

    def trees(self, grain, item):
        return self._trees[self._items.index(item)]


def test_names_are_those_of_the_columns(panel, weather):
    features = day_features.Features(panel, 0, weather, NEAR)
    x = pd.DataFrame(features.table(np.array([80]), 3, np.array([0])), columns=features.names).iloc[0]
    assert x["lead"] == 3
    assert x["last"] == pytest.approx(panel.values[80, 0, 0], rel=1e-6)
    assert x["lag2"] == pytest.approx(panel.values[78, 0, 0], rel=1e-6)
    assert x["own_o3_8h"] == pytest.approx(panel.values[80, 0, 1], rel=1e-6)
    assert x["near"] == pytest.approx(panel.values[80, 1, 0], rel=1e-6)
    assert x["now_wind_speed"] == pytest.approx(weather.now[80, 1], rel=1e-6)
    assert x["target_temperature"] == pytest.approx(weather.coming[80, 2, 0], rel=1e-6)
    assert "other" not in {drivers.group_of(name) for name in features.names}


def test_contributions_add_up_to_forecast_less_climatology(panel, weather):
    fitted = Fitted(panel, weather)
    found = day_drivers.rows(panel, fitted, weather, NEAR)
    assert set(found["level"]) == {"city", "district"}
    features = day_features.Features(panel, 1, weather, NEAR)
    x = features.table(np.array([89]), 5, np.array([2]))
    told = fitted.trees("day", "o3_8h").predict(x, features.filled[[89], [2]])[0]
    chosen = found[(found["place"] == "成都") & (found["item"] == "o3_8h") & (found["lead"] == 5)]
    normal = x[0, features.names.index("climatology")]
    assert chosen["contribution"].sum() == pytest.approx(told - normal, rel=1e-4)


def test_they_are_kept_with_the_issue(panel, weather, tmp_path):
    home = open_home(tmp_path / "home", create="simulated")
    at = pd.Timestamp("2026-04-01T00:00Z")
    issue = issues.Issue("2026-04-01T08", at, at, None, None, "1", False, at, 1.0, 1)
    row = {
        "kind": "air",
        "grain": "day",
        "level": "city",
        "place": "成都",
        "item": "aqi",
        "model": "ensemble",
        "lead": 1,
    }
    found = day_drivers.rows(panel, Fitted(panel, weather), weather, NEAR)
    issues.record(home, issue, pd.DataFrame([row | {"time": at, "value": 50.0}]), drivers=found)
    read = issues.drivers(home, Scope.all(), issue, places=["成都"])
    assert set(read["place"]) == {"成都"}
    assert read["contribution"].sum() == pytest.approx(
        found.loc[found["place"] == "成都", "contribution"].sum(), rel=1e-4
    )


def test_every_weather_of_the_issue_has_a_group():
    assert {drivers.group_of(f"mean_{name}") for name in coming.NAMES} <= set(drivers.LESS_MORE)
