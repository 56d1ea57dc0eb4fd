"""The city's surface water at a moment and over a span: sections by class, rivers, districts, lakes, against last year.

"Now" is each section's newest reading with a class in the `FRESH` hours up to the moment, unrounded; a span (month or
year to date, a briefing's days) is classed by its means, rounded. Both are held against the same moment or span of the
year before, sections against their target class (达标).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shuzhi.registry import places
from shuzhi.settings import BEIJING
from shuzhi.standards import water as law
from shuzhi.status import water
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span
from shuzhi.store.targets import targets

FRESH = pd.Timedelta(hours=12)
"""A section keeps its class for so long: three of its four-hourly times."""

GOOD_SHARE = "water_good_share"
"""Metric of the year's target: share of classes Ⅰ–Ⅲ in %."""

TLI_MEASURED = tuple(item for item in law.TLI_ITEMS if item != "transparency")
"""The parameters of the trophic index that automatic stations measure: four of the five."""

Basis = Literal["now", "month", "year"]
BASES: tuple[Basis, ...] = ("now", "month", "year")
"""What classes are made of: the newest readings, the means of the month to date, of the year to date."""

_OF_LAKES = list(dict.fromkeys((*law.AUTOMATIC, *TLI_MEASURED)))
_RATED = [*_OF_LAKES, "lake", "water_class"]
_THIS, _LAST = "1", "0"


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
        A row a section of the register (see `of_sections`).
    now, before, change
        As in `Summary`, by the basis.
    target_share : float or None
    rivers : DataFrame
        See `by_river`; by the basis.
    districts : DataFrame
        See `by_district`; from the means of the span.
    lakes : DataFrame
        See `by_lake`; from the means of the span.
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
    register, city = watched(home, scope)
    at = moment(home, scope, at)
    if at is None:
        nothing = shares(np.zeros(len(register)))
        return Summary(None, city, nothing, nothing, np.nan, None, _worst(_empty(register)))
    found = now(home, scope, at, register)
    before = shares(now(home, scope, at - _YEAR, register)["water_class"], found["target_class"])
    here = shares(found["water_class"], found["target_class"])
    goal = targets(home, at.tz_convert(BEIJING).year).get(GOOD_SHARE)
    return Summary(_newest(found), city, here, before, _change(here, before), goal, _worst(found))


