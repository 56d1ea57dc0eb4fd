"""The features of the daily forecast: what is known at an origin, and of the days to its target."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import path

NORMAL = "aqi_m30"
"""Feature with the mean AQI of the last 30 days, the level that the models forecast departures from."""
TODAY = "aqi_r0"
"""ln(AQI of the origin / mean of the last 30 days)."""

_LAGS = (0, 1, 2, 3, 6)
_MEANS = (3, 7, 14, 30)
_GAP = 5  # days that a missing reading is taken for the last one
_YEAR = 365
_WET = 1.0  # mm that end a dry spell
_YESTERDAY = ("avgtemp", "avgrh", "avgws", "wet", "daylight", "avgp")


def of_air(air: pd.DataFrame) -> pd.DataFrame:
    """Lags, running means and departures from them; a row for each day as origin, nothing later looked at.

    Parameters
    ----------
    air : DataFrame
        Daily, a row for every day; ``aqi`` and pollutants, NaN where missing.
    """
    filled = air.ffill(limit=_GAP)
    out = {f"{name}_{lag}": filled[name].shift(lag) for name in filled for lag in _LAGS}
    for name in filled:
        log = np.log(filled[name].clip(lower=0.1))
        means = {days: filled[name].rolling(days, min_periods=days // 2 + 1).mean() for days in _MEANS}
        month = np.log(means[30].clip(lower=0.1))
        out |= {f"{name}_m{days}": mean for days, mean in means.items()}
        out |= {f"{name}_r0": log - month, f"{name}_r1": log.shift(1) - month}
        out[f"{name}_r7"] = np.log(means[7].clip(lower=0.1)) - month
    aqi = filled["aqi"]
    out["aqi_m365"] = aqi.rolling(_YEAR, min_periods=_YEAR // 4).mean()
    out["aqi_ry"] = np.log(out["aqi_m30"] / out["aqi_m365"])
    out["aqi_low7"], out["aqi_high7"] = (getattr(aqi.rolling(7, min_periods=3), f)() for f in ("min", "max"))
    return pd.DataFrame(out)


def of_weather(weather: pd.DataFrame) -> pd.DataFrame:
    """The weather of each day as origin and what led to it.

    Parameters
    ----------
    weather : DataFrame
        As from `path.with_components`.
    """
    out = {f"now_{name}": weather[name] for name in weather}
    out |= {f"yesterday_{name}": weather[name].shift(1) for name in _YESTERDAY if name in weather}
    if "precipitation" in weather:
        rain = weather["precipitation"]
        wet = (rain >= _WET).to_numpy()
        days = np.arange(len(wet))
        out["dry_days"] = pd.Series(days - np.maximum.accumulate(np.where(wet, days, -1)), rain.index).clip(upper=20)
        out["rain_7"] = rain.rolling(7, min_periods=1).sum()
    return pd.DataFrame(out, index=weather.index)


def pooled(known: pd.DataFrame, leads: int, coming: np.ndarray | None = None, names: list[str] | None = None):
    """One table for all leads.

    Parameters
    ----------
    known : DataFrame
        Features of n origins (the index), from `of_air` and `of_weather`.
    leads : int
    coming : array (n, leads, k), optional
        Weather of the days after each origin, columns ``names``.

    Returns
    -------
    DataFrame
        leads · n rows indexed by (lead, origin), in that order: ``known``, the lead, the calendar of the target day,
        the path (`path.features`).
    """
    tables = []
    for lead in range(1, leads + 1):
        target = known.index + pd.Timedelta(days=lead)
        angle = 2 * np.pi * target.day_of_year.to_numpy() / 365.25
        more = {"lead": float(lead), "sin": np.sin(angle), "cos": np.cos(angle), "weekday": target.day_of_week}
        more |= path.features(coming, lead, names) if coming is not None else {}
        tables.append(known.join(pd.DataFrame(more, index=known.index)))
    return pd.concat(tables, keys=range(1, leads + 1), names=["lead_", "origin"]).astype("float32")
