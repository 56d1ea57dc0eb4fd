"""A home is real or simulated, from its first data on; scope and engine on an empty one."""

import datetime as dt
import multiprocessing

import pytest
from sqlalchemy import text

from shuzhi.errors import HomeKindError, ScopeError
from shuzhi.store import Scope, open_home
from shuzhi.store.ledger import ImportRun
from shuzhi.store.queries import Query, compiled, names


def imported(home, rows: int) -> None:
    with home.ledger.session() as session:
        session.add(ImportRun(id=f"run-{rows}", kind="air-archive", started_at=dt.datetime(2026, 1, 1), rows_new=rows))


def test_an_empty_home_takes_the_kind_of_its_first_data(tmp_path):
    assert open_home(tmp_path).kind == "real"
    assert open_home(tmp_path, create="simulated").kind == "simulated"
    assert open_home(tmp_path).kind == "simulated"


def test_a_failed_import_binds_nothing(tmp_path):
    imported(open_home(tmp_path), 0)
    assert open_home(tmp_path, create="simulated").kind == "simulated"


def test_real_and_simulated_data_do_not_meet(tmp_path):
    imported(open_home(tmp_path, create="real"), 5)
    with pytest.raises(HomeKindError, match="SHUZHI_HOME"):
        open_home(tmp_path, create="simulated")


def _open(path):
    with open_home(path).ledger.session() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 2, "what is committed is on the disk"


def test_two_processes_create_one_home(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    openers = [spawn.Process(target=_open, args=(tmp_path / "home",)) for _ in range(2)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0, 0]
    assert open_home(tmp_path / "home").version == 0


@pytest.mark.parametrize("name", names())
def test_every_query_answers_on_an_empty_home(tmp_path, name):
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    values = {"start": moment, "end": moment, "first": moment.date(), "last": moment.date()}
    values |= {"first_month": "2026-01", "last_month": "2026-01"}
    found = open_home(tmp_path).engine.run(name, Scope.all(), **values)
    assert len(found) == name.endswith("_latest")


@pytest.mark.parametrize("name", names())
def test_a_query_outside_the_scope_is_refused(tmp_path, name):
    nothing = Scope.seeing()
    with pytest.raises(ScopeError, match=compiled(name).dataset):
        open_home(tmp_path).engine.run(name, nothing)


def of_sources(*parameters: str) -> Query:
    return Query("sources", f"SELECT {', '.join('$' + name for name in parameters) or 1} AS answer", parameters)


@pytest.mark.parametrize("places", [{"districts"}, {"streets"}, {"enterprises"}])
def test_a_query_of_protected_records_is_refused_to_whom_places_bind(tmp_path, monkeypatch, places):
    engine = open_home(tmp_path).engine
    monkeypatch.setattr("shuzhi.store.engine.compiled", lambda name: of_sources())
    with pytest.raises(ScopeError, match="places"):
        engine.run("unbound", Scope(**{place: frozenset({"锦江区"}) for place in places}))
    assert len(engine.run("unbound", Scope.all())) == 1


def test_who_may_count_a_data_set_may_see_it_for_totals_only():
    counter = Scope(frozenset({("sources", "count"), ("air", "see")}), districts=frozenset({"锦江区"}))
    assert not counter.may("sources")
    assert counter.counting("sources").places_for("sources") == {"unit": ["锦江区"]}
    assert counter.counting("machines") == counter.counting("air") == counter
    assert Scope.all().counting("sources") == Scope.all()
