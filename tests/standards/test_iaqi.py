from fractions import Fraction

import numpy as np
import oracle
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.standards.aqi import explain, iaqi, level, levels, sensitive_groups

KEYS = [(item, period, edition) for edition, table in oracle.BREAKPOINTS.items() for item, period in table]
EVERY = [
    (item, period, edition, bound, index)
    for item, period, edition in KEYS
    for bound, index in zip(oracle.BREAKPOINTS[edition][item, period], oracle.INDICES, strict=False)
]


@pytest.mark.parametrize(("item", "period", "edition", "bound", "index"), EVERY)
def test_every_breakpoint_hits_its_index_exactly(item, period, edition, bound, index):
    assert iaqi(bound, item, period, edition) == index


@pytest.mark.parametrize(("item", "period", "edition"), KEYS)
def test_every_rounded_concentration_agrees_with_exact_arithmetic(item, period, edition):
    step = 0.1 if item == "co" else 1
    last = oracle.BREAKPOINTS[edition][item, period][-1]
    readings = np.arange(round(last / step) + 20) * step
    expected = [oracle.iaqi(round(float(x), 1), item, period, edition) for x in readings]
    np.testing.assert_array_equal(iaqi(readings, item, period, edition), np.array(expected, dtype=float))


@given(st.sampled_from(KEYS), st.lists(st.decimals(-10, 5000, places=3).map(float), min_size=1, max_size=20))
def test_arrays_agree_with_one_number_at_a_time(key, readings):
    expected = [oracle.iaqi(reading, *key) for reading in readings]
    np.testing.assert_array_equal(iaqi(readings, *key), np.array(expected, dtype=float))
    np.testing.assert_array_equal([iaqi(reading, *key) for reading in readings], iaqi(readings, *key))


@given(st.sampled_from(KEYS), st.floats(0, 6000), st.floats(0, 6000))
def test_a_higher_concentration_never_has_a_lower_index(key, one, other):
    low, high = (iaqi(reading, *key) for reading in sorted((one, other)))
    assert np.isnan(low) or np.isnan(high) or 0 <= low <= high <= 500


