"""Stations at an hour: values of the two days, silence."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.status import snapshot
from shuzhi.store import Scope

SCOPE = Scope.all()


def at(text):
    return pd.Timestamp(text, tz="Asia/Shanghai")


def snapshot_at(home, text: str, factor: str = "aqi") -> pd.DataFrame:
    """The last hour of a window, by station."""
    seen = snapshot.window(home, SCOPE, at(text), 1, factor)
    return pd.DataFrame({"value": seen.value[0], "level": seen.level[0], "age": seen.age[0]}, seen.stations["code"])


def test_the_hour_of_the_event(two_days):
    table = snapshot_at(two_days, "2019-08-26T15:00", "o3")
    assert (table.loc["1434A", "value"], table.loc["1434A", "level"], table.loc["1434A", "age"]) == (215, 3, 0)
    assert table.loc["1432A", "value"] == 268


def test_aqi_and_its_levels_are_counted(two_days):
    table = snapshot_at(two_days, "2019-08-26T15:00")
    assert table.loc["1434A", "value"] == 108
    assert sum(snapshot.counts(table["level"]).values()) == 8
    assert set(snapshot.counts(table["level"])) == set(range(7))


def test_a_silent_station_keeps_its_reading_for_two_hours_and_is_then_without_level(two_days):
    """君平街 reports no ozone at 15:00; its value of 14:00 is shown with its age."""
    row = snapshot_at(two_days, "2019-08-26T15:00", "o3").loc["1437A"]
    assert (row["value"], row["age"]) == (204, 1)
    late = snapshot_at(two_days, "2019-08-27T03:00", "o3")
    assert late["value"].isna().all()
    assert (late["level"] == 0).all()
    assert (late["age"] == -1).all()


def test_no_reading_never_has_a_level(two_days):
    seen = snapshot.window(two_days, SCOPE, at("2019-08-27T10:00"), 60)
    assert (seen.level[np.isnan(seen.value)] == 0).all()
    assert (seen.level[~np.isnan(seen.value)] > 0).all()
    assert seen.value.shape == (60, 8)


def test_a_window_ends_with_the_hour_and_is_made_of_its_hours(two_days):
    seen = snapshot.window(two_days, SCOPE, at("2019-08-26T15:00"), 5, "pm25")
    assert list(seen.times.tz_convert("Asia/Shanghai").hour) == [11, 12, 13, 14, 15]
    for hour, value in zip(seen.times, seen.value, strict=True):
        np.testing.assert_array_equal(snapshot.window(two_days, SCOPE, hour, 1, "pm25").value[0], value)


def test_unknown_factor(two_days):
    with pytest.raises(InputError, match="unknown factor 'pm1'"):
        snapshot.window(two_days, SCOPE, at("2019-08-26T15:00"), factor="pm1")
