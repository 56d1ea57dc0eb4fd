"""The city's outline (城市轮廓) as a drawing in lines, beside the sign-in's form. Published boundaries only."""

import json
from functools import cache
from math import cos, radians

import shapely
from markupsafe import Markup
from shapely.geometry import shape

from shuzhi.settings import DATA

_WIDTH = 1000
_FINEST = 0.0022  # degrees: corners closer to a line than this are not seen at this size


@cache
def svg() -> Markup:
    """Districts and rivers of the city; classes ``land`` and ``river``, 1000 wide."""
    districts = shapely.coverage_simplify(_shapes("chengdu_districts"), _FINEST)
    city = shapely.union_all(districts)
    rivers = [shapely.intersection(line, city) for line in shapely.simplify(_shapes("rivers"), _FINEST / 2)]
    west, south, east, north = city.bounds
    narrow = cos(radians((south + north) / 2))
    scale = _WIDTH / ((east - west) * narrow)
    height = round((north - south) * scale)

    def path(geometry) -> str:
        return "".join(_drawn(part, west, north, scale * narrow, scale) for part in _lines(geometry))

    land = "".join(f'<path d="{path(one)}"/>' for one in districts)
    water = "".join(f'<path d="{path(one)}"/>' for one in rivers if not one.is_empty)
    return Markup(
        f'<svg class="emblem" viewBox="-4 -4 {_WIDTH + 8} {height + 8}" aria-hidden="true">'
        f'<g class="land">{land}</g><g class="river">{water}</g></svg>'
    )


def _shapes(name: str) -> list:
    found = json.loads((DATA / "boundaries" / f"{name}.geojson").read_text(encoding="utf-8"))
    return [shape(feature["geometry"]) for feature in found["features"]]


def _lines(geometry) -> list:
    """Rings and lines of a geometry."""
    parts = shapely.get_parts(geometry)
    return [part.exterior if part.geom_type == "Polygon" else part for part in parts if part.length]


def _drawn(line, west: float, north: float, across: float, down: float) -> str:
    points = [f"{(x - west) * across:.0f} {(north - y) * down:.0f}" for x, y in line.coords]
    return f"M{'L'.join(points)}"
