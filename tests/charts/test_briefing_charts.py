"""Charts of a briefing: what they draw, and that they can be drawn without a browser."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from shuzhi.charts import briefing as charts
from shuzhi.charts import theme

SQUARE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "方区"},
            "geometry": {"type": "Polygon", "coordinates": [[[104, 30], [105, 30], [105, 31], [104, 31], [104, 30]]]},
        }
    ],
}


def days(n: int, first: str = "2019-08-01") -> pd.DataFrame:
    """Days with an AQI of 60; the third is not valid, the last one polluted."""
    table = pd.DataFrame({"day": pd.date_range(first, periods=n), "aqi": 60.0, "level": 2, "primary": "O3"})
    table.loc[2, ["aqi", "level", "primary"]] = [np.nan, 0, ""]
    table.loc[n - 1, ["aqi", "level"]] = [130.0, 3]
    return table


def rows(spec: dict) -> list[dict]:
    return [row for layer in spec["layer"] for row in layer["data"]["values"]]


def drawn(spec: dict, width: int = 760) -> Image.Image:
    return Image.open(io.BytesIO(theme.to_png(theme.for_document(spec, charts.PAPER, width=width), scale=1)))


def test_few_days_are_bars_with_numbers():
    spec = charts.daily(days(7))
    shown = rows(spec)
    assert {row["text"] for row in shown if row.get("v") == 60} == {"60"}
    assert [row["state"] for row in shown if row.get("spoken", "").startswith("2019-08-03")][0] == "数据不足"
    assert {"1", "8月7日"} & {row.get("label") for row in shown} == {"8月7日"}
    assert drawn(spec).size[0] == 760


@pytest.mark.parametrize(
    ("n", "first"), [(45, "2019-08-01"), (240, "2019-01-01"), (90, "2018-12-01"), (600, "2018-01-01")]
)
def test_any_span_can_be_drawn(n, first):
    image = drawn(charts.daily(days(n, first)))
    assert len(image.convert("RGB").getcolors(1 << 20)) > 4


def test_level_bars_hold_every_day():
    spec = charts.level_bars({"今年": {1: 40, 2: 142, 3: 46, 4: 8, 5: 0, 6: 0, 0: 7}, "去年": {2: 240}})
    pieces = [row for row in rows(spec) if "spoken" in row]
    this = [row for row in pieces if row["row"] == 0]
    assert [row["days"] for row in this] == [40, 142, 46, 8, 7]
    assert this[0]["a"] == 0
    assert this[-1]["b"] == pytest.approx(1)
    assert all(one["b"] == pytest.approx(two["a"]) for one, two in zip(this, this[1:], strict=False))
    legend = [row["name"] for row in rows(spec) if "px" in row]
    assert legend == ["优", "良", "轻度污染", "中度污染", "数据不足"]
    assert drawn(spec).size == (760, 148)


@pytest.fixture
def stations() -> pd.DataFrame:
    table = {
        "name": ["甲", "乙", "丙"],
        "lon": [104.2, 104.8, np.nan],
        "lat": [30.2, 30.8, np.nan],
        "level": [2, 0, 3],
        "aqi": [70.0, np.nan, 120.0],
    }
    return pd.DataFrame(table)


def test_the_map_counts_every_station_and_draws_those_with_a_place(stations):
    spec = charts.city_map(SQUARE, stations, [{"text": "方区", "lon": 104.5, "lat": 30.5}])
    svg = theme.to_svg(theme.for_document(spec, charts.PAPER, width=600))
    for text in ("优 0", "良 1", "轻度污染 1", "无数据 1", "方区"):
        assert f">{text}</text>" in svg
    assert "甲 AQI 70 良" in svg
    assert "乙 AQI 无数据" in svg
    assert "丙" not in svg


def test_the_map_has_north_above_and_no_stretch(stations):
    """A square of a degree is narrower than high by the cosine of its latitude, and 甲 lies south-west of 乙."""
    svg = theme.to_svg(theme.for_document(charts.city_map(SQUARE, stations, []), charts.PAPER, width=900))
    land = next(path for path in re.findall(r'd="(M[^"]*Z)"', svg) if path.count("L") == 3)
    points = np.array([[float(n) for n in pair.split(",")] for pair in re.findall(r"-?[\d.]+,-?[\d.]+", land)])
    width, height = np.ptp(points, axis=0)
    assert width / height == pytest.approx(np.cos(np.radians(30.5)), rel=0.01)
    first, second = (
        np.array(
            [float(n) for n in re.search(rf'{name} AQI[^>]*transform="translate\(([\d.]+),([\d.]+)\)', svg).groups()]
        )
        for name in ("甲", "乙")
    )
    assert first[0] < second[0]
    assert first[1] > second[1]
