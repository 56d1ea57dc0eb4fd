"""The river network (水系): reaches with direction and length, and where sections and outlets stand on it.

A river is a line whose vertices run downstream. A line is cut where another one begins or ends on it; what lies between
two cuts is a reach (河段). Lines that merely cross are not joined: one passes under the other. Distances for finding
what meets are taken in a plane about the middle of the network, lengths are geodesic.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod
from shapely import LineString
from shapely.ops import substring

from shuzhi.registry import places
from shuzhi.store import Home, Scope

SNAP_M = 100.0
"""Ends of lines nearer to another line than this [m] meet it."""
WITHIN_M = 2000.0
"""A point farther from every reach than this [m] does not stand on the network: built-in rivers are drawn by hand."""
WITHIN_NAMED_M = 5000.0
"""The same for a point that names its river."""

_GEOD = Geod(ellps="WGS84")
_DEGREE_M = 111_195.0  # metres in a degree of latitude on the mean sphere


@dataclass(frozen=True)
class River:
    """A river as a line or several, in the order of their vertices downstream.

    Attributes
    ----------
    name : str
    parts : list of ndarray
        Longitude and latitude, each of shape (n, 2), n ≥ 2; the next part goes on where the one before was left, even
        where there is a gap between them (a river that leaves the city and comes back).
    code : str, optional
    to : str, optional
        Name or code of the river into which it flows, however far its line ends from it.
    aliases : tuple of str
        Other names of it, or of stretches of it.
    """

    name: str
    parts: list[np.ndarray]
    code: str | None = None
    to: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Network:
    """Reaches and how the water goes from one to the next.

    Attributes
    ----------
    reaches : DataFrame
        Indexed by id: river, km (length), downstream (id of the reach into which it flows, None where it leaves the
        network), gap_km (from its end to that one's start along a stretch that is not drawn; 0 where they meet),
        branches (tuple of ids of other reaches into which its water parts).
    lines : ndarray of LineString
        WGS 84, downstream, in the order of ``reaches``.
    aliases : dict
        Name, code or other name of a river → its names in ``reaches``.
    loops : tuple of (str, str)
        Rivers whose water would go round in a circle; these links were left out.
    """

    reaches: pd.DataFrame
    lines: np.ndarray
    aliases: dict[str, frozenset[str]] = field(default_factory=dict)
    loops: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _plane(self) -> "_Plane":
        return _Plane.about(shapely.get_coordinates(self.lines)) if len(self.lines) else _Plane(0.0, 0.0)

    @cached_property
    def _flat(self) -> np.ndarray:
        return shapely.transform(self.lines, self._plane.metres)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._flat)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {reach: i for i, reach in enumerate(self.reaches.index)}

    @cached_property
    def _next(self) -> dict[str, list[tuple[str, float]]]:
        """Reaches that follow each reach, the main one first, with the gap before each [km]."""
        return _following(self)


def network(home: Home, scope: Scope) -> Network:
    """The network of the home's layer of rivers."""
    scope.require("places")
    return _network(home, str(home.path), home.version)


@lru_cache(maxsize=4)
def _network(home: Home, _path: str, _version: int) -> Network:
    return build(rivers_of(places.layer(home, Scope.all(), "river")))


def rivers_of(layer: dict) -> list[River]:
    """The rivers of a GeoJSON layer as `registry.places.layer` gives it."""
    features = [(feature["properties"], feature["geometry"]) for feature in layer["features"]]
    return [_river(p["name"], p["code"], geometry, p["attributes"]) for p, geometry in features]


def rivers_of_places(found: Iterable[places.NewPlace]) -> list[River]:
    """The rivers of a delivery."""
    return [_river(place.name, place.code, place.geometry, place.attributes) for place in found]


def _river(name: str, code: str | None, geometry: dict, attributes: dict) -> River:
    parts = [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]
    lines = [np.asarray(part, float)[:, :2] for part in parts]
    return River(name, lines, code, attributes.get("to"), tuple(attributes.get("aliases", ())))


def build(rivers: Iterable[River], snap: float = SNAP_M) -> Network:
    """Make the network of rivers.

    Parameters
    ----------
    rivers : iterable of River
    snap : float
        Tolerance [m] within which the end of a line meets another line.
    """
    return _Builder(list(rivers), snap).network()


def locate(network: Network, lon, lat, river=None, within: float | None = None) -> pd.DataFrame:
    """Where points stand on the network.

    Parameters
    ----------
    lon, lat : array-like of float
        WGS 84, of equal length; NaN stands nowhere.
    river : str or array-like of str, optional
        Name of the river, of all points or of each: only its reaches are looked at where the network knows it (岷江干流
        is 岷江), all where it does not.
    within : float, optional
        Points farther from the line [m] are not on it; by default `WITHIN_NAMED_M` from a river that is known by the
        name given, `WITHIN_M` from any other.

    Returns
    -------
    DataFrame
        reach (id, None where too far), km (from the reach's start, NaN), distance (to the line [m], NaN).
    """
    lon, lat = (np.atleast_1d(np.asarray(values, float)) for values in (lon, lat))
    reach, distance = np.full(len(lon), -1), np.full(len(lon), np.nan)
    points = shapely.points(network._plane.metres(np.column_stack([lon, lat])))
    named = [river] * len(lon) if river is None or isinstance(river, str) else list(river)
    for rows, numbers in _by_river(network, named):
        rows = rows[np.isfinite(lon[rows]) & np.isfinite(lat[rows])]
        if not len(network.lines) or not len(rows):
            continue
        tree = network._tree if numbers is None else shapely.STRtree(network._flat[numbers])
        reach_m = within or (WITHIN_M if numbers is None else WITHIN_NAMED_M)
        nearest = tree.query_nearest(points[rows], max_distance=reach_m, return_distance=True, all_matches=False)
        (at, line), metres = nearest
        reach[rows[at]] = line if numbers is None else numbers[line]
        distance[rows[at]] = metres
    return _located(network, points, reach, distance)


def positions(network: Network, reach: Iterable[str], km) -> np.ndarray:
    """Longitude and latitude, shape (n, 2), of points on reaches by their distance from the reach's start [km]."""
    number = np.array([network._number[each] for each in reach], dtype=int)
    share = np.asarray(km, float) / network.reaches["km"].to_numpy()[number]
    on = shapely.line_interpolate_point(network._flat[number], np.clip(share, 0, 1), normalized=True)
    return network._plane.degrees(shapely.get_coordinates(on).reshape(-1, 2))


def dead_ends(network: Network, snap: float = SNAP_M) -> list[tuple[str, str]]:
    """Pairs of rivers that end where they meet and nothing goes on: one of the two may be drawn upstream."""
    last = np.flatnonzero(network.reaches["downstream"].isna().to_numpy())
    ends = shapely.get_point(network._flat[last], -1)
    first, second = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=snap)
    rivers = network.reaches["river"].to_numpy()[last]
    return [(rivers[a], rivers[b]) for a, b in zip(first, second, strict=True) if a < b]


