"""Derived tables (派生表): made from the readings, so that pages read little.

``air_day`` holds unrounded daily means of a station with their hours, and the day's highest 8 h mean of ozone where
HJ 663 calls it valid (``standards.statistics``). ``water_time`` holds the four-hourly readings of surface water, a row
a section and time; ``water_month`` their sums by section and month. Rounding, classes and indices are made when read,
so that one table serves every edition.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.progress import Progress, silent
from shuzhi.standards import statistics
from shuzhi.store.engine import connect, relation
from shuzhi.store.home import Home
from shuzhi.store.lake import Lake
from shuzhi.store.queries import compiled
from shuzhi.store.schema import CLASS_PUBLISHED, ITEMS, TABLES, WATER_ITEMS

_MONTHS_AT_ONCE = 12
_MADE_OF = {"air": ITEMS, "water": (*WATER_ITEMS, CLASS_PUBLISHED)}
KINDS = tuple(_MADE_OF)
"""Of the readings from which tables are made."""


def rebuild(home: Home, progress: Progress = silent) -> None:
    """Make every derived table anew from the readings."""
    with home.writer():
        refresh(home, months_of(home.lake), progress)
    home.changed()


def missing(lake: Lake) -> list[str]:
    """Kinds of readings that are there without a table that is made of them, as an earlier version left them."""
    if lake.table("observation") is None:
        return []
    return [kind for kind, tables in _TABLES.items() if any(lake.table(name) is None for name in tables)]


def months_of(lake: Lake) -> list[str]:
    """Months that hold observations."""
    table = lake.table("observation")
    return [] if table is None else sorted({row["month"] for row in table.partitions()})


def changed_by(rows: pa.Table) -> dict[str, set[str]]:
    """Months whose derived tables these readings will change, by kind; nothing is derived from weather."""
    chosen = {kind: pc.is_in(rows["factor"], pa.array(factors)) for kind, factors in _MADE_OF.items()}
    return {kind: set(rows["month"].filter(those).unique().to_pylist()) for kind, those in chosen.items()}


def refresh(home: Home, months: list[str], progress: Progress = silent, kinds: Iterable[str] = KINDS) -> None:
    """Make the derived rows of some months anew, each table in one commit. The caller holds the writer's lock.

    Parameters
    ----------
    months : list of str
        ``YYYY-MM``, in order; need not be contiguous.
    kinds : "air", "water"
        Made of which readings.
    """
    if not months:
        return
    for name, make in [table for kind in kinds for table in _TABLES[kind].items()]:
        parts = []
        for first in range(0, len(months), _MONTHS_AT_ONCE):
            progress(first, len(months), f"daily statistics {months[first]}")
            parts.append(make(home.lake, months[first : first + _MONTHS_AT_ONCE]))
        home.lake.replace_months(name, pa.concat_tables(parts), months)
    progress(len(months), len(months), "daily statistics")


def _of_readings(lake: Lake, months: list[str], *queries: str) -> list[pa.Table]:
    connection = connect()
    connection.execute(f"CREATE VIEW observation AS {relation('observation', lake.files('observation', months))}")
    span = {"first_month": months[0], "last_month": months[-1]}
    return [connection.execute(compiled(query).sql, span).to_arrow_table() for query in queries]


def _air_days(lake: Lake, months: list[str]) -> pa.Table:
    means, hours = _of_readings(lake, months, "air_day_means", "ozone_hours")
    if not means.num_rows:  # months that hold weather only
        return TABLES["air_day"].schema.empty_table()
    stations, station = _encoded(means["station"])
    first_day, last_day = (extreme(means["day"]).as_py() for extreme in (pc.min, pc.max))
    shape = (len(stations), last_day - first_day + 1)
    cell = (station, means["day"].to_numpy() - first_day)
    columns = _item_columns(means, cell, shape) | _ozone_columns(hours, stations, first_day, shape)
    measured = np.logical_or.reduce([columns[f"hours_{item}"] > 0 for item in ITEMS])
    station, day = np.nonzero(measured)
    days = (day + first_day).astype("datetime64[D]")
    table = {"station": stations[station], "day": days, "month": days.astype("datetime64[M]").astype(str)}
    table |= {name: values[measured] for name, values in columns.items()}
    schema = TABLES["air_day"].schema
    return pa.table({name: pa.array(table[name], from_pandas=True) for name in schema.names}).cast(schema)


def _item_columns(means: pa.Table, cell: tuple, shape: tuple) -> dict[str, np.ndarray]:
    columns = {item: np.full(shape, np.nan) for item in (*ITEMS, "o3_1h")}
    columns |= {f"hours_{item}": np.zeros(shape, dtype=np.int16) for item in ITEMS}
    factor, mean, hours = (means[name].to_numpy() for name in ("factor", "mean", "hours"))
    for item in ITEMS:
        chosen = factor == item
        where = tuple(index[chosen] for index in cell)
        columns[item][where] = mean[chosen]
        columns[f"hours_{item}"][where] = hours[chosen]
        if item == "o3":
            columns["o3_1h"][where] = means["highest"].to_numpy()[chosen]
    return columns


def _ozone_columns(hours: pa.Table, stations: np.ndarray, first_day: int, shape: tuple) -> dict[str, np.ndarray]:
    cube = np.full((*shape, 24), np.nan)
    names, number = _encoded(hours["station"])
    station = pd.Index(stations).get_indexer(names)[number]
    day, hour = np.divmod(hours["hour"].to_numpy(), 24)
    cube[station, day - first_day, hour] = hours["value"].to_numpy()
    highest, windows, _ = statistics.o3_day_max(statistics.o3_8h(cube))
    return {"o3_8h": highest, "o3_windows": windows}


def _encoded(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values, and for each row the number of its value."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary.to_numpy(zero_copy_only=False), encoded.indices.to_numpy()


def _water_times(lake: Lake, months: list[str]) -> pa.Table:
    return _as_stored("water_time", *_of_readings(lake, months, "water_times"))


def _water_months(lake: Lake, months: list[str]) -> pa.Table:
    return _as_stored("water_month", *_of_readings(lake, months, "water_sums"))


def _as_stored(name: str, table: pa.Table) -> pa.Table:
    schema = TABLES[name].schema
    return table.select(schema.names).cast(schema)


_TABLES = {"air": {"air_day": _air_days}, "water": {"water_time": _water_times, "water_month": _water_months}}
