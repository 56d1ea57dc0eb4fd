"""Small tables from text files: a header, and rows that know their line."""

import csv
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.errors import InputError
from shuzhi.ingest.files import TextFile
from shuzhi.ingest.rejects import BAD_TEXT, BROKEN, TRUNCATED, Rejects

LAST_LINE_OPEN = "the last line has no line end; if the file was cut, its last value may be short"


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    Attributes
    ----------
    rows : DataFrame of str
        One column for each known column of the header; the index is the line in the file.
    heads : dict
        Known column → its name in the file, for messages.
    notes : list of str
    """

    rows: pd.DataFrame
    heads: dict[str, str]
    notes: list[str]


def read_sheet(text: TextFile, names: Mapping[str, Sequence[str]], needed: Sequence[str], rejects: Rejects) -> Sheet:
    """Split a text file into columns; lines that don't fit the header are rejected.

    Parameters
    ----------
    text : TextFile
    names : mapping
        Known column → the header names that mean it (compared without case).
    needed : sequence of str
        Known columns that must be there.
    rejects : Rejects
        Takes the lines that don't fit.

    Raises
    ------
    InputError
        If a needed column is missing or a column is there twice.
    """
    lines = text.data.decode().split("\n")
    first = next(i for i, line in enumerate(lines) if line.strip())
    mark = max(",\t;", key=lines[first].count)
    header = [cell.strip() for cell in split(lines[first], mark)]
    places = _places(text, header, names, needed, first + 1)
    notes, flat, numbers = list(text.notes), [], []
    for number, line in enumerate(lines[first + 1 :], start=first + 2):
        if not line.strip():
            continue
        cells = split(line, mark)
        if len(cells) != len(header):
            cut = number == len(lines)
            reason, detail = TRUNCATED if cut else BROKEN, f"{len(cells)} fields, {len(header)} expected"
            rejects.add(reason, detail, line=number, raw=line)
        elif "\ufffd" in line:
            rejects.add(BAD_TEXT, "save the file as UTF-8", line=number, raw=line)
        else:
            flat += cells  # not a list a line: millions of small lists are slow to collect
            numbers.append(number)
    if numbers and numbers[-1] == len(lines):
        notes.append(f"{text.name}: {LAST_LINE_OPEN}")
    unknown = [cell for i, cell in enumerate(header) if i not in places.values() and cell]
    if unknown:
        notes.append(f"{text.name}: columns not used: {', '.join(unknown)}")
    columns = {name: _trimmed(flat[i :: len(header)]) for name, i in places.items()}
    rows = pd.DataFrame(columns, index=pd.Index(numbers, name="line", dtype="int64"))
    return Sheet(rows, {name: header[i] for name, i in places.items()}, notes)


def split(line: str, mark: str = ",") -> list[str]:
    """The cells of one line; a stray quote spoils no other line."""
    if '"' not in line:
        return line.split(mark)
    try:
        return next(csv.reader([line], delimiter=mark))
    except csv.Error:
        return line.split(mark)


def _trimmed(cells: list[str]):
    return pd.array(pc.utf8_trim_whitespace(pa.array(cells, type=pa.string())).to_pandas(), dtype="str")


def _places(text: TextFile, header: list[str], names, needed, line: int) -> dict[str, int]:
    meaning = {alias.casefold(): name for name, aliases in names.items() for alias in aliases}
    places: dict[str, int] = {}
    for i, cell in enumerate(header):
        name = meaning.get(cell.casefold())
        if name in places:
            raise InputError(
                f"columns {places[name] + 1} and {i + 1} both give {name} ({header[places[name]]}, {cell}); keep one",
                file=text.path,
                line=line,
                column=i + 1,
            )
        if name:
            places[name] = i
    missing = [name for name in needed if name not in places]
    if missing:
        _refuse_header(text, header, [" / ".join(names[name]) for name in missing], meaning, line)
    return places


def _refuse_header(text: TextFile, header: list[str], missing: list[str], meaning, line: int):
    strange = [i for i, cell in enumerate(header) if cell.casefold() not in meaning]
    hint = ""
    for i in strange:
        close = difflib.get_close_matches(header[i].casefold(), list(meaning), n=1)
        if close:
            hint = f" Column {i + 1} “{header[i]}” looks like “{close[0]}”."
            break
    raise InputError(
        f"columns missing: {'; '.join(missing)}. Found: {', '.join(header)[:300]}.{hint} Correct the first line",
        file=text.path,
        line=line,
        column=strange[0] + 1 if strange else len(header),
    )
