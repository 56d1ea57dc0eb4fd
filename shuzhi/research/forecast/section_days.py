"""Daily means of the sections of surface water as arrays, with the weather beside them.

Days are whole Beijing days; 00:00 belongs to the day before.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.registry import rivers
from shuzhi.research import weather
from shuzhi.settings import BEIJING
from shuzhi.standards import water as law
from shuzhi.standards.days import beijing_day
from shuzhi.status import water, water_rows
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span
from shuzhi.store.schema import WATER_ITEMS

ITEMS = (*law.AUTOMATIC, "tn", "turbidity", "water_temperature")
"""What is forecast: the items of the class of automatic stations first, then what explains them."""
RATED = len(law.AUTOMATIC)
"""So many of ``ITEMS``, the first ones, make the class."""
LEADS = 7
"""Days that are forecast."""
WEATHER = ("precipitation", "temperature")
"""Daily weather of the city: mm and °C."""

_LOGGED = np.array([item in ("codmn", "nh3n", "tp", "tn", "turbidity") for item in ITEMS])
_LEAST = np.array([{"codmn": 0.05, "nh3n": 0.003, "tp": 0.002, "tn": 0.01, "turbidity": 0.1}.get(i, 0) for i in ITEMS])
_HIGHEST = np.array([{"ph": 14.0, "do": 25.0, "water_temperature": 45.0}.get(item, np.inf) for item in ITEMS])
_COLUMNS = [WATER_ITEMS.index(item) for item in ITEMS]
_READINGS = 3  # of the six of a day, fewer make no mean
_HISTORY = pd.Timedelta(days=4 * 366)
_RECENT = 30
_ISSUES = pd.Timedelta(days=400)
_FRESH = pd.Timedelta(days=1)  # an older issue of the weather is none
_STATIONS = 3  # that tell the weather of the city to come
_HOURS = 12


@dataclass(frozen=True)
class Days:
    """Daily means of the sections that have ever sent anything.

    Attributes
    ----------
    days : DatetimeIndex
        Without gaps, naive Beijing days, the last is the last known one.
    codes : Index
        Of the sections.
    lake : array (sections,)
        bool.
    values : array (days, sections, items)
        Means of ``ITEMS``, of pH that of the hydrogen ions; NaN where missing.
    weather : array (days, 2)
        ``WEATHER`` as it was measured in the city; NaN where missing.
    coming : array (days, LEADS, 2)
        The same of the days after each day, as the newest issue of a weather product had it then; NaN without one.
    upstream : array (sections, sections)
        Rows sum to 1, or to 0 where no section lies upstream: whose mean comes down to each.
    """

    days: pd.DatetimeIndex
    codes: pd.Index
    lake: np.ndarray
    values: np.ndarray
    weather: np.ndarray
    coming: np.ndarray
    upstream: np.ndarray


def last_day(as_of: pd.Timestamp) -> pd.Timestamp:
    """The last Beijing day that is over at an instant, naive."""
    return pd.Timestamp(beijing_day(pd.DatetimeIndex([as_of + pd.Timedelta(microseconds=1)]))[0]) - pd.Timedelta(days=1)


def ends(last: pd.Timestamp) -> pd.DatetimeIndex:
    """The instants (UTC) at which the ``LEADS`` days after a day end."""
    midnight = day_span(last.date(), last.date())[1]
    return pd.DatetimeIndex([midnight + pd.Timedelta(days=lead) for lead in range(1, LEADS + 1)]).as_unit("us")


def read(
    home: Home,
    scope: Scope,
    as_of: pd.Timestamp,
    first: pd.Timestamp | None = None,
    issues_from: pd.Timestamp | None = None,
) -> Days | None:
    """The days that are over at an instant; None where no section has sent anything.

    No reading after the last day is looked at, no weather forecast made later than the hour of ``as_of`` of each day.

    Parameters
    ----------
    as_of : tz-aware Timestamp
    first : Timestamp, optional
        First day (naive); by default four years before.
    issues_from : Timestamp, optional
        First day (naive) after which forecasts of the weather are asked for, by default 400 days before.
    """
    scope.require("water")
    last = last_day(as_of)
    codes = water_rows.codes_of(home)
    start = day_span((last - _HISTORY if first is None else first).date(), last.date())[0]
    found = water_rows.rows(home, start, day_span(last.date(), last.date())[1])
    if not len(found):
        return None
    day = beijing_day(pd.DatetimeIndex(found.time).tz_localize("UTC")).astype("M8[D]")
    days = pd.date_range(pd.Timestamp(day.min()), last, freq="D")
    row = (day - np.datetime64(days[0].date())).astype(int)
    values = _means(found, row, len(days))
    lakes = codes.isin(water.sections(home, scope).query("lake")["code"])
    issues_from = last - _ISSUES if issues_from is None else issues_from
    coming = _coming(home, scope, days, max(issues_from, days[0]), as_of - day_span(last.date(), last.date())[1])
    return Days(days, codes, lakes, values, _weather(home, scope, days), coming, _upstream(home, scope, codes))


def _means(found: water_rows.Rows, row: np.ndarray, days: int) -> np.ndarray:
    values = found.values[:, : len(WATER_ITEMS)].copy()
    values[(found.held_back[:, None] >> np.arange(len(WATER_ITEMS)) & 1).astype(bool)] = np.nan
    label, n = row * len(found.codes) + found.section, days * len(found.codes)
    means = law.group_means(values[:, _COLUMNS], label, n, ITEMS)
    means[np.bincount(label[np.isfinite(values).any(axis=1)], minlength=n) < _READINGS] = np.nan
    return means.reshape(days, len(found.codes), len(ITEMS))


def _weather(home: Home, scope: Scope, days: pd.DatetimeIndex) -> np.ndarray:
    """Mean over the city's stations, NaN where nothing was measured or may be seen."""
    if not scope.may(weather.DATASET):
        return np.full((len(days), len(WEATHER)), np.nan)
    found = weather.day_values(weather.observed(home, scope, *day_span(days[0].date(), days[-1].date())))
    found = found.reindex(columns=["day", *WEATHER]).groupby("day").mean()
    return found.reindex(days).to_numpy(float)


