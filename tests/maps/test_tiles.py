"""Tiles drop nothing: whatever is chosen, the cells of every zoom add up to the rows of the table; GDAL reads them."""

import datetime as dt
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuzhi.errors import InputError, NotFoundError, ScopeError
from shuzhi.maps import tiles
from shuzhi.registry import deliveries, machines, sources
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection, world
from tests.registry.inventory import UNITS, inventory, register

ALL = Scope.all()
COUNT = 3_000
AT_ONE_PLACE = 40
CLASSES = ["key", "simplified", "registered", "other"]


def edge(column: int, row: int, zoom: int) -> tuple[float, float]:
    """Longitude and latitude of the north-western corner of a tile."""
    lon = column / 2**zoom * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / 2**zoom))))
    return lon, float(lat)


def on_edges(table: pa.Table) -> pa.Table:
    """The inventory with sources at one place, on the edges of tiles, and on their corners."""
    lon, lat = (table[name].to_numpy().copy() for name in ("lon", "lat"))
    lon[:AT_ONE_PLACE], lat[:AT_ONE_PLACE] = 104.05, 30.65
    x, y = world(104.06, 30.66)
    for at, zoom in enumerate((8, 9, 10, 12, 14, 16, 18), start=AT_ONE_PLACE):
        lon[at], lat[at] = edge(x >> (30 - zoom), y >> (30 - zoom), zoom)
        lon[at + 10] = lon[at]
        lat[at + 20] = lat[at]
    for name, values in (("lon", lon), ("lat", lat)):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values, from_pandas=True))
    classes = table["permit_class"].to_pylist()
    classes[-30:] = [None] * 30
    return table.set_column(table.schema.get_field_index("permit_class"), "permit_class", pa.array(classes))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("tiles"))
    deliveries.deliver(home, "source", on_edges(inventory(COUNT)), dt.date(2026, 5, 1), "may.csv", "d1")
    listed = register(200)
    deliveries.deliver(home, "machine", listed, dt.date(2026, 5, 1), "machines.csv", "m1")
    machines.append_positions(home, _positions(listed["id"].to_pylist()[:150]), "p1")
    return home


def _positions(ids: list[str]) -> pa.Table:
    random = np.random.default_rng(2)
    now = dt.datetime.now(dt.UTC)
    times = [now - dt.timedelta(days=float(days)) for days in random.uniform(0, 60, len(ids))]
    place = {"lon": random.uniform(103.9, 104.2, len(ids)), "lat": random.uniform(30.5, 30.8, len(ids))}
    return pa.table({"machine": ids, "time": pa.array(times, pa.timestamp("us", tz="UTC")), **place})


def decoded(home, layer, z, x, y, selection=None, amount=None, scope=ALL) -> pd.DataFrame:
    """The cells of a tile as GDAL reads them: in the tile's coordinates, ``east`` and ``south``."""
    body = tiles.tile(home, scope, layer, z, int(x), int(y), selection or Selection(), amount)
    if not body:
        return pd.DataFrame({"n": []})
    meta, _, geometry, fields = pyogrio.raw.read(body)
    table = pd.DataFrame(dict(zip(meta["fields"], fields, strict=True)))
    points = np.array([np.frombuffer(point, float, 2, 5) for point in geometry])
    table["east"], table["south"] = points[:, 0], tiles.EXTENT - points[:, 1]
    return table.assign(x=x, y=y)


def whole(home, layer, zoom, **asked) -> pd.DataFrame:
    """All cells of a zoom; the tiles around the city, where all rows are."""
    (west, north), (east, south) = world(102.5, 31.9), world(105.0, 29.8)
    shift = 30 - zoom
    columns, rows = range(west >> shift, (east >> shift) + 1), range(north >> shift, (south >> shift) + 1)
    found = [decoded(home, layer, zoom, x, y, **asked) for x, y in product(columns, rows)]
    return pd.concat(found, ignore_index=True)


def summed(cells: pd.DataFrame, name: str) -> float:
    return float(cells[name].fillna(0).sum()) if name in cells else 0.0


