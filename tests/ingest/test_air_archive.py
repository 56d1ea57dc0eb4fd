"""The national hourly archive: good files, and each way in which one can be bad."""

import csv
import datetime as dt
import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.ingest.air_archive import parse_day
from shuzhi.ingest.archive_files import by_day, find
from shuzhi.ingest.numbers import bounds

NAME = "china_sites_20190826.csv"
HEAD = "date,hour,type,1431A,1434A\n"
ITEMS = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "CO": "co", "O3": "o3"}


def table(parsed) -> pd.DataFrame:
    return parsed.rows.to_pandas()


def found(parsed) -> set:
    return {(r["station"], r["factor"], r["value"]) for r in parsed.rows.to_pylist()}


def reasons(parsed) -> list[str]:
    return [reject.reason.partition(": ")[0] for reject in parsed.rejected]


def test_real_day_cell_by_cell(fixtures):
    parsed = parse_day(find([fixtures / NAME]))
    expected = {}
    with (fixtures / NAME).open() as file:
        for row in csv.DictReader(file):
            date, hour, kind = row.pop("date"), row.pop("hour"), row.pop("type")
            if kind in ITEMS:
                stamp = pd.Timestamp(f"{date} {int(hour):02}:00", tz="Asia/Shanghai").tz_convert("UTC")
                expected |= {(site, ITEMS[kind], stamp): float(v) for site, v in row.items() if v}
    rows = table(parsed)
    got = dict(zip(zip(rows["station"], rows["factor"], rows["time"], strict=True), rows["value"], strict=True))
    assert got == expected
    assert not parsed.rejected
    assert parsed.rows_in == len(expected)
    assert (rows["period"] == "1h").all()


def test_the_event_of_the_year(fixtures):
    rows = table(parse_day(find([fixtures / NAME])))
    stamp = pd.Timestamp("2019-08-26T15:00+08:00")
    hit = rows[(rows["station"] == "1434A") & (rows["factor"] == "o3") & (rows["time"] == stamp)]
    assert hit["value"].tolist() == [215.0]


def test_stamp_is_the_end_of_the_hour(parse):
    rows = table(parse({NAME: HEAD + "20190826,0,O3,1,\n20190826,23,O3,2,\n"}))
    assert rows["time"].tolist() == [pd.Timestamp("2019-08-25T16:00Z"), pd.Timestamp("2019-08-26T15:00Z")]


def test_running_columns_are_left_out(parse):
    parsed = parse({NAME: HEAD + "20190826,1,AQI,1,1\n20190826,1,O3_8h_24h,1,1\n20190826,1,PM2.5_24h,x,1\n"})
    assert parsed.rows.num_rows == 0
    assert not parsed.rejected
    assert parsed.lines == 3


def test_unknown_type(parse):
    parsed = parse({NAME: HEAD + "20190826,1,PM1,5,6\n20190826,1,O3,5,6\n"})
    assert parsed.rows.num_rows == 2
    (reject,) = parsed.rejected
    assert (reject.line, reject.column, reject.reason) == (2, "type", "unknown type: PM1")


def test_wrong_header_says_where(parse):
    with pytest.raises(InputError) as caught:
        parse({NAME: "date,hours,type,1431A\n20190826,1,O3,5\n"})
    error = caught.value
    assert (error.line, error.column) == (1, 2)
    assert "columns missing: hour" in str(error)
    assert "hours" in str(error)
    assert NAME in str(error)


def test_cities_file_is_told_apart(parse):
    with pytest.raises(InputError, match="cities"):
        parse({"china_cities_20190826.csv": "date,hour,type,成都,重庆\n20190826,1,O3,5,6\n"})


def test_header_without_sites(parse):
    with pytest.raises(InputError, match="no site column"):
        parse({NAME: "date,hour,type\n"})


