"""Audit (审计): who did, saw or was refused what. Events are only added; each is sealed together with the last one.

The seal is keyed (``access.secret``): who can write the ledger but not read the key can't make a chain that holds. The
newest event is also named in the file ``audit.head`` of the home, so that a chain cut off at its end is noticed.
"""

import datetime as dt
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import func, or_, select, update
from sqlalchemy.event import listen
from sqlalchemy.orm import Session

from shuzhi.access import secret
from shuzhi.access.clock import now, too_old
from shuzhi.errors import ScopeError
from shuzhi.progress import Progress, silent
from shuzhi.store.home import Home
from shuzhi.store.ledger import Account, AuditEvent, Meta, SignIn
from shuzhi.store.scope import Actor, Scope

DONE, REFUSED, FAILED = "done", "refused", "failed"
PLATFORM = Actor("system", "platform", "platform")
"""Who acts where nobody asked: the worker."""

HEAD = "audit.head"
_START = "0" * 64
_CHAIN = "audit"
_encode = json.JSONEncoder(ensure_ascii=False, default=dt.datetime.isoformat).encode
_BATCH = 5000
_MINUTE, _REMEMBERED = 60, 10_000
_STANDING = select(
    SignIn.account, SignIn.ended_at, SignIn.seen_at, SignIn.expires_at, Account.disabled_at,
    func.coalesce(Account.role, SignIn.role).label("role"),
    func.coalesce(Account.places, SignIn.places).label("places"),
).outerjoin(Account, Account.id == SignIn.account)  # fmt: skip
_lock = threading.Lock()
_lately: OrderedDict[tuple, float] = OrderedDict()
SEALED = (
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


def refused(home: Home, actor: Actor | None, action: str, dataset: str | None, object: str) -> None:
    """Keep a refused attempt; the same one again within a minute is not an event of its own."""
    _once(_MINUTE, home, actor, action, dataset, object, REFUSED)


def seen(home: Home, actor: Actor | None, dataset: str, object: str) -> None:
    """Keep that a protected record was looked at; the same one again within ten minutes is the same look."""
    _once(10 * _MINUTE, home, actor, "see", dataset, object, DONE)


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
    """As `record`, inside the transaction that makes the change: both are kept, or neither.

    Raises
    ------
    ScopeError
        If the session through which somebody acts has ended, or its rights have changed: a page that is still open
        can't act any more as it could.
    """
    who = actor or PLATFORM
    if outcome == DONE:
        _require_open(session, who)
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
    event.digest = digest_of(home, event)
    session.add(event)
    session.flush()
    seq, digest = event.seq, event.digest
    listen(session, "after_commit", lambda _: _note_head(home, seq, digest), once=True)
    return seq


def newest(home: Home) -> int:
    """Number of the newest event, 0 where there is none: what is read of the audit holds until it rises."""
    with home.ledger.engine.connect() as connection:
        return connection.scalar(select(func.max(AuditEvent.seq))) or 0


def size(home: Home) -> int:
    """Number of events."""
    with home.ledger.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(AuditEvent))


@dataclass(frozen=True)
class Verified:
    """What was verified: how many events there are, and where the chain does not hold."""

    events: int
    faults: list[Fault]


def verify(home: Home) -> list[Fault]:
    """Every place where the chain does not hold; empty while all is well."""
    return check(home).faults


