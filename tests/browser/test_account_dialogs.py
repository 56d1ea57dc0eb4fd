"""What an administrator makes in the dialogs works: an account that signs in, a screen with a district's totals."""

import re

import pytest

from tests.browser.walks import IDLE, PATIENCE, Walk

pytestmark = pytest.mark.browser


def dialog(walk: Walk):
    return walk.page.get_by_role("dialog")


def test_a_new_account_signs_in_with_its_password(chromium, city_server):
    walk = Walk(chromium, city_server, "/accounts")
    walk.page.get_by_role("button", name="新建账号").click()
    dialog(walk).get_by_label("账号名").fill("wang.wu")
    dialog(walk).get_by_label("姓名").fill("王五")
    dialog(walk).get_by_role("button", name="建立").click()
    password = dialog(walk).locator("code").inner_text(timeout=PATIENCE).strip()
    dialog(walk).get_by_role("button", name="记下了，关闭").click()
    walk.page.get_by_text("王五").first.wait_for(timeout=PATIENCE)
    walk.close()

    page = chromium.stranger(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{city_server}/sign-in")
    page.fill("[name=login]", "wang.wu")
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{city_server}/account**", timeout=PATIENCE)
    page.context.close()


def test_a_districts_screen_shows_its_own_totals(chromium, city_server):
    walk = Walk(chromium, city_server, "/accounts?part=sessions")
    walk.page.get_by_role("button", name="新建设备").click()
    dialog(walk).get_by_label("设备名称").fill("锦江大厅")
    dialog(walk).get_by_text(re.compile("^区县大屏")).click()
    dialog(walk).get_by_role("combobox", name="管辖区县").fill("锦江")
    walk.page.get_by_role("option", name="锦江区").click(timeout=PATIENCE)
    walk.page.keyboard.press("Tab")  # while the list is open, the rest of the page is hidden from readers
    walk.page.locator(IDLE).wait_for(timeout=PATIENCE)
    dialog(walk).get_by_role("button", name="建立").click()
    address = dialog(walk).locator("code").inner_text(timeout=PATIENCE).strip()
    walk.close()

    page = chromium.stranger(viewport={"width": 1920, "height": 1080}).new_page()
    page.goto(address)
    page.get_by_text("锦江区").first.wait_for(timeout=PATIENCE)
    assert page.goto(f"{city_server}/sources").status in (401, 403)
    page.context.close()
