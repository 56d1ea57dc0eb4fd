"""Lakes and reservoirs: their class, and their trophic level (综合营养状态指数, TLI(Σ); 总站生字[2001]090号)."""

from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.standards import tables
from shuzhi.standards.iaqi import numbers
from shuzhi.standards.water.basics import ASSESSED, NONE, matrix, means, possible
from shuzhi.standards.water.grading import quality, section_class


@lru_cache
def _coefficients() -> pd.DataFrame:
    return tables.read("water_tli").set_index("item")


TLI_ITEMS = tuple(_coefficients().index)
"""The five parameters: chla tp tn transparency codmn."""


def trophic_levels() -> pd.DataFrame:
    """The five words: trophic 1…5, name_zh (贫营养 中营养 轻度富营养 …), name_en, low, high (of TLI), source."""
    return tables.read("water_trophic").drop(columns=["edition", "effective_from", "effective_to"])


def weights(items=TLI_ITEMS) -> dict[str, float]:
    """Weight of each parameter: its r² over the sum of r²; made for the parameters given.

    Raises
    ------
    InputError
        Unknown parameter.
    """
    return dict(zip(items, _weights(tuple(items)), strict=True))


@lru_cache
def _weights(items: tuple[str, ...]) -> tuple[float, ...]:
    squares = [float(_coefficient(item)["r"]) ** 2 for item in items]
    return tuple(square / sum(squares) for square in squares)


def _coefficient(item: str) -> pd.Series:
    if item not in TLI_ITEMS:
        raise InputError(f"no trophic index of {item!r}; known are {', '.join(TLI_ITEMS)}")
    return _coefficients().loc[item]


def item_tli(values, item: str) -> np.ndarray:
    """Trophic index of one parameter: 10·(a + b·ln value).

    Parameters
    ----------
    values : array_like or float
        In the units of ``factors("water")``: tp, tn, codmn and also chla in mg/L (the formula's mg/m³ are made here),
        transparency in m.
    item : str
        One of ``TLI_ITEMS``.

    Returns
    -------
    numpy.ndarray
        NaN where missing or not above 0.

    Raises
    ------
    InputError
        Unknown parameter.
    """
    values = numbers(values)
    return item_tlis(values[..., None], (item,))[..., 0]


def item_tlis(values: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """The same of values (rows, items)."""
    per_unit, intercept, slope = _numbers(items)
    known = possible(values, items) * per_unit
    return 10 * (intercept + slope * np.log(np.where(known > 0, known, np.nan)))


@lru_cache
def _numbers(items: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    rows = [_coefficient(item) for item in items]
    return tuple(np.array([row[name] for row in rows], float) for name in ("per_unit", "intercept", "slope"))


def tli(table: pd.DataFrame, items=TLI_ITEMS) -> pd.DataFrame:
    """TLI(Σ) of lakes or points: the weighted sum over the parameters.

    Parameters
    ----------
    table : DataFrame
        A row to rate with the columns ``items`` (units as for `item_tli`).
    items : sequence of str
        The five of the law; all must be measured. Automatic stations lack transparency: give the others, whose weights
        are then made to add up to 1, and say so beside the number.

    Returns
    -------
    DataFrame
        Index of ``table``: tli (unrounded, NaN where a parameter is missing), trophic (int8 1…5, 0 none), tli_<item>.

    Raises
    ------
    InputError
        A column is absent; unknown parameter.
    """
    absent = [name for name in items if name not in table]
    if absent:
        raise InputError(f"the trophic index needs {', '.join(absent)}")
    single = item_tlis(matrix(table, items), tuple(items))
    total = tli_of(single, tuple(items))
    columns = {f"tli_{name}": single[:, k] for k, name in enumerate(items)}
    return pd.DataFrame({"tli": total, "trophic": trophic(total)} | columns, table.index)


def tli_of(single: np.ndarray, items: tuple[str, ...]) -> np.ndarray:
    """TLI(Σ) of each row from the indices of its parameters (rows, items)."""
    return sum(weight * one for weight, one in zip(_weights(items), single.T, strict=True))


def trophic(value) -> np.ndarray:
    """Word 1…5 of a TLI, int8, 0 none: below 30 贫营养, to 50 中营养, to 60, 70 and above 轻度 中度 重度富营养."""
    value = numbers(value)
    first, *others = _highs()
    found = 1 + (value >= first).astype(np.int8) + sum(value > high for high in others)
    return np.where(np.isnan(value), NONE, found).astype(np.int8)


@lru_cache
def _highs() -> tuple[float, ...]:
    return tuple(trophic_levels()["high"].dropna())


def lake_quality(points: pd.DataFrame, by=None, items=ASSESSED, rounded=True) -> pd.DataFrame:
    """Class of lakes and reservoirs: the mean of each item over all points, then the worst item (环办〔2011〕22号).

    Several samples of a point are to be averaged in time first (`means`). Total nitrogen is rated beside the class.

    Parameters
    ----------
    points : DataFrame
        One row a point, a column an item.
    by : array_like or column name, optional
        Lake of each row.

    Returns
    -------
    DataFrame
        Row per lake: that of `shuzhi.standards.water.section_class` with quality, and class_tn where measured.

    Raises
    ------
    InputError
        No item to rate.
    """
    mean = means(points, by)
    found = section_class(mean, "lake", items, rounded)
    if "tn" in mean and "tn" not in items:
        found["class_tn"] = section_class(mean, "lake", ("tn",), rounded)["water_class"]
    return found.assign(quality=quality(found["water_class"]))
