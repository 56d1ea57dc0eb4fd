"""Routes of the maps: what they serve, how a browser may keep it, and what they refuse."""

import gzip

import pytest
from starlette.applications import Starlette

from shuzhi.api import assets, map_rows
from shuzhi.registry import places
from shuzhi.settings import settings
from shuzhi.store import open_home
from tests.asgi import Client

END = "end=2019-08-26T15:00"


@pytest.fixture(scope="module")
def home(two_days):
    return two_days


@pytest.fixture
def client(home, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(home.path))
    settings.cache_clear()
    yield Client(Starlette(routes=[*assets.routes, *map_rows.routes]))
    settings.cache_clear()


@pytest.mark.parametrize("name", ["deck.gl-9.4.0.min.js", "deck.gl-json-9.4.0.min.js"])
def test_vendored_code_is_served_gzipped_and_immutable(client, name):
    answer = client.get(f"/assets/vendor/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert int(answer.headers["content-length"]) < 600_000


def test_own_code_is_immutable_under_its_fingerprint_only(client):
    for name in ("deck_map.js", "air.js", "dom.js", "legend.js", "time_panel.js", "deck_map.css"):
        assert "immutable" in client.get(f"/assets/ui/{assets.code_version()}/{name}").headers["cache-control"]
    assert client.get("/assets/ui/old/deck_map.js").headers["cache-control"] == "private, no-cache"


def test_a_client_without_gzip_gets_plain_text(client):
    answer = client.get("/assets/ui/x/air.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.text == (assets.STATIC / "air.js").read_text()


@pytest.mark.parametrize("address", ["/assets/layers/1/zone.geojson", f"/assets/frames/1.json?{END}"])
def test_data_is_answered_by_its_tag(client, address):
    first = client.get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    again = client.get(address, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_layers(client):
    for kind, count in (("district", 20), ("zone", 3)):
        assert len(client.get(f"/assets/layers/1/{kind}.geojson").json()["features"]) == count


def test_an_imported_layer_has_another_tag(tmp_path, monkeypatch):
    home = open_home(tmp_path)
    monkeypatch.setenv("SHUZHI_HOME", str(home.path))
    settings.cache_clear()
    client = Client(Starlette(routes=[*assets.routes, *map_rows.routes]))
    before = client.get("/assets/layers/0/zone.geojson")
    square = {"type": "Polygon", "coordinates": [[[104, 30.5], [104.1, 30.5], [104.1, 30.6], [104, 30.5]]]}
    places.replace(home, "zone", [places.NewPlace("新区", square)], "test")
    after = client.get("/assets/layers/1/zone.geojson", headers={"if-none-match": before.headers["etag"]})
    settings.cache_clear()
    assert after.status_code == 200
    assert after.json()["features"][0]["properties"]["name"] == "新区"


def test_frames(client):
    body = client.get(f"/assets/frames/1.json?{END}&factor=o3&hours=24").json()
    assert (body["first"], body["end"], body["hours"]) == ("2019-08-25T16:00", "2019-08-26T15:00", 24)
    at = [station[0] for station in body["stations"]].index("1434A")
    assert body["value"][-1][at] == 215
    assert body["level"][-1][at] == "3"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "end: an hour as"),
        ("end=yesterday-ish", "end: an hour as"),
        (f"{END}&factor=pm1", "factor: unknown 'pm1'"),
        (f"{END}&hours=0", "hours: a number from 1"),
        (f"{END}&hours=9999", "hours: a number from 1"),
        (f"{END}&edition=1996", "edition: use"),
    ],
)
def test_wrong_questions_are_refused(client, query, message):
    answer = client.get(f"/assets/frames/1.json?{query}")
    assert answer.status_code == 400
    assert message in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/assets/ui/x/README.md",
        "/assets/ui/x/..%2fshell.py",
        "/assets/vendor/README.md",
        "/assets/vendor/..%2f..%2fshell.py",
        "/assets/layers/1/road.geojson",
    ],
)
def test_nothing_else_is_served(client, address):
    assert client.get(address).status_code in (400, 404)


def test_vendored_files_are_what_their_names_say():
    packed = (assets.STATIC / "vendor" / "deck.gl-9.4.0.min.js.gz").read_bytes()
    assert b'"9.4.0"' in gzip.decompress(packed)
    assert packed[4:8] == bytes(4), "gzip -n: no time stamp"


def test_own_code_names_no_outside_host():
    for file in assets.STATIC.glob("*.*"):
        text = file.read_text()
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in text


def test_frames_are_small(client):
    answer = client.get(f"/assets/frames/1.json?{END}")
    assert int(answer.headers["content-length"]) < 20_000
    assert answer.json()["hours"] == 72
