"""Readings and classes of sections of surface water (地表水断面): what every page and table about water starts from.

Instants are tz-aware; a stamp is the published time of monitoring. Days are Beijing days as in
:mod:`shuzhi.status.air`: 00:00 belongs to the day before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from sqlalchemy import select

from shuzhi.settings import BEIJING
from shuzhi.standards import water
from shuzhi.status import water_rows
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Section
from shuzhi.store.schema import CLASS_PUBLISHED, WATER_ITEMS

SECTION_COLUMNS = ("code", "name", "river", "basin", "province", "city", "district", "lon", "lat")
SECTION_COLUMNS += ("target_class", "lake", "sequence")

DAY = pd.Timedelta(days=1)
EVERY = pd.Timedelta(hours=4)
"""From one monitoring time to the next."""
RECENT = 30 * DAY
"""An item that a station sent within so long before the span is one that it measures."""
_AUTOMATIC = [WATER_ITEMS.index(item) for item in water.AUTOMATIC]


def sections(home: Home, scope: Scope, city: str | None = None) -> pd.DataFrame:
    """Sections of the register, all or of one city, ordered by code.

    Returns
    -------
    DataFrame
        ``SECTION_COLUMNS``: target_class 1…6 and sequence (order along the river, downstream) are Int64, NA where not
        known; lake is bool, True for a lake or reservoir.
    """
    scope.require("water")
    table = _sections(home, str(home.path), home.version)
    return table.copy() if city is None else table[table["city"] == city].reset_index(drop=True)


def latest_time(home: Home, scope: Scope) -> pd.Timestamp | None:
    """The newest stamp of any four-hourly reading, in UTC, or None without data."""
    newest = home.engine.run("water_latest", scope)["newest"].iloc[0]
    return None if pd.isna(newest) else newest


def stamp(at: pd.Timestamp, latest: pd.Timestamp) -> pd.Timestamp:
    """The monitoring time that is newest at an hour, counted back from the latest one: stations report every four
    hours, so that four hours share one."""
    return latest - (latest - at).ceil(EVERY) if latest > at else latest


def readings(
    home: Home,
    scope: Scope,
    start: pd.Timestamp,
    end: pd.Timestamp,
    sections: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Four-hourly readings, a row a section and time that has any.

    Parameters
    ----------
    start, end : tz-aware Timestamp
        Stamps with start < time <= end.
    sections : sequence of str, optional
        Codes of the register; by default all.

    Returns
    -------
    DataFrame
        time, station (code of the section), the items of ``store.schema.WATER_ITEMS`` (units of ``factors("water")``),
        class_published (1…6, NaN none), state ("" or 维护, 停电 … as the station sent it).
    """
    scope.require("water")
    return water_rows.rows(home, start, end, sections).table()


