"""Issues made afterwards tell what was known then, are marked, and are taken up where they were broken off."""

import pandas as pd
import pytest

from shuzhi.research.forecast import hindcast, issue, issues, work
from shuzhi.status import air
from shuzhi.store import Scope
from tests.research.test_issue import copied

EVERYTHING = Scope.all()


@pytest.fixture(scope="module")
def home(small_city, tmp_path_factory):
    return copied(small_city, tmp_path_factory.mktemp("hindcast") / "home")


@pytest.fixture(scope="module")
def now(home):
    return air.latest_hour(home, EVERYTHING)


@pytest.fixture(scope="module")
def made(home, now):
    assert hindcast.make(home, EVERYTHING, now, 3) == 3
    return issues.table(home, EVERYTHING)


def test_the_last_mornings_have_an_issue(made, now):
    today = now.tz_convert("Asia/Shanghai").normalize()
    assert [one.id for one in made] == [f"{today - pd.Timedelta(days=k):%Y-%m-%d}T08" for k in (1, 2, 3)]
    assert all(one.hindcast and one.as_of == one.issued_at for one in made)


def test_they_tell_the_day_that_had_begun_and_nothing_hourly(home, made):
    told = issues.read(home, EVERYTHING, made[-1], items=["aqi"], levels=["city"])
    begun = made[-1].as_of.tz_convert("Asia/Shanghai").normalize()
    assert told["time"].iloc[0].tz_convert("Asia/Shanghai") == begun + pd.Timedelta(days=1)
    assert issues.read(home, EVERYTHING, made[-1], grain="hour").empty
    assert len(issues.read(home, EVERYTHING, made[-1], kind="water"))


def test_it_is_what_an_issue_of_that_morning_tells(home, made):
    fitted = issue.ready(home, EVERYTHING, made[0].as_of)
    told = issue.forecasts(home, EVERYTHING, made[0].as_of, fitted)[0]
    told = told[(told["kind"] == "air") & (told["grain"] == "day") & (told["level"] == "city")]
    keys = ["item", "model", "lead"]
    afterwards = issues.read(home, EVERYTHING, made[0], levels=["city"], models=None).set_index(keys)["value"]
    assert told.set_index(keys)["value"].reindex(afterwards.index).tolist() == pytest.approx(afterwards.tolist())


def test_what_is_there_is_not_made_again(home, now, made):
    assert hindcast.make(home, EVERYTHING, now, 3) == 0
    assert hindcast.make(home, EVERYTHING, now, 4) == 1
    assert len(issues.table(home, EVERYTHING)) == 4


def test_work_is_seen_while_it_goes_on(home):
    with work.working(home) as progress:
        progress(3, 10, "days")
        assert work.going_on(home) | {"started": ""} == {"done": 3, "total": 10, "message": "days", "started": ""}
    assert work.going_on(home) is None


def test_one_work_at_a_time(home):
    with work.working(home), pytest.raises(work.InputError, match="already"), work.working(home, wait=0):
        pass


def test_a_work_that_was_killed_is_none(home):
    (home.path / "models" / "progress.json").write_text('{"done": 1}')
    assert work.going_on(home) is None
