"""Selection (筛选): which rows of a register a person has chosen. One description serves the list, the map's tiles, the
counts and the export, so that they always show the same rows; it travels as the query of an address."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from shuzhi.errors import InputError, ScopeError
from shuzhi.store.schema import EMISSIONS, SERVED
from shuzhi.store.scope import Scope


@dataclass(frozen=True)
class Register:
    """What of a register can be chosen.

    Attributes
    ----------
    dataset : str
        Of the scope.
    choices : mapping
        Name → SQL of the value that a row has.
    trees : mapping
        Name → SQL of a code whose beginning names the branch.
    ranges : mapping
        Name → column of numbers.
    ages : mapping
        Name of a choice that is the age of a moment → column of the moment; its value changes with the clock.
    """

    dataset: str
    choices: Mapping[str, str]
    trees: Mapping[str, str]
    ranges: Mapping[str, str]
    ages: Mapping[str, str] = field(default_factory=dict)


AGES = {"day": 1, "week": 7, "month": 30}
"""Age of a moment → less than so many days; beyond them ``older``, and ``never`` where there is none."""


def _age(moment: str) -> str:
    """SQL of the age of a moment."""
    ages = " ".join(f"WHEN {moment} > now() - INTERVAL {days} DAY THEN '{name}'" for name, days in AGES.items())
    return f"CASE WHEN {moment} IS NULL THEN 'never' {ages} ELSE 'older' END"


REGISTERS = {
    "sources": Register(
        "sources",
        {name: name for name in ("id", "unit", "district", "street", "permit_class", "status")},
        {"industry": "branch"},
        {pollutant: pollutant for pollutant in EMISSIONS},
    ),
    "machines": Register(
        "machines",
        {name: name for name in ("id", "unit", "type", "stage", "fuel", "zone")}
        | {"seen": _age("seen_at"), "forbidden": "CASE WHEN forbidden THEN 'yes' ELSE 'no' END"},
        {},
        {"power": "power"},
        {"seen": "seen_at"},
    ),
}

LONGEST = 100
"""Characters of a text that is searched for."""
MOST = 500
"""Values of one choice, and corners of a polygon."""

_WORLD = 2**30
_FROM, _TO = "_min", "_max"


class Range(NamedTuple):
    """From and to, both included; None is open. From 0 means more than nothing: a source that emits some of it."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class Selection:
    """What is chosen of a register; the empty one chooses every row of today.

    Attributes
    ----------
    choices : tuple of (name, values)
        One of the values each.
    trees : tuple of (name, branches)
        Under one of the branches each, such as ``("industry", ("C30", "C2614"))``.
    ranges : tuple of (name, Range)
        A row without the number is not in the range.
    text : str
        Part of the name, the code or the address, or the initials of the name's pinyin.
    day : date, optional
        The rows of this day; None: of today.
    ever : bool
        The rows of every day.
    polygon : tuple of (lon, lat)
        Inside it, WGS 84; empty: anywhere.
    """

    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    trees: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ranges: tuple[tuple[str, Range], ...] = ()
    text: str = ""
    day: dt.date | None = None
    polygon: tuple[tuple[float, float], ...] = ()
    ever: bool = False

    @classmethod
    def of(
        cls, text: str = "", day: dt.date | None = None, polygon=(), trees=None, ranges=None, **choices
    ) -> "Selection":
        """A selection from plain values: ``Selection.of(unit=["武侯区"], ranges={"nox": (1, None)})``."""
        return cls(
            _listed(choices),
            _listed(trees or {}),
            tuple((name, Range(*ends)) for name, ends in sorted((ranges or {}).items()) if tuple(ends) != (None, None)),
            text.strip(),
            day,
            tuple(tuple(corner) for corner in polygon),
        )

    def without(self, name: str) -> "Selection":
        """The same without what is chosen of one name: what a facet counts its values in."""
        return replace(
            self,
            choices=tuple(one for one in self.choices if one[0] != name),
            trees=tuple(one for one in self.trees if one[0] != name),
            ranges=tuple(one for one in self.ranges if one[0] != name),
        )

    def chosen(self, name: str) -> tuple[str, ...]:
        """Values chosen of one name."""
        return dict(self.choices + self.trees).get(name, ())

    def range(self, name: str) -> Range:
        """The range chosen of one name."""
        return dict(self.ranges).get(name, Range(None, None))

    @property
    def is_empty(self) -> bool:
        """Every row of today is chosen."""
        return self == Selection()


def read(register: str, query: Mapping[str, str]) -> Selection:
    """The selection that the query of an address describes; names of others are left alone.

    Raises
    ------
    InputError
        If a value can't be understood.
    """
    known = REGISTERS[register]
    choices = {name: query[name].split(",") for name in known.choices if query.get(name)}
    trees = {name: query[name].split(",") for name in known.trees if query.get(name)}
    ranges = {name: (_number(query, name + _FROM), _number(query, name + _TO)) for name in known.ranges}
    if any(len(values) > MOST for values in (choices | trees).values()):
        raise InputError(f"choose at most {MOST} values of one kind")
    text = query.get("q", "")
    if len(text) > LONGEST:
        raise InputError(f"q: at most {LONGEST} characters")
    return Selection.of(text, _day(query.get("day")), _polygon(query.get("area")), trees, ranges, **choices)


