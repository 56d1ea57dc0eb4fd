"""The routes of the map's rows and of its search."""

from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from shuzhi.api import map_rows
from shuzhi.settings import settings
from tests.asgi import Client


@pytest.fixture
def client(small_city, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(small_city.path))
    settings.cache_clear()
    yield Client(Starlette(routes=map_rows.routes))
    settings.cache_clear()


@pytest.mark.parametrize("address", ["water.json?mode=dark", "names/street.json", "names/lez.json", "flow.json"])
def test_rows_are_answered_by_their_tag(client, address):
    first = client.get(f"/assets/rows/1/{address}")
    assert first.status_code == 200
    assert first.json()["layers"]
    again = client.get(f"/assets/rows/1/{address}", {"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_language_is_that_of_the_address(client):
    titles = [client.get(f"/assets/rows/1/water.json?lang={lang}").json()["legend"]["title"] for lang in ("zh", "en")]
    assert titles == ["水质类别　断面数", "Water class\u2003sections"]


def test_what_can_not_be_served_is_refused(client):
    assert client.get("/assets/rows/1/names/moon.json").status_code == 404
    answer = client.get("/assets/rows/1/water.json?at=sometime")
    assert answer.status_code == 400
    assert "2026-08-26T15:00" in answer.text


def test_the_search(client):
    found = client.get(f"/assets/search/1.json?q={quote('武侯区')}").json()["found"]
    assert ("district", "区县", "武侯区") in [(t["kind"], t["kind_name"], t["name"]) for t in found]
    assert client.get("/assets/search/1.json").json() == {"found": []}
