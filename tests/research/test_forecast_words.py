"""A forecast in words: oracle sentences in both languages."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.research.forecast import words
from shuzhi.research.forecast.issues import Issue

ISSUED = pd.Timestamp("2026-07-15T00:00Z")  # 08:00 in Beijing
WEDNESDAY, THURSDAY = dt.date(2026, 7, 15), dt.date(2026, 7, 16)


@pytest.fixture(autouse=True)
def speaking_chinese():
    i18n.use("zh")
    yield
    i18n.use("zh")


def day(lead: int, aqi: float, chances, primary: str | None = None, **values: float) -> pd.DataFrame:
    """Rows of one day: lead 1 is the issue's own."""
    end = ISSUED.normalize() - pd.Timedelta(hours=8) + pd.Timedelta(days=lead)
    table = pd.DataFrame([{"item": "aqi", "value": aqi}, *({"item": k, "value": v} for k, v in values.items())])
    table = table.assign(issued_at=ISSUED, lead=lead, time=end, primary=None)
    for share, width in ((50, 10.0), (90, 32.4)):
        table[f"lower{share}"], table[f"upper{share}"] = table["value"] - width, table["value"] + width
    table[[f"p{k}" for k in range(1, 7)]] = np.nan
    table.loc[0, [f"p{k}" for k in range(1, 7)]] = chances
    table["primary"] = table["primary"].astype(object)
    table.loc[0, "primary"] = primary
    return table


def sentence(rows: pd.DataFrame, date=THURSDAY, today=WEDNESDAY) -> str:
    return words.sentence(words.told(rows), date, today)


OZONE = day(2, 110, [0, 0.17, 0.78, 0.05, 0, 0], "O3-8h", o3_8h=172.4, pm25=31.0)
UNSURE = day(2, 98, [0.04, 0.5, 0.36, 0.1, 0, 0], "PM2.5;PM10", pm25=73.2, pm10=146.0)
CLEAN = day(1, 42, [0.81, 0.19, 0, 0, 0, 0], "", pm25=20.0)


def test_the_sentence_of_the_next_day():
    rows = pd.concat([CLEAN, OZONE])
    assert sentence(rows) == "明日 O₃-8h 预计 172 µg/m³，轻度污染，可能性 78%。"
    assert sentence(rows, WEDNESDAY) == "今日 AQI 预计 42，优，可能性 81%。"


def test_the_same_in_english():
    i18n.use("en")
    assert sentence(OZONE) == "Tomorrow: O₃-8h 172 µg/m³ expected, lightly polluted, probability 78%."
    assert words.band(words.told(OZONE), THURSDAY) == "O₃-8h is between 140 and 205 µg/m³ with a probability of 90%."


def test_two_levels_where_none_is_likely_enough():
    expected = "明日 PM₂.₅ 预计 73 µg/m³、PM₁₀ 预计 146 µg/m³，良～轻度污染，可能性 86%。"
    assert sentence(UNSURE) == expected


def test_sixty_per_cent_is_enough_for_one_level():
    assert "，良，可能性 60%" in sentence(day(2, 80, [0.2, 0.6, 0.2, 0, 0, 0]))
    assert "，优～良，可能性 80%" in sentence(day(2, 80, [0.21, 0.59, 0.2, 0, 0, 0]))


def test_without_probabilities_none_is_told():
    assert sentence(day(2, 80, [np.nan] * 6, "PM2.5", pm25=59.0)) == "明日 PM₂.₅ 预计 59 µg/m³，良。"


def test_nothing_is_certain():
    assert "可能性 >99%" in sentence(day(2, 30, [1, 0, 0, 0, 0, 0]))
    said = [words.chance_text(probability) for probability in (0.0, 0.004, 0.01, 0.5, 0.99, 0.996, 1.0, np.nan)]
    assert said == ["<1%", "<1%", "1%", "50%", "99%", ">99%", ">99%", ""]


def test_an_old_issue_names_the_date():
    later = WEDNESDAY + dt.timedelta(days=5)
    expected = "7月16日 O₃-8h 预计 172 µg/m³，轻度污染，可能性 78%。"
    assert sentence(OZONE, THURSDAY, today=later) == expected
    assert sentence(OZONE, later, today=later) == ""


def test_a_day_without_a_forecast_has_no_sentence():
    assert sentence(OZONE.iloc[:0]) == ""
    assert sentence(OZONE.assign(value=np.nan)) == ""
    assert words.week(words.told(OZONE.iloc[:0])) == ""


def test_the_band_is_of_the_primary_pollutant():
    assert words.band(words.told(OZONE), THURSDAY) == "O₃-8h 有 90% 的可能在 140–205 µg/m³ 之间。"
    assert words.band(words.told(CLEAN), WEDNESDAY) == "AQI 有 90% 的可能在 10–74 之间。"


WEEK = pd.concat(
    [
        day(1, 60, [0.1, 0.9, 0, 0, 0, 0]),
        day(2, 90, [0, 0.8, 0.2, 0, 0, 0]),
        day(3, 120, [0, 0.3, 0.7, 0, 0, 0]),
        day(4, 155, [0, 0, 0.45, 0.5, 0.05, 0]),
        day(5, 70, [0.1, 0.8, 0.1, 0, 0, 0]),
    ]
)


