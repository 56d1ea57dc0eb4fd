"""``python -m shuzhi briefing``: a briefing as text or as a file, without the dashboard."""

from pathlib import Path
from typing import Annotated

import typer

from shuzhi import i18n
from shuzhi.access import audit, operator
from shuzhi.errors import InputError
from shuzhi.publish import exports
from shuzhi.publish.document import Document, write
from shuzhi.publish.figures import newest_day
from shuzhi.publish.period import KINDS, Period, containing, parse, span
from shuzhi.publish.pictures import pictures
from shuzhi.store import Home, Scope, open_home

app = typer.Typer()


@app.callback(invoke_without_command=True)
def briefing(
    period: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "month",
    at: Annotated[
        str | None,
        typer.Option(help="Day 2019-08-26, week 2019-W35, month 2019-08; of a year its last month or day."),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day of a span.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last day of a span, included.")] = None,
    place: Annotated[str | None, typer.Option(help="The city (default), a district or a zone.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    card: Annotated[str, typer.Option(help="Size of a png: 900x383, 1080x1080, 1080x1920.")] = "1080x1080",
    out: Annotated[Path | None, typer.Option(help="File to write: .docx .pdf .html .xlsx .png.")] = None,
    text: Annotated[str | None, typer.Option(help="File for the sentences; - for stdout.")] = None,
) -> None:
    """A briefing of a period: write it to a file, or print its sentences (the default)."""
    if lang not in i18n.LANGUAGES:
        raise InputError(f"unknown language {lang!r}; known are {', '.join(i18n.LANGUAGES)}")
    i18n.use(lang)
    kind = exports.kind_of(out, card) if out else None
    home, scope = open_home(), operator()
    document = write(home, scope, _period(home, scope, period, at, from_, to), _place(home, place))
    if document is None:
        raise InputError(f"{home.path} holds no air readings; run `import air-archive` first")
    if kind:
        out.write_bytes(exports.export(home, scope, kind, document, pictures(home, scope, document)))
        typer.echo(f"{out}: {document.title.text}", err=True)
    if text or not kind:
        audit.record(home, scope.actor, "export", "briefings", document.title.text, file=text or "-")
        _say(document, text or "-")


def _period(home: Home, scope: Scope, kind: str, at: str | None, first: str | None, last: str | None) -> Period:
    if first or last:
        if at or not (first and last):
            raise InputError("a span of days needs --from and --to, without --at")
        return span(first, last)
    if at:
        return parse(kind, at)
    if kind not in KINDS:
        raise InputError(f"unknown period {kind!r}; known are {', '.join(KINDS)}")
    newest = newest_day(home, scope)
    if newest is None:
        raise InputError(f"{home.path} holds no air readings; run `import air-archive` first")
    return containing(kind, newest)


def _place(home: Home, place: str | None) -> str | None:
    """A place by its name; the city also with 市."""
    return home.city if place == f"{home.city}市" else place


def _say(document: Document, where: str) -> None:
    lines = [document.title.text, f"{document.dateline}  {document.mark}"]
    lines += [paragraph.text for paragraph in document.shown] + list(document.notes)
    if where == "-":
        typer.echo("\n".join(lines))
    else:
        Path(where).write_text("\n".join(lines) + "\n", encoding="utf-8")
