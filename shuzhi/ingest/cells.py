"""The cells of a register's delivery, read a column at a time; what can't be read is rejected and its row stays."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.errors import InputError
from shuzhi.ingest.coordinates import System
from shuzhi.ingest.numbers import MISSING, to_numbers
from shuzhi.ingest.parsed import Parsed
from shuzhi.ingest.position import positions, within_china
from shuzhi.ingest.rejects import BAD_WORD, CONFLICT, NEGATIVE, NOT_A_NUMBER, OUT_OF_RANGE, Rejects
from shuzhi.ingest.tabular import Tabular, open_table
from shuzhi.ingest.template import Match, Matcher, Template, plain
from shuzhi.registry.names import names_of

NOTHING = (*MISSING, "无", "#N/A", "空", "未知", "不详")
"""Cells that say “nothing stands here”."""

_MANY = 1000
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_MASS = {"t": 1.0, "吨": 1.0, "kg": 1e-3, "千克": 1e-3, "公斤": 1e-3, "g": 1e-6, "克": 1e-6, "万t": 1e4, "万吨": 1e4}
_UNITS = {
    "t/a": {unit + every: factor for unit, factor in _MASS.items() for every in ("", "/a", "/年", "/y", "/yr")},
    "kW": {"kw": 1.0, "千瓦": 1.0, "w": 1e-3, "瓦": 1e-3, "马力": 0.7355, "ps": 0.7355, "hp": 0.7457},
}
"""Unit of the register → units that a header may name, in it."""

_UNIT_LIKE = r"[a-z/%]|[吨克斤瓦]|马力"


class Cells:
    """The columns of a file by what they mean.

    Parameters
    ----------
    table : Tabular
    template : Template
    key : sequence of str
        Fields that name a row in messages, the best first.
    rejects : Rejects
        What has been rejected of the file already; more comes to it.

    Raises
    ------
    InputError
        If a needed column is missing or there twice.
    """

    def __init__(self, table: Tabular, template: Template, key: Iterable[str], rejects: Rejects):
        self._table, self._template, self._rejects, self.warnings = table, template, rejects, Rejects(table.name)
        self.lines = table.lines
        where = {"file": table.path, "line": table.head_line or None}
        fields = dict(template.fields)
        if table.lon is not None:
            fields = {name: known for name, known in fields.items() if name not in ("lon", "lat")}
        self._matches, unknown = Matcher(Template(fields)).match(table.heads, where)
        self.notes = list(table.notes)
        if unknown:
            self.notes.append(f"{table.name}: columns not used: {', '.join(unknown)}")
        self._key = next((name for name in key if name in self._matches), None)

    def __len__(self) -> int:
        return len(self._table.lines)

    def __contains__(self, name: str) -> bool:
        return name in self._matches

    def parsed(self, rows: pa.Table, duplicates: int) -> Parsed:
        """What the file is for the store: the rows that became of it, and all that was noted on the way."""
        return Parsed(
            rows=rows,
            rejected=self._rejects.in_order(),
            lines=len(self),
            rows_in=len(self),
            duplicates=duplicates,
            notes=self.notes,
            warnings=self.warnings.in_order(),
        )

    @property
    def year(self) -> int | None:
        """The year that the headers of amounts name, if it is one only."""
        years = {match.year for match in self._matches.values() if match.year}
        return years.pop() if len(years) == 1 else None

    def text(self, name: str) -> pa.Array:
        """A column of text, null where nothing stands."""
        cells = self._cells(name)
        return pc.if_else(pc.is_in(cells, value_set=pa.array(NOTHING)), None, cells)

    def code(self, name: str) -> pa.Array:
        """A column of codes: full-width forms folded, capitals, no blanks."""
        cells = self.text(name)
        return pc.replace_substring_regex(pc.utf8_upper(pc.utf8_normalize(cells, form="NFKC")), r"\s+", "")

    def meant(self, name: str, meaning: Callable[[str], str | None], reason: str, detail: str = "") -> pa.Array:
        """A column of words as what they mean.

        Parameters
        ----------
        meaning : callable
            From the word as it stands; None where it is unknown. Asked once for each different word.
        reason, detail : str
            For the cells that are rejected because their word is unknown.
        """
        cells = self.text(name)
        own = self._template.fields[name].values if name in self._template.fields else {}
        words = cells.dictionary_encode()
        meanings = [own.get(plain(word)) or meaning(word) for word in words.dictionary.to_pylist()]
        found = pa.array(meanings, pa.string()).take(words.indices)
        unknown = pc.and_(pc.is_valid(cells), pc.is_null(found)).to_numpy(zero_copy_only=False)
        self.reject(np.flatnonzero(unknown), name, reason, detail)
        return found

    def listed(self, name: str, codes: str) -> pa.Array:
        """A column of words of a code list of ``data/registers``, as codes; unknown ones are rejected."""
        words, names = words_of(codes), " / ".join(names_of(codes)["name_zh"])
        return self.meant(name, lambda word: words.get(plain(word)), BAD_WORD, f"one of {names} is needed")

    def amounts(self, name: str, highest: float, unit: str) -> np.ndarray:
        """A column of amounts, not negative, in the register's unit.

        Parameters
        ----------
        highest : float
            More than this can't be.
        unit : 't/a' or 'kW'

        Returns
        -------
        float array
            NaN where nothing stands or the cell was rejected.
        """
        if name not in self:
            return np.full(len(self), np.nan)
        values, bad = _numbers(self._cells(name))
        factor = self._factor(name, unit)
        self.reject(np.flatnonzero(bad), name, NOT_A_NUMBER)
        values = values * factor
        with np.errstate(invalid="ignore"):
            negative, high = values < 0, values > highest
        self.reject(np.flatnonzero(negative), name, NEGATIVE)
        self.reject(np.flatnonzero(high), name, OUT_OF_RANGE, f"more than {highest:g} {unit}")
        return np.where(negative | high, np.nan, values)

    def whole(self, name: str, low: int, high: int) -> pa.Array:
        """A column of whole numbers between two; null where nothing stands or the cell was rejected."""
        if name not in self:
            return pa.nulls(len(self), pa.int16())
        values, bad = _numbers(pc.replace_substring_regex(self._cells(name), "年度?$", ""))
        self.reject(np.flatnonzero(bad), name, NOT_A_NUMBER)
        with np.errstate(invalid="ignore"):
            out = ~np.isnan(values) & ~((values >= low) & (values <= high) & (values == np.floor(values)))
        self.reject(np.flatnonzero(out), name, OUT_OF_RANGE, f"a whole number from {low} to {high} is needed")
        good = ~np.isnan(values) & ~out
        return pa.array(np.where(good, values, 0).astype(np.int16), mask=~good)

    def position(self, system: System) -> tuple[np.ndarray, np.ndarray]:
        """Longitudes and latitudes in WGS 84, NaN where nothing stands or the cells were rejected."""
        if self._table.lon is not None:
            x, y, faults = within_china(self._table.lon, self._table.lat)
            lon, lat = (pa.array(values).cast(pa.string()) for values in (self._table.lon, self._table.lat))
        elif "lon" in self and "lat" in self:
            lon, lat = self._cells("lon"), self._cells("lat")
            x, y, faults = positions(lon, lat, system)
        else:
            return np.full(len(self), np.nan), np.full(len(self), np.nan)
        raw = pc.binary_join_element_wise(lon, lat, ",")
        for (reason, detail), rows in faults.items():
            self.reject(rows, "lon", reason, detail, raw)
        return x, y

    def reject(
        self,
        rows: np.ndarray,
        name: str | None,
        reason: str,
        detail: str = "",
        raw: pa.Array | None = None,
        expected: bool = False,
    ) -> None:
        """Send cells of a column to quarantine, or whole rows where no column is named.

        Parameters
        ----------
        expected : bool
            Whether it can happen to all rows of a good file.

        Raises
        ------
        InputError
            If most of a long column is bad: the column is not what its header says.
        """
        if not len(rows):
            return
        match = self._matches.get(name)
        raws = self._raws(rows, name, raw)
        if match and not expected and len(rows) > max(_MANY, len(self) / 2):
            raise InputError(
                f"{len(rows):,} of {len(self):,} cells can't be used ({reason}; “{raws[0][:40]}”); "
                "check what the column holds, or name another one in a template (--template)",
                file=self._table.path,
                line=int(self.lines[rows[0]]),
                column=match.head,
            )
        head = match.head if match else None
        self._rejects.add_all(reason, detail, head, self.lines[rows], self._stations(rows), raws)

    def warn(self, rows: np.ndarray, name: str, reason: str, raw: pa.Array | None = None) -> None:
        """Note rows that were taken in and should be looked at."""
        if len(rows):
            match = self._matches.get(name)
            raws, head = self._raws(rows, name, raw), match.head if match else None
            self.warnings.add_all(reason, "", head, self.lines[rows], self._stations(rows), raws)

    def _raws(self, rows: np.ndarray, name: str | None, raw: pa.Array | None) -> list[str]:
        if raw is None and name in self:
            raw = self._cells(name)
        if raw is None:
            return [self._table.raw(int(at)) for at in rows]
        return raw.take(pa.array(rows)).fill_null("").to_pylist()

    def _stations(self, rows: np.ndarray) -> list[str | None]:
        return [None] * len(rows) if self._key is None else self.text(self._key).take(pa.array(rows)).to_pylist()

    def _cells(self, name: str) -> pa.Array:
        match: Match | None = self._matches.get(name)
        return pa.array([""] * len(self), pa.string()) if match is None else self._table.columns[match.place]

    def _factor(self, name: str, wanted: str) -> float:
        match, units = self._matches[name], _UNITS[wanted]
        if match.unit in units:
            return units[match.unit]
        if re.search(_UNIT_LIKE, match.unit):  # “（合计）” is none
            raise InputError(
                f"unknown unit “{match.unit}”; an amount in {wanted} is needed, or in {', '.join(units)}",
                file=self._table.path,
                line=self._table.head_line or None,
                column=match.head,
            )
        return units.get(plain(self._template.fields[name].unit), 1.0)


def cells_of(path: Path | str, template: Template, key: Iterable[str], sheet: str | None = None) -> Cells:
    """Open a file and find its columns; parameters as for :class:`Cells` and :func:`tabular.open_table`."""
    rejects = Rejects(Path(path).name)
    table = open_table(path, Matcher(template).field_of, rejects, sheet)
    rejects.file = table.name
    return Cells(table, template, key, rejects)


@cache
def words_of(register: str) -> Mapping[str, str]:
    """Every word of a code list of ``data/registers`` → its code; words as :func:`template.plain` gives them."""
    words = {}
    for row in names_of(register).itertuples():
        for word in (row.Index, row.name_zh, row.name_en, *row.words.split("|")):
            words.setdefault(plain(word), row.Index)
    words.pop("", None)
    return words


def without_repetitions(rows: pa.Table, cells: Cells, key: str) -> tuple[pa.Table, int]:
    """Rows unique by their key: the first is kept, an equal one dropped, a different one rejected; none without key.

    Returns
    -------
    rows : pyarrow.Table
    repeated : int
        Number of equal ones.
    """
    places, _keys = pd.factorize(rows[key].to_pandas())
    order = np.arange(len(places))
    first = pd.Series(order).groupby(places).transform("first").to_numpy()
    later = np.flatnonzero((first != order) & (places >= 0))
    equal = np.ones(len(later), dtype=bool)
    for column in rows.columns:
        mine, its = column.take(pa.array(later)).to_pandas(), column.take(pa.array(first[later])).to_pandas()
        equal &= ((mine == its) | (mine.isna() & its.isna())).to_numpy(dtype=bool)
    for at in later[~equal]:
        line = cells.lines[first[at]]
        detail = f"{rows[key][int(at)]} stands in line {line} with other content; the first is kept"
        cells.reject(np.array([at]), None, CONFLICT, detail)
    keep = places >= 0
    keep[later] = False
    return rows.filter(pa.array(keep)), int(equal.sum())


def where_true(mask: pa.Array) -> np.ndarray:
    """Rows where a mask is true; null is not."""
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))


def _numbers(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of cells, also full-width ones and with separators of thousands; NaN and True where there is none."""
    values, bad = to_numbers(cells)
    if bad.any():
        folded = pc.utf8_normalize(cells, form="NFKC")
        separated = pc.match_substring_regex(folded, _THOUSANDS)
        folded = pc.if_else(separated, pc.replace_substring(folded, ",", ""), folded)
        values, bad = to_numbers(pc.if_else(pc.is_in(folded, value_set=pa.array(NOTHING)), "", folded))
    return values, bad
