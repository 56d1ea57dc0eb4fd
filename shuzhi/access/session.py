"""Sessions (登录会话): a token in a cookie names a row of the ledger, and the row says who it is and until when.

The ledger keeps the token's digest only. The row is read at every use, so that what an administrator ends is dead at
the next click, tile or refresh.
"""

import datetime as dt
import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shuzhi.access import audit, rights
from shuzhi.access.clock import now, too_old
from shuzhi.access.person import Person
from shuzhi.errors import InputError, NotFoundError
from shuzhi.settings import settings
from shuzhi.store.home import Home
from shuzhi.store.ledger import Account, SignIn
from shuzhi.store.scope import Actor, Scope

COOKIE = "shuzhi_session"
PERSON, DEVICE = "person", "device"
_TOUCH = dt.timedelta(minutes=1)
_FOUND = (
    select(
        SignIn.id, SignIn.kind, SignIn.seen_at, SignIn.expires_at, SignIn.ended_at, SignIn.address,
        SignIn.name.label("device"), SignIn.role.label("device_role"), SignIn.places.label("device_places"),
        Account.id.label("account"), Account.name, Account.role, Account.places, Account.must_change, Account.demo,
        Account.disabled_at,
    )
    .outerjoin(Account, Account.id == SignIn.account)
    .where(SignIn.token_hash == bindparam("digest"))
)  # fmt: skip


def person(home: Home, token: str | None, address: str | None = None) -> Person:
    """Who holds the token; the public where it is missing, unknown, ended or too old.

    Parameters
    ----------
    token : str or None
        As the cookie or the Authorization header brings it.
    address : str, optional
        Network address of this request, for the audit.
    """
    row = _row(home, token)
    if row is None or not _lives(home, row):
        return public(home, address)
    if row.kind == DEVICE:
        return _made(row.device, row.device_role, row.device_places, None, row.id, "device", address)
    found = _made(row.name, row.role, row.places, row.account, row.id, "account", address)
    return replace(found, must_change=row.must_change)


def public(home: Home, address: str | None = None) -> Person:
    """Nobody signed in: what is published where the platform has a public view, otherwise nothing."""
    shown = settings().public_view or is_demo(home)
    scope = rights.scope_of(rights.PUBLIC, ()) if shown else Scope(frozenset())
    return Person("", rights.PUBLIC, replace(scope, actor=Actor("public", "", "", None, address)))


def is_demo(home: Home) -> bool:
    """Whether demo mode is on; never for a real city."""
    return settings().demo and home.kind == "simulated"


def start(session: Session, account: Account, address: str | None, agent: str | None) -> str:
    """A new session of an account, in the caller's transaction; returns its token."""
    token, moment = secrets.token_urlsafe(32), now()
    session.add(
        SignIn(
            id=uuid.uuid4().hex,
            kind=PERSON,
            token_hash=_digest(token),
            account=account.id,
            started_at=moment,
            seen_at=moment,
            expires_at=moment + dt.timedelta(hours=settings().session_hours),
            address=address,
            agent=agent[:255] if agent else None,
        )
    )
    return token


def touch(home: Home, who: Person) -> None:
    """Note an act of the person, at most once a minute; what a page does by itself is none."""
    if who.account is None:
        return
    with home.ledger.session() as session:
        row = session.get(SignIn, who.session)
        if row and row.ended_at is None and now() - row.seen_at > _TOUCH:
            row.seen_at = now()


def end(home: Home, scope: Scope, id: str) -> None:
    """End a session or revoke a device at once: one's own, or any with the right to change accounts.

    Raises
    ------
    ScopeError
    NotFoundError
        If there is none that is open.
    """
    own = scope.actor is not None and scope.actor.session == id
    if not own:
        scope.require("accounts", "change")
    with home.ledger.session() as session:
        row = session.get(SignIn, id, with_for_update=True)
        if row is None or row.ended_at is not None:
            raise NotFoundError(f"there is no open session {id}")
        account = session.get(Account, row.account) if row.account else None
        whose = account.login if account else row.name
        audit.append(home, session, scope.actor, "sign_out" if own else "end_session", "accounts", whose, session_id=id)
        row.ended_at, row.ended_by = now(), scope.actor.name if scope.actor else audit.PLATFORM.name


def device(home: Home, scope: Scope, name: str, role: str = rights.WALL, places: Iterable[str] = ()) -> str:
    """A token for a screen or a client, without idle limit until it is revoked; returned once, never shown again.

    Raises
    ------
    ScopeError
    InputError
        If the name is empty, there is no such role, or places do not fit it.
    """
    scope.require("accounts", "change")
    if not (name := " ".join(name.split())[:128]):
        raise InputError("a device needs a name: where it stands")
    places = rights.fitting(role, places)
    token, moment = secrets.token_urlsafe(32), now()
    with home.ledger.session() as session:
        session.add(
            SignIn(
                id=uuid.uuid4().hex,
                kind=DEVICE,
                token_hash=_digest(token),
                name=name,
                role=role,
                places=json.dumps(places, ensure_ascii=False),
                started_at=moment,
                seen_at=moment,
            )
        )
        audit.append(home, session, scope.actor, "change", "accounts", name, what="device", role=role, places=places)
    return token


def table(home: Home, scope: Scope) -> pd.DataFrame:
    """Open sessions and devices, newest first.

    Returns
    -------
    pandas.DataFrame
        id, kind, login, name, role, places, started_at, seen_at, expires_at (UTC), address, agent.

    Raises
    ------
    ScopeError
    """
    scope.require("accounts")
    question = (
        select(SignIn, Account)
        .outerjoin(Account, Account.id == SignIn.account)
        .where(SignIn.ended_at.is_(None))
        .order_by(SignIn.started_at.desc())
    )
    with home.ledger.session() as session:
        rows = [
            (
                row.id, row.kind, account.login if account else None, account.name if account else row.name,
                account.role if account else row.role, tuple(json.loads(account.places if account else row.places)),
                row.started_at, row.seen_at, row.expires_at, row.address, row.agent,
            )
            for row, account in session.execute(question)
            if row.kind == DEVICE or not too_old(row)
        ]  # fmt: skip
    columns = [
        "id",
        "kind",
        "login",
        "name",
        "role",
        "places",
        "started_at",
        "seen_at",
        "expires_at",
        "address",
        "agent",
    ]
    return pd.DataFrame(rows, columns=columns)


def _row(home: Home, token: str | None):
    if not token or len(token) > 100:
        return None
    with home.ledger.engine.connect() as connection:
        return connection.execute(_FOUND, {"digest": _digest(token)}).first()


def _lives(home: Home, row) -> bool:
    if row.ended_at is not None:
        return False
    if row.kind == DEVICE:
        return True
    return row.disabled_at is None and not too_old(row) and (not row.demo or is_demo(home))


def _made(
    name: str, role: str, places: str, account: str | None, session: str, kind: str, address: str | None
) -> Person:
    actor = Actor(kind, account or session, name, session, address, f"{role} {places}")
    return Person(name, role, replace(rights.scope_of(role, tuple(json.loads(places))), actor=actor), account, session)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
