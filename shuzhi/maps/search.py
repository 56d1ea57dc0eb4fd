"""Search (查找): things on the map by name, code or the initials of their pinyin, wherever they come from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import shapely
from shapely.geometry import shape

from shuzhi.errors import ScopeError
from shuzhi.i18n import N_, _
from shuzhi.registry import places
from shuzhi.registry.initials import initials
from shuzhi.registry.names import name as name_of
from shuzhi.status import air, water
from shuzhi.store import Home, Scope
from shuzhi.store.selection import LONGEST, Selection

KINDS = {
    "station": N_("空气站"),
    "section": N_("水质断面"),
    "district": N_("区县"),
    "zone": N_("功能区"),
    "street": N_("街道"),
    "river": N_("河流"),
    "lez": N_("低排区"),
    "outlet": N_("排口"),
    "sources": N_("污染源"),
    "machines": N_("移动机械"),
}
"""What can be found, in the order in which it is shown."""

EACH, ALL = 5, 12
"""Most things of a kind, and in all."""


@dataclass(frozen=True)
class Thing:
    """Something with a place on the map.

    Attributes
    ----------
    kind : str
        In ``KINDS``.
    code : str
        What its card is asked for with; of a place its name.
    name, name_en : str
    detail : str
        Where it is, or what it is beside.
    bounds : tuple
        West, south, east, north; a point where they are equal.
    searched : tuple of str
        Name, code and initials, lower case.
    """

    kind: str
    code: str
    name: str
    name_en: str
    detail: str
    bounds: tuple[float, float, float, float]
    searched: tuple[str, ...]


def search(home: Home, scope: Scope, text: str, lang: str) -> list[dict]:
    """Things that a text means, best first within each kind.

    Parameters
    ----------
    text : str
        Part of a name or a code, or the beginning of the initials of the name's pinyin.
    lang : {"zh", "en"}

    Returns
    -------
    list of dict
        kind, kind_name, code, name, detail, bounds; at most ``ALL``. Data sets outside the scope are left out.
    """
    text = text.strip().lower()[:LONGEST]
    if not text:
        return []
    small = _best(_index(home, str(home.path), home.version, scope), text)
    found = [*small, *_sources(home, scope, text), *_machines(home, scope, text)]
    return [_told(thing, lang) for thing in found[:ALL]]


def _told(thing: Thing, lang: str) -> dict:
    name = thing.name_en if lang == "en" and thing.name_en else thing.name
    kept = {"kind": thing.kind, "code": thing.code, "name": name, "detail": thing.detail, "bounds": thing.bounds}
    return {**kept, "kind_name": _(KINDS[thing.kind])}


def _best(things: Iterable[Thing], text: str) -> list[Thing]:
    """The ones that match, those that begin with the text first, at most ``EACH`` of a kind."""
    ranked = [(rank, thing) for thing in things if (rank := _rank(thing, text)) is not None]
    order = list(KINDS)
    ranked.sort(key=lambda pair: (order.index(pair[1].kind), pair[0], len(pair[1].name)))
    taken: dict[str, list[Thing]] = {}
    for _match, thing in ranked:
        taken.setdefault(thing.kind, []).append(thing)
    return [thing for things in taken.values() for thing in things[:EACH]]


def _rank(thing: Thing, text: str) -> int | None:
    if text in thing.searched:
        return 0
    if any(word.startswith(text) for word in thing.searched):
        return 1
    return 2 if any(text in word for word in thing.searched[:-1]) else None  # initials only from their beginning


@lru_cache(maxsize=8)
def _index(home: Home, _path: str, _version: int, scope: Scope) -> tuple[Thing, ...]:
    """Everything but the large registers."""
    found = []
    for listed in (_stations, _sections, _places):
        try:
            found += listed(home, scope)
        except ScopeError:
            continue
    letters = initials(pa.array([thing.name for thing in found], pa.string())).to_pylist()
    return tuple(_searched(thing, letter) for thing, letter in zip(found, letters, strict=True))


def _searched(thing: Thing, letters: str) -> Thing:
    words = (thing.name.lower(), thing.name_en.lower(), thing.code.lower(), letters)
    return Thing(*(getattr(thing, field) for field in list(Thing.__dataclass_fields__)[:-1]), searched=words)


def _stations(home: Home, scope: Scope) -> Iterator[Thing]:
    for row in air.stations(home, scope, home.city).dropna(subset=["lon", "lat"]).to_dict("records"):
        yield _point("station", row["code"], row["name"], f"{row['code']}  {row['district'] or ''}".strip(), row)


def _sections(home: Home, scope: Scope) -> Iterator[Thing]:
    for row in water.sections(home, scope).dropna(subset=["lon", "lat"]).to_dict("records"):
        yield _point("section", row["code"], row["name"], row["river"] or "", row)


def _places(home: Home, scope: Scope) -> Iterator[Thing]:
    for kind in ("district", "zone", "street", "river", "lez", "outlet"):
        merged: dict[str, list] = {}
        for feature in places.layer(home, scope, kind)["features"]:
            merged.setdefault(feature["properties"]["name"], []).append(feature)
        for name, features in merged.items():
            told = features[0]["properties"]
            outline = shapely.union_all([shapely.box(*shape(f["geometry"]).bounds) for f in features]).bounds
            detail = " · ".join(dict.fromkeys(part for part in (told["parent"], told["unit"]) if part))
            yield Thing(kind, name, name, told["name_en"] or "", detail, tuple(round(end, 5) for end in outline), ())


def _point(kind: str, code: str, name: str, detail: str, row: dict) -> Thing:
    lon, lat = round(float(row["lon"]), 6), round(float(row["lat"]), 6)
    return Thing(kind, code, name, "", detail, (lon, lat, lon, lat), ())


def _sources(home: Home, scope: Scope, text: str) -> list[Thing]:
    return _registered(home, scope, "sources", text, "name, unit, permit_class", "starts_with(lower(name), $begin)")


def _machines(home: Home, scope: Scope, text: str) -> list[Thing]:
    return _registered(home, scope, "machines", text, "id AS name, unit, type", "starts_with(lower(id), $begin)")


def _registered(home: Home, scope: Scope, register: str, text: str, columns: str, first: str) -> list[Thing]:
    """Placed rows of a register; a machine is called by its label."""
    question = f"SELECT id, {columns}, lon, lat FROM chosen WHERE x IS NOT NULL ORDER BY {first} DESC, id LIMIT {EACH}"
    try:
        rows = home.engine.choose(register, question, Selection.of(text=text), scope, begin=text)
    except ScopeError:
        return []
    codes = {"sources": ("permit_class", "permit_classes"), "machines": ("type", "machine_types")}[register]
    return [
        _point(register, row["id"], row["name"], f"{row['unit'] or ''} {name_of(codes[1], row[codes[0]])}".strip(), row)
        for row in rows.to_dict("records")
    ]
