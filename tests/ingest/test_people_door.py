"""The door of staff lists: four sheets or one table, bad rows with their places, the same again, bound scopes."""

import datetime as dt
import json

import pandas as pd
import pytest
import xlsxwriter
from typer.testing import CliRunner

from shuzhi.access import audit
from shuzhi.errors import InputError, ScopeError
from shuzhi.ingest import people as door
from shuzhi.ingest.cli import app
from shuzhi.ingest.service import import_people
from shuzhi.registry import duties, organisations, people, reach, responsibilities
from shuzhi.settings import settings
from shuzhi.store import Scope, open_home, quarantine
from tests.registry.people import BOSS, DAY, officer, staffed

SHEETS = {
    "机构": [
        ["机构名称", "机构类别", "上级机构", "管理单位", "街道"],
        ["青羊区生态环境局", "区局", "市生态环境局", "青羊", ""],
        ["青羊执法大队", "执法", "青羊区生态环境局", "青羊区", ""],
    ],
    "人员": [
        ["工号", "姓名", "所属机构", "职务", "联系电话"],
        ["QY01", "张三", "青羊区生态环境局", "局长", 15400000001],
        ["QY02", "李四", "青羊执法大队", "", "028-8600 1122"],
        ["j-1", "李娜", "锦江区生态环境局", "副局长", ""],
    ],
    "值班": [
        ["值班日期", "班次", "工号", "值班机构"],
        ["2026-11-20", "白班", "QY01", ""],
        ["2026年11月20日", "夜班", "QY02", "青羊区生态环境局"],
        [46347, "", "QY01", "青羊区生态环境局"],
    ],
    "责任区": [
        ["责任区类型", "责任区", "工号", "职责"],
        ["街道", "春熙", "j-2", "综合"],
        ["", "春熙网格1", "j-2", "大气"],
        ["河流", "锦江", "QY01", "河长"],
    ],
}


def workbook(path, sheets=SHEETS):
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home", create="real")


@pytest.fixture
def ids(home):
    return staffed(home)


def take(home, path, scope=BOSS, **options):
    return import_people(home, path, scope=scope, **options)


def test_four_sheets_come_in(home, ids, tmp_path):
    summary = take(home, workbook(tmp_path / "人员.xlsx"))
    assert (summary.quarantined, summary.new, summary.corrected, summary.unchanged) == (0, 9, 1, 1)
    known = organisations.table(home, BOSS).set_index("name")
    assert known.at["青羊区生态环境局", "parent"] == ids["bureau"]
    assert known.at["青羊执法大队", "parent"] == known.at["青羊区生态环境局", "id"]
    assert (known.at["青羊执法大队", "kind"], known.at["青羊执法大队", "unit"]) == ("team", "青羊区")
    table = people.table(home, BOSS).set_index("code")
    assert people.full(home, BOSS, table.at["QY01", "id"])["phone"] == "15400000001"
    assert people.full(home, BOSS, table.at["QY02", "id"])["phone"] == "028-86001122"
    changed = people.full(home, BOSS, ids["jp"])
    assert (changed["title"], changed["phone"]) == ("副局长", "15400001234")
    roster = duties.roster(home, BOSS, DAY, DAY + dt.timedelta(days=3), known.at["青羊区生态环境局", "id"])
    assert list(zip(roster["day"].map(str), roster["shift"], roster["code"], strict=True)) == [
        ("2026-11-20", "day", "QY01"),
        ("2026-11-20", "night", "QY02"),
        ("2026-11-21", "whole", "QY01"),
    ]
    assert list(responsibilities.responsible(home, BOSS, "grid", "春熙网格1")["code"]) == ["j-2"]
    assert list(responsibilities.responsible(home, BOSS, "river", "锦江", "water")["code"]) == ["QY01"]


def test_the_same_again_changes_nothing(home, ids, tmp_path):
    path = workbook(tmp_path / "people.xlsx")
    take(home, path)
    version = reach.version(home)
    summary = take(home, path)
    assert (summary.new, summary.corrected, summary.closed) == (0, 0, 0)
    assert summary.unchanged == 11
    assert reach.version(home) == version


def test_a_preview_tells_the_same_and_writes_nothing(home, ids, tmp_path):
    path, before = workbook(tmp_path / "people.xlsx"), people.table(home, BOSS)
    taken, read = door.preview(home, BOSS, path)
    assert (taken.total("new"), taken.total("changed"), read.rejected) == (9, 1, [])
    assert ("people", "changed", "李* (j-1)", ("title",)) in [
        (one.part, one.what, one.label, one.fields) for one in taken.differences
    ]
    assert people.table(home, BOSS).equals(before)
    assert take(home, path).new == 9


