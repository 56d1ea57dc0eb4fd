"""Four-hourly tables of automatic stations of surface water."""

import datetime as dt

import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.ingest import service
from shuzhi.ingest.water_stations import FACTORS, parse
from shuzhi.standards.factors import factors
from shuzhi.store import Scope, quarantine
from shuzhi.store.ledger import Section
from shuzhi.store.schema import WATER_ITEMS

HEAD = (
    "省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU),"
    "高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L),叶绿素α(mg/L),藻密度(cells/L),站点情况\n"
)
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def row(
    name="甲桥", time="04-01 04:00", published="Ⅱ", do="7.07", tp="0.090", chla="*", state="正常", province="四川省"
) -> str:
    values = f"18.9,7.64,{do},686.0,19.2,2.90,0.213,{tp},2.87,{chla},*"
    return f"{province},长江流域,{name},{time},{published},{values},{state}\n"


def values(parsed, factor="do") -> dict[str, float]:
    """Beijing time → value of one factor."""
    rows = parsed.rows.to_pandas()
    rows = rows[rows["factor"] == factor]
    return dict(zip(rows["time"].dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d %H"), rows["value"], strict=True))


def only(parsed) -> tuple:
    (reject,) = parsed.rejected
    return reject.reason.partition(": ")[0], reject.line, reject.column


def test_one_row(write):
    parsed = parse(write("w.csv", HEAD + row()), 2021)
    rows = parsed.rows.to_pandas()
    found = dict(zip(rows["factor"], rows["value"], strict=True))
    assert found == {
        "water_temperature": 18.9, "ph": 7.64, "do": 7.07, "conductivity": 686, "turbidity": 19.2, "codmn": 2.9,
        "nh3n": 0.213, "tp": 0.09, "tn": 2.87, "class_published": 2,
    }  # fmt: skip
    assert set(rows["time"]) == {pd.Timestamp("2021-04-01T04:00+08:00")}
    assert (set(rows["period"]), set(rows["flag"])) == ({"4h"}, {""})
    assert (parsed.lines, parsed.rows_in, parsed.duplicates, parsed.rejected) == (1, 10, 0, [])
    assert parsed.stations.iloc[0].to_dict() == {
        "name": "甲桥", "province": "四川省", "basin": "长江流域", "lake": None,
    }  # fmt: skip


def test_every_factor_has_a_name_and_bounds():
    assert tuple(FACTORS) == WATER_ITEMS
    assert set(FACTORS) <= set(factors("water").index)


@pytest.mark.parametrize("mark", ["*", "-", "--", ""])
def test_missing(write, mark):
    parsed = parse(write("w.csv", HEAD + row(do=mark, published=mark)), 2021)
    assert (values(parsed), values(parsed, "class_published"), parsed.rejected) == ({}, {}, [])


def test_other_brackets_other_order_and_gbk(write):
    head = "监测时间,断面名称,溶解氧（mg/L）,总磷\n"
    parsed = parse(write("w.csv", (head + "04-01 04:00,甲桥,7.07,0.1\n").encode("gbk")), 2021)
    assert (values(parsed), values(parsed, "tp")) == ({"2021-04-01 04": 7.07}, {"2021-04-01 04": 0.1})


def test_repetitions_and_contradictions(write):
    content = HEAD + row(do="8.00") + row(tp="*") + row(tp="0.1") + row(time="04-01 08:00")
    parsed = parse(write("w.csv", content), 2021)
    assert values(parsed) == {"2021-04-01 04": 7.07, "2021-04-01 08": 7.07}
    assert values(parsed, "tp") == {"2021-04-01 04": 0.1, "2021-04-01 08": 0.09}
    assert only(parsed) == ("conflicting repetition", 2, None)
    assert "differs from line 4" in parsed.rejected[0].reason
    assert parsed.duplicates == 9


def test_the_last_repetition_is_kept_with_its_class(write):
    content = HEAD + row(tp="0.296", published="Ⅳ") + row(tp="0.322", published="Ⅴ")
    parsed = parse(write("w.csv", content), 2021)
    assert values(parsed, "tp") == {"2021-04-01 04": 0.322}
    assert values(parsed, "class_published") == {"2021-04-01 04": 5}
    assert only(parsed)[:2] == ("conflicting repetition", 2)


def test_a_later_row_under_maintenance_takes_nothing_back(write):
    parsed = parse(write("w.csv", HEAD + row() + row(do="1.0", published="*", state="维护")), 2021)
    assert values(parsed) == {"2021-04-01 04": 7.07}
    assert values(parsed, "class_published") == {"2021-04-01 04": 2}
    assert only(parsed)[:2] == ("conflicting repetition", 3)


def test_a_normal_row_goes_before_one_under_maintenance(write):
    parsed = parse(write("w.csv", HEAD + row(do="1.0", published="*", state="维护") + row()), 2021)
    assert values(parsed) == {"2021-04-01 04": 7.07}
    assert only(parsed)[:2] == ("conflicting repetition", 2)
    assert set(parsed.rows["flag"].to_pylist()) == {""}


@pytest.mark.parametrize("state", ["维护", "停电", "不具备运行条件"])
def test_the_state_of_a_station_is_the_flag_of_its_readings(write, state):
    parsed = parse(write("w.csv", HEAD + row(published="*", state=state)), 2021)
    assert set(parsed.rows["flag"].to_pylist()) == {state}


def test_rows_that_only_tell_a_state_are_said_not_rejected(write):
    silent = "四川省,长江流域,乙桥,*,*,--,--,--,--,--,--,--,--,--,*,*,维护\n"
    parsed = parse(write("w.csv", HEAD + row() + silent + silent), 2021)
    assert parsed.rejected == []
    assert parsed.notes == ["w.csv: 2 rows have no reading, only the state of the station (维护 2)"]
    assert parsed.stations["name"].tolist() == ["甲桥", "乙桥"]


@pytest.mark.parametrize("time", ["*", "04-31 04:00", "02-29 04:00", "04-01", "04-01 04:30", "04-01 25:00", "x"])
def test_bad_times(write, time):
    parsed = parse(write("w.csv", HEAD + row(time=time) + row()), 2021)
    assert only(parsed) == ("bad time", 2, "监测时间")
    assert values(parsed) == {"2021-04-01 04": 7.07}


def test_future(write):
    parsed = parse(
        write("w.csv", HEAD + row() + row(time="04-02 04:00")), 2021, now=dt.datetime(2021, 4, 1, 1, tzinfo=dt.UTC)
    )
    assert only(parsed) == ("time in the future", 3, "监测时间")


@pytest.mark.parametrize(
    ("given", "reason", "column"),
    [
        ({"do": "-1"}, "negative value", "溶解氧(mg/L)"),
        ({"do": "99"}, "value out of range", "溶解氧(mg/L)"),
        ({"do": "0.5L"}, "not a number", "溶解氧(mg/L)"),
        ({"published": "Ⅶ"}, "unknown class", "水质类别"),
    ],
)
def test_a_bad_cell_goes_and_its_row_stays(write, given, reason, column):
    parsed = parse(write("w.csv", HEAD + row(**given)), 2021)
    assert only(parsed) == (reason, 2, column)
    assert values(parsed, "tp") == {"2021-04-01 04": 0.09}
    assert parsed.rows_in == 10


def test_a_row_without_section(write):
    assert only(parse(write("w.csv", HEAD + row(name="") + row()), 2021)) == ("section name missing", 2, "断面名称")


def test_the_turn_of_the_year(write):
    times = ["12-30 04:00", "12-31 20:00", "01-01 00:00", "01-02 04:00"]
    parsed = parse(write("w.csv", HEAD + "".join(row(time=time) for time in reversed(times))), 2021)
    assert sorted(values(parsed)) == ["2021-12-30 04", "2021-12-31 20", "2022-01-01 00", "2022-01-02 04"]
    assert "2022" in parsed.notes[0]


def test_a_whole_year_does_not_turn(write):
    times = [f"{month:02}-{day} 04:00" for month in range(1, 13) for day in ("01", "15", "28")]
    parsed = parse(write("w.csv", HEAD + "".join(row(time=time) for time in times)), 2021)
    assert {time[:4] for time in values(parsed)} == {"2021"}
    assert parsed.notes == []


def test_a_time_keeps_the_year_that_it_tells(write):
    parsed = parse(write("w.csv", HEAD + row(time="2020-02-29 04:00")), 2021)
    assert list(values(parsed)) == ["2020-02-29 04"]


@pytest.mark.parametrize(
    ("content", "year", "says"),
    [
        (HEAD + row(), 21, "--year"),
        ("断面名称,溶解氧\n甲桥,7\n", 2021, "监测时间"),
        ("断面名称,监测时间,雾\n甲桥,04-01 04:00,7\n", 2021, "known are 水温"),
    ],
)
def test_refused(write, content, year, says):
    with pytest.raises(InputError, match=says):
        parse(write("w.csv", content), year)


def register(home) -> dict[str, Section]:
    with home.ledger.session() as session:
        return {section.code: section for section in session.query(Section)}


def test_into_the_store_twice(home, write):
    path = write("w.csv", HEAD + row() + row(name="丙湖心", chla="0.012") + row(name="丁桥", do="x"))
    summary = service.import_water_stations(home, path, 2021)
    assert (summary.new, summary.sites, summary.created) == (30, 3, ["甲桥", "丙湖心", "丁桥"])
    assert {code: section.lake for code, section in register(home).items()} == {
        "甲桥": None, "丙湖心": True, "丁桥": None,
    }  # fmt: skip
    version = home.version
    again = service.import_water_stations(home, path, 2021)
    assert (again.new, again.unchanged, again.corrected, again.created) == (0, 30, 0, [])
    assert home.version == version
    waiting = quarantine.rows(home)
    assert waiting[["file", "line", "column", "station", "raw"]].values.tolist() == [
        ["w.csv", 4, "溶解氧(mg/L)", "丁桥", "x"]
    ]


def test_a_new_state_of_the_station_replaces_the_old_one(home, write):
    service.import_water_stations(home, write("w.csv", HEAD + row(published="*", state="维护")), 2021)
    again = service.import_water_stations(home, write("w.csv", HEAD + row(published="*")), 2021)
    assert (again.new, again.unchanged, again.corrected) == (0, 0, 9)
    span = {"start": pd.Timestamp("2021-01-01", tz="UTC"), "end": pd.Timestamp("2022-01-01", tz="UTC")}
    span |= {"first_month": "2021-01", "last_month": "2021-12", "stations": None}
    assert home.engine.run("water_hours", Scope.all(), **span)["state"].tolist() == [""]
    assert set(home.lake.table("superseded").to_pyarrow_table()["flag"].to_pylist()) == {"维护"}


def test_sections_of_one_name_in_two_provinces(home, write):
    path = write("w.csv", HEAD + row() + row(province="湖北省", do="5.00") + row(time="04-01 08:00", province=""))
    service.import_water_stations(home, path, 2021)
    assert {section.province for section in register(home).values()} == {"四川省", "湖北省"}
    assert len(register(home)) == 2


def test_water_is_no_weather(home, write):
    service.import_water_stations(home, write("w.csv", HEAD + row()), 2021)
    span = {"start": pd.Timestamp("2021-01-01", tz="UTC"), "end": pd.Timestamp("2022-01-01", tz="UTC")}
    span |= {"first_month": "2021-01", "last_month": "2021-12"}
    assert home.engine.run("weather_hours", Scope.all(), **span).empty
    assert len(home.engine.run("water_hours", Scope.all(), **span)) == 1


@pytest.mark.archive
def test_the_table_of_sichuan(home, water_2021):
    summary = service.import_water_stations(home, water_2021, 2021)
    assert (summary.lines, summary.sites, summary.new, summary.duplicates) == (2179, 79, 17795, 2740)
    assert summary.reasons == {"conflicting repetition": 28}
    lakes = {code for code, section in register(home).items() if section.lake}
    assert lakes == {"邛海湖心", "鲁班岛", "礼板湾(王妃岛)"}
