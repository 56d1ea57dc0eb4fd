"""Sections on the map."""

import pytest

from shuzhi.maps.water import section_rows
from shuzhi.store import Scope, open_home
from tests.water import water_home

SCOPE = Scope.all()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return water_home(tmp_path_factory.mktemp("map"), years=(2026,))


def test_rows_of_the_city_with_the_worst_on_top(home):
    rows = section_rows(home, SCOPE, None, "zh")
    assert len(rows) == 7
    assert [row["water_class"] for row in rows] == [0, 2, 3, 3, 4, 4, 6]
    assert rows[-1] == {
        "code": "B1", "name": "丁桥", "position": [104.43, 30.85], "water_class": 6, "class_name": "劣Ⅴ类",
        "river": "浊水河", "district": "金堂县", "target_class": 4, "lake": False, "time": "2026-04-02T20:00:00+08:00",
        "tip": "丁桥 · 劣Ⅴ类 · 浊水河",
    }  # fmt: skip
    assert rows[0] | {"position": None} == {
        "code": "C1", "name": "庚桥", "position": None, "water_class": 0, "class_name": "", "river": None,
        "district": "蒲江县", "target_class": None, "lake": False, "time": None, "tip": "庚桥",
    }  # fmt: skip


def test_english_and_nothing(home, tmp_path):
    assert section_rows(home, SCOPE, None, "en")[-1]["class_name"] == "Worse than class V"
    assert section_rows(open_home(tmp_path / "empty"), SCOPE, None, "zh") == []
