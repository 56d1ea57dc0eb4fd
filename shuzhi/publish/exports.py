"""Every file that a document can become, by the ending of its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shuzhi.errors import InputError
from shuzhi.i18n import N_
from shuzhi.publish.document import Document
from shuzhi.publish.hand_out import hand_out
from shuzhi.publish.pictures import Picture
from shuzhi.publish.tables import XLSX_TYPE
from shuzhi.publish.typeset import CARDS, PDF_TYPE, PNG_TYPE, to_card, to_pdf
from shuzhi.publish.web_page import HTML_TYPE, to_html
from shuzhi.publish.word_file import DOCX_TYPE, to_docx
from shuzhi.publish.workbook import to_xlsx
from shuzhi.store import Home, Scope


@dataclass(frozen=True)
class Kind:
    """A kind of file: its ending, type, what a button says, and the card's size where it is one."""

    ending: str
    mime: str
    text: str
    card: str = ""

    @property
    def key(self) -> str:
        """``docx``, ``png-900x383`` …"""
        return f"{self.ending}-{self.card}" if self.card else self.ending

    @property
    def typeset(self) -> bool:
        """It is set with a font that must be installed."""
        return self.ending in ("pdf", "png")

    def file_name(self, document: Document) -> str:
        """Name of the file."""
        return f"{document.file_stem}{'_' + self.card if self.card else ''}.{self.ending}"


_CARD_TEXTS = {"900x383": N_("头图 900×383"), "1080x1080": N_("方图 1080×1080"), "1080x1920": N_("海报 1080×1920")}

DOCUMENTS = (
    Kind("docx", DOCX_TYPE, N_("Word 文稿")),
    Kind("pdf", PDF_TYPE, N_("PDF 文稿")),
    Kind("html", HTML_TYPE, N_("离线网页")),
    Kind("xlsx", XLSX_TYPE, N_("Excel 数据与依据")),
)
PICTURE_CARDS = tuple(Kind("png", PNG_TYPE, _CARD_TEXTS[size], size) for size in CARDS)
KINDS = (*DOCUMENTS, *PICTURE_CARDS)


def export(home: Home, scope: Scope, kind: Kind, document: Document, pictures: Sequence[Picture]) -> bytes:
    """The file, for somebody who may export briefings.

    Raises
    ------
    ScopeError
        Briefings may not be exported.
    InputError
        As `make`.
    """
    name = kind.file_name(document)
    return hand_out(home, scope, "briefings", name, lambda: make(kind, document, pictures), name=document.title.text)


def make(kind: Kind, document: Document, pictures: Sequence[Picture]) -> bytes:
    """The file.

    Raises
    ------
    InputError
        A font is missing, or there is no number for a card.
    """
    if kind.card:
        return to_card(document, pictures, kind.card)
    if kind.ending == "xlsx":
        return to_xlsx(document)
    return {"docx": to_docx, "pdf": to_pdf, "html": to_html}[kind.ending](document, pictures)


def kind_of(file: Path, card: str = "1080x1080") -> Kind:
    """The kind that a file's name asks for; `InputError` for another ending or card."""
    ending = file.suffix.lower().lstrip(".")
    for kind in KINDS:
        if kind.ending == ending and kind.card in ("", card):
            return kind
    if ending == "png":
        raise InputError(f"unknown card {card!r}; known are {', '.join(CARDS)}")
    known = ", ".join(f".{one}" for one in dict.fromkeys(kind.ending for kind in KINDS))
    raise InputError(f"can't write a briefing as {file.name!r}; endings known are {known}")
