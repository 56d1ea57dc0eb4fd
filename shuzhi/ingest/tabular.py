"""Large tables of any usual file: Excel, csv, GeoPackage, GeoParquet; columns of text that know their lines."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from shuzhi.errors import InputError
from shuzhi.ingest import content
from shuzhi.ingest.files import TextFile, read
from shuzhi.ingest.rejects import BAD_TEXT, BROKEN, Rejects
from shuzhi.ingest.sheet import LAST_LINE_OPEN, split

HEADER_WITHIN = 10
"""The header is one of the first so many rows: titles and notes may stand above it."""

MAX_CELLS = 100_000_000
_MARKS = ",\t;|"
_ZIP, _OLD_EXCEL, _SQLITE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"SQLite format 3", b"PAR1"

Known = Callable[[str], object]
"""Tells whether a cell is the header of a column that is looked for."""


@dataclass
class Tabular:
    """A table of text.

    Attributes
    ----------
    path : Path
    name : str
        The name that messages and the quarantine give it.
    heads : list of str
    columns : list of pyarrow string arrays, n each
        Trimmed, empty where nothing stands.
    lines : int64 array, n
        Line, row of the sheet or number of the feature, from 1.
    head_line : int
        Where the header stands.
    notes : list of str
    lon, lat : float arrays, n, optional
        Positions of a file with geometry, WGS 84, NaN where there is none.
    """

    path: Path
    name: str
    heads: list[str]
    columns: list[pa.Array]
    lines: np.ndarray
    head_line: int = 1
    notes: list[str] = field(default_factory=list)
    lon: np.ndarray | None = None
    lat: np.ndarray | None = None

    def raw(self, at: int) -> str:
        """A row as it stood, its cells separated by commas."""
        return ",".join(column[at].as_py() for column in self.columns)


def open_table(path: Path | str, known: Known, rejects: Rejects, sheet: str | None = None) -> Tabular:
    """Read a table; lines that don't fit the header are rejected, empty ones left out.

    Parameters
    ----------
    known : callable
        Tells the header from what stands above it.
    rejects : Rejects
    sheet : str, optional
        Sheet of a workbook or layer of a GeoPackage; by default the one whose header is best known.

    Raises
    ------
    InputError
        If there is no such file, it holds no table, or its header is spread over two rows.
    """
    path = Path(path)
    content.check(path)
    beginning = _beginning(path)
    if beginning.startswith(_SQLITE):
        table = _geopackage(path, sheet)
    elif beginning.startswith(_PARQUET):
        table = _parquet(path)
    elif beginning.startswith(_OLD_EXCEL) or (beginning.startswith(_ZIP) and _is_workbook(path)):
        table = _workbook(path, known, sheet)
    else:
        table = _text(read(path), known, rejects)
    return _without_empty(table)


def sheets(path: Path | str) -> list[str]:
    """Names of the sheets of a workbook in which something stands; none where the file is no workbook.

    Raises
    ------
    InputError
        If the workbook can't be read.
    """
    path = Path(path)
    content.check(path)
    beginning = _beginning(path)
    if not (beginning.startswith(_OLD_EXCEL) or (beginning.startswith(_ZIP) and _is_workbook(path))):
        return []
    return _read_workbook(path, _filled_sheets)


def _filled_sheets(path: Path) -> list[str]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return [name for name in book.sheet_names if book.get_sheet_by_name(name).end is not None]


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except (OSError, ValueError):
        return b""  # files.read says what is wrong


# Text


def _text(text: TextFile, known: Known, rejects: Rejects) -> Tabular:
    top = text.data[: 1 << 16].decode(errors="ignore")
    mark = max(_MARKS, key=lambda mark: max(line.count(mark) for line in top.split("\n")[:HEADER_WITHIN]))
    rows, ends = _first_rows(top, mark)
    at = _header(rows, known, text.path, ends)
    heads, line = rows[at], ends[at]
    body = pa.py_buffer(text.data)[_after_line(text.data, line) :]
    columns, lines, broken = _body(body, len(heads), mark, line)
    for number, count, raw in broken:
        rejects.add(BROKEN, f"{count} fields, {len(heads)} expected", line=number, raw=raw)
    notes = list(text.notes)
    if len(lines) and not text.data.endswith(b"\n"):
        notes.append(f"{text.name}: {LAST_LINE_OPEN}")
    table = Tabular(text.path, text.name, heads, columns, lines, line, notes)
    return _without_unreadable(table, rejects) if "\ufffd".encode() in text.data else table


def _first_rows(top: str, mark: str) -> tuple[list[list[str]], list[int]]:
    """The first rows of a text, and the line that each ends with; a header may have line ends in its cells."""
    reader = csv.reader(io.StringIO(top, newline=""), delimiter=mark)
    try:
        found = [([" ".join(cell.split()) for cell in row], reader.line_num) for row in islice(reader, HEADER_WITHIN)]
    except csv.Error:
        found = [(split(line, mark), number) for number, line in enumerate(top.split("\n")[:HEADER_WITHIN], start=1)]
    return [row for row, _end in found], [end for _row, end in found]


def _after_line(data: bytes, line: int) -> int:
    """Where the line after a given one begins."""
    offset = 0
    for _each in range(line):
        end = data.find(b"\n", offset)
        if end < 0:
            return len(data)
        offset = end + 1
    return offset


Broken = list[tuple[int, int, str]]
Body = tuple[list[pa.Array], np.ndarray, Broken]
"""Columns, their lines, and the rows that don't fit: line, number of fields, text."""


