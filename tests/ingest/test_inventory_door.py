"""Deliveries of the inventory of pollution sources."""

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from shuzhi.errors import InputError
from shuzhi.ingest import inventory, service
from shuzhi.ingest.cli import app
from shuzhi.ingest.template import load
from shuzhi.ingest.whereabouts import Whereabouts
from shuzhi.registry import deliveries, places
from shuzhi.registry.places import NewPlace
from shuzhi.store import Scope, open_home, quarantine
from shuzhi.store.schema import DELIVERED

HEAD = (
    "污染源编号,企业名称,统一社会信用代码,排污许可证编号,行业代码,排污许可管理类别,区县,街道,地址,经度,纬度,运行状态,"
    "数据年份,颗粒物（t/a）,氮氧化物（kg/a）\n"
)
GOOD = (
    "P1,某某水泥厂,91440101MA5CJQ4N59,91440101MA5CJQ4N59001P,3011,重点管理,武侯区,,某路1号,104.05,30.64,"
    "在产,2025,1.5,2500\n"
)


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """The places of a home without streets."""
    return Whereabouts.of(open_home(tmp_path_factory.mktemp("places"), create="real"))


@pytest.fixture
def parse(write, where):
    """Parses rows given as text; by default below ``HEAD``."""

    def parser(rows: str, head: str = HEAD, **options):
        return inventory.parse(write("i.csv", head + rows), where, **options)

    return parser


def records(parsed) -> list[dict]:
    return parsed.rows.to_pylist()


def found(rejects) -> list[tuple]:
    return [(reject.reason.partition(": ")[0], reject.line, reject.column) for reject in rejects]


def test_one_row(parse):
    parsed = parse(GOOD)
    (row,) = records(parsed)
    assert {name: value for name, value in row.items() if value is not None} == {
        "id": "P1", "name": "某某水泥厂", "credit_code": "91440101MA5CJQ4N59", "permit_code": "91440101MA5CJQ4N59001P",
        "industry": "3011", "permit_class": "key", "unit": "武侯区", "district": "武侯区", "address": "某路1号",
        "lon": 104.05, "lat": 30.64, "status": "operating", "year": 2025, "pm": 1.5, "nox": 2.5,
    }  # fmt: skip
    assert parsed.rows.column_names == list(DELIVERED["source"])
    assert (parsed.rejected, parsed.warnings) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "reason", "column", "lost"),
    [
        (",3011,", ",9999,", "unknown industry", "行业代码", "industry"),
        (",3011,", ",水泥生意,", "unknown industry", "行业代码", "industry"),
        ("重点管理", "很重点", "unknown word", "排污许可管理类别", "permit_class"),
        ("在产", "在睡", "unknown word", "运行状态", "status"),
        ("武侯区", "朝阳区", "unknown district", "区县", None),
        ("104.05", "x", "not a number", "经度", "lon"),
        ("104.05", "", "not a number", "经度", "lat"),
        ("104.05,30.64", "30.64,104.05", "longitude and latitude swapped", "经度", "lon"),
        ("104.05", "10.4", "coordinates outside China", "经度", "lat"),
        (",2025,", ",今年,", "not a number", "数据年份", "year"),
        (",2025,", ",20255,", "value out of range", "数据年份", "year"),
        (",1.5,", ",-1.5,", "negative value", "颗粒物（t/a）", "pm"),
        (",1.5,", ",1e9,", "value out of range", "颗粒物（t/a）", "pm"),
        (",1.5,", ",很多,", "not a number", "颗粒物（t/a）", "pm"),
    ],
)
def test_a_bad_cell_goes_and_its_row_stays(parse, old, new, reason, column, lost):
    parsed = parse(GOOD.replace(old, new))
    assert found(parsed.rejected) == [(reason, 2, column)]
    (row,) = records(parsed)
    assert row["name"] == "某某水泥厂"
    assert lost is None or row[lost] is None


