"""Outlines of the cities of China (地级市), to check that a position lies where its row says."""

import json
from functools import cache

import shapely

from shuzhi.settings import DATA

MARGIN = 0.03
"""Degrees, about three kilometres: the outlines are simplified, and rivers are often the border."""


def contradicts(city: str, lon: float, lat: float) -> str | None:
    """The city in which a position lies, where that is clearly not the one named; None where there is no contradiction.

    Parameters
    ----------
    city : str
        Name with or without 市 (成都, 阿坝藏族羌族自治州); one that the outlines do not have contradicts nothing.
    lon, lat : float
        WGS 84.
    """
    outlines = _outlines()
    point = shapely.Point(lon, lat)
    named = next((outlines[name] for name in (city, f"{city}市") if name in outlines), None)
    if named is None or shapely.distance(named, point) <= MARGIN:
        return None
    return min(outlines, key=lambda name: shapely.distance(outlines[name], point))


@cache
def _outlines() -> dict[str, shapely.Geometry]:
    text = (DATA / "boundaries" / "cities.geojson").read_text(encoding="utf-8")
    features = json.loads(text)["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    return {feature["properties"]["name"]: shape for feature, shape in zip(features, shapes, strict=True)}
