"""Fitting the models of the air (训练), outside the issues: once a week.

Two sets of models are made of each item: one that knows all days, for the issues to come; and one that does not know
the last ones, whose forecasts of these days give weights and intervals, and the issues that are made afterwards.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import (
    boosted,
    coming,
    day_features,
    day_models,
    day_weather,
    days,
    hour_features,
    hours,
    models,
    panel,
    series_members,
)
from shuzhi.research.forecast.boosted import Trees
from shuzhi.research.forecast.day_weather import DayWeather
from shuzhi.research.forecast.models import Models, Trials
from shuzhi.research.forecast.panel import Panel
from shuzhi.research.forecast.sections import fit_sections
from shuzhi.settings import BEIJING
from shuzhi.status import air
from shuzhi.store import Home, Scope

CASES = 160_000
"""Cases that the trees of an item learn from."""
LEAST_DAYS = 45
"""Fewer days are too little to learn from."""
DAY_TRIALS, HOUR_TRIALS = 150, 40
"""Last days that the trials do not know, at most; a third of what there is if that is less."""
HOUR_HISTORY = 300
"""Days of hours that are learnt from."""
BLIND = 0.12
"""Share of the cases without the coming weather, so that the trees know how to do without."""
_ORIGINS = 600
_OF_ORIGIN = 12  # cases of an hour and place: more are too alike
_WORKERS = 2


def fit(home: Home, scope: Scope, as_of: pd.Timestamp, progress: Progress = silent) -> Models:
    """Fit and store all models on what is known at an instant.

    Parameters
    ----------
    as_of : tz-aware Timestamp
        The whole hour before it is meant.
    progress : Progress

    Returns
    -------
    Models
    """
    begun, as_of = time.monotonic(), as_of.floor("h")
    progress(0, 0, "reading")
    daily = panel.daily(home, scope, as_of)
    hourly = panel.hourly(home, scope, as_of, HOUR_HISTORY)
    weather = coming.read(home, scope, first_hour(daily), as_of)
    learnt = _air(home, scope, daily, hourly, weather, progress)
    series = _with_series(daily, learnt.trials, progress)
    parts = learnt.parts | {models.SECTIONS: fit_sections(home, scope, as_of, progress)}
    facts = {
        "version": f"{as_of.tz_convert(BEIJING):%Y-%m-%dT%H}",
        "trained_until": as_of.tz_convert("UTC").isoformat(),
        "made_at": pd.Timestamp.now(tz="UTC").isoformat(),
        "weather": weather.product,
        "grains": sorted({grain for grain, _ in learnt.trees}),
        "series": series,
        "seconds": round(time.monotonic() - begun, 1),
    }
    return models.store(home, facts, learnt.trees, learnt.trials, parts)


def first_hour(daily: Panel) -> pd.Timestamp:
    """End of the first hour of a panel of days."""
    return daily.ends(np.array([-1]))[0] + pd.Timedelta(hours=1)


@dataclass(frozen=True)
class _Learnt:
    """What is stored of the air: trees by grain and item, trials by grain, and what else `models.Models.part` gives."""

    trees: dict[tuple[str, str], Trees]
    trials: dict[str, Trials]
    parts: dict[str, object]


def _air(home: Home, scope: Scope, daily: Panel, hourly: Panel, weather, progress: Progress) -> _Learnt:
    works: dict[tuple[str, int], Callable] = {}
    products = {}
    if len(daily.times) >= LEAST_DAYS:
        beside = day_features.near(air.stations(home, scope, home.city), daily)
        raw = day_weather.of_issues(daily, weather, len(days.LEADS))
        products = {known: day_weather.learn(daily, raw, known) for known in (len(daily.times), _unknown(daily))}
        seen = [day_weather.together(daily, raw, product) for product in products.values()]
        works |= {("day", k): lambda k=k: _days(daily, k, *seen, beside) for k in range(len(daily.items))}
    if len(hourly.times) >= 24 * LEAST_DAYS:
        works |= {("hour", k): lambda k=k: _hours(hourly, k, weather) for k in range(len(hourly.items))}
    found = _worked(works, progress)
    panels = {"day": daily, "hour": hourly}
    learnt = {(grain, panels[grain].items[k]): one for (grain, k), (one, _, _) in found.items() if one is not None}
    of_days = {item: one for (grain, item), one in learnt.items() if grain == "day"}
    return _Learnt(
        learnt | {("day", item): one.trees for item, one in of_days.items()},
        {grain: _together(panels[grain], grain, found) for grain in sorted({grain for grain, _ in found})},
        {
            models.RIDGES: {item: (one.ridge, one.blind) for item, one in of_days.items()},
            models.PRODUCT: products.get(len(daily.times)),
        },
    )


def _worked(works: dict, progress: Progress) -> dict:
    found = {}
    with ThreadPoolExecutor(_WORKERS) as pool:
        asked = {pool.submit(work): key for key, work in works.items()}
        progress(0, len(asked), "trees")
        for future in as_completed(asked):
            found[asked[future]] = future.result()
            progress(len(found), len(asked), "trees")
    return found


def _places(daily: Panel, random: np.random.Generator, count: int) -> np.ndarray:
    """Places of cases, half of them districts and the city: many look at these, and they tell with less noise."""
    coarse = (daily.places["level"] != "station").to_numpy()
    kinds = [rows for rows in (np.flatnonzero(coarse), np.flatnonzero(~coarse)) if len(rows)]
    drawn = np.stack([random.choice(kind, count) for kind in kinds])
    return drawn[random.integers(0, len(kinds), count), np.arange(count)]


def _together(one: Panel, grain: str, found: dict) -> Trials:
    told = [found[grain, k][2] for k in range(len(one.items))]
    origins = found[grain, 0][1]
    shape = next((values.shape for by_name in told for values in by_name.values()), (len(origins), 0, len(one.places)))
    nothing = np.full(shape, np.nan, dtype=np.float32)
    names = dict.fromkeys(name for by_name in told for name in by_name)
    forecasts = {name: np.stack([by_name.get(name, nothing) for by_name in told], axis=-1) for name in names}
    return Trials(models.instants(one, origins), models.names(one), forecasts)


def _with_series(daily: Panel, trials: dict[str, Trials], progress: Progress) -> dict[str, list[float]]:
    """Add the trials of statistical models to those of the trees; their parameters."""
    if "day" not in trials:
        return {}
    fitted, found = series_members.fit(daily, _unknown(daily), len(days.LEADS), progress)
    trials["day"].forecasts.update(found)
    return fitted


def _unknown(daily: Panel) -> int:
    """First row of a panel of days that the trials do not know."""
    return len(daily.times) - min(DAY_TRIALS, len(daily.times) // 3)


def _days(daily: Panel, item: int, weather: DayWeather, early_weather: DayWeather, near: np.ndarray):
    """Models of an item of days; origins of the trials; what they said by name, arrays (origins, leads, P).

    The weather is once as known from all days, once from those that the trials know.
    """
    cases, unknown = _cases(daily, item), _unknown(daily)
    target = cases.origins + cases.leads
    came = daily.values[target, cases.places, item].astype(float)
    every = day_features.Features(daily, item, weather, near)
    early = day_features.Features(daily, item, early_weather, near)
    known = target < unknown
    origins = np.arange(unknown - 1, len(daily.times) - 1)  # the last one is for the models that know all
    trial = day_models.fit(early, cases.where(known), came[known], daily.items[item])
    learnt = day_models.fit(every, cases, came, daily.items[item]) if trial else None
    return learnt, origins, trial.forecasts(early, origins) if trial else {}


def _cases(daily: Panel, item: int) -> day_models.Cases:
    random, end, places = np.random.default_rng(item), len(daily.times), len(daily.places)
    parts = []
    for lead in days.LEADS:
        count = min(CASES // len(days.LEADS), 4 * (end - lead) * places)
        origins, blind = random.integers(0, end - lead, count), random.random(count) < BLIND
        parts.append((origins, _places(daily, random, count), np.full(count, lead), blind))
    return day_models.Cases(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _hours(hourly: Panel, item: int, weather):
    """Trees of an item of hours; origins of the trials; what they said by name, arrays (origins, leads, P)."""
    features = hour_features.Features(hourly, item, weather)
    random = np.random.default_rng(item)
    end, places = len(hourly.times), len(hourly.places)
    unknown = end - 24 * min(HOUR_TRIALS, end // 24 // 3)
    longest = int(hours.LEADS[-1])
    chosen = np.sort(random.choice(np.arange(24, end - longest), min(_ORIGINS, end - longest - 24), replace=False))
    tables, last, came, target = [], [], [], []
    for origin in chosen:
        count = min(CASES // len(chosen), _OF_ORIGIN * places)
        leads, at = random.integers(1, longest + 1, count), random.integers(0, places, count)
        tables.append(features.table(origin, leads, at, random.random() < BLIND))
        last.append(features.filled[origin, at])
        came.append(hourly.values[origin + leads, at, item])
        target.append(origin + leads)
    x, last, came, target = (np.concatenate(part) for part in (tables, last, came, target))
    known = target < unknown
    learnt = [boosted.fit(x[rows], last[rows], came[rows], boosted.HOUR) for rows in (target >= 0, known)]
    origins = np.arange(unknown - 1, end)
    origins = origins[np.isin(hourly.times[origins].hour, hours.CLOCK)]
    return learnt[0], origins, {day_models.TREES: hours.by_trees(learnt[1], features, origins)}
