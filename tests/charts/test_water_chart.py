"""The chart of a section: limits of the classes, gaps, the strip; and that it can be drawn without a browser."""

import pandas as pd
import pytest

from shuzhi.charts import theme
from shuzhi.charts import water as charts
from shuzhi.charts.tokens import DARK, LIGHT
from shuzhi.settings import BEIJING

START = pd.Timestamp("2026-04-01", tz=BEIJING)
END = pd.Timestamp("2026-04-08", tz=BEIJING)


@pytest.fixture
def table() -> pd.DataFrame:
    """Four-hourly readings of a week without 3–5 April, and one that stands alone on the 6th."""
    times = pd.date_range(START, END, freq="4h", inclusive="right").tz_convert("UTC")
    frame = pd.DataFrame({"time": times, "tp": 0.15, "ph": 7.6, "do": 6.5, "tn": 2.0, "water_class": 3})
    day = frame["time"].dt.tz_convert(BEIJING)
    kept = (day <= "2026-04-03") | (day > "2026-04-07") | (day == "2026-04-06 12:00")
    frame.loc[frame.index[-1], ["tp", "water_class"]] = [0.25, 4]
    return frame[kept]


def rows(spec: dict, field: str) -> list[dict]:
    return next(group["data"]["values"] for group in spec["layer"] if field in (group["data"]["values"] or [{}])[0])


def value(spec: dict, name: str):
    return next(param["value"] for param in spec["params"] if param["name"] == name)


def test_limits_of_rivers_and_lakes():
    assert charts.limit_lines("tp", "river")[2] == (0.2, "Ⅲ类 0.2")
    assert charts.limit_lines("tp", "lake")[2] == (0.05, "Ⅲ类 0.05")
    assert charts.limit_lines("ph", "river") == [(6.0, "Ⅰ–Ⅴ类 6"), (9.0, "Ⅰ–Ⅴ类 9")]
    assert charts.limit_lines("tn", "river") == []
    assert charts.limit_lines("turbidity", "river") == []


def test_the_axis_reaches_to_the_next_limit(table):
    spec = charts.series(table, "tp", START, END, LIGHT)
    assert value(spec, "high") == pytest.approx(0.3 * 1.12)
    assert [row["text"] for row in rows(spec, "v") if "类" in row["text"]] == [
        "Ⅰ类 0.02", "Ⅱ类 0.1", "Ⅲ类 0.2", "Ⅳ类 0.3",
    ]  # fmt: skip


def test_a_long_gap_breaks_the_line_and_says_how_long_it_is(table):
    spec = charts.series(table, "tp", START, END, LIGHT)
    gaps = rows(spec, "share")
    assert [gap["text"] for gap in gaps] == ["缺测 3 天", ""]
    readings = rows(spec, "reading")
    assert [row["run"] for row in readings if row["alone"]] == [1]
    assert len({row["run"] for row in readings}) == 3


def test_the_strip_has_the_classes(table):
    cells = rows(charts.series(table, "do", START, END, LIGHT), "a")
    assert [cell["grade"] for cell in cells].count("Ⅲ类") == len(table) - 1
    assert cells[-1]["grade"] == "Ⅳ类"
    assert cells[-1]["color"] == "#FFFF00"


def test_no_readings_leave_the_limits_and_one_gap(table):
    spec = charts.series(table.iloc[:0], "tp", START, END, LIGHT)
    assert [gap["text"] for gap in rows(spec, "share")] == ["缺测 7 天"]
    assert value(spec, "high") == pytest.approx(0.2 * 1.12)


@pytest.mark.parametrize("item", ["tp", "ph", "do", "tn"])
@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_it_can_be_drawn(table, item, mode):
    spec = theme.for_document(charts.series(table, item, START, END, mode), mode)
    assert "<svg" in theme.to_svg(spec)