def test_the_week_has_its_good_days_turn_and_worst_day():
    assert words.week(words.told(WEEK)) == (
        "7月15日—7月19日预计优良 3 天（按概率合计 3.0 天），周五（17日）起转为轻度污染，"
        "周六（18日）最差，AQI 预计 155，轻度污染～中度污染，可能性 95%。"
    )
    i18n.use("en")
    assert words.week(words.told(WEEK)) == (
        "15 Jul to 19 Jul: 3 good days expected (by their probabilities 3.0 days), "
        "turning lightly polluted on Fri 17 Jul, "
        "worst on Sat 18 Jul: AQI 155 expected, lightly polluted to moderately polluted, probability 95%."
    )


def test_a_day_is_named_once_where_it_turns_and_is_worst():
    bad = pd.concat([day(1, 60, [np.nan] * 6), day(2, 160, [np.nan] * 6), day(3, 120, [np.nan] * 6)])
    assert words.week(words.told(bad)) == (
        "7月15日—7月17日预计优良 1 天，周四（16日）起转为中度污染，当日最差，AQI 预计 160，中度污染。"
    )
    i18n.use("en")
    assert "turning moderately polluted on Thu 16 Jul, worst on that day: AQI 160" in words.week(words.told(bad))


def test_a_week_of_one_kind():
    good = pd.concat([day(lead, 60, [0.2, 0.8, 0, 0, 0, 0]) for lead in (1, 2)])
    assert words.week(words.told(good)) == "7月15日—7月16日预计 2 天都是优良天（按概率合计 2.0 天），各日均为良。"
    bad = pd.concat([day(1, 160, [np.nan] * 6), day(2, 90, [np.nan] * 6)])
    assert words.week(words.told(bad)) == (
        "7月15日—7月16日预计优良 1 天，周四（16日）起好转为良，周三（15日）最差，AQI 预计 160，中度污染。"
    )


def issue(weather=None, hindcast=False) -> Issue:
    return Issue("2026-07-15T08", ISSUED, ISSUED, weather, weather and ISSUED, "1", hindcast, ISSUED, 1.0, 1)


def test_the_mode_says_what_it_costs_to_have_no_weather():
    assert words.mode(issue("wrf")) == "采用 7月15日 08:00 起报的气象预报“wrf”。"
    assert words.mode(issue(hindcast=True)) == (
        "本期没有气象预报，只由已测得的数据作出。"
        "在成都 2020 年的回测中，相对持续预报的技巧（1–7 天平均）有气象预报时为 0.45，没有时为 0.20。"
        "本期为回算：事后用当时已知的数据作出。"
    )


def year(item: str, median, low, high, **more) -> dict:
    span = {"first": dt.date(2026, 1, 1), "last": dt.date(2026, 12, 31)}
    return {"item": item, **span, "median": median, "lower90": low, "upper90": high, **more}


def test_the_outlook_is_held_against_the_target():
    days = year("good_days", 291.0, 284.0, 297.0, target=float("nan"), chance=float("nan"))
    assert words.outlook(days) == "全年优良天数预计 291 天（90%：284–297）。"
    days |= {"target": 290.0, "chance": 0.63, "left": 0, "needed": float("nan")}
    assert words.outlook(days) == "全年优良天数预计 291 天（90%：284–297），达到目标 290 天的可能性 63%。"
    days |= {"left": 36, "needed": 28.0}
    assert words.outlook(days).endswith("可能性 63%；余下 36 天还需优良 28 天。")
    i18n.use("en")
    assert words.outlook(days) == (
        "Good days in the year: 291 expected (90%: 284–297), probability of reaching the target of 290 days: 63%; "
        "of the 36 days left 28 must be good."
    )


def test_the_outlook_of_a_concentration():
    november = year("pm25", 35.04, 30.5, 39.5) | {"first": dt.date(2026, 11, 1), "last": dt.date(2026, 11, 30)}
    assert words.outlook(november) == "11月 PM₂.₅ 平均浓度预计 35.0 µg/m³（90%：30.5–39.5）。"
    aim = {"target": 36.0, "chance": 0.651, "left": 6, "needed": 38.0}
    assert words.outlook(november | aim).endswith("，达到目标 36 µg/m³ 的可能性 65%。")


def test_the_outlook_of_sections():
    share = year("water_good_share", 97.101, 96.4, 98.6)
    assert words.outlook(share) == "全年地表水优良（Ⅰ–Ⅲ类）断面比例预计 97.1%（90%：96.4%–98.6%）。"
    share |= {"target": 97.0, "chance": 0.9951, "left": 36, "needed": float("nan")}
    assert words.outlook(share).endswith("，达到目标 97% 的可能性 >99%。")
    below = year("water_below_target", 2.0, 1.0, 4.0)
    assert words.outlook(below) == "全年未达到目标类别的断面预计 2 个（90%：1–4）。"
    i18n.use("en")
    assert words.outlook(share) == (
        "Share of sections in classes I–III in the year: 97.1% expected (90%: 96.4%–98.6%), "
        "probability of reaching the target of 97%: >99%."
    )
    assert words.outlook(below) == "Sections that miss their target class in the year: 2 expected (90%: 1–4)."


def test_models_have_names():
    assert [words.model_name(one) for one in ("ensemble", "ets", "new")] == ["集合预报", "ETS", "new"]
