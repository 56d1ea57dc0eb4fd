"""Rosters and areas of responsibility: who is on duty at a moment, who answers for a place, what is missing."""

import datetime as dt

import pytest

from shuzhi.errors import NotFoundError
from shuzhi.registry import duties, people, responsibilities
from shuzhi.settings import BEIJING
from shuzhi.store import open_home
from tests.registry.people import BOSS, DAY, staffed


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path)


@pytest.fixture
def ids(home):
    return staffed(home)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(20, 8, 29), set()),
        (at(20, 8, 30), {"j-1", "w-1"}),
        (at(20, 17, 29), {"j-1", "w-1"}),
        (at(20, 17, 30), {"b-1"}),
        (at(21, 8, 29), {"b-1"}),
        (at(21, 8, 30), set()),
        (at(20, 18).astimezone(dt.UTC), {"b-1"}),
        (dt.datetime(2026, 11, 20, 9), {"j-1", "w-1"}),
    ],
)
def test_a_night_ends_in_the_morning(home, ids, moment, there):
    assert set(duties.on_duty(home, BOSS, None, moment)["code"]) == there


def test_nobody_is_on_duty_where_there_is_no_roster(home):
    assert list(duties.on_duty(home, BOSS).columns) == [*duties.COLUMNS, "since", "until"]


def test_who_is_on_duty_says_until_when(home, ids):
    row = duties.on_duty(home, BOSS, ids["bureau"], at(21, 3)).iloc[0]
    assert (row["name"], row["since"], row["until"]) == ("赵*", at(20, 17, 30), at(21, 8, 30))


def test_who_was_removed_is_not_on_duty(home, ids):
    people.remove(home, BOSS, ids["jp"])
    assert set(duties.on_duty(home, BOSS, None, at(20, 12))["code"]) == {"w-1"}


def test_a_turn_is_taken_off_and_put_back(home, ids):
    said = duties.remove(home, BOSS, ids["jd"])
    assert duties.roster(home, BOSS, DAY, DAY, ids["j"]).empty
    with pytest.raises(NotFoundError):
        duties.remove(home, BOSS, ids["jd"])
    duties.add(home, BOSS, **said)
    assert list(duties.roster(home, BOSS, DAY, DAY, ids["j"])["person"]) == [ids["jp"]]


def test_days_without_duty_are_those_of_organisations_with_a_roster(home, ids):
    missing = duties.gaps(home, BOSS, DAY, DAY + dt.timedelta(days=1))
    assert set(missing["organisation"]) == {ids["j"], ids["w"], ids["bureau"]}
    assert set(missing["day"]) == {DAY + dt.timedelta(days=1)}
    later = DAY + dt.timedelta(days=duties.BACK + 1)
    assert duties.gaps(home, BOSS, later, later).empty


def test_who_answers_for_a_task_comes_before_who_answers_for_all(home, ids):
    responsibilities.add(home, BOSS, ids["jp"], "street", "春熙街道", "air")
    found = responsibilities.responsible(home, BOSS, "street", "春熙街道", "air")
    assert list(found["person"]) == [ids["jp"], ids["jsp"]]
    assert list(responsibilities.responsible(home, BOSS, "street", "春熙街道", "water")["person"]) == [ids["jsp"]]
    assert len(responsibilities.responsible(home, BOSS, "street", "春熙街道")) == 2
    assert responsibilities.responsible(home, BOSS, "street", "没有街道").empty


def test_a_responsibility_is_taken_and_given_back(home, ids):
    said = responsibilities.remove(home, BOSS, ids["jr"])
    assert set(responsibilities.gaps(home, BOSS, ["street"])["place"]) == {"春熙街道"}
    responsibilities.add(home, BOSS, **said)
    assert responsibilities.gaps(home, BOSS, ["street"]).empty
