"""Tracks (轨迹): positions of machines, a row a machine and time."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from shuzhi.standards.days import beijing_day
from shuzhi.store.engine import connect, relation
from shuzhi.store.home import Home
from shuzhi.store.schema import TABLES


def append(home: Home, rows: pa.Table, import_id: str, serve: Callable[[Home], None]) -> int:
    """Take positions in; one that is there already (machine and time) is left as it is.

    Parameters
    ----------
    rows : pyarrow.Table
        machine, time (UTC), lon, lat (WGS 84); machine and time unique.
    serve : callable
        Makes the serving copy of the machines anew.

    Returns
    -------
    int
        Number of new positions.
    """
    incoming = _canonical(rows, import_id)
    months = sorted(set(incoming["month"].unique().to_pylist()))
    with home.writer():
        news = _news(home, incoming, months)
        if news.num_rows:
            home.lake.append("track", news)
            serve(home)
            home.changed()
    return news.num_rows


def _canonical(rows: pa.Table, import_id: str) -> pa.Table:
    schema = TABLES["track"].schema
    count = rows.num_rows
    times = rows["time"].cast(schema.field("time").type)
    months = beijing_day(times.to_pandas()).astype("datetime64[M]").astype(str)
    received = np.full(count, np.datetime64(dt.datetime.now(dt.UTC).replace(tzinfo=None), "us"))
    columns = {
        "machine": rows["machine"],
        "time": times,
        "lon": rows["lon"],
        "lat": rows["lat"],
        "source": pa.repeat(pa.scalar(import_id), count),
        "received_at": pa.array(received).cast(schema.field("received_at").type),
        "month": pa.array(months),
    }
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)


def _news(home: Home, incoming: pa.Table, months: list[str]) -> pa.Table:
    files = home.lake.files("track", months)
    if not files:
        return incoming
    connection = connect()
    connection.register("incoming", incoming)
    connection.execute(f"CREATE VIEW existing AS {relation('track', files)}")
    return connection.execute("FROM incoming ANTI JOIN existing USING (machine, time)").to_arrow_table()
