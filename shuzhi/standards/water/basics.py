"""The basic items of surface water (GB 3838-2002 table 1), their limits, assessment roundings and means."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.standards import tables
from shuzhi.standards.factors import factors
from shuzhi.standards.iaqi import numbers
from shuzhi.standards.rounding import round_half_even

BODIES = ("river", "lake")
"""Kinds of water body (水体): the limits of total phosphorus differ, and total nitrogen has limits for lakes only."""

ROMAN = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")
"""The six classes (水质类别) 1…6 as they are written."""

NONE, GOOD_UP_TO, WORST = 0, 3, 6
"""No class; the class up to which water is good (Ⅲ); worse than class Ⅴ (劣Ⅴ)."""


def items() -> pd.DataFrame:
    """The 24 basic items, indexed by item.

    Returns
    -------
    DataFrame
        no, assessed (one of the 21 that make a section's class), automatic (measured by most automatic stations),
        multiple (has a multiple of exceedance), priority (first among the main pollutants), assessment_decimals,
        highest (above it no reading; NaN = open), note, source. Names, symbols and units are in ``factors("water")``.
    """
    return _items().copy()


@lru_cache
def _items() -> pd.DataFrame:
    table = tables.read("water_items").fillna({"note": ""}).set_index("item")
    flags = dict.fromkeys(("assessed", "automatic", "multiple", "priority"), bool)
    return table.drop(columns=["edition", "effective_from", "effective_to"]).astype(flags)


def _chosen(flag: str) -> tuple[str, ...]:
    return tuple(_items().index[_items()[flag]])


ITEMS = tuple(_items().index)
"""The 24 items of table 1 in its order."""

ASSESSED = _chosen("assessed")
"""The 21 items that make a section's class: without water temperature, total nitrogen and faecal coliform."""

AUTOMATIC = _chosen("automatic")
"""The five of them that most automatic stations measure: ph do codmn nh3n tp."""

_MEASURED = tuple(factors("water").index)

SYMBOLS = factors("water")["symbol"].reindex(ITEMS).to_dict()
"""Plain symbols of the items, as written in tables and files."""


@dataclass(frozen=True)
class Bound:
    """One row of the limits: ``values`` are those of classes Ⅰ…Ⅴ, to be reached from below ("le") or above ("ge")."""

    op: str
    values: tuple[float, ...]


def limits(body: str | None = None) -> pd.DataFrame:
    """The limits of table 1.

    Parameters
    ----------
    body : {"river", "lake"}, optional
        Only those that hold for it.

    Returns
    -------
    DataFrame
        item, body ("any", "river", "lake"), op ("le" at most, "ge" at least; pH has a row of each), class_1…class_5,
        unit, source, edition, effective_from, effective_to.
    """
    table = tables.read("water_limits").fillna({"unit": ""})
    return table if body is None else table[table["body"].isin(["any", _known_body(body)])].reset_index(drop=True)


def supplementary() -> pd.DataFrame:
    """Limits for sources of drinking water (GB 3838-2002 table 2): limit, unit, source; indexed by item."""
    return tables.read("water_supplementary").set_index("item")[["limit", "unit", "source"]]


@lru_cache
def bounds(item: str, body: str) -> tuple[Bound, ...]:
    """The limits of one item in one kind of water; empty where the law has none (rivers' total nitrogen).

    Raises
    ------
    InputError
        Unknown item or body.
    """
    if item not in ITEMS:
        raise InputError(f"no item {item!r} in GB 3838-2002 table 1; known are {', '.join(ITEMS)}")
    table = limits(body)
    rows = table[table["item"] == item].to_dict("records")
    return tuple(Bound(row["op"], tuple(float(row[f"class_{k}"]) for k in range(1, 6))) for row in rows)


def limit(item: str, water_class: int = GOOD_UP_TO, body: str = "river") -> float | None:
    """One limit, None where the law has none; of pH the upper one.

    Raises
    ------
    InputError
        Unknown item, body or class (1…5).
    """
    if water_class not in range(1, WORST):
        raise InputError(f"no limit of class {water_class!r}; known are 1 … 5")
    rows = bounds(item, body)
    return rows[-1].values[water_class - 1] if rows else None


def _known_body(body: str) -> str:
    if body not in BODIES:
        raise InputError(f"unknown water body {body!r}; known are {', '.join(BODIES)}")
    return body


def lakes(body) -> np.ndarray:
    """Whether the limits of lakes hold: one bool for one kind of water, or an array of them.

    Raises
    ------
    InputError
        A name is unknown.
    """
    if isinstance(body, str):
        return np.bool_(_known_body(body) == "lake")
    bodies = np.asarray(body, dtype=object)
    for name in set(bodies.ravel()):
        _known_body(name)
    return bodies == "lake"


@dataclass(frozen=True)
class Limits:
    """Limits of some items as arrays, those of rivers first, then those of lakes.

    Attributes
    ----------
    rated : array (2, items)
        Where the law has a limit.
    upper, lower : array (2, items, 5)
        Values of classes Ⅰ…Ⅴ that are to be reached from below, and from above; infinite where there are none.
    highest : array (items,)
        Above it no reading.
    """

    rated: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    highest: np.ndarray


@lru_cache(maxsize=256)
def limits_of(items: tuple[str, ...]) -> Limits:
    """The limits of some items.

    Raises
    ------
    InputError
        Unknown item.
    """
    found = {op: np.full((len(BODIES), len(items), WORST - 1), sign * np.inf) for op, sign in (("le", 1), ("ge", -1))}
    for body, name in enumerate(BODIES):
        for k, item in enumerate(items):
            for row in bounds(item, name):
                found[row.op][body, k] = row.values
    rated = np.isfinite(found["le"][..., 0]) | np.isfinite(found["ge"][..., 0])
    return Limits(rated, found["le"], found["ge"], _highest(items))


@lru_cache(maxsize=256)
def _highest(items: tuple[str, ...]) -> np.ndarray:
    """The highest possible reading of each item; of open ones the highest number."""
    known = _items()["highest"].reindex(items).to_numpy(float)
    return np.where(np.isnan(known), np.finfo(float).max, known)


def possible(values: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """Values (rows, items) with NaN for those that can't be (negative, infinite, pH above 14)."""
    with np.errstate(invalid="ignore"):
        return np.where((values >= 0) & (values <= _highest(items)), values, np.nan)


def of_any_shape(rate, values, item: str, body) -> np.ndarray:
    """``rate(values, lake, items)`` of one item's values of any shape; ``rate`` takes (rows, items)."""
    values, lake = np.broadcast_arrays(numbers(values), lakes(body))
    return rate(values.reshape(-1, 1), lake.reshape(-1), (item,)).reshape(values.shape)


def matrix(table: pd.DataFrame, names) -> np.ndarray:
    """Columns of a table as float (rows, items), NaN where missing."""
    return np.column_stack([numbers(table[name]) for name in names])


def columns_of(table: pd.DataFrame, wanted) -> list[str]:
    """The wanted items that the table has.

    Raises
    ------
    InputError
        It has none of them.
    """
    found = [name for name in wanted if name in table]
    if not found:
        raise InputError(f"no column to assess; expected some of {', '.join(wanted)}")
    return found


def round_items(table: pd.DataFrame) -> pd.DataFrame:
    """Round values to the decimals of assessment (months, years), half to even.

    A value that would become 0 keeps one significant digit. Real-time classes are made from unrounded values instead.

    Parameters
    ----------
    table : DataFrame
        Any of the 24 items; other columns pass through.

    Returns
    -------
    DataFrame
        环办监测函〔2020〕82号, 总站水字〔2020〕90号 and 〔2018〕87号, as one public program has them.
    """
    names = tuple(name for name in ITEMS if name in table)
    if not names:
        return table.copy()
    return table.assign(**dict(zip(names, round_values(matrix(table, names), names).T, strict=True)))


def round_values(values: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """The same of values (rows, items)."""
    found = np.empty(values.shape)
    for decimals, columns in _by_decimals(items):
        found[:, columns] = _rounded(values[:, columns], decimals)
    return found


@lru_cache(maxsize=256)
def _by_decimals(items: tuple[str, ...]) -> tuple[tuple[int, list[int]], ...]:
    """Decimals of assessment, and the numbers of the items that have so many."""
    decimals = [int(_items().at[item, "assessment_decimals"]) for item in items]
    return tuple((one, [k for k, own in enumerate(decimals) if own == one]) for one in sorted(set(decimals)))


def _rounded(values: np.ndarray, decimals: int) -> np.ndarray:
    found = np.asarray(round_half_even(values, decimals))
    lost = np.nonzero((found == 0) & (values > 0))
    if len(lost[0]):
        small, kept = values[lost], np.empty(len(lost[0]))
        first = -np.floor(np.log10(small)).astype(int)
        for place in np.unique(first):
            kept[first == place] = round_half_even(small[first == place], int(place))
        found[lost] = kept
    return found


def means(table: pd.DataFrame, by=None) -> pd.DataFrame:
    """Mean of each item over samples, sections or points; of pH that of the hydrogen ions.

    A mean pH is −lg of the mean of 10^−pH (总站水字〔2020〕90号). Unrounded: see `round_items`. Values below the
    detection limit are to be put in as half of it.

    Parameters
    ----------
    table : DataFrame
        One row a sample; any water factors as columns.
    by : column name, list of them, or array with one label a row, optional
        One row of result for each group; without it one row for all.

    Returns
    -------
    DataFrame
        A column an item, NaN where no sample has it.
    """
    names = tuple(columns_of(table, _MEASURED))
    keys = np.zeros(len(table), np.int8) if by is None else _labels(table, by)
    groups = pd.Series(np.zeros(len(table)), table.index).groupby(keys, sort=True)
    index = groups.size().index if len(table) or by is not None else pd.Index([0], dtype=np.int8)
    label = groups.ngroup().fillna(-1).to_numpy(int) if len(table) else np.zeros(0, int)
    return pd.DataFrame(group_means(matrix(table, names), label, len(index), names), index, list(names))


def group_means(values: np.ndarray, label: np.ndarray, n: int, items: tuple[str, ...]) -> np.ndarray:
    """The same of values (rows, items) with the number of each row's group, below 0 of none; (n, items)."""
    values = possible(values, items)
    if "ph" in items:
        values[:, items.index("ph")] = 10.0 ** -values[:, items.index("ph")]
    known = ~np.isnan(values) & (label >= 0)[:, None]
    place = (label[:, None] * len(items) + np.arange(len(items)))[known]
    total, count = (np.bincount(place, weights, n * len(items)) for weights in (values[known], None))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (total / count).reshape(n, len(items))
        if "ph" in items:
            found[:, items.index("ph")] = -np.log10(found[:, items.index("ph")])
    return found


def _labels(table: pd.DataFrame, by):
    """Group labels that do not depend on the columns that are kept."""
    if isinstance(by, str):
        return table[by]
    if isinstance(by, list) and all(isinstance(name, str) and name in table for name in by):
        return [table[name] for name in by]
    return by
