"""People (人员) of the organisations. Lists are masked for everybody; the full record is opened one at a time.

What a bound scope covers stands in :mod:`.reach`. Opening a full record, and every change, is an event of the audit;
the events themselves hold masked values only, with the names of the fields that changed.
"""

import re
import unicodedata
import uuid

import pandas as pd
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuzhi.access import audit, masks
from shuzhi.access.clock import now
from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.registry.reach import DATASET, Reach, note, optional, organisation, person, person_values, worded
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Organisation, Person

COLUMNS = ("id", "code", "name", "phone", "title", "organisation", "organisation_name", "unit", "street", "removed_at")
FIELDS = ("code", "name", "phone", "title", "organisation")
"""What a person's row says."""

_MOBILE = re.compile(r"1\d{10}")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?|\d{7,8}(-\d{1,6})?")


def table(
    home: Home, scope: Scope, organisation: str | None = None, text: str = "", removed: bool = False
) -> pd.DataFrame:
    """People that are covered, by unit, organisation and number; names and phones are masked.

    Parameters
    ----------
    organisation : str, optional
        Id of theirs.
    text : str
        Part of a number, title or organisation, or of the name. Who has no right to full records searches the masked
        name, else a search would tell what the mask hides.
    removed : bool
        The removed ones instead of those in force.

    Returns
    -------
    pandas.DataFrame
        id, code, name, phone, title, organisation (id), organisation_name, unit, street, removed_at (UTC).

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    reach = Reach.of(scope)
    rows = [_masked(row) for row in _found(home, reach, organisation, removed) if _matches(row, scope, text)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def full(home: Home, scope: Scope, id: str) -> dict:
    """The full record of one person: `COLUMNS`. That it was opened is an event of the audit.

    Raises
    ------
    ScopeError
        If full records may not be seen.
    NotFoundError
        If there is none that is covered.
    """
    reach = Reach.of(scope, "full")
    with home.ledger.session() as session:
        row, of = person(session, reach, id, removed=True)
        audit.append(home, session, scope.actor, "full", DATASET, f"person/{id}", organisation=of.name)
        return dict(zip(COLUMNS, _values(row, of), strict=True))


def export(home: Home, scope: Scope) -> pd.DataFrame:
    """All people that are covered, as `table`; unmasked where full records may be seen.

    Raises
    ------
    ScopeError
        If people may not be exported.
    """
    reach, whole = Reach.of(scope, "export"), scope.may(DATASET, "full")
    rows = [_values(*pair) if whole else _masked(pair) for pair in _found(home, reach, None, False)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def add(
    home: Home,
    scope: Scope,
    name: str,
    organisation: str,
    *,
    code: str | None = None,
    phone: str | None = None,
    title: str | None = None,
) -> str:
    """Add a person; the id.

    Parameters
    ----------
    organisation : str
        Id of a covered one.
    code : str, optional
        The bureau's own number (工号); no two people share one.

    Raises
    ------
    ScopeError
        If people may not be changed.
    NotFoundError
        If the organisation is not covered.
    InputError
        If a value can't be, or the number is taken.
    """
    reach = Reach.of(scope, "change")
    row = Person(id=uuid.uuid4().hex, name="")
    try:
        with home.ledger.session() as session:
            write(session, reach, row, code=code, name=name, phone=phone, title=title, organisation=organisation)
            session.add(row)
            session.flush()
            note(home, session, scope, "person.add", f"person/{row.id}", after=person_values(row))
    except IntegrityError:
        raise taken(code) from None
    return row.id


def change(home: Home, scope: Scope, id: str, **fields: str | None) -> None:
    """Change what is given of `FIELDS`, the rest stays; an empty text takes a value away. Errors as of `add`."""
    reach = Reach.of(scope, "change")
    try:
        with home.ledger.session() as session:
            row, _of = person(session, reach, id)
            change_row(home, session, scope, reach, row, fields)
    except IntegrityError:
        raise taken(fields.get("code")) from None


def change_row(home: Home, session: Session, scope: Scope, reach: Reach, row: Person, fields: dict) -> None:
    """The same of a row, in the caller's transaction."""
    before, was = person_values(row), {name: getattr(row, name) for name in FIELDS}
    write(session, reach, row, **(was | fields))
    session.flush()
    changed = [name for name in FIELDS if getattr(row, name) != was[name]]
    if changed:
        said = {"before": before, "after": person_values(row), "fields": changed}
        note(home, session, scope, "person.change", f"person/{row.id}", **said)


