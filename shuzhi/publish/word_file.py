"""A document as Word (docx): real styles, Chinese fonts, pictures that stay sharp; an officer edits it further."""

import datetime as dt
import io
from collections.abc import Sequence

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from shuzhi.charts.tokens import LIGHT
from shuzhi.i18n import _, language
from shuzhi.publish.document import Document
from shuzhi.publish.layout import Grid, Piece, ems, fitting, pieces, runs
from shuzhi.publish.pictures import Picture

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

TEXT_WIDTH = Cm(16)
TABLE_SIZE = 10
"""Of the text of a table [pt]."""
WHOLE_ROWS = 12
"""A table of up to so many rows is not broken over two pages."""
LONGEST = 16
"""Width that a text of a table gets at most [em]."""
SONG, FANG, HEI = "宋体", "仿宋", "黑体"
"""Fonts that every Chinese office has; where one is absent the program takes its nearest."""
SERIF, SANS = "Times New Roman", "Arial"

TITLE, HEAD, BODY, CAPTION, NOTE = "Title", "Heading 2", "Body Text", "Caption", "Note"


def to_docx(document: Document, pictures: Sequence[Picture]) -> bytes:
    """The document as docx.

    Parameters
    ----------
    document : Document
        As it stands on the page.
    pictures : sequence of Picture
    """
    return written(document.title.text, document.dateline, document.mark, pieces(document, pictures), document.notes)


def written(title: str, dateline: str, mark: str, body: Sequence[Piece], notes: Sequence[str]) -> bytes:
    """Any document of the house as docx, in the language spoken now.

    Parameters
    ----------
    title, dateline : str
    mark : str
        What the data are, in the head and at the foot of each page.
    body : sequence of Piece
        Paragraphs, pictures and tables, in their order.
    notes : sequence of str
    """
    word = docx.Document()
    _page(word)
    _styles(word)
    _properties(word, title, mark)
    word.styles[TITLE].font.size = Pt(round(fitting(title, TEXT_WIDTH.pt, 20, 14)))
    _paragraph(word, title, TITLE)
    _paragraph(word, f"{dateline}　{mark}", "Subtitle")
    for piece in body:
        _write(word, piece)
    for note in notes:
        _paragraph(word, note, NOTE)
    _footer(word, mark)
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _write(word: WordDocument, piece: Piece) -> None:
    if isinstance(piece, Picture):
        _picture(word, piece)
    elif isinstance(piece, Grid):
        _grid(word, piece)
    else:
        if piece.heading:
            _paragraph(word, piece.heading, HEAD)
        for line in piece.text.splitlines():
            _paragraph(word, line, BODY)


def _paragraph(word: WordDocument, text: str, style: str):
    paragraph = word.add_paragraph(style=style)
    for run, lowered in runs(text):
        paragraph.add_run(run).font.subscript = lowered or None
    return paragraph


def _picture(word: WordDocument, picture: Picture) -> None:
    paragraph = word.add_paragraph(style="Picture")
    shape = paragraph.add_run().add_picture(io.BytesIO(picture.png), width=int(TEXT_WIDTH * picture.share))
    shape._inline.docPr.set("descr", picture.caption)  # what a screen reader says; python-docx has no name for it
    _paragraph(word, picture.caption, CAPTION)


def _grid(word: WordDocument, grid: Grid) -> None:
    _paragraph(word, grid.caption, CAPTION).paragraph_format.keep_with_next = True
    table = word.add_table(rows=1, cols=len(grid.heads), style="Plain lines")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _repeat_head(table.rows[0])
    for cells, texts in [(table.rows[0].cells, grid.heads), *((table.add_row().cells, row) for row in grid.rows)]:
        for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.style = word.styles["Table text"]
            if column >= grid.words:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for run, lowered in runs(text):
                paragraph.add_run(run).font.subscript = lowered or None
    _widths(table, grid)
    for row in table.rows:
        _whole(row)
    if len(grid.rows) <= WHOLE_ROWS:
        for row in table.rows[:-1]:
            row.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    word.add_paragraph(style=CAPTION)


def _widths(table, grid: Grid) -> None:
    """Columns as wide as their longest text or word of the head asks for, together as wide as the text; what is longer
    than ``LONGEST`` is broken."""
    table.autofit = False
    asked = [
        max(*(ems(word) for word in head.split()), *(min(ems(text), LONGEST) for text in texts)) + 1.5
        for head, *texts in zip(grid.heads, *grid.rows, strict=True)
    ]
    asked = _yielding(asked, grid.words)
    widths = [int(TEXT_WIDTH * wanted / sum(asked)) for wanted in asked]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _yielding(asked: list[float], words: int) -> list[float]:
    """Widths [em] where the words give way, down to half, if all are wider than the text: a number is not broken."""
    room = TEXT_WIDTH.pt / TABLE_SIZE - sum(asked[words:])
    wanted = sum(asked[:words])
    share = min(1.0, max(0.5, room / wanted)) if wanted else 1.0
    return [width * share for width in asked[:words]] + asked[words:]


