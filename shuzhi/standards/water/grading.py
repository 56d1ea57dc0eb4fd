"""Classes of surface water (水质类别): of an item, and of a section by its worst item (单因子评价法)."""

import unicodedata
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.standards import tables
from shuzhi.standards.iaqi import numbers
from shuzhi.standards.water.basics import (
    ASSESSED,
    NONE,
    ROMAN,
    SYMBOLS,
    WORST,
    columns_of,
    lakes,
    limits_of,
    matrix,
    of_any_shape,
    possible,
    round_values,
)
from shuzhi.standards.water.rules import rule

_NOISE = 1e-9
"""A value beyond a limit by less than this part of it is on the limit: binary noise, not a measurement."""


def classes() -> pd.DataFrame:
    """The six classes: water_class 1…6, roman (Ⅰ…劣Ⅴ), name_zh, name_en, quality 1…5, color, ink (hex), source.

    The assessment method names hues only; the hex values are common practice. ``quality`` points into
    `shuzhi.standards.water.qualities`.
    """
    return tables.read("water_classes").drop(columns=["edition", "effective_from", "effective_to"])


def item_class(values, item: str, body="river") -> np.ndarray:
    """Class of one item's values (GB 3838-2002 table 1): the first class whose limit is met.

    Values are taken unrounded; one on a limit (but for binary noise) meets it. Where classes share a limit the better
    one is given. pH is class Ⅰ within 6…9 and worse than class Ⅴ outside.

    Parameters
    ----------
    values : array_like or float
        mg/L, pH, faecal coliform per L; any shape.
    item : str
        One of ``ITEMS``.
    body : {"river", "lake"} or array of them
        As an array it goes with the shape of ``values``.

    Returns
    -------
    numpy.ndarray
        int8 1…6, the shape of ``values``; 0 where missing or impossible, and where the law has no limit (water
        temperature; total nitrogen of a river: rate it as a lake's where it is wanted for reference).

    Raises
    ------
    InputError
        Unknown item or body.
    """
    return of_any_shape(classes_of, values, item, body)


def classes_of(values: np.ndarray, lake: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """The same of values (rows, items): int8 of that shape.

    Parameters
    ----------
    lake : bool, or array (rows,) of it
        Whether the limits of lakes hold.
    """
    values, limits, body = possible(values, items), limits_of(items), np.asarray(lake, np.intp)
    beyond, short = np.ones(values.shape, np.int8), np.ones(values.shape, np.int8)
    for k in range(WORST - 1):
        beyond += values > (limits.upper[..., k] * (1 + _NOISE))[body]
        short += values < (limits.lower[..., k] * (1 - _NOISE))[body]
    return np.where(np.isnan(values) | ~limits.rated[body], NONE, np.maximum(beyond, short)).astype(np.int8)


def section_class(table: pd.DataFrame, body="river", items=ASSESSED, rounded=False, do_saturation=None) -> pd.DataFrame:
    """Class of sections (or points of a lake): that of the worst item (环办〔2011〕22号).

    Parameters
    ----------
    table : DataFrame
        A row a section and time, a column an item (mg/L, pH; coliform per L). Items that are absent are not rated.
    body : {"river", "lake"} or array of them, a value a row
    items : sequence of str
        Which items count: the 21 of the assessment. National automatic stations are classed by those of them that
        they measure (``AUTOMATIC``, some fewer).
    rounded : bool
        Round to the decimals of assessment first (months, years). Real-time classes are made from unrounded values.
    do_saturation : array_like, optional
        Saturation of oxygen in %, a value a row: from 90 % on dissolved oxygen is class Ⅰ. Automatic stations are
        published without it.

    Returns
    -------
    DataFrame
        Index of ``table``: water_class (int8 1…6, 0 none), deciding (symbols of the items of that class, ";"; "" for
        class Ⅰ, where none decides), measured (int8, items with a value), class_<item> for each item rated.

    Raises
    ------
    InputError
        No item to rate; unknown body.
    """
    names = tuple(columns_of(table, items))
    values = matrix(table, names)
    single = classes_of(round_values(values, names) if rounded else values, lakes(body), names)
    if do_saturation is not None and "do" in names:
        oxygen, saturated = names.index("do"), numbers(do_saturation) >= rule("do_saturation")
        single[:, oxygen] = np.where(saturated & (single[:, oxygen] > NONE), 1, single[:, oxygen])
    worst = single.max(axis=1)
    columns = {"water_class": worst, "deciding": deciding(single, names), "measured": measured(single)}
    return pd.DataFrame(columns | {f"class_{name}": single[:, k] for k, name in enumerate(names)}, table.index)


def measured(single: np.ndarray) -> np.ndarray:
    """How many items of each row have a class; int8."""
    return (single > NONE).sum(axis=1, dtype=np.int8)


def deciding(single: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """Symbols of the items in the worst class of each row, joined by ";"; "" for class Ⅰ and none.

    Parameters
    ----------
    single : array (rows, items)
        Classes.
    """
    worst = single.max(axis=1, keepdims=True, initial=NONE)
    return symbols_of((single == worst) & (worst > 1), items)


def symbols_of(chosen: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """Symbols of the chosen items of each row, joined by ";"; made once for every combination that occurs.

    Parameters
    ----------
    chosen : array (rows, items)
        bool.
    """
    combinations, which = np.unique(chosen @ (1 << np.arange(len(items))), return_inverse=True)
    texts = [";".join(SYMBOLS[item] for k, item in enumerate(items) if one >> k & 1) for one in combinations.tolist()]
    return np.array(texts, dtype=object)[which]


def roman(water_class) -> np.ndarray:
    """Classes as they are written: Ⅰ Ⅱ Ⅲ Ⅳ Ⅴ 劣Ⅴ, "" for 0; text array of the same shape."""
    return np.array(("", *ROMAN), dtype=object)[np.asarray(water_class, dtype=np.int8)]


def class_number(texts) -> np.ndarray:
    """Classes as others write them (Ⅱ, II, Ⅱ类, 劣V) as int8 1…6; 0 for anything else (``*``, ``-``, empty).

    Parameters
    ----------
    texts : Series or sequence of str
    """
    which, distinct = pd.factorize(pd.Series(texts, dtype=object), use_na_sentinel=False)
    return np.array([_number(text) for text in distinct], np.int8)[which] if len(which) else np.zeros(0, np.int8)


@lru_cache(maxsize=256)
def _number(text) -> int:
    if not isinstance(text, str):
        return NONE
    plain = unicodedata.normalize("NFKC", text).strip().upper().removesuffix("类").strip()
    spelled = [unicodedata.normalize("NFKC", name) for name in ROMAN]
    return spelled.index(plain) + 1 if plain in spelled else NONE


def quality(water_class) -> np.ndarray:
    """Quality 1…5 (优 良好 轻度污染 中度污染 重度污染) of a section's class, 0 where there is none; int8."""
    return _qualities()[np.asarray(water_class, dtype=np.int8)]


@lru_cache
def _qualities() -> np.ndarray:
    return np.array([NONE, *classes()["quality"]], np.int8)


def meets_target(water_class, target) -> pd.array:
    """Whether classes are at least as good as their targets (达标); NA where either is missing (0 or NaN).

    Returns
    -------
    pandas.arrays.BooleanArray
    """
    ours, wanted = np.broadcast_arrays(numbers(water_class), numbers(target))
    unknown = ~((ours >= 1) & (ours <= WORST) & (wanted >= 1))
    return pd.arrays.BooleanArray(~unknown & (ours <= wanted), unknown)