@given(st.sampled_from(KEYS), st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_has_an_index_from_0_to_500_or_none(key, reading):
    index = iaqi(reading, *key)
    assert np.isnan(index) or (0 <= index <= 500 and index == int(index))


@pytest.mark.parametrize("reading", [-0.1, -40, np.nan, np.inf, -np.inf])
def test_no_index_of_what_is_no_reading(reading):
    assert np.isnan(iaqi(reading, "o3", "1h"))


@pytest.mark.parametrize(
    ("reading", "item", "period", "edition", "expected"),
    [
        (800.4, "so2", "1h", "2012", 200),  # rounds to 800
        (801, "so2", "1h", "2012", np.nan),
        (801, "so2", "1h", "2026", 200),
        (5000, "so2", "1h", "2026", 200),
        (801, "o3", "8h", "2012", np.nan),
        (801, "o3", "8h", "2026", 300),
        (2000, "pm25", "24h", "2012", 500),
        (65.4, "co", "24h", "2012", 500),
        (3.96, "co", "24h", "2012", 100),  # rounds to 4.0
        (4.04, "co", "24h", "2012", 100),
        (4.06, "co", "24h", "2012", 101),
        (60.5, "pm25", "24h", "2026", 100),  # half even, 60
        (75.5, "pm25", "24h", "2012", 102),  # half even, 76
        (215, "o3", "1h", "2012", 108),  # 沙河铺, 2019-08-26 15:00
    ],
)
def test_rounding_and_the_end_of_the_table(reading, item, period, edition, expected):
    np.testing.assert_equal(iaqi(reading, item, period, edition), expected)


def test_pm_of_one_hour_takes_the_24h_breakpoints_and_o3_8h_is_ozone_of_8_hours():
    readings = np.arange(0, 700.0)
    for item in ("pm25", "pm10"):
        np.testing.assert_array_equal(iaqi(readings, item, "1h", "2026"), iaqi(readings, item, "24h", "2026"))
    np.testing.assert_array_equal(iaqi(readings, "o3_8h", "24h"), iaqi(readings, "o3", "8h"))


def test_editions_by_row_and_any_shape_and_missing_of_any_type():
    np.testing.assert_array_equal(iaqi([75, 75, 60], "pm25", "24h", ["2012", "2026", "2026"]), [100, 114, 100])
    assert iaqi(np.full((2, 3, 4), 35.0), "pm25", "24h").shape == (2, 3, 4)
    np.testing.assert_array_equal(iaqi(pd.Series([35, None], dtype="Int64"), "pm25", "24h"), [50, np.nan])


@pytest.mark.parametrize(
    ("item", "period", "edition"), [("pm1", "24h", "2012"), ("no2", "8h", "2012"), ("o3", "8h", "1996")]
)
def test_an_unknown_item_period_or_edition_is_named(item, period, edition):
    with pytest.raises(InputError, match=edition):
        iaqi(1, item, period, edition)
    with pytest.raises(InputError, match="1996"):
        iaqi([1, 1], "o3", "8h", ["1996", "2012"])


@given(st.sampled_from(KEYS), st.decimals(0, 4000, places=2).map(float))
def test_an_explanation_shows_the_working_of_the_same_index(key, reading):
    shown = explain(reading, *key)
    index = iaqi(reading, *key)
    assert (shown.iaqi is None and np.isnan(index)) or shown.iaqi == index
    if shown.rule == "formula":
        slope = Fraction(shown.iaqi_hi - shown.iaqi_lo) / (Fraction(str(shown.bp_hi)) - Fraction(str(shown.bp_lo)))
        assert shown.raw == slope * (Fraction(str(shown.concentration)) - Fraction(str(shown.bp_lo))) + shown.iaqi_lo
        assert shown.bp_lo <= shown.concentration <= shown.bp_hi


def test_explanations_name_rule_edition_and_clause():
    shown = explain(215, "o3", "1h")
    assert (shown.bp_lo, shown.bp_hi, shown.iaqi_lo, shown.iaqi_hi) == (200, 300, 100, 150)
    assert (shown.raw, shown.iaqi, shown.edition) == (Fraction(215, 2), 108, "2012")
    assert shown.clause == "HJ 633-2012 6.2, formula (1)"
    assert explain(48, "pm25", "1h", "2026").period == "24h"
    rules = [explain(x, i, p, e).rule for x, i, p, e in ((900, "so2", "1h", "2012"), (900, "so2", "1h", "2026"))]
    assert rules == ["unrated", "fixed"]
    assert explain(70, "co", "24h").rule == "cap"
    assert explain(float("nan"), "co", "24h").rule == "missing"


def test_levels_start_after_the_bound_of_the_one_before():
    aqi = [np.nan, -1, 0, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500]
    assert level(aqi).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert level(aqi).dtype == np.int8
    assert level(108) == 3


@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_the_table_of_levels_is_whole(edition):
    table = levels(edition)
    assert table["name_zh"].tolist() == ["优", "良", "轻度污染", "中度污染", "重度污染", "严重污染"]
    assert table["color"].tolist() == ["#00E400", "#FFFF00", "#FF7E00", "#FF0000", "#99004C", "#7E0023"]
    assert table["ink"].tolist() == ["#000000"] * 4 + ["#FFFFFF"] * 2
    assert table["low"].tolist() == [0 if edition == "2012" else 1, 51, 101, 151, 201, 301]
    assert (table["low"].iloc[1:].to_numpy() == table["high"].iloc[:-1].to_numpy() + 1).all()
    colours = ["#{:02X}{:02X}{:02X}".format(*row) for row in table[["r", "g", "b"]].to_numpy()]
    assert colours == table["color"].tolist()


def test_each_item_names_who_is_sensitive():
    assert sensitive_groups().at["so2", "groups_zh"] == "哮喘患者、未成年人、老年人"
    assert len(sensitive_groups()) == 6
