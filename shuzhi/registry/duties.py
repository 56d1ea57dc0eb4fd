"""Duties (值班): who of an organisation is on duty on a day and shift.

Shifts, with their hours in Beijing, stand in ``data/registers/shifts.csv``; a night belongs to the day on which it
begins. What a bound scope covers stands in :mod:`.reach`; names and phones are masked, `people.full` opens one.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

import pandas as pd
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shuzhi.access import masks
from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import N_, _
from shuzhi.registry.names import names_of
from shuzhi.registry.reach import Reach, known_code, note, organisation, person
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Duty, Organisation, Person

COLUMNS = (
    "id",
    "day",
    "shift",
    "organisation",
    "organisation_name",
    "unit",
    "person",
    "code",
    "name",
    "phone",
    "title",
)
BACK = 60
"""Days in which an organisation must have had a duty to be expected to have one."""

_SHIFT = N_("班次")


@dataclass(frozen=True)
class Hours:
    """Hours of a shift: minutes after the midnight with which its day begins; the end may be the next day's."""

    begin: int
    end: int


@cache
def shifts() -> dict[str, Hours]:
    """The hours of each shift, by code."""
    return {code: _hours(row["begin"], row["end"]) for code, row in names_of("shifts").iterrows()}


def _hours(begin: str, end: str) -> Hours:
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (begin, end))
    return Hours(first, last if last > first else last + 24 * 60)


def roster(home: Home, scope: Scope, first: dt.date, last: dt.date, organisation: str | None = None) -> pd.DataFrame:
    """The duties of the days from `first` to `last`, by day, organisation and shift.

    Parameters
    ----------
    organisation : str, optional
        Id of the one whose roster it is.

    Returns
    -------
    pandas.DataFrame
        id, day (date), shift (code), organisation (id), organisation_name, unit, person (id), code, name, phone, title;
        masked.

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    reach = Reach.of(scope)
    asked = (
        select(Duty, Organisation, Person)
        .join(Organisation, Duty.organisation == Organisation.id)
        .join(Person, Duty.person == Person.id)
        .where(Duty.day.between(first, last), Person.removed_at.is_(None), Organisation.removed_at.is_(None))
        .where(*reach.within())
    )
    if organisation is not None:
        asked = asked.where(Organisation.id == organisation)
    with home.ledger.session() as session:
        rows = [_row(*found) for found in session.execute(asked)]
    order = {shift: at for at, shift in enumerate(shifts())}
    rows.sort(key=lambda row: (row[1], row[4], order.get(row[2], len(order)), row[7] or ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def on_duty(home: Home, scope: Scope, organisation: str | None = None, at: dt.datetime | None = None) -> pd.DataFrame:
    """Who is on duty at a moment.

    Parameters
    ----------
    organisation : str, optional
        Id of one; by default all that are covered.
    at : datetime.datetime, optional
        With a zone, or Beijing's; by default now.

    Returns
    -------
    pandas.DataFrame
        As `roster`, with ``since`` and ``until`` (Beijing) of the turn.

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    moment = _beijing(at)
    yesterday, today = moment.date() - dt.timedelta(days=1), moment.date()
    rows = roster(home, scope, yesterday, today, organisation)
    spans = [span(day, shift) for day, shift in zip(rows["day"], rows["shift"], strict=True)]
    rows["since"], rows["until"] = ([turn[end] for turn in spans] for end in (0, 1))
    here = pd.Series([since <= moment < until for since, until in spans], dtype=bool)
    return rows[here].reset_index(drop=True)


def span(day: dt.date, shift: str) -> tuple[dt.datetime, dt.datetime]:
    """Beginning and end of a turn, in Beijing's time; an unknown shift takes the whole day."""
    hours = shifts().get(shift, Hours(0, 24 * 60))
    midnight = dt.datetime.combine(day, dt.time(), BEIJING)
    return midnight + dt.timedelta(minutes=hours.begin), midnight + dt.timedelta(minutes=hours.end)


def add(home: Home, scope: Scope, day: dt.date, shift: str, organisation_id: str, person_id: str) -> int:
    """Put a person on the roster of an organisation; the id of the turn.

    The person may be of another organisation that is covered: a bureau's roster may name somebody of a station.

    Raises
    ------
    ScopeError
        If people may not be changed.
    NotFoundError
        If organisation or person are not covered.
    InputError
        If the shift is unknown, or the turn stands there already.
    """
    reach = Reach.of(scope, "change")
    known_code("shifts", shift, _(_SHIFT))
    try:
        with home.ledger.session() as session:
            of, (who, _of) = organisation(session, reach, organisation_id), person(session, reach, person_id)
            row = Duty(day=day, shift=shift, organisation=of.id, person=who.id)
            session.add(row)
            session.flush()
            note(home, session, scope, "duty.add", f"duty/{row.id}", after=values(row))
            return row.id
    except IntegrityError:
        raise InputError(_("这个人在{day}已经排了这一班").format(day=day)) from None


def remove(home: Home, scope: Scope, id: int) -> dict:
    """Take a turn off the roster; what it said, with which `add` undoes it.

    Raises
    ------
    ScopeError
        If people may not be changed.
    NotFoundError
        If there is no such turn of a covered organisation.
    """
    reach = Reach.of(scope, "change")
    with home.ledger.session() as session:
        asked = select(Duty).join(Organisation, Duty.organisation == Organisation.id)
        row = session.scalar(asked.where(Duty.id == id, *reach.within()))
        if row is None:
            raise NotFoundError(_("没有这一班，或不在您的管辖范围"))
        said = {"day": row.day, "shift": row.shift, "organisation_id": row.organisation, "person_id": row.person}
        note(home, session, scope, "duty.remove", f"duty/{id}", before=values(row))
        session.delete(row)
    return said


def gaps(home: Home, scope: Scope, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Days from `first` to `last` on which an organisation that keeps a roster has nobody on duty.

    An organisation keeps one when it had a duty in the `BACK` days before `first`, or has one up to `last`.

    Returns
    -------
    pandas.DataFrame
        organisation (id), organisation_name, day.

    Raises
    ------
    ScopeError
        If people may not be seen.
    """
    rows = roster(home, scope, first - dt.timedelta(days=BACK), last)
    keeping = dict(zip(rows["organisation"], rows["organisation_name"], strict=True))
    there = set(zip(rows["organisation"], rows["day"], strict=True))
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    missing = [(id, name, day) for id, name in keeping.items() for day in days if (id, day) not in there]
    return pd.DataFrame(missing, columns=["organisation", "organisation_name", "day"])


def values(row: Duty) -> dict:
    """What a turn says, for the audit."""
    return {"day": row.day, "shift": row.shift, "organisation": row.organisation, "person": row.person}


def _beijing(at: dt.datetime | None) -> dt.datetime:
    if at is None:
        return dt.datetime.now(BEIJING)
    return at.replace(tzinfo=BEIJING) if at.tzinfo is None else at.astimezone(BEIJING)


def _row(duty: Duty, of: Organisation, who: Person) -> tuple:
    shown = masks.person(who.name), masks.phone(who.phone)
    return (duty.id, duty.day, duty.shift, of.id, of.name, of.unit, who.id, who.code, *shown, who.title)
