"""Boosted trees over all places of one item: they predict how far the root of a value moves from the last one.

The movement is divided by what is usual at the lead: else the far leads, which move most, would be all that counts.
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

SETTINGS = {
    "objective": "regression",
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "max_bin": 127,
    "num_threads": 1,
    "seed": 0,
    "verbose": -1,
}
DAY = {"learning_rate": 0.06, "num_leaves": 15, "min_child_samples": 150, "feature_fraction": 0.4, "rounds": 180}
"""Places share the weather: there are few different days to learn from, hence small trees."""
HOUR = {"learning_rate": 0.07, "num_leaves": 31, "min_child_samples": 80, "feature_fraction": 0.5, "rounds": 200}

_LEAST = 1e-3


@dataclass(frozen=True)
class Trees:
    """Fitted trees.

    Attributes
    ----------
    model : Booster
        Its first feature is the lead.
    usual : array (leads + 1,)
        Standard deviation of the movement of the root, by lead.
    """

    model: lgb.Booster
    usual: np.ndarray

    def predict(self, x: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Values of cases (n, features) with their last value (n,); NaN where that is not known."""
        moved = self.model.predict(x, num_threads=1) * self.usual[x[:, 0].astype(int)]
        return np.where(np.isfinite(last), np.maximum(np.sqrt(np.maximum(last, 0)) + moved, 0) ** 2, np.nan)

    def contributions(self, x: np.ndarray) -> np.ndarray:
        """What each feature adds to the movement of the root, array (n, features + 1): the last is common to all."""
        found = self.model.predict(x, num_threads=1, pred_contrib=True)
        return found * self.usual[x[:, 0].astype(int)][:, None]


def fit(x: np.ndarray, last: np.ndarray, came: np.ndarray, settings: dict) -> Trees:
    """Learn from cases.

    Parameters
    ----------
    x : array (n, features)
        The first is the lead.
    last, came : array (n,)
        Value at the origin and at the target; cases without one of them are left out.
    settings : dict
        ``DAY`` or ``HOUR``.
    """
    known = np.isfinite(last) & np.isfinite(came)
    x, lead = x[known], x[known, 0].astype(int)
    moved = np.sqrt(np.maximum(came[known], 0)) - np.sqrt(np.maximum(last[known], 0))
    n = np.maximum(np.bincount(lead), 1)
    usual = np.maximum(np.sqrt(np.bincount(lead, moved**2) / n), _LEAST)
    parameters = {name: value for name, value in settings.items() if name != "rounds"}
    model = lgb.train(SETTINGS | parameters, lgb.Dataset(x, moved / usual[lead]), settings["rounds"])
    return Trees(model, usual)
