"""Where names stand on the map (注记): inside their polygon, away from edges and stations; along their river."""

import math
import re

import numpy as np
import shapely
from shapely.affinity import affine_transform
from shapely.geometry import shape

SIZE = 13  # px, height of the text
_LATIN = 0.53  # width of a Latin letter against its height
_STEPS = 40  # grid of candidate points inside a polygon
_ROOM = 1.5  # of the text's half height that must be free between the point and the edge
_TO_THE_MIDDLE = 0.1  # of places as free as each other the one nearer to the middle is taken
_KIND_WORD = re.compile(r" (District|County|City)$")
_TILE = 512  # px, the world at zoom 0


def short(name: str) -> str:
    """English name of a district as it stands on a map: without District, County, City."""
    return _KIND_WORD.sub("", name)


def text(properties: dict, lang: str) -> str:
    """Name of a place in the language of the page."""
    return short(properties["name_en"]) if lang == "en" and properties["name_en"] else properties["name"]


def polygon_names(layer: dict, lang: str, points: np.ndarray) -> list[dict]:
    """A name for each polygon.

    Parameters
    ----------
    layer : dict
        GeoJSON FeatureCollection in WGS 84.
    points : array (n, 2)
        Longitude and latitude of what a name should not cover.

    Returns
    -------
    list of dict
        text, lon, lat, minzoom: the zoom from which the name fits into its polygon.
    """
    return [_polygon_name(feature, lang, points) for feature in layer["features"]]


def line_names(layer: dict, lang: str, points: np.ndarray, minor_zoom: float = 9.6) -> list[dict]:
    """A name for each line, at the place between its ends that is farthest from the points; minor ones later."""
    rows = []
    for feature in layer["features"]:
        line = max(_parts(shape(feature["geometry"])), key=lambda part: part.length)
        places = [line.interpolate(share, normalized=True) for share in np.linspace(0.2, 0.8, 13)]
        best = max(places, key=lambda place: _nearest(place, points))
        rows.append(_row(feature, lang, best, 0.0 if feature["properties"]["main"] else minor_zoom))
    return rows


def covered(rows: list[dict]) -> np.ndarray:
    """Points that other names keep away from: the middle and the ends of each name at the city's usual zoom."""
    spread = 0.06  # degrees, half a name at zoom 8.5
    return np.array([[row["lon"] + side, row["lat"]] for row in rows for side in (-spread, 0, spread)]).reshape(-1, 2)


def _polygon_name(feature: dict, lang: str, points: np.ndarray) -> dict:
    """Best place in a metric in which the text is as wide as it is high."""
    label = text(feature["properties"], lang)
    polygon = max(_parts(shape(feature["geometry"])), key=lambda part: part.area)
    cosine = math.cos(math.radians(polygon.centroid.y))
    squeeze = cosine * SIZE / max(_width(label), SIZE)
    area = affine_transform(polygon, [squeeze, 0, 0, 1, 0, 0])
    candidates = _inside(area)
    edge = shapely.distance(candidates, area.boundary)
    crowd = shapely.distance(candidates, shapely.multipoints(points * [squeeze, 1])) if len(points) else edge
    best = int(np.argmax(np.minimum(edge, crowd) - _TO_THE_MIDDLE * shapely.distance(candidates, area.centroid)))
    place = shapely.Point(candidates[best].x / squeeze, candidates[best].y)
    degrees = max(float(edge[best]), 1e-4)
    return _row(feature, lang, place, math.log2(_ROOM * SIZE / 2 * 360 * cosine / (_TILE * degrees)))


def _inside(area) -> np.ndarray:
    left, bottom, right, top = area.bounds
    x, y = np.meshgrid(np.linspace(left, right, _STEPS), np.linspace(bottom, top, _STEPS))
    grid = shapely.points(x.ravel(), y.ravel())
    shapely.prepare(area)
    grid = grid[shapely.contains(area, grid)]
    return grid if len(grid) else np.array([area.representative_point()])


def _row(feature: dict, lang: str, place, minzoom: float) -> dict:
    label = text(feature["properties"], lang)
    return {"text": label, "lon": round(place.x, 4), "lat": round(place.y, 4), "minzoom": round(minzoom, 2)}


def _nearest(place, points: np.ndarray) -> float:
    return float(np.hypot(*(points - [place.x, place.y]).T).min()) if len(points) else 0.0


def _parts(geometry) -> list:
    return list(getattr(geometry, "geoms", [geometry]))


def _width(label: str) -> float:
    return sum(SIZE if ord(letter) > 0x2E80 else SIZE * _LATIN for letter in label)
