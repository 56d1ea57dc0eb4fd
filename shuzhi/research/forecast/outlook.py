"""What a month or a year will come to (月度、年度展望): good days and mean PM2.5, as a distribution.

What surface water will come to stands in `section_outlook`; `outlooks` tells both.

The days that are known count as they are. The days of the newest issue come from its distribution. The rest is made of
blocks of 7–14 past days of the same season (block bootstrap, Künsch 1989): the year of a block is drawn, its season and
its weather stay as they were, its level is brought to that of the last twelve months, and half of the yearly change of
the last years is taken to go on. What the level of one year and of one month may differ from what is expected is added
as noise that a whole path, or 30 days of it, share.

With little history less is said. Of one year, the level's noise is wider. Of a season that was never seen, blocks of
the last 60 days stand in, with a wide noise, and only for spans that end before the ``BLIND_DAYS``-th such day: their
``model`` is ``recent``. Others have no row.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from shuzhi.research.forecast import blocks, section_outlook
from shuzhi.research.forecast.blocks import BLIND, BLIND_DAYS, MODEL, YEAR
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.section_days import last_day
from shuzhi.standards.aqi import edition_on
from shuzhi.status import air
from shuzhi.store import Home, Scope

ITEMS = ("good_days", "pm25")
PATHS = 2000
GOOD = 100
"""Highest AQI of a good day (优良), HJ 633."""

_TREND = 0.5  # part of the yearly change that goes on
_TREND_YEARS = 3
_NOISE, _NOISE_FIRST, _NOISE_BLIND = 0.07, 0.15, 0.30  # of the level (logarithm): usual, one year known, no season
_NOISE_MONTH = 0.12  # of the level, anew every 30 days
_MEMORY = 0.7  # correlation from day to day within an issue's distribution
_HISTORY = pd.Timedelta(days=8 * 366)
_SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
_BANDS = ["lower90", "lower50", "value", "upper50", "upper90"]


def outlooks(home: Home, scope: Scope, as_of: pd.Timestamp, daily: pd.DataFrame | None = None) -> pd.DataFrame:
    """The outlook of the city for this month, the three after it and this year.

    Parameters
    ----------
    as_of : tz-aware Timestamp
        No day that is not over by then is looked at. The month and the year are those of the first day to come.
    daily : DataFrame, optional
        Rows of the lake table ``forecast`` of the issue; of them the told daily ones of the city's aqi and pm25 and of
        the sections are used. Without them the coming days are resampled too.

    Returns
    -------
    DataFrame
        Rows of the lake table ``outlook``: place (the city), item (good_days in days, pm25 in µg/m³, those of
        `section_outlook`), first, last (dates of the span), model, so_far (good days so far; mean of the valid days so
        far, NaN before the span), days (of the span that are over, valid or not), quantiles (at 0, 1 … 100 %). Of air
        and of water empty with less than 30 days.

    Notes
    -----
    A good day has an AQI of at most 100, a period's PM2.5 is the mean of its daily means (HJ 633, HJ 663); all days are
    rated by the edition in force on the last known day, as the pages do.
    """
    last = last_day(as_of)
    edition = edition_on(last.date())
    days = air.city_daily(home, scope, (last - _HISTORY).date(), last.date(), edition)
    index = pd.DatetimeIndex(days["day"])
    history = pd.DataFrame(
        {"aqi": days["aqi"].where(days["valid"]).to_numpy(float), "pm25": days["pm25"].to_numpy(float)}, index
    )
    found = of_history(history, last, home.city, None if daily is None else _of_city(daily, home.city))
    parts = [part for part in (found, section_outlook.outlooks(home, scope, as_of, daily)) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else found


def _of_city(rows: pd.DataFrame, city: str) -> pd.DataFrame:
    """The told daily rows of the city, of aqi and pm25."""
    chosen = (rows["level"] == "city") & (rows["place"] == city) & (rows["model"] == TOLD)
    for name, value in (("kind", "air"), ("grain", "day")):
        if name in rows:
            chosen &= rows[name] == value
    return rows[chosen & rows["item"].isin(["aqi", "pm25"])]


def of_history(
    history: pd.DataFrame, last: pd.Timestamp, place: str = "", daily: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The outlook from daily values; as `outlooks`.

    Parameters
    ----------
    history : DataFrame
        aqi and pm25 (µg/m³) by naive Beijing day; NaN where a day is not valid. Days after ``last`` are not looked at.
    last : Timestamp
        Last known day.
    daily : DataFrame, optional
        item (aqi, pm25), lead, value and bands, p1 and p2 on the rows of aqi.
    """
    history = history.loc[:last]
    columns = ["place", "item", "first", "last", "model", "so_far", "days", "quantiles"]
    if history["aqi"].notna().sum() < 30:
        return pd.DataFrame(columns=columns)
    history = history.reindex(pd.date_range(history.index.min(), last, freq="D"))
    spans = blocks.spans(last + pd.Timedelta(days=1))
    paths = _Paths(history, (max(end for _begin, end in spans) - last).days, daily)
    rows = [_row(history, last, span, item, paths) for span in spans for item in ITEMS]
    return pd.DataFrame([row for row in rows if row is not None], columns=columns[1:]).assign(place=place)[columns]


