"""An open page whose session has been ended turns by itself, and keeps nothing of what it showed."""

import shutil

import pytest

from shuzhi.access import session
from shuzhi.registry import sources
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from tests.access.somebody import BOSS, somebody
from tests.servers import web

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms; the machine may be busy


@pytest.fixture(scope="module")
def city(small_city, tmp_path_factory):
    return open_home(shutil.copytree(small_city.path, tmp_path_factory.mktemp("ended") / "city"))


@pytest.fixture(scope="module")
def server(city):
    """Address of a web process whose pages look every second whether they are still whose they were."""
    with web(city.path, SHUZHI_WATCH_SECONDS="1") as address:
        yield address


@pytest.mark.parametrize("path", ["/sources?q={name}&source={id}", "/map?show=sources&source={id}"])
def test_an_open_page_turns_by_itself(chromium, server, city, path):
    who, shown = somebody(city), sources.search(city, Scope.all(), Selection()).rows.iloc[0]
    context = chromium.stranger(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": session.COOKIE, "value": who.token, "url": server}])
    page = context.new_page()
    page.goto(server + path.format(**shown[["id", "name"]]))
    page.get_by_text(shown["credit_code"]).first.wait_for(timeout=PATIENCE)
    session.end(city, BOSS, who.session)
    page.get_by_text("请登录").wait_for(timeout=PATIENCE)
    page.get_by_text(shown["credit_code"]).first.wait_for(state="detached", timeout=PATIENCE)
    page.wait_for_timeout(1_500)  # what a run leaves away is taken off a moment after it
    left = page.locator("body").inner_html()
    assert shown["credit_code"] not in left
    assert shown["name"] not in left
    assert page.locator("canvas, iframe").count() == 0
    with page.expect_navigation(timeout=PATIENCE):
        page.reload()
    assert "/sign-in?next=" in page.url
    page.go_back()
    assert shown["credit_code"] not in page.content()
    context.close()
