"""Whatever a file holds, the door of layers gives places or raises InputError; nothing else."""

import contextlib
import json

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from shapely.geometry import box

from shuzhi.errors import InputError
from shuzhi.ingest.layer import read_layer
from shuzhi.registry.places import KINDS

COLUMNS = ["name", "code", "unit", "parent", "to", "flow", "forbidden_stages", "valid_from", "river", "attributes"]
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["甲", "乙", "0,1", "国二及以下", "正向", "反向", "2025-01-01", "2025年2月30日", "{}"]),
)
cell = st.one_of(plain, st.lists(plain, max_size=3), st.dictionaries(st.text(max_size=3), plain, max_size=2))
position = st.tuples(st.floats(103, 105), st.floats(30, 31)).map(list)
line = st.lists(position, min_size=0, max_size=5)
geometry = st.one_of(
    st.none(),
    position.map(lambda p: {"type": "Point", "coordinates": p}),
    line.map(lambda points: {"type": "LineString", "coordinates": points}),
    line.map(lambda points: {"type": "Polygon", "coordinates": [points + points[:1]]}),
    st.lists(line, max_size=3).map(lambda lines: {"type": "MultiLineString", "coordinates": lines}),
)
feature = st.builds(
    lambda properties, geometry: {"type": "Feature", "properties": properties, "geometry": geometry},
    st.dictionaries(st.sampled_from(COLUMNS), cell),
    geometry,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("layers")


@pytest.mark.filterwarnings("ignore:Could not parse column")
@given(kind=st.sampled_from(KINDS), features=st.lists(feature, max_size=4))
def test_any_features(folder, kind, features):
    path = folder / "any.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with contextlib.suppress(InputError):
        assert read_layer(path, kind)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["z.gpkg", "z.shp", "z.geojson"])
@limits(max_examples=30)
@given(data=st.data())
def test_cut_and_broken_files(folder, name, data):
    whole = folder / name
    if not whole.exists():
        table = gpd.GeoDataFrame({"name": ["甲区", "乙区"]}, geometry=[box(104, 30, 104.1, 30.1)] * 2, crs="EPSG:4326")
        table.to_file(whole, encoding="utf-8")
    content = bytearray(whole.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    broken = folder / f"broken{whole.suffix}"
    if data.draw(st.booleans()):
        content = content[:at]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    broken.write_bytes(content)
    with contextlib.suppress(InputError):
        assert read_layer(broken, "zone", crs="EPSG:4326")
