"""What the models of the daily forecast look at: a row for each origin, lead and place."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import naive, path
from shuzhi.research.forecast.day_weather import DayWeather
from shuzhi.research.forecast.panel import Panel

_MEANS = (3, 7, 14, 30)
_LAGS = (1, 2, 6)
_NEAR = 5
_COMING = ("target_", "before_", "mean_", "low_", "high_")


class Features:
    """Features of one item of a panel.

    Parameters
    ----------
    panel : Panel
        Of days.
    item : int
    weather : DayWeather
    near : int array (P, 5)
        Places near each place, itself not; -1: none.
    """

    def __init__(self, panel: Panel, item: int, weather: DayWeather, near: np.ndarray):
        self._panel, self._item, self._weather = panel, item, weather
        self._values = panel.values[:, :, item].astype(float)
        self.filled = naive.filled(self._values)
        self._fixed = self._of_origins(near)

    def _of_origins(self, near: np.ndarray) -> dict[str, np.ndarray]:
        """Features by origin and place, arrays (T, P) or (T, 1)."""
        filled, frame = self.filled, pd.DataFrame(self.filled)
        out = {"last": filled} | {f"lag{k}": frame.shift(k).to_numpy() for k in _LAGS}
        out |= {f"mean{k}": frame.rolling(k, min_periods=k // 2 + 1).mean().to_numpy() for k in _MEANS}
        out["near"] = _mean(np.where(near >= 0, filled[:, np.maximum(near, 0)], np.nan))
        for k, name in enumerate(self._panel.items):
            last = naive.filled(self._panel.values[:, :, k].astype(float))
            if k != self._item:
                out[f"own_{name}"] = last
            out[f"city_{name}"] = last[:, -1:]
        city = frame.iloc[:, -1:]
        return out | {f"city_mean{k}": city.rolling(k, min_periods=1).mean().to_numpy() for k in (3, 7)}

    @property
    def names(self) -> list[str]:
        """Features in the order of the columns of `table`."""
        sky = self._weather.names
        way = path.features(np.empty((0, 1, len(sky))), 1, sky)
        calendar = ["lead", "sin", "cos", "weekday", "climatology", "damped"]
        return [*calendar, *self._fixed, *(f"now_{name}" for name in sky), *way]

    def hidden(self, x: np.ndarray) -> np.ndarray:
        """Features of cases as from `table`, without the weather that is coming."""
        return np.where([name.startswith(_COMING) for name in self.names], np.float32(np.nan), x)

    def table(self, origins: np.ndarray, lead: int, places: np.ndarray, blind: np.ndarray | None = None) -> np.ndarray:
        """Features of some cases of one lead, float32 array (n, features).

        Parameters
        ----------
        origins, places : int array (n,)
        blind : bool array (n,), optional
            Cases that do not see the weather that is coming.
        """
        rows, back = np.unique(origins, return_inverse=True)
        target = self._panel.times[0] + pd.to_timedelta(origins + lead, unit="D")
        angle = 2 * np.pi * target.day_of_year.to_numpy() / 365.25
        floors = naive.of_days(self._values, rows, np.array([lead]))
        out = [np.full(len(origins), lead), np.sin(angle), np.cos(angle), target.day_of_week.to_numpy()]
        out += [floors[name][back, 0, places] for name in ("climatology", "damped")]
        out += [values[origins, 0 if values.shape[1] == 1 else places] for values in self._fixed.values()]
        out += list(self._weather.now[origins].T)
        way = path.features(self._weather.coming[rows], lead, self._weather.names)
        out += [values[back] if blind is None else np.where(blind, np.nan, values[back]) for values in way.values()]
        return np.column_stack(out).astype(np.float32)


def _mean(beside: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is known."""
    n = np.isfinite(beside).sum(axis=-1)
    return np.where(n > 0, np.nansum(beside, axis=-1) / np.maximum(n, 1), np.nan)


def near(stations: pd.DataFrame, panel: Panel) -> np.ndarray:
    """Numbers of the places near each place, array (P, 5): of stations the nearest others, else -1."""
    at = stations.set_index("code").reindex(panel.places["place"])
    east = at["lon"].to_numpy(float) * np.cos(np.deg2rad(30.0))
    north = at["lat"].to_numpy(float)
    station = (panel.places["level"] == "station").to_numpy() & np.isfinite(east) & np.isfinite(north)
    out = np.full((len(at), _NEAR), -1)
    rows = np.flatnonzero(station)
    apart = np.hypot(east[rows, None] - east[rows], north[rows, None] - north[rows])
    np.fill_diagonal(apart, np.inf)
    order = np.argsort(apart, axis=1)[:, : min(_NEAR, max(len(rows) - 1, 0))]
    out[rows, : order.shape[1]] = rows[order]
    return out
