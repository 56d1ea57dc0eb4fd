"""An ended session is dead at the next click, tile, act, file and refresh; only its person's acts keep one alive."""

import asyncio
import datetime as dt
import re
import shutil
import urllib.error
import urllib.request
import uuid

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from shuzhi.access import accounts, audit, session
from shuzhi.access.clock import now
from shuzhi.errors import ScopeError
from shuzhi.publish.registers import export
from shuzhi.registry import deliveries
from shuzhi.settings import ROOT, settings
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from shuzhi.ui import state
from tests.access.somebody import BOSS, Somebody, somebody
from tests.apps import SHELL, text
from tests.servers import web

TILE = "/tiles/sources/1/8/201/105.mvt"


ENDS = {
    "by the administrator": lambda who: session.end(who.home, BOSS, who.session),
    "with the account": lambda who: accounts.disable(who.home, BOSS, who.account),
    "with the password": lambda who: accounts.reset(who.home, BOSS, who.account),
    "by idleness": lambda who: who.age(seen_at=now() - dt.timedelta(minutes=settings().idle_minutes, seconds=1)),
    "by its limit": lambda who: who.age(expires_at=now() - dt.timedelta(seconds=1)),
}


@pytest.fixture(scope="module")
def city(small_city, tmp_path_factory):
    """A copy of the small city, whose accounts come and go."""
    return open_home(shutil.copytree(small_city.path, tmp_path_factory.mktemp("ended") / "city"))


# Acts of a page that still holds the scope of its last run


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_act_with_the_old_scope_is_refused(city, end):
    who = somebody(city, "administrator")
    scope, newest = who.scope, deliveries.listed(city, "source")[0].id
    assert export(city, scope, "sources", Selection.of(text="S0"), "csv")
    end(who)
    version = city.version
    with pytest.raises(ScopeError):
        audit.record(city, scope.actor, "change", "sources", "x")
    with pytest.raises(ScopeError):
        export(city, scope, "sources", Selection(), "csv")
    with pytest.raises(ScopeError):
        deliveries.undo(city, scope, newest)
    with pytest.raises(ScopeError):
        accounts.create(city, scope, f"y-{uuid.uuid4().hex[:8]}", "乙", "administrator")
    assert city.version == version


def test_an_act_with_rights_that_were_taken_away_is_refused(city):
    somebody(city, "administrator")  # the last one's rights can't be taken away
    who = somebody(city, "administrator")
    scope = who.scope
    accounts.change(city, BOSS, who.account, name="某人", role="analyst")
    with pytest.raises(ScopeError, match="rights have changed"):
        accounts.create(city, scope, f"y-{uuid.uuid4().hex[:8]}", "乙", "administrator")
    assert export(city, who.scope, "sources", Selection.of(text="S0"), "csv")  # with the rights of today


def test_an_act_in_a_place_that_was_taken_away_is_refused(city):
    who = somebody(city, "district_officer", ["锦江区"])
    scope = who.scope
    accounts.change(city, BOSS, who.account, name="某人", role="district_officer", places=["武侯区"])
    with pytest.raises(ScopeError, match="rights have changed"):
        export(city, scope, "sources", Selection(), "csv")


def test_whoever_changes_or_closes_the_own_account_does_so_for_the_last_time(city):
    somebody(city, "administrator")  # one stays
    for act in (
        lambda who: accounts.change(city, who.scope, who.account, name="某人", role="analyst"),
        lambda who: accounts.disable(city, who.scope, who.account),
        lambda who: accounts.reset(city, who.scope, who.account),
    ):
        who = somebody(city, "administrator")
        act(who)
        assert not session.person(city, who.token).scope.may("accounts", "change")


def test_a_device_that_was_revoked_does_nothing(city):
    token = session.device(city, BOSS, "大屏", "wall")
    scope = session.person(city, token).scope
    audit.record(city, scope.actor, "see", "sources", "x")
    session.end(city, BOSS, scope.actor.session)
    with pytest.raises(ScopeError):
        audit.record(city, scope.actor, "see", "sources", "x")


def test_an_ended_session_ends_nobody_s(city):
    who, other = somebody(city), somebody(city)
    scope = who.scope
    session.end(city, BOSS, who.session)
    with pytest.raises(ScopeError):
        session.end(city, replaced(scope), other.session)