@pytest.mark.parametrize(
    ("old", "new", "reason", "column"),
    [
        ("CJQ4N59,", "CJQ4N58,", "check character is wrong", "统一社会信用代码"),
        ("91440101MA5CJQ4N59,", "440101,", "code of another length", "统一社会信用代码"),
        ("59001P", "59", "code of another length", "排污许可证编号"),
        ("104.05,30.64", "103.84,30.70", "position outside the district", "经度"),
        ("104.05,30.64", "116.4,39.9", "position outside the district", "经度"),
        (",3011,", ",C301,", "industry not to four digits", "行业代码"),
        ("某某水泥厂", "", "name missing", "企业名称"),
    ],
)
def test_a_doubtful_cell_is_taken_with_a_warning(parse, old, new, reason, column):
    parsed = parse(GOOD.replace(old, new))
    assert (found(parsed.warnings), parsed.rejected) == ([(reason, 2, column)], [])
    assert len(records(parsed)) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3011", "3011"),
        ("C3011", "3011"),
        ("c3011 水泥制造", "3011"),
        ("水泥制造", "3011"),
        (" 水泥 制造 ", "3011"),
        ("３０１１", "3011"),
        ("C30", "30"),
        ("非金属矿物制品业", "30"),
        ("3110", "3110"),
        ("311", "3110"),
        ("炼铁", "3110"),
        ("0111", "0111"),
        ("190", "0190"),
        ("12", "1200"),
        ("1", "01"),
        ("C", None),
        ("制造业", None),
        ("30111", None),
        ("", None),
    ],
)
def test_industries(text, code):
    assert inventory.industry_named(text) == code


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        (["313", "3011", "3110", "4411", "301"], ["0313", "3011", "3110", "4411", "301"]),
        (["313", "301", "3011"], ["3130", "301", "3011"]),
    ],
)
def test_zeros_that_a_spreadsheet_dropped(parse, column, codes):
    rows = "".join(f"甲{i},{cell}\n" for i, cell in enumerate(column))
    assert [row["industry"] for row in records(parse(rows, "企业名称,行业代码\n"))] == codes


def test_the_tree_of_industries_is_whole():
    table = pd.read_csv("data/registers/industries.csv", dtype=str, keep_default_na=False)
    assert table.groupby("level").size().tolist() == [20, 97, 473, 1381]
    assert table["code"].is_unique
    for level, length in (("2", 2), ("3", 3), ("4", 4)):
        rows = table[table["level"] == level]
        assert (rows["code"].str.len() == length).all()
        assert rows["parent"].isin(table.loc[table["level"] == str(int(level) - 1), "code"]).all()
        if length > 2:
            assert (rows["parent"] == rows["code"].str[:-1]).all()
    assert (table.loc[table["level"].isin(["1", "2"]), "name_en"] != "").all()


@pytest.mark.parametrize(
    ("cell", "value"),
    [('"1,234.5"', 1234.5), ("１２", 12), (" 3 ", 3), ("", None), ("/", None), ("无", None), ("1e-3", 0.001), ("0", 0)],
)
def test_amounts(parse, cell, value):
    (row,) = records(parse(GOOD.replace(",1.5,", f",{cell},")))
    assert row["pm"] == value


@pytest.mark.parametrize(
    ("head", "pm", "year"),
    [
        ("颗粒物", 2, None),
        ("颗粒物排放量(千克)", 0.002, None),
        ("2024年颗粒物", 2, 2024),
        ("颗粒物（合计）", 2, None),
        ("烟粉尘（万吨）", 20000, None),
    ],
)
def test_heads_of_amounts(parse, head, pm, year):
    (row,) = records(parse("甲,2\n", f"企业名称,{head}\n"))
    assert (row["pm"], row["year"]) == (pm, year)


def test_a_concentration_is_no_amount(parse):
    with pytest.raises(InputError, match="unknown unit “mg/m3”"):
        parse("甲,2\n", "企业名称,颗粒物（mg/m³）\n")


def test_coordinates_may_be_declared(parse):
    (row,) = records(parse(GOOD.replace("104.05,30.64", "104.068963,30.663691"), crs="bd09"))
    assert np.allclose((row["lon"], row["lat"]), (104.06, 30.66), atol=2e-6)


