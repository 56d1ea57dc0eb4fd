"""Deliveries (批次): a register comes as a whole, and its rows are dated by comparing it with what holds.

What is gone is closed, what is new or different is opened; nothing is overwritten, so that any past day can be shown
and a delivery can be undone. Each is one atomic commit of the lake: a killed one leaves the old register whole.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from shuzhi.errors import InputError, NotFoundError
from shuzhi.store.engine import connect, relation
from shuzhi.store.home import Home
from shuzhi.store.ledger import Delivery
from shuzhi.store.schema import DELIVERED, TABLES


@dataclass(frozen=True)
class Delivered:
    """What a delivery did: numbers of rows opened, changed (closed and opened again), closed and left as they were."""

    opened: int
    changed: int
    closed: int
    unchanged: int


def deliver(
    home: Home,
    register: str,
    rows: pa.Table,
    day: dt.date,
    file: str,
    delivery: str,
    serve: Callable[[Home], None],
) -> Delivered:
    """Take a whole register in.

    Parameters
    ----------
    register : 'source' or 'machine'
    rows : pyarrow.Table
        Columns ``schema.DELIVERED[register]``; the first is the key and unique.
    day : date
        From when on it holds.
    file, delivery : str
        Where it came from, and the import that it came with.
    serve : callable
        Makes the serving copy of the register anew.

    Raises
    ------
    InputError
        If a later delivery is already in force, or there is no row.
    """
    if not rows.num_rows:
        raise InputError("a delivery without rows would close the whole register; nothing was changed", file=file)
    with home.writer():
        _complete(home, register)
        newest = _newest(home, register)
        if newest is not None and day < newest.day:
            raise InputError(
                f"the delivery of {newest.day} ({newest.file}) is in force; one of {day} can't come after it. "
                f"Give a later day, or undo that one first (import undo {newest.id})",
                file=file,
            )
        table, done = _compared(home, register, rows, day, delivery)
        if done.opened or done.changed or done.closed:
            home.lake.replace(register, table)
            _record(home, register, delivery, day, file, rows.num_rows, done)
            serve(home)
            home.changed()
    return done


def undo(home: Home, delivery: str, serve: Callable[[Home], None], note: Callable[[Session], None]) -> None:
    """Put a register back to what it was before its newest delivery.

    Parameters
    ----------
    serve : callable
        Makes the serving copy of the register anew.
    note : callable
        Keeps who did it, in the transaction that marks the delivery as undone.

    Raises
    ------
    NotFoundError
        If there is no such delivery in force.
    InputError
        If a later one is in force.
    """
    with home.writer():
        with home.ledger.session() as session:
            row = session.get(Delivery, delivery)
        if row is None or row.undone_at is not None:
            raise NotFoundError(f"no delivery “{delivery}” is in force; see: import deliveries")
        newest = _newest(home, row.register)
        if newest.id != delivery:
            raise InputError(f"the delivery of {newest.day} ({newest.id}) came after it; undo that one first")
        home.lake.replace(row.register, _before(home, row.register, delivery))
        with home.ledger.session() as session:
            session.get(Delivery, delivery).undone_at = _now()
            note(session)
        serve(home)
        home.changed()


def listed(home: Home, register: str | None = None) -> list[Delivery]:
    """Deliveries, newest first; undone ones too."""
    query = select(Delivery).order_by(Delivery.delivered_at.desc())
    with home.ledger.session() as session:
        return list(session.scalars(query if register is None else query.where(Delivery.register == register)))


def _newest(home: Home, register: str) -> Delivery | None:
    return next((row for row in listed(home, register) if row.undone_at is None), None)


def _compared(home: Home, register: str, rows: pa.Table, day: dt.date, delivery: str) -> tuple[pa.Table, Delivered]:
    """The register with the delivery in it, and what that changes."""
    columns = DELIVERED[register]
    key, listed_columns = columns[0], ", ".join(columns)
    different = " OR ".join(f"n.{name} IS DISTINCT FROM o.{name}" for name in columns[1:])
    connection = _register_of(home, register)
    connection.register("incoming", rows.select(list(columns)))
    connection.execute(
        f"""CREATE TABLE compared AS SELECT coalesce(n.{key}, o.{key}) AS {key},
        CASE WHEN o.{key} IS NULL THEN 'opened' WHEN n.{key} IS NULL THEN 'closed'
        WHEN {different} THEN 'changed' ELSE 'unchanged' END AS outcome
        FROM incoming n FULL JOIN (FROM register WHERE valid_to IS NULL) o USING ({key})"""
    )
    count = dict(connection.execute("SELECT outcome, count(*) FROM compared GROUP BY outcome").fetchall())
    dated = ", ".join(TABLES[register].schema.names)
    table = connection.execute(
        f"""SELECT {dated} FROM register WHERE valid_to IS NOT NULL
        UNION ALL SELECT {listed_columns}, valid_from, CASE WHEN ended THEN $day END, delivery,
            CASE WHEN ended THEN $delivery ELSE '' END
        FROM (SELECT r.*, c.outcome IN ('closed', 'changed') AS ended
            FROM register r JOIN compared c USING ({key}) WHERE r.valid_to IS NULL)
        UNION ALL SELECT {listed_columns}, $day, NULL, $delivery, ''
        FROM incoming SEMI JOIN (FROM compared WHERE outcome IN ('opened', 'changed')) USING ({key})
        ORDER BY {key}, valid_from""",
        {"day": day, "delivery": delivery},
    ).to_arrow_table()
    return table, Delivered(*(count.get(outcome, 0) for outcome in ("opened", "changed", "closed", "unchanged")))


def _before(home: Home, register: str, delivery: str) -> pa.Table:
    dated = TABLES[register].schema.names
    reopened = {"valid_to": "CASE WHEN closed_by = $delivery THEN NULL ELSE valid_to END"}
    reopened["closed_by"] = "CASE WHEN closed_by = $delivery THEN '' ELSE closed_by END"
    columns = ", ".join(f"{reopened[name]} AS {name}" if name in reopened else name for name in dated)
    question = f"SELECT {columns} FROM register WHERE delivery <> $delivery"
    return _register_of(home, register).execute(question, {"delivery": delivery}).to_arrow_table()


def _register_of(home: Home, register: str):
    connection = connect()
    connection.execute(f"CREATE VIEW register AS {relation(register, home.lake.files(register))}")
    return connection


def _complete(home: Home, register: str) -> None:
    """Record the delivery of a writer that was killed after its commit."""
    found = _register_of(home, register).execute(
        "SELECT delivery, min(valid_from), count(*) FROM register GROUP BY delivery"
    )
    with home.ledger.session() as session:
        for delivery, day, rows in found.fetchall():
            if session.get(Delivery, delivery) is None:
                session.add(_row(register, delivery, day, "", rows, Delivered(rows, 0, 0, 0)))


def _record(home: Home, register: str, delivery: str, day: dt.date, file: str, rows: int, done: Delivered) -> None:
    with home.ledger.session() as session:
        session.add(_row(register, delivery, day, file, rows, done))


def _row(register: str, delivery: str, day: dt.date, file: str, rows: int, done: Delivered) -> Delivery:
    return Delivery(
        id=delivery,
        register=register,
        day=day,
        file=file,
        rows=rows,
        opened=done.opened,
        changed=done.changed,
        closed=done.closed,
        delivered_at=_now(),
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
