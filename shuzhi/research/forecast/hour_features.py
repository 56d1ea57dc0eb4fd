"""What the trees of the hourly forecast look at: a row for each origin, lead and place."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import naive
from shuzhi.research.forecast.coming import NAMES, Coming
from shuzhi.research.forecast.panel import Panel

_LAGS = (1, 2, 3, 6)
_MEANS = (6, 24, 72, 168)
_WAY = (6, 24)
"""Hours to the target over which the coming weather is averaged, beside the whole way."""
_BEIJING = 8


class Features:
    """Features of one item of a panel.

    Parameters
    ----------
    panel : Panel
        Of hours.
    item : int
    weather : Coming
    """

    def __init__(self, panel: Panel, item: int, weather: Coming):
        self._panel, self._item, self._weather = panel, item, weather
        self._values = panel.values[:, :, item].astype(float)
        self.filled = naive.filled(self._values)
        self._instants = panel.times.tz_localize(None).to_numpy().astype("datetime64[h]")
        self._fixed = self._of_origins()

    def _of_origins(self) -> dict[str, np.ndarray]:
        """Features by origin and place, arrays (T, P) or (T, 1)."""
        frame = pd.DataFrame(self.filled)
        out = {"last": self.filled} | {f"lag{k}": frame.shift(k).to_numpy() for k in _LAGS}
        out |= {f"mean{k}": frame.rolling(k, min_periods=k // 2).mean().to_numpy() for k in _MEANS}
        for k, name in enumerate(self._panel.items):
            if k != self._item:
                out[f"own_{name}"] = naive.filled(self._panel.values[:, :, k].astype(float))
        city = frame.iloc[:, -1:]
        return out | {"city": city.to_numpy(), "city24": city.rolling(24, min_periods=12).mean().to_numpy()}

    def table(self, origin: int, leads: np.ndarray, places: np.ndarray, blind: bool = False) -> np.ndarray:
        """Features of the cases of one origin, float32 array (n, features).

        Parameters
        ----------
        leads, places : int array (n,)
        blind : bool
            Whether the weather that is coming is not seen.
        """
        every, back = np.unique(leads, return_inverse=True)
        target = self._panel.times[origin] + pd.to_timedelta(leads, unit="h") + pd.Timedelta(hours=_BEIJING)
        angle = 2 * np.pi * target.day_of_year.to_numpy() / 365.25
        origin_hour = (self._panel.times[origin].hour + _BEIJING) % 24
        out = [leads, target.hour.to_numpy(), np.full(len(leads), origin_hour), target.day_of_week.to_numpy()]
        out += [np.sin(angle), np.cos(angle)]
        yesterday, normal = naive.same_hours(self._values, np.array([origin]), every)
        out += [yesterday[0][back, places], normal[0][back, places], yesterday[0][back, -1]]
        out += [np.broadcast_to(values[origin], self.filled.shape[1])[places] for values in self._fixed.values()]
        way = self._way(origin, int(every.max()))[:, leads - 1]
        out += list(np.full_like(way, np.nan) if blind else way)
        return np.column_stack(out).astype(np.float32)

    def _way(self, origin: int, count: int) -> np.ndarray:
        """Coming weather at each hour and on the way to it, array (features, count)."""
        coming = self._weather.hours(self._instants[[origin]], count)[0].astype(float)
        coming[:, NAMES.index("precipitation")] = np.log1p(coming[:, NAMES.index("precipitation")])
        total = np.concatenate([np.zeros((1, coming.shape[1])), np.nan_to_num(coming).cumsum(axis=0)])
        steps = np.arange(1, count + 1)
        means = [(total[steps] - total[np.maximum(steps - k, 0)]) / np.minimum(steps, k)[:, None] for k in _WAY]
        parts = [coming, *means, total[1:] / steps[:, None]]
        return np.where(np.isfinite(np.tile(coming, len(parts))), np.concatenate(parts, axis=1), np.nan).T
