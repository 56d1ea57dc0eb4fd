"""The page 污染源清单: filters, list, totals and card speak of the same sources; the address holds what is chosen."""

import datetime as dt

import pytest

from shuzhi.registry import deliveries, responsibilities, sources
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from tests.apps import html, text, visiting
from tests.registry.inventory import inventory

ALL = Scope.all()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("page"))
    table = inventory(600)
    deliveries.deliver(home, "source", table, dt.date(2025, 5, 1), "first.csv", "d1")
    deliveries.deliver(home, "source", table.slice(100), dt.date(2026, 5, 1), "second.csv", "d2")
    return home


@pytest.fixture
def visit(monkeypatch):
    with visiting(monkeypatch, "sources") as go:
        yield go


def test_the_sentence_counts_every_source(visit, home):
    assert "在册污染源 500 家" in text(visit(home))


def test_a_filter_in_the_address_holds_for_everything(visit, home):
    chosen = Selection.of(unit=["武侯区"], trees={"industry": ["C"]}, ranges={"nox": (0, None)})
    count = sources.search(home, ALL, chosen).count
    page = text(visit(home, unit="武侯区", industry="C", nox_min="0"))
    assert f"选中污染源 {count:,} 家" in page
    assert f"{count:,} 家，" in page
    assert "锦江区" not in page.split("按区域")[1].split("按行业")[0]


def test_a_past_day_shows_what_held_then(visit, home):
    assert "选中污染源 600 家" in text(visit(home, day="2025-06-01"))


def test_choosing_writes_the_address(visit, home):
    app = visit(home)
    app.text_input(key="f-sources-q").input("热电").run()
    assert app.query_params["q"] == "热电"
    assert f"选中污染源 {sources.search(home, ALL, Selection.of(text='热电')).count} 家" in text(app)
    app.button(key="f-sources-clear").click().run()
    assert "q" not in app.query_params


def test_a_card_tells_identity_emissions_and_history(visit, home):
    page = text(visit(home, source="S0000120"))
    row = sources.source(home, ALL, "S0000120")
    assert row["name"] in page
    assert row["credit_code"] in page
    assert "年排放量" in page
    assert "列入清单" in page


def test_a_closed_source_says_so(visit, home):
    assert "已不在清单（2026-05-01 起）" in text(visit(home, source="S0000005"))


@pytest.mark.parametrize("bad", [{"nox_min": "viel"}, {"day": "gestern"}, {"area": "1,2"}])
def test_an_address_that_cant_be_understood_is_said(visit, home, bad):
    app = visit(home, **bad)
    assert app.warning
    assert "500 家" in text(app)


def test_an_unknown_source_is_said(visit, home):
    assert "没有编号为" in text(visit(home, source="<script>"))


def test_user_text_is_never_html(visit, tmp_path):
    home = open_home(tmp_path)
    table = inventory(3).to_pandas()
    table["name"] = "<img src=x onerror=alert(1)>"
    import pyarrow as pa

    rows = pa.Table.from_pandas(table, preserve_index=False)
    deliveries.deliver(home, "source", rows, dt.date(2026, 5, 1), "evil.csv", "d1")
    assert "<img" not in html(visit(home, source="S0000000"))


def test_an_empty_home_says_what_to_do(visit, tmp_path):
    assert "import inventory" in text(visit(open_home(tmp_path)))


def test_english(visit, home):
    page = text(visit(home, lang="en"))
    assert "500 registered sources" in page


def test_the_newest_delivery_is_taken_back_after_a_second_thought(visit, tmp_path):
    home = open_home(tmp_path)
    deliveries.deliver(home, "source", inventory(50), dt.date(2025, 5, 1), "first.csv", "d1")
    deliveries.deliver(home, "source", inventory(70), dt.date(2026, 5, 1), "second.csv", "d2")
    app = visit(home)
    assert app.button(key="f-sources-undo").disabled
    app.checkbox(key="f-sources-sure").check().run()
    app.button(key="f-sources-undo").click().run()
    assert "在册污染源 50 家" in text(app)


@pytest.mark.parametrize(("role", "told"), [("analyst", True), ("enterprise", False)])
def test_a_card_says_who_answers_for_the_place_to_who_may_know(small_city, monkeypatch, role, told):
    streets = responsibilities.table(small_city, Scope.all(), "street")
    source = sources.search(small_city, Scope.all(), Selection.of(street=list(streets["place"].unique())), limit=1)
    row = source.rows.iloc[0]
    bound = (row["credit_code"],) if role == "enterprise" else ()
    with visiting(monkeypatch, "sources", role, bound) as go:
        said = text(go(small_city, source=row["id"]))
    assert row["name"] in said
    assert ("谁负责" in said) is told
