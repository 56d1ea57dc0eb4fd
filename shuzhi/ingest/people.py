"""Staff lists (人员表): organisations, people, duties and responsibilities, each a sheet of a workbook or a file.

What a sheet is of is told by its name (机构, 人员, 值班, 责任区), else by its header. A row that lacks what it is known
by, or names what nobody knows, goes to quarantine. Of what stood there names and phones are not kept: quarantine is
read by people who may not see them.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.access import masks
from shuzhi.errors import InputError
from shuzhi.ingest.cells import Cells
from shuzhi.ingest.rejects import (
    BAD_DAY,
    BAD_PHONE,
    BAD_PLACE,
    BAD_TEXT_LENGTH,
    BAD_UNIT,
    CONFLICT,
    NO_KEY,
    NOT_TAKEN,
    UNKNOWN_STREET,
    Reject,
    Rejects,
)
from shuzhi.ingest.tabular import Tabular, open_table, sheets
from shuzhi.ingest.template import Matcher, Template, load, plain
from shuzhi.ingest.whereabouts import Whereabouts
from shuzhi.registry import staffing
from shuzhi.registry.organisations import LONGEST
from shuzhi.registry.people import spelled_phone
from shuzhi.registry.reach import PLACES, Spot, spots
from shuzhi.registry.responsibilities import EVERYTHING
from shuzhi.registry.staffing import PARTS, DutyRow, OrganisationRow, PersonRow, ResponsibilityRow, Staff
from shuzhi.store import Home, Scope

SHEETS = {"organisations": "机构", "people": "人员", "duties": "值班", "responsibilities": "责任区"}
"""Part → name of its sheet."""

_NAMES = {
    "organisations": ("机构", "机构表", "组织", "组织机构", "organisations"),
    "people": ("人员", "人员表", "通讯录", "people"),
    "duties": ("值班", "值班表", "排班", "排班表", "duties"),
    "responsibilities": ("责任区", "责任区表", "责任", "网格责任", "responsibilities"),
}
_KEYS = {
    "organisations": ("name",),
    "people": ("code",),
    "duties": ("day", "code"),
    "responsibilities": ("place", "code"),
}
"""What a row is known by; the last names it in messages."""
_WHOLE = "whole"
_OTHER = "not read, it is no list of staff"
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+0{1,2}:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_EXCEL = dt.date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial days (from 1900-03-01 on)."""


@dataclass
class Read:
    """What a file says, and what could not be read.

    Attributes
    ----------
    staff : Staff
    places : list
        Where each row stood, by its number: file, line, and the staff number or the organisation's name.
    rejected, warnings : list of Reject
    lines, rows_in, duplicates : int
    notes : list of str
    """

    staff: Staff = field(default_factory=Staff)
    places: list[tuple[str, int, str]] = field(default_factory=list)
    rejected: list[Reject] = field(default_factory=list)
    warnings: list[Reject] = field(default_factory=list)
    lines: int = 0
    rows_in: int = 0
    duplicates: int = 0
    notes: list[str] = field(default_factory=list)

    def refuse(self, refused: list[staffing.Refusal]) -> None:
        """Add the rows that the registers did not take."""
        for one in refused:
            file, line, key = self.places[one.at]
            self.rejected.append(Reject(file, line, None, key, f"{NOT_TAKEN}: {one.why}", key))


def parse(home: Home, path: Path | str, sheet: str | None = None) -> Read:
    """Read a file.

    Parameters
    ----------
    sheet : str, optional
        Only this sheet of a workbook.

    Raises
    ------
    InputError
        If the file can't be read, no sheet is one of the four, or one lacks a needed column.
    """
    path = Path(path)
    read, known = Read(), _Known(Whereabouts.of(home), spots(home))
    names = [sheet] if sheet else _chosen(sheets(path), path, read)
    found = [one for name in names if (one := _opened(path, name, read, alone=len(names) == 1))]
    if not found:
        wanted = "; ".join(f"{SHEETS[part]}: {_needed(part)}" for part in PARTS)
        raise InputError(f"no sheet of organisations, people, duties or responsibilities ({wanted})", file=path)
    for part, table, rejects in sorted(found, key=lambda one: PARTS.index(one[0])):
        _Sheet(part, table, rejects, read, known).read()
    return read


def _chosen(names: list[str], path: Path, read: Read) -> list[str | None]:
    """The sheets to read: those that are called as they should be, or else all; a file without sheets is one."""
    called = [name for name in names if _part_named(name)]
    if called:
        read.notes += [f"{path.name}[{name}]: {_OTHER}" for name in names if name not in called]
    return called or names or [None]


def _part_named(sheet: str | None) -> str | None:
    return next((part for part, names in _NAMES.items() if sheet and plain(sheet) in names), None)


