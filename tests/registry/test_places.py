"""The register of places: built-in layers, and the bureau's own in their place."""

import pytest
from shapely.geometry import box, mapping, shape

from shuzhi.errors import NotFoundError
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