@pytest.mark.parametrize(
    ("name", "rows", "line", "column", "reason"),
    [
        ("机构", ["", "区局", "", "青羊区", ""], 2, "机构名称", "needed cell is empty"),
        ("机构", ["x局", "茶馆", "", "青羊区", ""], 2, "机构类别", "unknown word"),
        ("机构", ["x局", "区局", "", "某某区", ""], 2, "管理单位", "unknown district"),
        ("机构", ["x所", "街道", "", "", "某街道"], 2, "街道", "street not in the register"),
        ("机构", ["x局", "区局", "没有的局", "青羊区", ""], 2, None, "not taken in"),
        ("人员", ["", "张三", "锦江区生态环境局", "", ""], 2, "工号", "needed cell is empty"),
        ("人员", ["X1", "", "锦江区生态环境局", "", ""], 2, None, "not taken in"),
        ("人员", ["X1", "张三", "没有的局", "", ""], 2, None, "not taken in"),
        ("人员", ["X1", "张" * 65, "锦江区生态环境局", "", ""], 2, "姓名", "text too long"),
        ("人员", ["X1", "张三", "锦江区生态环境局", "", "12345"], 2, "联系电话", "bad phone number"),
        ("值班", ["明天", "白班", "j-1", ""], 2, "值班日期", "bad day"),
        ("值班", ["2026-02-30", "白班", "j-1", ""], 2, "值班日期", "bad day"),
        ("值班", ["2026-11-20", "下午茶", "j-1", ""], 2, "班次", "unknown word"),
        ("值班", ["2026-11-20", "白班", "nobody", ""], 2, None, "not taken in"),
        ("责任区", ["街道", "没有的街道", "j-1", ""], 2, "责任区", "unknown place"),
        ("责任区", ["街道", "春熙街道", "nobody", ""], 2, None, "not taken in"),
    ],
)
def test_a_bad_row_goes_to_quarantine_with_its_place(home, ids, tmp_path, name, rows, line, column, reason):
    good = SHEETS["人员"][:1] + [["OK1", "好人", "锦江区生态环境局", "", ""]]
    sheets = (
        {name: [SHEETS[name][0], rows], "人员": good} if name != "人员" else {name: [SHEETS[name][0], rows, good[1]]}
    )
    summary = take(home, workbook(tmp_path / "a.xlsx", sheets))
    rejected = quarantine.rows(home)
    assert (summary.quarantined, len(rejected)) == (1, 1)
    row = rejected.iloc[0]
    assert row["file"] == f"a.xlsx[{name}]"
    assert row["line"] == line
    assert (row["column"] if pd.notna(row["column"]) else None) == column
    assert row["reason"].startswith(reason)
    assert "张三" not in json.dumps(row.astype(str).to_dict(), ensure_ascii=False)
    assert "12345" not in str(row["raw"])
    assert "OK1" in set(people.table(home, BOSS)["code"])


def test_a_person_with_a_bad_phone_comes_in_without_it(home, ids, tmp_path):
    sheets = {"人员": [SHEETS["人员"][0], ["X1", "张三", "锦江区生态环境局", "", "12345"]]}
    take(home, workbook(tmp_path / "a.xlsx", sheets))
    id = people.table(home, BOSS).set_index("code").at["X1", "id"]
    assert people.full(home, BOSS, id)["phone"] is None


def test_one_table_is_known_by_its_header(home, ids, tmp_path):
    path = tmp_path / "值班.csv"
    path.write_text("日期,班次,工号\n2026/11/22,全天,j-1\n", encoding="gb18030")
    assert take(home, path).new == 1
    assert list(duties.roster(home, BOSS, dt.date(2026, 11, 22), dt.date(2026, 11, 22))["code"]) == ["j-1"]


