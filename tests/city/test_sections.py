"""The register of sections: numbers, names, codes, places on the rivers, and what flows where."""

import json

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from shuzhi.city.sections import COLUMNS, LAKE, downstream_order, inflows, make_sections, rivers
from shuzhi.city.stations import make_stations
from shuzhi.settings import DATA


@pytest.fixture(scope="module")
def register():
    return make_sections(1)


@pytest.fixture(scope="module")
def boundaries():
    """Districts, functional zones and rivers by name."""
    found = {}
    for name in ("chengdu_districts", "zones", "rivers"):
        collection = json.loads((DATA / "boundaries" / f"{name}.geojson").read_text(encoding="utf-8"))
        found |= {part["properties"]["name"]: shape(part["geometry"]) for part in collection["features"]}
    return found


def _shares(flows):
    return [sum(flow.share for flow in flow_list) for flow_list in flows]


def test_numbers(register):
    assert len(register) == 138
    assert register.columns.tolist() == COLUMNS
    assert set(register["控制级别"]) == {"国控", "省控", "市控"}
    assert (register["水体类型"] == LAKE).sum() == 8
    assert register["区县"].nunique() == 23
    assert set(register["流域"]) == {"岷江", "沱江"}
    assert set(register["目标类别"]) == {"Ⅱ", "Ⅲ"}


def test_names_and_codes(register):
    assert register["断面名称"].is_unique
    assert register["断面编码"].is_unique
    assert register["断面编码"].str.fullmatch(r"\d{6}D[GSC]\d{2}").all()
    assert not set(register["断面编码"]) & set(make_stations(1)["监测点编码"])


def test_sections_lie_on_their_river_and_in_their_district(register, boundaries):
    for row in register.itertuples():
        point = shapely.Point(row.经度, row.纬度)
        assert boundaries[row.区县].covers(point), row.断面名称
        assert row.水体类型 == LAKE or shapely.distance(boundaries[row.河流], point) < 1e-5, row.断面名称


def test_order_along_the_river(register):
    for name, rows in register[register["水体类型"] != LAKE].groupby("河流"):
        km = [rivers()[name].km(row.经度, row.纬度) for row in rows.itertuples()]
        assert rows["上下游序号"].astype(int).tolist() == list(range(1, len(rows) + 1))
        assert (np.diff(km) > 0.5).all()


def test_what_flows_where(register):
    names, flows = register["断面名称"].tolist(), inflows(register)

    def above(name):
        return {names[flow.section]: round(flow.share, 2) for flow in flows[names.index(name)]}

    assert above("岷江都江堰二号桥") == {"岷江都江堰一号桥": 1.0}
    assert set(above("锦江郫都一号桥")) == set(above("毗河新都一号桥")) == {"柏条河郫都出境"}
    first_of_tuo = above("沱江金堂一号桥")
    assert {"毗河金堂河口", "青白江金堂河口", "湔江彭州河口"} == set(first_of_tuo)
    assert above("岷江都江堰一号桥") == {}
    assert max(_shares(flows)) < 1 + 1e-9
    assert min(_shares(flows)[i] for i in range(len(names)) if flows[i]) > 0.3


def test_each_stands_after_those_above_it(register):
    flows = inflows(register)
    order = downstream_order(flows)
    at = {section: place for place, section in enumerate(order)}
    assert sorted(order) == list(range(len(register)))
    assert all(at[flow.section] < at[i] for i, flow_list in enumerate(flows) for flow in flow_list)


def test_seed_decides(register):
    assert make_sections(1).equals(register)
    assert not make_sections(2).equals(register)


def test_a_small_register_keeps_neighbours_and_a_lake():
    small = make_sections(1, 9)
    assert len(small) == 9
    assert (small["水体类型"] == LAKE).sum() == 1
    assert sum(bool(flow) for flow in inflows(small)) >= 5
