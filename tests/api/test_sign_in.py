"""Signing in and out at a real server: cookies, forms, refusals, many at once."""

import re
import threading
from http.cookies import SimpleCookie

import pytest

from shuzhi.access import accounts, audit, operator, session, signin
from shuzhi.api import pages
from shuzhi.store import open_home
from tests.browsing import Browser, text
from tests.servers import web

WORD = "金色的银杏 in autumn"
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return open_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(home):
    with web(home.path, SHUZHI_SIGN_INS_PER_MINUTE="0") as address:
        yield address


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory):
    city = open_home(tmp_path_factory.mktemp("city"), create="simulated")
    accounts.demo_accounts(city, {"unit": ["锦江区"], "street": ["春熙路街道"], "enterprise": ["x"]})
    with web(city.path, SHUZHI_DEMO="1") as address:
        yield address


def person(home, login: str, role: str = "leader", places=(), word: str = WORD) -> str:
    """An account whose password is already its own; returns the password."""
    first = accounts.create(home, operator(), login, f"人员 {login}", role, places)
    who = session.person(home, signin.with_password(home, login, first, "", signin.Visitor()))
    signin.change_password(home, who.scope, first, word)
    session.end(home, who.scope, who.session)
    return word


@pytest.fixture(scope="module")
def leader(home):
    person(home, "leader")
    return "leader"


def flags(answer, name: str) -> dict[str, str]:
    """Attributes of a cookie that an answer sets."""
    for header in answer.raw.headers.getlist("set-cookie"):
        found = SimpleCookie(header)
        if name in found:
            return {key: value for key, value in found[name].items() if value}
    raise AssertionError(f"{name} is not set")


def test_a_stranger_is_sent_to_the_sign_in_and_back(server, leader):
    browser = Browser(server)
    browser.open("/map?lang=en&district=x")
    assert browser.page.url.startswith(f"{server}/sign-in?next=")
    assert "Sign in" in text(browser.page)
    answer = browser.send("/sign-in", login=leader, password=WORD, code="")
    assert (answer.status_code, answer.headers["location"]) == (303, "/map?lang=en&district=x")
    assert browser.open("/map").url == f"{server}/map"


def test_the_flags_of_the_cookies(server, leader):
    browser = Browser(server)
    assert flags(browser.open("/sign-in"), "shuzhi_form") == {"path": "/", "httponly": True, "samesite": "lax"}
    answer = browser.send("/sign-in", login=leader, password=WORD, code="")
    assert flags(answer, session.COOKIE) == {"path": "/", "httponly": True, "samesite": "lax"}
    safe = Browser(server, x_forwarded_proto="https")
    assert flags(safe.open("/sign-in"), "shuzhi_form")["secure"]
    form = safe.page.raw.headers.getlist("set-cookie")[0].split(";")[0]
    origin = {"origin": server.replace("http", "https"), "cookie": form}
    sent = safe.send("/sign-in", safe.hidden("/sign-in"), origin, login=leader, password=WORD, code="")
    assert flags(sent, session.COOKIE)["secure"]


def test_no_answer_with_a_session_is_kept(server, leader):
    browser = Browser(server)
    for answer in (browser.open("/sign-in"), browser.sign_in(leader, WORD), browser.open("/account")):
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_each_sign_in_has_a_session_of_its_own_and_ends_the_one_before(home, server, leader):
    browser = Browser(server)
    browser.session.cookies.set(session.COOKIE, "given-by-somebody-else", domain="127.0.0.1", path="/")
    browser.sign_in(leader, WORD)
    first = browser.cookie
    browser.sign_in(leader, WORD)
    assert len({"given-by-somebody-else", first, browser.cookie}) == 3
    assert not session.person(home, first).signed_in
    assert session.person(home, browser.cookie).signed_in


