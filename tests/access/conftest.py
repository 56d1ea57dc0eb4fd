"""Cities in which somebody asks for the records of others."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from shuzhi.registry import deliveries, machines
from shuzhi.store import open_home
from tests.access.forging import OTHER, OWN, Truth, Who, everybody, told
from tests.registry.inventory import inventory, register


@pytest.fixture(scope="session")
def city(small_city) -> Truth:
    return told(small_city)


@pytest.fixture(scope="session")
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
