"""What an issue tells of the air: members mixed, rated, with how sure it is, as rows.

Weights, intervals and probabilities come from the members' forecasts of earlier origins that had come true. Errors are
taken relative to a power of the forecast, as large values are missed by more than small ones. Where those of late were
larger than those of the whole time, all are widened so much: seasons change, and errors of summer say too little of
those of autumn (in a simulated autumn 90 % bands of PM2.5 held 71 % on day 4 without either, and 91 % with both).

The AQI is that of the items' forecasts. Its bands and levels come from what it would have been had all items been
missed as on each earlier day: errors of its own, of days that another pollutant decided, tell too little of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from shuzhi.research.forecast import ensemble, naive
from shuzhi.research.forecast.intervals import BREAKPOINTS, LEAST
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.panel import Panel, rated
from shuzhi.research.forecast.scores import PROBABILITIES

Members = Callable[[int], dict[str, np.ndarray]]
"""Number of an item → forecasts by model, arrays (origins, leads, P)."""

SHARES = (50, 90)
POWERS = {"o3": 0.5, "o3_8h": 0.5}
"""Of the forecast that errors go with, where it is not in proportion."""
WIDEST = 2.0
"""Errors are widened to so many times themselves at most."""
_LATE = 4  # the last of so many parts of the time is "of late"
_LEAST_LATE = 10
_SMALLEST = 0.05


@dataclass(frozen=True)
class Cast:
    """Forecasts of one model.

    Attributes
    ----------
    columns : int array (C,)
        Places of the panel.
    now : array (leads, C, items)
    past : array (n, leads, C, items)
        Of the earlier origins.
    """

    columns: np.ndarray
    now: np.ndarray
    past: np.ndarray


def rows(
    panel: Panel, origins: np.ndarray, leads: np.ndarray, members: Members, everywhere: bool = True
) -> pd.DataFrame:
    """The forecast of the last of the origins, as rows of the lake table ``forecast``.

    Parameters
    ----------
    panel : Panel
        Ending at the last origin.
    origins : int array (n + 1,)
        Rows of the panel: earlier ones, and the one that is told.
    leads : int array
    members : Members
    everywhere : bool
        Whether each model is told of each place; else of stations the mixture alone.
    """
    casts = _casts(panel, origins, leads, members, everywhere)
    found = pd.concat([_rows(panel, origins, leads, name, cast) for name, cast in casts.items()], ignore_index=True)
    return found[found["value"].notna()]


def _casts(panel: Panel, origins, leads, members: Members, everywhere: bool) -> dict[str, Cast]:
    found: dict[str, list[np.ndarray]] = {}
    for item in range(len(panel.items)):
        one = members(item)
        mixture = mixed(panel, origins, leads, one, item)
        for name, forecast in (one | {TOLD: mixture}).items():
            whole = everywhere or name == TOLD
            found.setdefault(name, []).append(forecast if whole else forecast[:, :, panel.columns("city")])
    casts = {name: _cast(panel, np.stack(parts, axis=-1)) for name, parts in found.items()}
    return {name: cast for name, cast in casts.items() if len(cast.columns)}


def _cast(panel: Panel, forecasts: np.ndarray) -> Cast:
    """Forecasts (origins, leads, places, items) of the places that have any now."""
    columns = np.arange(len(panel.places)) if forecasts.shape[2] == len(panel.places) else panel.columns("city")
    there = np.isfinite(forecasts[-1]).any(axis=(0, 2))
    every = np.maximum(forecasts[:, :, there], 0)
    return Cast(columns[there], every[-1], every[:-1])


def mixed(panel: Panel, origins, leads, members: dict[str, np.ndarray], item: int) -> np.ndarray:
    """The members mixed by what each was worth at its level and lead, array (origins, leads, P)."""
    stack = np.stack(list(members.values()), axis=-1)
    out = np.full(stack.shape[:3], np.nan, dtype=np.float32)
    for level, weight in shares(panel, origins, leads, members, item).items():
        columns = panel.columns(level)
        for at in range(len(leads)):
            part = stack[:, at, columns]
            flat = ensemble.combined(part.reshape(-1, part.shape[-1]), weight[at])
            out[:, at, columns] = flat.reshape(part.shape[:-1])
    return out


def shares(panel: Panel, origins, leads, members: dict[str, np.ndarray], item: int) -> dict[str, np.ndarray]:
    """Weights of the members by level, arrays (leads, members): of the origins but the last, whose forecast is told."""
    came = naive.truth(panel.values[:, :, item], origins[:-1], leads)
    floors = naive.DAY_FLOORS if panel.grain == "day" else naive.HOUR_FLOORS
    names = list(members)
    stack = np.stack([forecast[:-1] for forecast in members.values()], axis=-1)
    out = {}
    for level in panel.places["level"].unique():
        columns = panel.columns(level)
        errors = stack[:, :, columns] - came[:, :, columns, None]
        by_lead = [errors[:, at].reshape(-1, len(names)) for at in range(len(leads))]
        naive_errors = [error[:, [names.index(floor) for floor in floors]] for error in by_lead]
        out[level] = np.stack(
            [ensemble.weights(error, _best(floor)) for error, floor in zip(by_lead, naive_errors, strict=True)]
        )
    return out


def _best(errors: np.ndarray) -> np.ndarray | None:
    """Errors of the floor with the smallest."""
    known = np.isfinite(errors)
    n = known.sum(axis=0)
    if not n.any():
        return None
    mean = np.where(known, np.abs(errors), 0).sum(axis=0) / np.maximum(n, 1)
    return errors[:, np.where(n > 0, mean, np.inf).argmin()]


def _rows(panel: Panel, origins, leads, name: str, cast: Cast) -> pd.DataFrame:
    """Rows of one model: six items and the AQI."""
    came = naive.truth(panel.values.reshape(len(panel.values), -1), origins[:-1], leads)
    came = came.reshape(*came.shape[:2], *panel.values.shape[1:])[:, :, cast.columns]
    errors = [
        _errors(panel, cast, came[..., at], cast.past[..., at], item) * scale(cast.now[:, :, at], item)
        for at, item in enumerate(panel.items)
    ]
    parts = [
        _frame(panel, leads, cast, name, item, cast.now[:, :, at], errors[at]) for at, item in enumerate(panel.items)
    ]
    return pd.concat(
        [*parts, _aqi_rows(panel, origins, leads, name, cast, np.stack(errors, axis=-1))], ignore_index=True
    )


def _aqi_rows(panel: Panel, origins, leads, name: str, cast: Cast, errors: np.ndarray) -> pd.DataFrame:
    """Rows of the AQI: that of the items' forecasts; around it those of what came when all were missed as before."""
    now, primary = rated(panel, origins[-1] + leads, cast.now)
    apart = _missed(panel, origins[-1] + leads, cast.now, errors) - now
    table = _frame(panel, leads, cast, name, "aqi", now, apart)
    chances = probabilities(now, apart)
    table[PROBABILITIES] = chances.reshape(-1, chances.shape[-1])
    return table.assign(primary=np.where(np.isfinite(now), primary, None).ravel())


