"""Boosted trees over all places of one item: they predict how far the root of a value moves from the last one."""

import lightgbm as lgb
import numpy as np

SETTINGS = {
    "objective": "regression",
    "learning_rate": 0.07,
    "num_leaves": 31,
    "min_child_samples": 80,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "max_bin": 127,
    "num_threads": 1,
    "seed": 0,
    "verbose": -1,
}
ROUNDS = 200


def fit(x: np.ndarray, last: np.ndarray, came: np.ndarray) -> lgb.Booster:
    """Learn from cases.

    Parameters
    ----------
    x : array (n, features)
    last, came : array (n,)
        Value at the origin and at the target; cases without one of them are left out.
    """
    known = np.isfinite(last) & np.isfinite(came)
    moved = np.sqrt(np.maximum(came[known], 0)) - np.sqrt(np.maximum(last[known], 0))
    return lgb.train(SETTINGS, lgb.Dataset(x[known], moved), ROUNDS)


def predict(model: lgb.Booster, x: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Values of cases; NaN where the last value is not known."""
    root = np.sqrt(np.maximum(last, 0)) + model.predict(x, num_threads=1)
    return np.where(np.isfinite(last), np.maximum(root, 0) ** 2, np.nan)