def _row(history: pd.DataFrame, last: pd.Timestamp, span, item: str, paths: "_Paths") -> tuple | None:
    first, end = span
    coming = slice(max((first - last).days - 1, 0), (end - last).days)
    blind = blocks.blind(len(history), coming.stop)
    if blind > BLIND_DAYS:
        return None
    known = history.loc[first : min(last, end)]
    if item == "good_days":
        valid = known["aqi"].dropna()
        so_far = float((valid <= GOOD).sum())
        total = so_far + paths.good[:, coming].sum(axis=1)
        quantiles = np.quantile(total, np.linspace(0, 1, 101), method="inverted_cdf")
    else:
        valid = known["pm25"].dropna()
        so_far = float(valid.mean()) if len(valid) else float("nan")
        rest = paths.pm25[:, coming]
        total = (valid.sum() + rest.sum(axis=1)) / (len(valid) + rest.shape[1])
        quantiles = np.quantile(total, np.linspace(0, 1, 101))
    model = BLIND if blind else MODEL
    over = max((min(last, end) - first).days + 1, 0)
    return item, first.date(), end.date(), model, so_far, over, quantiles.astype(np.float32)


@dataclass(frozen=True)
class _Level:
    """The logarithm of what a past year's values are multiplied by (years,), the yearly drift and the noise."""

    of_year: np.ndarray
    drift: float
    noise: float


