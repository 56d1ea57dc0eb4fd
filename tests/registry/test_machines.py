"""The register of machines with last positions and low-emission zones."""

import datetime as dt

import pyarrow as pa
import pytest

from shuzhi.errors import NotFoundError
from shuzhi.registry import deliveries, machines, places
from shuzhi.store import Scope, open_home
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
