"""Streets, grids, low-emission zones and outlets of the simulated city, as GeoJSON files that the real door reads.

Each district, without the functional zones in it, and each functional zone within each district is cut into its
streets: seeds of streets make coarse cells, seeds of grids within a coarse cell make fine ones, and a street is all its
grids. So borders run as crooked as real ones do, grids fill streets and streets fill districts.
"""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from shapely import MultiPoint, Polygon

from shuzhi.city.noise import generator
from shuzhi.i18n import N_
from shuzhi.ingest.layer import import_layer
from shuzhi.progress import Progress, silent
from shuzhi.registry import places, rivers
from shuzhi.settings import DATA
from shuzhi.store import Home, Scope

SOURCE = N_("模拟（街道、网格、低排区和排口均为虚构）")
KINDS = ("street", "grid", "lez", "outlet")

_STREETS, _GRIDS, _OUTLETS = 40, 41, 42  # streams of random numbers
_KM = np.array([95.7, 111.2])  # in a degree of longitude and latitude at 30.66° N
_GRIDS_OF_STREET = (6, 10)
_IN_TOWN = 0.5  # share of a district's streets that gather about its middle
_TOWN = 0.16  # radius of a town in sizes of its district
_ROUNDS = 2  # after which seeds stand evenly (Lloyd)
_SCRAP = 1e-5  # square degrees, about a tenth of a square kilometre
_DECIMALS = 1e-6  # degrees; the door keeps no more
_OUTLET_COUNT = {False: 60, True: 12}


@dataclass(frozen=True)
class Street:
    """A street or town: its row of ``data/city/streets.csv`` and its grids."""

    code: str
    name: str
    name_en: str
    district: str
    unit: str
    middle: tuple[float, float] | None
    grids: tuple[Polygon, ...] = ()

    @property
    def area(self) -> shapely.Geometry:
        """The street, which is all its grids."""
        return shapely.coverage_union_all(np.array(self.grids))


def deliver(home: Home, seed: int, folder: Path, progress: Progress = silent, small: bool = False) -> None:
    """Write the layers of the simulated city and take them in by the real door; the same again changes nothing.

    Streets come first: grids and outlets find the street that they lie in.

    Parameters
    ----------
    home : Home
        A simulated one.
    seed : int
    folder : Path
        Where the files go: ``street.geojson``, ``grid.geojson``, ``lez.geojson``, ``outlet.geojson``.
    progress : Progress, optional
        Told layer by layer.
    small : bool
        Fewer outlets and no grids, for tests and quick looks; the streets are the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    streets = make_streets(seed)
    made = {
        "street": lambda: street_layer(streets),
        "grid": lambda: grid_layer(streets),
        "lez": lambda: json.loads((DATA / "city" / "lez.geojson").read_text(encoding="utf-8")),
        "outlet": lambda: outlet_layer(home, seed, _OUTLET_COUNT[small]),
    }
    wanted = [kind for kind in KINDS if not (small and kind == "grid")]
    for done, kind in enumerate(wanted):
        progress(done, len(wanted), kind)
        path = folder / f"{kind}.geojson"
        path.write_text(json.dumps(made[kind](), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        import_layer(home, path, kind, source=SOURCE, schematic=True, origin="simulated")
    progress(len(wanted), len(wanted), "")


def make_streets(seed: int = 1) -> list[Street]:
    """All streets of the city, in the order of ``data/city/streets.csv``."""
    groups = defaultdict(list)
    for street in _rows():
        groups[street.district, street.unit].append(street)
    middles = _middles()
    cells, owners, regions, where = [], [], [], []
    for number, ((district, unit), rows) in enumerate(groups.items()):
        region = _region(district, unit, list(groups))
        seeds = _own_seeds(rows, region, middles[district], generator(seed, _STREETS, number))
        grids, owner = _grids(_cells(seeds, region), region, generator(seed, _GRIDS, number))
        cells.extend(grids)
        owners += [rows[i].code for i in owner]
        regions += [number] * len(grids)
        where += [district] * len(grids)
    regions = np.array(regions)
    cells = _whole(_fitted(cells), regions, np.array(where))
    grids_of = defaultdict(list)
    for grid, owner in zip(cells, _connected(cells, np.array(owners), regions), strict=True):
        grids_of[owner].append(grid)
    return [replace(street, grids=tuple(grids_of[street.code])) for street in _rows()]


def street_layer(streets: list[Street]) -> dict:
    """Streets as GeoJSON."""
    return _layer(
        ({"code": s.code, "name": s.name, "name_en": s.name_en, "parent": s.district, "unit": s.unit}, s.area)
        for s in streets
    )


def grid_layer(streets: list[Street]) -> dict:
    """Grids as GeoJSON: named by the code of their street and a number."""
    return _layer(
        ({"code": f"{s.code}-{i:02d}", "name": f"{s.code}-{i:02d}", "parent": s.name, "unit": s.unit}, grid)
        for s in streets
        for i, grid in enumerate(s.grids, 1)
    )


def outlet_layer(home: Home, seed: int, count: int) -> dict:
    """Outlets on the home's river network (入河排口) as GeoJSON, more of them on longer reaches."""
    scope, random = Scope.all(), generator(seed, _OUTLETS)
    network, english = rivers.network(home, scope), _english(home)
    reaches = network.reaches
    share = (reaches["km"] / reaches["km"].sum()).to_numpy()
    reach = np.sort(random.choice(len(reaches), size=count, p=share))
    km = random.uniform(0.05, 0.95, count) * reaches["km"].to_numpy()[reach]
    points = rivers.positions(network, reaches.index[reach], km)
    streets = places.locate(home, scope, "street", *points.T)
    units = places.locate_unit(home, scope, *points.T)
    types, shares = zip(*((row["type"], float(row["share"])) for row in _table("outlets.csv")), strict=True)
    drawn = random.choice(len(types), size=count, p=shares)
    numbers, features = defaultdict(int), []
    for at, point, street, unit, kind in zip(reach, points, streets, units, drawn, strict=True):
        river = reaches["river"].iloc[at]
        numbers[river] += 1
        properties = {"code": f"PK-{len(features) + 1:04d}", "name": f"{river}{numbers[river]}号排口"}
        properties |= {"name_en": f"{english.get(river) or river} outlet {numbers[river]}"}
        properties |= {"parent": street, "unit": unit, "river": river, "type": types[kind]}
        features.append((properties, shapely.Point(point)))
    return _layer(features)


