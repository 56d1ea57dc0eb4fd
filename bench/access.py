"""What a decision about rights costs: may somebody, who is it, keep an event, is the chain whole."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from shuzhi.access import accounts, audit, rights, session, signin
from shuzhi.access.clock import now
from shuzhi.store import Actor, Home, Scope, open_home
from shuzhi.store.ledger import AuditEvent

_EVENTS = 100_000
_PART = 20_000
_SAME = {
    "actor_kind": "account",
    "actor": "x" * 32,
    "actor_name": "李娜",
    "address": "10.1.2.3",
    "action": "see",
    "dataset": "sources",
    "outcome": audit.DONE,
    "detail": "{}",
}
_WHO = Actor("account", "x" * 32, "李娜", None, "10.1.2.3")


def run(_home: Home) -> list[tuple[str, float, str]]:
    """Figures of a home of its own: an audit can't be taken back."""
    home, scope = open_home(Path(tempfile.mkdtemp(prefix="shuzhi-bench-"))), Scope.all(_WHO)
    password = accounts.create(home, scope, "li.na", "李娜", "district_officer", ["锦江区"])
    token = signin.with_password(home, "li.na", password, "", signin.Visitor("10.1.2.3", "bench"))
    who = session.person(home, token)
    figures = [
        ("rights: may a scope export a register", _each(lambda: who.scope.may("sources", "export")), "µs"),
        ("rights: may somebody open a page", _each(lambda: rights.may(who.scope, "pages", "sources")), "µs"),
        ("rights: the scope of a role and its places", _each(lambda: rights.scope_of(who.role, ("锦江区",))), "µs"),
        ("rights: places that bind a query", _each(lambda: who.scope.places_for("sources")), "µs"),
        ("session: the person of a token", _each(lambda: session.person(home, token), 2000), "µs"),
        ("audit: keep an event", _each(lambda: audit.record(home, _WHO, "see", "sources", "P1"), 300), "µs"),
    ]
    _fill(home, _EVENTS)
    return [*figures, *_read(home, scope)]


def _read(home: Home, scope: Scope) -> list[tuple[str, float, str]]:
    begun = time.perf_counter()
    checked = audit.check(home)
    seconds = time.perf_counter() - begun
    page = _each(lambda: audit.search(home, scope, limit=50), 5)
    found = _each(lambda: audit.search(home, scope, text="P99999", limit=50), 3)
    return [
        ("audit: verify 100 000 events", seconds * _EVENTS / checked.events, "s"),
        ("audit: a page of the newest of 100 000", page / 1000, "ms"),
        ("audit: search 100 000 for a text", found / 1000, "ms"),
    ]


def _fill(home: Home, count: int) -> None:
    """Events as `audit.record` makes them, in few transactions."""
    with home.ledger.session() as ledger:
        last = ledger.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(1)).first()
    seq, digest = last.seq, last.digest
    for start in range(0, count, _PART):
        with home.ledger.session() as ledger:
            for number in range(start, start + _PART):
                seq += 1
                event = AuditEvent(seq=seq, at=now(), object=f"P{number}", previous=digest, **_SAME)
                event.digest = digest = audit.digest_of(home, event)
                ledger.add(event)


def _each(act: Callable[[], object], times: int = 20_000) -> float:
    """Mean time of an act [µs]."""
    act()
    begun = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - begun) / times * 1e6
