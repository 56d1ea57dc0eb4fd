"""The register of sections of surface water (断面).

A section is known by its name and province: tables name it, few give a code. Its ``code`` is the register's own key,
the name where that is free.
"""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from shuzhi.errors import InputError
from shuzhi.registry.stations import Upserted
from shuzhi.store import Home
from shuzhi.store.ledger import Section

GIVEN = ["province", "city", "district", "basin", "river", "lon", "lat", "target_class", "lake", "sequence"]
"""What a section's row may say beside code and name; None: it does not say."""

READINGS = "readings"
_LONGEST = 64


def upsert(home: Home, table: pd.DataFrame, created_by: str) -> Upserted:
    """Write sections into the register; what a row does not say (None) stays as it is.

    Parameters
    ----------
    home : Home
    table : DataFrame
        ``name``, ``code`` (None: the register finds or makes one) and any of ``GIVEN``; missing values are None.
    created_by : str
        The door, for the record.

    Raises
    ------
    InputError
        If a name stands for several sections and the row has no province.
    """
    count = dict.fromkeys(("new", "changed", "unchanged"), 0)
    with home.writer(), home.ledger.session() as session:
        register = _Register(session)
        for row in table.to_dict("records"):
            section, new = register.find_or_make(row)
            if new or section.created_by == READINGS:
                section.created_by = created_by
            for field in GIVEN:
                _set(section, field, row.get(field))
            outcome = "new" if new else "changed" if session.is_modified(section) else "unchanged"
            count[outcome] += 1
    if count["new"] or count["changed"]:
        home.changed()
    return Upserted(**count)


def ensure(home: Home, seen: pd.DataFrame) -> tuple[dict[str, str], list[str]]:
    """Find the sections that readings came from; those that the register does not know are created.

    Parameters
    ----------
    home : Home
    seen : DataFrame
        Indexed by any label: name, and any of province, basin and lake. It fills what the register does not know yet,
        and changes nothing that it knows.

    Returns
    -------
    codes : dict
        Label → code.
    created : list of str
        Codes of the sections created.

    Raises
    ------
    InputError
        If a name stands for several sections and its row has no province.
    """
    codes, created = {}, []
    with home.writer(), home.ledger.session() as session:
        register = _Register(session)
        for label, row in zip(seen.index, seen.to_dict("records"), strict=True):
            section, new = register.find_or_make(row)
            if new:
                section.created_by = READINGS
                created.append(section.code)
            for field in GIVEN:
                if getattr(section, field) is None:
                    _set(section, field, row.get(field))
            codes[label] = section.code
        changed = bool(session.new or session.dirty)
    if changed:
        home.changed()
    return codes, created


class _Register:
    """The sections of the ledger within one session, by code and by name."""

    def __init__(self, session: Session):
        self._session = session
        self._codes: dict[str, Section] = {}
        self._names: dict[str, list[Section]] = {}
        self._note(session.scalars(select(Section)))

    def find_or_make(self, row: dict) -> tuple[Section, bool]:
        """The section of a row, and whether it is new."""
        found = self._find(row)
        if found is not None:
            return found, False
        made = Section(code=self._free_code(row), name=row["name"])
        self._session.add(made)
        self._note([made])
        made.province = row.get("province")
        return made, True

    def _find(self, row: dict) -> Section | None:
        if row.get("code") in self._codes:
            return self._codes[row["code"]]
        named = [one for one in self._names.get(row["name"], []) if _same(one.province, row.get("province"))]
        if len(named) > 1:
            exact = [one for one in named if one.province and row.get("province")]
            if len(exact) != 1:
                raise InputError("several sections have this name; say the province (省份)", station=row["name"])
            return exact[0]
        return named[0] if named else None

    def _free_code(self, row: dict) -> str:
        name, province = row["name"], row.get("province")
        wanted = [row.get("code") or name[:_LONGEST]]
        wanted += [f"{name}（{province}）"[:_LONGEST]] if province else []
        free = (code for code in wanted if code not in self._codes)
        return next(free, None) or f"{name[: _LONGEST - 8]}-{len(self._codes)}"

    def _note(self, sections: Iterable[Section]) -> None:
        for section in sections:
            self._codes[section.code] = section
            self._names.setdefault(section.name, []).append(section)


def _same(a: str | None, b: str | None) -> bool:
    """Whether two names of provinces can be the same: 四川 and 四川省 are, and an unknown one may be any."""
    return not a or not b or a[:2] == b[:2]


def _set(section: Section, field: str, value) -> None:
    """Touch a field only when it changes, so that an equal row counts as unchanged."""
    if value is not None and getattr(section, field) != value:
        setattr(section, field, value)
