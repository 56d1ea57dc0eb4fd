"""Whether a file is what its name says (内容检查), before a reader opens it: readers follow the content, not the name.

A layer named ``.geojson`` that is a virtual data set would make its reader open any file of this machine or any host; a
small workbook can unpack to more than the memory.
"""

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shuzhi.errors import InputError
from shuzhi.ingest.files import MAX_BYTES

MOST_UNPACKED = 2 * MAX_BYTES
"""Bytes that a zip file may unpack to."""
MOST_TIMES, FREE = 200, 100 << 20
"""Times its size to which a zip file may unpack, from so many bytes on; a real table of numbers unpacks to 5 to 60
times."""
MOST_MEMBERS = 10_000

_BEGINNING = 100  # bytes; the mark of a GeoPackage stands at 68
_SHAPE = b"\x00\x00\x27\x0a"
_GEOPACKAGE = (b"GPKG", b"GP10", b"GP11")
_PIPELINE = b"gdal_streamed_alg"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Kind:
    """A kind of file: what it is called, the endings of its name, and what is asked of it besides its beginning."""

    said: str
    endings: tuple[str, ...]
    check: Callable[[Path], None]


def check(path: Path | str) -> None:
    """Look at a file that comes from outside.

    A file that is missing or empty passes: its reader says so.

    Raises
    ------
    InputError
        If its content does not fit the ending of its name, it holds macros, it is damaged, or it unpacks to too much.
    """
    path = Path(path)
    beginning = _beginning(path)
    if not beginning:
        return
    kind, ending = _kind(path, beginning), path.suffix.lower()
    if ending not in kind.endings and any(ending in other.endings for other in KINDS):
        raise InputError(
            f"its name ends in {ending}, but it is {kind.said}; save it as what its name says, or name it"
            f" {' or '.join(kind.endings)} if it is meant to be one",
            file=path,
        )
    kind.check(path)


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_BEGINNING)
    except (OSError, ValueError):
        return b""


def _kind(path: Path, beginning: bytes) -> Kind:
    """What it is, by its first bytes."""
    if beginning.startswith(b"PK\x03\x04"):
        return _WORKBOOK if b"[Content_Types].xml" in _names(path) else _ARCHIVE
    for kind, mark in _MARKS.items():
        if beginning.startswith(mark):
            return kind
    if b"\0" in beginning:
        return _UNKNOWN
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _JSON if text.startswith(b"{") else _TEXT


def _names(path: Path) -> list[bytes]:
    with _opened(path) as archive:
        return [name.encode(errors="replace") for name in archive.namelist()]


# What is asked of each kind


def _nothing(_path: Path) -> None:
    """Its reader sees what is wrong."""


def _workbook(path: Path) -> None:
    with _opened(path) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" not in names:
            raise InputError("a document of another office program than Excel; save the table as xlsx", file=path)
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise InputError("the workbook holds macros; save it as xlsx without them", file=path)
        _measure(archive, path)


def _archive(path: Path) -> None:
    """A zipped Shapefile: anything else in it would be opened by whichever reader takes it."""
    with _opened(path) as archive:
        shapes = [name for name in archive.namelist() if name.lower().endswith(".shp")]
        if not shapes:
            raise InputError("a zip archive without a Shapefile (.shp) in it; unpack it and give the file", file=path)
        _measure(archive, path)
        for name in shapes:
            with archive.open(name) as file:
                if file.read(len(_SHAPE)) != _SHAPE:
                    raise InputError(f"{name} in it is not a Shapefile; export it anew", file=path)


def _geopackage(path: Path) -> None:
    if _beginning(path)[68:72] not in _GEOPACKAGE:
        raise InputError("an SQLite database, but not a GeoPackage; export the layer as GeoPackage", file=path)


def _parquet(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        if file.read() != b"PAR1":
            raise InputError("the Parquet file ends too early; copy it again", file=path)


def _json(path: Path) -> None:
    """GeoJSON; the pipelines that its library also takes may read other files."""
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if _PIPELINE in rest + chunk:
                raise InputError("a processing pipeline, not a layer; export the layer as GeoJSON", file=path)
            rest = chunk[-len(_PIPELINE) :]


_WORKBOOK = Kind("an Excel workbook", (".xlsx", ".xlsm"), _workbook)
_ARCHIVE = Kind("a zip archive", (".zip",), _archive)
_JSON = Kind("JSON", (".geojson", ".json"), _json)
_TEXT = Kind("text", (".csv", ".txt", ".tsv"), _nothing)
_UNKNOWN = Kind("of a kind that can't be read", _TEXT.endings, _nothing)
"""UTF-16, or no text at all: what reads text says which."""
_MARKS = {
    Kind("an old Excel workbook", (".xls",), _nothing): b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    Kind("an SQLite database or GeoPackage", (".gpkg",), _geopackage): b"SQLite format 3\0",
    Kind("a Parquet file", (".parquet", ".geoparquet"), _parquet): b"PAR1",
    Kind("a Shapefile", (".shp",), _nothing): _SHAPE,
    Kind("a gzip file", (".gz",), _nothing): b"\x1f\x8b",
    Kind("a PDF document", (".pdf",), _nothing): b"%PDF-",
}
KINDS = (_WORKBOOK, _ARCHIVE, *_MARKS, _JSON, _TEXT)


# Zip files


class _opened:
    """A zip file; whatever its reader stumbles over is an error of the file."""

    def __init__(self, path: Path):
        self._path = path

    def __enter__(self) -> zipfile.ZipFile:
        try:
            self._archive = zipfile.ZipFile(self._path)
        except _DAMAGED as error:
            raise self._damaged(error) from error
        return self._archive

    def __exit__(self, _kind, error, _trace) -> None:
        self._archive.close()
        if isinstance(error, _DAMAGED):
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError(f"the file is damaged ({error}); open and save it anew", file=self._path)


_DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error)


def _measure(archive: zipfile.ZipFile, path: Path) -> None:
    """Unpack it and count, without keeping anything: the sizes that it states itself may be lies."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise InputError(f"the file holds {len(members):,} files; give the table alone", file=path)
    most = min(MOST_UNPACKED, max(FREE, MOST_TIMES * path.stat().st_size))
    size = 0
    for member in members:
        member.file_size = most + 1  # else the reader stops where the file says it ends
        with archive.open(member) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise InputError(f"the file unpacks to more than {most >> 20} MB; split it", file=path)
