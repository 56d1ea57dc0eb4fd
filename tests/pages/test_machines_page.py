"""The page 移动机械: counts, list, card and zones speak of the same machines."""

import datetime as dt

import pyarrow as pa
import pytest

from shuzhi.access import audit
from shuzhi.registry import deliveries, machines, places
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from tests.apps import text, visiting
from tests.registry.inventory import register
from tests.registry.test_machines import NOW, ZONE, positions

ALL = Scope.all()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = open_home(tmp_path_factory.mktemp("machines-page"))
    places.replace(
        home, "lez", [places.NewPlace("核心区", ZONE, attributes={"forbidden_stages": ["2"]})], source="test"
    )
    table = register(300)
    deliveries.deliver(home, "machine", table, dt.date(2026, 5, 1), "machines.csv", "m1")
    ids = table["id"].to_pylist()[:200]
    machines.append_positions(home, positions(ids, NOW - dt.timedelta(hours=2), 104.05, 30.65), "p1")
    return home


@pytest.fixture
def visit(monkeypatch):
    with visiting(monkeypatch, "machines") as go:
        yield go


def test_the_sentence_counts(visit, home):
    forbidden = machines.figures(home, ALL)["forbidden"]
    page = text(visit(home))
    assert f"300 台，24 小时内有定位 200 台，低排区内禁用机械 {forbidden} 台" in page
    assert forbidden > 0


def test_filters_hold_for_list_and_counts(visit, home):
    count = machines.search(home, ALL, Selection.of(forbidden=["yes"], type=["loader"])).count
    page = text(visit(home, forbidden="yes", type="loader"))
    assert f"选中移动机械 {count} 台" in page
    assert f"{count} 台，{count} 台有定位" in page


def test_a_card_tells_stage_zone_and_positions(visit, home):
    rows = machines.search(home, ALL, Selection.of(forbidden=["yes"])).rows
    page = text(visit(home, machine=rows["id"].iloc[0]))
    assert rows["code"].iloc[0] in page
    assert "核心区 禁用" in page
    assert "104.05000" in page


def test_an_unknown_machine_is_said(visit, home):
    assert "没有编号为 nobody" in text(visit(home, machine="nobody"))


def test_an_empty_home_says_what_to_do(visit, tmp_path):
    assert "import machines" in text(visit(open_home(tmp_path)))


def test_english(visit, home):
    assert "300 machines registered" in text(visit(home, lang="en"))


@pytest.fixture(scope="module")
def owned(tmp_path_factory):
    """A machine of a private person and one of a firm."""
    home = open_home(tmp_path_factory.mktemp("owned"))
    table = register(2)
    owners = pa.array(["李娜", "天府建筑公司"])
    table = table.set_column(table.schema.get_field_index("owner"), "owner", owners)
    deliveries.deliver(home, "machine", table, dt.date(2026, 5, 1), "machines.csv", "m1")
    return home, table["id"].to_pylist()


def test_a_private_owner_is_shown_when_asked_for_and_it_is_an_event(monkeypatch, owned):
    home, ids = owned
    with visiting(monkeypatch, "machines", role="leader") as go:
        app, firm = go(home, machine=ids[0]), go(home, machine=ids[1])
        assert "李*" in text(app)
        assert "李娜" not in text(app)
        app.button(key=f"machines-full-{ids[0]}").click().run()
    assert "李娜" in text(app)
    assert list(audit.search(home, ALL, actions=["full"])[0]["object"]) == [ids[0]]
    assert not [button for button in firm.button if button.key.startswith("machines-full")]


def test_who_may_not_see_full_records_has_no_way_to(monkeypatch, owned):
    home, ids = owned
    unit = machines.machine(home, ALL, ids[0])["unit"]
    with visiting(monkeypatch, "machines", role="patrol", places=(unit,)) as go:
        app = go(home, machine=ids[0])
    assert "李*" in text(app)
    assert not [button for button in app.button if button.key.startswith("machines-full")]