class _Paths:
    """Simulated days after the last known one.

    Attributes
    ----------
    good, pm25 : array (paths, days)
        Whether the day is good; µg/m³.
    """

    def __init__(self, history: pd.DataFrame, days: int, daily: pd.DataFrame | None):
        rng = np.random.default_rng(history.index[-1].toordinal())
        rows, year = blocks.drawn(len(history), days, PATHS, rng)
        months = rng.standard_normal((PATHS, days // 30 + 1)).repeat(30, axis=1)[:, :days]
        shock = rng.standard_normal((PATHS, 1)), months
        aqi, pm25 = (self._values(history[item], rows, year, shock) for item in ("aqi", "pm25"))
        self.good, self.pm25 = aqi <= GOOD, pm25
        if daily is not None and len(daily):
            self._tell(daily, rng)

    def _values(self, series: pd.Series, rows: np.ndarray, year: np.ndarray, shock: tuple) -> np.ndarray:
        """The past days of the paths at the level of today (paths, days)."""
        logs = np.log(np.maximum(series.ffill().bfill().to_numpy(float), 1))
        level = self._level(logs)
        horizon = (YEAR / 2 + np.arange(rows.shape[1])) / YEAR  # from the middle of the last twelve months
        seen = year > 0
        change = np.where(seen, level.of_year[year] + level.drift * horizon, 0)
        noise = np.where(seen, level.noise, _NOISE_BLIND)
        lasting, passing = shock
        return np.exp(logs[rows] + change + noise * lasting + _NOISE_MONTH * passing)

    def _level(self, logs: np.ndarray) -> _Level:
        """Last twelve months against each year before them; 0 back is the last days as they are."""
        years = len(logs) // YEAR
        means = np.array([logs[len(logs) - k * YEAR :][:YEAR].mean() for k in range(1, years + 1)])
        most = int(blocks.years(len(logs), YEAR)) + 2
        of_year = np.zeros(most + 1)
        if years:
            of_year[1 : years + 1] = (means[0] - means)[:most]
            of_year[years + 1 :] = of_year[years]
        if years < 2:
            return _Level(of_year, 0.0, _NOISE_FIRST)
        changes = (means[:-1] - means[1:])[:_TREND_YEARS]
        return _Level(of_year, _TREND * float(changes.mean()), _NOISE)

    def _tell(self, daily: pd.DataFrame, rng: np.random.Generator) -> None:
        """Put the days of the issue in the place of resampled ones: one rank a path and day for both items."""
        leads = int(daily["lead"].max())
        normal = rng.standard_normal((PATHS, leads))
        for day in range(1, leads):
            normal[:, day] = _MEMORY * normal[:, day - 1] + np.sqrt(1 - _MEMORY**2) * normal[:, day]
        rank = ndtr(normal)
        for row in daily.itertuples():
            day = int(row.lead) - 1
            if day >= self.good.shape[1]:
                continue
            if row.item == "aqi":
                self.good[:, day] = self._good(row, rank[:, day])
            elif np.isfinite(row.value):
                self.pm25[:, day] = _quantiles(row, rank[:, day])

    def _good(self, row, rank: np.ndarray) -> np.ndarray:
        chance = getattr(row, "p1", np.nan) + getattr(row, "p2", np.nan)
        return rank <= chance if np.isfinite(chance) else _quantiles(row, rank) <= GOOD


def _quantiles(row, rank: np.ndarray) -> np.ndarray:
    """Values of a forecast at some ranks: straight between its bands, going on beyond them; without bands its value."""
    known = np.array([getattr(row, name, np.nan) for name in _BANDS], float)
    if np.isnan(known).any():
        return np.full(len(rank), known[2])
    low, high = known[0] - (known[1] - known[0]) / 2, known[4] + (known[4] - known[3]) / 2
    values = np.interp(rank, np.concatenate([[0], _SHARES, [1]]), np.concatenate([[low], known, [high]]))
    return np.maximum(values, 0)


def check(history: pd.DataFrame, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Outlooks of the past: issued on the last day of each month, of the year that the next day lies in.

    Parameters
    ----------
    history : DataFrame
        As for `of_history`, beyond ``last``.
    first, last : date
        Between which the last known days lie; only years whose days are all there count.

    Returns
    -------
    DataFrame
        A row an issue and item: known (last known day), item, first, last, came, median, lower50, upper50, lower90,
        upper90, inside50, inside90.
    """
    rows = []
    for known in pd.date_range(first, last, freq="ME"):
        for row in of_history(history, known).itertuples():
            if (row.first.month, row.last.month) != (1, 12) or pd.Timestamp(row.last) > history.index.max():
                continue
            days = history.loc[pd.Timestamp(row.first) : pd.Timestamp(row.last)]
            came = float((days["aqi"] <= GOOD).sum() if row.item == "good_days" else days["pm25"].mean())
            q = np.asarray(row.quantiles, float)
            inside = {f"inside{width}": q[50 - width // 2] <= came <= q[50 + width // 2] for width in (50, 90)}
            bands = {"median": q[50], "lower50": q[25], "upper50": q[75], "lower90": q[5], "upper90": q[95]}
            head = {"known": known, "item": row.item, "first": row.first, "last": row.last, "came": came}
            rows.append(head | bands | inside)
    return pd.DataFrame(rows)
