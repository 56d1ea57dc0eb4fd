"""The naive forecasts (基准预报): what a model must beat to be used.

Series are pandas Series with a DatetimeIndex of equal steps (NaN: missing); only what lies at or before the origin is
looked at. Lead times are whole steps.
"""

import numpy as np
import pandas as pd

HALF_WINDOW = 10
"""Days around the day of the year that make its climatology."""
RECENT = 30
"""Days whose mean stands in for the climatology where there are no earlier years."""
LEAST_YEARS = 1
_YEAR = 365.25


def last_value(series: pd.Series, origin, leads) -> np.ndarray:
    """The last reading (持续性), the floor of particulate matter and of daily means.

    Returns
    -------
    array (len(leads),)
    """
    return np.full(len(leads), series.loc[:origin].iloc[-1] if len(series.loc[:origin]) else np.nan)


def same_hour_yesterday(series: pd.Series, origin, leads) -> np.ndarray:
    """The last day's reading of the same hour, the floor of ozone; an hourly series.

    Returns
    -------
    array (len(leads),)
        Leads in hours.
    """
    stamps = [origin - pd.Timedelta(hours=23 - (int(lead) - 1) % 24) for lead in leads]
    return series.loc[:origin].reindex(stamps).to_numpy(float)


def hour_climatology(series: pd.Series, origin, leads, days: int = RECENT) -> np.ndarray:
    """The mean of the same hour over the last days; an hourly series.

    Returns
    -------
    array (len(leads),)
        Leads in hours.
    """
    recent = series.loc[origin - pd.Timedelta(days=days) + pd.Timedelta(hours=1) : origin]
    means = recent.groupby(recent.index.hour).mean()
    return means.reindex([(origin + pd.Timedelta(hours=int(lead))).hour for lead in leads]).to_numpy(float)


def climatology(series: pd.Series, origin, leads, half_window: int = HALF_WINDOW) -> np.ndarray:
    """The mean of the days of the year around the target in the years before, a daily series.

    A day of the year counts with ±``half_window`` days; where no earlier year has them, the mean of the last 30 days.

    Returns
    -------
    array (len(leads),)
        Leads in days.
    """
    past = series.loc[:origin]
    days = past.index.day_of_year.to_numpy()
    values = past.to_numpy(float)
    earlier = past.index <= origin - pd.Timedelta(days=int(_YEAR) - half_window - max(leads, default=0))
    recent = np.nanmean(values[-RECENT:]) if np.isfinite(values[-RECENT:]).any() else np.nan
    return np.array([_around(values, days, earlier, origin, lead, half_window, recent) for lead in leads], float)


def _around(values, days, earlier, origin, lead, half_window, otherwise) -> float:
    target = (origin + pd.Timedelta(days=int(lead))).day_of_year
    apart = np.abs(days - target)
    chosen = values[earlier & (np.minimum(apart, _YEAR - apart) <= half_window)]
    return float(np.nanmean(chosen)) if np.isfinite(chosen).sum() > half_window * LEAST_YEARS else otherwise


def climatologies(series: pd.Series, half_window: int = HALF_WINDOW) -> pd.Series:
    """For each day the climatology of its day of the year from the earlier years alone, as `climatology` gives it.

    Where there are no earlier years it is the mean of the 30 days before. A daily series without gaps in its index.
    """
    days = series.index.day_of_year.to_numpy()
    years = series.index.year.to_numpy()
    window = series.rolling(2 * half_window + 1, center=True, min_periods=half_window)
    sums, counts = (f().to_numpy(float) for f in (window.sum, window.count))
    frame = pd.DataFrame({"day": np.minimum(days, 365), "year": years, "sum": sums, "n": np.nan_to_num(counts)})
    frame["sum"] = frame["sum"].fillna(0)
    grid = frame.groupby(["year", "day"])[["sum", "n"]].last().unstack("day")
    before = grid.cumsum().shift(1)
    total, n = before["sum"].stack(), before["n"].stack()
    mean = (total / n.where(n > half_window)).reindex(pd.MultiIndex.from_arrays([years, frame["day"]]))
    recent = series.rolling(RECENT, min_periods=1).mean().shift(1)
    return pd.Series(mean.to_numpy(), series.index).fillna(recent)


def damping(series: pd.Series, normal: pd.Series, origin, leads) -> np.ndarray:
    """How much of today's anomaly is left after each lead: the slope of the anomaly on the earlier one, past alone.

    Returns
    -------
    array (len(leads),)
        0…1.
    """
    anomaly = (series - normal).loc[:origin]
    return np.array([_slope(anomaly.to_numpy(float), int(lead)) for lead in leads])


def _slope(anomaly: np.ndarray, lead: int) -> float:
    early, late = anomaly[:-lead], anomaly[lead:]
    both = np.isfinite(early) & np.isfinite(late)
    if both.sum() < RECENT:
        return 0.0
    return float(np.clip((early[both] @ late[both]) / max(early[both] @ early[both], 1e-12), 0, 1))


def damped_persistence(series: pd.Series, origin, leads, normal: pd.Series | None = None) -> np.ndarray:
    """The climatology with what is left of today's anomaly (阻尼持续性), a daily series; the strongest simple floor.

    Parameters
    ----------
    normal : Series, optional
        `climatologies` of the series, if they were computed before.

    Returns
    -------
    array (len(leads),)
        Leads in days.
    """
    normal = climatologies(series.loc[:origin]) if normal is None else normal
    today = series.loc[:origin].iloc[-1] - normal.loc[:origin].iloc[-1]
    return climatology(series, origin, leads) + damping(series, normal, origin, leads) * today
