"""What surface water will come to in a month or a year (水质月度、年度展望), as a distribution over simulated paths.

Told are the share of sections of classes Ⅰ–Ⅲ (水质优良率) and how many sections miss their target class. The class of a
section is that of the means of its items over all readings of the span, rounded, by the worst item (环办〔2011〕22号),
as `status.water.means` has it: a bad month may vanish in the year's mean, so classes of months are never counted.

Readings that are known count as they are; the days of the newest issue come from its bands. The rest is made of blocks
of past days of the same season (`blocks`), the same for all sections and items of a path, so that what rain does to a
whole river stays together. A section's values are brought part of the way to its level of the last 90 days against the
same days of the year of the block. What months of one season differ by from year to year is added as noise, for all
sections together and for each of its own; the fewer years there are, the more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from shuzhi.research.forecast import blocks
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.section_days import LEADS, RATED, graded, last_day
from shuzhi.standards import water as law
from shuzhi.status import water_groups, water_overview, water_rows
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span
from shuzhi.store.schema import WATER_ITEMS

SHARE, BELOW = water_overview.GOOD_SHARE, "water_below_target"
"""Share of classes Ⅰ–Ⅲ in %, and number of sections worse than their target class."""
ITEMS = (SHARE, BELOW)
PATHS = 500
LEAST_DAYS = 30

_GOOD = 3
_HISTORY = pd.Timedelta(days=4 * 366)
_COLUMNS = [WATER_ITEMS.index(item) for item in law.AUTOMATIC]
_PH = law.AUTOMATIC.index("ph")
_MONTH = 30
_RECENT = 90  # days whose level is held against that of the years before
_LEFT = 0.5 * 0.8 ** np.arange(2 * 12)  # part of that difference which is left after so many months
_NOISE = 1.0  # variance of the noise of a month, in that between months of one season, where one year is known
_LASTING = 0.05  # of the level of a section or of all, for the whole path (logarithm)
_BLIND = 0.5  # years that a season which was never seen counts as
_OWN = 4  # months of all sections that count beside a section's own in how much its months differ
_MEMORY, _SHARED = 0.7, 0.3  # of an issue's errors: correlation from day to day, part that all sections share
_SIDE = 1.645  # standard deviations from the middle to the 90 % band
_READINGS = 6  # of a day
_DIGITS = 3  # of shares that are held against one another


@dataclass(frozen=True)
class Known:
    """Readings of the sections by day.

    Attributes
    ----------
    days : DatetimeIndex
        Without gaps, naive Beijing days; the last is the last known one.
    codes : Index
        Of the sections.
    lake : array (sections,)
        bool.
    target : array (sections,)
        Target class, NaN none.
    totals, counts : array (days, sections, items)
        Sums and numbers of the readings of the items of the class; of pH of the hydrogen ions.
    """

    days: pd.DatetimeIndex
    codes: pd.Index
    lake: np.ndarray
    target: np.ndarray
    totals: np.ndarray
    counts: np.ndarray

    def until(self, last: pd.Timestamp) -> "Known":
        """What was known at the end of a day."""
        n = max((last - self.days[0]).days + 1, 0)
        return Known(self.days[:n], self.codes, self.lake, self.target, self.totals[:n], self.counts[:n])

    def sums(self, first: pd.Timestamp, last: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
        """Totals and counts (sections, items) of the days of a span that are known."""
        span = slice(max((first - self.days[0]).days, 0), max((last - self.days[0]).days + 1, 0))
        return self.totals[span].sum(axis=0), self.counts[span].sum(axis=0)

    def came(self, first: pd.Timestamp, last: pd.Timestamp) -> dict[str, float]:
        """Each item of the outlook over the days of a span that are known; NaN without a class."""
        totals, counts = self.sums(first, last)
        found = self.rated(totals[None], counts[None], (counts > 0) | self.measured)
        return {item: float(values[0]) for item, values in found.items()}

    @cached_property
    def measured(self) -> np.ndarray:
        """Which items each section sent in the last 30 days: bool (sections, items)."""
        return (self.counts[-_MONTH:] > 0).any(axis=0)

    def rated(self, totals: np.ndarray, counts: np.ndarray, expected: np.ndarray) -> dict[str, np.ndarray]:
        """Each item of the outlook (paths,) from sums (paths, sections, items); no class where an item that is expected
        (sections, items) has no mean."""
        with np.errstate(invalid="ignore", divide="ignore"):
            means = totals / counts
            means[..., _PH] = -np.log10(means[..., _PH])
        whole = (np.isfinite(means) | ~expected).all(axis=-1)
        found = np.where(whole, graded(means, self.lake), 0)
        rated = (found > 0).sum(axis=1)
        good = ((found > 0) & (found <= _GOOD)).sum(axis=1)
        share = np.where(rated > 0, 100 * good / np.maximum(rated, 1), np.nan)
        known = (found > 0) & np.isfinite(self.target)
        below = np.where(known.any(axis=1), (known & (found > self.target)).sum(axis=1), np.nan)
        return {SHARE: share, BELOW: below}


def outlooks(home: Home, scope: Scope, as_of: pd.Timestamp, forecasts: pd.DataFrame | None = None) -> pd.DataFrame:
    """The outlook of the city's sections for this month, those after it and this year.

    Parameters
    ----------
    as_of : tz-aware Timestamp
        No reading of a day that is not over by then is looked at.
    forecasts : DataFrame, optional
        Rows of the lake table ``forecast`` of the issue; of them the told ones of sections are used.

    Returns
    -------
    DataFrame
        Rows of the lake table ``outlook`` as from `outlook.outlooks`, of ``ITEMS``; so_far is the item over the
        readings so far (NaN before the span). Empty with less than 30 days.
    """
    known = read(home, scope, last_day(as_of))
    told = None if forecasts is None else _told(forecasts)
    return of_known(known, home.city, told) if known is not None else of_nothing()


def read(home: Home, scope: Scope, last: pd.Timestamp) -> Known | None:
    """The readings of the city's sections of up to four years before the end of a day; None without any."""
    register, _city = water_overview.watched(home, scope)
    _codes, days, sums = water_rows.by_day(home, *day_span((last - _HISTORY).date(), last.date()))
    if not len(days):
        return None
    number = water_groups.numbers_of(home, register)
    chosen = register[number >= 0]
    place = np.ix_(np.arange(len(days)), number[number >= 0], _COLUMNS)
    target = chosen["target_class"].to_numpy(float, na_value=np.nan)
    return Known(
        days, pd.Index(chosen["code"]), chosen["lake"].to_numpy(bool), target, sums.totals[place], sums.counts[place]
    )


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """The told rows of the items of the class."""
    return rows[(rows["kind"] == "water") & (rows["model"] == TOLD) & rows["item"].isin(law.AUTOMATIC)]


