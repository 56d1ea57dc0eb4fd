"""The page 趋势预测 as a script: what it answers, its parts, whom it shows what, its states."""

import json
import shutil

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shuzhi.research.forecast import verify, work
from shuzhi.settings import BEIJING
from shuzhi.store import open_home
from tests.apps import html, text, visiting
from tests.charted import rows_with
from tests.forecasts import forecast_home, record_issue

NOW = pd.Timestamp.now(BEIJING).normalize()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    found = forecast_home(tmp_path_factory.mktemp("forecast-page"))
    record_issue(found, NOW - pd.Timedelta(days=40), hindcast=True)
    record_issue(found, NOW, weather="ECMWF")
    return found


@pytest.fixture
def visit(monkeypatch):
    """A function that opens the page of a home with URL parameters."""
    with visiting(monkeypatch, "forecast") as open_page:

        def go(home, **parameters) -> AppTest:
            app = open_page(home, **parameters)
            assert "UI-" not in html(app)
            return app

        yield go


def charts(app: AppTest) -> list[dict]:
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def test_the_sentence_with_its_probability_comes_first(visit, home):
    page = text(visit(home))
    assert "明日 PM2.5 预计 60µg/m³，良，可能性 78%。" in page
    assert page.index("起报") < page.index("可能性 78%") < page.index("首要")
    assert "起报的气象预报“ECMWF”" in page
    assert "回算" not in page


def test_without_weather_the_mode_says_so_and_a_hindcast_is_marked(visit, home):
    old = (NOW - pd.Timedelta(days=40)).strftime("%Y-%m-%dT%H")
    page = text(visit(home, issue=old))
    assert "本期没有气象预报" in page
    assert "回算" in page
    assert f"期次 {old}" in page


def test_seven_days_have_level_bands_and_probabilities(visit, home):
    page = html(visit(home))
    strip = page.split('class="sz-days ')[1].split("sz-legend")[0]
    assert strip.count('class="sz-day"') == 7
    assert "135–165" in strip  # 50 % of the worst day
    assert "105–210" in strip  # 90 %
    assert 'title="轻度污染 78%、中度污染 22%"' in strip
    assert strip.count("<sub>2.5</sub>") == 7


def test_place_and_item_stand_in_the_url(visit, home):
    app = visit(home, place="锦江区", item="pm25")
    assert "锦江区" in text(app)
    assert app.selectbox(key="forecast-place").value == "锦江区"
    (week, *_rest) = charts(app)
    assert {row["v"] for row in rows_with(week, "v", "a")} == {60}
    assert {"name": "unit", "value": " µg/m³"} in week["params"]
    assert "小时预报只有全市和站点的" in text(app)