def neighbours(network: Network, table: pd.DataFrame) -> pd.DataFrame:
    """Which point comes next up and down the rivers from each point.

    Parameters
    ----------
    table : DataFrame
        code (unique), and either reach and km as `locate` gives them, or lon, lat and, if known, river.

    Returns
    -------
    DataFrame
        In the order of the table: section (the code), reach (None: not on the network), upstream (list of codes, the
        nearest first; several above a confluence), upstream_km (list), downstream (code or None), km (to it, NaN),
        branches (list of codes of the next points on other arms, where the river parts). B is downstream of A or among
        its branches exactly where A is upstream of B.
    """
    on = table if {"reach", "km"} <= set(table.columns) else _placed(network, table)
    codes = list(table["code"])
    queue = _in_order(codes, on)
    after = {code: _next_points(network, queue, code) for code in codes}
    before = defaultdict(list)
    for code, following in after.items():
        for other, km in following:
            before[other].append((km, code))
    rows = []
    for code, reach in zip(codes, on["reach"], strict=True):
        up = sorted(before[code])
        downstream, km = after[code][0] if after[code] else (None, np.nan)
        others = [other for other, _km in after[code][1:]]
        rows.append((code, reach, [c for _km, c in up], [k for k, _c in up], downstream, km, others))
    columns = ["section", "reach", "upstream", "upstream_km", "downstream", "km", "branches"]
    return pd.DataFrame(rows, columns=columns, dtype=object).astype({"km": float})


