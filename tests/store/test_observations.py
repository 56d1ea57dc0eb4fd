"""Appends: unique keys, corrections, several processes, a killed writer."""

import multiprocessing
import os
import signal
import time

import numpy as np
import pandas as pd
import pytest

from shuzhi.store import Scope, observations, open_home
from shuzhi.store.ledger import StaleMonth

SCOPE = Scope.all()


def readings(first="2019-08-01T01:00+08:00", hours=48, stations=("1431A", "1434A"), value=50.0) -> pd.DataFrame:
    times = pd.date_range(first, periods=hours, freq="h").tz_convert("UTC")
    index = pd.MultiIndex.from_product([stations, ["pm25", "o3"], times], names=["station", "factor", "time"])
    return pd.DataFrame({"value": value, "period": "1h"}, index=index).reset_index()


def all_hours(home):
    span = {"start": pd.Timestamp("2019-01-01", tz="UTC"), "end": pd.Timestamp("2020-01-01", tz="UTC")}
    return home.engine.run("air_hours", SCOPE, **span, first_month="2019-01", last_month="2019-12")


def all_days(home):
    return home.engine.run(
        "air_days",
        SCOPE,
        first=pd.Timestamp("2019-01-01").date(),
        last=pd.Timestamp("2019-12-31").date(),
        first_month="2019-01",
        last_month="2019-12",
    )


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


def test_new_rows_are_stored_once(home):
    first = observations.append(home, readings(), "a")
    again = observations.append(home, readings(), "b")
    assert (first.new, first.unchanged, first.corrected) == (192, 0, 0)
    assert (again.new, again.unchanged, again.corrected) == (0, 192, 0)
    assert len(all_hours(home)) == 96


def test_unchanged_rows_leave_the_version_alone(home):
    observations.append(home, readings(), "a")
    before = home.version
    observations.append(home, readings(), "b")
    assert home.version == before


def test_a_remembered_result_is_not_changed_by_its_reader(home):
    observations.append(home, readings(), "a")
    hours = all_hours(home)
    hours["pm25"] = -1.0
    hours.loc[0, "o3"] = -1.0
    assert set(all_hours(home)["pm25"]) == {50.0}
    assert set(all_hours(home)["o3"]) == {50.0}
    observations.append(home, readings(value=51.0), "b")
    assert set(all_hours(home)["pm25"]) == {51.0}


def test_a_correction_replaces_and_the_old_reading_is_kept(home):
    observations.append(home, readings(), "a")
    done = observations.append(home, readings(hours=1, value=60.0), "b")
    assert (done.new, done.corrected) == (0, 4)
    hours = all_hours(home)
    assert len(hours) == 96
    assert set(hours["pm25"]) == {50.0, 60.0}
    superseded = home.lake.table("superseded").to_pyarrow_table()
    assert superseded["value"].to_pylist() == [50.0] * 4


def test_midnight_belongs_to_the_day_before(home):
    done = observations.append(home, readings(first="2019-09-01T00:00+08:00", hours=1), "a")
    assert {str(day) for day in done.days} == {"2019-08-31"}
    assert home.lake.files("observation", ["2019-08"])
    assert list(all_days(home)["day"].astype(str).unique()) == ["2019-08-31"]


def test_derived_days_follow_the_readings(home):
    observations.append(home, readings(), "a")
    days = all_days(home)
    assert len(days) == 4
    assert set(days["pm25"]) == {50.0}
    assert set(days["hours_pm25"]) == {24}
    assert set(days["o3_windows"]) == {17}
    observations.append(home, readings(hours=24, value=74.0), "b")
    assert set(all_days(home)["pm25"]) == {50.0, 74.0}


def test_weather_changes_the_version_but_no_air_day(home):
    observations.append(home, readings(), "a")
    version, days = home.version, home.lake.version("air_day")
    observations.append(home, readings().assign(factor="temperature", station="W1").drop_duplicates("time"), "b")
    assert home.version > version
    assert home.lake.version("air_day") == days


def test_a_month_left_stale_by_a_killed_writer_is_refreshed(home):
    observations.append(home, readings(), "a")
    home.lake.replace_months("air_day", home.lake.table("air_day").to_pyarrow_table().slice(0, 0), ["2019-08"])
    with home.ledger.session() as session:
        session.add(StaleMonth(month="2019-08"))
    observations.catch_up(home)
    assert len(all_days(home)) == 4


def _append_many(path, stations):
    home = open_home(path)
    for day in pd.date_range("2019-08-01", periods=5):
        rows = readings(first=f"{day.date()}T01:00+08:00", hours=24, stations=stations)
        observations.append(home, rows, "process")


@pytest.mark.slow
def test_two_processes_append_while_a_third_reads(home):
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_append_many, args=(home.path, names)) for names in (("A", "B"), ("B", "C"))]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        hours = all_hours(home)
        assert not hours.duplicated(["time", "station"]).any()
        seen.append(len(hours))
        time.sleep(0.02)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert seen == sorted(seen)
    assert len(all_hours(home)) == 3 * 120


def _append_big(path):
    home = open_home(path)
    observations.append(home, readings(hours=720, stations=tuple(f"S{n:03}" for n in range(300))), "big")


@pytest.mark.slow
@pytest.mark.parametrize("delay", np.linspace(0.0, 1.2, 5))
def test_a_killed_writer_leaves_all_or_nothing(home, delay):
    observations.append(home, readings(hours=1), "before")
    writer = multiprocessing.get_context("spawn").Process(target=_append_big, args=(home.path,))
    writer.start()
    while not (home.path / "writer.lock").exists() and writer.is_alive():
        time.sleep(0.005)
    time.sleep(delay)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    stations = home.lake.table("observation").to_pyarrow_table(columns=["station"]).num_rows
    assert stations in (4, 4 + 720 * 300 * 2)
    _append_big(home.path)
    assert home.lake.table("observation").to_pyarrow_table(columns=["station"]).num_rows == 4 + 720 * 300 * 2
    assert len(all_days(home)) == 300 * 30 + 2
