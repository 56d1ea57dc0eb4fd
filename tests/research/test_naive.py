"""The naive forecasts as arrays are those of one series, and look at nothing later."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import floors, naive

DAYS = pd.date_range("2023-01-01", periods=900)
HOURS = pd.date_range("2026-01-01", periods=24 * 50, freq="h", tz="UTC")
WEEK = np.arange(1, 8)
ORIGINS = np.array([60, 500, 899])


def noise(count: int, places: int = 3) -> np.ndarray:
    random = np.random.default_rng(1)
    values = 50 + 10 * np.sin(np.arange(count) / 30)[:, None] + random.normal(0, 8, (count, places))
    values[random.random(values.shape) < 0.05] = np.nan
    values[-1] = 50  # what is known last
    return values


@pytest.mark.parametrize("origin", ORIGINS)
def test_days_are_those_of_a_series(origin):
    values = noise(len(DAYS))
    values[ORIGINS] = 60.0
    found = naive.of_days(values, DAYS, ORIGINS, WEEK)
    series, at = pd.Series(values[:, 1], DAYS), DAYS[origin]
    row = ORIGINS.tolist().index(origin)
    assert found["persistence"][row, :, 1] == pytest.approx(floors.last_value(series, at, WEEK))
    assert found["climatology"][row, :, 1] == pytest.approx(floors.climatology(series, at, WEEK), abs=1.5)
    assert found["damped"][row, :, 1] == pytest.approx(floors.damped_persistence(series, at, WEEK), abs=2.5)


def test_hours_are_those_of_a_series():
    values, leads = noise(len(HOURS)), np.array([1, 7, 24, 25, 72])
    values[-24:] = 40 + np.arange(24)[:, None]
    origins = np.array([len(HOURS) - 1])
    found = naive.of_hours(values, origins, leads)
    series, at = pd.Series(values[:, 2], HOURS), HOURS[-1]
    assert found["persistence"][0, :, 2] == pytest.approx(floors.last_value(series, at, leads))
    assert found["yesterday"][0, :, 2] == pytest.approx(floors.same_hour_yesterday(series, at, leads))
    assert found["climatology"][0, :, 2] == pytest.approx(floors.hour_climatology(series, at, leads))


@pytest.mark.parametrize("kind", ["days", "hours"])
def test_nothing_later_is_looked_at(kind):
    values = noise(len(DAYS))
    poisoned = values.copy()
    poisoned[501:] = 1e6

    def told(given):
        origin = np.array([500])
        return naive.of_days(given, DAYS, origin, WEEK) if kind == "days" else naive.of_hours(given, origin, WEEK)

    for name, before in told(values).items():
        assert np.array_equal(before, told(poisoned)[name], equal_nan=True), name


def test_short_gaps_are_filled_and_long_ones_stay():
    values = np.array([[1.0], [np.nan], [np.nan], [4.0], *[[np.nan]] * 8])
    assert naive.filled(values, 2)[:, 0].tolist()[:6] == [1, 1, 1, 4, 4, 4]
    assert np.isnan(naive.filled(values, 2)[6:]).all()


def test_what_came_is_nothing_after_the_end():
    values = np.arange(5.0)[:, None]
    assert naive.truth(values, np.array([2]), np.array([1, 2, 3]))[0, :, 0].tolist()[:2] == [3, 4]
    assert np.isnan(naive.truth(values, np.array([2]), np.array([3]))).all()