def write(selection: Selection) -> dict[str, str]:
    """The query of an address that describes a selection; the inverse of `read`."""
    query = {name: ",".join(values) for name, values in selection.choices + selection.trees}
    for name, (low, high) in selection.ranges:
        query |= {name + _FROM: f"{low:g}"} if low is not None else {}
        query |= {name + _TO: f"{high:g}"} if high is not None else {}
    query |= {"q": selection.text} if selection.text else {}
    query |= {"day": selection.day.isoformat()} if selection.day else {}
    if selection.polygon:
        query["area"] = ";".join(f"{lon:.5f},{lat:.5f}" for lon, lat in selection.polygon)
    return query


def predicate(register: str, selection: Selection, scope: Scope) -> tuple[str, dict]:
    """SQL of the condition that a row is chosen and may be seen, and the values of its parameters.

    Raises
    ------
    ScopeError
        If the register is outside the scope.
    """
    known = REGISTERS[register]
    terms, values = _of_day(selection)
    for column, allowed in places(register, scope).items():
        terms.append(f"list_contains($s_in_{column}, {column})")
        values[f"s_in_{column}"] = allowed
    for name, chosen in selection.choices:
        terms.append(f"list_contains($s_{name}, {known.choices[name]})")
        values[f"s_{name}"] = list(chosen)
    for name, branches in selection.trees:
        terms.append(f"len(list_filter($s_{name}, lambda wanted: starts_with({known.trees[name]}, wanted))) > 0")
        values[f"s_{name}"] = list(branches)
    for name, (low, high) in selection.ranges:
        terms += [f"{known.ranges[name]} {'>=' if low else '>'} $s_{name}_low"] if low is not None else []
        terms += [f"{known.ranges[name]} <= $s_{name}_high"] if high is not None else []
        values |= {f"s_{name}_low": low} if low is not None else {}
        values |= {f"s_{name}_high": high} if high is not None else {}
    if selection.text:
        terms.append("contains(search, $s_text)")
        values["s_text"] = selection.text.lower()
    if selection.polygon:
        condition, corners = _inside(selection.polygon)
        terms.append(condition)
        values |= corners
    return " AND ".join(terms), values


def places(register: str, scope: Scope) -> dict[str, list[str]]:
    """Column and allowed values of each place that binds what may be seen of a register.

    Raises
    ------
    ScopeError
        If the register is outside the scope, or does not say what the scope is bound by.
    """
    bound = scope.places_for(REGISTERS[register].dataset)
    untold = sorted(set(bound) - set(SERVED[register].names))
    if untold:
        raise ScopeError(f"{register} can't be kept to your places: they have no {', '.join(untold)}")
    return bound


def visible(register: str, scope: Scope) -> bool:
    """Whether a register may be seen, be it all or what the scope's places leave of it."""
    try:
        places(register, scope)
    except ScopeError:
        return False
    return True


def world(lon: float, lat: float) -> tuple[int, int]:
    """Position in the square of the whole world (Web Mercator), 2³⁰ units wide, y to the south, as in the registers."""
    sine = math.sin(math.radians(lat))
    y = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return int((lon + 180) / 360 * _WORLD), int(y * _WORLD)


def _listed(named: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(values)) for name, values in sorted(named.items()) if values)


def _of_day(selection: Selection) -> tuple[list[str], dict]:
    if selection.ever:
        return ["true"], {}
    if selection.day is None:
        return ["valid_to IS NULL"], {}
    return ["valid_from <= $s_day AND (valid_to IS NULL OR valid_to > $s_day)"], {"s_day": selection.day}


def _inside(polygon: tuple) -> tuple[str, dict]:
    """The box first: it is tested by numbers, and rules out most rows."""
    lons, lats = zip(*polygon, strict=True)
    (west, north), (east, south) = world(min(lons), max(lats)), world(max(lons), min(lats))
    ring = ", ".join(f"{lon!r} {lat!r}" for lon, lat in (*polygon, polygon[0]))
    values = {"s_west": west, "s_east": east, "s_north": north, "s_south": south, "s_area": f"POLYGON(({ring}))"}
    box = "x BETWEEN $s_west AND $s_east AND y BETWEEN $s_north AND $s_south"
    return f"{box} AND ST_Contains(ST_GeomFromText($s_area), ST_Point(lon, lat))", values


def _number(query: Mapping[str, str], name: str) -> float | None:
    text = query.get(name)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,12}(\.\d{1,9})?(e[+-]?\d{1,2})?", text):
        raise InputError(f"{name}: “{text[:30]}” is no number of at least 0")
    return float(text)


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"day: “{text[:30]}” is no day; write it as 2026-03-01") from None


def _polygon(text: str | None) -> tuple[tuple[float, float], ...]:
    if not text:
        return ()
    try:
        corners = [tuple(float(part) for part in corner.split(",")) for corner in text.split(";")]
    except ValueError:
        corners = []
    whole = 3 <= len(corners) <= MOST and all(len(c) == 2 and abs(c[0]) <= 180 and abs(c[1]) <= 85 for c in corners)
    if not whole:
        raise InputError(f"area: 3 to {MOST} corners as lon,lat;lon,lat;…")
    return tuple(corners)
