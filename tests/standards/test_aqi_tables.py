from datetime import date

import numpy as np
import oracle
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.standards.aqi import ITEMS, SYMBOLS, beijing_day, daily_aqi, edition_on, hourly_aqi

NAN = np.nan


def one(table_of, edition="2012", **readings):
    """The only row of a table of one row."""
    columns = ("day", *ITEMS[:5], "o3_8h") if table_of is daily_aqi else ITEMS
    rest = {name: [NAN] for name in columns if name != "day"}
    table = pd.DataFrame(rest | {name: [value] for name, value in readings.items()})
    return table_of(table, edition).iloc[0]


reading = st.one_of(st.just(NAN), st.decimals(-5, 1300, places=1).map(float))
rows = st.lists(st.tuples(*[reading] * 6), min_size=1, max_size=12)


def expected_row(row, periods, edition):
    """AQI, primary and exceedance items of one row, the slow way."""
    found = {i: oracle.iaqi(x, i, p, edition) for i, x, p in zip(ITEMS, row, periods, strict=True)}
    known = {item: index for item, index in found.items() if index is not None}
    aqi = max(known.values(), default=None)
    exceed = ";".join(SYMBOLS[i] for i, index in known.items() if index > 100) if edition == "2012" else ""
    if aqi == 0 and edition == "2026":
        aqi = 1
    if edition == "2026" and len(known) < 6 and aqi is not None and aqi <= 100:
        aqi = None
    primary = ";".join(SYMBOLS[i] for i, index in known.items() if aqi is not None and index == aqi and aqi > 50)
    return aqi, primary, exceed, found


@given(rows, st.sampled_from(["2012", "2026"]))
def test_hourly_agrees_with_one_row_at_a_time(values, edition):
    check(
        hourly_aqi(pd.DataFrame(values, columns=ITEMS), edition),
        values,
        ("24h", "24h", "1h", "1h", "1h", "1h"),
        edition,
    )


@given(rows, st.sampled_from(["2012", "2026"]))
def test_daily_agrees_with_one_row_at_a_time(values, edition):
    table = pd.DataFrame(values, columns=[*ITEMS[:5], "o3_8h"])
    check(daily_aqi(table, edition), values, ("24h",) * 5 + ("8h",), edition)


def check(result, values, periods, edition):
    for row, (_, got) in zip(values, result.iterrows(), strict=True):
        aqi, primary, exceed, found = expected_row(row, periods, edition)
        np.testing.assert_equal(got["aqi"], NAN if aqi is None else aqi)
        assert (got["primary"], got["exceed"], got["edition"]) == (primary, exceed, edition)
        indices = [got[name] for name in result if name.startswith("iaqi_")]
        np.testing.assert_equal(indices, [NAN if index is None else index for index in found.values()])


def test_the_result_has_the_promised_columns_types_and_index():
    table = pd.DataFrame({name: [10.0, NAN] for name in ITEMS}, index=["a", "b"])
    result = hourly_aqi(table, "2012")
    assert list(result) == ["aqi", "level", "primary", "exceed", *[f"iaqi_{name}" for name in ITEMS], "edition"]
    assert result.index.tolist() == ["a", "b"]
    assert result["level"].dtype == np.int8
    assert result.loc["b", ["level", "primary"]].tolist() == [0, ""]
    assert "iaqi_o3_8h" in daily_aqi(table.rename(columns={"o3": "o3_8h"}), "2012")
    empty = hourly_aqi(table.iloc[:0].assign(time=pd.to_datetime([], utc=True)))
    assert empty.empty
    assert list(empty) == list(result)


def test_ties_are_all_primary_in_the_order_of_the_items():
    row = one(hourly_aqi, pm25=75, pm10=150, no2=200, o3=160)
    assert (row["aqi"], row["primary"], row["exceed"]) == (100, "PM2.5;PM10;NO2", "")
    assert one(hourly_aqi, pm25=35, o3=160)["primary"] == ""  # AQI 50 has no primary pollutant
    assert one(hourly_aqi, pm25=120, o3=215)["exceed"] == "PM2.5;O3"


def test_missing_item_2012_takes_the_others_and_2026_publishes_only_above_100():
    good = {"pm25": 40, "pm10": 60, "so2": 5, "no2": 30, "co": 0.8}
    assert one(daily_aqi, "2012", **good)["aqi"] == 57
    hidden = one(daily_aqi, "2026", **good)
    assert np.isnan(hidden["aqi"])
    assert (hidden["level"], hidden["primary"], hidden["iaqi_pm25"]) == (0, "", 60)
    assert one(daily_aqi, "2026", **good | {"pm25": 61})["aqi"] == 101
    assert one(daily_aqi, "2026", **good, o3_8h=20)["aqi"] == 60


def test_the_rule_for_missing_items_and_the_plan_can_be_chosen():
    table = pd.DataFrame({"pm25": [40.0, 40.0], "pm10": [60.0, NAN]})
    assert daily_aqi(table, "2026")["aqi"].isna().all()
    assert daily_aqi(table, "2026", missing="others")["aqi"].tolist() == [60, 60]
    np.testing.assert_equal(daily_aqi(table, "2026", plan=("pm25", "pm10"))["aqi"].to_numpy(), [60, NAN])
    assert daily_aqi(table[:1].assign(o3_8h=80.0), "2026", plan={"pm25", "o3_8h"})["aqi"].tolist() == [60]
    by_row = np.array([[True, True, *[False] * 4], [True, *[False] * 5]])
    assert daily_aqi(table, "2026", plan=by_row)["aqi"].tolist() == [60, 60]
    assert daily_aqi(table, "2012", missing="na")["aqi"].isna().all()


