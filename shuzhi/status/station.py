"""One station (站点): what its latest hour says, how complete it is, who stands near it.

Pure functions over the tables of :mod:`shuzhi.status.air`; the few that read say so by taking ``home, scope``.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np
import pandas as pd

from shuzhi.settings import BEIJING
from shuzhi.standards import limits
from shuzhi.standards.aqi import SYMBOLS
from shuzhi.status import air
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span
from shuzhi.store.schema import ITEMS

HOUR = pd.Timedelta(hours=1)
BASE_HOURS = 3
"""A reading is compared with the mean of this many hours before it."""
REGIONAL_BELOW, LOCAL_ABOVE = 1.2, 1.5
"""Ratio to the median of the other evaluation sites: below the first a rise is regional, above the second local."""
EARTH_RADIUS = 6371.0088


@dataclass(frozen=True)
class Reading:
    """One item at one hour.

    ``value`` and ``limit`` in the item's unit, ``period`` of the limit (PM has no hourly one: ``24h``), ``iaqi`` of the
    hour, ``valid`` of ``elapsed`` hours of the Beijing day so far. What is missing is None.
    """

    item: str
    value: float | None
    limit: float | None
    period: str
    iaqi: int | None
    valid: int
    elapsed: int

    @property
    def above(self) -> bool:
        """Whether the value is above its limit; for PM this is a comparison, not an exceedance."""
        return self.value is not None and self.limit is not None and self.value > self.limit


@dataclass(frozen=True)
class Exceedance:
    """Hours of the Beijing day above the limit, up to the reading: ``hours`` of them, the first stamped ``since``."""

    hours: int
    since: pd.Timestamp

    @property
    def first(self) -> bool:
        """Whether the reading is the first of the day above the limit."""
        return self.hours == 1


@dataclass(frozen=True)
class Comparison:
    """A reading against the mean of the hours before: ``base`` [unit of the item], ``change`` as a share of it."""

    base: float
    change: float


@dataclass(frozen=True)
class Region:
    """The evaluation sites at the same hour: how many report, how many are above the limit, and what kind it is.

    ``kind`` is None where the station itself is not above the limit or nothing can be compared.
    """

    reporting: int
    above: int
    kind: Literal["regional", "mixed", "local"] | None


@dataclass(frozen=True)
class Report:
    """What the latest hour of a station says. ``headline`` is the item that the sentence is about."""

    code: str
    at: pd.Timestamp
    aqi: int | None
    level: int
    primary: tuple[str, ...]
    edition: str
    headline: str
    readings: tuple[Reading, ...]
    exceedance: Exceedance | None
    comparison: Comparison | None
    region: Region | None

    def reading(self, item: str) -> Reading:
        """The reading of an item."""
        return self.readings[ITEMS.index(item)]


@dataclass(frozen=True)
class Rows:
    """A table of many stations that is asked for one station or one hour at a time, without reading it again.

    ``stations`` is in the order of stations and, within each, of time; ``hours``, which has only what a comparison of
    stations needs, in the order of time. The others say where the rows of a station and of an hour are.
    """

    stations: pd.DataFrame
    hours: pd.DataFrame
    by_station: dict[str, slice]
    by_time: dict[int, slice]

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Rows":
        """Rows of an hourly or a daily table of :mod:`shuzhi.status.air`."""
        moment = "time" if "time" in table else "day"
        stations = table.sort_values(["station", moment], ignore_index=True)
        by_station = _slices(stations["station"].to_numpy(object))
        if moment == "day":
            return cls(stations, stations.iloc[:0], by_station, {})
        hours = table.sort_values("time", ignore_index=True)
        return cls(stations, hours[["station", *ITEMS, "aqi", "level"]], by_station, _slices(_stamps(hours)))

    def station(self, code: str) -> pd.DataFrame:
        """The rows of a station, in time."""
        return self.stations.iloc[self.by_station.get(code, slice(0, 0))]

    def hour(self, at: pd.Timestamp) -> pd.DataFrame:
        """The stations at an hour: station, the six items, aqi, level."""
        return self.hours.iloc[self.by_time.get(_second(at), slice(0, 0))]


def _slices(keys: np.ndarray) -> dict:
    """Where each key's rows are in a table that is in the order of keys."""
    names, starts, counts = np.unique(keys, return_index=True, return_counts=True)
    spans = zip(names.tolist(), starts.tolist(), (starts + counts).tolist(), strict=True)
    return {name: slice(start, end) for name, start, end in spans}


