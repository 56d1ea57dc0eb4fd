"""The page 审计: what happened, whether the chain holds, and who may read it."""

import sqlite3
import time

import pandas as pd
import pytest

from shuzhi.access import audit, review
from shuzhi.charts.audit import bars
from shuzhi.charts.tokens import LIGHT
from shuzhi.store import Actor, Scope, open_home
from shuzhi.ui import audit as view
from shuzhi.ui import chain
from tests.apps import html, text, visiting

ALL = Scope.all()
LI = Actor("account", "a1", "李娜<b>", "s1", "10.0.0.7")


@pytest.fixture
def home(tmp_path):
    home = open_home(tmp_path)
    audit.record(home, LI, "export", "sources", "sources.xlsx", rows=12)
    audit.record(home, LI, "full", "sources", "P1")
    audit.record(home, LI, "see", "machines", "machines", audit.REFUSED)
    audit.record(home, LI, "change", "accounts", "wang", what="reset", role="leader")
    return home


@pytest.fixture
def visit(monkeypatch):
    with visiting(monkeypatch, "audit", role="auditor") as go:
        yield go


def checked(home):
    """Wait for the check that the page started."""
    until = time.monotonic() + 10
    while (check := chain.latest(home)) is None or check.running:
        assert time.monotonic() < until
        time.sleep(0.02)
    return check


def test_the_sentence_counts(visit, home):
    page = text(visit(home))
    assert "今天 4 个事件；24 小时内被拒绝 1 次，导出 1 次，查看完整信息 1 次" in page
    assert "重置口令" in page
    assert "李娜<b>" in html(visit(home)).replace("&lt;", "<").replace("&gt;", ">")
    assert "李娜<b>" not in html(visit(home))


def test_the_url_filters(visit, home):
    page = text(visit(home, outcome="refused"))
    assert "1 个，最新的在前" in page
    assert "sources.xlsx" not in page
    assert "2 个，最新的在前" in text(visit(home, action="export,full"))
    assert "1 个，最新的在前" in text(visit(home, q="P1", days="all"))
    assert "没有符合条件的事件" in text(visit(home, q="nobody"))


def test_pages_of_the_list(visit, home, monkeypatch):
    monkeypatch.setattr(view, "ROWS", 3)
    assert "1 / 2" in text(visit(home))
    assert "sources.xlsx" in text(visit(home, page="2"))
    assert "没有符合条件的事件" in text(visit(home, page="99"))


def test_one_event_in_full(visit, home):
    page = text(visit(home, event="4"))
    assert "№ 4" in page
    assert "角色领导" in page
    assert review.event(home, ALL, 4)["digest"][:16] in page
    assert "没有编号 77 的事件" in text(visit(home, event="77"))


def test_the_chain_is_checked_and_a_broken_one_is_said(visit, home):
    visit(home)
    check = checked(home)
    assert (check.found.events, check.found.faults) == (4, [])
    assert "审计链完整" in text(visit(home))
    with sqlite3.connect(home.path / "ledger.db") as database:
        database.executescript("DROP TRIGGER audit_no_update; UPDATE audit SET object = 'x' WHERE seq = 2")
    visit(home).button(key="audit-check").click().run()
    checked(home)
    page = text(visit(home))
    assert "审计链有 1 处不符" in page
    assert "№ 2：内容被改动" in page


def test_an_auditor_may_export_and_an_administrator_not(visit, home, monkeypatch):
    assert "audit-export-csv" in {button.key for button in visit(home).get("download_button")} or "导出的正是" in str(
        visit(home).caption
    )
    with visiting(monkeypatch, "audit") as go:
        page = go(home)
        assert "重置口令" in text(page)
        assert not page.get("download_button")


@pytest.mark.parametrize("role", ["leader", "district_officer", None])
def test_others_are_refused(monkeypatch, home, role):
    with visiting(monkeypatch, "audit", role=role, places=("锦江区",) if role == "district_officer" else ()) as go:
        page = text(go(home))
    assert "sources.xlsx" not in page
    assert "个事件" not in page


def test_english(visit, home):
    assert "4 events today" in text(visit(home, lang="en"))


def test_the_picture_stacks_every_kind():
    hours = pd.date_range("2026-11-25T08:00", periods=2, freq="h", tz="Asia/Shanghai")
    counted = pd.DataFrame(
        {"time": [hours[0], hours[0], hours[1]], "kind": ["view", "refused", "view"], "n": [3, 2, 0]}
    )
    spec = bars(counted, {kind: kind for kind in review.KINDS}, pd.Timedelta(hours=1), LIGHT)
    rows = next(layer["data"]["values"] for layer in spec["layer"] if "a" in layer["data"]["values"][0])
    assert [(row["k"], row["y"], row["z"]) for row in rows] == [("refused", 0, 2), ("view", 2, 5)]
    span = next(param["value"] for param in spec["params"] if param["name"] == "span")
    assert span[1] - span[0] == 2 * 3_600_000
