"""One file of the national hourly archive as a grid: lines (hour and item) by sites."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shuzhi.errors import InputError
from shuzhi.ingest.files import TextFile
from shuzhi.ingest.numbers import bounds, to_numbers, why_implausible
from shuzhi.ingest.rejects import (
    BAD_CODE,
    BAD_TIME,
    BROKEN,
    CONFLICT,
    FUTURE,
    NOT_A_NUMBER,
    OTHER_DAY,
    TRUNCATED,
    UNKNOWN_TYPE,
    Rejects,
)
from shuzhi.ingest.sheet import split

USED = {b"PM2.5": "pm25", b"PM10": "pm10", b"SO2": "so2", b"NO2": "no2", b"CO": "co", b"O3": "o3"}
"""Types taken in, and their factor codes."""

KNOWN = frozenset(b"AQI PM2.5_24h PM10_24h SO2_24h NO2_24h O3_24h O3_8h O3_8h_24h CO_24h".split())
"""Types that the archive has and the platform recomputes."""

FACTORS = list(USED.values())

_ITEM = {name: i for i, name in enumerate(USED)}
_KEYS = ["date", "hour", "type"]
_HAN = re.compile(r"^[\u4e00-\u9fff]+$")


@dataclass
class Grid:
    """The used lines of one file.

    Attributes
    ----------
    day : date
    sites : list of str
        Codes, unique.
    hours, items, lines : int arrays, n
        Hour of the stamp, position of the item in ``FACTORS``, line in the file.
    texts : list of bytes, n
        The lines as they stood.
    values : float array, n × sites
    count : int
        Data lines of any type.
    cells, repeated : int
        Cells that hold something, and those that only repeat another column.
    open_end : bool
        The last line is a used one and has no line end.
    rejects : Rejects
    """

    day: dt.date
    sites: list[str]
    hours: np.ndarray
    items: np.ndarray
    lines: np.ndarray
    texts: list[bytes]
    values: np.ndarray
    count: int
    cells: int
    repeated: int
    open_end: bool
    rejects: Rejects


def read_grid(
    text: TextFile, day: dt.date | None, latest: dt.datetime, rejects: Rejects, only: Collection[str] | None = None
) -> Grid:
    """Read one file.

    Parameters
    ----------
    text : TextFile
    day : date, optional
        The day that all lines must have; default: the day of the first line that has one.
    latest : datetime
        Naive, Beijing; later stamps are rejected.
    rejects : Rejects
        Takes what can't be used.
    only : collection of str, optional
        Look at these sites only.

    Raises
    ------
    InputError
        If the header is not that of the archive.
    """
    lines = text.lines()
    if b'"' in text.data:
        lines = [_unquoted(line) for line in lines]
    sites = _header(text, lines[0])
    kept, day, count = _keep_lines(
        lines, len(sites) + len(_KEYS), day or _first_day(lines), latest, text.whole, rejects
    )
    hours, items, numbers, rests = (list(column) for column in zip(*kept, strict=True)) if kept else ([], [], [], [])
    chosen = [bool(site) and (only is None or site in only) for site in sites]
    values, cells = _values(rests, items, numbers, sites, chosen, rejects)
    grid = Grid(
        day=day,
        sites=[],
        hours=np.array(hours, dtype="i8"),
        items=np.array(items, dtype="i8"),
        lines=np.array(numbers, dtype="i8"),
        texts=[lines[number - 1] for number in numbers],
        values=values,
        count=count,
        cells=cells,
        repeated=0,
        open_end=bool(numbers) and numbers[-1] == len(lines),
        rejects=rejects,
    )
    _name_sites(grid, sites, chosen)
    return grid


def _unquoted(line: bytes) -> bytes:
    """The line without quotes; a comma within a cell is no cell of the archive and becomes a blank."""
    if b'"' not in line:
        return line
    return ",".join(cell.replace(",", " ") for cell in split(line.decode())).encode()


def _header(text: TextFile, line: bytes) -> list[str]:
    """Site codes of the header; an empty one is a column without a name."""
    header = [cell.strip() for cell in line.decode().split(",")]
    wrong = [i for i, key in enumerate(_KEYS) if i >= len(header) or header[i].lower() != key]
    if wrong:
        missing = [key for key in _KEYS if key not in [cell.lower() for cell in header]]
        what = f"columns missing: {', '.join(missing)}" if missing else "columns in another order"
        raise InputError(
            f"{what}. The archive begins with date,hour,type and one column a site; found: {', '.join(header[:6])}"[
                :400
            ]
            + ". Correct the first line",
            file=text.path,
            line=1,
            column=wrong[0] + 1,
        )
    sites = header[len(_KEYS) :]
    named = [site for site in sites if site]
    if not named:
        raise InputError("no site column after date, hour, type", file=text.path, line=1, column=len(header))
    if all(_HAN.match(site) for site in named):
        raise InputError(
            f"the columns are cities ({named[0]}, …), not sites; give the file china_sites_… of the same day",
            file=text.path,
            line=1,
            column=len(_KEYS) + 1,
        )
    return sites


def _keep_lines(lines, width: int, day, latest: dt.datetime, whole: bool, rejects: Rejects):
    """The used lines as (hour, item, line number, cells), the day, and the number of data lines."""
    kept, count, last = [], 0, len(lines)
    checker = _Stamps(day, latest)
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        count += 1
        fields = line.count(b",") + 1
        if fields != width or (number == last and not whole):
            reason = TRUNCATED if number == last else BROKEN
            rejects.add(reason, f"{fields} fields, {width} expected", line=number, raw=line)
            continue
        date, hour, kind, rest = line.split(b",", 3)
        item = _ITEM.get(kind.strip())
        if item is None:
            if kind.strip() not in KNOWN:
                rejects.add(UNKNOWN_TYPE, kind.decode()[:40], line=number, column="type", raw=line)
            continue
        wrong = checker.wrong(date, hour)
        if wrong:
            rejects.add(*wrong[:2], line=number, column=wrong[2], raw=line)
            continue
        kept.append((int(hour), item, number, rest))
    return kept, day, count


class _Stamps:
    """Checks date and hour of a line."""

    def __init__(self, day: dt.date | None, latest: dt.datetime):
        self._day, self._latest = day, latest
        self._seen: dict[tuple[bytes, bytes], tuple | None] = {}

    def wrong(self, date: bytes, hour: bytes) -> tuple[str, str, str] | None:
        """None, or reason, detail and column."""
        key = (date, hour)
        if key not in self._seen:
            self._seen[key] = self._check(date, hour)
        return self._seen[key]

    def _check(self, date: bytes, hour: bytes):
        stated = _to_day(date)
        if stated is None:
            return BAD_TIME, "date must be YYYYMMDD", "date"
        if stated != self._day:
            return OTHER_DAY, f"{stated} in the file of {self._day}", "date"
        hour = hour.strip()
        if not hour.isdigit() or int(hour) > 23:
            return BAD_TIME, "hour must be 0 to 23", "hour"
        if dt.datetime.combine(stated, dt.time(int(hour))) > self._latest:
            return FUTURE, "more than an hour ahead of the clock", "hour"
        return None


def _to_day(cell: bytes) -> dt.date | None:
    digits = cell.strip().replace(b"-", b"").replace(b"/", b"")
    if len(digits) != 8 or not digits.isdigit():
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _first_day(lines: list[bytes]) -> dt.date | None:
    return next(filter(None, (_to_day(line.split(b",", 1)[0]) for line in lines[1:])), None)


def _values(rests, items, numbers, sites, chosen, rejects: Rejects) -> tuple[np.ndarray, int]:
    """Cells as numbers, with impossible ones rejected; also how many of the chosen cells hold something."""
    shape = (len(rests), len(sites))
    cells = pa.array(b",".join(rests).split(b",") if rests else [], type=pa.binary()).cast(pa.string())
    flat, no_number = to_numbers(cells)
    values, bad = flat.reshape(shape).copy(), no_number.reshape(shape)
    low, high = np.array([bounds(factor, "1h")[:2] for factor in FACTORS])[items].T[:, :, None] if items else (0, 0)
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
    bad = (bad | outside) & np.array(chosen)
    filled = int(((~np.isnan(values) | bad) & np.array(chosen)).sum())
    for i, j in np.argwhere(bad):
        raw, value = cells[int(i) * len(sites) + int(j)].as_py(), values[i, j]
        reason = (NOT_A_NUMBER, "") if np.isnan(value) else why_implausible(value, FACTORS[items[i]], "1h")
        rejects.add(*reason, line=numbers[i], column=sites[j], station=sites[j], raw=raw)
    values[bad] = np.nan
    return values, filled


def _name_sites(grid: Grid, sites: list[str], chosen: list[bool]) -> None:
    """Keep the chosen columns; a site that is there twice becomes one column."""
    first: dict[str, int] = {}
    for j, site in enumerate(sites):
        if not site and (grid.values[:, j] == grid.values[:, j]).any():
            grid.rejects.add(
                BAD_CODE, f"column {j + len(_KEYS) + 1} has no site", line=1, raw=",".join(sites[:j])[-60:]
            )
        if not chosen[j]:
            continue
        if site in first:
            _join_columns(grid, first[site], j, site)
        else:
            first[site] = j
    grid.sites = list(first)
    grid.values = grid.values[:, list(first.values())]


def _join_columns(grid: Grid, kept: int, other: int, site: str) -> None:
    a, b = grid.values[:, kept], grid.values[:, other]
    both = ~np.isnan(a) & ~np.isnan(b)
    for i in np.flatnonzero(both & (a != b)):
        detail = f"the site has two columns, {a[i]:g} is kept"
        grid.rejects.add(CONFLICT, detail, line=int(grid.lines[i]), column=site, station=site, raw=f"{b[i]:g}")
    grid.repeated += int((both & (a == b)).sum())
    grid.values[:, kept] = np.where(np.isnan(a), b, a)
