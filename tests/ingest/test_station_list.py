"""Lists of stations."""

import pytest

from shuzhi.errors import InputError
from shuzhi.ingest.stations import parse

HEAD = "监测点编码,监测点名称,城市,经度,纬度,对照点,省级行政区,地级行政区\n"
GOOD = "1434A,沙河铺,成都,104.1122,30.6306,N,四川省,成都市\n"


def records(parsed) -> list[dict]:
    return parsed.rows.to_dict("records")


def test_the_committed_list(fixtures):
    parsed = parse(fixtures / "stations_chengdu.csv")
    assert not parsed.rejected
    rows = {row["code"]: row for row in records(parsed)}
    assert len(rows) == 8
    assert rows["1434A"] == {
        "code": "1434A", "name": "沙河铺", "city": "成都", "province": "四川省", "district": "锦江区",
        "network": "national", "lon": 104.1122, "lat": 30.6306, "background": False, "evaluation": True,
    }  # fmt: skip
    assert (rows["1438A"]["background"], rows["1438A"]["evaluation"]) == (True, False)


def test_national_columns_leave_the_rest_open(write):
    (row,) = records(parse(write("s.csv", HEAD + GOOD)))
    assert (row["network"], row["district"], row["evaluation"]) == (None, None, None)


def test_english_header_and_names(write):
    content = "code,name,city,lon,lat,background,province,network,evaluation\nX1,甲,成都市,104,30,0,四川省,微站,no\n"
    (row,) = records(parse(write("s.csv", content)))
    assert (row["city"], row["network"], row["background"], row["evaluation"]) == ("成都", "micro", False, False)


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_other_separators(write, mark):
    assert len(parse(write("s.csv", (HEAD + GOOD).replace(",", mark))).rows) == 1


def test_gbk(write):
    parsed = parse(write("s.csv", (HEAD + GOOD).encode("gbk")))
    assert records(parsed)[0]["name"] == "沙河铺"
    assert "GBK" in parsed.notes[0]


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (",沙河铺,成都,104.1,30.6,N,,", "station code missing", "监测点编码"),
        ("14 34A,沙河铺,成都,104.1,30.6,N,,", "bad station code", "监测点编码"),
        ("1431A,甲,成都,30.6,104.1,N,,", "longitude and latitude swapped", "经度"),
        ("1431A,甲,成都,10.1,30.6,N,,", "coordinates outside China", "经度"),
        ("1431A,甲,成都,104.1,60.6,N,,", "coordinates outside China", "纬度"),
        ("1431A,甲,成都,nan,30.6,N,,", "not a number", "经度"),
        ("1431A,甲,成都,东经104,30.6,N,,", "not a number", "经度"),
        ("1431A,甲,成都,104.1,,N,,", "not a number", "纬度"),
        ("1431A,甲,成都,104.1,30.6,也许,,", "bad flag", "对照点"),
        ("1434A,别名,成都,104.1122,30.6306,N,四川省,成都市", "conflicting repetition", "监测点编码"),
        ("1431A,甲,成都,104.1,30.6,N,", "broken line", None),
    ],
)
def test_bad_row_goes_and_the_good_stay(write, row, reason, column):
    last = "1432A,十里店,成都,104.1419,30.6764,N,四川省,成都市\n"
    parsed = parse(write("s.csv", HEAD + GOOD + row + "\n" + last))
    assert [r["code"] for r in records(parsed)] == ["1434A", "1432A"]
    (reject,) = parsed.rejected
    assert reject.reason.partition(": ")[0] == reason
    assert (reject.file, reject.line, reject.column, reject.raw) == ("s.csv", 3, column, row)


def test_bad_network(write):
    parsed = parse(write("s.csv", HEAD.replace("\n", ",网络\n") + GOOD.replace("\n", ",国空\n")))
    assert parsed.rejected[0].column == "网络"
    assert "国控" in parsed.rejected[0].reason


def test_equal_row_is_dropped(write):
    parsed = parse(write("s.csv", HEAD + GOOD + GOOD))
    assert (len(parsed.rows), parsed.duplicates, parsed.rejected) == (1, 1, [])


def test_station_without_coordinates_is_taken_and_said(write):
    parsed = parse(write("s.csv", HEAD + "1045A,市政府,秦皇岛,,,N,河北省,秦皇岛市\n"))
    assert records(parsed)[0]["lon"] is None
    assert "without coordinates" in parsed.notes[0]


def test_wrong_column_is_named_with_its_place(write):
    with pytest.raises(InputError) as caught:
        parse(write("s.csv", "code,name,city,longtude,lat,background\nX,甲,成都,104,30,N\n"))
    error = caught.value
    assert (error.line, error.column) == (1, 4)
    assert "经度 / lon" in str(error)
    assert "“longtude” looks like “longitude”" in str(error)
    assert "s.csv" in str(error)


def test_column_twice(write):
    with pytest.raises(InputError, match="both give lon"):
        parse(write("s.csv", "code,name,city,lon,经度,lat,background\n"))


def test_bad_characters(write):
    parsed = parse(write("s.csv", (HEAD + GOOD).encode() + b"1431A,\xff,x,104,30,N,,\n"))
    assert len(parsed.rows) == 1
    assert parsed.rejected[0].reason.startswith("unreadable characters")


def test_truncated_last_line(write):
    parsed = parse(write("s.csv", HEAD + GOOD + "1431A,金泉"))
    assert len(parsed.rows) == 1
    assert parsed.rejected[0].reason == "truncated last line: 2 fields, 8 expected"
