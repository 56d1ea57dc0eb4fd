"""The naive forecasts."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import floors

DAYS = pd.date_range("2014-01-01", "2017-12-31")
SEASON = pd.Series(50 + 20 * np.cos(2 * np.pi * DAYS.day_of_year / 365.25), DAYS)
ORIGIN = pd.Timestamp("2017-06-30")
LEADS = range(1, 8)


def test_last_value():
    assert floors.last_value(SEASON, ORIGIN, LEADS) == pytest.approx(np.full(7, SEASON[ORIGIN]))


def test_hours():
    hours = pd.date_range("2020-01-01 01:00", periods=72, freq="h")
    series = pd.Series(hours.hour.to_numpy(float), hours)
    origin = hours[47]
    wanted = [(origin + pd.Timedelta(hours=lead)).hour for lead in range(1, 73)]
    assert floors.same_hour_yesterday(series, origin, range(1, 73)).tolist() == wanted
    assert floors.hour_climatology(series, origin, range(1, 73)).tolist() == wanted


def test_climatology_is_of_earlier_years_alone():
    found = floors.climatology(SEASON, ORIGIN, LEADS)
    assert found == pytest.approx(SEASON.reindex(ORIGIN + pd.to_timedelta(list(LEADS), unit="D")).to_numpy(), abs=1)
    poisoned = SEASON.copy()
    poisoned[poisoned.index > ORIGIN] = 9999
    assert floors.climatology(poisoned, ORIGIN, LEADS) == pytest.approx(found)


def test_climatology_of_a_young_series_is_the_last_month():
    young = SEASON["2017-01-01":"2017-06-30"]
    assert floors.climatology(young, ORIGIN, LEADS) == pytest.approx(np.full(7, young.iloc[-30:].mean()))


def test_climatologies_use_no_day_of_their_own_year():
    found = floors.climatologies(SEASON)
    assert found["2017-03-01":"2017-11-30"].to_numpy() == pytest.approx(
        SEASON["2017-03-01":"2017-11-30"].to_numpy(), abs=1.5
    )
    other = SEASON.copy()
    other["2017-01-20":] = 9999
    assert floors.climatologies(other)["2017-02-15":].to_numpy() == pytest.approx(found["2017-02-15":].to_numpy())


def test_damped_persistence_goes_from_today_to_the_normal():
    noise = np.zeros(len(DAYS))
    rng = np.random.default_rng(5)
    for day in range(1, len(DAYS)):
        noise[day] = 0.7 * noise[day - 1] + rng.normal()
    series = SEASON + 5 * noise
    left = floors.damping(series, floors.climatologies(series), ORIGIN, LEADS)
    assert left[0] == pytest.approx(0.7, abs=0.12)
    assert (np.diff(left) < 0.05).all()
    before = floors.damped_persistence(series, ORIGIN, LEADS)
    series[series.index > ORIGIN] = 9999
    assert floors.damped_persistence(series, ORIGIN, LEADS) == pytest.approx(before)