def check(home: Home, progress: Progress = silent) -> Verified:
    """As `verify`, with the number of events; a million take ten to twenty seconds."""
    noted, total = _noted_head(home), size(home)
    faults, seq, digest, events = [], 0, _START, 0
    seal = secret.sealer(home, _CHAIN)
    for sealed, previous, stated in _rows(home):
        number, due = sealed[0], seal(_text(previous, sealed))
        if number != seq + 1:
            faults.append(Fault(number, f"{number - seq - 1} events before it are missing"))
        elif previous != digest:
            faults.append(Fault(number, "it does not follow the event before it"))
        if stated != due:
            faults.append(Fault(number, "it was altered"))
        if noted and noted[0] == number and noted[1] != stated:
            faults.append(Fault(number, f"it is not the event that {HEAD} names"))
        seq, digest, events = number, stated, events + 1
        if events % _BATCH == 0:
            progress(events, total, "")
    if noted and noted[0] > seq:
        faults.append(Fault(noted[0], f"the events after {seq} are missing: {HEAD} names {noted[0]}"))
    return Verified(events, faults)


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
    columns = [getattr(AuditEvent, name) for name in SEALED]
    with home.ledger.session() as session:
        total = session.scalar(select(func.count()).select_from(AuditEvent).where(*conditions))
        found = select(*columns).where(*conditions).order_by(AuditEvent.seq.desc()).limit(limit).offset(offset)
        rows = session.execute(found).all()
    return pd.DataFrame(rows, columns=list(SEALED)), total


def _conditions(text, actions, outcomes, since, until) -> Iterator:
    if text:
        columns = (AuditEvent.actor_name, AuditEvent.actor, AuditEvent.object, AuditEvent.address, AuditEvent.detail)
        yield or_(*(column.contains(text, autoescape=True) for column in columns))
    if actions:
        yield AuditEvent.action.in_(actions)
    if outcomes:
        yield AuditEvent.outcome.in_(outcomes)
    if since:
        yield AuditEvent.at >= since
    if until:
        yield AuditEvent.at < until


def require_open(home: Home, actor: Actor | None) -> None:
    """Raise ScopeError if the session of whoever is about to act has ended or has other rights now; for acts that begin
    outside the ledger."""
    with home.ledger.session() as session:
        _require_open(session, actor or PLATFORM)


def _require_open(session: Session, who: Actor) -> None:
    """An open page holds the scope of its last run: since then the session may have ended, or its rights changed."""
    row = session.execute(_STANDING.where(SignIn.id == who.session)).first() if who.session else None
    if row is None:
        return
    if row.ended_at or row.disabled_at or (row.account and too_old(row)):
        raise ScopeError("your session has ended; sign in again", dataset=None, action=None)
    if who.standing not in (None, f"{row.role} {row.places}"):
        raise ScopeError("your rights have changed; open the page again", dataset=None, action=None)


def _once(seconds: float, home: Home, actor: Actor | None, action: str, dataset, object: str, outcome: str) -> None:
    who = actor or PLATFORM
    key, moment = (
        (str(home.path), who.kind, who.id, who.session, who.address, action, dataset, object),
        time.monotonic(),
    )
    with _lock:
        if moment - _lately.get(key, -seconds) < seconds:
            return
        _lately[key] = moment
        _lately.move_to_end(key)
        while len(_lately) > _REMEMBERED:
            _lately.popitem(last=False)
    record(home, actor, action, dataset, object, outcome)


def _hold(session: Session) -> None:
    """One writer of the chain at a time: the row is held, and in SQLite the database, until the transaction ends."""
    if not session.execute(update(Meta).where(Meta.key == _CHAIN).values(value="chain")).rowcount:
        session.merge(Meta(key=_CHAIN, value="chain"))
        session.flush()


def digest_of(home: Home, event: AuditEvent) -> str:
    """The seal of an event: over all that it says and the seal of the one before."""
    return secret.seal(home, _CHAIN, _text(event.previous, [getattr(event, name) for name in SEALED]))


def _text(previous: str, sealed: Sequence) -> str:
    """What is sealed of an event: all that it says, and the seal before it."""
    return _encode([previous, *sealed])


def _rows(home: Home) -> Iterator[tuple]:
    """What is sealed of each event, the seal before it, and its own; as columns, which cost a third of objects."""
    columns = [getattr(AuditEvent, name) for name in (*SEALED, "previous", "digest")]
    question = select(*columns).order_by(AuditEvent.seq)
    with home.ledger.engine.connect() as connection:
        for row in connection.execution_options(yield_per=_BATCH).execute(question):
            yield row[:-2], row[-2], row[-1]


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
