"""Positions of machines (定位): label number, time, longitude, latitude."""

import datetime as dt
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.ingest import times
from shuzhi.ingest.cells import Cells, cells_of, where_true, without_repetitions
from shuzhi.ingest.coordinates import System
from shuzhi.ingest.parsed import Parsed
from shuzhi.ingest.rejects import BAD_TIME, FUTURE, NO_LABEL, NOT_A_NUMBER, UNKNOWN_MACHINE
from shuzhi.ingest.template import Template, load

AHEAD = dt.timedelta(minutes=10)
"""Clocks of devices may be ahead by so much."""


def parse(
    path: Path | str,
    known: Collection[str],
    template: Template | None = None,
    crs: str | None = None,
    zone: str | None = None,
    sheet: str | None = None,
    now: dt.datetime | None = None,
) -> Parsed:
    """Read positions. A row with a fault is rejected whole; nothing is guessed.

    Parameters
    ----------
    known : collection of str
        Label numbers of the register; positions of other machines are rejected.
    template : Template, optional
        What the columns mean; by default the usual names.
    crs : str, optional
        Coordinate system, if it is not that of the template or WGS 84.
    zone : str, optional
        Zone of times that name none (see :func:`times.offset`); by default Beijing's.
    sheet : str, optional
        Sheet or layer of a file that has several.
    now : datetime, optional
        Positions after it are rejected; by default the present.

    Returns
    -------
    Parsed
        ``rows``: pyarrow.Table with machine, time (UTC), lon, lat; machine and time unique.

    Raises
    ------
    InputError
        If the file can't be read, a needed column is missing, or a column does not hold what its header says.
    """
    template = template or load("positions")
    system, minutes = System(crs or template.crs), times.offset(zone)
    cells = cells_of(path, template, ("machine",), sheet)
    machine = _machines(cells, known)
    time = _times(cells, minutes, now or dt.datetime.now(dt.UTC))
    lon, lat = cells.position(system)
    _nowhere(cells, lon)
    good = pc.is_valid(machine).to_numpy(zero_copy_only=False) & ~np.isnat(time) & ~np.isnan(lon)
    stamps = pa.array(time).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    key = pc.binary_join_element_wise(machine, pa.array(time.astype(str)), " ")
    key = pc.if_else(pa.array(good), key, None)
    rows = pa.table({"key": key, "machine": machine, "time": stamps, "lon": lon, "lat": lat})
    rows, repeated = without_repetitions(rows, cells, "key")
    return cells.parsed(rows.drop_columns(["key"]), repeated)


def _machines(cells: Cells, known: Collection[str]) -> pa.Array:
    label = cells.code("machine")
    cells.reject(where_true(pc.is_null(label)), None, NO_LABEL, "a position needs the label number of its machine")
    registered = pc.is_in(label, value_set=pa.array(list(known), pa.string()))
    strange = pc.and_(pc.is_valid(label), pc.invert(registered))
    cells.reject(
        where_true(strange), "machine", UNKNOWN_MACHINE, "import the register of machines first", expected=True
    )
    return pc.if_else(registered, label, None)


def _times(cells: Cells, minutes: int, now: dt.datetime) -> np.ndarray:
    text = cells.text("time").fill_null("")
    time, wrong = times.to_utc(text, minutes)
    cells.reject(np.flatnonzero(wrong), "time", BAD_TIME, "use 2026-11-25 08:00:00")
    cells.reject(where_true(pc.equal(text, "")), None, BAD_TIME, "no time stands there")
    latest = np.datetime64((now.astimezone(dt.UTC) + AHEAD).replace(tzinfo=None), "us")
    with np.errstate(invalid="ignore"):
        later = time > latest
    cells.reject(np.flatnonzero(later), "time", FUTURE, expected=True)
    return np.where(later, np.datetime64("NaT", "us"), time)


def _nowhere(cells: Cells, lon: np.ndarray) -> None:
    """Rows without coordinates are rejected here, those with wrong ones already are."""
    empty = pc.and_(pc.is_null(cells.text("lon")), pc.is_null(cells.text("lat")))
    empty = np.isnan(lon) & empty.to_numpy(zero_copy_only=False)
    cells.reject(np.flatnonzero(empty), None, NOT_A_NUMBER, "no coordinates stand there")
