"""What may miss its target class, and what changes, is read from the probabilities of the issue."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import section_watch

REGISTER = pd.DataFrame(
    {
        "code": ["S1", "S2", "S3", "S4"],
        "name": ["甲桥", "乙桥", "丙桥", "丁桥"],
        "river": ["锦江", "锦江", None, "沱江"],
        "target_class": pd.array([3, 2, 3, None], dtype="Int64"),
    }
)
CHANCES = {
    ("S1", 1): [0, 0.1, 0.7, 0.2, 0, 0],
    ("S1", 2): [0, 0.1, 0.35, 0.4, 0.1, 0.05],
    ("S2", 1): [0.1, 0.6, 0.3, 0, 0, 0],
    ("S2", 2): [0.1, 0.6, 0.3, 0, 0, 0],
    ("S3", 1): [0.9, 0.1, 0, 0, 0, 0],
    ("S3", 2): [0.4, 0.6, 0, 0, 0, 0],
    ("S4", 1): [0, 0, 0, 0, 0, 1.0],
    ("gone", 1): [0, 0, 0, 0, 0, 1.0],
}


def told() -> pd.DataFrame:
    """Two days of classes of the sections."""
    table = pd.DataFrame(CHANCES.keys(), columns=["place", "lead"])
    table[[f"p{k}" for k in range(1, 7)]] = list(CHANCES.values())
    end = pd.Timestamp("2026-07-14T16:00Z")
    value = np.argmax(list(CHANCES.values()), axis=1) + 1.0
    return table.assign(time=end + pd.to_timedelta(table["lead"], unit="D"), value=value)


def test_the_likeliest_miss_comes_first_with_its_day():
    found = section_watch.missing(told(), REGISTER)
    assert found["place"].tolist() == ["S1", "S2", "S3"]
    assert found["chance"].tolist() == pytest.approx([0.55, 0.3, 0.0])
    assert found["lead"].tolist() == [2, 1, 1]
    assert found["name"].tolist() == ["甲桥", "乙桥", "丙桥"]


def test_changes_are_held_against_the_last_known_day():
    before = pd.Series({"S1": 3, "S2": 3, "S3": 1, "S4": 0})
    found = section_watch.changes(told(), REGISTER, before).set_index("place")
    assert found.index.tolist() == ["S3", "S1", "S2"]
    assert found.loc["S1", ["before", "lead", "value", "chance"]].tolist() == pytest.approx([3, 2, 4, 0.4])
    assert found.loc["S2", "value"] < found.loc["S2", "before"]
    assert found.loc["S2", "lead"] == 1
