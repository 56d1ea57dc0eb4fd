"""Making an issue (发布一期预报): everything that is told at one moment, recorded at once."""

import time

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import days, hours, issues, panel
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope

VERSION = "floors"
_STALE = pd.Timedelta(days=3)


def make(home: Home, scope: Scope, as_of: pd.Timestamp | None = None, progress: Progress = silent) -> issues.Issue:
    """Make and record the issue of a moment; nothing that is known only later is used.

    Parameters
    ----------
    as_of : tz-aware Timestamp, optional
        By default now. The issue is named by its Beijing hour.
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
    begun = time.monotonic()
    as_of = pd.Timestamp.now(tz=BEIJING) if as_of is None else as_of
    issued_at = as_of.floor("h").tz_convert("UTC")
    named = issues.issue_id(issued_at)
    if issues.find(home, scope, named) is not None:
        raise InputError(f"the issue {named} exists; an issue is never changed")
    found = forecasts(home, scope, as_of, progress)
    made = issues.Issue(
        id=named,
        issued_at=issued_at,
        as_of=as_of.tz_convert("UTC"),
        weather=None,
        weather_issued_at=None,
        model_version=VERSION,
        hindcast=False,
        made_at=pd.Timestamp.now(tz="UTC"),
        seconds=time.monotonic() - begun,
        rows=len(found),
    )
    issues.record(home, made, found)
    return made


def forecasts(home: Home, scope: Scope, as_of: pd.Timestamp, progress: Progress = silent) -> pd.DataFrame:
    """All rows of the issue of a moment, as for `issues.record`."""
    progress(0, 2, "days")
    daily = panel.daily(home, scope, as_of)
    if daily.ends(np.array([len(daily.times) - 1]))[0] < as_of - _STALE:
        raise InputError(f"the newest whole day of readings is {daily.times[-1]:%Y-%m-%d}; name an earlier moment")
    parts = [days.rows(daily)]
    progress(1, 2, "hours")
    parts.append(hours.rows(panel.hourly(home, scope, as_of, hours.DAYS)))
    progress(2, 2, "")
    return pd.concat(parts, ignore_index=True)
