"""Readings of surface water by day are those of the months, cut at Beijing midnights."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.settings import BEIJING
from shuzhi.status import water, water_rows
from shuzhi.store import Scope, open_home


@pytest.fixture(scope="module")
def span(small_city) -> tuple[pd.Timestamp, pd.Timestamp]:
    """From a midnight to the last one."""
    end = water.latest_time(small_city, Scope.all()).tz_convert(BEIJING).normalize()
    return end - pd.Timedelta(days=12), end


def test_sums_of_days_make_those_of_their_span(small_city, span):
    codes, days, found = water_rows.by_day(small_city, *span)
    assert len(days) == 12
    assert (days[0], days[-1]) == (span[0].tz_localize(None), span[1].tz_localize(None) - pd.Timedelta(days=1))
    same, expected = water_rows.sums(small_city, *span)
    assert codes.equals(same)
    np.testing.assert_allclose(found.totals.sum(axis=0), expected.totals)
    np.testing.assert_array_equal(found.counts.sum(axis=0), expected.counts)
    np.testing.assert_array_equal(found.times.sum(axis=0), expected.times)


def test_midnight_belongs_to_the_day_before(small_city, span):
    day = span[1] - pd.Timedelta(days=1)
    _codes, days, found = water_rows.by_day(small_city, day, span[1])
    _same, expected = water_rows.sums(small_city, day, span[1])
    assert len(days) == 1
    np.testing.assert_array_equal(found.counts[0], expected.counts)
    assert found.counts.max() == 6


def test_a_span_before_the_readings_begins_with_their_month(small_city, span):
    _codes, days, found = water_rows.by_day(small_city, span[0] - pd.DateOffset(years=3), span[1])
    assert days[0].day == 1
    assert len(days) == len(found.times) < 70


def test_without_readings_there_is_no_day(tmp_path, span):
    _codes, days, found = water_rows.by_day(open_home(tmp_path / "home"), *span)
    assert len(days) == len(found.times) == 0
