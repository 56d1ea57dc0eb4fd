"""``/wall``: what the screen is told, how often it is made, and when it is told nothing."""

import dataclasses
import json
import re

import pandas as pd
import pytest
from starlette.applications import Starlette

from shuzhi.api import assets, wall, wall_text
from shuzhi.charts.tokens import DARK
from shuzhi.decision.targets import set_target
from shuzhi.settings import settings
from shuzhi.status.wall import wall as gather
from shuzhi.status.water_overview import Shares, Summary
from shuzhi.store import Scope, open_home
from tests.asgi import Client

HAN = re.compile(r"[一-鿿]")


@pytest.fixture
def ask(monkeypatch):
    """A client for a home."""

    def client(home) -> Client:
        monkeypatch.setenv("SHUZHI_HOME", str(home.path))
        settings.cache_clear()
        return Client(Starlette(routes=[*assets.routes, *wall.routes]))

    yield client
    settings.cache_clear()


def told(html: str) -> dict:
    return json.loads(re.search(r'<script id="told"[^>]*>(.*?)</script>', html).group(1))


def test_the_page_names_no_outside_host_and_knows_its_words(ask, two_days):
    answer = ask(two_days).get("/wall")
    assert answer.headers["content-type"].startswith("text/html")
    assert "//" not in re.sub(r"</?\w[^>]*>", "", answer.text).replace("https://", "//")
    assert not re.search(r"""(src|href)="(https?:)?//""", answer.text)
    assert told(answer.text)["words"]["lost"] == "连接中断，正在重连"
    assert told(answer.text)["every"] == wall.EVERY


def test_every_element_of_the_page_has_its_word(ask, two_days):
    html = ask(two_days).get("/wall").text
    assert set(re.findall(r'data-word="(\w+)"', html)) <= set(told(html)["words"])


def test_english_is_english(ask, two_days):
    html = ask(two_days).get("/wall?lang=en").text
    assert '<html lang="en"' in html
    assert not HAN.search(json.dumps(told(html)["words"], ensure_ascii=False))


@pytest.mark.parametrize(("asked", "given"), [("0.2", 0.2), ("0", 0.1), ("99999", 3600), ("nan", 15), ("soon", 15)])
def test_the_pause_is_kept_in_bounds(ask, two_days, asked, given):
    assert told(ask(two_days).get(f"/wall?every={asked}").text)["every"] == given


def test_what_the_screen_is_told(ask, small_city):
    body = ask(small_city).get("/wall/data.json").json()
    assert (body["kind"], body["mark"], body["city"]) == ("simulated", "模拟数据", "成都")
    assert body["sentence"].startswith("全市空气质量")
    assert body["dateline"]["asof"].startswith("数据截至 ")
    assert body["dateline"]["stale"] is None
    assert body["now"]["level"]["name"] in "优 良 轻度污染 中度污染 重度污染 严重污染"
    assert [row["symbol"] for row in body["pollutants"]["rows"]] == ["O3", "PM2.5", "PM10", "NO2", "SO2", "CO"]
    assert sum(level["n"] for level in body["map"]["levels"]) == 12
    assert body["map"]["city"]["air"]["frames"].startswith("/assets/frames/")
    assert sum(level["n"] for level in body["water"]["levels"]) > 0
    assert all(
        chart.startswith("<svg") for chart in (body["now"]["hours"], body["week"]["chart"], body["year"]["chart"])
    )


def test_layouts_differ_in_their_charts_only(ask, small_city):
    client = ask(small_city)
    screen, band, odd = (client.get(f"/wall/data.json?layout={name}").json() for name in ("screen", "band", "odd"))
    assert screen == odd
    assert screen["week"] != band["week"]
    assert {key: screen[key] for key in ("sentence", "map", "over")} == {
        key: band[key] for key in ("sentence", "map", "over")
    }


