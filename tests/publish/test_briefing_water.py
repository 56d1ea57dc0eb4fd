"""What a briefing says of surface water, held to ``status.water_overview``."""

import datetime as dt

import pytest

from shuzhi import i18n
from shuzhi.publish.document import write
from shuzhi.publish.period import span
from shuzhi.publish.pictures import pictures
from shuzhi.status import water_overview
from shuzhi.store import Scope
from tests.publish.conftest import ALL, FIXTURES
from tests.water import water_home

APRIL = span("2026-04-01", "2026-04-02")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The sections of ``tests.water`` with air of the same days; 2025 has no air."""
    from shuzhi.ingest.service import import_air_archive, import_stations

    folder = tmp_path_factory.mktemp("air-and-water")
    home = water_home(folder)
    (folder / "air").mkdir()
    source = (FIXTURES / "china_sites_20190826.csv").read_text()
    for day in ("20260401", "20260402"):
        (folder / "air" / f"china_sites_{day}.csv").write_text(source.replace("20190826", day))
    import_stations(home, FIXTURES / "stations_chengdu.csv")
    import_air_archive(home, [folder / "air"])
    return home


def said(document) -> str:
    return next(paragraph.text for paragraph in document.paragraphs if paragraph.key == "water")


def test_shares_change_and_targets(home):
    document = write(home, ALL, APRIL)
    period = water_overview.period(home, ALL, dt.date(2026, 4, 1), dt.date(2026, 4, 2))
    now, before = period.now, period.before
    assert (now.rated, now.good, now.worst, before.rated) == (6, 3, 1, 5)
    assert said(document) == (
        "6个有数据的地表水断面中，Ⅰ—Ⅲ类3个，占50.0%，劣Ⅴ类1个。"
        "去年同期5个断面中Ⅰ—Ⅲ类占60.0%，比例同比下降10.0个百分点。"
        "按类别分，Ⅱ类1个、Ⅲ类2个、Ⅳ类2个、劣Ⅴ类1个。6个有目标的断面中，3个达到目标类别。"
    )
    assert document.title.text.endswith("成都市空气和地表水质量状况")
    facts = {fact.label: fact for fact in document.facts}
    assert facts["Ⅰ—Ⅲ类断面比例"].value == now.good_share
    assert facts["Ⅰ—Ⅲ类断面比例"].source.query == "water_means"
    assert facts["去年同期Ⅰ—Ⅲ类断面比例"].source.first == dt.date(2025, 4, 1)


def test_the_picture_counts_the_classes_of_both_years(home):
    (picture,) = [one for one in pictures(home, ALL, write(home, ALL, APRIL)) if one.key == "water"]
    for text in ("2026年4月1—2日，共6个断面", "2025年4月1—2日，共5个断面", "劣Ⅴ类"):
        assert f">{text}</text>" in picture.svg


def test_a_district_has_its_own_sections(home):
    document = write(home, ALL, APRIL, "金牛区")
    assert document.figures.water is None
    assert "地表水" not in document.title.text
    document = write(home, ALL, APRIL, "武侯区")
    assert said(document).startswith("1个有数据的地表水断面中，Ⅰ—Ⅲ类1个，占100.0%")


def test_who_may_not_see_water_reads_none(home):
    scope = Scope.seeing("air", "places")
    assert write(home, scope, APRIL).figures.water is None


def test_no_water_no_paragraph(two_years):
    document = write(two_years, ALL, span("2019-08-25", "2019-08-26"))
    assert "water" not in [paragraph.key for paragraph in document.paragraphs]


def test_english(home):
    i18n.use("en")
    text = said(write(home, ALL, APRIL))
    assert "Of 6 sections of surface water with data 3 are in classes I–III, 50.0%, and 1 worse than class V." in text
    assert not any("一" <= sign <= "鿿" for sign in text)
