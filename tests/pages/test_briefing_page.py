"""The page 新闻发布 in the shell, without a browser."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from shuzhi.publish import drafts
from shuzhi.publish.document import write
from shuzhi.publish.exports import KINDS
from shuzhi.publish.period import parse
from shuzhi.publish.pictures import pictures
from shuzhi.store import Scope, open_home
from tests.apps import html, text, visiting

ALL = Scope.all()
DAYS = {"period": "span", "of": "2019-08-25..2019-08-26"}


@pytest.fixture
def visit(monkeypatch):
    """A function that opens the page of a home with URL parameters."""
    with visiting(monkeypatch, "briefing") as open_page:
        yield open_page


@pytest.fixture
def own_days(tmp_path):
    """A home of its own with two days, for drafts."""
    from shuzhi.ingest.service import import_air_archive, import_stations
    from shuzhi.settings import ROOT

    home = open_home(tmp_path / "own")
    import_stations(home, ROOT / "tests" / "fixtures" / "stations_chengdu.csv")
    import_air_archive(home, [ROOT / "tests" / "fixtures"])
    return home


def charts(page: AppTest) -> list[dict]:
    return [json.loads(element.proto.spec) for element in page.get("vega_lite_chart")]


def fields(page: AppTest) -> dict[str, str]:
    return {area.key.removeprefix("sz-brief-text-"): area.value for area in page.text_area}


def edit(page: AppTest) -> AppTest:
    return page.segmented_control(key="sz-brief-edit").set_value(True).run()


def test_the_document_is_on_the_page(visit, two_days):
    page = visit(two_days, **DAYS)
    assert "2019年8月25—26日成都市空气质量状况" in text(page)
    assert "实测数据" in text(page)
    assert len(charts(page)) == 3
    assert re.search(r'<span class="sz-fact" title="[^"]*air_days\(first=2019-08-25[^"]*">\d', html(page))


def test_the_charts_are_those_of_the_files(visit, two_days):
    page = visit(two_days, **DAYS)
    document = write(two_days, ALL, parse("span", DAYS["of"]))
    made = pictures(two_days, ALL, document)
    assert charts(page) == [json.loads(json.dumps(picture.spec)) for picture in made]


def test_every_file_is_offered(visit, two_days):
    page = visit(two_days, **DAYS)
    offered = {button.proto.id.split("-", 1)[1] for button in page.get("download_button")}
    assert all(any(f"sz-brief-get-{kind.key}" in one for one in offered) for kind in KINDS)


def test_a_period_without_a_valid_day_offers_no_card(visit, two_days):
    page = visit(two_days, period="month", of="2019-03")
    assert "没有有效监测日（31天数据不足）" in text(page)
    assert not any("png" in button.proto.id for button in page.get("download_button"))
    assert charts(page) == []


def test_choices_are_in_the_url(visit, two_days):
    page = visit(two_days, **DAYS)
    page.segmented_control(key="sz-brief-kind").set_value("day").run()
    assert page.query_params["period"] == "day"
    assert page.query_params["of"] == "2019-08-26"
    assert "空气质量指数（AQI）121" in text(page)
    page.selectbox(key="sz-brief-place").set_value("锦江区").run()
    assert page.query_params["place"] == "锦江区"
    assert "2019年8月26日锦江区空气质量状况" in text(page)
    page.segmented_control(key="sz-brief-doc").set_value("en").run()
    assert "Air quality in Jinjiang District, 26 August 2019" in text(page)
    assert "稿件" in text(page)


def test_a_year_so_far(visit, two_days):
    page = visit(two_days, period="year", of="2019-08")
    assert "2019年1—8月，成都市有效监测2天" in text(page) or "统计至8月26日" in text(page)
    assert page.selectbox(key="sz-brief-month").value == "2019-08"


def test_an_edit_is_held_against_the_data(visit, two_days):
    page = edit(visit(two_days, **DAYS))
    lead = fields(page)["lead"]
    good = re.search(r"优良(\d+)天", lead)[1]
    page.text_area(key="sz-brief-text-lead").set_value(lead.replace(f"优良{good}天", "优良86天")).run()
    assert len(page.warning) == 1
    assert "文中数字与数据不一致" in page.warning[0].value
    assert f"{good}（优良天数）" in page.warning[0].value
    assert "86" in page.warning[0].value
    page.segmented_control(key="sz-brief-edit").set_value(False).run()
    assert "优良86天" in text(page)
    assert len(page.warning) == 1
    page.button(key="sz-brief-reset").click().run()
    assert f"优良{good}天" in text(page)
    assert not page.warning


def test_one_paragraph_is_reset(visit, two_days):
    page = edit(visit(two_days, **DAYS))
    before = fields(page)
    page.text_area(key="sz-brief-text-items").set_value("空气好。").run()
    page.text_area(key="sz-brief-text-title").set_value("标题").run()
    page.button(key="sz-brief-undo-items").click().run()
    assert fields(page) == {**before, "title": "标题"}


def test_edits_belong_to_their_period(visit, two_days):
    page = edit(visit(two_days, **DAYS))
    page.text_area(key="sz-brief-text-title").set_value("改过的标题").run()
    page.segmented_control(key="sz-brief-kind").set_value("day").run()
    assert fields(page)["title"] == "2019年8月26日成都市空气质量状况"
    page.query_params.update(DAYS)
    page.run()
    assert fields(page)["title"] == "改过的标题"


def test_drafts_are_kept_opened_deleted_and_brought_back(visit, own_days):
    page = edit(visit(own_days, **DAYS))
    page.text_area(key="sz-brief-text-title").set_value("要闻*一*").run()
    page.button(key="sz-brief-save").click().run()
    (draft,) = drafts.every(own_days, ALL)
    assert (draft.title, draft.edits) == ("要闻*一*", {"title": "要闻*一*"})
    assert page.query_params["draft"] == draft.id
    page.button(key="sz-brief-save").click().run()
    (kept,) = drafts.every(own_days, ALL)
    assert kept.id == draft.id

    again = visit(own_days, period="day", of="2019-08-25")
    again.button(key=f"sz-draft-open-{draft.id}").click().run()
    assert again.query_params["of"] == DAYS["of"]
    assert "要闻*一*" in text(again)
    assert r"要闻\*一\*" in again.button(key=f"sz-draft-open-{draft.id}").label

    again.button(key=f"sz-draft-delete-{draft.id}").click().run()
    assert drafts.every(own_days, ALL) == []
    assert "已删除“要闻*一*”" in text(again)
    again.button(key="sz-brief-undo").click().run()
    assert drafts.every(own_days, ALL) == [kept]


def test_a_draft_in_the_url_is_open(visit, own_days):
    document = write(own_days, ALL, parse("span", DAYS["of"])).with_edits({"title": "书签"})
    draft = drafts.save(own_days, ALL, document)
    assert "书签" in text(visit(own_days, **DAYS, place="成都", doc="zh", draft=draft.id))
    assert "书签" not in text(visit(own_days, **DAYS, draft="nothing")).replace("书签 ", "")


def test_nonsense_in_the_url_does_no_harm(visit, two_days):
    page = visit(two_days, period="decade", of="²", place="<b>x</b>", doc="fr", draft="'")
    assert "2019年8月1—26日成都市空气质量状况" in text(page)


def test_readings_without_a_register(visit, tmp_path):
    from shuzhi.ingest.service import import_air_archive
    from shuzhi.settings import ROOT

    home = open_home(tmp_path / "bare")
    import_air_archive(home, [ROOT / "tests" / "fixtures" / "china_sites_20190826.csv"])
    page = visit(home)
    assert "站点名录里没有本市的站点" in text(page)
    assert "import stations" in text(page)


def test_no_data_at_all(visit, tmp_path):
    page = visit(open_home(tmp_path / "empty"))
    assert "还没有空气质量数据" in html(page)
    assert "import air-archive" in html(page)


def test_english(visit, two_days):
    shown = text(visit(two_days, **DAYS, lang="en"))
    assert not re.search(r"[一-鿿]", shown), shown
    assert "Air quality in Chengdu, 25–26 August 2019" in shown


def test_a_simulated_city_says_so(visit, small_city):
    page = visit(small_city)
    assert text(page).count("模拟数据") >= 2
    assert "不得对外发布" in text(page)
