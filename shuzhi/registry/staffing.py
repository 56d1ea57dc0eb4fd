"""Staffing (人员批次): what a file says of organisations, people, duties and responsibilities, taken in.

- A file adds and changes; what it does not name stays. An empty cell says nothing.
- The roster of an organisation's day is the file's: turns of that day that it no longer has are taken off.
- What somebody removed by hand does not come back by a file: such rows are refused.
- A bound scope takes in what it covers (see :mod:`.reach`); other rows are refused.
"""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuzhi.access import audit, masks
from shuzhi.errors import InputError, ShuzhiError
from shuzhi.i18n import _
from shuzhi.registry import organisations, people
from shuzhi.registry.reach import (
    DATASET,
    Reach,
    organisation_values,
    spots,
    touch,
)
from shuzhi.registry.responsibilities import EVERYTHING, covered_spot
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Duty, Organisation, Person, Responsibility

PARTS = ("organisations", "people", "duties", "responsibilities")
"""What a file can say something of, in the order in which it is taken in."""
NEW, CHANGED, REMOVED, UNCHANGED = "new", "changed", "removed", "unchanged"

_IN_AUDIT = 500
"""Differences that the event of an import names; their numbers are all counted."""


@dataclass(frozen=True)
class OrganisationRow:
    """What a file says of an organisation; ``parent`` is a name, ``at`` the row's number for messages."""

    at: int
    name: str
    kind: str | None = None
    parent: str | None = None
    unit: str | None = None
    street: str | None = None


@dataclass(frozen=True)
class PersonRow:
    """What a file says of a person; ``organisation`` is a name."""

    at: int
    code: str
    name: str | None = None
    phone: str | None = None
    title: str | None = None
    organisation: str | None = None


@dataclass(frozen=True)
class DutyRow:
    """A turn; ``organisation`` is a name, by default that of the person, ``code`` the person's number."""

    at: int
    day: dt.date
    shift: str
    code: str
    organisation: str | None = None


@dataclass(frozen=True)
class ResponsibilityRow:
    """Who answers for a place; ``code`` is the person's number."""

    at: int
    code: str
    kind: str
    place: str
    task: str = EVERYTHING


