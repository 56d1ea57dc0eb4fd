"""The city's situation (态势): one hour against its limits, its yesterday, its year so far and last year's.

Last year and this year are rated by one edition, so that a change of the rules does not look like a change of the air.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from shuzhi.settings import BEIJING, settings
from shuzhi.standards.aqi import edition_on
from shuzhi.standards.limits import limit
from shuzhi.standards.statistics import period_statistics
from shuzhi.status import air
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span
from shuzhi.store.ledger import ImportRun
from shuzhi.store.schema import DAY_ITEMS, ITEMS
from shuzhi.store.targets import targets

HOUR = pd.Timedelta(hours=1)
DAY = pd.Timedelta(days=1)
GOOD_UP_TO = 2
"""Level up to which a day counts as good (优良): AQI at most 100."""

REFERENCE_STATE_CHANGED = dt.date(2018, 9, 1)
"""From here on gases are reported at 298.15 K (2018 amendment of GB 3095-2012): about 8 % lower than before."""

LIMIT_PERIODS = {"pm25": "24h", "pm10": "24h", "so2": "1h", "no2": "1h", "co": "1h", "o3": "1h"}
"""Limit that an hourly value is held against; particles have no hourly limit, their daily one is shown."""


@dataclass(frozen=True)
class Year:
    """Valid days of a period, counted by level.

    Attributes
    ----------
    first, last : date
        Both included.
    days : DataFrame
        A row for each calendar day: day, aqi, level (0 = not valid), primary.
    counts : dict of int to int
        Level 1…6 and 0 (not valid) → days.
    statistics : dict
        Item (``o3_8h`` for ozone) → value over the period as HJ 663 names it: mean for PM2.5, PM10, SO2 and NO2,
        95th percentile for CO, 90th for O3-8h; NaN without a day.
    """

    first: dt.date
    last: dt.date
    days: pd.DataFrame
    counts: dict[int, int]
    statistics: dict[str, float]

    @property
    def valid(self) -> int:
        """Days with all six items valid."""
        return sum(n for level, n in self.counts.items() if level)

    @property
    def good(self) -> int:
        """Days of level 优 or 良."""
        return sum(n for level, n in self.counts.items() if 0 < level <= GOOD_UP_TO)

    @property
    def share(self) -> float:
        """Good days in valid days [%], NaN without a valid day."""
        return 100 * self.good / self.valid if self.valid else float("nan")


@dataclass(frozen=True)
class Situation:
    """What the page 态势 shows.

    Attributes
    ----------
    city : str
    at : Timestamp
        The hour shown (its end), Beijing.
    hours : DataFrame
        The 25 hours up to ``at``, one row each, missing ones too: time (Beijing), the six items, aqi, level, primary,
        sites. The first is the same hour of yesterday, the last is ``at``.
    edition : str
        The one edition that rates the hour and both years.
    stations : DataFrame
        All stations of the city at ``at``: the register's columns, the items, aqi, level (0 = no reading), primary,
        and ``seen``, the level of the newest reading that is not stale, as maps show it.
    exceedances : DataFrame
        Stations with an item over its limit, worst first: code, name, district, evaluation, item (the worst),
        value, limit, period, times (value / limit), aqi, level.
    pollutants : DataFrame
        By item: now, limit, period (of the limit), year, last_year (period statistics), change (%).
    year, last_year : Year
        Up to the last whole day before ``at``, and the same calendar days a year earlier.
    targets : dict
        Metric → value for the year of ``year``; empty where none is set.
    received : Timestamp or None
        When the newest import ended, Beijing.
    before, after : Timestamp or None
        Where no station has a reading at ``at``: the nearest hours within a week that have, Beijing.
    """

    city: str
    at: pd.Timestamp
    hours: pd.DataFrame
    edition: str
    stations: pd.DataFrame
    exceedances: pd.DataFrame
    pollutants: pd.DataFrame
    year: Year
    last_year: Year
    targets: dict[str, float]
    received: pd.Timestamp | None
    before: pd.Timestamp | None = None
    after: pd.Timestamp | None = None

    @property
    def now(self) -> pd.Series:
        """The city's hour."""
        return self.hours.iloc[-1]

    @property
    def rated(self) -> bool:
        """The city has an AQI at this hour."""
        return bool(self.now["level"] > 0)

    @property
    def reporting(self) -> int:
        """Stations with any reading at this hour."""
        values = np.stack([self.stations[item].to_numpy(dtype=float) for item in ITEMS])
        return int((~np.isnan(values)).any(axis=0).sum())

    @property
    def reference_state_differs(self) -> bool:
        """Gases of the two years are reported at different reference states, so their change says little."""
        return self.last_year.valid > 0 and self.last_year.first < REFERENCE_STATE_CHANGED <= self.year.last


