"""Reach (管辖): which organisations and places of people a scope covers, and how a change of them is kept.

A scope that is bound to units or streets covers the organisations of these, and all that hangs on them: people, duties
and responsibilities. Organisations without a unit (the city bureau, the monitoring centre, the city's teams) it knows
by name only, without people; they are what its own ones belong to. A scope that is bound to enterprises covers nothing.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from shuzhi.access import audit, masks
from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import _
from shuzhi.registry import places
from shuzhi.registry.names import name as name_of
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Meta, Organisation, Person

DATASET = "people"
PLACES = ("unit", "street", "grid", "river")
"""Kinds of places that somebody can answer for."""

_VERSION = "people.version"


@dataclass(frozen=True)
class Reach:
    """Units and streets that a scope covers; None: all of them.

    Attributes
    ----------
    nothing : bool
        It covers no organisation at all.
    """

    units: frozenset[str] | None = None
    streets: frozenset[str] | None = None
    nothing: bool = False

    @classmethod
    def of(cls, scope: Scope, action: str = "see") -> "Reach":
        """The reach of a scope.

        Raises
        ------
        ScopeError
            If the action on people is not allowed.
        """
        scope.require(DATASET, action)
        bound = {column: frozenset(values) for column, values in scope.places_for(DATASET).items()}
        return cls(bound.get("unit"), bound.get("street"), "credit_code" in bound)

    @property
    def bound(self) -> bool:
        """Whether it is less than the whole city."""
        return self.nothing or self.units is not None or self.streets is not None

    def within(self) -> list[ColumnElement]:
        """Conditions of a query on organisations: the ones that are covered."""
        if self.nothing:
            return [false()]
        conditions = [] if self.units is None else [Organisation.unit.in_(self.units)]
        return conditions if self.streets is None else [*conditions, Organisation.street.in_(self.streets)]

    def known(self) -> list[ColumnElement]:
        """Conditions of the organisations that are covered or known by name."""
        covered = self.within()
        if not covered or self.nothing:
            return covered
        above = Organisation.unit.is_(None)
        return [or_(above, condition) for condition in covered]

    def covers(self, unit: str | None, street: str | None) -> bool:
        """Whether an organisation of this unit and street is covered."""
        if self.nothing:
            return False
        return (self.units is None or unit in self.units) and (self.streets is None or street in self.streets)

    def covers_place(self, found: "Spot") -> bool:
        """Whether somebody may be made to answer for a place; a river runs through many units and is open to all."""
        if self.nothing:
            return False
        if found.kind == "river":
            return True
        return (self.units is None or found.unit in self.units) and (
            self.streets is None or found.street in self.streets
        )


@dataclass(frozen=True)
class Spot:
    """A place by its kind and name, with the unit and street that it belongs to."""

    kind: str
    name: str
    unit: str | None = None
    street: str | None = None


def spots(home: Home) -> dict[tuple[str, str], Spot]:
    """Every place that somebody can answer for, by kind and name."""
    scope = Scope.all()
    found = [Spot("unit", name, name) for name in places.units(home, scope)["name"]]
    found += [Spot("street", row.name, row.unit, row.name) for row in places.streets(home, scope).itertuples()]
    for kind in ("grid", "river"):
        for feature in places.layer(home, scope, kind)["features"]:
            said = feature["properties"]
            found.append(Spot(kind, said["name"], said["unit"], said["parent"] if kind == "grid" else None))
    return {(spot.kind, spot.name): spot for spot in found}


def organisation(session: Session, reach: Reach, id: str, *, removed: bool = False) -> Organisation:
    """An organisation that is covered.

    Parameters
    ----------
    removed : bool
        Also one that was removed.

    Raises
    ------
    NotFoundError
        If there is none; also where it is another's, which is not told.
    """
    found = session.get(Organisation, id)
    if found is None or not reach.covers(found.unit, found.street) or (found.removed_at and not removed):
        raise NotFoundError(_("没有这个机构，或不在您的管辖范围"))
    return found


def person(session: Session, reach: Reach, id: str, *, removed: bool = False) -> tuple[Person, Organisation]:
    """A person of a covered organisation, and the organisation; parameters and errors as for `organisation`."""
    asked = select(Person, Organisation).join(Organisation, Person.organisation == Organisation.id)
    found = session.execute(asked.where(Person.id == id, *reach.within())).first()
    if found is None or (found[0].removed_at and not removed):
        raise NotFoundError(_("没有这个人员，或不在您的管辖范围"))
    return found


def note(home: Home, session: Session, scope: Scope, what: str, object: str, **detail) -> None:
    """Keep a change in the audit, in its transaction; what was shown before is made anew."""
    audit.append(home, session, scope.actor, "change", DATASET, object, what=what, **detail)
    touch(session)


def touch(session: Session) -> None:
    """Raise the version of people, in the transaction of a change."""
    row = session.get(Meta, _VERSION, with_for_update=True)
    if row is None:
        session.add(Meta(key=_VERSION, value="1"))
    else:
        row.value = str(int(row.value) + 1)


def version(home: Home) -> int:
    """Rises with every change of people: part of the key of what is kept about them."""
    return int(home.ledger.meta(_VERSION) or 0)


def organisation_values(row: Organisation) -> dict:
    """What an organisation says, for the audit."""
    return {field: getattr(row, field) for field in ("name", "kind", "parent", "unit", "street")}


def person_values(row: Person) -> dict:
    """What a person's row says, for the audit: masked, for an auditor need not know, and events are kept for ever."""
    return {
        "code": row.code,
        "name": masks.person(row.name),
        "phone": masks.phone(row.phone),
        "title": row.title,
        "organisation": row.organisation,
    }


def worded(text: str | None, longest: int, what: str) -> str:
    """A text without superfluous blanks; it must be there and not too long.

    Raises
    ------
    InputError
    """
    text = " ".join((text or "").split())
    if not 0 < len(text) <= longest:
        raise InputError(_("{what}需要 1 到 {n} 个字").format(what=what, n=longest))
    return text


def optional(text: str | None, longest: int, what: str) -> str | None:
    """As `worded`, None where nothing is said."""
    return worded(text, longest, what) if (text or "").strip() else None


def known_code(codes: str, code: str, what: str) -> str:
    """A code of a list.

    Raises
    ------
    InputError
        If the list does not have it.
    """
    if name_of(codes, code) == code:
        raise InputError(_("{what}没有“{code}”这个取值").format(what=what, code=code))
    return code
