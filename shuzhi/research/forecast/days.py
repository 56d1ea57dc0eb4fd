"""The daily forecast of every station, district and of the city, one to seven days ahead.

Districts and the city are forecast as series of their own, not from the forecasts of their stations: the intervals are
then those of their own errors, and a mean of many is told with more certainty than any of them.
"""

from collections.abc import Iterable
from functools import cache, partial

import numpy as np
import pandas as pd

from shuzhi.research.forecast import day_features, naive, series_members, told
from shuzhi.research.forecast.day_models import BLIND, LEADS
from shuzhi.research.forecast.day_weather import DayWeather
from shuzhi.research.forecast.models import Models
from shuzhi.research.forecast.panel import Panel

VERIFIED = 120
"""Days whose forecasts, when they have come true, give weights and intervals."""


class Daily:
    """Daily forecasts of a panel by all models.

    Parameters
    ----------
    panel : Panel
        Of days.
    models : Models
    weather : DayWeather
        Of its days, at least of those that the models don't know.
    near : int array
        As from `day_features.near`.
    """

    def __init__(self, panel: Panel, models: Models, weather: DayWeather, near: np.ndarray):
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
            learnt = _told(self._learnt(item), self._weather.seen(row))
            return floors | {name: values(origins) for name, values in learnt.items()}

        return told.rows(known, origins, LEADS, members)

    def _of_models(self, item: int) -> dict:
        """Forecasts of the fitted models by name, functions of the origins."""
        trials = self._models.trials("day")
        if trials is None:
            return {}
        every = np.arange(len(self._panel.times))
        newer = every[trials.newer(self._panel, every)]
        fresh = self._fresh(item, newer, trials.forecasts)

        def by_name(name: str, origins: np.ndarray) -> np.ndarray:
            out = trials.at(self._panel, origins, name, item)
            late = np.isin(origins, newer)
            out[late] = fresh[name][np.searchsorted(newer, origins[late])]
            return out

        return {name: partial(by_name, name) for name in trials.forecasts}

    def _fresh(self, item: int, origins: np.ndarray, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Forecasts of the stored models, by name, for origins that the trials did not know."""
        name = self._panel.items[item]
        learnt = self._models.of_days(name)
        found = {}
        if learnt is not None:
            features = day_features.Features(self._panel, item, self._weather, self._near)
            found = learnt.forecasts(features, origins)
        series, panel = self._models.facts["series"], self._panel
        rolled = {k: partial(series_members.rolled, panel, series, k, item, origins, len(LEADS)) for k in names}
        return {k: found[k] if k in found else rolled[k]() for k in names}


def _told(learnt: dict, sees: bool) -> dict:
    """Members as the issue sees: with the coming weather or blind, by the name of the model."""
    twice = {name for name in learnt if name + BLIND in learnt}
    chosen = {name: name if sees else name + BLIND for name in twice}
    return {name: learnt[chosen.get(name, name)] for name in learnt if not name.endswith(BLIND)}


def earlier(row: int) -> np.ndarray:
    """Rows of the origins that count for a forecast made at a row, itself the last."""
    return np.arange(max(row - VERIFIED - LEADS[-1], 0), row + 1)
