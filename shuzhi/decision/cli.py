"""``python -m shuzhi target``: a year's targets."""

from typing import Annotated

import typer

from shuzhi.access import operator
from shuzhi.decision.targets import set_target
from shuzhi.store import open_home
from shuzhi.store.targets import targets

app = typer.Typer(no_args_is_help=True)


@app.command(name="set")
def set_(
    year: int,
    metric: Annotated[str, typer.Argument(help="good_days, pm25 or water_good_share")],
    value: float,
    source: Annotated[str, typer.Option(help="Where it is laid down.")] = "",
) -> None:
    """Write a target: python -m shuzhi target set 2026 good_days 300."""
    set_target(open_home(), operator(), year, metric, value, source)


@app.command()
def show(year: int) -> None:
    """Targets of a year."""
    for metric, value in targets(open_home(), year).items():
        typer.echo(f"{year} {metric} {value:g}")