def _body(body: pa.Buffer, width: int, mark: str, before: int) -> Body:
    """The rows below the header; a stray quote, which swallows lines, is told from cells that have line ends.

    Parameters
    ----------
    width : int
        Number of fields.
    before : int
        Number of lines above.
    """
    quick, whole_lines = _quickly(body, width, mark, before)
    if quick is not None and whole_lines:
        return quick
    slow = _line_by_line(body, width, mark, before)
    return slow if quick is None or len(slow[1]) > len(quick[1]) else quick


def _quickly(body: pa.Buffer, width: int, mark: str, before: int) -> tuple[Body | None, bool]:
    """The rows, or None where they can't be told apart; and whether each is a line."""
    names = [str(i) for i in range(width)]
    broken: list = []
    if not body.size:
        return ([pa.array([], pa.string())] * width, np.array([], dtype=np.int64), []), True
    try:
        table = pacsv.read_csv(
            body,
            read_options=pacsv.ReadOptions(column_names=names, use_threads=False),  # else rows have no numbers
            parse_options=pacsv.ParseOptions(
                delimiter=mark,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=lambda row: broken.append(row) or "skip",
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None, False
    if any("\n" in row.text for row in broken):
        return None, False
    columns = [_trimmed(column) for column in table.columns]
    fits = np.ones(table.num_rows + len(broken), dtype=bool)
    fits[[row.number - 1 for row in broken]] = False
    starts = before + 1 + np.arange(len(fits))
    inside = _line_ends(table, fits)
    starts[1:] += np.cumsum(inside)[:-1]
    listed = [(int(starts[row.number - 1]), row.actual_columns, row.text) for row in broken if row.text.strip()]
    return (columns, starts[fits], listed), not inside.any()


def _line_ends(table: pa.Table, fits: np.ndarray) -> np.ndarray:
    """How many line ends stand inside the cells of each row."""
    count = np.zeros(len(fits), dtype=np.int64)
    for column in table.columns:
        inside = pc.count_substring(column, "\n")
        if pc.any(pc.greater(inside, 0)).as_py():
            count[fits] += inside.to_numpy()
    return count


def _line_by_line(body: pa.Buffer, width: int, mark: str, before: int) -> Body:
    flat, lines, broken = [], [], []
    for number, line in enumerate(body.to_pybytes().decode().split("\n"), start=before + 1):
        cells = split(line, mark)
        if not line.strip():
            continue
        if len(cells) != width:
            broken.append((number, len(cells), line))
        else:
            flat += cells
            lines.append(number)
    columns = [_trimmed(pa.array(flat[i::width], pa.string())) for i in range(width)]
    return columns, np.array(lines, dtype=np.int64), broken


def _without_unreadable(table: Tabular, rejects: Rejects) -> Tabular:
    bad = np.zeros(len(table.lines), dtype=bool)
    for column in table.columns:
        bad |= pc.match_substring(column, "\ufffd").to_numpy(zero_copy_only=False)
    for at in np.flatnonzero(bad):
        rejects.add(BAD_TEXT, "save the file as UTF-8", line=table.lines[at], raw=table.raw(at))
    return _kept(table, ~bad)


# Workbooks


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return False
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _check_extent(archive, name, path)
            return True
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, zlib.error) as error:
        raise InputError(f"the workbook is damaged ({error}); open and save it anew", file=path) from error


_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:([A-Z]{1,3})(\d{1,7})"')
_FILLED = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*[^/]>')


def _check_extent(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    """Refuse a sheet with a cell far outside its table: a reader would make room for all that lies between."""
    with archive.open(name) as file:
        stated = _DIMENSION.search(file.read(4096))
    if stated is None or _cells_within(*stated.groups()) <= MAX_CELLS:
        return
    width, height, rest = b"A", 1, b""
    with archive.open(name) as file:
        while chunk := file.read(1 << 20):
            text = rest + chunk
            for column, row in _FILLED.findall(text):
                width, height = max(width, column, key=_column_number), max(height, int(row))
            rest = text[text.rfind(b"<") :]
    if _cells_within(width, height) > MAX_CELLS:
        raise InputError(
            f"a sheet of the workbook reaches as far as {width.decode()}{height}; delete what is far from the table",
            file=path,
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cells_within(column: bytes, row: bytes | int) -> int:
    return _column_number(column) * int(row)


def _workbook(path: Path, known: Known, sheet: str | None) -> Tabular:
    rows, name, notes = _sheet(path, known, sheet)
    ends = list(range(1, len(rows) + 1))
    top = [[_header_cell(cell) for cell in row] for row in rows[:HEADER_WITHIN]]
    at = _header(top, known, path, ends)
    columns = [_cells(column) for column in zip(*rows[at + 1 :], strict=True)]
    columns = columns or [pa.array([], pa.string())] * len(top[at])
    lines = np.arange(at + 2, len(rows) + 1)
    title = f"{path.name}[{name}]" if notes else path.name
    return Tabular(path, title, top[at], columns, lines, at + 1, notes)


def _sheet(path: Path, known: Known, wanted: str | None) -> tuple[list[list], str, list[str]]:
    """Rows of the sheet that was asked for, or else of the one whose header is best known."""
    return _read_workbook(path, lambda file: _best_sheet(file, known, wanted))


def _read_workbook(path: Path, act: Callable):
    """What is read of a workbook; whatever its reader stumbles over is an error of the file."""
    try:
        return act(path)
    except InputError:
        raise
    except (Exception, BaseExceptionGroup) as error:
        raise InputError(f"the workbook can't be read ({error}); open and save it anew", file=path) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader gives up in a way of its own
            raise
        raise InputError("the workbook is damaged; open and save it anew", file=path) from None


def _best_sheet(path: Path, known: Known, wanted: str | None) -> tuple[list[list], str, list[str]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    names = book.sheet_names
    if wanted is not None and wanted not in names:
        raise InputError(f"there is no sheet “{wanted}”; it has {', '.join(names)}", file=path)
    if wanted is not None or len(names) == 1:
        return _rows(book, wanted or names[0], path), wanted or names[0], []
    scores = {}
    for name in names:
        first = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=HEADER_WITHIN)
        scores[name] = max((_score([_header_cell(cell) for cell in row], known) for row in first), default=0)
    best = max(names, key=scores.__getitem__)
    others = ", ".join(name for name in names if name != best)
    return _rows(book, best, path), best, [f"{path.name}: read the sheet {best}, not {others} (see --sheet)"]


def _rows(book, name: str, path: Path) -> list[list]:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise InputError(f"the sheet “{name}” spans more than {MAX_CELLS:,} cells; delete what is empty", file=path)
    rows = sheet.to_python(skip_empty_area=False)
    if not rows:
        raise InputError(f"the sheet “{name}” is empty; nothing to import", file=path)
    return rows


def _header_cell(cell) -> str:
    return " ".join(_cell(cell).split())


def _cell(cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return "" if cell is None else str(cell)


def _cells(column: Sequence) -> pa.Array:
    """A column of a sheet as text; most columns are of one kind, and quick."""
    kinds = set(map(type, column))
    if kinds <= {str}:
        return _trimmed(pa.array(column, pa.string()))
    if kinds <= {str, float}:
        numbers = [cell if type(cell) is float else None for cell in column]
        texts = [cell if type(cell) is str else None for cell in column]
        return _trimmed(pc.coalesce(pa.array(texts, pa.string()), _written(pa.array(numbers, pa.float64()))))
    return _trimmed(pa.array(list(map(_cell, column)), pa.string()))


def _written(numbers: pa.Array) -> pa.Array:
    """Numbers as text; whole ones, such as a phone's, without an exponent."""
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 1e15))
    as_whole = pc.if_else(whole, numbers, None).cast(pa.int64()).cast(pa.string())
    return pc.coalesce(as_whole, numbers.cast(pa.string()))


# Files of geographic information systems


def _geopackage(path: Path, layer: str | None) -> Tabular:
    from pyogrio import list_layers
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read_arrow

    if path.suffix.lower() != ".gpkg":
        raise InputError("an SQLite database; if it is a GeoPackage, let its name end in .gpkg", file=path)
    try:
        names = [str(name) for name, _kind in list_layers(path)]
        if layer is not None and layer not in names:
            raise InputError(f"there is no layer “{layer}”; it has {', '.join(names)}", file=path)
        if layer is None and len(names) != 1:
            raise InputError(f"has several layers; choose one with --sheet: {', '.join(names)}", file=path)
        meta, table = read_arrow(path, layer=layer or names[0])
    except (DataSourceError, DataLayerError, pa.ArrowException, RuntimeError, ValueError) as error:
        raise InputError(f"can't be read as a GeoPackage: {error}", file=path) from error
    geometry = meta["geometry_name"] or ("wkb_geometry" if "wkb_geometry" in table.column_names else None)
    return _features(path, table, geometry, meta["crs"])


def _parquet(path: Path) -> Tabular:
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
        geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
        geometry = geo.get("primary_column")
        column = geo.get("columns", {}).get(geometry, {})
    except (pa.ArrowException, OSError, ValueError, AttributeError) as error:
        raise InputError(f"can't be read as Parquet: {error}", file=path) from error
    if geometry is not None and column.get("encoding") != "WKB":
        raise InputError("its geometry is not in WKB; write it as GeoParquet with WKB", file=path)
    crs = column.get("crs", "OGC:CRS84")
    return _features(path, table, geometry, json.dumps(crs) if isinstance(crs, dict) else crs)


def _features(path: Path, table: pa.Table, geometry: str | None, crs: str | None) -> Tabular:
    lon = lat = None
    if geometry in table.column_names:
        lon, lat = _points(path, table[geometry], crs)
        table = table.drop_columns([geometry])
    plain = [i for i, kind in enumerate(table.schema.types) if _is_plain(kind)]
    notes = [f"{path.name}: column {name} not used" for i, name in enumerate(table.column_names) if i not in plain]
    table = table.select(plain)
    columns = [_as_text(column) for column in table.columns]
    lines = np.arange(1, table.num_rows + 1)
    return Tabular(path, path.name, list(table.column_names), columns, lines, 0, notes, lon, lat)


def _is_plain(kind: pa.DataType) -> bool:
    return not (pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return _trimmed(column.cast(pa.string()))


def _points(path: Path, column: pa.ChunkedArray, crs: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Positions in WGS 84; of a polygon or a line, a point on it."""
    import shapely
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    if crs is None:
        raise InputError(
            "names no reference system; write one into the file, or give lon and lat as columns", file=path
        )
    try:
        shapes = shapely.from_wkb(np.asarray(column.to_pylist(), dtype=object))
        extended = shapely.get_type_id(shapes) > 0
        shapes[extended] = shapely.point_on_surface(shapes[extended])
        x, y = shapely.get_x(shapes), shapely.get_y(shapes)
        if CRS.from_user_input(crs).equals("EPSG:4326", ignore_axis_order=True):
            return x, y
        lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    except (shapely.errors.ShapelyError, ProjError, TypeError) as error:
        raise InputError(f"its geometry can't be read: {error}", file=path) from error
    return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


# What all have in common


def _header(rows: list[list[str]], known: Known, path: Path, ends: list[int]) -> int:
    """Which of the first rows is the header: the one with most known names, or else the first."""
    filled = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise InputError("the first rows are empty; the header must be at the top", file=path)
    at = max(filled, key=lambda i: _score(rows[i], known))
    if not _score(rows[at], known):
        return filled[0]
    for other in (at - 1, at + 1):
        if 0 <= other < len(rows) and _belong_together(rows[at], rows[other], known, other > at):
            first, second = sorted((ends[at], ends[other]))
            raise InputError(
                f"the header is spread over lines {first} and {second} (merged cells); keep one row of column names",
                file=path,
                line=second,
            )
    return at


def _belong_together(header: list[str], other: list[str], known: Known, below: bool) -> bool:
    """Whether a row completes the header: names stand where the header has none, and nothing below its names."""
    pairs = [(name, cell) for name, cell in zip(header, other, strict=False) if cell.strip()]
    if below and any(known(name) for name, _cell in pairs):
        return False
    return any(known(cell) and not (known(name) if below else name.strip()) for name, cell in pairs)


def _score(row: Sequence[str], known: Known) -> int:
    return sum(1 for cell in row if cell.strip() and known(cell))


def _trimmed(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return pc.utf8_trim_whitespace(column.fill_null(""))


def _without_empty(table: Tabular) -> Tabular:
    filled = np.zeros(len(table.lines), dtype=bool)
    for column in table.columns:
        filled |= pc.not_equal(column, "").to_numpy(zero_copy_only=False)
        if filled.all():
            return table
    if table.lon is not None:
        filled |= np.isfinite(table.lon)
    return _kept(table, filled)


def _kept(table: Tabular, keep: np.ndarray) -> Tabular:
    mask = pa.array(keep)
    table.columns = [column.filter(mask) for column in table.columns]
    table.lines = table.lines[keep]
    if table.lon is not None:
        table.lon, table.lat = table.lon[keep], table.lat[keep]
    return table