def test_ids(parse):
    head = "污染源编号,企业名称,统一社会信用代码,排污许可证编号,地址\n"
    code, permit = "91440101MA5CJQ4N59", "91440101MA5CJQ4N59001P"
    rows = f"7,甲,{code},{permit},\n,乙,{code},{permit},\n,丙,{code},,丙路\n,丁,{code},,丁路\n,戊,,,\n,己,123,,\n"
    ids = [row["id"] for row in records(parse(rows, head))]
    assert ids[:2] == ["7", permit]
    assert set(ids[2:4]) == {code, f"{code}-2"}
    assert ids[4] != ids[5]
    again = "".join(reversed(rows.splitlines(keepends=True)))
    assert {row["name"]: row["id"] for row in records(parse(again, head))} == dict(
        zip("甲乙丙丁戊己", ids, strict=True)
    )


def test_rows_without_number_and_name(parse):
    parsed = parse(GOOD + ",,,,3011,,,,,,,,,,\n")
    assert found(parsed.rejected) == [("neither number nor name", 3, None)]
    assert len(records(parsed)) == 1


def test_repetitions(parse):
    other = GOOD.replace("1.5", "1.6")
    parsed = parse(GOOD + GOOD + other + GOOD.replace("P1", "P2"))
    assert (parsed.duplicates, [row["id"] for row in records(parsed)]) == (1, ["P1", "P2"])
    assert found(parsed.rejected) == [("conflicting repetition", 4, None)]


def test_equal_rows_without_number_are_one(parse):
    parsed = parse("甲,91440101MA5CJQ4N59\n甲,91440101MA5CJQ4N59\n", "企业名称,统一社会信用代码\n")
    assert (parsed.duplicates, len(records(parsed)), parsed.rejected) == (1, 1, [])


def test_a_column_of_something_else_is_refused(parse):
    rows = "".join(f"甲{i},很多\n" for i in range(2100))
    with pytest.raises(InputError, match="2,100 of 2,100 cells can't be used"):
        parse(rows, "企业名称,颗粒物\n")


def test_a_template(parse, write):
    template = write("t.csv", "field,names,unit,values\nname,厂名,,\npm,粉尘,kg,\npermit_class,,,甲=key\ncrs,,,gcj02\n")
    parsed = parse(
        "某厂,500,甲,104.062496,30.657570\n",
        "厂名,粉尘,排污许可管理类别,经度,纬度\n",
        template=load("inventory", template),
    )
    (row,) = records(parsed)
    assert (row["name"], row["pm"], row["permit_class"]) == ("某厂", 0.5, "key")
    assert np.allclose((row["lon"], row["lat"]), (104.06, 30.66), atol=2e-6)


@pytest.fixture(scope="module")
def with_streets(tmp_path_factory):
    """Places with two streets of 武侯区, one of them managed by 成都高新区."""
    home = open_home(tmp_path_factory.mktemp("streets"), create="real")

    def street(name, unit, west):
        ring = [[west, 30.55], [west + 0.02, 30.55], [west + 0.02, 30.57], [west, 30.57], [west, 30.55]]
        return NewPlace(name, {"type": "Polygon", "coordinates": [ring]}, parent="武侯区", unit=unit)

    places.replace(
        home, "street", [street("桂溪街道", "成都高新区", 104.05), street("簇桥街道", "武侯区", 104.0)], "test"
    )
    return Whereabouts.of(home)


@pytest.mark.parametrize(
    ("district", "street", "unit", "lies_in", "named", "warned"),
    [
        ("武侯区", "桂溪街道", "成都高新区", "武侯区", "桂溪街道", []),
        ("高新区", "桂溪", "成都高新区", "武侯区", "桂溪街道", []),
        ("四川省成都市武侯区", "簇桥镇", "武侯区", "武侯区", "簇桥街道", []),
        ("双流区", "桂溪街道", "成都高新区", "武侯区", "桂溪街道", ["street in another district"]),
        ("武侯区", "某某街道", "武侯区", "武侯区", "某某街道", ["street not in the register"]),
        ("高新区", "", "成都高新区", None, None, []),
        ("", "", None, None, None, []),
    ],
)
def test_places(write, with_streets, district, street, unit, lies_in, named, warned):
    parsed = inventory.parse(write("i.csv", f"企业名称,区县,街道\n甲,{district},{street}\n"), with_streets)
    (row,) = records(parsed)
    assert (row["unit"], row["district"], row["street"]) == (unit, lies_in, named)
    assert [warning.reason for warning in parsed.warnings] == warned


