"""Ridge regression of the daily forecast, a model for each lead."""

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from shuzhi.research.forecast.city_series import AIR

_SEASONAL = ("target_avgtemp", "target_avgrh", "target_avgws", "target_daylight", "target_wet", "mean_wet", "aqi_0")
_BENT = ("target_", "mean_")
_FAR = 4.0  # spreads; beyond, a straight line is not believed


class Linear:
    """ln(AQI) from logarithms of the air's features, the weather, its squares and its seasons.

    Parameters
    ----------
    settings : dict
        ``alpha`` of ``sklearn.linear_model.Ridge``.
    """

    def __init__(self, settings: dict, seed: int = 0):
        self._settings = settings
        self._models: dict[int, Pipeline] = {}
        self._middle = pd.Series(dtype=float)

    def fit(self, x: pd.DataFrame, y: np.ndarray) -> "Linear":
        """Learn from rows of `design.pooled` and their target AQI (above 0)."""
        usable = np.isfinite(y) & x["aqi_0"].notna().to_numpy()
        x, y = x[usable], np.log(y[usable])
        self._middle = x.median().fillna(0)
        table, lead = self._table(x), x["lead"].to_numpy(int)
        self._models = {k: self._one().fit(table[lead == k], y[lead == k]) for k in np.unique(lead)}
        return self

    def predict(self, x: pd.DataFrame) -> np.ndarray:
        """AQI of each row; NaN where the air of the origin is not known."""
        table, lead = self._table(x), x["lead"].to_numpy(int)
        out = np.full(len(x), np.nan)
        for k in np.unique(lead):
            model, rows = self._models[k], lead == k
            scaled = model[0].transform(table[rows]).clip(-_FAR, _FAR)
            out[rows] = np.exp(model[1].predict(scaled))
        return np.where(x["aqi_0"].notna(), out, np.nan)

    def _one(self) -> Pipeline:
        return make_pipeline(StandardScaler(), Ridge(**self._settings))

    def _table(self, x: pd.DataFrame) -> np.ndarray:
        filled = x.fillna(self._middle)
        air = [name for name in x if name.split("_")[0] in AIR and not name.split("_")[1].startswith("r")]
        bent = [name for name in x if name.startswith(_BENT)]
        away = (filled[bent] - self._middle[bent]) / (self._middle[bent].abs() + 1)
        seasonal = filled[[name for name in _SEASONAL if name in x]].to_numpy()
        turns = [seasonal * filled[[turn]].to_numpy() for turn in ("sin", "cos")]
        filled[air] = np.log(filled[air].clip(lower=0.1))
        return np.column_stack([filled.to_numpy(), away.to_numpy() ** 2, *turns]).astype(float)
