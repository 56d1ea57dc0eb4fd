"""Somebody of 锦江区 asks for the protected records of 武侯区, by every way there is and with forged parameters.

What may come back is worked out here by hand, from what the whole city's scope sees; own records must come completely.
"""

import datetime as dt
import gc
import io
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from shuzhi.access import rights
from shuzhi.api import map_rows
from shuzhi.api import tiles as tile_route
from shuzhi.api import wall as wall_route
from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.maps import search as map_search
from shuzhi.maps import tiles
from shuzhi.publish.registers import FORMATS, export, export_cells
from shuzhi.registry import deliveries, duties, machines, organisations, people, responsibilities, sources
from shuzhi.registry.names import head
from shuzhi.settings import settings
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection, world, write
from shuzhi.ui.memo import Memo
from tests.apps import visiting
from tests.asgi import Client
from tests.registry.inventory import inventory, register

OWN, OTHER = "锦江区", "武侯区"
ALL = Scope.all()
EVER = replace(Selection(), ever=True)
AROUND = ((103.0, 30.0), (105.0, 30.0), (105.0, 31.5), (103.0, 31.5))
MODULES = {"sources": sources, "machines": machines}


@dataclass(frozen=True)
class Who:
    """Somebody whom places bind, and the column of the registers that does."""

    role: str
    places: tuple[str, ...]
    column: str

    @property
    def scope(self) -> Scope:
        return rights.scope_of(self.role, self.places)

    @property
    def registers(self) -> tuple[str, ...]:
        """What of the registers may be seen at all: machines say no street and no credit code."""
        return ("sources", "machines") if self.column == "unit" else ("sources",)

    def own(self, table: pd.DataFrame) -> pd.DataFrame:
        """By hand: the rows of a table that may be seen."""
        return table[table[self.column].isin(self.places)]


@dataclass(frozen=True)
class Truth:
    """What there is, asked with every right."""

    home: object
    sources: pd.DataFrame
    machines: pd.DataFrame

    def rows(self, register: str) -> pd.DataFrame:
        return getattr(self, register)

    def chosen(self, register: str, selection: Selection) -> pd.DataFrame:
        """The rows of a selection, of the whole city."""
        return MODULES[register].rows(self.home, ALL, selection).to_pandas()

    def other(self, register: str) -> pd.DataFrame:
        rows = self.rows(register)
        return rows[rows["unit"] == OTHER]


def told(home) -> Truth:
    return Truth(home, *(module.rows(home, ALL, EVER).to_pandas() for module in MODULES.values()))


@pytest.fixture(scope="module")
def city(small_city) -> Truth:
    return told(small_city)


@pytest.fixture(scope="module")
def moved(tmp_path_factory) -> Truth:
    """A city in which a quarter of the sources and machines came under another unit, with a past and positions."""
    home = open_home(tmp_path_factory.mktemp("moved"))
    first, machine = inventory(1200), register(300)
    deliveries.deliver(home, "source", first, dt.date(2025, 5, 1), "first.csv", "d1")
    deliveries.deliver(home, "source", _moved(first), dt.date(2026, 5, 1), "second.csv", "d2")
    deliveries.deliver(home, "machine", machine, dt.date(2025, 5, 1), "machines.csv", "m1")
    deliveries.deliver(home, "machine", _moved(machine), dt.date(2026, 5, 1), "again.csv", "m2")
    random, ids = np.random.default_rng(4), machine["id"].to_pylist()
    times = pa.array([dt.datetime.now(dt.UTC) - dt.timedelta(hours=float(h)) for h in range(len(ids))])
    place = {"lon": random.uniform(103.9, 104.2, len(ids)), "lat": random.uniform(30.5, 30.8, len(ids))}
    rows = {"machine": ids, "time": times.cast(pa.timestamp("us", tz="UTC")), **place}
    machines.append_positions(home, pa.table(rows), "p1")
    return told(home)


def _moved(table: pa.Table) -> pa.Table:
    units = table["unit"].to_pylist()
    turned = {OWN: OTHER, OTHER: OWN}
    given = [turned.get(unit, unit) if at % 2 else unit for at, unit in enumerate(units)]
    return table.set_column(table.schema.get_field_index("unit"), "unit", pa.array(given))


