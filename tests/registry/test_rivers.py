"""The river network: reaches, positions on them, neighbours along the water."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from shuzhi.registry import places, rivers
from shuzhi.registry.places import NewPlace
from shuzhi.registry.rivers import River
from shuzhi.store import Scope, open_home

SCOPE = Scope.all()


def river(name, *points, **more):
    return River(name, [np.array(points, float)], **more)


MAIN = river("干流", (104.0, 30.8), (104.0, 30.7), (104.0, 30.6), (104.0, 30.5))
SIDE = river("支流", (103.9, 30.7), (104.0, 30.65))
ARM = river("汊河", (104.0, 30.75), (104.1, 30.7), (104.2, 30.6))


@pytest.fixture(scope="module")
def network():
    return rivers.build([MAIN, SIDE, ARM])


@pytest.fixture(scope="module")
def built_in(tmp_path_factory):
    return rivers.network(open_home(tmp_path_factory.mktemp("home")), SCOPE)


def points(**where):
    return pd.DataFrame([(code, *lonlat) for code, lonlat in where.items()], columns=["code", "lon", "lat"])


def test_a_line_is_cut_where_others_join_and_leave_it(network):
    assert list(network.reaches.index) == ["干流-1", "干流-2", "干流-3", "支流-1", "汊河-1"]
    assert network.reaches.loc["干流-1", "branches"] == ("汊河-1",)
    assert network.reaches["downstream"].replace({None: ""}).tolist() == ["干流-2", "干流-3", "", "干流-3", ""]
    assert network.reaches.loc[["干流-1", "干流-2", "干流-3"], "km"].tolist() == pytest.approx(
        [5.544, 11.087, 16.63], abs=0.02
    )


def path_downstream(network, reach: str) -> list[str]:
    """The reach and those that its water passes until it leaves the network; where it parts, the main one."""
    path = [reach]
    while isinstance(after := network.reaches.at[path[-1], "downstream"], str):
        path.append(after)
    return path


def test_water_flows_on_until_it_leaves(network):
    assert path_downstream(network, "支流-1") == ["支流-1", "干流-3"]
    assert path_downstream(network, "干流-1") == ["干流-1", "干流-2", "干流-3"]


def test_locate(network):
    found = rivers.locate(network, [104.001, 103.95, 104.5, np.nan], [30.775, 30.675, 30.6, 30.6])
    assert found["reach"].tolist() == ["干流-1", "支流-1", None, None]
    assert found["km"].tolist()[:2] == pytest.approx([2.77, 5.55], abs=0.05)
    assert found["distance"].tolist()[:2] == pytest.approx([96, 0], abs=2)
    assert found[["km", "distance"]].iloc[2:].isna().all(axis=None)


def test_locate_keeps_to_the_river_that_is_named(network):
    near_both = ([104.0], [30.651])
    assert rivers.locate(network, *near_both)["reach"].tolist() == ["干流-2"]
    assert rivers.locate(network, *near_both, river="支流")["reach"].tolist() == ["支流-1"]
    assert rivers.locate(network, *near_both, river=["干流干流"])["reach"].tolist() == ["干流-2"]
    assert rivers.locate(network, *near_both, river=["不知河"])["reach"].tolist() == ["干流-2"]
    assert rivers.locate(network, [104.2], [30.7], river=["支流"])["reach"].tolist() == [None]


def test_positions_are_where_locate_finds_them(network):
    lon, lat = rivers.positions(network, ["干流-2", "汊河-1"], [1.0, 3.0]).T
    found = rivers.locate(network, lon, lat)
    assert found["reach"].tolist() == ["干流-2", "汊河-1"]
    assert found["km"].tolist() == pytest.approx([1.0, 3.0], abs=1e-3)


def test_neighbours_at_a_confluence_and_where_a_river_parts(network):
    table = points(
        top=(104.0, 30.79),
        arm=(104.1, 30.7),
        middle=(104.0, 30.7),
        side=(103.95, 30.675),
        low=(104.0, 30.6),
        no=(105, 31),
    )
    found = rivers.neighbours(network, table).set_index("section")
    assert found["downstream"].replace({None: ""}).to_dict() == {
        "top": "middle",
        "arm": "",
        "middle": "low",
        "side": "low",
        "low": "",
        "no": "",
    }
    assert found.loc["top", "branches"] == ["arm"]
    assert found.loc["low", "upstream"] == ["side", "middle"]
    assert found.loc["low", "upstream_km"] == pytest.approx([5.55 + 5.54, 11.09], abs=0.05)
    assert found.loc["middle", "km"] == pytest.approx(11.09, abs=0.02)
    assert found.loc["no", "reach"] is None
    assert found.loc["no", "upstream"] == []


def test_a_named_river_is_reached_over_any_distance():
    network = rivers.build([MAIN, river("支流", (103.5, 30.7), (103.9, 30.6), to="干流")])
    assert network.reaches.loc["支流-1", "downstream"] == "干流-2"
    assert network.reaches.loc["支流-1", "gap_km"] == pytest.approx(9.58, abs=0.02)
    far = points(a=(103.7, 30.65), b=(104.0, 30.55))
    assert rivers.neighbours(network, far)["km"].iloc[0] == pytest.approx(19.97 + 9.58 + 5.54, abs=0.1)


def test_a_river_that_leaves_the_map_goes_on_where_it_comes_back():
    parts = [np.array([[104.0, 30.8], [104.0, 30.7]]), np.array([[104.0, 30.6], [104.0, 30.5]])]
    network = rivers.build([River("干流", parts)])
    assert network.reaches["downstream"].tolist() == ["干流-2", None]
    assert network.reaches["gap_km"].tolist() == pytest.approx([11.09, 0], abs=0.02)


def test_lines_that_cross_are_not_joined():
    network = rivers.build([MAIN, river("渠", (103.9, 30.65), (104.1, 30.65))])
    assert list(network.reaches.index) == ["干流-1", "渠-1"]


def test_water_does_not_go_round_in_a_circle():
    a = river("甲", (104, 30.6), (104.1, 30.6), (104.1, 30.7))
    b = river("乙", (104.1, 30.7), (104, 30.7), (104, 30.6))
    network = rivers.build([a, b])
    assert network.loops == (("乙", "甲"),)
    assert path_downstream(network, "甲-1") == ["甲-1", "乙-1"]


def test_rivers_that_end_where_they_meet_are_found(network, built_in):
    upstream = river("反河", (103.9, 30.4), (104.0, 30.5))
    assert rivers.dead_ends(rivers.build([MAIN, SIDE, upstream])) == [("干流", "反河")]
    assert rivers.dead_ends(network) == rivers.dead_ends(built_in) == rivers.dead_ends(rivers.build([])) == []


def test_nothing_in_nothing_out():
    network = rivers.build([])
    assert network.reaches.empty
    assert rivers.locate(network, [104.0], [30.6])["reach"].tolist() == [None]
    assert rivers.neighbours(network, points(a=(104, 30.6)))["downstream"].tolist() == [None]


def test_built_in_rivers_run_downstream(built_in):
    """All of them leave the city in the south or the east, and flow where they really do."""
    assert built_in.loops == ()
    last = {river: path_downstream(built_in, f"{river}-1")[-1] for river in built_in.reaches["river"].unique()}
    mouths = {river: reach.rsplit("-", 1)[0] for river, reach in last.items()}
    assert mouths == {
        "岷江": "岷江",
        "沱江": "沱江",
        "锦江": "锦江",
        "南河": "锦江",
        "蒲阳河—青白江": "沱江",
        "柏条河": "锦江",
        "毗河": "沱江",
        "江安河": "锦江",
        "湔江": "湔江",
        "西河": "岷江",
        "斜江": "岷江",
        "南河（邛崃）": "岷江",
        "蒲江河": "岷江",
        "鹿溪河": "锦江",
        "绛溪河": "沱江",
    }
    for reach, line in zip(built_in.reaches.index, built_in.lines, strict=True):
        (first_lon, first_lat), (last_lon, last_lat) = line.coords[0], line.coords[-1]
        assert last_lat < first_lat or last_lon > first_lon, reach


def test_built_in_rivers_part_at_the_fish_mouth(built_in):
    """At 都江堰 the water of the 岷江 goes into four more rivers; at 石堤堰 the 柏条河 becomes 府河 (锦江) and 毗河."""
    arms = built_in.reaches.loc["岷江-1", "branches"]
    assert {arm.rsplit("-", 1)[0] for arm in arms} == {"江安河", "南河", "柏条河", "蒲阳河—青白江"}
    assert built_in.reaches.loc["柏条河-1", ["downstream", "branches"]].tolist() == ["锦江-1", ("毗河-1",)]


def test_other_names_of_a_river_are_known(built_in):
    found = rivers.locate(built_in, [103.970525, 104.035727], [30.317805, 30.499615], ["府河", "江安河"])
    assert found["reach"].tolist() == ["锦江-4", "江安河-1"]
    assert (found["distance"] < 300).all()


def test_own_rivers_make_the_network(tmp_path):
    home = open_home(tmp_path / "home")
    line = {"type": "LineString", "coordinates": [[104, 30.7], [104, 30.6]]}
    upper = {"type": "LineString", "coordinates": [[103.9, 30.8], [103.9, 30.7]]}
    places.replace(
        home, "river", [NewPlace("上河", upper, "R1", attributes={"to": "R2"}), NewPlace("下河", line, "R2")], "局提供"
    )
    assert path_downstream(rivers.network(home, SCOPE), "上河-1") == ["上河-1", "下河-1"]


steps = st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)).filter(any), min_size=1, max_size=6)
lines = st.tuples(st.tuples(st.integers(0, 8), st.integers(0, 8)), steps)


def drawn(line):
    start, moves = line
    return np.cumsum([start, *moves], axis=0) * 0.01 + [104, 30.6]


@given(st.lists(lines, min_size=1, max_size=8), st.lists(st.tuples(st.floats(0, 8), st.floats(0, 8)), max_size=12))
def test_of_any_rivers(made, where):
    """Lengths add up, every way down ends, and who is downstream has the other upstream."""
    shapes = [drawn(line) for line in made]
    network = rivers.build([River(f"河{i}", [shape]) for i, shape in enumerate(shapes)])
    km = sum(Geod(ellps="WGS84").line_length(*shape.T) for shape in shapes) / 1000
    assert network.reaches["km"].sum() == pytest.approx(km, rel=1e-6)
    for reach in network.reaches.index:
        path = path_downstream(network, reach)
        assert len(set(path)) == len(path)
    table = pd.DataFrame([(f"p{i}", 104 + x * 0.01, 30.6 + y * 0.01) for i, (x, y) in enumerate(where)])
    if table.empty:
        return
    found = rivers.neighbours(network, table.set_axis(["code", "lon", "lat"], axis=1)).set_index("section")
    down = {(a, b) for a, row in found.iterrows() for b in [row["downstream"], *row["branches"]] if b is not None}
    up = {(a, b) for b, row in found.iterrows() for a in row["upstream"]}
    assert down == up
    assert not any(a == b for a, b in down)
    assert (found["km"].dropna() >= 0).all()
    for code, row in found.iterrows():
        assert sorted(row["upstream_km"]) == row["upstream_km"]
        assert not set(row["branches"]) & {row["downstream"], code}
