"""Sign-in (登录): a password, if wanted with a code of an authenticator; an identity provider; demo mode.

Wrong passwords in a row lock the account, longer each time; whoever is refused is not told why, and every attempt is
an event of the audit.
"""

import datetime as dt
import json
from dataclasses import dataclass

import pyotp
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shuzhi.access import accounts, audit, passwords, session
from shuzhi.access.clock import now
from shuzhi.errors import InputError, SignInError
from shuzhi.i18n import _
from shuzhi.store.home import Home
from shuzhi.store.ledger import Account
from shuzhi.store.scope import Actor, Scope

PATIENCE = 5
"""Wrong passwords in a row before the account is locked."""

_FIRST_LOCK, _LONGEST_LOCK = dt.timedelta(seconds=30), dt.timedelta(minutes=15)
_STEP = 30  # seconds of a code, RFC 6238


@dataclass(frozen=True)
class Visitor:
    """Where a sign-in comes from."""

    address: str | None = None
    agent: str | None = None


def with_password(home: Home, login: str, password: str, code: str, visitor: Visitor) -> str:
    """Token of a new session.

    Raises
    ------
    SignInError
        If login, password or code are wrong, or the account is locked or closed: the message does not say which.
    """
    account = _account(home, login)
    known = account is not None and account.disabled_at is None and not account.demo
    locked = known and account.locked_until is not None and account.locked_until > now()
    right = passwords.matches(account.password_hash if known and not locked else None, password)
    reason = _reason(account, known, locked, right, code)
    if reason is None:
        return _begin(home, account.id, visitor, "password", code)
    _refuse(home, account if known and not locked else None, login, visitor, reason)
    raise SignInError(_("账号、口令或验证码不对，或者账号暂时锁定。请稍后再试，或找管理员。"))


def with_provider(home: Home, issuer: str, subject: str, visitor: Visitor) -> str:
    """Token of a new session for whom an identity provider vouches.

    Raises
    ------
    SignInError
        If no open account belongs to the subject.
    """
    with home.ledger.session() as ledger:
        account = ledger.scalar(select(Account).where(Account.oidc_issuer == issuer, Account.oidc_subject == subject))
    if account is None or account.disabled_at is not None:
        _refuse(home, None, f"{issuer}|{subject}", visitor, "unknown")
        raise SignInError(_("单位认证已通过，但这里没有对应的账号。请管理员建立账号。"))
    return _begin(home, account.id, visitor, "oidc")


def with_demo(home: Home, role: str, visitor: Visitor) -> str:
    """Token of a new session of the demo account of a role.

    Raises
    ------
    SignInError
        If demo mode is off or there is no such account.
    """
    with home.ledger.session() as ledger:
        id = ledger.scalar(select(Account.id).where(Account.demo, Account.role == role, Account.disabled_at.is_(None)))
    if id is None or not session.is_demo(home):
        _refuse(home, None, f"demo-{role}", visitor, "no demo")
        raise SignInError(_("这里没有演示账号。"))
    return _begin(home, id, visitor, "demo")


def demo_roles(home: Home) -> dict[str, list[str]]:
    """Roles that have a demo account, with its places; none where demo mode is off."""
    if not session.is_demo(home):
        return {}
    open_ = select(Account.role, Account.places).where(Account.demo, Account.disabled_at.is_(None))
    with home.ledger.session() as ledger:
        return {role: json.loads(places) for role, places in ledger.execute(open_)}


def change_password(home: Home, scope: Scope, old: str, new: str) -> None:
    """Change one's own password; the other sessions of the account end.

    Raises
    ------
    SignInError
        If the old one is wrong.
    InputError
        If the new one is too weak or the same.
    """
    with home.ledger.session() as ledger:
        account = _own(ledger, scope)
        if not passwords.matches(account.password_hash, old):
            raise SignInError(_("原口令不对。"))
        passwords.check(new, account.login)
        if old == new:
            raise InputError(_("新口令与原口令相同"))
        account.password_hash, account.must_change = passwords.digest(new), False
        accounts.end_sessions(ledger, account.id, scope, besides=scope.actor.session)
        audit.append(home, ledger, scope.actor, "change", "accounts", account.login, what="password")