def test_answered_by_the_tag_until_something_changes(ask, tmp_path, two_days, monkeypatch):
    monkeypatch.setattr(wall, "wall", lambda *_: None)
    home = open_home(tmp_path)
    client = ask(home)
    first = client.get("/wall/data.json")
    again = client.get("/wall/data.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert abs(int(again.headers["x-time"]) - int(first.headers["x-time"])) < 60_000
    other = ask(two_days).get("/wall/data.json?lang=en", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_made_once_for_a_version(ask, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(wall, "wall", lambda *_: made.append(1))
    home = open_home(tmp_path)
    client = ask(home)
    for _ in range(3):
        client.get("/wall/data.json")
    assert len(made) == 1
    set_target(home, Scope.all(), 2026, "good_days", 300)
    client.get("/wall/data.json")
    assert len(made) == 2


def test_a_screen_with_another_page_learns_it(ask, two_days):
    client = ask(two_days)
    for lang in ("zh", "en"):
        page = told(client.get(f"/wall?lang={lang}&every=3").text)["page"]
        assert client.get(f"/wall/data.json?lang={lang}").json()["page"] == page
    assert wall.revision("zh") != wall.revision("en")


def test_late_data_are_called_late(ask, two_days):
    body = ask(two_days).get("/wall/data.json").json()
    assert body["dateline"]["stale"] == "自 2019年8月26日 23:00 起没有新数据"
    assert body["dateline"]["asof"] is None
    assert "之后没有新数据" in body["sentence"]


def test_without_data_the_screen_says_what_to_do(ask, tmp_path):
    body = ask(open_home(tmp_path)).get("/wall/data.json").json()
    assert body["empty"]["title"] == "还没有空气质量数据"
    assert "now" not in body


def test_water_and_registers_are_left_out_where_there_are_none(ask, two_days):
    body = ask(two_days).get("/wall/data.json").json()
    assert (body["water"], body["sources"], body["machines"]) == (None, None, None)


def test_registers_in_figures(two_days):
    now = pd.Timestamp("2019-08-27T00:30", tz="Asia/Shanghai")
    content = dataclasses.replace(
        gather(two_days, Scope.all(), now),
        sources={"total": 270134, "key": 2871, "registered": 267263},
        machines={"total": 38211, "seen": 31022, "forbidden": 37},
    )
    body = wall_text.content(two_days, Scope.all(), content, now, "screen")
    told = [(row["label"], row["n"]) for row in body["sources"]["rows"]]
    assert told == [("重点管理", "2\u202f871"), ("简化管理", "0"), ("登记管理", "267\u202f263")]
    assert body["machines"]["rows"][1] == {"label": "低排区内禁用", "n": "37"}


def test_sections_count_as_exceedances_when_they_miss_their_target(two_days):
    now = pd.Timestamp("2019-08-26T15:30", tz="Asia/Shanghai")
    columns = ["code", "name", "river", "district", "water_class", "deciding", "main", "target_class", "times"]
    rows = [
        ("S1", "甲桥", "府河", "双流区", 6, "NH3-N", "NH3-N;TP", 3, 1.31),
        ("S2", "乙桥", "府河", None, 4, "DO", "", None, float("nan")),
        ("S3", "丙桥", "锦江", "双流区", 4, "TP", "TP", 4, 0.2),
    ]
    counts = {0: 0, 1: 0, 2: 1, 3: 0, 4: 2, 5: 0, 6: 1}
    shares = Shares(4, 4, counts, 1, 25.0, 1, 25.0, 3, 2, 66.7)
    water = Summary(now, "成都", shares, shares, 0.0, 95.0, pd.DataFrame(rows, columns=columns))
    content = dataclasses.replace(gather(two_days, Scope.all(), now), water=water)
    body = wall_text.content(two_days, Scope.all(), content, now, "screen")
    listed = [(row["name"], row["place"], row["times"], row["level"]["name"]) for row in body["over"]["rows"]]
    assert listed == [("甲桥", "双流区", "2.31 倍", "劣Ⅴ"), ("乙桥", "府河", "", "Ⅳ")]
    assert body["water"]["compared"].startswith("目标 95 %；")
    assert "水 2 个" in body["over"]["count"]


def test_thousands_stand_apart():
    assert wall_text.grouped(270134) == "270\u202f134"


def test_tokens_of_the_stylesheet_are_the_dark_ones():
    css = (assets.STATIC / "wall.css").read_text()
    written = dict(re.findall(r"--([\w-]+): (#\w+|rgba\([^)]*\));", css))
    assert written == {
        name.replace("_", "-"): getattr(DARK, name)
        for name in DARK.__dataclass_fields__
        if name not in ("dark", "pollutants")
    }


def test_stylesheet_asks_no_outside_host():
    css = (assets.STATIC / "wall.css").read_text()
    assert "url(" not in css
    assert "@import" not in css
