"""Compaction leaves the same readings in fewer files."""

import pandas as pd

from shuzhi.store import observations, open_home, upkeep
from tests.store.test_observations import all_hours, readings


def test_compaction_merges_files_and_keeps_readings(tmp_path):
    home = open_home(tmp_path)
    for hour in range(12):
        first = (pd.Timestamp("2019-08-01T01:00+08:00") + pd.Timedelta(hours=hour)).isoformat()
        observations.append(home, readings(first=first, hours=1), f"hour-{hour}")
    before = all_hours(home)
    assert len(home.lake.files("observation")) == 12
    assert upkeep.compact(home)["observation"] == 12
    assert len(home.lake.files("observation")) == 1
    assert all_hours(home).equals(before)
