"""Streets, grids, low-emission zones and outlets of the simulated city."""

from collections import Counter

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from shuzhi.city.places import SOURCE, deliver, make_streets
from shuzhi.registry import places, rivers
from shuzhi.store import Scope, open_home

SCOPE = Scope.all()
KM2 = 95.7 * 111.2  # in a square degree


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("home"), create="simulated")
    deliver(home, 1, home.path / "city" / "places")
    return home


def features(home, kind):
    return places.layer(home, SCOPE, kind)["features"]


def areas(home, kind):
    return {f["properties"]["name"]: shape(f["geometry"]) for f in features(home, kind)}


def test_each_unit_has_its_streets(home):
    table = places.streets(home, SCOPE)
    assert len(table) == 261
    assert table["name"].is_unique
    assert table["name_en"].is_unique
    assert set(table["unit"]) == set(places.units(home, SCOPE)["name"])
    high_tech = table[table["unit"] == "成都高新区"].set_index("name")["district"].to_dict()
    assert high_tech == {
        "肖家河街道": "武侯区",
        "芳草街街道": "武侯区",
        "石羊街道": "武侯区",
        "桂溪街道": "武侯区",
        "中和街道": "双流区",
        "西园街道": "郫都区",
        "合作街道": "郫都区",
    }
    assert Counter(table["unit"])["四川天府新区"] == 9
    assert Counter(table["unit"])["成都东部新区"] == 14


def test_streets_cover_the_districts_once(home):
    """No gap and no overlap; the districts' outlines have no vertex where streets meet, which leaves some metres."""
    streets, districts = areas(home, "street"), areas(home, "district")
    assert shapely.coverage_is_valid(np.array(list(streets.values())))
    whole = shapely.union_all(list(streets.values()))
    city = shapely.union_all(list(districts.values()))
    assert shapely.symmetric_difference(whole, city).area * KM2 < 0.02
    assert city.buffer(-2e-6).difference(whole).is_empty


def test_streets_lie_in_their_district_and_zone(home):
    """But for scraps between a zone's outline, drawn by hand, and that of its district."""
    streets, outlines = areas(home, "street"), areas(home, "district") | areas(home, "zone")
    for row in places.streets(home, SCOPE).itertuples():
        assert streets[row.name].difference(outlines[row.district].buffer(2e-6)).is_empty
        if row.unit != row.district:
            assert streets[row.name].difference(outlines[row.unit]).area * KM2 < 0.2, row.name
            assert streets[row.name].difference(outlines[row.unit].buffer(0.004)).is_empty, row.name


def test_grids_fill_their_streets(home):
    grids = features(home, "grid")
    counts = Counter(grid["properties"]["parent"] for grid in grids)
    assert set(counts) == set(places.streets(home, SCOPE)["name"])
    assert set(counts.values()) <= set(range(5, 12))
    assert shapely.coverage_is_valid(np.array([shape(grid["geometry"]) for grid in grids]))
    for name, street in areas(home, "street").items():
        own = [shape(grid["geometry"]) for grid in grids if grid["properties"]["parent"] == name]
        assert shapely.union_all(own).symmetric_difference(street).area < 1e-8
    units = {grid["properties"]["unit"] for grid in grids if grid["properties"]["code"].startswith("510172-004")}
    assert units == {"成都高新区"}


def test_all_says_that_it_is_made_up(home):
    for kind in ("street", "grid", "lez", "outlet"):
        assert places.schematic(home, SCOPE, kind)
        assert {f["properties"]["source"] for f in features(home, kind)} == {SOURCE}
    assert "模拟" in SOURCE


def test_low_emission_zones_are_stricter_inside(home):
    core, ring = sorted(features(home, "lez"), key=lambda f: shape(f["geometry"]).area)
    assert shape(ring["geometry"]).contains(shape(core["geometry"]))
    assert core["properties"]["attributes"]["forbidden_stages"] == ["0", "1", "2", "3"]
    assert ring["properties"]["attributes"]["forbidden_stages"] == ["0", "1", "2"]
    assert places.locate(home, SCOPE, "lez", [104.066, 104.066], [30.657, 30.56]).tolist() == [
        "三环路内核心低排区",
        "绕城高速内低排区",
    ]


def test_outlets_stand_on_rivers(home):
    outlets = features(home, "outlet")
    assert len(outlets) == 60
    lon, lat = np.array([outlet["geometry"]["coordinates"] for outlet in outlets]).T
    found = rivers.locate(rivers.network(home, SCOPE), lon, lat)
    assert (found["distance"] < 1).all()
    names = [reach.rsplit("-", 1)[0] for reach in found["reach"]]
    assert names == [outlet["properties"]["attributes"]["river"] for outlet in outlets]
    assert all(outlet["properties"]["unit"] for outlet in outlets)


def test_the_same_again_changes_nothing(home):
    version = home.version
    deliver(home, 1, home.path / "city" / "places")
    assert home.version == version


def test_another_seed_makes_other_streets(home):
    other = {street.name: street.area for street in make_streets(2)}
    mine = areas(home, "street")
    assert set(other) == set(mine)
    assert not other["荷溪街道"].equals(mine["荷溪街道"])
    assert shapely.coverage_is_valid(np.array(list(other.values())))


def test_a_small_city_has_all_streets_but_no_grids(tmp_path):
    home = open_home(tmp_path / "home", create="simulated")
    deliver(home, 1, tmp_path / "places", small=True)
    assert len(places.streets(home, SCOPE)) == 261
    assert (len(features(home, "grid")), len(features(home, "outlet"))) == (0, 12)