def _english(home: Home) -> dict[str, str | None]:
    """English names of the rivers."""
    features = places.layer(home, Scope.all(), "river")["features"]
    return {feature["properties"]["name"]: feature["properties"]["name_en"] for feature in features}


def _cells(seeds: np.ndarray, region: shapely.Geometry) -> np.ndarray:
    """The part of a region that is nearest to each seed."""
    cells = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=region.envelope.buffer(1), ordered=True)
    return shapely.intersection(np.array(cells.geoms), region)


def _grids(streets: np.ndarray, region: shapely.Geometry, random) -> tuple[np.ndarray, list[int]]:
    """Grids of a region, and for each the number of the coarse cell of a street in which it was seeded."""
    seeds, owner = [], []
    for number, street in enumerate(streets):
        count = int(random.integers(*_GRIDS_OF_STREET, endpoint=True))
        seeds.append(_spread(_random_points(street, count, random), street, _ROUNDS))
        owner += [number] * count
    return _cells(np.concatenate(seeds), region), owner


def _whole(cells: np.ndarray, regions: np.ndarray, districts: np.ndarray) -> np.ndarray:
    """Cells that the border cuts in pieces keep the largest; each other piece goes to the cell that it touches most.

    A piece stays in its region, where it touches a cell of it; a scrap between borders only in its district.
    """
    whole, tree = cells.copy(), shapely.STRtree(cells)
    for number in np.flatnonzero(shapely.get_num_geometries(cells) > 1):
        parts = sorted(_polygons(cells[number]), key=lambda part: part.area)
        for piece in parts[:-1]:
            around = np.setdiff1d(tree.query(piece, predicate="intersects"), number)
            stays = regions if piece.area > _SCRAP else districts
            around = around[stays[around] == stays[number]]
            border = _shared(piece, cells[around])
            if border.any():
                touched = around[np.argmax(border)]
                whole[touched] = shapely.union(whole[touched], piece)
                whole[number] = shapely.difference(whole[number], piece)
    return whole


