"""Boosted trees of the daily forecast (LightGBM, one thread)."""

import lightgbm as lgb
import numpy as np
import pandas as pd

from shuzhi.research.forecast.design import NORMAL, TODAY


class Boosted:
    """One model for all leads, of what damped persistence doesn't say.

    It is told ln(AQI / mean of 30 days) less what is left of today's departure at that lead; trees can't follow a level
    that falls from year to year, the mean of 30 days does.

    Parameters
    ----------
    settings : dict
        Of ``lightgbm.LGBMRegressor``.
    seed : int
    """

    def __init__(self, settings: dict, seed: int = 0):
        self._model = lgb.LGBMRegressor(**settings, random_state=seed, n_jobs=1, verbose=-1)
        self._left: np.ndarray | None = None

    def fit(self, x: pd.DataFrame, y: np.ndarray) -> "Boosted":
        """Learn from rows of `design.pooled` and their target AQI (above 0); rows without a level are left out."""
        usable = np.isfinite(y) & x[NORMAL].notna().to_numpy() & x[TODAY].notna().to_numpy()
        x, y = x[usable], y[usable]
        departure = np.log(y / x[NORMAL].to_numpy())
        lead, today = x["lead"].to_numpy(int), x[TODAY].to_numpy()
        self._left = np.array([_slope(today[lead == k], departure[lead == k]) for k in range(lead.max() + 1)])
        self._model.fit(x, departure - self._left[lead] * today)
        return self

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """AQI of each row; NaN where there is no level to start from."""
        left = self._left[x["lead"].to_numpy(int)] * x[TODAY].to_numpy()
        return np.exp(self._model.predict(x) + left) * x[NORMAL].to_numpy()


def _slope(early: np.ndarray, late: np.ndarray) -> float:
    return float(np.clip(early @ late / (early @ early), 0, 1)) if len(early) else 0.0
