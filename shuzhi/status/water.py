"""Readings and classes of sections of surface water (地表水断面): what every page and table about water starts from.

Instants are tz-aware; a stamp is the published time of monitoring. Days are Beijing days as in
:mod:`shuzhi.status.air`: 00:00 belongs to the day before.
"""

from collections.abc import Sequence
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
    return water_rows.rows(home, start, end).of(sections).table()


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
    scope.require("water")
    found = water_rows.rows(home, start, end).of(sections)
    expected = (_measured(home, start) | found.measured()[:, _AUTOMATIC])[found.section]
    return _rated(home, scope, found.table(), expected)


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
    scope.require("water")
    codes, sums = water_rows.sums(home, start, end)
    found, chosen = _means(codes, sums, sections)
    expected = _measured(home, start)[chosen] | found[list(water.AUTOMATIC)].notna().to_numpy()
    return _rated(home, scope, found, expected, rounded=True)


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
    parts = [_means(codes, one, sections)[0].assign(month=month) for month, one in sums.items()]
    found = pd.concat(parts).sort_values(["station", "month"], kind="stable", ignore_index=True)
    found.insert(1, "month", found.pop("month"))
    here = found[list(water.AUTOMATIC)].notna()
    before = here.groupby(found["station"]).shift(1, fill_value=False)
    return _rated(home, scope, found, (here | before).to_numpy(), rounded=True)


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


def _means(codes: pd.Index, sums: water_rows.Sums, wanted: Sequence[str] | None) -> tuple[pd.DataFrame, np.ndarray]:
    """Means of the wanted sections that have readings (station, times, the items), and the numbers of their codes."""
    chosen = sums.times > 0
    if wanted is not None:
        chosen &= codes.isin(wanted)
    numbers = np.flatnonzero(chosen)
    head = {"station": codes.take(numbers), "times": sums.times[numbers]}
    return pd.DataFrame(head | dict(zip(WATER_ITEMS, sums.means()[numbers].T, strict=True))), numbers


def _rated(home: Home, scope: Scope, found: pd.DataFrame, expected: np.ndarray, rounded=False) -> pd.DataFrame:
    """The rows with their class; none where an item is missing that is expected of them (a bool a row and item)."""
    rated = water.section_class(found, bodies(home, scope, found["station"]), water.AUTOMATIC, rounded)
    rated["missing"] = _missing(found, expected)
    complete = rated["missing"] == ""
    rated["water_class"] = rated["water_class"].where(complete, 0)
    rated["deciding"] = rated["deciding"].where(complete, "")
    return pd.concat([found, rated], axis=1)


def bodies(home: Home, scope: Scope, codes: pd.Series) -> np.ndarray:
    """Whose limits hold for each of the sections: 'lake' or 'river'; an array of the same length."""
    scope.require("water")
    table = _sections(home, str(home.path), home.version)
    return np.where(codes.isin(table.loc[table["lake"], "code"]), "lake", "river")


def _day_of(time: pd.Timestamp) -> pd.Timestamp:
    """Midnight at which the day of a stamp begins; 00:00 belongs to the day before."""
    return (time.tz_convert(BEIJING) - pd.Timedelta(microseconds=1)).normalize()


def _measured(home: Home, start: pd.Timestamp) -> np.ndarray:
    """Which of the items of the class each section measures, by what it sent on the first day and in `RECENT` before:
    bool (sections, items)."""
    first = _day_of(start)
    return water_rows.rows(home, first - RECENT, first + DAY).measured()[:, _AUTOMATIC]


def _missing(found: pd.DataFrame, expected: np.ndarray) -> np.ndarray:
    """Symbols of the items that a row lacks though they are expected."""
    lacking = expected & found[list(water.AUTOMATIC)].isna().to_numpy()
    names = [water.SYMBOLS[item] for item in water.AUTOMATIC]
    text = np.full(len(found), "", dtype=object)
    for row in np.flatnonzero(lacking.any(axis=1)):
        text[row] = ";".join(name for name, absent in zip(names, lacking[row], strict=True) if absent)
    return text
