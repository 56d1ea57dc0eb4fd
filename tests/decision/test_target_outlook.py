"""Targets beside outlooks: the chance of reaching them, and what the rest must bring."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi.decision.outlook import against_targets, chance, needed
from shuzhi.decision.targets import set_target
from shuzhi.errors import ScopeError
from shuzhi.store import Scope, open_home


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


def outlooks(place: str) -> pd.DataFrame:
    """A year and a month."""
    year, month = (dt.date(2026, 1, 1), dt.date(2026, 12, 31)), (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    rows = [
        ("good_days", *year, 254.0, 328, np.repeat(np.arange(270.0, 290.0), 6)[:101]),
        ("pm25", *year, 30.0, 328, np.linspace(30, 40, 101)),
        ("good_days", *month, 14.0, 24, np.linspace(14, 20, 101)),
    ]
    columns = ["item", "first", "last", "so_far", "days", "quantiles"]
    return pd.DataFrame(rows, columns=columns).assign(place=place, model="resampled")


def test_targets_stand_beside_the_outlooks_of_their_year(home):
    set_target(home, Scope.all(), 2026, "good_days", 280)
    set_target(home, Scope.all(), 2026, "pm25", 32)
    good, pm25, month = against_targets(home, Scope.all(), outlooks(home.city)).to_dict("records")
    assert (good["target"], good["left"], good["needed"]) == (280, 37, 26)
    assert good["chance"] == pytest.approx(0.41, abs=0.01)
    assert pm25["chance"] == pytest.approx(0.2, abs=0.01)
    assert pm25["needed"] == pytest.approx((32 * 365 - 30 * 328) / 37)
    assert (pm25["median"], pm25["lower90"], pm25["upper50"]) == (35, 30.5, 37.5)
    assert np.isnan(month["target"])
    assert np.isnan(month["chance"])


def test_without_a_target_there_is_no_chance(home):
    found = against_targets(home, Scope.all(), outlooks(home.city))
    assert found[["target", "chance", "left", "needed"]].isna().all(axis=None)
    assert found["median"].notna().all()


def test_forecasts_must_be_allowed(home):
    with pytest.raises(ScopeError):
        against_targets(home, Scope.seeing("air"), outlooks(home.city))


@pytest.mark.parametrize(
    ("item", "so_far", "days", "left", "target", "expected"),
    [
        ("good_days", 254, 328, 37, 250, 0.0),
        ("good_days", 254, 328, 37, 300, 46.0),
        ("pm25", float("nan"), 0, 365, 32, 32.0),
        ("pm25", 40, 360, 5, 30, (30 * 365 - 40 * 360) / 5),
    ],
)
def test_what_is_needed(item, so_far, days, left, target, expected):
    assert needed(item, so_far, days, left, target) == pytest.approx(expected)


def test_nothing_is_needed_of_a_year_that_is_over():
    assert np.isnan(needed("pm25", 30, 365, 0, 32))


def test_a_share_of_sections_is_held_against_its_target_as_it_is_published(home):
    set_target(home, Scope.all(), 2026, "water_good_share", 96.4)
    shares = np.repeat(np.float32([100 * 132 / 138, 100 * 133 / 138]), [61, 40])  # 95.7 % and 96.4 %
    year = outlooks(home.city).head(1).assign(item="water_good_share", quantiles=[shares], so_far=97.1)
    row = against_targets(home, Scope.all(), year).iloc[0]
    assert row["chance"] == pytest.approx(0.4)
    assert np.isnan(row["needed"])
    below = year.assign(item="water_below_target")
    assert np.isnan(against_targets(home, Scope.all(), below).iloc[0]["target"])


def test_sure_things_are_sure():
    assert chance("good_days", np.full(101, 280.0), 280) == 1
    assert chance("good_days", np.full(101, 279.0), 280) == 0
    assert chance("pm25", np.full(101, 32.0), 32) == 1
