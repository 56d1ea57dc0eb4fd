"""The map on which an area is drawn: cells as circles or as one picture, in their place; what was drawn."""

import io
import json
import re
from base64 import b64decode

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from shuzhi.charts.tokens import tokens
from shuzhi.maps import drawing

LOOK = tokens(False)
WIDTH, HEIGHT = drawing.CELL


def cells(columns: int, rows: int, n=1) -> pd.DataFrame:
    """A block of cells from 104.0 E, 30.6 N, as the registers count them."""
    x, y = (part.ravel() for part in np.meshgrid(np.arange(columns), np.arange(rows)))
    west, south = np.floor(104 / WIDTH), np.floor(30.6 / HEIGHT)
    return pd.DataFrame({"lon": (west + x + 0.5) * WIDTH, "lat": (south + y + 0.5) * HEIGHT, "n": n})


def script(group) -> str:
    return "".join(child._template.module.script(child) for child in group._children.values())


def picture(group) -> tuple[np.ndarray, list]:
    """Opacity of each point of the picture, and where it lies."""
    written = script(group)
    data = b64decode(re.search(r"base64,([^\"]+)", written)[1])
    bounds = json.loads(re.search(r"(\[\[.*?\]\])", written)[1])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[..., 3], bounds


def test_few_cells_are_circles_that_say_their_number():
    written = script(drawing.amounts(LOOK, cells(3, 1, [1, 100, 2500])))
    rows = json.loads(re.search(r"of (\[\[.*?\]\])", written)[1])
    assert [row[3] for row in rows] == ["1", "100", "2,500"]
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)


def test_many_cells_are_one_picture_in_their_place():
    table = cells(40, 30)
    table.loc[(table["lon"] == table["lon"].max()) & (table["lat"] == table["lat"].max()), "n"] = 1_000
    strength, [[south, west], [north, east]] = picture(drawing.amounts(LOOK, table))
    assert west == pytest.approx(table["lon"].min() - WIDTH / 2)
    assert south == pytest.approx(table["lat"].min() - HEIGHT / 2)
    assert (east, north) == pytest.approx((table["lon"].max() + WIDTH / 2, table["lat"].max() + HEIGHT / 2))
    assert strength.shape[1] == 40
    assert strength[0, -1] == strength.max() > strength[0, 0] > 0, "the fullest cell lies in the north-east"


def test_steps_count_from_their_number():
    table = cells(40, 10).assign(n=np.resize([1, 4, 5, 19, 20, 99, 100, 499, 500, 9_999], 400))
    strength, _bounds = picture(drawing.amounts(LOOK, table))
    steps = [int(value) for value in strength[-1, :10]]
    assert steps == sorted(steps)
    assert [len({*steps[i : i + 2]}) for i in range(0, 10, 2)] == [1] * 5
    assert len({*steps}) == 5


def test_nothing_chosen_draws_nothing():
    assert "of []" in script(drawing.amounts(LOOK, cells(0, 0)))


def test_the_area_is_drawn_over_the_cells():
    assert "[[30.5, 104.0]" in script(drawing.amounts(LOOK, cells(1, 1), [(104.0, 30.5), (104.1, 30.5), (104.1, 30.6)]))


def test_the_corners_of_a_cell_hold_its_middle():
    lons, lats = zip(*drawing.corners(104.0052, 30.6045), strict=True)
    assert (min(lons), max(lons)) == pytest.approx((104.0, 104.0104))
    assert (min(lats), max(lats)) == pytest.approx((30.6, 30.609))


def test_what_was_drawn():
    ring = [[104.0, 30.5], [104.1, 30.5], [104.1, 30.6], [104.0, 30.5]]
    told = {"last_active_drawing": {"geometry": {"type": "Polygon", "coordinates": [ring]}}}
    assert drawing.drawn(told) == [(104.0, 30.5), (104.1, 30.5), (104.1, 30.6)]
    assert drawing.drawn({"last_active_drawing": {"geometry": {"type": "Point", "coordinates": [1, 2]}}}) is None
    assert drawing.drawn(None) is None


def test_the_ground_is_small_and_keeps_its_kinds():
    ring = [[104 + np.cos(a) / 5, 30.6 + np.sin(a) / 5] for a in np.linspace(0, 2 * np.pi, 500)]
    layer = {
        "features": [
            {"type": "Feature", "properties": {"name": "甲"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        ]
    }
    (feature,) = json.loads(drawing.ground([("lez", layer)]))
    assert feature["properties"] == "lez"
    assert 20 < len(feature["geometry"]["coordinates"][0]) < 100


def test_the_map_names_no_outside_host():
    made = drawing.drawing_map(LOOK, "[]", [103.0, 30.0, 105.0, 31.5])
    links = [link for element in (made, *made._children.values()) for _name, link in getattr(element, "default_js", [])]
    assert links
    assert all(link.startswith("/assets/vendor/") for link in links)
