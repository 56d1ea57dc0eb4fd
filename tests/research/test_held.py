"""An issue's numbers are read once; whoever asks must be allowed to see them."""

import pandas as pd
import pytest

from shuzhi.errors import ScopeError
from shuzhi.research.forecast import held, issues
from shuzhi.store import Scope
from tests.forecasts import MODELS, forecast_home, record_issue

EVERYTHING = Scope.all()
ISSUED = pd.Timestamp("2026-11-25T08", tz="Asia/Shanghai")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return forecast_home(tmp_path_factory.mktemp("held"))


@pytest.fixture(scope="module")
def issue(home):
    return record_issue(home, ISSUED)


def test_a_place_is_a_slice_of_what_is_read_of_all(home, issue):
    every = held.hours(home, EVERYTHING, issue)
    assert set(every) == {("city", home.city), ("station", "1434A"), ("station", "1437A")}
    asked = issues.read(home, EVERYTHING, issue, grain="hour", levels=["station"], places=["1437A"])
    found = every["station", "1437A"].astype(dict.fromkeys(("level", "place", "item"), "str"))
    pd.testing.assert_frame_equal(found.reset_index(drop=True), asked[found.columns])


def test_members_are_all_models_and_days_what_is_told(home, issue):
    members = held.members(home, EVERYTHING, issue)["district", "锦江区"]
    assert set(members["model"]) == set(MODELS)
    assert set(held.days(home, EVERYTHING, issue)["model"]) == {issues.TOLD}


def test_what_drove_a_place_is_its_own(home):
    issued = ISSUED + pd.Timedelta(hours=2)
    issue = issues.Issue(issues.issue_id(issued), issued, issued, None, None, "test", False, issued, 1.0, 0)
    rows = pd.DataFrame({"level": "station", "place": ["A", "A", "B"], "item": "pm25", "lead": 1})
    rows = rows.assign(group=["wind", "rain", "wind"], contribution=[-3.0, 1.0, 2.0])
    issues.record(home, issue, pd.DataFrame({"kind": []}), drivers=rows)
    found = held.drivers(home, EVERYTHING, issue)
    assert found.of("station", "A")[["group", "contribution"]].to_numpy().tolist() == [["rain", 1.0], ["wind", -3.0]]
    assert found.of("district", "A").empty


def test_an_issue_is_read_once_whatever_comes_later(home, issue, monkeypatch):
    before = [ask(home, EVERYTHING, issue) for ask in (held.days, held.members, held.hours)]
    other = record_issue(home, ISSUED + pd.Timedelta(hours=1))
    assert set(held.hours(home, EVERYTHING, other).rows["time"]) != set(before[2].rows["time"])
    monkeypatch.setattr(issues, "read", None)
    after = [ask(home, EVERYTHING, issue) for ask in (held.days, held.members, held.hours)]
    assert all(a is b for a, b in zip(after, before, strict=True))


@pytest.mark.parametrize("ask", [held.days, held.members, held.drivers, held.hours])
def test_what_is_held_is_for_those_who_may_see_it(home, issue, ask):
    ask(home, EVERYTHING, issue)
    with pytest.raises(ScopeError):
        ask(home, Scope.seeing("air"), issue)


def test_no_rows_are_no_places():
    assert not held.ByPlace(pd.DataFrame({"level": [], "place": []}))
