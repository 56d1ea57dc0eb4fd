"""Charts of accuracies by season and station: marks beside what takes no skill, dots that don't cover each other."""

import numpy as np
import pytest

from shuzhi import i18n
from shuzhi.charts import forecast_splits as charts
from shuzhi.charts.forecast_splits import Dot, Share
from shuzhi.charts.theme import for_document, to_svg
from shuzhi.charts.tokens import DARK, LIGHT

NONE = float("nan")


@pytest.fixture(autouse=True)
def chinese():
    i18n.use("zh")


def rows(spec: dict) -> list[dict]:
    return spec["layer"][-1]["data"]["values"]


def param(spec: dict, name: str):
    return next(one["value"] for one in spec["params"] if one["name"] == name)


def test_a_season_stands_beside_what_takes_no_skill():
    spec = charts.beside([Share("秋季", 0.85, 0.84, 0.81, 399), Share("夏季", NONE, 0.5, 0.5, 0)], LIGHT)
    (row,) = rows(spec)  # a season without scores has no row
    assert (row["v"], row["c"], row["g"], row["text"], row["n"]) == (0.85, 0.84, 0.81, "85%", 399)
    assert param(spec, "names") == ["秋季"]
    low, high = param(spec, "span")
    assert low < 0.81 < 0.85 < high <= 1
    assert "<svg" in to_svg(for_document(spec, LIGHT))


def test_a_floor_that_is_not_known_is_left_out():
    (row,) = rows(charts.beside([Share("秋季", 0.85, NONE, NONE, 3)], LIGHT))
    assert (row["c"], row["g"], row["said"]) == (None, None, "–")


def test_stations_stand_in_their_lane_and_apart():
    shares = np.repeat([0.8, 0.9], 20)
    dots = [Dot("微站", f"站{k}", float(share), 60, "forecast?place=x") for k, share in enumerate(shares)]
    dots.append(Dot("国控", "甲", 0.95, 60, "forecast?place=a", named=True))
    spec = charts.spread(dots, ["国控", "微站"], DARK, level=0.84)
    found = rows(spec)
    assert {row["name"] for row in found if row["r"] < 1} == {"甲"}
    assert all(1 < row["r"] < 2 for row in found if row["lane"] == "微站")
    assert len({(row["v"], row["r"]) for row in found}) == len(found)
    assert [row["name"] for row in found if row["named"]] == ["甲"]
    assert "<svg" in to_svg(for_document(spec, DARK))


def test_without_a_level_there_is_no_line():
    spec = charts.spread([Dot("国控", "甲", 0.95, 60), Dot("国控", "乙", NONE, 0)], ["国控"], LIGHT, level=NONE)
    assert spec["layer"][0]["data"]["values"] == []
    assert [row["name"] for row in rows(spec)] == ["甲"]
