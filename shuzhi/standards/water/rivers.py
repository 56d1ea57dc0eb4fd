"""Quality of a river, basin or lake (水质状况) from its sections: by shares of classes, or by means where few."""

from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.standards import tables
from shuzhi.standards.iaqi import numbers
from shuzhi.standards.water.basics import (
    ASSESSED,
    GOOD_UP_TO,
    NONE,
    WORST,
    columns_of,
    group_means,
    lakes,
    matrix,
    round_values,
)
from shuzhi.standards.water.grading import classes_of, quality
from shuzhi.standards.water.pollutants import multiples, symbols_in_order, worst_first
from shuzhi.standards.water.rules import rule

NUMBERS = range(1, WORST + 1)


def qualities() -> pd.DataFrame:
    """The five qualities of a section, river or basin.

    Returns
    -------
    DataFrame
        quality 1…5, name_zh (优 良好 轻度污染 中度污染 重度污染), name_en, color_zh, color, ink, good_from, good_below
        (share of classes Ⅰ–Ⅲ in %), worst_from, worst_below (share of 劣Ⅴ; NaN = open), note, source.
    """
    table = tables.read("water_qualities").fillna({"note": ""})
    return table.drop(columns=["edition", "effective_from", "effective_to"])


def quality_of_shares(good, worst) -> np.ndarray:
    """Quality 1…5 of a river or basin by shares of its sections (断面水质类别比例法; 环办〔2011〕22号).

    Parameters
    ----------
    good, worst : array_like or float
        Share of classes Ⅰ–Ⅲ and of 劣Ⅴ in %, unrounded.

    Returns
    -------
    numpy.ndarray
        int8, the common shape; 0 where a share is missing.
    """
    good, worst = np.broadcast_arrays(_steady(good), _steady(worst))
    found = np.zeros(good.shape, np.int8)
    for number, *bounds in _bounds():
        inside = (good >= bounds[0]) & (good < bounds[1]) & (worst >= bounds[2]) & (worst < bounds[3])
        found[inside & (found == NONE)] = number
    return found


@lru_cache
def _bounds() -> tuple[tuple, ...]:
    table = qualities().fillna(np.inf)[["quality", "good_from", "good_below", "worst_from", "worst_below"]]
    return tuple(table.itertuples(index=False, name=None))


def _steady(share) -> np.ndarray:
    """Shares without binary noise: 3 of 4 sections are 75 %, whatever the division says."""
    return np.round(numbers(share), 9)


def class_shares(water_class, by=None) -> pd.DataFrame:
    """How many sections are in each class, and what share.

    Parameters
    ----------
    water_class : array_like
        1…6, one a section; 0 or NaN is not counted.
    by : array_like, optional
        A label a section; one row of result for each.

    Returns
    -------
    DataFrame
        sections (with a class), n_1…n_6, share_1…share_6, good_share (Ⅰ–Ⅲ), worst_share (劣Ⅴ) in % (NaN without a
        section), quality (by shares, 0 none).
    """
    found = numbers(water_class)
    keys = np.zeros(len(found), np.int8) if by is None else by
    label, labels = pd.factorize(np.asarray(keys), sort=True)
    if by is None and not len(labels):
        labels = np.zeros(1, np.int8)
    known = (found >= 1) & (found <= WORST) & (label >= 0)
    classes = np.where(known, found, NONE).astype(int)
    return pd.DataFrame(shares_of(classes, label, len(labels)), index=pd.Index(labels))


