"""The daily forecast of every station, district and of the city, one to seven days ahead.

Districts and the city are forecast as series of their own, not from the forecasts of their stations: the intervals are
then those of their own errors, and a mean of many is told with more certainty than any of them.
"""

from functools import cache, partial

import numpy as np
import pandas as pd

from shuzhi.research.forecast import day_features, naive, series_members, told
from shuzhi.research.forecast.boosted import Trees
from shuzhi.research.forecast.models import Models
from shuzhi.research.forecast.panel import Panel

LEADS = np.arange(1, 8)
TREES = "trees"
VERIFIED = 120
"""Days whose forecasts, when they have come true, give weights and intervals."""


class Daily:
    """Daily forecasts of a panel by all models.

    Parameters
    ----------
    panel : Panel
        Of days.
    models : Models
    weather : day_features.DayWeather
        Of its days, at least of those that the models don't know.
    near : int array
        As from `day_features.near`.
    """

    def __init__(self, panel: Panel, models: Models, weather: day_features.DayWeather, near: np.ndarray):
        self._panel, self._models, self._weather, self._near = panel, models, weather, near
        self._learnt = cache(self._of_models)  # many days of issue ask for the same

    def rows(self, row: int | None = None) -> pd.DataFrame:
        """The forecast made at the end of a day, as rows of the lake table ``forecast``.

        Parameters
        ----------
        row : int, optional
            The day, by default the last; what the panel has after it isn't looked at.
        """
        row = len(self._panel.times) - 1 if row is None else row
        known, origins = self._panel.until(row), earlier(row)

        def members(item: int) -> dict[str, np.ndarray]:
            floors = naive.of_days(known.values[:, :, item].astype(float), origins, LEADS)
            return floors | {name: values(origins) for name, values in self._learnt(item).items()}

        return told.rows(known, origins, LEADS, members)

    def _of_models(self, item: int) -> dict:
        """Forecasts of the fitted models by name, functions of the origins."""
        trials = self._models.trials("day")
        if trials is None:
            return {}
        every = np.arange(len(self._panel.times))
        newer = every[trials.newer(self._panel, every)]

        def by_name(name: str, fresh: np.ndarray, origins: np.ndarray) -> np.ndarray:
            out = trials.at(self._panel, origins, name, item)
            late = np.isin(origins, newer)
            out[late] = fresh[np.searchsorted(newer, origins[late])]
            return out

        return {name: partial(by_name, name, self._fresh(name, item, newer)) for name in trials.forecasts}

    def _fresh(self, name: str, item: int, origins: np.ndarray) -> np.ndarray:
        """Forecasts of the stored models for origins that they did not know."""
        if name != TREES:
            return series_members.rolled(self._panel, self._models.facts["series"], name, item, origins, len(LEADS))
        features = day_features.Features(self._panel, item, self._weather, self._near)
        return by_trees(self._models.trees("day", self._panel.items[item]), features, origins)


def by_trees(trees: Trees, features: day_features.Features, origins: np.ndarray) -> np.ndarray:
    """Forecasts of trees at some origins, array (origins, leads, P)."""
    places = np.arange(features.filled.shape[1])
    origin, place = (part.ravel() for part in np.meshgrid(origins, places, indexing="ij"))
    out = np.empty((len(origins), len(LEADS), len(places)), dtype=np.float32)
    for at, lead in enumerate(LEADS if len(origins) else []):
        x = features.table(origin, lead, place)
        out[:, at] = trees.predict(x, features.filled[origin, place]).reshape(len(origins), -1)
    return out


def earlier(row: int) -> np.ndarray:
    """Rows of the origins that count for a forecast made at a row, itself the last."""
    return np.arange(max(row - VERIFIED - LEADS[-1], 0), row + 1)
