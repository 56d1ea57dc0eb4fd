"""The page of one station in the shell, without a browser."""

import csv
import io
import json
import re
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from shuzhi.settings import ROOT
from shuzhi.status import air
from shuzhi.store import Scope, open_home
from shuzhi.ui import state, station_files
from shuzhi.ui.state import Context
from tests.apps import html, text, visiting
from tests.visitors import EVERYBODY

EVENT = {"station": "1434A", "at": "2019-08-26T15:00"}


@pytest.fixture
def visit(monkeypatch):
    """A function that opens the page of a home with URL parameters."""
    with visiting(monkeypatch, "station") as open_page:

        def go(home, **parameters) -> AppTest:
            app = open_page(home, **parameters)
            assert "sz-notice-title" not in html(app) or "UI-" not in html(app)
            return app

        yield go


def charts(app: AppTest) -> list[dict]:
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def test_the_answer_is_on_the_page(visit, two_days):
    page = visit(two_days, **EVENT)
    assert "15 时 O3 215 µg/m³，今日首次超过小时限值 200，轻度污染。" in text(page)
    assert 'aria-label="15 时 O₃ 215 µg/m³，今日首次超过小时限值 200，轻度污染。"' in html(page)
    assert "比前 3 小时均值高 70 %；同时次 6 个评价点中 2 个超标，属区域性升高。" in text(page)
    assert "实测数据" in html(page)


def test_six_items_with_limits_and_validity(visit, two_days):
    page = visit(two_days, **EVENT)
    table = html(page).split("sz-six")[1].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table)[1:]
    assert len(rows) == 6
    assert all("15/15" in row for row in rows)
    assert "215" in rows[0]
    assert "108" in rows[0]
    assert "GB 3095—2012" in html(page)


def test_formula_clause_and_the_other_edition(visit, two_days):
    page = visit(two_days, **EVENT)
    hourly = next(element.value for element in page.markdown if "$$" in element.value)
    assert r"\frac{150-100}{300-200}(215-200)+100=107.5" in hourly
    assert hourly.endswith("HJ 633-2012 6.2，式（1），进位取整得 108。")
    page.button(key="sz-edition").click().run()
    assert page.query_params["edition"] == "2026"
    assert any("HJ 633-2026" in element.value for element in page.markdown)


def test_choosing_an_item_and_a_station_is_in_the_url(visit, two_days):
    page = visit(two_days, **EVENT)
    first = charts(page)[0]
    page.segmented_control(key="sz-item").set_value("pm25").run()
    assert page.query_params["factor"] == "pm25"
    assert charts(page)[0] != first
    page.selectbox(key="sz-station").set_value("1432A").run()
    assert page.query_params["station"] == "1432A"
    assert "268" in html(page)


def test_the_clock_is_in_the_url(visit, two_days):
    page = visit(two_days, **EVENT)
    page.selectbox(key="sz-hour").set_value(17).run()
    assert page.query_params["at"] == "2019-08-26T17:00"
    assert "今日第 3 个小时超过小时限值 200" in text(page)


def test_neighbours_lead_to_the_same_hour(visit, two_days):
    page = visit(two_days, **EVENT)
    assert 'href="station?at=2019-08-26T15%3A00&amp;station=1432A"' in html(page)
    assert "5.8 km" in html(page)


def test_calendar_and_its_legend(visit, two_days):
    page = visit(two_days, **EVENT)
    assert "1月1日—8月25日" in html(page)
    assert len(charts(page)) == 2


def test_an_hour_without_a_reading_shows_the_one_before(visit, two_days):
    page = visit(two_days, station="1437A", at="2019-08-26T15:00")
    assert "8月26日 15:00 没有读数，显示最近一小时。" in text(page)
    assert "14:00" in html(page)


def test_no_reading_in_a_day(visit, two_days):
    page = visit(two_days, station="1434A", at="2019-09-20T12:00")
    assert "这段时间没有读数" in html(page)
    assert "上一个读数" in html(page)
    assert "2019年8月26日 23:00" in html(page)
    assert "有效 0 小时，不足 20 小时" in html(page)
    page.button(key="go-reading").click().run()
    assert page.query_params["at"] == "2019-08-26T23:00"
    assert "23 时" in text(page)


def test_unknown_station_offers_the_picker(visit, two_days):
    page = visit(two_days, station="<b>ZZ</b>")
    assert "没有这个站点" in html(page)
    assert "&lt;b&gt;ZZ&lt;/b&gt;" in html(page)
    page.selectbox(key="sz-station").set_value("1434A").run()
    assert page.query_params["station"] == "1434A"
    assert "sz-answer" in html(page)


def test_nonsense_in_the_url_does_no_harm(visit, two_days):
    page = visit(two_days, station="1434A", at="yesterday", factor="x", year="²", edition="1999")
    assert "sz-answer" in html(page)


def test_a_station_without_coordinates(visit, tmp_path):
    from shuzhi.ingest.service import import_air_archive

    home = open_home(tmp_path / "bare")
    import_air_archive(home, [ROOT / "tests" / "fixtures" / "china_sites_20190826.csv"])
    page = visit(home, **EVENT)
    assert "本站没有坐标" in html(page)
    assert "215" in html(page)


def test_no_data_at_all(visit, tmp_path):
    page = visit(open_home(tmp_path / "empty"))
    assert "还没有站点数据" in html(page)
    assert "import air-archive" in html(page)


def test_english(visit, two_days):
    page = visit(two_days, **EVENT, lang="en")
    names = air.stations(two_days, Scope.all())
    shown = text(page)
    for name in (*names["name"], *names["district"]):
        shown = shown.replace(name, "")
    assert not re.search(r"[一-鿿]", shown), shown
    assert "215" in shown


def test_a_simulated_home_says_so(visit, small_city):
    page = visit(small_city)
    assert "模拟数据" in html(page)
    assert "sz-answer" in html(page)


def test_files_are_made_when_asked_for(two_days):
    ctx = Context(two_days, EVERYBODY, two_days.version, "zh", False, None, "auto", False)
    stations = air.stations(two_days, ctx.scope).set_index("code", drop=False)
    offers = station_files.offers(ctx, stations.loc["1434A"].to_dict(), state.hour("2019-08-26T15:00"), "o3", 2019)
    names = [offer.name for offer in offers]
    assert names == [
        "1434A_hourly_20190820-20190826.csv",
        "1434A_daily_2019.csv",
        "1434A_20190820-20190826_2019.xlsx",
        "1434A_o3_20190820-20190826.png",
    ]
    hourly, daily, book, picture = (offer.make() for offer in offers)
    rows = list(csv.reader(io.StringIO(hourly.decode("utf-8-sig"))))
    assert rows[-1][0] == "2019-08-26T15:00:00+08:00"
    assert "215" in rows[-1]
    assert len(list(csv.reader(io.StringIO(daily.decode("utf-8-sig"))))) == 238
    assert zipfile.ZipFile(io.BytesIO(book)).testzip() is None
    assert picture.startswith(b"\x89PNG")


def test_a_strange_code_makes_a_plain_file_name():
    assert station_files.file_name("../=a站", "daily", "csv") == "----a-_daily.csv"
