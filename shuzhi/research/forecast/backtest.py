"""The daily city forecast as it would have been made on past days, held against what came (回测)."""

from pathlib import Path

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import city_series, daily, scores
from shuzhi.research.forecast.city_series import CitySeries

LEAST_PAST = 120
"""Days before the first origin that the models need at all."""
_WARM_AFTER = 365  # days of the series before a hindcast is worth its weights


def backtest(
    folder: Path,
    start: pd.Timestamp,
    end: pd.Timestamp,
    mode: str = "none",
    product: Path | None = None,
    progress: Progress = silent,
) -> dict:
    """Score the forecasts of a range of origins.

    Parameters
    ----------
    folder : Path
        As for `city_series.read`.
    start, end : Timestamp
        First and last origin: the last day that is known.
    mode : {"none", "degraded", "observed"}
    product : Path, optional
        Issues of a weather product, for "degraded".
    progress : Progress

    Returns
    -------
    dict
        As from `summary`.

    Raises
    ------
    InputError
        The files can't be used, "degraded" has no product, or the series doesn't reach the origins.
    """
    if mode not in daily.MODES:
        raise InputError(f"unknown weather “{mode}”; known are {', '.join(daily.MODES)}")
    if mode == "degraded" and product is None:
        raise InputError("degraded weather needs a weather forecast; name it with --weather-forecast")
    series = city_series.read(folder, weather=mode != "none")
    issues = _issues(product, series, start, end) if mode == "degraded" else None
    return summary(pairs(series, start, end, mode, issues, progress), mode, start, end, issues)


def _issues(product: Path, series: CitySeries, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    issues = city_series.read_issues(product)
    issued = issues.index.get_level_values(0)
    if not ((issued >= start) & (issued <= end)).any():
        raise InputError(f"there is no issue from {start:%Y-%m-%d} to {end:%Y-%m-%d}", file=product)
    if not set(issues) & set(series.weather):
        raise InputError("no column of it is in weather_daily.csv", file=product)
    return issues


def pairs(
    series: CitySeries,
    start: pd.Timestamp,
    end: pd.Timestamp,
    mode: str,
    issues: pd.DataFrame | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Forecasts of a range of origins beside what came; the models are refitted on the first of each month.

    Returns
    -------
    DataFrame
        Indexed by (lead, origin): observed, persistence, forecast, bounds and probabilities as from `daily.told`; a row
        for each pair of which origin and target have an AQI.
    """
    days = series.aqi.index
    if start > end or end < days[0] or start > days[-1]:
        raise InputError(
            f"no origin from {start:%Y-%m-%d} to {end:%Y-%m-%d} in a series {days[0]:%Y-%m-%d} … {days[-1]:%Y-%m-%d}"
        )
    if start < days[0] + pd.Timedelta(days=LEAST_PAST):
        raise InputError(f"the first origin needs {LEAST_PAST} days before it; begin later than {days[0]:%Y-%m-%d}")
    found = daily.hindcast(series, mode, refits(days[0], start, end), min(end, days[-1]), issues, progress)
    came = daily.target(series.aqi)
    last = pd.Series(np.tile(series.aqi, came.index.levshape[0]), came.index)
    both = pd.DataFrame({"observed": came, "persistence": last}).dropna()
    asked = days[(days >= start) & (days <= end)]
    return daily.told(found, series, asked).join(both, how="inner").dropna(subset="forecast")


def refits(first: pd.Timestamp, start: pd.Timestamp, end: pd.Timestamp) -> list[pd.Timestamp]:
    """Days of refit: the start and each month after it; before it, for the weights, a year by quarters."""
    warm = max(start - pd.Timedelta(days=daily.settings()["warm_up_days"]), first + pd.Timedelta(days=_WARM_AFTER))
    quarters = pd.date_range(warm, start - pd.Timedelta(days=1), freq="92D")
    months = pd.date_range(start, end, freq="MS")
    return sorted({*quarters, start, *months})


def summary(pairs: pd.DataFrame, mode: str, start, end, issues: pd.DataFrame | None = None) -> dict:
    """Scores by horizon and pooled.

    Returns
    -------
    dict
        weather, from, to; horizons (horizon, n, mae, mae_persistence, skill, exact_level, range25, two_level,
        within_one, coverage90, and beside them coverage50, always_good, bias, rmse, rps); mean_skill, mean_mae over the
        horizons; two_level, coverage90 pooled; origins_without_issue, origins forecast without weather.
    """
    rows = [_row(int(lead), table) for lead, table in pairs.groupby(level=0)]
    origins = pairs.index.get_level_values(1).unique()
    return {
        "weather": mode,
        "from": f"{start:%Y-%m-%d}",
        "to": f"{end:%Y-%m-%d}",
        "horizons": rows,
        "mean_skill": _mean(rows, "skill"),
        "mean_mae": _mean(rows, "mae"),
        "two_level": scores.two_level(pairs["forecast"], pairs[scores.PROBABILITIES], pairs["observed"]),
        "coverage90": scores.coverage(pairs["lower90"], pairs["upper90"], pairs["observed"]),
        "origins_without_issue": 0 if issues is None else len(daily.without_issue(origins, issues)),
    }


def _row(lead: int, table: pd.DataFrame) -> dict:
    found = scores.summary(table)
    found |= {"horizon": lead, "skill": found["skill_persistence"]}
    names = ("horizon", "n", "mae", "mae_persistence", "skill", "exact_level", "range25", "two_level", "within_one")
    more = ("coverage90", "coverage50", "width90", "always_good", "bias", "rmse", "rps")
    return {name: found[name] for name in (*names, *more)}


def _mean(rows: list[dict], name: str) -> float:
    return float(np.mean([row[name] for row in rows])) if rows else float("nan")