def preview(home: Home, scope: Scope, path: Path | str, sheet: str | None = None) -> tuple[staffing.Taken, Read]:
    """What taking a file in would change, and what could not be taken in; nothing is written.

    Raises
    ------
    ScopeError
        If people may not be changed.
    InputError
        As `parse`.
    """
    scope.require("people", "change")
    read = parse(home, path, sheet)
    taken = staffing.take(home, scope, read.staff, Path(path).name, preview=True)
    read.refuse(taken.refused)
    return taken, read


@dataclass(frozen=True)
class _Known:
    """What rows may name."""

    where: Whereabouts
    spots: dict[tuple[str, str], Spot]

    def place(self, kind: str | None, text: str) -> tuple[str, str] | None:
        """Kind and name of the place that a text means; without a kind only where one place has the name."""
        meant = [(one, name) for one in ([kind] if kind else PLACES) if (name := self._named(one, text))]
        return meant[0] if len(meant) == 1 else None

    def _named(self, kind: str, text: str) -> str | None:
        if kind == "unit":
            return self.where.unit_named(text)
        if kind == "street":
            return self.where.street_named(text)
        return text if (kind, text) in self.spots else None


def _template(part: str) -> Template:
    return load(f"people_{part}")


def _needed(part: str) -> str:
    return "、".join(known.names[0] for known in _template(part).fields.values() if known.needed)


def _opened(path: Path, sheet: str | None, read: Read, alone: bool) -> tuple[str, Tabular, Rejects] | None:
    """A sheet and what it is of; None where it is of something else, which is noted."""
    matchers = {part: Matcher(_template(part)) for part in PARTS}
    named = _part_named(sheet)
    asked = [matchers[named]] if named else list(matchers.values())
    title = f"{path.name}[{sheet}]" if sheet else path.name
    rejects = Rejects(title)

    def known(text: str) -> bool:
        return any(matcher.field_of(text) for matcher in asked)

    try:
        table = open_table(path, known, rejects, sheet)
    except InputError:
        if alone or named:
            raise
        read.notes.append(f"{title}: {_OTHER}")
        return None
    table.name = title
    part = named or _best(table, matchers)
    if part is None:
        read.notes.append(f"{title}: {_OTHER}")
        return None
    return part, table, rejects


def _best(table: Tabular, matchers: dict[str, Matcher]) -> str | None:
    """The part whose columns fit best; all that it needs must be there."""
    scores = {}
    for part, matcher in matchers.items():
        there = {matcher.field_of(head) for head in table.heads} - {None}
        needed = {name for name, known in _template(part).fields.items() if known.needed}
        scores[part] = len(there) if needed <= there else 0
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] else None


