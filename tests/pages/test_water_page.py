"""The page 水环境 as a script: what the URL says, what it shows, its states, its files."""

import csv
import io
import json
import re
import shutil

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shuzhi.decision.targets import set_target
from shuzhi.registry import rivers
from shuzhi.settings import BEIJING
from shuzhi.status import water
from shuzhi.status import water_overview as overview
from shuzhi.store import Scope, open_home
from shuzhi.ui import water_files
from shuzhi.ui.state import Context
from tests.apps import html, text, visiting
from tests.forecasts import record_issue
from tests.visitors import EVERYBODY
from tests.water import water_home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    found = water_home(tmp_path_factory.mktemp("page"))
    set_target(found, Scope.all(), 2026, "water_good_share", 98)
    return found


@pytest.fixture
def visit(monkeypatch):
    """A function that opens the page of a home with URL parameters."""
    with visiting(monkeypatch, "water") as open_page:

        def go(home, **parameters) -> AppTest:
            app = open_page(home, **parameters)
            assert "UI-" not in html(app)
            return app

        yield go


AT = "2026-04-02T20:00"


def marked(app: AppTest) -> list[dict]:
    """The sections on the map."""
    protos = [element.proto for element in app.get("bidi_component")]
    (proto,) = [proto for proto in protos if proto.component_name == "shuzhi_deck"]
    data = json.loads(proto.json or proto.mixed.json)
    assert data["clickable"]
    layers = {layer["id"]: layer for layer in json.loads(data["spec"])["layers"]}
    assert not [name for name in layers if name.startswith("air-")]
    return layers["water-marks"]["data"]


def listed(app: AppTest) -> list[str]:
    """Names in the table of sections."""
    table = html(app).split("sz-watersections")[1].split("</table>")[0]
    return re.findall(r'data-pick="section=[^"]*">([^<]*)</a>', table)


def drawn(app: AppTest) -> list[str]:
    """Names of the limits in the chart."""
    (chart,) = app.get("vega_lite_chart")
    groups = [group["data"]["values"] for group in json.loads(chart.proto.spec)["layer"]]
    return [row["text"] for rows in groups for row in rows if "text" in row]


def test_the_sentence_comes_first(visit, home):
    page = visit(home, at=AT)
    assert "成都 6 个有数据的断面中 3 个达到Ⅰ–Ⅲ类，占 50.0%，比去年同期低 10.0 个百分点；1 个劣Ⅴ类" in text(page)
    assert "目标 98 %" in text(page)
    assert "达标 3/6 个断面" in text(page)
    assert "实测数据" in text(page)


def test_late_data_is_named(visit, home):
    assert "4月2日 20:00 之后没有新数据；当时成都" in text(visit(home))
    assert "之后没有新数据" not in text(visit(home, at=AT))


def test_map_and_table_show_the_same_sections(visit, home):
    page = visit(home, at=AT)
    assert listed(page) == ["丁桥", "己湖坝前", "丙桥", "戊湖心", "乙桥", "甲桥", "庚桥"]
    assert {mark["tip"].split(" · ")[0] for mark in marked(page)[-3:]} == {"丁桥", "己湖坝前", "丙桥"}
    assert {mark["text"] for mark in marked(page)} == {"◆", "◇"}
    some = visit(home, at=AT, river="清水河", unmet="1")
    assert listed(some) == ["丙桥"]
    assert [mark["code"] for mark in marked(some)] == ["A3"]
    assert "1/7 个" in text(some)


def test_the_picture_of_the_map_has_a_legend(visit, home):
    protos = [element.proto for element in visit(home, at=AT).get("bidi_component")]
    (proto,) = [proto for proto in protos if proto.component_name == "shuzhi_deck"]
    picture = json.loads(proto.json or proto.mixed.json)["picture"]
    assert picture["title"] == "成都水质断面　2026年4月2日 20:00"
    assert [entry["count"] for entry in picture["legend"][0]["entries"]] == [0, 1, 2, 2, 0, 1, 1]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"class": "4,6"}, ["丁桥", "己湖坝前", "丙桥"]),
        ({"district": "简阳市"}, ["己湖坝前", "戊湖心"]),
        ({"class": "5"}, []),
    ],
)
def test_filters_come_from_the_url(visit, home, asked, names):
    page = visit(home, at=AT, **asked)
    assert ("没有断面符合筛选条件" in text(page)) == (not names)
    assert not names or listed(page) == names


def test_a_filter_writes_the_url(visit, home):
    page = visit(home, at=AT)
    page.toggle(key="water-unmet").set_value(True).run()
    assert page.query_params["unmet"] == "1"
    assert listed(page) == ["丁桥", "己湖坝前", "丙桥"]
    page.selectbox(key="water-river").set_value("浊水河").run()
    assert listed(page) == ["丁桥"]


def test_by_the_month_and_the_year(visit, home):
    month = visit(home, at=AT, basis="month")
    assert "4月1日—2日均值评价" in text(month)
    assert "4月以来成都" in text(month)
    assert "今年以来成都" in text(visit(home, at=AT, basis="year"))


