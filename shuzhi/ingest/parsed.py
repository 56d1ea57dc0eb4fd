"""What a door makes of a file."""

from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from shuzhi.ingest.rejects import Reject


@dataclass
class Parsed:
    """Rows ready for the store, and what did not become one.

    Attributes
    ----------
    rows : pyarrow.Table or DataFrame
        Readings (station, factor, time UTC, period, value; keys unique), stations, or the rows of a register.
    rejected : list of Reject
    lines : int
        Data lines in the file.
    rows_in : int
        Readings (cells with a value) in lines that could be read, or stations.
    duplicates : int
        Of these, the ones that only repeat another one.
    notes : list of str
    stations : DataFrame, optional
        Indexed by code: name, city, lon, lat, as far as the file tells them beside its readings.
    warnings : list of Reject
        What was taken in and should be looked at.
    """

    rows: pa.Table | pd.DataFrame
    rejected: list[Reject] = field(default_factory=list)
    lines: int = 0
    rows_in: int = 0
    duplicates: int = 0
    notes: list[str] = field(default_factory=list)
    stations: pd.DataFrame | None = None
    warnings: list[Reject] = field(default_factory=list)


def readings(station, factor, time, period: str, value) -> pa.Table:
    """A table of readings from arrays of equal length; ``time`` is datetime64 in UTC, end of the period."""
    time = pa.array(time).cast(pa.timestamp("us"))
    return pa.table(
        {
            "station": _text(station),
            "factor": _text(factor),
            "time": time.cast(pa.timestamp("us", tz="UTC")),
            "period": pa.repeat(pa.scalar(period), len(time)),
            "value": pa.array(value, type=pa.float64()),
        }
    )


def _text(column) -> pa.Array:
    return column.cast(pa.string()) if isinstance(column, pa.Array) else pa.array(column, type=pa.string())