selections = st.builds(
    Selection.of,
    text=st.sampled_from(["", "热电", "没有"]),
    unit=st.lists(st.sampled_from(UNITS), unique=True, max_size=3),
    permit_class=st.lists(st.sampled_from(["key", "simplified"]), unique=True),
    trees=st.fixed_dictionaries({"industry": st.lists(st.sampled_from(["44", "1713"]), unique=True)}),
    ranges=st.fixed_dictionaries({"nox": st.sampled_from([(None, None), (0, None), (0.01, 2.0)])}),
    polygon=st.sampled_from([(), ((103.9, 30.5), (104.3, 30.5), (104.1, 30.9))]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=selections, zoom=st.integers(5, 10))
def test_the_cells_of_every_zoom_add_up_to_the_table(home, chosen, zoom):
    cells = whole(home, "sources", zoom, selection=chosen, amount="nox")
    expected = tiles.counts(home, ALL, "sources", chosen, "nox")
    assert expected["n"] == sources.search(home, ALL, chosen).placed
    for name in ("n", *CLASSES):
        assert summed(cells, name) == expected[name]
    assert summed(cells, "amount") == pytest.approx(expected["amount"], abs=len(cells) * 0.0005 + 0.001)
    if len(cells):
        assert (cells[[c for c in CLASSES if c in cells]].fillna(0).sum(axis=1) == cells["n"]).all()


@pytest.mark.parametrize("zoom", [0, 9, 12, 14, 16, 18])
def test_each_tile_has_the_rows_of_its_square(home, zoom):
    """Also the rows on its edges, of which each belongs to the tile in the south-east."""
    shift = 30 - zoom
    rows = home.engine.choose("sources", "SELECT x, y FROM chosen WHERE x IS NOT NULL", Selection(), ALL)
    squares = rows.groupby([rows["x"] // 2**shift, rows["y"] // 2**shift]).size()
    for (x, y), count in squares.sample(min(len(squares), 60), random_state=1).items():
        cells = decoded(home, "sources", zoom, x, y)
        assert cells["n"].sum() == count
        assert cells["east"].between(0, tiles.EXTENT - 1).all()
        assert cells["south"].between(0, tiles.EXTENT - 1).all()


def test_close_up_a_source_stands_at_its_place_and_says_which_it_is(home):
    rows = home.engine.choose("sources", "FROM chosen WHERE id = 'S0000100'", Selection(), ALL).iloc[0]
    zoom, shift = 16, 14
    cells = decoded(home, "sources", zoom, rows["x"] >> shift, rows["y"] >> shift)
    (cell,) = cells[cells["id"] == "S0000100"].to_dict("records")
    assert (cell["n"], cell["name"], cell["status"]) == (1, rows["name"], rows["status"])
    assert cell["east"] == rows["x"] % 2**shift * tiles.EXTENT // 2**shift
    assert cell["south"] == rows["y"] % 2**shift * tiles.EXTENT // 2**shift


def test_sources_at_one_place_are_one_cell(home):
    x, y = world(104.05, 30.65)
    cells = decoded(home, "sources", 18, x >> 12, y >> 12)
    assert cells["n"].max() >= AT_ONE_PLACE - 1  # one of fifty has no position


def test_the_same_question_has_the_same_bytes(home):
    """So that a browser is answered by the tag, whichever process made the tile."""
    x, y = world(104.06, 30.66)
    for zoom in (7, 12):
        place = (zoom, x >> (30 - zoom), y >> (30 - zoom))
        made = {tiles.tile(home, ALL, "sources", *place, Selection(), "nox") for _time in range(5)}
        assert len(made) == 1


def test_many_rows_are_divided_coarsely(home):
    x, y = world(104.06, 30.66)
    cells = decoded(home, "sources", 7, x >> 23, y >> 23)
    assert len(cells) <= tiles.COARSE**2
    assert "id" not in cells


def test_districts_bind(home):
    scope = Scope(districts=frozenset(["锦江区"]))
    own = tiles.counts(home, ALL, "sources", Selection.of(unit=["锦江区"]))["n"]
    assert summed(whole(home, "sources", 8, scope=scope), "n") == own > 0
    others = whole(home, "sources", 8, scope=scope, selection=Selection.of(unit=["武侯区"]))
    assert len(others) == 0
    with pytest.raises(ScopeError):
        tiles.tile(home, Scope.seeing("air"), "sources", 0, 0, 0, Selection())


def test_machines_by_stage_and_by_the_age_of_their_position(home):
    cells, expected = whole(home, "machines", 10), tiles.counts(home, ALL, "machines", Selection())
    assert (expected["n"], expected["unplaced"]) == (150, 50)
    for name in ("n", *tiles.LAYERS["machines"].categories):
        assert summed(cells, name) == expected[name]
    assert sum(expected[name] for name in ("day", "week", "month", "older")) == expected["n"]
    assert sum(expected[name] for name in expected.index if name.startswith("stage_")) == expected["n"]


def test_what_there_is_not(home):
    with pytest.raises(InputError):
        tiles.tile(home, ALL, "sources", 19, 0, 0, Selection())
    with pytest.raises(InputError):
        tiles.tile(home, ALL, "sources", 3, 8, 0, Selection())
    with pytest.raises(NotFoundError):
        tiles.tile(home, ALL, "rivers", 3, 0, 0, Selection())
    with pytest.raises(NotFoundError):
        tiles.tile(home, ALL, "sources", 3, 0, 0, Selection(), "co2")
    assert tiles.tile(home, ALL, "sources", 3, 0, 0, Selection()) == b""
