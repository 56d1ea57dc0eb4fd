"""``python -m shuzhi store``: the home itself."""

import typer

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
    derived.rebuild(open_home(), _tell)


@app.command()
def compact() -> None:
    """Merge small files and drop old ones."""
    for name, merged in upkeep.compact(open_home()).items():
        typer.echo(f"{name}: {merged} files merged", err=True)
