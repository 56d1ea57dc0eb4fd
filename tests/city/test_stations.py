"""The register: numbers, names, codes, places."""

import json
import re

import numpy as np
import pytest
from shapely import contains_xy
from shapely.geometry import shape

from shuzhi.city.stations import COLUMNS, distance_to_centre, distances, make_stations
from shuzhi.city.weather import stations as weather_stations
from shuzhi.settings import DATA


@pytest.fixture(scope="module")
def register():
    return make_stations(1)


@pytest.fixture(scope="module")
def polygons():
    found = {}
    for name in ("chengdu_districts", "zones"):
        collection = json.loads((DATA / "boundaries" / f"{name}.geojson").read_text(encoding="utf-8"))
        found |= {part["properties"]["name"]: shape(part["geometry"]) for part in collection["features"]}
    return found


def test_networks(register):
    assert register["网络"].value_counts().to_dict() == {"国控": 15, "省控": 12, "市控": 38, "微站": 100}
    assert register.loc[register["对照点"] == "Y", "网络"].tolist() == ["国控"]
    assert (register["评价点"] == "Y").sum() == 14
    assert register.columns.tolist() == COLUMNS


def test_every_district_and_zone_has_stations(register):
    assert register["区县"].nunique() == 23


def test_codes_and_names(register):
    codes = register["监测点编码"]
    assert codes.is_unique
    assert codes.str.fullmatch(r"\d{6}[GSCW]\d{2}").all()
    assert not codes.str.fullmatch(r"\d{4}A").any()
    assert register["监测点名称"].is_unique
    assert not any(re.search(r"[\s,\"]", name) for name in register["监测点名称"])


def test_stations_lie_in_their_districts(register, polygons):
    for row in register.itertuples():
        assert contains_xy(polygons[row.区县], row.经度, row.纬度), row.监测点名称
    for site in weather_stations():
        assert contains_xy(polygons[site["district"]], site["lon"], site["lat"]), site["name"]


def test_the_centre_is_dense(register):
    assert (distance_to_centre(register) < 10).sum() > 40
    apart = distances(register)
    assert apart[~np.eye(len(apart), dtype=bool)].min() > 0.25


def test_seed_decides(register):
    assert make_stations(1).equals(register)
    assert not make_stations(2).equals(register)


def test_small_city_keeps_every_network():
    small = make_stations(1, 12)
    assert len(small) == 12
    assert set(small["网络"]) == {"国控", "省控", "市控", "微站"}
    assert (small["对照点"] == "Y").sum() == 1
    assert (small["评价点"] == "Y").sum() >= 2
