"""The page 环境一张图 as a script: what the URL says, what it hands to the map, its states."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from shuzhi.registry import machines, sources
from shuzhi.status import water
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from tests.apps import html, visiting

AT = "2019-08-26T15:00"


@pytest.fixture
def visit(monkeypatch):
    """A function that opens the page of a home with URL parameters."""
    with visiting(monkeypatch, "map") as open_page:

        def go(home, **parameters) -> AppTest:
            app = open_page(home, **parameters)
            assert "UI-" not in html(app)
            return app

        yield go


def given(app: AppTest) -> dict:
    """What the page hands to the map."""
    protos = [element.proto for element in app.get("bidi_component")]
    (proto,) = [proto for proto in protos if proto.component_name == "shuzhi_deck"]
    return json.loads(proto.json or proto.mixed.json)


def test_the_hour_and_the_frames_come_from_the_url(two_days, visit):
    data = given(visit(two_days, at=AT))
    assert data["air"]["at"] == AT
    assert "factor=aqi" in data["air"]["frames"]
    assert data["air"]["filter"] == {"networks": None, "district": None}
    assert data["time"] == {"min": "2019-08-01", "max": "2019-08-26"}


def test_without_an_hour_the_latest(two_days, visit):
    assert given(visit(two_days))["air"]["at"] == "2019-08-26T23:00"


def test_late_data_is_named_and_a_chosen_hour_is_not_late(two_days, visit):
    assert given(visit(two_days))["notice"] == "2019年8月26日 23:00 之后没有新数据"
    assert given(visit(two_days, at=AT))["notice"] is None


def test_an_hour_after_the_data_is_the_latest(two_days, visit):
    assert given(visit(two_days, at="2031-01-01T00:00"))["air"]["at"] == "2019-08-26T23:00"


def test_the_page_sends_little_and_no_readings(two_days, visit):
    data = given(visit(two_days, at=AT))
    assert len(json.dumps(data)) < 24_000
    assert "1434A" not in json.dumps(data)


def test_filters_come_from_the_url(two_days, visit):
    data = given(visit(two_days, at=AT, factor="o3", district="锦江区", show="air,river"))
    assert "factor=o3" in data["air"]["frames"]
    assert data["air"]["filter"]["district"] == "锦江区"
    ids = [layer["id"] for layer in json.loads(data["spec"])["layers"]]
    assert "river" in ids
    assert "zone" not in ids
    assert "water-marks" not in ids


def test_nonsense_in_the_url_is_ignored(two_days, visit):
    app = visit(two_days, at="yesterday", factor="pm1", district="Atlantis", network="x", show="x", station="Z")
    data = given(app)
    assert data["air"]["at"] == "2019-08-26T23:00"
    assert "factor=aqi" in data["air"]["frames"]
    assert data["air"]["selected"] is None


def test_a_filter_writes_the_url(two_days, visit):
    app = visit(two_days, at=AT)
    app.selectbox(key="map-district").set_value("锦江区").run()
    assert app.query_params["district"] == "锦江区"
    assert given(app)["air"]["filter"]["district"] == "锦江区"


def test_the_card_of_the_event(two_days, visit):
    app = visit(two_days, at=AT, station="1434A")
    shown = html(app)
    for wanted in ("沙河铺", "1434A", "108", "轻度污染", "215"):
        assert wanted in shown
    assert given(app)["air"]["selected"] == "1434A"
    assert app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")


def test_closing_the_card(two_days, visit):
    app = visit(two_days, at=AT, station="1434A")
    app.button(key="map-card-close").click().run()
    assert "station" not in app.query_params
    assert "1434A" not in html(app)


def test_the_card_of_a_silent_hour(two_days, visit):
    assert "没有读数" in html(visit(two_days, at="2019-08-24T00:00", station="1434A"))


def test_the_note_names_sources_and_says_what_is_schematic(two_days, visit):
    shown = html(visit(two_days, at=AT))
    assert "界线：天地图" in shown
    assert "为示意" in shown
    assert "实测数据" in shown


def test_english(two_days, visit):
    app = visit(two_days, at=AT, lang="en", station="1434A")
    data = given(app)
    assert data["text"]["levels"][3] == "Lightly polluted"
    assert data["air"]["districts"]["锦江区"] == "Jinjiang District"
    names = [word for word in data["text"].values() if isinstance(word, str)]
    assert not [word for word in names if any("一" <= letter <= "鿿" for letter in word)]


def test_an_empty_home(tmp_path, visit):
    app = visit(open_home(tmp_path / "empty"))
    assert "import air-archive" in html(app)
    assert not [e for e in app.get("bidi_component") if e.proto.component_name == "shuzhi_deck"]


def test_networks_are_offered_where_there_are_several(small_city, visit):
    app = visit(small_city, network="national")
    assert given(app)["air"]["filter"]["networks"] == ["national"]
    assert "模拟数据" in html(app)


def legends(app: AppTest) -> dict[str, dict]:
    """What the legend says of the registers, by title's first words."""
    return {section["title"].split()[0]: section for section in given(app)["legend"]["also"]}