def test_a_position_fills_what_is_not_stated(write, where):
    (row,) = records(inventory.parse(write("i.csv", "企业名称,经度,纬度\n甲,103.84,30.70\n"), where))
    assert (row["unit"], row["district"]) == ("温江区", "温江区")


FORMATS = ("i.csv", "gbk.csv", "i.xlsx", "i.gpkg", "i.parquet", "plain.parquet")


def test_all_formats_give_one_table(tmp_path, where):
    import geopandas as gpd

    table = pd.read_csv(pd.io.common.StringIO(HEAD + GOOD + GOOD.replace("P1", "P2").replace(",1.5,", ",,")))
    table["数据年份"] = table["数据年份"].astype(str)
    points = gpd.points_from_xy(table["经度"], table["纬度"])
    shapes = gpd.GeoDataFrame(table.drop(columns=["经度", "纬度"]), geometry=points, crs=4326)
    table.to_csv(tmp_path / "i.csv", index=False)
    table.to_csv(tmp_path / "gbk.csv", index=False, encoding="gb18030", sep="\t")
    table.to_excel(tmp_path / "i.xlsx", index=False, engine="xlsxwriter")
    table.to_parquet(tmp_path / "plain.parquet")
    shapes.to_file(tmp_path / "i.gpkg")
    shapes.to_parquet(tmp_path / "i.parquet")
    first, *others = (inventory.parse(tmp_path / name, where) for name in FORMATS)
    assert len(first.rows) == 2
    for name, other in zip(FORMATS[1:], others, strict=True):
        assert other.rows.equals(first.rows), name
        assert (other.rejected, other.warnings) == ([], []), name


def test_ten_thousand_rows_take_few_times_their_reading(tmp_path, where):
    rows = "".join(GOOD.replace("P1", f"P{i}") for i in range(10_000))
    path = tmp_path / "i.csv"
    path.write_text(HEAD + rows, encoding="utf-8")

    def cpu(work) -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    inventory.parse(path, where)
    ratio = min(cpu(lambda: inventory.parse(path, where)) for _ in range(3))
    ratio /= min(cpu(lambda: pd.read_csv(path, dtype=str)) for _ in range(3))
    assert ratio < 12  # a loop over the rows costs forty


# Into the register


def test_a_delivery_and_the_next(home, write):
    first = service.import_inventory(home, write("a.csv", HEAD + GOOD + GOOD.replace("P1", "P2")), dt.date(2025, 1, 1))
    assert (first.new, first.corrected, first.closed, first.unchanged) == (2, 0, 0, 0)
    version = home.version
    again = service.import_inventory(home, home.path.parent / "a.csv", dt.date(2025, 2, 1))
    assert (again.new, again.unchanged, home.version) == (0, 2, version)
    changed = HEAD + GOOD.replace("1.5", "1.2") + GOOD.replace("P1", "P3")
    second = service.import_inventory(home, write("b.csv", changed), dt.date(2026, 1, 1))
    assert (second.new, second.corrected, second.closed, second.unchanged) == (1, 1, 1, 0)
    assert "新增 1，变更 1，注销 1，未变 0" in second.text()
    deliveries.undo(home, Scope.all(), second.import_id)
    back = service.import_inventory(home, home.path.parent / "a.csv", dt.date(2026, 2, 1))
    assert (back.new, back.unchanged) == (0, 2)


