"""The hourly forecast of every station and of the city, 72 hours ahead."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import hour_features, naive, told
from shuzhi.research.forecast.boosted import Trees
from shuzhi.research.forecast.coming import Coming
from shuzhi.research.forecast.day_models import TREES
from shuzhi.research.forecast.models import Models
from shuzhi.research.forecast.panel import Panel

LEADS = np.arange(1, 73)
CLOCK = (0, 12)
"""Hours (UTC) of the origins that count: 08:00 and 20:00 in Beijing, when issues are made."""
VERIFIED = 40
"""Origins of one of these hours whose forecasts, when they have come true, give weights and intervals."""
DAYS = VERIFIED + 38
"""Days of readings that a forecast needs."""


def rows(panel: Panel, models: Models, weather: Coming) -> pd.DataFrame:
    """The forecast made at the last hour of a panel, as rows of the lake table ``forecast``."""
    origins = earlier(panel)

    def members(item: int) -> dict[str, np.ndarray]:
        floors = naive.of_hours(panel.values[:, :, item].astype(float), origins, LEADS)
        return floors | _learnt(panel, models, weather, origins, item)

    return told.rows(panel, origins, LEADS, members, everywhere=False)


def _learnt(panel: Panel, models: Models, weather: Coming, origins: np.ndarray, item: int) -> dict[str, np.ndarray]:
    trials = models.trials("hour")
    if trials is None:
        return {}
    trees = trials.at(panel, origins, TREES, item)
    newer = trials.newer(panel, origins)
    newer[-1] = True  # the hour that is told may be none of the clock's
    features = hour_features.Features(panel, item, weather)
    trees[newer] = by_trees(models.trees("hour", panel.items[item]), features, origins[newer])
    return {TREES: trees}


def by_trees(trees: Trees, features: hour_features.Features, origins: np.ndarray) -> np.ndarray:
    """Forecasts of trees at some origins, array (origins, leads, P)."""
    count = features.filled.shape[1]
    lead, place = (part.ravel() for part in np.meshgrid(LEADS, np.arange(count), indexing="ij"))
    out = np.empty((len(origins), len(LEADS), count), dtype=np.float32)
    for k, origin in enumerate(origins):
        x = features.table(origin, lead, place)
        out[k] = trees.predict(x, features.filled[origin, place]).reshape(len(LEADS), count)
    return out


def earlier(panel: Panel) -> np.ndarray:
    """Rows of the origins that count for a forecast made at the last hour, itself the last."""
    row = len(panel.times) - 1
    hour = panel.times[row].hour
    nearest = min(CLOCK, key=lambda other: min((hour - other) % 24, (other - hour) % 24))
    every = np.arange(row)
    same = every[panel.times[:row].hour == nearest]
    return np.append(same[-VERIFIED:], row)