def test_rivers_districts_and_lakes(visit, home):
    shown = text(visit(home, at=AT))
    assert "重度污染" in shown  # 浊水河
    assert "实测 5/21 项" in shown
    assert "4/5 项，缺透明度" in shown
    assert "48.7" in shown  # TLI of 戊湖


def test_what_the_year_will_come_to_stands_below_the_share(visit, home, tmp_path):
    assert "全年预计" not in text(visit(home))
    told = open_home(shutil.copytree(home.path, tmp_path / "home"))
    latest = water.latest_time(told, Scope.all())
    record_issue(told, latest.floor("h"))
    assert "全年预计 95.0%（90%：90.5–99.5），达到目标 98% 的可能性 21%" in text(visit(told))
    past = latest.tz_convert(BEIJING) - pd.Timedelta(days=2)
    assert "全年预计" not in text(visit(told, at=f"{past:%Y-%m-%dT%H:%M}"))


def test_one_section_with_its_series_and_neighbours(visit, home):
    page = visit(home, at=AT, section="A2")
    shown = html(page)
    assert "sz-watertitle" in shown
    assert "由总磷决定" in text(page)
    assert "Ⅲ类 0.2" in drawn(page)
    assert page.button(key="water-close")
    other = visit(home, at=AT, section="A2", item="do", days="7")
    assert "Ⅰ类 7.5" in drawn(other)


def test_the_months_of_a_section(visit, home):
    shown = html(visit(home, at=AT, section="A2")).split("sz-watermonths")[1].split("</table>")[0]
    cells = re.findall(r'title="([^"]*)"[^>]*>([^<]*)</i>', shown)
    assert cells == [("Ⅲ类 · 总磷 · 6 次读数", "Ⅲ"), ("Ⅳ类 · 总磷 · 6 次读数", "Ⅳ")]


def test_the_neighbours_on_the_river(visit, small_city):
    register = overview.watched(small_city, Scope.all())[0]
    near = rivers.neighbours(rivers.network(small_city, Scope.all()), register[~register["lake"]])
    row = near[near["downstream"].notna()].iloc[0]
    names = register.set_index("code")["name"]
    shown = html(visit(small_city, section=row["section"])).split("sz-stream")[1].split("</ol>")[0]
    assert names[row["section"]] in shown
    assert f'data-pick="section={row["downstream"]}">{names[row["downstream"]]}</a>' in shown
    assert f"下游 {row['km']:.1f} km" in shown


def test_back_to_the_city(visit, home):
    page = visit(home, at=AT, section="A2")
    page.button(key="water-close").click().run()
    assert "section" not in page.query_params
    assert "sz-waterrivers" in html(page)


def test_a_section_without_readings_and_a_moment_without_any(visit, home):
    assert "此前 12 小时没有读数" in text(visit(home, at=AT, section="C1"))
    assert "成都 7 个断面没有水质类别" in text(visit(home, at="2020-01-01T00:00"))


def test_nonsense_in_the_url_is_ignored(visit, home):
    page = visit(home, at=AT, section="Z", river="x", district="y", basis="z", days="4", **{"class": "9,x"})
    assert len(listed(page)) == 7


def test_english(visit, home):
    page = visit(home, at=AT, lang="en", section="A2")
    assert "3 of 6 sections of Chengdu" in text(page)
    assert "Class III" in text(page)
    words = re.sub(r"[甲乙丙丁戊己庚桥湖心坝前清浊水河]", "", text(page))
    assert not re.findall(r"[一-鿿]+", words.replace("环办", ""))


def test_an_empty_home(visit, tmp_path):
    page = visit(open_home(tmp_path / "empty"))
    assert "import water-stations" in html(page)
    assert not page.get("vega_lite_chart")


def test_water_on_the_home_page(monkeypatch, small_city):
    with visiting(monkeypatch) as open_page:
        page = open_page(small_city)
    assert "水质断面" in text(page)
    assert "达Ⅰ–Ⅲ类" in text(page)


def test_without_water_the_home_page_has_no_block_of_it(monkeypatch, two_days):
    with visiting(monkeypatch) as open_page:
        assert "水质断面" not in text(open_page(two_days))


def context(home, lang: str = "zh") -> Context:
    return Context(home, EVERYBODY, home.version, lang, False, None, "auto", False)


def test_the_files(home):
    at = pd.Timestamp(AT, tz=BEIJING)
    offers = water_files.offers(context(home), at, "now", "A2", 30)
    assert [offer.name for offer in offers] == [
        "water_20260402T2000.csv", "water_20260402T2000.xlsx", "A2_30d_20260402T2000.csv",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(offers[0].make().decode("utf-8-sig"))))
    assert len(rows) == 7
    worst = next(row for row in rows if row["断面"] == "丁桥")
    assert (worst["类别"], worst["目标类别"], worst["达标"], worst["氨氮 (mg/L)"]) == ("劣Ⅴ", "Ⅳ", "否", "2.4")
    assert offers[1].make().startswith(b"PK")
    readings = list(csv.DictReader(io.StringIO(offers[2].make().decode("utf-8-sig"))))
    assert len(readings) == 6
    assert readings[0]["时间（北京时间）"] == "2026-04-01T04:00:00+08:00"
