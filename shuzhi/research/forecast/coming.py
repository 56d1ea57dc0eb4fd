"""The city's weather on the hours around an origin: measured up to it, forecast after it (气象路径).

Values are means over the weather stations of the city. Nothing measured or issued after ``as_of`` gets in.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import select

from shuzhi.research import weather
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Station

NAMES = ("temperature", "humidity", "pressure", "wind_speed", "wind_east", "wind_north", "precipitation")
NAMES += ("radiation", "sunshine", "mixing_height")
"""Columns; of precipitation and sunshine the part of an hour."""

REACH = 24 * 8
"""Hours of an issue that are used."""
FRESH = np.timedelta64(48, "h")
"""An older issue says nothing any more."""
MORNING = np.timedelta64(8, "h")
"""After midnight, when the issue of a day is made."""

_HOUR = np.timedelta64(1, "h")
_DAY_HOURS = 20


@dataclass(frozen=True)
class Coming:
    """Weather of a city.

    Attributes
    ----------
    begin : datetime64 (UTC)
        End of the first hour of ``measured``.
    measured : array (H, K)
        Hourly, NaN where missing; K: ``NAMES``.
    issued : datetime64 array (S,)
        When forecasts were made, rising.
    told : array (S, REACH, K)
        What they say of the hours after.
    product : str or None
        Whose they are.
    as_of : datetime64
    """

    begin: np.datetime64
    measured: np.ndarray
    issued: np.ndarray
    told: np.ndarray
    product: str | None
    as_of: np.datetime64

    @property
    def used(self) -> pd.Timestamp | None:
        """The issue that a forecast made at ``as_of`` uses; None: there is none that is fresh."""
        return self.used_at(self.as_of)

    def used_at(self, moment: np.datetime64) -> pd.Timestamp | None:
        """The issue that a forecast made at a moment uses, likewise."""
        at = self._issue(moment)
        return None if at is None else pd.Timestamp(self.issued[at]).tz_localize("UTC")

    def hours(self, moments: np.ndarray, count: int) -> np.ndarray:
        """Forecast weather of the ``count`` hours after each moment, array (n, count, K), as it was known then."""
        out = np.full((len(moments), count, len(NAMES)), np.nan, dtype=np.float32)
        for k, moment in enumerate(moments):
            at = self._issue(moment)
            if at is not None:
                skip = int((moment - self.issued[at]) // _HOUR)
                part = self.told[at, skip : skip + count]
                out[k, : len(part)] = part
        return out

    def days(self, days: np.ndarray, leads: int) -> np.ndarray:
        """Weather of the days after each day, array (n, leads, K), as it was known on the morning after it.

        The hours of that morning are measured, the others forecast.
        """
        out = np.full((len(days), leads, len(NAMES)), np.nan, dtype=np.float32)
        for k, midnight in enumerate(ends(days)):
            moment = min(midnight + MORNING, self.as_of)
            known = int((moment - midnight) // _HOUR)
            past = self._seen(midnight, known)
            rest = self.hours(np.array([moment]), leads * 24 - known)[0]
            if np.isfinite(rest).any():
                out[k] = _day_means(np.concatenate([past, rest]))
        return out

    def past_days(self, days: np.ndarray) -> np.ndarray:
        """Measured weather of days, array (n, K)."""
        hours = [self._seen(midnight - 24 * _HOUR, 24) for midnight in ends(days)]
        return _day_means(np.concatenate(hours)) if hours else np.empty((0, len(NAMES)))

    def past_hours(self, moments: np.ndarray) -> np.ndarray:
        """Measured weather of the last hour, array (n, K)."""
        return np.concatenate([self._seen(moment - _HOUR, 1) for moment in moments])

    def _issue(self, moment: np.datetime64) -> int | None:
        at = int(np.searchsorted(self.issued, moment, side="right")) - 1
        return None if at < 0 or moment - self.issued[at] > FRESH else at

    def _seen(self, after: np.datetime64, count: int) -> np.ndarray:
        """Measured hours that end after an instant."""
        rows = int((after - self.begin) // _HOUR) + 1 + np.arange(count)
        inside = (rows >= 0) & (rows < len(self.measured))
        found = self.measured[np.clip(rows, 0, max(len(self.measured) - 1, 0))] if len(self.measured) else np.nan
        return np.where(inside[:, None], found, np.nan) * np.ones((count, len(NAMES)), dtype=np.float32)


def ends(days: np.ndarray) -> np.ndarray:
    """Instants (UTC) at which Beijing days end."""
    return days.astype("datetime64[D]").astype("datetime64[h]") + 16 * _HOUR


def _day_means(hours: np.ndarray) -> np.ndarray:
    """Means of each 24 rows; NaN of fewer than 20 known ones."""
    cube = hours.reshape(-1, 24, hours.shape[1])
    n = np.isfinite(cube).sum(axis=1)
    return np.where(n >= _DAY_HOURS, np.nansum(cube, axis=1) / np.maximum(n, 1), np.nan).astype(np.float32)


def read(home: Home, scope: Scope, first: pd.Timestamp, as_of: pd.Timestamp) -> Coming:
    """The weather since an instant, as it was known at another.

    Parameters
    ----------
    first, as_of : tz-aware Timestamp
        ``first`` is a whole hour.
    """
    stations = _stations(home)
    begin = _instant(first)
    seen = weather.observed(home, scope, first - pd.Timedelta(hours=1), as_of, stations)
    count = int((_instant(as_of) - begin) // _HOUR) + 1
    measured = _grid(seen, np.zeros(len(seen), int), np.full(len(seen), begin), 1, max(count, 0))[0]
    product, issued, told = _told(home, scope, first, as_of, stations)
    return Coming(begin, measured, issued, told, product, _instant(as_of))


def _told(home: Home, scope: Scope, first: pd.Timestamp, as_of: pd.Timestamp, stations):
    products = weather.products(home, scope, as_of)
    nothing = None, np.empty(0, "datetime64[h]"), np.empty((0, REACH, len(NAMES)), np.float32)
    if products.empty:
        return nothing
    product = products["product"].iloc[0]
    days = (first - pd.Timedelta(days=3)).date(), as_of.tz_convert("Asia/Shanghai").date()
    rows = weather.paths(home, scope, *days, product, stations)
    rows = rows[rows["issued_at"] <= as_of]
    if rows.empty:
        return nothing
    issued, place = np.unique(_instants(rows["issued_at"]), return_inverse=True)
    return product, issued, _grid(rows, place, issued[place] + _HOUR, len(issued), REACH)


def _stations(home: Home) -> list[str] | None:
    """Stations of the home's city that measure weather; None: the register knows of none."""
    query = select(Station.code).where(Station.city == home.city, Station.kind == "weather")
    with home.ledger.session() as session:
        return list(session.scalars(query)) or None


