"""Scores are those that a hand computes, follow corrections, and hold the forecaster against the model."""

import datetime as dt
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shuzhi.research.forecast import issues, observed, skill, verify
from shuzhi.status import air
from shuzhi.store import Scope, observations, open_home
from tests import verified
from tests.verified import AQI, DAYS, TOLD

ALL = Scope.all()
MONTH = "2019-08"


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """For reading only."""
    rows = [verified.row("district", "锦江区", "pm25", "ensemble", lead, value=66.0) for lead in TOLD]
    rows += [verified.row("station", "1438A", "o3_8h", "ensemble", lead, value=47.0) for lead in TOLD]
    home = verified.verified_home(tmp_path_factory.mktemp("scored") / "home", pd.DataFrame(rows))
    assert verify.refresh(home) == [MONTH]
    return home


@pytest.fixture
def home(tmp_path):
    home = verified.verified_home(tmp_path / "home")
    verify.refresh(home)
    return home


def sums(home, model="ensemble", item="aqi") -> pd.DataFrame:
    table = home.lake.table("forecast_score").to_pyarrow_table().to_pandas()
    return table[(table["model"] == model) & (table["item"] == item)].set_index("lead")


def test_the_sums_are_those_of_the_hand(scored):
    found = sums(scored)
    assert found.index.tolist() == [1, 2]  # the third day is not over
    assert found["sum_error"].tolist() == [75 - 82, 95 - 132]
    assert found["sum_square"].tolist() == [49, 37**2]
    # Levels: 75 and 82 are 良; 95 is 良 and 132 is 轻度污染.
    assert found["exact_level"].tolist() == [1, 0]
    assert found["within_one"].tolist() == [1, 1]
    assert found["range25"].tolist() == [1, 0]  # 82 in 56…94, 132 not in 71…119
    assert found["two_level"].tolist() == [1, 1]  # 1～2 with 0.9, 2～3 with 1.0
    assert found["always_good"].tolist() == [1, 0]
    assert found["inside50"].tolist() == [0, 0]
    assert found["inside90"].tolist() == [1, 1]
    assert found["sum_rps"].tolist() == pytest.approx([(0.2**2 + 0.1**2) / 5, 0.6**2 / 5])
    assert found[["n_primary", "primary_right"]].to_numpy().tolist() == [[1, 1], [1, 0]]
    assert found[["polluted_hit", "polluted_missed", "polluted_false"]].to_numpy().tolist() == [[0, 0, 0], [0, 1, 0]]
    assert found[["n", "n_levels", "n_bands", "n_chances"]].to_numpy().tolist() == [[1] * 4] * 2


def test_a_model_without_bands_and_chances_is_not_counted_in_them(scored):
    found = sums(scored, "persistence")
    assert found["sum_absolute"].tolist() == [22, 72]
    assert found[["n_bands", "n_chances", "two_level", "inside90"]].to_numpy().sum() == 0


def test_districts_and_stations_are_scored_by_their_own_readings(scored):
    assert sums(scored, item="pm25")["sum_error"].tolist() == [66 - 60, 66 - 100]
    assert sums(scored, item="o3_8h")["sum_error"].tolist() == [47 - 50, 47 - 50]
    assert sums(scored, item="o3_8h")["n_levels"].tolist() == [0, 0]


def test_scoring_again_changes_nothing(home):
    before = home.version
    assert verify.refresh(home) == []
    assert home.version == before


def test_a_corrected_reading_corrects_the_score(home):
    observations.append(home, verified.readings(DAYS[0], 70), "correction")
    assert verify.refresh(home) == [MONTH]
    # 50 + 50·35/40 = 93.75, so 94
    assert sums(home)["sum_error"].tolist() == [75 - 94, 95 - 132]


def test_a_correction_of_a_month_long_past_is_noticed(home):
    for months in (2, 4):
        later = verified.ISSUED + pd.DateOffset(months=months)
        issues.record(home, verified.issue(later), verified.city_rows(later))
    verify.refresh(home)
    assert verify._due(home, home.lake.newest("observation", "received_at")) == ["2019-10", "2019-12"]
    observations.append(home, verified.readings(DAYS[0], 70), "correction")
    assert verify.refresh(home) == [MONTH]
    assert sums(home)["sum_error"].tolist() == [75 - 94, 95 - 132]
    assert verify._due(home, home.lake.newest("observation", "received_at")) == ["2019-10", "2019-12"]


