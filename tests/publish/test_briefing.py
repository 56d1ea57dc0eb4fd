"""What a briefing says, held to the functions that know, and to the real archive of 2019."""

import datetime as dt

import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.errors import NotFoundError
from shuzhi.publish import figures
from shuzhi.publish.document import write
from shuzhi.publish.facts import facts_of
from shuzhi.publish.period import parse
from shuzhi.standards.rounding import round_half_even
from shuzhi.status import air, city
from shuzhi.store import open_home
from shuzhi.store.queries import names
from tests.publish.conftest import ALL, AUGUST


def texts(document) -> dict[str, str]:
    return {paragraph.key: paragraph.text for paragraph in document.every}


def value(document, label: str) -> float:
    (found,) = {fact.value for fact in document.facts if fact.label == label}
    return found


@pytest.mark.archive
@pytest.mark.slow
def test_january_to_august_2019_counts_only_valid_days(home_2019):
    document = write(home_2019, ALL, parse("year", "2019-08"))
    said = texts(document)
    assert said["title"] == "2019年1—8月成都市空气质量状况"
    assert said["lead"].startswith(
        "2019年1—8月，成都市有效监测236天，优良182天，优良率77.1%（243天中7天数据不足，未计入）。"
    )
    assert "186" not in "".join(said.values())
    assert "去年同期没有监测数据，不作同比。" in said["lead"]
    assert "优40天、良142天、轻度污染46天、中度污染8天，未出现重度及以上污染" in said["levels"]
    assert "54个污染日中，首要污染物为臭氧的32天、为PM2.5的22天" in said["polluted"]


@pytest.mark.archive
@pytest.mark.slow
def test_the_numbers_are_those_of_the_status_functions(home_2019):
    document = write(home_2019, ALL, parse("month", "2019-08"))
    year = city.period(home_2019, ALL, dt.date(2019, 8, 1), dt.date(2019, 8, 31), "2012")
    assert value(document, "优良天数") == year.good == 15
    assert value(document, "有效天数") == year.valid == 26
    assert value(document, "优良率") == year.share
    assert value(document, "PM2.5平均") == round_half_even(year.statistics["pm25"])
    assert value(document, "臭氧第90百分位数") == round_half_even(year.statistics["o3_8h"])
    assert value(document, "最高日AQI") == year.days["aqi"].max()
    daily = air.city_daily(home_2019, ALL, dt.date(2019, 8, 1), dt.date(2019, 8, 31))
    assert value(document, "臭氧超标天数") == (daily["o3_8h"] > 160).sum()


def test_every_number_names_its_query(august):
    document, _pictures = august
    assert document.facts
    for fact in document.facts:
        assert fact.source.query in names()
        assert dict(fact.source.parameters)["first"] in ("2019-08-25", "2018-08-25")
        assert fact.source.as_of is not None
        assert fact.label
        assert fact.method


def test_the_query_of_a_number_gives_it_again(two_years, august):
    document, _pictures = august
    source = next(fact.source for fact in document.facts if fact.label == "优良天数")
    codes = dict(source.parameters)["stations"].strip("[]").split()
    days = air.city_daily(two_years, ALL, source.first, source.last, "2012", stations=codes)
    assert (days["aqi"] <= 100).sum() == value(document, "优良天数")


def test_the_change_against_the_year_before(two_years, august):
    document, _pictures = august
    this, last = (
        city.period(two_years, ALL, dt.date(year, 8, 25), dt.date(year, 8, 26), "2012") for year in (2019, 2018)
    )
    assert (this.valid, last.valid) == (2, 2)
    lead = texts(document)["lead"]
    assert f"去年同期优良{last.good}天、优良率{last.share:.1f}%" in lead
    change = round(float(f"{this.share:.1f}") - float(f"{last.share:.1f}"), 1)
    assert ("持平" in lead) == (change == 0)
    before, after = (round_half_even(year.statistics["no2"]) for year in (last, this))
    assert value(document, "二氧化氮同比") == pytest.approx(100 * (after - before) / before)
    assert before == 2 * after
    assert f"二氧化氮平均浓度{after:.0f}微克/立方米，同比下降50.0%" in texts(document)["items"]


def test_another_reference_state_is_said(august):
    document, _pictures = august
    assert any("298.15K" in note for note in document.notes)


def test_no_year_before_no_comparison(two_days):
    document = write(two_days, ALL, AUGUST)
    assert "同比上升" not in "".join(texts(document).values())
    assert "不作同比" in texts(document)["lead"]
    assert not any("298.15K" in note for note in document.notes)


