"""The bureau's own base layers (图层): districts, functional zones, rivers, from GeoPackage, Shapefile or GeoJSON."""

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from shuzhi.errors import InputError
from shuzhi.ingest.gcj02 import wgs84_from_gcj02
from shuzhi.registry.places import AREAS, KINDS, NewPlace

GCJ02 = "gcj02"
SUFFIXES = (".gpkg", ".shp", ".zip", ".geojson", ".json")
SHAPES = {
    **dict.fromkeys(AREAS, ("Polygon", "MultiPolygon")),
    "river": ("LineString", "MultiLineString"),
    "outlet": ("Point",),
}
NAME_COLUMNS = ("name", "名称", "xzqmc", "区县", "区划名称", "河流名称", "hlmc", "mc")
CODE_COLUMNS = ("code", "adcode", "代码", "xzqdm", "行政区划代码", "pac", "dm")
CHINA = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north [degrees]."""
_WGS84 = "EPSG:4326"
_DECIMALS = 1e-6  # degrees kept, a tenth of a metre


def read_layer(
    path: Path,
    kind: str,
    name_column: str | None = None,
    code_column: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
) -> list[NewPlace]:
    """Places of one file, in WGS 84; parts that share a name become one place.

    Parameters
    ----------
    path : Path
        GeoPackage, Shapefile (also zipped) or GeoJSON.
    kind : str
        ``district``, ``zone`` (polygons) or ``river`` (lines).
    name_column, code_column : str, optional
        Columns of name and code; usual names are found.
    crs : str, optional
        ``EPSG:…``, or ``gcj02`` for coordinates taken from a web map. By default the file's own.
    layer : str, optional
        Which layer of a file that has several.

    Raises
    ------
    InputError
        Unreadable or empty file, no reference system, wrong kind of geometry, outside China, no name.
    """
    if kind not in KINDS:
        raise InputError(f"unknown kind '{kind}'; use one of {', '.join(KINDS)}", file=path)
    table = _located(_read(path, layer), path, crs)
    _check_shapes(table, path, kind)
    _check_place(table, path)
    names = _names(table, path, name_column, required=kind != "river")
    codes = _codes(table, path, code_column)
    return _places(table, names, codes)


def _read(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError("there is no such file", file=path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"unknown format '{path.suffix}'; use one of {', '.join(SUFFIXES)}", file=path)
    try:
        layer = _layer_of(path, layer)
        table = _read_text(path, layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, zipfile.BadZipFile) as error:
        raise InputError(f"can't be read as a layer: {error}", file=path) from error
    if not isinstance(table, gpd.GeoDataFrame) or table.empty:
        raise InputError("the layer has no features with a geometry", file=path)
    return table


def _layer_of(path: Path, layer: str | None) -> str | None:
    """The layer asked for, or the only one."""
    present = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
    if layer is not None and layer not in present:
        raise InputError(f"there is no layer '{layer}'; it has {', '.join(present)}", file=path)
    if layer is None and len(present) > 1:
        raise InputError(f"has several layers; choose one with --layer: {', '.join(present)}", file=path)
    return layer or (present[0] if present else None)


def _read_text(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Attribute text of a Shapefile without .cpg is UTF-8 or, from Chinese desktops, GBK."""
    if path.suffix.lower() not in (".shp", ".zip") or _names_encoding(path):
        return gpd.read_file(path, layer=layer)
    try:
        return gpd.read_file(path, layer=layer, encoding="utf-8")
    except UnicodeDecodeError:
        return gpd.read_file(path, layer=layer, encoding="gbk")


def _names_encoding(path: Path) -> bool:
    if path.suffix.lower() == ".zip":
        return any(name.lower().endswith(".cpg") for name in zipfile.ZipFile(path).namelist())
    return path.with_suffix(".cpg").exists()


