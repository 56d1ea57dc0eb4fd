"""What the situation room's screen gathers: a week of whole days, gaps kept, late or not."""

import pandas as pd
import pytest

from shuzhi.registry import machines, sources
from shuzhi.status.wall import wall
from shuzhi.store import Scope, open_home

SCOPE = Scope.all()


def at(text):
    return pd.Timestamp(text, tz="Asia/Shanghai")


@pytest.fixture(scope="module")
def shown(two_days):
    return wall(two_days, SCOPE, at("2019-08-27T00:30"))


def test_the_week_is_the_seven_whole_days_before_the_hour(shown):
    assert (shown.situation.at, len(shown.hours), len(shown.days)) == (at("2019-08-26T23:00"), 168, 7)
    assert shown.hours["time"].iloc[0] == at("2019-08-19T01:00")
    assert shown.hours["time"].iloc[-1] == at("2019-08-26T00:00")


def test_hours_and_days_without_readings_are_rows_without_an_index(shown):
    empty = shown.hours[shown.hours["time"] <= at("2019-08-25T00:00")]
    assert (len(empty), empty["aqi"].isna().all(), set(empty["level"]), set(empty["primary"])) == (144, True, {0}, {""})
    assert shown.days["level"].tolist() == [0, 0, 0, 0, 0, 0, 3]
    assert shown.days["aqi"].iloc[-1] == 121


@pytest.mark.parametrize(("now", "late"), [("2019-08-27T01:00", False), ("2019-08-27T01:01", True)])
def test_late_when_nothing_has_come_for_longer_than_two_hours(two_days, now, late):
    assert wall(two_days, SCOPE, at(now)).late is late


def test_a_block_without_data_is_none(shown):
    assert (shown.water, shown.sources, shown.machines) == (None, None, None)


def test_nothing_in_an_empty_home(tmp_path):
    assert wall(open_home(tmp_path), SCOPE, at("2026-01-01T00:00")) is None


def test_water_of_a_city(small_city):
    found = wall(small_city, SCOPE, pd.Timestamp.now("Asia/Shanghai")).water
    assert found.now.rated > 0
    assert found.city == "成都"


def test_figures_of_the_registers(two_days, monkeypatch):
    monkeypatch.setattr(sources, "figures", lambda *_: {"total": 3, "key": 1, "registered": 2})
    monkeypatch.setattr(machines, "figures", lambda *_: {"total": 0, "seen": 0, "forbidden": 0})
    shown = wall(two_days, SCOPE, at("2019-08-27T00:30"))
    assert (shown.sources["total"], shown.machines) == (3, None)