@dataclass
class Staff:
    """What a file says, by part."""

    organisations: list[OrganisationRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    duties: list[DutyRow] = field(default_factory=list)
    responsibilities: list[ResponsibilityRow] = field(default_factory=list)


@dataclass(frozen=True)
class Difference:
    """What a row made new, changed or removed.

    Attributes
    ----------
    part, what : str
        Of ``PARTS``; ``new``, ``changed`` or ``removed``.
    label : str
        Name of the thing; names of people are masked.
    fields : tuple of str
        Which values changed.
    """

    part: str
    what: str
    label: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """A row that can't be taken in: its part and number, and why."""

    part: str
    at: int
    why: str


@dataclass
class Taken:
    """What a file did, or would do.

    Attributes
    ----------
    counts : dict
        Part → number of rows by ``new``, ``changed``, ``removed``, ``unchanged``.
    differences : list of Difference
    refused : list of Refusal
    """

    counts: dict[str, Counter] = field(default_factory=lambda: {part: Counter() for part in PARTS})
    differences: list[Difference] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def total(self, what: str) -> int:
        """Number of rows of all parts."""
        return sum(count[what] for count in self.counts.values())

    @property
    def differs(self) -> bool:
        """Whether anything is other than before."""
        return bool(self.differences)


class _OnlyLooked(Exception):
    """Ends the transaction of a preview without a trace."""


def take(home: Home, scope: Scope, staff: Staff, file: str = "", preview: bool = False) -> Taken:
    """Take in what a file says, all in one transaction with its event of the audit.

    Parameters
    ----------
    file : str
        Its name, for the audit.
    preview : bool
        Only tell what would change.

    Raises
    ------
    ScopeError
        If people may not be changed.
    """
    reach = Reach.of(scope, "change")
    taken = Taken()
    try:
        with home.ledger.session() as session:
            _Taking(home, session, reach, taken).take(staff)
            if preview:
                raise _OnlyLooked
            if taken.differs:
                _note(home, session, scope, file, taken)
    except _OnlyLooked:
        pass
    return taken


def _note(home: Home, session: Session, scope: Scope, file: str, taken: Taken) -> None:
    said = [[one.part, one.what, one.label, list(one.fields)] for one in taken.differences[:_IN_AUDIT]]
    counts = {part: {what: n for what, n in count.items() if n} for part, count in taken.counts.items() if count}
    audit.append(home, session, scope.actor, "change", DATASET, file or None, what="staff", counts=counts, rows=said)
    touch(session)


class _Taking:
    """One file on its way into the ledger."""

    def __init__(self, home: Home, session: Session, reach: Reach, taken: Taken):
        self._session, self._reach, self._taken = session, reach, taken
        self._spots = spots(home)
        self._before: dict[str, dict | None] = {}
        self._organisations = {row.name: row for row in session.scalars(select(Organisation))}
        self._by_id = {row.id: row for row in self._organisations.values()}
        self._people = {row.code: row for row in session.scalars(select(Person).where(Person.code.is_not(None)))}

    def take(self, staff: Staff) -> None:
        with self._session.no_autoflush:
            self._each("organisations", staff.organisations, self._organisation)
            self._session.flush()
            self._each("organisations", [row for row in staff.organisations if row.parent], self._parent)
            self._count_organisations()
            self._each("people", staff.people, self._person)
            self._session.flush()
            self._rosters(staff.duties)
            self._answers(staff.responsibilities)
            self._session.flush()

    def _each(self, part: str, rows: list, act: Callable) -> None:
        """Take each row; what can't be is refused, and the others go on."""
        for row in rows:
            try:
                act(row)
            except ShuzhiError as error:
                self._taken.refused.append(Refusal(part, row.at, getattr(error, "what", str(error))))

    def _same(self, part: str) -> None:
        self._taken.counts[part][UNCHANGED] += 1

    def _differs(self, part: str, what: str, label: str, fields: Iterable[str] = ()) -> None:
        self._taken.counts[part][what] += 1
        self._taken.differences.append(Difference(part, what, label, tuple(fields)))

    # Organisations

    def _organisation(self, said: OrganisationRow) -> None:
        row = self._organisations.get(said.name)
        unit, street = said.unit or (row and row.unit), said.street or (row and row.street)
        if row and said.unit not in (None, row.unit) and not said.street:
            street = None  # it moved to another unit
        unit, street = organisations.placed(self._spots, unit, street)
        self._covered(row, unit, street)
        if row is None:
            row = Organisation(id=uuid.uuid4().hex, name=said.name, kind=said.kind or "other", unit=unit, street=street)
            self._session.add(row)
            self._organisations[row.name] = self._by_id[row.id] = row
            self._before.setdefault(row.id, None)
            return
        self._before.setdefault(row.id, organisation_values(row))
        row.kind, row.unit, row.street = said.kind or row.kind, unit, street

    def _covered(self, row: Organisation | None, unit: str | None, street: str | None) -> None:
        if row is not None and row.removed_at is not None:
            raise InputError(_("机构“{name}”已移除：先在页面上恢复").format(name=row.name))
        if not self._reach.covers(unit, street) or (row and not self._reach.covers(row.unit, row.street)):
            raise InputError(_("这个机构不在您的管辖范围"))

    def _parent(self, said: OrganisationRow) -> None:
        row, above = self._organisations.get(said.name), self._organisations.get(said.parent)
        if row is None or row.id not in self._before:
            return  # refused before
        if above is None or above.removed_at is not None or not self._knows(above):
            raise InputError(_("没有叫“{name}”的上级机构，或不在您的管辖范围").format(name=said.parent))
        at = above
        while at is not None:
            if at is row:
                raise InputError(_("一个机构不能是自己的上级"))
            at = self._by_id.get(at.parent)
        row.parent = above.id

    def _count_organisations(self) -> None:
        for id, before in self._before.items():
            row = self._by_id[id]
            now = organisation_values(row)
            if before is None:
                self._differs("organisations", NEW, row.name)
            elif now == before:
                self._same("organisations")
            else:
                self._differs("organisations", CHANGED, row.name, [name for name in now if now[name] != before[name]])

    def _knows(self, row: Organisation) -> bool:
        return self._reach.covers(row.unit, row.street) or (row.unit is None and not self._reach.nothing)

    def _organisation_named(self, name: str) -> Organisation:
        row = self._organisations.get(name)
        if row is None or row.removed_at is not None or not self._reach.covers(row.unit, row.street):
            raise InputError(_("没有叫“{name}”的机构，或不在您的管辖范围").format(name=name))
        return row

    # People

    def _person(self, said: PersonRow) -> None:
        row = self._people.get(said.code)
        if row is not None:
            self._known_person(row, said)
            return
        if not said.name or not said.organisation:
            raise InputError(_("新人员需要姓名和所属机构"))
        of = self._organisation_named(said.organisation)
        row = Person(id=uuid.uuid4().hex, code=said.code, name=said.name, organisation=of.id)
        row.phone, row.title = said.phone, said.title
        self._session.add(row)
        self._people[row.code] = row
        self._differs("people", NEW, _shown(row))

    def _known_person(self, row: Person, said: PersonRow) -> None:
        of = self._by_id[row.organisation]
        if not self._reach.covers(of.unit, of.street):
            raise people.taken(said.code)
        if row.removed_at is not None:
            raise InputError(_("工号“{code}”的人员已移除：先在页面上恢复").format(code=said.code))
        before = {name: getattr(row, name) for name in people.FIELDS}
        if said.organisation:
            row.organisation = self._organisation_named(said.organisation).id
        for name in ("name", "phone", "title"):
            setattr(row, name, getattr(said, name) or getattr(row, name))
        changed = [name for name in people.FIELDS if getattr(row, name) != before[name]]
        if changed:
            self._differs("people", CHANGED, _shown(row), changed)
        else:
            self._same("people")

    def _person_named(self, code: str) -> tuple[Person, Organisation]:
        row = self._people.get(code)
        of = row and self._by_id[row.organisation]
        if row is None or row.removed_at is not None or not self._reach.covers(of.unit, of.street):
            raise InputError(_("没有工号为“{code}”的人员，或不在您的管辖范围").format(code=code))
        return row, of

    # Duties

    def _rosters(self, rows: list[DutyRow]) -> None:
        """The turns of each organisation's day; a day with a refused row only gains turns."""
        wanted: dict[tuple[str, dt.date], set] = defaultdict(set)
        partly = set()

        def look(said: DutyRow) -> None:
            of = self._organisation_named(said.organisation) if said.organisation else None
            try:
                who, its = self._person_named(said.code)
            except InputError:
                partly.add((of and of.id, said.day))
                raise
            wanted[(of or its).id, said.day].add((said.shift, who.id))

        self._each("duties", rows, look)
        there = self._turns(wanted)
        names = {row.id: _shown(row) for row in self._people.values()}
        for (of, day), turns in wanted.items():
            old = there.get((of, day), {})
            for shift, who in sorted(turns - old.keys()):
                self._session.add(Duty(day=day, shift=shift, organisation=of, person=who))
                self._differs("duties", NEW, f"{self._by_id[of].name} {day} {names[who]}")
            self._taken.counts["duties"][UNCHANGED] += len(turns & old.keys())
            gone = () if partly & {(of, day), (None, day)} else sorted(old.keys() - turns)
            for turn in gone:
                self._session.execute(delete(Duty).where(Duty.id == old[turn]))
                self._differs("duties", REMOVED, f"{self._by_id[of].name} {day} {names.get(turn[1], '')}".strip())

    def _turns(self, wanted) -> dict[tuple[str, dt.date], dict[tuple[str, str], int]]:
        """The turns that stand on the rosters of these organisations and days."""
        days = [day for _of, day in wanted]
        there = defaultdict(dict)
        if days:
            asked = select(Duty).where(Duty.day.between(min(days), max(days)))
            for row in self._session.scalars(asked):
                there[row.organisation, row.day][row.shift, row.person] = row.id
        return there

    # Responsibilities

    def _answers(self, rows: list[ResponsibilityRow]) -> None:
        asked = select(Responsibility.person, Responsibility.kind, Responsibility.place, Responsibility.task)
        there = set(map(tuple, self._session.execute(asked)))

        def look(said: ResponsibilityRow) -> None:
            who, _of = self._person_named(said.code)
            spot = covered_spot(self._reach, self._spots, said.kind, said.place)
            key = (who.id, spot.kind, spot.name, said.task)
            if key in there:
                self._same("responsibilities")
                return
            there.add(key)
            self._session.add(Responsibility(person=who.id, kind=spot.kind, place=spot.name, task=said.task))
            self._differs("responsibilities", NEW, f"{spot.name} {_shown(who)}")

        self._each("responsibilities", rows, look)


def _shown(row: Person) -> str:
    """A person in a list of differences."""
    return f"{masks.person(row.name)} ({row.code})"