def _coming(home: Home, scope: Scope, days: pd.DatetimeIndex, first: pd.Timestamp, hour: pd.Timedelta) -> np.ndarray:
    """What the newest issue said, ``hour`` after each day, of the days to come: mean over a few stations of the city.

    Days of which less than ``_HOURS`` are told are left out; the rain of a part of a day is drawn out to the whole.
    """
    out = np.full((len(days), LEADS, len(WEATHER)), np.nan)
    moments = pd.DatetimeIndex([day_span(day.date(), day.date())[1] + hour for day in days])
    product = weather.products(home, scope, moments[-1]) if scope.may(weather.DATASET) else pd.DataFrame()
    if product.empty:
        return out
    name, newest = product["product"].iloc[0], product["newest"].iloc[0]
    stations = np.sort(weather.path(home, scope, newest, name)["station"].unique())[:_STATIONS]
    told = weather.paths(home, scope, first.date(), moments[-1].tz_convert(BEIJING).date(), name, list(stations))
    if told.empty or not set(WEATHER) <= set(told):
        return out
    table = _told_days(told)
    issued = pd.DatetimeIndex(table.index.get_level_values(0).unique())
    for row in np.flatnonzero(days >= first):
        before = issued[(issued <= moments[row]) & (issued > moments[row] - _FRESH)]
        if len(before):
            ahead = days[row] + pd.to_timedelta(np.arange(1, LEADS + 1), unit="D")
            out[row] = table.loc[before.max()].reindex(ahead).to_numpy(float)
    return out


