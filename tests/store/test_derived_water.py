"""Derived tables of surface water follow the readings: corrections, states, a killed writer, a home without them."""

import shutil

import numpy as np
import pandas as pd
import pytest

from shuzhi.status import water
from shuzhi.store import Scope, derived, observations, open_home
from shuzhi.store.engine import connect, relation
from shuzhi.store.ledger import StaleMonth
from shuzhi.store.schema import WATER_ITEMS

SCOPE = Scope.all()
TABLES = {"water_time": ["time", "station"], "water_month": ["month", "station"]}


def beijing(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Shanghai")


def readings(first="2026-03-30T04:00", times=24, sections=("甲桥", "乙桥"), seed=1, **columns) -> pd.DataFrame:
    """Four-hourly readings over the turn of a month; one in ten is missing."""
    random = np.random.default_rng(seed)
    stamps = pd.date_range(beijing(first), periods=times, freq="4h").tz_convert("UTC")
    index = pd.MultiIndex.from_product([sections, ["ph", "do", "codmn", "nh3n", "tp", "class_published"], stamps])
    rows = pd.DataFrame({"value": random.uniform(0.1, 9.0, len(index)), "period": "4h", "flag": ""}, index=index)
    rows = rows.rename_axis(["station", "factor", "time"]).reset_index().assign(**columns)
    return rows[random.random(len(rows)) > 0.1]


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


def stored(home) -> dict[str, pd.DataFrame]:
    return {
        name: home.lake.table(name).to_pyarrow_table().to_pandas().sort_values(order, ignore_index=True)
        for name, order in TABLES.items()
    }


def check(home):
    """What is stored is what a rebuild makes, and its means are those of the readings."""
    found = stored(home)
    derived.rebuild(home)
    for name, table in stored(home).items():
        pd.testing.assert_frame_equal(found[name], table, rtol=1e-12)
    for start, end in (
        ("2026-03-30T08:00", "2026-04-02T16:00"),
        ("2026-02-01", "2026-05-01"),
        ("2026-04-01", "2026-04-30"),
    ):
        ours = water.means(home, SCOPE, beijing(start), beijing(end))[["station", "times", *WATER_ITEMS]]
        span = {"start": beijing(start).to_pydatetime(), "end": beijing(end).to_pydatetime()}
        theirs = home.engine.run("water_means", SCOPE, **span, first_month="2026-01", last_month="2026-12")
        pd.testing.assert_frame_equal(ours, theirs, rtol=1e-12, check_dtype=False)


def test_they_follow_imports_and_corrections(home):
    observations.append(home, readings(), "a")
    check(home)
    observations.append(home, readings(first="2026-04-03T00:00", sections=("乙桥", "丙桥"), seed=2), "b")
    check(home)
    done = observations.append(home, readings(times=12, sections=("甲桥",), seed=3), "c")
    assert done.corrected
    check(home)


def test_a_month_belongs_to_its_days(home):
    observations.append(home, readings(first="2026-04-01T00:00", times=1), "a")
    assert stored(home)["water_month"]["month"].unique().tolist() == ["2026-03"]


def test_readings_in_another_state_are_kept_but_are_no_part_of_a_sum(home):
    observations.append(home, readings(), "a")
    times = water.means(home, SCOPE, beijing("2026-03-01"), beijing("2026-05-01"))["times"].sum()
    observations.append(home, readings(times=3, flag="维护", seed=2).query("factor in ('tp', 'do')"), "b")
    observations.append(home, readings(times=3, sections=("丙桥",), flag="停电"), "c")
    check(home)
    found = water.readings(home, SCOPE, beijing("2026-03-01"), beijing("2026-05-01"))
    assert set(found["state"]) == {"", "维护", "停电"}
    means = water.means(home, SCOPE, beijing("2026-03-01"), beijing("2026-05-01"))
    assert set(means["station"]) == {"甲桥", "乙桥"}
    assert means["times"].sum() == times  # oxygen and phosphorus are held back, the other items count


def test_air_leaves_water_alone_and_water_air(home):
    observations.append(home, readings(), "a")
    air = readings(times=4, sections=("S1",)).assign(factor="pm25", period="1h").drop_duplicates("time")
    before = home.lake.version("water_time")
    observations.append(home, air, "b")
    assert home.lake.version("water_time") == before
    before = home.lake.version("air_day")
    observations.append(home, readings(seed=4), "c")
    assert home.lake.version("air_day") == before


def test_months_left_stale_by_a_killed_writer_are_refreshed(home):
    observations.append(home, readings(), "a")
    for name in TABLES:
        home.lake.replace_months(name, home.lake.table(name).to_pyarrow_table().slice(0, 0), ["2026-03"])
    with home.ledger.session() as session:
        session.add(StaleMonth(month="2026-03"))
    observations.append(home, readings(first="2026-04-03T00:00", seed=2), "b")
    check(home)


def test_a_home_of_an_earlier_version_gets_them(home):
    observations.append(home, readings(), "a")
    for name in TABLES:
        shutil.rmtree(home.path / "lake" / name)
    before = home.version
    again = open_home(home.path)
    assert again.version > before
    assert len(water.readings(again, SCOPE, beijing("2026-03-01"), beijing("2026-05-01")))
    check(again)


def test_a_reading_is_one_row_of_what_the_lake_holds(home):
    observations.append(home, readings(), "a")
    connection = connect()
    connection.execute(f"CREATE VIEW observation AS {relation('observation', home.lake.files('observation'))}")
    expected = connection.execute(
        "PIVOT (SELECT time, station, factor, value FROM observation) ON factor USING max(value) ORDER BY time, station"
    ).to_arrow_table()
    found = water.readings(home, SCOPE, beijing("2026-03-30"), beijing("2026-05-01"))
    expected = expected.to_pandas()
    pd.testing.assert_frame_equal(found[expected.columns], expected, check_dtype=False)
