"""The daily forecast of a city's AQI, one to seven days ahead: members, their mixture, its uncertainty.

A *hindcast* is what the models would have said on each day: refitted on set days, each time on what was known before.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import yaml

from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import design, ensemble, intervals, path, product
from shuzhi.research.forecast.city_series import WEATHER, CitySeries
from shuzhi.research.forecast.linear import Linear
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.research.forecast.trees import Boosted
from shuzhi.settings import DATA

MODES = ("none", "degraded", "observed")
"""Weather of the coming days: not known; as a product forecasts it; as it came (an upper bound)."""

_KINDS = {"boosted": Boosted, "boosted_median": Boosted, "ridge": Linear}
_YEAR = 365.25


@lru_cache
def settings() -> dict:
    """The table ``data/forecast/daily.yaml``."""
    return yaml.safe_load((DATA / "forecast" / "daily.yaml").read_text(encoding="utf-8"))


def target(values: pd.Series) -> pd.Series:
    """What came, by (lead, origin), of a daily series."""
    leads = range(1, settings()["leads"] + 1)
    return pd.concat([values.shift(-lead) for lead in leads], keys=leads, names=["lead_", "origin"])


def hindcast(
    series: CitySeries,
    mode: str,
    refits: list[pd.Timestamp],
    end: pd.Timestamp,
    issues: pd.DataFrame | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """What each member would have said on each day.

    Parameters
    ----------
    series : CitySeries
    mode : str
        One of ``MODES``.
    refits : list of Timestamp
        First origins of the spans; the models of a span know the targets before its first day.
    end : Timestamp
        Last origin.
    issues : DataFrame, optional
        Of a weather product, for "degraded". Before its first issue they are simulated from the weather that came; an
        origin after that without an issue of its own is forecast without weather.
    progress : Progress

    Returns
    -------
    DataFrame
        Indexed by (lead, origin), a column a member.
    """
    spans = list(zip(refits, [*refits[1:], end + pd.Timedelta(days=1)], strict=True))
    found = []
    for k, (first, after) in enumerate(spans):
        progress(k, len(spans), f"{first:%Y-%m-%d}")
        found += _span(series, mode, first, after, issues)
    progress(len(spans), len(spans), "")
    return pd.concat(found).sort_index()


def _span(series: CitySeries, mode: str, first: pd.Timestamp, after: pd.Timestamp, issues) -> list[pd.DataFrame]:
    """Forecasts of the origins of one span, from models of what was known on its first day."""
    days = series.air.index
    origins = days[(days >= first) & (days < after)]
    blind = without_issue(origins, issues) if mode == "degraded" else origins[:0]
    parts = [(mode, origins.difference(blind)), ("none", blind)]
    return [_fitted(series, kind, first, rows, issues) for kind, rows in parts if len(rows)]


def without_issue(origins: pd.DatetimeIndex, issues: pd.DataFrame) -> pd.DatetimeIndex:
    """Origins since the product began that have no issue of it."""
    issued = issues.index.get_level_values(0).unique()
    return origins[(origins >= issued.min()) & ~origins.isin(issued)]


def _fitted(series: CitySeries, mode: str, first: pd.Timestamp, origins: pd.DatetimeIndex, issues) -> pd.DataFrame:
    known = _known(series, mode)
    learning, asked = _coming(series, mode, first, origins, issues)
    leads = settings()["leads"]
    past = known.index < first
    x = design.pooled(known[past], leads, *learning(past))
    y = target(series.air["aqi"]).reindex(x.index).to_numpy(float)
    lead, day = (x.index.get_level_values(level) for level in (0, 1))
    done = (day + pd.to_timedelta(lead, unit="D") < first) & np.isfinite(y)
    rows = known.index.isin(origins)
    now = design.pooled(known[rows], leads, *asked(rows))
    out = {name: member.fit(x[done], y[done]).predict(now) for name, member in members().items()}
    return pd.DataFrame(out, index=now.index)


def members() -> dict:
    """New models by name."""
    return {name: _KINDS[name](values) for name, values in settings()["members"].items()}


def _known(series: CitySeries, mode: str) -> pd.DataFrame:
    air = design.of_air(series.air)
    return air if mode == "none" else air.join(design.of_weather(path.with_components(series.weather)))


def _coming(series: CitySeries, mode: str, first: pd.Timestamp, origins: pd.DatetimeIndex, issues):
    """The coming weather to learn from and that of the origins asked for: functions of the rows chosen, which give the
    last arguments of `design.pooled`."""
    if mode == "none":
        return (lambda rows: ()), (lambda rows: ())
    if mode == "observed":
        weather = path.with_components(series.weather)
        came = path.ahead(weather, weather.index, settings()["leads"])
        return (lambda rows: (came[rows], list(weather))), (lambda rows: (came[rows], list(weather)))
    return _of_product(series, first, origins, issues)


@dataclass(frozen=True)
class _Issued:
    """A product's issues with the weather in its terms."""

    product: product.Product
    days: pd.DatetimeIndex
    anomalies: np.ndarray

    def path(self, told: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """The coming weather of the origins ``rows`` (bool, days), from issues (days, leads, k)."""
        places = np.flatnonzero(rows)
        best = product.combined(self.product, self.anomalies, told, places)
        tables = []
        for lead in range(1, told.shape[1] + 1):
            days = self.days[places] + pd.Timedelta(days=lead)
            weather = self.product.weather(best[:, lead - 1], days)
            tables.append(path.with_components(pd.DataFrame(weather, days, self.product.columns)))
        return np.stack([table.to_numpy(float) for table in tables], axis=1), list(tables[0])


def _of_product(series: CitySeries, first: pd.Timestamp, origins: pd.DatetimeIndex, issues: pd.DataFrame):
    weather, table = series.weather, settings()["product"]
    seen = weather[weather.index < first].count()
    columns = [name for name in issues if seen.get(name, 0) > 0]
    begun = issues.index.get_level_values(0).min()
    verified = issues[issues.index.get_level_values(0) < first]
    known = product.learn(weather[weather.index < first], verified, columns, table, settings()["leads"], WEATHER)
    days = weather.index
    issued = _Issued(known, days, known.anomaly(weather[columns].to_numpy(float), days))
    real = product.as_array(known, issues, days)
    simulated = product.simulated(known, issued.anomalies, seed=0)
    mixed = np.where(np.isfinite(real).any(axis=(1, 2))[:, None, None], real, simulated)
    asked = simulated if origins.max() < begun else real  # what came later must not be guessed from simulated issues
    return (lambda rows: issued.path(mixed, rows)), (lambda rows: issued.path(asked, rows))


def told(found: pd.DataFrame, series: CitySeries, origins: pd.DatetimeIndex) -> pd.DataFrame:
    """The mixture of the members and its uncertainty, from what was verified by each origin.

    Parameters
    ----------
    found : DataFrame
        Members' forecasts as from `hindcast`, beginning some time before the first of the origins.
    series : CitySeries
    origins : DatetimeIndex
        In rising order.

    Returns
    -------
    DataFrame
        Indexed by (lead, origin): forecast, lower50, upper50, lower90, upper90, p1 … p6.
    """
    came = target(series.air["aqi"]).reindex(found.index)
    floor = pd.Series(np.tile(series.air["aqi"].ffill(), settings()["leads"]), target(series.aqi).index)
    mixed = _mixed(found, came, floor.reindex(found.index))
    return _uncertain(mixed, came, origins)


def _mixed(found: pd.DataFrame, came: pd.Series, floor: pd.Series) -> pd.Series:
    """Members mixed at each origin, with weights from the forecasts of that lead that had come true, then drawn after
    the errors of the last months."""
    parts = [_of_lead(lead, table, came[lead], floor[lead]) for lead, table in found.groupby(level=0)]
    return pd.concat(parts)


def _of_lead(lead: int, table: pd.DataFrame, came: pd.Series, floor: pd.Series) -> pd.Series:
    rule, drift = settings()["weights"], settings()["drift"]
    days, values, observed, naive = table.index.get_level_values(1), table.to_numpy(), came.to_numpy(), floor.to_numpy()
    mixed, missed = np.empty(len(days)), np.full(len(days), np.nan)
    for k, day in enumerate(days):
        age = (day - days[: k + 1]).days - lead
        done = (age >= 0) & (age < rule["days"])
        error, naive_error = values[: k + 1][done] - observed[: k + 1][done, None], (naive - observed)[: k + 1][done]
        weight = ensemble.weights(error, naive_error, rule["power"], rule["shrinkage"])
        mixed[k] = ensemble.combined(values[[k]], weight)[0] if weight.any() else naive[k]
        missed[k] = np.log(observed[k] / mixed[k])
        recent = missed[: k + 1][(age >= 0) & (age < drift["days"])]
        recent = recent[np.isfinite(recent)]
        if len(recent) >= intervals.LEAST:
            mixed[k] *= np.exp(drift["share"] * np.median(recent))
    return pd.Series(mixed, table.index)


def _uncertain(mixed: pd.Series, came: pd.Series, origins: pd.DatetimeIndex) -> pd.DataFrame:
    """Bands and probabilities, origin after origin, each from the errors and the coverage known by then."""
    cases = pd.DataFrame({"lead": mixed.index.get_level_values(0), "origin": mixed.index.get_level_values(1)})
    cases["target"] = cases["origin"] + pd.to_timedelta(cases["lead"], unit="D")
    cases["log"], cases["season"] = np.log(mixed.to_numpy()), cases["target"].dt.day_of_year
    cases["error"] = np.log(came.to_numpy()) - cases["log"]
    past = _Past(cases, settings()["intervals"])
    cases = cases[cases["origin"] <= origins.max()].sort_values(["origin", "lead"])
    bands = {row.Index: past.band(row) for row in cases.itertuples()}
    asked = cases.index[cases["origin"].isin(origins)].sort_values()
    table = pd.DataFrame([bands[row] for row in asked], index=mixed.index[asked])
    return table.assign(forecast=mixed.iloc[asked])


class _Past:
    """What had come true, as arrays in the order of the target days, and the coverage got from it so far."""

    def __init__(self, cases: pd.DataFrame, rule: dict):
        done = cases[np.isfinite(cases["error"])].sort_values("target")
        self._lead, self._log, self._season, self._error = (
            done[name].to_numpy() for name in ("lead", "log", "season", "error")
        )
        self._target = done["target"].to_numpy()
        self._rule, self._place = rule, {row: place for place, row in enumerate(done.index)}
        self._told = {share: np.full((len(done), 2), np.nan) for share in (50, 90)}
        self._coverage = {share: intervals.Adaptive(share / 100, rule["adaptation"]) for share in (50, 90)}
        self._day = None

    def band(self, row) -> dict:
        """Bounds and probabilities of one case (a row of the cases), in rising order of the origins."""
        if row.origin != self._day:
            self._day = row.origin
            self._learn()
        errors, weights = self._alike(row)
        centre, out = np.array([row.log]), {}
        for share, coverage in self._coverage.items():
            bounds = intervals.conformal(centre, errors, coverage.asked, weights=weights)
            bounds = [bound[0] for bound in bounds]
            if row.Index in self._place:
                self._told[share][self._place[row.Index]] = bounds
            out |= {f"lower{share}": np.exp(bounds[0]), f"upper{share}": np.exp(bounds[1])}
        value = np.exp(row.log)
        chances = intervals.probabilities(np.array([value]), value * np.expm1(errors), weights=weights)[0]
        return out | dict(zip(PROBABILITIES, chances, strict=True))

    def _learn(self) -> None:
        """Hold what was told for this day against what came."""
        day = np.datetime64(self._day)
        begins, ends = (np.searchsorted(self._target, day, side=side) for side in ("left", "right"))
        came = self._log[begins:ends] + self._error[begins:ends]
        for share, coverage in self._coverage.items():
            lower, upper = self._told[share][begins:ends].T
            told = np.isfinite(lower)
            coverage.learn(((lower <= came) & (came <= upper))[told])

    def _alike(self, row) -> tuple[np.ndarray, np.ndarray]:
        """Errors (of the logarithm) that had come true by the origin, with weights by how alike their case was."""
        rule, day = self._rule, np.datetime64(row.origin)
        ends = np.searchsorted(self._target, day, side="right")
        begins = np.searchsorted(self._target, day - np.timedelta64(rule["days"], "D"))
        near = begins + np.flatnonzero(np.abs(self._lead[begins:ends] - row.lead) <= 1)
        alike = intervals.likeness(row.log, self._log[near], rule["forecast_width"])
        alike = alike * intervals.likeness(row.season, self._season[near], rule["season_width"], _YEAR)
        age = (day - self._target[near]) / np.timedelta64(1, "D")
        return self._error[near], (rule["least_weight"] + alike) * 0.5 ** (age / rule["half_life"])
