"""Files of a briefing: what is in them is what is on the page, they open, and they do no harm."""

import io
import json
import re
import shutil
import subprocess
import zipfile
import zlib

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from PIL import Image

from shuzhi.errors import InputError
from shuzhi.publish import exports, typeset
from shuzhi.publish.document import write
from shuzhi.publish.exports import KINDS, kind_of, make
from shuzhi.publish.layout import pieces
from shuzhi.publish.period import parse
from shuzhi.publish.pictures import Picture, pictures
from shuzhi.settings import settings
from tests.publish.conftest import ALL

EVIL = '=HYPERLINK("http://x.example","点")'
KIND = {kind.key: kind for kind in KINDS}
EDIT = "8月25—26日，市区空气质量总体良好。<b>&amp;"


@pytest.fixture(scope="session")
def made(august):
    """The document with edits, one of them hostile, and every file of it."""
    document, charts = august
    edited = document.with_edits({"items": EVIL, "levels": EDIT})
    return edited, charts, {key: make(kind, edited, charts) for key, kind in KIND.items()}


def read_sheet(book: bytes, name: str) -> pd.DataFrame:
    return pd.read_excel(io.BytesIO(book), sheet_name=name, header=None, dtype=object, engine="calamine")


def test_every_kind_is_made(made):
    _document, _pictures, files = made
    starts = {"docx": b"PK", "xlsx": b"PK", "pdf": b"%PDF", "html": b"<!DOCTYPE html>", "png": b"\x89PNG"}
    assert {key: files[key].startswith(starts[KIND[key].ending]) for key in KIND} == dict.fromkeys(KIND, True)


def test_the_charts_are_those_of_the_page(made):
    document, charts, files = made
    assert [piece for piece in pieces(document, charts) if isinstance(piece, Picture)] == list(charts)
    page = files["html"].decode()
    assert page.count("<svg") == len(charts) == 3
    drawn = docx.Document(io.BytesIO(files["docx"])).inline_shapes
    assert len(drawn) == len(charts)
    assert [shape._inline.docPr.get("descr") for shape in drawn] == [picture.caption for picture in charts]


# ---- Word ----


def test_word_has_styles_texts_and_chinese_fonts(made):
    document, _pictures, files = made
    word = docx.Document(io.BytesIO(files["docx"]))
    by_style = {}
    for paragraph in word.paragraphs:
        by_style.setdefault(paragraph.style.name, []).append(paragraph.text)
    assert by_style["Title"] == [document.title.text]
    assert by_style["Body Text"] == [paragraph.text for paragraph in document.shown]
    assert by_style["Note"] == list(document.notes)
    for name in ("Normal", "Title", "Heading 2", "Body Text", "Caption"):
        fonts = word.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in ("宋体", "仿宋", "黑体")
        assert fonts.get(qn("w:eastAsiaTheme")) is None
    assert "实测数据" in word.sections[0].footer.paragraphs[0].text


def test_word_lowers_the_digits_of_pollutants(august):
    document, charts = august
    word = docx.Document(io.BytesIO(make(KIND["docx"], document, charts)))
    lowered = {run.text for paragraph in word.paragraphs for run in paragraph.runs if run.font.subscript}
    assert lowered >= {"2.5", "10"}


def test_word_tables_repeat_their_head_and_keep_their_rows(made):
    word = docx.Document(io.BytesIO(made[2]["docx"]))
    assert word.tables
    for table in word.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


@pytest.mark.slow
def test_word_opens_in_an_office_program(made, tmp_path):
    """LibreOffice converts the file: every page has text, and nothing of the text is lost."""
    office, to_text = shutil.which("soffice"), shutil.which("pdftotext")
    if not office or not to_text:
        pytest.skip("no soffice or pdftotext: install libreoffice-writer-nogui and poppler-utils")
    document, _pictures, files = made
    path = tmp_path / "briefing.docx"
    path.write_bytes(files["docx"])
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(convert, check=True, capture_output=True, timeout=180)
    out = subprocess.run([to_text, str(tmp_path / "briefing.pdf"), "-"], check=True, capture_output=True, timeout=60)
    text = re.sub(r"\s", "", out.stdout.decode())
    assert re.sub(r"\s", "", document.title.text) in text
    assert "市区空气质量总体良好" in text


# ---- PDF and cards ----


def test_pdf_embeds_its_fonts(made):
    pdf = made[2]["pdf"]
    streams = [pdf]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            streams.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    text = b"\n".join(streams)
    fonts = set(re.findall(rb"/FontName\s*/([\w+-]+)", text))
    assert fonts
    assert all(b"+" in font for font in fonts), fonts  # a subset that is embedded carries a tag before its name
    assert text.count(b"/FontFile") >= len(fonts)
    family = settings().document_font.replace(" ", "").lower().encode()
    assert all(family in font.lower() for font in fonts)


@pytest.mark.parametrize("size", typeset.CARDS)
def test_cards_have_exactly_their_size_and_are_not_empty(made, size):
    image = Image.open(io.BytesIO(made[2][f"png-{size}"])).convert("RGB")
    assert image.size == typeset.CARDS[size]
    assert len(image.getcolors(1 << 24)) > 100