def _placed(network: Network, table: pd.DataFrame) -> pd.DataFrame:
    river = table["river"].to_numpy() if "river" in table else None
    return locate(network, table["lon"], table["lat"], river)


@dataclass(frozen=True)
class _Queue:
    """Points of each reach downstream, with their distance from its start [km]; and where each point stands."""

    points: dict[str, list[tuple[str, float]]]
    place: dict[str, tuple[str, int]]


def _in_order(codes: list[str], on: pd.DataFrame) -> _Queue:
    points = defaultdict(list)
    for code, reach, km in zip(codes, on["reach"], on["km"], strict=True):
        if isinstance(reach, str):
            points[reach].append((code, float(km)))
    for line in points.values():
        line.sort(key=lambda point: point[1])
    place = {code: (reach, i) for reach, line in points.items() for i, (code, _km) in enumerate(line)}
    return _Queue(dict(points), place)


def _next_points(network: Network, queue: _Queue, code: str) -> list[tuple[str, float]]:
    """The next point down each arm with its distance [km]: the one on the main path first, then the nearest."""
    if code not in queue.place:
        return []
    reach, at = queue.place[code]
    line = queue.points[reach]
    if at + 1 < len(line):
        return [(line[at + 1][0], line[at + 1][1] - line[at][1])]
    lengths = network.reaches["km"]
    found: dict[str, float] = {}
    main = None
    seen: dict[str, float] = {}
    ahead = [(reach, lengths[reach] - line[at][1], True)]
    while ahead:
        here, km, on_main = ahead.pop()
        for i, (follower, gap) in enumerate(network._next[here]):
            start, still_main = km + gap, on_main and i == 0
            there = queue.points.get(follower)
            if there:
                found[there[0][0]] = min(start + there[0][1], found.get(there[0][0], np.inf))
                main = there[0][0] if still_main else main
            elif start < seen.get(follower, np.inf) or still_main:
                seen[follower] = min(start, seen.get(follower, np.inf))
                ahead.append((follower, start + lengths[follower], still_main))
    return sorted(found.items(), key=lambda point: (point[0] != main, point[1]))


def _by_river(network: Network, named: list) -> Iterable[tuple[np.ndarray, np.ndarray | None]]:
    """Rows of points that may stand on the same reaches, and the numbers of these (None: all)."""
    rows = defaultdict(list)
    for row, name in enumerate(named):
        rows[_known_as(network, name)].append(row)
    rivers = network.reaches["river"]
    for names, at in rows.items():
        yield np.array(at), None if names is None else np.flatnonzero(rivers.isin(names).to_numpy())


def _known_as(network: Network, name) -> frozenset[str] | None:
    if not isinstance(name, str):
        return None
    return network.aliases.get(name) or network.aliases.get(name.removesuffix("干流"))


def _located(network: Network, points: np.ndarray, number: np.ndarray, distance: np.ndarray) -> pd.DataFrame:
    on = number >= 0
    km = np.full(len(number), np.nan)
    lines = network._flat[number[on]]
    share = shapely.line_locate_point(lines, points[on], normalized=True)
    km[on] = share * network.reaches["km"].to_numpy(float)[number[on]]
    ids = network.reaches.index.to_numpy(object)
    reach = np.full(len(number), None, dtype=object)
    reach[on] = ids[number[on]]
    return pd.DataFrame({"reach": pd.Series(reach, dtype=object), "km": km, "distance": distance})


def _following(network: Network) -> dict[str, list[tuple[str, float]]]:
    table, found = network.reaches, {}
    for reach, row in zip(table.index, table.to_dict("records"), strict=True):
        main = [(row["downstream"], row["gap_km"])] if row["downstream"] is not None else []
        found[reach] = main + [(branch, 0.0) for branch in row["branches"]]
    return found


@dataclass(frozen=True)
class _Plane:
    """A plane in metres about a middle: good enough to find what meets, not to measure."""

    lon: float
    lat: float

    @classmethod
    def about(cls, degrees: np.ndarray) -> "_Plane":
        return cls(*(float(middle) for middle in (degrees.min(axis=0) + degrees.max(axis=0)) / 2))

    @property
    def _scale(self) -> np.ndarray:
        return _DEGREE_M * np.array([np.cos(np.radians(self.lat)), 1.0])

    def metres(self, degrees: np.ndarray) -> np.ndarray:
        return (degrees - [self.lon, self.lat]) * self._scale

    def degrees(self, metres: np.ndarray) -> np.ndarray:
        return metres / self._scale + [self.lon, self.lat]


