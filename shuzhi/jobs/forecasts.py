"""Forecasts by themselves: an issue each morning and evening, its scores each day, new models each week, a beginning
where there is nothing.

Each is a process of its own, as `city extend` is: it can be left and come back to, and its memory goes with it. One at
a time: `research.forecast.work` holds the lock.
"""

import logging
import os
import subprocess
import sys

from apscheduler.schedulers.base import BaseScheduler

from shuzhi.research.forecast import issues
from shuzhi.status import air
from shuzhi.store import Home, Scope

_log = logging.getLogger(__name__)

_NICE = 10

HOURS = "8,20"
MINUTE = 10
"""After the hour, when its readings have come."""


def schedule(scheduler: BaseScheduler, home: Home) -> None:
    """Add the regular jobs of a home."""
    scheduler.add_job(run, "cron", args=[home, "issue"], hour=HOURS, minute=MINUTE, id="forecast-issue")
    scheduler.add_job(run, "cron", args=[home, "verify"], hour=9, minute=30, id="forecast-verify")
    scheduler.add_job(run, "cron", args=[home, "fit"], day_of_week="mon", hour=23, minute=20, id="forecast-fit")


def begin(home: Home) -> None:
    """Catch up: where there is no issue yet all that a home begins with, else the days that have none, made afterwards.

    What was broken off is taken up again where it was.
    """
    there = any(not one.hindcast for one in issues.table(home, Scope.all()))
    run(home, "hindcast" if there else "begin")


def run(home: Home, command: str) -> None:
    """Run a command of ``python -m shuzhi forecast``, where there are readings; a failure goes to the log."""
    if air.latest_hour(home, Scope.all()) is None:
        return
    work = subprocess.Popen(
        [sys.executable, "-m", "shuzhi", "forecast", command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.setpriority(os.PRIO_PROCESS, work.pid, _NICE)  # pages come first
    _, told = work.communicate()
    if work.returncode:
        _log.error("forecast %s failed: %s", command, told.strip().splitlines()[-1:])
