"""Accounts, devices and audit from the command line, under the name of the operating system's user."""

import datetime as dt
import getpass
import sqlite3

import pytest
from typer.testing import CliRunner

from shuzhi import __main__ as command
from shuzhi.access import accounts, audit, session, signin
from shuzhi.access.cli import app, devices
from shuzhi.decision import cli as targets
from shuzhi.errors import InputError, NotFoundError
from shuzhi.ingest import cli as doors
from shuzhi.ingest.run import Run
from shuzhi.publish import audit_cli
from shuzhi.settings import ROOT, settings
from shuzhi.status import cli as air
from shuzhi.store import Actor, Scope, open_home

ALL = Scope.all()
HERE = signin.Visitor("127.0.0.1", "test")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield open_home(tmp_path / "home")
    settings.cache_clear()


def run(app, *words):
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def newest(home):
    return audit.search(home, ALL, limit=1)[0].iloc[0]


def test_an_account_from_its_making_to_its_end(home):
    made = run(app, "create", "Li.Na", "--name", "李娜", "--role", "district_officer", "--place", "锦江区")
    password = made.stdout.strip()
    token = signin.with_password(home, "li.na", password, "", HERE)
    assert "li.na,李娜,district_officer,锦江区,one_time,1" in run(app, "list", "--csv", "-").stdout
    id = session.person(home, token).session
    assert id in run(app, "sessions", "--csv", "-").stdout
    run(app, "end-session", id)
    assert not session.person(home, token).signed_in
    run(app, "disable", "LI.NA")
    assert accounts.state(accounts.table(home, ALL).iloc[0]) == "disabled"
    run(app, "enable", "li.na")
    again = run(app, "reset", "li.na").stdout.strip()
    assert again != password
    assert signin.with_password(home, "li.na", again, "", HERE)
    by_hand = audit.search(home, ALL, actions=["change", "end_session"])[0]
    assert set(by_hand["actor_name"]) == {getpass.getuser()}
    assert len(by_hand) == 5


def test_an_unknown_account_and_half_an_identity_are_said(home):
    with pytest.raises(NotFoundError):
        run(app, "disable", "nobody")
    with pytest.raises(InputError):
        run(app, "create", "x", "--name", "x", "--role", "analyst", "--issuer", "https://id.example")


def test_a_device_enters_until_it_is_revoked(home):
    token = run(devices, "create", "指挥大厅").stdout.strip()
    assert session.person(home, token).role == "wall"
    assert "指挥大厅,wall" in run(devices, "list", "--csv", "-").stdout
    run(devices, "revoke", "指挥大厅")
    assert not session.person(home, token).signed_in
    with pytest.raises(NotFoundError):
        run(devices, "revoke", "指挥大厅")


def test_verify_exits_with_one_where_the_chain_is_broken(home):
    for number in range(3):
        audit.record(home, None, "see", "sources", str(number))
    assert run(audit_cli.app, "verify").exit_code == 0
    with sqlite3.connect(home.path / "ledger.db") as database:
        database.executescript("DROP TRIGGER audit_no_update; UPDATE audit SET object = 'x' WHERE seq IN (1, 3)")
    found = run(audit_cli.app, "verify")
    assert found.exit_code == 1
    assert [line.split("\t")[0] for line in found.stdout.splitlines()] == ["1", "3"]


def test_search_and_export_take_the_same_filters(home, tmp_path):
    audit.record(home, None, "see", "sources", "锦江的厂")
    audit.record(home, None, "export", "air", "air.csv")
    found = run(audit_cli.app, "search", "--action", "see", "--csv", "-").stdout
    assert "锦江的厂" in found
    assert "air.csv" not in found
    tomorrow = (dt.datetime.now() + dt.timedelta(days=2)).date().isoformat()
    assert "锦江的厂" not in run(audit_cli.app, "search", "--since", tomorrow, "--csv", "-").stdout
    run(audit_cli.app, "export", str(tmp_path / "a.csv"), "--text", "锦江")
    assert "锦江的厂" in (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert (newest(home)["action"], newest(home)["dataset"]) == ("export", "audit")
    with pytest.raises(InputError):
        run(audit_cli.app, "search", "--since", "never")


def test_what_a_command_changes_or_takes_out_is_an_event(home, tmp_path):
    run(targets.app, "set", "2026", "good_days", "300")
    assert tuple(newest(home)[["action", "dataset", "object"]]) == ("change", "operations", "2026 good_days")
    run(doors.app, "stations", str(ROOT / "tests" / "fixtures" / "stations_chengdu.csv"))
    assert tuple(newest(home)[["action", "dataset", "outcome"]]) == ("import", "air", "done")
    with pytest.raises(InputError):
        run(doors.app, "stations", str(tmp_path / "nothing.csv"))
    assert tuple(newest(home)[["action", "outcome"]]) == ("import", "failed")
    run(air.app, "hourly", "--from", "2019-08-25", "--to", "2019-08-25", "--csv", str(tmp_path / "a.csv"))
    assert tuple(newest(home)[["action", "dataset", "object"]]) == ("export", "air", "air hourly")
    run(doors.app, "quarantine", "--csv", "-")
    assert tuple(newest(home)[["action", "dataset", "object"]]) == ("export", "operations", "import quarantine")
    assert newest(home)["actor_name"] == getpass.getuser()


def test_an_import_through_a_page_is_whose_page_it_is(home):
    run = Run(home, "stations", "real", actor=Actor("account", "a1", "李娜"))
    with pytest.raises(InputError), run:
        pass
    assert tuple(newest(home)[["actor_name", "action", "outcome"]]) == ("李娜", "import", "failed")


def test_what_the_simulated_city_delivers_is_nobodys_act(small_city):
    assert audit.search(small_city, ALL, actions=["import"])[1] == 0


@pytest.mark.parametrize("group", command._GROUPS)
def test_a_group_is_mounted_when_it_is_asked_for(group):
    command._mount(group)
    assert CliRunner().invoke(command.app, [group, "--help"]).exit_code == 0


def test_a_district_has_a_screen_of_its_own(home):
    with pytest.raises(InputError, match="至少选一个"):
        run(devices, "create", "锦江大厅", "--role", "district_wall")
    with pytest.raises(InputError, match="不要选地方"):
        run(devices, "create", "指挥大厅", "--place", "锦江区")
    token = run(devices, "create", "锦江大厅", "--role", "district_wall", "--place", "锦江区").stdout.strip()
    assert session.person(home, token).scope.districts == {"锦江区"}
    assert "锦江大厅,district_wall,锦江区" in run(devices, "list", "--csv", "-").stdout
