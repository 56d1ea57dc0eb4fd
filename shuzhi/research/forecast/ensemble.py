"""One forecast from several (集合): weights from what the members' forecasts of the last time were worth."""

import numpy as np

POWER = 4.0
"""Weights go with (1 / MAE)^power: 0 is the plain mean; 4 gives a member with 10 % less error half as much again."""
SHRINKAGE = 0.3
"""Part of the weight that is shared equally among those that beat the floor: few errors tell little apart."""
LEAST = 20
"""Verified forecasts that a member needs before its error counts."""


def weights(errors, floor_error=None, power: float = POWER, shrinkage: float = SHRINKAGE) -> np.ndarray:
    """Weights of the members for one horizon.

    Parameters
    ----------
    errors : array (m, k)
        Forecast − observed of m verified days for k members; NaN: the member had no forecast.
    floor_error : array (m,), optional
        The same of the naive forecast; a member that is worse on the days of both gets 0.
    power, shrinkage : float
        See ``POWER`` and ``SHRINKAGE``.

    Returns
    -------
    array (k,)
        Sum 1; all equal where fewer than ``LEAST`` days are verified. All 0 if the floor beats every member: then the
        floor is the forecast.
    """
    errors = np.asarray(errors, float)
    known = np.isfinite(errors).sum(axis=0)
    if known.max(initial=0) < LEAST:
        return np.full(errors.shape[1], 1 / max(errors.shape[1], 1))
    fit = (known >= LEAST) & ~_loses(errors, floor_error)
    if not fit.any():
        return np.zeros(errors.shape[1])
    worth = np.zeros(errors.shape[1])
    worth[fit] = np.maximum(np.nanmean(np.abs(errors[:, fit]), axis=0), 1e-9) ** -power
    return (1 - shrinkage) * worth / worth.sum() + shrinkage * fit / fit.sum()


def _loses(errors: np.ndarray, floor_error) -> np.ndarray:
    """Members that are worse than the floor on the days that both have."""
    if floor_error is None:
        return np.zeros(errors.shape[1], bool)
    floor = np.abs(np.asarray(floor_error, float))[:, None]
    apart = np.abs(errors) - floor
    n = np.isfinite(apart).sum(axis=0)
    return (np.nansum(apart, axis=0) > 0) & (n >= LEAST)


def combined(forecasts, weight) -> np.ndarray:
    """The weighted mean of the members that have a forecast.

    Parameters
    ----------
    forecasts : array (n, k)
    weight : array (k,)

    Returns
    -------
    array (n,)
        NaN where no member with a weight has one.
    """
    forecasts = np.asarray(forecasts, float)
    part = np.where(np.isfinite(forecasts), weight, 0.0)
    total = part.sum(axis=1)
    mixed = np.nansum(np.where(np.isfinite(forecasts), forecasts, 0) * part, axis=1)
    return np.where(total > 0, mixed / np.where(total > 0, total, 1), np.nan)
