"""Where names stand."""

import numpy as np
import pytest
from shapely.geometry import Point, box, mapping, shape

from shuzhi.maps import labels
from shuzhi.registry import places
from shuzhi.store import Scope, open_home

NOTHING = np.empty((0, 2))


def layer(geometry, **properties):
    known = {"name": "锦江区", "name_en": "Jinjiang District", "main": False, **properties}
    return {"type": "FeatureCollection", "features": [{"properties": known, "geometry": mapping(geometry)}]}


def test_a_name_stands_in_the_middle_of_an_empty_square():
    (row,) = labels.polygon_names(layer(box(104.0, 30.0, 104.4, 30.4)), "zh", NOTHING)
    assert row["text"] == "锦江区"
    assert (row["lon"], row["lat"]) == (pytest.approx(104.2, abs=0.04), pytest.approx(30.2, abs=0.02))


def test_a_name_keeps_away_from_stations():
    square = box(104.0, 30.0, 104.4, 30.4)
    (row,) = labels.polygon_names(layer(square), "zh", np.array([[104.2, 30.2]]))
    assert np.hypot(row["lon"] - 104.2, row["lat"] - 30.2) > 0.05


def test_a_small_polygon_gets_its_name_later():
    large, small = (
        labels.polygon_names(layer(box(104, 30, 104 + size, 30 + size)), "zh", NOTHING)[0] for size in (0.5, 0.05)
    )
    assert small["minzoom"] - large["minzoom"] == pytest.approx(np.log2(10), abs=0.1)


def test_english_names_without_the_word_for_their_kind():
    (row,) = labels.polygon_names(layer(box(104, 30, 105, 31)), "en", NOTHING)
    assert row["text"] == "Jinjiang"
    (row,) = labels.polygon_names(layer(box(104, 30, 105, 31), name_en=None), "en", NOTHING)
    assert row["text"] == "锦江区"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_of_the_city_stand_in_their_districts(tmp_path, lang):
    districts = places.layer(open_home(tmp_path), Scope.all(), "district")
    for feature, row in zip(districts["features"], labels.polygon_names(districts, lang, NOTHING), strict=True):
        assert shape(feature["geometry"]).contains(Point(row["lon"], row["lat"]))


def test_rivers_are_named_on_their_course_the_main_ones_first(tmp_path):
    rivers = places.layer(open_home(tmp_path), Scope.all(), "river")
    for feature, row in zip(rivers["features"], labels.line_names(rivers, "zh", NOTHING), strict=True):
        assert shape(feature["geometry"]).distance(Point(row["lon"], row["lat"])) < 1e-3
        assert (row["minzoom"] == 0) == feature["properties"]["main"]


def test_covered_points_span_each_name():
    assert labels.covered([{"lon": 104.0, "lat": 30.0}]).shape == (3, 2)
    assert labels.covered([]).shape == (0, 2)
