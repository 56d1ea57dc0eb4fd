"""Builds the simulated city and lets it live on: writes files in the real formats and takes them in by the real doors.

Building and extending are one walk, month by month: write the files, take them in, note how far the city has come. So a
walk that was interrupted goes on where it stopped, and what an hour holds does not depend on when it was made.
"""

import calendar
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from shuzhi.city import air, archive, weather
from shuzhi.city.noise import HOURS
from shuzhi.city.plan import Plan, last_full_hour
from shuzhi.city.stations import make_stations, read_stations
from shuzhi.decision.targets import set_target, targets
from shuzhi.errors import InputError
from shuzhi.ingest import service
from shuzhi.progress import Progress, silent
from shuzhi.settings import BEIJING
from shuzhi.store import Home, open_home

ORIGIN = "simulated"

_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Grown:
    """What a walk added: hours of the city, and the newest stamp (Beijing)."""

    hours: int
    until: dt.datetime


def build(
    home: Home | Path | None = None,
    seed: int | None = None,
    until: dt.datetime | None = None,
    progress: Progress = silent,
    plan: Plan | None = None,
) -> Grown:
    """Build the simulated city of a home, go on with an interrupted building, or extend a city that is there.

    Parameters
    ----------
    home : Home or Path, optional
        By default ``SHUZHI_HOME``; created as a simulated one.
    seed : int, optional
        By default 1; a city that exists keeps the seed it has.
    until : datetime, optional
        By default now; the newest stamp is the last full hour.
    progress : Progress, optional
        Told after each month.
    plan : Plan, optional
        Another size or first day than the whole city's, in place of `seed`.

    Raises
    ------
    HomeKindError
        If the home holds a real city.
    InputError
        If the home's city has another seed or `until` is not over yet.
    """
    home = _opened(home)
    folder = home.path / "city"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        kept = folder / "city.json"
        if kept.exists():
            _same_city(Plan.read(kept), seed, plan, kept)
        else:
            plan = plan or Plan.full(1 if seed is None else seed, until)
            make_stations(plan.seed, plan.stations).to_csv(folder / "stations.csv", index=False)
            plan.write(kept)
        return _walk(home, until, progress)


def extend(home: Home | Path | None = None, until: dt.datetime | None = None, progress: Progress = silent) -> Grown:
    """Add the hours since the last time; nothing happens if there are none.

    Parameters and errors as for `build`; `InputError` if the home has no simulated city.
    """
    home = _opened(home)
    folder = home.path / "city"
    Plan.read(folder / "city.json")
    with FileLock(folder / "lock"):
        return _walk(home, until, progress)


def _opened(home: Home | Path | None) -> Home:
    if not isinstance(home, Home):
        return open_home(home, create=ORIGIN)
    home.require(ORIGIN)
    return home


def _same_city(kept: Plan, seed: int | None, plan: Plan | None, path: Path) -> None:
    asked = plan.seed if plan else seed
    if asked is not None and asked != kept.seed or plan is not None and plan != kept:
        raise InputError(
            f"another city lives here (seed {kept.seed}); choose another folder with SHUZHI_HOME", file=path
        )


def _walk(home: Home, until: dt.datetime | None, progress: Progress) -> Grown:
    folder = home.path / "city"
    plan = Plan.read(folder / "city.json")
    until = last_full_hour(until)
    if until > last_full_hour():
        raise InputError(f"{until.isoformat()} is not over yet; a simulated city has no future")
    since = _reached(folder) or dt.datetime.combine(plan.first, dt.time(), BEIJING) - _HOUR
    if since >= until:
        return Grown(0, since)
    if _reached(folder) is None:
        service.import_stations(home, folder / "stations.csv", origin=ORIGIN)
    _lay_down_targets(home, plan, until)
    months = list(_months(since + _HOUR, until))
    made = _Made(plan, folder)
    for done, (first, last) in enumerate(months):
        progress(done, len(months), f"{first:%Y-%m}")
        files, weather_file = made.month(first, last)
        service.import_weather(home, weather_file, origin=ORIGIN)
        service.import_air_archive(home, files, origin=ORIGIN)
        _note_reached(folder, last)
    progress(len(months), len(months), f"{until:%Y-%m-%d %H:%M}")
    return Grown(round((until - since) / _HOUR), until)


def _months(first: dt.datetime, last: dt.datetime) -> Iterator[tuple[dt.date, dt.datetime]]:
    """For each calendar month: its first day that is wanted, its last stamp that is wanted."""
    day = first.date()
    while day <= last.date():
        end = _month_end(day)
        yield day, min(dt.datetime.combine(end, dt.time(HOURS - 1), BEIJING), last)
        day = end + dt.timedelta(days=1)


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


class _Made:
    """The files of one month after another. A month is always made whole, so that its values don't depend on when."""

    def __init__(self, plan: Plan, folder: Path):
        self.plan, self.folder = plan, folder
        self.sites = air.sites(plan.seed, read_stations(folder / "stations.csv"))
        self._before: tuple[dt.date, dict] | None = None

    def month(self, first: dt.date, last: dt.datetime) -> tuple[list[Path], Path]:
        """Write the air files from the day `first` to the stamp `last`, and the weather of its month until then."""
        start, end = self._span(first)
        times = weather.hours_of(start, end)
        readings = air.concentrations(self.plan.seed, self.sites, start, end)
        columns = archive.archive_columns(readings, self._lead(start), times)
        self._before = end, readings
        files = archive.write_days(self.folder / "archive", columns, self.sites.codes, times, first, last)
        weather_file = self.folder / "weather" / f"weather_{start:%Y%m}.csv"
        table = weather.station_weather(self.plan.seed, start, end)
        archive.write_weather(weather_file, table, weather.stations(), last)
        return files, weather_file

    def _span(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """The month of a day, or what the city has of it."""
        return max(day.replace(day=1), self.plan.first), _month_end(day)

    def _lead(self, start: dt.date) -> dict | None:
        """The day before a month, which its running means need."""
        if start == self.plan.first:
            return None
        yesterday = start - dt.timedelta(days=1)
        if self._before is None or self._before[0] != yesterday:
            before = air.concentrations(self.plan.seed, self.sites, *self._span(yesterday))
            self._before = yesterday, before
        return {item: values[-HOURS:] for item, values in self._before[1].items()}


def _lay_down_targets(home: Home, plan: Plan, until: dt.datetime) -> None:
    """Give each year its targets, unless somebody has laid them down."""
    for year in range(plan.first.year, until.year + 1):
        for metric, value in air.year_targets(year).items():
            if metric not in targets(home, year):
                set_target(home, year, metric, value, "模拟城市")


def _reached(folder: Path) -> dt.datetime | None:
    """The newest stamp that has been taken in."""
    path = folder / "reached.json"
    return dt.datetime.fromisoformat(json.loads(path.read_text())["until"]) if path.exists() else None


def _note_reached(folder: Path, until: dt.datetime) -> None:
    archive.replace_file(folder / "reached.json", json.dumps({"until": until.isoformat()}).encode() + b"\n")
