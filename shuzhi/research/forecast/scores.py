"""How good forecasts were (检验): errors, levels, probabilities, polluted days.

Every function takes arrays of one length; a pair counts where both the forecast and what came exist. Shares are
fractions 0–1. A forecast AQI is rated as the whole number that would be published.

Source: HJ 1130-2020 (numerical forecast of air quality: level and range of the AQI); CNEMC's level ranges (王晓彦
2022); Epstein 1969 and Murphy 1971 for the ranked probability score.
"""

import numpy as np
import pandas as pd

from shuzhi.standards.aqi import EXCELLENT_UP_TO, GOOD_UP_TO
from shuzhi.standards.levels import level

LEVELS = 6
PROBABILITIES = [f"p{number}" for number in range(1, LEVELS + 1)]
"""Columns of the probabilities of the six levels."""

RANGE = 0.25
"""HJ 1130-2020: an AQI is right if it lies within ±25 % of the forecast."""


def summary(pairs: pd.DataFrame) -> dict:
    """All scores of one set of pairs.

    Parameters
    ----------
    pairs : DataFrame
        ``observed``, ``forecast`` (AQI or a concentration); what else is there is scored too: ``persistence`` and
        ``climatology`` (the floors' forecasts), ``lower50`` ``upper50`` ``lower90`` ``upper90``, ``p1`` … ``p6``
        (probabilities of the levels), ``primary`` and ``observed_primary`` (symbols joined by ";").

    Returns
    -------
    dict
        n, mae, bias, rmse, exact_level, range25, within_one, always_good (what always saying 优～良 would score),
        polluted (dict) and, where there are columns for it, mae_<floor>, skill_<floor>, coverage50, coverage90,
        width50, width90, two_level, rps, n_primary, primary_right. NaN for a mean of nothing.
    """
    pairs = pairs[pairs["observed"].notna() & pairs["forecast"].notna()]
    observed, forecast = pairs["observed"].to_numpy(float), pairs["forecast"].to_numpy(float)
    out = {"n": len(pairs)} | {f.__name__: f(forecast, observed) for f in (mae, bias, rmse, exact_level, range25)}
    out |= {"within_one": within_one(forecast, observed), "always_good": always(observed, 1)}
    out |= {"polluted": polluted_days(forecast, observed)}
    for floor in ("persistence", "climatology"):
        if floor in pairs:
            reference = mae(pairs[floor].to_numpy(float), observed)
            out |= {f"mae_{floor}": reference, f"skill_{floor}": skill(out["mae"], reference)}
    return out | _uncertainty(pairs, observed) | _primary(pairs, observed)


def _uncertainty(pairs: pd.DataFrame, observed: np.ndarray) -> dict:
    out = {}
    for share in (50, 90):
        if f"lower{share}" in pairs:
            lower, upper = pairs[f"lower{share}"].to_numpy(float), pairs[f"upper{share}"].to_numpy(float)
            out[f"coverage{share}"], out[f"width{share}"] = coverage(lower, upper, observed), _mean(upper - lower)
    if set(PROBABILITIES) <= set(pairs):
        chances = pairs[PROBABILITIES].to_numpy(float)
        out |= {"two_level": two_level(pairs["forecast"], chances, observed), "rps": rps(chances, level(observed))}
    return out


def _primary(pairs: pd.DataFrame, observed: np.ndarray) -> dict:
    if "primary" not in pairs or "observed_primary" not in pairs:
        return {}
    right = primary_right(pairs["primary"], pairs["observed_primary"], observed)
    return {"n_primary": len(right), "primary_right": _mean(right)}


def _mean(values) -> float:
    values = np.asarray(values, float)
    return float(np.nanmean(values)) if values.size and not np.isnan(values).all() else float("nan")


def mae(forecast, observed) -> float:
    """Mean absolute error, in the unit of the quantity."""
    return _mean(np.abs(np.asarray(forecast, float) - observed))


def bias(forecast, observed) -> float:
    """Mean of forecast − observed, in the unit of the quantity."""
    return _mean(np.asarray(forecast, float) - observed)


def rmse(forecast, observed) -> float:
    """Root of the mean squared error, in the unit of the quantity."""
    return float(np.sqrt(_mean((np.asarray(forecast, float) - observed) ** 2)))


def skill(mae_forecast: float, mae_reference: float) -> float:
    """1 − MAE / MAE of a reference: 0 as good as it, 1 perfect, below 0 worse."""
    return 1 - mae_forecast / mae_reference if mae_reference > 0 else float("nan")


def told_level(forecast) -> np.ndarray:
    """Level 1…6 of a forecast AQI, rated as a whole number as it is published; 0 none."""
    return level(np.rint(np.asarray(forecast, float)))


def exact_level(forecast, observed) -> float:
    """Share of days with the level that was forecast (HJ 1130 AQI 级别)."""
    return _mean(told_level(forecast) == level(observed))


