"""The material of the forecast meeting: its numbers are those of the issue, and what people wrote stays text."""

import csv
import datetime as dt
import io
import shutil
import zipfile
from dataclasses import replace

import docx
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from shuzhi import i18n
from shuzhi.errors import InputError, NotFoundError, ScopeError
from shuzhi.publish import forecast_document as document
from shuzhi.research.forecast import issues, skill, words
from shuzhi.research.forecast.issues import Issue
from shuzhi.store import Scope, open_home
from shuzhi.store.ledger import AuditEvent, ForecastEdit

ALL = Scope.all()
ISSUED = pd.Timestamp("2026-07-15T00:00Z")
HOSTILE = '=HYPERLINK("http://x")\x07\n<b>南风</b>'
VALUES = {"pm25": 31.0, "pm10": 52.0, "so2": 5.0, "no2": 21.0, "co": 0.7, "o3_8h": 136.0}


def rows(place: str, level: str, model: str, shift: float = 0.0) -> pd.DataFrame:
    """A week of one place: AQI from 70 on, polluted from day 4."""
    parts = []
    for lead in range(1, 8):
        aqi = 60 + 10 * lead + shift
        end = pd.Timestamp("2026-07-14T16:00Z") + pd.Timedelta(days=lead)
        table = pd.DataFrame([{"item": "aqi", "value": aqi}, *({"item": k, "value": v} for k, v in VALUES.items())])
        table = table.assign(lead=lead, time=end, lower50=table["value"] - 9, upper50=table["value"] + 11)
        table = table.assign(lower90=table["value"] - 21, upper90=table["value"] + 33)
        table.loc[0, ["p1", "p2", "p3", "p4", "p5", "p6"]] = (
            [0, 0.3, 0.65, 0.05, 0, 0] if aqi > 100 else [0.1, 0.7, 0.2, 0, 0, 0]
        )
        parts.append(table.assign(primary=pd.Series(["O3-8h", *[None] * 6], dtype=object)))
    said = {"kind": "air", "grain": "day", "level": level, "place": place, "model": model}
    return pd.concat(parts, ignore_index=True).assign(**said)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    from shuzhi.ingest.service import import_stations
    from shuzhi.settings import ROOT

    home = open_home(tmp_path_factory.mktemp("forecast"))
    import_stations(home, ROOT / "tests" / "fixtures" / "stations_chengdu.csv")
    issue = Issue("2026-07-15T08", ISSUED, ISSUED, None, None, "7", False, ISSUED, 1.0, 100)
    told = [
        rows(home.city, "city", model, shift)
        for model, shift in (("ensemble", 0), ("climatology", -20), ("damped", -5))
    ]
    issues.record(
        home,
        issue,
        pd.concat([*told, rows("武侯区", "district", "ensemble", 3), rows("=锦江区", "district", "ensemble")]),
    )
    with home.ledger.session() as session:
        session.add(edit(value=131.0, reason=HOSTILE))
    return home


def edit(**words) -> ForecastEdit:
    end = dt.datetime(2026, 7, 16, 16)
    common = {
        "issue": "2026-07-15T08",
        "level": "city",
        "place": "成都",
        "item": "aqi",
        "time": end,
        "model_value": 80.0,
    }
    signed = {"signed_by": "u1", "signed_name": "@王五", "signed_at": dt.datetime(2026, 7, 15, 1, 30)}
    return ForecastEdit(**common | signed | words)


@pytest.fixture(scope="module")
def word(home):
    i18n.use("zh")
    return docx.Document(io.BytesIO(document.export(home, ALL, "docx")))


