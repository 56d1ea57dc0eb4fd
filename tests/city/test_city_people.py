"""People of the simulated city: invented, the same for a seed, taken in by the door, with gaps as in life."""

import datetime as dt
import re

import pytest

from shuzhi.city import build as building
from shuzhi.city import people as city
from shuzhi.city.plan import Plan
from shuzhi.registry import duties, organisations, people, places, reach, responsibilities
from shuzhi.settings import BEIJING
from shuzhi.store import Scope, open_home, quarantine

ALL = Scope.all()
PLAN = Plan(seed=5, first=dt.date(2026, 1, 20), stations=8, water=6, sources=900, machines=120)
UNTIL = dt.datetime(2026, 2, 4, 9, 0, tzinfo=BEIJING)
FIRST, LAST = dt.date(2026, 1, 19), dt.date(2026, 2, 22)


def peopled(home, *moments):
    """A home with streets and people only, walked to each moment."""
    folder = home.path / "city"
    places_ = Plan(PLAN.seed, PLAN.first, PLAN.stations)
    building.places.deliver(home, PLAN.seed, folder / "places", small=True)
    city.deliver(home, places_, folder)
    for since, until in zip((PLAN.begin, *moments), moments, strict=False):
        city.extend(home, PLAN, folder, since, until)
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return peopled(open_home(tmp_path_factory.mktemp("people-city"), create="simulated"), UNTIL)


def test_it_is_a_step_of_the_city():
    assert "people" in building.STEPS
    assert set(building.STEPS) == set(building._STEPS)


def test_all_kinds_of_organisations_are_there(home):
    table = organisations.table(home, ALL)
    streets = places.streets(home, ALL)
    assert table["kind"].value_counts().to_dict() == {
        "street": len(streets),
        "district": 23,
        "team": 4,
        "bureau": 1,
        "centre": 1,
    }
    assert set(table.loc[table["kind"] == "street", "street"]) == set(streets["name"])
    assert set(table.loc[table["unit"].isna(), "kind"]) == {"bureau", "centre", "team"}
    assert table.set_index("id")["parent"].dropna().isin(table["id"]).all()
    assert (table["people"] > 0).all()
    assert quarantine.rows(home).empty


def test_no_phone_rings_anywhere(home):
    table = people.export(home, ALL)
    assert 400 < len(table) < 900
    assert table["phone"].map(lambda phone: re.fullmatch(r"1540000\d{4}", phone) is not None).all()
    assert table["phone"].is_unique
    assert table["code"].is_unique


def test_the_city_always_has_somebody_on_duty(home):
    bureau = organisations.table(home, ALL).set_index("name").at[city.BUREAU, "id"]
    for hour in range(24 * 7):
        moment = dt.datetime(2026, 1, 26, tzinfo=BEIJING) + dt.timedelta(hours=hour, minutes=31)
        assert len(duties.on_duty(home, ALL, bureau, moment)) >= 1


def test_rosters_reach_two_weeks_ahead_and_have_gaps(home):
    days = duties.roster(home, ALL, dt.date(2025, 1, 1), dt.date(2027, 1, 1))["day"]
    assert (days.min(), days.max()) == (FIRST, LAST)
    missing = duties.gaps(home, ALL, FIRST, LAST)
    assert 0 < len(missing) < 0.06 * 29 * 35


def test_a_few_places_have_nobody(home):
    table, missing = responsibilities.table(home, ALL), responsibilities.gaps(home, ALL)
    streets = places.streets(home, ALL)
    assert 0 < len(missing) < 0.06 * len(streets)
    assert set(table.loc[table["kind"] == "unit", "place"]) == set(places.units(home, ALL)["name"])
    answering = table[(table["kind"] == "street") & (table["task"] == "all")].set_index("place")["unit"]
    assert (answering == streets.set_index("name")["unit"].reindex(answering.index)).all()


def test_grids_are_answered_by_the_station_of_their_street(tmp_path):
    home = open_home(tmp_path, create="simulated")
    building.places.deliver(home, 5, tmp_path / "city" / "places")
    city.deliver(home, PLAN, tmp_path / "city")
    grids = {f["properties"]["name"]: f["properties"] for f in places.layer(home, ALL, "grid")["features"]}
    table = responsibilities.table(home, ALL, "grid")
    assert 0.95 * len(grids) < len(table) < len(grids)
    assert (table["unit"] == [grids[name]["unit"] for name in table["place"]]).all()


def test_walked_in_steps_equals_walked_at_once(home, tmp_path):
    moments = [UNTIL - dt.timedelta(hours=hours) for hours in (200, 199, 30, 0)]
    other = peopled(open_home(tmp_path, create="simulated"), *moments)
    for ask in (
        lambda home: people.export(home, ALL).drop(columns=["id", "organisation"]),
        lambda home: duties.roster(home, ALL, FIRST, LAST)[["day", "shift", "organisation_name", "code"]],
        lambda home: responsibilities.table(home, ALL)[["kind", "place", "task", "code"]],
    ):
        assert ask(other).equals(ask(home))
    file = "city/people/people.xlsx"
    assert (other.path / file).read_bytes() == (home.path / file).read_bytes()


def test_the_same_again_changes_nothing(home):
    version = reach.version(home)
    peopled(home, UNTIL)
    assert reach.version(home) == version
