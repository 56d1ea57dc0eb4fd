"""Areas of responsibility (责任区): which person answers for a unit, street, grid or river, in all or in one task.

What a bound scope covers stands in :mod:`.reach`: the responsibilities of its own people, in places of its own units
and streets. Names and phones are masked, `people.full` opens one.
"""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shuzhi.access import masks
from shuzhi.errors import InputError, NotFoundError, ScopeError
from shuzhi.i18n import N_, _
from shuzhi.registry.reach import DATASET, PLACES, Reach, Spot, known_code, note, person, spots
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Organisation, Person, Responsibility

COLUMNS = (
    "id", "kind", "place", "task", "person", "code", "name", "phone", "title", "organisation", "organisation_name",
    "unit",
)  # fmt: skip
EVERYTHING = "all"
"""The task that includes the others."""

_TASK = N_("职责")
_NO_PLACE = N_("没有叫“{place}”的责任区，或不在您的管辖范围")


def table(
    home: Home, scope: Scope, kind: str | None = None, place: str | None = None, person: str | None = None
) -> pd.DataFrame:
    """Responsibilities of people that are covered, by kind and name of the place.

    Parameters
    ----------
    kind : str, optional
        One of ``reach.PLACES``.
    place : str, optional
        Name of one place.
    person : str, optional
        Id of one person.

    Returns
    -------
    pandas.DataFrame
        id, kind, place, task (code of ``data/registers/responsibility_tasks.csv``), person (id), code, name, phone,
        title, organisation (id), organisation_name, unit; masked.

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    reach = Reach.of(scope)
    asked = (
        select(Responsibility, Person, Organisation)
        .join(Person, Responsibility.person == Person.id)
        .join(Organisation, Person.organisation == Organisation.id)
        .where(Person.removed_at.is_(None), Organisation.removed_at.is_(None), *reach.within())
    )
    given = ((Responsibility.kind, kind), (Responsibility.place, place), (Person.id, person))
    asked = asked.where(*(column == value for column, value in given if value is not None))
    with home.ledger.session() as session:
        rows = [_row(*found) for found in session.execute(asked)]
    rows.sort(key=lambda row: (PLACES.index(row[1]) if row[1] in PLACES else len(PLACES), row[2], row[3], row[5] or ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def responsible(home: Home, scope: Scope, kind: str, place: str, task: str | None = None) -> pd.DataFrame:
    """Who answers for a place; of one task also those who answer for everything there, after the others.

    Parameters and result as of `table`; empty where nobody does, or nobody that is covered.

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    rows = table(home, scope, kind, place)
    if task is None:
        return rows
    rows = rows[rows["task"].isin([task, EVERYTHING])]
    return rows.sort_values("task", key=lambda tasks: tasks == EVERYTHING, kind="stable", ignore_index=True)


def add(home: Home, scope: Scope, person_id: str, kind: str, place: str, task: str = EVERYTHING) -> int:
    """Make a person answer for a place; the id.

    Raises
    ------
    ScopeError
        If people may not be changed, or the place is another's.
    NotFoundError
        If the person is not covered.
    InputError
        If place or task are unknown, or it stands there already.
    """
    reach = Reach.of(scope, "change")
    known_code("responsibility_tasks", task, _(_TASK))
    spot = covered_spot(reach, spots(home), kind, place)
    try:
        with home.ledger.session() as session:
            who, _of = person(session, reach, person_id)
            row = Responsibility(person=who.id, kind=spot.kind, place=spot.name, task=task)
            session.add(row)
            session.flush()
            note(home, session, scope, "responsibility.add", f"responsibility/{row.id}", after=values(row))
            return row.id
    except IntegrityError:
        raise InputError(_("这个人已经负责{place}的这项职责").format(place=place)) from None


def remove(home: Home, scope: Scope, id: int) -> dict:
    """Take a responsibility from a person; what it said, with which `add` undoes it.

    Raises
    ------
    ScopeError
        If people may not be changed.
    NotFoundError
        If there is no such one of a covered person.
    """
    reach = Reach.of(scope, "change")
    with home.ledger.session() as session:
        asked = select(Responsibility).join(Person, Responsibility.person == Person.id)
        asked = asked.join(Organisation, Person.organisation == Organisation.id)
        row = session.scalar(asked.where(Responsibility.id == id, *reach.within()))
        if row is None:
            raise NotFoundError(_("没有这项责任，或不在您的管辖范围"))
        said = {"person_id": row.person, "kind": row.kind, "place": row.place, "task": row.task}
        note(home, session, scope, "responsibility.remove", f"responsibility/{id}", before=values(row))
        session.delete(row)
    return said


def gaps(home: Home, scope: Scope, kinds: Iterable[str] = ("street", "grid")) -> pd.DataFrame:
    """Places of these kinds that are covered and for which nobody answers.

    Returns
    -------
    pandas.DataFrame
        kind, place, unit.

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    kinds, rows = list(kinds), table(home, scope)
    answered = set(zip(rows["kind"], rows["place"], strict=True))
    open_ = [spot for spot in covered(home, scope, kinds) if (spot.kind, spot.name) not in answered]
    return pd.DataFrame([(spot.kind, spot.name, spot.unit) for spot in open_], columns=["kind", "place", "unit"])


def covered(home: Home, scope: Scope, kinds: Iterable[str] = PLACES) -> list[Spot]:
    """The places of these kinds for which a scope may say who answers.

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    reach, kinds = Reach.of(scope), set(kinds)
    return [spot for spot in spots(home).values() if spot.kind in kinds and reach.covers_place(spot)]


def covered_spot(reach: Reach, known: dict[tuple[str, str], Spot], kind: str, place: str) -> Spot:
    """A place by kind and name.

    Raises
    ------
    InputError
        If it is unknown.
    ScopeError
        If it is another's.
    """
    spot = known.get((kind, place))
    if spot is None:
        raise InputError(_(_NO_PLACE).format(place=place))
    if not reach.covers_place(spot):
        raise ScopeError(_(_NO_PLACE).format(place=place), dataset=DATASET, action="change")
    return spot


def values(row: Responsibility) -> dict:
    """What a responsibility says, for the audit."""
    return {"person": row.person, "kind": row.kind, "place": row.place, "task": row.task}


def _row(row: Responsibility, who: Person, of: Organisation) -> tuple:
    shown = masks.person(who.name), masks.phone(who.phone)
    return (row.id, row.kind, row.place, row.task, who.id, who.code, *shown, who.title, of.id, of.name, of.unit)
