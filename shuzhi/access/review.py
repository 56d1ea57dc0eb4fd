"""Review (审计概览): how much happened, of which kind, and when, without reading every event."""

import datetime as dt

import pandas as pd
from sqlalchemy import String, cast, func, select

from shuzhi.access import audit
from shuzhi.store.home import Home
from shuzhi.store.ledger import AuditEvent
from shuzhi.store.scope import Scope

KINDS = ("sign_in", "view", "export", "change", "refused")
"""What events are summed up as, from the most usual to the gravest."""

_KIND_OF = {"sign_in": "sign_in", "sign_out": "sign_in", "see": "view", "full": "view", "export": "export"}
_HOUR = 13  # letters of "2026-11-25 08"


def kind_of(action: str, outcome: str) -> str:
    """One of ``KINDS``: what was refused is of that kind whatever it was; all that is not listed changed something."""
    return "refused" if outcome == audit.REFUSED else _KIND_OF.get(action, "change")


def summary(home: Home, scope: Scope, since: dt.datetime, until: dt.datetime | None = None) -> pd.DataFrame:
    """Number of events by hour, action and outcome.

    Parameters
    ----------
    since, until : datetime.datetime
        UTC; `until` is excluded.

    Returns
    -------
    pandas.DataFrame
        hour (its begin, UTC), action, outcome, kind, n.

    Raises
    ------
    ScopeError
        If the audit may not be seen.
    """
    scope.require("audit")
    hour = func.substr(cast(AuditEvent.at, String), 1, _HOUR).label("hour")
    asked = select(hour, AuditEvent.action, AuditEvent.outcome, func.count()).where(AuditEvent.at >= since)
    if until is not None:
        asked = asked.where(AuditEvent.at < until)
    with home.ledger.session() as session:
        rows = session.execute(asked.group_by(hour, AuditEvent.action, AuditEvent.outcome).order_by(hour)).all()
    table = pd.DataFrame(rows, columns=["hour", "action", "outcome", "n"])
    table["hour"] = pd.to_datetime(table["hour"], format="%Y-%m-%d %H", utc=True)
    table["kind"] = [kind_of(*pair) for pair in zip(table["action"], table["outcome"], strict=True)]
    return table[["hour", "action", "outcome", "kind", "n"]]


def actions(home: Home, scope: Scope) -> list[str]:
    """Every action that an event has, by how often it was done.

    Raises
    ------
    ScopeError
    """
    scope.require("audit")
    asked = select(AuditEvent.action).group_by(AuditEvent.action).order_by(func.count().desc(), AuditEvent.action)
    with home.ledger.session() as session:
        return list(session.scalars(asked))


def event(home: Home, scope: Scope, seq: int) -> dict | None:
    """One event with everything that is kept of it; None where there is no such number.

    Raises
    ------
    ScopeError
    """
    scope.require("audit")
    columns = [getattr(AuditEvent, name) for name in (*audit.SEALED, "previous", "digest")]
    with home.ledger.session() as session:
        row = session.execute(select(*columns).where(AuditEvent.seq == seq)).mappings().first()
    return dict(row) if row else None