def _grid(rows: pd.DataFrame, place: np.ndarray, begin: np.ndarray, places: int, count: int) -> np.ndarray:
    """Means over the stations by place and hour since ``begin``, array (places, count, K).

    A value of several hours is that of each of them; a sum is shared out among them.
    """
    out = np.full((places, count, len(NAMES)), np.nan, dtype=np.float32)
    if rows.empty:
        return out
    length = rows["period"].map(weather.HOURS).to_numpy(int)
    each = np.repeat(np.arange(len(rows)), length)
    back = np.arange(len(each)) - np.repeat(length.cumsum() - length, length)
    hour = ((_instants(rows["time"]) - begin) // _HOUR).astype(int)[each] - back
    inside = (hour >= 0) & (hour < count)
    each, cell = each[inside], place[each[inside]] * count + hour[inside]
    for k, name in enumerate(NAMES):
        values = _values(rows, name, length)
        if values is not None:
            value = values[each]
            known = np.isfinite(value)
            n = np.bincount(cell[known], minlength=places * count)
            total = np.bincount(cell[known], value[known], minlength=places * count)
            out[:, :, k] = np.where(n > 0, total / np.maximum(n, 1), np.nan).reshape(places, count)
    return out


def _values(rows: pd.DataFrame, name: str, length: np.ndarray) -> np.ndarray | None:
    if name in ("wind_east", "wind_north"):
        if "wind_direction" not in rows:
            return None
        angle = np.deg2rad(rows["wind_direction"].to_numpy(float))
        return np.sin(angle) if name == "wind_east" else np.cos(angle)
    if name not in rows:
        return None
    values = rows[name].to_numpy(float)
    return values / length if name in weather.SUMS else values


def _instants(times: pd.Series) -> np.ndarray:
    return pd.DatetimeIndex(times).tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[h]")


def _instant(time: pd.Timestamp) -> np.datetime64:
    return time.tz_convert("UTC").tz_localize(None).floor("h").to_numpy().astype("datetime64[h]")