def _missed(panel: Panel, rows: np.ndarray, now: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """AQI of forecasts (leads, C, items) with each of the past errors (n, leads, C, items) of a day together."""
    values = np.maximum(now + errors, 0)
    whole = (np.isfinite(values) | ~np.isfinite(now)).all(axis=-1)
    aqi = rated(panel, np.tile(rows, len(errors)), values.reshape(-1, *now.shape[1:]))[0]
    return np.where(whole, aqi.reshape(errors.shape[:-1]), np.nan)


def _frame(panel: Panel, leads, cast: Cast, name: str, item: str, now: np.ndarray, errors) -> pd.DataFrame:
    """Rows by lead and place; past errors (n, leads, C) in the unit of the item."""
    shape = now.shape
    places = panel.places.iloc[cast.columns]
    table = {
        "kind": "air",
        "grain": panel.grain,
        "level": np.tile(places["level"].to_numpy(object), shape[0]),
        "place": np.tile(places["place"].to_numpy(object), shape[0]),
        "item": item,
        "model": name,
        "lead": np.repeat(leads, shape[1]),
        "time": panel.targets(leads).repeat(shape[1]),
        "value": now.ravel(),
    }
    for share in SHARES:
        for side, bound in zip(("lower", "upper"), bounds(panel, cast, now, errors, share), strict=True):
            table[f"{side}{share}"] = bound.ravel()
    return pd.DataFrame(table)


def _errors(panel: Panel, cast: Cast, came: np.ndarray, past: np.ndarray, item: str) -> np.ndarray:
    """Relative errors (n, leads, C), widened."""
    errors = (came - past) / scale(past, item)
    return errors * widening(errors, panel.places["level"].to_numpy(object)[cast.columns])


def scale(forecast: np.ndarray, item: str) -> np.ndarray:
    """What errors of a forecast are relative to."""
    return np.maximum(forecast, _SMALLEST) ** POWERS.get(item, 1.0)


def widening(errors: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """How much larger the errors of late are than all, array (leads, C) of 1 … ``WIDEST``.

    Parameters
    ----------
    errors : array (n, leads, C)
        In the order of time.
    groups : array (C,)
        Places that are taken together.
    """
    out = np.ones(errors.shape[1:])
    late = max(len(errors) // _LATE, _LEAST_LATE)
    for group in pd.unique(groups):
        columns = groups == group
        size = np.abs(errors[:, :, columns])
        for lead in range(errors.shape[1]):
            known = size[np.isfinite(size[:, lead]).any(axis=1), lead]
            if len(known) > late and (all_time := np.nanmean(known)) > 0:
                out[lead, columns] = np.clip(np.nanmean(known[-late:]) / all_time, 1, WIDEST)
    return out


def bounds(panel: Panel, cast: Cast, now: np.ndarray, errors: np.ndarray, share: int) -> tuple[np.ndarray, np.ndarray]:
    """Conformal bounds, each (leads, C).

    Parameters
    ----------
    now : array (leads, C)
    errors : array (n, leads, C)
        Of such forecasts, in their unit. A place with fewer than ``LEAST`` of its own takes those of its level, or of
        all places.
    share : int
        Per cent of the days that they shall hold.
    """
    tail = (1 - share / 100) / 2
    level = panel.places["level"].to_numpy(object)[cast.columns]
    low, high = quantile(errors, tail, level), quantile(errors, 1 - tail, level)
    return np.maximum(now + low, 0), np.maximum(now + high, 0)


def quantile(errors: np.ndarray, share: float, groups: np.ndarray) -> np.ndarray:
    """Quantile of past errors for the next one, by lead and place; the rule of `intervals.quantile`.

    Parameters
    ----------
    errors : array (n, leads, C)
    groups : array (C,)
        Places that help each other out.

    Returns
    -------
    array (leads, C)
    """
    if share < 0.5:
        return -quantile(-errors, 1 - share, groups)
    found, n = _ranked(errors, share)
    for group in pd.unique(groups):
        columns = groups == group
        few = columns & (n < LEAST).any(axis=0)
        if few.any():
            found[:, few] = _together(errors[:, :, columns], errors, share)
    return found


def _together(alike: np.ndarray, every: np.ndarray, share: float) -> np.ndarray:
    """Quantile of the errors of several places by lead, array (leads, 1): of those alike, else of all."""
    for errors in (alike, every):
        pooled = errors.transpose(0, 2, 1).reshape(-1, errors.shape[1], 1)
        found, n = _ranked(pooled, share)
        if (n >= LEAST).all():
            return found
    return np.where(n >= LEAST, found, np.nan)


def _ranked(errors: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    n = np.isfinite(errors).sum(axis=0)
    if not len(errors):
        return np.full(errors.shape[1:], np.nan), n
    rank = np.clip(np.ceil(share * (n + 1) - 1e-9).astype(int), 1, np.maximum(n, 1)) - 1
    return np.take_along_axis(np.sort(errors, axis=0), rank[None], axis=0)[0], n


def probabilities(now: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Probability of each level, array (leads, C, 6); the rule of `intervals.probabilities`.

    Parameters
    ----------
    now : array (leads, C)
        AQI.
    errors : array (n, leads, C)
        Of such forecasts, in the AQI.
    """
    known = np.isfinite(errors)
    n = known.sum(axis=0)
    apart = np.where(known, errors, 0)
    mean = apart.sum(axis=0) / np.maximum(n, 1)
    spread = np.sqrt((np.where(known, apart - mean, 0) ** 2).sum(axis=0) / np.maximum(n, 1))
    width = np.maximum(spread * np.maximum(n, 1) ** -0.2, 1e-9)  # Scott 1992
    below = [np.zeros(now.shape)]
    for bound in BREAKPOINTS:
        chance = np.where(known, ndtr((bound + 0.5 - now - apart) / width), 0).sum(axis=0)
        below.append(chance / np.maximum(n, 1))
    chances = np.diff(np.stack([*below, np.ones(now.shape)], axis=-1), axis=-1).clip(0)
    return np.where(((n > 0) & np.isfinite(now))[:, :, None], chances, np.nan)
