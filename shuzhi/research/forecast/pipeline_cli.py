"""``python -m shuzhi forecast begin | fit | issue | hindcast``: what the worker does by itself, by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from shuzhi.progress import Progress
from shuzhi.research.forecast.work import working
from shuzhi.settings import BEIJING
from shuzhi.store import Scope, open_home

_console = Console(stderr=True)
_FORMATS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H"]


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    for command in (begin, fit, issue, hindcast):
        app.command()(command)


AsOf = Annotated[
    datetime | None,
    typer.Option(formats=_FORMATS, help="What is known then, Beijing time if it has no zone. Default: now."),
]


Days = Annotated[int, typer.Option("--days", min=1, help="Last days that shall have an issue.")]

_WAIT = 3600.0  # s that an issue waits for a fit


def begin() -> None:
    """All that a home begins with: models, an issue, and those of the last days made afterwards."""
    from shuzhi.research.forecast import hindcast as hindcasting
    from shuzhi.research.forecast import issue as issuing
    from shuzhi.research.forecast import verify

    home, now = open_home(), moment(None)
    with bar() as bars, working(home, bars) as progress:
        made = issuing.make(home, Scope.all(), now, progress)
        afterwards = hindcasting.make(home, Scope.all(), now, progress=progress)
        verify.refresh(home, progress)
    _say(f"{made.id}, and {afterwards} issues made afterwards")


def fit(as_of: AsOf = None) -> None:
    """Fit the models and store them; the worker does it once a week."""
    from shuzhi.research.forecast import fit as fitting

    home = open_home()
    with bar() as bars, working(home, bars) as progress:
        stored = fitting.fit(home, Scope.all(), moment(as_of), progress)
    grains = " and ".join(stored.facts["grains"]) or "none, for want of days"
    _say(f"{stored.version}: trees of {grains}, {stored.facts['seconds']:.0f} s")


def issue(as_of: AsOf = None) -> None:
    """Make and record an issue: what is known at a moment, and nothing later, says what comes next."""
    from shuzhi.research.forecast import issue as issuing

    home, now = open_home(), moment(as_of)
    with bar() as bars, working(home, bars, _WAIT) as progress:
        made = issuing.make(home, Scope.all(), now, progress)
    _say(f"{made.id}: {made.rows} rows in {made.seconds:.0f} s, models {made.model_version}")


def hindcast(days: Days = 60, as_of: AsOf = None) -> None:
    """Make the issues of the last days that have none, of what was known on each; they are marked as such."""
    from shuzhi.research.forecast import hindcast as hindcasting
    from shuzhi.research.forecast import verify

    home = open_home()
    with bar() as bars, working(home, bars) as progress:
        made = hindcasting.make(home, Scope.all(), moment(as_of), days, progress)
        verify.refresh(home, progress)
    _say(f"{made} issues made afterwards")


def moment(given: datetime | None) -> pd.Timestamp:
    """An instant as it was typed, Beijing time without a zone; now if it was not."""
    if given is None:
        return pd.Timestamp.now(tz=BEIJING)
    stamp = pd.Timestamp(given)
    return stamp.tz_localize(BEIJING) if stamp.tz is None else stamp


@contextmanager
def bar() -> Iterator[Progress]:
    """A progress bar on stderr."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Bars(*columns, console=_console, transient=True) as bars:
        task = bars.add_task("forecast", total=None)

        def progress(done: int, total: int, message: str) -> None:
            bars.update(task, completed=done, total=total or None, description=message or "forecast")

        yield progress


def _say(text: str) -> None:
    _console.print(f"forecast: {text}", highlight=False, soft_wrap=True)
