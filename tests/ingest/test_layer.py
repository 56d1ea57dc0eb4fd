"""The bureau's own base layers: formats, reference systems, and files that cannot be used."""

import datetime as dt
import json
import shutil

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box, shape
from typer.testing import CliRunner

from shuzhi.errors import HomeKindError, InputError
from shuzhi.ingest.bd09 import bd09_from_wgs84, wgs84_from_bd09
from shuzhi.ingest.cli import app
from shuzhi.ingest.gcj02 import gcj02_from_wgs84, wgs84_from_gcj02
from shuzhi.ingest.layer import import_layer, read_layer, reset_layer
from shuzhi.ingest.layer_columns import Columns, stages
from shuzhi.registry import deliveries, machines, places
from shuzhi.settings import settings
from shuzhi.store import Scope, open_home
from shuzhi.store.ledger import ImportRun
from tests.registry.inventory import register

SQUARE = box(104.0, 30.6, 104.1, 30.7)
OTHER = box(104.1, 30.6, 104.2, 30.7)


def table(geometries=(SQUARE, OTHER), names=("甲区", "乙区"), crs="EPSG:4490", **columns):
    return gpd.GeoDataFrame({"name": list(names), **columns}, geometry=list(geometries), crs=crs)


def places_of(*asked, **named):
    return read_layer(*asked, **named)[1]


def test_reference_point_of_gcj02():
    lon, lat = gcj02_from_wgs84(104.06, 30.66)
    assert (round(float(lon), 6), round(float(lat), 6)) == (104.062496, 30.657570)


def test_gcj02_and_back():
    lon, lat = np.meshgrid(np.linspace(102.9, 104.9, 21), np.linspace(30.0, 31.5, 16))
    back = wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))
    assert np.abs(back[0] - lon).max() < 1e-8
    assert np.abs(back[1] - lat).max() < 1e-8


def test_bd09_and_back():
    lon, lat = bd09_from_wgs84(104.06, 30.66)
    assert (round(float(lon), 6), round(float(lat), 6)) == (104.068963, 30.663691)
    lon, lat = np.meshgrid(np.linspace(102.9, 104.9, 21), np.linspace(30.0, 31.5, 16))
    back = wgs84_from_bd09(*bd09_from_wgs84(lon, lat))
    assert max(np.abs(back[0] - lon).max(), np.abs(back[1] - lat).max()) < 1e-8


@pytest.mark.parametrize("name", ["districts.gpkg", "districts.geojson", "districts.shp"])
def test_formats(tmp_path, name):
    crs = "EPSG:4326" if name.endswith(".geojson") else "EPSG:4490"
    table(crs=crs, code=["510104", "510105"]).to_file(tmp_path / name, encoding="utf-8")
    places = places_of(tmp_path / name, "district")
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
    assert [p.name for p in places_of(tmp_path / archive, "district")] == ["甲区", "乙区"]


def test_projected_cgcs2000_lands_at_the_same_place(tmp_path):
    """EPSG:4544 is CGCS2000 / 3-degree Gauss-Kruger CM 105E, the usual one of Chengdu."""
    table().to_crs("EPSG:4544").to_file(tmp_path / "d.gpkg")
    outline = shape(places_of(tmp_path / "d.gpkg", "zone")[0].geometry)
    assert outline.hausdorff_distance(SQUARE) < 2e-6


@pytest.mark.parametrize(("declared", "shift"), [("GCJ-02", gcj02_from_wgs84), ("bd09", bd09_from_wgs84)])
def test_coordinates_of_web_maps_are_declared_and_undone(tmp_path, declared, shift):
    shifted = shapely.transform(np.array([SQUARE]), lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1])))
    table(shifted, ["甲区"], "EPSG:4326").to_file(tmp_path / "d.geojson")
    outline = shape(places_of(tmp_path / "d.geojson", "zone", crs=declared)[0].geometry)
    assert outline.hausdorff_distance(SQUARE) < 2e-6


def test_parts_of_one_name_become_one_place(tmp_path):
    lines = [LineString([(104, 30.6), (104.1, 30.7)]), LineString([(104.2, 30.7), (104.3, 30.8)])]
    table(lines, ["府河", "府河"]).to_file(tmp_path / "r.gpkg")
    (river,) = places_of(tmp_path / "r.gpkg", "river")
    assert shape(river.geometry).geom_type == "MultiLineString"


