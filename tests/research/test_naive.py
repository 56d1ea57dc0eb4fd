"""The naive forecasts, and that they look at nothing later."""

import numpy as np
import pytest

from shuzhi.research.forecast import naive

WEEK = np.arange(1, 8)
YEARS = np.arange(4 * 366)
SEASON = (50 + 20 * np.cos(2 * np.pi * YEARS / 365.25))[:, None]


def noise(count: int, places: int = 3) -> np.ndarray:
    random = np.random.default_rng(1)
    values = 50 + 10 * np.sin(np.arange(count) / 30)[:, None] + random.normal(0, 8, (count, places))
    values[random.random(values.shape) < 0.05] = np.nan
    return values


def of_days(values: np.ndarray, origin: int, leads=WEEK) -> dict[str, np.ndarray]:
    """The floors of one series of days from one origin, arrays (leads,)."""
    return {name: each[0, :, 0] for name, each in naive.of_days(values, np.array([origin]), np.array(leads)).items()}


def test_persistence_is_the_last_reading():
    assert of_days(SEASON, 1200)["persistence"] == pytest.approx(np.full(7, SEASON[1200, 0]))


def test_climatology_is_of_earlier_years_alone():
    found = of_days(SEASON, 1200)["climatology"]
    assert found == pytest.approx(SEASON[1200 + WEEK, 0], abs=1)
    this_year = SEASON.copy()
    this_year[1000:] = 9999
    assert of_days(this_year, 1200)["climatology"] == pytest.approx(found)


def test_climatology_is_the_mean_of_the_days_around():
    values = noise(900)
    around = [*range(503 - 365 - 10, 503 - 365 + 11)]
    assert of_days(values, 500)["climatology"][2] == pytest.approx(np.nanmean(values[around, 0]))


def test_climatology_of_a_young_series_is_the_last_month():
    found = of_days(SEASON, 180)["climatology"]
    assert found == pytest.approx(np.full(7, SEASON[151:181].mean()))


def test_damped_persistence_goes_from_today_to_the_normal():
    random, anomaly = np.random.default_rng(5), np.zeros(len(YEARS))
    for day in YEARS[1:]:
        anomaly[day] = 0.7 * anomaly[day - 1] + random.normal()
    values = SEASON + 5 * anomaly[:, None]
    found = of_days(values, 1200)
    today = values[1200, 0] - of_days(values, 1199, [1])["climatology"][0]
    left = (found["damped"] - found["climatology"]) / today
    assert left[0] == pytest.approx(0.7, abs=0.12)
    assert (np.diff(left) < 0.05).all()


def test_hours_of_a_day_that_repeats():
    values, leads = (np.arange(72) % 24.0)[:, None], np.arange(1, 73)
    found = naive.of_hours(values, np.array([47]), leads)
    coming = ((47 + leads) % 24).tolist()
    assert found["yesterday"][0, :, 0].tolist() == coming
    assert found["climatology"][0, :, 0].tolist() == coming
    assert found["persistence"][0, :, 0].tolist() == [23] * 72


def test_hours_are_of_yesterday_and_of_the_last_thirty_days():
    values, leads = noise(24 * 50), np.array([1, 7, 24, 25, 72])
    last = len(values) - 1
    values[-24:] = 40 + np.arange(24)[:, None]
    found = naive.of_hours(values, np.array([last]), leads)
    hours = [last + lead - 24 * -(-lead // 24) for lead in leads]
    assert found["yesterday"][0].tolist() == values[hours].tolist()
    for k, hour in enumerate(hours):
        assert found["climatology"][0, k] == pytest.approx(np.nanmean(values[hour - 24 * 29 : hour + 1 : 24], axis=0))


@pytest.mark.parametrize("floors", [naive.of_days, naive.of_hours])
def test_nothing_later_is_looked_at(floors):
    values, origin = noise(900), np.array([500])
    poisoned = values.copy()
    poisoned[501:] = 1e6
    later = floors(poisoned, origin, WEEK)
    for name, before in floors(values, origin, WEEK).items():
        assert np.array_equal(before, later[name], equal_nan=True), name


def test_short_gaps_are_filled_and_long_ones_stay():
    values = np.array([[1.0], [np.nan], [np.nan], [4.0], *[[np.nan]] * 8])
    assert naive.filled(values, 2)[:, 0].tolist()[:6] == [1, 1, 1, 4, 4, 4]
    assert np.isnan(naive.filled(values, 2)[6:]).all()


def test_what_came_is_nothing_after_the_end():
    values = np.arange(5.0)[:, None]
    assert naive.truth(values, np.array([2]), np.array([1, 2, 3]))[0, :, 0].tolist()[:2] == [3, 4]
    assert np.isnan(naive.truth(values, np.array([2]), np.array([3]))).all()
