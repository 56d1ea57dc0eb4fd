"""Sections of surface water (断面) of the simulated city: names, codes, positions on the rivers, what flows where."""

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from shuzhi.city.noise import generator
from shuzhi.city.stations import CITY
from shuzhi.settings import DATA

COLUMNS = ["断面编码", "断面名称", "省份", "城市", "区县", "流域", "河流", "经度", "纬度", "目标类别", "水体类型"]
COLUMNS += ["上下游序号", "控制级别"]

PROVINCE = "四川省"
LAKE = "湖库"

_STREAM = 200
KM = np.array([95.7, 111.2])
"""Kilometres in a degree of longitude and latitude at 30.66° N."""

_BORDER_KM = 0.25
"""A section keeps so far from the border of its district, where the river does."""

_SURE_KM = 0.05
"""At this distance from a border there is no doubt in which district a position lies."""

_LEVELS = {"国控": "G", "省控": "S", "市控": "C"}
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class River:
    """A river: its course in kilometres, and where its water comes from and goes to (data/city/water_rivers.csv)."""

    name: str
    basin: str
    course: BaseGeometry
    about: dict[str, str]

    def km(self, lon: float, lat: float) -> float:
        """Kilometres from the river's beginning to the point of it nearest to a position."""
        return float(self.course.project(shapely.Point(np.array([lon, lat]) * KM)))

    def position(self, km: float) -> tuple[float, float]:
        """Longitude and latitude of a point of the river."""
        return _degrees(self.course.interpolate(km))

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        return self.position(0), self.position(self.course.length)


@dataclass(frozen=True)
class Inflow:
    """Water that comes from another section: its place in the table, the way, and its share of the water here."""

    section: int
    km: float
    share: float


@lru_cache(maxsize=1)
def rivers() -> dict[str, River]:
    """The rivers by name."""
    with open(DATA / "city" / "water_rivers.csv", encoding="utf-8", newline="") as file:
        about = {row["river"]: row for row in csv.DictReader(file)}
    text = (DATA / "boundaries" / "rivers.geojson").read_text(encoding="utf-8")
    courses = {part["properties"]["name"]: _course(part["geometry"]) for part in json.loads(text)["features"]}
    return {name: River(name, row["basin"], courses[name], row) for name, row in about.items()}


@lru_cache(maxsize=1)
def lakes() -> dict[str, dict]:
    """What is known of each station in a lake or reservoir (data/city/water_lakes.csv), by its name."""
    with open(DATA / "city" / "water_lakes.csv", encoding="utf-8", newline="") as file:
        return {row["station"]: row for row in csv.DictReader(file)}


def make_sections(seed: int = 1, count: int | None = None) -> pd.DataFrame:
    """The register of sections in the columns `COLUMNS`, river by river downstream, the lakes last.

    `count` (at least 6) keeps some of the main rivers' sections, with their neighbours, and a lake.
    """
    units = _units()
    rows, seen = [], set()
    for number, river in enumerate(rivers().values()):
        rows += _river_rows(seed, number, river, units, seen)
    rows += [_lake_row(row, units) for row in lakes().values()]
    table = pd.DataFrame(rows)
    table["断面编码"] = _codes(table, units)
    table["省份"], table["城市"] = PROVINCE, CITY
    table = table[COLUMNS]
    return table if count is None else _thin(table, count)


def read_sections(path: Path) -> pd.DataFrame:
    """The register as it was written when the city got its water."""
    return pd.read_csv(path, dtype=str, keep_default_na=False).astype({"经度": float, "纬度": float})


def inflows(table: pd.DataFrame) -> list[list[Inflow]]:
    """Where the water of each section of a register comes from, as far as sections there watch it.

    A section gets what passes the next one upstream, and what the rivers bring that join in between; the first ones of
    a river that branches off get the water of the river it leaves.
    """
    on_river = {name: _along(table, river) for name, river in rivers().items()}
    found: list[list[Inflow]] = [[] for _ in range(len(table))]
    for name, placed in on_river.items():
        joining = _joining(name, on_river)
        before, reached = _source(rivers()[name], on_river), 0.0
        for km, section in placed:
            found[section] = _mixed(before, km - reached, [one for one in joining if reached <= one[0] < km], km)
            before, reached = [Inflow(section, 0.0, 1.0)], km
    return found


