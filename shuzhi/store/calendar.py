"""Beijing days and months of readings that are stamped with the end of their period."""

import datetime as dt

import numpy as np
import pandas as pd

from shuzhi.settings import BEIJING
from shuzhi.standards.days import beijing_day


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
