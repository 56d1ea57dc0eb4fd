"""``python -m shuzhi audit``: whether the chain of events holds, what is in it, and its events as a file."""

import sys
import time
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shuzhi.access import audit, operator, words
from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.publish import audit_file
from shuzhi.settings import BEIJING
from shuzhi.store import open_home
from shuzhi.store.spreadsheet import guarded

app = typer.Typer(no_args_is_help=True)

_SHOWN = ("seq", "at", "actor_name", "address", "action", "dataset", "object", "outcome")
_Text = Annotated[str, typer.Option("--text", help="Part of a name, an object, an address or the details.")]
_Actions = Annotated[list[str] | None, typer.Option("--action", help="sign_in, export …; may be repeated.")]
_Outcomes = Annotated[list[str] | None, typer.Option("--outcome", help="done, refused or failed; may be repeated.")]
_Since = Annotated[str | None, typer.Option("--since", help="Beijing day or time from which on, as 2026-11-25T08:00.")]
_Until = Annotated[str | None, typer.Option("--until", help="Beijing day or time before which.")]


@app.command()
def verify() -> None:
    """Whether no event was altered, removed or moved; lists every fault and exits with 1 where the chain is broken."""
    begun = time.perf_counter()
    found = audit.check(open_home(), _tell)
    for fault in found.faults:
        typer.echo(f"{fault.seq}\t{fault.what}")
    seconds = time.perf_counter() - begun
    typer.echo(f"{found.events} events, {len(found.faults)} faults, {seconds:.1f} s", err=True)
    if found.faults:
        sys.exit(1)


@app.command()
def search(
    text: _Text = "",
    action: _Actions = None,
    outcome: _Outcomes = None,
    since: _Since = None,
    until: _Until = None,
    limit: Annotated[int, typer.Option(help="At most so many events.")] = 200,
    csv: Annotated[str | None, typer.Option(metavar="-", help="“-”: as CSV on stdout, with everything.")] = None,
) -> None:
    """Events that match, newest first."""
    events, total = audit.search(
        open_home(), operator(), text, action or (), outcome or (), _time(since), _time(until), limit
    )
    typer.echo(f"{len(events)} of {total} events", err=True)
    if csv is not None:
        if csv != "-":
            raise InputError("--csv: only - (stdout); for a file use: audit export FILE")
        events["at"] = _beijing(events["at"])
        typer.echo(guarded(events).to_csv(index=False), nl=False)
        return
    table = Table()
    table.add_column(_("编号"), justify="right", no_wrap=True)
    table.add_column(_("时间"), no_wrap=True)
    for head in (_("谁"), _("地址"), _("动作"), _("数据"), _("对象"), _("结果")):
        table.add_column(head, overflow="fold")
    events["at"] = _beijing(events["at"], "%Y-%m-%d %H:%M:%S")
    events["action"] = events["action"].map(words.action_name)
    events["dataset"] = events["dataset"].map(words.dataset_name)
    events["outcome"] = events["outcome"].map(words.outcome_name)
    for row in events[list(_SHOWN)].astype(object).where(events[list(_SHOWN)].notna(), "").itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help=f"File to write; its ending chooses: {', '.join(audit_file.FORMATS)}.")],
    text: _Text = "",
    action: _Actions = None,
    outcome: _Outcomes = None,
    since: _Since = None,
    until: _Until = None,
) -> None:
    """The events as CSV or Excel; the export is an event itself."""
    ending, chosen = file.suffix.lower().lstrip("."), (text, action or (), outcome or (), _time(since), _time(until))
    file.write_bytes(audit_file.export(open_home(), operator(), ending, *chosen))
    typer.echo(_("已写入 {file}").format(file=file), err=True)


def _tell(done: int, total: int, _message: str) -> None:
    if done % 100_000 == 0:
        typer.echo(f"{done}/{total}", err=True)


def _time(text: str | None):
    """A Beijing time as the ledger keeps times."""
    if text is None:
        return None
    try:
        stamp = pd.Timestamp(text)
    except ValueError:
        raise InputError(f"“{text}” is no time; use YYYY-MM-DD or YYYY-MM-DDTHH:MM") from None
    stamp = stamp.tz_localize(BEIJING) if stamp.tz is None else stamp
    return stamp.tz_convert("UTC").tz_localize(None).to_pydatetime()


def _beijing(times: pd.Series, form: str = "%Y-%m-%dT%H:%M:%S+08:00") -> pd.Series:
    local = pd.to_datetime(times).dt.tz_localize("UTC").dt.tz_convert(BEIJING)
    return local.dt.strftime(form)
