"""City water-quality index (城市水质指数, CWQI; 环办监测〔2017〕51号): values over class Ⅲ; smaller is better."""

import numpy as np
import pandas as pd

from shuzhi.standards.iaqi import numbers
from shuzhi.standards.rounding import round_half_even
from shuzhi.standards.water.basics import (
    ASSESSED,
    BODIES,
    GOOD_UP_TO,
    columns_of,
    group_means,
    lakes,
    limits_of,
    matrix,
    of_any_shape,
    possible,
)

NEUTRAL_PH = 7.0


def item_index(values, item: str, body="river") -> np.ndarray:
    """CWQI of one item: C/S, of dissolved oxygen S/C, of pH the share of the way from 7 to the limit on its side.

    Parameters
    ----------
    values : array_like or float
        mg/L, pH; any shape.
    item : str
        One of the 21 assessed items.
    body : {"river", "lake"} or array of them

    Returns
    -------
    numpy.ndarray
        Unrounded; NaN where missing or without a limit; infinite for dissolved oxygen of 0.

    Raises
    ------
    InputError
        Unknown item or body.
    """
    return of_any_shape(indices, values, item, body)


def indices(values: np.ndarray, lake: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """The same of values (rows, items); ``lake`` as for `shuzhi.standards.water.grading.classes_of`."""
    values, limits, body = possible(values, items), limits_of(items), np.asarray(lake, np.intp)
    upper, lower = (one[..., GOOD_UP_TO - 1][body] for one in (limits.upper, limits.lower))
    below, above = np.isfinite(upper), np.isfinite(lower)
    with np.errstate(divide="ignore", invalid="ignore"):
        way = (values - NEUTRAL_PH) / np.where(values > NEUTRAL_PH, upper - NEUTRAL_PH, lower - NEUTRAL_PH) + 0.0
        single = np.where(below, values / upper, np.where(above, lower / values, np.nan))
    return np.where(below & above, way, single)


def cwqi(table: pd.DataFrame, body="river", items=ASSESSED, decimals: int | None = None) -> pd.DataFrame:
    """Index of sections, rivers or lakes from their (mean) values: the sum over the items.

    Parameters
    ----------
    table : DataFrame
        A row to rate, a column an item.
    body : {"river", "lake"} or array of them, a value a row
    items : sequence of str
        The 21 of the law. Indices compare only over the same items: say beside the number how many were measured.
    decimals : int, optional
        Decimals of the sum, half even; published with 4.

    Returns
    -------
    DataFrame
        Index of ``table``: cwqi (NaN without any item), measured (int8, items in the sum), cwqi_<item>.

    Raises
    ------
    InputError
        No item to rate; unknown body.
    """
    names = tuple(columns_of(table, items))
    parts = indices(matrix(table, names), lakes(body), names)
    total, measured = _sums(parts)
    head = {"cwqi": total if decimals is None else round_half_even(total, decimals), "measured": measured}
    return pd.DataFrame(head | {f"cwqi_{name}": parts[:, k] for k, name in enumerate(names)}, table.index)


def _sums(parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index of each row from those of its items, NaN without any, and how many items it has."""
    measured = (~np.isnan(parts)).sum(axis=1)
    return np.where(measured > 0, np.nansum(parts, axis=1), np.nan), measured.astype(np.int8)


def city_cwqi(
    sections: pd.DataFrame, body="river", by=None, items=ASSESSED, decimals: int | None = None
) -> pd.DataFrame:
    """Index of cities or districts: of the means over their river sections and over their lake points, weighted.

    CWQI = (CWQI_river · M + CWQI_lake · N)/(M + N) with M river sections and N lake points: from memory, not read in a
    source. What the ranking takes off for water that comes in from upstream is not in it.

    Parameters
    ----------
    sections : DataFrame
        One row a section or point, a column an item.
    body : {"river", "lake"} or array of them, a value a row
    by : array_like or column name, optional
        City or district of each row; one row of result for each.
    items : sequence of str
    decimals : int, optional
        Decimals of the three indices, half even; 4 in publications.

    Returns
    -------
    DataFrame
        Row per city: cwqi, cwqi_river, cwqi_lake (NaN where it has none), rivers (M), lakes (N), measured (items that
        the fuller of the two sums has).

    Raises
    ------
    InputError
        No item to rate; unknown body.
    """
    names = tuple(columns_of(sections, items))
    lake = np.broadcast_to(lakes(body), len(sections))
    keys = np.zeros(len(sections), np.int8) if by is None else sections[by] if isinstance(by, str) else by
    label, cities = pd.factorize(np.asarray(keys), sort=True)
    return pd.DataFrame(cities_of(matrix(sections, names), lake, label, len(cities), names, decimals), pd.Index(cities))


def cities_of(
    values: np.ndarray, lake: np.ndarray, label: np.ndarray, n: int, items: tuple[str, ...], decimals: int | None = None
) -> dict[str, np.ndarray]:
    """The same of values (rows, items) of ``n`` cities.

    Parameters
    ----------
    lake : array (rows,)
        bool: a point of a lake.
    label : array (rows,)
        Number of each row's city, below 0 of none.

    Returns
    -------
    dict of array (n,)
    """
    known = ~np.isnan(values).all(axis=1) & (label >= 0)
    of_body = np.where(known, label + lake * n, -1)  # the rivers of all cities, then their lakes
    mean = group_means(values, of_body, len(BODIES) * n, items)
    index, measured = _sums(indices(mean, np.arange(len(BODIES) * n) >= n, items))
    index, measured = index.reshape(len(BODIES), n), measured.reshape(len(BODIES), n)
    counts = np.bincount(of_body[known], minlength=len(BODIES) * n).reshape(len(BODIES), n)
    sites = counts.sum(axis=0)
    weighted = (np.nan_to_num(index) * counts).sum(axis=0) / np.where(sites > 0, sites, np.nan)
    found = {"cwqi": weighted, "cwqi_river": index[0], "cwqi_lake": index[1]}
    if decimals is not None:
        found = {name: round_half_even(one, decimals) for name, one in found.items()}
    return found | {"rivers": counts[0], "lakes": counts[1], "measured": measured.max(axis=0)}


def cwqi_change(now, before):
    """Change of CWQI in %: (now − before)/before · 100; negative is better. Only over the same items.

    Parameters
    ----------
    now, before : array_like or float

    Returns
    -------
    numpy.ndarray or float
        NaN where either is missing or ``before`` is 0.
    """
    now, before = numbers(now), numbers(before)
    change = (now - before) / np.where(before == 0, np.nan, before) * 100
    return float(change) if change.ndim == 0 else change