def test_an_item_that_is_not_forecast_says_so(visit, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.forecasts.DAY_ITEMS", ("o3_8h",))
    found = forecast_home(tmp_path)
    record_issue(found, NOW)
    assert "这一期没有这个地点的这一项" in text(visit(found, item="so2"))


def test_the_address_leaves_out_what_is_shown_anyway(visit, home):
    app = visit(home)
    app.segmented_control(key="forecast-item").set_value("pm25").run()
    assert app.query_params["item"] == "pm25"
    app.segmented_control(key="forecast-item").set_value("aqi").run()
    assert "item" not in app.query_params


def test_an_issue_without_hours_says_so(visit, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.forecasts._hours", lambda *_: ())
    found = forecast_home(tmp_path)
    record_issue(found, NOW)
    assert "这一期没有这一项的小时预报" in text(visit(found))
    assert "小时预报只有全市和站点的" in text(visit(found, place="锦江区"))


def test_a_place_that_is_none_is_the_city(visit, home):
    assert visit(home, place="<b>x</b>").selectbox(key="forecast-place").value == ""


@pytest.mark.parametrize("part", ["hours", "stations", "models"])
def test_a_part_draws_its_chart_and_no_other_does(visit, home, part):
    assert len(charts(visit(home, part=part))) == 2


def cells_of(spec: dict) -> dict:
    """Columns of the matrix."""
    (cells,) = [rows[0] for layer in spec["layer"] if (rows := layer["data"]["values"]) and "level" in rows[0]]
    return cells


def test_stations_by_hour_are_72_columns_each(visit, home):
    cells = cells_of(charts(visit(home, part="stations", network="all"))[1])
    assert len(cells["v"]) == 2 * 72
    assert cells["v"][0] == 41
    assert max(cells["level"]) == 3  # 112 at 72 h


def test_stations_by_hour_are_rated_by_the_item_that_is_chosen(visit, home):
    app = visit(home, part="stations", network="all", item="pm25", edition="2012")
    cells = cells_of(charts(app)[1])
    assert cells["v"][71] == 112  # µg/m³: an index of 147
    assert cells["level"][71] == 3
    assert cells["level"][0] == 2  # 41 µg/m³: an index of 58
    assert "小时 PM2.5 µg/m³，颜色为级别" in text(app)
    assert "按 PM2.5 的分指数（HJ 633）" in text(app)


def test_districts_by_day_are_of_the_item_that_is_chosen(visit, home):
    table = html(visit(home, part="districts", item="co")).split("sz-daymatrix")[1].split("</table>")[0]
    assert table.count(">1.2</i>") == 3 * 7
    assert 'title="优 · 90% 区间 0.8–1.7"' in table


def test_districts_have_a_number_on_every_colour(visit, home):
    table = html(visit(home, part="districts")).split("sz-daymatrix")[1].split("</table>")[0]
    assert table.count("<tr>") == 1 + 3
    assert table.count(">150</i>") == 3
    assert 'data-pick="place=锦江区"' in table


def test_models_stand_beside_what_is_told_with_the_reasons(visit, home):
    page = text(visit(home, part="models"))
    assert page.index("集合预报") < page.index("阻尼持续") < page.index("气候")
    assert "PM2.5 与气候平均相比偏低 12 µg/m³" in page  # 60 beside 72


def test_the_outlook_has_bands_without_a_target(visit, home):
    page = text(visit(home, part="outlook"))
    assert "272–308" in page
    assert f"{NOW.year} 年" in page


def test_the_outlook_of_water_stands_beside_that_of_the_air(visit, home):
    app = visit(home, part="outlook")
    assert "全年地表水优良（Ⅰ–Ⅲ类）断面比例预计 95.0%（90%：90.5%–99.5%）。" in text(app)
    blocks = html(app).split("未达到目标类别的断面")[1:]
    assert "0–10" in blocks[-1]
    assert "达到的可能性" not in blocks[-1]  # there is no target of this number


@pytest.fixture(scope="module")
def verified(two_days, tmp_path_factory):
    """25 and 26 August 2019 were told and came."""
    folder = tmp_path_factory.mktemp("verified") / "home"
    shutil.copytree(two_days.path, folder)
    found = open_home(folder)
    record_issue(found, pd.Timestamp("2019-08-25T08", tz=BEIJING), hindcast=True)
    verify.refresh(found)
    return found


def test_an_accuracy_stands_with_its_definition_and_what_takes_no_skill(visit, verified):
    app = visit(verified, part="skill")
    claims = html(app).split("sz-claims")[1].split("</table>")[0]
    assert claims.count("<tr>") == 1 + 5
    assert "预报的级别就是实况的级别" in claims
    for head in ("气候", "持续", "总报“优～良”"):
        assert head in claims
    assert "天合计，“相邻两级”准确率" in text(app)
    assert "其中回算 1 期" in text(app)
    assert len(charts(app)) == 4  # week, errors, accuracy, reliability


def test_every_issue_stands_beside_what_came(visit, verified):
    app = visit(verified, part="archive", lead="1")
    table = html(app).split("sz-pairs")[1].split("</table>")[0]
    assert "80 → </span><b>121</b>" in table  # another level
    assert 'data-pick="issue=2019-08-25T08"' in table
    assert "41.0" in table
    (row,) = rows_with(charts(app)[1], "came")
    assert (row["told"], row["seen"]) == ("80", "121")


def test_a_day_that_was_never_told_so_early_has_no_chart(visit, verified):
    app = visit(verified, part="archive", lead="7")
    assert len(charts(app)) == 1
    assert "还没有检验" in text(app)


def test_an_old_issue_shows_what_came(visit, verified):
    week = charts(visit(verified))[0]
    assert len(rows_with(week, "run")) == 2


def test_before_anything_is_verified_there_is_no_board(visit, home):
    parts = visit(home).segmented_control(key="forecast-part").options
    assert "检验" not in parts


def test_files_are_for_those_who_may_export(visit, home, monkeypatch):
    assert len(visit(home).get("download_button")) == 3 + 1 + 2 * 2
    with visiting(monkeypatch, "forecast", role="enforcement", places=("锦江区",)) as open_page:
        app = open_page(home)
    assert "可能性 78%" in text(app)
    assert not app.get("download_button")


def test_every_file_is_made(home):
    from shuzhi.ui import forecast as view
    from shuzhi.ui import forecast_files as files
    from shuzhi.ui.state import Context
    from tests.visitors import EVERYBODY

    ctx = Context(home, EVERYBODY, home.version, "zh", False, None, "auto", False)
    spot = view.Spot("city", home.city, home.city)
    issue = view.newest(ctx.open_key, ctx)
    found = {offer.name.rsplit("_", 1)[-1]: offer for offer in files.offers(ctx, issue, spot, "aqi", "models")}
    assert found["week.png"].make().startswith(b"\x89PNG")
    assert b"<svg" in found["models.svg"].make()
    assert len(found["hours.csv"].make().decode("utf-8-sig").splitlines()) == 1 + 7 * 72


def test_without_an_issue_the_page_says_when_the_first_comes(visit, tmp_path):
    empty = open_home(tmp_path)
    page = text(visit(empty))
    assert "还没有预报" in page
    assert "08:10" in page
    assert "正在进行" not in page


@pytest.fixture
def met(tmp_path):
    """A home of its own, at whose meeting something is signed."""
    found = forecast_home(tmp_path)
    record_issue(found, NOW)
    return found


def test_a_forecaster_signs_with_a_reason_and_both_values_stay(visit, met):
    app = visit(met, part="meeting", item="pm25")
    app.button(key="forecast-sign").click().run()
    app.number_input[0].set_value(180.0)
    app.button(key="go-meeting-sign").click().run()
    assert "理由" in app.error[0].value  # none was given
    app.text_area(key="meeting-reason").set_value("静稳 <img src=x onerror=alert(1)> **强**")
    app.button(key="go-meeting-sign").click().run()
    assert not app.exception
    assert "明日 PM2.5 预计 180" in text(app)
    assert "含会商订正" in text(app)
    table = html(app).split("sz-signed")[1].split("</table>")[0]
    assert "静稳 &lt;img src=x onerror=alert(1)&gt; **强**" in table
    assert ">60</td>" in table
    assert "<b>180</b>" in table
    models = text(visit(met, part="models", item="pm25"))
    assert "会商订正" in models
    assert "180" in models


def test_who_may_not_change_forecasts_has_no_button(met, monkeypatch):
    with visiting(monkeypatch, "forecast", role="leader") as open_page:
        app = open_page(met, part="meeting")
    assert not [button for button in app.button if button.key == "forecast-sign"]
    assert "会商" not in text(app)


def test_an_old_issue_is_not_changed(visit, home):
    old = (NOW - pd.Timedelta(days=40)).strftime("%Y-%m-%dT%H")
    assert "会商" not in visit(home, issue=old).segmented_control(key="forecast-part").options


@pytest.mark.parametrize("part", ["stations", "districts", "models"])
def test_names_that_would_be_html_are_text(visit, tmp_path, part):
    found, name = forecast_home(tmp_path), "<img src=x onerror=alert(1)>"
    record_issue(found, NOW, weather=name, stations=(name,))
    page = html(visit(found, place=name, part=part))
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_how_far_the_first_issue_is_stands_on_the_empty_page(visit, tmp_path):
    empty = open_home(tmp_path)
    with work.working(empty) as progress:
        progress(3, 12, "trees")
        assert "第 3 步，共 12 步" in text(visit(empty))


def test_english(visit, home):
    page = text(visit(home, lang="en"))
    assert "Primary" in page
    assert not [sign for sign in page if "一" <= sign <= "鿿" and sign not in home.city]