def test_readings_count_for_the_issues_of_the_month_before(home):
    for months in (2, 4):
        later = verified.ISSUED + pd.DateOffset(months=months)
        issues.record(home, verified.issue(later), verified.city_rows(later))
    verify.refresh(home)
    observations.append(home, verified.readings(dt.date(2019, 9, 3), 70), "late")
    assert verify._due(home, home.lake.newest("observation", "received_at")) == [MONTH, "2019-10", "2019-12"]


def test_what_was_made_afterwards_is_scored_apart(home):
    later = verified.ISSUED + pd.Timedelta(days=1)
    issues.record(home, verified.issue(later, hindcast=True), verified.city_rows(later))
    assert verify.refresh(home) == [MONTH]
    assert sums(home)["n"].tolist() == [1, 1]
    assert sums(home, "hindcast:ensemble")["sum_error"].tolist() == [75 - 132]
    assert skill.board(home, ALL, made="hindcast").set_index("model").loc["ensemble", "skill_persistence"] == (
        pytest.approx(1 - 57 / 72)
    )


def test_a_day_is_scored_when_it_is_over(home):
    observations.append(home, verified.readings(DAYS[2], 100), "rest")
    assert verify.refresh(home) == [MONTH]
    assert sums(home)["sum_error"].tolist() == [75 - 82, 95 - 132, 120 - 132]


def test_the_forecaster_is_scored_beside_the_model(home):
    verified.sign(home, 2, 120)
    assert verify.refresh(home) == [MONTH]
    assert sums(home, "forecaster")["sum_error"].tolist() == [75 - 82, 120 - 132]
    assert sums(home, verify.BEFORE)["sum_error"].tolist() == [75 - 82, 95 - 132]
    assert sums(home, "forecaster")["polluted_hit"].tolist() == [0, 1]
    assert sums(home)["sum_error"].tolist() == [75 - 82, 95 - 132]
    board = skill.board(home, ALL).set_index(["model", "lead"])
    assert board.loc[("forecaster", 2), "skill_before"] == pytest.approx(1 - 12 / 37)
    assert board.loc[("forecaster", 1), "skill_before"] == 0
    assert verify.BEFORE not in board.index.get_level_values("model")


def test_a_withdrawn_word_is_not_scored(home):
    verified.sign(home, 2, 120)
    verified.sign(home, 2, None)
    assert verify.refresh(home) == []


def test_months_without_issues_are_passed_over(home):
    assert verify.refresh(home, months=["2019-07"]) == []
    assert verify.refresh(open_home(home.path.parent / "empty")) == []


def test_sets_of_symbols_share_one():
    told, came = pa.chunked_array([["PM2.5;O3", "NO2", None, ""]]), pa.chunked_array([["O3", "PM2.5", "NO2", ""]])
    assert verify._one_in_common(told, came).tolist() == [True, False, False, False]


def test_what_is_told_exactly_right_has_no_error_in_any_grain(small_city, tmp_path):
    home = open_home(shutil.copytree(small_city.path, tmp_path / "home"))
    issued = air.latest_hour(home, ALL).tz_convert("Asia/Shanghai").normalize() - pd.Timedelta(days=5)
    issue = verified.issue((issued + pd.Timedelta(hours=8)).tz_convert("UTC"))
    parts = []
    for kind, grain in (("air", "day"), ("air", "hour"), ("water", "day")):
        came = observed.of_month(home, ALL, issue.month, kind, grain).to_pandas()
        steps = (came["time"] - issue.issued_at) / pd.Timedelta(hours=1 if grain == "hour" else 24)
        came = came.assign(kind=kind, grain=grain, model="ensemble", lead=np.ceil(steps).astype(int))
        parts.append(came[came["lead"].between(1, 7)])
    told = pd.concat(parts)
    issues.record(home, issue, told)
    verify.refresh(home)
    found = home.lake.table("forecast_score").to_pyarrow_table().to_pandas()
    assert found["n"].sum() == len(told)
    assert np.abs(found["sum_absolute"]).max() < 1e-3  # forecasts are kept in single precision
    assert (found["exact_level"] == found["n_levels"]).all()
    assert (found["primary_right"] == found["n_primary"]).all()
    levels = set(map(tuple, found[["grain", "level"]].drop_duplicates().to_numpy()))
    assert levels == {*(("day", level) for level in ("station", "district", "city", "section"))} | {
        ("hour", "station"),
        ("hour", "city"),
    }


def test_the_city_came_as_the_platform_reports_it(scored):
    came = observed.air_days(scored, ALL, DAYS[0], DAYS[2], ["city"]).to_pandas()
    assert came.loc[came["item"] == "aqi", "value"].tolist() == list(AQI)
