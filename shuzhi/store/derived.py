"""Derived tables (派生表): daily statistics by station, made from the readings.

``air_day`` holds unrounded daily means with their hours, and the day's highest 8 h mean of ozone where HJ 663 calls it
valid (``standards.statistics``). Rounding and indices are made when read, so that one table serves every edition.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.progress import Progress, silent
from shuzhi.standards import statistics
from shuzhi.store.engine import connect, relation
from shuzhi.store.home import Home
from shuzhi.store.lake import Lake
from shuzhi.store.queries import compiled
from shuzhi.store.schema import TABLES


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
    """Make the derived rows of some months anew, one commit for all of them. The caller holds the writer's lock.

    Parameters
    ----------
    months : list of str
        ``YYYY-MM``; need not be contiguous.
    """
    parts = []
    for done, month in enumerate(months):
        progress(done, len(months), f"daily statistics {month}")
        parts.append(_air_days(home.lake, month))
    home.lake.replace_months("air_day", pa.concat_tables(parts), months)
    progress(len(months), len(months), "daily statistics")


def _air_days(lake: Lake, month: str) -> pa.Table:
    connection = connect()
    connection.execute(f"CREATE VIEW observation AS {relation('observation', lake.files('observation', [month]))}")
    span = {"first_month": month, "last_month": month}
    days = connection.execute(compiled("air_day_means").sql, span).to_arrow_table().to_pandas()
    hours = connection.execute(compiled("ozone_hours").sql, span).to_arrow_table()
    days = days.merge(_ozone_days(hours), on=["station", "day"], how="left").assign(month=month)
    days["o3_windows"] = days["o3_windows"].fillna(0)
    return (
        pa.Table.from_pandas(days, preserve_index=False)
        .select(TABLES["air_day"].schema.names)
        .cast(TABLES["air_day"].schema)
    )


def _ozone_days(hours: pa.Table) -> pd.DataFrame:
    station = hours["station"].combine_chunks().dictionary_encode()
    day = hours["day"].combine_chunks().dictionary_encode()
    cube = np.full((len(station.dictionary), len(day.dictionary), 24), np.nan)
    cube[station.indices.to_numpy(), day.indices.to_numpy(), hours["hour"].to_numpy() - 1] = hours["value"].to_numpy()
    highest, windows, _ = statistics.o3_day_max(statistics.o3_8h(cube))
    index = pd.MultiIndex.from_product(
        [station.dictionary.to_pandas(), day.dictionary.to_pandas()], names=["station", "day"]
    )
    return pd.DataFrame({"o3_8h": np.ravel(highest), "o3_windows": np.ravel(windows)}, index=index).reset_index()