def test_the_edition_goes_by_the_day_of_each_row():
    days = [date(2026, 2, 28), date(2026, 3, 1)]
    table = pd.DataFrame({name: [1.0, 1.0] for name in (*ITEMS[:5], "o3_8h")} | {"pm25": [75.0, 75.0], "day": days})
    result = daily_aqi(table)
    assert result["aqi"].tolist() == [100, 114]
    assert result["edition"].tolist() == ["2012", "2026"]
    assert result["exceed"].tolist() == ["", ""]
    assert daily_aqi(table, "2012")["aqi"].tolist() == [100, 100]
    assert daily_aqi(table, np.array(["2026", "2012"]))["aqi"].tolist() == [114, 100]
    assert daily_aqi(table.assign(day=pd.to_datetime(table["day"])))["edition"].tolist() == ["2012", "2026"]


def test_midnight_belongs_to_the_day_before():
    times = pd.Series(pd.to_datetime(["2026-02-28 16:00", "2026-02-28 17:00"], utc=True))  # 00:00 and 01:00 in Beijing
    assert beijing_day(times).astype(str).tolist() == ["2026-02-28", "2026-03-01"]
    assert str(beijing_day(times[0])) == "2026-02-28"
    table = pd.DataFrame({name: [1.0, 1.0] for name in ITEMS} | {"pm25": [75.0, 75.0], "time": times})
    assert hourly_aqi(table)["aqi"].tolist() == [100, 114]
    assert hourly_aqi(table.assign(time=times.dt.tz_convert("Asia/Shanghai")))["aqi"].tolist() == [100, 114]


def test_edition_on_takes_dates_in_any_form():
    assert [edition_on(day) for day in ("2026-02-28", date(2026, 3, 1), pd.Timestamp("2031-01-01"))] == [
        "2012",
        "2026",
        "2026",
    ]
    assert edition_on([date(2026, 2, 28), date(2026, 3, 1)]).tolist() == ["2012", "2026"]
    assert edition_on(pd.date_range("2026-02-28", periods=2)).tolist() == ["2012", "2026"]


def test_the_literal_text_of_2012_is_a_method():
    hour = pd.DataFrame(
        {"pm25": [300.0], "pm10": [30.0], "so2": [5.0], "no2": [30.0], "co": [0.8], "o3": [100.0]}
        | {"o3_8h": [160.0], "pm10_24h": [50.0], "pm25_24h": [80.0]}
    )
    text, practice = hourly_aqi(hour, "2012", method="text").iloc[0], hourly_aqi(hour, "2012").iloc[0]
    assert (text["aqi"], text["primary"]) == (107, "PM2.5")
    assert "iaqi_pm25" not in text
    assert practice["aqi"] == 350
    day = pd.DataFrame({"pm25": [30.0], "o3_8h": [100.0], "o3_1h": [300.0]})
    text = daily_aqi(day, "2012", method="text").iloc[0]
    assert (text["aqi"], text["primary"], text["iaqi_o3_8h"], text["iaqi_o3_1h"]) == (150, "O3", 50, 150)
    assert daily_aqi(day, "2012")["aqi"].tolist() == [50]


def test_the_text_of_2012_touches_no_row_of_2026():
    times = pd.to_datetime(["2026-02-28 16:00", "2026-02-28 17:00"], utc=True)
    table = pd.DataFrame({name: [1.0, 1.0] for name in ITEMS} | {"time": times, "pm25_24h": [75.0, 75.0]})
    result = hourly_aqi(table, method="text")
    assert result["aqi"].tolist() == [100, 10]
    np.testing.assert_equal(result["iaqi_pm25"].to_numpy(), [NAN, 2])
    np.testing.assert_equal(result["iaqi_pm25_24h"].to_numpy(), [100, NAN])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: hourly_aqi(t), "date of each row"),
        (lambda t: hourly_aqi(t, "1996"), "1996"),
        (lambda t: hourly_aqi(t, ["1996"]), "editions must be"),
        (lambda t: hourly_aqi(t, "2012", method="guess"), "guess"),
        (lambda t: hourly_aqi(t, "2012", missing="guess"), "guess"),
        (lambda t: daily_aqi(t[[]], "2012"), "no column"),
        (lambda t: daily_aqi(t, "2026", plan=["pm1"]), "pm1"),
        (lambda t: daily_aqi(t.assign(day=pd.to_datetime(["2026-01-01"], utc=True))), "carry a zone"),
        (lambda t: edition_on(pd.Timestamp("2026-01-01", tz="UTC")), "carry a zone"),
        (lambda t: hourly_aqi(t.assign(time=pd.to_datetime(["2026-01-01"]))), "no zone"),
    ],
)
def test_what_is_wrong_with_the_input_is_said(call, words):
    with pytest.raises(InputError, match=words):
        call(pd.DataFrame({"pm25": [1.0]}))