def replaced(scope: Scope) -> Scope:
    """The same person with the right to change accounts."""
    return Scope(scope.rights | {("accounts", "change")}, actor=scope.actor)


# A page


@pytest.fixture
def opened(city, monkeypatch):
    """A function that opens a page for somebody, as a script."""
    from streamlit.testing.v1 import AppTest

    def go(who: Somebody, page: str = "sources") -> AppTest:
        monkeypatch.setenv("SHUZHI_HOME", str(city.path))
        settings.cache_clear()
        monkeypatch.setattr(state, "token", lambda: who.token)
        app = AppTest.from_file(str(SHELL), default_timeout=60)
        return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()

    yield go
    settings.cache_clear()


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_the_next_click_finds_nothing(city, opened, end):
    who = somebody(city)
    app = opened(who)
    assert "在册污染源" in text(app)
    end(who)
    app.text_input(key="f-sources-q").input("热电").run()
    said = text(app)
    assert "请登录" in said
    assert "污染源" not in said.replace("污染源清单", "")
    assert not app.text_input
    assert not app.multiselect


def test_rights_that_changed_count_at_the_next_click(city, opened):
    who = somebody(city)
    app = opened(who)
    whole = re.search(r"在册污染源 ([\d,]+) 家", text(app))[1]
    accounts.change(city, BOSS, who.account, name="某人", role="district_officer", places=["锦江区"])
    part = re.search(r"在册污染源 ([\d,]+) 家", text(app.run()))[1]
    assert int(part.replace(",", "")) < int(whole.replace(",", ""))
    accounts.change(city, BOSS, who.account, name="某人", role="press_officer")
    assert "这一页不对您开放" in text(app.run())


def test_a_tab_forgets_what_it_held_for_another_session(city, opened, monkeypatch):
    """A line that was cut is taken up again with the cookie of whoever has signed in since."""
    who, other = somebody(city), somebody(city)
    app = opened(who)
    app.session_state["made"] = "a one-time password"
    assert "made" in app.run().session_state
    monkeypatch.setattr(state, "token", lambda: other.token)
    assert "made" not in app.run().session_state
    assert "在册污染源" in text(app)
    app.session_state["made"] = "a one-time password"
    session.end(city, BOSS, other.session)
    assert "made" not in app.run().session_state


def test_whoever_must_change_the_password_sees_no_page(city, opened):
    who = somebody(city, "administrator", must_change=True)
    for page in ("home", "map", "sources", "accounts"):
        said = text(opened(who, page))
        assert "先换一个新口令" in said
        assert "在册" not in said


def test_a_refresh_is_no_act_and_a_click_is_one(city, opened, monkeypatch):
    who, before = somebody(city), now() - dt.timedelta(minutes=10)
    app = opened(who)
    who.age(seen_at=before)
    app.session_state[state._BY_ITSELF] = True  # as the watching fragment says before it draws the page again
    app.run()
    assert who.row().seen_at == before
    app.run()
    assert now() - who.row().seen_at < dt.timedelta(minutes=1)


# A server


@pytest.fixture(scope="module")
def server(city):
    """Address of a web process on the small city."""
    with web(city.path) as address:
        yield address


def status(server: str, path: str, token: str | None = None, **headers: str) -> tuple[int, str]:
    """Status and Cache-Control of an answer; redirects are not followed."""
    given = {"Cookie": f"{session.COOKIE}={token}"} if token else {}
    request = urllib.request.Request(server + path, headers=given | headers)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
            return answer.status, answer.headers.get("Cache-Control", "")
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Cache-Control", "")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Tab:
    """A browser's tab on a page: it also asks again by itself, as a page's watching fragment bids it."""

    def __init__(self, server: str, page: str, token: str | None):
        self._url, self._page, self._token = f"ws{server.removeprefix('http')}/_stcore/stream", page, token
        self._watching = self._hash = ""

    async def __aenter__(self) -> "Tab":
        headers = {"Cookie": f"{session.COOKIE}={self._token}"} if self._token else {}
        self._socket = await websockets.connect(
            self._url, subprotocols=["streamlit"], max_size=2**26, additional_headers=headers
        )
        return self

    async def __aexit__(self, *_) -> None:
        await self._socket.close()

    async def click(self, query: str = "") -> str:
        """Ask for a run; all that is sent."""
        return await self._run(query_string=query)

    async def wait(self) -> str:
        """What comes when the page looks by itself whether it is still the same."""
        return await self._run(fragment_id=self._watching, is_auto_rerun=True)

    async def _run(self, **asked) -> str:
        message, said = BackMsg(), ""
        for name, value in ({"page_name": self._page, "page_script_hash": self._hash} | asked).items():
            setattr(message.rerun_script, name, value)
        await self._socket.send(message.SerializeToString())
        while True:
            data = await asyncio.wait_for(self._socket.recv(), 60)
            answer = ForwardMsg()
            answer.ParseFromString(data)
            said += data.decode("utf-8", "ignore")
            kind = answer.WhichOneof("type")
            if kind == "auto_rerun":
                self._watching = answer.auto_rerun.fragment_id
            if kind == "navigation":
                self._hash = answer.navigation.page_script_hash
            if kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return said