def _located(table: gpd.GeoDataFrame, path: Path, crs: str | None) -> gpd.GeoDataFrame:
    """The table in WGS 84."""
    if crs is not None and crs.lower().replace("-", "") == GCJ02:
        return table.set_geometry(shapely.transform(table.geometry.to_numpy(), _unshifted)).set_crs(
            _WGS84, allow_override=True
        )
    if crs is not None:
        table = table.set_crs(_declared(crs, path), allow_override=True)
    if table.crs is None:
        raise InputError(
            "names no reference system; declare it: --crs EPSG:4490 (CGCS2000), EPSG:4544 (CGCS2000, 105° E), "
            "EPSG:4326 (WGS 84) or gcj02 (web maps)",
            file=path,
        )
    return table.to_crs(_WGS84)


def _declared(crs: str, path: Path) -> CRS:
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(f"unknown reference system '{crs}'; use EPSG:… or gcj02", file=path) from error


def _unshifted(points: np.ndarray) -> np.ndarray:
    return np.column_stack(wgs84_from_gcj02(points[:, 0], points[:, 1]))


def _check_shapes(table: gpd.GeoDataFrame, path: Path, kind: str) -> None:
    wanted = SHAPES[kind]
    wrong = ~table.geom_type.isin(wanted).to_numpy()
    if wrong.any():
        at = int(np.argmax(wrong))
        found = table.geom_type.iloc[at] or "no geometry"
        raise InputError(f"feature {at + 1} is {found}; a {kind} needs {' or '.join(wanted)}", file=path)


def _check_place(table: gpd.GeoDataFrame, path: Path) -> None:
    west, south, east, north = CHINA
    bounds = table.bounds
    inside = (bounds.minx >= west) & (bounds.maxx <= east) & (bounds.miny >= south) & (bounds.maxy <= north)
    if inside.all():
        return
    at = int(np.argmin(inside.to_numpy()))
    row = bounds.iloc[at]
    raise InputError(
        f"feature {at + 1} lies outside China (longitude {row.minx:.4g} to {row.maxx:.4g}, latitude {row.miny:.4g} to "
        f"{row.maxy:.4g}); the axes may be swapped or the reference system declared wrongly, see --crs",
        file=path,
    )


def _names(table: gpd.GeoDataFrame, path: Path, column: str | None, required: bool) -> list[str]:
    column = _column(table, path, column, NAME_COLUMNS)
    if column is None:
        raise InputError(f"no column of names; choose one with --name-column: {_listed(table)}", file=path)
    names = [_text(value) for value in table[column]]
    if required and "" in names:
        raise InputError(f"feature {names.index('') + 1} has no name", file=path, column=column)
    return names


def _codes(table: gpd.GeoDataFrame, path: Path, column: str | None) -> list[str | None]:
    column = _column(table, path, column, CODE_COLUMNS)
    return [None] * len(table) if column is None else [_text(value) or None for value in table[column]]


def _column(table: gpd.GeoDataFrame, path: Path, asked: str | None, usual: tuple[str, ...]) -> str | None:
    if asked is not None and asked not in table.columns:
        raise InputError(f"there is no column '{asked}'; it has {_listed(table)}", file=path)
    by_lower = {str(name).lower(): name for name in table.columns}
    return asked or next((by_lower[name] for name in usual if name in by_lower), None)


def _listed(table: gpd.GeoDataFrame) -> str:
    return ", ".join(str(name) for name in table.columns if name != table.geometry.name)


def _text(value) -> str:
    """A cell as text; codes that were read as numbers lose their ``.0``."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _places(table: gpd.GeoDataFrame, names: list[str], codes: list[str | None]) -> list[NewPlace]:
    whole = shapely.make_valid(table.geometry.to_numpy())
    places = []
    for name in dict.fromkeys(names):
        at = [i for i, each in enumerate(names) if each == name]
        geometry = whole[at[0]] if len(at) == 1 else shapely.union_all(whole[at])
        geometry = shapely.force_2d(shapely.set_precision(geometry, _DECIMALS))
        places.append(NewPlace(name, shapely.geometry.mapping(geometry), codes[at[0]]))
    return places
