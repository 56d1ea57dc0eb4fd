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


def known_bodies(body) -> str | np.ndarray:
    """One kind of water, or an array with one a row.

    Raises
    ------
    InputError
        A name is unknown.
    """
    if isinstance(body, str):
        return _known_body(body)
    bodies = np.asarray(body, dtype=object)
    names = {_known_body(name) for name in pd.unique(bodies.ravel())}
    return names.pop() if len(names) == 1 else bodies


def by_body(values, item: str, body, rate, dtype=float) -> np.ndarray:
    """``rate(values, limits)`` of one item, each value with the limits of its kind of water; 0 or more dimensions."""
    known, body = readings(values, item), known_bodies(body)
    river, lake = (bounds(item, name) for name in BODIES)
    if isinstance(body, str) or river == lake:
        return rate(known, lake if isinstance(body, str) and body == "lake" else river)
    known, bodies = np.broadcast_arrays(known, body)
    found = np.zeros(known.shape, dtype)
    for name, rows in zip(BODIES, (river, lake), strict=True):
        chosen = bodies == name
        found[chosen] = rate(known[chosen], rows)
    return found


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


def readings(values, item: str) -> np.ndarray:
    """Readings as float64, NaN where there is none or none that can be (negative, infinite, pH above 14)."""
    values = numbers(values)
    highest = _items().at[item, "highest"] if item in ITEMS else np.nan
    possible = (values >= 0) & (values < np.inf if np.isnan(highest) else values <= highest)
    return np.where(possible, values, np.nan)


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
    decimals = _items()["assessment_decimals"]
    rounded = {name: _rounded(numbers(table[name]), int(decimals[name])) for name in ITEMS if name in table}
    return table.assign(**rounded)


def _rounded(values: np.ndarray, decimals: int) -> np.ndarray:
    found = np.asarray(round_half_even(values, decimals))
    lost = np.flatnonzero((found == 0) & (values > 0))
    first = -np.floor(np.log10(values[lost])).astype(int)
    for place in np.unique(first):
        found[lost[first == place]] = round_half_even(values[lost[first == place]], int(place))
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
    columns = columns_of(table, _MEASURED)
    values = pd.DataFrame({name: readings(table[name], name) for name in columns}, table.index)
    if "ph" in columns:
        values["ph"] = 10.0 ** -values["ph"]
    keys = np.zeros(len(table), np.int8) if by is None else _labels(table, by)
    found = values.groupby(keys, sort=True).mean()
    if "ph" in columns:
        found["ph"] = -np.log10(found["ph"])
    return found if by is not None else found.reindex([0])


def _labels(table: pd.DataFrame, by):
    """Group labels that do not depend on the columns that are kept."""
    if isinstance(by, str):
        return table[by]
    if isinstance(by, list) and all(isinstance(name, str) and name in table for name in by):
        return [table[name] for name in by]
    return by
