"""The register of machines with last positions and low-emission zones."""

import datetime as dt

import pyarrow as pa
import pytest

from shuzhi.access import audit
from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.registry import deliveries, machines, places
from shuzhi.store import Actor, Scope, open_home
from shuzhi.store.selection import Selection
from tests.registry.inventory import register

ALL = Scope.all()
COUNT = 300
NOW = dt.datetime.now(dt.UTC)
ZONE = {"type": "Polygon", "coordinates": [[[104.0, 30.6], [104.1, 30.6], [104.1, 30.7], [104.0, 30.7], [104.0, 30.6]]]}


def positions(machines_: list[str], time: dt.datetime, lon: float, lat: float) -> pa.Table:
    count = len(machines_)
    time = pa.array([time] * count, pa.timestamp("us", tz="UTC"))
    return pa.table({"machine": machines_, "time": time, "lon": [lon] * count, "lat": [lat] * count})


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("machines"))
    zone = places.NewPlace("核心区", ZONE, attributes={"forbidden_stages": ["2", "3"], "valid_from": "2025-07-01"})
    over = {"forbidden_stages": ["2", "3", "4"], "valid_to": "2025-07-01"}
    places.replace(home, "lez", [zone, places.NewPlace("从前的区", ZONE, attributes=over)], source="test")
    table = register(COUNT)
    deliveries.deliver(home, "machine", table, dt.date(2026, 5, 1), "machines.csv", "m1")
    ids = table["id"].to_pylist()
    machines.append_positions(home, positions(ids[:200], NOW - dt.timedelta(days=3), 104.05, 30.65), "p1")
    machines.append_positions(home, positions(ids[:50], NOW - dt.timedelta(hours=1), 104.5, 30.65), "p2")
    return home


def test_the_last_position_counts(home):
    assert machines.figures(home, ALL)["seen"] == 50
    assert machines.counts(home, ALL, Selection(), "seen").to_dict() == {"week": 150, "never": 100, "day": 50}
    found = machines.search(home, ALL, Selection(), limit=COUNT)
    assert (found.count, found.placed) == (COUNT, 200)
    assert found.rows["lon"].iloc[0] == 104.5


def test_a_zone_forbids_stages_where_machines_stand(home):
    inside = machines.search(home, ALL, Selection.of(zone=["核心区"]), limit=COUNT).rows
    assert len(inside) == 150
    assert inside["forbidden"].equals(inside["stage"].isin(["2", "3"]))
    chosen = machines.search(home, ALL, Selection.of(forbidden=["yes"]))
    assert chosen.count == inside["forbidden"].sum() == machines.figures(home, ALL)["forbidden"]


def test_counts_agree_with_the_list(home):
    for by in (*machines.FACETS[:4], "power"):
        assert machines.counts(home, ALL, Selection(), by).sum() == COUNT
    assert machines.crossed(home, ALL, Selection(), "type", "stage").to_numpy().sum() == COUNT


def test_a_position_again_is_not_new(home):
    ids = register(COUNT)["id"].to_pylist()[:50]
    assert machines.append_positions(home, positions(ids, NOW - dt.timedelta(hours=1), 104.5, 30.65), "p3") == 0
    assert len(machines.track(home, ALL, ids[0])) == 2


def test_districts_bind(home):
    scope = Scope(districts=frozenset({"锦江区"}))
    table = register(COUNT).to_pandas()
    assert machines.rows(home, scope, Selection()).num_rows == (table["unit"] == "锦江区").sum()
    other = table.loc[table["unit"] != "锦江区", "id"].iloc[0]
    for ask in (machines.machine, machines.track):
        with pytest.raises(NotFoundError):
            ask(home, scope, other)


@pytest.fixture(scope="module")
def owned(tmp_path_factory):
    """Machines of private persons and of firms."""
    home = open_home(tmp_path_factory.mktemp("owners"))
    table = register(4)
    owners = pa.array(["李娜", "欧阳明 13812341234", "天府建筑公司", None])
    table = table.set_column(table.schema.get_field_index("owner"), "owner", owners)
    deliveries.deliver(home, "machine", table, dt.date(2026, 5, 1), "machines.csv", "m1")
    return home, table["id"].to_pylist()


def test_a_private_owner_is_masked_wherever_machines_are_shown(owned):
    home, ids = owned
    shown = ["李*", "欧阳*", "天府建筑公司", None]
    found = machines.search(home, ALL, Selection(), "id", False, columns=("id", "owner")).rows.set_index("id")["owner"]
    assert found.reindex(ids).astype(object).where(found.reindex(ids).notna(), None).tolist() == shown
    assert machines.machine(home, ALL, ids[0])["owner"] == "李*"
    assert machines.history(home, ALL, ids[1])["owner"].tolist() == ["欧阳*"]
    masked = machines.rows(home, Scope.seeing("machines"), Selection()).to_pandas().set_index("id")["owner"]
    assert masked[ids[0]] == "李*"
    assert machines.search(home, ALL, Selection(text="李娜")).count == 0
    assert machines.search(home, ALL, Selection(text="天府建筑")).count == 1


def test_the_full_record_and_export_tell_the_owner_to_whom_may_know(owned):
    home, ids = owned
    boss = Scope.all(Actor("system", "root", "root"))
    assert machines.full(home, boss, ids[1])["owner"] == "欧阳明 13812341234"
    events, _total = audit.search(home, boss, actions=["full"])
    assert list(events["object"]) == [ids[1]]
    rows = machines.rows(home, boss, Selection()).to_pandas().set_index("id")["owner"]
    assert rows[ids[0]] == "李娜"
    with pytest.raises(ScopeError):
        machines.full(home, Scope.seeing("machines"), ids[0])
    unit = machines.machine(home, ALL, ids[0])["unit"]
    other = next(name for name in ("锦江区", "武侯区") if name != unit)
    with pytest.raises(NotFoundError):
        machines.full(home, Scope(districts=frozenset({other})), ids[0])
