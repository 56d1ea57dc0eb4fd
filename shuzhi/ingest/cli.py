"""``python -m shuzhi import …``: take files in. Progress and summary go to stderr, JSON and tables to stdout."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from shuzhi.access import audit, operator
from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.ingest import blank, service
from shuzhi.ingest.summary import ImportSummary
from shuzhi.progress import Progress
from shuzhi.registry import deliveries, places
from shuzhi.store import open_home, quarantine
from shuzhi.store.spreadsheet import guarded

app = typer.Typer(no_args_is_help=True, help="Take files in: stations, sections, weather, water, air archive.")

_Json = Annotated[str | None, typer.Option("--json", metavar="-", help="“-”: print the summary as JSON on stdout.")]


@app.command()
def stations(
    file: Annotated[Path, typer.Argument(help="List of stations (csv), columns as in the national list.")],
    json_: _Json = None,
) -> None:
    """Monitoring stations into the register."""
    with _bar() as progress:
        summary = service.import_stations(open_home(create="real"), file, progress=progress)
    _tell(summary, json_)


@app.command()
def weather(
    file: Annotated[Path, typer.Argument(help="Hourly (column time) or daily (column date) weather (csv).")],
    station: Annotated[str | None, typer.Option(help="Code of the station, for a file without that column.")] = None,
    json_: _Json = None,
) -> None:
    """Hourly or daily weather, by station."""
    with _bar() as progress:
        summary = service.import_weather(open_home(create="real"), file, station, progress=progress)
    _tell(summary, json_)


@app.command("weather-forecast")
def weather_forecast(
    file: Annotated[
        Path,
        typer.Argument(help="Forecasts (csv): station, issue, then time (hourly, 3-hourly), lead (hours) or date."),
    ],
    product: Annotated[str | None, typer.Option(help="Name of the product, for a file without that column.")] = None,
    station: Annotated[str | None, typer.Option(help="Code of the station, for a file without that column.")] = None,
    json_: _Json = None,
) -> None:
    """Weather forecasts with the time of their issue, by station."""
    with _bar() as progress:
        summary = service.import_weather_forecast(open_home(create="real"), file, product, station, progress=progress)
    _tell(summary, json_)


@app.command()
def sections(
    file: Annotated[
        Path, typer.Argument(help="List of sections (csv): name, province, city, river, position, target.")
    ],
    json_: _Json = None,
) -> None:
    """Sections of surface water into the register; positions are checked against the city named."""
    with _bar() as progress:
        summary = service.import_sections(open_home(create="real"), file, progress=progress)
    _tell(summary, json_)


@app.command("water-stations")
def water_stations(
    file: Annotated[Path, typer.Argument(help="Four-hourly national table of automatic stations (csv).")],
    year: Annotated[int, typer.Option(help="Year of the first time in it; times have none.")],
    json_: _Json = None,
) -> None:
    """Four-hourly readings and published classes of surface water."""
    with _bar() as progress:
        summary = service.import_water_stations(open_home(create="real"), file, year, progress=progress)
    _tell(summary, json_)


@app.command("air-archive")
def air_archive(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders or patterns.")],
    city: Annotated[str | None, typer.Option(help="Only the sites that the register has in this city.")] = None,
    json_: _Json = None,
) -> None:
    """The national hourly archive, china_sites_YYYYMMDD.csv[.gz]."""
    with _bar() as progress:
        summary = service.import_air_archive(open_home(create="real"), paths, city, progress=progress)
    _tell(summary, json_)


_Day = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="From when on it holds; by default today.")]
_Template = Annotated[str | None, typer.Option(metavar="FILE|NAME", help="csv that says what its columns mean.")]
_Sheet = Annotated[str | None, typer.Option(help="Sheet or layer of a file that has several.")]
_Crs = Annotated[str | None, typer.Option(help="wgs84, cgcs2000, gcj02, bd09 or EPSG:… of its positions.")]
_Report = Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Write all that was found in it there.")]


@app.command()
def inventory(
    file: Annotated[
        Path, typer.Argument(help="Whole inventory of pollution sources: xlsx, csv, GeoPackage, GeoParquet.")
    ],
    day: _Day = None,
    template: _Template = None,
    sheet: _Sheet = None,
    crs: _Crs = None,
    report: _Report = None,
    json_: _Json = None,
) -> None:
    """A delivery of the inventory of pollution sources; what it no longer has is closed."""
    with _bar() as progress:
        summary = service.import_inventory(
            open_home(create="real"),
            file,
            _day(day),
            progress=progress,
            template=template,
            crs=crs,
            sheet=sheet,
            report=report,
        )
    _tell(summary, json_)


@app.command()
def machines(
    file: Annotated[Path, typer.Argument(help="Whole register of non-road machines: xlsx, csv, GeoPackage, Parquet.")],
    day: _Day = None,
    template: _Template = None,
    sheet: _Sheet = None,
    report: _Report = None,
    json_: _Json = None,
) -> None:
    """A delivery of the register of machines; what it no longer has is closed."""
    with _bar() as progress:
        summary = service.import_machines(
            open_home(create="real"), file, _day(day), progress=progress, template=template, sheet=sheet, report=report
        )
    _tell(summary, json_)


@app.command()
def positions(
    file: Annotated[Path, typer.Argument(help="Positions of machines: label number, time, longitude, latitude.")],
    template: _Template = None,
    sheet: _Sheet = None,
    crs: _Crs = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times that name none: +08:00, UTC …")] = None,
    report: _Report = None,
    json_: _Json = None,
) -> None:
    """Positions of machines of the register."""
    with _bar() as progress:
        summary = service.import_positions(
            open_home(create="real"),
            file,
            progress=progress,
            template=template,
            crs=crs,
            zone=zone,
            sheet=sheet,
            report=report,
        )
    _tell(summary, json_)


@app.command()
def people(
    file: Annotated[Path, typer.Argument(help="Organisations, people, duties, areas: sheets, or one table.")],
    sheet: _Sheet = None,
    report: _Report = None,
    json_: _Json = None,
) -> None:
    """Organisations, people, duty rosters and areas of responsibility."""
    with _bar() as progress:
        summary = service.import_people(open_home(create="real"), file, progress=progress, sheet=sheet, report=report)
    _tell(summary, json_)


@app.command("template")
def blank_template(
    register: Annotated[str, typer.Argument(help="inventory, machines, positions or people.")],
    out: Annotated[Path, typer.Option(help="The workbook to write.")],
) -> None:
    """An empty workbook for a delivery, with what its columns mean and which values they take."""
    blank.write(register, out)
    typer.echo(_("空白模板：{file}").format(file=out), err=True)


@app.command("deliveries")
def show_deliveries(
    csv: Annotated[str | None, typer.Option(metavar="-", help="“-”: as CSV on stdout.")] = None,
) -> None:
    """Deliveries of the inventory and of the register of machines, newest first."""
    rows = [
        (row.id, row.register, row.day, row.file, row.rows, row.opened, row.changed, row.closed, row.undone_at or "")
        for row in deliveries.listed(open_home())
    ]
    names = ("id", "register", "day", "file", "rows", "opened", "changed", "closed", "undone_at")
    if csv is not None:
        _only_stdout(csv, "--csv")
        typer.echo(guarded(pd.DataFrame(rows, columns=names)).to_csv(index=False), nl=False)
        return
    table = Table()
    table.add_column(_("批次"), no_wrap=True)
    for head in (_("名录"), _("起始日"), _("文件"), _("行"), _("新增"), _("变更"), _("注销"), _("撤销于")):
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


@app.command("undo")
def undo(delivery: Annotated[str, typer.Argument(help="Id of the newest delivery; see: import deliveries.")]) -> None:
    """Put a register back to what it was before its newest delivery."""
    deliveries.undo(open_home(), operator(), delivery)
    typer.echo(_("批次 {id} 已撤销。").format(id=delivery), err=True)


@app.command()
def layer(
    file: Annotated[Path | None, typer.Argument(help="GeoPackage, Shapefile (also zipped) or GeoJSON.")] = None,
    kind: Annotated[str, typer.Option(help=f"The layer that it replaces: {', '.join(places.KINDS)}.")] = "",
    name_column: Annotated[str | None, typer.Option(help="Column of names; usual ones are found.")] = None,
    code_column: Annotated[str | None, typer.Option(help="Column of codes; usual ones are found.")] = None,
    parent_column: Annotated[str | None, typer.Option(help="Column of the district of a street (所属区县) …")] = None,
    unit_column: Annotated[str | None, typer.Option(help="Column of managing units (管理单位).")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option(metavar="KEY=COLUMN", help="Column of an attribute: to, forbidden_stages …")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="EPSG:…, gcj02 or bd09, where the file does not say it.")] = None,
    layer_: Annotated[str | None, typer.Option("--layer", help="Which layer of a file that has several.")] = None,
    source: Annotated[str | None, typer.Option(help="Where the geometry comes from; by default the file.")] = None,
    schematic: Annotated[bool, typer.Option("--schematic", help="It is no survey: pages say 示意.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Return to the built-in layer.")] = False,
    json_: _Json = None,
) -> None:
    """The bureau's own districts, zones, streets, grids, rivers, low-emission zones or outlets."""
    # geopandas takes a second that other commands need not wait
    from shuzhi.ingest.layer import import_layer, reset_layer
    from shuzhi.ingest.layer_columns import Columns

    if kind not in places.KINDS:
        raise InputError(f"--kind: use one of {', '.join(places.KINDS)}")
    if reset:
        closed = reset_layer(open_home(), operator(), kind)
        typer.echo(_("{n} 个地点已停用，恢复内置底图。").format(n=closed), err=True)
        return
    if file is None:
        raise InputError("name a file, or --reset to return to the built-in layer")
    columns = Columns(name_column, code_column, parent_column, unit_column, _pairs(attribute or []))
    with _bar() as progress:
        summary = import_layer(
            open_home(create="real"), file, kind, columns, crs, layer_, source, schematic, progress=progress
        )
    _tell(summary, json_)