def classes(
    home: Home,
    scope: Scope,
    start: pd.Timestamp,
    end: pd.Timestamp,
    sections: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Readings with our real-time class of each (GB 3838-2002, unrounded values, by the worst item).

    National automatic stations are classed by pH, dissolved oxygen, permanganate index, ammonia nitrogen and total
    phosphorus, as far as they measure them, and those in lakes by the limits of lakes. Where one of the items that a
    station measures is missing there is no class: the publisher gives none either, and a class of what is left would
    be too good. What a station measures is what it sent in the span, on its first day or in the 30 days before
    (``RECENT``).

    Parameters
    ----------
    start, end, sections
        As for `readings`.

    Returns
    -------
    DataFrame
        Columns of `readings` with water_class (int8 1…6, 0 none), deciding (symbols joined by ";", "" for class Ⅰ and
        none), missing (symbols of the items that prevent a class), class_<item>.
    """
    found, rated = rated_readings(home, scope, start, end, sections)
    return pd.concat([found.table(), pd.DataFrame(rated.columns())], axis=1)


def means(
    home: Home,
    scope: Scope,
    start: pd.Timestamp,
    end: pd.Timestamp,
    sections: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Class of sections over a span (月、年评价): of the mean of each item, rounded as assessments are.

    Readings of a station that was not in its normal state (维护, 停电 …) are left out: the publisher does not class
    them either. An item that the station measured in the 30 days before and that has no mean prevents a class, as in
    `classes`.

    Parameters
    ----------
    start, end, sections
        As for `readings`.

    Returns
    -------
    DataFrame
        A row a section: station, times (number of its readings), the items of ``store.schema.WATER_ITEMS`` (unrounded
        means; of pH that of the hydrogen ions), water_class, deciding, missing, class_<item>.

    Notes
    -----
    环办〔2011〕22号; roundings 环办监测函〔2020〕82号 (`shuzhi.standards.water.round_items`).
    """
    found, codes = rated_means(home, scope, start, end), water_rows.codes_of(home)
    chosen = found.times > 0
    if sections is not None:
        chosen &= codes.isin(sections)
    rows = np.flatnonzero(chosen)
    return _mean_table(codes.take(rows), found.times[rows], found.values[rows], found.rated.at(rows))


def months(
    home: Home,
    scope: Scope,
    start: pd.Timestamp,
    end: pd.Timestamp,
    sections: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Class of sections by month: of the means of each Beijing month in the span, as in `means`.

    An item that the station measured in the month before (the last one with readings) and that has no mean prevents a
    class.

    Returns
    -------
    DataFrame
        A row a section and month that has readings: station, month (``YYYY-MM``), times, the items, water_class,
        deciding, missing, class_<item>.
    """
    scope.require("water")
    codes, sums = water_rows.by_month(home, start, end)
    times = np.stack([one.times for one in sums.values()], axis=1)
    values = np.stack([one.means() for one in sums.values()], axis=1)
    chosen = times > 0
    if sections is not None:
        chosen &= codes.isin(sections)[:, None]
    section, month = np.nonzero(chosen)
    values = values[section, month]
    here = ~np.isnan(values[:, _AUTOMATIC])
    before = np.zeros_like(here)
    before[1:] = here[:-1] & (section[1:] == section[:-1])[:, None]
    rated = rate(values, _lakes(home)[section], here | before, rounded=True)
    table = _mean_table(codes.take(section), times[section, month], values, rated)
    table.insert(1, "month", pd.Index(list(sums)).take(month))
    return table


@dataclass(frozen=True)
class Rated:
    """Classes of readings or means as arrays, a row each, by the items of automatic stations.

    Attributes
    ----------
    water_class : array (rows,)
        int8 1…6, 0 none.
    deciding, missing : array (rows,)
        Symbols joined by ";" (see `classes`).
    single : array (rows, 5)
        Classes of the items.
    """

    water_class: np.ndarray
    deciding: np.ndarray
    missing: np.ndarray
    single: np.ndarray

    def at(self, rows: np.ndarray) -> "Rated":
        """Rows by their numbers; of −1 one without a class."""
        columns = (self.water_class, self.deciding, self.missing, self.single)
        return Rated(*(taken(column, rows, nothing) for column, nothing in zip(columns, (0, "", "", 0), strict=True)))

    def columns(self) -> dict[str, np.ndarray]:
        """As tables have them."""
        head = {"water_class": self.water_class, "deciding": self.deciding, "measured": water.measured(self.single)}
        items = {f"class_{item}": self.single[:, k] for k, item in enumerate(water.AUTOMATIC)}
        return head | items | {"missing": self.missing}


@dataclass(frozen=True)
class Means:
    """Means of all sections that have ever sent anything, as arrays: times (sections,), values (sections, items), their
    classes."""

    times: np.ndarray
    values: np.ndarray
    rated: Rated


def taken(column: np.ndarray, rows: np.ndarray, nothing) -> np.ndarray:
    """Rows of an array by their numbers; of −1 what stands for nothing."""
    last = np.full((1, *column.shape[1:]), nothing, column.dtype)
    return np.concatenate([column, last])[rows]


def rated_readings(
    home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp, sections: Sequence[str] | None = None
) -> tuple[water_rows.Rows, Rated]:
    """What `classes` makes its table of; parameters as there."""
    scope.require("water")
    found = water_rows.rows(home, start, end, sections)
    expected = (_measured(home, start) | found.measured()[:, _AUTOMATIC])[found.section]
    return found, rate(found.values, _lakes(home)[found.section], expected)


def rated_means(home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp) -> Means:
    """What `means` makes its table of; also of the sections without a reading in the span (times 0)."""
    scope.require("water")
    _codes, sums = water_rows.sums(home, start, end)
    values = sums.means()
    expected = _measured(home, start) | ~np.isnan(values[:, _AUTOMATIC])
    return Means(sums.times, values, rate(values, _lakes(home), expected, rounded=True))


def rate(values: np.ndarray, lake: np.ndarray, expected: np.ndarray, rounded: bool = False) -> Rated:
    """Classes of values (rows, ``store.schema.WATER_ITEMS``); none where an item is missing that is expected.

    Parameters
    ----------
    lake : array (rows,)
        bool: the limits of lakes hold.
    expected : array (rows, 5)
        bool, by the items of automatic stations.
    """
    values = values[:, _AUTOMATIC]
    rated = water.round_values(values, water.AUTOMATIC) if rounded else values
    single = water.classes_of(rated, lake, water.AUTOMATIC)
    lacking = expected & np.isnan(values)
    complete = ~lacking.any(axis=1)
    return Rated(
        np.where(complete, single.max(axis=1), 0).astype(np.int8),
        np.where(complete, water.deciding(single, water.AUTOMATIC), ""),
        water.symbols_of(lacking, water.AUTOMATIC),
        single,
    )


def compared(rated: pd.DataFrame) -> tuple[int, int]:
    """How many of the published classes are ours too, and how many there are.

    Parameters
    ----------
    rated : DataFrame
        Result of `classes`.
    """
    published = rated[rated[CLASS_PUBLISHED].notna()]
    return int((published["water_class"] == published[CLASS_PUBLISHED]).sum()), len(published)


@lru_cache(maxsize=4)
def _sections(home: Home, _path: str, _version: int) -> pd.DataFrame:
    """The register, read once for a version of the home; not to be changed."""
    query = select(*(getattr(Section, name) for name in SECTION_COLUMNS)).order_by(Section.code)
    with home.ledger.session() as session:
        rows = session.execute(query).all()
    table = pd.DataFrame(rows, columns=list(SECTION_COLUMNS))
    whole = dict.fromkeys(("target_class", "sequence"), "Int64")
    return table.assign(lake=[bool(lake) for lake in table["lake"]]).astype(whole)


def _mean_table(codes: pd.Index, times: np.ndarray, values: np.ndarray, rated: Rated) -> pd.DataFrame:
    items = dict(zip(WATER_ITEMS, values.T, strict=True))
    return pd.DataFrame({"station": codes, "times": times} | items | rated.columns())


def _day_of(time: pd.Timestamp) -> pd.Timestamp:
    """Midnight at which the day of a stamp begins; 00:00 belongs to the day before."""
    return (time.tz_convert(BEIJING) - pd.Timedelta(microseconds=1)).normalize()


def _lakes(home: Home) -> np.ndarray:
    """Which of the sections that have ever sent anything lie in lakes: bool (sections,)."""
    return _lakes_at(home, str(home.path), home.version)


@lru_cache(maxsize=4)
def _lakes_at(home: Home, path: str, version: int) -> np.ndarray:
    table = _sections(home, path, version)
    return np.asarray(water_rows.codes_of(home).isin(table.loc[table["lake"], "code"]))


def _measured(home: Home, start: pd.Timestamp) -> np.ndarray:
    """Which of the items of the class each section measures, by what it sent on the first day and in `RECENT` before:
    bool (sections, items)."""
    first = _day_of(start)
    return water_rows.measured(home, first - RECENT, first + DAY)[:, _AUTOMATIC]
