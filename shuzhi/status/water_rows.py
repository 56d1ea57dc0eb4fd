"""Four-hourly readings of surface water as arrays: a month of all sections is read once, until its files change.

Any span of any sections is then cut out of what is held, without a question to the engine; of whole months there are
sums, of one's beginning running ones. Spans are (start, end] of stamps.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope
from shuzhi.store.schema import CLASS_PUBLISHED, WATER_ITEMS

_HELD = 24  # months, of about 3 MB each
_RUNNING = 6  # months whose beginning is asked for, of as much
_OF_MONTH = re.compile(r"month=(\d{4}-\d{2})/")
_DAY = np.timedelta64(1, "D")
_INSTANT = pd.Timedelta(microseconds=1)
_PH = WATER_ITEMS.index("ph")


@dataclass(frozen=True)
class Rows:
    """Readings in the order of time, then of section; not to be changed.

    Attributes
    ----------
    codes : Index
        Codes of the sections that have ever sent anything, in order.
    time : array (rows,)
        datetime64 in UTC.
    section : array (rows,)
        Numbers of ``codes``.
    values : array (rows, items)
        The items of ``store.schema.WATER_ITEMS`` and the class published; NaN where missing.
    state : array (rows,)
        "" or 维护, 停电 … as the station sent it.
    held_back : array (rows,)
        Bits of the items of which the station was not in its normal state.
    """

    codes: pd.Index
    time: np.ndarray
    section: np.ndarray
    values: np.ndarray
    state: np.ndarray
    held_back: np.ndarray

    def __getitem__(self, chosen) -> "Rows":
        """Some of the rows, by slice, mask or numbers."""
        columns = (self.time, self.section, self.values, self.state, self.held_back)
        return Rows(self.codes, *(column[chosen] for column in columns))

    def __len__(self) -> int:
        return len(self.time)

    def between(self, start: pd.Timestamp, end: pd.Timestamp) -> "Rows":
        """The rows with start < time <= end."""
        first, last = np.searchsorted(self.time, [_utc(start), _utc(end)], side="right")
        return self[first:last]

    def of(self, wanted: Iterable[str] | None) -> "Rows":
        """The rows of some sections; None: of all."""
        if wanted is None:
            return self
        chosen = np.zeros(len(self.codes), bool)
        numbers = self.codes.get_indexer(pd.Index(list(wanted), dtype=self.codes.dtype))
        chosen[numbers[numbers >= 0]] = True
        return self if chosen.all() else self[chosen[self.section]]

    def measured(self) -> np.ndarray:
        """Which section sent which item: bool (sections, items)."""
        known = ~np.isnan(self.values[:, : len(WATER_ITEMS)])
        counts = [np.bincount(self.section[column], minlength=len(self.codes)) for column in known.T]
        return np.stack(counts, axis=1) > 0

    def table(self) -> pd.DataFrame:
        """The rows with their columns: time, station, the items, class_published, state."""
        items = dict(zip((*WATER_ITEMS, CLASS_PUBLISHED), self.values.T, strict=True))
        head = {"time": pd.DatetimeIndex(self.time).tz_localize("UTC"), "station": self.codes.take(self.section)}
        return pd.DataFrame(head | items | {"state": pd.array(self.state, dtype="str")})


@dataclass(frozen=True)
class Sums:
    """Sums of the readings of stations in their normal state, of pH of the hydrogen ions; rows are sections."""

    times: np.ndarray
    totals: np.ndarray
    counts: np.ndarray

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.times + other.times, self.totals + other.totals, self.counts + other.counts)

    def means(self) -> np.ndarray:
        """Mean of each item (sections, items), NaN without a reading."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found = self.totals / self.counts
            found[..., _PH] = -np.log10(found[..., _PH])
        return found