def test_name_column_is_chosen(tmp_path):
    table().rename(columns={"name": "单位"}).to_file(tmp_path / "d.gpkg")
    with pytest.raises(InputError, match="no column of names.*单位"):
        places_of(tmp_path / "d.gpkg", "zone")
    assert places_of(tmp_path / "d.gpkg", "zone", Columns(name="单位"))[0].name == "甲区"
    with pytest.raises(InputError, match="no column 'x'"):
        places_of(tmp_path / "d.gpkg", "zone", Columns(name="x"))


BOWTIE = Polygon([(104, 30.6), (104.1, 30.7), (104.1, 30.6), (104, 30.7)])


def test_crossed_polygon_is_mended(tmp_path):
    table([BOWTIE], ["甲区"]).to_file(tmp_path / "d.gpkg")
    assert shape(places_of(tmp_path / "d.gpkg", "zone")[0].geometry).is_valid


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
        places_of(tmp_path / "d.gpkg", kind)


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
            places_of(path, "zone")
        assert str(path) in str(error.value)


def test_several_layers_ask_for_one(tmp_path):
    table().to_file(tmp_path / "d.gpkg", layer="a")
    table(names=("丙区", "丁区")).to_file(tmp_path / "d.gpkg", layer="b")
    with pytest.raises(InputError, match="--layer: a, b"):
        places_of(tmp_path / "d.gpkg", "zone")
    assert places_of(tmp_path / "d.gpkg", "zone", layer="b")[0].name == "丙区"


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_reference_systems_by_name(tmp_path):
    table(crs=None).to_file(tmp_path / "d.gpkg")
    for name in ("CGCS2000", "wgs84"):
        assert shape(places_of(tmp_path / "d.gpkg", "zone", crs=name)[0].geometry).equals_exact(SQUARE.normalize(), 1)


def test_unknown_reference_system(tmp_path):
    table().to_file(tmp_path / "d.gpkg")
    with pytest.raises(InputError, match="unknown reference system 'EPSG:1'"):
        places_of(tmp_path / "d.gpkg", "zone", crs="EPSG:1")


@pytest.mark.filterwarnings("ignore:Could not decode error message")
def test_streets_from_a_shapefile_with_cut_names(tmp_path):
    """A Shapefile in UTF-8 keeps ten bytes of a column's name: 管理单位 ends within its fourth character."""
    columns = {"管理单位": ["高新", "武侯区"], "所属区县": ["武侯区", "武侯区"], "编码": [1.0, 2.0]}
    table(names=("东街道", "西街道"), **columns).to_file(tmp_path / "s.shp", encoding="utf-8")
    found = places_of(tmp_path / "s.shp", "street")
    assert [(p.name, p.code, p.parent, p.unit) for p in found] == [
        ("东街道", "1", "武侯区", "高新"),
        ("西街道", "2", "武侯区", "武侯区"),
    ]


def test_columns_are_declared(tmp_path):
    table(names=("东街道", "西街道"), gl=["高新", "武侯区"], qx=["武侯区"] * 2, pop=[1200, 900]).to_file(
        tmp_path / "s.gpkg"
    )
    found = places_of(tmp_path / "s.gpkg", "street", Columns(unit="gl", parent="qx", attributes={"population": "pop"}))
    assert [(p.parent, p.unit, p.attributes) for p in found] == [
        ("武侯区", "高新", {"population": "1200"}),
        ("武侯区", "武侯区", {"population": "900"}),
    ]
    with pytest.raises(InputError, match="no column 'gldw'"):
        places_of(tmp_path / "s.gpkg", "street", Columns(unit="gldw"))


def test_a_low_emission_zone_forbids_stages_between_dates(tmp_path):
    more = {"禁止阶段": ["国二及以下", "0、国Ⅰ"], "生效日期": ["2025年7月1日", None], "失效日期": ["2027/12/31", ""]}
    table(names=("核心区", "绕城内"), **more).to_file(tmp_path / "z.gpkg")
    assert [p.attributes for p in places_of(tmp_path / "z.gpkg", "lez")] == [
        {"forbidden_stages": ["0", "1", "2"], "valid_from": "2025-07-01", "valid_to": "2027-12-31"},
        {"forbidden_stages": ["0", "1"]},
    ]