def of_nothing() -> pd.DataFrame:
    """An outlook that says nothing."""
    return pd.DataFrame(columns=["place", "item", "first", "last", "model", "so_far", "days", "quantiles"])


def of_known(known: Known, place: str = "", told: pd.DataFrame | None = None) -> pd.DataFrame:
    """The outlook from readings; as `outlooks`.

    Parameters
    ----------
    told : DataFrame, optional
        place, item, lead, value, lower90, upper90.
    """
    if (known.counts.sum(axis=(1, 2)) > 0).sum() < LEAST_DAYS:
        return of_nothing()
    last = known.days[-1]
    spans = blocks.spans(last + pd.Timedelta(days=1))
    coming = _Paths(known, max(end for _first, end in spans), told).months()
    year = tuple(np.zeros((PATHS, *known.totals.shape[1:])) for _sums in range(2))
    rows = []
    for month, sums in coming:
        if month.year == spans[-1][0].year:
            year = tuple(before + more for before, more in zip(year, sums, strict=True))
        rows += _rows(known, next((span for span in spans[:-1] if span[0] == month), None), sums)
    rows += _rows(known, spans[-1], year)
    return pd.DataFrame(rows, columns=of_nothing().columns[1:]).assign(place=place)[of_nothing().columns]


def _rows(known: Known, span, coming: tuple[np.ndarray, np.ndarray]) -> list[tuple]:
    """Rows of a span, from sums of what comes (paths, sections, items)."""
    if span is None:
        return []
    (first, end), last = span, known.days[-1]
    blind = blocks.blind(len(known.days), (end - last).days)
    if blind > blocks.BLIND_DAYS:
        return []
    totals, counts = known.sums(first, last)
    found = known.rated(totals + coming[0], counts + coming[1], (counts > 0) | known.measured)
    over = max((last - first).days + 1, 0)
    so_far = known.came(first, last) if over else dict.fromkeys(ITEMS, np.nan)
    head = first.date(), end.date(), blocks.BLIND if blind else blocks.MODEL
    steps = np.linspace(0, 1, 101)
    return [
        (item, *head, so_far[item], over, np.quantile(values, steps, method="inverted_cdf").astype(np.float32))
        for item, values in found.items()
        if np.isfinite(values).all()
    ]


