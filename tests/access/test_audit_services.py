"""Services that undo, export and change ask for the right themselves, and what they did is an event."""

import datetime as dt

import pytest

from shuzhi.access import accounts as keeping
from shuzhi.access import audit, session, signin
from shuzhi.decision.targets import set_target
from shuzhi.errors import ScopeError
from shuzhi.ingest.layer import reset_layer
from shuzhi.publish import drafts, exports
from shuzhi.publish.document import write
from shuzhi.publish.period import parse
from shuzhi.publish.registers import export, export_cells
from shuzhi.registry import deliveries
from shuzhi.store import Actor, Scope, open_home
from shuzhi.store.selection import Selection
from tests.registry.inventory import inventory

ALL = Scope.all()
LI = Actor("account", "a1", "李娜")
SEEING = Scope.seeing("sources", "machines", "briefings", "air", "water", "places", "operations")


@pytest.fixture
def home(tmp_path):
    home = open_home(tmp_path)
    deliveries.deliver(home, "source", inventory(40), dt.date(2026, 5, 1), "may.csv", "d1")
    return home


@pytest.fixture(scope="module")
def document(two_days):
    return write(two_days, ALL, parse("day", "2019-08-26"))


def events(home):
    return [tuple(row) for row in audit.search(home, ALL)[0][["action", "dataset", "object", "outcome"]].to_numpy()]


@pytest.mark.parametrize(
    "act",
    [
        lambda home, _document: deliveries.undo(home, SEEING, "d1"),
        lambda home, _document: export(home, SEEING, "sources", Selection(), "csv"),
        lambda home, _document: export_cells(home, SEEING, "sources", Selection()),
        lambda home, document: drafts.save(home, SEEING, document),
        lambda home, _document: drafts.remove(home, SEEING, "x"),
        lambda home, document: exports.export(home, SEEING, exports.KINDS[3], document, ()),
        lambda home, _document: set_target(home, SEEING, 2026, "good_days", 300),
        lambda home, _document: reset_layer(home, SEEING, "lez"),
    ],
)
def test_who_may_only_see_is_refused(home, document, act):
    with pytest.raises(ScopeError):
        act(home, document)
    assert "done" not in [outcome for *_rest, outcome in events(home)]


def test_what_was_done_is_an_event_of_whoever_did_it(home, document):
    somebody = Scope.all(LI)
    export(home, somebody, "sources", Selection.of(permit_class=["key"]), "csv")
    export_cells(home, somebody, "sources", Selection())
    exports.export(home, somebody, exports.KINDS[3], document, ())
    kept = drafts.save(home, somebody, document)
    drafts.restore(home, somebody, drafts.remove(home, somebody, kept.id))
    deliveries.undo(home, somebody, "d1")
    found = audit.search(home, ALL)[0]
    assert set(found["actor_name"]) == {"李娜"}
    assert [(action, dataset) for action, dataset, *_rest in events(home)[::-1]] == [
        ("export", "sources"), ("export", "sources"), ("export", "briefings"), *[("change", "briefings")] * 3,
        ("undo", "sources"),
    ]  # fmt: skip
    assert '"permit_class": "key"' in found["detail"].iloc[-1]


def test_a_page_left_open_does_nothing_for_a_session_that_has_ended(home):
    password = keeping.create(home, ALL, "root", "甲", "administrator")
    who = session.person(home, signin.with_password(home, "root", password, "", signin.Visitor()))
    session.end(home, ALL, who.session)
    for act in (
        lambda: deliveries.undo(home, who.scope, "d1"),
        lambda: export(home, who.scope, "sources", Selection(), "csv"),
        lambda: reset_layer(home, who.scope, "lez"),
    ):
        with pytest.raises(ScopeError, match="ended"):
            act()
    assert deliveries.listed(home, "source")[0].undone_at is None
