"""Ridge regression over all places of one item, a model for each lead: smooth where trees step, better with few years.

It predicts ln(value / mean of the last 30 days) from such departures, the logarithms of the other items, the calendar
and the coming weather with its squares and its turns with the season.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge as Regression

ALPHA = 0.05
"""Penalty a case. Of 0.015, 0.05 and 0.15 the one that loses nowhere (150 days of the simulated city)."""
LEVEL = "mean30"
"""Feature that departures are taken from."""
LEAST = {"co": 0.05}
"""Values below are taken for it before their logarithm: mg/m³; of others 0.5 µg/m³."""

_DEPARTURES = ("last", "lag1", "lag2", "lag6", "mean3", "mean7", "mean14", "near", "climatology", "damped")
_OTHERS = ("own_", "city_")
_PLAIN = ("now_", "before_", "low_", "high_")
_BENT = ("target_", "mean_")
_CALENDAR = ("sin", "cos", "weekday")
_FAR = 4.0  # spreads; beyond, a straight line is not believed


@dataclass(frozen=True)
class Ridge:
    """A fitted model.

    Attributes
    ----------
    names : tuple of str
        Features that it is given, the first the lead.
    blind : bool
        It looks at no weather of the coming days.
    least : float
        See ``LEAST``.
    middle, mean, spread : array (leads, K)
        Of the columns made of the features: median, which stands for what is missing, mean, standard deviation.
    weights : array (leads, K + 3 B)
        Of the columns, of the squares of B of them, and of these turned by the season's sine and cosine.
    constant : array (leads,)
    """

    names: tuple[str, ...]
    blind: bool
    least: float
    middle: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    constant: np.ndarray

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Values of cases (n, features); NaN where the last value or the level is not known."""
        level = _logarithm(x[:, self.names.index(LEVEL)], self.least)
        known = np.isfinite(level) & np.isfinite(x[:, self.names.index("last")])
        return np.where(known, np.exp(level + self._terms(x).sum(axis=1)), np.nan)

    def contributions(self, x: np.ndarray) -> np.ndarray:
        """What each feature adds to the logarithm, array (n, features + 1): the last is common to all."""
        columns, bent = columns_of(self.names, self.blind)
        place = [self.names.index(name) for name in (*columns, *bent, *bent, *bent)]
        terms = self._terms(x)
        out = np.zeros((len(x), len(self.names) + 1))
        for at, term in zip(place, terms[:, :-1].T, strict=True):
            out[:, at] += term
        out[:, -1] = terms[:, -1]
        return out

    def _terms(self, x: np.ndarray) -> np.ndarray:
        """Addends of the logarithm of each case, the last the constant."""
        table, lead = _columns(x, self.names, self.blind, self.least), x[:, 0].astype(int) - 1
        scaled = _scaled(table, self.middle[lead], self.mean[lead], self.spread[lead])
        bent = _bent(scaled, x, self.names, self.blind)
        return np.column_stack([bent * self.weights[lead], self.constant[lead]])


def fit(x: np.ndarray, came: np.ndarray, names: Sequence[str], item: str, blind: bool = False) -> Ridge:
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
    blind : bool
        Leave out the weather of the coming days.
    """
    names, least = tuple(names), LEAST.get(item, 0.5)
    y = _logarithm(came, least) - _logarithm(x[:, names.index(LEVEL)], least)
    known = np.isfinite(y) & np.isfinite(x[:, names.index("last")])
    x, y = x[known], y[known]
    table, lead = _columns(x, names, blind, least), x[:, 0].astype(int)
    parts = []
    for one in range(1, int(lead.max(initial=0)) + 1):
        rows = lead == one
        middle, mean, spread = _shape(table[rows])
        bent = _bent(_scaled(table[rows], middle, mean, spread), x[rows], names, blind)
        model = Regression(alpha=ALPHA * rows.sum()).fit(bent, y[rows])
        parts.append((middle, mean, spread, model.coef_, model.intercept_))
    return Ridge(names, blind, least, *(np.array(part) for part in zip(*parts, strict=True)))


def columns_of(names: Sequence[str], blind: bool) -> tuple[list[str], list[str]]:
    """Features that become columns, and those of them that are bent."""
    coming = () if blind else (*_PLAIN, *_BENT)
    seen = [name for name in names if name.startswith(("now_", *coming))]
    others = [name for name in names if name.startswith(_OTHERS)]
    columns = [*_DEPARTURES, *others, *dict.fromkeys(seen), *_CALENDAR]
    return columns, [name for name in columns if not blind and name.startswith(_BENT)]


def _columns(x: np.ndarray, names: Sequence[str], blind: bool, least: float) -> np.ndarray:
    level = _logarithm(x[:, names.index(LEVEL)], least)
    out = []
    for name in columns_of(names, blind)[0]:
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


def _bent(scaled: np.ndarray, x: np.ndarray, names: Sequence[str], blind: bool) -> np.ndarray:
    columns, bent = columns_of(names, blind)
    chosen = scaled[:, [columns.index(name) for name in bent]]
    turns = [chosen * x[:, [names.index(turn)]] for turn in ("sin", "cos")]
    return np.column_stack([scaled, chosen**2 - 1, *turns])


def _logarithm(value: np.ndarray, least: float) -> np.ndarray:
    return np.log(np.maximum(np.asarray(value, float), least))
