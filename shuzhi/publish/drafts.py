"""Drafts of briefings (草稿) in the ledger: what they are of, and the texts that an officer changed."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select

from shuzhi.access import audit
from shuzhi.errors import NotFoundError
from shuzhi.publish.document import Document
from shuzhi.publish.period import Period
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Briefing

DATASET = "briefings"


@dataclass(frozen=True)
class Draft:
    """A kept briefing.

    Attributes
    ----------
    id : str
    period : Period
    place, language, title : str
    edits : dict of str to str
        Changed texts by paragraph key; what was not changed follows the data.
    as_of, edited_at : datetime
        Up to when the data were taken in; when it was saved. Tz-aware, Beijing.
    """

    id: str
    period: Period
    place: str
    language: str
    title: str
    edits: dict[str, str]
    as_of: dt.datetime
    edited_at: dt.datetime


def save(home: Home, scope: Scope, document: Document, id: str | None = None) -> Draft:
    """Keep a document as a new draft, or in place of the one with this id.

    Raises
    ------
    ScopeError
        If briefings may not be changed.
    """
    now = dt.datetime.now(dt.UTC)
    figures = document.figures
    draft = Draft(
        id=id or uuid.uuid4().hex,
        period=figures.asked,
        place=figures.place,
        language=document.language,
        title=document.title.text,
        edits=document.edits,
        as_of=figures.as_of.to_pydatetime() if figures.as_of is not None else now,
        edited_at=now.astimezone(BEIJING),
    )
    _write(home, scope, draft, "save")
    return draft


def every(home: Home, scope: Scope) -> list[Draft]:
    """All drafts, the newest first."""
    scope.require(DATASET)
    with home.ledger.session() as session:
        rows = session.scalars(select(Briefing).order_by(Briefing.edited_at.desc(), Briefing.id)).all()
    return [_draft(row) for row in rows]


def find(home: Home, scope: Scope, id: str) -> Draft:
    """The draft with this id; `NotFoundError` where there is none."""
    scope.require(DATASET)
    with home.ledger.session() as session:
        row = session.get(Briefing, id)
    if row is None:
        raise NotFoundError(f"there is no draft {id!r}; it may have been deleted")
    return _draft(row)


def remove(home: Home, scope: Scope, id: str) -> Draft:
    """Delete a draft and return it, so that `restore` can bring it back."""
    scope.require(DATASET, "change")
    draft = find(home, scope, id)
    with home.ledger.session() as session:
        audit.append(home, session, scope.actor, "change", DATASET, draft.title, what="remove")
        session.execute(delete(Briefing).where(Briefing.id == id))
    return draft


def restore(home: Home, scope: Scope, draft: Draft) -> None:
    """Write a draft as it is."""
    _write(home, scope, draft, "restore")


def _write(home: Home, scope: Scope, draft: Draft, what: str) -> None:
    scope.require(DATASET, "change")
    row = Briefing(
        id=draft.id,
        period=draft.period.kind,
        first=draft.period.first,
        last=draft.period.last,
        place=draft.place,
        language=draft.language,
        title=draft.title,
        content=json.dumps(draft.edits, ensure_ascii=False),
        as_of=draft.as_of.astimezone(dt.UTC),
        edited_at=draft.edited_at.astimezone(dt.UTC),
    )
    with home.ledger.session() as session:
        audit.append(home, session, scope.actor, "change", DATASET, draft.title, what=what)
        session.merge(row)


def _draft(row: Briefing) -> Draft:
    return Draft(
        id=row.id,
        period=Period(row.period, row.first, row.last),
        place=row.place,
        language=row.language,
        title=row.title,
        edits=json.loads(row.content),
        as_of=_beijing(row.as_of),
        edited_at=_beijing(row.edited_at),
    )


def _beijing(moment: dt.datetime) -> dt.datetime:
    """A time of the ledger, which is UTC even where the database forgets the zone."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(BEIJING)
