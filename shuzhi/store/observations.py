"""Writing readings: keys are made unique when rows are written, so that no reader has to."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.progress import Progress, silent
from shuzhi.standards.days import beijing_day
from shuzhi.store import derived, keyed
from shuzhi.store.home import Home
from shuzhi.store.ledger import StaleMonth
from shuzhi.store.schema import TABLES

_KEY = ("station", "factor", "time", "period")


@dataclass(frozen=True)
class Appended:
    """What one append did: numbers of rows, and the Beijing days that changed."""

    new: int
    unchanged: int
    corrected: int
    days: frozenset[dt.date]


def append(home: Home, rows: pd.DataFrame | pa.Table, import_id: str, progress: Progress = silent) -> Appended:
    """Take readings in: new ones are added, equal ones left, ones of another value or flag correct what was there.

    One atomic commit; a superseded reading stays in the table ``superseded``. The derived days are refreshed before
    this returns. Several processes may call it at once; readers never wait.

    Parameters
    ----------
    home : Home
    rows : DataFrame or pyarrow.Table
        station, factor, time (UTC, end of period), period ('1h' or '1d'), value; keys unique within the table.
        Best about a month of data a call.
    import_id : str
        The import that the readings came with.
    progress : Progress, optional
    """
    incoming = _canonical(rows, import_id)
    with home.writer():
        changes = keyed.compare(home.lake, "observation", incoming, _KEY, ["value", "flag"])
        caught_up = _refresh(home, progress)
        if changes.news.num_rows:
            changed = derived.changed_by(changes.news)
            _mark_stale(home, set().union(*changed.values()))
            _commit(home, changes)
            _refresh(home, progress, changed)
        if caught_up or changes.news.num_rows:
            home.changed()
    days = (
        frozenset(beijing_day(changes.news["time"].to_pandas()).astype(object))
        if changes.news.num_rows
        else frozenset()
    )
    return Appended(
        new=changes.news.num_rows - changes.old.num_rows,
        unchanged=incoming.num_rows - changes.news.num_rows,
        corrected=changes.old.num_rows,
        days=days,
    )


def catch_up(home: Home, progress: Progress = silent) -> None:
    """Refresh the derived months that a killed writer left behind."""
    with home.writer():
        if _refresh(home, progress):
            home.changed()


def _canonical(rows: pd.DataFrame | pa.Table, import_id: str) -> pa.Table:
    table = pa.Table.from_pandas(rows, preserve_index=False) if isinstance(rows, pd.DataFrame) else rows
    schema = TABLES["observation"].schema
    count = table.num_rows
    received = np.datetime64(dt.datetime.now(dt.UTC).replace(tzinfo=None), "us")
    # Each hour comes once for every station and item: the calendar is done on the few distinct stamps.
    stamps = table["time"].combine_chunks().cast(schema.field("time").type).dictionary_encode()
    days = beijing_day(stamps.dictionary.to_pandas())
    months = pa.array(days.astype("datetime64[M]").astype(str)).cast(pa.string())
    columns = {
        "station": table["station"],
        "factor": table["factor"],
        "time": table["time"],
        "period": table["period"],
        "value": table["value"],
        "flag": table["flag"] if "flag" in table.column_names else pa.array([""] * count),
        "source": pa.array([import_id] * count),
        "received_at": pa.array(np.full(count, received), type=pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
        "month": months.take(stamps.indices),
    }
    table = pa.table({name: _as(columns[name], schema.field(name).type) for name in schema.names})
    return table.sort_by([("station", "ascending"), ("factor", "ascending"), ("time", "ascending")])


def _as(column, kind: pa.DataType):
    return column.cast(kind) if column.type != kind else column


def _commit(home: Home, changes: keyed.Changes) -> None:
    """Write the changes; what they supersede is kept in a table of its own."""
    if changes.old.num_rows:
        home.lake.append("superseded", changes.old)
    keyed.commit(home.lake, "observation", changes, _KEY)


def _mark_stale(home: Home, months: set[str]) -> None:
    """Note the months whose derived tables will change."""
    with home.ledger.session() as session:
        for month in months:
            session.merge(StaleMonth(month=month))


def _refresh(home: Home, progress: Progress, changed: dict[str, set[str]] | None = None) -> bool:
    """Make the stale months anew, of each kind those that changed (None: all); whether there were any."""
    with home.ledger.session() as session:
        stale = {row.month for row in session.query(StaleMonth)}
    if stale:
        for kind, months in (changed or dict.fromkeys(derived.KINDS, stale)).items():
            derived.refresh(home, sorted(months), progress, [kind])
        with home.ledger.session() as session:
            session.query(StaleMonth).filter(StaleMonth.month.in_(stale)).delete()
    return bool(stale)
