"""The engine keeps nothing of files that imports have replaced."""

import datetime as dt
import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.store import Scope, observations, open_home
from shuzhi.store.schema import TABLES

HELD = "SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'"


def test_corrections_leave_nothing_in_memory(two_days, tmp_path):
    shutil.copytree(two_days.path, tmp_path / "home")
    home = open_home(tmp_path / "home")
    held = []
    for value in range(4):
        row = {"station": "1431A", "factor": "o3", "time": pd.Timestamp("2019-08-26T15:00Z"), "period": "1h"}
        observations.append(home, pd.DataFrame([{**row, "value": 50.0 + value}]), f"correction-{value}")
        home.engine.run("air_months", Scope.all())
        cursor = home.engine._connection.cursor()
        cursor.execute("SELECT count(value) FROM observation").fetchall()
        held.append(cursor.execute(HELD).fetchone()[0])
    assert held[0] > 0
    assert max(held) < 1.5 * held[0]


def test_a_table_has_another_state_when_it_changed_and_only_then(tmp_path):
    home = open_home(tmp_path / "home")
    before = home.engine.state("quarantine"), home.engine.state("forecast_score")
    row = {"import_id": "1", "file": "a.csv", "line": 1, "column": "", "station": "", "reason": "", "raw": ""}
    home.lake.append("quarantine", pa.Table.from_pylist([row], schema=TABLES["quarantine"].schema))
    home.changed()
    after = home.engine.state("quarantine"), home.engine.state("forecast_score")
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_the_newest_arrival_is_known_by_month(two_days):
    arrivals = two_days.lake.newest("observation", "received_at")
    assert list(arrivals) == ["2019-08"]
    kept = two_days.lake.table("observation").to_pyarrow_table()["received_at"]
    assert abs(arrivals["2019-08"] - pc.max(kept).as_py()) < dt.timedelta(milliseconds=2)
    assert two_days.lake.newest("forecast", "issued_at") == {}
