"""The register of places: built-in layers, and the bureau's own in their place."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from shapely.geometry import box, mapping, shape

from shuzhi.errors import InputError, NotFoundError
from shuzhi.registry import places
from shuzhi.registry.places import NewPlace
from shuzhi.store import Scope, open_home

SCOPE = Scope.all()


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


def names(home, kind):
    return [f["properties"]["name"] for f in places.layer(home, SCOPE, kind)["features"]]


def test_twenty_districts_with_codes_and_source(home):
    features = places.layer(home, SCOPE, "district")["features"]
    assert len(features) == 20
    assert {f["properties"]["code"][:4] for f in features} == {"5101"}
    assert {f["properties"]["source"] for f in features} == {"天地图"}
    assert not places.schematic(home, SCOPE, "district")
    assert dict(places.districts(home, SCOPE))["锦江区"] == "Jinjiang District"


def test_zones_and_rivers_say_that_they_are_schematic(home):
    assert places.schematic(home, SCOPE, "zone")
    assert places.schematic(home, SCOPE, "river")
    assert set(names(home, "zone")) == {"四川天府新区", "成都高新区", "成都东部新区"}
    assert {"岷江", "沱江", "锦江"} <= set(names(home, "river"))


def test_base_layers_lie_in_the_city(home):
    districts = [shape(f["geometry"]) for f in places.layer(home, SCOPE, "district")["features"]]
    city = districts[0].union(districts[0])
    for district in districts[1:]:
        city = city.union(district)
    for kind in ("zone", "river"):
        for feature in places.layer(home, SCOPE, kind)["features"]:
            geometry = shape(feature["geometry"])
            assert geometry.is_valid
            assert geometry.difference(city.buffer(0.003)).is_empty, feature["properties"]["name"]


def test_own_layer_replaces_the_built_in_one_and_can_be_undone(home):
    before = home.version
    places.replace(home, "zone", [NewPlace("高新", mapping(box(104, 30.5, 104.1, 30.6)), "A1")], source="局提供")
    assert home.version > before
    assert places.is_own(home, SCOPE, "zone")
    assert names(home, "zone") == ["高新"]
    assert not places.schematic(home, SCOPE, "zone")
    places.replace(home, "zone", [NewPlace("高新二", mapping(box(104, 30.5, 104.1, 30.6)))], source="局提供")
    assert names(home, "zone") == ["高新二"]
    assert places.reset(home, "zone") == 1
    assert len(names(home, "zone")) == 3
    assert places.reset(home, "zone") == 0


def test_own_river_keeps_what_is_known_of_its_name(home):
    line = {"type": "LineString", "coordinates": [[104, 30.6], [104.1, 30.7]]}
    places.replace(home, "river", [NewPlace("岷江", line), NewPlace("小河", line)], source="局提供")
    known, unknown = (f["properties"] for f in places.layer(home, SCOPE, "river")["features"])
    assert (known["main"], known["name_en"]) == (True, "Min River")
    assert (unknown["main"], unknown["name_en"]) == (False, None)


def test_unknown_kind(home):
    with pytest.raises(NotFoundError, match="district, zone, street"):
        places.layer(home, SCOPE, "road")


EAST, WEST = box(104.06, 30.56, 104.08, 30.60), box(104.03, 30.56, 104.06, 30.60)  # both in 武侯区
FAR = box(104.9, 31.2, 104.95, 31.3)  # outside the city


def street(name="东街道", area=EAST, unit="成都高新区", **more):
    return NewPlace(name, mapping(area), unit=unit, **more)


def replace(home, kind, *new):
    return places.replace(home, kind, new, source="局提供")


def test_kinds_without_a_built_in_layer_are_empty(home):
    for kind in ("street", "grid", "lez", "outlet"):
        assert places.layer(home, SCOPE, kind) == {"type": "FeatureCollection", "features": []}
    assert places.streets(home, SCOPE).empty
    assert places.locate(home, SCOPE, "street", [104.06], [30.6]).tolist() == [None]


def test_the_units_are_the_districts_and_then_the_zones(home):
    table = places.units(home, SCOPE)
    assert len(table) == 23
    assert table["name"].tolist()[:5] == ["锦江区", "青羊区", "金牛区", "武侯区", "成华区"]
    assert table["name"].tolist()[20:] == ["四川天府新区", "成都高新区", "成都东部新区"]
    assert table["kind"].tolist() == ["district"] * 20 + ["zone"] * 3
    assert table.set_index("name").loc["成都高新区", ["name_en", "code"]].tolist() == [
        "Chengdu High-tech Zone",
        "510172",
    ]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("武侯区", "武侯区"),
        ("武侯", "武侯区"),
        ("双流县", "双流区"),
        ("高新区", "成都高新区"),
        ("成都高新技术产业开发区", "成都高新区"),
        ("四川天府新区（成都直管区）", "四川天府新区"),
        ("新区", None),
        ("江", None),
        ("绵阳市", None),
        ("", None),
        (None, None),
    ],
)
def test_units_by_other_names(home, text, unit):
    assert places.unit_named(home, SCOPE, text) == unit


def test_streets_have_one_unit_and_lie_in_a_district(home):
    replace(home, "street", street(unit="高新", code="1"), street("西街道", WEST, "武侯区"))
    table = places.streets(home, SCOPE).set_index("name")
    assert table["unit"].to_dict() == {"东街道": "成都高新区", "西街道": "武侯区"}
    assert set(table["district"]) == {"武侯区"}
    assert EAST.contains(shape({"type": "Point", "coordinates": table.loc["东街道", ["lon", "lat"]].tolist()}))


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ([street(unit=None)], "street 东街道 has no managing unit"),
        ([street(unit="绵阳市")], "street 东街道: unknown unit 绵阳市; use one of 锦江区、青羊区"),
        ([street(), street(area=WEST)], "2 features are the street 东街道"),
        ([street(parent="绵阳市")], "street 东街道: unknown district 绵阳市"),
        ([street(area=FAR)], "street 东街道: it lies in no district"),
    ],
)
def test_a_layer_of_streets_that_is_refused_leaves_the_old_one(home, new, message):
    replace(home, "street", street("旧街道"))
    version = home.version
    with pytest.raises(InputError, match=message):
        replace(home, "street", *new)
    assert (names(home, "street"), home.version) == (["旧街道"], version)


def test_grids_take_unit_and_street_from_where_they_lie(home):
    replace(home, "street", street(), street("西街道", WEST, "武侯区"))
    replace(home, "grid", NewPlace("g1", mapping(EAST)), NewPlace("g2", mapping(EAST), parent="西街道"))
    found = [f["properties"] for f in places.layer(home, SCOPE, "grid")["features"]]
    assert [(p["parent"], p["unit"]) for p in found] == [("东街道", "成都高新区"), ("西街道", "武侯区")]
    with pytest.raises(InputError, match="grid g1: it lies in no street"):
        replace(home, "grid", NewPlace("g1", mapping(FAR)))
    with pytest.raises(InputError, match="grid g1: unknown street 北街道"):
        replace(home, "grid", NewPlace("g1", mapping(EAST), parent="北街道"))


def test_locate(home):
    lon, lat = [104.07, 104.04, 104.9, np.nan], [30.58, 30.58, 31.25, 30.58]
    assert places.locate(home, SCOPE, "district", lon, lat).tolist() == ["武侯区", "武侯区", None, None]
    assert places.locate(home, SCOPE, "zone", lon, lat).tolist() == ["成都高新区", "成都高新区", None, None]
    replace(home, "street", street("西街道", WEST, "武侯区"))
    assert places.locate(home, SCOPE, "street", lon, lat).tolist() == [None, "西街道", None, None]
    assert places.locate(home, SCOPE, "street", 104.04, 30.58).tolist() == ["西街道"]
    with pytest.raises(NotFoundError, match="no layer 'river'"):
        places.locate(home, SCOPE, "river", lon, lat)


def test_a_point_in_two_places_is_in_the_smaller(home):
    wide, core = box(104, 30.5, 104.2, 30.7), box(104.05, 30.55, 104.1, 30.6)
    replace(home, "lez", NewPlace("核心区", mapping(core)), NewPlace("绕城内", mapping(wide)))
    assert places.locate(home, SCOPE, "lez", [104.07, 104.15], [30.58, 30.65]).tolist() == ["核心区", "绕城内"]


def test_the_unit_of_a_point_is_its_streets_or_zones_or_districts(home):
    lon, lat = [104.07, 104.04, 104.16, 104.9], [30.58, 30.58, 30.83, 31.25]
    replace(home, "street", street("西街道", WEST, "武侯区"))
    assert places.locate_unit(home, SCOPE, lon, lat).tolist() == ["成都高新区", "武侯区", "新都区", None]


def test_the_same_layer_again_changes_nothing(home):
    first = replace(home, "street", street(), street("西街道", WEST, "武侯区"))
    version = home.version
    again = replace(home, "street", street(), street("西街道", WEST, "武侯区"))
    assert (first.new, again.unchanged, home.version) == (2, 2, version)
    later = replace(home, "street", street(code="7"), street("南街道", WEST, "武侯区"))
    assert (later.new, later.changed, later.unchanged, later.closed) == (2, 0, 0, 2)
    last = replace(home, "street", street(code="7", unit="武侯区"))
    assert (last.new, last.changed, last.unchanged, last.closed) == (0, 1, 0, 1)


def test_two_layers_at_once_leave_one_of_them(tmp_path, home):
    layers = {mark: [NewPlace(f"{mark}{i}", mapping(EAST)) for i in range(40)] for mark in "甲乙"}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda mark: replace(open_home(tmp_path / "home"), "zone", *layers[mark]), "甲乙"))
    assert names(home, "zone") in [[place.name for place in layer] for layer in layers.values()]
