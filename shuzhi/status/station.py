"""One station (站点): what its latest hour says, how complete it is, who stands near it.

Pure functions over the tables of :mod:`shuzhi.status.air`; the few that read say so by taking ``home, scope``.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
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

    ``table`` has ``station`` and, for hours, ``time``; the others are positions of its rows.
    """

    table: pd.DataFrame
    by_station: dict[str, np.ndarray]
    by_time: dict[pd.Timestamp, np.ndarray]

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Rows":
        """Rows of an hourly or a daily table of :mod:`shuzhi.status.air`."""
        times = table.groupby("time").indices if "time" in table else {}
        return cls(table, table.groupby("station").indices, times)

    def station(self, code: str) -> pd.DataFrame:
        """The rows of a station, in time."""
        return self.table.take(self.by_station.get(code, np.empty(0, int))).reset_index(drop=True)

    def hour(self, at: pd.Timestamp) -> pd.DataFrame:
        """The rows of an hour."""
        return self.table.take(self.by_time.get(at.tz_convert("UTC"), np.empty(0, int))).reset_index(drop=True)


def day_of(stamp: pd.Timestamp) -> dt.date:
    """The Beijing day an end-of-hour stamp belongs to: 00:00 ends the day before."""
    return (stamp.tz_convert(BEIJING) - pd.Timedelta(seconds=1)).date()


def elapsed_hours(at: pd.Timestamp) -> int:
    """Hours of the Beijing day that have ended at a stamp, 1 … 24."""
    return at.tz_convert(BEIJING).hour or 24


def latest(hours: pd.DataFrame, at: pd.Timestamp, within: int = 24) -> pd.Timestamp | None:
    """Stamp of the newest reading of the last ``within`` hours up to ``at``; None without any."""
    times = hours.loc[(hours["time"] <= at) & (hours["time"] > at - within * HOUR), "time"]
    return None if times.empty else times.max()


