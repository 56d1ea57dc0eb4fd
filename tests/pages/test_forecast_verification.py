"""Part 检验 of the page 趋势预测 by lead, season and station, and the files of what the page shows.

Of the issue of 1 August 2019 the first two days came: 80 was told of both, 82 and 132 came. One station lacks the
second. A forecaster had said 120 of it.
"""

import io
import json
import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shuzhi.research.forecast import verify
from shuzhi.store import observations
from tests import verified as known
from tests.apps import html, text, visiting
from tests.forecasts import forecast_home, record_issue


@pytest.fixture(scope="module")
def verified(tmp_path_factory):
    """For reading only."""
    found = forecast_home(tmp_path_factory.mktemp("verification"))
    days = [known.readings(day, pm25) for day, pm25 in zip(known.DAYS[:2], known.PM25, strict=False)]
    days[1] = days[1][days[1]["station"] != "1437A"]
    observations.append(found, pd.concat([*days, known.readings(known.DAYS[2], 100, 10)]), "readings")
    record_issue(found, known.ISSUED, hindcast=True)
    known.sign(found, 2, 120)
    verify.refresh(found)
    return found


@pytest.fixture
def visit(monkeypatch):
    """A function that opens the page of a home with URL parameters."""
    with visiting(monkeypatch, "forecast") as open_page:
        yield open_page


def charts(app: AppTest) -> list[dict]:
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def rows_of(spec: dict, field: str) -> list[dict]:
    """Rows of a chart that have a field."""
    return [row for layer in spec["layer"] for row in layer["data"]["values"] if field in row]


def test_the_definition_that_is_chosen_stands_in_the_sentence(visit, verified):
    page = text(visit(verified, part="skill", claim="exact_level"))
    assert "2 天合计，“级别准确”准确率 50%；总报“优～良”得 50%" in page  # 良 was told twice; 82 came, then 132
    assert "预报的级别就是实况的级别" in page
    assert "只有 2 对，还说明不了什么。" in page


def test_seasons_stand_beside_the_climatology(visit, verified):
    app = visit(verified, part="skill", split="season", claim="within_one")
    table = html(app).split("sz-scores")[1].split("</table>")[0]
    assert "夏季（6–8 月）" in table
    assert "2019-08" in table
    assert "<b>100%</b>" in table
    assert "还没有成绩的季节：春季（3–5 月）、秋季（9–11 月）、冬季（12–2 月）" in text(app)
    (row, *_rest) = rows_of(charts(app)[1], "said")
    assert (row["name"], row["text"], row["said"]) == ("夏季（6–8 月）", "100%", "100%")


def test_stations_are_ordered_by_the_column_that_is_chosen(visit, verified):
    def names(**more) -> list[str]:
        app = visit(verified, part="skill", split="station", **more)
        assert len(charts(app)) == 2
        return re.findall(r'data-pick="place=(\w+)"', html(app).split("sz-stationscores")[1])

    assert names(sort="mae") == ["1434A", "1437A"]
    assert names(sort="-mae") == ["1437A", "1434A"]
    assert "个站点，“相邻两级”准确率中位数" in text(visit(verified, part="skill", split="station"))


def test_live_issues_without_scores_say_when_they_come(visit, verified):
    app = visit(verified, part="skill", made="live")
    assert "实时起报的期次所报的日子还没有到" in text(app)
    assert len(charts(app)) == 1
    assert "回算 2 对" in app.segmented_control(key="forecast-made").options


def test_a_pollutant_has_one_definition(visit, verified):
    app = visit(verified, part="skill", item="pm25")
    assert "“范围 ±25%”准确率" in text(app)
    assert not [one for one in app.segmented_control if one.key == "forecast-claim"]
    assert len(charts(app)) == 3


@pytest.fixture
def files_of(verified, monkeypatch):
    """A function that makes the files of a part of the page, by the end of their names."""
    from shuzhi.ui import forecast as view
    from shuzhi.ui import forecast_files as files
    from shuzhi.ui import state
    from tests.visitors import EVERYBODY

    def made(part: str, item: str = "aqi", **url) -> dict[str, bytes]:
        monkeypatch.setattr(state, "url", lambda key, default=None: url.get(key, default))
        ctx = state.Context(verified, EVERYBODY, verified.version, "zh", False, None, "auto", False)
        spot, issue = view.Spot("city", verified.city, verified.city), view.newest(ctx.open_key, ctx)
        every = files.offers(ctx, issue, spot, item, part)
        return {offer.name.split(f"_{item}_", 1)[-1]: offer.make() for offer in every if f"_{item}_" in offer.name}

    return made


def table(made: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(made))


def test_scores_leave_as_pictures_and_tables(files_of):
    found = files_of("skill")
    assert found["errors.png"].startswith(b"\x89PNG")
    drawn = found["accuracy_two_level.svg"].decode()
    assert "检验的期次 1 期，其中回算 1 期" in drawn  # the picture is of all issues, not of the one that is shown
    assert "起报" not in drawn
    assert "起报" in found["week.svg"].decode()
    scores = table(found["scores.csv"]).set_index(["模型", "提前天数"])
    assert scores.loc[("集合预报", 1), "平均绝对误差"] == 2
    assert scores.loc[("集合预报", 1), "相差一级以内，气候"] == 1
    assert table(found["reliability.csv"])["次数"].sum() == 2


def test_splits_of_the_scores_leave_as_tables(files_of):
    found = files_of("skill", split="season", claim="exact_level")
    assert b"<svg" in found["season_exact_level.svg"]
    assert table(found["season_scores.csv"])["起报季节"].unique().tolist() == ["夏季（6–8 月）"]
    found = files_of("skill", split="station")
    assert table(found["station_scores.csv"])["站点编码"].tolist() == ["1434A", "1437A"]
    assert "总报“优～良”" not in table(files_of("skill", "pm25", split="station")["station_scores.csv"])


def test_an_issue_that_was_changed_at_the_meeting_says_so(visit, verified):
    def marks(**more) -> str:
        return html(visit(verified, part="archive", lead="1", **more)).split("sz-pairs")[1].split("</table>")[0]

    assert "回算，含会商订正" in marks()
    assert "含会商订正" not in marks(item="pm25")


def test_what_was_told_leaves_beside_what_came(files_of):
    found = table(files_of("archive", lead="1")["archive.csv"]).set_index("提前天数")
    assert found.loc[1, ["预报", "实测", "回算"]].tolist() == [80, 82, "是"]


def test_matrices_and_models_leave_as_tables(files_of):
    hours = table(files_of("stations", "pm25", network="all")["stations_all.csv"])
    assert hours.shape == (2, 3 + 72)
    assert hours["项目"].unique().tolist() == ["PM₂.₅ (µg/m³)"]
    days = table(files_of("districts", "co")["districts.csv"])
    assert days["CO (mg/m³)"].unique().tolist() == [1.2]
    assert set(days["级别"]) == {"优"}
    assert table(files_of("models")["models.csv"])["模型"].tolist()[:2] == ["会商订正", "集合预报"]