def period(home: Home, scope: Scope, first: dt.date, last: dt.date) -> Period:
    """Sections over the Beijing days ``first`` … ``last``, both included, and over the same days a year earlier.

    The class of a section is that of the means of its items (环办〔2011〕22号), whatever the length of the span.

    Raises
    ------
    ScopeError
        If water is outside the scope.
    """
    register, city = watched(home, scope)
    found, past = (over(home, scope, *span, register) for span in (day_span(first, last), _year_before(first, last)))
    found = found.assign(before_class=past["water_class"])
    here, before = shares(found["water_class"], found["target_class"]), shares(past["water_class"])
    return Period(first, last, city, here, before, _change(here, before), found)


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
    register, city = watched(home, scope)
    at = moment(home, scope, at)
    if at is None:
        return None
    start, end = span_of("month" if basis == "now" else basis, at)
    means, past = over(home, scope, start, end, register), over(home, scope, start - _YEAR, end - _YEAR, register)
    current = now(home, scope, at, register)
    shown, then = (current, now(home, scope, at - _YEAR, register)) if basis == "now" else (means, past)
    table = of_sections(current, means, past, shown, then, rounded=basis != "now")
    here, before = shares(shown["water_class"], shown["target_class"]), shares(then["water_class"])
    return Overview(
        at=_newest(current) or at.tz_convert(BEIJING),
        basis=basis,
        start=start,
        end=end,
        city=city,
        sections=table,
        now=here,
        before=before,
        change=_change(here, before),
        target_share=targets(home, at.tz_convert(BEIJING).year).get(GOOD_SHARE),
        rivers=by_river(shown, then, rounded=basis != "now"),
        districts=by_district(means, past),
        lakes=by_lake(means, past),
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
    table, city = water.sections(home, scope, home.city), home.city
    if table.empty:
        table, city = water.sections(home, scope), None
    untold = (table["district"].isna() & table["lon"].notna() & table["lat"].notna()).to_numpy()
    if untold.any():
        found = places.locate_unit(home, scope, table["lon"][untold], table["lat"][untold])
        table["district"] = table["district"].astype(object)
        table.loc[untold, "district"] = found
    return table, city


def moment(home: Home, scope: Scope, at: pd.Timestamp | None) -> pd.Timestamp | None:
    """The moment asked for, else the newest stamp of any reading; never later than that. None without any reading."""
    latest = water.latest_time(home, scope)
    return latest if latest is None or at is None else min(at, latest)


def now(home: Home, scope: Scope, at: pd.Timestamp, register: pd.DataFrame) -> pd.DataFrame:
    """Each section at a moment: its newest reading with a class in the `FRESH` hours up to it, else its newest one.

    Returns
    -------
    DataFrame
        A row a section of ``register``, in its order: its columns, time (UTC, NaT without a reading), the items,
        class_published, state, water_class (0 none), deciding, missing, class_<item>, meets (达标; boolean, NA
        unknown).
    """
    rated = water.classes(home, scope, at - FRESH, at, register["code"].tolist())
    later = np.argsort((rated["water_class"] > 0).to_numpy(), kind="stable")  # they come in the order of time
    return _joined(register, rated.iloc[later].drop_duplicates("station", keep="last"))


def over(home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp, register: pd.DataFrame) -> pd.DataFrame:
    """Each section over the stamps in (start, end], as `shuzhi.status.water.means`, a row a section of ``register``.

    Returns
    -------
    DataFrame
        The register's columns, times, the items, water_class (0 none), deciding, missing, class_<item>, meets.
    """
    return _joined(register, water.means(home, scope, start, end, register["code"].tolist()))


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
    counts = {k: int((found == k).sum()) for k in range(7)}
    rated, good, worst = len(found) - counts[0], sum(counts[k] for k in (1, 2, 3)), counts[6]
    meets = law.meets_target(found, np.zeros(len(found)) if target is None else target)
    wanted, met = int((~meets.isna()).sum()), int(np.sum(meets.fillna(False)))
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


def of_sections(current, means, past, shown, then, rounded: bool) -> pd.DataFrame:
    """One table of the sections from those of `now` and `over`.

    Returns
    -------
    DataFrame
        ``shown`` (water_class, deciding, meets and items by the basis) with before_class (a year earlier, by the
        basis), now_class, now_deciding, now_missing, time and state of the newest reading, mean_class and past_class
        (of the span's means and of the same span a year earlier), mean_times, body ('river' or 'lake'), main (main
        pollutants, symbols), change (steps from last year's class to this one, positive is worse; NaN unknown).
    """
    body = _bodies(shown)
    main = law.main_pollutants(shown, body, law.AUTOMATIC, rounded)
    here, before = shown["water_class"].to_numpy(float), then["water_class"].to_numpy(float)
    known = (here > 0) & (before > 0)
    return shown.assign(
        before_class=then["water_class"],
        now_class=current["water_class"],
        now_deciding=current["deciding"],
        now_missing=current["missing"],
        time=current["time"],
        state=current["state"],
        mean_class=means["water_class"],
        mean_times=means["times"],
        past_class=past["water_class"],
        body=body,
        main=main["main"],
        change=np.where(known, here - before, np.nan),
    )


def by_river(shown: pd.DataFrame, then: pd.DataFrame, rounded: bool) -> pd.DataFrame:
    """Quality of each river from its sections, and a year earlier; lakes and sections without a river are left out.

    Returns
    -------
    DataFrame
        river, and of `shuzhi.standards.water.river_quality`: sections (rated), n_1…n_6, good_share, worst_share,
        quality (1…5, 0 none), method, water_class, main; of all its sections: registered; quality_before, and change
        (steps of quality, −2…2, positive is better; NaN unknown). The worst first.
    """
    found, past = _of_both_years(lambda table: _rivers(table, rounded), shown, then)
    if found.empty:
        return found.assign(registered=0, quality_before=0, change=0.0).rename_axis("river").reset_index()
    found["registered"] = shown[~shown["lake"]]["river"].value_counts().reindex(found.index)
    found["quality_before"] = past["quality"].reindex(found.index).fillna(0).astype(int)
    found["change"] = law.quality_change(found["quality_before"], found["quality"])
    order = ["quality", "good_share", "registered"]
    found = found.sort_values(order, ascending=[False, True, False], kind="stable")
    return found.rename_axis("river").reset_index()


def by_district(means: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """City water-quality index (CWQI) of each district, and its change from a year earlier; the best first.

    Returns
    -------
    DataFrame
        district, and of `shuzhi.standards.water.city_cwqi`: cwqi (4 decimals), cwqi_river, cwqi_lake, rivers, lakes,
        measured (items of the 21); before, change (%, negative is better; NaN unknown or other items), rank.
    """
    found, past = _of_both_years(_cwqi, means, past)
    same = past["measured"].reindex(found.index) == found["measured"]
    found["before"] = past["cwqi"].reindex(found.index).where(same)
    found["change"] = law.cwqi_change(found["cwqi"], found["before"])
    found["rank"] = found["cwqi"].rank(method="min")
    return found.sort_values("cwqi", kind="stable").rename_axis("district").reset_index()


def by_lake(means: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Class and trophic level of each lake or reservoir from the means of its points; the worst first.

    The index is made of four of its five parameters: automatic stations do not measure transparency.

    Returns
    -------
    DataFrame
        lake, points, water_class, deciding, class_tn (total nitrogen, rated beside the class; 0 none), tli, trophic
        (1…5, 0 none), tli_before, and chla, tp, tn, codmn (means, mg/L).
    """
    found, past = _of_both_years(_lakes, means, past)
    found["tli_before"] = past["tli"].reindex(found.index)
    return found.sort_values("tli", ascending=False, kind="stable").rename_axis("lake").reset_index()


_YEAR = pd.DateOffset(years=1)


def _year_before(first: dt.date, last: dt.date) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, end = day_span(first, last)
    return start.tz_convert(BEIJING) - _YEAR, end.tz_convert(BEIJING) - _YEAR


def _joined(register: pd.DataFrame, rated: pd.DataFrame) -> pd.DataFrame:
    """The register with what is known of its sections; class 0 where nothing is."""
    table = register.merge(rated, how="left", left_on="code", right_on="station").drop(columns="station")
    whole = [name for name in table if name.startswith("class_") and name != "class_published"]
    table[["water_class", *whole]] = table[["water_class", *whole]].fillna(0).astype(int)
    words = [name for name in ("deciding", "missing", "state") if name in table]
    table[words] = table[words].fillna("")
    table["meets"] = law.meets_target(table["water_class"], table["target_class"])
    return table


def _empty(register: pd.DataFrame) -> pd.DataFrame:
    """The register without readings, as far as `_worst` needs it."""
    return register.assign(water_class=0, deciding="", **dict.fromkeys(law.AUTOMATIC, np.nan))


def _worst(found: pd.DataFrame) -> pd.DataFrame:
    """Sections worse than class Ⅲ, worst first."""
    beyond = found[found["water_class"] > 3]
    main = law.main_pollutants(beyond, _bodies(beyond), law.AUTOMATIC)
    table = beyond.assign(main=main["main"], times=main["times_1"])
    table = table.sort_values(["water_class", "times"], ascending=False, kind="stable")
    columns = ["code", "name", "river", "district", "water_class", "deciding", "main", "target_class", "times"]
    return table[columns].reset_index(drop=True)


def _bodies(table: pd.DataFrame) -> np.ndarray:
    return np.where(table["lake"], "lake", "river")


def _of_both_years(rate: Callable, here: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is rated of the sections of this year and the last; in one call, whose cost depends little on its rows."""
    tables = [table[_RATED].assign(**_marked(table, year)) for table, year in ((here, _THIS), (before, _LAST))]
    found = rate(pd.concat(tables, ignore_index=True))
    year, names = found.index.str[:1], found.index.str[1:]
    return tuple(found[year == one].set_axis(names[year == one]) for one in (_THIS, _LAST))


def _marked(table: pd.DataFrame, year: str) -> dict[str, pd.Series]:
    """What rivers, districts and lakes are called, with the sign of a year before it."""
    names = {"river": table["river"], "district": table["district"], "lake_name": table["river"].fillna(table["name"])}
    return {column: year + name.astype(object) for column, name in names.items()}


def _rivers(table: pd.DataFrame, rounded: bool) -> pd.DataFrame:
    chosen = (~table["lake"] & table["river"].notna()).to_numpy()
    rated = (table["water_class"] > 0).to_numpy()[chosen, None]
    values = np.where(rated, table[list(law.AUTOMATIC)].to_numpy()[chosen], np.nan)  # without a class it counts nothing
    values = pd.DataFrame(values, columns=list(law.AUTOMATIC))
    return law.river_quality(values, table["river"].to_numpy()[chosen], "river", law.AUTOMATIC, rounded)


def _cwqi(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["district"].notna() & (table["water_class"] > 0)]
    return law.city_cwqi(rows, _bodies(rows), "district", law.AUTOMATIC, decimals=4)


def _lakes(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["lake"] & (table["water_class"] > 0)]
    names = rows["lake_name"].to_numpy()
    mean = law.means(rows[_OF_LAKES], names)
    found = law.lake_quality(mean, mean.index, law.AUTOMATIC)
    measured = mean[list(TLI_MEASURED)]
    found = pd.concat([found, law.tli(measured, TLI_MEASURED)[["tli", "trophic"]], measured], axis=1)
    found.insert(0, "points", pd.Series(names, dtype=object).value_counts().reindex(found.index))
    return found


def _newest(found: pd.DataFrame) -> pd.Timestamp | None:
    newest = found["time"].max()
    return None if pd.isna(newest) else newest.tz_convert(BEIJING)


def _change(here: Shares, before: Shares) -> float:
    return here.good_share - before.good_share


def _percent(part: int, whole: int) -> float:
    return part / whole * 100 if whole else np.nan
