"""Opening text files from outside: whatever Excel, an old system or a broken download made of them."""

import codecs
import zlib
from dataclasses import dataclass
from pathlib import Path

from shuzhi.errors import InputError

MAX_BYTES = 1 << 30
"""Largest text that is read, unpacked: a gzip bomb must not eat the machine."""

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"

_SIGNATURES = {
    _ZIP: "a zip archive; unpack it first and give the csv file inside",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook (xls); open it and save it as “CSV UTF-8”",
    _GZIP: "a gzip file inside a gzip file; unpack it once first",
    b"%PDF-": "a PDF document; ask for the data as csv",
    b"PAR1": "a Parquet file; export it as csv",
    b"SQLite format 3": "an SQLite database; export the table as csv",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    codecs.BOM_UTF16_LE: "text in UTF-16; save it as “CSV UTF-8”",
    codecs.BOM_UTF16_BE: "text in UTF-16; save it as “CSV UTF-8”",
}


@dataclass(frozen=True)
class TextFile:
    """A text file, decoded.

    Attributes
    ----------
    path : Path
    name : str
        The name that messages and the quarantine give it.
    data : bytes
        UTF-8 without byte order mark; lines end with a line feed.
    whole : bool
        False when the file visibly ends too early (a cut gzip stream).
    notes : tuple of str
        What the reader should know, for instance that the file was in GBK.
    """

    path: Path
    name: str
    data: bytes
    whole: bool = True
    notes: tuple[str, ...] = ()

    def lines(self) -> list[bytes]:
        """The lines; the last element is empty when the file ends with a line end."""
        return self.data.split(b"\n")


def read(path: Path | str, name: str | None = None) -> TextFile:
    """Read a text file, plain or gzip, in UTF-8 or GB18030 (GBK).

    Raises
    ------
    InputError
        If there is no such file, it is empty, or it is not text.
    """
    path = Path(path)
    name = name or path.name
    data, whole, notes = _bytes(path), True, []
    if data.startswith(_GZIP):
        data, whole = _gunzip(data, path)
        if not whole:
            notes.append(f"{name}: the gzip stream ends early; what came before was read")
    _refuse_binary(data, path)
    text, note = _decode(data)
    if note:
        notes.append(f"{name}: {note}")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError("the file is empty; nothing to import", file=path)
    return TextFile(path, name, text.encode(), whole, tuple(notes))


def _bytes(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise InputError(f"the file is larger than {MAX_BYTES >> 20} MB; split it", file=path)
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("there is no such file; check the path", file=path) from None
    except IsADirectoryError:
        raise InputError("this is a folder; give a file", file=path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"the file can't be read ({error}); check its rights", file=path) from error


def _gunzip(data: bytes, path: Path) -> tuple[bytes, bool]:
    """Unpack as far as the stream goes; several members in a row are one file."""
    stream, parts, size = zlib.decompressobj(wbits=31), [], 0
    for start in range(0, len(data), 1 << 16):
        packed = data[start : start + (1 << 16)]
        while packed:
            if stream.eof:
                stream = zlib.decompressobj(wbits=31)
            try:
                parts.append(stream.decompress(packed))
            except zlib.error:
                return b"".join(parts), False
            size += len(parts[-1])
            if size > MAX_BYTES:
                raise InputError(f"the file unpacks to more than {MAX_BYTES >> 20} MB; split it", file=path)
            packed = stream.unused_data.lstrip(b"\0")
    return b"".join(parts), stream.eof


def _refuse_binary(data: bytes, path: Path) -> None:
    for signature, meaning in _SIGNATURES.items():
        if data.startswith(signature):
            if signature == _ZIP and b"[Content_Types].xml" in data[:4096]:
                meaning = "an Excel workbook (xlsx); open it and save it as “CSV UTF-8”"
            raise InputError(f"this is not a text file: it looks like {meaning}", file=path)
    if (position := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, position) + 1
        raise InputError("this is not a text file: it holds NUL bytes; export the data as csv", file=path, line=line)
    if data[:256].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise InputError("this is a web page, not a table; the download probably failed, try it again", file=path)


def _decode(data: bytes) -> tuple[str, str | None]:
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        pass
    # One broken byte must not turn a whole UTF-8 file into GBK: the majority of the lines with such bytes decides.
    foreign = [line for line in data.split(b"\n") if not line.isascii()]
    if sum(map(_is_utf8, foreign)) * 2 > len(foreign):
        return data.decode(errors="replace"), "some bytes are not UTF-8; their rows went to quarantine"
    return data.decode("gb18030", errors="replace"), "read as GBK (GB18030), not UTF-8"


def _is_utf8(line: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line)  # a character cut at the end is no error
    except UnicodeDecodeError:
        return False
    return True
