"""Deliveries (批次) of the registers: what a door hands over, and what a person can take back."""

import datetime as dt
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy.orm import Session

from shuzhi.access import audit
from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.registry import machines, sources
from shuzhi.store import Home, Scope, deliveries
from shuzhi.store.deliveries import Delivered, listed
from shuzhi.store.ledger import Delivery

__all__ = ["Delivered", "Receipt", "deliver", "listed", "receipts", "serve_missing", "undo"]

_DATASETS = {"source": sources.REGISTER, "machine": machines.REGISTER}
_TABLES = {dataset: table for table, dataset in _DATASETS.items()}
_SERVE = {"source": sources.serve, "machine": machines.serve}


def deliver(home: Home, register: str, rows: pa.Table, day: dt.date, file: str, delivery: str) -> Delivered:
    """Take a whole register in; parameters and errors as for :func:`shuzhi.store.deliveries.deliver`."""
    return deliveries.deliver(home, register, rows, day, file, delivery, _SERVE[register])


@dataclass(frozen=True)
class Receipt:
    """A delivery as a reader of the register may know it.

    Attributes
    ----------
    id, file : str
    day : date
        From when on it holds.
    done : Delivered or None
        What it did; None for whom places bind: the numbers are the whole city's.
    undone : bool
    """

    id: str
    day: dt.date
    file: str
    done: Delivered | None
    undone: bool


def receipts(home: Home, scope: Scope, register: str) -> list[Receipt]:
    """Deliveries of ``sources`` or ``machines``, newest first; undone ones too.

    Raises
    ------
    ScopeError
        If the register may not be seen.
    """
    bound = bool(scope.places_for(register))
    return [
        Receipt(
            row.id,
            row.day,
            row.file,
            None if bound else _done(row),
            row.undone_at is not None,
        )
        for row in listed(home, _TABLES[register])
    ]


def _done(row: Delivery) -> Delivered:
    return Delivered(row.opened, row.changed, row.closed, row.rows - row.opened - row.changed)


def undo(home: Home, scope: Scope, delivery: str) -> None:
    """Put a register back to what it was before its newest delivery.

    Raises
    ------
    ScopeError
        If deliveries of the register may not be undone, or places bind the asker: a delivery is of the whole city.
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
    if scope.places_for(dataset):
        raise ScopeError("a delivery is of the whole city; ask an administrator", dataset=dataset, action="undo")
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
