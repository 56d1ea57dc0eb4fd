"""A panel holds what was measured, on equal steps, and nothing later than it was asked for."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.research.forecast import panel
from shuzhi.status import air
from shuzhi.store import Scope, open_home

EVERYTHING = Scope.all()


@pytest.fixture(scope="module")
def as_of(small_city):
    return air.latest_hour(small_city, EVERYTHING) - pd.Timedelta(days=2)


@pytest.fixture(scope="module")
def daily(small_city, as_of):
    return panel.daily(small_city, EVERYTHING, as_of)


def of(found, level, place):
    column = ((found.places["level"] == level) & (found.places["place"] == place)).argmax()
    return found.values[:, column]


def test_a_stations_days_are_those_of_the_pages(small_city, daily):
    code = daily.places.loc[daily.columns("station")[0], "place"]
    shown = air.daily(small_city, EVERYTHING, daily.times[0].date(), daily.times[-1].date(), [code])
    assert of(daily, "station", code) == pytest.approx(shown[list(daily.items)].to_numpy(), nan_ok=True, rel=1e-6)


def test_the_citys_and_a_districts_days_are_those_of_the_pages(small_city, daily):
    stations = air.stations(small_city, EVERYTHING)
    span = daily.times[0].date(), daily.times[-1].date()
    city = air.city_daily(small_city, EVERYTHING, *span)
    assert of(daily, "city", small_city.city) == pytest.approx(
        city[list(daily.items)].to_numpy(), nan_ok=True, rel=1e-6
    )
    name = stations["district"].value_counts().index[0]
    codes = stations.loc[stations["district"] == name, "code"].tolist()
    district = air.city_daily(small_city, EVERYTHING, *span, stations=codes)
    assert of(daily, "district", name) == pytest.approx(district[list(daily.items)].to_numpy(), nan_ok=True, rel=1e-6)
    assert daily.aqi[:, -1] == pytest.approx(city["aqi"].to_numpy(), nan_ok=True)


def test_the_citys_hours_are_those_of_the_pages(small_city, as_of):
    hourly = panel.hourly(small_city, EVERYTHING, as_of, 3)
    shown = air.city_hourly(small_city, EVERYTHING, as_of - pd.Timedelta(days=3), as_of)
    assert hourly.times[-1] == as_of
    assert of(hourly, "city", small_city.city) == pytest.approx(
        shown[list(hourly.items)].to_numpy(), nan_ok=True, rel=1e-6
    )
    assert hourly.aqi[:, -1] == pytest.approx(shown["aqi"].to_numpy(), nan_ok=True)


@pytest.mark.parametrize(
    ("as_of", "last"),
    [("2026-11-25T23:59+08:00", 24), ("2026-11-26T00:00+08:00", 25), ("2026-11-26T08:00+08:00", 25)],
)
def test_a_day_is_known_when_it_is_over(as_of, last):
    assert panel.last_day(pd.Timestamp(as_of)) == dt.date(2026, 11, last)


def test_it_ends_with_the_last_whole_day(daily, as_of):
    assert daily.times[-1].date() == panel.last_day(as_of)
    assert (daily.times[1:] - daily.times[:-1] == pd.Timedelta(days=1)).all()
    end = daily.targets(np.array([1]))[0].tz_convert("Asia/Shanghai")
    assert end == daily.times[-1].tz_localize("Asia/Shanghai") + pd.Timedelta(days=2)


def test_a_home_without_readings_says_so(tmp_path):
    with pytest.raises(InputError, match="no air reading"):
        panel.daily(open_home(tmp_path), EVERYTHING, pd.Timestamp("2026-11-25T08:00+08:00"))
