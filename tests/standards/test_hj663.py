import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuzhi.errors import InputError
from shuzhi.standards.statistics import (
    annual_evaluation,
    city_mean,
    composite_index,
    day_mean,
    minimum,
    month_days,
    month_valid,
    o3_8h,
    o3_day_max,
    percentile,
    period_statistics,
    year_valid,
)

NAN = np.nan
day_of_hours = hnp.arrays(float, (3, 24), elements=st.one_of(st.just(NAN), st.integers(0, 400).map(float)))


def hours(*known, value=100.0):
    """A day with readings at the given hours (1…24) only."""
    day = np.full(24, NAN)
    day[np.array(known) - 1] = value
    return day


def test_a_day_needs_20_hours():
    mean, n = day_mean(np.stack([hours(*range(1, 21)), hours(*range(1, 20)), np.full(24, NAN)]))
    np.testing.assert_array_equal(mean, [100, NAN, NAN])
    assert n.tolist() == [20, 19, 0]


@given(day_of_hours)
def test_day_means_over_leading_axes_agree_with_plain_sums(days):
    mean, n = day_mean(days[None])
    for day, got, count in zip(days, mean[0], n[0], strict=True):
        known = [x for x in day if not np.isnan(x)]
        assert count == len(known)
        np.testing.assert_equal(got, sum(known) / len(known) if len(known) >= 20 else NAN)


@given(day_of_hours)
def test_ozone_windows_agree_with_plain_means(days):
    windows = o3_8h(days)
    assert windows.shape == (3, 17)
    for day, row in zip(days, windows, strict=True):
        for end, got in zip(range(8, 25), row, strict=True):
            known = [x for x in day[end - 8 : end] if not np.isnan(x)]
            np.testing.assert_equal(got, sum(known) / len(known) if len(known) >= 6 else NAN)


@given(day_of_hours)
def test_the_ozone_maximum_is_the_largest_window_of_a_valid_day(days):
    windows = o3_8h(days)
    value, n, valid = o3_day_max(windows)
    for row, got, count, ok in zip(windows, value, n, valid, strict=True):
        known = row[~np.isnan(row)]
        assert count == len(known)
        assert ok == (len(known) >= 14 or (len(known) > 0 and round(known.max()) > 160))
        np.testing.assert_equal(got, known.max() if ok else NAN)


def test_an_ozone_day_needs_14_windows_unless_it_exceeds_the_limit():
    windows = np.full((4, 17), NAN)
    windows[0, :14], windows[1, :13], windows[2, :1], windows[3, :1] = 90, 90, 161, 160.4
    value, n, valid = o3_day_max(windows)
    assert valid.tolist() == [True, False, True, False]
    assert n.tolist() == [14, 13, 1, 1]
    np.testing.assert_array_equal(value, [90, NAN, 161, NAN])


def test_ozone_windows_stay_within_the_day():
    assert np.isnan(o3_8h(hours(1, 2, 3, 4, 5))).all()
    ends = np.flatnonzero(~np.isnan(o3_8h(hours(1, 2, 3, 4, 5, 6)))) + 8
    assert ends.tolist() == [8]


def test_months_and_years():
    assert month_valid(np.array([27, 26, 25, 24]), np.array([1, 1, 2, 2])).tolist() == [True, False, True, False]
    full = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    few = np.full(12, 27)
    short = full - np.array([0, 4] + [0] * 10)
    assert year_valid(np.stack([full, few, short])).tolist() == [True, True, False]
    assert not year_valid(few - np.array([0, 1] + [0] * 10))  # 323 days


@given(
    hnp.arrays(float, (4, 30), elements=st.one_of(st.just(NAN), st.integers(0, 300).map(float))), st.integers(0, 100)
)
def test_percentiles_are_those_of_the_annex(values, p):
    got = percentile(values, p)
    for row, one in zip(values, got, strict=True):
        known = np.sort(row[~np.isnan(row)])
        np.testing.assert_allclose(one, np.quantile(known, p / 100) if known.size else NAN, rtol=1e-12)


def test_percentile_of_a_tie_is_exact_and_axes_can_be_chosen():
    values = np.arange(1.0, 12.0)  # k = 1 + 10·0.9 = 10
    assert percentile(values, 90) == 10
    np.testing.assert_array_equal(percentile(np.stack([values, values], axis=1), 90, axis=0), [10, 10])
    assert np.isnan(percentile(np.array([]), 90))


def test_a_city_value_is_the_mean_of_rounded_site_values_rounded():
    mean, n = city_mean([[10.5, 11.5, 11.4, 12.0], [1, 1, 1, NAN], [1, 1, NAN, NAN]])
    np.testing.assert_array_equal(mean, [11, 1, NAN])  # 10, 12, 11, 12 → 11.25
    assert n.tolist() == [4, 3, 2]
    assert city_mean([0.14, 0.16, 0.24, 0.26], decimals=1)[0] == 0.2


