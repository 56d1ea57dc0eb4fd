"""Builds the simulated city and lets it live on: writes files in the real formats and takes them in by the real doors.

Building and extending are one walk through the steps: write the files of what is wanted, take them in, note how far the
step has come. What an hour holds does not depend on when it was made, so a step that was interrupted is walked once
more, and a city that was built before it had a step gets it.
"""

import calendar
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

from shuzhi.city import (
    air,
    archive,
    inventory,
    machines,
    people,
    places,
    sections,
    water,
    water_table,
    weather,
    weather_forecast,
)
from shuzhi.city.noise import HOURS
from shuzhi.city.plan import STEPS, Plan, last_full_hour, note_reached, reached, reached_by_step
from shuzhi.city.stations import make_stations, read_stations
from shuzhi.decision.targets import set_target
from shuzhi.errors import InputError
from shuzhi.ingest import service
from shuzhi.progress import Progress, silent
from shuzhi.store import Home, Scope, open_home
from shuzhi.store.targets import targets

ORIGIN = "simulated"

HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Grown:
    """What a walk added: hours of the city, and the newest stamp (Beijing)."""

    hours: int
    until: dt.datetime


@dataclass(frozen=True)
class Step:
    """How a part of the city comes into a home.

    Parameters
    ----------
    deliver : callable, optional
        ``deliver(home, plan, folder, progress)``, once: what does not change by the hour.
    extend : callable, optional
        ``extend(home, plan, folder, since, until, progress)``: the stamps after `since` up to `until`; the first time
        `since` is the beginning of the plan.
    """

    deliver: Callable | None = None
    extend: Callable | None = None


def build(
    home: Home | Path | None = None,
    seed: int | None = None,
    until: dt.datetime | None = None,
    progress: Progress = silent,
    plan: Plan | None = None,
    scale: str | None = None,
) -> Grown:
    """Build the simulated city of a home, or go on with an interrupted building; a city that is there stays as it is.

    Parameters
    ----------
    home : Home or Path, optional
        By default ``SHUZHI_HOME``; created as a simulated one.
    seed : int, optional
        By default 1; a city that exists keeps the seed it has.
    until : datetime, optional
        By default now; the newest stamp is the last full hour.
    progress : Progress, optional
        Told file by file.
    plan : Plan, optional
        Another size or first day than the whole city's, in place of `seed` and `scale`.
    scale : {'full', 'small'}, optional
        By default the size that the city has, and that of a new one is full.

    Raises
    ------
    HomeKindError
        If the home holds a real city.
    InputError
        If the home's city has another seed or size, or `until` is not over yet.
    """
    home = _opened(home)
    folder = home.path / "city"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        kept = folder / "city.json"
        if kept.exists():
            _same_city(Plan.read(kept), seed, plan, scale, kept)
        else:
            plan = plan or getattr(Plan, scale or "full")(1 if seed is None else seed, until)
            make_stations(plan.seed, plan.stations).to_csv(folder / "stations.csv", index=False)
            plan.write(kept)
        there = reached(folder)
        return Grown(0, there) if there else _walk(home, until, progress)


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


def _same_city(kept: Plan, seed: int | None, plan: Plan | None, scale: str | None, path: Path) -> None:
    seed, scale = (plan.seed, plan.scale) if plan else (seed, scale)
    if seed not in (None, kept.seed) or scale not in (None, kept.scale) or plan not in (None, kept):
        raise InputError(
            f"another city lives here (seed {kept.seed}, {kept.scale}); choose another folder with SHUZHI_HOME",
            file=path,
        )


def _walk(home: Home, until: dt.datetime | None, progress: Progress) -> Grown:
    folder = home.path / "city"
    plan = Plan.read(folder / "city.json")
    until = last_full_hour(until)
    if until > last_full_hour():
        raise InputError(f"{until.isoformat()} is not over yet; a simulated city has no future")
    since = reached(folder)
    if since and since >= until:
        return Grown(0, since)
    there = reached_by_step(folder)
    since = min(there.get(name, plan.begin) for name in STEPS if _STEPS[name].extend)
    for name in STEPS:
        _take(_STEPS[name], name, home, plan, there.get(name), until, progress)
    return Grown(max(round((until - since) / HOUR), 0), until)


def _take(step: Step, name: str, home: Home, plan: Plan, there: dt.datetime | None, until, progress: Progress) -> None:
    """Walk one step from where it is."""
    folder = home.path / "city"

    def told(done: int, total: int, message: str) -> None:
        progress(done, total, f"{name}: {message}")

    told(0, 0, "…")
    if there is None and step.deliver:
        step.deliver(home, plan, folder, told)
    since = there or plan.begin
    if since < until and step.extend:
        step.extend(home, plan, folder, since, until, told)
    note_reached(folder, name, max(since, until))


def _deliver_places(home: Home, plan: Plan, folder: Path, progress: Progress) -> None:
    places.deliver(home, plan.seed, folder / "places", progress, small=plan.scale == "small")


def _deliver_stations(home: Home, plan: Plan, folder: Path, progress: Progress) -> None:
    service.import_stations(home, folder / "stations.csv", origin=ORIGIN, progress=progress)


