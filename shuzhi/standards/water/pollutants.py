"""What pollutes (主要污染指标): items beyond class Ⅲ, by class and by multiple of exceedance (超标倍数)."""

from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.standards.water.basics import (
    ASSESSED,
    GOOD_UP_TO,
    ITEMS,
    SYMBOLS,
    Bound,
    by_body,
    columns_of,
    items,
    known_bodies,
    round_items,
)
from shuzhi.standards.water.grading import item_class
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
    return by_body(values, item, body, _exceedance if _has_multiple(item) else _nothing)


@lru_cache
def _has_multiple(item: str) -> bool:
    return item not in ITEMS or bool(items().at[item, "multiple"])


def _nothing(values: np.ndarray, rows: tuple[Bound, ...]) -> np.ndarray:
    return np.full(values.shape, np.nan)


def _exceedance(values: np.ndarray, rows: tuple[Bound, ...]) -> np.ndarray:
    if not rows:
        return _nothing(values, rows)
    limit = rows[0].values[GOOD_UP_TO - 1]
    return np.maximum((values - limit) / limit, 0)


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
    names = columns_of(table, items)
    source = round_items(table[names]) if rounded else table
    bodies = known_bodies(body)
    found = np.column_stack([item_class(source[name], name, bodies) for name in names])
    times = np.column_stack([exceedance(source[name], name, bodies) for name in names])
    order = _order(found, times, names)
    columns = {"main": [";".join(SYMBOLS[names[k]] for k in row if k >= 0) for row in order]}
    labels, rows = np.array([*names, ""], dtype=object), np.arange(len(table))
    for rank, chosen in enumerate(order.T, start=1):
        columns[f"main_{rank}"] = labels[chosen]
        columns[f"times_{rank}"] = np.where(chosen >= 0, times[rows, chosen], np.nan)
    return pd.DataFrame(columns, table.index)


def _order(found: np.ndarray, times: np.ndarray, names: list[str]) -> np.ndarray:
    """(rows, 3) numbers of the items that pollute, worst first; −1 where there is none."""
    first = items().loc[names, "priority"].to_numpy()
    weight = first * _PRIORITY + found * _CLASS + np.minimum(np.nan_to_num(times), _HIGHEST_MULTIPLE)
    weight = np.where(found > GOOD_UP_TO, weight, -1.0)
    most = int(rule("main_pollutants"))
    order = np.argsort(-weight, axis=1, kind="stable")[:, :most]
    order = np.where(np.take_along_axis(weight, order, axis=1) > 0, order, -1)
    return np.pad(order, ((0, 0), (0, most - order.shape[1])), constant_values=-1)


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
