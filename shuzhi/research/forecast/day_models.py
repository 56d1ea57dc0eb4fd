"""The models of the daily forecast that learn from all places of an item at once: boosted trees and ridge regression.

Each is asked twice: with the coming weather, and *blind*, as if none had been forecast; what an issue tells without a
weather forecast is then judged by forecasts of that kind.
"""

from dataclasses import dataclass

import numpy as np

from shuzhi.research.forecast import boosted, ridge
from shuzhi.research.forecast.boosted import Trees
from shuzhi.research.forecast.day_features import Features
from shuzhi.research.forecast.ridge import Looks, Ridge

TREES, RIDGE = "trees", "ridge"
MEMBERS = (TREES, RIDGE)
BLIND = "_blind"
"""Ends the name of a forecast that was made without the coming weather."""
LEADS = np.arange(1, 8)


@dataclass(frozen=True)
class Cases:
    """What models learn from: rows of the panel and places, of one lead each; whether the coming weather is hidden."""

    origins: np.ndarray
    places: np.ndarray
    leads: np.ndarray
    blind: np.ndarray

    def where(self, chosen: np.ndarray) -> "Cases":
        """Some of them."""
        return Cases(self.origins[chosen], self.places[chosen], self.leads[chosen], self.blind[chosen])


@dataclass(frozen=True)
class DayModels:
    """Fitted models of one item."""

    trees: Trees
    ridge: Ridge
    blind: Ridge

    def forecasts(self, features: Features, origins: np.ndarray) -> dict[str, np.ndarray]:
        """Forecasts at some origins by name, those without the coming weather too; arrays (origins, leads, P)."""
        places = np.arange(features.filled.shape[1])
        origin, place = (part.ravel() for part in np.meshgrid(origins, places, indexing="ij"))
        shape = (len(origins), len(LEADS), len(places))
        out = {name + end: np.empty(shape, dtype=np.float32) for name in MEMBERS for end in ("", BLIND)}
        last = features.filled[origin, place]
        for at, lead in enumerate(LEADS if len(origins) else []):
            seeing = features.table(origin, lead, place)
            for end, x, linear in (("", seeing, self.ridge), (BLIND, features.hidden(seeing), self.blind)):
                out[TREES + end][:, at] = self.trees.predict(x, last).reshape(len(origins), -1)
                out[RIDGE + end][:, at] = linear.predict(x).reshape(len(origins), -1)
        return out


def fit(features: Features, cases: Cases, came: np.ndarray, item: str) -> DayModels | None:
    """Learn from cases; None where no value came.

    Parameters
    ----------
    features : Features
    cases : Cases
    came : array (n,)
        Values at their targets.
    item : str
    """
    known = np.isfinite(came) & np.isfinite(features.filled[cases.origins, cases.places])
    cases, came = cases.where(known), came[known]
    if not all((cases.leads == lead).any() for lead in LEADS):
        return None
    parts = [cases.leads == lead for lead in LEADS]
    order = np.concatenate([np.flatnonzero(part) for part in parts])
    x = np.concatenate([_table(features, cases.where(part)) for part in parts])
    cases, came = cases.where(order), came[order]
    last, count = features.filled[cases.origins, cases.places], len(np.unique(cases.origins))
    return DayModels(
        boosted.fit(x, last, came, boosted.DAY),
        ridge.fit(x[~cases.blind], came[~cases.blind], features.names, item, count),
        ridge.fit(x, came, features.names, item, count, Looks(coming=False)),
    )


def _table(features: Features, cases: Cases) -> np.ndarray:
    """Features of cases of one lead."""
    return features.table(cases.origins, int(cases.leads[0]), cases.places, cases.blind)