def everybody(truth: Truth) -> list[Who]:
    """An officer, an inspector of one of the district's streets, an enterprise."""
    rows = truth.sources
    one = rows[(rows["unit"] == OWN) & rows["valid_to"].isna()].iloc[0]
    return [
        Who("district_officer", (OWN,), "unit"),
        Who("grid_inspector", (one["street"],), "street"),
        Who("enterprise", (one["credit_code"],), "credit_code"),
    ]


@pytest.fixture(params=["district_officer", "grid_inspector", "enterprise"])
def role(request) -> str:
    return request.param


@pytest.fixture
def truth(moved) -> Truth:
    """What the services are asked of: rows that came and went are the hardest."""
    return moved


@pytest.fixture
def who(truth, role) -> Who:
    return next(one for one in everybody(truth) if one.role == role)


def forged(truth: Truth, register: str) -> dict[str, Selection]:
    """Selections that mean the other district's records, one by each field that a selection has, and all of them."""
    other = truth.other(register)
    one, some = other.iloc[0], other["id"].head(50).tolist()
    made = {
        "nothing": Selection(),
        "unit": Selection.of(unit=[OTHER]),
        "both units": Selection.of(unit=[OWN, OTHER]),
        "ids": Selection.of(id=some),
        "area": Selection.of(polygon=AROUND),
        "text": Selection.of(text=one["id"][:4]),
        "ever": EVER,
        "past": Selection.of(day=dt.date(2025, 6, 1)),
        "future": Selection.of(day=dt.date(2027, 1, 1), unit=[OTHER]),
    }
    if register == "sources":
        made |= {
            "district": Selection.of(district=[OTHER]),
            "street": Selection.of(street=other["street"].unique().tolist()),
            "name": Selection.of(text=one["name"]),
            "code": Selection.of(text=one["credit_code"]),
            "industry": Selection.of(trees={"industry": ["A", "C", "D", "O"]}),
            "class": Selection.of(permit_class=["key", "simplified", "registered"]),
            "amount": Selection.of(ranges={"nox": (0, None)}),
            "all at once": Selection.of(one["name"][:2], None, AROUND, unit=[OTHER], district=[OWN, OTHER]),
        }
    else:
        made |= {
            "type": Selection.of(type=["excavator", "loader", "forklift"]),
            "seen": Selection.of(seen=["day", "week", "month", "older", "never"]),
            "forbidden": Selection.of(forbidden=["yes", "no"]),
            "power": Selection.of(ranges={"power": (0, None)}),
        }
    return made


def same(found: pd.DataFrame, due: pd.DataFrame) -> None:
    assert sorted(found["id"]) == sorted(due["id"])


# The services


def test_the_test_would_notice(truth, who):
    """There is something to find of one's own, and something of the other's that must not be found."""
    for name in who.registers:
        assert len(who.own(truth.rows(name)))
        assert len(truth.other(name)) > 20
        assert len(truth.chosen(name, forged(truth, name)["unit"]))


@pytest.mark.parametrize("name", MODULES)
def test_rows_lists_and_counts(truth, who, name):
    module, home = MODULES[name], truth.home
    for label, selection in forged(truth, name).items():
        if name not in who.registers:
            for ask in (module.rows, module.search, module.facets):
                with pytest.raises(ScopeError):
                    ask(home, who.scope, selection)
            continue
        due = who.own(truth.chosen(name, selection))
        same(module.rows(home, who.scope, selection).to_pandas(), due)
        found = module.search(home, who.scope, selection, limit=10_000)
        assert (found.count, found.placed) == (len(due), due["lon"].notna().sum()), label
        same(found.rows, due)
        for field, counted in module.facets(home, who.scope, selection.without("unit")).items():
            if field in ("unit", "street", "permit_class", "status", "type", "stage", "fuel"):
                table = who.own(truth.chosen(name, selection.without("unit").without(field)))
                assert counted.to_dict() == table[field].value_counts().to_dict(), (label, field)


def test_totals_of_sources(truth, who):
    home = truth.home
    for label, selection in forged(truth, "sources").items():
        due = who.own(truth.chosen("sources", selection))
        for by in ("unit", "district", "street", "permit_class"):
            table = sources.totals(home, who.scope, selection, by).set_index("value")
            assert table["n"].to_dict() == due[by].value_counts().to_dict(), (label, by)
        for by in ("division", "cell"):
            table = sources.totals(home, who.scope, selection, by)
            counted = due if by == "division" else due.dropna(subset="lon")
            assert table["n"].sum() == len(counted), (label, by)
            assert table["nox"].sum() == pytest.approx(counted["nox"].sum())
        few = sources.concentration(home, who.scope, selection, "nox")
        assert few.total == pytest.approx(due["nox"].sum())
        assert few.emitting == (due["nox"] > 0).sum()
        assert sources.facets(home, who.scope, selection)["emits"]["nox"] == (due["nox"] > 0).sum() or selection.range(
            "nox"
        ) != (None, None)
    assert sources.figures(home, who.scope)["total"] == len(who.own(truth.chosen("sources", Selection())))


