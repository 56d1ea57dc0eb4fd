"""The naive forecasts (基准预报) of many places and origins at once: what a model must beat to be used.

``values`` is an array (T, P), ``origins`` are rows of it, ``leads`` whole steps; the result is an array
(origins, leads, P). Nothing after an origin is looked at for it.
"""

import numpy as np

DAY_FLOORS = ("persistence", "climatology", "damped")
HOUR_FLOORS = ("persistence", "yesterday", "climatology")
GAP = 6
"""Steps that a missing reading is taken for the last one."""
HALF_WINDOW = 10
"""Days around the day of the year that make its climatology."""
RECENT = 30
"""Days whose mean stands in for the climatology where there are no earlier years."""

_YEAR = 365.25


def truth(values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """What came; NaN after the end."""
    rows = origins[:, None] + leads
    return np.where((rows < len(values))[:, :, None], values[np.minimum(rows, len(values) - 1)], np.nan)


def of_days(values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> dict[str, np.ndarray]:
    """The floors of daily values by name.

    ``persistence`` (持续性) is the last value, ``climatology`` the mean of the days around the target in the years
    before, ``damped`` (阻尼持续性) the climatology with what is left of today's anomaly: the strongest of them.
    """
    sums = _Sums(values)
    last = filled(values)[origins]
    normal = _climatology(sums, origins, leads)
    days = np.arange(len(values))
    anomaly = values - _climatology(sums, days - 1, np.array([1]))[:, 0]
    today = filled(anomaly)[origins]
    left = np.stack([_damping(anomaly, origins, lead) for lead in leads], axis=1)
    return {
        "persistence": np.repeat(last[:, None], len(leads), axis=1),
        "climatology": normal,
        "damped": np.maximum(normal + left * np.nan_to_num(today)[:, None], 0),
    }


def of_hours(values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> dict[str, np.ndarray]:
    """The floors of hourly values by name: the last value, yesterday's and the month's mean at the same hour."""
    last = filled(values)[origins]
    yesterday, normal = same_hours(values, origins, leads)
    return {
        "persistence": np.repeat(last[:, None], len(leads), axis=1),
        "yesterday": yesterday,
        "climatology": normal,
    }


def same_hours(values: np.ndarray, origins: np.ndarray, leads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same hour of the last day that is known, and its mean over 30 days; the first is the second where missing."""
    rows = origins[:, None] + leads - 24 * -(-leads // 24)
    normal = _same_hours(values, rows)
    yesterday = np.where((rows >= 0)[:, :, None], values[np.maximum(rows, 0)], np.nan)
    return np.where(np.isfinite(yesterday), yesterday, normal), normal


def filled(values: np.ndarray, gap: int = GAP) -> np.ndarray:
    """Gaps of up to ``gap`` steps filled with the last value before them."""
    steps = np.arange(len(values))[:, None]
    known = np.maximum.accumulate(np.where(np.isfinite(values), steps, -1), axis=0)
    near = (known >= 0) & (steps - known <= gap)
    return np.where(near, np.take_along_axis(values, np.maximum(known, 0), axis=0), np.nan)


class _Sums:
    """Running sums, for means over any span of rows."""

    def __init__(self, values: np.ndarray):
        known = np.isfinite(values)
        zero = np.zeros((1, values.shape[1]))
        self._sum = np.concatenate([zero, np.where(known, values, 0).cumsum(axis=0, dtype=float)])
        self._n = np.concatenate([zero, known.cumsum(axis=0)])

    def span(self, first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sum and number of the values of rows first … last."""
        end = np.clip(last + 1, 0, len(self._sum) - 1)
        begin = np.minimum(np.clip(first, 0, None), end)
        return self._sum[end] - self._sum[begin], self._n[end] - self._n[begin]


def _climatology(sums: _Sums, origins: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """Mean of the days around the target in earlier years, else of the last 30 days."""
    target = origins[:, None] + leads
    total, n = 0.0, 0.0
    for years in range(1, int(target.max(initial=0) // _YEAR) + 2):
        middle = target - round(_YEAR * years)
        some, count = sums.span(middle - HALF_WINDOW, middle + HALF_WINDOW)
        total, n = total + some, n + count
    recent, m = sums.span(origins - RECENT + 1, origins)
    otherwise = np.where(m > 0, recent / np.maximum(m, 1), np.nan)[:, None]
    return np.where(n > HALF_WINDOW, total / np.maximum(n, 1), otherwise)


def _damping(anomaly: np.ndarray, origins: np.ndarray, lead: int) -> np.ndarray:
    """How much of an anomaly is left after a lead, by what was known at each origin; array (origins, P)."""
    early, late = anomaly[:-lead], anomaly[lead:]
    both = np.isfinite(early) & np.isfinite(late)
    product, square = (np.where(both, early * other, 0).cumsum(axis=0, dtype=float) for other in (late, early))
    rows = np.maximum(origins - lead, 0)
    if not len(product):
        return np.zeros((len(origins), anomaly.shape[1]))
    rows = np.minimum(rows, len(product) - 1)
    slope = np.clip(product[rows] / np.maximum(square[rows], 1e-12), 0, 1)
    enough = (both.cumsum(axis=0)[rows] >= RECENT) & (origins >= lead)[:, None]
    return np.where(enough, slope, 0)


def _same_hours(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Mean of the rows, and of the same hours of the 29 days before."""
    total, n = np.zeros((*rows.shape, values.shape[1])), np.zeros((*rows.shape, values.shape[1]))
    for day in range(RECENT):
        at = rows - 24 * day
        found = values[np.maximum(at, 0)]
        known = np.isfinite(found) & (at >= 0)[:, :, None]
        total += np.where(known, found, 0)
        n += known
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)
