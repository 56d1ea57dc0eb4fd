"""The national hourly archive: ``china_sites_YYYYMMDD.csv[.gz]``, wide, one column a site, one line an hour and type.

Taken in are the six hourly items PM2.5, PM10, SO2, NO2, O3 and CO. The archive's AQI and its running columns (24 h,
8 h) are not: the platform computes them itself, by the rules of validity that the archive's own columns ignore.

``date`` and ``hour`` are the **end** of the hour in Beijing time: hour 0 of a day is the last hour of the day before.
(Found by comparing the archive's ``PM2.5_24h`` with means of the hours: 93 % equal so, 43 % when shifted by one.)
"""

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from shuzhi.errors import InputError
from shuzhi.ingest.air_grid import FACTORS, Grid, read_grid
from shuzhi.ingest.archive_files import Member
from shuzhi.ingest.files import read
from shuzhi.ingest.parsed import Parsed, readings
from shuzhi.ingest.rejects import CONFLICT, UNREADABLE, Rejects
from shuzhi.ingest.repetitions import join_repetitions
from shuzhi.ingest.sheet import LAST_LINE_OPEN
from shuzhi.settings import BEIJING

_TO_UTC = np.timedelta64(8, "h")
_SLACK = dt.timedelta(hours=1)


def parse_day(members: Sequence[Member], only: Collection[str] | None = None, now: dt.datetime | None = None) -> Parsed:
    """Read the files of one day (usually one) as readings.

    A line that repeats another of the same day, in the same file or in a second one, is dropped when it says the same
    (where the first is empty, the other fills in) and rejected when it differs: the first is kept.

    Parameters
    ----------
    members : sequence of Member
        Files of the same day, in the order in which they are believed.
    only : collection of str, optional
        Keep these sites only.
    now : datetime, optional
        Aware; stamps more than an hour later are rejected. Default: the clock.

    Returns
    -------
    Parsed
        ``rows``: station, factor, time (UTC, end of the hour), period '1h', value (µg/m³; CO mg/m³). A site has rows
        only where it has values.

    Raises
    ------
    InputError
        If none of the files can be read.
    """
    latest = ((now or dt.datetime.now(dt.UTC)) + _SLACK).astimezone(BEIJING).replace(tzinfo=None)
    grids, tables, notes, errors = [], [], [], []
    for member in members:
        rejects = Rejects(member.name)
        tables.append(rejects)
        try:
            text = read(member.path, member.name)
            grid = read_grid(text, member.day, latest, rejects, only)
        except InputError as error:
            errors.append(error)
            rejects.add(UNREADABLE, error.what, line=error.line, column=error.column)
            continue
        notes += text.notes
        if grid.open_end:
            notes.append(f"{member.name}: {LAST_LINE_OPEN}")
        grids.append(grid)
    if not grids:
        raise errors[0]
    sites, values = _stack(grids)
    repeated = _join_lines(grids, sites, values)
    return Parsed(
        rows=_rows(grids, sites, values),
        rejected=[reject for rejects in tables for reject in rejects],
        lines=sum(grid.count for grid in grids),
        rows_in=sum(grid.cells for grid in grids),
        duplicates=repeated + sum(grid.repeated for grid in grids),
        notes=notes + [f"not read: {error}" for error in errors],
    )


def _stack(grids: list[Grid]) -> tuple[list[str], np.ndarray]:
    """All lines of the day over all its sites."""
    if len(grids) == 1:
        return grids[0].sites, grids[0].values
    sites = list(dict.fromkeys(site for grid in grids for site in grid.sites))
    place = {site: j for j, site in enumerate(sites)}
    values = np.full((sum(len(grid.lines) for grid in grids), len(sites)), np.nan)
    start = 0
    for grid in grids:
        values[start : start + len(grid.lines), [place[site] for site in grid.sites]] = grid.values
        start += len(grid.lines)
    return sites, values


def _join_lines(grids: list[Grid], sites: list[str], values: np.ndarray) -> int:
    """Make the lines unique; how many readings were only repeated."""
    repeated, conflicts = join_repetitions(
        np.concatenate([grid.hours * len(FACTORS) + grid.items for grid in grids]), values
    )
    origin = [(grid, i) for grid in grids for i in range(len(grid.lines))] if conflicts else []
    for at, kept, differing in conflicts:
        _reject_line(*origin[at], *origin[kept], [sites[j] for j in differing])
    return repeated


def _reject_line(grid: Grid, i: int, kept: Grid, k: int, sites: list[str]) -> None:
    where = f"line {kept.lines[k]}" + ("" if kept is grid else f" of {kept.rejects.file}")
    names = ", ".join(sites[:3]) + (" …" if len(sites) > 3 else "")
    detail = f"differs from {where} at {len(sites)} sites ({names}); the first is kept"
    station = sites[0] if len(sites) == 1 else None
    grid.rejects.add(CONFLICT, detail, line=int(grid.lines[i]), column=station, station=station, raw=grid.texts[i])


def _rows(grids: list[Grid], sites: list[str], values: np.ndarray) -> pa.Table:
    start = np.datetime64(grids[0].day or "1970-01-01", "us") - _TO_UTC
    hours = np.concatenate([grid.hours for grid in grids])
    items = np.concatenate([grid.items for grid in grids])
    line, site = np.nonzero(~np.isnan(values))
    return readings(
        station=pa.DictionaryArray.from_arrays(site.astype("i4"), pa.array(sites, type=pa.string())),
        factor=pa.DictionaryArray.from_arrays(items[line].astype("i4"), FACTORS),
        time=start + hours[line] * np.timedelta64(1, "h"),
        period="1h",
        value=values[line, site],
    )
