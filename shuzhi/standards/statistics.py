"""Means and their validity, from hours to days to months, years and the city: HJ 663 and GB 3095 table 4.

Arrays hold hours, windows, days or sites along the last axis and anything in front of it; NaN is a missing reading.
Everything is returned unrounded (rounding is once, at the end) except `city_mean`, whose rule rounds in between.
"""

import numpy as np

from shuzhi.standards.iaqi import numbers
from shuzhi.standards.period import annual_evaluation, composite_index, month_days, percentile, period_statistics
from shuzhi.standards.rounding import round_half_even
from shuzhi.standards.validity import minimum, month_valid, year_valid

__all__ = [
    "annual_evaluation",
    "city_mean",
    "composite_index",
    "day_mean",
    "mean_of",
    "minimum",
    "month_days",
    "month_valid",
    "o3_8h",
    "o3_day_max",
    "percentile",
    "period_statistics",
    "year_valid",
]

DAY_HOURS = int(minimum("day_hours"))
WINDOW_HOURS = int(minimum("o3_8h_hours"))
DAY_WINDOWS = int(minimum("o3_day_windows"))
FIRST_END, LAST_END = int(minimum("o3_first_end")), int(minimum("o3_last_end"))
O3_LIMIT = minimum("o3_day_limit")
WINDOW = 8


def mean_of(values, at_least: int = 1, axis: int = -1) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the readings that are there, and how many there are.

    Returns
    -------
    mean, n : numpy.ndarray
        Without the axis; the mean is NaN where n < ``at_least``.
    """
    values = numbers(values)
    known = ~np.isnan(values)
    n = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(n >= max(at_least, 1), total / np.maximum(n, 1), np.nan), n


def day_mean(hours, at_least: int = DAY_HOURS) -> tuple[np.ndarray, np.ndarray]:
    """24 h mean of natural days (GB 3095 table 4: at least 20 hourly values).

    Parameters
    ----------
    hours : array_like (..., 24)
        Hourly means of the day, those stamped 01:00 … 24:00.
    at_least : int
        Hours that make the day valid.

    Returns
    -------
    mean, n : numpy.ndarray (...)
        NaN where the day is not valid; number of hours.
    """
    return mean_of(hours, at_least)


def o3_8h(hours, at_least: int = WINDOW_HOURS) -> np.ndarray:
    """Sliding 8 h means of natural days, those ending 08:00 … 24:00 (HJ 663 clause 6.1.2).

    Parameters
    ----------
    hours : array_like (..., 24)
        Hourly ozone of the day, those stamped 01:00 … 24:00.
    at_least : int
        Hours of the 8 that make a window valid (GB 3095 table 4: 6).

    Returns
    -------
    numpy.ndarray (..., 17)
        NaN where a window is not valid.
    """
    hours = numbers(hours)
    known = ~np.isnan(hours)
    totals, counts = _windows(np.where(known, hours, 0.0)), _windows(known.astype(np.int8))
    return np.where(counts >= at_least, totals / np.maximum(counts, 1), np.nan)


def _windows(hours: np.ndarray) -> np.ndarray:
    """Sums of the windows from running totals; whole readings stay exact."""
    running = np.zeros((*hours.shape[:-1], LAST_END + 1), dtype=np.result_type(hours, np.int16))
    np.cumsum(hours, axis=-1, out=running[..., 1:])
    return running[..., FIRST_END:] - running[..., FIRST_END - WINDOW : LAST_END + 1 - WINDOW]


def o3_day_max(
    windows, limit: float = O3_LIMIT, at_least: int = DAY_WINDOWS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Daily maximum 8 h mean of ozone (HJ 663 clause 6.1.2).

    Parameters
    ----------
    windows : array_like (..., 17)
        From `o3_8h`.
    limit : float
        A day with too few windows counts all the same where its maximum, rounded, exceeds this.
    at_least : int
        Windows that make the day valid.

    Returns
    -------
    value : numpy.ndarray (...)
        The maximum, NaN where the day is not valid.
    n_windows : numpy.ndarray (...)
        Number of valid windows.
    valid : numpy.ndarray (...)
    """
    windows = numbers(windows)
    known = ~np.isnan(windows)
    n_windows = known.sum(axis=-1)
    highest = np.where(known, windows, -np.inf).max(axis=-1)
    valid = (n_windows >= at_least) | (round_half_even(highest) > limit)
    return np.where(valid, highest, np.nan), n_windows, valid


def city_mean(
    values,
    share: float = minimum("city_share"),
    share_few: float = minimum("city_share_few"),
    decimals: int = 0,
    sites=None,
) -> tuple[np.ndarray, np.ndarray]:
    """City value: mean over the evaluation sites, of concentrations and never of indices (HJ 663).

    Site values are rounded first, then their mean.

    Parameters
    ----------
    values : array_like (..., sites)
        Site values, NaN where a site has no valid one.
    share, share_few : float
        Share of the sites that must be valid; the second in a city of fewer than four sites. Both uncertain, from
        memory of HJ 663-2013: settings ``city_site_share`` and ``city_site_share_few``.
    decimals : int
        0; CO 1.
    sites : int or array (...), optional
        Number of evaluation sites; the last axis unless given (give it where sites opened or closed).

    Returns
    -------
    mean, n : numpy.ndarray (...)
        Rounded mean, NaN where too few sites are valid; number of valid sites.
    """
    rounded = np.asarray(round_half_even(numbers(values), decimals))
    mean, n = mean_of(rounded)
    sites = np.asarray(rounded.shape[-1] if sites is None else sites)
    needed = sites * np.where(sites < minimum("city_few"), share_few, share)
    return np.where(n >= needed, round_half_even(mean, decimals), np.nan), n
