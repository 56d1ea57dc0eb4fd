"""Deliveries of the register of machines, and their positions."""

import datetime as dt

import pytest

from shuzhi.errors import InputError
from shuzhi.ingest import machines, positions, service
from shuzhi.ingest.whereabouts import Whereabouts
from shuzhi.registry import machines as register
from shuzhi.store import Scope, open_home

HEAD = "环保登记号码,机械环保代码,机械类型,生产厂家,机械型号,额定功率（kW）,排放阶段,燃料类型,所有人,管理单位\n"
GOOD = "3-AA00123,12345678901234567,挖掘机,某重工,X1,110,国三,柴油,某公司,武侯区\n"
TRACK_HEAD = "标牌号,时间,经度,纬度\n"
TRACK = "3-AA00123,2026-11-20 08:00:00,104.05,30.64\n"
NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    return Whereabouts.of(open_home(tmp_path_factory.mktemp("places"), create="real"))


@pytest.fixture
def parse(write, where):
    return lambda rows, head=HEAD: machines.parse(write("m.csv", head + rows), where)


@pytest.fixture
def located(write):
    """Parses positions of the machine 3-AA00123."""

    def parser(rows, head=TRACK_HEAD, **options):
        return positions.parse(write("p.csv", head + rows), {"3-AA00123"}, now=NOW, **options)

    return parser


def found(rejects) -> list[tuple]:
    return [(reject.reason.partition(": ")[0], reject.line, reject.column) for reject in rejects]


def test_one_machine(parse):
    parsed = parse(GOOD)
    assert parsed.rows.to_pylist() == [
        {
            "id": "3-AA00123", "code": "12345678901234567", "type": "excavator", "maker": "某重工", "model": "X1",
            "power": 110.0, "stage": "3", "fuel": "diesel", "owner": "某公司", "unit": "武侯区",
        }
    ]  # fmt: skip
    assert (parsed.rejected, parsed.warnings) == ([], [])


@pytest.mark.parametrize(
    ("cell", "fuel", "stage"),
    [
        ("国三", "柴油", "3"), ("国Ⅲ", "柴油", "3"), ("Ⅲ", "柴油", "3"), ("III", "柴油", "3"), ("3", "柴油", "3"),
        ("3.0", "柴油", "unknown"), ("国 四", "柴油", "4"), ("第二阶段", "柴油", "2"), ("国一前", "柴油", "0"),
        ("国I前", "柴油", "0"), ("国0", "柴油", "0"), ("电动", "电", "electric"), ("", "电", "electric"),
        ("", "柴油", "unknown"), ("不明", "柴油", "unknown"), ("国三", "电", "3"),
    ],
)  # fmt: skip
def test_stages(parse, cell, fuel, stage):
    (row,) = parse(GOOD.replace("国三,柴油", f"{cell},{fuel}")).rows.to_pylist()
    assert row["stage"] == stage


@pytest.mark.parametrize(
    ("cell", "type"),
    [("小型挖掘机", "excavator"), ("Excavator", "excavator"), ("叉车（内燃）", "forklift"), ("", None)],
)
def test_types(parse, cell, type):
    parsed = parse(GOOD.replace("挖掘机", cell))
    assert (parsed.rows["type"].to_pylist(), parsed.warnings) == ([type], [])


@pytest.mark.parametrize(
    ("old", "new", "reason", "column", "lost"),
    [
        ("110", "-1", "negative value", "额定功率（kW）", "power"),
        ("110", "99999", "value out of range", "额定功率（kW）", "power"),
        ("110", "大", "not a number", "额定功率（kW）", "power"),
        ("柴油", "木头", "unknown word", "燃料类型", "fuel"),
        ("国三", "国七", "unknown word", "排放阶段", None),
        ("武侯区", "朝阳区", "unknown district", "管理单位", "unit"),
    ],
)
def test_a_bad_cell_goes_and_its_machine_stays(parse, old, new, reason, column, lost):
    parsed = parse(GOOD.replace(old, new))
    assert found(parsed.rejected) == [(reason, 2, column)]
    (row,) = parsed.rows.to_pylist()
    assert lost is None or row[lost] is None


