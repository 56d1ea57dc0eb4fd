"""The bureau's own base layers: formats, reference systems, and files that cannot be used."""

import shutil

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box, shape
from typer.testing import CliRunner

from shuzhi.errors import InputError
from shuzhi.ingest.cli import app
from shuzhi.ingest.gcj02 import gcj02_from_wgs84, wgs84_from_gcj02
from shuzhi.ingest.layer import read_layer
from shuzhi.ingest.layer_columns import Columns
from shuzhi.registry import places
from shuzhi.settings import settings
from shuzhi.store import Scope, open_home

SQUARE = box(104.0, 30.6, 104.1, 30.7)
OTHER = box(104.1, 30.6, 104.2, 30.7)


def table(geometries=(SQUARE, OTHER), names=("甲区", "乙区"), crs="EPSG:4490", **columns):
    return gpd.GeoDataFrame({"name": list(names), **columns}, geometry=list(geometries), crs=crs)


def test_reference_point_of_gcj02():
    lon, lat = gcj02_from_wgs84(104.06, 30.66)
    assert (round(float(lon), 6), round(float(lat), 6)) == (104.062496, 30.657570)


def test_gcj02_and_back():
    lon, lat = np.meshgrid(np.linspace(102.9, 104.9, 21), np.linspace(30.0, 31.5, 16))
    back = wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))
    assert np.abs(back[0] - lon).max() < 1e-8
    assert np.abs(back[1] - lat).max() < 1e-8


@pytest.mark.parametrize("name", ["districts.gpkg", "districts.geojson", "districts.shp"])
def test_formats(tmp_path, name):
    crs = "EPSG:4326" if name.endswith(".geojson") else "EPSG:4490"
    table(crs=crs, code=["510104", "510105"]).to_file(tmp_path / name, encoding="utf-8")
    places = read_layer(tmp_path / name, "district")
    assert [(p.name, p.code) for p in places] == [("甲区", "510104"), ("乙区", "510105")]
    assert shape(places[0].geometry).equals_exact(SQUARE.normalize(), 1e-5) or shape(places[0].geometry).area == (
        pytest.approx(SQUARE.area, rel=1e-6)
    )


def test_zipped_shapefile_in_gbk(tmp_path):
    folder = tmp_path / "shp"
    folder.mkdir()
    table().to_file(folder / "d.shp", encoding="gbk")
    (folder / "d.cpg").unlink()
    archive = shutil.make_archive(str(tmp_path / "districts"), "zip", folder)
    assert [p.name for p in read_layer(tmp_path / archive, "district")] == ["甲区", "乙区"]


def test_projected_cgcs2000_lands_at_the_same_place(tmp_path):
    """EPSG:4544 is CGCS2000 / 3-degree Gauss-Kruger CM 105E, the usual one of Chengdu."""
    table().to_crs("EPSG:4544").to_file(tmp_path / "d.gpkg")
    outline = shape(read_layer(tmp_path / "d.gpkg", "zone")[0].geometry)
    assert outline.hausdorff_distance(SQUARE) < 2e-6


def test_gcj02_is_declared_and_undone(tmp_path):
    shifted = shapely.transform(np.array([SQUARE]), lambda xy: np.column_stack(gcj02_from_wgs84(xy[:, 0], xy[:, 1])))
    table(shifted, ["甲区"], "EPSG:4326").to_file(tmp_path / "d.geojson")
    outline = shape(read_layer(tmp_path / "d.geojson", "zone", crs="GCJ-02")[0].geometry)
    assert outline.hausdorff_distance(SQUARE) < 2e-6


def test_parts_of_one_name_become_one_place(tmp_path):
    lines = [LineString([(104, 30.6), (104.1, 30.7)]), LineString([(104.2, 30.7), (104.3, 30.8)])]
    table(lines, ["府河", "府河"]).to_file(tmp_path / "r.gpkg")
    (river,) = read_layer(tmp_path / "r.gpkg", "river")
    assert shape(river.geometry).geom_type == "MultiLineString"