def remove(home: Home, scope: Scope, id: str) -> None:
    """Remove a person; its duties and responsibilities rest, until `bring_back` undoes it.

    Raises
    ------
    ScopeError, NotFoundError
    """
    reach = Reach.of(scope, "change")
    with home.ledger.session() as session:
        row, _of = person(session, reach, id)
        row.removed_at = now()
        note(home, session, scope, "person.remove", f"person/{id}", before=person_values(row))


def bring_back(home: Home, scope: Scope, id: str) -> None:
    """Undo a removal.

    Raises
    ------
    ScopeError, NotFoundError
    InputError
        If the organisation was removed as well.
    """
    reach = Reach.of(scope, "change")
    with home.ledger.session() as session:
        row, of = person(session, reach, id, removed=True)
        if of.removed_at is not None:
            raise InputError(_("先恢复机构“{name}”").format(name=of.name))
        if row.removed_at is not None:
            row.removed_at = None
            note(home, session, scope, "person.bring_back", f"person/{id}", after=person_values(row))


def write(session: Session, reach: Reach, row: Person, **fields: str | None) -> None:
    """Set what a row says, after everything was looked at; errors as of `add`."""
    row_organisation = organisation(session, reach, fields["organisation"])
    code, name = optional(fields["code"], 64, _("工号")), worded(fields["name"], 64, _("姓名"))
    phone, title = spelled_phone(fields["phone"]), optional(fields["title"], 64, _("职务"))
    row.code, row.name, row.phone, row.title, row.organisation = code, name, phone, title, row_organisation.id


def spelled_phone(text: str | None) -> str | None:
    """A phone number as it is kept: a mobile number as eleven digits, others with the area's code; None for nothing.

    Raises
    ------
    InputError
        If it is none.
    """
    if not (text or "").strip():
        return None
    number = re.sub(r"[\s()（）]", "", unicodedata.normalize("NFKC", text))
    number = re.sub(r"^(\+86|0086)-?", "", number)
    mobile = number.replace("-", "")
    if _MOBILE.fullmatch(mobile):
        return mobile
    if _LANDLINE.fullmatch(number):
        return number
    raise InputError(_("“{text}”不是电话号码：需要 11 位手机号或带区号的座机号").format(text=text.strip()[:20]))


def taken(code: str | None) -> InputError:
    """The error of a number that somebody has."""
    return InputError(_("工号“{code}”已有人使用").format(code=code))


def _found(home: Home, reach: Reach, organisation: str | None, removed: bool) -> list[tuple[Person, Organisation]]:
    asked = select(Person, Organisation).join(Organisation, Person.organisation == Organisation.id)
    asked = asked.where(Person.removed_at.is_not(None) if removed else Person.removed_at.is_(None), *reach.within())
    if organisation is not None:
        asked = asked.where(Organisation.id == organisation)
    with home.ledger.session() as session:
        return session.execute(asked.order_by(Organisation.unit, Organisation.name, Person.code, Person.id)).all()


def _matches(pair: tuple[Person, Organisation], scope: Scope, text: str) -> bool:
    if not text.strip():
        return True
    row, of = pair
    name = row.name if scope.may(DATASET, "full") else masks.person(row.name)
    where = "\n".join(part for part in (name, row.code, row.title, of.name) if part)
    return text.strip().casefold() in where.casefold()


def _values(row: Person, of: Organisation) -> tuple:
    return (row.id, row.code, row.name, row.phone, row.title, of.id, of.name, of.unit, of.street, row.removed_at)


def _masked(pair: tuple[Person, Organisation]) -> tuple:
    row, of = pair
    shown = masks.person(row.name), masks.phone(row.phone)
    return (row.id, row.code, *shown, row.title, of.id, of.name, of.unit, of.street, row.removed_at)
