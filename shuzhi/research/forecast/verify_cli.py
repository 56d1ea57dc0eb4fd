"""``python -m shuzhi forecast verify | skill``: scores are made, and read."""

from typing import Annotated

import typer

from shuzhi.errors import InputError
from shuzhi.research.forecast.pipeline_cli import bar
from shuzhi.store import Scope, open_home
from shuzhi.store.spreadsheet import guarded

_SHOWN = ["model", "lead", "n", "mae", "skill_persistence", "skill_climatology", "exact_level", "range25", "two_level"]
_SHOWN += ["two_level_climatology", "always_good", "within_one", "within_one_climatology", "inside90", "csi", "rps"]

Month = Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Month of the issues.")]


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    for command in (verify, skill):
        app.command()(command)


def verify(
    every: Annotated[
        bool, typer.Option("--all", help="All months of issues: after a change of stations or of units.")
    ] = False,
) -> None:
    """Hold the issues against what came and keep the scores; the worker does it once a day.

    Scored are the two newest months of issues, those without scores, and those for whose days readings came or were
    corrected since the last time.
    """
    from shuzhi.research.forecast import verify as verifying
    from shuzhi.store import pairs

    home = open_home()
    with bar() as progress:
        changed = verifying.refresh(home, progress, pairs.months(home.lake, "forecast") if every else None)
    typer.echo(f"forecast: scores of {', '.join(changed) or 'no month'} changed", err=True)


def skill(
    kind: Annotated[str, typer.Option(help="air or water.")] = "air",
    grain: Annotated[str, typer.Option(help="day or hour.")] = "day",
    level: Annotated[str, typer.Option(help="city, district, station or section.")] = "city",
    place: Annotated[str | None, typer.Option(help="By default all of the level together.")] = None,
    item: Annotated[str, typer.Option(help="aqi, class, or a factor.")] = "aqi",
    first: Month = None,
    last: Month = None,
    season: Annotated[str | None, typer.Option(help="spring, summer, autumn or winter.")] = None,
    made: Annotated[str | None, typer.Option(help="live or hindcast (made afterwards); by default both.")] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Split by month, season, place or made; may be repeated.")
    ] = None,
    csv: Annotated[str | None, typer.Option(metavar="-", help="“-”: all columns as CSV on stdout, or a file.")] = None,
) -> None:
    """Scores by model and lead, each beside what takes no skill; shares are fractions."""
    from shuzhi.research.forecast import skill as skills

    home, scope = open_home(), Scope.all()
    found = skills.board(home, scope, kind, grain, level, place, item, first, last, season, made, by or ())
    if found.empty:
        raise InputError("no such forecast is verified yet; “python -m shuzhi forecast verify” does it")
    made = skills.basis(home, scope, first, last, made)
    typer.echo(f"{made.issues} issues, {made.hindcasts} of them made afterwards: {made.first} … {made.last}", err=True)
    if csv is None:
        typer.echo(found[[*(by or ()), *_SHOWN]].round(3).to_string(index=False))
    elif csv == "-":
        typer.echo(guarded(found).to_csv(index=False), nl=False)
    else:
        guarded(found).to_csv(csv, index=False)
