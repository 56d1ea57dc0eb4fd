"""The city's surface water at a moment and over a span: sections by class, rivers, districts, lakes, against last year.

"Now" is each section's newest reading with a class in the `water_groups.FRESH` hours up to the moment, unrounded; a
span (month or year to date, a briefing's days) is classed by its means, rounded. Both are held against the same moment
or span of the year before, sections against their target class (达标).
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from shuzhi.registry import places
from shuzhi.settings import BEIJING
from shuzhi.standards import water as law
from shuzhi.status import water, water_groups
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span
from shuzhi.store.targets import targets

GOOD_SHARE = "water_good_share"
"""Metric of the year's target: share of classes Ⅰ–Ⅲ in %."""

Basis = Literal["now", "month", "year"]
BASES: tuple[Basis, ...] = ("now", "month", "year")
"""What classes are made of: the newest readings, the means of the month to date, of the year to date."""


@dataclass(frozen=True)
class Shares:
    """Sections by class at a moment or over a span.

    Attributes
    ----------
    sections : int
        In the register, with or without readings.
    rated : int
        With a class.
    counts : dict
        Number of sections by class 1…6; 0: without a class.
    good, worst : int
        In classes Ⅰ–Ⅲ, and worse than class Ⅴ (劣Ⅴ).
    good_share, worst_share : float
        The same in % of the rated ones, unrounded; NaN without any.
    with_target, met : int
        Rated sections that have a target class, and those that meet it.
    met_share : float
        The same in %; NaN without any.
    """

    sections: int
    rated: int
    counts: dict[int, int]
    good: int
    good_share: float
    worst: int
    worst_share: float
    with_target: int
    met: int
    met_share: float


@dataclass(frozen=True)
class Summary:
    """Surface water in a few numbers, for the home page, the wall and briefings.

    Attributes
    ----------
    at : Timestamp or None
        Newest stamp of the readings counted (Beijing), at most the moment asked for; None without any.
    city : str or None
        The city whose sections these are; None where the register has none of it and all sections are counted.
    now, before : Shares
        At the moment, and at the same one a year earlier (``before.rated`` is 0 without readings then).
    change : float
        Change of the share of classes Ⅰ–Ⅲ in percentage points, positive is better; NaN where either is missing.
    target_share : float or None
        The year's target of that share in % (metric `GOOD_SHARE`), None where none is laid down.
    worst : DataFrame
        Sections worse than class Ⅲ, worst first: code, name, river, district, water_class, deciding, main (symbols),
        target_class, times (multiple of the exceedance of the first main pollutant, NaN for pH and oxygen).
    """

    at: pd.Timestamp | None
    city: str | None
    now: Shares
    before: Shares
    change: float
    target_share: float | None
    worst: pd.DataFrame


@dataclass(frozen=True)
class Period:
    """Sections over a span of days, by the classes of their means.

    Attributes
    ----------
    first, last : date
        Beijing days, both included.
    city : str or None
        As in `Summary`.
    now, before : Shares
        In the span, and in the same span a year earlier.
    change : float
        Change of the share of classes Ⅰ–Ⅲ in percentage points; NaN where either is missing.
    sections : DataFrame
        Register and `shuzhi.status.water.means` of each section, with meets and before_class (0 none).
    """

    first: dt.date
    last: dt.date
    city: str | None
    now: Shares
    before: Shares
    change: float
    sections: pd.DataFrame


@dataclass(frozen=True)
class Overview:
    """What the page of surface water shows of a moment.

    Attributes
    ----------
    at : Timestamp
        Newest stamp of the readings counted (Beijing).
    basis : "now", "month" or "year"
        What the classes of sections and rivers are made of.
    start, end : Timestamp
        The span of the means, in (start, end]: of the month (also where the basis is now) or of the year to date.
    city : str or None
        As in `Summary`.
    sections : DataFrame
        A row a section of the register: its columns, and by the basis the items, water_class (0 none), deciding,
        measured, class_<item>, missing, meets (达标; boolean, NA unknown); before_class (a year earlier, by the basis),
        now_class, now_deciding, now_missing, time and state of the newest reading, mean_class and past_class (of the
        span's means and of the same span a year earlier), mean_times (NaN none), body ('river' or 'lake'), main (main
        pollutants, symbols), change (steps from last year's class to this one, positive is worse; NaN unknown).
    now, before, change
        As in `Summary`, by the basis.
    target_share : float or None
    rivers : DataFrame
        See `shuzhi.status.water_groups.by_river`; by the basis.
    districts : DataFrame
        See `shuzhi.status.water_groups.by_district`; from the means of the span.
    lakes : DataFrame
        See `shuzhi.status.water_groups.by_lake`; from the means of the span.
    """

    at: pd.Timestamp
    basis: Basis
    start: pd.Timestamp
    end: pd.Timestamp
    city: str | None
    sections: pd.DataFrame
    now: Shares
    before: Shares
    change: float
    target_share: float | None
    rivers: pd.DataFrame
    districts: pd.DataFrame
    lakes: pd.DataFrame