def shares_of(water_class: np.ndarray, label: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """The same of classes 0…6 in ``n`` groups, whose numbers are ``label`` (below 0: none); arrays (n,)."""
    known = (water_class > NONE) & (label >= 0)
    place = label[known] * WORST + water_class[known] - 1
    counts = np.bincount(place, minlength=n * WORST).reshape(n, WORST)
    total = counts.sum(axis=1)
    with np.errstate(invalid="ignore"):
        shares = counts / total[:, None] * 100
        good = counts[:, :GOOD_UP_TO].sum(axis=1) / total * 100
    columns = {"sections": total}
    columns |= {f"n_{k}": counts[:, k - 1] for k in NUMBERS} | {f"share_{k}": shares[:, k - 1] for k in NUMBERS}
    columns |= {"good_share": good, "worst_share": shares[:, WORST - 1]}
    return columns | {"quality": quality_of_shares(good, shares[:, WORST - 1])}


def river_quality(
    sections: pd.DataFrame, by=None, body="river", items=ASSESSED, rounded=True, few: float | None = None
) -> pd.DataFrame:
    """Quality of rivers or basins from their sections (环办〔2011〕22号).

    Five sections and more: by the shares of their classes. Fewer: the mean of each item over all sections, then the
    worst item. "Five exactly" is not settled by the quoted text; ``few`` sets it.

    Parameters
    ----------
    sections : DataFrame
        One row a section, a column an item.
    by : array_like or column name, optional
        River or basin of each row; one row of result for each.
    body : {"river", "lake"} or array of them, a value a row
        Limits of the sections; means of a mixed group take those of a river.
    items, rounded
        As for `shuzhi.standards.water.section_class`.
    few : float, optional
        Number of sections from which shares are used (5).

    Returns
    -------
    DataFrame
        Row per group: that of `class_shares`, with quality by the method used; method ("shares", "means"),
        water_class (of the means; 0 for "shares"), main (symbols of at most three main pollutants, ";").

    Raises
    ------
    InputError
        No item to rate; unknown body.
    """
    names = tuple(columns_of(sections, items))
    values, lake = matrix(sections, names), np.broadcast_to(lakes(body), len(sections))
    single = classes_of(round_values(values, names) if rounded else values, lake, names)
    keys = np.zeros(len(sections), np.int8) if by is None else sections[by] if isinstance(by, str) else by
    label, labels = pd.factorize(np.asarray(keys), sort=True)
    if by is None and not len(labels):
        labels = np.zeros(1, np.int8)
    return pd.DataFrame(rivers_of(values, single, lake, label, len(labels), names, rounded, few), pd.Index(labels))


def rivers_of(values, single, lake, label, n: int, items, rounded=True, few: float | None = None):
    """The same of ``n`` rivers from arrays.

    Parameters
    ----------
    values, single : array (rows, items)
        Unrounded values, and the classes of the items; a row without any class counts nothing.
    lake : array (rows,)
        bool: the limits of lakes hold.
    label : array (rows,)
        Number of each row's river, below 0 of none.

    Returns
    -------
    dict of array (n,)
    """
    few = rule("few_sections") if few is None else few
    worst = single.max(axis=1, initial=NONE)
    found = shares_of(worst.astype(int), label, n)
    known = (worst > NONE) & (label >= 0)
    main = _mains_by_shares(single[known], label[known], n, items)
    water_class, short = np.zeros(n, np.int8), (found["sections"] > 0) & (found["sections"] < few)
    if short.any():
        of_few = known & short[label]
        mean = group_means(values[of_few], label[of_few], n, items)[short]
        of_lake = np.bincount(label[of_few & ~lake], minlength=n)[short] == 0
        mean = round_values(mean, items) if rounded else mean
        classes = classes_of(mean, of_lake, items)
        water_class[short] = classes.max(axis=1)
        main[short] = symbols_in_order(worst_first(classes, multiples(mean, of_lake, items), items), items)
    return found | {
        "quality": np.where(short, quality(water_class), found["quality"]),
        "method": np.where(short, "means", "shares").astype(object),
        "water_class": water_class,
        "main": main,
    }


def _mains_by_shares(single: np.ndarray, label: np.ndarray, n: int, items: tuple[str, ...]) -> np.ndarray:
    """Symbols of the items that put most sections of each of ``n`` rivers beyond class Ⅲ; of equal ones the order of
    table 1."""
    counts = np.stack([np.bincount(label[column], minlength=n) for column in (single > GOOD_UP_TO).T], axis=1)
    order = np.argsort(-counts, axis=1, kind="stable")[:, : int(rule("main_pollutants"))]
    return symbols_in_order(np.where(np.take_along_axis(counts, order, axis=1) > 0, order, -1), items)
