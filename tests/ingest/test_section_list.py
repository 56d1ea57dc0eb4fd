"""Lists of sections of surface water."""

from pathlib import Path

import pytest

from shuzhi.errors import InputError
from shuzhi.ingest import service
from shuzhi.ingest.sections import parse
from shuzhi.store.ledger import Section

HEAD = "站点名称,省份,城市,河流,经度,纬度,上下游序号,目标类别\n"
GOOD = "黄龙溪,四川省,成都市,府河,103.970525,30.317805,1,Ⅲ\n"


def records(parsed) -> list[dict]:
    return parsed.rows.to_dict("records")


def only(parsed) -> tuple:
    (reject,) = parsed.rejected
    return reject.reason.partition(": ")[0], reject.line, reject.column


def test_one_row(write):
    (row,) = records(parse(write("s.csv", HEAD + GOOD)))
    assert {name: value for name, value in row.items() if value is not None} == {
        "name": "黄龙溪", "province": "四川省", "city": "成都", "river": "府河", "lon": 103.970525, "lat": 30.317805,
        "sequence": 1, "target_class": 3,
    }  # fmt: skip


def test_only_names(write):
    parsed = parse(write("s.csv", "断面名称\n黄龙溪\n"))
    assert (len(parsed.rows), parsed.rejected) == (1, [])
    assert parsed.notes == ["s.csv: 1 sections without coordinates (黄龙溪)"]


@pytest.mark.parametrize(("cell", "lake"), [("河流", False), ("湖库", True), ("", None)])
def test_bodies(write, cell, lake):
    (row,) = records(parse(write("s.csv", f"name,水体类型,省份\n甲,{cell},四川省\n")))
    assert row["lake"] is lake


@pytest.mark.parametrize("cell", ["Ⅱ", "II", "Ⅱ类"])
def test_target_classes(write, cell):
    (row,) = records(parse(write("s.csv", HEAD + GOOD.replace("Ⅲ", cell))))
    assert row["target_class"] == 2


@pytest.mark.parametrize(
    ("old", "new", "reason", "column", "lost"),
    [
        ("103.970525", "10.3", "coordinates outside China", "经度", "lon"),
        ("103.970525,30.317805", "30.317805,103.970525", "longitude and latitude swapped", "经度", "lat"),
        ("30.317805", "", "not a number", "纬度", "lon"),
        ("Ⅲ", "好", "unknown class", "目标类别", "target_class"),
        (",1,", ",first,", "not a number", "上下游序号", "sequence"),
    ],
)
def test_a_bad_cell_goes_and_its_row_stays(write, old, new, reason, column, lost):
    parsed = parse(write("s.csv", HEAD + GOOD.replace(old, new)))
    assert only(parsed) == (reason, 2, column)
    (row,) = records(parsed)
    assert (row[lost], row["name"]) == (None, "黄龙溪")


def test_a_position_in_another_city_is_told_and_kept(write):
    parsed = parse(write("s.csv", HEAD + GOOD + "姜公堰,四川省,乐山市,青衣江,104.075931,30.651651,3,\n"))
    assert parsed.notes == ["s.csv: line 3, 姜公堰: 104.076, 30.6517 lies in 成都市, not in 乐山; check the position"]
    assert records(parsed)[1]["lon"] == 104.075931


def test_repetitions(write):
    parsed = parse(write("s.csv", HEAD + GOOD + GOOD + GOOD.replace("府河", "江安河") + GOOD.replace("四川", "湖北")))
    assert (len(parsed.rows), parsed.duplicates) == (2, 1)
    assert only(parsed) == ("conflicting repetition", 4, "站点名称")


def test_refused(write):
    with pytest.raises(InputError, match="断面名称"):
        parse(write("s.csv", "省份,城市\n四川,成都\n"))


def test_into_the_register_twice(home, write):
    path = write("s.csv", HEAD + GOOD)
    assert service.import_sections(home, path).new == 1
    version = home.version
    assert service.import_sections(home, path).unchanged == 1
    assert home.version == version
    changed = service.import_sections(home, write("s.csv", HEAD + GOOD.replace("Ⅲ", "Ⅱ")))
    assert (changed.new, changed.corrected) == (0, 1)
    assert "新增 0" in changed.text()


def test_a_section_known_from_readings_is_completed(home, write):
    readings = "断面名称,监测时间,溶解氧,省份\n黄龙溪,04-01 04:00,7.1,四川省\n"
    service.import_water_stations(home, write("w.csv", readings), 2021)
    service.import_sections(home, write("s.csv", HEAD + GOOD))
    with home.ledger.session() as session:
        (section,) = session.query(Section)
        assert (section.code, section.city, section.target_class, section.created_by) == (
            "黄龙溪", "成都", 3, "sections",
        )  # fmt: skip


@pytest.mark.archive
def test_the_list_of_the_minjiang_has_four_wrong_positions(water_2021: Path):
    parsed = parse(water_2021.parent / "minjiang_stations.csv")
    assert (len(parsed.rows), parsed.rejected) == (15, [])
    warned = {note.split(", ")[1].partition(":")[0] for note in parsed.notes if "check the position" in note}
    assert warned == {"渭门桥", "悦来渡口", "姜公堰", "越溪河两河口"}