def test_counts_of_machines(truth, who):
    home = truth.home
    for label, selection in forged(truth, "machines").items():
        asked = (
            lambda s=selection: machines.counts(home, who.scope, s, "type"),
            lambda s=selection: machines.counts(home, who.scope, s, "power"),
            lambda s=selection: machines.cells(home, who.scope, s)["n"],
            lambda s=selection: machines.crossed(home, who.scope, s, "unit", "stage"),
        )
        if "machines" not in who.registers:
            for ask in asked:
                with pytest.raises(ScopeError):
                    ask()
            continue
        due = who.own(truth.chosen("machines", selection))
        types, powers, cells, crossed = (ask() for ask in asked)
        assert types.to_dict() == due["type"].value_counts().to_dict(), label
        assert powers.sum() == due["power"].notna().sum()
        assert cells.sum() == due["lon"].notna().sum()
        assert crossed.sum(axis=1).to_dict() == due["unit"].value_counts().to_dict()
    if "machines" in who.registers:
        assert machines.figures(home, who.scope)["total"] == len(who.own(truth.chosen("machines", Selection())))


@pytest.mark.parametrize("name", MODULES)
def test_one_record_its_history_and_its_track(truth, who, name):
    module, home, one = MODULES[name], truth.home, {"sources": sources.source, "machines": machines.machine}[name]
    today = truth.chosen(name, Selection())
    if name not in who.registers:
        for ask in (one, module.history, *([machines.track] if name == "machines" else [])):
            with pytest.raises(ScopeError):
                ask(home, who.scope, today["id"].iloc[0])
        return
    mine = set(who.own(today)["id"])
    for id in [*sorted(mine)[:40], *truth.other(name)["id"].head(40)]:
        due = who.own(truth.rows(name).query("id == @id"))
        same(module.history(home, who.scope, id), due)
        if id in mine:
            assert one(home, who.scope, id)["id"] == id
        else:
            with pytest.raises(NotFoundError):
                one(home, who.scope, id)
        if name == "machines" and id in mine:
            assert len(machines.track(home, who.scope, id)) == len(machines.track(home, ALL, id))
        elif name == "machines":
            with pytest.raises(NotFoundError):
                machines.track(home, who.scope, id)


def test_what_is_near(truth, who):
    today = truth.chosen("sources", Selection())
    middle = truth.other("sources").dropna(subset="lon").iloc[0]
    near = sources.nearest(truth.home, who.scope, middle["lon"], middle["lat"], 5000)
    same(near, who.own(today).dropna(subset="lon"))
    if "machines" in who.registers:
        found = machines.nearest(truth.home, who.scope, middle["lon"], middle["lat"], 5000)
        same(found, who.own(truth.chosen("machines", Selection())).dropna(subset="lon"))


def test_what_was_delivered_is_told_without_the_city_s_numbers(truth, who):
    for receipt in deliveries.receipts(truth.home, who.scope, "sources"):
        assert receipt.done is None
    assert all(receipt.done for receipt in deliveries.receipts(truth.home, ALL, "sources"))
    with pytest.raises(ScopeError):
        deliveries.undo(truth.home, replace(who.scope, rights=None), deliveries.listed(truth.home, "source")[0].id)


# Files


@pytest.mark.parametrize("ending", FORMATS)
def test_exports(truth, who, ending):
    for label in ("nothing", "unit", "ids", "past", "ever") if ending == "csv" else ("nothing", "ids"):
        for name in MODULES:
            selection = forged(truth, name)[label]
            if not who.scope.may(name, "export") or name not in who.registers:
                with pytest.raises(ScopeError):
                    export(truth.home, who.scope, name, selection, ending)
                continue
            content = export(truth.home, who.scope, name, selection, ending)
            same(_opened(content, ending), who.own(truth.chosen(name, selection)))


