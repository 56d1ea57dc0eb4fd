"""What a briefing says, as numbers: the days of a period and their like a year earlier, by city, district and station.

Days are rated by one edition, that of the period's last day, so that a change of the rules is no change of the air.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.errors import NotFoundError
from shuzhi.publish.facts import Source
from shuzhi.publish.period import Period
from shuzhi.settings import BEIJING
from shuzhi.standards.aqi import daily_aqi, edition_on
from shuzhi.standards.days import beijing_day
from shuzhi.standards.factors import factors
from shuzhi.standards.levels import level
from shuzhi.standards.limits import limit
from shuzhi.standards.rounding import round_half_even
from shuzhi.standards.statistics import period_statistics
from shuzhi.status import air, water_overview
from shuzhi.status.city import GOOD_UP_TO, REFERENCE_STATE_CHANGED, Year, received
from shuzhi.status.city import period as rated_period
from shuzhi.store import Home, Scope
from shuzhi.store.schema import DAY_ITEMS

COMPARABLE = 0.75
"""Two periods are compared where each has this share of its days valid; ours, HJ 663 names none for a span of days."""

STATION_COLUMNS = ("code", "name", "district", "network", "evaluation", "lon", "lat", "days", "aqi", "level")


@dataclass(frozen=True)
class Waters:
    """Surface water over the period (``status.water_overview``): sections by the class of their means.

    Attributes
    ----------
    now, before : Shares
        In the period, and in the same days a year earlier.
    sections : DataFrame
        Sections of the place: register, means, water_class, before_class, meets.
    """

    now: water_overview.Shares
    before: water_overview.Shares
    sections: pd.DataFrame

    @property
    def comparable(self) -> bool:
        """Both periods have classes of about as many sections."""
        return self.before.rated >= COMPARABLE * self.now.rated > 0


@dataclass(frozen=True)
class Figures:
    """The numbers of a briefing.

    Attributes
    ----------
    place : str
        The city, or a district or zone of it.
    whole_city : bool
    kind : str
        ``real`` or ``simulated``.
    asked, period, earlier : Period
        As asked for; the part of it that is over; the same days a year earlier.
    edition : str
        Of HJ 633.
    sites : tuple of str
        Codes of the sites whose mean is rated, of those that have readings in the period.
    evaluation : bool
        They are the city's evaluation sites (城市评价点).
    this, last : Year
    items : DataFrame
        By item: value, last (as reported: rounded), change (%, of the reported values), exceed (days over the daily
        limit of grade II), days (with a value).
    primaries : dict of str to int
        Symbol → polluted days on which it is a primary pollutant.
    daily : DataFrame
        As from ``air.city_daily``.
    stations : DataFrame
        ``STATION_COLUMNS`` and the items' statistics: days valid, aqi the median of the daily AQI (rounded up), level.
    districts : DataFrame
        By district with stations: sites, valid, good, share (%), pm25, o3_8h; empty for a district's briefing.
    water : Waters or None
        None where no section of the place has a class in the period, or water is outside the scope.
    as_of : Timestamp or None
        When the newest import ended, Beijing.
    newest : date
        The newest day that is over.
    """

    place: str
    whole_city: bool
    kind: str
    asked: Period
    period: Period
    earlier: Period
    edition: str
    sites: tuple[str, ...]
    evaluation: bool
    this: Year
    last: Year
    items: pd.DataFrame
    primaries: dict[str, int]
    daily: pd.DataFrame
    stations: pd.DataFrame
    districts: pd.DataFrame
    water: Waters | None
    as_of: pd.Timestamp | None
    newest: dt.date

    @property
    def bad(self) -> int:
        """Valid days worse than 良."""
        return self.this.valid - self.this.good

    @property
    def invalid(self) -> int:
        """Calendar days that do not count, for want of data."""
        return self.period.days - self.this.valid

    @property
    def comparable(self) -> bool:
        """Both periods have enough valid days to be compared."""
        pairs = ((self.this, self.period), (self.last, self.earlier))
        return all(year.valid >= COMPARABLE * span.days and year.valid > 0 for year, span in pairs)

    @property
    def reference_state_differs(self) -> bool:
        """Gases of the two periods are reported at different reference states."""
        return self.comparable and self.earlier.first < REFERENCE_STATE_CHANGED <= self.period.last

    def source(self, of: str = "this") -> Source:
        """Where the numbers of the period (``this``) or of the one a year earlier (``last``) come from."""
        span = self.period if of == "this" else self.earlier
        return days_source(span, self.sites, self.as_of)

    def water_source(self, of: str = "this") -> Source:
        """Where the numbers of surface water come from."""
        span = self.period if of == "this" else self.earlier
        codes = " ".join(self.water.sections["code"])
        parameters = (("start", f"{span.first}T00:00+08:00"), ("end", f"{span.last}T24:00+08:00"))
        return Source("water_means", (*parameters, ("stations", f"[{codes}]")), span.first, span.last, self.as_of)


def days_source(span: Period, codes, as_of) -> Source:
    """The named query of daily statistics, with its parameters."""
    parameters = (("first", f"{span.first}"), ("last", f"{span.last}"), ("stations", "[" + " ".join(codes) + "]"))
    return Source("air_days", parameters, span.first, span.last, as_of)


def newest_day(home: Home, scope: Scope, now: dt.datetime | None = None) -> dt.date | None:
    """The newest Beijing day with a reading that is over; None in a home without any.

    Parameters
    ----------
    now : tz-aware datetime, optional
        By default the clock's.
    """
    newest = air.latest_hour(home, scope)
    if newest is None:
        return None
    day = beijing_day(newest).astype(object)
    today = (now or dt.datetime.now(BEIJING)).astimezone(BEIJING).date()
    over = day < today or newest.tz_convert(BEIJING).date() > day  # the stamp 24:00 ends its day
    return day if over else day - dt.timedelta(days=1)


def places(home: Home, scope: Scope) -> list[str]:
    """The city, then its districts and zones that have stations; nothing where the register has none of the city."""
    stations = air.stations(home, scope, home.city)
    stations = stations[~stations["background"].astype(bool)]
    named = stations.loc[stations["district"].fillna("").ne(""), "district"]
    return [home.city, *sorted(named.unique())] if len(stations) else []


def gather(home: Home, scope: Scope, period: Period, place: str | None = None) -> Figures | None:
    """The numbers of a briefing.

    Parameters
    ----------
    period : Period
        What of it is not over yet is left out.
    place : str, optional
        The home's city (default) or a district or zone that has stations.

    Returns
    -------
    Figures or None
        None in a home without any air reading.

    Raises
    ------
    NotFoundError
        The place has no station.
    """
    newest = newest_day(home, scope)
    if newest is None:
        return None
    place = place or home.city
    cut = period.until(newest)
    edition = edition_on(cut.last)
    register = air.stations(home, scope, home.city)
    codes, evaluation = _sites(register, place, home.city)
    this, last = (
        rated_period(home, scope, span.first, span.last, edition, stations=codes) for span in (cut, cut.earlier)
    )
    rows = air.daily(home, scope, cut.first, cut.last, stations=register["code"].tolist(), edition=edition)
    reporting = set(rows["station"])
    daily = air.city_daily(home, scope, cut.first, cut.last, edition, stations=codes)
    whole = place == home.city
    return Figures(
        place=place,
        whole_city=whole,
        kind=home.kind,
        asked=period,
        period=cut,
        earlier=cut.earlier,
        edition=edition,
        sites=tuple(code for code in codes if code in reporting),
        evaluation=evaluation,
        this=this,
        last=last,
        items=_items(this, last, daily),
        primaries=_primaries(this),
        daily=daily,
        stations=_stations(register if whole else register[register["district"] == place], rows),
        districts=_districts(register, rows, edition) if whole else pd.DataFrame(),
        water=_waters(home, scope, cut, None if whole else place),
        as_of=received(home),
        newest=newest,
    )


def _sites(register: pd.DataFrame, place: str, city: str) -> tuple[list[str], bool]:
    """Codes whose mean stands for the place: its evaluation sites, or all its stations where it has none."""
    ours = register if place == city else register[register["district"] == place]
    ours = ours[~ours["background"].astype(bool)]
    if ours.empty and place == city:
        raise NotFoundError(f"the register has no air station of {city!r}; run `import stations` first")
    if ours.empty:
        raise NotFoundError(f"{place!r} has no air station; name the city or one of its districts that has")
    evaluation = ours.loc[ours["evaluation"], "code"].tolist()
    return evaluation or ours["code"].tolist(), bool(evaluation)


def _items(this: Year, last: Year, daily: pd.DataFrame) -> pd.DataFrame:
    decimals = factors().loc[list(DAY_ITEMS), "decimals"].astype(int)
    value, before = (
        np.array([round_half_even(year.statistics[item], decimals[item]) for item in DAY_ITEMS])
        for year in (this, last)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(before > 0, 100 * (value - before) / before, np.nan)
    table = {
        "value": value,
        "last": before,
        "change": change,
        "exceed": [_exceeding(daily, item) for item in DAY_ITEMS],
        "days": [int(daily[item].notna().sum()) for item in DAY_ITEMS],
    }
    return pd.DataFrame(table, index=list(DAY_ITEMS))


def _exceeding(daily: pd.DataFrame, item: str) -> int:
    """Days on which the daily value is over the limit of that day (GB 3095, grade II)."""
    limits = [limit(item, "24h", day) for day in pd.to_datetime(daily["day"]).dt.date]
    return int((daily[item].to_numpy(dtype=float) > np.array(limits, dtype=float)).sum())


def _primaries(this: Year) -> dict[str, int]:
    bad = this.days.loc[this.days["level"] > GOOD_UP_TO, "primary"]
    return dict(Counter(symbol for one in bad for symbol in one.split(";") if symbol).most_common())


def _stations(register: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Each station's median daily AQI, its level, its valid days and its statistics; those that sent anything."""
    register = register[register["code"].isin(rows["station"])]
    groups = rows[rows["valid"]].groupby("station")["aqi"]
    table = register.assign(days=register["code"].map(groups.count()).fillna(0).astype(int))
    table["aqi"] = np.ceil(table["code"].map(groups.median()))
    table["level"] = level(table["aqi"])
    means = period_statistics(rows, by="station", rounded=True)[list(DAY_ITEMS)]
    return table[list(STATION_COLUMNS)].join(means, on="code").reset_index(drop=True)