def cells(table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_sentence_is_in_the_document(home, word):
    told = issues.read(home, ALL, issues.newest(home, ALL), places=["成都"])
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "成都市空气质量预报会商材料" in text
    assert "明日 O3-8h 预计 136 µg/m³，良，可能性 70%。" in text
    assert "会商订正为 AQI 131，轻度污染。" in text
    assert words.week(words.told(told)) in text
    assert len(word.inline_shapes) == 1
    assert "本期没有气象预报" in text
    lowered = [run.text for paragraph in word.paragraphs for run in paragraph.runs if run.font.subscript]
    assert "3" in lowered


def test_the_numbers_are_those_of_the_issue(home, word):
    told = issues.read(home, ALL, issues.newest(home, ALL), places=["成都"])
    aqi = told[told["item"] == "aqi"]
    week = cells(word.tables[0])
    assert [row[3] for row in week[1:]] == [f"{value:.0f}" for value in aqi["value"]]
    assert [row[6] for row in week[1:]] == [
        f"{low:.0f}–{high:.0f}" for low, high in zip(aqi["lower50"], aqi["upper50"], strict=True)
    ]
    assert [row[7] for row in week[1:]] == [
        f"{low:.0f}–{high:.0f}" for low, high in zip(aqi["lower90"], aqi["upper90"], strict=True)
    ]
    items = cells(word.tables[1])
    assert items[1] == ["7月15日", "31", "52", "5", "21", "0.7", "136"]
    districts = {row[0]: row[1:] for row in cells(word.tables[3])[1:]}
    assert districts["武侯区"][:4] == ["73 良", "83 良", "93 良", "103 轻度"]
    models = {row[0]: row[1] for row in cells(word.tables[4])[1:]}
    assert models == {"集合预报": "70", "阻尼持续": "65", "气候": "50"}


def test_what_was_signed_stands_beside_the_model(word):
    week, edits = cells(word.tables[0]), cells(word.tables[2])
    assert [row[4] for row in week] == ["会商订正", "–", "131", "–", "–", "–", "–", "–"]
    assert edits[1][-2:] == ["80", "131"]
    assert edits[1][4] == "@王五 07-15 09:30"
    assert edits[1][3] == '=HYPERLINK("http://x") <b>南风</b>'


def test_a_change_that_was_taken_back_holds_no_more(home, tmp_path):
    shutil.copytree(home.path, tmp_path / "home")
    other = open_home(tmp_path / "home")
    assert document.gather(other, ALL, issues.newest(other, ALL)).edited == {dt.date(2026, 7, 16): 131.0}
    with other.ledger.session() as session:
        session.add(edit(value=None, reason="撤回"))
    material = document.gather(other, ALL, issues.newest(other, ALL))
    assert material.edited == {}
    assert cells(docx.Document(io.BytesIO(document.word(material))).tables[2])[2][-1] == "撤销"


def test_scores_stand_beside_what_takes_no_skill(home):
    material = document.gather(home, ALL, issues.newest(home, ALL))
    score = {
        "model": "ensemble",
        "lead": 1,
        "n": 60,
        "mae": 12.34,
        "skill_persistence": 0.21,
        "skill_climatology": -0.05,
    }
    shares = {
        "exact_level": 0.65,
        "exact_level_climatology": 0.5,
        "two_level": 0.93,
        "always_good": 0.8,
        "inside90": 0.9,
    }
    rows = pd.DataFrame([score | shares, score | shares | {"model": "trees"}])
    basis = skill.Basis(issues=60, hindcasts=59, first="2026-05-15T08", last="2026-07-15T08")
    table = docx.Document(io.BytesIO(document.word(replace(material, scores=rows, basis=basis)))).tables[-1]
    assert cells(table)[1:] == [["1", "60", "12.3", "0.21", "−0.05", "65%", "50%", "93%", "80%", "90%"]]


def test_csv_has_every_number_and_no_formula(home):
    lines = list(csv.DictReader(io.StringIO(document.export(home, ALL, "csv").decode("utf-8-sig"))))
    assert len(lines) == 3 * 7 * 7 + 1
    assert [line["预报值"] for line in lines if line["模型"] == "会商订正"] == ["131"]
    first = next(line for line in lines if line["地点"] == "成都" and line["项目"] == "AQI")
    assert (first["预报值"], first["90% 区间上限"], first["良的概率"], first["首要污染物"]) == (
        "70",
        "103",
        "0.7",
        "O3-8h",
    )
    assert {line["地点"] for line in lines} == {"成都", "武侯区", "'=锦江区"}


def test_the_workbook_holds_text_as_text(home):
    content = document.export(home, ALL, "xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["逐日预报", "各模型", "会商订正", "方法"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if "worksheets/" in name and b"<f>" in parts.read(name)]
    sheet = book.get_sheet_by_name("逐日预报").to_python()
    assert "=锦江区" in {cell for row in sheet for cell in row}
    head, first = next((sheet[k], sheet[k + 1]) for k, row in enumerate(sheet) if "预报值" in row)
    assert dict(zip(head, first, strict=True))["预报值"] == 70


def test_a_district_has_a_document_of_its_own(home):
    word = docx.Document(io.BytesIO(document.export(home, ALL, "docx", place="武侯区")))
    assert word.paragraphs[0].text == "武侯区空气质量预报会商材料"
    assert cells(word.tables[0])[1][3] == "73"


def test_english_has_no_chinese(home):
    i18n.use("en")
    word = docx.Document(io.BytesIO(document.export(home, ALL, "docx", place="武侯区")))
    text = "\n".join([p.text for p in word.paragraphs] + [cell for row in cells(word.tables[0]) for cell in row])
    assert "Tomorrow: O3-8h 136 µg/m³ expected, good, probability 70%." in text
    assert not [sign for sign in text if "一" <= sign <= "鿿"]


def test_every_hand_out_is_an_event_and_needs_the_right(home):
    reader = Scope(rights=frozenset({("forecasts", "see")}))
    with pytest.raises(ScopeError):
        document.export(home, reader, "csv")
    with home.ledger.session() as session:
        events = [e for e in session.query(AuditEvent) if e.action == "export" and e.dataset == "forecasts"]
    assert {"done", "refused"} <= {event.outcome for event in events}


def test_what_is_not_there_is_told(home, tmp_path):
    with pytest.raises(InputError, match="docx, xlsx, csv"):
        document.export(home, ALL, "pdf")
    with pytest.raises(NotFoundError, match="nothing of “某地”"):
        document.export(home, ALL, "docx", place="某地")
    with pytest.raises(NotFoundError, match="no forecast yet"):
        document.export(open_home(tmp_path / "new", create="real"), ALL, "docx")
