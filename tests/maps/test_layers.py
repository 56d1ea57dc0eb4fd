"""The map as pydeck's JSON: layers, colours, addresses."""

import json

import pytest

from shuzhi.charts.tokens import tokens
from shuzhi.maps import layers
from shuzhi.standards.aqi import levels
from shuzhi.store import Scope

SCOPE = Scope.all()


@pytest.fixture(scope="module")
def ground(two_days):
    return layers.ground(two_days, SCOPE, "zh")


def spec(ground, dark=False, **options):
    return {
        layer["id"]: layer for layer in json.loads(layers.deck(tokens(dark), ground, **options).to_json())["layers"]
    }


def test_layers_from_land_to_selection(ground):
    assert list(spec(ground)) == [
        "district",
        "zone",
        "river",
        "district-names",
        "zone-names",
        "river-names",
        "air-points",
        "air-names",
        "air-labels",
        "air-selected",
    ]


def test_base_layers_can_be_left_out_but_not_the_land(ground):
    bare = spec(ground, shown=())
    assert list(bare)[0] == "district"
    assert bare["district"]["stroked"] is False
    assert not {"zone", "river", "district-names"} & set(bare)


def test_every_address_is_of_this_origin(ground):
    for layer in spec(ground).values():
        if isinstance(layer["data"], str):
            assert layer["data"].startswith("/assets/layers/")
    assert "http" not in layers.deck(tokens(False), ground).to_json()


def test_stations_travel_as_frames_not_with_the_page(ground):
    assert all(layer["data"] == [] for name, layer in spec(ground).items() if name.startswith("air-"))
    assert len(layers.deck(tokens(False), ground).to_json()) < 16_000


def test_schematic_zones_are_dashed(ground):
    assert ground.schematic == {"zone", "river"}
    assert spec(ground)["zone"]["getDashArray"] == [6, 4]


@pytest.mark.parametrize("dark", [False, True])
def test_levels_have_the_colours_of_the_standard(dark):
    style = layers.air_style(tokens(dark))
    assert [row["fill"] for row in style[1:]] == [layers.rgb(colour) for colour in levels()["color"]]


@pytest.mark.parametrize("dark", [False, True])
def test_no_reading_is_hollow_and_never_has_a_colour_of_a_level(dark):
    none, *rated = layers.air_style(tokens(dark))
    assert none["fill"][3] == 0
    assert none["line"][:3] not in [row["fill"][:3] for row in rated]
    assert none["chip"][:3] not in [row["fill"][:3] for row in rated]


def test_worse_is_larger():
    radii = [row["radius"] for row in layers.air_style(tokens(False))]
    assert radii == sorted(radii)


def test_dark_levels_keep_an_outline_on_the_dark_ground():
    dark = tokens(True)
    style = layers.air_style(dark)
    assert style[2]["line"][:3] == layers.rgb(dark.bg)[:3]
    assert style[6]["line"][:3] == layers.rgb(dark.ink)[:3]


def test_bounds_are_those_of_the_city(ground):
    west, south, east, north = ground.bounds
    assert 102.9 < west < 103.1
    assert 30.0 < south < 30.2
    assert 104.8 < east < 105.0
    assert 31.3 < north < 31.5
