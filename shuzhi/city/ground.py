"""Where things stand in the simulated city: its streets, and points inside them that gather as towns and parks do."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from shuzhi.city.stations import CENTRE
from shuzhi.registry import places
from shuzhi.store import Home, Scope

_KM = np.array([95.7, 111.2])
_TRIES = 12


@dataclass(frozen=True)
class Ground:
    """Streets of a home.

    Attributes
    ----------
    table : DataFrame
        name, unit, district, lon, lat, km (from the middle of the city), size (km²).
    polygons : list of shapely geometries
    """

    table: pd.DataFrame
    polygons: list

    def choose(self, where: str, count: int, random: np.random.Generator) -> np.ndarray:
        """Streets (row numbers) of `count` things that gather in towns, parks, the country, at rivers, on sites."""
        weight = _weight(where, self.table["km"].to_numpy(), self.table["size"].to_numpy())
        weight = weight * _character(where, len(weight))
        return random.choice(len(weight), count, p=weight / weight.sum())

    def points(self, street: np.ndarray, spread: float, random: np.random.Generator) -> np.ndarray:
        """A point in each street, in clumps of about `spread` km; shape (n, 2), longitude and latitude, 5 decimals."""
        found = np.empty((len(street), 2))
        for number in np.unique(street):
            at = np.flatnonzero(street == number)
            found[at] = _in_polygon(self.polygons[number], len(at), spread, random)
        return found.round(5)


def ground(home: Home) -> Ground:
    """The streets of a home; they must be there."""
    table = places.streets(home, Scope.all())
    features = places.layer(home, Scope.all(), "street")["features"]
    outlines = {feature["properties"]["name"]: shape(feature["geometry"]) for feature in features}
    polygons = [outlines[name] for name in table["name"]]
    for polygon in polygons:
        shapely.prepare(polygon)
    km = np.hypot(*((table[["lon", "lat"]].to_numpy() - CENTRE) * _KM).T)
    size = shapely.area(polygons) * _KM.prod()
    return Ground(table.assign(km=km, size=size), polygons)


def _weight(where: str, km: np.ndarray, size: np.ndarray) -> np.ndarray:
    """How many things of a kind a street draws, by its distance from the middle of the city and its size."""
    if where == "town":
        return np.exp(-km / 11) + 0.07
    if where == "park":
        return np.exp(-(((km - 17) / 10) ** 2)) + 0.06
    if where == "site":
        return np.exp(-(((km - 9) / 11) ** 2)) + 0.05
    return size * (km > 14) + 0.01


def _character(where: str, count: int) -> np.ndarray:
    """Some streets have a park or a river plant and most have none; the same ones whenever the city is made."""
    if where not in ("park", "river"):
        return np.ones(count)
    number = np.arange(count)
    return np.where((number * 7919 + 13) % 100 < (38 if where == "park" else 60), 1 + (number * 104729) % 5, 0.05)


def _in_polygon(polygon, count: int, spread: float, random: np.random.Generator) -> np.ndarray:
    clumps = _uniform(polygon, max(1, min(6, count // 30)), random)
    found = np.empty((0, 2))
    for _ in range(_TRIES):
        wanted = count - len(found)
        if not wanted:
            break
        near = clumps[random.integers(len(clumps), size=2 * wanted)]
        tried = near + spread * random.standard_normal((2 * wanted, 2)) / _KM
        tried = tried[shapely.contains_xy(polygon, *tried.T)]
        found = np.concatenate([found, tried[:wanted]])
    return np.concatenate([found, _uniform(polygon, count - len(found), random)])


def _uniform(polygon, count: int, random: np.random.Generator) -> np.ndarray:
    west, south, east, north = polygon.bounds
    found = np.empty((0, 2))
    while len(found) < count:
        tried = np.column_stack([random.uniform(west, east, 4 * count), random.uniform(south, north, 4 * count)])
        found = np.concatenate([found, tried[shapely.contains_xy(polygon, *tried.T)]])
    return found[:count]
