"""Chart of stations by hour: it names its rows and has every cell."""

import numpy as np
import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.charts import forecast_matrix as charts
from shuzhi.charts.theme import for_document, to_svg
from shuzhi.charts.tokens import DARK


@pytest.fixture(autouse=True)
def chinese():
    i18n.use("zh")


def test_the_matrix_names_its_rows_and_has_every_cell():
    times = pd.date_range("2026-11-20 01:00", periods=3, freq="h", tz="Asia/Shanghai")
    values = np.array([[40, 60, np.nan], [160, 210, 320]])
    level = np.array([[1, 2, 0], [4, 5, 6]])
    spec = charts.matrix(["甲<b>", "乙"], times, values, level, DARK)
    cells = next(layer["data"]["values"][0] for layer in spec["layer"] if "v" in layer["data"]["values"][0])
    assert cells["v"] == [40, 60, None, 160, 210, 320]
    assert cells["r"] == [0, 0, 0, 1, 1, 1]
    assert {"name": "names", "value": ["甲<b>", "乙"]} in spec["params"]
    assert "<svg" in to_svg(for_document(spec, DARK))


def test_cells_are_told_in_the_unit_of_their_item():
    times = pd.date_range("2026-11-20 01:00", periods=1, freq="h", tz="Asia/Shanghai")
    spec = charts.matrix(["甲"], times, np.array([[0.84]]), np.array([[1]]), DARK, title="CO", unit="mg/m³", decimals=1)
    words = {param["name"]: param["value"] for param in spec["params"]}
    assert (words["before"], words["after"], words["digits"]) == ("CO ", " mg/m³", ".1f")
    assert next(layer["data"]["values"][0]["v"] for layer in spec["layer"] if "a" not in layer["data"]) == [0.8]


def test_a_picture_names_its_levels_under_the_rows():
    times = pd.date_range("2026-11-20 01:00", periods=3, freq="h", tz="Asia/Shanghai")
    spec = charts.matrix(["甲"], times, np.full((1, 3), 40.0), np.ones((1, 3), int), DARK, legend=True)
    named = [row for layer in spec["layer"] for row in layer["data"]["values"] if "name" in row and "low" in row]
    assert [row["name"] for row in named] == ["优", "良", "轻度污染", "中度污染", "重度污染", "严重污染"]
    assert all(row["low"] > 1 for row in named)
    page = charts.matrix(["甲"], times, np.full((1, 3), 40.0), np.ones((1, 3), int), DARK)
    assert spec["height"] > page["height"]
    assert "<svg" in to_svg(for_document(spec, DARK))
