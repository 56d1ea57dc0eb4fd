"""A document as one HTML file that opens from a disk without a network: charts and map inline, numbers with sources."""

import html
import re
from collections.abc import Sequence
from string import Template

from shuzhi.i18n import _
from shuzhi.publish.document import Document, Paragraph
from shuzhi.publish.facts import Fact
from shuzhi.publish.layout import Grid, Piece, ems, pieces, runs
from shuzhi.publish.pictures import Picture
from shuzhi.settings import DATA

HTML_TYPE = "text/html"

_LABEL = re.compile(r' aria-label="([^"]*)"')
_FIELD = re.compile(r"[a-z_0-9]+: |[XY]-axis |Symbol legend ")
"""Starts of what a chart says of its own fields, not of the data."""
_SIZE = re.compile(r'<svg([^>]*?) width="[\d.]+" height="[\d.]+"')


def to_html(document: Document, pictures: Sequence[Picture]) -> bytes:
    """The document as a page of its own; nothing in it asks a host for anything."""
    template = Template((DATA / "templates" / "briefing.html").read_text(encoding="utf-8"))
    heads = (_("指标名称"), _("文中"), _("算法"), _("查询与参数"), _("数据时间"))
    page = template.substitute(
        lang="zh-CN" if document.language == "zh" else "en",
        plain_title=html.escape(document.title.text),
        title=rich(document.title.text),
        title_ems=f"{ems(document.title.text):.1f}",
        dateline=html.escape(document.dateline),
        mark=html.escape(document.mark),
        publisher=html.escape(_("数智环境")),
        pieces="\n".join(_piece(piece, piece is document.shown[0]) for piece in pieces(document, pictures)),
        notes="\n".join(f"<p>{rich(note)}</p>" for note in document.notes),
        sources_head=html.escape(_("数据来源")),
        source_heads="".join(f"<th>{html.escape(head)}</th>" for head in heads),
        sources="\n".join(_source(fact) for fact in document.facts),
    )
    return page.encode()


def rich(text: str) -> str:
    """Escaped text with the digits of pollutants lowered."""
    return "".join(f"<sub>{html.escape(run)}</sub>" if low else html.escape(run) for run, low in runs(text))


def _piece(piece: Piece, lead: bool) -> str:
    if isinstance(piece, Picture):
        return f"<figure>{_inline(piece)}<figcaption>{rich(piece.caption)}</figcaption></figure>"
    if isinstance(piece, Grid):
        return _grid(piece)
    heading = f"<h2>{rich(piece.heading)}</h2>" if piece.heading else ""
    return heading + f'<p class="{"lead" if lead else "text"}">{_marked(piece)}</p>'


def _marked(paragraph: Paragraph) -> str:
    """The paragraph with its numbers marked; a line break of the officer's stays one."""
    return "".join(
        _number(part) if isinstance(part, Fact) else rich(part).replace("\n", "<br>") for part in paragraph.parts
    )


def _number(fact: Fact) -> str:
    return f'<span tabindex="0" data-from="{html.escape(origin(fact))}">{html.escape(fact.text)}</span>'


def origin(fact: Fact) -> str:
    """Where a number comes from, in some lines."""
    source = fact.source
    as_of = "–" if source.as_of is None else f"{source.as_of:%Y-%m-%d %H:%M}"
    lines = [
        f"{fact.label} {fact.text} {fact.unit}".strip(),
        fact.method,
        source.call,
        _("数据截至{time}").format(time=as_of),
    ]
    return "\n".join(lines)


def _inline(picture: Picture) -> str:
    """The chart as SVG that takes the width it is given and says what a person asks of its marks."""
    label = html.escape(picture.caption)
    sized = _SIZE.sub(lambda m: f'<svg{m[1]} role="img" aria-description="{label}"', picture.svg, count=1)
    return _LABEL.sub(_said, sized)


def _said(match: re.Match) -> str:
    """The label of a mark with what was meant for people; nothing where there is none."""
    kept = [part for part in match[1].split("; ") if not _FIELD.match(part) and not part.endswith(": ")]
    return f' aria-label="{"&#10;".join(kept)}"' if kept else ""


def _grid(grid: Grid) -> str:
    def row(tag: str, cells: Sequence[str]) -> str:
        kinds = ("" if column < grid.words else ' class="num"' for column in range(len(cells)))
        return "".join(f"<{tag}{kind}>{rich(cell)}</{tag}>" for kind, cell in zip(kinds, cells, strict=True))

    body = "\n".join(f"<tr>{row('td', cells)}</tr>" for cells in grid.rows)
    head = f"<thead><tr>{row('th', grid.heads)}</tr></thead>"
    return (
        f'<div class="scroll"><table><caption>{rich(grid.caption)}</caption>{head}<tbody>{body}</tbody></table></div>'
    )


def _source(fact: Fact) -> str:
    source = fact.source
    as_of = "" if source.as_of is None else f"{source.as_of:%Y-%m-%d %H:%M}"
    value = f"{fact.text} {fact.unit}".strip()
    call = f"<code>{html.escape(source.call)}</code>"
    cells = [*(html.escape(text) for text in (fact.label, value, fact.method)), call, html.escape(as_of)]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