@pytest.mark.parametrize("size", typeset.CARDS)
def test_a_year_fits_on_a_card(two_years, size):
    """A calendar of twelve rows is higher than the card has room for."""
    document = write(two_years, ALL, parse("year", "2018"))
    card = make(KIND[f"png-{size}"], document, pictures(two_years, ALL, document))
    assert Image.open(io.BytesIO(card)).size == typeset.CARDS[size]


def test_a_card_says_the_lead_as_it_stands_on_the_page(august):
    document, charts = august
    assert typeset.first_sentence(document).endswith("。")
    edited = document.with_edits({"lead": "第一句。第二句。"})
    assert typeset.first_sentence(edited) == "第一句。"
    assert make(KIND["png-1080x1080"], edited, charts) != make(KIND["png-1080x1080"], document, charts)


def test_text_is_no_typst(august):
    document, charts = august
    edited = document.with_edits({"title": '#panic("x")', "lead": '$x #import "a" *[' + "长" * 3000})
    assert make(KIND["pdf"], edited, charts).startswith(b"%PDF")
    assert make(KIND["png-900x383"], edited, charts).startswith(b"\x89PNG")


def test_a_missing_font_is_named_with_what_to_do(august, monkeypatch):
    document, charts = august
    monkeypatch.setenv("SHUZHI_DOCUMENT_FONT", "No Such Font")
    settings.cache_clear()
    try:
        with pytest.raises(InputError, match="'No Such Font'.*fonts-noto-cjk"):
            make(KIND["pdf"], document, charts)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


# ---- HTML ----


def test_html_asks_no_host(made):
    page = made[2]["html"].decode()
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", page.replace("http://x.example", "")))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<(?:link|iframe|img|script src|object|embed)", page)
    assert not re.search(r"url\((?!#)", page)
    assert "default-src 'none'" in page


def test_html_escapes_and_marks_the_numbers(made):
    document, _pictures, files = made
    page = files["html"].decode()
    assert "&lt;b&gt;&amp;amp;" in page
    assert "<b>&amp;" not in page
    origins = re.findall(r'data-from="([^"]*)"', page)
    assert any("air_days(first=2019-08-25" in origin for origin in origins)
    assert not any("br&gt;" in origin or "<br>" in origin for origin in origins)
    assert page.count("<code>air_days(") == len(document.facts)


def test_html_names_the_stations_of_its_map(made):
    page = made[2]["html"].decode()
    labels = re.findall(r'aria-label="([^"]*)"', page)
    assert any(label.startswith("沙河铺 AQI ") for label in labels)
    assert not [label for label in labels if re.match(r"[a-z]+: ", label)]


# ---- Excel ----


def test_excel_text_is_no_formula(made):
    book = zipfile.ZipFile(io.BytesIO(made[2]["xlsx"]))
    assert book.testzip() is None
    for name in book.namelist():
        if name.startswith("xl/worksheets/"):
            assert b"<f>" not in book.read(name)
    assert EVIL in read_sheet(made[2]["xlsx"], "正文").to_numpy().ravel().tolist()


def test_excel_lists_every_number_with_its_query(made):
    document, _pictures, files = made
    table = read_sheet(files["xlsx"], "依据")
    head = table.index[table[0] == "段落"][0]
    table.columns = table.iloc[head]
    rows = table.iloc[head + 1 :]
    assert len(rows) == len(document.facts)
    assert set(rows["命名查询"]) == {"air_days"}
    assert rows["参数"].str.contains("stations=").all()
    assert rows["数据时间"].str.match(r"\d{4}-\d\d-\d\d \d\d:\d\d").all()
    gone = rows[rows["在文中"] == "否"]
    assert set(gone["段落"]) == {"主要污染物", "空气质量级别"}


def test_excel_numbers_are_numbers(made):
    document, _pictures, files = made
    table = read_sheet(files["xlsx"], "六项污染物").set_index(0)
    row = table.loc["NO2"].tolist()
    assert document.figures.items.at["no2", "value"] in row
    assert -50.0 in row


# ---- names ----


def test_a_file_is_known_by_its_ending(tmp_path):
    assert kind_of(tmp_path / "a.PDF").key == "pdf"
    assert kind_of(tmp_path / "a.png", "900x383").key == "png-900x383"
    with pytest.raises(InputError, match="endings known"):
        kind_of(tmp_path / "a.odt")
    with pytest.raises(InputError, match="known are 900x383"):
        kind_of(tmp_path / "a.png", "1x1")


def test_file_names_are_plain(made):
    document, _pictures, _files = made
    names = [kind.file_name(document) for kind in exports.KINDS]
    assert "空气质量简报_成都市_20190825-20190826.docx" in names
    assert len(set(names)) == len(names)
    assert not [name for name in names if re.search(r"[/\\:\s]", name)]


def test_the_specs_are_plain_json(made):
    assert all(json.loads(json.dumps(picture.spec)) for picture in made[1])
