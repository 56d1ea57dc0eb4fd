"""Charts of the forecast's honesty: names that stand apart, gaps that stay gaps."""

import json

import numpy as np
import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.charts import forecast_skill as charts
from shuzhi.charts.theme import for_document, to_svg
from shuzhi.charts.tokens import LIGHT


@pytest.fixture(autouse=True)
def chinese():
    i18n.use("zh")


def rows(spec: dict, *fields: str) -> list[dict]:
    return [row for layer in spec["layer"] for row in layer["data"]["values"] if set(fields) <= set(row)]


def test_names_at_the_ends_of_lines_stand_apart():
    series = {"a": [10, 10], "b": [10, 10.1], "told": [10, 10.2], "far": [0, 50]}
    spec = charts.by_lead(series, ["1", "2"], LIGHT, told="told")
    ends = sorted((row["v"], row["name"]) for row in rows(spec, "name", "told") if "value" not in row)
    assert [name for _v, name in ends] == ["a", "b", "told", "far"]
    assert min(np.diff([v for v, _name in ends])) > 2
    assert "<svg" in to_svg(for_document(spec, LIGHT))


def test_missing_values_of_a_line_are_left_out():
    spec = charts.by_lead({"told": [1.0, float("nan")]}, ["1", "2"], LIGHT, told="told")
    assert "NaN" not in json.dumps(spec)


def test_no_promise_of_the_reliability_is_certain():
    table = pd.DataFrame({"probability": [0.0, 0.5, 1.0], "frequency": [0.0, 0.4, 1.0], "n": [9, 5, 7]})
    found = rows(charts.reliability(table, LIGHT), "said")
    assert [(row["said"], row["came"]) for row in found] == [("<1%", "0%"), ("50%", "40%"), (">99%", "100%")]


def test_limits_are_legible_over_what_was_told():
    day = pd.Timestamp("2026-11-20", tz="Asia/Shanghai").tz_convert("UTC")
    bands = dict(zip(("lower90", "lower50", "upper50", "upper90"), (40, 60, 90, 160), strict=True))
    table = pd.DataFrame([{"time": day, "value": 75.0, "came": 82.0, **bands}])
    spec = charts.beside(table, "aqi", LIGHT)
    assert [row["text"] for row in spec["layer"][-1]["data"]["values"]][:2] == ["优 ≤ 50", "良 ≤ 100"]
    (row,) = rows(spec, "came", "told")
    assert (row["told"], row["seen"], row["a"], row["d"]) == ("75", "82", 40, 160)
    assert "<svg" in to_svg(for_document(spec, LIGHT))


def test_reliability_leaves_out_what_never_was_told():
    table = pd.DataFrame({"probability": [0.1, 0.5], "frequency": [0.0, 1.0], "n": [3, 0]})
    (row,) = rows(charts.reliability(table, LIGHT), "said")
    assert (row["said"], row["came"], row["n"]) == ("10%", "0%", 3)
