"""One's own account at a real server: the first password, the second factor, the sessions."""

import datetime as dt
import re
import uuid

import pyotp
import pytest

from shuzhi.access import accounts, audit, operator, own, session, signin
from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.store import open_home
from tests.browsing import Browser, text
from tests.servers import web

WORD, OTHER = "金色的银杏 in autumn", "锦江边的芙蓉 in october"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return open_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(home):
    with web(home.path, SHUZHI_SIGN_INS_PER_MINUTE="0") as address:
        yield address


@pytest.fixture
def someone(home, server):
    """A browser in which somebody is signed in with a password for one sign-in; login and password."""
    login = f"p-{uuid.uuid4().hex[:12]}"
    password = accounts.create(home, operator(), login, "李娜", "district_officer", ["锦江区"])
    browser = Browser(server)
    browser.sign_in(login, password, next="/map")
    return browser, login, password


def settled(someone) -> tuple[Browser, str]:
    """The same with a password of the own; browser and login."""
    browser, login, first = someone
    browser.open("/account")
    assert browser.send("/account/password", old=first, new=WORD, again=WORD).status_code == 303
    return browser, login


def code(secret: str, later: int = 0) -> str:
    """A code of an authenticator, some steps later."""
    return pyotp.TOTP(secret).generate_otp(int(dt.datetime.now(dt.UTC).timestamp()) // 30 + later)


def test_the_first_password_is_changed_before_anything_else(server, someone):
    browser, _login, first = someone
    page = browser.open("/map")
    assert page.url.startswith(f"{server}/account")
    assert "先换掉一次性口令" in text(page)
    assert "二次验证" not in text(page)
    seal = browser.hidden("/sign-out")
    for action in ("/account/sessions", "/account/second-factor"):
        assert browser.send(action, seal).status_code == 403
    browser.open("/account?next=/map?a=1")
    answer = browser.send("/account/password", old=first, new=WORD, again=WORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/map?a=1")
    assert browser.open("/map").url == f"{server}/map"


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        (None, WORD, OTHER, "不一样"),
        ("wrong", WORD, WORD, "原口令不对"),
        (None, "short", "short", "10 到 256"),
        (None, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "太容易猜到"),
    ],
)
def test_a_password_that_does_not_do_is_not_taken(someone, old, new, again, said):
    browser, login, first = someone
    browser.open("/account")
    answer = browser.send("/account/password", old=old or first, new=new, again=again)
    assert answer.status_code == 403
    assert said in text(answer)
    assert first not in answer.text
    assert new not in answer.text


def test_a_new_password_ends_the_sessions_elsewhere(home, server, someone):
    browser, login = settled(someone)
    elsewhere = Browser(server)
    elsewhere.sign_in(login, WORD)
    browser.open("/account")
    assert browser.send("/account/password", old=WORD, new=OTHER, again=OTHER).headers["location"] == (
        "/account?done=password"
    )
    assert "口令已换" in text(browser.open("/account?done=password"))
    assert not session.person(home, elsewhere.cookie).signed_in


def test_a_second_factor_is_turned_on_asked_for_and_turned_off(server, someone):
    browser, login = settled(someone)
    page = browser.open("/account")
    secret = browser.hidden("/account/second-factor")["secret"]
    assert re.search(r'<svg[^>]*class="qr"', page.text)
    assert " ".join(re.findall("....", secret)) in page.text
    wrong = browser.send("/account/second-factor", code="000000" if code(secret) != "000000" else "111111")
    assert wrong.status_code == 403
    assert secret in wrong.text
    assert browser.send("/account/second-factor", code=code(secret, -1)).headers["location"] == "/account?done=on"
    page = browser.open("/account?done=on")
    assert "已开启" in text(page)
    assert secret not in page.text
    other = Browser(server)
    assert other.sign_in(login, WORD).status_code == 403
    assert other.sign_in(login, WORD, code(secret)).status_code == 303
    browser.open("/account")
    assert browser.send("/account/second-factor", code=code(secret, 1)).headers["location"] == "/account?done=off"
    assert Browser(server).sign_in(login, WORD).status_code == 303


@pytest.mark.parametrize("secret", ["x", "A" * 31, "A" * 33, "0" * 32, "<script>"])
def test_no_other_secret_is_taken(someone, secret):
    browser, _login = settled(someone)
    browser.open("/account")
    assert browser.send("/account/second-factor", secret=secret, code="123456").status_code == 403


def test_sessions_are_shown_and_ended(home, server, someone):
    browser, login = settled(someone)
    phone = Browser(server, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19 Safari/604")
    phone.sign_in(login, WORD)
    page = browser.open("/account")
    assert "Safari · iPhone" in text(page)
    ends = re.findall(r'name="session" value="(\w+)"', page.text)
    assert len(ends) == 1  # not the one in which it is looked at
    assert browser.send("/account/sessions", session=ends[0]).headers["location"] == "/account?done=session"
    assert phone.open("/account").url.startswith(f"{server}/sign-in")
    assert browser.send("/account/sessions", session=ends[0]).status_code == 303
    events, _total = audit.search(home, operator(), actions=["end_session"])
    assert login in set(events["object"])


def test_nobody_ends_the_session_of_another(home, server, someone):
    browser, _login = settled(someone)
    accounts.create(home, operator(), f"z-{_login}", "乙", "leader", oidc=("https://sso.example", _login))
    token = signin.with_provider(home, "https://sso.example", _login, signin.Visitor())
    other = session.person(home, token)
    browser.open("/account")
    browser.send("/account/sessions", session=other.session)
    assert session.person(home, token).signed_in
    with pytest.raises(NotFoundError):
        own.end_session(home, session.person(home, browser.cookie).scope, other.session)


def test_the_public_and_the_command_line_have_no_account(home):
    for scope in (session.public(home).scope, operator()):
        with pytest.raises(ScopeError):
            own.account(home, scope)


def test_a_stranger_has_no_account(server):
    browser = Browser(server)
    assert browser.open("/account").url == f"{server}/sign-in?next=%2Faccount"
    assert browser.session.get(f"{server}/account", headers={"accept": "application/json"}).status_code == 401