def test_name_column_is_chosen(tmp_path):
    table().rename(columns={"name": "单位"}).to_file(tmp_path / "d.gpkg")
    with pytest.raises(InputError, match="no column of names.*单位"):
        read_layer(tmp_path / "d.gpkg", "zone")
    assert read_layer(tmp_path / "d.gpkg", "zone", Columns(name="单位"))[0].name == "甲区"
    with pytest.raises(InputError, match="no column 'x'"):
        read_layer(tmp_path / "d.gpkg", "zone", Columns(name="x"))


BOWTIE = Polygon([(104, 30.6), (104.1, 30.7), (104.1, 30.6), (104, 30.7)])


def test_crossed_polygon_is_mended(tmp_path):
    table([BOWTIE], ["甲区"]).to_file(tmp_path / "d.gpkg")
    assert shape(read_layer(tmp_path / "d.gpkg", "zone")[0].geometry).is_valid


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(
    ("geometries", "names", "crs", "kind", "message"),
    [
        ([Point(104, 30.6)], ["甲"], "EPSG:4490", "district", "feature 1 is Point; a district needs Polygon"),
        ([SQUARE], ["甲"], "EPSG:4490", "river", "a river needs LineString"),
        ([box(30.6, 104.0, 30.7, 104.1)], ["甲"], "EPSG:4490", "zone", "outside China.*swapped"),
        ([box(2.0, 48.0, 2.1, 48.1)], ["甲"], "EPSG:4490", "zone", "outside China"),
        ([SQUARE], [None], "EPSG:4490", "zone", "feature 1 has no name"),
        ([SQUARE], ["甲"], None, "zone", "names no reference system.*EPSG:4490"),
    ],
)
def test_refused(tmp_path, geometries, names, crs, kind, message):
    table(geometries, names, crs).to_file(tmp_path / "d.gpkg")
    with pytest.raises(InputError, match=message):
        read_layer(tmp_path / "d.gpkg", kind)


def test_refused_files(tmp_path):
    empty, binary, text = tmp_path / "e.gpkg", tmp_path / "b.zip", tmp_path / "t.csv"
    table().iloc[:0].to_file(empty)
    binary.write_bytes(bytes(range(256)))
    text.write_text("name\n")
    for path, message in (
        (empty, "no features"),
        (binary, "can't be read"),
        (text, "unknown format"),
        (tmp_path / "no.gpkg", "no such file"),
    ):
        with pytest.raises(InputError, match=message) as error:
            read_layer(path, "zone")
        assert str(path) in str(error.value)


def test_several_layers_ask_for_one(tmp_path):
    table().to_file(tmp_path / "d.gpkg", layer="a")
    table(names=("丙区", "丁区")).to_file(tmp_path / "d.gpkg", layer="b")
    with pytest.raises(InputError, match="--layer: a, b"):
        read_layer(tmp_path / "d.gpkg", "zone")
    assert read_layer(tmp_path / "d.gpkg", "zone", layer="b")[0].name == "丙区"


def test_unknown_reference_system(tmp_path):
    table().to_file(tmp_path / "d.gpkg")
    with pytest.raises(InputError, match="unknown reference system 'EPSG:1'"):
        read_layer(tmp_path / "d.gpkg", "zone", crs="EPSG:1")


def test_command_replaces_and_resets(tmp_path, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    table(names=("高新", "天府")).to_file(tmp_path / "zones.gpkg")
    home = open_home(tmp_path / "home")
    try:
        told = CliRunner().invoke(app, ["layer", str(tmp_path / "zones.gpkg"), "--kind", "zone"])
        assert (told.exit_code, told.stdout) == (0, "")
        assert "2" in told.stderr
        assert [f["properties"]["name"] for f in places.layer(home, Scope.all(), "zone")["features"]] == [
            "高新",
            "天府",
        ]
        assert CliRunner().invoke(app, ["layer", "--kind", "zone", "--reset"]).exit_code == 0
        assert not places.is_own(home, Scope.all(), "zone")
        refused = CliRunner().invoke(app, ["layer", "--kind", "zone"])
        assert isinstance(refused.exception, InputError)
    finally:
        settings.cache_clear()
