"""``python -m shuzhi city``: the simulated city of a home."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from shuzhi.city.plan import Plan, reached
from shuzhi.progress import Progress
from shuzhi.settings import settings

app = typer.Typer(no_args_is_help=True)

_console = Console(stderr=True)

Until = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"],
        help="Newest hour, ISO 8601, Beijing time if it has no zone. Default: the last full hour.",
    ),
]


class Scale(StrEnum):
    """How large a city is."""

    FULL = "full"
    SMALL = "small"


@app.command()
def build(
    seed: Annotated[int | None, typer.Option(help="Another seed makes another city. Default: 1.")] = None,
    scale: Annotated[
        Scale | None, typer.Option(help="small: 12 air and 9 water stations, 60 days, for tests. Default: full.")
    ] = None,
    until: Until = None,
) -> None:
    """Build the city: 165 air stations and 8 weather stations hourly, 138 water stations four-hourly, since 1 January
    of last year.
    """
    folder = settings().home / "city"
    there = reached(folder)
    if there and _is_that(Plan.read(folder / "city.json"), seed, scale):  # a second start need not load the platform
        _say(f"there, up to {there.isoformat()}; `city extend` adds the newest hours")
        return
    from shuzhi.city.build import build as build_city

    with _bar() as progress:
        grown = build_city(seed=seed, until=until, progress=progress, scale=scale)
    _say(f"{grown.hours} hours, up to {grown.until.isoformat()}")


@app.command()
def extend(until: Until = None) -> None:
    """Add the hours since the last time."""
    from shuzhi.city.build import extend as extend_city

    with _bar() as progress:
        grown = extend_city(until=until, progress=progress)
    _say(f"{grown.hours} new hours, up to {grown.until.isoformat()}")


def _is_that(plan: Plan, seed: int | None, scale: Scale | None) -> bool:
    return seed in (None, plan.seed) and scale in (None, plan.scale)


def _say(text: str) -> None:
    _console.print(f"simulated city: {text}", highlight=False, soft_wrap=True)


@contextmanager
def _bar() -> Iterator[Progress]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Bars(*columns, console=_console, transient=True) as bars:
        task = bars.add_task("simulated city", total=None)

        def progress(done: int, total: int, message: str) -> None:
            bars.update(task, completed=done, total=total or None, description=message)

        yield progress
