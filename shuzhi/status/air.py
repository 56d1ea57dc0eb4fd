"""Air readings and indices (空气质量现状) of stations and of the city: what every page starts from.

Instants are tz-aware; a stamp is the end of its hour. Days are Beijing days: stamps 01:00 … 24:00.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import select

from shuzhi.settings import settings
from shuzhi.standards import statistics
from shuzhi.standards.aqi import daily_aqi, hourly_aqi
from shuzhi.standards.days import beijing_day
from shuzhi.standards.rounding import round_half_even
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span, months_between
from shuzhi.store.ledger import Station
from shuzhi.store.schema import DAY_ITEMS, ITEMS

STATION_COLUMNS = ("code", "name", "city", "district", "network", "lon", "lat", "background", "evaluation")
_DECIMALS = {"co": 1}
_CITY_DAY_ITEMS = (*DAY_ITEMS, "o3_1h")
_SLIDING = {
    "o3_8h": ("o3", 8, "o3_8h_hours"),
    "pm10_24h": ("pm10", 24, "day_hours"),
    "pm25_24h": ("pm25", 24, "day_hours"),
}
"""Sliding means that only the literal text of HJ 633-2012 rates: column → (item, hours, rule of validity)."""


def stations(home: Home, scope: Scope, city: str | None = None) -> pd.DataFrame:
    """Air stations of the register, all or of one city, ordered by code."""
    scope.require("air")
    query = select(*(getattr(Station, name) for name in STATION_COLUMNS)).where(Station.kind == "air")
    if city is not None:
        query = query.where(Station.city == city)
    with home.ledger.session() as session:
        rows = session.execute(query.order_by(Station.code)).all()
    return pd.DataFrame(rows, columns=list(STATION_COLUMNS))


def latest_hour(home: Home, scope: Scope) -> pd.Timestamp | None:
    """The newest stamp of any air reading, in UTC, or None without data."""
    months = home.engine.run("air_months", scope)["month"]
    if months.empty:
        return None
    newest = months.iloc[-1]
    return home.engine.run("air_latest", scope, first_month=newest, last_month=newest)["newest"].iloc[0]


def hourly(
    home: Home,
    scope: Scope,
    start: pd.Timestamp,
    end: pd.Timestamp,
    stations: Sequence[str] | None = None,
    city: str | None = None,
    edition: str = "auto",
) -> pd.DataFrame:
    """Hourly readings and AQI, a row a station-hour that has any reading.

    Parameters
    ----------
    start, end : tz-aware Timestamp
        Stamps with start < time <= end.
    stations : sequence of str, optional
        Station codes; all where neither this nor `city` is given.
    city : str, optional
        All stations of a city.
    edition : 'auto', '2012' or '2026'
        Edition of HJ 633; by default the one in force at the reading's date.

    Returns
    -------
    DataFrame
        time, station, the six items (µg/m³, CO mg/m³), aqi, level, primary, iaqi_<item>.
    """
    hours = _read_hours(home, scope, start, end, _codes(home, scope, stations, city))
    return _with_hourly_aqi(hours, edition)


def city_hourly(
    home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp, edition: str = "auto", city: str | None = None
) -> pd.DataFrame:
    """Hourly city values: mean concentrations over the evaluation sites, then the index; a row an hour.

    Returns
    -------
    DataFrame
        As `hourly` without station, with ``sites``: the number of sites that reported.
    """
    codes = evaluation_codes(home, scope, city)
    return city_of(home, scope, _read_hours(home, scope, start, end, codes), codes, edition)


def city_of(home: Home, scope: Scope, hours: pd.DataFrame, codes: list[str], edition: str = "auto") -> pd.DataFrame:
    """As `city_hourly`, from readings that are there already.

    Parameters
    ----------
    hours : DataFrame
        As from `hourly`, of the evaluation sites.
    codes : list of str
        All evaluation sites, those without a reading too.
    """
    items = [name for name in (*ITEMS, *_SLIDING) if name in hours]
    times, cube = _cube(hours, "time", codes, items)
    means = _city_means(cube, items, _sites_at(home, scope, codes, beijing_day(times)))
    means.insert(0, "time", times)
    means["sites"] = (~np.isnan(cube)).any(axis=2).sum(axis=1)
    return _with_hourly_aqi(means, edition)


def daily(
    home: Home,
    scope: Scope,
    first: dt.date,
    last: dt.date,
    stations: Sequence[str] | None = None,
    city: str | None = None,
    edition: str = "auto",
) -> pd.DataFrame:
    """Daily values and AQI, a row per station and day with any reading; both days included.

    Returns
    -------
    DataFrame
        day, station, the six daily values rounded as reported (missing where invalid by HJ 663), aqi, level, primary,
        iaqi_<item>, ``hours_<item>`` valid hours, ``o3_windows`` valid 8 h means, and ``valid``: the day has an index
        that may be published (2012: that of the items there are; 2026: see HJ 633-2026 on missing items).
    """
    days = _read_days(home, scope, first, last, _codes(home, scope, stations, city))
    return _with_daily_aqi(days, edition)


def city_daily(
    home: Home,
    scope: Scope,
    first: dt.date,
    last: dt.date,
    edition: str = "auto",
    city: str | None = None,
    stations: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Daily city values: mean over the evaluation sites of their rounded daily values (HJ 663), then the index.

    Parameters
    ----------
    stations : sequence of str, optional
        Codes of the sites whose mean is wanted (a district's); by default the evaluation sites of the city.

    Returns
    -------
    DataFrame
        As `daily` without station, with ``sites``: the number of sites with a complete day. A row for each day of the
        span that has any reading.
    """
    codes = evaluation_codes(home, scope, city) if stations is None else list(stations)
    return city_of_days(home, scope, _read_days(home, scope, first, last, codes), codes, edition)