class _Paths:
    """Simulated days after the last known one.

    Parameters
    ----------
    known : Known
    end : Timestamp
        Last day.
    told : DataFrame or None
    """

    def __init__(self, known: Known, end: pd.Timestamp, told: pd.DataFrame | None):
        self._known = known
        self._days = pd.date_range(known.days[-1] + pd.Timedelta(days=1), end, freq="D")
        self._rng = np.random.default_rng(known.days[-1].toordinal())
        self._rows, self._back = blocks.drawn(len(known.days), len(self._days), PATHS, self._rng)
        self._shape = known.totals.shape[1:]
        self._common, self._own = _restless(known)
        self._lasting = _LASTING * (self._normal(1) + self._normal(self._shape[0]))
        self._told = None if told is None or told.empty else _Told(known, told)

    def _normal(self, sections: int) -> np.ndarray:
        return self._rng.standard_normal((PATHS, sections, self._shape[1]))

    def months(self) -> Iterator[tuple[pd.Timestamp, tuple[np.ndarray, np.ndarray]]]:
        """First day of each month to come (the first one may have begun), and the sums of its days to come (paths,
        sections, items)."""
        skipped = LEADS if self._told else 0
        months = self._days.to_period("M")
        for ahead, month in enumerate(months.unique()):
            inside = np.flatnonzero(months == month)
            totals, counts = self._resampled(inside[inside >= skipped], ahead)
            if self._told:
                more = self._told.sums(inside[inside < skipped], self._rng)
                totals, counts = totals + more[0], counts + more[1]
            yield month.to_timestamp(), (totals, counts)

    def _resampled(self, days: np.ndarray, ahead: int) -> tuple[np.ndarray, np.ndarray]:
        """Sums of past days in the place of some days to come, at the level of today, with noise."""
        totals, counts = np.zeros((PATHS, *self._shape)), np.zeros((PATHS, *self._shape))
        if not len(days):
            return totals, counts
        back = self._back[:, days]
        for year in np.unique(back):
            path, day = np.nonzero(back == year)
            used, place = np.unique(self._rows[path, days[day]], return_inverse=True)
            times = np.bincount(path * len(used) + place, minlength=PATHS * len(used)).reshape(PATHS, -1)
            level = np.exp(_LEFT[ahead] * self._level(int(year)))
            totals += level * (times @ self._known.totals[used].reshape(len(used), -1)).reshape(totals.shape)
            counts += (times @ self._known.counts[used].reshape(len(used), -1)).reshape(counts.shape)
        seen = max(float(blocks.years(len(self._known.days), days[0])), _BLIND)
        passing = self._common * self._normal(1) + self._own * self._normal(self._shape[0])
        return totals * np.exp(np.sqrt(_NOISE / seen) * passing + self._lasting), counts

    def _level(self, year: int) -> np.ndarray:
        """Logarithm of the last 90 days' means against the same days years ago (sections, items); 0 unknown."""
        known, back = self._known, year * blocks.YEAR
        days = min(_RECENT, len(known.days) - back)
        if year == 0 or days < _MONTH:
            return np.zeros(self._shape)
        here = slice(len(known.days) - days, len(known.days))
        there = slice(here.start - back, here.stop - back)
        return np.nan_to_num(_log_mean(known, here) - _log_mean(known, there))


def _log_mean(known: Known, days: slice) -> np.ndarray:
    """Logarithm of the means (sections, items) of some days; NaN where there is none."""
    totals, counts = known.totals[days].sum(axis=0), known.counts[days].sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log(np.where(totals > 0, totals, np.nan) / counts)


