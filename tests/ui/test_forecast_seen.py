"""What was measured around an issue is that of `status.air`, for each kind of place."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from shuzhi.errors import ScopeError
from shuzhi.status import air
from shuzhi.store import Scope
from shuzhi.ui import forecast_seen as past
from shuzhi.ui.state import Context
from tests.visitors import EVERYBODY

EVERYTHING = Scope.all()
FIRST = dt.date(2019, 8, 26)
SPAN = FIRST - dt.timedelta(days=past.SEEN_DAYS), FIRST + dt.timedelta(days=past.DAYS - 1)
BEGIN = pd.Timestamp("2019-08-26T08", tz="Asia/Shanghai")


@pytest.fixture
def ctx(two_days) -> Context:
    return Context(two_days, EVERYBODY, two_days.version, "zh", False, None, "auto", False)


@pytest.fixture
def unit(two_days) -> tuple[str, list[str]]:
    """A district and its stations."""
    register = air.stations(two_days, EVERYTHING, two_days.city)
    return next((name, rows["code"].tolist()) for name, rows in register.groupby("district"))


def same(found: pd.DataFrame, expected: pd.DataFrame) -> bool:
    columns = [name for name in expected if name != "edition"]
    pd.testing.assert_frame_equal(found[columns].reset_index(drop=True), expected[columns].reset_index(drop=True))
    return len(expected) > 0


def test_days_of_a_station(ctx):
    expected = air.daily(ctx.home, EVERYTHING, *SPAN, stations=["1434A"])
    found = past.days(ctx.open_key, FIRST, "station", "1434A", "auto", ctx)
    assert same(found, expected[expected["valid"]])
    assert found["end"].tolist() == [pd.Timestamp(f"{day}T16", tz="UTC") for day in found["day"]]


def test_days_of_a_district_and_of_the_city(ctx, unit):
    name, codes = unit
    district = air.city_daily(ctx.home, EVERYTHING, *SPAN, stations=codes)
    city = air.city_daily(ctx.home, EVERYTHING, *SPAN)
    assert same(past.days(ctx.open_key, FIRST, "district", name, "auto", ctx), district[district["valid"]])
    assert same(past.days(ctx.open_key, FIRST, "city", ctx.home.city, "auto", ctx), city[city["valid"]])


def test_hours_of_a_station_and_of_the_city(ctx):
    span = BEGIN - pd.Timedelta(hours=past.SEEN_HOURS), BEGIN + pd.Timedelta(hours=past.HOURS)
    station = air.hourly(ctx.home, EVERYTHING, *span, stations=["1434A"])
    city = air.city_hourly(ctx.home, EVERYTHING, *span)
    assert same(past.hours(ctx.open_key, BEGIN, "station", "1434A", "auto", ctx), station)
    assert same(past.hours(ctx.open_key, BEGIN, "city", ctx.home.city, "auto", ctx), city)


def test_what_was_read_for_others_is_for_those_who_may_see_the_air(ctx):
    past.days(ctx.open_key, FIRST, "station", "1434A", "auto", ctx)
    past.hours(ctx.open_key, BEGIN, "station", "1434A", "auto", ctx)
    other = replace(ctx, person=replace(EVERYBODY, scope=Scope.seeing("forecasts")))
    with pytest.raises(ScopeError):
        past.days(other.open_key, FIRST, "station", "1434A", "auto", other)
    with pytest.raises(ScopeError):
        past.hours(other.open_key, BEGIN, "station", "1434A", "auto", other)


def test_a_place_without_a_station_has_no_past(ctx):
    assert past.days(ctx.open_key, FIRST, "station", "nowhere", "auto", ctx).empty
    assert past.days(ctx.open_key, FIRST, "district", "nowhere", "auto", ctx).empty
