"""The audit as its readers have it: verified, summed up, handed out."""

import datetime as dt
import io
import sqlite3

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from shuzhi.access import audit, review, words
from shuzhi.errors import InputError, ScopeError
from shuzhi.publish import audit_file
from shuzhi.publish.hand_out import hand_out
from shuzhi.store import Actor, Scope, open_home

LI = Actor("account", "a1", "李娜", "s1", "10.0.0.7")
AUDITOR = Scope(frozenset({("audit", "see"), ("audit", "export")}), actor=Actor("account", "b2", "王芳"))
NOBODY = Scope(frozenset(), actor=LI)
LONG_AGO = dt.datetime(2020, 1, 1)


@pytest.fixture
def home(tmp_path):
    home = open_home(tmp_path)
    audit.record(home, LI, "sign_in", "accounts", "li.na", how="password")
    audit.record(home, LI, "export", "sources", "=cmd|'/c calc'!A1", rows=12)
    audit.record(home, LI, "full", "sources", "P1")
    audit.record(home, LI, "see", "machines", "page", audit.REFUSED)
    audit.record(home, None, "import", "air", "run")
    return home


def test_a_check_counts_and_tells_how_far_it_is(home, monkeypatch):
    monkeypatch.setattr(audit, "_BATCH", 2)
    told = []
    found = audit.check(home, lambda done, total, _message: told.append((done, total)))
    assert (found.events, found.faults) == (5, [])
    assert told == [(2, 5), (4, 5)]


def test_every_fault_is_named(home):
    with sqlite3.connect(home.path / "ledger.db") as database:
        database.executescript(
            "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;"
            "UPDATE audit SET object = 'other' WHERE seq = 2; DELETE FROM audit WHERE seq = 4;"
        )
    assert [fault.seq for fault in audit.check(home).faults] == [2, 5]


def test_the_summary_counts_by_kind(home):
    table = review.summary(home, AUDITOR, LONG_AGO)
    assert table.groupby("kind")["n"].sum().to_dict() == {
        "sign_in": 1, "export": 1, "view": 1, "refused": 1, "change": 1,
    }  # fmt: skip
    now = pd.Timestamp.now("UTC").floor("h")
    assert set(table["hour"]) <= {now, now - pd.Timedelta(hours=1)}
    assert review.summary(home, AUDITOR, dt.datetime(2999, 1, 1)).empty
    assert review.summary(home, AUDITOR, LONG_AGO, dt.datetime(2021, 1, 1)).empty


def test_one_event_is_shown_with_its_seal(home):
    event = review.event(home, AUDITOR, 2)
    assert event["object"] == "=cmd|'/c calc'!A1"
    assert event["previous"] == review.event(home, AUDITOR, 1)["digest"]
    assert review.event(home, AUDITOR, 99) is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda home: audit.search(home, NOBODY),
        lambda home: review.summary(home, NOBODY, LONG_AGO),
        lambda home: review.actions(home, NOBODY),
        lambda home: review.event(home, NOBODY, 1),
        lambda home: audit_file.export(home, NOBODY, "csv"),
    ],
)
def test_nobody_reads_it_without_the_right(home, ask):
    with pytest.raises(ScopeError):
        ask(home)


def test_who_may_see_it_may_not_export_it(home):
    seeing = Scope(frozenset({("audit", "see")}), actor=LI)
    with pytest.raises(ScopeError):
        audit_file.export(home, seeing, "csv")
    events, _total = audit.search(home, AUDITOR, actions=["export"], outcomes=["refused"])
    assert events["object"].tolist() == ["audit.csv"]


def test_an_export_is_an_event_and_no_formula(home):
    content = audit_file.export(home, AUDITOR, "csv", actions=["export"])
    table = pd.read_csv(io.BytesIO(content), dtype=str)
    assert table["对象"].tolist() == ["'=cmd|'/c calc'!A1"]
    assert table["动作"].tolist() == ["导出数据"]
    newest = audit.search(home, AUDITOR)[0].iloc[0]
    assert (newest["action"], newest["dataset"], newest["actor_name"]) == ("export", "audit", "王芳")
    assert '"actions": ["export"]' in newest["detail"]


def test_the_workbook_holds_the_same_as_text(home):
    content = audit_file.export(home, AUDITOR, "xlsx", outcomes=["done"])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert any("=cmd|'/c calc'!A1" in row for row in rows)
    with pytest.raises(InputError):
        audit_file.export(home, AUDITOR, "pdf")


def test_a_file_is_made_only_for_whom_it_may_be(home):
    made = []
    with pytest.raises(ScopeError):
        hand_out(home, NOBODY, "air", "a.csv", lambda: made.append(1) or b"")
    assert made == []
    assert hand_out(home, Scope.all(LI), "air", "a.csv", lambda: b"12", rows=1) == b"12"
    newest = audit.search(home, AUDITOR)[0].iloc[0]
    assert (newest["object"], newest["outcome"], newest["detail"]) == ("a.csv", "done", '{"bytes": 2, "rows": 1}')


def test_words_say_what_was_done():
    assert words.deed("change", {"what": "reset"}) == "重置口令"
    assert words.deed("fly", {}) == "fly"
    assert words.detail_value("before", {"role": "leader", "places": ["锦江区"]}) == "角色 领导；地方 锦江区"