def _extend_air(home: Home, plan: Plan, folder: Path, since, until, progress: Progress) -> None:
    _lay_down_targets(home, plan, until)
    files = _write_air(plan, folder, since, until, progress)
    service.import_air_archive(home, files, origin=ORIGIN, progress=progress)


def _extend_weather(home: Home, plan: Plan, folder: Path, since, until, progress: Progress) -> None:
    for path in _write_weather(plan, folder, since, until):
        service.import_weather(home, path, origin=ORIGIN, progress=progress)


def _deliver_water(home: Home, plan: Plan, folder: Path, progress: Progress) -> None:
    path = folder / "sections.csv"
    archive.replace_file(path, sections.make_sections(plan.seed, plan.water).to_csv(index=False).encode())
    service.import_sections(home, path, origin=ORIGIN, progress=progress)


def _extend_water(home: Home, plan: Plan, folder: Path, since, until, progress: Progress) -> None:
    """Write the table of each month that holds stamps after `since` up to `until`, and take it in."""
    if not _within(water.times_of(since.date(), until.date()), since, until).any():
        return
    place = water.waters(plan.seed, sections.read_sections(folder / "sections.csv"))
    begin, end = (moment.replace(tzinfo=None) for moment in (plan.begin, until))
    months = _months(plan, since.date(), (until - HOUR).date())
    for done, (first, last) in enumerate(months):
        path = folder / "water" / f"water_{first:%Y%m}.csv"
        progress(done, len(months), path.name)
        if water_table.write_table(path, plan.seed, place, first, last, begin, end):
            service.import_water_stations(home, path, first.year, origin=ORIGIN)


_STEPS = {
    "places": Step(deliver=_deliver_places),
    "stations": Step(deliver=_deliver_stations),
    "air": Step(extend=_extend_air),
    "weather": Step(extend=_extend_weather),
    "water": Step(deliver=_deliver_water, extend=_extend_water),
    "inventory": Step(deliver=inventory.deliver),
    "machines": Step(deliver=machines.deliver, extend=machines.extend),
    "people": Step(deliver=people.deliver, extend=people.extend),
    "weather_forecast": Step(extend=weather_forecast.extend),
}


def _write_air(plan: Plan, folder: Path, since: dt.datetime, until: dt.datetime, progress: Progress) -> list[Path]:
    """Write the archive's files that hold the stamps after `since` up to `until`."""
    sites = air.sites(plan.seed, read_stations(folder / "stations.csv"))
    first_wanted = (since + HOUR).date()
    months = _months(plan, first_wanted, until.date())
    lead, files = _lead(plan, sites, months[0][0]), []
    for done, (first, last) in enumerate(months):
        progress(done, len(months), f"china_sites_{first:%Y%m}")
        times, readings = weather.hours_of(first, last), air.concentrations(plan.seed, sites, first, last)
        columns = archive.archive_columns(readings, lead, times)
        lead = {item: values[-HOURS:] for item, values in readings.items()}
        wanted = (times >= str(first_wanted)) & _within(times, plan.begin, until)
        files += archive.write_days(folder / "archive", columns, sites.codes, times, wanted)
    return files


def _lead(plan: Plan, sites: air.Sites, first: dt.date) -> dict | None:
    """The day before a month, which its running means need."""
    if first == plan.first:
        return None
    ((start, end),) = _months(plan, first - dt.timedelta(days=1), first - dt.timedelta(days=1))
    return {item: values[-HOURS:] for item, values in air.concentrations(plan.seed, sites, start, end).items()}


def _write_weather(plan: Plan, folder: Path, since: dt.datetime, until: dt.datetime) -> list[Path]:
    """Write the weather of each month that holds stamps after `since` up to `until`; 00:00 ends a day, and a month."""
    files = []
    for first, last in _months(plan, since.date(), (until - HOUR).date()):
        table = weather.station_weather(plan.seed, first, last)
        files.append(folder / "weather" / f"weather_{first:%Y%m}.csv")
        archive.write_weather(files[-1], table[_within(table["time"], plan.begin, until)], weather.stations())
    return files


def _within(times, after: dt.datetime, until: dt.datetime) -> np.ndarray:
    after, until = (moment.replace(tzinfo=None) for moment in (after, until))
    return np.asarray((times > after) & (times <= until))


def _months(plan: Plan, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each month that holds days from `first` to `last`.

    A month is always made whole, so that its values don't depend on when; before the plan's first day there is nothing.
    """
    spans = []
    day = first.replace(day=1)
    while day <= last:
        end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        spans.append((max(day, plan.first), end))
        day = end + dt.timedelta(days=1)
    return spans


def _lay_down_targets(home: Home, plan: Plan, until: dt.datetime) -> None:
    """Give each year its targets, unless somebody has laid them down."""
    for year in range(plan.first.year, until.year + 1):
        for metric, value in {**air.year_targets(year), **water.year_targets()}.items():
            if metric not in targets(home, year):
                set_target(home, Scope.all(), year, metric, value, "模拟城市")