def test_a_city_of_few_sites_needs_half_of_them_and_both_shares_can_be_set():
    np.testing.assert_array_equal(city_mean([[5, 5, NAN], [5, NAN, NAN]])[0], [5, NAN])
    seven = [5, 5, 5, 5, 5, NAN, NAN]
    assert np.isnan(city_mean(seven)[0])
    assert city_mean(seven, share=0.5)[0] == 5
    assert city_mean(seven, sites=6)[0] == 5
    assert city_mean([5] + [NAN] * 6, share=0)[0] == 5
    assert np.isnan(city_mean([NAN] * 7, share=0)[0])


def year_of_days(year=2019, **values):
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    base = {"pm25": 30.0, "pm10": 50.0, "so2": 6.0, "no2": 40.0, "co": 0.8, "o3_8h": 90.0} | values
    return pd.DataFrame({"day": days} | base)


def test_what_a_period_comes_to():
    daily = year_of_days(aqi=60.0).iloc[:101]
    daily["co"] = np.arange(101) / 100
    daily["o3_8h"] = np.arange(101.0)
    daily.loc[0, "pm25"] = NAN
    daily.loc[:9, "aqi"] = 101
    daily.loc[10, "aqi"] = NAN
    found = period_statistics(daily).iloc[0]
    assert (found["pm25"], found["co"], found["o3_8h"]) == pytest.approx((30, 0.95, 90))
    assert found[["days_pm25", "days_o3_8h", "days", "aqi_days", "good_days"]].tolist() == [100, 101, 100, 100, 90]
    assert period_statistics(daily, rounded=True).at[0, "co"] == 1.0  # 0.95, half even


def test_periods_by_group_and_of_no_day():
    daily = year_of_days()
    months = period_statistics(daily, by=daily["day"].dt.month.rename("month"))
    assert months["days"].tolist() == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert months.index.name == "month"
    nothing = period_statistics(daily.iloc[:0]).iloc[0]
    assert nothing["days"] == 0
    assert np.isnan(nothing["pm25"])
    with pytest.raises(InputError, match="no column"):
        period_statistics(daily[["day"]])


def test_composite_index_sums_concentration_over_limit():
    row = pd.DataFrame({"pm25": [35.0], "pm10": [70.0], "so2": [60.0], "no2": [20.0], "co": [4.0], "o3_8h": [160.0]})
    found = composite_index(row, "2019-12-31").iloc[0]
    assert (found["composite"], found["index_no2"], found["main"]) == (5.5, 0.5, "PM2.5;PM10;SO2;CO;O3")
    assert composite_index(row, "2026-12-31").at[0, "composite"] == 5.83  # 35/30 + 70/60 + 3.5
    assert composite_index(row, "2019-12-31", weights={"pm25": 3}).at[0, "composite"] == 7.5
    assert composite_index(row, "2026-12-31", weights="variant").at[0, "composite"] == 9.67
    gap = composite_index(row.assign(co=NAN), "2019-12-31").iloc[0]
    assert np.isnan(gap["composite"])
    assert gap["main"] == ""
    with pytest.raises(InputError, match="o3_8h"):
        composite_index(row.drop(columns="o3_8h"), "2019-12-31")


def test_an_item_meets_the_year_by_its_mean_and_its_percentile_both():
    daily = year_of_days(pm25=35.4, no2=40.6)
    daily.loc[:40, "pm10"] = 160.0
    found = annual_evaluation(daily).loc[2019]
    assert found.at["pm25", "meets"]  # 35.4 is reported as 35
    assert not found.at["no2", "meets"]  # 41
    assert found.at["pm10", "mean"] == 62
    assert not found.at["pm10", "meets"]  # the 95th percentile is 160
    assert found.at["co", "mean"] is None or np.isnan(found.at["co", "mean"])
    assert found["valid"].all()
    assert not annual_evaluation(daily.iloc[:300]).loc[2019, "valid"].any()


def test_days_by_month_hold_every_month():
    counts = month_days(year_of_days().iloc[:40])
    assert counts["pm25"].tolist() == [31, 9] + [0] * 10


def test_rules_read_from_the_table_are_the_same_in_both_editions():
    names = ("day_hours", "o3_8h_hours", "o3_day_windows", "month_days", "february_days", "year_days")
    assert [minimum(name) for name in names] == [20, 6, 14, 27, 25, 324]
    assert [minimum(name, "2026") for name in names] == [minimum(name) for name in names]
    with pytest.raises(InputError, match="no validity rule"):
        minimum("guess")
