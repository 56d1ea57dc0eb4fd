"""The station report of 26 August 2019, 15:00, 沙河铺, from the two days kept as fixtures; and its edges."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.settings import BEIJING
from shuzhi.status import air, station, station_words
from shuzhi.store import Scope

AT = pd.Timestamp("2019-08-26T15:00", tz=BEIJING)
CODE = "1434A"


@pytest.fixture(scope="module")
def scope() -> Scope:
    return Scope.all()


@pytest.fixture(scope="module")
def tables(two_days, scope):
    """Hours of the station, the city's hour, the register."""
    hours = air.hourly(two_days, scope, AT - 48 * station.HOUR, AT + 9 * station.HOUR, stations=[CODE])
    sites = air.hourly(two_days, scope, AT - station.HOUR, AT, city="成都")
    return hours, sites, air.stations(two_days, scope).to_dict("records")


@pytest.fixture(scope="module")
def evaluation(two_days, scope):
    return air.evaluation_codes(two_days, scope, "成都")


def make(tables, evaluation, at=AT) -> station.Report:
    hours, sites, _register = tables
    return station.report(CODE, hours[hours["time"] <= at], sites, evaluation, at)


def test_the_event(tables, evaluation):
    report = make(tables, evaluation)
    reading = report.reading("o3")
    assert (reading.value, reading.limit, reading.period, reading.iaqi) == (215, 200, "1h", 108)
    assert (report.aqi, report.level, report.primary, report.headline) == (108, 3, ("o3",), "o3")
    assert report.exceedance.first
    assert report.exceedance.since == AT
    assert report.comparison.base == pytest.approx(379 / 3)
    assert round(report.comparison.change * 100) == 70
    assert (report.region.reporting, report.region.above, report.region.kind) == (6, 2, "regional")


def test_validity_counts_the_hours_of_the_day(tables, evaluation):
    for reading in make(tables, evaluation).readings:
        assert (reading.valid, reading.elapsed) == (15, 15)


def test_particles_have_a_daily_limit_and_no_exceedance(tables, evaluation):
    reading = make(tables, evaluation).reading("pm25")
    assert (reading.limit, reading.period) == (75, "24h")
    hours = tables[0].assign(pm25=300.0)
    high = station.readings(hours, AT)[0]
    assert high.above
    assert station.exceedance(hours, high, AT) is None


def test_the_second_hour_is_not_the_first(tables, evaluation):
    later = AT + 2 * station.HOUR
    hours = tables[0][tables[0]["time"] <= later]
    reading = station.readings(hours, later)[station.ITEMS.index("o3")]
    over = station.exceedance(hours, reading, later)
    assert (reading.value, over.hours, over.first) == (219, 3, False)
    assert over.since == AT


def test_midnight_belongs_to_the_day_before():
    midnight = pd.Timestamp("2019-08-27", tz=BEIJING)
    assert station.day_of(midnight) == dt.date(2019, 8, 26)
    assert station.elapsed_hours(midnight) == 24
    assert station.day_of(midnight + station.HOUR) == dt.date(2019, 8, 27)


def test_comparison_needs_all_three_hours(tables):
    hours = tables[0]
    gone = hours[hours["time"] != AT - 2 * station.HOUR]
    assert station.compare(gone, "o3", AT) is None
    assert station.compare(hours, "o3", AT).change > 0


@pytest.mark.parametrize(("value", "kind"), [(205, "regional"), (240, "mixed"), (400, "local"), (150, None)])
def test_regional_or_local(value, kind):
    sites = pd.DataFrame({"station": list("ABCD"), "o3": [float(value), 180, 180, 180]})
    reading = station.Reading("o3", float(value), 200.0, "1h", 100, 1, 1)
    assert station.region(sites, list("ABCD"), "A", reading).kind == kind


def test_one_site_alone_is_no_region():
    sites = pd.DataFrame({"station": ["A", "B"], "o3": [300.0, np.nan]})
    reading = station.Reading("o3", 300.0, 200.0, "1h", 150, 1, 1)
    assert station.region(sites, ["A", "B"], "A", reading) is None