def _pairs(options: list[str]) -> dict[str, str]:
    """``KEY=COLUMN`` options as a dict."""
    wrong = [option for option in options if not all(option.partition("="))]
    if wrong:
        raise InputError(f"--attribute {wrong[0]}: write KEY=COLUMN")
    return dict(option.split("=", 1) for option in options)


@app.command("quarantine")
def show_quarantine(
    run: Annotated[str | None, typer.Option("--import", metavar="ID", help="Only the rows of this import.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many rows.")] = 1000,
    csv: Annotated[str | None, typer.Option(metavar="-", help="“-”: as CSV on stdout.")] = None,
) -> None:
    """Rows that could not be taken in, with file, line, column and reason."""
    home = open_home()
    rows = quarantine.rows(home, run, limit)
    if csv is not None:
        _only_stdout(csv, "--csv")
        audit.record(home, operator().actor, "export", "operations", "import quarantine", rows=len(rows))
        typer.echo(guarded(rows).to_csv(index=False), nl=False)
        return
    shown = ["file", "line", "column", "station", "reason", "raw"]
    table = Table(_("文件"), _("行"), _("列"), _("站点"), _("原因"), _("原文"))
    for row in rows[shown].astype(object).where(rows[shown].notna(), "").itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))  # Text: what stands in a file is no markup
    Console().print(table)


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--day: “{text}” is no day; use YYYY-MM-DD") from None


@contextmanager
def _bar() -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def progress(done: int, total: int, message: str) -> None:
            bar.update(task, completed=done, total=total or None, description=message)

        yield progress


def _tell(summary: ImportSummary, json_: str | None) -> None:
    typer.echo(summary.text(), err=True)
    if summary.quarantined:
        typer.echo(_("隔离的记录：python -m shuzhi import quarantine"), err=True)
    if summary.warnings:
        typer.echo(_("逐条列出隔离与提示：--report FILE.csv"), err=True)
    if json_ is not None:
        _only_stdout(json_, "--json")
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False, indent=2))


def _only_stdout(value: str, option: str) -> None:
    if value != "-":
        raise InputError(f"{option} takes only “-” (stdout); redirect it to write a file")
