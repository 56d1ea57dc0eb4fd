"""The doors: a file from outside goes in, a summary comes out.

Importing the same again changes nothing. A file of a folder that can't be read does not stop the others; only where
nothing at all could be stored is there an error.
"""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from shuzhi.access import operator
from shuzhi.errors import InputError
from shuzhi.ingest import air_archive, archive_files, inventory, positions, water_stations, weather, weather_forecast
from shuzhi.ingest import machines as machine_list
from shuzhi.ingest import people as staff_list
from shuzhi.ingest import sections as section_list
from shuzhi.ingest import stations as station_list
from shuzhi.ingest.run import Run
from shuzhi.ingest.summary import ImportSummary
from shuzhi.ingest.template import load
from shuzhi.ingest.whereabouts import Whereabouts
from shuzhi.progress import Progress, silent
from shuzhi.registry import machines, sections, staffing, stations
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope

Origin = Literal["real", "simulated"]

_FLUSH_ROWS = 2_000_000
"""A national month is larger than this; more rows than this are not held back to complete a month."""

_MOMENT, _BEIJING = np.timedelta64(1, "us"), np.timedelta64(8, "h")


def import_stations(
    home: Home, path: Path | str, origin: Origin = "real", progress: Progress = silent
) -> ImportSummary:
    """Read a list of stations into the register (see :mod:`shuzhi.ingest.stations`).

    Raises
    ------
    InputError
        If the file can't be read or no row of it is good.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """
    return _import_list(home, "stations", path, station_list.parse, stations.upsert, origin, progress)


def import_sections(
    home: Home, path: Path | str, origin: Origin = "real", progress: Progress = silent
) -> ImportSummary:
    """Read a list of sections of surface water into the register (see :mod:`shuzhi.ingest.sections`).

    Raises
    ------
    InputError
        If the file can't be read or no row of it is good.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """
    return _import_list(home, "sections", path, section_list.parse, sections.upsert, origin, progress)


def _import_list(home: Home, kind: str, path: Path | str, parse, upsert, origin: Origin, progress: Progress):
    name = Path(path).name
    with Run(home, kind, origin) as run:
        progress(0, 1, name)
        parsed = run.attempt(lambda: parse(path), name)
        if parsed is None:
            return run.summary
        run.took(parsed)
        done = upsert(home, parsed.rows, kind)
        run.summary.new, run.summary.corrected, run.summary.unchanged = done.new, done.changed, done.unchanged
        run.summary.sites = len(parsed.rows)
        progress(1, 1, name)
    return run.summary


def import_weather(
    home: Home, path: Path | str, station: str | None = None, origin: Origin = "real", progress: Progress = silent
) -> ImportSummary:
    """Read hourly or daily weather (see :mod:`shuzhi.ingest.weather`). A station that the register does not
    know is created as a weather station.

    Parameters
    ----------
    station : str, optional
        Code of the station, for a file without a column of stations.

    Raises
    ------
    InputError
        If the file can't be read or no row of it is good.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """

    def store(run: Run, rows: pa.Table, stations) -> None:
        run.store(rows, "weather", stations)

    return _import_readings(home, "weather", path, lambda file: weather.parse(file, station), store, origin, progress)


def import_weather_forecast(
    home: Home,
    path: Path | str,
    product: str | None = None,
    station: str | None = None,
    origin: Origin = "real",
    progress: Progress = silent,
) -> ImportSummary:
    """Read forecasts of the weather (see :mod:`shuzhi.ingest.weather_forecast`). Issues stay beside each other, the
    same issue again corrects. A station that the register does not know is created as a weather station.

    Parameters
    ----------
    product : str, optional
        Name of the product, for a file without a column of products.
    station : str, optional
        Code of the station, for a file without a column of stations.

    Raises
    ------
    InputError
        If the file can't be read or no row of it is good.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """

    def parse(file):
        return weather_forecast.parse(file, product, station)

    return _import_readings(
        home, "weather-forecast", path, parse, Run.store_forecast, origin, progress, month_of="issued_at"
    )


def import_water_stations(
    home: Home, path: Path | str, year: int, origin: Origin = "real", progress: Progress = silent
) -> ImportSummary:
    """Read a four-hourly table of surface water (see :mod:`shuzhi.ingest.water_stations`). A section that the register
    does not know is created, even where its station sent nothing.

    Parameters
    ----------
    year : int
        Year of the first time in the table, whose times have none.

    Raises
    ------
    InputError
        If the file can't be read or no row of it is good.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """
    return _import_readings(
        home, "water-stations", path, lambda file: water_stations.parse(file, year), Run.store_water, origin, progress
    )