def test_the_next_tile_and_route_are_refused(city, server):
    who = somebody(city)
    paths = (TILE, "/assets/search/1.json?q=S0", "/wall/data.json")
    for path in paths:
        answer, kept = status(server, path, who.token)
        assert (answer, "private" in kept) == (200, True), path
    session.end(city, BOSS, who.session)
    for path in paths:
        assert status(server, path, who.token) == (401, "no-store"), path
    assert status(server, "/media/x.csv", who.token)[0] == 401
    assert status(server, "/sources", who.token)[0] == 303


def test_whoever_must_change_the_password_gets_the_own_account_only(city, server):
    who = somebody(city, "administrator", must_change=True)
    for path in (TILE, "/wall", "/wall/data.json", "/assets/search/1.json?q=S"):
        assert status(server, path, who.token)[0] == 403, path
    assert status(server, "/sources", who.token)[0] == 303
    assert status(server, "/account", who.token)[0] == 200


def test_an_open_page_turns_by_itself(city, server):
    """Nobody clicks: the page asks, and is told that it is nobody's any more."""

    async def watch() -> list[str]:
        who = somebody(city)
        async with Tab(server, "sources", who.token) as tab:
            said = [await tab.click(), await tab.wait()]
            session.end(city, BOSS, who.session)
            return [*said, await tab.wait(), await tab.click("unit=武侯区")]

    first, quiet, ended, clicked = asyncio.run(watch())
    assert "在册污染源" in first
    assert "请登录" not in quiet
    for said in (ended, clicked):
        assert "请登录" in said
        assert "在册" not in said


def test_a_refresh_by_itself_keeps_nobody_signed_in(city, server):
    async def watch() -> tuple[dt.datetime, dt.datetime, dt.datetime]:
        who, before = somebody(city), now() - dt.timedelta(minutes=10)
        async with Tab(server, "sources", who.token) as tab:
            await tab.click()
            who.age(seen_at=before)
            with city.writer():
                city.changed()
            assert "在册污染源" in await tab.wait()  # it was drawn again
            by_itself = who.row().seen_at
            await tab.click("unit=锦江区")
            return before, by_itself, who.row().seen_at

    before, by_itself, clicked = asyncio.run(watch())
    assert by_itself == before
    assert clicked > before


def test_files_of_pages_are_gone_with_the_session(city, server):
    who = somebody(city)
    assert status(server, "/media/0123456789.csv", who.token)[0] == 404
    session.end(city, BOSS, who.session)
    for token in (who.token, None):
        assert status(server, "/media/0123456789.csv", token)[0] == 401


def test_uploads_are_for_whoever_is_signed_in(server):
    request = urllib.request.Request(f"{server}/_stcore/upload_file/{uuid.uuid4()}/{uuid.uuid4()}", b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 401


def test_a_stranger_s_page_tells_nothing(server):
    """Whoever opens the pages' socket without a session is drawn the way in, whatever page or address is named."""

    async def ask(page: str, query: str) -> str:
        async with Tab(server, page, None) as tab:
            return await tab.click(query)

    for page, query in (("sources", ""), ("SOURCES", ""), ("map", "show=sources"), ("", ""), ("nothing", "unit=x")):
        said = asyncio.run(ask(page, query))
        assert "请登录" in said, page
        assert "在册" not in said
