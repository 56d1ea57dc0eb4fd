"""The weather on the way from today to the target day (气象路径), as features.

What a day's air is like was made on the days before too: rain washes them, calm days fill them. For lead h the path is
the days origin + 1 … origin + h, of which only a forecast can be known at the origin.
"""

import numpy as np
import pandas as pd

DIRECTION = "maxwswd"
"""Wind direction of the strongest wind as a code 1 (NNE) … 16 (N), clockwise in steps of 22.5°."""


def with_components(weather: pd.DataFrame) -> pd.DataFrame:
    """Daily weather with what acts on the air made plain.

    Parameters
    ----------
    weather : DataFrame
        avgtemp, maxtemp, mintemp (°C), avgrh, minrh (%), avgws, maxws (m/s), daylight (h of sun), precipitation (mm),
        avgp (Pa) and perhaps ``maxwswd``; absent columns and NaN stay absent.

    Returns
    -------
    DataFrame
        The same without the code, with wind_east and wind_north (where the strongest wind comes from, 0 where the
        code is none of 1 … 16), range (°C, between night and day), wet (ln(1 + mm)) and vent (m/s × h of sun, how
        much air takes part).
    """
    out = weather.drop(columns=DIRECTION, errors="ignore").copy()
    if DIRECTION in weather:
        code = weather[DIRECTION]
        angle = np.deg2rad(22.5) * code.where(code.between(1, 16))
        out["wind_east"], out["wind_north"] = np.sin(angle).fillna(0), np.cos(angle).fillna(0)
    if {"maxtemp", "mintemp"} <= set(weather):
        out["range"] = weather["maxtemp"] - weather["mintemp"]
    if "precipitation" in weather:
        out["wet"] = np.log1p(weather["precipitation"].clip(lower=0))
    if {"avgws", "daylight"} <= set(weather):
        out["vent"] = weather["avgws"] * weather["daylight"]
    return out


def ahead(weather: pd.DataFrame, origins: pd.DatetimeIndex, last: int) -> np.ndarray:
    """Weather of the days 1 … ``last`` after each origin, array (origins, last, columns); NaN where there is none."""
    days = [weather.reindex(origins + pd.Timedelta(days=lead)).to_numpy(float) for lead in range(1, last + 1)]
    return np.stack(days, axis=1)


def features(coming: np.ndarray, lead: int, names: list[str]) -> dict[str, np.ndarray]:
    """The path as features of one lead.

    Parameters
    ----------
    coming : array (n, leads, k)
        Weather of the days after each origin, as from `ahead`; NaN (an issue that ends early) is left out of the means.
    lead : int
        Days from the origin to the target, 1 …
    names : list of k str
        Columns.

    Returns
    -------
    dict of array (n,)
        For each column: target day, the day before it (NaN for lead 1: that is the origin), mean, lowest and highest of
        the path.
    """
    way = coming[:, :lead]
    seen = np.isfinite(way)
    n = seen.sum(axis=1)
    mean = np.where(seen, way, 0).sum(axis=1) / np.maximum(n, 1)
    low, high = np.where(seen, way, np.inf).min(axis=1), np.where(seen, way, -np.inf).max(axis=1)
    parts = {"target": way[:, -1], "before": way[:, -2] if lead > 1 else np.full_like(mean, np.nan)}
    parts |= {part: np.where(n > 0, value, np.nan) for part, value in (("mean", mean), ("low", low), ("high", high))}
    return {f"{part}_{name}": value[:, k] for part, value in parts.items() for k, name in enumerate(names)}