def _import_readings(
    home: Home, kind: str, path: Path | str, parse, store, origin: Origin, progress: Progress, month_of: str = "time"
):
    """One file of readings, taken in a month at a time."""
    name = Path(path).name
    with Run(home, kind, origin) as run:
        progress(0, 0, name)
        parsed = run.attempt(lambda: parse(path), name)
        if parsed is None:
            return run.summary
        run.took(parsed)
        chunks = _by_month(parsed.rows, month_of)
        for done, rows in enumerate(chunks.values()):
            progress(done, len(chunks), name)
            store(run, rows, parsed.stations)
        progress(len(chunks), len(chunks), name)
    return run.summary


def import_inventory(
    home: Home,
    path: Path | str,
    day: dt.date | None = None,
    origin: Origin = "real",
    progress: Progress = silent,
    *,
    template: Path | str | None = None,
    crs: str | None = None,
    sheet: str | None = None,
    report: Path | str | None = None,
) -> ImportSummary:
    """Take in a delivery of the whole inventory of pollution sources (see :mod:`shuzhi.ingest.inventory`). What it no
    longer has is closed.

    Parameters
    ----------
    day : date, optional
        From when on it holds; by default today in Beijing.
    template : path or name, optional
        What its columns mean (see :mod:`shuzhi.ingest.template`).
    crs : str, optional
        Coordinate system of its positions.
    sheet : str, optional
        Sheet or layer of a file that has several.
    report : path, optional
        Where all findings are written to, as csv.

    Raises
    ------
    InputError
        If the file can't be read, no row of it is good, or a later delivery is in force.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """

    def parse(where: Whereabouts):
        return inventory.parse(path, where, load("inventory", template), crs, sheet)

    return _import_register(home, "inventory", "source", path, parse, day, origin, progress, report)


def import_machines(
    home: Home,
    path: Path | str,
    day: dt.date | None = None,
    origin: Origin = "real",
    progress: Progress = silent,
    *,
    template: Path | str | None = None,
    sheet: str | None = None,
    report: Path | str | None = None,
) -> ImportSummary:
    """Take in a delivery of the whole register of machines (see :mod:`shuzhi.ingest.machines`); parameters and errors
    as for :func:`import_inventory`.
    """

    def parse(where: Whereabouts):
        return machine_list.parse(path, where, load("machines", template), sheet)

    return _import_register(home, "machines", "machine", path, parse, day, origin, progress, report)


def _import_register(home: Home, kind: str, register: str, path, parse, day, origin, progress: Progress, report):
    name = Path(path).name
    with Run(home, kind, origin, report) as run:
        progress(0, 2, name)
        parsed = run.attempt(lambda: parse(Whereabouts.of(home)), name)
        if parsed is None:
            return run.summary
        run.took(parsed)
        progress(1, 2, name)
        run.deliver(register, parsed.rows, day or dt.datetime.now(BEIJING).date(), name)
        progress(2, 2, name)
    return run.summary


def import_positions(
    home: Home,
    path: Path | str,
    origin: Origin = "real",
    progress: Progress = silent,
    *,
    template: Path | str | None = None,
    crs: str | None = None,
    zone: str | None = None,
    sheet: str | None = None,
    report: Path | str | None = None,
) -> ImportSummary:
    """Take in positions of machines of the register (see :mod:`shuzhi.ingest.positions`); parameters and errors as for
    :func:`import_inventory`.

    Parameters
    ----------
    zone : str, optional
        Zone of times that name none; by default Beijing's.
    """

    def parse():
        return positions.parse(path, machines.known(home), load("positions", template), crs, zone, sheet)

    name = Path(path).name
    with Run(home, "positions", origin, report) as run:
        progress(0, 2, name)
        parsed = run.attempt(parse, name)
        if parsed is None:
            return run.summary
        run.took(parsed)
        progress(1, 2, name)
        run.track(parsed.rows)
        progress(2, 2, name)
    return run.summary