def _districts(register: pd.DataFrame, rows: pd.DataFrame, edition: str) -> pd.DataFrame:
    """Each district with stations, rated as its own briefing would rate it, from one reading of all stations."""
    chosen = {}
    for name in register["district"].dropna().unique():
        if name and not register.loc[register["district"] == name, "background"].all():
            chosen |= dict.fromkeys(_sites(register, name, "")[0], name)
    ours = rows[rows["station"].isin(chosen)]
    if ours.empty:
        return pd.DataFrame(columns=["sites", "valid", "good", "share", "pm25", "o3_8h"])
    names = ours["station"].map(chosen).rename("district")
    days = ours.groupby([names, "day"])[list(DAY_ITEMS)].mean()
    for item in DAY_ITEMS:
        days[item] = round_half_even(days[item].to_numpy(), 1 if item == "co" else 0)
    days = days.reset_index()
    days = days.join(daily_aqi(days, edition=edition))
    found = period_statistics(days[["district", *DAY_ITEMS, "aqi"]], by="district", rounded=True)
    found = found.rename(columns={"aqi_days": "valid", "good_days": "good"})
    found["share"] = 100 * found["good"] / found["valid"].where(found["valid"] > 0)
    found["sites"] = ours.groupby(names)["station"].nunique()
    return found[["sites", "valid", "good", "share", "pm25", "o3_8h"]].sort_values("pm25", kind="stable")


def _waters(home: Home, scope: Scope, span: Period, district: str | None) -> Waters | None:
    if not scope.may("water"):
        return None
    found = water_overview.period(home, scope, span.first, span.last)
    sections = found.sections
    if district is not None:
        sections = sections[sections["district"] == district]
    now = water_overview.shares(sections["water_class"], sections["target_class"])
    before = water_overview.shares(sections["before_class"])
    return Waters(now, before, sections) if now.rated else None
