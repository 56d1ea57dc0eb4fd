"""Accounts (账号): who may sign in, with which role and for which places. Every change is an event of the audit."""

import datetime as dt
import json
import unicodedata
import uuid
from collections.abc import Iterable

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuzhi.access import audit, passwords, rights
from shuzhi.access.clock import now
from shuzhi.errors import InputError, NotFoundError, ShuzhiError
from shuzhi.i18n import _
from shuzhi.settings import settings
from shuzhi.store.home import Home
from shuzhi.store.ledger import Account, SignIn
from shuzhi.store.scope import Scope

DATASET = "accounts"
FIRST = "admin"
_LONGEST = 64


def create(
    home: Home,
    scope: Scope,
    login: str,
    name: str,
    role: str,
    places: Iterable[str] = (),
    *,
    person: str | None = None,
    oidc: tuple[str, str] | None = None,
) -> str | None:
    """Add an account; returns its one-time password, None for an account of an identity provider.

    Parameters
    ----------
    login : str
        What is typed at the sign-in; letter case and width do not matter.
    places : iterable of str
        Units, streets or credit codes that the role is bound to; none for a role of the whole city.
    oidc : (str, str), optional
        Issuer and subject of the identity provider.

    Raises
    ------
    ScopeError
        If accounts may not be changed.
    InputError
        If the login is taken, or role and places do not fit.
    """
    scope.require(DATASET, "change")
    login, name, places = spelled(login), _named(name), rights.fitting(role, places)
    if oidc and not all(oidc):
        raise InputError(_("单位认证需要认证方和用户标识两项"))
    password = None if oidc else passwords.made()
    account = Account(
        id=uuid.uuid4().hex,
        login=login,
        name=name,
        role=role,
        places=json.dumps(places, ensure_ascii=False),
        person=person,
        password_hash=passwords.digest(password) if password else None,
        must_change=password is not None,
        oidc_issuer=oidc[0] if oidc else None,
        oidc_subject=oidc[1] if oidc else None,
        created_at=now(),
    )
    try:
        with home.ledger.session() as session:
            session.add(account)
            session.flush()
            _note(home, session, scope, "create", account)
    except IntegrityError:
        raise InputError(_taken(home, login)) from None
    return password


def change(home: Home, scope: Scope, id: str, *, name: str, role: str, places: Iterable[str] = ()) -> None:
    """Give an account another name, role or places; its sessions go on with the new rights.

    Raises
    ------
    ScopeError, InputError, NotFoundError
        As `create`; also where the last administrator would lose the role.
    """
    scope.require(DATASET, "change")
    name, places = _named(name), rights.fitting(role, places)
    with home.ledger.session() as session:
        account = _get(session, id)
        if role != rights.ADMINISTRATOR:
            _leave_one(session, account)
        before = {"name": account.name, "role": account.role, "places": json.loads(account.places)}
        wanted = {"name": name, "role": role, "places": places}
        audit.append(
            home, session, scope.actor, "change", DATASET, account.login, what="change", before=before, **wanted
        )
        account.name, account.role, account.places = name, role, json.dumps(places, ensure_ascii=False)


def disable(home: Home, scope: Scope, id: str) -> None:
    """Close an account and end its sessions.

    Raises
    ------
    ScopeError, NotFoundError, InputError
        Also where it is the last administrator.
    """
    scope.require(DATASET, "change")
    with home.ledger.session() as session:
        account = _get(session, id)
        _leave_one(session, account)
        _note(home, session, scope, "disable", account)  # before: who closes the own account acts for the last time
        account.disabled_at = now()
        end_sessions(session, account.id, scope)


def enable(home: Home, scope: Scope, id: str) -> None:
    """Open a closed or locked account again.

    Raises
    ------
    ScopeError, NotFoundError
    """
    scope.require(DATASET, "change")
    with home.ledger.session() as session:
        account = _get(session, id)
        account.disabled_at, account.failures, account.locked_until = None, 0, None
        _note(home, session, scope, "enable", account)


def reset(home: Home, scope: Scope, id: str) -> str:
    """A new one-time password; the old one, the second factor and the sessions end.

    Raises
    ------
    ScopeError, NotFoundError
    """
    scope.require(DATASET, "change")
    password = passwords.made()
    with home.ledger.session() as session:
        account = _get(session, id)
        _note(home, session, scope, "reset", account)
        account.password_hash, account.must_change = passwords.digest(password), True
        account.failures, account.locked_until, account.totp_secret = 0, None, None
        end_sessions(session, account.id, scope)
    return password


def table(home: Home, scope: Scope) -> pd.DataFrame:
    """Every account with the number of its open sessions, by login.

    Returns
    -------
    pandas.DataFrame
        id, login, name, role, places (list), demo, oidc, totp (bool), must_change, locked_until, disabled_at,
        created_at (UTC), sessions, seen_at (UTC): the last act, None for whom never signed in.

    Raises
    ------
    ScopeError
    """
    scope.require(DATASET)
    moment = now()
    awake = SignIn.seen_at > moment - dt.timedelta(minutes=settings().idle_minutes)
    open_ = select(SignIn.account, func.count().label("n"))
    open_ = open_.where(SignIn.ended_at.is_(None), SignIn.expires_at > moment, awake)
    counted = open_.group_by(SignIn.account).subquery()
    seen = select(SignIn.account, func.max(SignIn.seen_at).label("at")).group_by(SignIn.account).subquery()
    question = select(Account, counted.c.n, seen.c.at).outerjoin(counted, counted.c.account == Account.id)
    with home.ledger.session() as session:
        found = session.execute(question.outerjoin(seen, seen.c.account == Account.id).order_by(Account.login)).all()
    return pd.DataFrame([(*_row(account, n or 0), at) for account, n, at in found], columns=list(_COLUMNS))


