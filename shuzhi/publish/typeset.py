"""A document as PDF and as picture cards, set by Typst with embedded fonts: no browser, no network."""

import json
from collections.abc import Sequence
from functools import cache

import typst

from shuzhi.charts.theme import to_svg
from shuzhi.charts.tokens import LIGHT
from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.publish import words
from shuzhi.publish.document import Document
from shuzhi.publish.facts import facts_of
from shuzhi.publish.layout import Grid, Piece, fitting, pieces, runs, signed
from shuzhi.publish.period import spoken
from shuzhi.publish.pictures import Picture
from shuzhi.settings import DATA, settings
from shuzhi.standards.factors import factors
from shuzhi.standards.levels import levels
from shuzhi.status.headline import level_name

PDF_TYPE, PNG_TYPE = "application/pdf", "image/png"
CARDS = {"900x383": (900, 383), "1080x1080": (1080, 1080), "1080x1920": (1080, 1920)}
"""Sizes of picture cards [px]: the head of an article, a square, a poster for a phone."""

TEXT_WIDTH = 453
"""Of A4 with its margins [pt]."""

_TEMPLATES = DATA / "templates"
_FIRST_STOP = {"zh": "。", "en": ". "}


def to_pdf(document: Document, pictures: Sequence[Picture]) -> bytes:
    """The document as PDF on A4.

    Raises
    ------
    InputError
        The font for Chinese is not installed.
    """
    files = {f"{picture.key}.svg": picture.svg for picture in pictures}
    data = {
        "title": runs(document.title.text),
        "plain_title": document.title.text,
        "title_size": fitting(document.title.text, TEXT_WIDTH, 21, 15),
        "pieces": [_piece(piece) for piece in pieces(document, pictures)],
        "notes": [runs(note) for note in document.notes],
        "line": LIGHT.line,
    }
    return _compiled("briefing.typ", document, data, files, format="pdf")


def to_card(document: Document, pictures: Sequence[Picture], size: str) -> bytes:
    """A picture card as PNG of exactly the size asked for.

    Parameters
    ----------
    size : str
        One of ``CARDS``.

    Raises
    ------
    InputError
        Unknown size, no valid day to show, or the font is not installed.
    """
    if size not in CARDS:
        raise InputError(f"unknown card {size!r}; known are {', '.join(CARDS)}")
    if not document.figures.this.valid:
        raise InputError("the period has no valid day: there is no number to put on a card; choose another period")
    width, height = CARDS[size]
    named = {picture.key: picture for picture in pictures}
    files = _card_charts(named, flat=width > 2 * height)
    data = {
        "width": width,
        "height": height,
        "heading": _("{place}　{period}").format(place=document.place, period=spoken(document.figures.period)),
        **_big_number(document),
        "sentence": runs(first_sentence(document)),
        "alt": first_sentence(document),
        "chart_title": _("小时AQI") if document.figures.period.days == 1 else _("逐日AQI"),
        "legend": _legend(document, named.get("days")),
        "figures": [_small_figure(document, item) for item in ("pm25", "o3_8h", "no2")],
        "line": LIGHT.line2,
        "ground": LIGHT.bg,
    }
    return _compiled("briefing_card.typ", document, data, files, format="png", ppi=72.0)


def first_sentence(document: Document) -> str:
    """The first sentence of the lead as it stands on the page."""
    text = next((paragraph.text for paragraph in document.shown), document.title.text)
    stop = _FIRST_STOP[document.language]
    return text.split(stop)[0].rstrip(".") + stop.strip()


def _big_number(document: Document) -> dict:
    """The number of a card: good days of a span, the index of a day with its level."""
    figures = document.figures
    facts = facts_of(document.paragraphs[0].made)
    if figures.period.days > 1:
        good = next(fact for fact in facts if fact.label == _("优良天数"))
        return {"number": good.text, "unit": _("个优良天"), "chip": None}
    level = int(figures.this.days["level"].iloc[0])
    row = levels().set_index("level").loc[level]
    chip = {"name": level_name(level), "colour": row["color"], "ink": row["ink"]}
    return {"number": facts[0].text, "unit": "AQI", "chip": chip}


