"""People who are signed in, for tests: their tokens are known beforehand, and so the same in every home."""

import datetime as dt
import hashlib
import json
import uuid
from functools import cache
from pathlib import Path

from sqlalchemy import select

from shuzhi.access import Person, session
from shuzhi.access.clock import now
from shuzhi.store import Scope, open_home
from shuzhi.store.ledger import Account, SignIn

ADMINISTRATOR = "administrator"
EVERYBODY = Person("", ADMINISTRATOR, Scope.all())
"""A person who sees and does everything, for a page's context."""


def cookie(home: Path, role: str = ADMINISTRATOR, places: tuple[str, ...] = ()) -> dict[str, str]:
    """Name and value of the cookie of somebody with the role and the places, who is signed in at this home."""
    return {"name": session.COOKIE, "value": token(Path(home), role, tuple(places))}


def header(home: Path, role: str = ADMINISTRATOR, places: tuple[str, ...] = ()) -> dict[str, str]:
    """The same as a header of a request."""
    return {"cookie": f"{session.COOKIE}={token(Path(home), role, tuple(places))}"}


def known(role: str = ADMINISTRATOR, places: tuple[str, ...] = ()) -> str:
    """The token that belongs to a role and its places."""
    return f"test-{hashlib.sha256('-'.join((role, *places)).encode()).hexdigest()[:20]}"


@cache
def token(path: Path, role: str = ADMINISTRATOR, places: tuple[str, ...] = ()) -> str:
    """Token of an open session of an account with the role and the places; both are made where they are not there."""
    made = known(role, places)
    digest, moment = hashlib.sha256(made.encode()).hexdigest(), now()
    with open_home(path).ledger.session() as ledger:
        there = ledger.scalar(select(SignIn).where(SignIn.token_hash == digest))
        if there is not None:
            there.seen_at, there.expires_at, there.ended_at = moment, moment + dt.timedelta(hours=12), None
        else:
            account = Account(
                id=uuid.uuid4().hex,
                login=f"test-{made[-8:]}",
                name="001",
                role=role,
                places=json.dumps(places, ensure_ascii=False),
                created_at=moment,
            )
            ledger.add(account)
            ledger.flush()
            ledger.add(
                SignIn(
                    id=uuid.uuid4().hex,
                    kind=session.PERSON,
                    token_hash=digest,
                    account=account.id,
                    started_at=moment,
                    seen_at=moment,
                    expires_at=moment + dt.timedelta(hours=12),
                )
            )
    return made
