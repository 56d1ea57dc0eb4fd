"""Issues made afterwards (回算): what would have been told on the last days, for the board of skill's first day.

They tell days only. The trees in them are the trials of the fit, which know nothing of these days (see `fit`); weights
and intervals come at each day from what had come true by then.
"""

import datetime as dt
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd

from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import coming, issue, issues, panel
from shuzhi.research.forecast.outlook import outlooks
from shuzhi.research.forecast.sections import sections_hindcast
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span

COUNT = 60
HOUR = pd.Timedelta(hours=8)
"""Of the day, when an issue is given out."""


def make(home: Home, scope: Scope, as_of: pd.Timestamp, count: int = COUNT, progress: Progress = silent) -> int:
    """Make and record the issues of the last days that have none, each by itself.

    Parameters
    ----------
    as_of : tz-aware Timestamp
        The days before its own are meant; its models, or older ones, make them.
    count : int
        Days, at most.
    progress : Progress

    Returns
    -------
    int
        Issues made.
    """
    scope.require(issues.DATASET, "change")
    issue.refuse_stale(home, scope, as_of)
    fitted = issue.ready(home, scope, as_of, progress)
    daily = panel.daily(home, scope, as_of)
    wanted = _days(home, scope, daily, as_of, count)
    if not wanted:
        return 0
    since = issue.weather_since(min(_moment(wanted[0]), fitted.trained_until))
    weather = coming.read(home, scope, since, as_of)
    told = issue.dailies(home, scope, daily, fitted, weather)
    water = _Water(sections_hindcast(home, scope, wanted))
    for done, day in enumerate(wanted):
        progress(done, len(wanted), f"{day}")
        begun = time.monotonic()
        parts = [told.rows(daily.times.get_loc(pd.Timestamp(day)) - 1), water.of(day)]
        found = pd.concat([part for part in parts if len(part)], ignore_index=True)
        _record(home, scope, day, found, fitted.version, weather, time.monotonic() - begun)
    progress(len(wanted), len(wanted), "")
    return len(wanted)


def _days(home: Home, scope: Scope, daily: panel.Panel, as_of: pd.Timestamp, count: int) -> list[dt.date]:
    """Days without an issue of their morning, each with at least a day before it."""
    there = {one.id for one in issues.table(home, scope)}
    today = as_of.tz_convert(BEIJING).date()
    days = [today - dt.timedelta(days=back) for back in range(count, 0, -1)]
    known = set(daily.times[1:].date)
    return [day for day in days if day in known and issues.issue_id(_moment(day)) not in there]


def _moment(day: dt.date) -> pd.Timestamp:
    return day_span(day, day)[0] + HOUR


def _record(home: Home, scope: Scope, day: dt.date, found: pd.DataFrame, version: str, weather, seconds: float) -> None:
    moment = _moment(day)
    used = weather.used_at(np.datetime64(moment.tz_localize(None), "h"))
    made = issues.Issue(
        id=issues.issue_id(moment),
        issued_at=moment,
        as_of=moment,
        weather=None if used is None else weather.product,
        weather_issued_at=used,
        model_version=f"{version}-trials",
        hindcast=True,
        made_at=pd.Timestamp.now(tz="UTC"),
        seconds=seconds,
        rows=len(found),
    )
    issues.record(home, made, found, outlooks(home, scope, moment, found))


class _Water:
    """Rows of the sections by day, as they come; a day that has none is left out there."""

    def __init__(self, rows: Iterator[tuple[pd.Timestamp, pd.DataFrame]]):
        self._rows, self._next = rows, next(rows, None)

    def of(self, day: dt.date) -> pd.DataFrame:
        """Rows of a day; days are asked for in rising order."""
        if self._next is None or self._next[0] != day_span(day, day)[0]:
            return pd.DataFrame()
        found = self._next[1]
        self._next = next(self._rows, None)
        return found
