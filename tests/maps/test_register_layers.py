"""What the browser is told of sources and machines: bands that add up, an address that carries the selection."""

import itertools

import pytest

from shuzhi.charts.tokens import tokens
from shuzhi.maps import tiles
from shuzhi.maps.register_layers import BY, bands, tile_layer
from shuzhi.registry import machines, sources
from shuzhi.store import Scope
from shuzhi.store.selection import Selection

ALL = Scope.all()
LIGHT = tokens(False)


@pytest.mark.parametrize(("layer", "by"), [(layer, by) for layer, kinds in BY.items() for by in kinds])
def test_the_bands_have_every_row_that_the_map_shows_once(small_city, layer, by):
    told = tile_layer(small_city, ALL, LIGHT, layer, Selection(), by)
    module = {"sources": sources, "machines": machines}[layer]
    found = module.search(small_city, ALL, Selection(), limit=1)
    assert sum(band["count"] for band in told["bands"]) == told["n"] == found.placed > 0
    assert told["n"] + told["unplaced"] == found.count
    named = [name for band in bands(by) for name in band.categories]
    assert len(named) == len(set(named))
    assert set(named) <= set(tiles.LAYERS[layer].categories)


def test_the_address_carries_the_selection_and_the_amount(small_city):
    chosen = Selection.of(permit_class=["key"], ranges={"nox": (1, None)})
    told = tile_layer(small_city, ALL, LIGHT, "sources", chosen, amount="nox")
    assert told["address"] == (
        f"/tiles/sources/{small_city.version}/{{z}}/{{x}}/{{y}}.mvt?permit_class=key&nox_min=1&amount=nox"
    )
    assert told["sized"]
    assert told["words"]["amount"] == "NOₓ"
    assert [band["count"] for band in told["bands"]][1:] == [0, 0, 0]


def lightness(color: list[int]) -> float:
    """CIE L* of an sRGB colour."""
    linear = [(v / 255 + 0.055) ** 2.4 / 1.055**2.4 if v > 10 else v / 255 / 12.92 for v in color[:3]]
    return 116 * (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3) - 16


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("layer", "by"), [(layer, by) for layer, kinds in BY.items() for by in kinds])
def test_bands_are_told_apart_by_lightness_and_fade_into_the_ground(small_city, layer, by, dark):
    told = tile_layer(small_city, ALL, tokens(dark), layer, Selection(), by)
    steps = [lightness(band["fill"]) * (-1 if dark else 1) for band in told["bands"]]
    assert min(b - a for a, b in itertools.pairwise(steps)) >= 12


def test_districts_bind_the_counts(small_city):
    whole = tile_layer(small_city, ALL, LIGHT, "sources", Selection())["n"]
    scope = Scope(districts=frozenset(["武侯区"]))
    assert 0 < tile_layer(small_city, scope, LIGHT, "sources", Selection())["n"] < whole
