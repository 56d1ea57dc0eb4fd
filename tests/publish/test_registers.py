"""An export holds exactly what is selected, in every format, and nothing in it becomes a formula."""

import datetime as dt
import io
import json

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from shuzhi.errors import InputError
from shuzhi.publish.registers import FORMATS, export, export_cells
from shuzhi.publish.registers_cli import app
from shuzhi.registry import deliveries, sources
from shuzhi.settings import settings
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from tests.registry.inventory import inventory

ALL = Scope.all()
CHOSEN = Selection.of(unit=["武侯区"], permit_class=["key", "simplified"])
EVIL = ['=cmd|"/c calc"!A1', "+1+1", "-2+3", "@SUM(1)", "\t=1"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("exports"))
    table = inventory(400)
    names = EVIL + table["name"].to_pylist()[len(EVIL) :]
    table = table.set_column(1, "name", pa.array(names))
    deliveries.deliver(home, "source", table, dt.date(2026, 5, 1), "may.csv", "d1")
    return home


def opened(content: bytes, ending: str) -> pd.DataFrame:
    if ending == "csv":
        return pd.read_csv(io.BytesIO(content), dtype=str)
    if ending == "xlsx":
        head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        return pd.DataFrame(rows, columns=head)
    return gpd.read_parquet(io.BytesIO(content)) if ending == "parquet" else gpd.read_file(io.BytesIO(content))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_holds_the_selected_rows(home, ending):
    table = opened(export(home, ALL, "sources", CHOSEN, ending), ending)
    wanted = sources.rows(home, ALL, CHOSEN)["id"].to_pylist()
    assert table["编号" if ending in ("csv", "xlsx") else "id"].tolist() == wanted
    assert len(wanted) == sources.search(home, ALL, CHOSEN).count > 0


def test_totals_of_cells_count_every_placed_row(home):
    table = opened(export_cells(home, ALL, "sources", CHOSEN), "csv")
    assert list(table.columns[:3]) == ["经度", "纬度", "数量"]
    assert table["数量"].astype(int).sum() == sources.search(home, ALL, CHOSEN).placed > 0


def test_codes_have_names_for_people(home):
    table = opened(export(home, ALL, "sources", CHOSEN, "csv"), "csv")
    assert set(table["管理类别"]) == {"重点管理", "简化管理"}
    assert set(table["行业名称"]) >= {"火力发电"}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_cell_is_a_formula(home, ending):
    names = opened(export(home, ALL, "sources", Selection(), ending), ending)["单位名称"].head(len(EVIL)).tolist()
    assert names == ([f"'{text}" for text in EVIL] if ending == "csv" else EVIL)


def test_a_position_is_a_point_in_wgs84(home):
    table = opened(export(home, ALL, "sources", Selection(), "parquet"), "parquet")
    assert table.crs.to_epsg() == 4326
    assert table.geometry.isna().sum() == table["lon"].isna().sum() > 0


def test_scope_binds_an_export(home):
    table = opened(export(home, Scope(districts=frozenset({"锦江区"})), "sources", Selection(), "parquet"), "parquet")
    assert set(table["unit"]) == {"锦江区"}


def test_command_line_takes_the_query_of_the_page(home, tmp_path, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(home.path))
    settings.cache_clear()
    where = "unit=武侯区&permit_class=key,simplified"
    counted = CliRunner().invoke(app, ["count", "sources", "--where", where])
    wanted = sources.search(home, ALL, CHOSEN).count
    assert json.loads(counted.stdout)["count"] == wanted
    file = tmp_path / "chosen.csv"
    assert CliRunner().invoke(app, ["export", "sources", "--where", where, "--out", str(file)]).exit_code == 0
    assert len(pd.read_csv(file)) == wanted
    unknown = CliRunner().invoke(app, ["count", "sources", "--where", "colour=red"])
    assert isinstance(unknown.exception, InputError)
    settings.cache_clear()
