"""What the issues of a weather product say together of the days to come.

One issue errs more with every day of lead. Yesterday's issue said something of tomorrow too, and how it erred about
today is known: taking that off leaves an error almost independent of today's issue. All issues of a week, the weather
seen so far and the climate are combined by their error covariances (best linear unbiased estimate; time-lagged
ensemble, Hoffman and Kalnay 1983). The covariances are those of the product's own verified issues, with an assumption
to begin with (``data/forecast/daily.yaml``). Works on standardised anomalies, column by column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

_YEAR = 365.25
_SEEN = 7  # days of seen weather that still tell something of the coming week
_NUGGET = 1e-6


@dataclass(frozen=True)
class Product:
    """What is known of weather and product on one day.

    Attributes
    ----------
    columns : list of str
    normal : array (4 + 1, k)
        Harmonics of the climate: constant, yearly and half-yearly cosine and sine.
    spread : array (k,)
        Standard deviation of the anomalies.
    memory : array (15, k)
        Autocorrelation of the anomalies by days apart.
    along : array (leads, leads)
        Covariance of the errors along one issue, shared by the columns, in units of the climatological variance.
    factor, bias : array (k,)
        The error variance of a column over the shared one; its mean error (in units of ``spread``).
    between : float
        Correlation of two successive issues beyond what their leads give.
    limits : array (2, k)
        What the columns can be.
    """

    columns: list[str]
    normal: np.ndarray
    spread: np.ndarray
    memory: np.ndarray
    along: np.ndarray
    factor: np.ndarray
    bias: np.ndarray
    between: float
    limits: np.ndarray

    def anomaly(self, values: np.ndarray, days: pd.DatetimeIndex) -> np.ndarray:
        """Standardised anomalies of weather (n, k) on n days."""
        return (values - _harmonics(days) @ self.normal) / self.spread

    def weather(self, anomalies: np.ndarray, days: pd.DatetimeIndex) -> np.ndarray:
        """The weather (n, k) of anomalies, within what can be."""
        return np.clip(anomalies * self.spread + _harmonics(days) @ self.normal, *self.limits)


def learn(
    weather: pd.DataFrame,
    issues: pd.DataFrame | None,
    columns: list[str],
    settings: dict,
    leads: int,
    limits: Mapping[str, tuple[float, float]],
) -> Product:
    """What can be known from the weather and the issues so far.

    Parameters
    ----------
    weather : DataFrame
        Observed days, no later than the day of learning.
    issues : DataFrame, optional
        Indexed by (issue, date), as from `city_series.read_issues`; only days of ``weather`` are looked at.
    columns : list of str
        Of both.
    settings : dict
        variance_per_day, between_issues, worth_days.
    leads : int
    limits : mapping
        What each column can be at least and at most.
    """
    values = weather[columns].to_numpy(float)
    normal = np.column_stack([_fit(_harmonics(weather.index), column) for column in values.T])
    anomalies = values - _harmonics(weather.index) @ normal
    spread = np.maximum(np.nanstd(anomalies, axis=0), 1e-6)
    anomalies = anomalies / spread
    memory = np.array([_correlation(anomalies, apart) for apart in range(leads + _SEEN + 1)])
    step = np.arange(1, leads + 1)
    along = settings["variance_per_day"] * np.minimum.outer(step, step)
    k = len(columns)
    can_be = np.array([limits[name] for name in columns], float).T
    between = settings["between_issues"]
    first = Product(columns, normal, spread, memory, along, np.ones(k), np.zeros(k), between, can_be)
    return first if issues is None else _verified(first, anomalies, weather.index, issues, settings["worth_days"])


def _fit(base: np.ndarray, column: np.ndarray) -> np.ndarray:
    seen = np.isfinite(column)
    return np.linalg.lstsq(base[seen], column[seen], rcond=None)[0]


def _harmonics(days: pd.DatetimeIndex) -> np.ndarray:
    angle = 2 * np.pi * days.day_of_year.to_numpy() / _YEAR
    return np.column_stack([np.ones_like(angle), np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)])


def _correlation(anomalies: np.ndarray, apart: int) -> np.ndarray:
    early, late = anomalies[: len(anomalies) - apart], anomalies[apart:]
    return np.nanmean(early * late, axis=0) * 0.98**apart if len(early) else np.zeros(anomalies.shape[1])


def _verified(first: Product, seen: np.ndarray, days: pd.DatetimeIndex, issues: pd.DataFrame, worth: float) -> Product:
    """The product with the covariances of its verified errors, the assumption counting ``worth`` issues."""
    told = as_array(first, issues, days)
    leads = len(first.along)
    came = np.stack([_later(seen, lead) for lead in range(1, leads + 1)], axis=1)
    error = told - came
    whole = np.isfinite(error).all(axis=(1, 2))
    n = int(whole.sum())
    if not n:
        return first
    bias = error[whole].sum(axis=(0, 1)) / ((n + 2 * worth) * leads)
    error = error - bias
    each = np.einsum("nlk,nmk->klm", error[whole], error[whole])
    along = (worth * first.along + each.mean(axis=0)) / (worth + n)
    own = np.trace(each, axis1=1, axis2=2) / np.trace(along)
    factor = (worth + own) / (worth + n)
    both = np.isfinite(error).all(axis=2)[1:, :-1] & np.isfinite(error).all(axis=2)[:-1, 1:]
    product = (error[1:, :-1] * error[:-1, 1:] / factor)[both].sum()
    expected = (np.diag(along, 1)[None, :, None] * both[:, :, None] * np.ones(len(factor))).sum()
    weight = worth * np.diag(along, 1).sum() * len(factor)
    between = float(np.clip((first.between * weight + product) / (weight + expected), 0, 0.98))
    return replace(first, along=along, factor=factor, bias=bias, between=between)


def _later(values: np.ndarray, lead: int) -> np.ndarray:
    out = np.full_like(values, np.nan)
    out[: len(values) - lead] = values[lead:]
    return out


def as_array(product: Product, issues: pd.DataFrame, days: pd.DatetimeIndex) -> np.ndarray:
    """Anomalies that the issues of each day tell, (days, leads, columns); NaN where there is none."""
    leads = len(product.along)
    out = np.full((len(days), leads, len(product.columns)), np.nan)
    issued, of = (issues.index.get_level_values(level) for level in (0, 1))
    lead, row = (of - issued).days.to_numpy(), days.get_indexer(issued)
    fits = (row >= 0) & (lead <= leads)
    told = product.anomaly(issues[product.columns].to_numpy(float)[fits], of[fits])
    out[row[fits], lead[fits] - 1] = told
    return out


def simulated(product: Product, anomalies: np.ndarray, seed: int) -> np.ndarray:
    """Issues as the product would have made them, (days, leads, columns): seen weather and errors.

    Parameters
    ----------
    anomalies : array (days, k)
        Observed.
    """
    leads = len(product.along)
    shape = (len(anomalies), leads, anomalies.shape[1])
    noise = np.random.default_rng(seed).normal(size=shape)
    root = np.linalg.cholesky(product.along + _NUGGET * np.eye(leads))
    fresh = np.einsum("lm,nmk->nlk", root, noise) * np.sqrt(product.factor)
    error = np.empty(shape)
    kept = product.between
    for day in range(len(anomalies)):
        before = error[day - 1] if day else fresh[0]
        error[day] = kept * before + np.sqrt(1 - kept**2) * fresh[day]
    return np.stack([_later(anomalies, lead) for lead in range(1, leads + 1)], axis=1) + error + product.bias


def combined(product: Product, anomalies: np.ndarray, told: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The best estimate of the coming days' anomalies at some origins.

    Parameters
    ----------
    anomalies : array (days, k)
        Observed; only what lies at or before an origin is used for it.
    told : array (days, leads, k)
        Issues of each day, NaN where there is none; only those up to the origin are used.
    rows : array (n,) of int
        Origins as places in the days.

    Returns
    -------
    array (n, leads, k)
    """
    leads = told.shape[1]
    facts = _facts(product, anomalies, told, rows)
    out = np.empty((len(rows), leads, told.shape[2]))
    for k in range(told.shape[2]):
        known = np.isfinite(facts[:, :, k])
        for pattern in np.unique(known, axis=0):
            chosen = (known == pattern).all(axis=1)
            weight = _weights(product, k, pattern)
            out[chosen, :, k] = facts[chosen][:, pattern, k] @ weight.T
    return out


