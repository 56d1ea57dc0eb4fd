"""Organisations (机构): city bureau, monitoring centre, district bureaus, street stations, teams; who may see which.

See :mod:`.reach` for what a bound scope covers. One that is removed stays in the ledger and can be brought back.
"""

import uuid

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuzhi.access.clock import now
from shuzhi.errors import InputError, ScopeError
from shuzhi.i18n import N_, _
from shuzhi.registry.names import names_of
from shuzhi.registry.reach import (
    DATASET,
    Reach,
    Spot,
    known_code,
    note,
    optional,
    organisation,
    organisation_values,
    spots,
    worded,
)
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Organisation, Person

COLUMNS = ("id", "name", "kind", "parent", "unit", "street", "people", "own", "removed_at")
LONGEST = 128

_NAME, _KIND = N_("机构名称"), N_("机构类别")
_OUTSIDE = N_("这个机构不在您的管辖范围")


def table(home: Home, scope: Scope, removed: bool = False) -> pd.DataFrame:
    """The organisations that are covered or known by name, by kind and name.

    Parameters
    ----------
    removed : bool
        The removed ones instead of those in force; of these only covered ones.

    Returns
    -------
    pandas.DataFrame
        id, name, kind, parent (id), unit, street, people (number of persons in force; NA where only the name is known),
        own (bool: covered), removed_at (UTC).

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    reach = Reach.of(scope)
    count = (
        select(Person.organisation, func.count().label("n"))
        .where(Person.removed_at.is_(None))
        .group_by(Person.organisation)
        .subquery()
    )
    asked = select(Organisation, count.c.n).outerjoin(count, count.c.organisation == Organisation.id)
    if removed:
        asked = asked.where(Organisation.removed_at.is_not(None), *reach.within())
    else:
        asked = asked.where(Organisation.removed_at.is_(None), *reach.known())
    with home.ledger.session() as session:
        rows = [_row(one, n or 0, reach.covers(one.unit, one.street)) for one, n in session.execute(asked)]
    order = {kind: at for at, kind in enumerate(names_of("organisation_kinds").index)}
    rows.sort(key=lambda row: (order.get(row[2], len(order)), row[4] or "", row[1]))
    made = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"people": "Int64", "own": bool})
    return made


def add(
    home: Home,
    scope: Scope,
    name: str,
    kind: str,
    parent: str | None = None,
    unit: str | None = None,
    street: str | None = None,
) -> str:
    """Add an organisation; its id.

    Parameters
    ----------
    kind : str
        A code of ``data/registers/organisation_kinds.csv``.
    parent : str, optional
        Id of the organisation that it belongs to.
    unit, street : str, optional
        The place that it works for; the unit of a street is that which manages it. None: the whole city.

    Raises
    ------
    ScopeError
        If people may not be changed, or not there.
    InputError
        If the name is taken, or kind, parent or place are unknown.
    """
    reach = Reach.of(scope, "change")
    row = Organisation(id=uuid.uuid4().hex)
    try:
        with home.ledger.session() as session:
            write(home, session, reach, row, name, kind, parent, unit, street)
            session.add(row)
            session.flush()
            note(home, session, scope, "organisation.add", f"organisation/{row.id}", after=organisation_values(row))
    except IntegrityError:
        raise _taken(name) from None
    return row.id


def change(
    home: Home,
    scope: Scope,
    id: str,
    *,
    name: str,
    kind: str,
    parent: str | None = None,
    unit: str | None = None,
    street: str | None = None,
) -> None:
    """Give an organisation another name, kind, parent or place; errors as of `add`, and `NotFoundError`."""
    reach = Reach.of(scope, "change")
    try:
        with home.ledger.session() as session:
            row = organisation(session, reach, id)
            before = organisation_values(row)
            write(home, session, reach, row, name, kind, parent, unit, street)
            session.flush()
            after = organisation_values(row)
            if after != before:
                note(home, session, scope, "organisation.change", f"organisation/{id}", before=before, after=after)
    except IntegrityError:
        raise _taken(name) from None


def remove(home: Home, scope: Scope, id: str) -> None:
    """Remove an organisation that has neither people nor organisations below it; `bring_back` undoes it.

    Raises
    ------
    ScopeError, NotFoundError
    InputError
        If something hangs on it.
    """
    reach = Reach.of(scope, "change")
    with home.ledger.session() as session:
        row = organisation(session, reach, id)
        _free(session, row)
        row.removed_at = now()
        note(home, session, scope, "organisation.remove", f"organisation/{id}", before=organisation_values(row))


def bring_back(home: Home, scope: Scope, id: str) -> None:
    """Undo a removal.

    Raises
    ------
    ScopeError, NotFoundError
    """
    reach = Reach.of(scope, "change")
    with home.ledger.session() as session:
        row = organisation(session, reach, id, removed=True)
        if row.removed_at is not None:
            row.removed_at = None
            note(home, session, scope, "organisation.bring_back", f"organisation/{id}", after=organisation_values(row))


def write(
    home: Home,
    session: Session,
    reach: Reach,
    row: Organisation,
    name: str,
    kind: str,
    parent: str | None,
    unit: str | None,
    street: str | None,
) -> None:
    """Set what a row says, after everything was looked at; errors as of `add`."""
    name, kind = worded(name, LONGEST, _(_NAME)), known_code("organisation_kinds", kind, _(_KIND))
    unit, street = placed(spots(home), optional(unit, 64, _("管理单位")), optional(street, LONGEST, _("街道")))
    if not reach.covers(unit, street):
        raise ScopeError(_(_OUTSIDE), dataset=DATASET, action="change")
    _looked_at(session, reach, row, parent)
    row.name, row.kind, row.parent, row.unit, row.street = name, kind, parent, unit, street


def placed(known: dict[tuple[str, str], Spot], unit: str | None, street: str | None) -> tuple[str | None, str | None]:
    """Unit and street of an organisation, as the register of places has them.

    Parameters
    ----------
    known : dict
        Of :func:`.reach.spots`.

    Raises
    ------
    InputError
        If one is unknown, or the street is another unit's.
    """
    if unit is not None and ("unit", unit) not in known:
        raise InputError(_("没有叫“{name}”的管理单位").format(name=unit))
    if street is None:
        return unit, None
    if ("street", street) not in known:
        raise InputError(_("没有叫“{name}”的街道").format(name=street))
    manages = known["street", street].unit
    if unit not in (None, manages):
        raise InputError(_("{street}由{unit}管理，与所填管理单位不符").format(street=street, unit=manages))
    return manages, street


def _looked_at(session: Session, reach: Reach, row: Organisation, parent: str | None) -> None:
    """Refuse a parent that is not known here, or that lies below the organisation."""
    at, seen = parent, {row.id}
    while at is not None:
        above = session.get(Organisation, at)
        if at == parent and (above is None or above.removed_at or not _known(reach, above)):
            raise InputError(_("没有这个上级机构，或不在您的管辖范围"))
        if above is None or at in seen:
            raise InputError(_("一个机构不能是自己的上级"))
        seen.add(at)
        at = above.parent


def _known(reach: Reach, row: Organisation) -> bool:
    return reach.covers(row.unit, row.street) or (row.unit is None and not reach.nothing)


def _free(session: Session, row: Organisation) -> None:
    people = select(func.count()).where(Person.organisation == row.id, Person.removed_at.is_(None))
    below = select(func.count()).where(Organisation.parent == row.id, Organisation.removed_at.is_(None))
    people, below = session.scalar(people), session.scalar(below)
    if people or below:
        said = _("“{name}”还有 {people} 名人员、{below} 个下级机构：先把它们移走或移除")
        raise InputError(said.format(name=row.name, people=people, below=below))


def _taken(name: str) -> InputError:
    return InputError(_("机构“{name}”已经存在（也可能已移除，可以恢复）").format(name=" ".join(name.split())))


def _row(row: Organisation, people: int, own: bool) -> tuple:
    count = people if own else pd.NA
    return (row.id, row.name, row.kind, row.parent, row.unit, row.street, count, own, row.removed_at)
