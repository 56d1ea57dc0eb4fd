"""Every issue stands beside what came of it, before and after the meeting."""

import numpy as np
import pytest

from shuzhi.errors import ScopeError
from shuzhi.research.forecast import archive, verify
from shuzhi.store import Scope, open_home
from tests import verified

ALL = Scope.all()


@pytest.fixture
def home(tmp_path):
    home = verified.verified_home(tmp_path / "home")
    verify.refresh(home)
    return home


def beside(home, item="aqi"):
    return archive.issue_beside(home, ALL, verified.issue(), "city", "成都", item).set_index("lead")


def test_numbers_stand_beside_what_came(home):
    found = beside(home)
    assert found["came"].tolist()[:2] == [82, 132]
    assert np.isnan(found.loc[3, "came"])
    assert found["error"].tolist()[:2] == [-7, -37]
    assert found["inside50"].tolist()[:2] == [False, False]
    assert found["inside90"].tolist()[:2] == [True, True]
    assert found["inside90"].isna().tolist() == [False, False, True]
    assert found["told_level"].tolist() == [2, 2, 3]
    assert found["came_level"].tolist() == [2, 3, 0]
    assert found["came_primary"].tolist()[:2] == ["PM2.5", "PM2.5"]


def test_the_forecasters_word_stands_beside_the_model(home):
    verified.sign(home, 2, 120)
    found = beside(home)
    assert found["edited"].tolist() == [False, True, False]
    assert found.loc[2, ["value", "official", "error"]].tolist() == [95, 120, -12]
    assert found["told_level"].tolist() == [2, 3, 3]


def test_what_was_not_told_is_empty(home):
    assert beside(home, "pm25").empty


def test_an_issue_has_its_later_score(home):
    found = archive.overview(home, ALL).iloc[0]
    assert (found["issue"], found["days"], found["levels_right"], found["inside90"]) == ("2019-08-01T08", 2, 1, 2)
    assert (found["mae"], found["mae_official"], found["edited"]) == (22, 22, 0)
    verified.sign(home, 2, 120)
    found = archive.overview(home, ALL).iloc[0]
    assert (found["mae"], found["mae_official"], found["edited"], found["levels_right"]) == (22, 9.5, 1, 2)
    assert len(archive.overview(home, ALL, first="2019-08")) == 1
    assert archive.overview(home, ALL, first="2019-09").empty


def test_an_empty_home_has_no_archive(tmp_path):
    home = open_home(tmp_path / "home")
    assert archive.overview(home, ALL).empty
    with pytest.raises(ScopeError):
        archive.overview(home, Scope.seeing("air"))