def summary(home: Home, scope: Scope, at: pd.Timestamp | None = None) -> Summary:
    """Surface water at a moment (default: the newest stamp) in a few numbers.

    Costs two reads of 12 hours and two of a month; pages cache it by the version of the home.

    Parameters
    ----------
    at : tz-aware Timestamp, optional

    Raises
    ------
    ScopeError
        If water is outside the scope.
    """
    places, at = _watched(home, scope), moment(home, scope, at)
    if at is None:
        nothing = shares(np.zeros(len(places.table)))
        return Summary(None, places.city, nothing, nothing, np.nan, None, _nothing(places.table))
    found = water_groups.at_moment(home, scope, at, places.number)
    past = water_groups.at_moment(home, scope, at - _YEAR, places.number)
    here, before = shares(found.water_class, places.target), shares(past.water_class, places.target)
    goal = targets(home, at.tz_convert(BEIJING).year).get(GOOD_SHARE)
    return Summary(
        _beijing(found.newest), places.city, here, before, _change(here, before), goal, _worst(found, places)
    )


def period(home: Home, scope: Scope, first: dt.date, last: dt.date) -> Period:
    """Sections over the Beijing days ``first`` … ``last``, both included, and over the same days a year earlier.

    The class of a section is that of the means of its items (环办〔2011〕22号), whatever the length of the span.

    Raises
    ------
    ScopeError
        If water is outside the scope.
    """
    places = _watched(home, scope)
    spans = (day_span(first, last), _year_before(first, last))
    found, past = (water_groups.over_span(home, scope, *span, places.number) for span in spans)
    table = _table(places.table, found).assign(before_class=past.water_class.astype(int))
    here, before = shares(found.water_class, places.target), shares(past.water_class)
    return Period(first, last, places.city, here, before, _change(here, before), table)


def overview(home: Home, scope: Scope, at: pd.Timestamp | None = None, basis: Basis = "now") -> Overview | None:
    """Surface water at a moment (default: the newest stamp) with its sections, rivers, districts and lakes.

    Returns
    -------
    Overview or None
        None where no section has any reading up to the moment.

    Raises
    ------
    ScopeError
        If water is outside the scope.
    """
    places, at = _watched(home, scope), moment(home, scope, at)
    if at is None:
        return None
    start, end = span_of("month" if basis == "now" else basis, at)
    means, past = (
        water_groups.over_span(home, scope, *span, places.number)
        for span in ((start, end), (start - _YEAR, end - _YEAR))
    )
    current, rounded = water_groups.at_moment(home, scope, at, places.number), basis != "now"
    shown, then = means, past
    if basis == "now":
        shown, then = current, water_groups.at_moment(home, scope, at - _YEAR, places.number)
    here, before = shares(shown.water_class, places.target), shares(then.water_class)
    return Overview(
        at=_beijing(current.newest) or at.tz_convert(BEIJING),
        basis=basis,
        start=start,
        end=end,
        city=places.city,
        sections=_sections(places, current, means, past, shown, then, rounded),
        now=here,
        before=before,
        change=_change(here, before),
        target_share=targets(home, at.tz_convert(BEIJING).year).get(GOOD_SHARE),
        rivers=water_groups.by_river(shown, then, places, rounded),
        districts=water_groups.by_district(means, past, places),
        lakes=water_groups.by_lake(means, past, places),
    )


def watched(home: Home, scope: Scope) -> tuple[pd.DataFrame, str | None]:
    """The sections that the pages speak of: those of the home's city; all where the register has none of it.

    Returns
    -------
    sections : DataFrame
        As `shuzhi.status.water.sections`; where the register does not tell the district, the unit that manages the
        place where the section stands.
    city : str or None
        The city, None for all.
    """
    places = _watched(home, scope)
    return places.table.copy(), places.city


def _watched(home: Home, scope: Scope) -> water_groups.Register:
    """The same with what is made of it once."""
    scope.require("water")
    return _register(home, str(home.path), home.version, scope.city_wide)


@lru_cache(maxsize=8)
def _register(home: Home, _path: str, _version: int, scope: Scope) -> water_groups.Register:
    table, city = water.sections(home, scope, home.city), home.city
    if table.empty:
        table, city = water.sections(home, scope), None
    untold = (table["district"].isna() & table["lon"].notna() & table["lat"].notna()).to_numpy()
    if untold.any():
        found = places.locate_unit(home, scope, table["lon"][untold], table["lat"][untold])
        table["district"] = table["district"].astype(object)
        table.loc[untold, "district"] = found
    return water_groups.register_of(home, table, city)


def moment(home: Home, scope: Scope, at: pd.Timestamp | None) -> pd.Timestamp | None:
    """The moment asked for, else the newest stamp of any reading; never later than that. None without any reading."""
    latest = water.latest_time(home, scope)
    return latest if latest is None or at is None else min(at, latest)


