"""How sure a forecast is (不确定性): conformal intervals from past errors, and probabilities of the levels.

A residual is observed − forecast of an earlier forecast of the same horizon that had come true by the origin. Split
conformal prediction with the two sides apart (Vovk 2005; Romano 2019; Lei 2018 for residuals divided by a local scale).
"""

import numpy as np
from scipy.special import ndtr

from shuzhi.standards.levels import levels

BREAKPOINTS = tuple(float(bound) for bound in levels()["high"].to_numpy()[:-1])
"""Highest AQI of the levels 1…5."""

_MOST = 0.9  # of the share outside, by which the coverage asked for may leave the one promised
LEAST = 20
"""Fewer past errors than this say nothing of a 90 % interval."""


def quantile(residuals, share: float, weights=None) -> float:
    """A quantile of past errors for the next one, with the correction for a finite sample.

    Parameters
    ----------
    residuals : array (m,)
        Observed − forecast; NaN is left out.
    share : float
        0…1. Above ½ rank ⌈share·(m + 1)⌉, below ½ its mirror, so that the next error, exchangeable with these, lies
        beyond with at most the probability asked for. Beyond the largest error: the largest.
    weights : array (m,), optional
        Of the errors, such as their recency.

    Returns
    -------
    float
        In the unit of the residuals; NaN where there are none.
    """
    residuals = np.asarray(residuals, float)
    known = ~np.isnan(residuals)
    if not known.any():
        return float("nan")
    weights = np.ones(len(residuals)) if weights is None else np.asarray(weights, float)
    if share < 0.5:
        return -quantile(-residuals, 1 - share, weights)
    order = np.argsort(residuals[known])
    steps = weights[known][order]
    reached = np.cumsum(steps) / (steps.sum() + steps.max())  # the next error has the largest weight
    return float(residuals[known][order][min(np.searchsorted(reached, share - 1e-12), known.sum() - 1)])


def conformal(centre, residuals, coverage: float, scale=1.0, past_scale=1.0, weights=None):
    """An interval around forecasts of one horizon.

    Parameters
    ----------
    centre : array (n,)
        Forecasts.
    residuals : array (m,)
        Past errors of this horizon.
    coverage : float
        0.5 or 0.9: share of the days that it shall hold, half of the rest on each side.
    scale, past_scale : array (n,), (m,) or float
        Local spread now and at each past error (season, level, disagreement of the members); 1: everywhere the same.
    weights : array (m,), optional
        Of the past errors.

    Returns
    -------
    tuple of array (n,)
        Lower and upper bound; NaN with fewer than ``LEAST`` past errors.
    """
    centre = np.asarray(centre, float)
    relative = np.asarray(residuals, float) / past_scale
    if np.count_nonzero(~np.isnan(relative)) < LEAST:
        return np.full_like(centre, np.nan), np.full_like(centre, np.nan)
    tail = (1 - coverage) / 2
    return tuple(centre + scale * quantile(relative, share, weights) for share in (tail, 1 - tail))


class Adaptive:
    """The coverage to ask for so that the one promised is held when the errors' spread drifts.

    Too many days outside: more is asked for, and the reverse (adaptive conformal inference, Gibbs and Candès 2021).

    Parameters
    ----------
    promised : float
        0…1.
    rate : float
        Step for each day, a day's leads taken together; 0: never adapts.
    """

    def __init__(self, promised: float, rate: float):
        self.promised, self.asked, self._rate = promised, promised, rate

    def learn(self, inside: np.ndarray) -> None:
        """Take note of the pairs of one day that came true (bool): were they inside?"""
        if len(inside):
            step = self._rate * (self.promised - float(np.mean(inside)))
            far = (1 - self.promised) * _MOST
            self.asked = float(np.clip(self.asked + step, self.promised - far, self.promised + far))


def probabilities(centre, residuals, breakpoints=BREAKPOINTS, weights=None) -> np.ndarray:
    """Probability of each level: past errors laid around the forecast, smoothed.

    Parameters
    ----------
    centre : array (n,)
        Forecasts, in the unit of the breakpoints.
    residuals : array (m,) or (n, m)
        Past errors, in the second form scaled for each forecast.
    breakpoints : sequence of k rising numbers
        Highest value of each level but the last.
    weights : array (m,), optional
        Of the past errors.

    Returns
    -------
    array (n, k + 1)
        Rows sum to 1; NaN where there are no errors.
    """
    centre, errors = np.asarray(centre, float)[:, None], np.atleast_2d(np.asarray(residuals, float))
    known = ~np.isnan(errors).any(axis=0)
    errors = errors[:, known]
    if not errors.shape[1]:
        return np.full((len(centre), len(breakpoints) + 1), np.nan)
    share = np.ones(errors.shape[1]) if weights is None else np.asarray(weights, float)[known]
    width = np.maximum(errors.std(axis=1, keepdims=True) * errors.shape[1] ** -0.2, 1e-9)  # Scott 1992
    values = centre + errors
    below = [ndtr((bound + 0.5 - values) / width) @ (share / share.sum()) for bound in breakpoints]
    return np.diff(np.column_stack([np.zeros(len(centre)), *below, np.ones(len(centre))]), axis=1).clip(0)


def likeness(now, past, width: float, period: float | None = None) -> np.ndarray:
    """How much each past case is like the present one: a Gaussian of the distance, 1 where they are the same.

    Parameters
    ----------
    now : float
    past : array (m,)
    width : float
        Distance at which a case counts exp(−½).
    period : float, optional
        After which the scale begins anew: 365.25 for days of the year.
    """
    apart = np.abs(np.asarray(past, float) - now)
    apart = apart if period is None else np.minimum(apart, period - apart)
    return np.exp(-0.5 * (apart / width) ** 2)
