"""Surface water in the material of the forecast meeting: numbers of the issue, in both languages."""

import io
import shutil

import docx
import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from shuzhi import i18n
from shuzhi.publish import forecast_document as document
from shuzhi.publish import forecast_water
from shuzhi.research.forecast import issues, section_watch
from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.section_days import last_day
from shuzhi.status import water, water_overview
from shuzhi.store import Scope, open_home
from shuzhi.store.calendar import day_span
from tests.publish.test_forecast_document import rows as of_air

ALL = Scope.all()


@pytest.fixture(scope="module")
def home(small_city, tmp_path_factory):
    """The small city with an issue: its first section has Ⅳ with 70 % on the third day, the others stay as they are."""
    folder = tmp_path_factory.mktemp("water") / "home"
    shutil.copytree(small_city.path, folder)
    found = open_home(folder)
    last = last_day(water.latest_time(found, ALL))
    begin = day_span(last.date(), last.date())[1]
    issue = Issue(issues.issue_id(begin), begin, begin, None, None, "7", False, begin, 1.0, 100)
    before = section_watch.known(found, ALL, issue)
    codes = water_overview.watched(found, ALL)[0]["code"]
    parts = []
    for number, code in enumerate(codes):
        for lead in range(1, 8):
            chances = np.full(6, 0.01)
            likely = 4 if number == 0 and lead == 3 else max(int(before.get(code, 2)), 1)
            chances[likely - 1] = 0.95
            if likely == 4:
                chances = np.array([0.0, 0.0, 0.3, 0.6, 0.07, 0.03])
            parts.append(
                {"place": code, "lead": lead, "value": likely} | {f"p{k}": p for k, p in enumerate(chances, 1)}
            )
    table = pd.DataFrame(parts).assign(kind="water", grain="day", level="section", item="class", model="ensemble")
    table["time"] = begin + pd.to_timedelta(table["lead"], unit="D")
    air = of_air(found.city, "city", "ensemble")
    air["time"] = begin + pd.to_timedelta(air["lead"], unit="D")
    span = {"first": last.date().replace(month=1, day=1), "last": last.date().replace(month=12, day=31)}
    outlooks = pd.DataFrame(
        [
            {"item": "water_good_share", "so_far": 97.0, "quantiles": np.linspace(95, 99, 101)},
            {"item": "pm25", "so_far": 30.0, "quantiles": np.linspace(30, 40, 101)},
        ]
    ).assign(place=found.city, model="resampled", days=100, **span)
    issues.record(found, issue, pd.concat([air, table], ignore_index=True), outlooks)
    return found


@pytest.fixture
def material(home):
    return document.gather(home, ALL, issues.newest(home, ALL))


def first_name(home) -> str:
    return water_overview.watched(home, ALL)[0]["name"].iloc[0]


def test_what_is_expected_to_miss_its_class_is_named(home, material):
    lines = forecast_water.sentences(material.water)
    third = material.water.rows.query("lead == 3")["time"].iloc[0]
    day = forecast_water.words.date_text(forecast_water.words.date_of(third))
    assert f"1 个断面预计有日均值达不到目标类别：{first_name(home)}（{day}，70%）" in lines[0]
    assert f"{len(material.water.register)} 个断面中" in lines[0]
    assert lines[1] == "全年地表水优良（Ⅰ–Ⅲ类）断面比例预计 97.0%（90%：95.2%–98.8%），达到目标 98% 的可能性 27%。"


def test_the_tables_hold_the_miss_and_the_change(home, material):
    missing, changes = forecast_water.grids(material.water)
    assert missing.rows[0][0] == first_name(home)
    assert missing.rows[0][4:] == ["Ⅲ 30%、Ⅳ 60%", "70%"]
    assert len(missing.rows) == 1
    assert [row[0] for row in changes.rows][0] == first_name(home)
    assert changes.rows[0][4:] == ["Ⅳ类", "60%"]


def test_the_document_has_a_part_about_water(home):
    word = docx.Document(io.BytesIO(document.export(home, ALL, "docx")))
    text = [paragraph.text for paragraph in word.paragraphs]
    assert "地表水断面" in text
    outlook = text[text.index("展望") + 1 :]
    assert "平均浓度预计" in outlook[0]
    assert sum("断面比例预计" in line for line in text) == 1
    assert any(first_name(home) in cell.text for table in word.tables for cell in table.columns[0].cells)


def test_the_workbook_has_every_section_and_day(home, material):
    book = CalamineWorkbook.from_filelike(io.BytesIO(document.export(home, ALL, "xlsx")))
    sheet = book.get_sheet_by_name("地表水断面").to_python()
    head = next(k for k, row in enumerate(sheet) if "断面编码" in row)
    told = [dict(zip(sheet[head], row, strict=True)) for row in sheet[head + 1 :]]
    assert len(told) == 7 * len(material.water.register)
    assert max(row["达不到的可能性"] for row in told) == pytest.approx(0.7)


def test_english_speaks_english_of_water(home):
    i18n.use("en")
    found = document.gather(home, ALL, issues.newest(home, ALL)).water
    lines = forecast_water.sentences(found)
    assert "1 section is expected to miss its target class on some day: " in lines[0]
    assert lines[1].startswith("Share of sections in classes I–III in the year: 97.0% expected")
    assert "Likeliest classes" in forecast_water.grids(found)[0].heads


def test_who_may_not_see_water_gets_none(home):
    issue = issues.newest(home, ALL)
    assert forecast_water.gather(home, Scope.seeing("forecasts", "air"), issue, pd.DataFrame()) is None
