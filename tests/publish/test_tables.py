"""Files that leave the house: readable by spreadsheet programs, and harmless in them."""

import csv
import io
import re
import zipfile

import pandas as pd
import pytest

from shuzhi.publish import tables
from shuzhi.settings import BEIJING

EVIL = ["=1+1", "+1+A1", "-1+A1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.fixture
def hours() -> pd.DataFrame:
    times = pd.date_range("2019-08-26T14:00", periods=2, freq="h", tz=BEIJING).tz_convert("UTC")
    values = {
        "pm25": [65.0, 62],
        "pm10": [103.0, 98],
        "so2": [8.0, 7],
        "no2": [48.0, 34],
        "co": [1.0, 1.1],
        "o3": [180.0, None],
    }
    index = {"aqi": [88.0, 108], "level": [2, 3], "primary": ["PM2.5", "O3"], "edition": ["2012", "2012"]}
    return pd.DataFrame({"time": times, "station": ["1434A", "=cmd"], **values, **index})


def sheet_xml(book: bytes, name: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert archive.testzip() is None
        return archive.read(name).decode()


def strings(book: bytes) -> list[str]:
    return re.findall(r"<t[^>]*>([^<]*)</t>", sheet_xml(book, "xl/sharedStrings.xml"))


def test_csv_has_bom_units_and_beijing_time(hours):
    content = tables.to_csv(tables.hourly_table(hours))
    assert content.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head[0] == "时间（北京时间，小时末）"
    assert {"PM2.5 (µg/m³)", "CO (mg/m³)", "AQI", "级别", "首要污染物", "标准版本"} <= set(head)
    assert first[0] == "2019-08-26T14:00:00+08:00"
    assert first[head.index("PM2.5 (µg/m³)")] == "65"
    assert second[head.index("O3 (µg/m³)")] == ""
    assert second[head.index("级别")] == "轻度污染"
    assert first[head.index("标准版本")] == "HJ 633-2012"


def test_csv_text_is_never_a_formula():
    content = tables.to_csv(pd.DataFrame({"=head": EVIL, "value": [-1.5] * len(EVIL)}))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "'=head"
    assert all(row[0].startswith("'") for row in rows[1:])
    assert all(row[1] == "-1.5" for row in rows[1:])


def test_xlsx_text_is_never_a_formula_or_a_link():
    table = pd.DataFrame({"text": [*EVIL, "http://example.org", "12"]})
    book = tables.to_xlsx([tables.Sheet("=x", [("站点", "=1+1")], table)])
    xml = sheet_xml(book)
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    assert {"=1+1", "@SUM(A1)", "http://example.org", "12"} <= set(strings(book))


def test_xlsx_keeps_numbers_times_and_notes(hours):
    notes = [("站点", "沙河铺 1434A"), ("AQI 标准", "HJ 633-2012")]
    book = tables.to_xlsx(
        [tables.Sheet("小时值", notes, tables.hourly_table(hours)), tables.Sheet("日值", [], pd.DataFrame({"a": [1]}))]
    )
    xml = sheet_xml(book)
    assert "<v>108</v>" in xml
    assert re.search(r'<c r="A5" s="\d+"><v>43703\.5833', xml), "26 August 2019, 14:00 as a date"
    found = strings(book)
    assert {"沙河铺 1434A", "HJ 633-2012", "PM2.5 (µg/m³)", "轻度污染"} <= set(found)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert "日值" in archive.read("xl/workbook.xml").decode()


def test_daily_table_says_what_is_valid():
    days = pd.DataFrame(
        {
            "day": pd.to_datetime(["2019-08-25", "2019-08-26"]),
            "valid": [False, True],
            **{item: [None, 1.0] for item in ("pm25", "pm10", "so2", "no2", "co", "o3_8h")},
            "aqi": [None, 108.0],
            "level": [0, 3],
            "primary": ["", "O3"],
            "edition": [None, "2012"],
        }
    )
    table = tables.daily_table(days)
    assert table["有效"].tolist() == ["否", "是"]
    assert "O3-8h (µg/m³)" in table
    assert table["级别"].tolist() == ["", "轻度污染"]
    tables.to_xlsx([tables.Sheet("日值", [], table)])