def day_of(stamp: pd.Timestamp) -> dt.date:
    """The Beijing day an end-of-hour stamp belongs to: 00:00 ends the day before."""
    return (stamp.tz_convert(BEIJING) - pd.Timedelta(seconds=1)).date()


def elapsed_hours(at: pd.Timestamp) -> int:
    """Hours of the Beijing day that have ended at a stamp, 1 … 24."""
    return at.tz_convert(BEIJING).hour or 24


def latest(hours: pd.DataFrame, at: pd.Timestamp, within: int = 24) -> pd.Timestamp | None:
    """Stamp of the newest reading of the last ``within`` hours up to ``at``; None without any."""
    stamps, now = _stamps(hours), _second(at)
    near = stamps[(stamps <= now) & (stamps > now - within * 3600)]
    return pd.Timestamp(int(near.max()), unit="s", tz="UTC") if len(near) else None


def up_to(hours: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """The rows of an hourly table of one station, which is in time, up to an hour."""
    return hours.iloc[: np.searchsorted(_stamps(hours), _second(at), side="right")]


def _stamps(hours: pd.DataFrame) -> np.ndarray:
    """Stamps [s since 1970], for arithmetic that costs nothing."""
    return pd.DatetimeIndex(hours["time"]).as_unit("s").asi8


def _second(at: pd.Timestamp) -> int:
    return int(at.timestamp())


def report(
    code: str, hours: pd.DataFrame, sites: pd.DataFrame, evaluation: Collection[str], at: pd.Timestamp
) -> Report:
    """The report of the hour ``at``.

    Parameters
    ----------
    code : str
    hours : DataFrame
        Hourly table of the station, from :func:`shuzhi.status.air.hourly`, with at least the day up to ``at``; has a
        row at ``at`` (see :func:`latest`).
    sites : DataFrame
        Hourly table of the city's stations at ``at``.
    evaluation : collection of str
        Codes of the evaluation sites (城市评价点).
    at : tz-aware Timestamp
    """
    row = _position(hours, at)
    each = readings(hours, at)
    symbols = hours["primary"].iat[row].split(";")
    primary = tuple(item for item in ITEMS if SYMBOLS[item] in symbols)
    headline = _headline(primary, each)
    shown = each[ITEMS.index(headline)]
    return Report(
        code=code,
        at=at,
        aqi=_whole(hours["aqi"].iat[row]),
        level=int(hours["level"].iat[row]),
        primary=primary,
        edition=str(hours["edition"].iat[row]),
        headline=headline,
        readings=each,
        exceedance=exceedance(hours, shown, at),
        comparison=compare(hours, headline, at),
        region=region(sites, evaluation, code, shown),
    )


def _headline(primary: tuple[str, ...], each: tuple[Reading, ...]) -> str:
    """The first primary pollutant, else the item with the largest IAQI."""
    if primary:
        return primary[0]
    rated = [reading for reading in each if reading.iaqi is not None]
    return max(rated, key=lambda reading: reading.iaqi).item if rated else ITEMS[-1]


def readings(hours: pd.DataFrame, at: pd.Timestamp) -> tuple[Reading, ...]:
    """The six items of an hour with limit (GB 3095, grade II, edition of the day), IAQI and valid hours of the day."""
    row, today, day, elapsed = _position(hours, at), _today(hours, at), day_of(at), elapsed_hours(at)
    found = []
    for item in ITEMS:
        values = hours[item].to_numpy()
        period = "1h" if limits.limit(item, "1h", day) is not None else "24h"
        value = None if np.isnan(values[row]) else float(values[row])
        valid = int(np.count_nonzero(~np.isnan(values[today])))
        iaqi = _whole(hours[f"iaqi_{item}"].iat[row])
        found.append(Reading(item, value, limits.limit(item, period, day), period, iaqi, valid, elapsed))
    return tuple(found)


def _position(hours: pd.DataFrame, at: pd.Timestamp) -> int:
    """Where the row of an hour is."""
    return int(np.flatnonzero(_stamps(hours) == _second(at))[0])


def _today(hours: pd.DataFrame, at: pd.Timestamp) -> np.ndarray:
    """Which rows are hours of the Beijing day up to ``at``."""
    stamps, now = _stamps(hours), _second(at)
    return (stamps <= now) & (stamps > now - elapsed_hours(at) * 3600)


def _whole(value) -> int | None:
    return None if np.isnan(value) else int(value)


def exceedance(hours: pd.DataFrame, reading: Reading, at: pd.Timestamp) -> Exceedance | None:
    """Exceedance of an hourly limit at ``at``; None where there is none, or for an item without an hourly limit."""
    if reading.period != "1h" or not reading.above:
        return None
    over = _stamps(hours)[_today(hours, at) & (hours[reading.item].to_numpy() > reading.limit)]
    return Exceedance(hours=len(over), since=pd.Timestamp(int(over.min()), unit="s", tz="UTC"))


def compare(hours: pd.DataFrame, item: str, at: pd.Timestamp, before: int = BASE_HOURS) -> Comparison | None:
    """The reading at ``at`` against the mean of the hours before it; None unless all of them are there."""
    back = (_second(at) - _stamps(hours)) // 3600
    values = hours[item].to_numpy()
    value, earlier = values[back == 0], values[(back >= 1) & (back <= before)]
    base = earlier.mean() if len(earlier) == before else np.nan
    if not (len(value) and base > 0) or np.isnan(value[0]):
        return None
    return Comparison(base=float(base), change=float(value[0] / base - 1))


def region(sites: pd.DataFrame, evaluation: Collection[str], code: str, reading: Reading) -> Region | None:
    """Evaluation sites above the limit at the same hour, and whether the station's rise is regional or local.

    The others' median decides: one site far above its neighbours has a source nearby, all high together do not. None
    where fewer than two sites report.
    """
    read = zip(sites["station"].tolist(), sites[reading.item].tolist(), strict=True)
    values = {site: value for site, value in read if site in evaluation and value == value}
    if len(values) < 2 or reading.limit is None:
        return None
    middle = median(value for site, value in values.items() if site != code)
    kind = None
    if reading.above and middle > 0:
        ratio = reading.value / middle
        kind = "regional" if ratio < REGIONAL_BELOW else "local" if ratio > LOCAL_ABOVE else "mixed"
    return Region(reporting=len(values), above=sum(value > reading.limit for value in values.values()), kind=kind)


def neighbours(stations: Sequence[dict], code: str, sites: pd.DataFrame, count: int = 6) -> list[dict]:
    """The nearest stations with their distance and what they read at the hour.

    Parameters
    ----------
    stations : sequence of dict
        Rows of the register, from :func:`shuzhi.status.air.stations`.
    code : str
        One of them.
    sites : DataFrame
        Hourly table of one hour.

    Returns
    -------
    list of dict
        The columns of the register, ``km``, the six items, ``aqi``, ``level`` (0 without a reading), the nearest first;
        empty where the station has no coordinates.
    """
    own = next(at for at, place in enumerate(stations) if place["code"] == code)
    lon, lat = (np.array([place[name] for place in stations], dtype=float) for name in ("lon", "lat"))
    km = distance(lon[own], lat[own], lon, lat)
    near = [at for at in np.argsort(km).tolist() if at != own and not np.isnan(km[at])][:count]
    columns = [*ITEMS, "aqi", "level"]
    rows = zip(*(sites[name].tolist() for name in columns), strict=True)
    read = dict(zip(sites["station"].tolist(), rows, strict=True))
    nothing = (*(np.nan for _ in columns[:-1]), 0)
    return [
        {**stations[at], "km": km[at], **dict(zip(columns, read.get(stations[at]["code"], nothing), strict=True))}
        for at in near
    ]


def distance(lon: float, lat: float, lons, lats):
    """Great-circle distance [km] from a place to others [degrees, WGS 84] (haversine)."""
    a, b = np.radians(lat), np.radians(lats)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lons - lon) / 2) ** 2
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(half))