def _told_days(told: pd.DataFrame) -> pd.DataFrame:
    """Daily ``WEATHER`` of issues, indexed by (issued_at, day)."""
    hours = told["period"].map(weather.HOURS)
    rows = told.assign(day=beijing_day(told["time"]), hours=hours, temperature=told["temperature"] * hours)
    stations = told["station"].nunique()
    sums = rows.groupby(["issued_at", "day"])[[*WEATHER, "hours"]].sum().sort_index()
    sums = sums[sums["hours"] >= _HOURS * stations]
    return pd.DataFrame({"precipitation": 24 * sums["precipitation"], "temperature": sums["temperature"]}).div(
        sums["hours"], axis=0
    )


def _upstream(home: Home, scope: Scope, codes: pd.Index) -> np.ndarray:
    shares = np.zeros((len(codes), len(codes)))
    if not scope.may("places"):
        return shares
    table = water.sections(home, scope)
    table = table[table["code"].isin(codes)].reset_index(drop=True)
    for row in rivers.neighbours(rivers.network(home, scope), table).itertuples():
        above = codes.get_indexer(pd.Index(row.upstream, dtype=codes.dtype)) if row.upstream else []
        shares[codes.get_loc(row.section), above] = 1 / max(len(above), 1)
    return shares


def scaled(values: np.ndarray) -> np.ndarray:
    """Values (…, items) on the scale of the models: logarithms of concentrations and turbidity, others plain."""
    return np.where(_LOGGED, np.log(np.where(_LOGGED, np.maximum(values, _LEAST), 1)), values)


def unscaled(scaled_values: np.ndarray, items: slice = slice(None)) -> np.ndarray:
    """Back from `scaled`, within what can be."""
    logged = np.where(_LOGGED[items], scaled_values, 0)
    return np.clip(np.where(_LOGGED[items], np.exp(logged), scaled_values), 0, _HIGHEST[items])


def measured(days: Days, row: int) -> np.ndarray:
    """Which of the items each section sent in the 30 days up to a day: bool (sections, items)."""
    return np.isfinite(days.values[max(row + 1 - _RECENT, 0) : row + 1]).any(axis=0)


def graded(values: np.ndarray, lake: np.ndarray) -> np.ndarray:
    """Class 1…6 of values (…, items of the class) of daily means, 0 without a value, as `status.water.means` grades.

    Parameters
    ----------
    lake : array
        bool, of the shape of ``values`` without the last axis or broadcast to it.
    """
    rows = values.reshape(-1, RATED)
    body = np.broadcast_to(lake, values.shape[:-1]).reshape(-1)
    single = law.classes_of(law.round_values(rows, law.AUTOMATIC), body, law.AUTOMATIC)
    return single.max(axis=1).reshape(values.shape[:-1])


def observed(home: Home, scope: Scope, first: dt.date, last: dt.date) -> pd.DataFrame:
    """What came, to hold forecasts against.

    Returns
    -------
    DataFrame
        A row a section and day with a mean: place (code), day (naive), the ``ITEMS`` (units of ``factors("water")``,
        of fewer than three readings NaN), class (1…6, 0 where an item is missing that the section measures).
    """
    end = day_span(first, last)[1]
    found = read(home, scope, end, pd.Timestamp(first) - pd.Timedelta(days=_RECENT), pd.Timestamp(last))
    columns = ["place", "day", *ITEMS, "class"]
    if found is None:
        return pd.DataFrame(columns=columns)
    rows = range(max(len(found.days) - (last - first).days - 1, 0), len(found.days))
    tables = []
    for row in rows:
        values = found.values[row]
        whole = (np.isfinite(values) | ~measured(found, row))[:, :RATED].all(axis=1)
        table = pd.DataFrame(values, columns=list(ITEMS))
        table.insert(0, "place", found.codes)
        table.insert(1, "day", found.days[row])
        tables.append(table.assign(**{"class": np.where(whole, graded(values[:, :RATED], found.lake), 0)}))
    table = pd.concat(tables, ignore_index=True)
    return table[table[list(ITEMS)].notna().any(axis=1)].reset_index(drop=True)