@dataclass(frozen=True)
class Readings:
    """The hours that the situations of one Beijing day are made of.

    Attributes
    ----------
    register : DataFrame
        The city's stations.
    city : DataFrame
        A row for each hour, missing ones too: time (Beijing), the six items, aqi, level, primary, sites.
    values : array (hours, stations, items)
        The six items; NaN where missing.
    aqi, level, primary : arrays (hours, stations)
        NaN, 0 and '' where missing.
    """

    register: pd.DataFrame
    city: pd.DataFrame
    values: np.ndarray
    aqi: np.ndarray
    level: np.ndarray
    primary: np.ndarray

    def at(self, time: pd.Timestamp) -> int:
        """Number of an hour."""
        return int((time - self.city["time"].iat[0]) // HOUR)


def readings(home: Home, scope: Scope, day: dt.date, edition: str = "auto") -> Readings:
    """The readings of a day and of the hours before it that its situations look back at."""
    begin, end = (stamp.tz_convert(BEIJING) for stamp in day_span(day, day))
    start = begin - max(DAY, settings().stale_hours * HOUR)
    times = pd.date_range(start + HOUR, end, freq="h", name="time")
    register = air.stations(home, scope, home.city)
    codes = register["code"].tolist()
    table = air.hourly(home, scope, start, end, stations=codes, edition=edition)
    evaluated = register.loc[register["evaluation"], "code"].tolist()
    of_city = air.city_of(home, scope, table[table["station"].isin(evaluated)], evaluated, edition)
    cells = times.get_indexer(table["time"]), pd.Index(codes).get_indexer(table["station"])
    shape = (len(times), len(codes))

    def grid(column: str, missing, dtype) -> np.ndarray:
        cube = np.full(shape, missing, dtype)
        cube[cells] = table[column].to_numpy(dtype)
        return cube

    return Readings(
        register=register,
        city=_every_hour(of_city, times),
        values=np.stack([grid(item, np.nan, float) for item in ITEMS], axis=2),
        aqi=grid("aqi", np.nan, float),
        level=grid("level", 0, int),
        primary=grid("primary", "", object),
    )


def _every_hour(found: pd.DataFrame, times: pd.DatetimeIndex) -> pd.DataFrame:
    """Hours of the city; a missing hour is a row without values."""
    table = found.assign(time=found["time"].dt.tz_convert(BEIJING)).set_index("time").reindex(times)
    table["level"] = table["level"].fillna(0).astype(int)
    table["primary"] = table["primary"].astype(object).where(table["primary"].notna(), "")
    return table.reset_index()[["time", *ITEMS, "aqi", "level", "primary", "sites"]]


def years(
    home: Home,
    scope: Scope,
    last: dt.date,
    edition: str,
    daily: Callable[[Home, Scope, dt.date, dt.date, str], pd.DataFrame] = air.city_daily,
) -> tuple[Year, Year]:
    """The year up to a day, and the same calendar days a year earlier, rated by one edition.

    Parameters
    ----------
    daily : callable
        As ``air.city_daily``; a page passes one that remembers a year, whose days are the same in every span.
    """
    before = year_earlier(last)
    firsts = (dt.date(day.year, 1, 1) for day in (last, before))
    return tuple(
        _counted(daily(home, scope, first, day, edition), first, day)
        for first, day in zip(firsts, (last, before), strict=True)
    )


def period(
    home: Home,
    scope: Scope,
    first: dt.date,
    last: dt.date,
    edition: str = "auto",
    stations: Sequence[str] | None = None,
) -> Year:
    """Any days, both included, counted as `years` counts those of a year.

    Parameters
    ----------
    stations : sequence of str, optional
        Codes of the sites whose mean is rated; by default the city's evaluation sites.
    """
    return _counted(air.city_daily(home, scope, first, last, edition, stations=stations), first, last)


def _counted(found: pd.DataFrame, first: dt.date, last: dt.date) -> Year:
    days = found.set_index(pd.DatetimeIndex(found["day"])).reindex(pd.date_range(first, last, name="day"))
    valid = days["valid"].fillna(False).astype(bool)
    level = days["level"].where(valid, 0).fillna(0).astype(int)
    counts = {step: int((level == step).sum()) for step in range(7)}
    shown = pd.DataFrame({"aqi": days["aqi"].where(valid), "level": level, "primary": days["primary"].where(valid, "")})
    return Year(first, last, shown.reset_index(), counts, period_statistics(found[list(DAY_ITEMS)]).iloc[0].to_dict())


def situation(
    home: Home,
    scope: Scope,
    at: pd.Timestamp | None = None,
    edition: str = "auto",
    years: Callable[[Home, Scope, dt.date, str], tuple[Year, Year]] = years,
    readings: Callable[[Home, Scope, dt.date, str], Readings] = readings,
) -> Situation | None:
    """The city's situation at an hour.

    Parameters
    ----------
    at : tz-aware Timestamp, optional
        End of the hour; by default the newest hour with any reading.
    edition : 'auto', '2012' or '2026'
        "auto" rates the hour by its date, and both years by the edition of that date.
    years, readings : callable
        As `years` and `readings`; a page passes ones that remember, because they are the same for all hours of a day.

    Returns
    -------
    Situation or None
        None in a home without any air reading.
    """
    at = air.latest_hour(home, scope) if at is None else at
    if at is None:
        return None
    at = at.tz_convert(BEIJING)
    day = (at - HOUR / 2).date()
    named = edition if edition != "auto" else edition_on(day)
    year, before = years(home, scope, at.date() - dt.timedelta(days=1), named)
    held = readings(home, scope, day, edition)
    hour = held.at(at)
    hours = held.city.iloc[hour - 24 : hour + 1].reset_index(drop=True)
    stations = _stations(held, hour)
    silent = np.isnan(held.values[hour]).all()
    previous, following = _nearest(home, scope, at) if silent else (None, None)
    return Situation(
        city=home.city,
        at=at,
        hours=hours,
        edition=named,
        stations=stations,
        exceedances=exceedances(stations, day),
        pollutants=_pollutants(hours.iloc[-1], year, before, day),
        year=year,
        last_year=before,
        targets=targets(home, year.last.year),
        received=received(home),
        before=previous,
        after=following,
    )


def exceedances(stations: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Stations with an item over its limit, a row a station, worst first.

    Parameters
    ----------
    stations : DataFrame
        Register and readings of one hour, as in `Situation.stations`.
    day : date
        Whose limits count (GB 3095, class II).
    """
    limits = np.array([limit(item, LIMIT_PERIODS[item], day) for item in ITEMS], dtype=float)
    values = stations[list(ITEMS)].to_numpy(dtype=float)
    times = np.nan_to_num(values / limits)
    rows = np.flatnonzero((times > 1).any(axis=1))
    worst = times[rows].argmax(axis=1)
    over = stations.iloc[rows].assign(
        item=np.array(ITEMS, dtype=object)[worst],
        value=values[rows, worst],
        limit=limits[worst],
        period=np.array([LIMIT_PERIODS[item] for item in ITEMS], dtype=object)[worst],
        times=times[rows, worst],
    )
    columns = ["code", "name", "district", "evaluation", "item", "value", "limit", "period", "times", "aqi", "level"]
    return over.sort_values(["times", "code"], ascending=[False, True])[columns].reset_index(drop=True)


def received(home: Home) -> pd.Timestamp | None:
    """When the newest import ended, Beijing; None without one."""
    with home.ledger.session() as session:
        newest = session.scalar(select(func.max(ImportRun.finished_at)))
    return None if newest is None else pd.Timestamp(newest, tz=newest.tzinfo or dt.UTC).tz_convert(BEIJING)


def _nearest(home, scope, at) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """The nearest hours before and after ``at`` with a reading of an evaluation site; None beyond a week."""
    found = air.city_hourly(home, scope, at - 7 * DAY, at + 7 * DAY)
    times = found.loc[found["sites"] > 0, "time"].dt.tz_convert(BEIJING)
    return _or_none(times[times < at].max()), _or_none(times[times > at].min())


def _or_none(time) -> pd.Timestamp | None:
    return None if pd.isna(time) else time


def _stations(held: Readings, hour: int) -> pd.DataFrame:
    seen = np.zeros(len(held.register), int)
    for level in held.level[max(hour - settings().stale_hours, 0) : hour + 1]:
        seen = np.where(level > 0, level, seen)
    return held.register.assign(
        **dict(zip(ITEMS, held.values[hour].T, strict=True)),
        aqi=held.aqi[hour],
        level=held.level[hour],
        primary=held.primary[hour],
        seen=seen,
    )


def year_earlier(day: dt.date) -> dt.date:
    """The same calendar day a year earlier; 28 February for 29 February."""
    return (pd.Timestamp(day) - pd.DateOffset(years=1)).date()


def _pollutants(now: pd.Series, year: Year, before: Year, day: dt.date) -> pd.DataFrame:
    """The hour, its limit, and the year's statistic against last year's; a row an item."""
    rows = []
    for item in ITEMS:
        of_day = "o3_8h" if item == "o3" else item
        this, last = year.statistics[of_day], before.statistics[of_day]
        rows.append(
            {
                "item": item,
                "now": now[item],
                "limit": limit(item, LIMIT_PERIODS[item], day),
                "period": LIMIT_PERIODS[item],
                "year": this,
                "last_year": last,
                "change": 100 * (this - last) / last if last else float("nan"),
            }
        )
    return pd.DataFrame(rows).set_index("item")