def _connected(grids: np.ndarray, owner: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """The owners, but grids that lie apart from the rest of their street go to the street that they touch most."""
    owner, tree = owner.copy(), shapely.STRtree(grids)
    for street in np.unique(owner):
        own = np.flatnonzero(owner == street)
        parts = sorted(_polygons(shapely.coverage_union_all(grids[own])), key=lambda part: part.area)
        for part in parts[:-1]:
            apart = own[shapely.covers(part, shapely.point_on_surface(grids[own]))]
            around = np.setdiff1d(tree.query(part, predicate="intersects"), own)
            around = around[regions[around] == regions[own[0]]]
            border = _shared(part, grids[around])
            if border.any():
                owner[apart] = owner[around[np.argmax(border)]]
    return owner


def _shared(piece: Polygon, cells: np.ndarray) -> np.ndarray:
    """Length of the border that a piece has in common with each cell."""
    return shapely.length(shapely.intersection(piece.boundary, shapely.boundary(cells)))


def _fitted(cells: list[shapely.Geometry]) -> np.ndarray:
    """Cells with vertices rounded as the door rounds them and shared by all that meet there: no gap, no overlap."""
    borders = shapely.union_all(shapely.boundary(np.array(cells)), grid_size=_DECIMALS)
    faces = np.array(shapely.polygonize([borders]).geoms)
    face, cell = shapely.STRtree(cells).query(shapely.point_on_surface(faces), predicate="intersects")
    face, first = np.unique(face, return_index=True)  # outlines of districts overlap by some metres
    of_cell = [faces[face[cell[first] == number]] for number in range(len(cells))]
    return np.array([shapely.coverage_union_all(own) for own in of_cell])


def _polygons(geometry: shapely.Geometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon) and not part.is_empty]


def _own_seeds(rows: list[Street], region: shapely.Geometry, middle: tuple[float, float], random) -> np.ndarray:
    """A seed of each street: where the table places it, or drawn about the district's middle, nearest to it first."""
    if all(street.middle for street in rows):
        return np.array([street.middle for street in rows])
    in_town = round(_IN_TOWN * len(rows))
    size = np.sqrt(region.area * _KM.prod())
    town = _inside(region, in_town, lambda n: middle + random.standard_normal((n, 2)) * size * _TOWN / _KM)
    seeds = np.concatenate([town, _random_points(region, len(rows) - in_town, random)])
    seeds = _spread(seeds, region, 1)
    return seeds[np.argsort(np.hypot(*((seeds - middle) * _KM).T))]


def _random_points(area: shapely.Geometry, count: int, random) -> np.ndarray:
    west, south, east, north = area.bounds
    return _inside(area, count, lambda n: random.uniform((west, south), (east, north), (n, 2)))


def _inside(area: shapely.Geometry, count: int, draw) -> np.ndarray:
    """The first points drawn that lie inside an area, shape (count, 2)."""
    shapely.prepare(area)
    found = np.empty((0, 2))
    while len(found) < count:
        points = draw(4 * count + 20)
        found = np.concatenate([found, points[shapely.contains_xy(area, *points.T)]])
    return found[:count]


def _spread(seeds: np.ndarray, area: shapely.Geometry, rounds: int) -> np.ndarray:
    """Seeds moved to the middles of their cells; one whose middle lies outside the area stays."""
    for _round in range(rounds if len(seeds) > 1 else 0):
        middles = shapely.get_coordinates(shapely.centroid(_cells(seeds, area)))
        inside = shapely.contains_xy(area, *middles.T)
        seeds = np.where(inside[:, None], middles, seeds)
    return seeds


def _region(district: str, unit: str, pairs: list[tuple[str, str]]) -> shapely.Geometry:
    """The part of a district that a unit manages; of a zone, which is drawn by hand, without scraps."""
    outlines = _outlines()
    if unit != district:
        parts = _polygons(shapely.intersection(outlines[district], outlines[unit]))
        return shapely.union_all([part for part in parts if part.area > _SCRAP])
    zones = [_region(district, zone, pairs) for where, zone in pairs if where == district != zone]
    return shapely.difference(outlines[district], shapely.union_all(zones))


@cache
def _outlines() -> dict[str, shapely.Geometry]:
    found = {}
    for name in ("chengdu_districts", "zones"):
        text = (DATA / "boundaries" / f"{name}.geojson").read_text(encoding="utf-8")
        for feature in json.loads(text)["features"]:
            found[feature["properties"]["name"]] = shapely.geometry.shape(feature["geometry"])
    return found


def _middles() -> dict[str, tuple[float, float]]:
    return {row["district"]: (float(row["lon"]), float(row["lat"])) for row in _table("districts.csv")}


def _rows() -> list[Street]:
    fields = ("code", "name", "name_en", "district", "unit")
    return [
        Street(*(row[f] for f in fields), (float(row["lon"]), float(row["lat"])) if row["lon"] else None)
        for row in _table("streets.csv")
    ]


def _table(name: str) -> list[dict[str, str]]:
    with open(DATA / "city" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _layer(features) -> dict:
    made = [
        {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(geometry)}
        for properties, geometry in features
    ]
    return {"type": "FeatureCollection", "features": made}
