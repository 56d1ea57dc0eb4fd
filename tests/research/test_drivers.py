"""What drove a forecast: groups add up, in words that name the largest."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.research import weather
from shuzhi.research.forecast import drivers
from shuzhi.research.forecast.issues import Issue
from shuzhi.settings import BEIJING
from shuzhi.store import Scope

ALL = Scope.all()


@pytest.fixture(autouse=True)
def speaking_chinese():
    i18n.use("zh")
    yield
    i18n.use("zh")


def groups(**contributions: float) -> pd.DataFrame:
    return pd.DataFrame({"group": list(contributions), "contribution": list(contributions.values())})


@pytest.mark.parametrize(
    ("feature", "group"),
    [
        ("last", "recent"),
        ("mean14", "recent"),
        ("aqi_r0", "recent"),
        ("pm25_m30", "recent"),
        ("lag2", "trend"),
        ("o3_8h_3", "trend"),
        ("sin", "season"),
        ("city_mean3", "neighbours"),
        ("own_no2", "pollutants"),
        ("mean_wind_speed", "wind"),
        ("target_vent", "wind"),
        ("now_wet", "rain"),
        ("dry_days", "rain"),
        ("before_avgrh", "humidity"),
        ("high_maxtemp", "temperature"),
        ("low_lid", "mixing"),
        ("now_avgp", "pressure"),
        ("something", "other"),
    ],
)
def test_the_group_of_a_feature(feature, group):
    assert drivers.group_of(feature) == group


def test_every_feature_of_the_daily_models_has_a_group():
    from shuzhi.research.forecast import city_series, design, path

    days = pd.date_range("2020-01-01", periods=40)
    air = pd.DataFrame(50.0, index=days, columns=list(city_series.AIR))
    sky = path.with_components(pd.DataFrame(1.0, index=days, columns=[*city_series.WEATHER, path.DIRECTION]))
    known = design.of_air(air).join(design.of_weather(sky))
    names = design.pooled(known, 2, path.ahead(sky, days, 2), list(sky)).columns
    assert [name for name in names if drivers.group_of(name) == "other"] == []


def test_groups_are_sums():
    found = drivers.grouped(
        np.array([[1.0, 0.5, -0.2, 0.3, 0.1], [0, 0, 0, 0, 1]]), ["last", "mean7", "now_wet", "own_co"]
    )
    assert found.to_dict("list") == {
        "recent": [1.5, 0],
        "rain": [-0.2, 0],
        "pollutants": [0.3, 0],
        "season": [0.1, 1],
    }


@pytest.mark.parametrize("link", ["root", "log"])
def test_contributions_in_units_add_up_to_the_anomaly(link):
    scale = {"root": np.sqrt, "log": np.log}[link]
    value, normal, start = np.array([90.0, 60.0]), np.array([60.0, 60.0]), np.array([75.0, 60.0])
    step = scale(value) - scale(start)
    wide = pd.DataFrame({"wind": 0.7 * step + [0, 0.2], "rain": 0.3 * step - [0, 0.2]})
    found = drivers.in_units(wide, value, normal, start, link)
    assert found.sum(axis=1).tolist() == pytest.approx([30.0, 0.0])
    assert found.loc[0, "recent"] > 0
    assert found.loc[1, "wind"] > 0


def test_in_words_the_largest_come_first_and_what_is_against_them_last():
    told = drivers.in_words(
        groups(recent=12.2, wind=7.0, temperature=3.6, rain=-4.7, season=0.2), "µg/m³", {"wind": -1.2, "temperature": 2}
    )
    assert told == "与气候平均相比偏高 18 µg/m³：近日积累 +12、风小 +7、偏暖 +4；降雨 −5。"


def test_small_ones_are_told_together():
    told = drivers.in_words(groups(recent=-9, wind=-8, rain=-7, humidity=-6, sun=-2, trend=-2))
    assert told == "与气候平均相比偏低 34：近日积累 −9、风 −8、降雨 −7、湿度 −6、其他 −4。"
    assert drivers.in_words(groups(recent=0.2)) == "与气候平均相当。"


def test_in_english():
    i18n.use("en")
    assert drivers.in_words(groups(recent=9.0, models=-3.0)) == (
        "6 above the climatology: recent days +9; what the models expect of weather and change −3."
    )


def test_what_is_told_beside_its_floors():
    rows = pd.DataFrame({"model": ["ensemble", "climatology", "damped", "trees"], "value": [90.0, 60.0, 80.0, 95.0]})
    found = drivers.from_floors(rows.assign(item="aqi", lead=2), "aqi", 2)
    assert dict(found.to_numpy()) == {"recent": 20.0, "models": 10.0}
    assert drivers.from_floors(rows.assign(item="aqi", lead=2).iloc[:2], "aqi", 2) is None
    kept = groups(wind=3.0).assign(item="pm25", lead=2)
    assert dict(drivers.of(kept, rows.assign(item="aqi", lead=2), "aqi", 2).to_numpy()) == dict(found.to_numpy())
    assert dict(drivers.of(kept, rows, "pm25", 2).to_numpy()) == {"wind": 3.0}


def test_the_coming_weather_beside_the_usual(small_city):
    as_of = pd.Timestamp.now(BEIJING)
    newest = weather.products(small_city, ALL, as_of).iloc[0]
    issue = Issue("x", as_of, as_of, newest["product"], newest["newest"], "1", False, as_of, 1.0, 1)
    tomorrow = as_of.date() + dt.timedelta(days=1)
    found = drivers.anomalies(small_city, ALL, issue, tomorrow)
    assert set(found["element"]) >= {"wind", "temperature", "humidity"}
    row = found.set_index("element").loc["temperature"]
    assert abs(row["value"] - row["normal"]) < 25
    assert np.sign(row["deviation"]) == np.sign(row["value"] - row["normal"])
    assert drivers.anomalies(small_city, ALL, Issue(**vars(issue) | {"weather": None}), tomorrow) is None


def test_only_remarkable_weather_is_told():
    rows = [("wind", "wind_speed", 1.1, 1.6, -1.0), ("temperature", "temperature", 24.1, 23.9, 0.1)]
    found = pd.DataFrame(rows, columns=["element", "factor", "value", "normal", "deviation"])
    assert drivers.weather_words(found) == "预报天气与同期相比：风小（1.1，同期 1.6 m/s）。"
    assert drivers.tendency(found) == {"wind": -1.0}
    assert drivers.weather_words(found.iloc[1:]) == "预报天气与同期相近。"


def test_the_days_of_an_issue_are_read_at_once(small_city):
    as_of = pd.Timestamp.now(BEIJING)
    newest = weather.products(small_city, ALL, as_of).iloc[0]
    issue = Issue("x", as_of, as_of, newest["product"], newest["newest"], "1", False, as_of, 1.0, 1)
    found = drivers.weather_of_days(small_city, ALL, issue)
    day = as_of.date() + dt.timedelta(days=2)
    told = weather.day_values(weather.path(small_city, ALL, newest["newest"], newest["product"]))
    expected = told.loc[pd.to_datetime(told["day"]) == pd.Timestamp(day), "temperature"].mean()
    assert found[day].set_index("element").at["temperature", "value"] == pytest.approx(expected)
    pd.testing.assert_frame_equal(found[day], drivers.anomalies(small_city, ALL, issue, day))
