"""Statistical models of districts and the city are fitted once and rolled forward."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.progress import silent
from shuzhi.research.forecast import series_members, statistical
from shuzhi.research.forecast.panel import Panel

COUNT, UNKNOWN = 120, 110
ITEMS = ("pm25", "o3_8h")


@pytest.fixture(scope="module")
def panel():
    random = np.random.default_rng(2)
    values = np.exp(4 + random.normal(0, 0.3, (COUNT, 3, 2)).cumsum(axis=0) * 0.2).astype(np.float32)
    values[5, 1, 0] = np.nan
    places = pd.DataFrame({"level": ["station", "district", "city"], "place": ["1", "锦江区", "成都"]})
    return Panel("day", pd.date_range("2026-01-01", periods=COUNT), places, ITEMS, values)


@pytest.fixture(scope="module")
def made(panel):
    return series_members.fit(panel, UNKNOWN, 7, silent)


def test_a_district_has_one_kind_the_city_all_and_a_station_none(made):
    fitted, trials = made
    assert set(trials) == set(statistical.KINDS)
    assert np.isfinite(trials["arima"][:, :, 1:]).all()
    assert np.isfinite(trials["theta"][:, :, 2]).all()
    assert np.isnan(trials["theta"][:, :, 1]).all()
    assert np.isnan(trials["arima"][:, :, 0]).all()
    assert len(fitted) == 2 * (1 + 3)


def test_rolled_forward_it_uses_the_readings_up_to_the_origin_only(panel, made):
    origins = np.array([115, 118])
    told = series_members.rolled(panel, made[0], "arima", 0, origins, 7)
    assert np.isfinite(told[:, :, 1:]).all()
    values = panel.values.copy()
    values[116:] = 900
    later = series_members.rolled(
        Panel("day", panel.times, panel.places, ITEMS, values), made[0], "arima", 0, origins, 7
    )
    assert np.array_equal(told[0], later[0], equal_nan=True)
    assert (later[1, 0, 1:] > told[1, 0, 1:]).all()


def test_without_newer_days_there_is_nothing_to_roll(panel, made):
    assert series_members.rolled(panel, made[0], "arima", 0, np.array([], int), 7).shape == (0, 7, 3)


def test_too_few_days_have_no_models(panel):
    assert series_members.fit(panel, 40, 7, silent) == ({}, {})