def test_calm_at_first_sight(small_city, visit):
    data = given(visit(small_city))
    ids = {layer["id"] for layer in json.loads(data["spec"])["layers"]}
    assert {"district", "river", "water-marks", "air-points"} <= ids
    assert not {"street", "grid", "zone", "lez", "outlet"} & ids
    assert data["tiles"] == []


def test_layers_come_from_the_url(small_city, visit):
    data = given(visit(small_city, show="sources,machines,street,lez,outlet"))
    ids = {layer["id"] for layer in json.loads(data["spec"])["layers"]}
    assert {"street", "lez", "outlet"} <= ids
    assert not {"river", "water-marks", "air-points"} & ids
    assert [config["id"] for config in data["tiles"]] == ["sources", "machines"]
    assert data["legend"]["air"] is False


def test_the_legend_counts_what_the_filters_leave(small_city, visit):
    asked = {"show": "sources,machines", "permit_class": "key,simplified", "nox_min": "0.01", "m.stage": "3"}
    app = visit(small_city, **asked)
    chosen = Selection.of(permit_class=["key", "simplified"], ranges={"nox": (0.01, None)})
    placed = sources.search(small_city, Scope.all(), chosen, limit=1).placed
    standing = machines.search(small_city, Scope.all(), Selection.of(stage=["3"]), limit=1).placed
    shown = legends(app)
    assert sum(entry["count"] for entry in shown["污染源"]["entries"]) == placed > 0
    assert sum(entry["count"] for entry in shown["移动机械"]["entries"]) == standing > 0
    addresses = {config["id"]: config["address"] for config in given(app)["tiles"]}
    assert "permit_class=key%2Csimplified&nox_min=0.01" in addresses["sources"]
    assert addresses["machines"].endswith("?stage=3")


def test_the_district_keeps_the_sources_too(small_city, visit):
    app = visit(small_city, show="sources", district="武侯区")
    assert "district=" in given(app)["tiles"][0]["address"]


def test_a_selection_that_can_not_be_read_is_said(small_city, visit):
    app = visit(small_city, show="sources", nox_min="much")
    assert "nox_min" in app.warning[0].value.replace("\\", "")
    assert given(app)["tiles"][0]["n"] > 0


def test_circles_by_emissions(small_city, visit):
    (config,) = given(visit(small_city, show="sources", amount="nox"))["tiles"]
    assert config["sized"]
    assert "amount=nox" in config["address"]


@pytest.mark.parametrize("register", ["sources", "machines"])
def test_the_list_shows_the_same_selection(small_city, visit, register):
    prefix = {"sources": "", "machines": "m."}[register]
    app = visit(small_city, show=register, **{f"{prefix}unit": "武侯区"})
    links = [proto for proto in (element.proto for element in app.get("page_link")) if proto.page.startswith(register)]
    assert links[0].query_string == "unit=%E6%AD%A6%E4%BE%AF%E5%8C%BA"


def test_cards_of_things(small_city, visit):
    everything = Scope.all()
    source = sources.search(small_city, everything, Selection(), limit=50).rows.dropna(subset=["lon"]).iloc[0]
    machine = machines.search(small_city, everything, Selection(), limit=1).rows.iloc[0]
    section = water.sections(small_city, everything).dropna(subset=["lon"]).iloc[0]
    for parameter, row in (("source", source), ("machine", machine), ("section", section)):
        app = visit(small_city, **{parameter: row["id"] if "id" in row else row["code"]})
        assert (row["name"] if "name" in row else row["id"]) in html(app)
        assert given(app)["ring"]["position"] == pytest.approx([float(row["lon"]), float(row["lat"])])
    assert "定类项目" in html(app)


def test_the_card_of_a_place_leads_to_its_lists(small_city, visit):
    shown = html(visit(small_city, place="district:武侯区"))
    assert "武侯区" in shown
    assert "sources?" in shown
    assert "没有找到" in html(visit(small_city, place="moon:1"))


def test_several_sources_at_one_place(small_city, visit):
    row = sources.search(small_city, Scope.all(), Selection(), limit=50).rows.dropna(subset=["lon"]).iloc[0]
    shown = html(visit(small_city, cell=f"sources:{row['lon']},{row['lat']}"))
    assert row["name"] in shown
    assert "此处" in shown
    assert "没有找到" in html(visit(small_city, cell="sources:somewhere"))


def test_one_card_at_a_time(small_city, visit):
    app = visit(small_city, section="nowhere", place="district:武侯区")
    app.button(key="map-card-close").click().run()
    assert not {"section", "place"} & set(app.query_params)