def _restless(known: Known) -> tuple[np.ndarray, np.ndarray]:
    """By how much months of one season differ from one another (standard deviations of logarithms): for all sections
    together (items,), and for each of its own (sections, items).

    From the months against those of the year before; with less than 14 of them against the month before.
    """
    ends = np.arange(len(known.days), _MONTH - 1, -_MONTH)
    means = np.stack([_log_mean(known, slice(end - _MONTH, end)) for end in ends])
    apart = 12 if len(means) >= 14 else 1
    change = means[:-apart] - means[apart:]
    if not len(change):
        return np.zeros(change.shape[2]), np.zeros(change.shape[1:])
    there, n = np.isfinite(change), np.isfinite(change).sum(axis=0)
    square = np.where(there, change**2, 0).sum(axis=0) / 2
    everywhere = square.sum(axis=0) / np.maximum(n.sum(axis=0), 1)
    own = (square + _OWN * everywhere) / (n + _OWN)
    middle = np.where(there, change, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    common = np.minimum((middle**2).mean(axis=0) / 2, everywhere)
    return np.sqrt(common), np.sqrt(np.maximum(own - common, 0.25 * own))


class _Told:
    """The days of an issue as sums of readings, drawn from its bands: one rank a path, section and item from day to
    day."""

    def __init__(self, known: Known, told: pd.DataFrame):
        self._shape = (LEADS, len(known.codes), RATED)
        place = known.codes.get_indexer(told["place"])
        lead, item = told["lead"].to_numpy(int) - 1, pd.Index(law.AUTOMATIC).get_indexer(told["item"])
        self._columns = {}
        for name in ("lower90", "value", "upper90"):
            column = np.full(self._shape, np.nan)
            column[lead[place >= 0], place[place >= 0], item[place >= 0]] = told[name].to_numpy(float)[place >= 0]
            self._columns[name] = column
        recent = known.counts[-_MONTH:].astype(float)
        self._readings = np.where(recent.sum(axis=0) > 0, recent.mean(axis=0), _READINGS)
        self._rank = None

    def sums(self, leads: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Totals and counts (paths, sections, items) of some leads (0: tomorrow), to be asked for in their order."""
        totals, counts = np.zeros((PATHS, *self._shape[1:])), np.zeros((PATHS, *self._shape[1:]))
        for lead in leads:
            middle, sides = (
                self._columns["value"][lead],
                (self._columns["lower90"][lead], self._columns["upper90"][lead]),
            )
            low, high = (np.nan_to_num(np.abs(side - middle)) / _SIDE for side in sides)
            rank = self._next(rng)
            values = np.maximum(middle + np.where(rank < 0, low, high) * rank, 0)
            values[..., _PH] = 10.0 ** -values[..., _PH]
            there = np.isfinite(values)
            totals += np.where(there, values, 0) * self._readings
            counts += there * self._readings
        return totals, counts

    def _next(self, rng: np.random.Generator) -> np.ndarray:
        """Standard normal (paths, sections, items) of the next day."""
        shared, own = rng.standard_normal((PATHS, 1, RATED)), rng.standard_normal((PATHS, *self._shape[1:]))
        new = np.sqrt(_SHARED) * shared + np.sqrt(1 - _SHARED) * own
        self._rank = new if self._rank is None else _MEMORY * self._rank + np.sqrt(1 - _MEMORY**2) * new
        return self._rank


def check(known: Known, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Outlooks of the past, issued on the 15th and the last day of each month without an issue of the forecast.

    Parameters
    ----------
    known : Known
        Beyond ``last``.
    first, last : Timestamp
        Between which the last known days lie (naive); only spans that are over count.

    Returns
    -------
    DataFrame
        A row an issue, span and item: known (last known day), item, first, last, ahead (days from the known one to the
        span's end), came, median, lower50, upper50, lower90, upper90, inside50, inside90, and what takes no skill:
        last_year (the same span a year before) and carried (the span so far, else the last ones of its length).
    """
    rows = []
    for day in pd.date_range(first, last, freq="SME"):
        so_far = known.until(day)
        for row in of_known(so_far).itertuples():
            span = pd.Timestamp(row.first), pd.Timestamp(row.last)
            if span[1] > known.days[-1]:
                continue
            came = round(known.came(*span)[row.item], _DIGITS)
            q = np.asarray(row.quantiles, float).round(_DIGITS)
            inside = {f"inside{width}": q[50 - width // 2] <= came <= q[50 + width // 2] for width in (50, 90)}
            bands = {"median": q[50], "lower50": q[25], "upper50": q[75], "lower90": q[5], "upper90": q[95]}
            head = {"known": day, "item": row.item, "first": row.first, "last": row.last, "ahead": (span[1] - day).days}
            rows.append(head | {"came": came} | bands | inside | _naive(so_far, span, row))
    return pd.DataFrame(rows)


def _naive(known: Known, span: tuple[pd.Timestamp, pd.Timestamp], row) -> dict[str, float]:
    """What takes no skill, from what was known."""
    before = tuple(day - pd.DateOffset(years=1) for day in span)
    last_year = known.came(*before)[row.item] if before[0] >= known.days[0] else np.nan
    begun = known.days[-1] - (span[1] - span[0])
    carried = row.so_far if row.days else known.came(begun, known.days[-1])[row.item]
    return {"last_year": last_year, "carried": carried if begun >= known.days[0] or row.days else np.nan}
