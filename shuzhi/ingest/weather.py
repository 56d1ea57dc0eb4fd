"""Weather by station, hourly (a column ``time``) or daily (a column ``date``), one column a factor.

Hourly times are ISO 8601, without offset Beijing time, and mean the **end** of the hour. A day is a Beijing day; its
values are stamped with its end, 00:00 of the next day.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.errors import InputError
from shuzhi.ingest import weather_columns as columns
from shuzhi.ingest.files import TextFile, read
from shuzhi.ingest.parsed import Parsed, readings
from shuzhi.ingest.rejects import CONFLICT, Rejects
from shuzhi.ingest.repetitions import join_repetitions
from shuzhi.ingest.sheet import Sheet

_WHEN = {"time": ("time", "时间"), "date": ("date", "日期")}


def parse(path: Path | str, station: str | None = None, now: dt.datetime | None = None) -> Parsed:
    """Read a weather file.

    Parameters
    ----------
    path : Path
    station : str, optional
        Code of the station, for a file without a column ``station``.
    now : datetime, optional
        Aware; times more than an hour later are rejected. Default: the clock.

    Returns
    -------
    Parsed
        ``rows``: station, factor, time (UTC, end of the period), period '1h' or '1d', value in the units of
        ``data/standards/factors.csv``; ``stations``: what the file says about them.

    Raises
    ------
    InputError
        If the file can't be read, has no time, no station or no known factor.
    """
    text = read(path)
    rejects = Rejects(text.name)
    sheet = columns.sheet_of(text, _WHEN, [], rejects)
    period = _period(text, sheet)
    factors = columns.factors_of(text, sheet, period == "1d")
    codes = columns.codes_of(text, sheet, station)
    good = columns.with_code(codes, sheet, rejects)
    stamps = _stamps(sheet, period, now, good, rejects)
    good &= ~np.isnat(stamps)
    found, cells = columns.values(sheet, factors, period, codes, good, rejects)
    repeated = _join(codes, stamps, found, good, sheet, rejects)
    return Parsed(
        rows=_rows(codes, stamps, factors, found, good, period),
        rejected=rejects,
        lines=len(sheet.rows),
        rows_in=cells,
        duplicates=repeated,
        notes=sheet.notes,
        stations=columns.about(codes[good], sheet.rows[good], sheet, rejects),
    )


def _period(text: TextFile, sheet: Sheet) -> str:
    found = [name for name in ("time", "date") if name in sheet.rows]
    if len(found) != 1:
        what = (
            "both time and date are there; keep time for hours or date for days"
            if found
            else (
                "columns missing: time (hourly, end of the hour) or date (daily). Name the column so in the first line"
            )
        )
        raise InputError(what, file=text.path, line=1)
    return "1h" if found == ["time"] else "1d"


def _stamps(sheet: Sheet, period: str, now: dt.datetime | None, good: np.ndarray, rejects: Rejects) -> np.ndarray:
    """End of each row's period, UTC; NaT where it can't be read."""
    column, read_one = ("time", columns.end_of_hour) if period == "1h" else ("date", columns.end_of_day)
    return columns.instants(sheet, column, read_one, columns.clock(now), good, rejects)


def _join(codes, stamps, values: np.ndarray, good: np.ndarray, sheet: Sheet, rejects: Rejects) -> int:
    """Rows of the same station and time become one; a contradiction is rejected. How many values only repeat."""
    rows = np.flatnonzero(good)
    keys = pd.MultiIndex.from_arrays([codes[rows], stamps[rows]])
    part = values[rows]
    repeated, conflicts = join_repetitions(keys, part)
    values[rows] = part
    texts = columns.raws(sheet, rows[[at for at, _, _ in conflicts]])
    for (at, kept, _), text in zip(conflicts, texts, strict=True):
        line, first = int(sheet.rows.index[rows[at]]), int(sheet.rows.index[rows[kept]])
        detail = f"differs from line {first}; the first is kept"
        rejects.add(CONFLICT, detail, line=line, station=codes[rows[at]], raw=text)
    return repeated


def _rows(codes, stamps, factors, values: np.ndarray, good: np.ndarray, period: str) -> pa.Table:
    row, factor, value = columns.numbers(factors, values, good)
    return readings(station=codes[row], factor=factor, time=stamps[row], period=period, value=value)