def year_of_days(home: Home, scope: Scope, code: str, year: int, until: dt.date, edition: str = "auto") -> pd.DataFrame:
    """Daily table of a station from 1 January to ``until`` or the year's end; a missing day is an invalid row."""
    first, last = year_span(year, until)
    days = air.daily(home, scope, first, last, stations=[code], edition=edition)
    return every_day(days, first, last)


def every_day(days: pd.DataFrame, first: dt.date, last: dt.date) -> pd.DataFrame:
    """A station's daily table with a row for each day of ``first``…``last``; a missing day is an invalid row."""
    days = days.assign(day=pd.to_datetime(days["day"])).set_index("day")
    table = days.reindex(pd.date_range(first, last, name="day")).reset_index()
    texts = {name: table[name].fillna("") for name in ("primary", "exceed")}
    return table.assign(valid=table["valid"].eq(True), level=table["level"].fillna(0).astype(int), **texts)


def year_span(year: int, until: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day shown of a year: it ends on the last complete day, never before its first."""
    return dt.date(year, 1, 1), max(min(dt.date(year, 12, 31), until), dt.date(year, 1, 1))


def days_up_to(days: pd.DataFrame, last: dt.date) -> pd.DataFrame:
    """The rows of a station's daily table, which is in time, up to a day."""
    return days.iloc[: np.searchsorted(days["day"].to_numpy(object), last, side="right")]


def level_counts(days: pd.DataFrame, first: dt.date, last: dt.date) -> dict[int, int]:
    """Valid days of ``first``…``last`` at each level 1…6, and under 0 the invalid ones and those without a row."""
    counts = np.bincount(days["level"].to_numpy()[_valid(days)], minlength=7).tolist()
    return {**{level: counts[level] for level in range(1, 7)}, 0: (last - first).days + 1 - sum(counts[1:])}


def last_valid_day(days: pd.DataFrame) -> int | None:
    """Position of the newest valid day of a daily table."""
    valid = np.flatnonzero(_valid(days))
    return int(valid[-1]) if len(valid) else None


def _valid(days: pd.DataFrame) -> np.ndarray:
    return days["valid"].to_numpy(dtype=bool) & ~np.isnan(days["aqi"].to_numpy())


def readings_around(home: Home, scope: Scope, code: str, at: pd.Timestamp) -> tuple[pd.Series | None, pd.Series | None]:
    """The last hourly row of a station up to ``at`` and the first after it."""
    today, days = pd.Timestamp(day_of(at)), _days_with_readings(home, scope, code)
    earlier, later = days[days <= today][::-1][:2], days[days >= today][:2]
    before = _first_found(home, scope, code, earlier, lambda rows: rows[rows["time"] <= at].tail(1))
    after = _first_found(home, scope, code, later, lambda rows: rows[rows["time"] > at].head(1))
    return before, after


def _days_with_readings(home: Home, scope: Scope, code: str) -> pd.DatetimeIndex:
    spans = home.engine.run("air_spans", scope, stations=[code])
    if spans.empty:
        return pd.DatetimeIndex([])
    days = air.daily(home, scope, spans["first"].iloc[0], spans["last"].iloc[0], stations=[code])
    return pd.DatetimeIndex(pd.to_datetime(days["day"])).sort_values()


def _first_found(home, scope, code, days, choose) -> pd.Series | None:
    for day in days:
        chosen = choose(air.hourly(home, scope, *day_span(day.date(), day.date()), stations=[code]))
        if not chosen.empty:
            return chosen.iloc[0]
    return None
