"""Lists of monitoring stations (监测站点), with the columns of the national list."""

from pathlib import Path

import pandas as pd

from shuzhi.ingest.files import read
from shuzhi.ingest.parsed import Parsed
from shuzhi.ingest.position import Fault, position
from shuzhi.ingest.rejects import (
    BAD_CODE,
    BAD_FLAG,
    CONFLICT,
    NO_CODE,
    Rejects,
)
from shuzhi.ingest.sheet import Sheet, read_sheet
from shuzhi.registry.stations import GIVEN, NETWORKS, normal_city

NAMES = {
    "code": ("监测点编码", "站点编码", "code", "station", "site", "station_code"),
    "name": ("监测点名称", "站点名称", "name", "station_name"),
    "city": ("城市", "city"),
    "lon": ("经度", "lon", "longitude", "lng"),
    "lat": ("纬度", "lat", "latitude"),
    "background": ("对照点", "background"),
    "province": ("省级行政区", "省份", "province"),
    "prefecture": ("地级行政区", "prefecture"),
    "network": ("网络", "所属网络", "network"),
    "district": ("区县", "district"),
    "evaluation": ("评价点", "参评", "evaluation"),
}
NEEDED = ("code", "name", "city", "lon", "lat", "background")

_FLAGS = {"Y": True, "YES": True, "是": True, "1": True, "TRUE": True}
_FLAGS |= {"N": False, "NO": False, "否": False, "0": False, "FALSE": False}


def parse(path: Path | str) -> Parsed:
    """Read a list of stations.

    A row with a fault (no code, coordinates outside China or swapped, a code that is there twice with different
    content, an unknown flag or network) is rejected; nothing is guessed. A station without coordinates is taken.

    Returns
    -------
    Parsed
        ``rows``: ``code`` and ``registry.stations.GIVEN``, None where the file says nothing.

    Raises
    ------
    InputError
        If the file can't be read or lacks a needed column.
    """
    text = read(path)
    rejects = Rejects(text.name)
    sheet = read_sheet(text, NAMES, NEEDED, rejects)
    rows: dict[str, dict] = {}
    seen: dict[str, int] = {}
    duplicates = 0
    for line, cells in zip(sheet.rows.index, sheet.rows.to_dict("records"), strict=True):
        row = _Row(sheet, rejects, line, cells).checked()
        if row is None:
            continue
        code = row["code"]
        if code not in rows:
            rows[code], seen[code] = row, line
        elif rows[code] == row:
            duplicates += 1
        else:
            detail = f"the code stands in line {seen[code]} with other content; the first is kept"
            rejects.add(CONFLICT, detail, line=line, column=sheet.heads["code"], station=code, raw=_raw(cells))
    notes = list(sheet.notes)
    nowhere = [code for code, row in rows.items() if row["lon"] is None]
    if nowhere:
        notes.append(f"{text.name}: {len(nowhere)} stations without coordinates ({', '.join(nowhere[:3])} …)")
    table = pd.DataFrame(list(rows.values()), columns=["code", *GIVEN], dtype=object)
    return Parsed(
        rows=table,
        rejected=rejects,
        lines=len(sheet.rows),
        rows_in=len(sheet.rows),
        duplicates=duplicates,
        notes=notes,
    )


def _raw(cells: dict) -> str:
    return ",".join(cells.values())


class _Row:
    """Checks one row."""

    def __init__(self, sheet: Sheet, rejects: Rejects, line: int, cells: dict[str, str]):
        self._heads, self._rejects, self._line, self._cells = sheet.heads, rejects, line, cells

    def checked(self) -> dict | None:
        """The row with its types, or None after it was rejected."""
        try:
            return self._read()
        except Fault as fault:
            reason, detail, column = fault.args
            head = self._heads.get(column)
            self._rejects.add(
                reason, detail, line=self._line, column=head, station=self._cells["code"] or None, raw=_raw(self._cells)
            )
            return None

    def _read(self) -> dict:
        code = self._cells["code"]
        if not code:
            raise Fault(NO_CODE, "", "code")
        if len(code) > 64 or any(c.isspace() for c in code):
            raise Fault(BAD_CODE, "a code has no blanks and at most 64 characters", "code")
        lon, lat = position(self._cells["lon"], self._cells["lat"])
        return {
            "code": code,
            "name": self._text("name"),
            "city": normal_city(self._text("city") or self._text("prefecture")),
            "province": self._text("province"),
            "district": self._text("district"),
            "network": self._network(),
            "lon": lon,
            "lat": lat,
            "background": self._flag("background"),
            "evaluation": self._flag("evaluation"),
        }

    def _text(self, column: str) -> str | None:
        return self._cells.get(column) or None

    def _network(self) -> str | None:
        cell = self._text("network")
        if cell is None:
            return None
        network = NETWORKS.get(cell, cell.lower())
        if network not in NETWORKS.values():
            raise Fault(BAD_FLAG, f"{cell}: one of {', '.join([*NETWORKS, *NETWORKS.values()])} is needed", "network")
        return network

    def _flag(self, column: str) -> bool | None:
        cell = self._text(column)
        if cell is None:
            return None
        if cell.upper() not in _FLAGS:
            raise Fault(BAD_FLAG, f"{cell}: Y or N is needed", column)
        return _FLAGS[cell.upper()]