def _facts(product: Product, anomalies: np.ndarray, told: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What is known at each origin, (n, facts, k): the last days' weather, then the issues of the last days.

    An issue's word on a day that is seen by now counts as its error.
    """
    leads = told.shape[1]
    seen = [_earlier(anomalies, rows, back) for back in range(_SEEN)]
    for age, lead in _told(leads):
        value = _earlier(told[:, lead - 1], rows, age) - product.bias
        seen.append(value if lead > age else value - _earlier(anomalies, rows, age - lead))
    return np.stack(seen, axis=1)


def _earlier(values: np.ndarray, rows: np.ndarray, back: int) -> np.ndarray:
    places = rows - back
    return np.where((places >= 0)[:, None], values[np.maximum(places, 0)], np.nan)


def _told(leads: int) -> list[tuple[int, int]]:
    """(age of the issue in days, lead of what it tells), all that a week's issues hold."""
    return [(age, lead) for age in range(leads) for lead in range(1, leads + 1)]


def _weights(product: Product, k: int, pattern: np.ndarray) -> np.ndarray:
    """Weights (leads, known facts) of one column: covariance with the days to come, over the facts' own."""
    leads = len(product.along)
    told = _told(leads)
    age, lead = np.array(told).T
    day = np.concatenate([-np.arange(_SEEN), lead - age])  # 0 is the origin
    coming = np.arange(1, leads + 1)
    climate = product.memory[:, k]
    of_weather = np.concatenate([np.ones(_SEEN, bool), lead > age])  # an error alone says nothing of the weather itself
    truth = _at(climate, np.abs(day[:, None] - day)) * of_weather * of_weather[:, None]
    error = product.factor[k] * product.along[lead[:, None] - 1, lead - 1]
    error = error * product.between ** np.abs(age[:, None] - age)
    total = truth.copy()
    total[_SEEN:, _SEEN:] += error
    total += _NUGGET * np.eye(len(total))
    cross = _at(climate, np.abs(coming[:, None] - day)) * of_weather
    chosen = np.flatnonzero(pattern)
    if not len(chosen):
        return np.zeros((leads, 0))
    return np.linalg.solve(total[np.ix_(chosen, chosen)] + _NUGGET * np.eye(len(chosen)), cross[:, chosen].T).T


def _at(memory: np.ndarray, apart: np.ndarray) -> np.ndarray:
    return np.where(apart < len(memory), memory[np.minimum(apart, len(memory) - 1)], 0.0)
