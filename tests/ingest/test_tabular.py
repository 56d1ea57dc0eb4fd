"""Large tables of any usual file."""

import numpy as np
import pytest
import xlsxwriter

from shuzhi.errors import InputError
from shuzhi.ingest.rejects import Rejects
from shuzhi.ingest.tabular import open_table

HEADS = {"名称", "经度", "颗粒物"}


@pytest.fixture
def opened(write):
    """Writes a file and opens it as a table; rejected rows are in ``rejects``."""

    def opener(content, name="t.csv", sheet=None):
        path = content if not isinstance(content, str | bytes) else write(name, content)
        opener.rejects = Rejects(name)
        return open_table(path, HEADS.__contains__, opener.rejects, sheet)

    return opener


@pytest.fixture
def workbook(tmp_path):
    """Writes a workbook: ``workbook({"sheet": [[cell, …], …]})``."""

    def writer(sheets):
        path = tmp_path / "t.xlsx"
        with xlsxwriter.Workbook(path) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        return path

    return writer


def rows(table):
    return [
        dict(zip(table.heads, row, strict=True)) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)
    ]


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text(opened, mark, encoding):
    text = f"名称{mark}经度\r\n 甲 {mark}104\r\n\r\n乙{mark}\r\n"
    table = opened(text.encode(encoding))
    assert rows(table) == [{"名称": "甲", "经度": "104"}, {"名称": "乙", "经度": ""}]
    assert table.lines.tolist() == [2, 4]


def test_lines_that_do_not_fit_are_rejected(opened):
    table = opened("名称,经度\n甲,104\n乙\n丙,105,1\n丁,106\n")
    assert table.lines.tolist() == [2, 5]
    assert [(r.reason, r.line, r.raw) for r in opened.rejects] == [
        ("broken line: 1 fields, 2 expected", 3, "乙"),
        ("broken line: 3 fields, 2 expected", 4, "丙,105,1"),
    ]


def test_line_ends_in_cells_count_as_lines(opened):
    table = opened('名称,经度\n"甲\n厂",104\n乙,105\n丙\n丁,106\n')
    assert rows(table)[0]["名称"] == "甲\n厂"
    assert table.lines.tolist() == [2, 4, 6]
    assert opened.rejects[0].line == 5


def test_a_stray_quote_spoils_no_other_line(opened):
    table = opened('名称,经度\n甲,"104\n乙,105\n丙,106\n')
    assert rows(table)[1:] == [{"名称": "乙", "经度": "105"}, {"名称": "丙", "经度": "106"}]
    assert table.lines.tolist() == [2, 3, 4]


def test_unreadable_characters(opened):
    table = opened("名称,经度\n甲,104\n乙,".encode() + b"\xff\xfe" + "1\n丙,105\n丁,1\n".encode())
    assert table.lines.tolist() == [2, 4, 5]
    assert opened.rejects[0].reason.startswith("unreadable characters")


def test_titles_above_the_header(opened):
    table = opened("污染源清单,,\n2025 年,,\n名称,经度,颗粒物\n甲,104,1\n")
    assert (table.head_line, table.lines.tolist(), table.heads) == (3, [4], ["名称", "经度", "颗粒物"])


@pytest.mark.parametrize("text", ["名称,经度,排放量\n,,颗粒物\n甲,104,1\n", "名称,排放量,\n,颗粒物,经度\n甲,1,104\n"])
def test_a_header_of_two_rows_is_refused(opened, text):
    with pytest.raises(InputError, match="spread over lines 1 and 2"):
        opened(text)


def test_a_header_with_line_ends(opened):
    assert opened('"名\n称",经度\n甲,104\n').lines.tolist() == [3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        (" \n \n", "empty"),
        (b"\0\1\2", "NUL"),
        ("<html>", "web page"),
        (b"PK\x03\x04abc", "damaged"),
        (b"PAR1abc", "Parquet"),
        (b"SQLite format 3\0abc", "GeoPackage"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1abc", "workbook"),
        ("名称,经度\n甲,104\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_no_table(opened, content, message):
    with pytest.raises(InputError, match=message):
        opened(content)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        open_table(tmp_path / "x.csv", HEADS.__contains__, Rejects("x"))


def test_only_a_header(opened):
    assert len(opened("名称,经度\n").lines) == len(opened("名称,经度").lines) == 0


def test_a_workbook(opened, workbook):
    path = workbook(
        {"清单": [["某清单"], ["名称", "经度"], ["甲", 104.5], [], ["乙", 3011], ["丙", "105"], ["丁", True]]}
    )
    table = opened(path)
    assert [row["经度"] for row in rows(table)] == ["104.5", "3011", "105", "True"]
    assert table.lines.tolist() == [3, 5, 6, 7]


def test_of_several_sheets_the_best_known_is_read(opened, workbook):
    path = workbook({"说明": [["怎样填写"]], "清单": [["名称", "经度"], ["甲", 1]], "备用": [["名称"], ["乙"]]})
    assert rows(opened(path)) == [{"名称": "甲", "经度": "1"}]
    assert opened(path).notes == ["t.xlsx: read the sheet 清单, not 说明, 备用 (see --sheet)"]
    assert rows(opened(path, sheet="备用")) == [{"名称": "乙"}]
    with pytest.raises(InputError, match="no sheet “无”; it has 说明, 清单, 备用"):
        opened(path, sheet="无")


def test_an_empty_sheet(opened, workbook):
    with pytest.raises(InputError, match="empty"):
        opened(workbook({"清单": []}))


def test_a_cell_far_outside(opened, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["名称", "经度"])
        sheet.write("XFD1048576", "x")
    with pytest.raises(InputError, match="XFD1048576"):
        opened(tmp_path / "far.xlsx")


def test_a_sheet_formatted_to_its_end(opened, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "wide.xlsx") as book:
        sheet, grey = book.add_worksheet(), book.add_format({"bg_color": "#EEEEEE"})
        sheet.write_row(0, 0, ["名称", "经度"])
        sheet.write_row(1, 0, ["甲", 104])
        sheet.write_blank("XFD1048576", None, grey)
    assert rows(opened(tmp_path / "wide.xlsx")) == [{"名称": "甲", "经度": "104"}]


def test_positions_of_features(opened, tmp_path):
    import geopandas as gpd
    from shapely.geometry import Point, box

    shapes = gpd.GeoDataFrame(
        {"名称": ["甲", "乙", "丙"]}, geometry=[Point(104, 30.5), box(104, 30, 104.2, 30.2), None], crs=4490
    )
    shapes.to_file(tmp_path / "t.gpkg")
    shapes.to_crs(4544).to_parquet(tmp_path / "t.parquet")
    for name in ("t.gpkg", "t.parquet"):
        table = opened(tmp_path / name)
        assert table.lines.tolist() == [1, 2, 3]
        assert np.allclose(table.lon, [104, 104.1, np.nan], equal_nan=True)
        assert np.allclose(table.lat, [30.5, 30.1, np.nan], equal_nan=True, atol=1e-3)


def test_features_without_a_system(opened, tmp_path):
    import geopandas as gpd

    gpd.GeoDataFrame({"名称": ["甲"]}, geometry=gpd.points_from_xy([104], [30])).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="no reference system"):
        opened(tmp_path / "t.parquet")
