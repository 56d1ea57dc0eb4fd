"""Charts of the situation room's screen."""

import pandas as pd
import pytest

from shuzhi.charts import wall
from shuzhi.charts.theme import to_svg
from shuzhi.charts.tokens import DARK


@pytest.fixture
def hours():
    times = pd.date_range("2026-11-18T01:00", periods=168, freq="h", tz="Asia/Shanghai")
    aqi = pd.Series(range(20, 188), dtype=float)
    level = pd.cut(aqi, [0, 50, 100, 150, 200], labels=[1, 2, 3, 4]).astype(int)
    table = pd.DataFrame({"time": times, "aqi": aqi, "level": level, "primary": ""})
    table.loc[5, ["aqi", "level"]] = [float("nan"), 0]
    return table


@pytest.fixture
def days():
    rows = pd.DataFrame({"day": pd.date_range("2026-11-18", periods=7), "aqi": 80.0, "level": 2})
    rows.loc[2, ["aqi", "level"]] = [float("nan"), 0]
    return rows


def rows(spec, name):
    """Rows of the layer that was made of the named rows."""
    return {"gaps": spec["layer"][0], "bars": spec["layer"][1], "days": spec["layer"][3]}[name]["data"]["values"]


def test_a_missing_hour_is_a_strip_over_the_full_height(hours, days):
    spec = wall.week(hours, days, DARK)
    (gap,) = rows(spec, "gaps")
    top = next(param["value"] for param in spec["params"] if param["name"] == "top")
    assert gap["v"] == top == pytest.approx(187 * 1.1)
    assert len(rows(spec, "bars")) == 167


def test_bars_have_the_colour_of_their_level(hours, days):
    colours = {row["v"]: row["color"] for row in rows(wall.week(hours, days, DARK), "bars")}
    assert (colours[50], colours[51], colours[101]) == ("#00E400", "#FFFF00", "#FF7E00")


def test_each_day_says_its_index_in_the_ink_of_its_level(hours, days):
    told = rows(wall.week(hours, days, DARK), "days")
    assert [row["name"] for row in told] == ["周三", "周四", "周五", "周六", "周日", "周一", "周二"]
    assert (told[0]["text"], told[0]["ink"], told[2]["text"]) == ("80", "#000000", "–")


def test_drawn_without_a_browser(hours, days):
    svg = to_svg({**wall.week(hours, days, DARK), "width": 376, "height": 150})
    assert 'viewBox="0 0 376 150"' in svg
    assert "周三" in svg


def test_the_day_leaves_its_number_to_the_large_figure(hours):
    spec = wall.day(hours.tail(24), DARK)
    assert "text" not in {layer.get("mark", {}).get("type") for layer in spec["layer"]}
