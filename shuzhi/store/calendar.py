"""Beijing days and months of readings that are stamped with the end of their period."""

import datetime as dt

import numpy as np
import pandas as pd

from shuzhi.settings import BEIJING

_OFFSET = pd.Timedelta(hours=8)
_ALREADY_PAST = pd.Timedelta(seconds=1)


def beijing_day(time: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Day (datetime64[D]) that an end-of-period stamp belongs to: 00:00 belongs to the day before.

    Parameters
    ----------
    time : Series or DatetimeIndex of tz-aware timestamps
    """
    utc = pd.DatetimeIndex(time).tz_convert("UTC").tz_localize(None)
    return (utc + _OFFSET - _ALREADY_PAST).to_numpy().astype("datetime64[D]")


def beijing_month(time: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Partition ``YYYY-MM`` of each stamp."""
    return beijing_day(time).astype("datetime64[M]").astype(str)


def day_span(first: dt.date, last: dt.date) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The instants (start, end] of the stamps of the Beijing days ``first`` … ``last``, both included, in UTC."""
    start = pd.Timestamp(first).tz_localize(BEIJING).tz_convert("UTC")
    end = pd.Timestamp(last).tz_localize(BEIJING).tz_convert("UTC") + pd.Timedelta(days=1)
    return start, end


def months_between(start: pd.Timestamp, end: pd.Timestamp) -> tuple[str, str]:
    """First and last partition that stamps in (start, end] can lie in."""
    return str(beijing_month(pd.DatetimeIndex([start + pd.Timedelta(seconds=2)]))[0]), str(
        beijing_month(pd.DatetimeIndex([end]))[0]
    )
