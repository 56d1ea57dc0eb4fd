"""People with an account and an open session, whose times can be put back."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select, update

from shuzhi.access import accounts, session
from shuzhi.store import Actor, Home, Scope
from shuzhi.store.ledger import Account, SignIn

BOSS = Scope.all(Actor("system", "root", "root"))


@dataclass(frozen=True)
class Somebody:
    """An account with an open session."""

    home: Home
    account: str
    token: str

    @property
    def session(self) -> str:
        return session.person(self.home, self.token).session

    @property
    def scope(self) -> Scope:
        return session.person(self.home, self.token).scope

    def age(self, **columns) -> None:
        """Put the session's times back."""
        with self.home.ledger.session() as ledger:
            ledger.execute(update(SignIn).where(SignIn.account == self.account).values(**columns))

    def row(self) -> SignIn:
        with self.home.ledger.session() as ledger:
            return ledger.scalars(select(SignIn).where(SignIn.account == self.account)).one()


def somebody(home: Home, role: str = "analyst", places=(), **columns) -> Somebody:
    """A new account with the role, signed in; ``columns`` of the account."""
    login = f"x-{uuid.uuid4().hex[:8]}"
    accounts.create(home, BOSS, login, "某人", role, places)
    with home.ledger.session() as ledger:
        account = ledger.scalars(select(Account).where(Account.login == login)).one()
        for name, value in ({"must_change": False} | columns).items():
            setattr(account, name, value)
        token = session.start(ledger, account, "127.0.0.1", "test")
        return Somebody(home, account.id, token)
