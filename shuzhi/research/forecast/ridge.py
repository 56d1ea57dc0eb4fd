"""Ridge regression over all places of one item, a model for each lead: smooth where trees step, better with few years.

It predicts ln(value / mean of the last 30 days) from such departures, the logarithms of the other items, the calendar
and the coming weather with its squares and its turns with the season.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import Ridge as Regression

PENALTY = 27.0
"""Days whose cases weigh as much as the penalty: places of a day are alike, so days count, not cases. Of 8, 27 and 80
the one that loses nowhere (150 days of the simulated city)."""
YEAR = 365
"""With fewer days there is no season to learn, only a trend that would be drawn on."""
LEVEL = "mean30"
"""Feature that departures are taken from."""
LEAST = {"co": 0.05}
"""Values below are taken for it before their logarithm: mg/m³; of others 0.5 µg/m³."""

_DEPARTURES = ("last", "lag1", "lag2", "lag6", "mean3", "mean7", "mean14", "near", "climatology", "damped")
_OTHERS = ("own_", "city_")
_PLAIN = ("now_", "before_", "low_", "high_")
_BENT = ("target_", "mean_")
_SEASON = ("sin", "cos")
_FAR = 4.0  # spreads; beyond, a straight line is not believed


@dataclass(frozen=True)
class Ridge:
    """A fitted model.

    Attributes
    ----------
    names : tuple of str
        Features that it is given, the first the lead.
    looks : Looks
        At which of them.
    least : float
        See ``LEAST``.
    middle, mean, spread : array (leads, K)
        Of the columns made of the features: median, which stands for what is missing, mean, standard deviation.
    weights : array (leads, K + 3 B)
        Of the columns, of the squares of B of them, and of these turned by the season's sine and cosine.
    constant : array (leads,)
    reach : array (leads, 2)
        Lowest and highest logarithm that came; it predicts none beyond.
    """

    names: tuple[str, ...]
    looks: "Looks"
    least: float
    middle: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    constant: np.ndarray
    reach: np.ndarray

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Values of cases (n, features); NaN where the last value or the level is not known."""
        level = _logarithm(x[:, self.names.index(LEVEL)], self.least)
        known = np.isfinite(level) & np.isfinite(x[:, self.names.index("last")])
        return np.where(known, np.exp(level + self._terms(x).sum(axis=1)), np.nan)

    def contributions(self, x: np.ndarray) -> np.ndarray:
        """What each feature adds to the logarithm, array (n, features + 1): the last is common to all."""
        place = [self.names.index(name) for name in self.looks.terms(self.names)]
        terms = self._terms(x)
        out = np.zeros((len(x), len(self.names) + 1))
        for at, term in zip(place, terms[:, :-1].T, strict=True):
            out[:, at] += term
        out[:, -1] = terms[:, -1]
        return out

    def _terms(self, x: np.ndarray) -> np.ndarray:
        """Addends of the logarithm of each case, the last the constant."""
        table, lead = _columns(x, self.names, self.looks, self.least), x[:, 0].astype(int) - 1
        scaled = _scaled(table, self.middle[lead], self.mean[lead], self.spread[lead])
        bent = _bent(scaled, x, self.names, self.looks)
        terms = np.column_stack([bent * self.weights[lead], self.constant[lead]])
        total = terms.sum(axis=1)
        within = np.clip(total, *self.reach[lead].T)
        return terms * np.where(total == within, 1.0, within / np.where(total == 0, 1.0, total))[:, None]


@dataclass(frozen=True)
class Looks:
    """At what a model looks.

    Attributes
    ----------
    coming : bool
        At the weather of the coming days.
    season : bool
        At the season.
    """

    coming: bool = True
    season: bool = True

    def columns(self, names: Sequence[str]) -> list[str]:
        """Features that become columns."""
        sky = (*_PLAIN, *_BENT) if self.coming else ("now_",)
        seen = [name for name in names if name.startswith((*_OTHERS, *sky))]
        return [*_DEPARTURES, *seen, *(_SEASON if self.season else ()), "weekday"]

    def bent(self, names: Sequence[str]) -> list[str]:
        """Those of them that are bent."""
        return [name for name in self.columns(names) if name.startswith(_BENT)]

    def terms(self, names: Sequence[str]) -> list[str]:
        """The feature of each addend."""
        return [*self.columns(names), *self.bent(names) * (3 if self.season else 1)]


def fit(
    x: np.ndarray, came: np.ndarray, names: Sequence[str], item: str, days: int, looks: Looks | None = None
) -> Ridge:
    """Learn from cases.

    Parameters
    ----------
    x : array (n, features)
        The first is the lead, 1 …; every lead has cases.
    came : array (n,)
        Value at the target; cases without it are left out.
    names : sequence of str
        Of the features.
    item : str
    days : int
        Different days that the cases are of.
    looks : Looks, optional
        By default at all, at the season from a ``YEAR`` on.
    """
    names, least, looks = tuple(names), LEAST.get(item, 0.5), looks or Looks()
    looks = replace(looks, season=looks.season and days >= YEAR)
    y = _logarithm(came, least) - _logarithm(x[:, names.index(LEVEL)], least)
    known = np.isfinite(y) & np.isfinite(x[:, names.index("last")])
    x, y = x[known], y[known]
    table, lead = _columns(x, names, looks, least), x[:, 0].astype(int)
    parts = []
    for one in range(1, int(lead.max(initial=0)) + 1):
        rows = lead == one
        middle, mean, spread = _shape(table[rows])
        bent = _bent(_scaled(table[rows], middle, mean, spread), x[rows], names, looks)
        model = Regression(alpha=PENALTY / days * rows.sum()).fit(bent, y[rows])
        parts.append((middle, mean, spread, model.coef_, model.intercept_, (y[rows].min(), y[rows].max())))
    return Ridge(names, looks, least, *(np.array(part) for part in zip(*parts, strict=True)))


def _columns(x: np.ndarray, names: Sequence[str], looks: Looks, least: float) -> np.ndarray:
    level = _logarithm(x[:, names.index(LEVEL)], least)
    out = []
    for name in looks.columns(names):
        value = x[:, names.index(name)].astype(float)
        if name in _DEPARTURES:
            value = _logarithm(value, least) - level
        elif name.startswith(_OTHERS):
            value = _logarithm(value, LEAST["co"])
        elif name == "weekday":
            value = (value >= 5).astype(float)
        out.append(value)
    return np.column_stack(out)


def _shape(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median of what is known (0 of a column without anything), mean and spread of the filled columns."""
    there = np.isfinite(table).any(axis=0)
    middle = np.zeros(table.shape[1])
    middle[there] = np.nanmedian(table[:, there], axis=0)
    filled = np.where(np.isfinite(table), table, middle)
    return middle, filled.mean(axis=0), filled.std(axis=0)


def _scaled(table: np.ndarray, middle: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    away = np.where(np.isfinite(table), table, middle) - mean
    return np.clip(np.where(spread > 1e-6, away / np.maximum(spread, 1e-6), 0), -_FAR, _FAR)


def _bent(scaled: np.ndarray, x: np.ndarray, names: Sequence[str], looks: Looks) -> np.ndarray:
    columns = looks.columns(names)
    chosen = scaled[:, [columns.index(name) for name in looks.bent(names)]]
    turns = [chosen * x[:, [names.index(turn)]] for turn in (_SEASON if looks.season else ())]
    return np.column_stack([scaled, chosen**2 - 1, *turns])


def _logarithm(value: np.ndarray, least: float) -> np.ndarray:
    return np.log(np.maximum(np.asarray(value, float), least))
