from time import perf_counter

import numpy as np
import pandas as pd
import pytest
import water_oracle as oracle
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.standards import water
from shuzhi.standards.factors import factors

AT_LIMITS = [(item, body, float(limit)) for (item, body), limits in oracle.LIMITS.items() for limit in limits]
FIVE = {"ph": 7.8, "do": 8.0, "codmn": 1.9, "nh3n": 0.1, "tp": 0.02}


def sections(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame([FIVE | row for row in rows])


@pytest.mark.parametrize(("item", "body", "limit"), AT_LIMITS)
def test_a_value_on_a_limit_meets_it_and_one_beyond_does_not(item, body, limit):
    values = [limit, limit * (1 + 1e-6), limit * (1 - 1e-6)]
    expected = [oracle.item_class(round(value, 12), item, body) for value in values]
    assert water.item_class(values, item, body).tolist() == expected
    assert expected[1] > expected[0] >= expected[2]


def test_oxygen_and_ph():
    oxygen = [12, 7.5, 7.49, 6, 5.99, 5, 4.99, 3, 2.99, 2, 1.99, 0]
    assert water.item_class(oxygen, "do").tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert water.item_class([6, 9, 9.01, 9.2, 5.99, 5.63], "ph").tolist() == [1, 1, 6, 6, 6, 6]


def test_rivers_and_lakes_differ_in_phosphorus_and_nitrogen_only():
    different = [item for item in water.ITEMS if water.limit(item) != water.limit(item, body="lake")]
    assert different == ["tp", "tn"]
    assert (water.limit("tp"), water.limit("tp", body="lake")) == (0.2, 0.05)
    assert water.item_class([0.047, 0.047], "tp", ["river", "lake"]).tolist() == [2, 3]
    assert water.item_class([1.2, 1.2], "tn", ["river", "lake"]).tolist() == [0, 4]
    assert water.limit("tn") is None


def test_what_is_no_reading_has_no_class():
    values = [np.nan, -0.1, np.inf, 0.0]
    assert water.item_class(values, "tp").tolist() == [0, 0, 0, 1]
    assert water.item_class([14.1, -1, np.nan], "ph").tolist() == [0, 0, 0]
    assert water.item_class([20.0], "water_temperature").tolist() == [0]
    assert water.item_class(pd.Series([0.1, None], dtype="Float64"), "tp").tolist() == [2, 0]


def test_binary_noise_does_not_lift_a_value_over_its_limit():
    assert 0.1 + 0.2 > 0.3
    assert water.item_class(0.1 + 0.2, "tp") == 4
    assert water.item_class(0.3 - 0.1 - 0.1 - 0.1 + 5, "do") == 3


@given(st.sampled_from(oracle.KEYS), st.lists(st.decimals(-1, 50000, places=5).map(float), min_size=1, max_size=20))
def test_arrays_agree_with_one_number_at_a_time(key, readings):
    expected = [oracle.item_class(reading, *key) for reading in readings]
    assert water.item_class(readings, *key).tolist() == expected
    assert [int(water.item_class(reading, *key)) for reading in readings] == expected


@given(st.sampled_from([key for key in oracle.KEYS if key[0] != "ph"]), st.floats(0, 60000), st.floats(0, 60000))
def test_a_worse_value_never_has_a_better_class(key, one, other):
    better, worse = sorted((one, other), reverse=key[0] == "do")
    assert water.item_class(better, *key) <= water.item_class(worse, *key)


@given(st.lists(st.tuples(st.floats(0, 14), st.floats(0, 20), st.floats(0, 30), st.floats(0, 4), st.floats(0, 1))))
def test_a_section_has_the_class_of_its_worst_item(rows):
    table = pd.DataFrame(rows, columns=list(water.AUTOMATIC), dtype=float)
    found = water.section_class(table)
    for k, row in enumerate(rows):
        single = {item: oracle.item_class(value, item, "river") for item, value in zip(table, row, strict=True)}
        worst = max(single.values())
        deciding = [water.SYMBOLS[item] for item, one in single.items() if one == worst > 1]
        assert found.iloc[k][["water_class", "deciding", "measured"]].tolist() == [worst, ";".join(deciding), 5]


def test_the_items_of_the_assessment():
    assert (len(water.ITEMS), len(water.ASSESSED)) == (24, 21)
    assert set(water.ITEMS) - set(water.ASSESSED) == {"water_temperature", "tn", "coliform"}
    assert water.AUTOMATIC == ("ph", "do", "codmn", "nh3n", "tp")
    assert set(water.ITEMS) <= set(factors("water").index)
    assert factors("water").at["tp", "hj212_code"] == "w21011"
    assert water.supplementary()["limit"].to_dict() == {
        "sulphate": 250,
        "chloride": 250,
        "nitrate": 10,
        "iron": 0.3,
        "manganese": 0.1,
    }


def test_nitrogen_temperature_and_coliform_do_not_count():
    table = sections({"tn": 9.0, "coliform": 1e6, "water_temperature": 40.0})
    assert water.section_class(table, "lake").loc[0, ["water_class", "deciding"]].tolist() == [2, "TP"]
    assert water.section_class(table, "lake", items=("tn",)).at[0, "water_class"] == 6


def test_section_class_names_what_decides_and_what_was_measured():
    found = water.section_class(sections({}, {"tp": 0.21, "nh3n": 1.2}, {"tp": np.nan}, dict.fromkeys(FIVE, np.nan)))
    assert found["water_class"].tolist() == [1, 4, 1, 0]
    assert found["deciding"].tolist() == ["", "NH3-N;TP", "", ""]
    assert found["measured"].tolist() == [5, 5, 4, 0]
    assert found["class_tp"].tolist() == [1, 4, 0, 0]
    assert found["water_class"].dtype == np.int8


def test_each_row_has_its_own_kind_of_water_and_the_index_stays():
    table = sections({"tp": 0.047}, {"tp": 0.047}).set_axis(["a", "b"])
    found = water.section_class(table, pd.Series(["lake", "river"], ["b", "a"]).reindex(["b", "a"]))
    assert found["water_class"].to_dict() == {"a": 3, "b": 2}
    assert water.section_class(table.iloc[:0]).empty


def test_saturated_oxygen_is_class_one_where_asked():
    table = sections({"do": 6.8}, {"do": 6.8}, {"do": np.nan})
    found = water.section_class(table, do_saturation=[92, 89, 95])
    assert found["class_do"].tolist() == [1, 2, 0]


def test_assessment_rounds_half_even_before_it_rates():
    table = sections({"ph": 9.4}, {"ph": 9.5}, {"nh3n": 0.505}, {"nh3n": 0.515}, {"do": 5.95}, {"tp": 0.1005})
    assert water.section_class(table)["water_class"].tolist() == [6, 6, 3, 3, 3, 3]
    assert water.section_class(table, rounded=True)["water_class"].tolist() == [1, 6, 2, 3, 2, 2]


def test_a_rounded_value_keeps_one_significant_digit():
    table = pd.DataFrame({"tp": [0.0034, 0.0035, 0.0045, 0.00005, 0.0, np.nan], "nh3n": [0.004, 0.005, 0.015, 1, 2, 3]})
    rounded = water.round_items(table)
    assert rounded["tp"].tolist()[:5] == [0.003, 0.004, 0.004, 0.00005, 0.0]
    assert rounded["nh3n"].tolist() == [0.004, 0.005, 0.02, 1, 2, 3]


def test_mean_ph_is_that_of_the_hydrogen_ions():
    table = pd.DataFrame({"ph": [6.5, 7.9, 8.8, 9, 6.78, 8.87], "tp": [0.1, 0.2, np.nan, 0.1, 0.2, 0.15]})
    mean = water.means(table)
    assert round(mean.at[0, "ph"], 2) == 7.08
    assert mean.at[0, "tp"] == pytest.approx(0.15)
    by = water.means(table, by=[1, 1, 2, 2, 2, 2])
    assert by.index.tolist() == [1, 2]
    assert by.at[1, "tp"] == pytest.approx(0.15)
    named = water.means(table.assign(river="Min", month=[1, 1, 1, 2, 2, 2]), by=["river", "month"])
    assert named.index.tolist() == [("Min", 1), ("Min", 2)]


def test_classes_are_written_and_read():
    texts = ["Ⅰ", "II", "Ⅲ类", " Ⅳ ", "V", "劣Ⅴ", "劣V类", "*", "-", "--", "", None, np.nan]
    assert water.class_number(texts).tolist() == [1, 2, 3, 4, 5, 6, 6, 0, 0, 0, 0, 0, 0]
    assert water.roman([0, 1, 2, 3, 4, 5, 6]).tolist() == ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"]
    assert water.class_number(pd.Series([], dtype=object)).tolist() == []


def test_names_and_colours():
    table = water.classes()
    assert table["roman"].tolist() == list(water.ROMAN)
    assert table["color"].tolist() == ["#CCFFFF", "#00CCFF", "#00FF00", "#FFFF00", "#FF9B00", "#FF0000"]
    assert set(table["ink"]) == {"#000000"}
    assert water.quality([0, 1, 2, 3, 4, 5, 6]).tolist() == [0, 1, 1, 2, 3, 4, 5]


def test_targets():
    met = water.meets_target([2, 3, 4, 0, 3], [3, 3, 3, 3, np.nan])
    assert met.tolist() == [True, True, False, pd.NA, pd.NA]


def test_mistakes_are_told():
    for call in (
        lambda: water.item_class(1, "plutonium"),
        lambda: water.item_class(1, "tp", "pond"),
        lambda: water.section_class(sections({}), ["pond"]),
        lambda: water.section_class(pd.DataFrame({"pm25": [1]})),
        lambda: water.limit("tp", 6),
    ):
        with pytest.raises(InputError, match="known are|expected"):
            call()


def test_a_million_rows_take_less_than_two_seconds():
    n, random = 1_000_000, np.random.default_rng(3838)
    names = ["water_temperature", "ph", "do", "conductivity", "turbidity", "codmn", "nh3n", "tp", "tn"]
    table = pd.DataFrame(random.uniform(0, 12, (n, 9)), columns=names)
    bodies = np.where(np.arange(n) % 10, "river", "lake")
    start = perf_counter()
    found = water.section_class(table, bodies)
    took = perf_counter() - start
    print(f"{n} rows in {took:.2f} s")
    assert len(found) == n
    assert took < 2
