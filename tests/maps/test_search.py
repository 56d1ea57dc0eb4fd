"""The search finds everything on the map by name, code and initials, within the scope."""

import pytest

from shuzhi.maps.search import ALL as MOST
from shuzhi.maps.search import EACH, search
from shuzhi.registry import machines, places, sources
from shuzhi.status import air, water
from shuzhi.store import Scope
from shuzhi.store.selection import Selection

ALL = Scope.all()


def kinds(found: list[dict]) -> set[str]:
    return {thing["kind"] for thing in found}


def codes(found: list[dict], kind: str) -> list[str]:
    return [thing["code"] for thing in found if thing["kind"] == kind]


def test_by_name_and_by_initials(small_city):
    assert codes(search(small_city, ALL, "武侯区", "zh"), "district") == ["武侯区"]
    assert "武侯区" in codes(search(small_city, ALL, "whq", "zh"), "district")
    assert search(small_city, ALL, "wuhou", "en")[0]["name"] == "Wuhou District"


def test_stations_and_sections_by_code(small_city):
    station = air.stations(small_city, ALL, small_city.city).iloc[0]
    section = water.sections(small_city, ALL).dropna(subset=["lon"]).iloc[0]
    (thing,) = [t for t in search(small_city, ALL, station["code"], "zh") if t["kind"] == "station"]
    assert thing["name"] == station["name"]
    assert thing["bounds"][:2] == pytest.approx((station["lon"], station["lat"]))
    assert section["code"] in codes(search(small_city, ALL, section["name"], "zh"), "section")


def test_sources_and_machines(small_city):
    source = sources.search(small_city, ALL, Selection(), limit=50).rows.dropna(subset=["lon"]).iloc[0]
    assert source["id"] in codes(search(small_city, ALL, source["name"], "zh"), "sources")
    machine = machines.search(small_city, ALL, Selection(), limit=1).rows.iloc[0]
    assert codes(search(small_city, ALL, machine["id"].lower(), "zh"), "machines") == [machine["id"]]


def test_streets_say_where_they_are(small_city):
    street = places.streets(small_city, ALL).iloc[0]
    (thing,) = [t for t in search(small_city, ALL, street["name"], "zh") if t["kind"] == "street"]
    assert street["unit"] in thing["detail"]
    west, south, east, north = thing["bounds"]
    assert west < street["lon"] < east
    assert south < street["lat"] < north


def test_a_river_is_one_thing_however_many_lines_it_has(small_city):
    found = search(small_city, ALL, "江", "zh")
    rivers = codes(found, "river")
    assert len(rivers) == len(set(rivers)) <= EACH


def test_it_says_little(small_city):
    assert len(search(small_city, ALL, "成", "zh")) <= MOST
    assert search(small_city, ALL, "  ", "zh") == []
    assert search(small_city, ALL, "没有这个东西", "zh") == []
    assert search(small_city, ALL, "'; DROP TABLE", "zh") == []


def test_the_scope_binds(small_city):
    source = sources.search(small_city, ALL, Selection(), limit=50).rows.dropna(subset=["lon"]).iloc[0]
    other = "武侯区" if source["unit"] != "武侯区" else "锦江区"
    elsewhere = Scope(districts=frozenset([other]))
    assert source["id"] not in codes(search(small_city, elsewhere, source["name"], "zh"), "sources")
    assert kinds(search(small_city, Scope.seeing("air"), "武侯", "zh")) <= {"station"}
