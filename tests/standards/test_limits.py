from datetime import date

import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.standards import tables
from shuzhi.standards.factors import ITEMS, SYMBOLS, factors
from shuzhi.standards.limits import limit, limits

DAYS = ("2019-08-26", "2026-03-01", "2031-01-01")

GRADE_2 = [
    ("so2", "annual", 60, 60, 20),
    ("so2", "24h", 150, 150, 50),
    ("so2", "1h", 500, 500, 150),
    ("no2", "annual", 40, 40, 30),
    ("no2", "24h", 80, 80, 50),
    ("no2", "1h", 200, 200, 200),
    ("co", "24h", 4, 4, 4),
    ("co", "1h", 10, 10, 10),
    ("o3", "8h", 160, 160, 160),
    ("o3", "1h", 200, 200, 200),
    ("pm10", "annual", 70, 60, 50),
    ("pm10", "24h", 150, 120, 100),
    ("pm25", "annual", 35, 30, 25),
    ("pm25", "24h", 75, 60, 50),
]
GRADE_1 = [
    ("so2", "annual", 20, 20, 20),
    ("so2", "24h", 50, 50, 50),
    ("so2", "1h", 150, 150, 150),
    ("no2", "annual", 40, 40, 30),
    ("no2", "24h", 80, 80, 50),
    ("no2", "1h", 200, 200, 200),
    ("co", "24h", 4, 4, 4),
    ("co", "1h", 10, 10, 10),
    ("o3", "8h", 100, 100, 100),
    ("o3", "1h", 160, 160, 160),
    ("pm10", "annual", 40, 40, 20),
    ("pm10", "24h", 50, 50, 50),
    ("pm25", "annual", 15, 15, 10),
    ("pm25", "24h", 35, 35, 25),
]


@pytest.mark.parametrize(("grade", "rows"), [(1, GRADE_1), (2, GRADE_2)])
def test_limits_of_2012_of_the_transition_and_final(grade, rows):
    for item, period, *expected in rows:
        assert [limit(item, period, day, grade) for day in DAYS] == expected, (item, period)


def test_no_limit_is_none():
    assert limit("pm25", "1h", "2019-01-01") is None
    assert limit("pm10", "1h", "2031-01-01") is None
    assert limit("co", "annual", "2019-01-01") is None


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ("2014-01-01", "original"),
        ("2018-08-31", "original"),
        ("2018-09-01", "amended"),
        ("2026-02-28", "amended"),
        ("2026-03-01", "transition"),
        ("2030-12-31", "transition"),
        ("2031-01-01", "final"),
        ("2040-01-01", "final"),
    ],
)
def test_one_stage_holds_on_each_day(day, stage):
    table = limits(day)
    assert set(table["stage"]) == {stage}
    assert not table.duplicated(["item", "period", "grade"]).any()
    assert set(ITEMS) <= set(table["item"])


def test_gases_refer_to_another_state_since_the_amendment():
    def state(day, item):
        return limits(day, grade=2).set_index(["item", "period"]).at[(item, "24h"), "state"]

    assert state("2018-08-31", "no2").startswith("standard state 273 K")
    assert state("2018-09-01", "no2").startswith("298.15 K")
    assert state("2018-09-01", "pm25").startswith("actual ambient")


def test_days_in_any_form_and_ozone_of_eight_hours_by_its_column():
    assert limit("pm25", "24h", date(2026, 3, 1)) == limit("pm25", "24h", pd.Timestamp("2026-03-01 12:00")) == 60
    assert limit("o3_8h", "24h", "2019-01-01") == limit("o3_8h", "8h", "2019-01-01") == 160


@pytest.mark.parametrize(("item", "period", "grade"), [("pm1", "24h", 2), ("so2", "2h", 2), ("so2", "24h", 3)])
def test_an_unknown_item_period_or_grade_is_named(item, period, grade):
    with pytest.raises(InputError, match="known are"):
        limit(item, period, "2019-01-01", grade)


@pytest.mark.parametrize("name", [path.stem for path in sorted(tables.FOLDER.glob("*.csv"))])
def test_every_table_has_editions_days_and_sources(name):
    table = tables.read(name)
    assert table["source"].notna().mean() > 0.5
    begun, ended = table["effective_from"], table["effective_to"]
    assert (begun.isna() | ended.isna() | (begun <= ended)).all()


def test_factors_cover_the_items_and_the_weather():
    table = factors()
    assert table.loc[list(ITEMS), "symbol_rich"].tolist() == ["PM₂.₅", "PM₁₀", "SO₂", "NO₂", "CO", "O₃"]
    assert table.loc[list(ITEMS), "decimals"].tolist() == [0, 0, 0, 0, 1, 0]
    assert list(SYMBOLS.values()) == ["PM2.5", "PM10", "SO2", "NO2", "CO", "O3"]
    assert table.at["pm25", "hj212_code"] == "a34004"
    assert len(factors("weather")) == 14
