"""The page 账号与权限: who there is, who is in, what each role may do; and what an administrator does there."""

import pytest

from shuzhi.access import accounts, audit, rights, session, signin, words
from shuzhi.errors import InputError
from shuzhi.store import Scope, open_home
from tests.apps import html, text, visiting

ALL = Scope.all()
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0"


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path)


@pytest.fixture
def visit(monkeypatch):
    with visiting(monkeypatch, "accounts") as go:
        yield go


def account(home, login):
    table = accounts.table(home, ALL)
    return next(row for row in table.itertuples() if row.login == login)


def test_the_sentence_counts(visit, home):
    accounts.create(home, ALL, "li.na", "李娜", "district_officer", ["锦江区"])
    for _turn in range(signin.PATIENCE):
        with pytest.raises(Exception, match="账号"):
            signin.with_password(home, "li.na", "wrong", "", signin.Visitor())
    page = text(visit(home))
    assert "2 个账号，1 人在线，1 个锁定，0 个一次性口令未换" in page
    assert "李娜" in page


def test_the_url_filters_the_list(visit, home):
    accounts.create(home, ALL, "li.na", "李娜", "district_officer", ["锦江区"])
    accounts.create(home, ALL, "wang", "王芳", "auditor")
    page = text(visit(home, q="锦江"))
    assert "李娜" in page
    assert "王芳" not in page
    assert "王芳" in text(visit(home, of="auditor", state="one_time"))
    assert "0 个，共 3 个" in text(visit(home, state="locked"))


def test_a_new_account_shows_its_password_once(visit, home):
    page = visit(home)
    page.button(key="go-account-new").click().run()
    page.text_input(key="account-login").set_value("Sun.Li")
    page.text_input(key="account-name").set_value("孙丽")
    page.selectbox(key="account-role").set_value("duty_officer")
    page.button(key="go-account-do").click().run()
    (shown,) = page.code
    assert signin.with_password(home, "sun.li", shown.value, "", signin.Visitor())
    assert page.run().code  # a page that draws itself again keeps it
    page.button(key="account-made-close").click().run()
    assert not page.code


def test_what_is_wrong_is_said_in_the_dialog(visit, home):
    page = visit(home)
    page.button(key="go-account-new").click().run()
    page.text_input(key="account-login").set_value("a b")
    page.text_input(key="account-name").set_value("甲")
    page.button(key="go-account-do").click().run()
    assert page.error
    assert len(accounts.table(home, ALL)) == 1


def test_an_identity_of_a_provider_is_whole_and_belongs_to_one(home):
    accounts.create(home, ALL, "a", "甲", "analyst", oidc=("https://id.example", "1"))
    for login, oidc, wrong in (
        ("b", ("https://id.example", ""), "两项"),
        ("b", ("https://id.example", "1"), "另一个账号"),
        ("A", ("https://id.example", "2"), "已经存在"),
    ):
        with pytest.raises(InputError, match=wrong):
            accounts.create(home, ALL, login, "乙", "analyst", oidc=oidc)


def test_an_account_is_disabled_after_a_question_and_enabled_at_once(visit, home):
    accounts.create(home, ALL, "li.na", "李娜", "analyst")
    page = visit(home, account=account(home, "li.na").id)
    page.button(key="account-disable").click().run()
    assert accounts.state(account(home, "li.na")) == "one_time"
    page.button(key="go-account-do").click().run()
    assert accounts.state(account(home, "li.na")) == "disabled"
    page = visit(home, account=account(home, "li.na").id)
    page.button(key="account-enable").click().run()
    assert accounts.state(account(home, "li.na")) == "one_time"
    assert audit.search(home, ALL, actions=["change"])[0]["actor_name"].tolist()[:2] == ["001", "001"]


def test_who_is_signed_in_stands_with_the_browser_in_words(visit, home):
    password = accounts.create(home, ALL, "li.na", "李娜", "analyst")
    token = signin.with_password(home, "li.na", password, "", signin.Visitor("10.0.0.7", EDGE))
    session.device(home, ALL, "指挥大厅")
    page = visit(home, part="sessions")
    assert "Windows 上的 Edge" in text(page)
    assert "10.0.0.7" in text(page)
    assert "指挥大厅" in text(page)
    page.session_state["sz-account-dialog"] = ("end", session.person(home, token).session)
    page.run()
    page.button(key="go-account-do").click().run()
    assert not session.person(home, token).signed_in


def test_a_new_device_shows_its_address_once(visit, home):
    page = visit(home, part="sessions")
    page.button(key="account-device").click().run()
    page.text_input(key="device-name").set_value("三楼")
    page.button(key="go-account-do").click().run()
    (shown,) = page.code
    token = shown.value.partition("/wall/enter?token=")[2]
    assert session.person(home, token).role == "wall"


def test_the_matrix_has_every_role_and_face(visit, home):
    page = text(visit(home, part="rights"))
    for key, role in rights.roles().items():
        assert role.zh in page
        assert words.role_name(key) == role.zh
    assert all(route in page for route in rights.matrix()["routes"] if "{" not in route)


def test_a_role_says_what_it_may(visit, home):
    page = html(visit(home, part="rights", role="auditor"))
    assert "<dt>导出</dt><dd>审计</dd>" in page
    assert "<dt>查看</dt><dd>账号、审计</dd>" in page


def test_english(visit, home):
    assert "1 accounts: 1 people signed in" in text(visit(home, lang="en"))


def test_an_auditor_sees_and_changes_nothing(monkeypatch, home):
    accounts.create(home, ALL, "li.na", "李娜", "analyst")
    with visiting(monkeypatch, "accounts", role="auditor") as go:
        page = go(home, account=account(home, "li.na").id)
        assert "李娜" in text(page)
        keys = {button.key for button in page.button}
        assert not keys & {"go-account-new", "account-change", "account-reset", "account-disable"}
        assert 'data-pick="end=' not in html(go(home, part="sessions"))


@pytest.mark.parametrize("role", ["leader", "duty_officer", None])
def test_others_are_refused(monkeypatch, home, role):
    accounts.create(home, ALL, "li.na", "李娜", "analyst")
    with visiting(monkeypatch, "accounts", role=role) as go:
        page = text(go(home))
    assert "李娜" not in page
    assert "个账号" not in page
