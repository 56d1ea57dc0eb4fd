"""The city's air stations at an hour, and over the hours before it (快照): value, level and age of every reading."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.settings import settings
from shuzhi.standards.aqi import level as level_of
from shuzhi.status import air
from shuzhi.store import Home, Scope
from shuzhi.store.schema import ITEMS

FACTORS = ("aqi", *ITEMS)
HOUR = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Window:
    """Readings of stations over consecutive hours; arrays have the shape (hours, stations).

    Attributes
    ----------
    stations : DataFrame
        The register, in the order of the arrays' second axis.
    times : DatetimeIndex
        Ends of the hours, UTC.
    value : float array
        AQI or concentration (µg/m³, CO mg/m³); NaN where there is none that is fresh enough.
    level : int8 array
        AQI level 1…6; 0 without a reading. Of a single item: the level of its IAQI.
    age : int8 array
        Hours since the reading; 0 is a reading of that very hour, -1 none.
    """

    stations: pd.DataFrame
    times: pd.DatetimeIndex
    value: np.ndarray
    level: np.ndarray
    age: np.ndarray


def window(
    home: Home,
    scope: Scope,
    end: pd.Timestamp,
    hours: int = 72,
    factor: str = "aqi",
    edition: str = "auto",
    city: str | None = None,
) -> Window:
    """Readings of a city's stations in the `hours` hours that end with `end`.

    A station that is silent keeps its last reading for ``settings().stale_hours`` hours; then it has none.

    Parameters
    ----------
    end : tz-aware Timestamp
        End of the last hour.
    factor : str
        ``aqi`` or one of the six items.
    city : str, optional
        By default the home's city.

    Raises
    ------
    InputError
        If the factor is unknown.
    """
    if factor not in FACTORS:
        raise InputError(f"unknown factor '{factor}'; use one of {', '.join(FACTORS)}")
    kept = settings().stale_hours
    end = end.tz_convert("UTC").floor("h")
    times = pd.date_range(end=end, periods=hours + kept, freq="h")
    stations = air.stations(home, scope, city or home.city)
    rows = air.hourly(home, scope, times[0] - HOUR, end, stations=stations["code"].tolist(), edition=edition)
    value, level = _grids(rows, times, stations["code"], factor)
    value, level, age = _carried(value, level, kept)
    return Window(stations, times[kept:], value[kept:], level[kept:], age[kept:])


def counts(levels: np.ndarray) -> dict[int, int]:
    """Number of stations by level 0…6; zero counts included."""
    return dict(enumerate(np.bincount(np.asarray(levels, int), minlength=7).tolist()))


def _grids(rows: pd.DataFrame, times, codes, factor: str) -> tuple[np.ndarray, np.ndarray]:
    shape = (len(times), len(codes))
    value, level = np.full(shape, np.nan), np.zeros(shape, np.int8)
    if rows.empty:
        return value, level
    at = (times.get_indexer(rows["time"]), pd.Index(codes).get_indexer(rows["station"]))
    value[at] = rows[factor].to_numpy(float)
    level[at] = rows["level"] if factor == "aqi" else level_of(rows[f"iaqi_{factor}"].to_numpy())
    return value, level


def _carried(value: np.ndarray, level: np.ndarray, hours: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fill gaps from the hours before, at most `hours` of them."""
    age = np.where(np.isnan(value), -1, 0).astype(np.int8)
    filled, filled_level = value.copy(), level.copy()
    for back in range(1, hours + 1):
        earlier = ~np.isnan(value[:-back]) & (age[back:] < 0)
        age[back:][earlier] = back
        filled[back:][earlier] = value[:-back][earlier]
        filled_level[back:][earlier] = level[:-back][earlier]
    filled_level[age < 0] = 0
    return filled, filled_level, age
