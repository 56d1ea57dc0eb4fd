"""The daily forecast of every station, district and of the city, one to seven days ahead.

Districts and the city are forecast as series of their own, not from the forecasts of their stations: the intervals are
then those of their own errors, and a mean of many is told with more certainty than any of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import pandas as pd

from shuzhi.research.forecast import day_features, naive, series_members, told
from shuzhi.research.forecast.day_models import BLIND, LEADS, DayModels
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
        self.panel, self._models, self._weather, self._near = panel, models, weather, near
        self._learnt = cache(self._of_models)  # many days of issue ask for the same

    def rows(self, row: int | None = None) -> pd.DataFrame:
        """The forecast made at the end of a day, as rows of the lake table ``forecast``.

        Parameters
        ----------
        row : int, optional
            The day, by default the last; what the panel has after it isn't looked at.
        """
        row = len(self.panel.times) - 1 if row is None else row
        return told.rows(self.panel.until(row), earlier(row), LEADS, partial(self._members, row))

    def mixture(self, item: int) -> "Mixture":
        """Of what an item's forecasts made at the end of the last day are mixed."""
        row = len(self.panel.times) - 1
        members = self._members(row, item)
        weights = told.shares(self.panel, earlier(row), LEADS, members, item)
        return Mixture({name: forecast[-1] for name, forecast in members.items()}, weights)

    def features(self, item: int) -> day_features.Features:
        """What the models of an item look at."""
        return day_features.Features(self.panel, item, self._weather, self._near)

    def models(self, item: int) -> DayModels | None:
        """The fitted models of an item, as they see the coming weather or do without it."""
        found = self._models.of_days(self.panel.items[item])
        sees = self._weather.seen(len(self.panel.times) - 1)
        return found if found is None or sees else replace(found, ridge=found.blind)

    def _members(self, row: int, item: int) -> dict[str, np.ndarray]:
        origins = earlier(row)
        floors = naive.of_days(self.panel.until(row).values[:, :, item].astype(float), origins, LEADS)
        learnt = _told(self._learnt(item), self._weather.seen(row))
        return floors | {name: values(origins) for name, values in learnt.items()}

    def _of_models(self, item: int) -> dict:
        """Forecasts of the fitted models by name, functions of the origins."""
        trials = self._models.trials("day")
        if trials is None:
            return {}
        every = np.arange(len(self.panel.times))
        newer = every[trials.newer(self.panel, every)]
        fresh = self._fresh(item, newer, trials.forecasts)

        def by_name(name: str, origins: np.ndarray) -> np.ndarray:
            out = trials.at(self.panel, origins, name, item)
            late = np.isin(origins, newer)
            out[late] = fresh[name][np.searchsorted(newer, origins[late])]
            return out

        return {name: partial(by_name, name) for name in trials.forecasts}

    def _fresh(self, item: int, origins: np.ndarray, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Forecasts of the stored models, by name, for origins that the trials did not know."""
        name = self.panel.items[item]
        learnt = self._models.of_days(name)
        found = {}
        if learnt is not None:
            found = learnt.forecasts(self.features(item), origins)
        series, panel = self._models.facts["series"], self.panel
        rolled = {k: partial(series_members.rolled, panel, series, k, item, origins, len(LEADS)) for k in names}
        return {k: found[k] if k in found else rolled[k]() for k in names}


@dataclass(frozen=True)
class Mixture:
    """Forecasts of the last day by member, arrays (leads, P); their weights by level, arrays (leads, members)."""

    now: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]

    def shares(self, level: str, lead: int, columns: np.ndarray) -> dict[str, np.ndarray]:
        """What each member has in the forecasts of some places, arrays (places,): one without a forecast has none."""
        there = {name: np.isfinite(values[lead, columns]) for name, values in self.now.items()}
        parts = dict(zip(there, self.weights[level][lead], strict=True))
        total = sum(parts[name] * known for name, known in there.items())
        return {name: parts[name] * known / np.where(total > 0, total, np.nan) for name, known in there.items()}


def _told(learnt: dict, sees: bool) -> dict:
    """Members as the issue sees: with the coming weather or blind, by the name of the model."""
    twice = {name for name in learnt if name + BLIND in learnt}
    chosen = {name: name if sees else name + BLIND for name in twice}
    return {name: learnt[chosen.get(name, name)] for name in learnt if not name.endswith(BLIND)}


def earlier(row: int) -> np.ndarray:
    """Rows of the origins that count for a forecast made at a row, itself the last."""
    return np.arange(max(row - VERIFIED - LEADS[-1], 0), row + 1)
