"""Scores against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import scores

OBSERVED = np.array([40.0, 60, 120, 210])
FORECAST = np.array([50.4, 70, 90, 160])


def test_errors():
    assert scores.mae(FORECAST, OBSERVED) == pytest.approx((10.4 + 10 + 30 + 50) / 4)
    assert scores.bias(FORECAST, OBSERVED) == pytest.approx((10.4 + 10 - 30 - 50) / 4)
    assert scores.rmse([1, 3], np.array([1, 7])) == pytest.approx(np.sqrt(8))
    assert scores.skill(8, 10) == pytest.approx(0.2)


def test_a_forecast_is_rated_as_the_whole_number_that_is_published():
    assert scores.exact_level(FORECAST, OBSERVED) == 0.5  # 50.4 is told as 50: excellent, as observed
    assert scores.within_one(FORECAST, OBSERVED) == 1.0


def test_range_is_a_quarter_of_the_forecast():
    assert scores.range25(np.array([100, 100, 100.0]), np.array([75, 125, 126])) == pytest.approx(2 / 3)


def test_two_levels_are_that_of_the_forecast_and_its_likelier_neighbour():
    chances = np.array([[0.4, 0.1, 0.5, 0, 0, 0], [0.6, 0.3, 0.1, 0, 0, 0], [0.5, 0.3, 0.2, 0, 0, 0]])
    assert scores.level_pairs(chances, [2, 1, 3]).tolist() == [2, 1, 2]
    assert scores.level_pairs(chances, [0, 0, 0]).tolist() == [2, 1, 1]  # no forecast: the likeliest together
    told = np.array([70, 40, 110])
    assert scores.two_level(told, chances, np.array([30, 130, 40])) == 0.0
    assert scores.two_level(told, chances, np.array([130, 90, 60])) == 1.0
    assert scores.always(OBSERVED, 1) == 0.5


def test_rps_grows_with_the_distance():
    certain = np.eye(6)[[0, 0]]
    assert scores.rps(certain, np.array([1, 1])) == 0
    assert scores.rps(certain[:1], np.array([2])) == pytest.approx(1 / 5)
    assert scores.rps(certain[:1], np.array([6])) == pytest.approx(1)


def test_polluted_days():
    found = scores.polluted_days(np.array([120, 90, 101, 50.0]), np.array([130, 110, 100, 40]))
    assert found == {"hits": 1, "misses": 1, "false_alarms": 1, "csi": pytest.approx(1 / 3)}


def test_primary_counts_days_above_fifty():
    right = scores.primary_right(["O3", "PM2.5;PM10", "O3"], ["O3", "PM10", "PM2.5"], np.array([50, 60, 70]))
    assert right.tolist() == [True, False]


def test_reliability():
    table = scores.reliability(np.array([0.05, 0.06, 0.95, 1.0]), np.array([0, 1, 1, 1]), bins=10)
    assert table["n"].tolist() == [2, 2]
    assert table["frequency"].tolist() == [0.5, 1.0]
    assert table["low"].tolist() == [0.0, 0.9]


def test_summary_counts_pairs_and_what_there_is():
    pairs = pd.DataFrame({"observed": [*OBSERVED, np.nan], "forecast": [*FORECAST, 50], "persistence": 100.0})
    found = scores.summary(pairs)
    assert found["n"] == 4
    assert found["mae_persistence"] == pytest.approx((60 + 40 + 20 + 110) / 4)
    assert found["skill_persistence"] == pytest.approx(1 - found["mae"] / found["mae_persistence"])
    assert "rps" not in found
    pairs = pairs.assign(lower90=0, upper90=100, **{f"p{k}": float(k == 2) for k in range(1, 7)})
    found = scores.summary(pairs)
    assert found["coverage90"] == 0.5
    assert found["two_level"] == 0.5


def test_summary_of_nothing():
    assert np.isnan(scores.summary(pd.DataFrame({"observed": [], "forecast": []}))["mae"])
