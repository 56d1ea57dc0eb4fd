"""What drove the days: contributions add up to the mixture less the climatology."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import boosted, coming, day_drivers, day_features, drivers, fit, issues, models
from shuzhi.research.forecast.day_weather import DayWeather
from shuzhi.research.forecast.days import Daily
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
    return DayWeather(noise.normal(size=(90, 2)), noise.normal(size=(90, 7, 2)), names)


@pytest.fixture(scope="module")
def told(panel, weather, tmp_path_factory):
    """Daily forecasts by models that learnt from the panel itself."""
    patch = pytest.MonkeyPatch()
    patch.setattr(fit, "CASES", 4000)
    patch.setattr(boosted, "DAY", boosted.DAY | {"rounds": 20, "min_child_samples": 10})
    made = [fit._days(panel, item, weather, weather, NEAR) for item in range(len(panel.items))]
    patch.undo()
    by_name = {name: np.stack([one[2][name] for one in made], axis=-1) for name in made[0][2]}
    trials = models.Trials(models.instants(panel, made[0][1]), models.names(panel), by_name)
    trees = {("day", item): one[0].trees for item, one in zip(panel.items, made, strict=True)}
    ridges = {item: (one[0].ridge, one[0].blind) for item, one in zip(panel.items, made, strict=True)}
    facts = {"version": "a", "trained_until": "2026-03-31T16:00:00+00:00", "grains": ["day"], "series": {}}
    home = open_home(tmp_path_factory.mktemp("home"), create="simulated")
    fitted = models.store(home, facts, trees, {"day": trials}, {models.RIDGES: ridges})
    return Daily(panel, fitted, weather, NEAR)


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


def test_contributions_add_up_to_forecast_less_climatology(told):
    found = day_drivers.rows(told)
    assert set(found["level"]) == {"city", "district", "station"}
    total = found[found["level"] == "city"].groupby(["item", "lead"])["contribution"].sum()
    column = told.panel.columns("city")[0]
    for at, item in enumerate(told.panel.items):
        mixture = told.mixture(at)
        for lead in range(7):
            shares = mixture.shares("city", lead, np.array([column]))
            value = sum(share[0] * mixture.now[name][lead, column] for name, share in shares.items())
            normal = mixture.now["climatology"][lead, column]
            assert total[item, lead + 1] == pytest.approx(value - normal, abs=1e-3)
    assert found["group"].nunique() > 4


def test_a_member_without_a_forecast_has_no_share(told):
    mixture = told.mixture(0)
    mixture.now["trees"][2, 1] = np.nan
    shares = mixture.shares("district", 2, np.array([1]))
    assert shares["trees"][0] == 0
    assert sum(shares.values())[0] == pytest.approx(1)


def test_they_are_kept_with_the_issue(told, tmp_path):
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
    found = day_drivers.rows(told)
    issues.record(home, issue, pd.DataFrame([row | {"time": at, "value": 50.0}]), drivers=found)
    read = issues.drivers(home, Scope.all(), issue, places=["成都"])
    assert set(read["place"]) == {"成都"}
    assert read["contribution"].sum() == pytest.approx(
        found.loc[found["place"] == "成都", "contribution"].sum(), rel=1e-4
    )


def test_every_weather_of_the_issue_has_a_group():
    assert {drivers.group_of(f"mean_{name}") for name in coming.NAMES} <= set(drivers.LESS_MORE)