def _opened(content: bytes, ending: str) -> pd.DataFrame:
    file = io.BytesIO(content)
    if ending == "parquet":
        return gpd.read_parquet(file)
    if ending == "gpkg":
        return gpd.read_file(file)
    table = pd.read_csv(file, dtype=str) if ending == "csv" else pd.read_excel(file, dtype=str, engine="calamine")
    return table.rename(columns={head("id"): "id"})


def test_exports_of_cells(truth, who):
    for name in MODULES:
        if not who.scope.may(name, "export") or name not in who.registers:
            with pytest.raises(ScopeError):
                export_cells(truth.home, who.scope, name, Selection())
            continue
        table = pd.read_csv(io.BytesIO(export_cells(truth.home, who.scope, name, Selection())))
        due = who.own(truth.chosen(name, Selection())).dropna(subset="lon")
        assert table["数量"].sum() == len(due)


# The map's tiles, the search and the wall, through the application


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


def forget() -> None:
    """Nothing is kept: who asks first decides what is."""
    tile_route.kept.__init__(tile_route.KEPT)
    for kept in (wall_route._packed, map_search._index, map_rows._layer):
        kept.cache_clear()
    for made in gc.get_objects():
        if type(made) is Memo:
            made._entries.clear()
    st.cache_data.clear()


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


# People


@pytest.fixture
def staff(city) -> pd.DataFrame:
    """Every person of the small city."""
    return people.table(city.home, ALL)


def test_people(city, staff, role):
    who, home = next(one for one in everybody(city) if one.role == role), city.home
    other = staff[staff["unit"] == OTHER].iloc[0]
    if not who.scope.may("people"):
        for ask in (people.table, organisations.table):
            with pytest.raises(ScopeError):
                ask(home, who.scope)
        return
    due = who.own(staff)
    assert len(due)
    for text in ("", other["code"], OTHER, other["title"]):
        same(people.table(home, who.scope, text=text), who.own(people.table(home, ALL, text=text)))
    assert people.table(home, who.scope, organisation=other["organisation"]).empty
    known = organisations.table(home, who.scope)
    covered = who.own(organisations.table(home, ALL))
    assert set(known.loc[known["own"], "id"]) == set(covered["id"])
    assert known.loc[~known["own"], "unit"].isna().all()
    assert known.loc[~known["own"], "people"].isna().all()
    week = dt.date.today() - dt.timedelta(days=7), dt.date.today() + dt.timedelta(days=7)
    whole = duties.roster(home, ALL, *week)
    same(duties.roster(home, who.scope, *week), whole[whole["organisation"].isin(covered["id"])])
    answers = responsibilities.table(home, ALL)
    same(responsibilities.table(home, who.scope), answers[answers["organisation"].isin(covered["id"])])
    if who.column == "unit":
        assert {spot.unit for spot in responsibilities.covered(home, who.scope, ("street", "grid"))} == {OWN}
    for table in (duties.on_duty(home, who.scope), duties.gaps(home, who.scope, *week)):
        assert set(table["organisation"]) <= set(covered["id"])


