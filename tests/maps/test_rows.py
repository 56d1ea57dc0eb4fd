"""Rows of the smaller layers: classes that add up, arrows that point downstream, names of places."""

import pytest

from shuzhi.charts.tokens import tokens
from shuzhi.maps import rows
from shuzhi.registry import places
from shuzhi.status import water
from shuzhi.store import Scope, open_home

ALL = Scope.all()
LINES = {
    "east": ([[104.0, 30.6], [104.3, 30.6]], 0),
    "north": ([[104.0, 30.6], [104.0, 30.9]], 90),
    "south-west": ([[104.1, 30.7], [104.0, 30.614]], -135),
}


def test_the_legend_counts_every_section_once(small_city):
    found = rows.water(small_city, ALL, None, "zh", False)
    placed = water.sections(small_city, ALL).dropna(subset=["lon"])
    assert sum(entry["count"] for entry in found["legend"]["entries"]) == len(placed) > 0
    assert {row["code"] for row in found["layers"]["water-marks"]} == set(placed["code"])
    assert {row["kind"] for row in found["layers"]["water-marks"]} == {"section"}


def test_the_rows_belong_to_the_layers():
    assert [layer.id for layer in rows.water_layers(tokens(True))] == ["water-names", "water-marks"]


@pytest.mark.parametrize("way", LINES)
def test_arrows_point_downstream(tmp_path, way):
    line, angle = LINES[way]
    home = open_home(tmp_path)
    river = places.NewPlace("测试河", {"type": "LineString", "coordinates": line})
    places.replace(home, "river", [river], source="test")
    arrows = rows.flow(home, ALL)["layers"]["river-flow"]
    assert arrows
    assert {arrow["angle"] for arrow in arrows} <= set(range(angle - 2, angle + 3))


def test_every_street_has_a_name(small_city):
    named = rows.names(small_city, ALL, "street", "zh")["layers"]["street-names"]
    assert {row["text"] for row in named} == set(places.streets(small_city, ALL)["name"])