def now(home: Home, scope: Scope, at: pd.Timestamp, register: pd.DataFrame) -> pd.DataFrame:
    """Each section at a moment: its newest reading with a class in the `water_groups.FRESH` hours up to it, else its
    newest one.

    Returns
    -------
    DataFrame
        A row a section of ``register``, in its order: its columns, time (UTC, NaT without a reading), the items,
        class_published, state, water_class (0 none), deciding, missing, class_<item>, meets (达标; boolean, NA
        unknown).
    """
    found = water_groups.at_moment(home, scope, at, water_groups.numbers_of(home, register))
    return _table(register, found)


def span_of(basis: Literal["month", "year"], at: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The stamps (start, end] of the month or year to date; 00:00 belongs to the day before."""
    local = at.tz_convert(BEIJING)
    day = (local - pd.Timedelta(microseconds=1)).normalize()
    first = day.replace(day=1) if basis == "month" else day.replace(month=1, day=1)
    return first, local


def shares(water_class, target=None) -> Shares:
    """Count classes (0 none), and how many meet their targets (1…6; NA none).

    Parameters
    ----------
    water_class, target : array_like, one a section
    """
    found = np.asarray(water_class, int)
    counts = dict(enumerate(np.bincount(found, minlength=7).tolist()))
    rated, good, worst = len(found) - counts[0], sum(counts[k] for k in (1, 2, 3)), counts[6]
    meets = law.meets_target(found, np.zeros(len(found)) if target is None else target)
    wanted, met = int((~meets.isna()).sum()), int(meets.to_numpy(bool, na_value=False).sum())
    return Shares(
        sections=len(found),
        rated=rated,
        counts=counts,
        good=good,
        good_share=_percent(good, rated),
        worst=worst,
        worst_share=_percent(worst, rated),
        with_target=wanted,
        met=met,
        met_share=_percent(met, wanted),
    )


def _sections(places: water_groups.Register, current, means, past, shown, then, rounded: bool) -> pd.DataFrame:
    """One table of the sections (see `Overview`) from how they are seen now, over both spans, and by the basis."""
    main, _times = water_groups.main_pollutants(shown, places.lake, rounded)
    here, before = (seen.water_class.astype(float) for seen in (shown, then))
    columns = shown.columns(places.target) | {
        "before_class": then.water_class,
        "now_class": current.water_class,
        "now_deciding": current.rated.deciding,
        "now_missing": current.rated.missing,
        "time": current.columns(places.target)["time"],
        "state": current.own["state"],
        "mean_class": means.water_class,
        "mean_times": means.own["times"],
        "past_class": past.water_class,
        "body": np.where(places.lake, "lake", "river").astype(object),
        "main": main,
        "change": np.where((here > 0) & (before > 0), here - before, np.nan),
    }
    return _beside(places.table, columns)


_YEAR = pd.DateOffset(years=1)


def _year_before(first: dt.date, last: dt.date) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, end = day_span(first, last)
    return start.tz_convert(BEIJING) - _YEAR, end.tz_convert(BEIJING) - _YEAR


def _table(register: pd.DataFrame, seen: water_groups.Seen) -> pd.DataFrame:
    """The register with what is known of its sections; class 0 where nothing is."""
    return _beside(register, seen.columns(register["target_class"].to_numpy(float, na_value=np.nan)))


def _beside(register: pd.DataFrame, columns: dict) -> pd.DataFrame:
    return pd.concat([register.reset_index(drop=True), pd.DataFrame(columns)], axis=1)


def _worst(found: water_groups.Seen, places: water_groups.Register) -> pd.DataFrame:
    """Sections worse than class Ⅲ, worst first."""
    main, times = water_groups.main_pollutants(found, places.lake, rounded=False)
    order = np.lexsort((-times, -found.water_class))
    rows = order[found.water_class[order] > 3]
    told = {"water_class": found.water_class, "deciding": found.rated.deciding, "main": main, "times": times}
    table = places.table.iloc[rows].assign(**{name: column[rows] for name, column in told.items()})
    return table[list(_OF_WORST)].reset_index(drop=True)


_OF_WORST = ("code", "name", "river", "district", "water_class", "deciding", "main", "target_class", "times")


def _nothing(register: pd.DataFrame) -> pd.DataFrame:
    """The table of the worst sections without any."""
    return register.iloc[:0].assign(water_class=0, deciding="", main="", times=np.nan)[list(_OF_WORST)]


def _beijing(time: pd.Timestamp | None) -> pd.Timestamp | None:
    return None if time is None else time.tz_convert(BEIJING)


def _change(here: Shares, before: Shares) -> float:
    return here.good_share - before.good_share


def _percent(part: int, whole: int) -> float:
    return part / whole * 100 if whole else np.nan
