"""The route of the tiles: what it serves, keeps and refuses."""

import datetime as dt

import pytest
from starlette.applications import Starlette

from shuzhi.api import tiles as route
from shuzhi.maps import tiles
from shuzhi.registry import deliveries
from shuzhi.settings import settings
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from tests.asgi import Client
from tests.registry.inventory import inventory

CITY = "7/100/52"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("tile-route"))
    deliveries.deliver(home, "source", inventory(500), dt.date(2026, 5, 1), "may.csv", "d1")
    return home


@pytest.fixture
def client(home, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(home.path))
    settings.cache_clear()
    yield Client(Starlette(routes=route.routes))
    settings.cache_clear()


def test_a_tile_of_what_is_chosen(client, home):
    everything = client.get(f"/tiles/sources/1/{CITY}.mvt")
    assert everything.status_code == 200
    assert everything.headers["content-type"] == route.MEDIA_TYPE
    assert everything.headers["content-encoding"] == "gzip"
    chosen = client.get(f"/tiles/sources/1/{CITY}.mvt?permit_class=key&nox_min=0.1&amount=nox", {"accept-encoding": ""})
    selection = Selection.of(permit_class=["key"], ranges={"nox": (0.1, None)})
    assert chosen.content == tiles.tile(home, Scope.all(), "sources", 7, 100, 52, selection, "nox")


def test_the_browser_is_answered_by_the_tag(client):
    first = client.get(f"/tiles/sources/1/{CITY}.mvt")
    again = client.get(f"/tiles/sources/1/{CITY}.mvt", {"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_new_version_of_the_home_is_a_new_tile(client, home):
    before = client.get(f"/tiles/sources/1/{CITY}.mvt").headers["etag"]
    deliveries.deliver(home, "source", inventory(400), dt.date(2026, 6, 1), "june.csv", "d2")
    assert client.get(f"/tiles/sources/1/{CITY}.mvt").headers["etag"] != before


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        (f"/tiles/rivers/1/{CITY}.mvt", 404, "sources, machines"),
        (f"/tiles/sources/1/{CITY}.mvt?amount=co2", 404, "nox"),
        ("/tiles/sources/1/19/0/0.mvt", 400, "zoom"),
        ("/tiles/sources/1/99999999999999/0/0.mvt", 400, "zoom"),
        ("/tiles/sources/1/3/8/0.mvt", 400, "zoom"),
        (f"/tiles/sources/1/{CITY}.mvt?nox_min=much", 400, "nox_min"),
        (f"/tiles/sources/1/{CITY}.mvt?day=someday", 400, "2026-03-01"),
    ],
)
def test_what_can_not_be_served_is_refused_in_words(client, address, status, said):
    answer = client.get(address)
    assert answer.status_code == status
    assert said in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_kept_tiles_are_bounded_by_bytes():
    kept = route.Kept(10_000)
    for number in range(100):
        assert kept.get((number,), lambda: bytes(1_000)) == bytes(1_000)
    assert 1 < len(kept) <= 10
    assert kept.get((99,), lambda: b"made again") == bytes(1_000)
    assert kept.get((0,), lambda: b"made again") == b"made again"
