"""``python -m shuzhi registers``: what is selected of a register, as a file or in figures."""

import json
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl

import typer

from shuzhi.access import operator
from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.publish.registers import FORMATS, export
from shuzhi.registry import machines, sources
from shuzhi.store import open_home
from shuzhi.store.selection import REGISTERS, Selection, read

app = typer.Typer(no_args_is_help=True)

_Register = Annotated[str, typer.Argument(metavar="REGISTER", help="sources or machines.")]
_Where = Annotated[
    str,
    typer.Option(metavar="QUERY", help="What is chosen, as in its page's address: unit=武侯区&industry=C30&nox_min=1"),
]


@app.command("export")
def write(
    register: _Register,
    out: Annotated[Path, typer.Option(help=f"File to write; its ending chooses: {', '.join(FORMATS)}.")],
    where: _Where = "",
) -> None:
    """Exactly the chosen rows as CSV, Excel, GeoPackage or GeoParquet."""
    ending = out.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise InputError(f"--out: the ending must be one of {', '.join(FORMATS)}", file=out)
    content = export(open_home(), operator(), register, _chosen(register, where), ending)
    out.write_bytes(content)
    typer.echo(_("已写入 {file}").format(file=out), err=True)


@app.command()
def count(register: _Register, where: _Where = "") -> None:
    """Number of the chosen rows, and of those with a position, as JSON."""
    chosen = _chosen(register, where)
    search = {"sources": sources.search, "machines": machines.search}[register]
    found = search(open_home(), operator(), chosen, "id", False, limit=1)
    typer.echo(json.dumps({"count": found.count, "placed": found.placed}))


def _chosen(register: str, where: str) -> Selection:
    if register not in REGISTERS:
        raise InputError(f"there is no register '{register}'; use {' or '.join(REGISTERS)}")
    query = dict(parse_qsl(where.lstrip("?")))
    known = {*REGISTERS[register].choices, *REGISTERS[register].trees, "q", "day", "area"}
    known |= {f"{name}_{end}" for name in REGISTERS[register].ranges for end in ("min", "max")}
    unknown = query.keys() - known
    if unknown:
        raise InputError(f"--where: unknown {', '.join(sorted(unknown))}; use {', '.join(sorted(known))}")
    return read(register, query)