def _repeat_head(row) -> None:
    """The head stands again on the next page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row) -> None:
    """A row is not broken over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _page(word: WordDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)


def _styles(word: WordDocument) -> None:
    styles = word.styles
    for name in ("Picture", NOTE, "Table text"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    ink, ink2, ink3 = (RGBColor.from_string(colour.lstrip("#")) for colour in (LIGHT.ink, LIGHT.ink2, LIGHT.ink3))
    _style(styles["Normal"], SERIF, FANG, 12, ink)
    _style(styles[TITLE], SANS, HEI, 20, ink, bold=True, before=0, after=4, align=WD_ALIGN_PARAGRAPH.CENTER)
    _style(styles["Subtitle"], SANS, HEI, 9, ink3, after=14, align=WD_ALIGN_PARAGRAPH.CENTER)
    _style(styles[HEAD], SANS, HEI, 13, ink, bold=True, before=12, after=3)
    _style(styles[BODY], SERIF, FANG, 12, ink, after=5, line=1.6)
    _style(styles[CAPTION], SANS, SONG, 9, ink2, before=2, after=8, align=WD_ALIGN_PARAGRAPH.CENTER)
    _style(styles["Picture"], SERIF, SONG, 9, ink, before=8, align=WD_ALIGN_PARAGRAPH.CENTER)
    _style(styles["Table text"], SERIF, SONG, TABLE_SIZE, ink, before=2, after=2)
    _style(styles[NOTE], SERIF, SONG, 9, ink3, after=2, line=1.3)
    styles[HEAD].paragraph_format.keep_with_next = True
    styles["Picture"].paragraph_format.keep_with_next = True
    if language() == "zh":
        _indent(styles[BODY])
    _no_rule(styles[TITLE])
    _speak(styles)
    _table_style(styles)


def _style(
    style, latin: str, chinese: str, size: float, colour, *, bold=False, before=0, after=0, line=1.2, align=None
):
    font, form = style.font, style.paragraph_format
    font.size, font.bold, font.italic, font.color.rgb = Pt(size), bold, False, colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script, family in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{script}"), family)
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line
    form.alignment = align


def _indent(style) -> None:
    """Two Chinese characters, whatever the size."""
    indent = style.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(2 * style.font.size.pt * 20)))


def _speak(styles) -> None:
    """Chinese shapes of signs that Japanese fonts draw otherwise, and the right spelling checker."""
    for tongue in styles.element.iter(qn("w:lang")):
        tongue.set(qn("w:eastAsia"), "zh-CN")
        tongue.set(qn("w:val"), "en-GB")


def _no_rule(style) -> None:
    """The template's title has a line of its own below; it goes."""
    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def _table_style(styles) -> None:
    """Lines above and below the table and under its head, no vertical ones (三线表)."""
    style = styles.add_style("Plain lines", WD_STYLE_TYPE.TABLE)
    style.base_style = styles["Normal Table"]
    style.element.append(_borders("w:tblPr", "w:tblBorders", {"top": 12, "bottom": 12, "insideH": 2}))
    head = OxmlElement("w:tblStylePr")
    head.set(qn("w:type"), "firstRow")
    head.append(_borders("w:tcPr", "w:tcBorders", {"top": 12, "bottom": 6}))
    style.element.append(head)


def _borders(outer: str, inner: str, widths: dict[str, int]):
    properties, borders = OxmlElement(outer), OxmlElement(inner)
    for side, width in widths.items():
        line = OxmlElement(f"w:{side}")
        colour = (LIGHT.line2 if width < 6 else LIGHT.ink).lstrip("#")
        for name, value in (("val", "single"), ("sz", str(width)), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties.append(borders)
    return properties


def _properties(word: WordDocument, title: str, mark: str) -> None:
    properties = word.core_properties
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    properties.title, properties.subject = title, mark
    properties.author, properties.last_modified_by, properties.comments = _("数智环境"), "", ""
    properties.created = properties.modified = now
    properties.language = "zh-CN" if language() == "zh" else "en-GB"


def _footer(word: WordDocument, mark: str) -> None:
    paragraph = word.sections[0].footer.paragraphs[0]
    paragraph.style = word.styles[NOTE]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("　".join([_("数智环境"), mark, ""]))
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)
