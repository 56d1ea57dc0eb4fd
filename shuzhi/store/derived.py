"""Derived tables (派生表): daily statistics by station, made from the readings.

``air_day`` holds unrounded daily means with their hours, and the day's highest 8 h mean of ozone where HJ 663 calls it
valid (``standards.statistics``). Rounding and indices are made when read, so that one table serves every edition.
"""

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
from shuzhi.store.schema import ITEMS, TABLES

_MONTHS_AT_ONCE = 12


def rebuild(home: Home, progress: Progress = silent) -> None:
    """Make every derived table anew from the readings."""
    with home.writer():
        refresh(home, months_of(home.lake), progress)
    home.changed()


def months_of(lake: Lake) -> list[str]:
    """Months that hold observations."""
    table = lake.table("observation")
    return [] if table is None else sorted({row["month"] for row in table.partitions()})


def refresh(home: Home, months: list[str], progress: Progress = silent) -> None:
    """Make the derived rows of some months anew, in one commit. The caller holds the writer's lock.

    Parameters
    ----------
    months : list of str
        ``YYYY-MM``, in order; need not be contiguous.
    """
    parts = []
    for first in range(0, len(months), _MONTHS_AT_ONCE):
        progress(first, len(months), f"daily statistics {months[first]}")
        parts.append(_air_days(home.lake, months[first : first + _MONTHS_AT_ONCE]))
    home.lake.replace_months("air_day", pa.concat_tables(parts), months)
    progress(len(months), len(months), "daily statistics")


def _air_days(lake: Lake, months: list[str]) -> pa.Table:
    connection = connect()
    connection.execute(f"CREATE VIEW observation AS {relation('observation', lake.files('observation', months))}")
    span = {"first_month": months[0], "last_month": months[-1]}
    means = connection.execute(compiled("air_day_means").sql, span).to_arrow_table()
    if not means.num_rows:  # months that hold weather only
        return TABLES["air_day"].schema.empty_table()
    hours = connection.execute(compiled("ozone_hours").sql, span).to_arrow_table()
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