def report(code: str, hours: pd.DataFrame, sites: pd.DataFrame, evaluation: Sequence[str], at: pd.Timestamp) -> Report:
    """The report of the hour ``at``.

    Parameters
    ----------
    code : str
    hours : DataFrame
        Hourly table of the station, from :func:`shuzhi.status.air.hourly`, with at least the day up to ``at``; has a
        row at ``at`` (see :func:`latest`).
    sites : DataFrame
        Hourly table of the city's stations at ``at``.
    evaluation : sequence of str
        Codes of the evaluation sites (城市评价点).
    at : tz-aware Timestamp
    """
    row = _row(hours, at)
    each = _readings(row, hours, at)
    primary = tuple(item for item in ITEMS if SYMBOLS[item] in row["primary"].split(";"))
    headline = _headline(primary, each)
    shown = each[ITEMS.index(headline)]
    return Report(
        code=code,
        at=at,
        aqi=_whole(row["aqi"]),
        level=int(row["level"]),
        primary=primary,
        edition=str(row["edition"]),
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
    return _readings(_row(hours, at), hours, at)


def _readings(row: dict, hours: pd.DataFrame, at: pd.Timestamp) -> tuple[Reading, ...]:
    day, elapsed, today = day_of(at), elapsed_hours(at), _today(hours, at)
    valid = today[list(ITEMS)].notna().to_numpy().sum(axis=0)
    found = []
    for item, count in zip(ITEMS, valid.tolist(), strict=True):
        period = "1h" if limits.limit(item, "1h", day) is not None else "24h"
        value = None if pd.isna(row[item]) else float(row[item])
        iaqi = _whole(row[f"iaqi_{item}"])
        found.append(Reading(item, value, limits.limit(item, period, day), period, iaqi, count, elapsed))
    return tuple(found)


def _row(hours: pd.DataFrame, at: pd.Timestamp) -> dict:
    """The row of one hour; a dict, because a Series of mixed types is slow to make and to read."""
    return hours[hours["time"] == at].iloc[:1].to_dict("records")[0]


def _today(hours: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    return hours[(hours["time"] <= at) & (hours["time"] > at - elapsed_hours(at) * HOUR)]


def _whole(value) -> int | None:
    return None if pd.isna(value) else int(value)


def exceedance(hours: pd.DataFrame, reading: Reading, at: pd.Timestamp) -> Exceedance | None:
    """Exceedance of an hourly limit at ``at``; None where there is none, or for an item without an hourly limit."""
    if reading.period != "1h" or not reading.above:
        return None
    today = _today(hours, at)
    over = today.loc[today[reading.item] > reading.limit, "time"]
    return Exceedance(hours=len(over), since=over.min())


def compare(hours: pd.DataFrame, item: str, at: pd.Timestamp, before: int = BASE_HOURS) -> Comparison | None:
    """The reading at ``at`` against the mean of the hours before it; None unless all of them are there."""
    series = hours.set_index("time")[item]
    base = series.reindex([at - n * HOUR for n in range(1, before + 1)])
    value = series.get(at)
    if base.isna().any() or pd.isna(value) or base.mean() <= 0:
        return None
    return Comparison(base=float(base.mean()), change=float(value / base.mean() - 1))


def region(sites: pd.DataFrame, evaluation: Sequence[str], code: str, reading: Reading) -> Region | None:
    """Evaluation sites above the limit at the same hour, and whether the station's rise is regional or local.

    The others' median decides: one site far above its neighbours has a source nearby, all high together do not. None
    where fewer than two sites report.
    """
    values = sites[sites["station"].isin(evaluation)].set_index("station")[reading.item].dropna()
    if len(values) < 2 or reading.limit is None:
        return None
    others = values.drop(code, errors="ignore")
    kind = None
    if reading.above and len(others) and others.median() > 0:
        ratio = reading.value / others.median()
        kind = "regional" if ratio < REGIONAL_BELOW else "local" if ratio > LOCAL_ABOVE else "mixed"
    return Region(reporting=len(values), above=int((values > reading.limit).sum()), kind=kind)


def neighbours(stations: pd.DataFrame, code: str, sites: pd.DataFrame, count: int = 6) -> pd.DataFrame:
    """The nearest stations with their distance and what they read at the hour.

    Parameters
    ----------
    stations : DataFrame
        The register, from :func:`shuzhi.status.air.stations`.
    code : str
    sites : DataFrame
        Hourly table of one hour.

    Returns
    -------
    DataFrame
        The columns of the register, ``km``, the six items, ``aqi``, ``level`` (0 without a reading), ``primary``; empty
        where the station has no coordinates.
    """
    placed = stations[stations["lon"].notna() & stations["lat"].notna()]
    own = (placed["code"] == code).to_numpy()
    lon, lat = placed["lon"].to_numpy(dtype=float), placed["lat"].to_numpy(dtype=float)
    km = distance(lon[own][0], lat[own][0], lon, lat) if own.any() else np.empty(len(placed))
    order = [at for at in np.argsort(km) if not own[at]][: count if own.any() else 0]
    near = placed.iloc[order].reset_index(drop=True).assign(km=km[order])
    columns = [*ITEMS, "aqi", "level", "primary"]
    read = sites.set_index("station")[columns].reindex(near["code"]).reset_index(drop=True)
    read = read.assign(level=read["level"].fillna(0).astype(int), primary=read["primary"].fillna(""))
    return pd.concat([near, read], axis=1)


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


def level_counts(days: pd.DataFrame) -> dict[int, int]:
    """Valid days at each level 1…6, and the invalid ones under 0."""
    level = days["level"].where(days["valid"] & days["aqi"].notna(), 0).astype(int)
    counts = level.value_counts()
    return {k: int(counts.get(k, 0)) for k in (1, 2, 3, 4, 5, 6, 0)}


def last_valid_day(days: pd.DataFrame) -> pd.Series | None:
    """The newest valid day of a daily table."""
    valid = days[days["valid"] & days["aqi"].notna()]
    return None if valid.empty else valid.iloc[-1]


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
