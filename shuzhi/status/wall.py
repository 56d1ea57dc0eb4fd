"""What the situation room's screen (大屏) shows, gathered once for a version of the home."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from shuzhi.registry import machines, sources
from shuzhi.settings import BEIJING, settings
from shuzhi.status import air, city, water_overview
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span
from shuzhi.store.selection import visible

DAYS = 7
"""Whole days of the week behind."""


@dataclass(frozen=True)
class Wall:
    """The screen's content.

    Attributes
    ----------
    situation : Situation
        The city at its newest hour.
    late : bool
        Newer readings are overdue (``settings.stale_hours``).
    hours : DataFrame
        A row for each hour of the week behind, missing ones too: time (end of the hour, Beijing), aqi, level, primary.
    days : DataFrame
        A row for each of its days: day, aqi, level (0 = not valid), primary.
    water : Summary or None
        Surface water now; None in a home without readings of it.
    sources, machines : dict or None
        Figures of the registers (see ``registry``); None where a register is empty or not to be seen.
    """

    situation: city.Situation
    late: bool
    hours: pd.DataFrame
    days: pd.DataFrame
    water: water_overview.Summary | None
    sources: dict[str, int] | None
    machines: dict[str, int] | None


def wall(home: Home, scope: Scope, now: pd.Timestamp) -> Wall | None:
    """The screen's content at the newest hour, or None in a home without any air reading.

    Parameters
    ----------
    now : tz-aware Timestamp
        The present, by which readings are late or not.
    """
    situation = city.situation(home, scope)
    if situation is None:
        return None
    last = situation.year.last
    first = last - dt.timedelta(days=DAYS - 1)
    return Wall(
        situation=situation,
        late=now - situation.at > pd.Timedelta(hours=settings().stale_hours),
        hours=_hours(home, scope, first, last),
        days=_days(home, scope, first, last),
        water=_water(home, scope),
        sources=_figures(home, scope, sources),
        machines=_figures(home, scope, machines),
    )


def _water(home: Home, scope: Scope) -> water_overview.Summary | None:
    found = water_overview.summary(home, scope)
    return found if found.now.rated else None


def _figures(home: Home, scope: Scope, register) -> dict[str, int] | None:
    scope = scope.counting(register.REGISTER)
    if not visible(register.REGISTER, scope):
        return None
    figures = register.figures(home, scope)
    return figures if figures["total"] else None


def _hours(home: Home, scope: Scope, first: dt.date, last: dt.date) -> pd.DataFrame:
    start, end = day_span(first, last)
    found = air.city_hourly(home, scope, start, end).set_index("time")
    times = pd.date_range(start, end, freq="h", inclusive="right", name="time")
    return _graded(found.reindex(times)).tz_convert(BEIJING).reset_index()


def _days(home: Home, scope: Scope, first: dt.date, last: dt.date) -> pd.DataFrame:
    found = air.city_daily(home, scope, first, last)
    found = found[found["valid"].astype(bool)]
    days = found.set_index(pd.to_datetime(found["day"]).rename("day")).reindex(pd.date_range(first, last, name="day"))
    return _graded(days).reset_index()


def _graded(table: pd.DataFrame) -> pd.DataFrame:
    """Index, level and primary pollutant; 0 and "" where there is no row."""
    primary = table["primary"].astype(object).where(table["primary"].notna(), "")
    return table[["aqi"]].assign(level=table["level"].fillna(0).astype(int), primary=primary)