def test_a_part_of_the_register_is_told(home, write):
    service.import_inventory(home, write("a.csv", HEAD + "".join(GOOD.replace("P1", f"P{i}") for i in range(10))))
    most = service.import_inventory(home, write("b.csv", HEAD + "".join(GOOD.replace("P1", f"P{i}") for i in range(8))))
    part = service.import_inventory(home, write("c.csv", HEAD + GOOD))
    assert not any("closed" in note for note in most.notes)
    assert any(f"c.csv: 7 of 8 rows are not in it and were closed; if it is a part of the register, take it back: "
               f"import undo {part.import_id}" == note for note in part.notes)  # fmt: skip


def test_an_earlier_day_is_refused(home, write):
    service.import_inventory(home, write("a.csv", HEAD + GOOD), dt.date(2026, 1, 1))
    with pytest.raises(InputError, match="is in force"):
        service.import_inventory(home, write("b.csv", HEAD + GOOD.replace("1.5", "2")), dt.date(2025, 1, 1))


def test_all_failures_in_one_table(home, write, tmp_path):
    rows = (
        GOOD.replace("1.5", "=cmd")
        + GOOD.replace("P1", "P2").replace("3011", "x").replace("N59,", "N58,")
        + "只有一格\n"
    )
    summary = service.import_inventory(home, write("a.csv", HEAD + rows), report=tmp_path / "report.csv")
    assert summary.reasons == {"broken line": 1, "not a number": 1, "unknown industry": 1}
    assert summary.warnings == {"check character is wrong": 1}
    assert "代码校验位不符 1" in summary.text()
    kept = quarantine.rows(home, summary.import_id)
    assert sorted(zip(kept["line"], kept["reason"].str.partition(":")[0], strict=True)) == [
        (2, "not a number"), (3, "unknown industry"), (4, "broken line"),
    ]  # fmt: skip
    report = pd.read_csv(tmp_path / "report.csv")
    assert report["行"].tolist() == [2, 3, 3, 4]
    assert report["处理"].tolist() == ["隔离", "隔离", "提示", "隔离"]
    assert report["原文"][0] == "'=cmd"


def test_nothing_good(home, write):
    with pytest.raises(InputError, match="no row could be taken in, 1 are in quarantine"):
        service.import_inventory(home, write("a.csv", HEAD + "a,b\n"))
    with pytest.raises(InputError, match="columns missing"):
        service.import_inventory(home, write("b.csv", "a,b\n1,2\n"))


def test_commands(home, write, monkeypatch, tmp_path):
    monkeypatch.setattr("shuzhi.ingest.cli.open_home", lambda create=None: home)
    path, run = write("a.csv", HEAD + GOOD), CliRunner().invoke
    done = run(app, ["inventory", str(path), "--day", "2026-01-01", "--report", str(tmp_path / "r.csv")])
    assert (done.exit_code, (tmp_path / "r.csv").exists()) == (0, True)
    listed = run(app, ["deliveries", "--csv", "-"]).stdout
    table = pd.read_csv(pd.io.common.StringIO(listed))
    assert table[["register", "day", "rows", "opened"]].values.tolist() == [["source", "2026-01-01", 1, 1]]
    assert run(app, ["undo", table["id"][0]]).exit_code == 0
    assert "2026" in run(app, ["deliveries"]).stdout
    assert isinstance(run(app, ["inventory", str(path), "--day", "morgen"]).exception, InputError)


@pytest.mark.parametrize("register", ["inventory", "machines", "positions"])
def test_the_empty_template_is_read(home, monkeypatch, tmp_path, register):
    from python_calamine import CalamineWorkbook

    monkeypatch.setattr("shuzhi.ingest.cli.open_home", lambda create=None: home)
    out = tmp_path / "blank.xlsx"
    assert CliRunner().invoke(app, ["template", register, "--out", str(out)]).exit_code == 0
    data, meanings, *values = CalamineWorkbook.from_path(str(out)).sheet_names
    assert (data, meanings) == ("数据", "填写说明")
    assert bool(values) == (register != "positions")
    with pytest.raises(InputError, match="no reading"):
        getattr(service, f"import_{register}")(home, out)
