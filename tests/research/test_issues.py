"""An issue is written once, read by what is asked, and never changed."""

import pandas as pd
import pytest

from shuzhi.errors import InputError, ScopeError
from shuzhi.research.forecast import issues
from shuzhi.store import Scope, open_home

EVERYTHING = Scope.all()
ISSUED = pd.Timestamp("2026-11-25T00:00Z")


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home", create="simulated")


def issue(issued_at=ISSUED, hindcast=False) -> issues.Issue:
    named = issues.issue_id(issued_at)
    return issues.Issue(named, issued_at, issued_at, "model", issued_at, "1", hindcast, issued_at, 1.5, 14)


def days(value: float, model: str = issues.TOLD) -> pd.DataFrame:
    row = {"kind": "air", "grain": "day", "level": "city", "place": "成都", "item": "aqi", "model": model}
    leads = pd.DataFrame({"lead": range(1, 8), "time": ISSUED + pd.to_timedelta(range(1, 8), unit="D")})
    return leads.assign(**row, value=value, p2=0.75)


def test_an_issue_is_read_as_it_was_written(home):
    outlooks = pd.DataFrame({"place": ["成都"], "item": ["pm25"], "first": [ISSUED.date()], "last": [ISSUED.date()]})
    issues.record(home, issue(), days(70), outlooks.assign(model="resampled", quantiles=[[30.0, 35.0, 41.0]]))
    assert issues.newest(home, EVERYTHING) == issue()
    found = issues.read(home, EVERYTHING, issue(), places=["成都"], items=["aqi"])
    assert found["lead"].tolist() == list(range(1, 8))
    assert set(found["value"]) == {70}
    assert set(found["p2"]) == {0.75}
    assert found["primary"].isna().all()
    assert issues.outlook(home, EVERYTHING, issue())["quantiles"][0].tolist() == [30, 35, 41]


def test_only_what_is_told_is_read_unless_asked(home):
    issues.record(home, issue(), pd.concat([days(70), days(90, "trees")]))
    assert len(issues.read(home, EVERYTHING, issue())) == 7
    assert len(issues.read(home, EVERYTHING, issue(), models=None)) == 14


def test_an_issue_is_never_changed(home):
    issues.record(home, issue(), days(70))
    with pytest.raises(InputError, match="never changed"):
        issues.record(home, issue(), days(99))
    assert set(issues.read(home, EVERYTHING, issue())["value"]) == {70}


def test_what_a_killed_writer_left_is_not_read_twice(home):
    issues._write(home, "forecast", issue(), days(50))
    issues.record(home, issue(), days(70))
    assert issues.read(home, EVERYTHING, issue())["value"].tolist() == [70] * 7


def test_an_issue_made_afterwards_does_not_become_the_newest(home):
    issues.record(home, issue(), days(70))
    later = issue(ISSUED + pd.Timedelta(days=1), hindcast=True)
    issues.record(home, later, days(80))
    assert issues.newest(home, EVERYTHING).id == "2026-11-25T08"
    assert [found.id for found in issues.table(home, EVERYTHING)] == ["2026-11-26T08", "2026-11-25T08"]
    assert [found.id for found in issues.table(home, EVERYTHING, hindcasts=False)] == ["2026-11-25T08"]


def test_who_may_not_see_forecasts_reads_none(home):
    nobody = Scope(rights=frozenset())
    with pytest.raises(ScopeError):
        issues.newest(home, nobody)
    issues.record(home, issue(), days(70))
    with pytest.raises(ScopeError):
        issues.read(home, nobody, issue())
