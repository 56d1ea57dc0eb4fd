"""Weather forecasts (气象预报): every number with its issue; no issue takes the place of another."""

import datetime as dt
from dataclasses import dataclass

import pyarrow as pa

from shuzhi.store import keyed
from shuzhi.store.calendar import beijing_month
from shuzhi.store.home import Home
from shuzhi.store.schema import TABLES

TABLE = "weather_forecast"

KEY = ("product", "issued_at", "station", "factor", "time", "period")


@dataclass(frozen=True)
class Appended:
    """What one append did: numbers of rows."""

    new: int
    unchanged: int
    corrected: int


def append(home: Home, rows: pa.Table, import_id: str) -> Appended:
    """Take numbers of forecasts in: new ones are added, equal ones left, others take the place of what was there.

    Parameters
    ----------
    rows : pyarrow.Table
        product, station, issued_at (UTC), time (UTC, end of the period), period ('1h', '3h' or '1d'), factor, value;
        unique by all but the value. Best about a month of issues a call.
    import_id : str
        The import that they came with.
    """
    incoming = _canonical(rows, import_id)
    with home.writer():
        changes = keyed.compare(home.lake, TABLE, incoming, KEY, ["value"])
        if changes.news.num_rows:
            keyed.commit(home.lake, TABLE, changes, KEY)
            home.changed()
    news, old = changes.news.num_rows, changes.old.num_rows
    return Appended(new=news - old, unchanged=incoming.num_rows - news, corrected=old)


def _canonical(rows: pa.Table, import_id: str) -> pa.Table:
    schema, count = TABLES[TABLE].schema, rows.num_rows
    issues = rows["issued_at"].combine_chunks().cast(schema.field("issued_at").type).dictionary_encode()
    months = pa.array(beijing_month(issues.dictionary.to_pandas()), type=pa.string())
    received = pa.scalar(dt.datetime.now(dt.UTC), type=schema.field("received_at").type)
    added = {
        "source": pa.repeat(pa.scalar(import_id), count),
        "received_at": pa.repeat(received, count),
        "month": months.take(issues.indices),
    }
    table = pa.table({name: added[name] if name in added else rows[name] for name in schema.names}).cast(schema)
    return table.sort_by([(name, "ascending") for name in KEY])
