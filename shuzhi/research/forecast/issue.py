"""Making an issue (发布一期预报): everything that is told at one moment, recorded at once."""

import time

import pandas as pd

from shuzhi.errors import InputError
from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import (
    coming,
    day_drivers,
    day_features,
    day_weather,
    days,
    fit,
    hours,
    issues,
    models,
    panel,
)
from shuzhi.research.forecast.models import Models
from shuzhi.research.forecast.outlook import outlooks
from shuzhi.research.forecast.sections import sections_rows
from shuzhi.settings import BEIJING
from shuzhi.status import air
from shuzhi.store import Home, Scope

REFIT = pd.Timedelta(days=8)
"""Models that know nothing of the last days are fitted anew first."""
_STALE = pd.Timedelta(days=3)
_WEATHER = pd.Timedelta(days=12)
_PARTS = 4


def make(home: Home, scope: Scope, as_of: pd.Timestamp | None = None, progress: Progress = silent) -> issues.Issue:
    """Make and record the issue of a moment; nothing that is known only later is used.

    Parameters
    ----------
    as_of : tz-aware Timestamp, optional
        By default now. The whole hour before it is meant, which names the issue.
    progress : Progress

    Returns
    -------
    Issue

    Raises
    ------
    InputError
        There is no reading of the last days before ``as_of``, or the issue exists.
    """
    scope.require(issues.DATASET, "change")
    as_of = (pd.Timestamp.now(tz=BEIJING) if as_of is None else as_of).floor("h").tz_convert("UTC")
    named = issues.issue_id(as_of)
    if issues.find(home, scope, named) is not None:
        raise InputError(f"the issue {named} exists; an issue is never changed")
    refuse_stale(home, scope, as_of)
    fitted = ready(home, scope, as_of, progress)
    begun = time.monotonic()
    found, weather, drivers = forecasts(home, scope, as_of, fitted, progress)
    made = issues.Issue(
        id=named,
        issued_at=as_of,
        as_of=as_of,
        weather=weather.product if weather.used is not None else None,
        weather_issued_at=weather.used,
        model_version=fitted.version,
        hindcast=False,
        made_at=pd.Timestamp.now(tz="UTC"),
        seconds=time.monotonic() - begun,
        rows=len(found),
    )
    issues.record(home, made, found, outlooks(home, scope, as_of, found), drivers)
    return made


def refuse_stale(home: Home, scope: Scope, as_of: pd.Timestamp) -> None:
    """Raise InputError if the readings end days before an instant."""
    newest = air.latest_hour(home, scope)
    if newest is None or newest < as_of - _STALE:
        told = "there is none" if newest is None else f"it is of {newest.tz_convert(BEIJING):%Y-%m-%d %H:%M}"
        raise InputError(f"a forecast needs an air reading of the last three days, and {told}; name an earlier moment")


def ready(home: Home, scope: Scope, as_of: pd.Timestamp, progress: Progress = silent) -> Models:
    """The newest models that know nothing later than an instant; fitted where there are none, none of late or parts."""
    fitted = models.newest(home, as_of)
    if fitted is None or fitted.trained_until < as_of - REFIT or not fitted.complete:
        return fit.fit(home, scope, as_of, progress)
    return fitted


def forecasts(
    home: Home, scope: Scope, as_of: pd.Timestamp, fitted: Models, progress: Progress = silent
) -> tuple[pd.DataFrame, coming.Coming, pd.DataFrame]:
    """All rows of the issue of a moment, the weather that they used, and what drove the days."""
    progress(0, _PARTS, "reading")
    daily = panel.daily(home, scope, as_of)
    hourly = panel.hourly(home, scope, as_of, hours.DAYS)
    weather = coming.read(home, scope, weather_since(min(fitted.trained_until, as_of)), as_of)
    progress(1, _PARTS, "days")
    told = dailies(home, scope, daily, fitted, weather)
    parts = [told.rows()]
    progress(2, _PARTS, "hours")
    parts.append(hours.rows(hourly, fitted, weather))
    progress(3, _PARTS, "water")
    if (sections := fitted.part(models.SECTIONS)) is not None:
        parts.append(sections_rows(home, scope, as_of, models=sections))
    progress(_PARTS, _PARTS, "")
    return pd.concat(parts, ignore_index=True), weather, day_drivers.rows(told)


def weather_since(origin: pd.Timestamp) -> pd.Timestamp:
    """First hour of the weather that forecasts need from an origin on: a week's issues tell together."""
    return origin.floor("h") - _WEATHER


def dailies(home: Home, scope: Scope, daily: panel.Panel, fitted: Models, weather: coming.Coming) -> days.Daily:
    """The daily forecasts of a panel."""
    raw = day_weather.of_issues(daily, weather, len(days.LEADS))
    of_days = day_weather.together(daily, raw, fitted.part(models.PRODUCT))
    return days.Daily(daily, fitted, of_days, day_features.near(air.stations(home, scope, home.city), daily))