def test_lists_and_objects_of_geojson(tmp_path):
    properties = {"name": "甲", "forbidden_stages": ["0", "1"], "attributes": {"note": "试行", "hours": [7, 20]}}
    feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(SQUARE)}
    path = tmp_path / "z.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    (zone,) = places_of(path, "lez")
    assert zone.attributes == {"note": "试行", "hours": [7, 20], "forbidden_stages": ["0", "1"]}


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("0,1,2", ["0", "1", "2"]),
        ('["0", "1"]', ["0", "1"]),
        ("国零、国一", ["0", "1"]),
        ("国II/国III", ["2", "3"]),
        ("国Ⅲ及以下", ["0", "1", "2", "3"]),
        ("第三阶段以下排放标准", ["0", "1", "2", "3"]),
        (2.0, ["2"]),
        (["1", "0"], ["0", "1"]),
        ("国九", None),
        ("黄标车", None),
    ],
)
def test_stages(cell, meant):
    assert stages(cell) == meant


def test_a_river_drawn_upstream_is_turned_round(tmp_path):
    lines = [
        LineString([(104, 30.5), (104, 30.6)]),
        LineString([(104, 30.6), (104, 30.7)]),
        LineString([(103, 30), (104, 30)]),
    ]
    flows = {"流向": ["反向", "反向", "正向"], "下游": ["岷江", "岷江", None]}
    table(lines, ["支流", "支流", "岷江"], **flows).to_file(tmp_path / "r.gpkg")
    side, main = places_of(tmp_path / "r.gpkg", "river")
    assert list(shape(side.geometry).coords) == [(104, 30.7), (104, 30.6), (104, 30.5)]
    assert (side.attributes, main.attributes) == ({"to": "岷江"}, {})


def test_rivers_that_end_where_they_meet_are_told(tmp_path):
    lines = [LineString([(104, 30.7), (104, 30.6)]), LineString([(104, 30.5), (104, 30.6)])]
    table(lines, ["甲河", "乙河"]).to_file(tmp_path / "r.gpkg")
    summary = import_layer(open_home(tmp_path / "home"), tmp_path / "r.gpkg", "river")
    assert summary.new == 2
    assert summary.notes[0].startswith("rivers 甲河 and 乙河 end where they meet")


def test_reaches_with_codes_of_their_own_stay_apart(tmp_path):
    lines = [LineString([(104, 30.7), (104, 30.6)]), LineString([(104, 30.6), (104, 30.5)])]
    table(lines, ["岷江", "岷江"], code=["R1", "R2"], to=["R2", None]).to_file(tmp_path / "r.gpkg")
    assert [(p.code, p.attributes.get("to")) for p in places_of(tmp_path / "r.gpkg", "river")] == [
        ("R1", "R2"),
        ("R2", None),
    ]


CIRCLE = [LineString([(104, 30.6), (104.1, 30.7)]), LineString([(104.1, 30.7), (104, 30.7), (104, 30.6)])]


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("lez", {}, "feature 1 \\(甲区\\) does not say which stages it forbids"),
        ("lez", {"禁止阶段": ["0", "五"]}, "column 禁止阶段: feature 2 \\(乙区\\): '五' are no stages"),
        ("lez", {"禁止阶段": ["0", "0"], "生效日期": ["2025-02-30", ""]}, "column 生效日期: feature 1 .*is no date"),
        ("river", {"流向": ["向东", ""]}, "feature 1 \\(甲区\\): flow '向东'; use 正向"),
        ("river", {"下游": ["丙江", ""]}, "river 甲区 flows to '丙江', which is not in the layer"),
        ("river", {}, "rivers flow in a circle \\(乙区 → 甲区\\)"),
    ],
)
def test_cells_that_are_refused(tmp_path, kind, more, message):
    table(CIRCLE if kind == "river" else (SQUARE, OTHER), **more).to_file(tmp_path / "d.gpkg")
    with pytest.raises(InputError, match=message) as error:
        places_of(tmp_path / "d.gpkg", kind)
    assert str(tmp_path / "d.gpkg") in str(error.value)


