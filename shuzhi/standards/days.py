"""Which Beijing day a stamp belongs to, and which edition a day belongs to."""

from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.standards import tables

EDITIONS = ("2012", "2026")
BEIJING_OFFSET = np.timedelta64(8, "h")  # no summer time since 1991


def beijing_day(times) -> np.ndarray:
    """The natural day of hourly stamps; a stamp is the END of its hour, so 00:00 belongs to the day before.

    Parameters
    ----------
    times : Series, DatetimeIndex, Timestamp or array of them
        Tz-aware instants of any zone.

    Returns
    -------
    numpy.ndarray
        ``datetime64[D]``, the shape of ``times`` (0-d for one Timestamp).

    Raises
    ------
    InputError
        The times have no zone.
    """
    if isinstance(times, pd.Timestamp):
        return beijing_day(pd.DatetimeIndex([times]))[0]
    index = pd.DatetimeIndex(times)
    if index.tz is None:
        raise InputError("times have no zone; give tz-aware times", column="time")
    utc = index.tz_convert("UTC").tz_localize(None).to_numpy()
    return (utc + BEIJING_OFFSET - np.timedelta64(1, "us")).astype("datetime64[D]")


def as_days(days) -> np.ndarray:
    """Dates (``datetime.date``, Timestamps without a zone, ISO text, ``datetime64``) as ``datetime64[D]``.

    Raises
    ------
    InputError
        They carry a zone, so that they may be instants.
    """
    if getattr(days, "tzinfo", None) is not None or isinstance(getattr(days, "dtype", None), pd.DatetimeTZDtype):
        raise InputError("days carry a zone; give dates, for hourly stamps those of beijing_day(times)", column="day")
    if np.ndim(days) == 0:
        return np.asarray(pd.Timestamp(days).date(), dtype="datetime64[D]")
    values = days.to_numpy() if isinstance(days, pd.Series | pd.Index) else np.asarray(days)
    if values.dtype.kind != "M":
        values = pd.to_datetime(values.ravel()).to_numpy().reshape(values.shape)  # much faster than numpy on objects
    return values.astype("datetime64[D]")


@lru_cache
def _starts() -> np.ndarray:
    begun = tables.read("aqi_breakpoints").groupby("edition")["effective_from"].first()
    return begun[list(EDITIONS[1:])].to_numpy().astype("datetime64[D]")


def edition_codes(days) -> np.ndarray:
    """Index into ``EDITIONS`` for each day, int8; days as in `as_days`."""
    return np.searchsorted(_starts(), as_days(days), side="right").astype(np.int8)


def edition_on(days):
    """The edition of the AQI rules that holds for data of a day: "2012" up to 2026-02-28, then "2026".

    Parameters
    ----------
    days : date or array of dates
        As in `as_days`; for hourly stamps give `beijing_day(times)`.

    Returns
    -------
    str or numpy.ndarray of str
        The shape of ``days``. Source: GB 3095-2026 and HJ 633-2026, in force from 2026-03-01.
    """
    names = np.asarray(EDITIONS)[edition_codes(days)]
    return str(names) if np.ndim(names) == 0 else names
