"""How water has changed: between two periods (好转、变差), and over several (秩相关系数: 上升、下降、稳定)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.standards import tables
from shuzhi.standards.iaqi import numbers
from shuzhi.standards.water.rules import rule

CLEAR = 2
"""Steps of quality from which a change is clear, and its number: ±1 somewhat, ±2 clearly, positive is better."""


def changes(kind: str = "quality") -> pd.DataFrame:
    """The words: name_zh, name_en, source by change.

    Parameters
    ----------
    kind : {"quality", "trend"}
        −2…2 from 明显变差 to 明显好转; or −1, 0, 1 for 下降 稳定 上升 of a value.
    """
    return _changes(kind).copy()


@lru_cache
def _changes(kind: str) -> pd.DataFrame:
    table = tables.read("water_changes")
    return table[table["kind"] == kind].set_index("change")[["name_zh", "name_en", "source"]]


def quality_change(before, after) -> np.ndarray:
    """Change between two qualities (1…5): one step somewhat, two and more clearly (环办〔2011〕22号).

    Returns
    -------
    numpy.ndarray
        −2…2, positive is better; NaN where either quality is 0 or missing.
    """
    before, after = (np.where(numbers(values) >= 1, numbers(values), np.nan) for values in (before, after))
    return np.clip(before - after, -CLEAR, CLEAR) + 0.0


def share_change(good_before, worst_before, good_after, worst_after) -> np.ndarray:
    """Change of a river or basin by its shares (组合类别比例法; 环办〔2011〕22号).

    ΔG − ΔD with ΔG the change of the share of classes Ⅰ–Ⅲ and ΔD that of 劣Ⅴ, both in percentage points: up to 10 no
    obvious change, up to 20 somewhat, above clearly.

    Parameters
    ----------
    good_before, worst_before, good_after, worst_after : array_like or float
        Shares in %.

    Returns
    -------
    numpy.ndarray
        −2…2, positive is better; NaN where a share is missing.
    """
    delta = numbers(good_after) - numbers(good_before) - (numbers(worst_after) - numbers(worst_before))
    delta = np.round(delta, 9)  # binary noise is no change
    steps = sum((np.abs(delta) > rule(name)).astype(float) for name in ("change_some", "change_clear"))
    return np.where(np.isnan(delta), np.nan, np.sign(delta) * steps)


@dataclass(frozen=True)
class Trend:
    """A rank correlation with time: ``direction`` 1 rising, −1 falling, 0 stable; None for too few values."""

    n: int
    coefficient: float
    critical: float
    direction: int | None


def trend(values) -> Trend:
    """Trend of a yearly (monthly, …) series by Spearman's rank correlation with time (环办〔2011〕22号).

    r = 1 − 6·Σd²/(n³ − n); a trend is significant where |r| reaches the critical value of the table (one-sided 5 %).

    Parameters
    ----------
    values : array_like (n,)
        In order of time; NaN is left out. For concentrations rising is worse.
    """
    known = numbers(values)
    known = known[~np.isnan(known)]
    n = len(known)
    critical = critical_value(n)
    if np.isnan(critical):
        return Trend(n, np.nan, np.nan, None)
    distance = pd.Series(known).rank().to_numpy() - np.arange(1, n + 1)
    r = 1 - 6 * float(distance @ distance) / (n**3 - n)
    significant = round(abs(r), 3) >= critical and len(set(known)) > 1
    return Trend(n, r, critical, int(np.sign(r)) if significant else 0)


def critical_value(n: int) -> float:
    """Critical value of the rank correlation of n values; NaN for fewer than the table begins with."""
    table = _critical()
    if n < table.index[0]:
        return np.nan
    if n > table.index[-1]:
        return rule("spearman_z") / (n - 1) ** 0.5
    return float(np.interp(n, table.index, table))


@lru_cache
def _critical() -> pd.Series:
    return tables.read("water_spearman").set_index("n")["critical"]
