"""Issues of the forecast (预报期次): written once, never changed, read by everybody.

An issue is named by the Beijing hour in which it is made, such as ``2026-11-25T08``. Its numbers are rows of the lake
table ``forecast``; what it was made of is a row of the ledger.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from sqlalchemy import select

from shuzhi.errors import InputError
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import ForecastIssue
from shuzhi.store.schema import TABLES

DATASET = "forecasts"
TOLD = "ensemble"
"""The model whose numbers are told."""


@dataclass(frozen=True)
class Issue:
    """What an issue was made of. Instants are tz-aware, UTC.

    Attributes
    ----------
    id : str
        Beijing hour, ``YYYY-MM-DDTHH``.
    issued_at, as_of : Timestamp
        When it is given out; the newest input that it may use.
    weather : str or None
        Product of weather forecasts it used, with the issue of that; None: it went without.
    model_version : str
    hindcast : bool
        Made afterwards, of what was known at ``as_of`` (回算).
    made_at : Timestamp
    seconds : float
        How long it took.
    rows : int
    """

    id: str
    issued_at: pd.Timestamp
    as_of: pd.Timestamp
    weather: str | None
    weather_issued_at: pd.Timestamp | None
    model_version: str
    hindcast: bool
    made_at: pd.Timestamp
    seconds: float
    rows: int

    @property
    def day(self) -> dt.date:
        """The Beijing day on which it is given out."""
        return self.issued_at.tz_convert(BEIJING).date()

    @property
    def month(self) -> str:
        """The Beijing month, in which its rows lie."""
        return self.id[:7]


def issue_id(issued_at: pd.Timestamp) -> str:
    """Name of the issue that is given out at an instant."""
    return f"{issued_at.tz_convert(BEIJING):%Y-%m-%dT%H}"


def record(
    home: Home,
    issue: Issue,
    forecasts: pa.Table | pd.DataFrame,
    outlooks: pd.DataFrame | None = None,
    drivers: pd.DataFrame | None = None,
) -> None:
    """Keep an issue: all of it, or nothing that anybody sees.

    Parameters
    ----------
    home : Home
    issue : Issue
    forecasts : table
        Columns of the lake table ``forecast`` but for ``issue``, ``issued_at`` and ``month``; bands, probabilities and
        ``primary`` may be missing.
    outlooks : DataFrame, optional
        Columns of the lake table ``outlook``, likewise.
    drivers : DataFrame, optional
        Columns of the lake table ``forecast_driver``, likewise.

    Raises
    ------
    InputError
        If the issue exists: what was said stays said.
    """
    with home.writer():
        if find(home, Scope.all(), issue.id) is not None:
            raise InputError(f"the issue {issue.id} exists; an issue is never changed")
        _write(home, "forecast", issue, forecasts)
        for name, rows in (("outlook", outlooks), ("forecast_driver", drivers)):
            if rows is not None and len(rows):
                _write(home, name, issue, rows)
        with home.ledger.session() as session:
            session.add(ForecastIssue(**{name: _stored(getattr(issue, name)) for name in Issue.__dataclass_fields__}))
    home.changed()


def table(home: Home, scope: Scope, hindcasts: bool = True) -> list[Issue]:
    """All issues, the newest first."""
    scope.require(DATASET)
    query = select(ForecastIssue).order_by(ForecastIssue.issued_at.desc())
    if not hindcasts:
        query = query.where(ForecastIssue.hindcast.is_(False))
    with home.ledger.session() as session:
        return [_issue(row) for row in session.scalars(query)]


def find(home: Home, scope: Scope, issue: str) -> Issue | None:
    """The issue of this name, or None."""
    scope.require(DATASET)
    with home.ledger.session() as session:
        row = session.get(ForecastIssue, issue)
        return None if row is None else _issue(row)


def newest(home: Home, scope: Scope) -> Issue | None:
    """The newest issue that was not made afterwards, else the newest of all; None where there is none."""
    scope.require(DATASET)
    query = select(ForecastIssue).order_by(ForecastIssue.hindcast, ForecastIssue.issued_at.desc()).limit(1)
    with home.ledger.session() as session:
        row = session.scalar(query)
        return None if row is None else _issue(row)


def read(
    home: Home,
    scope: Scope,
    issue: Issue,
    kind: str = "air",
    grain: str = "day",
    levels: Sequence[str] | None = None,
    places: Sequence[str] | None = None,
    items: Sequence[str] | None = None,
    models: Sequence[str] | None = (TOLD,),
) -> pd.DataFrame:
    """Numbers of an issue.

    Parameters
    ----------
    kind : 'air' or 'water'
    grain : 'hour' or 'day'
    levels, places, items, models : sequence of str, optional
        None: all of them.

    Returns
    -------
    DataFrame
        issued_at, level, place, item, model, lead, time (UTC, end of the period), value, lower50, upper50, lower90,
        upper90 (units of the item), p1 … p6 (probability of each level), primary.
    """
    chosen = {"levels": levels, "places": places, "items": items, "models": models}
    chosen = {name: None if values is None else list(values) for name, values in chosen.items()}
    return home.engine.run("forecast_rows", scope, month=issue.month, issue=issue.id, kind=kind, grain=grain, **chosen)


def outlook(home: Home, scope: Scope, issue: Issue) -> pd.DataFrame:
    """Outlooks of an issue: place, item, first, last (dates of the span), model, so_far, days (that are known),
    quantiles (at 0, 1 … 100 %)."""
    return home.engine.run("outlook_rows", scope, month=issue.month, issue=issue.id)


def drivers(home: Home, scope: Scope, issue: Issue, places: Sequence[str] | None = None) -> pd.DataFrame:
    """What drove the daily forecasts: level, place, item, lead, group (a key of `drivers.NAMES`),
    contribution (unit of the item; together forecast less climatology). Empty where nothing was kept."""
    chosen = None if places is None else list(places)
    return home.engine.run("forecast_driver_rows", scope, month=issue.month, issue=issue.id, places=chosen)


def _write(home: Home, name: str, issue: Issue, rows: pa.Table | pd.DataFrame) -> None:
    schema = TABLES[name].schema
    given = pa.Table.from_pandas(rows, preserve_index=False) if isinstance(rows, pd.DataFrame) else rows
    count = given.num_rows
    said = {"issue": issue.id, "issued_at": issue.issued_at.to_pydatetime(), "month": issue.month}
    columns = {}
    for field in schema:
        if field.name in said:
            columns[field.name] = pa.array([said[field.name]] * count, field.type)
        elif field.name in given.column_names:
            columns[field.name] = given[field.name].cast(field.type)
        else:
            columns[field.name] = pa.nulls(count, field.type)
    # In the place of what a killed writer may have left of it.
    home.lake.replace_rows(name, pa.table(columns, schema=schema), month=issue.month, issue=issue.id)


def _stored(value):
    """Instants lie in the ledger in UTC, without a zone."""
    return value.tz_convert("UTC").tz_localize(None).to_pydatetime() if isinstance(value, pd.Timestamp) else value


def _issue(row: ForecastIssue) -> Issue:
    values = {name: getattr(row, name) for name in Issue.__dataclass_fields__}
    return Issue(**{name: pd.Timestamp(v, tz="UTC") if isinstance(v, dt.datetime) else v for name, v in values.items()})
