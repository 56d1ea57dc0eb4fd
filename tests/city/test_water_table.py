"""The four-hourly table: read back by the door, with the marks of the published one, whenever it was made."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi.city import sections, water, water_table
from shuzhi.ingest.water_stations import parse
from shuzhi.standards import water as law

FIRST, LAST = dt.date(2025, 12, 1), dt.date(2025, 12, 31)
ALL = dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)


@pytest.fixture(scope="module")
def place():
    return water.waters(1, sections.make_sections(1))


@pytest.fixture(scope="module")
def december(place, tmp_path_factory):
    """A month's table that ends with the new year's 00:00: its path, and its text as a table."""
    path = tmp_path_factory.mktemp("water") / "water_202512.csv"
    assert water_table.write_table(path, 1, place, FIRST, LAST, *ALL)
    return path, pd.read_csv(path, dtype=str, keep_default_na=False)


def test_the_door_takes_everything(december, place):
    parsed = parse(december[0], 2025)
    assert parsed.rejected == []
    times = parsed.rows["time"].to_pandas().dt.tz_convert("Asia/Shanghai")
    assert (times.min(), times.max()) == (
        pd.Timestamp("2025-12-01T04:00+08:00"),
        pd.Timestamp("2026-01-01T00:00+08:00"),
    )
    assert set(parsed.stations["name"]) == set(place.names)
    assert set(parsed.stations.loc[parsed.stations["lake"].notna(), "name"]) == set(sections.lakes())
    assert parsed.rows.num_rows > 0.93 * 138 * 31 * 6 * 10


def test_values_read_back(december, place):
    parsed = parse(december[0], 2025)
    rows = parsed.rows.to_pandas()
    name = rows["station"].str.split("\n").str[0]
    of_do = rows[(name == "岷江新津出境") & (rows["factor"] == "do")].set_index("time")["value"]
    values = water.conditions(1, place, FIRST, LAST + dt.timedelta(days=1))["do"][:, place.names.index("岷江新津出境")]
    times = water.times_of(FIRST, LAST + dt.timedelta(days=1)).tz_localize("Asia/Shanghai").tz_convert("UTC")
    expected = pd.Series(values, times).reindex(of_do.index)
    np.testing.assert_allclose(of_do, expected, atol=0.0051)


def test_marks_and_states_of_the_published_table(december):
    table = december[1]
    columns = water_table.HEAD.strip().split(",")
    assert table.columns.tolist() == columns
    river = ~table["断面名称"].isin(sections.lakes())
    assert (table.loc[river, "叶绿素α(mg/L)"] == "*").all()
    serviced = table[table["站点情况"] == "维护"]
    assert 0.005 < len(serviced) / len(table) < 0.03
    assert (serviced["总磷(mg/L)"] == "--").all()
    assert (serviced["水质类别"] == "*").all()
    assert (serviced["溶解氧(mg/L)"] != "--").mean() > 0.95
    silent = table[table["监测时间"] == "*"]
    assert set(silent["站点情况"]) <= set(water_table.STATES[1:5])
    assert len(set(silent["站点情况"])) >= 3
    assert (silent[columns[5:14]] == "--").all(axis=None)
    assert 0.04 < table.duplicated().mean() < 0.12


def test_a_row_in_maintenance_may_be_completed(december):
    table = december[1]
    states = table[table["监测时间"] != "*"].groupby(["断面名称", "监测时间"])["站点情况"].agg(set)
    assert (states.map(len) == 2).any()
    assert set.union(*states[states.map(len) == 2]) == {"正常", "维护"}


def test_published_classes_are_those_of_the_values(december, place):
    told = water_table.told(1, place, FIRST, FIRST)
    whole = np.isfinite([told.values[item] for item in law.AUTOMATIC]).all(axis=0)
    assert ((told.classes > 0) == whole).all()
    classes = set(december[1]["水质类别"])
    assert {"Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "*"} <= classes <= {*law.ROMAN, "*"}


def test_a_table_does_not_depend_on_when_it_was_made(december, place, tmp_path):
    """A table up to some hour is the beginning of each section's rows."""
    path = tmp_path / "water.csv"
    until = dt.datetime(2025, 12, 9, 14)
    assert water_table.write_table(path, 1, place, FIRST, LAST, ALL[0], until)
    part, table = pd.read_csv(path, dtype=str, keep_default_na=False), december[1]
    told = table[table["监测时间"] != "*"]
    known = part[part["监测时间"] != "*"].reset_index(drop=True)
    assert known["监测时间"].max() == "12-09 12:00"
    earlier = told[(told["监测时间"] <= "12-09 12:00") & (told["监测时间"] != "01-01 00:00")]
    pd.testing.assert_frame_equal(known, earlier.reset_index(drop=True))


def test_no_stamp_no_table(place, tmp_path):
    path = tmp_path / "water.csv"
    assert not water_table.write_table(path, 1, place, FIRST, LAST, ALL[0], dt.datetime(2025, 12, 1, 3))
    assert not path.exists()