def test_people_of_another_are_not_opened_or_changed(city, staff):
    scope, home = everybody(city)[0].scope, city.home
    other, mine = staff[staff["unit"] == OTHER].iloc[0], staff[staff["unit"] == OWN].iloc[0]
    assert people.full(home, scope, mine["id"])["phone"] == people.full(home, ALL, mine["id"])["phone"]
    for act in (
        lambda: people.full(home, scope, other["id"]),
        lambda: people.change(home, scope, other["id"], title="x"),
        lambda: people.change(home, scope, mine["id"], organisation=other["organisation"]),
        lambda: people.remove(home, scope, other["id"]),
        lambda: people.bring_back(home, scope, other["id"]),
        lambda: organisations.remove(home, scope, other["organisation"]),
        lambda: duties.add(home, scope, dt.date.today(), "day", other["organisation"], mine["id"]),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert people.full(home, ALL, other["id"])["title"] == other["title"]


# Pages


def written(app: AppTest) -> str:
    """All that a run sends to the browser: html, lists, their options, tables, charts, what maps are told."""
    return "".join(element.proto.SerializeToString().decode("utf-8", "ignore") for element in _elements(app._tree))


def _elements(block):
    for child in getattr(block, "children", {}).values():
        yield from _elements(child)
    if hasattr(getattr(block, "proto", None), "SerializeToString"):
        yield block


def pages(truth: Truth) -> dict[str, tuple[str, dict]]:
    """Addresses of pages that mean the other district's records: page and parameters."""
    source, machine = (truth.other(name).dropna(subset="lon").iloc[0] for name in MODULES)
    staff = people.table(truth.home, ALL)
    person = staff[staff["unit"] == OTHER].iloc[0]
    area = ";".join(f"{lon},{lat}" for lon, lat in AROUND)
    here = f"{source['lon']:.6f},{source['lat']:.6f}"
    return {
        "list": ("sources", {}),
        "unit": ("sources", {"unit": OTHER}),
        "district": ("sources", {"district": OTHER}),
        "ids": ("sources", {"id": ",".join(truth.other("sources")["id"].head(20))}),
        "area": ("sources", {"area": area, "by": "street"}),
        "name": ("sources", {"q": source["name"]}),
        "day": ("sources", {"day": dt.date.today().isoformat(), "unit": OTHER}),
        "card": ("sources", {"source": source["id"]}),
        "machines": ("machines", {"unit": OTHER}),
        "machine ids": ("machines", {"id": ",".join(truth.other("machines")["id"].head(20))}),
        "machine": ("machines", {"machine": machine["id"]}),
        "people": ("people", {"org": person["organisation"], "q": person["code"], "person": person["id"]}),
        "people of a unit": ("people", {"q": OTHER}),
        "duties": ("people", {"part": "duty", "org": person["organisation"]}),
        "areas": ("people", {"part": "areas", "place": OTHER}),
        "map": ("map", {"show": "sources,machines,district", "s_unit": OTHER, "m_unit": OTHER}),
        "map card": ("map", {"show": "sources", "source": source["id"]}),
        "map machine": ("map", {"show": "machines", "machine": machine["id"]}),
        "map cell": ("map", {"show": "sources", "cell": f"sources:{here}"}),
        "map cell of machines": ("map", {"cell": f"machines:{machine['lon']:.6f},{machine['lat']:.6f}"}),
        "map place": ("map", {"place": f"district:{OTHER}"}),
        "map street": ("map", {"place": f"street:{source['street']}"}),
    }


def secrets_of(truth: Truth, who: Who, parameters: dict) -> set[str]:
    """What must not be written: whatever tells one of the other's records from the own ones, but what was asked."""
    found = set()
    for name in MODULES:
        columns = ("id", "name", "credit_code", "address") if name == "sources" else ("id", "code")
        other, own = truth.other(name), truth.rows(name)
        own = who.own(own) if name in who.registers else own.head(0)
        for column in columns:
            found |= set(other[column].dropna()) - set(own[column].dropna())
    staff = people.table(truth.home, ALL)
    if who.column in staff:
        found |= set(staff.loc[staff["unit"] == OTHER, "code"].dropna()) - set(who.own(staff)["code"].dropna())
    asked = ",".join(parameters.values())
    return {text for text in found if text not in asked}


@pytest.mark.parametrize(
    ("role", "first"),
    [("district_officer", "who"), ("district_officer", "boss"), ("grid_inspector", "boss"), ("enterprise", "boss")],
)
def test_pages(city, role, monkeypatch, first):
    """Whoever asks first, in the same process, is not answered to the other."""
    forget()
    who = next(one for one in everybody(city) if one.role == role)
    source = city.other("sources").dropna(subset="lon").iloc[0]
    for label, (page, parameters) in pages(city).items():
        said = {}
        for name in ("boss", "who") if first == "boss" else ("who", "boss"):
            asker = (who.role, who.places) if name == "who" else ("administrator", ())
            with visiting(monkeypatch, page, *asker) as go:
                said[name] = written(go(city.home, **parameters))
        leaked = {text for text in secrets_of(city, who, parameters) if text in said["who"]}
        assert not leaked, (label, sorted(leaked)[:5])
        assert "没有显示出来" not in said["who"], label
        if label in ("unit", "card", "map card"):
            assert any(text in said["boss"] for text in (source["credit_code"], source["name"])), label


def test_the_list_of_one_s_own_is_whole(city, role, monkeypatch):
    who = next(one for one in everybody(city) if one.role == role)
    count = len(who.own(city.chosen("sources", Selection())))
    with visiting(monkeypatch, "sources", who.role, who.places) as go:
        said = written(go(city.home))
        card = written(go(city.home, source=who.own(city.sources)["id"].iloc[0]))
    assert f"污染源 {count:,} 家" in said
    assert f"{len(city.chosen('sources', Selection())):,}" not in said
    assert who.own(city.sources)["credit_code"].iloc[0] in card
