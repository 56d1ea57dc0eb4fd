"""The shell and the page 态势, without a browser."""

import json
import re

import pytest

from shuzhi.ingest.service import import_air_archive
from shuzhi.settings import ROOT
from shuzhi.status import city
from shuzhi.store import open_home
from shuzhi.store.ledger import Station
from tests.apps import html, text, visiting

EVENT = "2019-08-26T15:00"
HAN = re.compile(r"[一-鿿]+")


@pytest.fixture
def visit(monkeypatch):
    """A function that opens the home page of a home with URL parameters."""
    with visiting(monkeypatch) as go:
        yield go


def test_the_event_of_2019(visit, two_days):
    page = visit(two_days, at=EVENT)
    shown = text(page)
    assert "2019年8月26日 星期一 15:00" in shown
    assert "全市空气质量良，臭氧超标：十里店 268、沙河铺 215µg/m³，均高于小时限值 200µg/m³。" in shown
    assert "实测数据" in shown
    assert "HJ 633—2012" in shown
    assert "8 个站点，7 个参评，1 个对照点不参评" in shown
    assert 'href="station?at=2019-08-26T15%3A00&amp;station=1434A"' in html(page)
    assert len(page.get("vega_lite_chart")) == 2


def test_readings_without_a_register_of_stations_ask_for_it(visit, tmp_path):
    home = open_home(tmp_path)
    import_air_archive(home, [ROOT / "tests" / "fixtures"])
    assert "站点名录里没有本市的站点" in text(visit(home))


def test_no_comparison_without_last_year_and_no_target(visit, two_days):
    shown = text(visit(two_days, at=EVENT))
    assert "去年同期没有数据" in shown
    assert "天目标" not in shown


def test_the_simulated_city_says_so_and_has_a_target(visit, small_city):
    shown = text(visit(small_city))
    assert "天目标" in shown
    assert "模拟数据" in shown
    assert "数据：模拟城市，不是实测。" in shown


def test_english_has_no_chinese_left(visit, two_days):
    page = visit(two_days, at=EVENT, lang="en")
    shown = text(page)
    assert "City air is good; ozone exceeds the hourly limit of 200µg/m³: 十里店 268, 沙河铺 215µg/m³." in shown
    names = {"十里店", "沙河铺", "成华区", "锦江区"}
    assert set(HAN.findall(shown)) <= names
    charts = "".join(element.proto.spec for element in page.get("vega_lite_chart"))
    assert not HAN.search(charts.encode().decode("unicode_escape"))


def test_the_other_edition_is_a_link_away(visit, two_days):
    page = visit(two_days, at=EVENT, edition="2026")
    assert "HJ 633—2026" in text(page)
    assert 'href="./?at=2019-08-26T15%3A00&amp;edition=2012"' in html(page)


def test_a_home_without_readings_gives_the_commands(visit, tmp_path):
    page = visit(open_home(tmp_path / "home"))
    assert "还没有空气质量数据" in html(page)
    assert "-m shuzhi import stations" in html(page)
    assert "-m shuzhi import air-archive" in html(page)
    assert "实测数据" not in html(page), "nothing is measured yet"


def test_an_hour_in_a_gap_is_no_clean_air(visit, two_days):
    page = visit(two_days, at="2019-08-25T05:00")
    assert '<a href="./?at=2019-08-25T08%3A00" target="_self">下一个读数 8月25日 08:00</a>' in html(page)
    shown = text(page)
    assert "5 时没有任何站点的读数。" in shown
    assert "参评站点数据不足" in shown
    assert "优 0" in shown
    assert "无数据 8" in shown


def test_nonsense_in_the_url_is_ignored(visit, two_days):
    shown = text(visit(two_days, at="<script>", lang="xx", edition="1999", wall="9"))
    assert "之后没有新数据" in shown, "the archive of 2019 is late, the newest hour is shown"


def test_late_data_say_since_when(visit, two_days):
    assert "2019 年 8 月 26 日 23:00 之后没有新数据；当时全市空气质量" in text(visit(two_days))


def test_names_from_data_are_escaped(visit, two_days, monkeypatch):
    asked = city.situation

    def with_markup(*args):
        found = asked(*args)
        found.exceedances.loc[0, "name"] = "<img src=x onerror=alert(1)>"
        return found

    monkeypatch.setattr(city, "situation", with_markup)
    shown = html(visit(two_days, at=EVENT, edition="2012"))
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_an_error_becomes_a_state_with_a_number(visit, two_days, monkeypatch, caplog):
    def broken(*_args):
        raise RuntimeError("private detail")

    monkeypatch.setattr(city, "situation", broken)
    page = visit(two_days, at="2019-08-26T16:00")
    number = re.search(r"UI-\d{8}-[0-9A-F]{4}", html(page)).group()
    assert "“态势”页没有显示出来" in text(page)
    assert "private detail" not in html(page)
    assert number in caplog.text
    assert "private detail" in caplog.text
    assert page.button(key=f"go-{number}").label == "重新载入"


def test_language_and_hour_go_along_to_another_page(visit, two_days):
    page = visit(two_days, at=EVENT, factor="o3")
    page.button(key="sz-lang").click().run()
    assert page.query_params["lang"] == "en"
    page.query_params.clear()  # as Streamlit's menu does
    page.switch_page(str(ROOT / "pages" / "station.py")).run()
    assert (page.query_params["lang"], page.query_params["at"]) == ("en", EVENT)
    assert "factor" not in page.query_params
    assert page.button(key="sz-lang").label == "中"
    del page.query_params["at"]
    page.run()
    assert "at" not in page.query_params, "on the same page the URL is the truth"


def test_the_wall_has_larger_letters_in_charts_too(visit, two_days):
    def letters(**parameters) -> set[int]:
        specs = (
            json.loads(chart.proto.spec) for chart in visit(two_days, at=EVENT, **parameters).get("vega_lite_chart")
        )
        return {spec["config"]["axis"]["labelFontSize"] for spec in specs}

    assert (letters(), letters(wall="1")) == ({13}, {15})


def test_a_station_without_district_or_position(visit, tmp_path):
    home = open_home(tmp_path / "home")
    with home.ledger.session() as session:
        session.add(Station(code="X1", kind="air", name="无坐标", city=home.city))
    assert "还没有空气质量数据" in html(visit(home))