_COLUMNS = (
    "id", "login", "name", "role", "places", "demo", "oidc", "totp", "must_change", "locked_until", "disabled_at",
    "created_at", "sessions", "seen_at",
)  # fmt: skip


STATES = ("open", "one_time", "locked", "disabled")
"""What an account can be."""


def state(account) -> str:
    """Of a row of `table`: ``disabled``, ``locked``, ``one_time`` (its password is yet to be changed) or ``open``."""
    if pd.notna(account.disabled_at):
        return "disabled"
    if pd.notna(account.locked_until) and account.locked_until > now():
        return "locked"
    return "one_time" if account.must_change else "open"


def first_administrator(home: Home) -> str | None:
    """Create the administrator of a home that has none; returns the one-time password, None where there is one.

    Two processes that start at once create one: the login is unique, and whoever comes second finds it taken.
    """
    with home.ledger.session() as session:
        if session.scalar(select(func.count()).where(Account.role == rights.ADMINISTRATOR, ~Account.demo)):
            return None
    try:
        return create(home, Scope.all(audit.PLATFORM), FIRST, "管理员", rights.ADMINISTRATOR)
    except InputError:
        return None


def demo_accounts(home: Home, places: dict[str, list[str]]) -> None:
    """One account for each role of a simulated city, without a password; only demo mode signs them in.

    Parameters
    ----------
    places : dict
        Places for the kinds ``unit``, ``street`` and ``enterprise``.

    Raises
    ------
    ShuzhiError
        If the home is a real city.
    """
    if home.kind != "simulated":
        raise ShuzhiError("demo accounts are for a simulated city only")
    with home.ledger.session() as session:
        there = set(session.scalars(select(Account.role).where(Account.demo)))
        for role in rights.roles().values():
            if role.key in there or role.key in (rights.PUBLIC, *rights.SCREENS):
                continue
            account = Account(
                id=uuid.uuid4().hex,
                login=f"demo-{role.key}",
                name=f"{role.zh}（演示）",
                role=role.key,
                places=json.dumps(places.get(role.place, []), ensure_ascii=False),
                demo=True,
                created_at=now(),
            )
            session.add(account)
            session.flush()
            audit.append(home, session, None, "create", DATASET, account.login, role=role.key, demo=True)


def end_sessions(session: Session, account: str, scope: Scope, besides: str | None = None) -> int:
    """End the open sessions of an account, in the caller's transaction; returns how many."""
    found = session.scalars(select(SignIn).where(SignIn.account == account, SignIn.ended_at.is_(None))).all()
    ended = [one for one in found if one.id != besides]
    for one in ended:
        one.ended_at, one.ended_by = now(), scope.actor.name if scope.actor else audit.PLATFORM.name
    return len(ended)


def spelled(login: str) -> str:
    """A login as it is kept: without the differences of case and width.

    Raises
    ------
    InputError
        If it is empty, too long or has signs that a login does not have.
    """
    text = unicodedata.normalize("NFKC", login).strip().casefold()
    if not text or len(text) > _LONGEST or not all(letter.isalnum() or letter in "._-@" for letter in text):
        raise InputError(_("账号名需要 1 到 {n} 个字母、数字、汉字或 . _ - @").format(n=_LONGEST))
    return text


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= _LONGEST:
        raise InputError(_("姓名需要 1 到 {n} 个字").format(n=_LONGEST))
    return name


def _taken(home: Home, login: str) -> str:
    """What of a new account belongs to another one: its login, else who it is at the identity provider."""
    with home.ledger.session() as session:
        if session.scalar(select(Account.id).where(Account.login == login)):
            return _("账号“{login}”已经存在，换一个名字").format(login=login)
    return _("这个单位认证标识已经属于另一个账号")


def _get(session: Session, id: str) -> Account:
    account = session.get(Account, id, with_for_update=True)
    if account is None:
        raise NotFoundError(f"there is no account {id}")
    return account


def _leave_one(session: Session, account: Account) -> None:
    """Refuse to take away the last administrator who can sign in."""
    others = select(func.count()).where(
        Account.role == rights.ADMINISTRATOR, ~Account.demo, Account.disabled_at.is_(None), Account.id != account.id
    )
    if account.role == rights.ADMINISTRATOR and not account.demo and not session.scalar(others):
        raise InputError(_("这是最后一个管理员：先任命另一个"))


def _note(home: Home, session: Session, scope: Scope, what: str, account: Account, **detail) -> None:
    now_ = {"role": account.role, "places": json.loads(account.places), "name": account.name}
    audit.append(home, session, scope.actor, "change", DATASET, account.login, what=what, **now_, **detail)


def _row(account: Account, sessions: int) -> tuple:
    return (
        account.id, account.login, account.name, account.role, json.loads(account.places), account.demo,
        account.oidc_issuer is not None, account.totp_secret is not None, account.must_change, account.locked_until,
        account.disabled_at, account.created_at, sessions,
    )  # fmt: skip
