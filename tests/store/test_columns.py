"""What is held in memory answers as the SQL of the same selection does, whatever is chosen and whoever asks."""

import datetime as dt
import threading

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuzhi.errors import ScopeError
from shuzhi.registry import deliveries, machines, sources
from shuzhi.store import Scope, open_home
from shuzhi.store.schema import EMISSIONS
from shuzhi.store.selection import Selection
from shuzhi.store.serving import CELL_LAT, CELL_LON
from tests.registry.inventory import UNITS, inventory, register
from tests.registry.test_machines import positions

NOW = dt.datetime.now(dt.UTC)
DAYS = (None, dt.date(2025, 6, 1), dt.date(2020, 1, 1))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("columns"))
    first = with_zeros(inventory(1_500))
    deliveries.deliver(home, "source", first, dt.date(2025, 5, 1), "first.csv", "s1")
    deliveries.deliver(
        home, "source", with_zeros(inventory(1_500, seed=2)).slice(300), dt.date(2026, 5, 1), "second.csv", "s2"
    )
    table = register(400)
    deliveries.deliver(home, "machine", table, dt.date(2025, 5, 1), "machines.csv", "m1")
    ids = table["id"].to_pylist()
    for number, (days, count) in enumerate(((40, 390), (20, 300), (3, 200), (0.1, 50))):
        lon = 104 + number / 50
        machines.append_positions(home, positions(ids[:count], NOW - dt.timedelta(days=days), lon, 30.65), f"p{number}")
    return home


def with_zeros(table: pa.Table) -> pa.Table:
    """Small amounts become none: stated, but nothing is emitted."""
    at = table.column_names.index("nox")
    return table.set_column(at, "nox", pc.if_else(pc.less(table["nox"], 0.01), 0.0, table["nox"]))


def lists(*values):
    return st.lists(st.sampled_from(values), unique=True, max_size=2)


def bound_by(*values):
    return st.one_of(st.none(), st.builds(frozenset, lists(*values)))


scopes = st.builds(Scope, districts=bound_by(*UNITS, "别处"))
of_people = st.builds(
    Scope,
    districts=bound_by(*UNITS, "别处"),
    streets=bound_by("桂溪街道", "华阳街道", "别处"),
    enterprises=st.sampled_from([None, None, None, frozenset({"91510100MA00000400", "91510100MA00000017"})]),
)
shared = {
    "unit": lists(*UNITS, "别处"),
    "day": st.sampled_from(DAYS),
    "polygon": st.sampled_from([(), ((103.9, 30.5), (104.3, 30.5), (104.1, 30.9))]),
}
of_sources = st.builds(
    Selection.of,
    text=st.sampled_from(["", "", "热电", "cdrd", "9151", "没有"]),
    permit_class=lists("key", "simplified"),
    status=lists("operating", "closed"),
    street=lists("桂溪街道", "华阳街道"),
    id=st.sampled_from([[], [], ["S0000400", "S0000007"]]),
    trees=st.fixed_dictionaries({"industry": lists("D44", "C1713", "C", "Z")}),
    ranges=st.fixed_dictionaries(
        {"nox": st.sampled_from([(None, None), (0, None), (0.01, 2.0), (None, 0.1)])},
        optional={"voc": st.sampled_from([(0, None), (None, 0.5)])},
    ),
    **shared,
)
of_machines = st.builds(
    Selection.of,
    text=st.sampled_from(["", "", "甲", "3-aa"]),
    type=lists("excavator", "loader"),
    stage=lists("2", "electric"),
    seen=lists("day", "week", "month", "older", "never"),
    forbidden=lists("yes", "no"),
    ranges=st.fixed_dictionaries({"power": st.sampled_from([(None, None), (0, None), (37, 75)])}),
    **shared,
)
many = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
pages = st.fixed_dictionaries(
    {"descending": st.booleans(), "limit": st.integers(1, 60), "offset": st.sampled_from([0, 7, 100])}
)


def asked(home, register: str, chosen: Selection, scope: Scope) -> pd.DataFrame:
    """The chosen rows with all that is counted, by SQL."""
    made = f"SELECT *, {CELL_LON} AS cell_lon, {CELL_LAT} AS cell_lat FROM chosen"
    return home.engine.choose_arrow(register, made, chosen, scope).to_pandas()


def same_page(found, rows: pd.DataFrame, order: str, page: dict) -> None:
    descending, limit, offset = page["descending"], page["limit"], page["offset"]
    ordered = rows.sort_values("id").sort_values(order, ascending=not descending, kind="stable", na_position="last")
    expected = ordered.iloc[offset : offset + limit].reset_index(drop=True)[list(found.rows.columns)]
    pd.testing.assert_frame_equal(found.rows, expected, check_dtype=False)
    assert (found.count, found.placed) == (len(rows), rows["x"].notna().sum())


def same_counts(found: pd.Series, values: pd.Series) -> None:
    assert found.to_dict() == values.value_counts().to_dict()
    pairs = [(-n, value) for value, n in found.items()]
    assert pairs == sorted(pairs)


