"""Surface water in words."""

import dataclasses

import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.status import water_overview as overview
from shuzhi.status import water_words as words
from shuzhi.store import Scope
from tests.water import water_home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return water_home(tmp_path_factory.mktemp("words"))


@pytest.fixture
def english():
    i18n.use("en")
    yield
    i18n.use("zh")


def test_the_sentence(home):
    expected = "成都 6 个有数据的断面中 3 个达到Ⅰ–Ⅲ类，占 50.0%，比去年同期低 10.0 个百分点；1 个劣Ⅴ类：丁桥（氨氮）。"
    assert words.headline(overview.summary(home, Scope.all())) == expected
    assert words.headline(overview.overview(home, Scope.all())) == expected
    month = overview.overview(home, Scope.all(), basis="month")
    assert words.headline(month, "month").startswith("4月以来成都 6 个")


def test_the_sentence_in_english(home, english):
    expected = "3 of 6 sections of Chengdu with data reach classes I–III, 50.0%, 10.0 points less than a year earlier"
    assert words.headline(overview.summary(home, Scope.all())) == f"{expected}; 1 worse than class V: 丁桥 (NH₃-N)."


def counted(good: int, worst: int, of: int = 10) -> overview.Shares:
    return overview.shares([2] * good + [6] * worst + [4] * (of - good - worst))


@pytest.mark.parametrize(
    ("now", "before", "says"),
    [
        ((9, 0), (9, 0), "成都 10 个断面中 9 个达到Ⅰ–Ⅲ类，占 90.0%，与去年同期持平，没有劣Ⅴ类。"),
        ((9, 0), (8, 0), "成都 10 个断面中 9 个达到Ⅰ–Ⅲ类，占 90.0%，比去年同期高 10.0 个百分点，没有劣Ⅴ类。"),
        ((7, 3), None, "成都 10 个断面中 7 个达到Ⅰ–Ⅲ类，占 70.0%，去年同期没有数据；3 个劣Ⅴ类：丁桥（氨氮）等。"),
    ],
)
def test_changes_and_what_is_worst(home, now, before, says):
    seen = overview.summary(home, Scope.all())
    then = counted(*before) if before else overview.shares([0])
    here = counted(*now)
    seen = dataclasses.replace(seen, now=here, before=then, change=here.good_share - then.good_share)
    assert words.headline(seen) == says


def test_without_any_class(home):
    nothing = overview.overview(home, Scope.all(), pd.Timestamp("2020-01-01", tz="Asia/Shanghai"))
    assert words.headline(nothing) == "成都 7 个断面没有水质类别。"


def test_without_the_city_all_sections_are_meant(home):
    seen = dataclasses.replace(overview.summary(home, Scope.all()), city=None)
    assert words.headline(seen).startswith("6 个有数据的断面中")


def test_one_section(home):
    table = overview.overview(home, Scope.all()).sections.set_index("name")
    assert words.section_sentence(table.loc["丁桥"]) == "4月2日 20:00 为劣Ⅴ类，由氨氮决定，未达到目标Ⅳ类。"
    assert words.section_sentence(table.loc["甲桥"]) == "4月2日 20:00 为Ⅱ类，达到目标Ⅱ类。"
    assert words.section_sentence(table.loc["庚桥"]) == "此前 12 小时没有读数。"
    lacking = table.loc["庚桥"].copy()
    lacking["time"], lacking["now_missing"] = pd.Timestamp("2026-04-02T04:00Z"), "TP"
    assert words.section_sentence(lacking) == "4月2日 12:00 缺总磷，不评类别。"


def test_names_and_numbers():
    assert words.items_text("pH;NH3-N") == "pH、氨氮"
    assert (words.class_name(6), words.class_name(0)) == ("劣Ⅴ类", "无类别")
    assert (words.value(0.2049, "tp"), words.value(float("nan"), "tp")) == ("0.205", "–")
    assert (words.unit("ph"), words.unit("tp"), words.symbol("nh3n")) == ("", "mg/L", "NH₃-N")
    assert [words.change_words(change) for change in (-1, 0, 2, float("nan"))] == ["好 1 类", "持平", "差 2 类", "–"]
