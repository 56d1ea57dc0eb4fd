"""What forecasters sign at the meeting holds beside the model's value, and none of it is lost."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from shuzhi.access import audit
from shuzhi.errors import InputError, NotFoundError, ScopeError
from shuzhi.research.forecast import issues, meeting
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.store import Scope, open_home
from shuzhi.store.scope import Actor

ALL = Scope.all()
ISSUED = pd.Timestamp.now("UTC").floor("D")
TIMES = ISSUED + pd.to_timedelta(range(1, 8), unit="D") + pd.Timedelta(hours=16)
VALUES = {"pm25": 40.0, "pm10": 60.0, "so2": 5.0, "no2": 30.0, "co": 0.7, "o3_8h": 90.0, "aqi": 54.0}


def forecaster(name: str) -> Scope:
    return Scope(frozenset({("forecasts", "see"), ("forecasts", "change")}), actor=Actor("system", name, name))


LI, WANG = forecaster("李娜"), forecaster("王五")


def issue(issued_at=ISSUED) -> issues.Issue:
    return issues.Issue(issues.issue_id(issued_at), issued_at, issued_at, None, None, "1", False, issued_at, 1.0, 1)


def city_days() -> pd.DataFrame:
    rows = [
        {"level": level, "place": place, "item": item, "lead": lead, "time": time, "value": value}
        for level, place in (("city", "成都"), ("district", "锦江区"))
        for item, value in VALUES.items()
        for lead, time in enumerate(TIMES, 1)
    ]
    table = pd.DataFrame(rows).assign(kind="air", grain="day", model=issues.TOLD)
    for name, far in (("lower90", -20), ("lower50", -8), ("upper50", 8), ("upper90", 20)):
        table[name] = table["value"] + far
    return table


@pytest.fixture
def home(tmp_path):
    home = open_home(tmp_path / "home", create="simulated")
    issues.record(home, issue(), city_days())
    return home


def told(home, item="aqi", place="成都") -> pd.DataFrame:
    rows = issues.read(home, ALL, issue(), places=[place], items=[item])
    return meeting.official(home, ALL, issue(), rows).set_index("lead")


def sign(home, value, scope=LI, item="aqi", time=TIMES[0], seen=None, reason="冷空气提前") -> int:
    return meeting.edit(home, scope, issue(), "city", "成都", item, time, value, reason, seen)


def test_the_edit_holds_and_the_models_value_stays(home):
    number = sign(home, 130)
    days = told(home)
    assert days.loc[1, ["value", "model_value", "edit"]].tolist() == [130, 54, number]
    assert days.loc[1, ["reason", "signed_name"]].tolist() == ["冷空气提前", "李娜"]
    assert days.loc[1, ["lower90", "upper50"]].tolist() == [110, 138]
    assert days.loc[2:, "edit"].isna().all()
    assert (days.loc[2:, "value"] == 54).all()
    assert set(issues.read(home, ALL, issue(), items=["aqi"])["value"]) == {54}
    assert told(home, place="锦江区")["edit"].isna().all()


def test_probabilities_follow_the_moved_bands(home):
    sign(home, 130)
    chances = told(home).loc[1, PROBABILITIES].astype(float)
    assert chances.sum() == pytest.approx(1)
    # 100.5 lies below the lower 90 % bound (110), a share of (100.5 - 98) / 12 of the last 5 %.
    assert chances["p1"] == 0
    assert chances["p2"] == pytest.approx(0.05 * 2.5 / 12)
    assert chances.idxmax() == "p3"


def test_an_edited_pollutant_makes_the_index_anew(home):
    sign(home, 120, item="pm25")
    days = told(home)
    # HJ 633-2026: PM2.5 of 120 µg/m³ lies between 115 (150) and 150 (200): 150 + 50·5/35 = 157.1…, rounded up.
    assert days.loc[1, "value"] == 158
    assert days.loc[1, "primary"] == "PM2.5"
    assert days.loc[1, "signed_name"] == "李娜"
    assert told(home, "pm25").loc[1, "value"] == 120
    sign(home, 140)
    assert told(home).loc[1, "value"] == 140


def test_a_withdrawn_edit_gives_the_day_back(home):
    first = sign(home, 130)
    sign(home, None, WANG, reason="模式已经调整", seen=first)
    assert told(home).loc[1, "value"] == 54
    kept = meeting.history(home, ALL, issue())
    assert kept["value"].isna().tolist() == [False, True]
    assert kept["signed_name"].tolist() == ["李娜", "王五"]


def test_nobodys_word_is_replaced_unread(home):
    first = sign(home, 130)
    with pytest.raises(InputError, match="李娜 刚刚订正过"):
        sign(home, 90, WANG)
    assert told(home).loc[1, "value"] == 130
    sign(home, 90, WANG, seen=first)
    assert told(home).loc[1, "value"] == 90


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"reason": "  "}, "理由"),
        ({"reason": "长" * 501}, "最多 500"),
        ({"value": 501}, "0 到 500"),
        ({"value": float("nan")}, "0 到 500"),
        ({"value": -1, "item": "o3_8h"}, "0 到"),
        ({"value": 80, "time": ISSUED - pd.Timedelta(days=1)}, "已经过去"),
    ],
)
def test_what_can_not_be_meant_is_refused(home, change, wrong):
    with pytest.raises(InputError, match=wrong):
        sign(home, **{"value": 80, **change})
    assert meeting.history(home, ALL).empty


def test_an_unknown_thing_and_an_older_issue_are_not_edited(home):
    with pytest.raises(NotFoundError):
        meeting.edit(home, LI, issue(), "city", "重庆", "aqi", TIMES[0], 80, "x")
    with pytest.raises(NotFoundError):
        sign(home, 80, item="voc")
    issues.record(home, issue(ISSUED + pd.Timedelta(hours=12)), city_days())
    with pytest.raises(InputError, match="最新一期"):
        sign(home, 80)


def test_who_may_not_change_forecasts_signs_nothing(home):
    with pytest.raises(ScopeError):
        sign(home, 80, Scope(frozenset({("forecasts", "see")})))
    with pytest.raises(ScopeError):
        meeting.history(home, Scope(frozenset()))


def test_each_word_is_an_event_of_the_audit(home):
    sign(home, 130)
    assert audit.verify(home) == []
    found, count = audit.search(home, ALL, text="冷空气提前")
    assert count == 1
    assert "130" in str(found["detail"].iloc[0])


ACTS = st.lists(
    st.tuples(st.sampled_from(["aqi", "pm25"]), st.integers(0, 1), st.none() | st.integers(0, 500)), max_size=8
)


@given(ACTS)
@hypothesis(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_word_holds_and_none_is_lost(home, acts):
    before = len(meeting.history(home, ALL, issue()))
    for item, day, value in acts:
        held = meeting.edits(home, ALL, issue())
        same = held[(held["item"] == item) & (held["time"] == TIMES[day])]
        sign(home, value, item=item, time=TIMES[day], seen=None if same.empty else int(same["id"].iloc[0]))
    kept = meeting.history(home, ALL, issue())
    assert len(kept) == before + len(acts)
    last = kept.drop_duplicates(["item", "time"], keep="last").set_index(["item", "time"])["value"]
    for (item, time), value in last.items():
        row = told(home, item).set_index("time").loc[time]
        if not np.isnan(value):
            assert row["value"] == value
        elif item != "aqi" or np.isnan(last.get(("pm25", time), np.nan)):
            assert row["value"] == VALUES[item]
