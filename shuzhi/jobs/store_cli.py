"""``python -m shuzhi store``: the home itself."""

import typer

from shuzhi.access import audit, operator
from shuzhi.store import derived, observations, open_home, upkeep

app = typer.Typer(no_args_is_help=True)


def _tell(done: int, total: int, message: str) -> None:
    typer.echo(f"{done}/{total} {message}", err=True)


@app.command()
def info() -> None:
    """Where the home is, what it holds."""
    home = open_home()
    observations.catch_up(home)
    months = derived.months_of(home.lake)
    typer.echo(f"home     {home.path}\nkind     {home.kind}\ncity     {home.city}\nversion  {home.version}")
    typer.echo(f"months   {months[0]} … {months[-1]} ({len(months)})" if months else "months   none")


@app.command()
def rebuild() -> None:
    """Make the derived tables anew from the readings."""
    home = open_home()
    derived.rebuild(home, _tell)
    audit.record(home, operator().actor, "rebuild", "operations", "store")


@app.command()
def compact() -> None:
    """Merge small files and drop old ones."""
    home = open_home()
    merged = upkeep.compact(home)
    for name, files in merged.items():
        typer.echo(f"{name}: {files} files merged", err=True)
    audit.record(home, operator().actor, "compact", "operations", "store", files=sum(merged.values()))
