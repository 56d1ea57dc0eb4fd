"""Somebody of 锦江区 asks for the people of 武侯区."""

import datetime as dt

import pandas as pd
import pytest

from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.registry import duties, organisations, people, responsibilities
from tests.access.forging import ALL, OTHER, OWN, everybody, same


@pytest.fixture
def staff(city) -> pd.DataFrame:
    """Every person of the small city."""
    return people.table(city.home, ALL)


def test_people(city, staff, role):
    who, home = next(one for one in everybody(city) if one.role == role), city.home
    other = staff[staff["unit"] == OTHER].iloc[0]
    if not who.scope.may("people"):
        for ask in (people.table, organisations.table):
            with pytest.raises(ScopeError):
                ask(home, who.scope)
        return
    due = who.own(staff)
    assert len(due)
    for text in ("", other["code"], OTHER, other["title"]):
        same(people.table(home, who.scope, text=text), who.own(people.table(home, ALL, text=text)))
    assert people.table(home, who.scope, organisation=other["organisation"]).empty
    known = organisations.table(home, who.scope)
    covered = who.own(organisations.table(home, ALL))
    assert set(known.loc[known["own"], "id"]) == set(covered["id"])
    assert known.loc[~known["own"], "unit"].isna().all()
    assert known.loc[~known["own"], "people"].isna().all()
    week = dt.date.today() - dt.timedelta(days=7), dt.date.today() + dt.timedelta(days=7)
    whole = duties.roster(home, ALL, *week)
    same(duties.roster(home, who.scope, *week), whole[whole["organisation"].isin(covered["id"])])
    answers = responsibilities.table(home, ALL)
    same(responsibilities.table(home, who.scope), answers[answers["organisation"].isin(covered["id"])])
    if who.column == "unit":
        assert {spot.unit for spot in responsibilities.covered(home, who.scope, ("street", "grid"))} == {OWN}
    for table in (duties.on_duty(home, who.scope), duties.gaps(home, who.scope, *week)):
        assert set(table["organisation"]) <= set(covered["id"])


def test_people_of_another_are_not_opened_or_changed(city, staff):
    scope, home = everybody(city)[0].scope, city.home
    other, mine = staff[staff["unit"] == OTHER].iloc[0], staff[staff["unit"] == OWN].iloc[0]
    assert people.full(home, scope, mine["id"])["phone"] == people.full(home, ALL, mine["id"])["phone"]
    for act in (
        lambda: people.full(home, scope, other["id"]),
        lambda: people.change(home, scope, other["id"], title="x"),
        lambda: people.change(home, scope, mine["id"], organisation=other["organisation"]),
        lambda: people.remove(home, scope, other["id"]),
        lambda: people.bring_back(home, scope, other["id"]),
        lambda: organisations.remove(home, scope, other["organisation"]),
        lambda: duties.add(home, scope, dt.date.today(), "day", other["organisation"], mine["id"]),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert people.full(home, ALL, other["id"])["title"] == other["title"]
