"""Audit (审计): who did, saw or was refused what. Events are only added; each is sealed together with the last one.

The seal is keyed (``access.secret``): who can write the ledger but not read the key can't make a chain that holds. The
newest event is also named in the file ``audit.head`` of the home, so that a chain cut off at its end is noticed.
"""

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import func, or_, select, update
from sqlalchemy.event import listen
from sqlalchemy.orm import Session

from shuzhi.access import secret
from shuzhi.access.clock import now
from shuzhi.store.home import Home
from shuzhi.store.ledger import AuditEvent, Meta
from shuzhi.store.scope import Actor, Scope

DONE, REFUSED, FAILED = "done", "refused", "failed"
PLATFORM = Actor("system", "platform", "platform")
"""Who acts where nobody asked: the worker."""

HEAD = "audit.head"
_START = "0" * 64
_CHAIN = "audit"
_BATCH = 5000
_SEALED = (
    "seq", "at", "actor_kind", "actor", "actor_name", "session", "address",
    "action", "dataset", "object", "outcome", "detail",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """Where the chain does not hold: the number of the event, and what is wrong."""

    seq: int
    what: str


def record(
    home: Home,
    actor: Actor | None,
    action: str,
    dataset: str | None = None,
    object: str | None = None,
    outcome: str = DONE,
    **detail,
) -> int:
    """Add one event; returns its number.

    Parameters
    ----------
    home : Home
    actor : Actor or None
        None: the platform itself.
    action : str
        ``sign_in``, ``sign_out``, ``see``, ``full``, ``export``, ``change``, ``undo``, ``import``…
    dataset, object : str, optional
        What it was done to.
    outcome : str
        ``done``, ``refused`` or ``failed``.
    **detail
        What else is worth knowing, as JSON; never a password or a token.
    """
    with home.ledger.session() as session:
        return append(home, session, actor, action, dataset, object, outcome, **detail)


def append(
    home: Home,
    session: Session,
    actor: Actor | None,
    action: str,
    dataset: str | None = None,
    object: str | None = None,
    outcome: str = DONE,
    **detail,
) -> int:
    """As `record`, inside the transaction that makes the change: both are kept, or neither."""
    who = actor or PLATFORM
    _hold(session)
    last = session.execute(select(AuditEvent.seq, AuditEvent.digest).order_by(AuditEvent.seq.desc()).limit(1)).first()
    event = AuditEvent(
        seq=last.seq + 1 if last else 1,
        at=now(),
        actor_kind=who.kind,
        actor=who.id[:64],
        actor_name=who.name[:128],
        session=who.session,
        address=who.address,
        action=action,
        dataset=dataset,
        object=object[:255] if object else None,
        outcome=outcome,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str),
        previous=last.digest if last else _START,
    )
    event.digest = _digest(home, event)
    session.add(event)
    session.flush()
    seq, digest = event.seq, event.digest
    listen(session, "after_commit", lambda _: _note_head(home, seq, digest), once=True)
    return seq


def verify(home: Home) -> list[Fault]:
    """Every place where the chain does not hold; empty while all is well."""
    faults, seq, digest, noted = [], 0, _START, _noted_head(home)
    for event in _all(home):
        if event.seq != seq + 1:
            faults.append(Fault(event.seq, f"{event.seq - seq - 1} events before it are missing"))
        elif event.previous != digest:
            faults.append(Fault(event.seq, "it does not follow the event before it"))
        if event.digest != _digest(home, event):
            faults.append(Fault(event.seq, "it was altered"))
        if noted and noted[0] == event.seq and noted[1] != event.digest:
            faults.append(Fault(event.seq, f"it is not the event that {HEAD} names"))
        seq, digest = event.seq, event.digest
    if noted and noted[0] > seq:
        faults.append(Fault(noted[0], f"the events after {seq} are missing: {HEAD} names {noted[0]}"))
    return faults


def search(
    home: Home,
    scope: Scope,
    text: str = "",
    actions: Iterable[str] = (),
    outcomes: Iterable[str] = (),
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    limit: int = 200,
    offset: int = 0,
) -> tuple[pd.DataFrame, int]:
    """Events that match, newest first, and how many there are.

    Parameters
    ----------
    text : str
        Part of an actor's name, an object, an address or the details.
    actions, outcomes : iterable of str
        Any of them; none: all.
    since, until : datetime.datetime, optional
        UTC; `until` is excluded.

    Raises
    ------
    ScopeError
        If the audit may not be seen.
    """
    scope.require("audit")
    conditions = list(_conditions(text, list(actions), list(outcomes), since, until))
    columns = [getattr(AuditEvent, name) for name in _SEALED]
    with home.ledger.session() as session:
        total = session.scalar(select(func.count()).select_from(AuditEvent).where(*conditions))
        found = select(*columns).where(*conditions).order_by(AuditEvent.seq.desc()).limit(limit).offset(offset)
        rows = session.execute(found).all()
    return pd.DataFrame(rows, columns=list(_SEALED)), total


def _conditions(text, actions, outcomes, since, until) -> Iterator:
    if text:
        columns = (AuditEvent.actor_name, AuditEvent.actor, AuditEvent.object, AuditEvent.address, AuditEvent.detail)
        yield or_(*(column.icontains(text, autoescape=True) for column in columns))
    if actions:
        yield AuditEvent.action.in_(actions)
    if outcomes:
        yield AuditEvent.outcome.in_(outcomes)
    if since:
        yield AuditEvent.at >= since
    if until:
        yield AuditEvent.at < until


def _hold(session: Session) -> None:
    """One writer of the chain at a time: the row is held, and in SQLite the database, until the transaction ends."""
    if not session.execute(update(Meta).where(Meta.key == _CHAIN).values(value="chain")).rowcount:
        session.merge(Meta(key=_CHAIN, value="chain"))
        session.flush()


def _digest(home: Home, event: AuditEvent) -> str:
    sealed = [getattr(event, name) for name in _SEALED]
    text = json.dumps([event.previous, *sealed], ensure_ascii=False, default=dt.datetime.isoformat)
    return secret.seal(home, "audit", text)


def _all(home: Home) -> Iterator[AuditEvent]:
    with home.ledger.session() as session:
        yield from session.scalars(select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=_BATCH))


def _note_head(home: Home, seq: int, digest: str) -> None:
    """Name the newest event, unless another process has named a later one."""
    noted = _noted_head(home)
    if noted is None or noted[0] < seq:
        made = home.path / f"{HEAD}.{os.getpid()}.{seq}"
        made.write_text(f"{seq} {digest}\n")
        made.replace(home.path / HEAD)


def _noted_head(home: Home) -> tuple[int, str] | None:
    try:
        seq, digest = (home.path / HEAD).read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    return int(seq), digest
