"""How many readings make a mean valid (数据有效性): GB 3095 table 4 and HJ 663, ``data/standards/air_validity.csv``."""

from functools import lru_cache

import numpy as np

from shuzhi.errors import InputError
from shuzhi.standards import tables


@lru_cache
def _rules() -> dict[tuple[str, str], float]:
    table = tables.read("air_validity")
    keys = zip(table["edition"], table["rule"], strict=True)
    return dict(zip(keys, map(float, table["minimum"]), strict=True))


def minimum(rule: str, edition: str = "2012") -> float:
    """The number that a rule asks for; the same in both editions so far.

    Parameters
    ----------
    rule : str
        As in the table: day_hours, o3_8h_hours, o3_day_windows, month_days, february_days, year_days, city_share, …
    edition : {"2012", "2026"}

    Raises
    ------
    InputError
        Unknown rule or edition.
    """
    try:
        return _rules()[edition, rule]
    except KeyError:
        known = ", ".join(sorted({name for _, name in _rules()}))
        raise InputError(f"no validity rule {rule!r} of edition {edition!r}; known are {known}") from None


def month_valid(days, month) -> np.ndarray:
    """Whether a month has enough valid days (GB 3095 table 4: 27, February 25); arrays or numbers."""
    return np.asarray(days) >= np.where(np.asarray(month) == 2, minimum("february_days"), minimum("month_days"))


def year_valid(days) -> np.ndarray:
    """Whether a year has enough valid days: 324, and the minimum of each month (GB 3095 table 4).

    Parameters
    ----------
    days : array_like (..., 12)
        Valid days of January … December.
    """
    days = np.asarray(days)
    every_month = month_valid(days, np.arange(1, 13)).all(axis=-1)
    return every_month & (days.sum(axis=-1) >= minimum("year_days"))