def test_few_valid_days_are_not_compared(two_years):
    document = write(two_years, ALL, parse("month", "2019-08"))
    assert "本期或去年同期有效天数不足75%，不作同比。" in texts(document)["lead"]
    assert "有效监测2天" in texts(document)["lead"]


def test_one_day_has_an_index(two_years):
    document = write(two_years, ALL, parse("day", "2019-08-26"))
    aqi = air.city_daily(two_years, ALL, dt.date(2019, 8, 26), dt.date(2019, 8, 26))["aqi"].iloc[0]
    assert texts(document)["lead"].startswith(f"2019年8月26日，成都市空气质量指数（AQI）{aqi:.0f}，轻度污染，")
    assert not {"levels", "polluted"} & set(texts(document))


def test_a_period_without_a_valid_day_is_not_rated(two_years):
    document = write(two_years, ALL, parse("month", "2019-03"))
    assert texts(document)["lead"] == "2019年3月，成都市没有有效监测日（31天数据不足），不作评价。"
    assert set(texts(document)) == {"title", "lead"}


def test_a_district_is_the_mean_of_its_sites(two_years):
    document = write(two_years, ALL, AUGUST, "锦江区")
    codes = document.figures.sites
    register = air.stations(two_years, ALL).set_index("code")
    assert {register.at[code, "district"] for code in codes} == {"锦江区"}
    year = city.period(two_years, ALL, AUGUST.first, AUGUST.last, "2012", stations=list(codes))
    assert value(document, "优良天数") == year.good


def test_a_district_in_the_table_is_its_own_briefing(small_city):
    period = parse("span", "..".join(str(figures.newest_day(small_city, ALL) - dt.timedelta(days=n)) for n in (9, 0)))
    whole = figures.gather(small_city, ALL, period)
    assert len(whole.districts) > 2
    for name, row in whole.districts.iterrows():
        own = figures.gather(small_city, ALL, period, name)
        assert (own.this.valid, own.this.good) == (row["valid"], row["good"])
        assert own.items.at["pm25", "value"] == row["pm25"]


def test_a_place_without_stations_is_said_so(two_years):
    with pytest.raises(NotFoundError, match="has no air station"):
        write(two_years, ALL, AUGUST, "蒲江县")


def test_an_empty_home_has_no_briefing(tmp_path):
    assert write(open_home(tmp_path / "empty"), ALL, AUGUST) is None


def test_simulated_data_are_called_so(small_city):
    document = write(small_city, ALL, parse("day", str(figures.newest_day(small_city, ALL))))
    assert document.mark == "模拟数据"
    assert any("不得对外发布" in note for note in document.notes)


def test_a_day_that_goes_on_is_left_out(small_city):
    newest = air.latest_hour(small_city, ALL)
    day = newest.tz_convert("Asia/Shanghai").date()
    seen = figures.newest_day(small_city, ALL, now=newest.to_pydatetime())
    assert seen == day - dt.timedelta(days=1)
    later = newest.to_pydatetime() + dt.timedelta(days=2)
    assert figures.newest_day(small_city, ALL, now=later) >= seen


def test_english(two_years):
    i18n.use("en")
    document = write(two_years, ALL, AUGUST)
    said = " ".join([*texts(document).values(), *document.notes])
    assert not any("一" <= sign <= "鿿" for sign in said), said
    assert texts(document)["title"] == "Air quality in Chengdu, 25–26 August 2019"
    assert "good days" in said


def test_edits_stay_with_their_paragraphs(august):
    document, _pictures = august
    lead = texts(document)["lead"]
    edited = document.with_edits({"lead": lead + " ", "items": "空气好。", "nothing": "x"})
    assert edited.edits == {"items": "空气好。"}
    changed = next(paragraph for paragraph in edited.paragraphs if paragraph.key == "items")
    assert changed.difference
    assert not facts_of(changed.parts)
    gone = document.with_edits({"items": ""})
    assert "items" not in [paragraph.key for paragraph in gone.shown]


def test_stations_have_the_level_of_their_median_day(august):
    document, _pictures = august
    stations = document.figures.stations.set_index("code")
    assert len(stations) == 8
    row = stations.loc["1434A"]
    assert row["level"] == (1 if row["aqi"] <= 50 else 2 if row["aqi"] <= 100 else 3)
    assert pd.notna(row["pm25"])