def test_missing_cells_and_marks(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,,—\n20190826,2,O3,NA, 7 \n"})
    assert found(parsed) == {("1434A", "o3", 7.0)}
    assert not parsed.rejected


def test_column_without_any_value_gives_no_row(parse):
    assert set(table(parse({NAME: HEAD + "20190826,1,O3,,7\n"}))["station"]) == {"1434A"}


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("-5", "negative value"), ("99999", "value out of range"), ("inf", "not a number"), ("abc", "not a number"),
     ("1e999", "value out of range"), ("1_0", "not a number")],
)  # fmt: skip
def test_bad_cell_goes_and_its_line_stays(parse, cell, reason):
    parsed = parse({NAME: HEAD + f"20190826,1,O3,{cell},7\n20190826,2,O3,8,9\n"})
    assert found(parsed) == {("1434A", "o3", 7.0), ("1431A", "o3", 8.0), ("1434A", "o3", 9.0)}
    (reject,) = parsed.rejected
    assert reasons(parsed) == [reason]
    assert (reject.line, reject.column, reject.station, reject.raw) == (2, "1431A", "1431A", cell)
    assert parsed.rows_in == 4


@pytest.mark.parametrize("kind", ITEMS)
def test_bounds_themselves_may_enter(parse, kind):
    low, high, _ = bounds(ITEMS[kind], "1h")
    parsed = parse({NAME: HEAD + f"20190826,1,{kind},{low:g},{high:g}\n20190826,2,{kind},{high + 1:g},-1\n"})
    assert found(parsed) == {("1431A", ITEMS[kind], low), ("1434A", ITEMS[kind], high)}
    assert reasons(parsed) == ["value out of range", "negative value"]


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        ("20190826,24,O3,1,2", "bad time", "hour"),
        ("20190826,x,O3,1,2", "bad time", "hour"),
        ("2019826,1,O3,1,2", "bad time", "date"),
        ("20190832,1,O3,1,2", "bad time", "date"),
        ("20190827,1,O3,1,2", "date differs from the file", "date"),
    ],
)
def test_bad_stamp(parse, line, reason, column):
    parsed = parse({NAME: HEAD + line + "\n20190826,2,O3,8,9\n"})
    assert parsed.rows.num_rows == 2
    assert reasons(parsed) == [reason]
    assert (parsed.rejected[0].line, parsed.rejected[0].column, parsed.rejected[0].raw) == (2, column, line)


