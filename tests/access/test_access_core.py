"""Accounts, sessions, lockout, the audit chain."""

import datetime as dt
import runpy
import sqlite3
import threading

import pyotp
import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import text, update

from shuzhi.access import accounts, audit, passwords, rights, session, signin
from shuzhi.access.clock import now
from shuzhi.errors import InputError, ScopeError, SignInError
from shuzhi.settings import settings
from shuzhi.store import Actor, Scope, open_home
from shuzhi.store.ledger import SignIn

BOSS = Scope.all(Actor("system", "root", "root"))
HERE = signin.Visitor("127.0.0.1", "test")


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path)


def officer(home, role="district_officer", places=("锦江区",)):
    password = accounts.create(home, BOSS, "Li.Na", "李娜", role, places)
    return signin.with_password(home, "ｌi.na", password, "", HERE), password


def test_an_account_signs_in_under_any_spelling_and_is_bound_to_its_district(home):
    token, _password = officer(home)
    who = session.person(home, token)
    assert (who.name, who.role, who.must_change) == ("李娜", "district_officer", True)
    assert who.scope.districts == {"锦江区"}
    assert who.scope.places_for("sources") == {"unit": ["锦江区"]}
    assert who.scope.places_for("air") == {}
    with pytest.raises(ScopeError):
        who.scope.require("accounts")


def test_nobody_without_a_session_sees_anything(home):
    for token in (None, "", "x" * 43, "x" * 5000):
        who = session.person(home, token)
        assert not who.signed_in
        assert not any(who.scope.may(dataset) for dataset in rights.matrix()["datasets"])


def test_a_role_that_is_gone_and_a_bound_role_without_places_see_nothing():
    assert not rights.scope_of("emperor", ()).rights
    assert rights.scope_of("district_officer", ()).places_for("sources") == {"unit": []}


def test_what_an_administrator_ends_is_dead_at_once(home):
    token, _password = officer(home)
    mine, other = session.person(home, token), session.table(home, BOSS)["id"][0]
    assert mine.session == other
    session.end(home, BOSS, other)
    assert not session.person(home, token).signed_in


def test_nobody_ends_the_session_of_another_without_the_right(home):
    token, _password = officer(home)
    accounts.create(home, BOSS, "b", "乙", "analyst")
    who = session.person(home, token)
    with pytest.raises(ScopeError):
        session.end(home, Scope(frozenset(), actor=Actor("account", "x", "x", "other")), who.session)
    session.end(home, who.scope, who.session)
    assert not session.person(home, token).signed_in


@pytest.mark.parametrize(("column", "ago"), [("seen_at", dt.timedelta(minutes=31)), ("expires_at", dt.timedelta(0))])
def test_a_session_ends_by_itself(home, column, ago):
    token, _password = officer(home)
    with home.ledger.session() as ledger:
        ledger.execute(update(SignIn).values({column: now() - ago}))
    assert not session.person(home, token).signed_in


def test_two_hundred_wrong_passwords_lock_and_are_in_the_audit(home):
    _token, password = officer(home)
    for turn in range(200):
        with pytest.raises(SignInError):
            signin.with_password(home, "li.na", f"wrong-{turn}", "", HERE)
    with pytest.raises(SignInError):
        signin.with_password(home, "li.na", password, "", HERE)
    refused, total = audit.search(home, BOSS, actions=["sign_in"], outcomes=["refused"])
    assert total == 201
    assert (refused["object"] == "li.na").all()
    assert accounts.table(home, BOSS)["locked_until"][0] > now()
    assert audit.verify(home) == []


