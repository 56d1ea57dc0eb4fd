"""Places (地点): districts, functional zones, streets, grids, rivers, low-emission zones, outlets.

The base layers of ``data/boundaries`` stand in for a kind of which the home has none of its own; of streets, grids,
low-emission zones and outlets there is no base layer.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import replace as with_
from functools import cache, lru_cache

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import select, update

from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import N_
from shuzhi.settings import DATA
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Place

BASE = {"district": "chengdu_districts", "zone": "zones", "river": "rivers"}
KINDS = ("district", "zone", "street", "grid", "river", "lez", "outlet")
AREAS = ("district", "zone", "street", "grid", "lez")
"""Kinds that are polygons: a point can lie in one."""
DISTRICT_SOURCE = N_("天地图")
"""The source that pages name beside the built-in districts."""

_UNIQUE = ("district", "zone", "street", "grid", "lez", "outlet")
"""Kinds whose places are known by their names; a river may come in several features."""


@dataclass(frozen=True)
class NewPlace:
    """A place as a door delivers it.

    Attributes
    ----------
    name : str
    geometry : dict
        GeoJSON in WGS 84.
    code : str, optional
    parent : str, optional
        Place that it lies in by administration: the district of a street, the street of a grid.
    unit : str, optional
        Managing unit (管理单位), one of `units`.
    attributes : dict
        What its kind has beside: ``forbidden_stages``, ``valid_from``, ``valid_to`` of a low-emission zone, ``to`` of a
        river, ``name_en`` …
    """

    name: str
    geometry: dict
    code: str | None = None
    parent: str | None = None
    unit: str | None = None
    attributes: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Replaced:
    """Numbers of places that a new layer brought, changed, left as they were, and closed."""

    new: int
    changed: int
    unchanged: int
    closed: int

    @property
    def differs(self) -> bool:
        """Whether the layer is another one than before."""
        return bool(self.new or self.changed or self.closed)


def layer(home: Home, scope: Scope, kind: str) -> dict:
    """A layer as a GeoJSON FeatureCollection, WGS 84; without features where there is neither an own nor a base one.

    Each feature has the properties code, name, name_en (None = unknown), schematic, source, main (rivers), parent,
    unit, attributes (dict).

    Raises
    ------
    NotFoundError
        If the kind is unknown.
    """
    scope.require("places")
    _known_kind(kind, KINDS)
    return _layer(home, str(home.path), home.version, kind)


def districts(home: Home, scope: Scope) -> list[tuple[str, str]]:
    """Names of the districts with the English ones (the Chinese name again where none is known)."""
    features = layer(home, scope, "district")["features"]
    return [(f["properties"]["name"], f["properties"]["name_en"] or f["properties"]["name"]) for f in features]


def units(home: Home, scope: Scope) -> pd.DataFrame:
    """The managing units (管理单位) in the usual order: the districts by code, then the functional zones.

    Returns
    -------
    DataFrame
        name, name_en, code, kind (``district`` or ``zone``).
    """
    rows = []
    for kind in ("district", "zone"):
        given = [feature["properties"] for feature in layer(home, scope, kind)["features"]]
        given = sorted(given, key=lambda p: p["code"]) if all(p["code"] for p in given) else given
        rows += [(p["name"], p["name_en"] or p["name"], p["code"], kind) for p in given]
    return pd.DataFrame(rows, columns=["name", "name_en", "code", "kind"])


def unit_named(home: Home, scope: Scope, text: str | None) -> str | None:
    """The unit that a table means by a name, also by a short or an official one (高新, 武侯, 成都高新技术产业开发区).

    None where it is none of them or could be several.
    """
    return _named(list(units(home, scope)["name"]), text)


def streets(home: Home, scope: Scope) -> pd.DataFrame:
    """The streets and towns (街道、镇), names unique within the city; no rows where the home has none.

    Returns
    -------
    DataFrame
        name, name_en, code, unit (which manages it), district (in which it lies), lon, lat (a point inside).
        A street counts for its unit; only a table labelled 行政区划口径 counts it for its district.
    """
    scope.require("places")
    return _streets(home, str(home.path), home.version).copy()


def locate(home: Home, scope: Scope, kind: str, lon, lat) -> np.ndarray:
    """The place of one kind in which each position lies.

    Parameters
    ----------
    kind : str
        One of `AREAS`.
    lon, lat : array-like of float
        Degrees in WGS 84, of equal length; NaN lies nowhere.

    Returns
    -------
    ndarray of object
        Names; None outside. Where places overlap, the smallest.

    Raises
    ------
    NotFoundError
        If places of this kind are no areas.
    """
    scope.require("places")
    _known_kind(kind, AREAS)
    areas = _areas(home, str(home.path), home.version, kind)
    lon, lat = (np.atleast_1d(np.asarray(values, float)) for values in (lon, lat))
    west_to_east = np.argsort(lon)
    first = np.searchsorted(lon[west_to_east], areas.bounds[:, 0], "left")
    last = np.searchsorted(lon[west_to_east], areas.bounds[:, 2], "right")
    found = np.full(len(lon), None, dtype=object)
    for area in np.flatnonzero(last > first):  # a smaller one comes later, over a larger one
        south, north = areas.bounds[area, [1, 3]]
        near = west_to_east[first[area] : last[area]]
        near = near[(lat[near] >= south) & (lat[near] <= north)]
        found[near[shapely.intersects_xy(areas.shapes[area], lon[near], lat[near])]] = areas.names[area]
    return found


def locate_unit(home: Home, scope: Scope, lon, lat) -> np.ndarray:
    """The managing unit of each position: that of its street, or else the functional zone, or else the district.

    Parameters and result as for `locate`.
    """
    manages = streets(home, scope).set_index("name")["unit"].to_dict()
    found = np.array([manages.get(name) for name in locate(home, scope, "street", lon, lat)], dtype=object)
    for kind in ("zone", "district"):
        open_ = np.equal(found, None)
        found[open_] = locate(home, scope, kind, lon, lat)[open_]
    return found


def schematic(home: Home, scope: Scope, kind: str) -> bool:
    """True where the layer is drawn by hand or made up, and pages must say so (示意)."""
    return any(f["properties"]["schematic"] for f in layer(home, scope, kind)["features"])


def is_own(home: Home, scope: Scope, kind: str) -> bool:
    """True where the home has imported a layer of this kind."""
    scope.require("places")
    with home.ledger.session() as session:
        return session.scalar(_current(kind).limit(1)) is not None


def replace(home: Home, kind: str, places: Iterable[NewPlace], source: str, schematic: bool = False) -> Replaced:
    """Put a layer in place of the one shown until now; what it no longer has is closed, not deleted.

    A street's district and a grid's street are found by its position where the delivery does not say them; a grid's
    unit is that of its street.

    Raises
    ------
    InputError
        If two places share a name, a street has no or an unknown unit or district, a grid lies in no street.
    """
    rows = _checked(home, kind, list(places))
    with home.writer(), home.ledger.session() as session:
        there = {_content(place): place for place in session.scalars(_current(kind))}
        wanted = {_content(row): row for row in (_row(kind, place, source, schematic) for place in rows)}
        added, gone = wanted.keys() - there.keys(), there.keys() - wanted.keys()
        now = dt.datetime.now(dt.UTC)
        for content in gone:
            there[content].replaced_at = now
        session.add_all(row for content, row in wanted.items() if content in added)
        changed = len({content[:2] for content in added} & {content[:2] for content in gone})
    done = Replaced(len(added) - changed, changed, len(wanted) - len(added), len(gone) - changed)
    if done.differs:
        home.changed()
    return done


def reset(home: Home, kind: str) -> int:
    """Return to the built-in layer, or to none where there is no built-in one; number of places that were closed."""
    now = dt.datetime.now(dt.UTC)
    with home.writer(), home.ledger.session() as session:
        rows = update(Place).where(Place.kind == kind, Place.replaced_at.is_(None)).values(replaced_at=now)
        closed = session.execute(rows).rowcount
    if closed:
        home.changed()
    return closed


def _known_kind(kind: str, kinds: tuple[str, ...]) -> None:
    if kind not in kinds:
        raise NotFoundError(f"there is no layer '{kind}'; use one of {', '.join(kinds)}")


def _named(names: list[str], text: str | None) -> str | None:
    text = (text or "").strip()
    if text in names:
        return text
    stem = text.rstrip("区县市")
    if len(stem) < 2:
        return None
    meant = [name for name in names if stem in name or text.startswith(name.rstrip("区县市"))]
    return meant[0] if len(meant) == 1 else None


def _checked(home: Home, kind: str, places: list[NewPlace]) -> list[NewPlace]:
    if kind in _UNIQUE:
        name, count = Counter(place.name for place in places).most_common(1)[0]
        if count > 1:
            raise InputError(f"{count} features are the {kind} {name}; within the city a name must be one place's")
    if kind == "street":
        return _streets_checked(home, places)
    if kind == "grid":
        return _grids_checked(home, places)
    return places


def _streets_checked(home: Home, places: list[NewPlace]) -> list[NewPlace]:
    scope = Scope.all()
    table = units(home, scope)
    names, in_districts = list(table["name"]), list(table.loc[table["kind"] == "district", "name"])
    lies_in = locate(home, scope, "district", *_inside(places).T)
    checked = []
    for place, found in zip(places, lies_in, strict=True):
        if not place.unit:
            raise InputError(f"the street {place.name} has no managing unit (管理单位); each needs exactly one")
        unit, district = _named(names, place.unit), _named(in_districts, place.parent or found)
        if unit is None:
            raise InputError(f"the street {place.name}: unknown unit {place.unit}; use one of {'、'.join(names)}")
        if district is None:
            given = f"unknown district {place.parent}" if place.parent else "it lies in no district"
            raise InputError(f"the street {place.name}: {given}; use one of {'、'.join(in_districts)}")
        checked.append(with_(place, unit=unit, parent=district))
    return checked


def _grids_checked(home: Home, places: list[NewPlace]) -> list[NewPlace]:
    scope = Scope.all()
    manages = streets(home, scope).set_index("name")["unit"].to_dict()
    lies_in = locate(home, scope, "street", *_inside(places).T)
    checked = []
    for place, found in zip(places, lies_in, strict=True):
        street = place.parent or found
        if street not in manages:
            given = f"unknown street {street}" if street else "it lies in no street"
            raise InputError(f"the grid {place.name}: {given}; import the layer of streets before the grids")
        checked.append(with_(place, parent=street, unit=manages[street]))
    return checked


def _inside(places: list[NewPlace]) -> np.ndarray:
    """A position inside each place, shape (n, 2)."""
    shapes = shapely.from_geojson([json.dumps(place.geometry) for place in places])
    return shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)


def _row(kind: str, place: NewPlace, source: str, schematic: bool) -> Place:
    return Place(
        kind=kind,
        code=place.code,
        name=place.name,
        schematic=schematic,
        source=source,
        parent=place.parent,
        unit=place.unit,
        attributes=json.dumps(place.attributes, ensure_ascii=False, sort_keys=True) if place.attributes else None,
        geometry=json.dumps(place.geometry),
    )


def _content(place: Place) -> tuple:
    """All that a place says; the first two are what it is known by."""
    rest = (place.schematic, place.source, place.parent, place.unit, place.attributes, place.geometry)
    return (place.name, place.code, *rest)


def _current(kind: str):
    return select(Place).where(Place.kind == kind, Place.replaced_at.is_(None)).order_by(Place.id)


@lru_cache(maxsize=32)
def _layer(home: Home, _path: str, _version: int, kind: str) -> dict:
    with home.ledger.session() as session:
        own = session.scalars(_current(kind)).all()
    features = [_feature(place) for place in own] or _base(kind)
    return {"type": "FeatureCollection", "features": features}


@lru_cache(maxsize=4)
def _streets(home: Home, path: str, version: int) -> pd.DataFrame:
    rows = []
    features = _layer(home, path, version, "street")["features"]
    points = _representative(features)
    for feature, (lon, lat) in zip(features, points, strict=True):
        p = feature["properties"]
        name_en = p["name_en"] or p["name"]
        rows.append((p["name"], name_en, p["code"], p["unit"], p["parent"], lon, lat))
    return pd.DataFrame(rows, columns=["name", "name_en", "code", "unit", "district", "lon", "lat"])


@dataclass(frozen=True)
class _Areas:
    """Prepared polygons, the largest first, with their bounds (west, south, east, north) and names."""

    shapes: np.ndarray
    bounds: np.ndarray
    names: np.ndarray


@lru_cache(maxsize=16)
def _areas(home: Home, path: str, version: int, kind: str) -> _Areas:
    features = _layer(home, path, version, kind)["features"]
    shapes, names = _shapes(features), np.array([f["properties"]["name"] for f in features], dtype=object)
    largest_first = np.argsort(-shapely.area(shapes), kind="stable")
    shapes = shapes[largest_first]
    shapely.prepare(shapes)
    return _Areas(shapes, shapely.bounds(shapes).reshape(-1, 4), names[largest_first])


def _shapes(features: list[dict]) -> np.ndarray:
    return np.asarray(shapely.from_geojson([json.dumps(f["geometry"]) for f in features]), dtype=object).reshape(-1)


def _representative(features: list[dict]) -> np.ndarray:
    return shapely.get_coordinates(shapely.point_on_surface(_shapes(features))).reshape(-1, 2)


def _feature(place: Place) -> dict:
    known = _known(place.kind).get(place.name, {})
    attributes = known.get("attributes", {}) | json.loads(place.attributes or "{}")
    properties = {
        "code": place.code,
        "name": place.name,
        "name_en": known.get("name_en") or attributes.get("name_en"),
        "schematic": place.schematic,
        "source": place.source,
        "main": known.get("main", False),
        "parent": place.parent,
        "unit": place.unit,
        "attributes": attributes,
    }
    return {"type": "Feature", "properties": properties, "geometry": json.loads(place.geometry)}


@cache
def _base(kind: str) -> list[dict]:
    if kind not in BASE:
        return []
    text = (DATA / "boundaries" / f"{BASE[kind]}.geojson").read_text(encoding="utf-8")
    features = json.loads(text)["features"]
    for feature in features:
        given = feature["properties"]
        feature["properties"] = {
            "code": given.get("code") or given.get("adcode"),
            "name": given["name"],
            "name_en": given["name_en"],
            "schematic": given.get("schematic", False),
            "source": given.get("source", DISTRICT_SOURCE),
            "main": given.get("main", False),
            "parent": None,
            "unit": None,
            "attributes": {"aliases": given["aliases"]} if "aliases" in given else {},
        }
    return features


@cache
def _known(kind: str) -> dict[str, dict]:
    """What is known of a place by its name: English name, whether a river is a main one."""
    return {f["properties"]["name"]: f["properties"] for f in _base(kind)}
