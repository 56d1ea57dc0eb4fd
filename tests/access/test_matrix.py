"""Every role over every page, tile layer, export and route, compared with ``data/rights.yaml``; nothing is unnamed.

What a role may do is read here from the file by other code than the product's.
"""

import re

import pandas as pd
import pytest
import yaml
from starlette.routing import Route

from shuzhi.access import rights, session
from shuzhi.api import gate
from shuzhi.errors import ScopeError
from shuzhi.maps import tiles
from shuzhi.publish import registers
from shuzhi.publish.hand_out import hand_out
from shuzhi.registry import machines, sources
from shuzhi.settings import BEIJING, DATA, ROOT, settings
from shuzhi.status.wall import wall
from shuzhi.store import Scope
from shuzhi.store.selection import Selection
from shuzhi.ui import menu
from tests.apps import text, visiting
from tests.asgi import Client
from tests.visitors import token

MATRIX = yaml.safe_load((DATA / "rights.yaml").read_text(encoding="utf-8"))
NOBODY = None
ROLES = (NOBODY, *MATRIX["roles"])
PLACES = {"city": (), "unit": ("锦江区",), "street": ("春熙路街道",), "enterprise": ("91510100MA00000000",)}
VALUES = {
    "version": "1", "name": "none.js", "kind": "district", "layer": "sources", "z": "8", "x": "201", "y": "105",
}  # fmt: skip
REFUSED = (401, 403)


def granted(role: str | None) -> set[str]:
    """What the file gives a role, as it stands there: ``air:see`` …"""
    if role is NOBODY:
        return set()
    row = MATRIX["roles"][role]
    parts = [*(MATRIX["bundles"][name] for name in row.get("bundles", ())), row.get("rights", {})]
    return {f"{dataset}:{action}" for part in parts for dataset, actions in part.items() for action in actions}


def lets(role: str | None, asked: str) -> bool:
    """Whether the file lets a role do what a face asks for."""
    return asked == "anybody" or (asked == "signed_in" and role is not NOBODY) or asked in granted(role)


def places_of(role: str | None) -> tuple[str, ...]:
    return PLACES[MATRIX["roles"][role]["place"]] if role else ()


def address_of(path: str, **values: str) -> str:
    """An address that the route answers."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda found: (VALUES | values)[found[1]], path)


@pytest.fixture(scope="module")
def application(small_city):
    """The application as it is served, at the small city."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHUZHI_HOME", str(small_city.path))
        patch.setenv("SHUZHI_RATE_PER_MINUTE", "0")
        settings.cache_clear()
        import app

        for role in ROLES:
            if role:
                token(small_city.path, role, places_of(role))
        yield app
    settings.cache_clear()


@pytest.fixture
def client(application, small_city, monkeypatch):
    """A function that gives the client of somebody of a role."""
    monkeypatch.setenv("SHUZHI_HOME", str(small_city.path))
    settings.cache_clear()
    yield lambda role: Client(application.app, role, places_of(role))
    settings.cache_clear()


def test_every_page_has_its_file_its_place_in_the_menu_and_its_line_in_the_matrix():
    files = {file.stem for file in (ROOT / "pages").glob("*.py")}
    assert files == set(menu.paths().values())
    assert files == set(MATRIX["pages"])


def test_every_tile_layer_is_in_the_matrix():
    assert set(tiles.LAYERS) == set(MATRIX["layers"])


def test_every_export_is_in_the_matrix():
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "shuzhi").rglob("*.py")]
    asking = re.compile(r'(?:"exports"|downloads\.menu\(ctx), "(\w+)"')
    asked = {name for file in sources for name in asking.findall(file.read_text(encoding="utf-8"))}
    assert set(registers._ROWS) | asked == set(MATRIX["exports"])


def test_every_route_of_the_application_is_guarded_and_in_the_matrix(application):
    served = application.app._user_routes
    assert {route.path for route in served} == set(MATRIX["routes"])
    assert all(type(route) is Route and route.endpoint.__module__ == gate.__name__ for route in served)


def test_a_route_that_the_matrix_does_not_name_is_not_served():
    with pytest.raises(KeyError, match="/secret"):
        gate.guard([Route("/secret", lambda request: None)])


def test_the_matrix_asks_for_what_there_is_only():
    actions = {f"{dataset}:{action}" for dataset in MATRIX["datasets"] for action in MATRIX["actions"]}
    faces = {asked for kind in ("pages", "layers", "exports", "routes") for asked in MATRIX[kind].values()}
    assert faces <= actions | {"anybody", "signed_in", "layer"}
    assert all(granted(role) <= actions for role in MATRIX["roles"])


@pytest.mark.parametrize("role", ROLES)
def test_pages(client, role):
    ask, paths = client(role), menu.paths()
    first = next((path for path, file in paths.items() if lets(role, MATRIX["pages"][file])), None)
    for path, file in paths.items():
        answer = ask.get(path)
        if lets(role, MATRIX["pages"][file]):
            assert answer.status_code == 200, path
        elif path == "/" and first:
            assert (answer.status_code, answer.headers["location"]) == (303, first)
        elif role is NOBODY:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next=%2F")
        else:
            assert answer.status_code == 403, path