def test_the_roster_of_a_day_is_the_files(home, ids, tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("日期,班次,工号,值班机构\n2026-11-20,日班,j-2,锦江区生态环境局\n", encoding="utf-8")
    summary = take(home, path)
    assert (summary.new, summary.closed) == (1, 1)
    assert list(duties.roster(home, BOSS, DAY, DAY, ids["j"])["code"]) == ["j-2"]
    assert set(duties.roster(home, BOSS, DAY, DAY)["code"]) == {"j-2", "w-1", "b-1"}


def test_a_roster_with_a_refused_row_takes_nobody_off(home, ids, tmp_path):
    path = tmp_path / "roster.csv"
    rows = "2026-11-20,日班,j-2,锦江区生态环境局\n2026-11-20,日班,J-l,锦江区生态环境局\n"
    path.write_text("日期,班次,工号,值班机构\n" + rows, encoding="utf-8")
    assert take(home, path).closed == 0
    assert set(duties.roster(home, BOSS, DAY, DAY, ids["j"])["code"]) == {"j-1", "j-2"}


def test_what_was_removed_by_hand_does_not_come_back(home, ids, tmp_path):
    people.remove(home, BOSS, ids["jp"])
    summary = take(home, workbook(tmp_path / "people.xlsx"))
    assert summary.quarantined == 1
    assert "j-1" not in set(people.table(home, BOSS)["code"])


def test_a_repetition_is_dropped_and_a_contradiction_rejected(home, ids, tmp_path):
    head, row = SHEETS["人员"][:2]
    row = ["X1", "张三", "锦江区生态环境局", "", ""]
    sheets = {"人员": [head, row, row, ["X1", "张四", *row[2:]]]}
    summary = take(home, workbook(tmp_path / "a.xlsx", sheets))
    assert (summary.new, summary.duplicates, summary.quarantined) == (1, 1, 1)
    assert quarantine.rows(home)["reason"][0].startswith("conflicting repetition: it stands in line 2")


def test_a_district_officer_takes_in_its_own_only(home, ids, tmp_path):
    sheets = {
        "机构": [
            SHEETS["机构"][0],
            ["锦江新队", "执法", "锦江区生态环境局", "锦江区", ""],
            ["武侯新队", "执法", "武侯区生态环境局", "武侯区", ""],
            ["市级新队", "执法", "市生态环境局", "", ""],
            ["武侯区生态环境局", "区局", "", "锦江区", ""],
        ],
        "人员": [
            SHEETS["人员"][0],
            ["N1", "张三", "锦江新队", "", ""],
            ["N2", "张三", "武侯区生态环境局", "", ""],
            ["w-1", "张三", "锦江新队", "", ""],
            ["j-1", "李娜", "武侯区生态环境局", "", ""],
        ],
        "值班": [
            SHEETS["值班"][0],
            ["2026-11-20", "白班", "w-1", ""],
            ["2026-11-20", "白班", "j-1", "武侯区生态环境局"],
        ],
        "责任区": [
            SHEETS["责任区"][0],
            ["街道", "浆洗街街道", "j-1", ""],
            ["街道", "春熙街道", "w-2", ""],
        ],
    }
    before = people.table(home, officer("武侯区"))
    summary = take(home, workbook(tmp_path / "a.xlsx", sheets), officer("锦江区"))
    assert (summary.new, summary.corrected, summary.quarantined) == (2, 0, 10)
    assert people.table(home, officer("武侯区")).equals(before)
    assert len(duties.roster(home, BOSS, DAY, DAY)) == 3
    assert len(responsibilities.table(home, BOSS)) == 2


def test_who_may_not_change_people_takes_nothing_in(home, ids, tmp_path):
    path = workbook(tmp_path / "a.xlsx")
    for act in (lambda s: take(home, path, s), lambda s: door.preview(home, s, path)):
        with pytest.raises(ScopeError):
            act(Scope.seeing("people"))


def test_the_event_names_who_and_what(home, ids, tmp_path):
    take(home, workbook(tmp_path / "a.xlsx"), officer("锦江区"))
    found, _total = audit.search(home, BOSS, text="staff", actions=["change"])
    event = found.iloc[0]
    assert (event["actor"], event["object"]) == ("officer", "a.xlsx")
    assert list(audit.search(home, BOSS, actions=["import"])[0]["actor"]) == ["officer"]
    said = json.loads(event["detail"])
    assert said["counts"]["people"] == {"changed": 1}
    assert "李娜" not in event["detail"]


def test_files_that_are_no_staff_list(home, ids, tmp_path):
    other = tmp_path / "a.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    for path in (other, tmp_path / "missing.xlsx", workbook(tmp_path / "b.xlsx", {"人员": [["甲", "乙"], ["1", "2"]]})):
        with pytest.raises(InputError):
            take(home, path)


def test_the_template_is_read_by_the_door(home, ids, tmp_path, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(home.path))
    settings.cache_clear()
    path = tmp_path / "blank.xlsx"
    made = CliRunner().invoke(app, ["template", "people", "--out", str(path)])
    assert made.exit_code == 0
    read = door.parse(home, path)
    assert (read.lines, read.rejected) == (0, [])
    file = workbook(tmp_path / "people.xlsx")
    done = CliRunner().invoke(app, ["import", "people", str(file)][1:])
    settings.cache_clear()
    assert done.exit_code == 0
    assert len(people.table(home, BOSS)) == 7
