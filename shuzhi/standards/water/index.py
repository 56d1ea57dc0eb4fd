"""City water-quality index (城市水质指数, CWQI; 环办监测〔2017〕51号): values over class Ⅲ; smaller is better."""

import numpy as np
import pandas as pd

from shuzhi.standards.iaqi import numbers
from shuzhi.standards.rounding import round_half_even
from shuzhi.standards.water.basics import (
    ASSESSED,
    BODIES,
    GOOD_UP_TO,
    Bound,
    by_body,
    columns_of,
    known_bodies,
    means,
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
    return by_body(values, item, body, _item_index)


def _item_index(values: np.ndarray, rows: tuple[Bound, ...]) -> np.ndarray:
    limits = {row.op: row.values[GOOD_UP_TO - 1] for row in rows}
    if not limits:
        return np.full(values.shape, np.nan)
    if len(limits) == 2:
        span = np.where(values > NEUTRAL_PH, limits["le"] - NEUTRAL_PH, limits["ge"] - NEUTRAL_PH)
        return (values - NEUTRAL_PH) / span + 0.0
    if "le" in limits:
        return values / limits["le"]
    with np.errstate(divide="ignore"):
        return limits["ge"] / values


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
    names = columns_of(table, items)
    bodies = known_bodies(body)
    parts = np.column_stack([item_index(table[name], name, bodies) for name in names])
    measured = (~np.isnan(parts)).sum(axis=1)
    total = np.where(measured > 0, np.nansum(parts, axis=1), np.nan)
    head = {
        "cwqi": total if decimals is None else round_half_even(total, decimals),
        "measured": measured.astype(np.int8),
    }
    return pd.DataFrame(head | {f"cwqi_{name}": parts[:, k] for k, name in enumerate(names)}, table.index)


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
    names = columns_of(sections, items)
    bodies = np.broadcast_to(np.asarray(body, dtype=object), len(sections))
    keys = np.zeros(len(sections), np.int8) if by is None else sections[by] if isinstance(by, str) else by
    label, cities = pd.factorize(np.asarray(keys), sort=True)
    known = sections[names].notna().any(axis=1).to_numpy() & (label >= 0)
    shape = (len(BODIES), len(cities))
    index, counts, measured = np.full(shape, np.nan), np.zeros(shape, int), np.zeros(shape, np.int8)
    for row, name in enumerate(BODIES):
        chosen = known & (bodies == name)
        if chosen.any():
            found = cwqi(means(sections.loc[chosen, names], label[chosen]), name, names)
            index[row, found.index], measured[row, found.index] = found["cwqi"], found["measured"]
            counts[row] = np.bincount(label[chosen], minlength=len(cities))
    sites = counts.sum(axis=0)
    weighted = (np.nan_to_num(index) * counts).sum(axis=0) / np.where(sites > 0, sites, np.nan)
    columns = {"cwqi": weighted, "cwqi_river": index[0], "cwqi_lake": index[1]}
    if decimals is not None:
        columns = {name: round_half_even(values, decimals) for name, values in columns.items()}
    columns |= {"rivers": counts[0], "lakes": counts[1], "measured": measured.max(axis=0)}
    return pd.DataFrame(columns, index=pd.Index(cities))


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