@many
@given(chosen=of_sources, scope=of_people, order=st.sampled_from(sources.ORDERS), page=pages)
def test_sources_are_found_as_sql_finds_them(home, chosen, scope, order, page):
    rows = asked(home, "sources", chosen, scope)
    same_page(sources.search(home, scope, chosen, order, **page), rows, order, page)
    facets = sources.facets(home, scope, chosen)
    for name in sources.FACETS:
        those = asked(home, "sources", chosen.without(name), scope)
        same_counts(facets[name], those["branch"].str[:3] if name == "industry" else those[name])
    for pollutant in EMISSIONS:
        assert (
            facets["emits"][pollutant]
            == (asked(home, "sources", chosen.without(pollutant), scope)[pollutant] > 0).sum()
        )


@many
@given(
    chosen=of_sources,
    scope=of_people,
    by=st.sampled_from(["unit", "district", "street", "division", "permit_class", "cell"]),
)
def test_totals_are_what_sql_sums(home, chosen, scope, by):
    rows = asked(home, "sources", chosen, scope)
    rows["division"] = rows["branch"].str[:3]
    keys = {"cell": ["cell_lon", "cell_lat"]}.get(by, [by])
    groups = rows.dropna(subset=["x"] if by == "cell" else None, how="any" if by == "cell" else "all").groupby(keys)
    expected = pd.concat([groups.size().rename("n"), groups[list(EMISSIONS)].sum(min_count=1)], axis=1).sort_index()
    found = sources.totals(home, scope, chosen, by)
    assert found["n"].is_monotonic_decreasing
    found = found.set_index(["lon", "lat"] if by == "cell" else "value").sort_index()
    pd.testing.assert_frame_equal(found, expected, check_names=False, check_dtype=False, check_index_type=False)


@many
@given(chosen=of_machines, scope=scopes, order=st.sampled_from(machines.ORDERS), page=pages)
def test_machines_are_found_as_sql_finds_them(home, chosen, scope, order, page):
    rows = asked(home, "machines", chosen, scope)
    same_page(machines.search(home, scope, chosen, order, **page), rows, order, page)
    facets = machines.facets(home, scope, chosen)
    for name in ("unit", "type", "stage", "fuel", "zone"):
        same_counts(facets[name], asked(home, "machines", chosen.without(name), scope)[name])
    forbidden = asked(home, "machines", chosen.without("forbidden"), scope)["forbidden"]
    same_counts(facets["forbidden"], forbidden.map({True: "yes", False: "no"}))
    for age in facets["seen"].index:
        of_age = Selection.of(**dict(chosen.without("seen").choices), seen=[age], **kept(chosen))
        assert facets["seen"][age] == len(asked(home, "machines", of_age, scope))
    crossed = machines.crossed(home, scope, chosen, "type", "stage")
    assert crossed.stack()[lambda n: n > 0].to_dict() == rows.groupby(["type", "stage"]).size().to_dict()
    bands = pd.cut(rows["power"], [*machines.POWER_BANDS, float("inf")], right=False, labels=machines.POWER_BANDS)
    assert machines.counts(home, scope, chosen, "power").to_dict() == bands.value_counts()[lambda n: n > 0].to_dict()
    cells = machines.cells(home, scope, chosen).set_index(["lon", "lat"])["n"]
    assert cells.to_dict() == rows.dropna(subset="x").groupby(["cell_lon", "cell_lat"]).size().to_dict()


def kept(chosen: Selection) -> dict:
    """The parts of a selection that are no choices, as `Selection.of` takes them."""
    ranges = {name: tuple(ends) for name, ends in chosen.ranges}
    return {"text": chosen.text, "day": chosen.day, "polygon": chosen.polygon, "ranges": ranges}


def test_a_register_that_does_not_say_the_street_shows_nothing_to_who_is_bound_to_one(home):
    scope = Scope(streets=frozenset({"桂溪街道"}))
    for ask in (machines.search, machines.rows):
        with pytest.raises(ScopeError, match="street"):
            ask(home, scope, Selection())
    assert set(sources.search(home, scope, Selection()).rows["street"]) == {"桂溪街道"}


def test_a_new_delivery_is_seen_at_once(tmp_path):
    home = open_home(tmp_path)
    for number, count in enumerate((30, 20, 40), 1):
        deliveries.deliver(home, "source", inventory(count), dt.date(2025, 5, number), f"{number}.csv", f"d{number}")
        assert sources.search(home, Scope.all(), Selection()).count == count
    assert sources.search(home, Scope.all(), Selection(day=dt.date(2025, 5, 2))).count == 20


def test_a_copy_is_loaded_once_for_all_threads(home, monkeypatch):
    loaded = []
    load = type(home.engine)._load
    monkeypatch.setattr(type(home.engine), "_load", lambda *what: loaded.append(what) or load(*what))
    fresh = open_home(home.path)
    asking = [threading.Thread(target=sources.figures, args=(fresh, Scope.all())) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(loaded) == 1
