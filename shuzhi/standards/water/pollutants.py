"""What pollutes (主要污染指标): items beyond class Ⅲ, by class and by multiple of exceedance (超标倍数)."""

from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.standards.water.basics import (
    ASSESSED,
    GOOD_UP_TO,
    SYMBOLS,
    columns_of,
    lakes,
    limits_of,
    matrix,
    of_any_shape,
    possible,
    round_values,
)
from shuzhi.standards.water.basics import items as table_of_items
from shuzhi.standards.water.grading import classes_of
from shuzhi.standards.water.rules import rule

_PRIORITY, _CLASS, _HIGHEST_MULTIPLE = 1e7, 1e6, 1e5  # ranks: priority over class over multiple


def exceedance(values, item: str, body="river") -> np.ndarray:
    """How many times a value is above the limit of class Ⅲ: (C − S)/S (环办〔2011〕22号).

    Parameters
    ----------
    values : array_like or float
        mg/L (coliform per L); any shape.
    item : str
        One of ``ITEMS``.
    body : {"river", "lake"} or array of them

    Returns
    -------
    numpy.ndarray
        float, 0 where the limit is met; NaN where missing, where there is no limit, and always for water temperature,
        pH and dissolved oxygen, which have no multiple.

    Raises
    ------
    InputError
        Unknown item or body.
    """
    return of_any_shape(multiples, values, item, body)


def multiples(values: np.ndarray, lake: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """The same of values (rows, items); ``lake`` as for `shuzhi.standards.water.grading.classes_of`."""
    limit = _limits(items)[np.asarray(lake, np.intp)]
    return np.maximum((possible(values, items) - limit) / limit, 0)


@lru_cache(maxsize=256)
def _limits(items: tuple[str, ...]) -> np.ndarray:
    """Limits of class Ⅲ (bodies, items) of what has a multiple, else NaN."""
    limit = limits_of(items).upper[..., GOOD_UP_TO - 1]
    return np.where(np.isfinite(limit) & _flags("multiple", items), limit, np.nan)


@lru_cache(maxsize=256)
def _flags(name: str, items: tuple[str, ...]) -> np.ndarray:
    return table_of_items().loc[list(items), name].to_numpy(bool)


def main_pollutants(table: pd.DataFrame, body="river", items=ASSESSED, rounded=False) -> pd.DataFrame:
    """The main pollutants of sections worse than class Ⅲ: at most three, worst class first (环办〔2011〕22号).

    Within a class the larger multiple comes first; pH and dissolved oxygen, which have none, come last. Cyanide and
    heavy metals beyond class Ⅲ come before everything else (uncertain: from memory, a column of
    ``data/standards/water_items.csv``).

    Parameters
    ----------
    table, body, items, rounded
        As for `shuzhi.standards.water.section_class`.

    Returns
    -------
    DataFrame
        Index of ``table``: main (symbols, ";"; "" where the section is class Ⅲ or better), main_1…main_3 (items, ""),
        times_1…times_3 (multiples, NaN).

    Raises
    ------
    InputError
        No item to rate; unknown body.
    """
    names, lake = tuple(columns_of(table, items)), lakes(body)
    values = matrix(table, names)
    values = round_values(values, names) if rounded else values
    times = multiples(values, lake, names)
    order = worst_first(classes_of(values, lake, names), times, names)
    labels, rows = np.array([*names, ""], dtype=object), np.arange(len(table))
    columns = {"main": symbols_in_order(order, names)}
    for rank, chosen in enumerate(order.T, start=1):
        columns[f"main_{rank}"] = labels[chosen]
        columns[f"times_{rank}"] = np.where(chosen >= 0, times[rows, chosen], np.nan)
    return pd.DataFrame(columns, table.index)


def worst_first(single: np.ndarray, times: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """Numbers of the items that pollute each row, worst first, −1 where there is none: (rows, 3).

    Parameters
    ----------
    single, times : array (rows, items)
        Classes, and multiples of exceedance (NaN none).
    """
    most = int(rule("main_pollutants"))
    found = np.full((len(single), most), -1)
    beyond = np.flatnonzero((single > GOOD_UP_TO).any(axis=1))
    single, times = single[beyond], times[beyond]
    weight = _flags("priority", items) * _PRIORITY + single * _CLASS
    weight = np.where(single > GOOD_UP_TO, weight + np.minimum(np.nan_to_num(times), _HIGHEST_MULTIPLE), -1.0)
    order = np.argsort(-weight, axis=1, kind="stable")[:, :most]
    found[beyond, : order.shape[1]] = np.where(np.take_along_axis(weight, order, axis=1) > 0, order, -1)
    return found


def symbols_in_order(order: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """Symbols of the items of each row in their order, joined by ";"."""
    found = np.full(len(order), "", dtype=object)
    for row in np.flatnonzero(order[:, 0] >= 0):
        found[row] = ";".join(SYMBOLS[items[k]] for k in order[row] if k >= 0)
    return found


def shares_beyond(classes: pd.DataFrame) -> pd.Series:
    """Share of the sections that each item puts beyond class Ⅲ (断面超标率), highest first.

    Parameters
    ----------
    classes : DataFrame
        One row a section, class_<item> columns as from `shuzhi.standards.water.section_class`.

    Returns
    -------
    Series
        Percent of all sections in the table by item, items without any left out; of equal ones the order of table 1.
    """
    columns = [name for name in classes if name.startswith("class_")]
    share = (classes[columns] > GOOD_UP_TO).mean() * 100
    share.index = [name.removeprefix("class_") for name in columns]
    return share[share > 0].sort_values(ascending=False, kind="stable")
