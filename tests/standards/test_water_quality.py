"""Rivers, basins, main pollutants and changes."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.standards import water
from shuzhi.standards.water.change import critical_value

CLEAN = {"ph": 7.8, "do": 8.0, "codmn": 1.9, "nh3n": 0.1, "tp": 0.02}
SHARE = st.floats(0, 100)


def sections(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame([CLEAN | row for row in rows])


@pytest.mark.parametrize(
    ("good", "worst", "quality"),
    [
        (100, 0, 1),
        (90, 10, 1),
        (89.9, 0, 2),
        (75, 25, 2),
        (74.9, 19.9, 3),
        (74.9, 20, 4),
        (50, 39.9, 4),
        (59.9, 40, 5),
        (60, 40, 5),
        (0, 100, 5),
        (np.nan, 0, 0),
    ],
)
def test_quality_of_a_river_by_shares(good, worst, quality):
    assert water.quality_of_shares(good, worst) == quality


@given(SHARE, SHARE)
def test_every_pair_of_shares_has_a_quality(good, worst):
    worst = min(worst, 100 - good)
    assert 1 <= water.quality_of_shares(good, worst) <= 5


@given(SHARE, SHARE, SHARE)
def test_a_smaller_good_share_is_never_better(one, other, worst):
    low, high = sorted((one, other))
    assert water.quality_of_shares(high, worst) <= water.quality_of_shares(low, worst)


def test_names_of_the_qualities():
    table = water.qualities()
    assert table["name_zh"].tolist() == ["优", "良好", "轻度污染", "中度污染", "重度污染"]
    assert table["color_zh"].tolist() == ["蓝", "绿", "黄", "橙", "红"]
    single = water.classes().drop_duplicates("quality", keep="last")
    assert table["color"].tolist() == single["color"].tolist()


def test_shares_of_classes_by_river():
    found = water.class_shares([1, 2, 3, 4, 6, 0, 3], ["a", "a", "a", "a", "b", "b", "c"])
    assert found["sections"].tolist() == [4, 1, 1]
    assert found["good_share"].tolist() == [75, 0, 100]
    assert found["worst_share"].tolist() == [0, 100, 0]
    assert found["quality"].tolist() == [2, 5, 1]
    assert found.loc["a", [f"n_{k}" for k in range(1, 7)]].tolist() == [1, 1, 1, 1, 0, 0]
    none = water.class_shares([0, np.nan]).loc[0]
    assert (none["sections"], none["quality"]) == (0, 0)
    assert np.isnan(none["good_share"])


def test_few_sections_go_by_means_and_five_by_shares():
    table = sections({"tp": 0.5}, {}, {}, {}, {"tp": 0.5}, {}, {}, {}, {})
    river = ["short"] * 4 + ["long"] * 5
    found = water.river_quality(table, river)
    assert found["method"].to_dict() == {"short": "means", "long": "shares"}
    assert found["water_class"].to_dict() == {"short": 3, "long": 0}  # (0.5 + 3 · 0.02)/4 = 0.14
    assert found["quality"].to_dict() == {"short": 2, "long": 2}  # 80 % good
    assert found["main"].to_dict() == {"short": "", "long": "TP"}
    assert found.at["short", "worst_share"] == 25
    assert water.river_quality(table, river, few=6).at["long", "method"] == "means"
    assert water.river_quality(table.assign(river=river), "river").equals(found)


def test_main_pollutants_of_a_long_river_are_those_of_the_most_sections():
    rows = [{"tp": 0.25, "nh3n": 3.0}, {"tp": 0.25}, {"tp": 0.25, "codmn": 7}, {"do": 4, "nh3n": 1.2}, {"codmn": 11}]
    found = water.river_quality(sections(*rows)).loc[0]
    assert found["main"] == "TP;CODMn;NH3-N"
    share = water.shares_beyond(water.section_class(sections(*rows)))
    assert share.to_dict() == {"tp": 60, "codmn": 40, "nh3n": 40, "do": 20}
    assert (found["good_share"], found["worst_share"], found["quality"]) == (0, 20, 4)


def test_sections_without_a_class_do_not_count():
    nothing = dict.fromkeys(CLEAN, np.nan)
    found = water.river_quality(sections({}, nothing, nothing, nothing, nothing)).loc[0]
    assert (found["sections"], found["method"], found["water_class"]) == (1, "means", 1)
    assert water.river_quality(sections(nothing)).loc[0, "quality"] == 0


def test_a_lake_is_the_mean_of_its_points():
    points = sections({"tp": 0.04, "tn": 1.4}, {"tp": 0.08, "tn": 1.0}, {"tp": 0.01})
    found = water.lake_quality(points, ["east", "east", "west"])
    assert found["water_class"].to_dict() == {"east": 4, "west": 1}
    assert found["quality"].to_dict() == {"east": 3, "west": 1}
    assert found["class_tn"].to_dict() == {"east": 4, "west": 0}


def test_multiples_of_exceedance():
    assert water.exceedance([0.5, 0.2, 0.1, np.nan], "tp") == pytest.approx([1.5, 0, 0, np.nan], nan_ok=True)
    assert water.exceedance([0.5, 0.5], "tp", ["river", "lake"]) == pytest.approx([1.5, 9])
    assert water.exceedance(13.2, "codmn") == pytest.approx(1.2)
    for item in ("ph", "do", "water_temperature"):
        assert np.isnan(water.exceedance(3.0, item))
    with pytest.raises(InputError):
        water.exceedance(1, "plutonium")


def test_main_pollutants_go_by_class_then_by_multiple():
    rows = [
        {},
        {"tp": 0.25, "nh3n": 1.2, "codmn": 9.0, "do": 4},  # all Ⅳ: multiples 0.25, 0.2, 0.5, none
        {"tp": 0.45, "nh3n": 1.9, "codmn": 16.2},  # 劣Ⅴ 1.25, Ⅴ 0.9, 劣Ⅴ 1.7
        {"ph": 9.4, "codmn": 7.0},
    ]
    found = water.main_pollutants(sections(*rows))
    assert found["main"].tolist() == ["", "CODMn;TP;NH3-N", "CODMn;TP;NH3-N", "pH;CODMn"]
    assert found.loc[2, ["main_1", "main_2", "main_3"]].tolist() == ["codmn", "tp", "nh3n"]
    assert found.loc[2, ["times_1", "times_2", "times_3"]].tolist() == pytest.approx([1.7, 1.25, 0.9])
    assert np.isnan(found.at[3, "times_1"])


def test_heavy_metals_and_cyanide_come_first():
    found = water.main_pollutants(sections({"tp": 0.9, "lead": 0.06, "cyanide": 0.21, "nh3n": 9}))
    assert found.at[0, "main"] == "CN-;Pb;NH3-N"  # 劣Ⅴ before Ⅴ
    assert water.main_pollutants(sections({"lead": 0.04})).at[0, "main"] == ""


def test_two_items_still_have_three_columns():
    found = water.main_pollutants(pd.DataFrame({"tp": [0.5], "do": [1.0]}))
    assert found.loc[0, ["main_1", "main_2", "main_3"]].tolist() == ["tp", "do", ""]


def test_change_of_quality_in_steps():
    assert water.quality_change([3, 3, 3, 2, 1, 5], [3, 2, 1, 3, 4, 1]).tolist() == [0, 1, 2, -1, -2, 2]
    assert np.isnan(water.quality_change([0, 2], [1, np.nan])).all()
    words = water.changes()["name_zh"]
    assert words.loc[[2, 1, 0, -1, -2]].tolist() == ["明显好转", "有所好转", "无明显变化", "有所变差", "明显变差"]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ((70, 10), (75, 5), 0),  # ΔG − ΔD = 10
        ((70, 10), (75.1, 5), 1),
        ((70, 10), (85, 5), 1),  # 20
        ((70, 10), (85.1, 5), 2),
        ((85, 5), (70, 10), -1),
        ((85, 5), (60, 10), -2),
        ((70, 10), (np.nan, 5), np.nan),
    ],
)
def test_change_of_shares(before, after, change):
    np.testing.assert_equal(float(water.share_change(*before, *after)), float(change))


def test_trend_by_rank_correlation():
    falling = water.trend([0.31, 0.28, 0.22, 0.24, 0.17, 0.12])
    assert (falling.n, round(falling.coefficient, 3), falling.critical, falling.direction) == (6, -0.943, 0.829, -1)
    assert water.trend([1, 2, np.nan, 3, 4, 5]).direction == 1
    assert water.trend([1, 3, 2, 5, 4, 1]).direction == 0
    assert water.trend([2, 2, 2, 2, 2]).direction == 0
    assert water.trend([1, 2, 3]).direction is None
    assert water.changes("trend")["name_zh"].loc[[1, 0, -1]].tolist() == ["上升", "稳定", "下降"]


@pytest.mark.parametrize("n", [4, 5, 6, 7])
def test_critical_values_are_those_of_the_permutations(n):
    """The smallest coefficient that at most 5 % of all orders reach."""
    orders = np.array(list(permutations(range(n))))
    r = 1 - 6 * ((orders - np.arange(n)) ** 2).sum(axis=1) / (n**3 - n)
    steps = np.unique(r)
    reached = [np.mean(r >= step - 1e-9) for step in steps]
    assert round(
        float(min(step for step, share in zip(steps, reached, strict=True) if share <= 0.05)), 3
    ) == critical_value(n)


def test_critical_values_between_and_beyond_the_table():
    assert critical_value(11) == pytest.approx((0.564 + 0.506) / 2)
    assert critical_value(31) == pytest.approx(0.300, abs=5e-4)
    assert np.isnan(critical_value(3))
