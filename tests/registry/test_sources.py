"""List, counts, totals and export of the inventory speak of the same rows, whatever is chosen."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuzhi.errors import InputError, NotFoundError, ScopeError
from shuzhi.registry import deliveries, sources
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection, read, write
from tests.registry.inventory import UNITS, inventory

ALL = Scope.all()
COUNT = 2_000


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("sources"))
    deliveries.deliver(home, "source", inventory(COUNT), dt.date(2026, 5, 1), "may.csv", "d1")
    return home


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return inventory(COUNT).to_pandas()


selections = st.builds(
    Selection.of,
    text=st.sampled_from(["", "热电", "cdrd", "9151", "没有"]),
    unit=st.lists(st.sampled_from(UNITS), unique=True, max_size=3),
    permit_class=st.lists(st.sampled_from(["key", "simplified"]), unique=True),
    status=st.lists(st.sampled_from(["operating", "closed"]), unique=True),
    trees=st.fixed_dictionaries({"industry": st.lists(st.sampled_from(["D44", "C1713", "C"]), unique=True)}),
    ranges=st.fixed_dictionaries({"nox": st.sampled_from([(None, None), (0, None), (0.01, 2.0)])}),
    polygon=st.sampled_from([(), ((103.9, 30.5), (104.3, 30.5), (104.1, 30.9))]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=selections)
def test_list_facets_totals_and_export_agree(home, chosen):
    found = sources.search(home, ALL, chosen, limit=10)
    exported = sources.rows(home, ALL, chosen)
    assert found.count == exported.num_rows
    assert found.placed == exported.num_rows - exported["lon"].null_count
    for by in ("unit", "district", "street", "division", "permit_class"):
        assert sources.totals(home, ALL, chosen, by)["n"].sum() == found.count
    assert sources.totals(home, ALL, chosen, "cell")["n"].sum() == found.placed
    facets = sources.facets(home, ALL, chosen)
    assert facets["permit_class"][lambda s: s.index.isin(chosen.chosen("permit_class") or s.index)].sum() == found.count


@given(chosen=selections)
def test_the_address_describes_the_selection(chosen):
    assert read("sources", write(chosen)) == chosen


def test_filters_choose_what_they_say(home, table):
    def count(**chosen):
        return sources.search(home, ALL, Selection.of(**chosen)).count

    assert count(unit=["武侯区"]) == (table["unit"] == "武侯区").sum()
    assert count(trees={"industry": ["D44"]}) == table["industry"].str.startswith("44").sum() > 0
    assert count(trees={"industry": ["C"]}) == table["industry"].str[:2].astype(int).between(13, 43).sum()
    assert count(ranges={"nox": (0, None)}) == (table["nox"] > 0).sum()
    assert count(ranges={"nox": (0.05, 1)}) == table["nox"].between(0.05, 1).sum()
    assert count(text="热电") == table["name"].str.contains("热电").sum()
    assert count(text="CDRDC") == table["name"].str.contains("热电").sum()
    assert count(text="%") == 0


def test_polygon_chooses_what_lies_in_it(home, table):
    square = ((104.0, 30.6), (104.1, 30.6), (104.1, 30.7), (104.0, 30.7))
    inside = table["lon"].between(104.0, 104.1) & table["lat"].between(30.6, 30.7)
    assert sources.search(home, ALL, Selection.of(polygon=square)).count == inside.sum() > 0


def test_districts_bind_every_answer(home, table):
    scope = Scope(districts=frozenset({"武侯区"}))
    own = (table["unit"] == "武侯区").sum()
    assert sources.search(home, scope, Selection()).count == own
    assert sources.search(home, scope, Selection.of(unit=["锦江区"])).count == 0
    assert sources.rows(home, scope, Selection()).num_rows == own
    assert sources.totals(home, scope, Selection(), "unit")["value"].tolist() == ["武侯区"]
    assert sources.facets(home, scope, Selection())["unit"].index.tolist() == ["武侯区"]
    assert sources.figures(home, scope)["total"] == own
    other = table.loc[table["unit"] == "锦江区", "id"].iloc[0]
    with pytest.raises(NotFoundError):
        sources.source(home, scope, other)
    assert sources.history(home, scope, other).empty
    assert not (
        set(sources.nearest(home, scope, 104.06, 30.66)["id"]) - set(table.loc[table["unit"] == "武侯区", "id"])
    )
    with pytest.raises(ScopeError):
        sources.search(home, Scope.seeing("air"), Selection())


def test_concentration_counts_the_largest(home, table):
    found = sources.concentration(home, ALL, Selection(), "nox")
    values = np.sort(table["nox"].dropna().to_numpy())[::-1]
    needed = int(np.argmax(np.cumsum(values) >= 0.8 * values.sum())) + 1
    assert (found.needed, found.emitting) == (needed, len(values))
    assert found.total == pytest.approx(values.sum())
    assert found.curve["share"].iloc[-1] == pytest.approx(1)


def test_order_puts_missing_values_last(home):
    rows = sources.search(home, ALL, Selection(), order="nox", limit=COUNT).rows["nox"]
    known = rows.dropna()
    assert known.is_monotonic_decreasing
    assert rows.tail(len(rows) - len(known)).isna().all()


@pytest.mark.parametrize(
    "query",
    [{"nox_min": "viel"}, {"day": "gestern"}, {"area": "104,30;105,31"}, {"area": "a,b;c,d;e,f"}, {"q": "x" * 101}],
)
def test_what_cant_be_understood_is_said(query):
    with pytest.raises(InputError, match=next(iter(query)).split("_")[0]):
        read("sources", query)


def test_an_empty_home_answers(tmp_path):
    home = open_home(tmp_path)
    assert sources.search(home, ALL, Selection()).count == 0
    assert sources.concentration(home, ALL, Selection(), "nox").needed == 0
    assert sources.figures(home, ALL) == {"total": 0}


def test_the_nearest_come_first_with_their_distance(home, table):
    near = sources.nearest(home, ALL, 104.06, 30.66, 5, besides="S0000000")
    placed = table[(table["id"] != "S0000000") & table["lon"].notna()]
    metres = 111_195 * np.hypot((placed["lon"] - 104.06) * np.cos(np.radians(30.66)), placed["lat"] - 30.66)
    assert near["id"].tolist() == placed["id"].loc[metres.nsmallest(5).index].tolist()
    assert near["distance"].to_numpy() == pytest.approx(metres.nsmallest(5).to_numpy(), rel=0.002)