def test_time_in_the_future(parse):
    now = dt.datetime(2019, 8, 26, 14, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    parsed = parse({NAME: HEAD + "".join(f"20190826,{h},O3,1,2\n" for h in (14, 15, 16))}, now=now)
    assert parsed.rows.num_rows == 4
    assert reasons(parsed) == ["time in the future"]
    assert parsed.rejected[0].line == 4


def test_identical_line_is_dropped_and_counted(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,5,6\n20190826,1,O3,5,6\n"})
    assert found(parsed) == {("1431A", "o3", 5.0), ("1434A", "o3", 6.0)}
    assert (parsed.duplicates, parsed.rejected) == (2, [])


def test_conflicting_line_is_rejected_and_the_first_stays(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,5,6\n20190826,1,O3,5,7\n"})
    assert found(parsed) == {("1431A", "o3", 5.0), ("1434A", "o3", 6.0)}
    (reject,) = parsed.rejected
    assert (reject.line, reject.station) == (3, "1434A")
    assert "differs from line 2 at 1 sites (1434A); the first is kept" in reject.reason
    assert reject.raw == "20190826,1,O3,5,7"


def test_repeated_line_fills_gaps(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,5,\n20190826,1,O3,,6\n"})
    assert found(parsed) == {("1431A", "o3", 5.0), ("1434A", "o3", 6.0)}
    assert not parsed.rejected


def test_day_given_twice_with_equal_content(parse):
    content = HEAD + "20190826,1,O3,5,6\n"
    parsed = parse({NAME: content, NAME + ".gz": gzip.compress(content.encode())})
    assert found(parsed) == {("1431A", "o3", 5.0), ("1434A", "o3", 6.0)}
    assert (parsed.duplicates, parsed.rejected) == (2, [])


def test_day_given_twice_with_a_contradiction_names_both_files(parse):
    first = HEAD + "20190826,1,O3,5,6\n"
    second = "date,hour,type,1434A,9999A\n20190826,1,O3,7,1\n20190826,2,O3,8,9\n"
    parsed = parse({NAME: first, NAME + ".gz": gzip.compress(second.encode())})
    assert found(parsed) == {("1431A", "o3", 5.0), ("1434A", "o3", 6.0), ("1434A", "o3", 8.0), ("9999A", "o3", 9.0)}
    (reject,) = parsed.rejected
    assert reject.file == NAME + ".gz"
    assert f"line 2 of {NAME}" in reject.reason


def test_second_file_of_a_day_can_be_unreadable(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,5,6\n", NAME + ".gz": b"%PDF-"})
    assert parsed.rows.num_rows == 2
    assert reasons(parsed) == ["unreadable file"]


def test_site_with_two_columns(parse):
    parsed = parse({NAME: "date,hour,type,1431A,1431A\n20190826,1,O3,5,5\n20190826,2,O3,,6\n20190826,3,O3,7,8\n"})
    assert sorted(table(parsed)["value"]) == [5, 6, 7]
    assert parsed.duplicates == 1
    assert (parsed.rejected[0].line, parsed.rejected[0].column, parsed.rejected[0].raw) == (4, "1431A", "8")


def test_column_without_a_name(parse):
    parsed = parse({NAME: "date,hour,type,1431A,\n20190826,1,O3,5,6\n"})
    assert found(parsed) == {("1431A", "o3", 5.0)}
    assert reasons(parsed) == ["bad station code"]


def test_truncated_last_line(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,5,6\n20190826,2,O3,7"})
    assert parsed.rows.num_rows == 2
    (reject,) = parsed.rejected
    assert reject.reason == "truncated last line: 4 fields, 5 expected"
    assert reject.line == 3


def test_broken_line_within(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,5,6,7\n20190826,2,O3,7,8\n"})
    assert parsed.rows.num_rows == 2
    assert parsed.rejected[0].reason == "broken line: 6 fields, 5 expected"


def test_last_line_without_line_end_is_taken_and_said(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,5,6"})
    assert parsed.rows.num_rows == 2
    assert "no line end" in parsed.notes[0]


def test_cut_gzip_never_trusts_its_last_line(parse):
    lines = "".join(f"20190826,{h % 24},{kind},5,6\n" for h in range(24) for kind in ITEMS)
    packed = gzip.compress((HEAD + lines).encode())
    parsed = parse({NAME + ".gz": packed[:-12]})
    assert reasons(parsed) == ["truncated last line"] or parsed.rows.num_rows == 2 * 24 * 6
    assert set(table(parsed)["value"]) <= {5.0, 6.0}


def test_quoted_cells(parse):
    parsed = parse(
        {NAME: '"date","hour","type","1431A","1434A"\r\n"20190826","1","O3","5",6\r\n"20190826,2,O3,7,8\r\n'}
    )
    assert found(parsed) == {("1431A", "o3", 5.0), ("1434A", "o3", 6.0)}
    assert reasons(parsed) == ["broken line"]


def test_gbk_archive(parse):
    content = "date,hour,type,1431A,金泉\n20190826,1,O3,5,6\n".encode("gbk")
    parsed = parse({NAME: content})
    assert found(parsed) == {("1431A", "o3", 5.0), ("金泉", "o3", 6.0)}
    assert "GBK" in parsed.notes[0]


def test_only_some_sites(parse):
    parsed = parse({NAME: HEAD + "20190826,1,O3,x,6\n"}, only={"1434A"})
    assert found(parsed) == {("1434A", "o3", 6.0)}
    assert not parsed.rejected


def test_name_without_a_day_takes_the_first(parse):
    parsed = parse({"download.csv": HEAD + "20190826,1,O3,5,6\n20190827,1,O3,5,6\n"})
    assert parsed.rows.num_rows == 2
    assert reasons(parsed) == ["date differs from the file"]


def test_find_and_group(tmp_path):
    folder = tmp_path / "2019"
    folder.mkdir()
    for name in ("china_sites_20190102.csv", "china_sites_20190101.csv", "china_sites_20190101.csv.gz", "notes.txt"):
        (folder / name).write_text("x")
    members = find([tmp_path, folder / "china_sites_20190102.csv", f"{folder}/*0101*"])
    assert [m.name for m in members] == [
        "china_sites_20190101.csv", "china_sites_20190101.csv.gz", "china_sites_20190102.csv",
    ]  # fmt: skip
    assert [len(group) for group in by_day(members)] == [2, 1]


def test_same_name_in_two_folders(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / NAME).write_text("x")
    assert [m.name for m in find([tmp_path])] == [f"a/{NAME}", f"b/{NAME}"]


@pytest.mark.parametrize("path", ["none.csv", "*.nothing", "."])
def test_paths_that_mean_nothing(tmp_path, path):
    with pytest.raises(InputError):
        find([tmp_path / path])


cells = st.one_of(st.none(), st.integers(0, 1000), st.floats(0, 150, allow_nan=False).map(lambda x: round(x, 1)))
sites = st.lists(st.integers(1000, 1030).map("{}A".format), min_size=1, max_size=6, unique=True)


@st.composite
def days(draw):
    """A day as (sites, {(hour, type): cells})."""
    names = draw(sites)
    keys = st.tuples(st.integers(0, 23), st.sampled_from(sorted(ITEMS)))
    value = st.lists(cells.map(lambda x: min(x, 200) if x else x), min_size=len(names), max_size=len(names))
    return names, draw(st.dictionaries(keys, value, max_size=30))


def as_text(names, lines) -> str:
    rows = [["date", "hour", "type", *names]]
    rows += [["20190826", h, kind, *("" if c is None else c for c in values)] for (h, kind), values in lines.items()]
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@given(day=days())
def test_round_trip(tmp_path_factory, day):
    names, lines = day
    path = tmp_path_factory.mktemp("day") / NAME
    path.write_text(as_text(names, lines))
    parsed = parse_day(find([path]))
    rows = table(parsed)
    hours = (rows["time"] - pd.Timestamp("2019-08-26T00:00+08:00")) // np.timedelta64(1, "h")
    got = dict(zip(zip(hours, rows["factor"], rows["station"], strict=True), rows["value"], strict=True))
    expected = {
        (hour, ITEMS[kind], site): value
        for (hour, kind), values in lines.items()
        for site, value in zip(names, values, strict=True)
        if value is not None
    }
    assert got == expected
    assert not parsed.rejected


@given(cut=st.integers(0, 15_406), packed=st.booleans())
def test_any_cut_keeps_every_complete_line(fixtures, tmp_path_factory, cut, packed):
    data = (fixtures / NAME).read_bytes()
    path = tmp_path_factory.mktemp("cut") / (NAME + ".gz" * packed)
    kept = data[:cut]
    path.write_bytes(gzip.compress(kept) if packed else kept)
    complete = [line.decode().split(",") for line in kept.split(b"\n")[1:-1]]
    values = sum(1 for line in complete if line[2] in ITEMS for cell in line[3:] if cell)
    try:
        parsed = parse_day(find([path]))
    except InputError:
        assert values == 0
        return
    assert values <= parsed.rows.num_rows <= values + 8
    assert len(parsed.rejected) <= 1
    if data[:cut].endswith(b"\n"):
        assert (parsed.rows.num_rows, parsed.rejected) == (values, [])


@given(noise=st.binary(min_size=1, max_size=30), at=st.integers(100, 15_000))
def test_noise_never_raises_anything_else(fixtures, tmp_path_factory, noise, at):
    data = (fixtures / NAME).read_bytes()
    path = tmp_path_factory.mktemp("noise") / NAME
    path.write_bytes(data[:at] + noise + data[at + len(noise) :])
    try:
        parsed = parse_day(find([path]))
    except InputError:
        return
    spoiled = 4 + noise.count(b"\n") + noise.count(b"\r")
    assert parsed.rows.num_rows >= 1126 - 8 * spoiled


@pytest.mark.archive
def test_the_whole_archive_of_2019(archive_2019):
    rows = rejected = 0
    for group in by_day(find([archive_2019])):
        parsed = parse_day(group)
        rows += parsed.rows.num_rows
        rejected += len(parsed.rejected)
    assert (rows, rejected) == (5_385_615, 0)
