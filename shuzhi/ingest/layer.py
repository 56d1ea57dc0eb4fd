"""The bureau's own layers (图层) of places, from GeoPackage, Shapefile or GeoJSON."""

from collections import defaultdict
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from shuzhi.access import audit
from shuzhi.errors import InputError
from shuzhi.ingest import content
from shuzhi.ingest.bd09 import wgs84_from_bd09
from shuzhi.ingest.gcj02 import wgs84_from_gcj02
from shuzhi.ingest.layer_columns import Columns, Said, read_columns
from shuzhi.ingest.run import Run
from shuzhi.ingest.service import Origin
from shuzhi.ingest.summary import ImportSummary
from shuzhi.progress import Progress, silent
from shuzhi.registry import machines, places, rivers
from shuzhi.registry.places import AREAS, KINDS, NewPlace
from shuzhi.store import Home, Scope

SHIFTED = {"gcj02": wgs84_from_gcj02, "bd09": wgs84_from_bd09}
"""Coordinates of web maps, which are declared because no file tells of them."""
NAMED = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}
SUFFIXES = (".gpkg", ".shp", ".zip", ".geojson", ".json")
SHAPES = {
    **dict.fromkeys(AREAS, ("Polygon", "MultiPolygon")),
    "river": ("LineString", "MultiLineString"),
    "outlet": ("Point",),
}
CHINA = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north [degrees]."""
_WGS84 = "EPSG:4326"
_BYTES = "ISO-8859-1"  # which makes a character of every byte
_DECIMALS = 1e-6  # degrees kept, a tenth of a metre


def import_layer(
    home: Home,
    path: Path | str,
    kind: str,
    columns: Columns | None = None,
    crs: str | None = None,
    layer: str | None = None,
    source: str | None = None,
    schematic: bool = False,
    origin: Origin = "real",
    progress: Progress = silent,
) -> ImportSummary:
    """Read a layer of places and put it in place of the one shown until now, whole or not at all.

    Parameters
    ----------
    path, kind, columns, crs, layer
        See `read_layer`.
    source : str, optional
        Where the geometry comes from, as pages tell it; by default the name of the file.
    schematic : bool
        The geometry is no survey; pages say 示意.

    Raises
    ------
    InputError
        If the layer can't be used (`read_layer`, `registry.places.replace`).
    HomeKindError
        If ``origin`` is not the kind of the home.
    """
    path = Path(path)
    with Run(home, "layer", origin) as run:
        summary = run.summary
        summary.files = 1
        progress(0, 1, path.name)
        try:
            features, found = read_layer(path, kind, columns, crs, layer)
            done = places.replace(home, kind, found, source or path.name, schematic)
            if kind == "lez" and done.differs:
                machines.serve(home)
        except InputError as error:
            run.failed(error if error.file else InputError(error.what, file=path, column=error.column), path.name)
            return summary
        summary.lines = summary.rows_in = features
        summary.new, summary.corrected, summary.unchanged = done.new, done.changed, done.unchanged
        summary.notes += [f"{done.closed} places that it no longer has are closed"] if done.closed else []
        summary.notes += _warnings(found) if kind == "river" else []
        progress(1, 1, path.name)
    return summary


_DATASET = "places"


def reset_layer(home: Home, scope: Scope, kind: str) -> int:
    """Return to the built-in layer, or to none where there is no built-in one; number of places that were closed.

    Raises
    ------
    ScopeError
        If places may not be changed.
    """
    scope.require(_DATASET, "change")
    audit.require_open(home, scope.actor)
    closed = places.reset(home, kind)
    if kind == "lez" and closed:
        machines.serve(home)
    audit.record(home, scope.actor, "change", _DATASET, kind, what="reset", rows=closed)
    return closed


def read_layer(
    path: Path,
    kind: str,
    columns: Columns | None = None,
    crs: str | None = None,
    layer: str | None = None,
) -> tuple[int, list[NewPlace]]:
    """Number of features of one file, and the places that they are, in WGS 84; features that say the same become the
    parts of one place.

    Parameters
    ----------
    path : Path
        GeoPackage, Shapefile (also zipped) or GeoJSON.
    kind : str
        One of `registry.places.KINDS`: ``river`` needs lines, ``outlet`` points, all others polygons.
    columns : Columns, optional
        Columns of name, code, parent, unit and attributes; usual names are found.
    crs : str, optional
        ``EPSG:…``, ``wgs84``, ``cgcs2000``, or ``gcj02`` or ``bd09`` for coordinates taken from a web map. By default
        the file's own.
    layer : str, optional
        Which layer of a file that has several.

    Raises
    ------
    InputError
        Unreadable or empty file, no reference system, wrong kind of geometry, outside China, no name, cells that can't
        be understood, rivers that flow in a circle or into one that is not there.
    """
    if kind not in KINDS:
        raise InputError(f"unknown kind '{kind}'; use one of {', '.join(KINDS)}", file=path)
    table = _located(_read(path, layer), path, crs)
    _check_shapes(table, path, kind)
    _check_place(table, path)
    found = _places(table, kind, read_columns(table, path, kind, columns or Columns()))
    if kind == "river":
        _check_rivers(found, path)
    return len(table), found


def _read(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError("there is no such file", file=path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"unknown format '{path.suffix}'; use one of {', '.join(SUFFIXES)}", file=path)
    content.check(path)
    try:
        layer = _layer_of(path, layer)
        table = _read_text(path, layer)
    except (RuntimeError, ShapelyError, ValueError) as error:  # all that its libraries raise on a broken file
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
    """Text of a Shapefile is UTF-8 or, from Chinese desktops, GBK, and its column names are cut within a character:
    its bytes are read as they are and decoded here."""
    if path.suffix.lower() not in (".shp", ".zip"):
        return gpd.read_file(path, layer=layer)
    table = gpd.read_file(path, layer=layer, encoding=_BYTES)
    try:
        return _decoded(table, "utf-8")
    except UnicodeDecodeError:
        return _decoded(table, "gb18030")


def _decoded(table: gpd.GeoDataFrame, encoding: str) -> gpd.GeoDataFrame:
    for column in table.select_dtypes(["object", "string"]).columns:
        table[column] = table[column].map(lambda text: text.encode(_BYTES).decode(encoding), na_action="ignore")
    return table.rename(columns=lambda name: name.encode(_BYTES).decode(encoding, errors="ignore"))


def _located(table: gpd.GeoDataFrame, path: Path, crs: str | None) -> gpd.GeoDataFrame:
    """The table in WGS 84."""
    unshift = SHIFTED.get((crs or "").lower().replace("-", ""))
    if unshift is not None:
        moved = shapely.transform(table.geometry.to_numpy(), lambda xy: np.column_stack(unshift(xy[:, 0], xy[:, 1])))
        return table.set_geometry(moved).set_crs(_WGS84, allow_override=True)
    if crs is not None:
        table = table.set_crs(_declared(crs, path), allow_override=True)
    if table.crs is None:
        raise InputError(
            "names no reference system; declare it: --crs EPSG:4490 (CGCS2000), EPSG:4544 (CGCS2000, 105° E), "
            "EPSG:4326 (WGS 84), gcj02 or bd09 (web maps)",
            file=path,
        )
    return table.to_crs(_WGS84)


def _declared(crs: str, path: Path) -> CRS:
    try:
        return CRS.from_user_input(NAMED.get(crs.lower(), crs))
    except CRSError as error:
        raise InputError(
            f"unknown reference system '{crs}'; use EPSG:…, wgs84, cgcs2000, gcj02 or bd09", file=path
        ) from error


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


def _places(table: gpd.GeoDataFrame, kind: str, said: list[Said]) -> list[NewPlace]:
    """Features that say the same are the parts of one place; points never are."""
    groups = defaultdict(list)
    for number, each in enumerate(said):
        groups[(each.name, number) if kind == "outlet" else (each.name, repr(each))].append(number)
    shapes = table.geometry.to_numpy()
    found = []
    for numbers in groups.values():
        one = said[numbers[0]]
        geometry = _rounded(_line(shapes[numbers], one.against) if kind == "river" else _area(shapes[numbers]))
        found.append(
            NewPlace(one.name, shapely.geometry.mapping(geometry), one.code, one.parent, one.unit, one.attributes)
        )
    return found


def _area(shapes: np.ndarray) -> shapely.Geometry:
    """The union of mended shapes."""
    whole = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    return whole[0] if len(whole) == 1 else shapely.union_all(whole)


def _line(shapes: np.ndarray, against: bool) -> shapely.Geometry:
    """Lines in the order of the file, each in its direction; a union would take both away."""
    lines = [np.asarray(part.coords)[:, :2] for part in shapely.get_parts(shapes)]
    lines = [line[::-1] for line in lines[::-1]] if against else lines
    joined = [lines[0]]
    for line in lines[1:]:
        if np.array_equal(joined[-1][-1], line[0]):
            joined[-1] = np.concatenate([joined[-1], line[1:]])
        else:
            joined.append(line)
    return shapely.linestrings(joined[0]) if len(joined) == 1 else shapely.multilinestrings(joined)


def _rounded(geometry: shapely.Geometry) -> shapely.Geometry:
    mode = "pointwise" if geometry.geom_type.endswith("LineString") else "valid_output"
    return shapely.force_2d(shapely.set_precision(geometry, _DECIMALS, mode=mode))


def _warnings(found: list[NewPlace]) -> list[str]:
    """What is no fault for certain but should be looked at."""
    pairs = rivers.dead_ends(rivers.build(rivers.rivers_of_places(found)))
    what = "rivers {} and {} end where they meet; one may be drawn upstream, see the column flow (流向)"
    return [what.format(*pair) for pair in pairs]


def _check_rivers(found: list[NewPlace], path: Path) -> None:
    """Every river flows into one that is there, and none back into itself."""
    known = {text for place in found for text in (place.name, place.code) if text}
    for place in found:
        to = place.attributes.get("to")
        if to and to not in known:
            raise InputError(f"the river {place.name} flows to '{to}', which is not in the layer", file=path)
    loops = rivers.build(rivers.rivers_of_places(found)).loops
    if loops:
        pairs = "; ".join(f"{a} → {b}" for a, b in dict.fromkeys(loops))
        raise InputError(
            f"rivers flow in a circle ({pairs}); vertices must run downstream, see the column flow (流向)", file=path
        )