def new_secret() -> str:
    """A secret for an authenticator, base32; it counts when `set_totp` has seen its first code."""
    return pyotp.random_base32()


def set_totp(home: Home, scope: Scope, secret: str | None, code: str) -> None:
    """Ask for a code at one's own sign-in from now on (None: no longer); `code` proves that the authenticator has it.

    Raises
    ------
    SignInError
        If the code is wrong.
    """
    with home.ledger.session() as ledger:
        account = _own(ledger, scope)
        step = _step_of(secret or account.totp_secret, code)
        if step is None:
            raise SignInError(_("验证码不对，请看手机时间是否准确后再试。"))
        account.totp_secret, account.totp_last = secret, step
        audit.append(home, ledger, scope.actor, "change", "accounts", account.login, what="totp", on=secret is not None)


def _account(home: Home, login: str) -> Account | None:
    try:
        spelled = accounts.spelled(login)
    except InputError:
        return None
    with home.ledger.session() as ledger:
        return ledger.scalar(select(Account).where(Account.login == spelled))


def _reason(account: Account | None, known: bool, locked: bool, right: bool, code: str) -> str | None:
    if not known:
        return "unknown"
    if locked:
        return "locked"
    if not right:
        return "password"
    if account.totp_secret and _fresh_step(account, code) is None:
        return "code"
    return None


def _fresh_step(account: Account, code: str) -> int | None:
    """Time step of a right code that was not used before."""
    step = _step_of(account.totp_secret, code)
    return step if step is not None and step > (account.totp_last or 0) else None


def _step_of(secret: str | None, code: str) -> int | None:
    """Time step of a code, one step early or late allowed."""
    if not secret:
        return None
    moment, totp = int(dt.datetime.now(dt.UTC).timestamp()) // _STEP, pyotp.TOTP(secret)
    given = code.replace(" ", "")
    return next((step for step in (moment, moment - 1, moment + 1) if totp.generate_otp(step) == given), None)


def _begin(home: Home, id: str, visitor: Visitor, how: str, code: str = "") -> str:
    with home.ledger.session() as ledger:
        account = ledger.get(Account, id, with_for_update=True)
        if how == "password" and account.totp_secret:
            _use(ledger, account, code)
        account.failures, account.locked_until = 0, None
        token = session.start(ledger, account, visitor.address, visitor.agent)
        actor = Actor("account", account.id, account.name, None, visitor.address)
        audit.append(home, ledger, actor, "sign_in", "accounts", account.login, how=how)
    return token


def _use(ledger: Session, account: Account, code: str) -> None:
    """Spend a code: of two sign-ins with the same one, the second is refused."""
    step = _fresh_step(account, code)
    unused = func.coalesce(Account.totp_last, 0) < (step or 0)
    spent = update(Account).where(Account.id == account.id, unused).values(totp_last=step)
    if step is None or not ledger.execute(spent).rowcount:
        raise SignInError(_("验证码不对，请看手机时间是否准确后再试。"))


def _refuse(home: Home, account: Account | None, login: str, visitor: Visitor, reason: str) -> None:
    """Count the attempt where it was a wrong one, and keep it in the audit."""
    with home.ledger.session() as ledger:
        if account is not None:
            _count(ledger, account.id)
        actor = Actor("public", account.id if account else "", account.name if account else "", None, visitor.address)
        audit.append(home, ledger, actor, "sign_in", "accounts", login[:64], audit.REFUSED, reason=reason)


def _count(ledger: Session, id: str) -> None:
    """One more failure; from the patience on, each doubles the time for which the account is locked."""
    raised = update(Account).where(Account.id == id).values(failures=func.coalesce(Account.failures, 0) + 1)
    failures = ledger.scalar(raised.returning(Account.failures))
    if failures >= PATIENCE:
        pause = min(_FIRST_LOCK * 2 ** min(failures - PATIENCE, 10), _LONGEST_LOCK)
        ledger.execute(update(Account).where(Account.id == id).values(locked_until=now() + pause))


def _own(ledger: Session, scope: Scope) -> Account:
    account = ledger.get(Account, scope.actor.id, with_for_update=True) if scope.actor else None
    if account is None or account.demo:
        raise SignInError(_("演示账号和设备没有口令。"))
    return account
