"""What is selected of a register, as a file: CSV, Excel, GeoPackage, GeoParquet; exactly what list and map show.

Text that came from outside never becomes a formula in a spreadsheet.
"""

import io
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from pyarrow import csv

from shuzhi.i18n import _, language
from shuzhi.publish.hand_out import hand_out
from shuzhi.publish.tables import BOM
from shuzhi.registry import machines, sources
from shuzhi.registry.names import head, names_of
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope
from shuzhi.store.selection import Selection, write
from shuzhi.store.spreadsheet import FORMULA_STARTS

FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}
"""Ending of the file → its type."""

_ROWS = {"sources": sources.rows, "machines": machines.rows}
_CODED = {
    "permit_class": "permit_classes",
    "status": "statuses",
    "type": "machine_types",
    "stage": "stages",
    "fuel": "fuels",
    "industry": "industries",
}
_SHEET_ROWS = 1_048_000  # what a sheet of a workbook holds


def export(home: Home, scope: Scope, register: str, selection: Selection, ending: str) -> bytes:
    """The chosen rows as a file.

    Parameters
    ----------
    register : 'sources' or 'machines'
    ending : str
        One of ``FORMATS``.

    Raises
    ------
    ScopeError
        If the register may not be exported.
    """
    rows = _ROWS[register](home, scope, selection)
    file, chosen = f"{register}.{ending}", write(selection)
    make = partial(_MAKERS[ending], rows, register, selection)
    return hand_out(home, scope, register, file, make, rows=rows.num_rows, where=chosen)


def export_cells(home: Home, scope: Scope, register: str, selection: Selection) -> bytes:
    """Totals of the chosen rows by cell of about a square kilometre (its middle, WGS 84), as CSV.

    Raises
    ------
    ScopeError
        If the register may not be exported.
    """
    if register == "sources":
        table = sources.totals(home, scope, selection, "cell")
    else:
        table = machines.cells(home, scope, selection)
    shown = table.round({"lon": 4, "lat": 4} | dict.fromkeys(table.columns[3:], 3))
    cells = pa.table({_("数量") if name == "n" else head(name): shown[name] for name in shown.columns})
    file, chosen = f"{register}_1km.csv", write(selection)
    return hand_out(home, scope, register, file, partial(_text, cells), rows=len(table), where=chosen)


def _csv(rows: pa.Table, register: str, selection: Selection) -> bytes:
    return _text(_shown(rows))


def _text(shown: pa.Table) -> bytes:
    safe = [_without_formulas(column) for column in shown.columns]
    buffer = io.BytesIO(BOM.encode())
    buffer.seek(0, io.SEEK_END)
    csv.write_csv(pa.table(dict(zip(shown.column_names, safe, strict=True))), buffer)
    return buffer.getvalue()


def _xlsx(rows: pa.Table, register: str, selection: Selection) -> bytes:
    """Written row by row into a file, so that 270 000 rows need little memory."""
    shown = _shown(rows)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file.name, options | {"strings_to_numbers": False}) as book:
            _write_sheet(book, shown)
            _write_notes(book, register, selection, shown.num_rows)
        return Path(file.name).read_bytes()


def _write_sheet(book: xlsxwriter.Workbook, shown: pa.Table) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    for start in range(0, max(shown.num_rows, 1), _SHEET_ROWS):
        page = book.add_worksheet()
        page.freeze_panes(1, 2)
        page.set_column(0, shown.num_columns - 1, 14)
        page.write_row(0, 0, shown.column_names, bold)
        part = shown.slice(start, _SHEET_ROWS)
        writers = [page.write_string if pa.types.is_string(c.type) else page.write_number for c in part.columns]
        for number, row in enumerate(zip(*(column.to_pylist() for column in part.columns), strict=True), 1):
            for place, (write_cell, value) in enumerate(zip(writers, row, strict=True)):
                if value is not None and value == value and value != "":
                    write_cell(number, place, value)


def _write_notes(book: xlsxwriter.Workbook, register: str, selection: Selection, count: int) -> None:
    page = book.add_worksheet(_("说明"))
    page.set_column(0, 1, 30)
    made = pd.Timestamp.now(BEIJING).strftime("%Y-%m-%d %H:%M")
    notes = [(_("导出时间"), made), (_("行数"), str(count)), *write(selection).items()]
    for number, (label, text) in enumerate(notes):
        page.write_string(number, 0, label)
        page.write_string(number, 1, text)


def _gpkg(rows: pa.Table, register: str, selection: Selection) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{register}.gpkg"
        _located(rows).to_file(file, layer=register, driver="GPKG", engine="pyogrio")
        return file.read_bytes()


def _parquet(rows: pa.Table, register: str, selection: Selection) -> bytes:
    buffer = io.BytesIO()
    _located(rows).to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _located(rows: pa.Table) -> gpd.GeoDataFrame:
    """Codes stay codes: what reads these files is a program. A row without a position has an empty geometry."""
    table = rows.to_pandas()
    points = gpd.points_from_xy(table["lon"], table["lat"])
    points[np.isnan(table["lon"].to_numpy(float))] = None
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def _shown(rows: pa.Table) -> pa.Table:
    """The rows with heads and names for people."""
    columns = {}
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        columns[head(name)] = _as_shown(column, name)
        if name == "industry":
            columns[_("行业名称")] = _named(column, "industries")
    return pa.table(columns)


def _as_shown(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    if name in _CODED and name != "industry":
        return _named(column, _CODED[name])
    if pa.types.is_timestamp(column.type):
        return pa.chunked_array([pa.array(_beijing(column), pa.string(), from_pandas=True)])
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, _("是"), _("否"))
    return column.cast(pa.string()) if pa.types.is_date(column.type) else column


def _beijing(column: pa.ChunkedArray) -> pd.Series:
    return column.to_pandas().dt.tz_convert(BEIJING).dt.strftime("%Y-%m-%d %H:%M")


def _named(column: pa.ChunkedArray, codes: str) -> pa.ChunkedArray:
    """Names in place of codes; an unknown code stays."""
    names = names_of(codes)[f"name_{language()}"].to_dict()
    coded = column.combine_chunks().dictionary_encode()
    words = pa.array([names.get(code) or code for code in coded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([words.take(coded.indices)])


def _without_formulas(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """An apostrophe before what would start a formula."""
    if not pa.types.is_string(column.type):
        return column
    risky = pc.match_substring_regex(column, f"^[{''.join(FORMULA_STARTS)}]".replace("-", r"\-"))
    return pc.if_else(pc.fill_null(risky, False), pc.binary_join_element_wise("'", column, ""), column)


_MAKERS: dict[str, Callable] = {"csv": _csv, "xlsx": _xlsx, "gpkg": _gpkg, "parquet": _parquet}
