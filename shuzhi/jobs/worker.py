"""The worker (后台进程): what happens by itself."""

import logging
import subprocess
import sys

from apscheduler.schedulers.blocking import BlockingScheduler

from shuzhi.jobs import forecasts
from shuzhi.registry import deliveries
from shuzhi.settings import BEIJING
from shuzhi.store import Home, observations, open_home, upkeep

_log = logging.getLogger(__name__)


def run() -> None:
    """Work until told to stop."""
    home = open_home()
    observations.catch_up(home)
    deliveries.serve_missing(home)
    schedule(home).start()


def schedule(home: Home) -> BlockingScheduler:
    """The jobs of a home: compaction by night, forecasts, and a simulated city's new hours shortly after each full
    hour."""
    scheduler = BlockingScheduler(
        timezone=BEIJING, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
    )
    scheduler.add_job(upkeep.compact, "cron", args=[home], hour=3, minute=40, id="compact")
    if home.kind == "simulated":
        scheduler.add_job(extend_city, "cron", minute=5, id="extend")
    forecasts.schedule(scheduler, home)
    scheduler.add_job(catch_up, args=[home], id="catch-up")
    return scheduler


def catch_up(home: Home) -> None:
    """What was missed while nobody worked: a simulated city's hours first, then the forecasts that start from them."""
    if home.kind == "simulated":
        extend_city()
    forecasts.begin(home)


def extend_city() -> None:
    """Let the simulated city live on; a process of its own, so that the city stays out of the platform's imports."""
    done = subprocess.run(
        [sys.executable, "-m", "shuzhi", "city", "extend"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        _log.error("the simulated city could not be extended: %s", done.stderr.strip().splitlines()[-1:])
