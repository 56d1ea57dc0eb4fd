"""The engine keeps nothing of files that imports have replaced."""

import shutil

import pandas as pd

from shuzhi.store import Scope, observations, open_home

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