class _Sheet:
    """One sheet on its way into the rows of a part."""

    def __init__(self, part: str, table: Tabular, rejects: Rejects, read: Read, known: _Known):
        self._part, self._rejects, self._read, self._known = part, rejects, read, known
        self._cells = Cells(table, _template(part), _KEYS[part][-1:], rejects)
        self._bad = np.zeros(len(self._cells), dtype=bool)

    def read(self) -> None:
        cells, read = self._cells, self._read
        keys = [self._text(name) for name in _KEYS[self._part]]
        for name, values in zip(_KEYS[self._part], keys, strict=True):
            self._drop([not value for value in values], name, NO_KEY)
        self._key = keys[-1]
        rows = list(getattr(self, f"_{self._part}")())
        self._keep(rows)
        read.rejected += self._rejects.in_order()
        read.warnings += self._cells.warnings.in_order()
        read.lines += len(cells)
        read.rows_in += len(cells)
        read.notes += cells.notes

    def _keep(self, rows: list[tuple]) -> None:
        """Rows by what they are known by: a repetition is dropped, one with other content rejected."""
        make, into, seen = _ROWS[self._part], getattr(self._read.staff, self._part), {}
        for at, (key, said) in enumerate(rows):
            if self._bad[at]:
                continue
            line = int(self._cells.lines[at])
            if key in seen:
                first, other = seen[key]
                if said == other:
                    self._read.duplicates += 1
                else:
                    detail = f"it stands in line {first} with other content; the first is kept"
                    self._reject([at], None, CONFLICT, detail)
                continue
            seen[key] = (line, said)
            self._read.places.append((self._rejects.file, line, str(self._key[at])))
            into.append(make(len(self._read.places) - 1, **said))

    def _organisations(self) -> Iterator[tuple]:
        names = self._short("name", LONGEST)
        kinds = self._listed("kind", "organisation_kinds")
        parents = self._text("parent")
        units = self._meant("unit", self._known.where.unit_named, BAD_UNIT, "one of the city's units is needed")
        streets = self._meant("street", self._known.where.street_named, UNKNOWN_STREET)
        for name, kind, parent, unit, street in zip(names, kinds, parents, units, streets, strict=True):
            yield name, {"name": name, "kind": kind, "parent": parent, "unit": unit, "street": street}

    def _people(self) -> Iterator[tuple]:
        codes, names, titles = (self._short(name, 64) for name in ("code", "name", "title"))
        phones = self._meant("phone", _phone, BAD_PHONE, "11 digits, or a landline with its area code", drop=False)
        for code, name, title, phone, of in zip(codes, names, titles, phones, self._text("organisation"), strict=True):
            yield code, {"code": code, "name": name, "title": title, "phone": phone, "organisation": of}

    def _duties(self) -> Iterator[tuple]:
        days = [_day(text) for text in self._text("day")]
        self._drop([day is None for day in days], "day", BAD_DAY, "use 2026-11-25")
        shifts, codes = self._listed("shift", "shifts"), self._short("code", 64)
        for day, shift, code, of in zip(days, shifts, codes, self._text("organisation"), strict=True):
            shift = shift or _WHOLE
            yield (day, shift, code, of), {"day": day, "shift": shift, "code": code, "organisation": of}

    def _responsibilities(self) -> Iterator[tuple]:
        kinds, tasks = self._listed("kind", "responsibility_places"), self._listed("task", "responsibility_tasks")
        codes, texts = self._short("code", 64), self._text("place")
        meant = [text and self._known.place(kind, text) for kind, text in zip(kinds, texts, strict=True)]
        self._drop([not one for one in meant], "place", BAD_PLACE, "a unit, street, grid or river of the register")
        for place, task, code in zip(meant, tasks, codes, strict=True):
            kind, name = place or (None, None)
            said = {"code": code, "kind": kind, "place": name, "task": task or EVERYTHING}
            yield tuple(said.values()), said

    # Columns

    def _text(self, name: str) -> list[str | None]:
        return self._cells.text(name).to_pylist()

    def _short(self, name: str, longest: int) -> list[str | None]:
        """A column of texts without superfluous blanks; too long ones are rejected with their rows."""
        texts = [text and " ".join(text.split()) for text in self._text(name)]
        self._drop([bool(text) and len(text) > longest for text in texts], name, BAD_TEXT_LENGTH, f"at most {longest}")
        return texts

    def _listed(self, name: str, codes: str) -> list[str | None]:
        """A column of words of a code list; rows with an unknown one are dropped."""
        values = self._cells.listed(name, codes)
        unknown = pc.and_(pc.is_valid(self._cells.text(name)), pc.is_null(values))
        self._bad |= unknown.to_numpy(zero_copy_only=False)
        return values.to_pylist()

    def _meant(
        self, name: str, meaning: Callable[[str], str | None], reason: str, detail: str = "", drop: bool = True
    ) -> list[str | None]:
        """A column of words as what they mean; a row with an unknown one is dropped, or only loses the cell."""
        texts = self._text(name)
        found = {text: meaning(text) for text in set(texts) - {None}}
        bad = [text is not None and found[text] is None for text in texts]
        self._drop(bad, name, reason, detail, drop)
        return [found.get(text) for text in texts]

    def _drop(self, bad: list[bool], name: str, reason: str, detail: str = "", drop: bool = True) -> None:
        """Reject cells, and their rows with them; a row is rejected once."""
        rows = [at for at, one in enumerate(bad) if one and not self._bad[at]]
        self._reject(rows, name, reason, detail)
        if drop:
            self._bad[rows] = True

    def _reject(self, rows: list[int], name: str | None, reason: str, detail: str = "") -> None:
        raws = self._text(name) if name in ("day", "place", "unit", "street") else self._text(_KEYS[self._part][-1])
        if name == "phone":
            raws = [masks.phone(text) for text in self._text(name)]
        shown = pa.array([text or "" for text in raws], pa.string())
        self._cells.reject(np.array(rows, dtype=np.int64), name, reason, detail, shown, expected=True)


_ROWS = {
    "organisations": OrganisationRow,
    "people": PersonRow,
    "duties": DutyRow,
    "responsibilities": ResponsibilityRow,
}


def _phone(text: str) -> str | None:
    try:
        return spelled_phone(text)
    except InputError:
        return None


def _day(text: str | None) -> dt.date | None:
    """A day as people and spreadsheets write it; None where it is none."""
    if not text:
        return None
    if _SERIAL.fullmatch(text):
        return _EXCEL + dt.timedelta(days=int(float(text)))
    found = _DAY.fullmatch(text)
    try:
        return dt.date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        return None