def test_signing_out_ends_the_session_at_the_server(home, server, leader):
    browser = Browser(server)
    browser.sign_in(leader, WORD)
    token = browser.cookie
    browser.open("/account")
    answer = browser.send("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert browser.cookie is None
    assert not session.person(home, token).signed_in
    assert "您已退出登录" in text(browser.open("/signed-out"))
    again = Browser(server)
    again.session.cookies.set(session.COOKIE, token, domain="127.0.0.1", path="/")
    assert "登录已经结束" in text(again.open("/account"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": EVIL},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": EVIL, "sec-fetch-site": "same-origin"},
    ],
)
def test_a_form_that_another_page_sends_is_refused(home, server, leader, headers):
    browser = Browser(server)
    browser.open("/sign-in")
    answer = browser.send("/sign-in", None, headers, login=leader, password=WORD, code="")
    assert answer.status_code == 403
    assert browser.cookie is None
    browser.sign_in(leader, WORD)
    browser.open("/account")
    assert browser.send("/sign-out", None, headers).status_code == 403
    assert session.person(home, browser.cookie).signed_in


def test_a_form_without_its_seal_is_refused(home, server, leader):
    browser, other = Browser(server), Browser(server)
    other.open("/sign-in")
    browser.open("/sign-in")
    foreign = other.hidden("/sign-in")["token"]
    for token in ("", "x", foreign):
        answer = browser.send("/sign-in", login=leader, password=WORD, code="", token=token)
        assert answer.status_code == 403
        assert "请再试一次" in text(answer)
        assert browser.cookie is None
    browser.sign_in(leader, WORD)
    other.sign_in(leader, WORD)
    other.open("/account")
    browser.open("/account")
    foreign = other.hidden("/sign-out")["token"]
    for action in ("/sign-out", "/account/password", "/account/sessions", "/account/second-factor"):
        for token in ("", foreign):
            assert browser.send(action, {"token": token}).status_code == 403, action
    assert session.person(home, browser.cookie).signed_in


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/map",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "///evil.example",
        "/sign-out",
        "",
        "/" + "x" * 3000,
    ],
)
def test_nobody_is_sent_elsewhere(server, leader, wanted):
    browser = Browser(server)
    assert browser.sign_in(leader, WORD, next=wanted).headers["location"] == "/"
    assert pages.local(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/map", "/map?a=1&next=https://x", "/station?name=沙河铺", "/water#top"])
def test_a_page_of_ours_is_gone_back_to(wanted):
    assert pages.local(wanted) == wanted


def test_what_is_typed_is_shown_as_text(server):
    browser = Browser(server)
    bad = '"><script>alert(1)</script>'
    assert bad not in browser.sign_in(bad, "x", next=f"/map?a={bad}").text
    assert bad not in browser.open(f"/sign-in?next=/map{bad}&lang={bad}&done={bad}").text


def test_a_refusal_does_not_say_what_was_wrong(home, server):
    person(home, "locked")
    locked = Browser(server)
    said = {text(locked.sign_in("locked", f"wrong-{turn}")) for turn in range(signin.PATIENCE + 1)}
    said.add(text(locked.sign_in("locked", WORD)))
    assert len(said) == 1
    stranger = text(Browser(server).sign_in("nobody-at-all", WORD))
    assert stranger == said.pop()
    assert "账号、口令或验证码不对" in stranger
    assert locked.cookie is None


def test_attempts_of_an_address_are_limited(tmp_path):
    home = open_home(tmp_path)
    with web(home.path, SHUZHI_SIGN_INS_PER_MINUTE="5") as address:
        browser = Browser(address)
        answers = [browser.sign_in(f"nobody-{turn}", "x") for turn in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    wait = int(answers[-1].headers["retry-after"])
    assert 0 < wait <= 12
    assert f"请 {wait} 秒后再试" in text(answers[-1])
    assert audit.search(home, operator(), actions=["sign_in"], outcomes=["refused"])[1] == 6


def test_without_demo_mode_nobody_enters_with_a_click(server):
    browser = Browser(server)
    assert "演示" not in text(browser.open("/sign-in"))
    seal = browser.hidden("/sign-in")
    assert browser.send("/sign-in/demo", seal, role="administrator").status_code == 403
    assert browser.cookie is None


def test_the_demo_has_a_card_for_each_role_and_the_public_view(demo_server):
    for lang, mode, public in (("zh", "演示模式", "公众视图"), ("en", "Demo mode", "Public view")):
        browser = Browser(demo_server)
        page = browser.open(f"/sign-in?lang={lang}")
        roles = re.findall(r'name="role" value="(\w+)"', page.text)
        assert len(roles) == len(set(roles)) == 15
        assert mode in text(page)
        assert public in text(page)
    for role in roles:
        assert browser.open("/sign-in").ok
        answer = browser.send("/sign-in/demo", role=role)
        assert answer.status_code == 303, role
        assert "演示账号" in text(browser.open("/account"))
    assert Browser(demo_server).open("/map").url == f"{demo_server}/map"


@pytest.mark.parametrize("role", ["wall", "public", "nobody", ""])
def test_the_demo_has_no_other_role(demo_server, role):
    browser = Browser(demo_server)
    browser.open("/sign-in")
    assert browser.send("/sign-in/demo", role=role).status_code == 403


def test_who_may_not_open_a_page_is_told_so(demo_server):
    browser = Browser(demo_server)
    browser.open("/sign-in")
    browser.send("/sign-in/demo", role="auditor")
    page = browser.open("/map")
    assert page.status_code == 403
    assert "这一页不在您的权限内" in text(page)
    assert "审计员" in text(page)


def test_a_wall_enters_with_its_token_and_the_address_forgets_it(home, server):
    token = session.device(home, operator(), "指挥大厅")
    browser = Browser(server)
    answer = browser.open(f"/wall/enter?token={token}", follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
    assert flags(answer, session.COOKIE)["max-age"] == str(400 * 24 * 3600)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert browser.open("/wall").status_code == 200
    assert browser.open("/account").status_code == 403
    session.end(home, operator(), session.person(home, token).session)
    for address in (f"/wall/enter?token={token}", "/wall/enter?token=x", "/wall/enter"):
        refused = Browser(server).open(address)
        assert refused.status_code == 403
        assert "大屏没有打开" in text(refused)


def test_a_wall_does_not_enter_by_a_link_elsewhere_nor_with_a_persons_token(home, server, leader):
    token = session.device(home, operator(), "二号厅")
    linked = Browser(server, sec_fetch_site="cross-site")
    assert linked.open(f"/wall/enter?token={token}").status_code == 403
    someone = Browser(server)
    someone.sign_in(leader, WORD)
    assert Browser(server).open(f"/wall/enter?token={someone.cookie}").status_code == 403


def test_twenty_people_at_once_are_nobody_else(home, server):
    names = [f"person-{number}" for number in range(20)]
    for name in names:
        person(home, name, "district_officer", ["锦江区"])
    wrong, tokens, barrier = [], [], threading.Barrier(len(names))

    def come_and_go(name: str) -> None:
        try:
            barrier.wait()
            for _turn in range(2):
                browser = Browser(server)
                if browser.sign_in(name, WORD).status_code != 303:
                    wrong.append((name, "not signed in"))
                    continue
                tokens.append(browser.cookie)
                for _look in range(3):
                    found = set(re.findall(r"人员 (person-\d+)", text(browser.open("/account"))))
                    if found != {name}:
                        wrong.append((name, found))
                browser.send("/sign-out")
                if session.person(home, tokens[-1]).signed_in and browser.cookie:
                    wrong.append((name, "still signed in"))
        except Exception as error:
            wrong.append((name, repr(error)))

    threads = [threading.Thread(target=come_and_go, args=(name,)) for name in names]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong
    assert len(set(tokens)) == 40
    assert not any(session.person(home, token).signed_in for token in tokens)
    assert audit.verify(home) == []
