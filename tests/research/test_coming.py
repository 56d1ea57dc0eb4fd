"""The weather around an origin is what was known then: measured before it, forecast after it."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import coming
from shuzhi.research.forecast.coming import NAMES, Coming
from shuzhi.status import air
from shuzhi.store import Scope

EVERYTHING = Scope.all()
MIDNIGHT = np.datetime64("2026-11-24T16", "h")  # the end of 24 November in Beijing
DAY = np.array(["2026-11-24"], "datetime64[D]")


def weather(as_of=MIDNIGHT + 8) -> Coming:
    """Measured 1 … hour by hour; an issue of 08:00 that says 100 and one of the day before that says 50."""
    begin = MIDNIGHT - 47
    measured = np.ones((int((as_of - begin).astype(int)) + 1, len(NAMES)), np.float32)
    issued = np.array([MIDNIGHT - 16, MIDNIGHT + 8])
    told = np.stack([np.full((coming.REACH, len(NAMES)), value, np.float32) for value in (50, 100)])
    known = issued <= as_of
    return Coming(begin, measured, issued[known], told[known], "product", as_of)


def test_a_morning_is_measured_and_the_rest_of_the_day_forecast():
    found = weather().days(DAY, 2)[0, :, 0]
    assert found == pytest.approx([(8 * 1 + 16 * 100) / 24, 100])


def test_at_midnight_only_the_issue_of_the_day_before_is_known():
    found = weather(MIDNIGHT).days(DAY, 2)[0, :, 0]
    assert found == pytest.approx([50, 50])


def test_hours_come_from_the_newest_issue_until_it_ends():
    found = weather().hours(np.array([MIDNIGHT + 7, MIDNIGHT + 8]), coming.REACH)[:, :, 0]
    assert found[0, 0] == 50
    assert np.isnan(found[0, -1])  # the older issue ends before
    assert (found[1] == 100).all()


def test_an_old_issue_says_nothing():
    stale = weather().hours(np.array([MIDNIGHT + 8 + 49]), 3)
    assert np.isnan(stale).all()
    assert weather().used == pd.Timestamp("2026-11-25T00:00Z")
    assert weather().used_at(MIDNIGHT + 8 + 49) is None


def test_a_day_is_the_mean_of_what_was_measured():
    assert weather().past_days(DAY)[0, 0] == pytest.approx(1)
    assert np.isnan(weather().past_days(DAY - 40)).all()


def test_nothing_issued_or_measured_later_is_read(small_city):
    newest = air.latest_hour(small_city, EVERYTHING)
    as_of = newest - pd.Timedelta(days=3)
    found = coming.read(small_city, EVERYTHING, as_of - pd.Timedelta(days=5), as_of)
    assert found.used is not None
    assert found.used <= as_of
    assert len(found.measured) == 5 * 24 + 1
    later = coming.read(small_city, EVERYTHING, as_of - pd.Timedelta(days=5), newest)
    assert np.array_equal(later.measured[: len(found.measured)], found.measured, equal_nan=True)
    assert np.array_equal(later.told[: len(found.told)], found.told, equal_nan=True)
    temperature = found.measured[:, NAMES.index("temperature")]
    assert np.nanmean(np.abs(temperature)) < 45
