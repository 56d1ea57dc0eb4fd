"""The command line: ``python -m shuzhi …``. Tables and JSON go to stdout, everything else to stderr."""

import importlib
import logging
import sys
from typing import Annotated

import typer

from shuzhi.errors import ShuzhiError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_GROUPS = {
    "import": ("shuzhi.ingest.cli", "Doors: take files in."),
    "city": ("shuzhi.city.cli", "The simulated city."),
    "air": ("shuzhi.status.cli", "Air readings and indices as tables."),
    "water": ("shuzhi.status.water_cli", "Classes of surface water as tables."),
    "registers": ("shuzhi.publish.registers_cli", "Sources and machines as files."),
    "forecast": ("shuzhi.research.forecast.cli", "The forecast and how good it was."),
    "publish": ("shuzhi.publish.forecast_cli", "The forecast as Word, Excel or CSV."),
    "store": ("shuzhi.jobs.store_cli", "The home: derived tables, compaction."),
    "target": ("shuzhi.decision.cli", "A year's targets."),
    "account": ("shuzhi.access.cli", "Accounts and who is signed in."),
    "device": ("shuzhi.access.cli:devices", "Screens with a token."),
    "audit": ("shuzhi.publish.audit_cli", "What was done, seen and refused."),
    "briefing": ("shuzhi.publish.cli", "A briefing as text, Word, PDF, HTML, Excel or picture."),
}


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
    demo: Annotated[bool, typer.Option("--demo", help="Anybody enters as any role; for a simulated city.")] = False,
) -> None:
    """Serve the dashboard: web and worker, restarted when they die. The first start creates the administrator."""
    from shuzhi.jobs.serve import serve as run

    run(host, port, demo)


@app.command()
def worker() -> None:
    """Only the worker process."""
    from shuzhi.jobs.worker import run

    run()


def _mount(asked: str | None) -> None:
    """Add the group that was asked for, or all of them for the help; the others need not be imported."""
    for name, (module, text) in _GROUPS.items():
        if asked == name or asked not in [*_GROUPS, "serve", "worker"]:
            found, _, attribute = module.partition(":")
            app.add_typer(getattr(importlib.import_module(found), attribute or "app"), name=name, help=text)


def main() -> None:
    """Run a command; an error that the user can mend is one line, not a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for talkative in ("apscheduler", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    _mount(sys.argv[1] if len(sys.argv) > 1 else None)
    try:
        app()
    except ShuzhiError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
