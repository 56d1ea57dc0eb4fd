"""Bands and chances of many places are those of one, and a model that loses to the floor is not used."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import intervals, naive, told
from shuzhi.research.forecast.panel import Panel
from shuzhi.standards.aqi import ITEMS

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize("share", [0.05, 0.25, 0.75, 0.95])
def test_a_quantile_is_that_of_one_series(share):
    errors = RANDOM.normal(size=(40, 2, 3))
    errors[RANDOM.random(errors.shape) < 0.1] = np.nan
    found = told.quantile(errors, share, np.array(["a", "a", "b"]))
    for lead, place in np.ndindex(2, 3):
        assert found[lead, place] == pytest.approx(intervals.quantile(errors[:, lead, place], share))


def test_a_new_place_takes_the_errors_of_its_like():
    errors = RANDOM.normal(size=(40, 1, 3))
    errors[:, :, 2] *= 10
    errors[5:, :, 1] = np.nan
    found = told.quantile(errors, 0.95, np.array(["a", "a", "b"]))
    together = np.concatenate([errors[:, 0, 0], errors[:, 0, 1]])
    assert found[0, 1] == pytest.approx(intervals.quantile(together, 0.95))


def test_chances_are_those_of_one_forecast():
    errors = RANDOM.normal(size=(60, 1, 2))
    now = np.array([[95.0, 160.0]])
    errors = 10 * errors
    found = told.probabilities(now, errors)
    for place in range(2):
        alone = intervals.probabilities(now[0, [place]], errors[:, 0, place])
        assert found[0, place] == pytest.approx(alone[0], abs=1e-9)


def test_larger_errors_of_late_widen_all_of_them_smaller_ones_nothing():
    errors = RANDOM.normal(size=(120, 1, 2))
    errors[90:, :, 0] *= 3
    errors[90:, :, 1] /= 3
    wide, same = told.widening(errors, np.array(["a", "b"]))[0]
    assert 1.5 < wide <= told.WIDEST
    assert same == 1


def panel_of(values: np.ndarray) -> Panel:
    times = pd.date_range("2026-01-01", periods=len(values))
    places = pd.DataFrame({"level": ["station", "city"], "place": ["1", "成都"]})
    return Panel("day", times, places, ITEMS[:5] + ("o3_8h",), values)


def test_a_model_that_loses_to_the_floor_is_not_used():
    values = 50 + RANDOM.normal(0, 5, (100, 2, 6))
    panel, origins, leads = panel_of(values), np.arange(40, 100), np.array([1, 2])
    floors = naive.of_days(values[:, :, 0], origins, leads)
    came = naive.truth(values[:, :, 0], origins, leads)
    good, bad = np.nan_to_num(came, nan=77.0), np.full_like(came, 999.0)
    found = told.mixed(panel, origins, leads, floors | {"good": good, "bad": bad}, 0)
    assert found[-1].max() < 80
    assert np.nanmean(np.abs(found[:-2] - came[:-2])) < 1
    alone = told.mixed(panel, origins, leads, floors | {"bad": bad}, 0)
    assert alone[-1].max() < 60


def test_of_what_no_model_knows_nothing_is_told():
    values = 50 + RANDOM.normal(0, 5, (60, 2, 6)).astype(np.float32)
    values[:, 0, 2] = np.nan  # never measures SO2
    panel, origins = panel_of(values), np.arange(20, 60)

    def members(item):
        return naive.of_days(values[:, :, item].astype(float), origins, np.arange(1, 8))

    rows = told.rows(panel, origins, np.arange(1, 8), members)
    station = rows[rows["level"] == "station"]
    assert set(station["item"]) >= {"pm25", "o3_8h"}
    assert "so2" not in set(station["item"])
    assert rows["value"].notna().all()