@pytest.mark.parametrize("role", ROLES)
def test_routes(client, application, role):
    """By every method that a route has; routes that anybody may ask may refuse for reasons of their own."""
    ask = client(role)
    for route in application.app._user_routes:
        asked = MATRIX["routes"][route.path]
        may = lets(role, MATRIX["layers"]["sources"] if asked == "layer" else asked)
        for method in route.methods:
            answer = ask.ask(method, address_of(route.path), {"sec-fetch-site": "same-origin"})
            assert answer.status_code < 500, (method, route.path)
            if not may:
                assert answer.status_code == (401 if role is NOBODY else 403), (method, route.path)
            elif asked != "anybody" and method != "POST":
                assert answer.status_code not in REFUSED, (method, route.path)
            if not may or asked != "anybody":  # what a browser keeps it keeps for one, and asks again
                kept = answer.headers["cache-control"]
                assert {"no-store", "private", "no-cache"} & set(kept.split(", ")), (method, route.path, kept)
                assert "public" not in kept


@pytest.mark.parametrize("role", ROLES)
def test_tile_layers(client, role):
    ask = client(role)
    for layer, asked in MATRIX["layers"].items():
        status = ask.get(f"/tiles/{layer}/1/8/201/105.mvt").status_code
        assert status == (200 if lets(role, asked) and kept_to_places(role, layer) else 401 if role is NOBODY else 403)
    assert ask.get("/tiles/people/1/8/201/105.mvt").status_code == 404


def kept_to_places(role: str, layer: str) -> bool:
    """Machines say neither a street nor a credit code: whoever these bind sees none."""
    return layer != "machines" or MATRIX["roles"][role]["place"] in ("city", "unit")


@pytest.mark.parametrize("role", ROLES)
def test_exports(small_city, role):
    scope = session.person(small_city, role and token(small_city.path, role, places_of(role))).scope
    for name, asked in MATRIX["exports"].items():
        may = lets(role, asked)
        assert rights.may(scope, "exports", name, bool(role)) is may

        def make(name=name, asked=asked) -> bytes:
            if name in registers._ROWS:
                return registers.export(small_city, scope, name, Selection(), "csv")
            return hand_out(small_city, scope, asked.partition(":")[0], "file", lambda: b"content")

        if may:
            assert make()
        else:
            with pytest.raises(ScopeError):
                make()


@pytest.mark.parametrize(
    "path",
    ["//map", "/map/", "/%6dap", "/./map", "/x/../map", "/MAP", "/map/_stcore/health", "/map/x", "/static/../a"],
)
def test_no_spelling_of_an_address_goes_round_the_gate(client, path):
    """What is answered to a stranger is a refusal, a redirect, nothing, or the empty shell of Streamlit's."""
    shell = client("administrator").get("/map").content
    answer = client(NOBODY).get(path)
    assert answer.status_code in (301, 303, 307, 400, 404) or answer.content == shell


@pytest.mark.parametrize("path", ["/tiles/sources/1/8/201/105.mvt", "/assets/search/1.json?q=S0", "/wall/data.json"])
def test_other_spellings_of_a_route_are_refused(client, path):
    for spelled in (path.replace("/", "//", 1), path.replace("s", "%73", 1), path.replace(".", "/.", 1), path + "/"):
        answer = client(NOBODY).get(spelled)
        assert answer.status_code != 200 or b"<!doctype html>" in answer.text.lower().encode(), spelled


def test_tokens_in_other_places(client, small_city):
    """A client without cookies brings a token in a header; a wrong one is nobody, whatever else is there."""
    tile, good = "/tiles/sources/1/8/201/105.mvt", token(small_city.path)
    bearer = {"authorization": f"Bearer {good}"}
    nobody = client(NOBODY)
    assert nobody.get(tile, bearer).status_code == 200
    assert client("administrator").get(tile, {"authorization": "Bearer wrong"}).status_code == 401
    assert nobody.get(tile, {"authorization": f"Basic {good}"}).status_code == 401
    assert nobody.get(f"{tile}?token={good}&{session.COOKIE}={good}").status_code == 401
    assert nobody.get(tile, {"cookie": f"{session.COOKIE}=wrong; other={good}"}).status_code == 401


@pytest.mark.parametrize("role", ["emperor"])
def test_a_role_that_the_file_no_longer_knows_does_nothing(application, small_city, monkeypatch, role):
    monkeypatch.setenv("SHUZHI_HOME", str(small_city.path))
    settings.cache_clear()
    ask = Client(application.app, role)
    for path in (*menu.paths(), "/tiles/sources/1/8/201/105.mvt", "/wall/data.json"):
        assert ask.get(path).status_code == 403, path
    assert ask.get("/account").status_code == 200
    with visiting(monkeypatch, "sources", role) as go:
        said = text(go(small_city))
    assert "这一页不对您开放" in said


@pytest.mark.parametrize("role", [NOBODY, "grid_inspector", "enterprise", "monitoring_centre", "auditor", "wall"])
def test_pages_in_their_own_runs(small_city, monkeypatch, role):
    """A page that is open asks nothing of the gate: it decides again, and what is allowed is shown without failure."""
    monkeypatch.setenv("SHUZHI_HOME", str(small_city.path))
    for file, asked in MATRIX["pages"].items():
        with visiting(monkeypatch, file, role, places_of(role)) as go:
            said = text(go(small_city))
        refused = "请登录" in said or "这一页不对您开放" in said
        assert refused is not lets(role, asked), (file, said[-300:])
        assert "没有显示出来" not in said, (file, said[-600:])


def test_a_wall_shows_totals_and_sees_no_record(small_city):
    scope = rights.scope_of("wall", ())
    shown = wall(small_city, scope, pd.Timestamp.now(BEIJING))
    everything = wall(small_city, Scope.all(), pd.Timestamp.now(BEIJING))
    assert shown.sources == everything.sources is not None
    assert shown.machines == everything.machines is not None
    for register in (sources, machines):
        with pytest.raises(ScopeError):
            register.search(small_city, scope, Selection(), "id", False, limit=1)
