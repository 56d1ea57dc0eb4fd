"""Weather, hourly and daily."""

import datetime as dt

import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.ingest.weather import parse
from shuzhi.ingest.weather_columns import FACTORS
from shuzhi.standards.factors import factors

DAILY = "date,avgtemp,maxtemp,mintemp,avgrh,minrh,avgws,maxws,maxwswd,daylight,precipitation,avgp\n"
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def values(parsed) -> dict:
    rows = parsed.rows.to_pandas()
    return dict(zip(rows["factor"], rows["value"], strict=True))


def only(parsed) -> str:
    (reject,) = parsed.rejected
    return reject.reason.partition(": ")[0]


def test_hourly_all_factors(write):
    content = (
        "station,time,temperature,humidity,pressure,wind_speed,wind_direction,precipitation,radiation,mixing_height,"
        "sunshine\nW1,2019-08-26T15:00+08:00,31.2,55,948.1,1.2,190,0,712,1400,0.8\n"
    )
    parsed = parse(write("w.csv", content))
    rows = parsed.rows.to_pandas()
    assert len(rows) == 9
    assert set(rows["time"]) == {pd.Timestamp("2019-08-26T07:00Z")}
    assert set(rows["period"]) == {"1h"}
    assert values(parsed)["mixing_height"] == 1400
    assert parsed.stations.index.tolist() == ["W1"]


@pytest.mark.parametrize(
    "time",
    ["2019-08-26T15:00", "2019-08-26 15:00:00", "2019-08-26T07:00Z", "2019-08-26T07:00:00+0000", "2019/8/26 15:00",
     "2019-08-26T10:30+03:30", "2019-08-26T02:00-05"],
)  # fmt: skip
def test_times(write, time):
    parsed = parse(write("w.csv", f"station,time,temperature\nW1,{time},20\n"))
    assert parsed.rows["time"][0].as_py() == dt.datetime(2019, 8, 26, 7, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "time", ["2019-08-26", "15:00", "2019-08-26T15:30", "2019-02-30T01:00", "2019-08-26T24:00", ""]
)
def test_bad_times(write, time):
    parsed = parse(write("w.csv", f"station,time,temperature\nW1,{time},20\nW1,2019-08-26T15:00,21\n"))
    assert only(parsed) == "bad time"
    assert (parsed.rejected[0].line, parsed.rejected[0].column) == (2, "time")
    assert values(parsed) == {"temperature": 21}


def test_daily_as_published(write):
    parsed = parse(write("w.csv", DAILY + "2014-01-01,3.5,4.5,2.3,89,80,1.0,1.6,3,0.0,0.0,93900\n"), station="56294")
    assert values(parsed) == {
        "temperature": 3.5, "temperature_max": 4.5, "temperature_min": 2.3, "humidity": 89, "humidity_min": 80,
        "wind_speed": 1.0, "wind_speed_max": 1.6, "wind_direction_max": 67.5, "sunshine": 0, "precipitation": 0,
        "pressure": 939.0,
    }  # fmt: skip
    rows = parsed.rows.to_pandas()
    assert set(rows["time"]) == {pd.Timestamp("2014-01-02T00:00+08:00")}
    assert set(rows["period"]) == {"1d"}


def test_every_factor_is_in_the_standard_table():
    assert set(FACTORS) <= set(factors().index)


@pytest.mark.parametrize(("code", "degrees"), [(1, 22.5), (4, 90), (16, 360)])
def test_wind_sectors(write, code, degrees):
    parsed = parse(write("w.csv", f"date,maxwswd\n2014-01-01,{code}\n"), station="W1")
    assert values(parsed) == {"wind_direction_max": degrees}


def test_calm_has_no_direction_and_other_codes_are_wrong(write):
    parsed = parse(write("w.csv", "date,maxwswd\n2014-01-01,17\n2014-01-02,18\n2014-01-03,2.5\n"), station="W1")
    assert values(parsed) == {}
    assert [reject.line for reject in parsed.rejected] == [3, 4]


@pytest.mark.parametrize("date", ["2014-01-01", "20140101", "2014/1/1", "2014-01-01 00:00:00"])
def test_dates(write, date):
    parsed = parse(write("w.csv", f"date,avgtemp\n{date},1\n"), station="W1")
    assert parsed.rows["time"][0].as_py() == dt.datetime(2014, 1, 1, 16, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("101", "value out of range"), ("-1", "negative value"), ("x", "not a number")],
)
def test_bad_cell_goes_and_its_row_stays(write, cell, reason):
    parsed = parse(write("w.csv", f"station,time,humidity,temperature\nW1,2019-08-26T15:00,{cell},20\n"))
    assert values(parsed) == {"temperature": 20}
    assert only(parsed) == reason
    reject = parsed.rejected[0]
    assert (reject.line, reject.column, reject.station, reject.raw) == (2, "humidity", "W1", cell)
    assert parsed.rows_in == 2


def test_missing_station_code(write):
    parsed = parse(write("w.csv", "station,time,temperature\n,2019-08-26T15:00,20\n"))
    assert only(parsed) == "station code missing"


def test_future(write):
    parsed = parse(write("w.csv", "station,time,temperature\nW1,2026-01-02T15:00,2\n"), now=NOW)
    assert only(parsed) == "time in the future"
    parsed = parse(write("d.csv", "date,avgtemp\n2025-12-31,2\n2026-01-01,2\n"), station="W1", now=NOW)
    assert only(parsed) == "time in the future"
    assert parsed.rows.num_rows == 1


def test_repetitions(write):
    content = (
        "station,time,temperature,humidity\nW1,2019-08-26T15:00,20,\nW1,2019-08-26T15:00,20,60\n"
        "W1,2019-08-26T07:00Z,21,60\nW2,2019-08-26T15:00,22,61\n"
    )
    parsed = parse(write("w.csv", content))
    rows = parsed.rows.to_pandas()
    assert sorted(rows["value"]) == [20, 22, 60, 61]
    assert only(parsed) == "conflicting repetition"
    assert parsed.rejected[0].line == 4
    assert parsed.duplicates == 1


def test_about_the_stations(write):
    content = "station,name,city,lon,lat,time,temperature\nW1,温江,成都市,103.83,30.7,2019-08-26T15:00,20\n"
    parsed = parse(write("w.csv", content + "W2,双流,成都,30.6,103.9,2019-08-26T15:00,20\n"))
    assert parsed.stations.loc["W1"].tolist() == ["温江", "成都", 103.83, 30.7]
    assert parsed.stations.loc["W2"].tolist() == ["双流", "成都", None, None]
    assert only(parsed) == "longitude and latitude swapped"
    assert parsed.rows.num_rows == 2


@pytest.mark.parametrize(
    ("content", "station", "says"),
    [
        ("station,temperature\nW1,1\n", None, "time .* or date"),
        ("station,time,date,temperature\n", None, "both time and date"),
        ("time,temperature\n", None, "--station CODE"),
        ("station,time,temperature\n", "W1", "leave --station out"),
        ("station,time,fog\n", None, "known are temperature"),
    ],
)
def test_wrong_header(write, content, station, says):
    with pytest.raises(InputError, match=says):
        parse(write("w.csv", content), station=station)