def runs(home):
    with home.ledger.session() as session:
        return [
            (run.kind, run.status, run.rows_in, run.rows_new, run.rows_corrected, run.rows_unchanged)
            for run in session.query(ImportRun).order_by(ImportRun.started_at)
        ]


def test_an_import_is_on_record(tmp_path):
    home = open_home(tmp_path / "home")
    table(names=("东街道", "西街道"), unit=["高新", "武侯区"], parent=["武侯区"] * 2).to_file(tmp_path / "s.gpkg")
    for _again in range(2):
        summary = import_layer(home, tmp_path / "s.gpkg", "street", schematic=True)
    assert (summary.lines, summary.new, summary.unchanged) == (2, 0, 2)
    assert "站点" not in summary.text()
    table(names=("东街道", "西街道"), unit=["高新", "外星"], parent=["武侯区"] * 2).to_file(tmp_path / "bad.gpkg")
    with pytest.raises(InputError, match=r"bad\.gpkg: the street 西街道: unknown unit 外星"):
        import_layer(home, tmp_path / "bad.gpkg", "street")
    assert runs(home) == [("layer", "done", 2, 2, 0, 0), ("layer", "done", 2, 0, 0, 2), ("layer", "failed", 0, 0, 0, 0)]
    shown = places.layer(home, Scope.all(), "street")["features"]
    assert [(f["properties"]["source"], f["properties"]["schematic"]) for f in shown] == [("s.gpkg", True)] * 2


def test_a_simulated_city_takes_no_real_layer(tmp_path):
    home = open_home(tmp_path / "home", create="simulated")
    table(names=("甲", "乙")).to_file(tmp_path / "z.gpkg")
    import_layer(home, tmp_path / "z.gpkg", "zone", origin="simulated", source="模拟")
    with pytest.raises(HomeKindError, match="simulated city"):
        import_layer(home, tmp_path / "z.gpkg", "zone")


def test_machines_are_judged_by_the_zones_that_are_there_now(tmp_path):
    home, time = open_home(tmp_path / "home"), pa.array([dt.datetime.now(dt.UTC)], pa.timestamp("us", tz="UTC"))
    found = register(1).set_column(register(1).column_names.index("stage"), "stage", [["2"]])
    deliveries.deliver(home, "machine", found, dt.date(2026, 5, 1), "machines.csv", "m1")
    position = {"machine": found["id"], "time": time, "lon": [104.05], "lat": [30.65]}
    machines.append_positions(home, pa.table(position), "p1")
    table(禁止阶段=["国二及以下"] * 2).to_file(tmp_path / "z.gpkg")
    assert machines.figures(home, Scope.all())["forbidden"] == 0
    import_layer(home, tmp_path / "z.gpkg", "lez")
    assert machines.figures(home, Scope.all())["forbidden"] == 1
    reset_layer(home, Scope.all(), "lez")
    assert machines.figures(home, Scope.all())["forbidden"] == 0


def test_command_replaces_and_resets(tmp_path, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    table(names=("高新", "天府")).to_file(tmp_path / "zones.gpkg")
    home = open_home(tmp_path / "home")
    try:
        told = CliRunner().invoke(app, ["layer", str(tmp_path / "zones.gpkg"), "--kind", "zone", "--json", "-"])
        assert told.exit_code == 0
        assert (json.loads(told.stdout)["kind"], json.loads(told.stdout)["new"]) == ("layer", 2)
        assert "新增 2" in told.stderr
        assert [f["properties"]["name"] for f in places.layer(home, Scope.all(), "zone")["features"]] == [
            "高新",
            "天府",
        ]
        assert CliRunner().invoke(app, ["layer", "--kind", "zone", "--reset"]).exit_code == 0
        assert not places.is_own(home, Scope.all(), "zone")
        refused = CliRunner().invoke(app, ["layer", "--kind", "zone"])
        assert isinstance(refused.exception, InputError)
        wrong = CliRunner().invoke(app, ["layer", str(tmp_path / "zones.gpkg"), "--kind", "zone", "--attribute", "to"])
        assert "write KEY=COLUMN" in str(wrong.exception)
    finally:
        settings.cache_clear()