def test_a_code_is_asked_for_and_taken_once(home):
    token, password = officer(home)
    who, secret = session.person(home, token), signin.new_secret()
    with pytest.raises(SignInError):
        signin.set_totp(home, who.scope, secret, "000000" if pyotp.TOTP(secret).now() != "000000" else "111111")
    used = pyotp.TOTP(secret).now()
    signin.set_totp(home, who.scope, secret, used)
    for code in ("", used):
        with pytest.raises(SignInError):
            signin.with_password(home, "li.na", password, code, HERE)
    next_ = pyotp.TOTP(secret).generate_otp(int(dt.datetime.now(dt.UTC).timestamp()) // 30 + 1)
    assert session.person(home, signin.with_password(home, "li.na", password, next_, HERE)).signed_in


def test_a_new_password_ends_the_other_sessions(home):
    token, password = officer(home)
    other = signin.with_password(home, "li.na", password, "", HERE)
    who = session.person(home, token)
    for weak in ("short", "aaaaaaaaaaaa", "li.na-2026-x", password):
        with pytest.raises(InputError):
            signin.change_password(home, who.scope, password, weak)
    signin.change_password(home, who.scope, password, "金色的银杏 in autumn")
    assert session.person(home, token).must_change is False
    assert not session.person(home, other).signed_in


def test_two_first_starts_create_one_administrator(tmp_path):
    homes = [open_home(tmp_path) for _ in range(2)]
    made, barrier = [], threading.Barrier(2)

    def begin(home):
        barrier.wait()
        made.append(accounts.first_administrator(home))

    threads = [threading.Thread(target=begin, args=(home,)) for home in homes]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(password is None for password in made) == [False, True]
    assert list(accounts.table(homes[0], BOSS)["role"]) == ["administrator"]


def test_the_last_administrator_stays(home):
    accounts.first_administrator(home)
    id = accounts.table(home, BOSS)["id"][0]
    for act in (
        lambda: accounts.disable(home, BOSS, id),
        lambda: accounts.change(home, BOSS, id, name="x", role="analyst"),
    ):
        with pytest.raises(InputError):
            act()


def test_demo_accounts_sign_in_only_in_demo_mode_of_a_simulated_city(home, tmp_path, monkeypatch):
    with pytest.raises(Exception, match="simulated"):
        accounts.demo_accounts(home, {})
    city = open_home(tmp_path / "city", create="simulated")
    accounts.demo_accounts(city, {"unit": ["锦江区"], "street": ["春熙路街道"], "enterprise": ["x"]})
    with pytest.raises(SignInError):
        signin.with_demo(city, "leader", HERE)
    monkeypatch.setattr(settings(), "demo", True)
    token = signin.with_demo(city, "leader", HERE)
    assert session.person(city, token).role == "leader"
    monkeypatch.setattr(settings(), "demo", False)
    assert not session.person(city, token).signed_in


def test_a_device_lives_until_it_is_revoked(home):
    token = session.device(home, BOSS, "指挥大厅")
    with home.ledger.session() as ledger:
        ledger.execute(update(SignIn).values(seen_at=dt.datetime(2020, 1, 1)))
    who = session.person(home, token)
    assert who.signed_in
    assert who.role == "wall"
    assert not who.scope.may("people")
    session.end(home, BOSS, who.session)
    assert not session.person(home, token).signed_in


def test_the_database_refuses_to_change_an_event(home):
    audit.record(home, None, "import", "air", "a")
    with pytest.raises(Exception, match="never changed"), home.ledger.session() as ledger:
        ledger.execute(text("UPDATE audit SET object = 'b'"))


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit SET object = 'other' WHERE seq = 3",
        "UPDATE audit SET at = datetime(at, '-1 day') WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit WHERE seq > 4",
        "DELETE FROM audit",
        "UPDATE audit SET seq = CASE seq WHEN 2 THEN 103 ELSE 102 END WHERE seq IN (2, 3);"
        "UPDATE audit SET seq = seq - 100 WHERE seq > 100",
    ],
)
def test_an_event_that_was_altered_removed_or_moved_is_found(home, harm):
    for number in range(6):
        audit.record(home, BOSS.actor, "export", "sources", f"file {number}", rows=number)
    assert audit.verify(home) == []
    with sqlite3.connect(home.path / "ledger.db") as database:
        database.executescript(f"DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; {harm}")
    assert audit.verify(home)


def test_events_of_many_writers_make_one_chain(home):
    def write(name):
        own = open_home(home.path)
        for number in range(20):
            audit.record(own, None, "see", "sources", f"{name} {number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert audit.verify(home) == []
    assert audit.search(home, BOSS)[1] == 60


def test_a_change_that_fails_leaves_no_event(home):
    accounts.create(home, BOSS, "a", "甲", "analyst")
    with pytest.raises(InputError):
        accounts.create(home, BOSS, "A", "乙", "analyst")
    assert audit.search(home, BOSS)[1] == 1


def test_a_digest_is_as_slow_as_the_rfc_wants():
    digest = runpy.run_path(passwords.__file__)["digest"]("金色的银杏 in autumn")  # that of tests is a quick one
    assert extract_parameters(digest) == RFC_9106_LOW_MEMORY


def test_passwords_made_differ_and_pass_the_rules():
    assert passwords.made() != passwords.made()
    passwords.check(passwords.made(), "li.na")
