"""The city's situation: figures of the national publication of 2019, and its sentence."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.status import city, snapshot
from shuzhi.status.headline import headline
from shuzhi.store import Scope, open_home
from shuzhi.store.ledger import ImportRun, Target
from shuzhi.store.targets import targets

EVENT = pd.Timestamp("2019-08-26T15:00", tz="Asia/Shanghai")
SCOPE = Scope.all()


@pytest.fixture
def english():
    i18n.use("en")
    yield
    i18n.use("zh")


@pytest.fixture(scope="module")
def event(two_days) -> city.Situation:
    return city.situation(two_days, SCOPE, EVENT)


def test_the_hour(event):
    """City means of the six evaluation sites that reported; 君平街 has no value at 15:00, 灵岩寺 does not count."""
    now = event.now
    assert (now["aqi"], now["level"], now["primary"], now["sites"]) == (78, 2, "O3", 6)
    assert [now[item] for item in ("o3", "pm25", "pm10", "no2", "so2", "co")] == [182, 56, 92, 31, 6, 1.0]
    assert event.rated
    assert event.edition == "2012"
    assert event.reporting == 7


def test_levels_as_the_map_shows_them(event, two_days):
    """君平街 has nothing at 15:00, but 204 µg/m³ of ozone an hour before; a map carries that for two hours."""
    rows = event.stations.set_index("code")
    assert (rows.at["1437A", "level"], rows.at["1437A", "seen"]) == (0, 3)
    shown = snapshot.window(two_days, SCOPE, EVENT, 1)
    assert rows["seen"].to_dict() == dict(zip(shown.stations["code"], shown.level[0], strict=True))


def test_hours_are_complete(event):
    hours = event.hours
    assert len(hours) == 25
    assert hours["time"].diff().dropna().eq(pd.Timedelta(hours=1)).all()
    assert hours.iloc[0]["time"] == EVENT - pd.Timedelta(days=1)
    assert (hours.iloc[-2]["aqi"], hours.iloc[-2]["level"]) == (103, 3)
    assert (hours.iloc[0]["aqi"], hours.iloc[0]["level"]) == (72, 2)


def test_exceedances_worst_first(event):
    over = event.exceedances
    assert over[["name", "item", "value", "limit", "period"]].values.tolist() == [
        ["十里店", "o3", 268, 200, "1h"],
        ["沙河铺", "o3", 215, 200, "1h"],
    ]
    assert over["times"].round(3).tolist() == [1.34, 1.075]
    assert over["aqi"].tolist() == [134, 108]


def test_pollutants_against_the_limits_of_their_day(event, two_days):
    assert event.pollutants["limit"].to_dict() == {"pm25": 75, "pm10": 150, "so2": 500, "no2": 200, "co": 10, "o3": 200}
    assert event.pollutants["period"].to_dict()["pm25"] == "24h"
    assert event.pollutants["change"].isna().all(), "no data of last year, no comparison"


def test_the_sentence(event):
    chinese = "全市空气质量良，臭氧超标：十里店 268、沙河铺 215 µg/m³，均高于小时限值 200 µg/m³。"
    assert headline(event) == chinese
    assert headline(event, live=True) == chinese.replace("臭氧超标", "臭氧正在超标")
    assert headline(event, live=True, late=True) == f"2019 年 8 月 26 日 15:00 之后没有新数据；当时{chinese}"


def test_the_sentence_in_english(event, english):
    expected = "City air is good; ozone exceeds the hourly limit of 200 µg/m³: 十里店 268, 沙河铺 215 µg/m³."
    assert headline(event) == expected
    assert headline(event, late=True) == f"No new data since 2019-08-26 15:00; then: {expected}"


def test_one_and_many_stations(event):
    one = dataclasses.replace(event, exceedances=event.exceedances.head(1))
    assert headline(one) == "全市空气质量良，臭氧超标：十里店 268 µg/m³，高于小时限值 200 µg/m³。"
    many = dataclasses.replace(event, exceedances=pd.concat([event.exceedances] * 2, ignore_index=True))
    assert headline(many) == "全市空气质量良，4 个站点臭氧超过小时限值 200 µg/m³，最高为十里店 268 µg/m³。"


def test_nothing_exceeds(two_days):
    calm = city.situation(two_days, SCOPE, pd.Timestamp("2019-08-26T04:00", tz="Asia/Shanghai"))
    assert calm.exceedances.empty
    assert headline(calm).startswith("全市空气质量")
    assert headline(calm).endswith("个站点均未超标。")


def test_an_hour_without_readings(two_days):
    gap = city.situation(two_days, SCOPE, pd.Timestamp("2019-08-25T05:00", tz="Asia/Shanghai"))
    assert not gap.rated
    assert gap.reporting == 0
    assert headline(gap) == "5 时没有任何站点的读数。"
    assert (gap.before, gap.after) == (None, pd.Timestamp("2019-08-25T08:00", tz="Asia/Shanghai"))


def test_the_newest_hour_by_default(two_days):
    assert city.situation(two_days, SCOPE).at == pd.Timestamp("2019-08-26T23:00", tz="Asia/Shanghai")


def test_midnight_belongs_to_the_day_before(two_days):
    midnight = city.situation(two_days, SCOPE, pd.Timestamp("2019-08-26T00:00", tz="Asia/Shanghai"))
    assert midnight.year.last == dt.date(2019, 8, 25), "the stamp 00:00 ends the 25th"
    assert city.situation(two_days, SCOPE, EVENT).year.last == dt.date(2019, 8, 25)


def test_both_years_by_one_edition(two_days):
    chosen = city.situation(two_days, SCOPE, EVENT, edition="2026")
    assert chosen.edition == "2026"
    asked = []
    city.situation(two_days, SCOPE, EVENT, years=lambda *args: asked.append(args[2:]) or city.years(*args))
    assert asked == [(dt.date(2019, 8, 25), "2012")]


def test_a_home_without_readings(tmp_path):
    assert city.situation(open_home(tmp_path / "home"), SCOPE) is None


def test_targets_and_imports(tmp_path):
    home = open_home(tmp_path / "home")
    assert targets(home, 2026) == {}
    assert city.received(home) is None
    ended = dt.datetime(2026, 11, 24, 7, 6, tzinfo=dt.UTC)
    with home.ledger.session() as session:
        session.add(Target(year=2026, city=home.city, metric="good_days", value=293))
        session.add(ImportRun(id="a", kind="air-archive", started_at=ended, finished_at=ended))
    assert targets(home, 2026) == {"good_days": 293}
    assert city.received(home) == pd.Timestamp("2026-11-24T15:06", tz="Asia/Shanghai")


def test_particles_are_held_against_the_daily_limit():
    items = {"pm25": 80.0, "pm10": 100.0, "so2": 5.0, "no2": 30.0, "co": 0.5, "o3": 90.0}
    row = {"code": "X", "name": "x", "district": None, "evaluation": True, "aqi": 107.0, "level": 3, **items}
    over = city.exceedances(pd.DataFrame([row]), dt.date(2019, 1, 1))
    assert over[["item", "limit", "period"]].values.tolist() == [["pm25", 75, "24h"]]
    assert city.exceedances(pd.DataFrame([row | {"pm25": 75.0}]), dt.date(2019, 1, 1)).empty, "at the limit is within"
    assert len(city.exceedances(pd.DataFrame([row | {"pm25": 61.0}]), dt.date(2026, 3, 1))) == 1


def year(first: dt.date, levels: list[int]) -> city.Year:
    days = pd.DataFrame({"level": levels})
    counts = {step: levels.count(step) for step in range(7)}
    return city.Year(first, first + dt.timedelta(days=len(levels) - 1), days, counts, {})


def test_good_days_and_their_share():
    months = year(dt.date(2019, 1, 1), [1, 2, 2, 3, 4, 0])
    assert (months.good, months.valid, months.share) == (3, 5, 60.0)
    assert year(dt.date(2019, 1, 1), [0]).share != year(dt.date(2019, 1, 1), [0]).share, "NaN without a valid day"


@pytest.mark.parametrize(("first", "differs"), [(2018, True), (2019, True), (2020, False), (2026, False)])
def test_gases_across_the_change_of_reference_state(event, first, differs):
    """The year before reaches back before 2018-09-01 for 2018 and 2019."""
    this, before = year(dt.date(first, 1, 1), [1] * 300), year(dt.date(first - 1, 1, 1), [1] * 300)
    assert dataclasses.replace(event, year=this, last_year=before).reference_state_differs is differs


@pytest.mark.archive
def test_the_year_2019(home_2019):
    """January–August: 182 good days of 236 valid ones (why: ``test_air_2019.py``); levels of the whole year."""
    august = city.situation(home_2019, SCOPE, pd.Timestamp("2019-09-01T00:00", tz="Asia/Shanghai"))
    assert (august.year.first, august.year.last) == (dt.date(2019, 1, 1), dt.date(2019, 8, 31))
    assert (august.year.good, august.year.valid, august.year.counts[0]) == (182, 236, 7)
    assert august.last_year.valid == 0
    end = city.situation(home_2019, SCOPE, pd.Timestamp("2020-01-01T00:00", tz="Asia/Shanghai"))
    assert end.year.counts == {0: 15, 1: 75, 2: 199, 3: 61, 4: 15, 5: 0, 6: 0}
    statistics = {item: round(value, 1) for item, value in end.year.statistics.items()}
    assert statistics["pm25"] == pytest.approx(42.8, abs=0.1)
    assert statistics["co"] == 1.2
