"""Deliveries (批次) of the registers: what a door hands over, and what a person can take back."""

import datetime as dt

import pyarrow as pa
from sqlalchemy.orm import Session

from shuzhi.access import audit
from shuzhi.errors import NotFoundError
from shuzhi.registry import machines, sources
from shuzhi.store import Home, Scope, deliveries
from shuzhi.store.deliveries import Delivered, listed
from shuzhi.store.ledger import Delivery

__all__ = ["Delivered", "deliver", "listed", "serve_missing", "undo"]

_DATASETS = {"source": sources.REGISTER, "machine": machines.REGISTER}
_SERVE = {"source": sources.serve, "machine": machines.serve}


def deliver(home: Home, register: str, rows: pa.Table, day: dt.date, file: str, delivery: str) -> Delivered:
    """Take a whole register in; parameters and errors as for :func:`shuzhi.store.deliveries.deliver`."""
    return deliveries.deliver(home, register, rows, day, file, delivery, _SERVE[register])


def undo(home: Home, scope: Scope, delivery: str) -> None:
    """Put a register back to what it was before its newest delivery.

    Raises
    ------
    ScopeError
        If deliveries of the register may not be undone.
    NotFoundError
        If there is no such delivery in force.
    InputError
        If a later one is in force.
    """
    with home.ledger.session() as session:
        row = session.get(Delivery, delivery)
    if row is None:
        raise NotFoundError(f"there is no delivery “{delivery}”; see: import deliveries")
    dataset = _DATASETS[row.register]
    scope.require(dataset, "undo")
    audit.require_open(home, scope.actor)

    def note(session: Session) -> None:
        audit.append(home, session, scope.actor, "undo", dataset, delivery, file=row.file, rows=row.rows)

    deliveries.undo(home, delivery, _SERVE[row.register], note)


def serve_missing(home: Home) -> None:
    """Make the serving copies that the home should have and has not: after an update of the software, or a loss."""
    for register, copy in (("source", sources.REGISTER), ("machine", machines.REGISTER)):
        with home.writer():
            if home.lake.version(register) >= 0 and home.serving.current(copy) is None:
                _SERVE[register](home)
                home.changed()