def downstream_order(flows: list[list[Inflow]]) -> list[int]:
    """Sections in an order in which each stands after those that its water comes from."""
    order: list[int] = []
    seen: set[int] = set()

    def visit(section: int) -> None:
        if section not in seen:
            seen.add(section)
            for flow in flows[section]:
                visit(flow.section)
            order.append(section)

    for section in range(len(flows)):
        visit(section)
    return order


def _degrees(point: BaseGeometry) -> tuple[float, float]:
    """Longitude and latitude, to a tenth of a metre, of a point in kilometres."""
    return tuple(np.round(np.array([point.x, point.y]) / KM, 6).tolist())


def _course(geometry: dict) -> BaseGeometry:
    """A river's parts joined to one line in kilometres."""
    parts = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
    return shapely.LineString(np.concatenate([np.asarray(part)[:, :2] for part in parts]) * KM)


def _drawn(geometry: dict) -> BaseGeometry:
    return shapely.transform(shapely.geometry.shape(geometry), lambda points: points * KM)


@lru_cache(maxsize=1)
def _drawn_rivers() -> dict[str, BaseGeometry]:
    """The rivers as they are drawn, in kilometres; between two parts of one nothing is drawn."""
    text = (DATA / "boundaries" / "rivers.geojson").read_text(encoding="utf-8")
    return {part["properties"]["name"]: _drawn(part["geometry"]) for part in json.loads(text)["features"]}


@lru_cache(maxsize=1)
def _borders() -> BaseGeometry:
    """The borders of all units, in kilometres."""
    return shapely.union_all([shapely.boundary(unit[1]) for unit in _units().values()])


@lru_cache(maxsize=1)
def _units() -> dict[str, tuple[str, BaseGeometry, str]]:
    """Code, polygon in kilometres and short name of the 23 units; the functional zones, which manage theirs, first."""
    with open(DATA / "city" / "districts.csv", encoding="utf-8", newline="") as file:
        short = {row["code"]: row["short"] for row in csv.DictReader(file)}
    found = {}
    for name, key in (("zones", "code"), ("chengdu_districts", "adcode")):
        text = (DATA / "boundaries" / f"{name}.geojson").read_text(encoding="utf-8")
        for part in json.loads(text)["features"]:
            code = str(part["properties"][key])
            polygon = _drawn(part["geometry"])
            shapely.prepare(polygon)
            found[part["properties"]["name"]] = code, polygon, short[code]
    return found


def _unit(lon: float, lat: float, units: dict) -> str:
    """The unit in which a position lies, or which is nearest where a river is the city's border."""
    point = shapely.Point(np.array([lon, lat]) * KM)
    inside = next((name for name, unit in units.items() if shapely.covers(unit[1], point)), None)
    return inside or min(units, key=lambda name: shapely.distance(units[name][1], point))


def _river_rows(seed: int, number: int, river: River, units: dict, seen: set[str]) -> list[dict]:
    count = int(river.about["stations"])
    random = generator(seed, _STREAM, number)
    rows = []
    for i in range(count):
        lon, lat, unit = _place(river, i, random, units, seen)
        seen.add(unit)
        rows.append(
            {
                "区县": unit,
                "流域": river.basin,
                "河流": river.name,
                "经度": lon,
                "纬度": lat,
                "目标类别": "Ⅱ" if river.km(lon, lat) < float(river.about["clean"]) else "Ⅲ",
                "水体类型": "河流",
                "上下游序号": str(i + 1),
            }
        )
    levels = _levels(count)
    names = _names(river, [units[row["区县"]][2] for row in rows])
    return [row | {"断面名称": name, "控制级别": level} for row, name, level in zip(rows, names, levels, strict=True)]


def _place(river: River, i: int, random, units: dict, seen: set[str]) -> tuple[float, float, str]:
    """A point on the drawn river in its i-th part, and its unit: one without a section yet, else away from borders."""
    drawn, count = _drawn_rivers()[river.name], int(river.about["stations"])
    points = [drawn.interpolate(drawn.length * (i + jitter) / count) for jitter in random.uniform(0.1, 0.9, 48)]
    found = [(*_degrees(point), float(shapely.distance(_borders(), point))) for point in points]
    places = [(lon, lat, _unit(lon, lat, units), min(apart, _BORDER_KM)) for lon, lat, apart in found]
    lon, lat, unit, _ = max(places, key=lambda place: (place[2] not in seen and place[3] > _SURE_KM, place[3]))
    return lon, lat, unit


