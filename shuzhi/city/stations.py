"""Air stations of the simulated city: networks, names, codes, positions inside their districts."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
from shapely import contains_xy
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from shuzhi.city.noise import generator
from shuzhi.errors import InputError
from shuzhi.settings import DATA

_NATIONAL_COLUMNS = ["监测点编码", "监测点名称", "城市", "经度", "纬度", "对照点", "省级行政区", "地级行政区"]
COLUMNS = [*_NATIONAL_COLUMNS, "网络", "区县", "评价点"]

CITY = "成都"

CENTRE = (104.066, 30.657)
"""天府广场, the middle of the city."""

_NETWORKS = {"national": ("国控", "G"), "provincial": ("省控", "S"), "city": ("市控", "C"), "micro": ("微站", "W")}

_STREAM = 10
_KM = np.array([95.7, 111.2])
"""Kilometres in a degree of longitude and latitude at 30.66° N."""

_SPREAD_KM = {"national": 2.5, "provincial": 2.0, "city": 3.5, "micro": 5.0}
"""Distance from the district's middle over which a network thins out."""

_SPACING_KM = 0.6


def make_stations(seed: int = 1, count: int | None = None) -> pd.DataFrame:
    """The register of air stations in the columns `COLUMNS`, sorted by code.

    `count` (at least 6) thins the networks evenly; each keeps a station, the national one three, its background site
    among them.
    """
    polygons = _polygons()
    rows, taken = [], []
    for district in _districts():
        if district["code"] not in polygons:
            raise InputError(f"no polygon of {district['district']} ({district['code']})", file=DATA / "boundaries")
        random = generator(seed, _STREAM, int(district["code"]))
        polygon = polygons[district["code"]]
        for network in _NETWORKS:
            rows += _network_rows(district, network, polygon, taken, random)
    table = pd.DataFrame(rows, columns=COLUMNS).sort_values("监测点编码", ignore_index=True)
    return table if count is None else _thin(table, count)


def read_stations(path: Path) -> pd.DataFrame:
    """The register as it was written when the city was first built."""
    return pd.read_csv(path, dtype=str).astype({"经度": float, "纬度": float})


def distance_to_centre(table: pd.DataFrame) -> np.ndarray:
    """Kilometres from the middle of the city."""
    return np.hypot(*((table[["经度", "纬度"]].to_numpy() - CENTRE) * _KM).T)


def distances(table: pd.DataFrame) -> np.ndarray:
    """Kilometres between all stations, a square matrix."""
    xy = table[["经度", "纬度"]].to_numpy() * _KM
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))


def _districts() -> list[dict]:
    with open(DATA / "city" / "districts.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _polygons() -> dict[str, BaseGeometry]:
    """Polygons of districts and functional zones by code."""
    found = {}
    for name, key in (("chengdu_districts", "adcode"), ("zones", "code")):
        path = DATA / "boundaries" / f"{name}.geojson"
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            found[str(feature["properties"][key])] = shape(feature["geometry"])
    return found


def _network_rows(district: dict, network: str, polygon: BaseGeometry, taken: list, random) -> list[list]:
    number = int(district[network])
    background = network == "national" and district["background"] == "1"
    rows = []
    for i in range(1, number + 1):
        lon, lat = _place(district, _SPREAD_KM[network], polygon, taken, random)
        taken.append((lon, lat))
        label, letter = _NETWORKS[network]
        evaluation = network == "national" and not background
        name = f"{district['short']}对照站" if background else _name(district["short"], network, label, i, number)
        flags = [
            "Y" if background else "N",
            "四川省",
            "成都市",
            label,
            district["district"],
            "Y" if evaluation else "N",
        ]
        rows.append([f"{district['code']}{letter}{i:02d}", name, CITY, lon, lat, *flags])
    return rows


def _name(short: str, network: str, label: str, i: int, number: int) -> str:
    if network == "micro":
        return f"{short}{label}{i}号"
    return f"{short}{label}站" if number == 1 else f"{short}{label}{i}站"


def _place(district: dict, spread: float, polygon: BaseGeometry, taken: list, random) -> tuple[float, float]:
    """A point near the district's middle, inside its polygon and not beside another station."""
    middle = np.array([float(district["lon"]), float(district["lat"])])
    spacing = _SPACING_KM
    while True:
        for _ in range(200):
            lon, lat = np.round(middle + spread * random.standard_normal(2) / _KM, 4).tolist()
            near = (np.hypot(*((np.array(taken) - (lon, lat)) * _KM).T) < spacing).any() if taken else False
            if not near and contains_xy(polygon, lon, lat):
                return lon, lat
        spacing /= 2


def _thin(table: pd.DataFrame, count: int) -> pd.DataFrame:
    share = count / len(table)
    number = {"国控": max(3, round(15 * share)), "省控": max(1, round(12 * share)), "市控": max(1, round(38 * share))}
    number["微站"] = max(1, count - sum(number.values()))
    kept = []
    for network, rows in table.groupby("网络", sort=False):
        order = rows.sort_values(["对照点", "监测点编码"], ascending=[False, True])
        kept.append(order.iloc[np.linspace(0, len(order) - 1, number[network]).round().astype(int)])
    return pd.concat(kept).sort_values("监测点编码", ignore_index=True)
