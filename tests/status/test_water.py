"""Classes of surface water: of readings that go through the door, and of the real table of Sichuan."""

import io

import pandas as pd
import pytest
from typer.testing import CliRunner

from shuzhi.errors import InputError, ScopeError
from shuzhi.ingest.service import import_water_stations
from shuzhi.standards.water import class_number
from shuzhi.status import water
from shuzhi.status.water_cli import app
from shuzhi.store import Scope, open_home

SCOPE = Scope.all()
HEAD = "省份,断面名称,监测时间,水质类别,pH,溶解氧,高锰酸盐指数,氨氮,总磷,总氮,叶绿素a,站点情况\n"
ROWS = """四川省,甲桥,04-01 04:00,Ⅱ,7.6,7.6,1.9,0.10,0.05,2.8,*,正常
四川省,甲桥,04-01 08:00,Ⅳ,7.6,4.2,1.9,0.10,0.25,2.8,*,正常
四川省,甲桥,04-01 12:00,*,7.6,7.6,1.9,0.10,--,2.8,*,维护
四川省,乙桥,04-01 04:00,Ⅰ,7.6,7.6,1.9,0.10,*,2.8,*,正常
四川省,丙湖,04-01 04:00,Ⅳ,7.6,7.6,1.9,0.10,0.06,2.8,0.01,正常
四川省,丁桥,04-02 00:00,劣Ⅴ,9.2,7.6,1.9,0.10,0.01,2.8,*,正常
四川省,丁桥,04-02 04:00,Ⅰ,7.2,7.6,1.9,0.10,0.01,2.8,*,正常
"""


def beijing(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Shanghai")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("water")
    (folder / "w.csv").write_text(HEAD + ROWS)
    home = open_home(folder / "home", create="real")
    import_water_stations(home, folder / "w.csv", 2021)
    return home


@pytest.fixture
def run(home, monkeypatch):
    monkeypatch.setattr("shuzhi.status.water_cli.open_home", lambda: home)

    def runner(*arguments):
        result = CliRunner().invoke(app, ["classes", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return pd.read_csv(io.StringIO(result.stdout), keep_default_na=False)

    return runner


def classes(home, first="2021-04-01", last="2021-04-03"):
    return water.classes(home, SCOPE, beijing(first), beijing(last))


def test_classes_of_the_readings(home):
    rated = classes(home).set_index(["station", "time"])
    assert rated["water_class"].to_dict() == {
        ("甲桥", beijing("2021-04-01 04:00")): 2,
        ("甲桥", beijing("2021-04-01 08:00")): 4,
        ("甲桥", beijing("2021-04-01 12:00")): 0,  # its station measures phosphorus, which is missing
        ("乙桥", beijing("2021-04-01 04:00")): 1,  # its station does not
        ("丙湖", beijing("2021-04-01 04:00")): 4,  # limits of a lake
        ("丁桥", beijing("2021-04-02 00:00")): 6,
        ("丁桥", beijing("2021-04-02 04:00")): 1,
    }
    row = rated.loc[("甲桥", beijing("2021-04-01 12:00"))]
    assert (row["missing"], row["deciding"], row["state"]) == ("TP", "", "维护")
    assert water.compared(classes(home)) == (6, 6)


def test_what_a_station_measures_is_remembered_for_a_month(home):
    alone = classes(home, "2021-04-01 08:00", "2021-04-01 12:00")
    assert alone["missing"].tolist() == ["TP"]


def test_sections_and_latest_time(home):
    table = water.sections(home, SCOPE)
    assert table.set_index("code")["lake"].to_dict() == {"丁桥": False, "丙湖": True, "乙桥": False, "甲桥": False}
    assert water.sections(home, SCOPE, "成都").empty
    assert water.latest_time(home, SCOPE) == beijing("2021-04-02 04:00")


def test_an_empty_home(tmp_path):
    empty = open_home(tmp_path / "empty")
    assert water.latest_time(empty, SCOPE) is None
    assert classes(empty).empty
    assert water.sections(empty, SCOPE).empty


def test_scope(home):
    only_air = Scope.seeing("air")
    with pytest.raises(ScopeError):
        water.classes(home, only_air, beijing("2021-04-01"), beijing("2021-04-02"))


def test_command_line(run):
    table = run("--from", "2021-04-01", "--to", "2021-04-01", "--csv", "-")
    assert table.columns.tolist() == ["time", "section", "class", "deciding"]
    assert len(table) == 6  # 00:00 of the second belongs to the first
    assert table.iloc[2].tolist() == ["2021-04-01T04:00:00+08:00", "甲桥", "Ⅱ", "TP"]
    assert table["class"].tolist() == ["Ⅳ", "Ⅰ", "Ⅱ", "Ⅳ", "", "劣Ⅴ"]
    assert table["deciding"].tolist() == ["TP", "", "TP", "DO;TP", "", "pH"]


def test_one_section_and_a_time(run):
    table = run("--from", "2021-04-01T08:00", "--to", "2021-04-01T12:00", "--section", "甲桥")
    assert table["time"].tolist() == ["2021-04-01T08:00:00+08:00"]
    with pytest.raises(InputError, match="无桥"):
        run("--from", "2021-04-01", "--to", "2021-04-01", "--section", "无桥")


@pytest.mark.archive
def test_our_classes_are_the_published_ones(water_2021, tmp_path):
    """1 671 of 1 688 sections and times with a class, once repetitions are joined; 1 950 of the table's 1 976 rows.

    A row whose contradicting repetition is kept can't be ours: 1 950 is the most that one class a section and time can
    reach, whichever is kept.
    """
    home = open_home(tmp_path / "home")
    import_water_stations(home, water_2021, 2021)
    rated = classes(home, "2021-04-01", "2021-04-06")
    assert water.compared(rated) == (1671, 1688)
    rows = pd.read_csv(water_2021, dtype=str)
    time = pd.to_datetime("2021-" + rows["监测时间"], errors="coerce").dt.tz_localize("Asia/Shanghai")
    rows = rows.assign(station=rows["断面名称"], time=time, own=class_number(rows["水质类别"]))
    joined = rows[rows["own"] > 0].merge(rated.assign(time=rated["time"].dt.tz_convert("Asia/Shanghai")))
    assert ((joined["own"] == joined["water_class"]).sum(), len(joined)) == (1950, 1976)
