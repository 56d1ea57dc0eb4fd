"""CWQI and the trophic index."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.standards import water

FIVE = {"ph": 8.0, "do": 8.0, "codmn": 3.0, "nh3n": 0.3, "tp": 0.1}


def table(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame([FIVE | row for row in rows])


def test_cwqi_is_the_sum_over_the_limits_of_class_three():
    found = water.cwqi(table({}, {"ph": 6.4}, {"tp": np.nan}, {"do": 0}))
    assert found.loc[0, ["cwqi_ph", "cwqi_do", "cwqi_codmn", "cwqi_nh3n", "cwqi_tp"]].tolist() == pytest.approx(
        [0.5, 0.625, 0.5, 0.3, 0.5]
    )
    assert found.loc[:2, "cwqi"].tolist() == pytest.approx([2.425, 2.525, 1.925])
    assert found["measured"].tolist() == [5, 5, 4, 5]
    assert np.isinf(found.at[3, "cwqi"])
    assert water.cwqi(pd.DataFrame({"ph": [7.0]})).at[0, "cwqi"] == 0


def test_cwqi_of_all_items_at_the_limit_of_class_three():
    """20 items give 1 each and pH at 9 gives 1; nitrogen, temperature and coliform do not count."""
    limits = {item: water.limit(item, 3) for item in water.ASSESSED}
    rows = pd.DataFrame([limits | {"tn": 5.0, "coliform": 1e5, "water_temperature": 20.0}])
    found = water.cwqi(rows)
    assert (round(found.at[0, "cwqi"], 9), found.at[0, "measured"]) == (21, 21)
    assert water.cwqi(rows, "lake").at[0, "cwqi_tp"] == pytest.approx(4)
    assert water.cwqi(table({"tp": 0.12345678}), decimals=4).at[0, "cwqi"] == 2.5423


def test_city_index_weights_rivers_and_lakes_by_their_number():
    sections = table({"tp": 0.1}, {"tp": 0.3}, {"tp": 0.2}, {"tp": 0.05}, {"tp": 0.1})
    city = ["A", "A", "A", "A", "B"]
    found = water.city_cwqi(sections, ["river", "river", "river", "lake", "river"], city)
    assert found["cwqi_river"].tolist() == pytest.approx([1.925 + 1, 1.925 + 0.5])
    assert found.at["A", "cwqi_lake"] == pytest.approx(1.925 + 1)
    assert np.isnan(found.at["B", "cwqi_lake"])
    assert found.at["A", "cwqi"] == pytest.approx((2.925 * 3 + 2.925) / 4)
    assert found[["rivers", "lakes", "measured"]].values.tolist() == [[3, 1, 5], [1, 0, 5]]
    assert water.city_cwqi(sections.assign(city=city), by="city")["rivers"].tolist() == [4, 1]


def test_city_index_is_made_of_the_means_not_of_the_indices():
    sections = table({"do": 4.0}, {"do": 16.0})
    assert water.city_cwqi(sections, items=["do"]).at[0, "cwqi"] == pytest.approx(5 / 10)
    assert water.city_cwqi(sections, items=["do"], decimals=4).at[0, "cwqi"] == 0.5


def test_a_section_without_values_has_no_weight():
    nothing = dict.fromkeys(FIVE, np.nan)
    found = water.city_cwqi(table({}, nothing), by=["A", "B"])
    assert found["rivers"].tolist() == [1, 0]
    assert found["measured"].tolist() == [5, 0]
    assert np.isnan(found.at["B", "cwqi"])


def test_change_of_cwqi():
    assert water.cwqi_change(4.5, 5.0) == pytest.approx(-10)
    assert water.cwqi_change([3.0, 3.0, np.nan], [2.0, 0.0, 1.0]) == pytest.approx([50, np.nan, np.nan], nan_ok=True)


@given(st.floats(0.01, 20), st.floats(0.01, 20), st.sampled_from(["codmn", "nh3n", "tp", "do"]))
def test_a_worse_value_never_lowers_cwqi(one, other, item):
    better, worse = sorted((one, other), reverse=item == "do")
    found = water.cwqi(table({item: better}, {item: worse}))["cwqi"]
    assert found[0] <= found[1]


def test_trophic_index_of_each_parameter():
    """Golden numbers of two formula collections: chlorophyll 30 mg/m³ and transparency 0.6 m."""
    assert water.item_tli(0.030, "chla") == pytest.approx(61.937, abs=5e-4)
    assert water.item_tli(0.6, "transparency") == pytest.approx(61.090, abs=5e-4)
    ones = {"chla": 0.001, "tp": 1, "tn": 1, "transparency": 1, "codmn": 1}
    found = [float(water.item_tli(value, item)) for item, value in ones.items()]
    assert found == pytest.approx([25, 94.36, 54.53, 51.18, 1.09])
    assert np.isnan(water.item_tli([0, -1, np.nan], "tp")).all()
    with pytest.raises(InputError):
        water.item_tli(1, "do")


def test_trophic_index_is_the_weighted_sum():
    row = {"chla": 0.030, "tp": 0.05, "tn": 1.0, "transparency": 0.6, "codmn": 5.0}
    found = water.tli(pd.DataFrame([row, row | {"tn": np.nan}]))
    weight = {"chla": 0.2663, "tp": 0.1879, "tn": 0.1790, "transparency": 0.1834, "codmn": 0.1834}
    expected = sum(weight[item] * float(water.item_tli(value, item)) for item, value in row.items())
    assert found.at[0, "tli"] == pytest.approx(expected, abs=0.01)
    assert found["trophic"].tolist() == [3, 0]
    some = water.tli(pd.DataFrame([row]), items=("chla", "transparency"))
    assert some.at[0, "tli"] == pytest.approx((61.937 + 0.6889 * 61.090) / 1.6889, abs=1e-3)
    with pytest.raises(InputError, match="transparency"):
        water.tli(pd.DataFrame([{"chla": 0.03, "tp": 0.05, "tn": 1.0, "codmn": 5.0}]))


def test_trophic_words():
    assert water.trophic([29.9, 30, 50, 50.1, 60, 60.1, 70, 70.1, np.nan]).tolist() == [1, 2, 2, 3, 3, 4, 4, 5, 0]
    assert water.trophic_levels()["name_zh"].tolist() == [
        "贫营养",
        "中营养",
        "轻度富营养",
        "中度富营养",
        "重度富营养",
    ]