def import_people(
    home: Home,
    path: Path | str,
    origin: Origin = "real",
    progress: Progress = silent,
    *,
    scope: Scope | None = None,
    sheet: str | None = None,
    report: Path | str | None = None,
) -> ImportSummary:
    """Read organisations, people, duties and responsibilities (see :mod:`shuzhi.ingest.people`).

    Parameters
    ----------
    scope : Scope, optional
        Whose act it is; rows outside its reach go to quarantine. By default the command line's.
    sheet : str, optional
        Only this sheet of a workbook.
    report : path, optional
        Where all findings are written to, as csv.

    Raises
    ------
    InputError
        If the file can't be read or no row of it is good.
    ScopeError
        If people may not be changed.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """
    scope, name = scope or operator(), Path(path).name
    scope.require("people", "change")
    with Run(home, "people", origin, report, scope.actor) as run:
        progress(0, 2, name)
        read = run.attempt(lambda: staff_list.parse(home, path, sheet), name)
        if read is None:
            return run.summary
        progress(1, 2, name)
        taken = staffing.take(home, scope, read.staff, name)
        read.refuse(taken.refused)
        run.took(read)
        summary = run.summary
        summary.new, summary.corrected = taken.total(staffing.NEW), taken.total(staffing.CHANGED)
        summary.unchanged, summary.closed = taken.total(staffing.UNCHANGED), taken.total(staffing.REMOVED)
        summary.sites = len(read.staff.people)
        progress(2, 2, name)
    return run.summary


def import_air_archive(
    home: Home,
    paths: Iterable[Path | str] | Path | str,
    city: str | None = None,
    origin: Origin = "real",
    progress: Progress = silent,
) -> ImportSummary:
    """Read files, folders or patterns of the national hourly archive (see :mod:`shuzhi.ingest.air_archive`).

    A site that the register does not know is created when it has at least one value: name and code are the same, the
    city is unknown and it does not count for evaluation until a list of stations says more.

    Parameters
    ----------
    paths : path or iterable of paths
    city : str, optional
        Take only the sites that the register has in this city (成都 or 成都市).

    Raises
    ------
    InputError
        If nothing at all could be stored.
    HomeKindError
        If ``origin`` is not the kind of the home.
    """
    paths = [paths] if isinstance(paths, Path | str) else list(paths)
    with Run(home, "air-archive", origin) as run:
        only = _sites_of(home, city)
        members = archive_files.find(paths)
        run.summary.files = len(members)
        months, done, empty = _Months(run), 0, []
        for group in archive_files.by_day(members):
            progress(done, len(members), group[0].name)
            done += len(group)
            try:
                parsed = air_archive.parse_day(group, only)
            except InputError as error:
                run.failed(error, group[0].name)
                continue
            run.took(parsed)
            if not parsed.rows.num_rows and not parsed.rejected:
                empty.append(group[0].name)
            months.add(parsed.rows)
            months.store(before=group[0].day)
        months.store(before=dt.date.max)
        run.summary.notes += [f"{name}: no reading in it" for name in empty]
        progress(done, len(members), members[-1].name)
    return run.summary


def _sites_of(home: Home, city: str | None) -> set[str] | None:
    if city is None:
        return None
    codes = stations.codes_of_city(home, city)
    if not codes:
        raise InputError(f"the register has no station in {city}; import a list of stations first, or leave --city out")
    return codes


def _by_month(rows: pa.Table, column: str = "time") -> dict[dt.date, pa.Table]:
    """Readings by the Beijing month of the day that they belong to: 00:00 of the 1st belongs to the month before."""
    months = (rows[column].to_numpy().astype("M8[us]") - _MOMENT + _BEIJING).astype("M8[M]")
    found = np.unique(months)
    if len(found) == 1:
        return {found[0].astype("M8[D]").item(): rows}
    return {month.astype("M8[D]").item(): rows.filter(pa.array(months == month)) for month in found}


class _Months:
    """Holds readings back until their month is complete: the store works month by month."""

    def __init__(self, run: Run):
        self._run = run
        self._waiting: dict[dt.date, list[pa.Table]] = {}

    def add(self, rows: pa.Table) -> None:
        for month, part in _by_month(rows).items():
            self._waiting.setdefault(month, []).append(part)

    def store(self, before: dt.date | None) -> None:
        """Store the months before that of a day, or all of them where too much waits."""
        held = sum(part.num_rows for parts in self._waiting.values() for part in parts)
        for month in sorted(self._waiting):
            if held > _FLUSH_ROWS or (before and month < before.replace(day=1)):
                self._run.store(pa.concat_tables(self._waiting.pop(month)))