def test_neighbours_are_near_and_say_what_they_read(tables):
    _hours, sites, register = tables
    near = station.neighbours(register, CODE, sites, count=3)
    assert [place["name"] for place in near] == ["十里店", "君平街", "三瓦窑"]
    assert sorted(place["km"] for place in near) == [place["km"] for place in near]
    assert near[0]["km"] == pytest.approx(5.8, abs=0.1)
    assert near[0]["o3"] == 268
    assert near[1]["level"] == 0
    assert np.isnan(near[1]["aqi"])


def test_a_station_without_coordinates_has_no_neighbours(tables):
    _hours, sites, register = tables
    unplaced = [{**row, "lon": None if row["code"] == CODE else row["lon"]} for row in register]
    assert station.neighbours(unplaced, CODE, sites) == []


def test_distance_of_a_degree():
    assert station.distance(104, 30, 104, 31) == pytest.approx(111.195, abs=0.01)


def test_days_of_the_year_include_those_without_a_row(two_days, scope):
    days = station.year_of_days(two_days, scope, CODE, 2019, dt.date(2019, 8, 26))
    assert len(days) == 238
    assert days["day"].is_unique
    assert days["day"].iat[station.last_valid_day(days)] == pd.Timestamp("2019-08-26")


def test_days_without_a_row_count_as_invalid(two_days, scope):
    first, last = dt.date(2019, 1, 1), dt.date(2019, 8, 26)
    days = air.daily(two_days, scope, first, last, stations=[CODE])
    counts = station.level_counts(days, first, last)
    assert sum(counts.values()) == 238
    assert counts[0] == 238 - days["valid"].sum()
    assert station.level_counts(station.days_up_to(days, dt.date(2019, 8, 24)), first, dt.date(2019, 8, 24))[0] == 236


def test_readings_around_a_hole(two_days, scope):
    before, after = station.readings_around(two_days, scope, CODE, AT - 40 * station.HOUR)
    assert before is None
    assert after["time"] == pd.Timestamp("2019-08-25T08:00", tz=BEIJING)
    before, after = station.readings_around(two_days, scope, CODE, AT + 240 * station.HOUR)
    assert after is None
    assert before["time"] == pd.Timestamp("2019-08-26T23:00", tz=BEIJING)


def test_latest_looks_back_a_day_at_most(tables):
    hours = tables[0]
    last = hours["time"].max()
    assert station.latest(hours, last + 5 * station.HOUR) == last
    assert station.latest(hours, last + 24 * station.HOUR) is None


def test_words(tables, evaluation):
    report = make(tables, evaluation)
    assert station_words.answer(report) == "15 时 O3 215 µg/m³，今日首次超过小时限值 200，轻度污染。"
    assert station_words.context(report) == "比前 3 小时均值高 70 %；同时次 6 个评价点中 2 个超标，属区域性升高。"
    i18n.use("en")
    try:
        assert "215 µg/m³" in station_words.answer(report)
    finally:
        i18n.use("zh")


def test_words_of_other_hours(tables, evaluation):
    hours = tables[0]
    for at, part in (
        (AT + 2 * station.HOUR, "今日第 3 个小时超过小时限值 200"),
        (AT - station.HOUR, "为首要污染物，良"),
        (AT - 10 * station.HOUR, "良"),
    ):
        report = station.report(CODE, hours[hours["time"] <= at], tables[1], evaluation, at)
        assert part in station_words.answer(report)


def test_words_where_the_edition_gives_no_index(two_days, scope, evaluation):
    """HJ 633-2026 rates no hour with a missing item unless another is above 100."""
    hours = air.hourly(two_days, scope, AT - 24 * station.HOUR, AT, stations=["2880A"], edition="2026")
    report = station.report("2880A", hours, hours, evaluation, AT)
    assert report.aqi is None
    assert station_words.answer(report) == "15 时缺 SO2、NO2，不评价 AQI。"
    assert station_words.context(report) == ""
