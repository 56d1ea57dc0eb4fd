"""The law of surface water against the classes that were published for 79 automatic stations of Sichuan in 2021."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.standards import water

pytestmark = pytest.mark.archive

COLUMNS = {
    "ph": "pH(无量纲)",
    "do": "溶解氧(mg/L)",
    "codmn": "高锰酸盐指数(mg/L)",
    "nh3n": "氨氮(mg/L)",
    "tp": "总磷(mg/L)",
    "tn": "总氮(mg/L)",
}
LAKES = ["邛海湖心", "鲁班岛", "礼板湾(王妃岛)"]  # the stations that measure chlorophyll
HALF_UNIT = {"ph": 0.005, "do": 0.005, "codmn": 0.005, "nh3n": 0.0005, "tp": 0.0005}  # of what is displayed


@pytest.fixture(scope="module")
def published(water_2021):
    """Every row: the displayed values, our class of them, and the published one (0 = none)."""
    raw = pd.read_csv(water_2021, dtype=str)
    values = pd.DataFrame({item: pd.to_numeric(raw[name], errors="coerce") for item, name in COLUMNS.items()})
    body = np.where(raw["断面名称"].isin(LAKES), "lake", "river")
    own = water.class_number(raw["水质类别"])
    return values.assign(section=raw["断面名称"], time=raw["监测时间"], body=body, own=own)


def classes(table: pd.DataFrame, body=None, items=water.AUTOMATIC, rounded=False) -> np.ndarray:
    body = table["body"] if body is None else body
    return water.section_class(table, body, items, rounded)["water_class"].to_numpy()


@pytest.fixture(scope="module")
def rated(published):
    return published[published["own"] > 0]


def test_our_class_is_the_published_one_for_98_7_percent_and_more(rated):
    same = classes(rated) == rated["own"]
    print(f"{same.sum()} of {len(same)} classes are the published ones ({same.mean():.2%})")
    assert (same.sum(), len(same)) == (1954, 1976)
    assert same.mean() >= 0.987


def test_each_difference_is_a_displayed_value_on_a_limit(rated):
    """21 of 22 differences: the published class is that of a value which is displayed so, and our value is on a limit.

    The 22nd contradicts itself: the same section, time and values are published once more, with our class.
    """
    different = rated[classes(rated) != rated["own"]]
    better, worse = (different.assign(**shifted(different, sign)) for sign in (-1, 1))
    best, worst = classes(better), classes(worse)
    explained = (best <= different["own"]) & (different["own"] <= worst)
    on_limit = [deciding_value_on_limit(row) for _, row in different.iterrows()]
    assert (len(different), explained.sum()) == (22, 21)
    assert np.array(on_limit)[explained].all()
    other = different[~explained]
    assert other[["section", "time", "own"]].values.tolist() == [["泸天化大桥", "04-04 00:00", 2]]
    keys = ["section", "time", *water.AUTOMATIC]
    twins = rated.merge(other[keys], on=keys)
    assert sorted(twins["own"]) == [2, 3]
    assert set(classes(twins)) == {3}


def shifted(table: pd.DataFrame, sign: int) -> dict[str, pd.Series]:
    """The best (−1) or worst (1) values that are displayed as these are."""
    found = {item: table[item] + sign * half * (-1 if item == "do" else 1) for item, half in HALF_UNIT.items()}
    outwards = np.where(table["ph"] >= 7, 1, -1)
    return found | {"ph": table["ph"] + sign * outwards * HALF_UNIT["ph"]}


def deciding_value_on_limit(row: pd.Series) -> bool:
    limits = water.limits(row["body"]).set_index("item")
    values = {item: limits.loc[[item], [f"class_{k}" for k in range(1, 6)]].to_numpy() for item in HALF_UNIT}
    return any(np.isclose(values[item], row[item], rtol=0, atol=1e-9).any() for item in values)


def test_difference_by_item(rated):
    """19 of the 21 are total phosphorus, two dissolved oxygen."""
    different = rated[classes(rated) != rated["own"]]
    twin = (different["section"] == "泸天化大桥") & (different["time"] == "04-04 00:00")
    oxygen = different["do"].isin([6.0, 7.5])
    limit = np.where(different["body"] == "lake", 0.01, 0.02)
    phosphorus = (different["tp"] == limit) | different["tp"].isin([0.1, 0.2])
    assert (twin.sum(), (oxygen & ~twin).sum(), (phosphorus & ~twin & ~oxygen).sum()) == (1, 2, 19)


def test_the_publisher_counts_five_items_and_lakes_by_their_own_limits(rated):
    def agreement(**how):
        return int((classes(rated, **how) == rated["own"]).sum())

    assert agreement(body="river") == 1951
    assert agreement(body="lake") == 546
    without = {item: agreement(items=[one for one in water.AUTOMATIC if one != item]) for item in water.AUTOMATIC}
    assert without == {"ph": 1930, "do": 1922, "codmn": 1754, "nh3n": 1946, "tp": 1227}
    assert agreement(items=[*water.AUTOMATIC, "tn"]) == 1906


def test_real_time_classes_are_made_from_unrounded_values(rated):
    assert (classes(rated, rounded=True) == rated["own"]).sum() == 1919
    beyond = rated[(rated["ph"] > 9) | (rated["ph"] < 6)]
    assert (len(beyond), set(beyond["own"])) == (24, {6})
    assert set(classes(beyond)) == {6}


def test_a_class_is_published_where_no_item_that_the_station_measures_is_missing(published):
    missing = published[list(water.AUTOMATIC)].isna().any(axis=1)
    silent = published["own"] == 0
    assert (silent.sum(), (silent & ~missing).sum()) == (203, 0)
    assert published.loc[missing & ~silent, "section"].value_counts().to_dict() == {"清风峡": 26}  # has no phosphorus