def city_of_days(home: Home, scope: Scope, days: pd.DataFrame, codes: list[str], edition: str = "auto") -> pd.DataFrame:
    """As `city_daily`, from daily values that are there already.

    Parameters
    ----------
    days : DataFrame
        As from `daily`, of the sites.
    codes : list of str
        All sites, those without a reading too.
    """
    dates, cube = _cube(days, "day", codes, _CITY_DAY_ITEMS)
    means = _city_means(cube, _CITY_DAY_ITEMS, _sites_at(home, scope, codes, np.asarray(dates, dtype="datetime64[D]")))
    means.insert(0, "day", dates)
    means["sites"] = (~np.isnan(cube[:, :, : len(DAY_ITEMS)])).all(axis=2).sum(axis=1)
    return _with_daily_aqi(means, edition)


def evaluation_codes(home: Home, scope: Scope, city: str | None = None) -> list[str]:
    """Codes of the sites that count for a city's assessment (城市评价点), by default the home's city."""
    table = stations(home, scope, city or home.city)
    return table.loc[table["evaluation"], "code"].tolist()


def _codes(home, scope, codes, city) -> list[str] | None:
    if codes is not None:
        return list(codes)
    return None if city is None else stations(home, scope, city)["code"].tolist()


def _read_hours(home, scope, start, end, codes) -> pd.DataFrame:
    if settings().aqi_2012_method == "practice":
        return _hours(home, scope, start, end, codes)
    longest = max(length for _, length, _ in _SLIDING.values())
    hours = _hours(home, scope, start - pd.Timedelta(hours=longest - 1), end, codes)
    hours = _with_sliding_means(hours)
    return hours[hours["time"] > start].reset_index(drop=True)


def _hours(home, scope, start, end, codes) -> pd.DataFrame:
    first_month, last_month = months_between(start, end)
    span = {"start": start.to_pydatetime(), "end": end.to_pydatetime()}
    months = {"first_month": first_month, "last_month": last_month}
    return home.engine.run("air_hours", scope, **span, **months, stations=codes)


def _with_sliding_means(hours: pd.DataFrame) -> pd.DataFrame:
    cells = pd.MultiIndex.from_frame(hours[["time", "station"]])
    for column, (item, length, rule) in _SLIDING.items():
        wide = hours.pivot(index="time", columns="station", values=item).asfreq("h")
        sliding = wide.rolling(length, min_periods=int(statistics.minimum(rule))).mean()
        hours[column] = sliding.stack().reindex(cells).to_numpy()
    return hours


def _read_days(home, scope, first, last, codes) -> pd.DataFrame:
    first_month, last_month = months_between(*day_span(first, last))
    days = home.engine.run(
        "air_days", scope, first=first, last=last, first_month=first_month, last_month=last_month, stations=codes
    )
    return _valid_only(days)


def _valid_only(days: pd.DataFrame) -> pd.DataFrame:
    """Rounded daily values, missing where the day has too few hours; ozone was judged when it was derived."""
    for item in DAY_ITEMS:
        value = round_half_even(days[item].to_numpy(), _DECIMALS.get(item, 0))
        enough = item == "o3_8h" or days[f"hours_{item}"].to_numpy() >= statistics.DAY_HOURS
        days[item] = np.where(enough, value, np.nan)
    return days


def _cube(table: pd.DataFrame, key: str, codes: list[str], items: Sequence[str]) -> tuple[pd.Index, np.ndarray]:
    """Values as an array (keys, stations, items), NaN where there is none."""
    row, keys = pd.factorize(table[key], sort=True)
    column = pd.Index(codes).get_indexer(table["station"])
    cube = np.full((len(keys), len(codes), len(items)), np.nan)
    cube[row, column] = table[list(items)].to_numpy(dtype=float)
    return keys, cube


def _city_means(cube: np.ndarray, items: Sequence[str], sites: np.ndarray) -> pd.DataFrame:
    share = {"share": settings().city_site_share, "share_few": settings().city_site_share_few}
    return pd.DataFrame(
        {
            item: statistics.city_mean(cube[:, :, at], decimals=_DECIMALS.get(item, 0), sites=sites, **share)[0]
            for at, item in enumerate(items)
        }
    )


def _sites_at(home: Home, scope: Scope, codes: list[str], days: np.ndarray) -> np.ndarray:
    """Number of evaluation sites in service on each day: those between their first and last reading, and some weeks on.

    A register names sites that are closed or not yet open; they must not make a city's day invalid.
    """
    spans = home.engine.run("air_spans", scope, stations=codes)
    first = spans["first"].to_numpy(dtype="datetime64[D]")
    last = spans["last"].to_numpy(dtype="datetime64[D]") + settings().closed_after_days
    return ((first <= days[:, None]) & (days[:, None] <= last)).sum(axis=1)


def _with_hourly_aqi(hours: pd.DataFrame, edition: str) -> pd.DataFrame:
    return hours.join(hourly_aqi(hours, edition=edition, method=settings().aqi_2012_method))


def _with_daily_aqi(days: pd.DataFrame, edition: str) -> pd.DataFrame:
    rated = days.join(daily_aqi(days, edition=edition, method=settings().aqi_2012_method))
    return rated.assign(valid=rated["aqi"].notna())