def within_one(forecast, observed) -> float:
    """Share of days at most one level away. Climatology alone scores some 96 %: no proof of skill."""
    return _mean(np.abs(told_level(forecast).astype(int) - level(observed)) <= 1)


def range25(forecast, observed) -> float:
    """Share of days within ±25 % of the forecast (HJ 1130 AQI 范围)."""
    forecast = np.asarray(forecast, float)
    return _mean((forecast * (1 - RANGE) <= observed) & (observed <= forecast * (1 + RANGE)))


def level_pairs(probabilities, told) -> np.ndarray:
    """The lower of the two adjacent levels that are told: the level of the forecast and the likelier of its neighbours.

    Parameters
    ----------
    probabilities : array (n, 6)
        Of the levels 1…6.
    told : array (n,)
        Level of the forecast value; 0 where there is none, then the two that are likeliest together.

    Returns
    -------
    array (n,) of int
        1…5.
    """
    chances, told = np.asarray(probabilities, float), np.asarray(told)[:, None]
    low = np.arange(1, LEVELS)
    holds = (told == low) | (told == low + 1) | (told == 0)
    return np.where(holds, chances[:, :-1] + chances[:, 1:], -1).argmax(axis=1) + 1


def two_level(forecast, probabilities, observed) -> float:
    """Share of days whose level is one of the two adjacent levels that were told (级别范围); see `level_pairs`.

    Parameters
    ----------
    forecast, observed : array (n,)
        AQI.
    probabilities : array (n, 6)
        Of the levels 1…6.
    """
    low, came = level_pairs(probabilities, told_level(forecast)), level(observed)
    return _mean((came == low) | (came == low + 1))


def always(observed, low: int) -> float:
    """What always saying the levels ``low``～``low + 1`` would score (1: 优～良)."""
    came = level(observed)
    return _mean((came == low) | (came == low + 1))


def coverage(lower, upper, observed) -> float:
    """Share of days inside the interval, bounds included."""
    return _mean((np.asarray(lower, float) <= observed) & (observed <= np.asarray(upper, float)))


def rps(probabilities, came) -> float:
    """Mean ranked probability score of the levels, 0 (perfect) … 1.

    Parameters
    ----------
    probabilities : array (n, 6)
    came : array (n,) of int
        Level 1…6 that came.
    """
    chances = np.asarray(probabilities, float)
    happened = np.asarray(came)[:, None] <= np.arange(1, chances.shape[1] + 1)
    return _mean(((chances.cumsum(axis=1) - happened) ** 2).sum(axis=1) / (chances.shape[1] - 1))


def polluted_days(forecast, observed) -> dict:
    """Days with an AQI above 100 (污染日): hits, misses, false alarms, and the critical success index (TS, CSI)."""
    told, came = np.rint(np.asarray(forecast, float)) > GOOD_UP_TO, np.asarray(observed, float) > GOOD_UP_TO
    hits, misses, false = int((told & came).sum()), int((~told & came).sum()), int((told & ~came).sum())
    events = hits + misses + false
    return {"hits": hits, "misses": misses, "false_alarms": false, "csi": hits / events if events else float("nan")}


def primary_right(told, came, observed) -> np.ndarray:
    """Whether the primary pollutant was right, for the days with an observed AQI above 50.

    Parameters
    ----------
    told, came : sequences of str
        Symbols joined by ";" where several are the largest: right if one is common.
    observed : array (n,)
        AQI.

    Returns
    -------
    bool array
        One place for each day that has a primary pollutant.
    """
    rated = np.asarray(observed, float) > EXCELLENT_UP_TO
    pairs = zip(np.asarray(told, object)[rated], np.asarray(came, object)[rated], strict=True)
    return np.array([bool(set(str(a).split(";")) & set(str(b).split(";"))) for a, b in pairs], bool)


def reliability(probability, event, bins: int = 10) -> pd.DataFrame:
    """How often it came when it was held likely (可靠性图).

    Parameters
    ----------
    probability : array (n,)
        0…1, of an event.
    event : bool array (n,)
        Whether it came.
    bins : int
        Of equal width.

    Returns
    -------
    DataFrame
        low, high (of the bin), n, probability (mean that was told), frequency (with which it came); a row per bin that
        is not empty.
    """
    told, came = np.asarray(probability, float), np.asarray(event, float)
    place = np.clip((told * bins).astype(int), 0, bins - 1)
    found = pd.DataFrame({"bin": place, "probability": told, "frequency": came}).groupby("bin")
    table = found.agg(n=("frequency", "size"), probability=("probability", "mean"), frequency=("frequency", "mean"))
    edges = table.index.to_numpy() / bins
    table.insert(0, "low", edges)
    table.insert(1, "high", edges + 1 / bins)
    return table.reset_index(drop=True)