@dataclass
class _Part:
    """One line of a river in the plane, and where it is cut [m from its start] with the node of each cut."""

    river: int
    line: LineString
    cuts: dict[float, int] = field(default_factory=dict)


@dataclass
class _Reach:
    id: str
    river: int
    line: LineString
    start: int
    end: int
    follows: list["_Reach"] = field(default_factory=list)


class _Builder:
    """Cuts lines where others meet them and finds how the pieces hang together."""

    def __init__(self, rivers: list[River], snap: float):
        self._rivers, self._snap = rivers, snap
        lines = [(i, part) for i, river in enumerate(rivers) for part in river.parts]
        lines = [(i, part) for i, part in lines if len(np.unique(part, axis=0)) > 1]
        self._plane = _Plane.about(np.concatenate([part for _i, part in lines])) if lines else _Plane(0.0, 0.0)
        self._parts = [_Part(i, LineString(self._plane.metres(part))) for i, part in lines]
        self._of_river: dict[int, list[_Part]] = defaultdict(list)
        for part in self._parts:
            self._of_river[part.river].append(part)
        self._same = _Groups()

    def network(self) -> Network:
        for part in self._parts:
            for at in (0.0, part.line.length):
                part.cuts[at] = self._same.new()
        self._join_ends()
        self._join_named()
        self._join_parts()
        reaches = self._reaches()
        loops = self._link(reaches)
        lines = np.array([shapely.transform(reach.line, self._plane.degrees) for reach in reaches], dtype=object)
        names = [(self._rivers[a].name, self._rivers[b].name) for a, b in loops]
        return Network(self._table(reaches, lines), lines, self._aliases(), tuple(names))

    def _join_ends(self) -> None:
        """Ends that lie on another line meet it; those of rivers that say where they go meet no other."""
        if not self._parts:
            return
        tree = shapely.STRtree([part.line for part in self._parts])
        for part in self._parts:
            for at in self._open_ends(part):
                end = part.line.interpolate(at)
                for other in sorted(tree.query(end, predicate="dwithin", distance=self._snap)):
                    if self._parts[other] is not part:
                        self._same.join(part.cuts[at], self._cut(self._parts[other], end))

    def _open_ends(self, part: _Part) -> tuple[float, ...]:
        last = self._of_river[part.river][-1] is part
        return (0.0,) if last and self._rivers[part.river].to else (0.0, part.line.length)

    def _join_named(self) -> None:
        """A river that says into which one it flows reaches it at the nearest point."""
        for number, river in enumerate(self._rivers):
            own = self._of_river[number]
            targets = [part for part in self._parts if part.river != number and self._is(part.river, river.to)]
            if river.to is None or not own or not targets:
                continue
            end = own[-1].line.interpolate(own[-1].line.length)
            nearest = min(targets, key=lambda part: part.line.distance(end))
            self._same.join(own[-1].cuts[own[-1].line.length], self._cut(nearest, end))

    def _join_parts(self) -> None:
        """A part that ends nowhere goes on in the next part of its river, if that one begins nowhere."""
        begun = {self._same.of(part.cuts[at]) for part in self._parts for at in sorted(part.cuts)[:-1]}
        ended = {self._same.of(part.cuts[at]) for part in self._parts for at in sorted(part.cuts)[1:]}
        for number in range(len(self._rivers)):
            own = self._of_river[number]
            for part, following in zip(own, own[1:], strict=False):
                end, start = part.cuts[part.line.length], following.cuts[0.0]
                if self._same.of(end) in begun or self._same.of(start) in ended:
                    continue
                self._same.join(end, start)

    def _is(self, river: int, name: str | None) -> bool:
        return name is not None and name in (self._rivers[river].name, self._rivers[river].code)

    def _cut(self, part: _Part, point) -> int:
        """The node of the line at the position nearest to a point; a cut near an end, or another cut, is that one."""
        at = part.line.project(point)
        ends = (0.0, part.line.length)
        nearest = min(ends, key=lambda cut: abs(cut - at))
        if abs(nearest - at) > self._snap:
            nearest = min(part.cuts, key=lambda cut: abs(cut - at))
        if abs(nearest - at) > self._snap:
            part.cuts[at] = self._same.new()
            nearest = at
        return part.cuts[nearest]

    def _reaches(self) -> list[_Reach]:
        count, found = defaultdict(int), []
        for part in self._parts:
            river = self._rivers[part.river]
            name = river.name or river.code or "河"
            cuts = sorted(part.cuts)
            for start, end in zip(cuts, cuts[1:], strict=False):
                count[name] += 1
                nodes = (self._same.of(part.cuts[start]), self._same.of(part.cuts[end]))
                found.append(_Reach(f"{name}-{count[name]}", part.river, substring(part.line, start, end), *nodes))
        return found

    def _link(self, reaches: list[_Reach]) -> list[tuple[int, int]]:
        """Let each reach be followed by those that begin where it ends; returns the links that would close a circle."""
        begins = defaultdict(list)
        for reach in reaches:
            begins[reach.start].append(reach)
        for reach in reaches:
            reach.follows = sorted(begins[reach.end], key=partial(self._less_main, reach))
        return _without_circles(reaches)

    def _less_main(self, reach: _Reach, follower: _Reach) -> tuple:
        """Order of those that follow a reach: its own river, the one that it names, the longest."""
        length = sum(part.line.length for part in self._of_river[follower.river])
        own, named = follower.river == reach.river, self._is(follower.river, self._rivers[reach.river].to)
        return not own, not named, -length

    def _table(self, reaches: list[_Reach], lines: np.ndarray) -> pd.DataFrame:
        number = {id(reach): i for i, reach in enumerate(reaches)}
        rows = []
        for reach, line in zip(reaches, lines, strict=True):
            first = reach.follows[0] if reach.follows else None
            gap = 0.0 if first is None else _gap(line, lines[number[id(first)]], self._snap)
            rows.append(
                {
                    "id": reach.id,
                    "river": self._rivers[reach.river].name,
                    "km": _GEOD.geometry_length(line) / 1000,
                    "downstream": first.id if first else None,
                    "gap_km": gap,
                    "branches": tuple(other.id for other in reach.follows[1:]),
                }
            )
        columns = ["id", "river", "km", "downstream", "gap_km", "branches"]
        table = pd.DataFrame(rows, columns=columns, dtype=object).set_index("id")
        return table.astype({"km": float, "gap_km": float})

    def _aliases(self) -> dict[str, frozenset[str]]:
        known = defaultdict(set)
        for river in self._rivers:
            for name in (river.name, river.code, *river.aliases):
                if name:
                    known[name].add(river.name)
        return {name: frozenset(rivers) for name, rivers in known.items()}


