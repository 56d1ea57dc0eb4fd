"""Months, years and "this year so far" from daily values: HJ 663, ``data/standards/air_evaluation.csv``."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.standards import tables
from shuzhi.standards.days import as_days
from shuzhi.standards.factors import SYMBOLS
from shuzhi.standards.iaqi import numbers
from shuzhi.standards.levels import GOOD_UP_TO
from shuzhi.standards.limits import limit
from shuzhi.standards.rounding import round_half_even
from shuzhi.standards.validity import year_valid


@lru_cache
def _evaluation(day=None) -> pd.DataFrame:
    """Rules of one edition, by daily column (pm25 … co, o3_8h)."""
    table = tables.read("air_evaluation") if day is None else tables.in_force("air_evaluation", day)
    return table.drop_duplicates("item").set_index("item")


COLUMNS = tuple(_evaluation().index)
"""Columns of a daily table: pm25 pm10 so2 no2 co o3_8h."""


def percentile(values, p: float, axis: int = -1) -> np.ndarray:
    """Percentile by the annex of HJ 663: linear between the ranks k = 1 + (n − 1)·p %.

    Parameters
    ----------
    values : array_like
        NaN is left out.
    p : float
        0…100.
    axis : int

    Returns
    -------
    numpy.ndarray
        Without the axis; NaN where there is no value. The same as numpy's "linear" quantile.
    """
    ranked = np.moveaxis(np.sort(numbers(values), axis=axis), axis, -1)  # NaN last
    n = (~np.isnan(ranked)).sum(axis=-1)
    if ranked.shape[-1] == 0:
        return np.full(n.shape, np.nan)
    rank = np.maximum(n - 1, 0) * p / 100
    below = np.floor(rank).astype(int)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    low = np.take_along_axis(ranked, below[..., None], -1)[..., 0]
    high = np.take_along_axis(ranked, above[..., None], -1)[..., 0]
    return low + (high - low) * (rank - below)


def period_statistics(daily: pd.DataFrame, by=None, rounded: bool = False) -> pd.DataFrame:
    """What a period of days comes to: means, 95th percentile of CO, 90th of O3 8 h, number of days.

    Parameters
    ----------
    daily : DataFrame
        One row a day with any of pm25 pm10 so2 no2 co o3_8h (NaN where not valid); ``aqi`` if good days are wanted.
    by : column name, list of them, or array with one label a row, optional
        One row of result for each group; without it one row for all.
    rounded : bool
        Round to the reported decimals (HJ 633-2012 clause 6.2: whole numbers, CO one decimal).

    Returns
    -------
    DataFrame
        Row per group: the statistic under the column's own name, ``days_<column>`` with a value, ``days`` with all six;
        with ``aqi`` also ``aqi_days`` (with an AQI) and ``good_days`` (AQI ≤ 100).

    Raises
    ------
    InputError
        None of the columns is there.
    """
    columns = [name for name in COLUMNS if name in daily]
    if not columns:
        raise InputError(f"no column to evaluate; expected some of {', '.join(COLUMNS)}")
    keys = np.zeros(len(daily), np.int8) if by is None else by
    groups = daily.groupby(keys, sort=True)
    found = pd.DataFrame({name: _statistic(groups[name], name, rounded) for name in columns})
    for name in columns:
        found[f"days_{name}"] = groups[name].count()
    found["days"] = _count(daily[columns].notna().all(axis=1) & (len(columns) == len(COLUMNS)), daily, keys)
    if "aqi" in daily:
        found["aqi_days"] = groups["aqi"].count()
        found["good_days"] = _count(daily["aqi"] <= GOOD_UP_TO, daily, keys)
    return found if by is not None else _one_row(found)


def _one_row(found: pd.DataFrame) -> pd.DataFrame:
    """The only row; without a single day it has no values and 0 days."""
    counts = [name for name in found if "days" in name]
    found = found.reindex([0])
    return found.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, int))


def _statistic(values, column: str, rounded: bool) -> pd.Series:
    rule = _evaluation().loc[column]
    high = rule["percentile"]
    found = values.agg("mean" if rule["annual_mean"] else lambda one: float(percentile(one, high)))
    return pd.Series(round_half_even(found, rule["decimals"]), found.index) if rounded else found


def _count(chosen: pd.Series, daily: pd.DataFrame, keys) -> pd.Series:
    return daily.assign(_chosen=chosen).groupby(keys, sort=True)["_chosen"].sum().astype(int)


def month_days(daily: pd.DataFrame, day: str = "day") -> pd.DataFrame:
    """Days with a value by year and month, for `month_valid` and `year_valid`.

    Parameters
    ----------
    daily : DataFrame
        One row a day; ``day`` and any of pm25 pm10 so2 no2 co o3_8h.

    Returns
    -------
    DataFrame
        Index (year, month 1…12, every month of each year), a column an item.
    """
    days = pd.DatetimeIndex(as_days(daily[day]))
    columns = [name for name in COLUMNS if name in daily]
    counts = daily[columns].notna().groupby([days.year.rename("year"), days.month.rename("month")]).sum()
    years = counts.index.get_level_values("year").unique()
    return counts.reindex(pd.MultiIndex.from_product([years, range(1, 13)], names=["year", "month"]), fill_value=0)


def composite_index(
    statistics: pd.DataFrame,
    day,
    weights: Mapping[str, float] | str = "plain",
    grade: int = 2,
    decimals: int | None = 2,
) -> pd.DataFrame:
    """Composite index (环境空气质量综合指数): sum of concentration over limit of the six items; smaller is better.

    Parameters
    ----------
    statistics : DataFrame
        Rows to rate with pm25 pm10 so2 no2 (means), co (95th percentile), o3_8h (90th), as from `period_statistics`.
    day : date, Timestamp or ISO text
        Decides the limits: annual ones of PM, SO2 and NO2, 24 h of CO, 8 h of O3. The last day of the period.
    weights : {"plain", "variant"} or mapping
        "plain" is all 1 (the default everywhere); "variant" is one public program's reading of HJ 663-2026 (PM2.5 3,
        NO2 and O3 2); or weights by column, 1 where absent.
    grade : {1, 2}
        Whose limits.
    decimals : int or None
        Decimals of the sum, half even; None leaves it.

    Returns
    -------
    DataFrame
        index_<column> (weighted), composite (NaN where an item is missing), main (symbols of the largest, ";").

    Raises
    ------
    InputError
        A column or a limit is absent.
    """
    rules = _evaluation(day)
    absent = [name for name in COLUMNS if name not in statistics]
    if absent:
        raise InputError(f"the composite index needs {', '.join(absent)}")
    if isinstance(weights, str):
        weights = rules["weight_variant" if weights == "variant" else "weight"].to_dict()
    bounds = [limit(name, rules.at[name, "index_limit"], day, grade) for name in COLUMNS]
    scale = np.array([weights.get(name, 1) for name in COLUMNS]) / np.array(bounds)
    parts = statistics[list(COLUMNS)].to_numpy(dtype=float, na_value=np.nan) * scale
    total = parts.sum(axis=1)
    found = pd.DataFrame(parts, statistics.index, [f"index_{name}" for name in COLUMNS])
    found["composite"] = total if decimals is None else round_half_even(total, decimals)
    largest = parts == parts.max(axis=1, keepdims=True)
    symbols = np.array([SYMBOLS[name.removesuffix("_8h")] for name in COLUMNS])
    found["main"] = [";".join(symbols[row]) for row in largest]
    return found


def annual_evaluation(daily: pd.DataFrame, day: str = "day", grade: int = 2) -> pd.DataFrame:
    """Whether each item meets the standard in each year: its annual mean and its percentile both (HJ 663).

    Parameters
    ----------
    daily : DataFrame
        ``day`` and any of pm25 pm10 so2 no2 co o3_8h.
    grade : {1, 2}

    Returns
    -------
    DataFrame
        A row per (year, item): days, valid (324 days and enough in each month), mean, mean_limit, percent (95…),
        percentile, percentile_limit, meets (True or False; None where there is no value). Limits are those of the
        year's last day; values are rounded before they are compared.
    """
    counts = month_days(daily, day)
    years = pd.DatetimeIndex(as_days(daily[day])).year
    rows = [
        _annual_row(daily.loc[years == year, item], item, int(year), counts.loc[year, item].to_numpy(), grade)
        for year in counts.index.get_level_values("year").unique()
        for item in counts
    ]
    return pd.DataFrame(rows).set_index(["year", "item"])


def _annual_row(values: pd.Series, item: str, year: int, days_by_month: np.ndarray, grade: int) -> dict:
    last = f"{year}-12-31"
    rule = _evaluation(last).loc[item]
    decimals = int(rule["decimals"])
    mean = round_half_even(values.mean(), decimals) if rule["annual_mean"] else None
    high = round_half_even(float(percentile(values, rule["percentile"])), decimals)
    mean_limit = limit(item, "annual", last, grade) if rule["annual_mean"] else None
    high_limit = limit(item, rule["period"], last, grade)
    meets = None if np.isnan(high) else high <= high_limit and (mean is None or mean <= mean_limit)
    return {
        "year": year,
        "item": item,
        "days": int(days_by_month.sum()),
        "valid": bool(year_valid(days_by_month)),
        "mean": mean,
        "mean_limit": mean_limit,
        "percent": int(rule["percentile"]),
        "percentile": high,
        "percentile_limit": high_limit,
        "meets": meets,
    }