def _legend(document: Document, chart: Picture | None) -> list[dict]:
    """Levels that occur in the chart; of a span with their days."""
    table, figures = levels().set_index("level"), document.figures
    one_day = figures.period.days == 1
    entries = [
        {
            "name": level_name(level),
            "colour": table.at[level, "color"],
            "days": "" if one_day else str(figures.this.counts[level]),
        }
        for level in (chart.levels if chart else ())
    ]
    none = {"name": _("数据不足"), "colour": LIGHT.sunken, "days": str(figures.invalid)}
    return [*entries, none] if figures.invalid else entries


def _small_figure(document: Document, item: str) -> dict:
    figures = document.figures
    row = figures.items.loc[item]
    number = "–" if row["value"] != row["value"] else f"{row['value']:.{int(factors().at[item, 'decimals'])}f}"
    if figures.comparable and row["change"] == row["change"]:
        note = _("同比{change}").format(change=f"{signed(row['change'])} %")
    else:
        note = _("日值") if figures.period.days == 1 else words.statistic_label(item)
    return {
        "name": runs(factors().at[item, "symbol"]),
        "value": number,
        "unit": factors().at[item, "unit"],
        "note": note,
    }


def _card_charts(pictures: dict[str, Picture], flat: bool) -> dict[str, str]:
    """Charts with letters for a card: drawn small and enlarged."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
    files = {"days.svg": empty, "map.svg": empty}
    if "days" in pictures:
        files["days.svg"] = _on_card(pictures["days"], 420 if flat else 480)
    if "map" in pictures:
        files["map.svg"] = _on_card(pictures["map"], 720, 400)
    return files


def _on_card(picture: Picture, width: int, height: int | None = None) -> str:
    return to_svg({**picture.on_paper(width, height), "background": LIGHT.bg})


def _piece(piece: Piece) -> dict:
    if isinstance(piece, Picture):
        file = {"file": f"{piece.key}.svg", "alt": piece.caption, "share": 100 * piece.share}
        return {"kind": "picture", "caption": runs(piece.caption), **file}
    if isinstance(piece, Grid):
        rows = [[runs(cell) for cell in row] for row in piece.rows]
        heads = [runs(head) for head in piece.heads]
        return {"kind": "grid", "caption": runs(piece.caption), "heads": heads, "rows": rows, "words": piece.words}
    return {"kind": "paragraph", "heading": piece.heading, "lines": [runs(line) for line in piece.text.splitlines()]}


def _compiled(template: str, document: Document, data: dict, files: dict[str, str], **how) -> bytes:
    common = {
        "font": document_font(),
        "lang": document.language,
        "region": "cn" if document.language == "zh" else "gb",
        "mark": document.mark,
        "dateline": document.dateline,
        "publisher": _("数智环境"),
        "ink": LIGHT.ink,
        "ink2": LIGHT.ink2,
        "ink3": LIGHT.ink3,
    }
    inputs = {
        "main.typ": (_TEMPLATES / template).read_bytes(),
        "data.json": json.dumps({**common, **data}, ensure_ascii=False).encode(),
        **{name: text.encode() for name, text in files.items()},
    }
    return typst.compile(inputs, **how)


@cache
def _families() -> frozenset[str]:
    return frozenset(typst.Fonts().families())


def has_font() -> bool:
    """The font of PDF and cards is installed."""
    return settings().document_font in _families()


def document_font() -> str:
    """The font of PDF and cards: ``SHUZHI_DOCUMENT_FONT``.

    Raises
    ------
    InputError
        It is not installed.
    """
    name = settings().document_font
    if not has_font():
        raise InputError(
            f"PDF and cards need the font '{name}', which is not installed; install it "
            "(Debian: apt-get install fonts-noto-cjk) or name an installed Chinese font with SHUZHI_DOCUMENT_FONT"
        )
    return name