def _gap(line: LineString, following: LineString, snap: float) -> float:
    """Kilometres from the end of a line to the start of the next; 0 where they meet."""
    metres = _GEOD.line_length(*np.array([line.coords[-1], following.coords[0]]).T)
    return metres / 1000 if metres > 2 * snap else 0.0


def _without_circles(reaches: list[_Reach]) -> list[tuple[int, int]]:
    """Take away the links that lead back to a reach on the way to them."""
    taken, done, on_way = [], set(), set()
    for root in reaches:
        way = [(root, iter(list(root.follows)))] if id(root) not in done else []
        on_way.update(id(reach) for reach, _left in way)
        while way:
            reach, left = way[-1]
            follower = next(left, None)
            if follower is None:
                way.pop()
                on_way.discard(id(reach))
                done.add(id(reach))
            elif id(follower) in on_way:
                reach.follows.remove(follower)
                taken.append((reach.river, follower.river))
            elif id(follower) not in done:
                on_way.add(id(follower))
                way.append((follower, iter(list(follower.follows))))
    return taken


class _Groups:
    """Nodes that are the same place (union-find)."""

    def __init__(self):
        self._parent: list[int] = []

    def new(self) -> int:
        self._parent.append(len(self._parent))
        return self._parent[-1]

    def of(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = node = self._parent[self._parent[node]]
        return node

    def join(self, a: int, b: int) -> None:
        self._parent[self.of(a)] = self.of(b)
