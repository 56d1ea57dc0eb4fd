"""Somebody of 锦江区 asks the application for records of 武侯区: tiles and search of the map, the wall."""

from urllib.parse import quote, urlencode

import numpy as np
import pandas as pd
import pyogrio
import pytest

from shuzhi.maps import tiles
from shuzhi.settings import settings
from shuzhi.store.selection import Selection, world, write
from tests.access.forging import MODULES, Truth, Who, everybody, forged, forget
from tests.asgi import Client


@pytest.fixture(scope="module")
def application():
    """The application; nothing that it keeps is there yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHUZHI_RATE_PER_MINUTE", "0")
        settings.cache_clear()
        import app
    settings.cache_clear()
    return app.app


@pytest.fixture
def asking(application, city, monkeypatch):
    """A function that gives the client of somebody at the small city."""
    monkeypatch.setenv("SHUZHI_HOME", str(city.home.path))
    settings.cache_clear()
    forget()
    yield lambda who=None: Client(application, who.role, who.places) if who else Client(application)
    settings.cache_clear()


def cells_of(content: bytes) -> pd.DataFrame:
    if not content:
        return pd.DataFrame({"n": []})
    meta, _, _, fields = pyogrio.raw.read(content)
    return pd.DataFrame(dict(zip(meta["fields"], fields, strict=True)))


@pytest.mark.parametrize("turn", ["after the administrator", "before the administrator"])
def test_tiles(city, role, asking, turn):
    who = next(one for one in everybody(city) if one.role == role)
    boss, client = asking(), asking(who)
    middle = city.other("sources").dropna(subset="lon").iloc[0]
    x, y = world(middle["lon"], middle["lat"])
    for name in MODULES:
        for label, selection in forged(city, name).items():
            if label == "ever":  # no address says it
                continue
            for z in (7, 14):
                left, top = x >> (30 - z), y >> (30 - z)
                query = urlencode(write(selection) | ({"amount": "nox"} if name == "sources" else {}))
                address = f"/tiles/{name}/1/{z}/{left}/{top}.mvt?{query}"
                if turn == "after the administrator":
                    assert boss.get(address).status_code == 200
                answer = client.get(address, {"accept-encoding": ""})
                if name not in who.registers:
                    assert answer.status_code == 403, label
                    continue
                whole, due = (_within(table, z, left, top) for table in _both(city, who, name, selection))
                cells = cells_of(answer.content)
                assert cells["n"].sum() == len(due), (label, z)
                if "id" in cells:
                    assert set(cells["id"].dropna()) <= set(due["id"])
                if turn == "before the administrator":
                    assert cells_of(boss.get(address, {"accept-encoding": ""}).content)["n"].sum() == len(whole)
                other = client.get(address, {"if-none-match": boss.get(address).headers["etag"]})
                assert other.status_code == (304 if len(whole) == len(due) else 200), label


def _both(truth: Truth, who: Who, name: str, selection: Selection) -> tuple[pd.DataFrame, pd.DataFrame]:
    whole = truth.chosen(name, selection).dropna(subset="lon")
    return whole, who.own(whole)


def _within(table: pd.DataFrame, z: int, left: int, top: int) -> pd.DataFrame:
    places = [world(lon, lat) for lon, lat in zip(table["lon"], table["lat"], strict=True)]
    inside = [(x >> (30 - z), y >> (30 - z)) == (left, top) for x, y in places]
    return table[np.array(inside, bool)]


def test_counts_of_tiles(truth, who):
    for name in who.registers:
        for selection in forged(truth, name).values():
            counted, due = tiles.counts(truth.home, who.scope, name, selection), who.own(truth.chosen(name, selection))
            assert counted["n"] + counted["unplaced"] == len(due)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_search_of_the_map(city, role, asking, order):
    who = next(one for one in everybody(city) if one.role == role)
    askers = (asking(), asking(who))
    for name in MODULES:
        other = city.other(name).dropna(subset="lon").iloc[0]
        mine = who.own(city.rows(name)) if name in who.registers else None
        texts = [other["id"], *([other["name"], other["credit_code"]] if name == "sources" else [])]
        for text in texts:
            found = {}
            for at in order:
                answer = askers[at].get(f"/assets/search/1.json?q={quote(text)}").json()["found"]
                found[at] = {thing["code"] for thing in answer if thing["kind"] == name}
            assert other["id"] in found[0]
            assert other["id"] not in found[1]
            assert found[1] <= (set() if mine is None else set(mine["id"]))
        if mine is not None:
            one = mine.dropna(subset="lon").iloc[0]
            answer = askers[1].get(f"/assets/search/1.json?q={quote(one['id'])}").json()["found"]
            assert one["id"] in {thing["code"] for thing in answer}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_wall(city, role, asking, order):
    who = next(one for one in everybody(city) if one.role == role)
    askers, said = (asking(), asking(who)), {}
    for at in order:
        answer = askers[at].get("/wall/data.json").json()
        said[at] = {name: answer[name] and answer[name]["total"].replace("\u202f", "") for name in MODULES}
    for name in MODULES:
        whole = city.chosen(name, Selection())
        assert said[0][name] == str(len(whole))
        assert said[1][name] == (str(len(who.own(whole))) if name in who.registers else None)


def test_what_needs_no_sign_in_counts_nothing(city, asking):
    assert set(asking().get("/healthz").json()) == {"status", "software", "data", "kind"}
