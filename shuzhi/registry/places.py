"""Places (地点): districts, functional zones, rivers. The base layers of ``data/boundaries`` stand in for every kind
of which the home has none of its own."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from sqlalchemy import select, update

from shuzhi.errors import NotFoundError
from shuzhi.i18n import N_
from shuzhi.settings import DATA
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Place

BASE = {"district": "chengdu_districts", "zone": "zones", "river": "rivers"}
KINDS = tuple(BASE)
DISTRICT_SOURCE = N_("天地图")
"""The source that pages name beside the built-in districts."""


@dataclass(frozen=True)
class NewPlace:
    """A place as a door delivers it: name, code (None = unknown) and GeoJSON geometry in WGS 84."""

    name: str
    geometry: dict
    code: str | None = None


def layer(home: Home, scope: Scope, kind: str) -> dict:
    """A base layer as a GeoJSON FeatureCollection, WGS 84.

    Each feature has the properties code, name, name_en (None = unknown), schematic, source, main (rivers).

    Raises
    ------
    NotFoundError
        If the kind is unknown.
    """
    scope.require("places")
    if kind not in BASE:
        raise NotFoundError(f"there is no layer '{kind}'; use one of {', '.join(KINDS)}")
    return _layer(home, str(home.path), home.version, kind)


def districts(home: Home, scope: Scope) -> list[tuple[str, str]]:
    """Names of the districts with the English ones (the Chinese name again where none is known)."""
    features = layer(home, scope, "district")["features"]
    return [(f["properties"]["name"], f["properties"]["name_en"] or f["properties"]["name"]) for f in features]


def schematic(home: Home, scope: Scope, kind: str) -> bool:
    """True where the layer is drawn by hand and pages must say so (示意)."""
    return any(f["properties"]["schematic"] for f in layer(home, scope, kind)["features"])


def is_own(home: Home, scope: Scope, kind: str) -> bool:
    """True where the home has imported a layer of this kind."""
    scope.require("places")
    with home.ledger.session() as session:
        return session.scalar(_current(kind).limit(1)) is not None


def replace(home: Home, kind: str, places: Iterable[NewPlace], source: str) -> None:
    """Put a layer in place of the one shown until now, which is closed, not deleted."""
    with home.ledger.session() as session:
        _close(session, kind)
        session.add_all(
            Place(kind=kind, code=p.code, name=p.name, schematic=False, source=source, geometry=json.dumps(p.geometry))
            for p in places
        )
    home.changed()


def reset(home: Home, kind: str) -> int:
    """Return to the built-in layer; number of places that were closed."""
    with home.ledger.session() as session:
        closed = _close(session, kind)
    if closed:
        home.changed()
    return closed


def _close(session, kind: str) -> int:
    now = dt.datetime.now(dt.UTC)
    rows = update(Place).where(Place.kind == kind, Place.replaced_at.is_(None)).values(replaced_at=now)
    return session.execute(rows).rowcount


def _current(kind: str):
    return select(Place).where(Place.kind == kind, Place.replaced_at.is_(None)).order_by(Place.id)


@lru_cache(maxsize=16)
def _layer(home: Home, _path: str, _version: int, kind: str) -> dict:
    with home.ledger.session() as session:
        own = session.scalars(_current(kind)).all()
    features = [_feature(place) for place in own] or _base(kind)
    return {"type": "FeatureCollection", "features": features}


def _feature(place: Place) -> dict:
    known = _known(place.kind).get(place.name, {})
    properties = {
        "code": place.code,
        "name": place.name,
        "name_en": known.get("name_en"),
        "schematic": place.schematic,
        "source": place.source,
        "main": known.get("main", False),
    }
    return {"type": "Feature", "properties": properties, "geometry": json.loads(place.geometry)}


@cache
def _base(kind: str) -> list[dict]:
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
        }
    return features


@cache
def _known(kind: str) -> dict[str, dict]:
    """What is known of a place by its name: English name, whether a river is a main one."""
    return {f["properties"]["name"]: f["properties"] for f in _base(kind)}
