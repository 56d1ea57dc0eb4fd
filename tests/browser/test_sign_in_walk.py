"""A person's way through sign-in, demo, account and out, in a browser: its own rules for forms, cookies and scripts."""

import pyotp
import pytest

from shuzhi.access import accounts, operator
from shuzhi.store import open_home
from tests.servers import web

pytestmark = pytest.mark.browser

PATIENCE = 60_000
WORD = "金色的银杏 in autumn"


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A simulated city in demo mode, without data; its address, and login and password of somebody."""
    home = open_home(tmp_path_factory.mktemp("city"), create="simulated")
    accounts.demo_accounts(home, {"unit": ["锦江区"], "street": ["春熙路街道"], "enterprise": ["x"]})
    password = accounts.create(home, operator(), "li.na", "李娜", "leader")
    with web(home.path, SHUZHI_DEMO="1") as address:
        yield address, password


@pytest.fixture
def page(chromium):
    opened = chromium.stranger(viewport={"width": 1366, "height": 768}).new_page()
    opened.set_default_timeout(PATIENCE)
    opened.faults = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda said: opened.faults.append(said.text) if "Security Policy" in said.text else None)
    yield opened
    opened.context.close()


def test_one_click_enters_the_demo_and_one_leaves_it(city, page):
    address, _password = city
    page.goto(f"{address}/sign-in?next=/water&lang=en")
    page.click("button[value=district_officer]")
    page.wait_for_url(f"{address}/water**")
    page.goto(f"{address}/account")
    assert page.locator("text=锦江区").first.is_visible()
    page.click("text=退出登录")
    page.wait_for_url(f"{address}/signed-out")
    page.go_back()
    page.wait_for_load_state()
    page.reload()
    assert page.url.startswith(f"{address}/sign-in")
    assert page.faults == []


def test_the_first_password_then_a_second_factor(city, page):
    address, password = city
    page.goto(f"{address}/sign-in")
    page.click("summary")
    page.fill("[name=login]", "li.na")
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/account**")
    page.fill("[name=old]", password)
    page.fill("[name=new]", WORD)
    page.fill("[name=again]", WORD)
    page.click("text=换口令 >> nth=-1")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/account")
    box = page.locator("svg.qr").bounding_box()
    assert box["width"] == box["height"] >= 140
    secret = page.locator("code").inner_text().replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(secret).now())
    page.press("[name=code]", "Enter")
    page.wait_for_url(f"{address}/account?done=on")
    assert page.locator('text="已开启"').is_visible()
    assert page.faults == []


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_is_wider_than_the_window(city, chromium, size, lang):
    address, _password = city
    context = chromium.stranger(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    for path in ("/sign-in", "/signed-out", "/wall/enter"):
        page.goto(f"{address}{path}?lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