def rows(home: Home, start: pd.Timestamp, end: pd.Timestamp, wanted: Iterable[str] | None = None) -> Rows:
    """The readings of a span, of all or of some sections."""
    held = _held(home)
    parts = [held.month(month).between(start, end).of(wanted) for month in _months(start, end)]
    parts = [part for part in parts if len(part)] or [_nothing(held.codes)]
    if len(parts) == 1:
        return parts[0]
    columns = ("time", "section", "values", "state", "held_back")
    return Rows(held.codes, *(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def codes_of(home: Home) -> pd.Index:
    """Codes of the sections that have ever sent anything, in order."""
    return _held(home).codes


def sums(home: Home, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.Index, Sums]:
    """Codes of the sections and the sums of a span: of whole months those that are stored, of the rest its readings."""
    held = _held(home)
    found = nothing = _none(held.codes)
    for month in _months(start, end):
        first, last = _span_of(month)
        if start <= first and last <= end:
            found += held.sums.get(month, nothing)
        elif start <= first:
            found += held.running(month).until(end)
        else:
            found += _sums(held.month(month).between(start, end))
    return held.codes, found


def by_day(home: Home, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.Index, pd.DatetimeIndex, Sums]:
    """Sums of each Beijing day of a span that begins and ends at midnights, in months that have readings.

    Returns
    -------
    codes : Index
    days : DatetimeIndex
        Naive, without gaps; empty without a reading.
    sums : Sums
        Their first axis is the day, the second the section.
    """
    held = _held(home)
    begin, stop = (time.tz_convert(BEIJING).tz_localize(None) for time in (start, end))
    there = [month for month in _months(start, end) if month in held.files]
    first = max(begin, pd.Timestamp(there[0])) if there else stop
    days = pd.date_range(first, stop, freq="D", inclusive="left")
    parts = [held.days(month) for month in _months(start, end) if there and month >= there[0]]
    if not len(days):
        parts = [_none(held.codes, 0)]
    begun = (days[0] - pd.Timestamp(there[0])).days if len(days) else 0
    columns = ("times", "totals", "counts")
    whole = (np.concatenate([getattr(part, name) for part in parts]) for name in columns)
    return held.codes, days, Sums(*(column[begun : begun + len(days)] for column in whole))


def by_month(home: Home, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.Index, dict[str, Sums]]:
    """Sums of each month (YYYY-MM) of a span, and the codes of their sections."""
    found = {}
    for month in _months(start, end):
        first, last = _span_of(month)
        codes, found[month] = sums(home, max(start, first), min(end, last))
    return codes, found


def measured(home: Home, first: pd.Timestamp, end: pd.Timestamp) -> np.ndarray:
    """Which section sent which item on the Beijing days from midnight ``first`` to midnight ``end``: bool (sections,
    items)."""
    held = _held(home)
    found = np.zeros((len(held.codes), len(WATER_ITEMS)), bool)
    for month in _months(first, end):
        start = _span_of(month)[0]
        days = slice(max((first - start).days, 0), (end - start).days)
        found |= held.sent(month)[days].any(axis=0)
    return found


@dataclass(frozen=True)
class _Running:
    """Sums from the beginning of a month up to each of its stamps, after those of none; the first axis is time."""

    time: np.ndarray
    times: np.ndarray
    totals: np.ndarray
    counts: np.ndarray

    def until(self, end: pd.Timestamp) -> Sums:
        """Of the stamps up to ``end``."""
        k = np.searchsorted(self.time, _utc(end), side="right")
        return Sums(self.times[k].astype(int), self.totals[k], self.counts[k].astype(int))


@dataclass(frozen=True)
class _Held:
    """A version of the home: who has sent anything, the sums of every month, the files that each is read from."""

    home: Home
    names: tuple[str, ...]
    codes: pd.Index
    sums: dict[str, Sums]
    files: dict[str, tuple[str, ...]]

    def month(self, month: str) -> Rows:
        return _month(self.home, self.names, self.files.get(month, ()), month)

    def running(self, month: str) -> _Running:
        return _running(self.home, self.names, self.files.get(month, ()), month)

    def days(self, month: str) -> Sums:
        return _days(self.home, self.names, self.files.get(month, ()), month)

    def sent(self, month: str) -> np.ndarray:
        return _sent(self.home, self.names, self.files.get(month, ()), month)


def _held(home: Home) -> _Held:
    return _held_at(home, str(home.path), home.version)


@lru_cache(maxsize=4)
def _held_at(home: Home, _path: str, _version: int) -> _Held:
    names, sums = _stored(home, tuple(home.lake.files("water_month")))
    files = defaultdict(tuple)
    for file in sorted(home.lake.files("water_time")):
        files[_OF_MONTH.search(file).group(1)] += (file,)
    return _Held(home, names, pd.Index(names, dtype="str"), sums, dict(files))


@lru_cache(maxsize=4)
def _stored(home: Home, _files: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, Sums]]:
    """Who has sent anything, and the sums of every month."""
    found = home.engine.run("water_months", Scope.all(), first_month="0000-00", last_month="9999-99")
    section, codes = pd.factorize(found["station"], sort=True)
    columns = ("times", [f"sum_{item}" for item in WATER_ITEMS], [f"n_{item}" for item in WATER_ITEMS])
    values = [found[names].to_numpy() for names in columns]
    empty = [np.zeros((len(codes), *column.shape[1:]), column.dtype) for column in values]
    months = {}
    for month, places in found.groupby("month").indices.items():
        filled = [np.copy(column) for column in empty]
        for column, some in zip(filled, values, strict=True):
            column[section[places]] = some[places]
        months[month] = Sums(*filled)
    return tuple(codes), months


@lru_cache(maxsize=_HELD)
def _month(home: Home, names: tuple[str, ...], _files: tuple[str, ...], month: str) -> Rows:
    codes = pd.Index(names, dtype="str")
    start, end = (time.to_pydatetime() for time in _span_of(month))
    found = home.engine.run("water_hours", Scope.all(), start=start, end=end, first_month=month, last_month=month)
    return Rows(
        codes,
        found["time"].dt.tz_convert(None).to_numpy(),
        codes.get_indexer(found["station"]),
        found[[*WATER_ITEMS, CLASS_PUBLISHED]].to_numpy(float),
        found["state"].to_numpy(object),
        found["held_back"].to_numpy(),
    )


@lru_cache(maxsize=_RUNNING)
def _running(home: Home, names: tuple[str, ...], files: tuple[str, ...], month: str) -> _Running:
    found = _month(home, names, files, month)
    time, stamp = np.unique(found.time, return_inverse=True)
    values, known = _normal(found)
    shape = (len(time) + 1, len(found.codes))
    place = (stamp + 1) * shape[1] + found.section

    def summed(chosen: np.ndarray, weights=None, dtype=float) -> np.ndarray:
        cells = np.bincount(place[chosen], weights, shape[0] * shape[1]).reshape(shape)
        return cells.cumsum(axis=0, dtype=dtype)

    totals = [summed(column, value[column]) for value, column in zip(values.T, known.T, strict=True)]
    counts = [summed(column, dtype=np.int16) for column in known.T]
    times = summed(known.any(axis=1), dtype=np.int16)
    return _Running(time, times, np.stack(totals, axis=2), np.stack(counts, axis=2))


@lru_cache(maxsize=_HELD)
def _sent(home: Home, names: tuple[str, ...], files: tuple[str, ...], month: str) -> np.ndarray:
    """Which section sent which item on which day of a month: bool (days, sections, items)."""
    found, (first, last) = _month(home, names, files, month), _span_of(month)
    day = _day(found, first)
    sent = np.zeros(((last - first).days, len(found.codes), len(WATER_ITEMS)), bool)
    row, item = np.nonzero(~np.isnan(found.values[:, : len(WATER_ITEMS)]))
    sent[day[row], found.section[row], item] = True
    return sent


@lru_cache(maxsize=_HELD)
def _days(home: Home, names: tuple[str, ...], files: tuple[str, ...], month: str) -> Sums:
    """Sums of each day of a month; the first axis is the day."""
    found, (first, last) = _month(home, names, files, month), _span_of(month)
    return _summed(found, _day(found, first) * len(names) + found.section, ((last - first).days, len(names)))


def _day(found: Rows, first: pd.Timestamp) -> np.ndarray:
    """Days of the rows since a midnight; 00:00 belongs to the day before."""
    return ((found.time - _utc(first) - np.timedelta64(1, "us")) // _DAY).astype(int)


def _nothing(codes: pd.Index) -> Rows:
    numbers = np.zeros(0, np.intp)
    values = np.zeros((0, len(WATER_ITEMS) + 1))
    return Rows(codes, np.zeros(0, "M8[us]"), numbers, values, np.zeros(0, object), np.zeros(0, np.int16))


def _sums(found: Rows) -> Sums:
    """The sums of the rows."""
    return _summed(found, found.section, (len(found.codes),))


def _summed(found: Rows, label: np.ndarray, shape: tuple[int, ...]) -> Sums:
    """The sums of the rows by their labels, the numbers of the cells of ``shape``."""
    values, known = _normal(found)
    n = int(np.prod(shape))
    counts = [np.bincount(label[column], minlength=n) for column in known.T]
    totals = [
        np.bincount(label[column], value[column], minlength=n) for value, column in zip(values.T, known.T, strict=True)
    ]
    times = np.bincount(label[known.any(axis=1)], minlength=n)
    items = (*shape, values.shape[1])
    return Sums(times.reshape(shape), np.stack(totals, axis=1).reshape(items), np.stack(counts, axis=1).reshape(items))


def _normal(found: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Values (rows, items) with the hydrogen ions for pH, and which are there and of a station in its normal state."""
    values = found.values[:, : len(WATER_ITEMS)].copy()
    values[:, _PH] = 10.0 ** -values[:, _PH]
    return values, ~np.isnan(values) & (found.held_back[:, None] >> np.arange(len(WATER_ITEMS)) & 1 == 0)


def _none(codes: pd.Index, *days: int) -> Sums:
    cells = (*days, len(codes))
    return Sums(np.zeros(cells, int), np.zeros((*cells, len(WATER_ITEMS))), np.zeros((*cells, len(WATER_ITEMS)), int))


def _months(start: pd.Timestamp, end: pd.Timestamp) -> list[str]:
    """The months that stamps of the span can lie in; 00:00 of a first day belongs to the month before."""
    first, last = (time.tz_convert(BEIJING) for time in (start, end - _INSTANT))
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]


@lru_cache(maxsize=256)
def _span_of(month: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The stamps (start, end] of a Beijing month."""
    first = pd.Timestamp(f"{month}-01", tz=BEIJING)
    return first, first + pd.DateOffset(months=1)


def _utc(time: pd.Timestamp) -> np.datetime64:
    return time.tz_convert(None).to_datetime64()
