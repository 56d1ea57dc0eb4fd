"""Files that are not what their names say."""

import struct
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from shuzhi.errors import InputError
from shuzhi.ingest import content
from shuzhi.ingest.layer import read_layer
from shuzhi.ingest.rejects import Rejects
from shuzhi.ingest.tabular import open_table, sheets

SQUARE = shapely.box(104, 30, 104.1, 30.1)
VIRTUAL = """<OGRVRTDataSource><OGRVRTLayer name="other"><SrcDataSource>{other}</SrcDataSource>
<GeometryField encoding="WKT" field="wkt"/></OGRVRTLayer></OGRVRTDataSource>"""
ENDINGS = ("i.csv", "i.xlsx", "i.gpkg", "i.parquet", "z.shp", "z.geojson", "z.gpkg", "z.zip")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A folder with a real file of each ending."""
    folder = tmp_path_factory.mktemp("real")
    table = pd.DataFrame({"name": ["甲"], "amount": [1.5]})
    shapes = gpd.GeoDataFrame({"name": ["甲区"]}, geometry=[SQUARE], crs="EPSG:4490")
    table.to_csv(folder / "i.csv", index=False)
    table.to_excel(folder / "i.xlsx", index=False, engine="xlsxwriter")
    table.to_parquet(folder / "i.parquet")
    for name in ("i.gpkg", "z.gpkg", "z.shp", "z.geojson"):
        shapes.to_file(folder / name)
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        for file in folder.glob("z.*"):
            if file.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                archive.write(file, file.name)
    return folder


@pytest.mark.parametrize("name", ENDINGS)
def test_real_files_pass(real, name):
    content.check(real / name)


@pytest.mark.parametrize("name", ENDINGS)
def test_another_content_under_the_same_ending_is_refused(real, tmp_path, name):
    ending = name[name.index(".") :]
    for other in ENDINGS:
        if other.endswith(ending):
            continue
        path = tmp_path / f"{other.replace('.', '-')}{ending}"
        path.write_bytes((real / other).read_bytes())
        with pytest.raises(InputError, match=f"ends in {ending}"):
            content.check(path)


def test_the_doors_ask(real, tmp_path):
    path = tmp_path / "i.csv"
    path.write_bytes((real / "i.xlsx").read_bytes())
    for door in (lambda: open_table(path, str, Rejects(path.name)), lambda: sheets(path)):
        with pytest.raises(InputError, match="ends in .csv, but it is an Excel workbook"):
            door()


@pytest.mark.parametrize("name", ["z.geojson", "z.json", "z.gpkg", "z.shp", "z.zip"])
def test_a_layer_opens_no_other_file(tmp_path, name):
    """Its library would follow a virtual data set to any file of the machine, and to any host."""
    other = tmp_path / "other.csv"
    other.write_text(f'name,wkt\n甲区,"{SQUARE.wkt}"\n', encoding="utf-8")
    path, virtual = tmp_path / name, VIRTUAL.format(other=other)
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("z.vrt", virtual)
    else:
        path.write_text(virtual, encoding="utf-8")
    with pytest.raises(InputError):
        read_layer(path, "zone")


def test_a_pipeline_is_no_layer(tmp_path):
    path = tmp_path / "z.json"
    path.write_text('{"x": "%s", "type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}' % ("x" * 2**20))
    with pytest.raises(InputError, match="pipeline"):
        read_layer(path, "zone")


def test_a_zip_with_a_false_shapefile(tmp_path):
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("z.shp", VIRTUAL)
    with pytest.raises(InputError, match="not a Shapefile"):
        content.check(path)


def test_macros_are_refused(real, tmp_path):
    path = tmp_path / "m.xlsm"
    path.write_bytes((real / "i.xlsx").read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(InputError, match="macros"):
        content.check(path)


def test_another_document_is_no_workbook(tmp_path):
    path = tmp_path / "d.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    with pytest.raises(InputError, match="another office program"):
        content.check(path)


def bomb(path, real, megabytes: int) -> None:
    path.write_bytes((real / "i.xlsx").read_bytes())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/a.bin", b"\0" * (megabytes << 20))


def test_a_bomb_is_refused(real, tmp_path):
    path = tmp_path / "b.xlsx"
    bomb(path, real, 110)
    with pytest.raises(InputError, match="unpacks to more than"):
        content.check(path)


def test_a_bomb_that_lies_about_its_size_is_refused(real, tmp_path):
    path = tmp_path / "b.xlsx"
    bomb(path, real, 110)
    size = struct.pack("<I", 110 << 20)
    data = path.read_bytes()
    assert data.count(size) >= 2
    path.write_bytes(data.replace(size, struct.pack("<I", 10)))
    assert sum(member.file_size for member in zipfile.ZipFile(path).infolist()) < 1 << 20
    with pytest.raises(InputError, match="unpacks to more than"):
        content.check(path)


def test_a_database_is_no_geopackage(tmp_path):
    import sqlite3

    path = tmp_path / "d.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (b)")
    with pytest.raises(InputError, match="not a GeoPackage"):
        content.check(path)


def test_damaged_files(real, tmp_path):
    for name, words in (("i.parquet", "ends too early"), ("i.xlsx", "damaged")):
        path = tmp_path / name
        path.write_bytes((real / name).read_bytes()[:-20])
        with pytest.raises(InputError, match=words):
            content.check(path)


def test_what_is_missing_or_empty_is_said_by_its_reader(tmp_path):
    content.check(tmp_path / "none.csv")
    (tmp_path / "e.csv").touch()
    content.check(tmp_path / "e.csv")
