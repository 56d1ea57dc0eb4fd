"""The outlook against the targets (目标达成预估): how likely each is reached, what the rest must bring."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast.issues import DATASET
from shuzhi.status.water_overview import GOOD_SHARE
from shuzhi.store import Home, Scope
from shuzhi.store.targets import targets

AT_LEAST = ("good_days", GOOD_SHARE)
"""Metrics whose target is a least value, and that are counted; of others, as PM2.5, it is a highest one."""

_BANDS = {"lower90": 5, "lower50": 25, "median": 50, "upper50": 75, "upper90": 95}


def against_targets(home: Home, scope: Scope, outlooks: pd.DataFrame) -> pd.DataFrame:
    """Outlooks beside the targets of their year.

    Parameters
    ----------
    outlooks : DataFrame
        As from `research.forecast.outlook.outlooks` or `research.forecast.issues.outlook`.

    Returns
    -------
    DataFrame
        A row an outlook: place, item, first, last, model, so_far, days, median and bands (lower50, upper50, lower90,
        upper90), and of whole years that have a target: target, chance (0…1 of reaching it), left (days to come in the
        span), needed (what the rest must bring: good days still to come, or the mean in µg/m³ that the rest may have at
        most, negative where it is out of reach; 0 good days where it is reached; NaN of the share of sections, whose
        classes are of the year's means). NaN elsewhere.
    """
    scope.require(DATASET)
    rows = [_row(home, row) for row in outlooks.to_dict("records")]
    names = ["place", "item", "first", "last", "model", "so_far", "days", *_BANDS, "target", "chance", "left", "needed"]
    return pd.DataFrame(rows, columns=names)


def _row(home: Home, row: dict) -> dict:
    first, last = pd.Timestamp(row["first"]), pd.Timestamp(row["last"])
    quantiles = np.asarray(row["quantiles"], float)
    out = row | {name: quantiles[at] for name, at in _BANDS.items()}
    whole = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    target = targets(home, first.year, row["place"]).get(row["item"]) if whole else None
    if target is None:
        return out
    left = (last - first).days + 1 - int(row["days"])
    found = {"target": target, "left": left, "needed": needed(row["item"], row["so_far"], row["days"], left, target)}
    return out | found | {"chance": chance(row["item"], quantiles, target)}


def chance(item: str, quantiles, target: float) -> float:
    """Probability that a target is reached, from quantiles at 0, 1 … 100 %.

    Days and sections are counted: the value of each percent itself is meant. The share of sections is held against its
    target as it is published, with one decimal.
    """
    quantiles = np.asarray(quantiles, float)
    if item in AT_LEAST:
        return float((np.round(quantiles[1:], 1) >= target).mean())
    return float(((quantiles[:-1] + quantiles[1:]) / 2 <= target).mean())


def needed(item: str, so_far: float, days: int, left: int, target: float) -> float:
    """What the rest of the span must bring to reach the target.

    Parameters
    ----------
    so_far : float
        Good days, or the mean of the ``days`` known ones.
    left : int
        Days to come.

    Returns
    -------
    float
        Good days still needed, or the highest mean of the rest; NaN where nothing is left, and of other items.
    """
    if item == GOOD_SHARE:
        return float("nan")
    if item == "good_days":
        return max(target - so_far, 0.0)
    if left == 0:
        return float("nan")
    known = so_far * days if days else 0.0
    return (target * (days + left) - known) / left