def _levels(count: int) -> list[str]:
    """The last section of a river is the nation's, the middle one the province's, the others the city's."""
    levels = ["市控"] * count
    levels[count // 2] = levels[0] = "省控"
    levels[-1] = "国控"
    if count > 9:
        levels[count // 3] = "国控"
    return levels


def _names(river: River, districts: list[str]) -> list[str]:
    """Names such as 锦江青羊一号桥; where a river leaves a district it is 出境, at its end 河口."""
    names, number = [], {}
    for i, district in enumerate(districts):
        stem = river.about["short"] + district * (district != river.about["short"])
        if i == len(districts) - 1:
            names.append(f"{stem}河口" if river.about["into"] else f"{stem}出境")
        elif district not in districts[i + 1 :] and district in districts[:i]:
            names.append(f"{stem}出境")
        else:
            number[district] = number.get(district, 0) + 1
            names.append(f"{stem}{_NUMERALS[number[district] - 1]}号桥")
    return names


def _lake_row(lake: dict, units: dict) -> dict:
    lon, lat = float(lake["lon"]), float(lake["lat"])
    return {
        "断面名称": lake["station"],
        "区县": _unit(lon, lat, units),
        "流域": lake["basin"],
        "河流": lake["lake"],
        "经度": lon,
        "纬度": lat,
        "目标类别": lake["target"],
        "水体类型": LAKE,
        "上下游序号": "",
        "控制级别": lake["control"],
    }


def _codes(table: pd.DataFrame, units: dict) -> list[str]:
    """Codes such as 510105DG01: district, section, level of control, number."""
    number: dict[str, int] = {}
    codes = []
    for unit, level in zip(table["区县"], table["控制级别"], strict=True):
        stem = f"{units[unit][0]}D{_LEVELS[level]}"
        number[stem] = number.get(stem, 0) + 1
        codes.append(f"{stem}{number[stem]:02d}")
    return codes


def _thin(table: pd.DataFrame, count: int) -> pd.DataFrame:
    lakes_there = table["水体类型"] == LAKE
    some = max(1, round(count * lakes_there.mean()))
    main = table[table["河流"].isin([name for name, river in rivers().items() if river.about["main"] == "1"])]
    pool = main if count - some <= len(main) else table[~lakes_there]
    chosen = np.linspace(0, len(pool) - 1, count - some).round().astype(int)
    kept = pd.concat([pool.iloc[chosen], table[lakes_there].iloc[np.arange(1, 1 + some) % lakes_there.sum()]])
    return kept.sort_index().reset_index(drop=True)


def _along(table: pd.DataFrame, river: River) -> list[tuple[float, int]]:
    """Kilometre and place in the table of the sections of a river, downstream."""
    mine = table[table["河流"] == river.name]
    return sorted((river.km(row.经度, row.纬度), int(row.Index)) for row in mine.itertuples())


def _last_before(placed: list[tuple[float, int]], km: float) -> tuple[float, int] | None:
    return max((one for one in placed if one[0] <= km), default=None)


def _source(river: River, on_river: dict) -> list[Inflow]:
    """The section that watches the water with which a river begins, if it branches off another."""
    mother = river.about["from"]
    if not mother:
        return []
    at = rivers()[mother].km(*river.ends[0])
    last = _last_before(on_river[mother], at + 1e-6)
    return [Inflow(last[1], at - last[0], 1.0)] if last else []


def _joining(name: str, on_river: dict) -> list[tuple[float, Inflow]]:
    """Kilometre at which each river joins this one, and what it brings."""
    found = []
    for other in rivers().values():
        if other.about["into"] == name and on_river[other.name]:
            km, section = on_river[other.name][-1]
            rest = max(other.course.length - km, 0)
            found.append((rivers()[name].km(*other.ends[1]), Inflow(section, rest, float(other.about["share"]))))
    return sorted(found, key=lambda one: one[0])


def _mixed(before: list[Inflow], way: float, joining: list[tuple[float, Inflow]], km: float) -> list[Inflow]:
    """The water that was there before, and what joined on the way to kilometre `km`."""
    flows = [Inflow(flow.section, flow.km + way, flow.share) for flow in before]
    for at, brought in joining:
        flows = [Inflow(flow.section, flow.km, flow.share * (1 - brought.share)) for flow in flows]
        flows.append(Inflow(brought.section, brought.km + km - at, brought.share))
    return flows
