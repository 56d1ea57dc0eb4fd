"""One's own account (我的账号): what it is, and its open sessions."""

import datetime as dt
import json
from dataclasses import dataclass

from sqlalchemy import select

from shuzhi.access import audit
from shuzhi.access.clock import now
from shuzhi.access.session import PERSON
from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.settings import settings
from shuzhi.store.home import Home
from shuzhi.store.ledger import Account, SignIn
from shuzhi.store.scope import Scope


@dataclass(frozen=True)
class Own:
    """An account as its person may know it.

    Attributes
    ----------
    login, name, role : str
    places : list of str
        What the role is bound to; empty for the whole city.
    demo : bool
        An account of demo mode: it has nothing to change.
    password, totp : bool
        Whether it signs in with a password, and whether a code of an authenticator is asked for.
    must_change : bool
        The password is for one sign-in.
    """

    login: str
    name: str
    role: str
    places: list[str]
    demo: bool
    password: bool
    totp: bool
    must_change: bool


@dataclass(frozen=True)
class OpenSession:
    """An open session; times in UTC without zone."""

    id: str
    started_at: dt.datetime
    seen_at: dt.datetime
    address: str | None
    agent: str | None
    current: bool


def account(home: Home, scope: Scope) -> Own:
    """The account of the person who asks.

    Raises
    ------
    ScopeError
        For a device and for the public: they have none.
    """
    with home.ledger.session() as ledger:
        row = ledger.get(Account, _account_of(scope))
        return Own(
            row.login, row.name, row.role, json.loads(row.places), row.demo, row.password_hash is not None,
            row.totp_secret is not None, row.must_change,
        )  # fmt: skip


def sessions(home: Home, scope: Scope) -> list[OpenSession]:
    """The open sessions of the own account, the current one first, then the one that was used last.

    Raises
    ------
    ScopeError
    """
    moment = now()
    awake = moment - dt.timedelta(minutes=settings().idle_minutes)
    open_ = select(SignIn).where(
        SignIn.account == _account_of(scope),
        SignIn.kind == PERSON,
        SignIn.ended_at.is_(None),
        SignIn.expires_at > moment,
        SignIn.seen_at > awake,
    )
    with home.ledger.session() as ledger:
        rows = ledger.scalars(open_.order_by(SignIn.seen_at.desc())).all()
    found = [
        OpenSession(row.id, row.started_at, row.seen_at, row.address, row.agent, row.id == scope.actor.session)
        for row in rows
    ]
    return sorted(found, key=lambda one: not one.current)


def end_session(home: Home, scope: Scope, id: str) -> None:
    """End an open session of the own account.

    Raises
    ------
    ScopeError
    NotFoundError
        If the account has no such session that is open.
    """
    mine = _account_of(scope)
    with home.ledger.session() as ledger:
        row = ledger.get(SignIn, id, with_for_update=True)
        if row is None or row.account != mine or row.ended_at is not None:
            raise NotFoundError(f"this account has no open session {id}")
        login = ledger.get(Account, mine).login
        audit.append(home, ledger, scope.actor, "end_session", "accounts", login, session_id=id)
        row.ended_at, row.ended_by = now(), scope.actor.name


def _account_of(scope: Scope) -> str:
    if scope.actor is None or scope.actor.kind != "account":
        raise ScopeError("only a person has an account", dataset="accounts", action="see")
    return scope.actor.id