@pytest.mark.parametrize(
    ("old", "new", "reason", "column"),
    [
        ("12345678901234567", "1234", "code of another length", "机械环保代码"),
        ("挖掘机", "怪物", "type taken as other", "机械类型"),
    ],
)
def test_a_doubtful_cell_is_taken_with_a_warning(parse, old, new, reason, column):
    parsed = parse(GOOD.replace(old, new))
    assert (found(parsed.warnings), parsed.rejected) == ([(reason, 2, column)], [])


def test_labels(parse):
    rows = GOOD + GOOD.replace("AA", "aa") + GOOD.replace("110", "111")
    parsed = parse(rows + ",12345678901234568,,,,,,,,\n,,,,,,,,某公司,\n")
    assert parsed.rows["id"].to_pylist() == ["3-AA00123", "12345678901234568"]
    assert parsed.duplicates == 1
    assert found(parsed.rejected) == [("conflicting repetition", 4, None), ("label number missing", 6, None)]


def test_horsepower(parse):
    parsed = parse("1,100\n", "标牌号,功率（马力）\n")
    assert parsed.rows["power"].to_pylist() == [pytest.approx(73.55)]


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (TRACK.replace("00123", "00124"), "machine not in the register", "标牌号"),
        (TRACK.replace("3-AA00123", ""), "label number missing", None),
        (TRACK.replace("104.05", "10.4"), "coordinates outside China", "经度"),
        (TRACK.replace("104.05,30.64", "30.64,104.05"), "longitude and latitude swapped", "经度"),
        (TRACK.replace("104.05,30.64", ","), "not a number", None),
        (TRACK.replace("104.05", ""), "not a number", "经度"),
        (TRACK.replace("2026-11-20", "2026-11-26"), "time in the future", "时间"),
        (TRACK.replace("2026-11-20", "2026-11-31"), "bad time", "时间"),
        (TRACK.replace("2026-11-20 08:00:00", ""), "bad time", None),
    ],
)
def test_a_bad_position_is_rejected(located, row, reason, column):
    parsed = located(TRACK + row)
    assert (found(parsed.rejected), len(parsed.rows)) == ([(reason, 3, column)], 1)


def test_times_are_beijings_unless_they_say_otherwise(located):
    rows = TRACK + TRACK.replace("08:00:00", "00:00:01Z")
    times = located(rows).rows["time"].to_pylist()
    assert times == [dt.datetime(2026, 11, 20, 0, 0, second, tzinfo=dt.UTC) for second in (0, 1)]
    assert located(rows, zone="UTC").rows["time"].to_pylist()[0].hour == 8


def test_repeated_positions(located):
    parsed = located(TRACK + TRACK.replace("-20 08:00:00", "-20 8:00") + TRACK.replace("104.05", "104.06"))
    assert (len(parsed.rows), parsed.duplicates) == (1, 1)
    assert found(parsed.rejected) == [("conflicting repetition", 4, None)]


def test_positions_of_a_web_map(located):
    parsed = located(TRACK.replace("104.05,30.64", "104.062496,30.657570"), crs="gcj02")
    assert parsed.rows["lon"].to_pylist() == [pytest.approx(104.06, abs=2e-6)]


def test_into_the_register(home, write):
    first = service.import_machines(home, write("m.csv", HEAD + GOOD + GOOD.replace("00123", "00124")))
    assert (first.new, first.closed, first.sites) == (2, 0, 2)
    path = write("p.csv", TRACK_HEAD + TRACK + TRACK.replace("00123", "00125").replace("11-20", "11-19"))
    seen = service.import_positions(home, path)
    assert (seen.new, seen.reasons) == (1, {"machine not in the register": 1})
    again = service.import_positions(home, path)
    assert (again.new, again.unchanged) == (0, 1)
    scope = Scope.all()
    assert register.machine(home, scope, "3-AA00123")["lon"] == 104.05
    second = service.import_machines(home, write("m2.csv", HEAD + GOOD))
    assert (second.new, second.closed, second.unchanged) == (0, 1, 1)
    assert "注销 1" in second.text()


def test_positions_of_nobody(home, write):
    with pytest.raises(InputError, match="machine not in the register: import the register of machines first"):
        service.import_positions(home, write("p.csv", TRACK_HEAD + TRACK))


def test_positions_are_taken_in_while_the_serving_copy_is_due(home, write):
    """As after an update of the software."""
    service.import_machines(home, write("m.csv", HEAD + GOOD))
    home.serving.current("machines").unlink()
    assert service.import_positions(open_home(home.path), write("p.csv", TRACK_HEAD + TRACK)).new > 0
