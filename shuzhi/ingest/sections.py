"""Lists of sections of surface water (断面), with position, river and target class."""

from pathlib import Path

import pandas as pd

from shuzhi.ingest.files import TextFile, read
from shuzhi.ingest.numbers import MISSING
from shuzhi.ingest.parsed import Parsed
from shuzhi.ingest.position import Fault, position
from shuzhi.ingest.rejects import BAD_CLASS, BAD_CODE, BAD_FLAG, CONFLICT, NO_NAME, NOT_A_NUMBER, Rejects
from shuzhi.ingest.sheet import Sheet, read_sheet
from shuzhi.registry.outlines import contradicts
from shuzhi.registry.sections import GIVEN
from shuzhi.registry.stations import normal_city
from shuzhi.standards import water

NAMES = {
    "name": ("断面名称", "站点名称", "name", "section"),
    "code": ("断面编码", "站点编码", "code"),
    "province": ("省份", "省级行政区", "province"),
    "city": ("城市", "地级行政区", "city"),
    "district": ("区县", "district"),
    "basin": ("流域", "basin"),
    "river": ("河流", "所在水体", "river"),
    "lon": ("经度", "lon", "longitude", "lng"),
    "lat": ("纬度", "lat", "latitude"),
    "target_class": ("目标类别", "水质目标", "考核目标", "target_class", "target"),
    "lake": ("水体类型", "body"),
    "sequence": ("上下游序号", "sequence"),
}

_BODIES = {"河流": False, "river": False, "湖库": True, "湖泊": True, "水库": True, "lake": True}


def parse(path: Path | str) -> Parsed:
    """Read a list of sections.

    A cell with a fault (coordinates outside China or swapped, an unknown class) is rejected and the rest of its row is
    taken; a row without name, or whose name and province stand there already with other content, is rejected. A
    position in another city than the row names is taken, with a warning among the notes: one of the two is wrong, and
    the file does not tell which.

    Returns
    -------
    Parsed
        ``rows``: name, code and ``registry.sections.GIVEN``, None where the file says nothing.

    Raises
    ------
    InputError
        If the file can't be read or lacks a needed column.
    """
    text = read(path)
    rejects = Rejects(text.name)
    sheet = read_sheet(text, NAMES, ["name"], rejects)
    rows: dict[tuple, dict] = {}
    lines: dict[tuple, int] = {}
    duplicates = 0
    for line, cells in zip(sheet.rows.index, sheet.rows.to_dict("records"), strict=True):
        row = _Row(sheet, rejects, line, cells).read()
        if row is None:
            continue
        key = (row["name"], (row["province"] or "")[:2])
        if key not in rows:
            rows[key], lines[key] = row, line
        elif rows[key] == row:
            duplicates += 1
        else:
            detail = f"the section stands in line {lines[key]} with other content; the first is kept"
            head = sheet.heads["name"]
            rejects.add(CONFLICT, detail, line=line, column=head, station=row["name"], raw=",".join(cells.values()))
    table = pd.DataFrame(list(rows.values()), columns=["name", "code", *GIVEN], dtype=object)
    return Parsed(
        rows=table,
        rejected=rejects,
        lines=len(sheet.rows),
        rows_in=len(sheet.rows),
        duplicates=duplicates,
        notes=[*sheet.notes, *_warnings(text, rows, lines)],
    )


def _warnings(text: TextFile, rows: dict[tuple, dict], lines: dict[tuple, int]) -> list[str]:
    """Positions to be looked at: in another city than the one named, or not there."""
    found = []
    for key, row in rows.items():
        if row["lon"] is None or row["city"] is None:
            continue
        other = contradicts(row["city"], row["lon"], row["lat"])
        if other:
            place = f"{row['lon']:g}, {row['lat']:g} lies in {other}, not in {row['city']}"
            found.append(f"{text.name}: line {lines[key]}, {row['name']}: {place}; check the position")
    nowhere = [row["name"] for row in rows.values() if row["lon"] is None]
    if nowhere:
        names = ", ".join(nowhere[:3]) + (" …" if len(nowhere) > 3 else "")
        found.append(f"{text.name}: {len(nowhere)} sections without coordinates ({names})")
    return found


class _Row:
    """Reads one row; what can't be read is rejected."""

    def __init__(self, sheet: Sheet, rejects: Rejects, line: int, cells: dict[str, str]):
        self._heads, self._rejects, self._line, self._cells = sheet.heads, rejects, line, cells

    def read(self) -> dict | None:
        """The row with its types, or None after it was rejected."""
        name, code = self._cells["name"], self._text("code")
        if not name:
            return self._reject(Fault(NO_NAME, "", "name"))
        if len(name) > 64 or (code and len(code) > 64):
            return self._reject(Fault(BAD_CODE, "at most 64 characters", "code" if code else "name"))
        lon, lat = self._tried(self._position) or (None, None)
        return {
            "name": name,
            "code": code,
            **{field: self._text(field) for field in ("province", "district", "basin", "river")},
            "city": normal_city(self._text("city")),
            "lon": lon,
            "lat": lat,
            "target_class": self._tried(self._target),
            "lake": self._tried(self._lake),
            "sequence": self._tried(self._sequence),
        }

    def _tried(self, read):
        try:
            return read()
        except Fault as fault:
            return self._reject(fault)

    def _reject(self, fault: Fault) -> None:
        reason, detail, column = fault.args
        self._rejects.add(
            reason,
            detail,
            line=self._line,
            column=self._heads.get(column),
            station=self._cells["name"] or None,
            raw=",".join(self._cells.values()),
        )

    def _text(self, column: str) -> str | None:
        cell = self._cells.get(column, "")
        return None if cell in MISSING else cell

    def _position(self) -> tuple[float | None, float | None]:
        if "lon" not in self._heads or "lat" not in self._heads:
            return None, None
        return position(self._cells["lon"], self._cells["lat"])

    def _target(self) -> int | None:
        cell = self._text("target_class")
        if cell is None:
            return None
        number = int(water.class_number([cell])[0])
        if not number:
            raise Fault(BAD_CLASS, f"{cell}: one of {' '.join(water.ROMAN)} is needed", "target_class")
        return number

    def _lake(self) -> bool | None:
        cell = self._text("lake")
        if cell is not None and cell.casefold() not in _BODIES:
            raise Fault(BAD_FLAG, f"{cell}: one of {', '.join(_BODIES)} is needed", "lake")
        return None if cell is None else _BODIES[cell.casefold()]

    def _sequence(self) -> int | None:
        cell = self._text("sequence")
        if cell is not None and not (cell.isdecimal() and len(cell) < 10):
            raise Fault(NOT_A_NUMBER, "a whole number is needed", "sequence")
        return None if cell is None else int(cell)
