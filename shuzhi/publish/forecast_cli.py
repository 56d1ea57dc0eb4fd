"""``python -m shuzhi publish forecast``: the material of the forecast meeting as a file, without the dashboard."""

from pathlib import Path
from typing import Annotated

import typer

from shuzhi import i18n
from shuzhi.access import operator
from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import _
from shuzhi.publish.forecast_document import FORMATS, export
from shuzhi.research.forecast import issues
from shuzhi.store import Home, Scope, open_home

app = typer.Typer(no_args_is_help=True)


@app.callback()
def main() -> None:
    """Documents of the house."""


@app.command()
def forecast(
    out: Annotated[Path, typer.Option(help=f"File to write; its ending chooses: {', '.join(FORMATS)}.")],
    issue: Annotated[str | None, typer.Option(help="Issue such as 2026-11-25T08; by default the newest.")] = None,
    place: Annotated[str | None, typer.Option(help="The city (default), a district, or the code of a station.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """An issue of the forecast: Word for the meeting, Excel or CSV with every daily number."""
    if lang not in i18n.LANGUAGES:
        raise InputError(f"unknown language {lang!r}; known are {', '.join(i18n.LANGUAGES)}")
    i18n.use(lang)
    home, scope = open_home(), operator()
    content = export(home, scope, out.suffix.lower().lstrip("."), _issue(home, scope, issue), place)
    out.write_bytes(content)
    typer.echo(_("已写入 {file}").format(file=out), err=True)


def _issue(home: Home, scope: Scope, named: str | None) -> issues.Issue | None:
    if named is None:
        return None
    found = issues.find(home, scope, named)
    if found is None:
        known = ", ".join(one.id for one in issues.table(home, scope)[:5])
        raise NotFoundError(f"there is no issue “{named}”; the newest are {known or 'none'}")
    return found
