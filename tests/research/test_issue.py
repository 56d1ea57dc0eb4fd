"""An issue tells every place all that it should, from nothing that was known only later."""

import datetime as dt
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from shuzhi.errors import InputError, ScopeError
from shuzhi.research.forecast import issue, issues, panel
from shuzhi.standards.aqi import daily_aqi
from shuzhi.status import air
from shuzhi.store import Scope, derived, open_home

EVERYTHING = Scope.all()


@pytest.fixture(scope="module")
def home(small_city, tmp_path_factory):
    return copied(small_city, tmp_path_factory.mktemp("issue") / "home")


def copied(home, folder):
    shutil.copytree(home.path, folder)
    return open_home(folder)


@pytest.fixture(scope="module")
def made(home):
    return issue.make(home, EVERYTHING, air.latest_hour(home, EVERYTHING))


def read(home, made, **asked):
    return issues.read(home, EVERYTHING, made, **asked)


def test_every_place_has_each_day_and_each_hour(home, made):
    units = panel.daily(home, EVERYTHING, made.as_of).places.groupby("level").size()
    days = read(home, made, items=["aqi"])
    assert days.groupby("level")["place"].nunique().to_dict() == units.to_dict()
    assert read(home, made, kind="water", items=["class"])["place"].nunique() > 0
    assert set(days.groupby("place")["lead"].apply(tuple)) == {tuple(range(1, 8))}
    hours = read(home, made, grain="hour", items=["pm25"], levels=["city"])
    assert hours["lead"].tolist() == list(range(1, 73))
    assert hours["time"].iloc[0] - made.as_of.floor("h") == pd.Timedelta(hours=1)


def test_day_one_is_the_day_that_has_begun(home, made):
    first = read(home, made, items=["aqi"], levels=["city"])["time"].iloc[0]
    begun = made.as_of.tz_convert("Asia/Shanghai").normalize()
    assert first.tz_convert("Asia/Shanghai") == begun + pd.Timedelta(days=1)


def test_the_aqi_is_that_of_the_told_pollutants(home, made):
    told = read(home, made, levels=["city"])
    wide = told.pivot(index="lead", columns="item", values="value")
    rated = daily_aqi(wide.assign(day=dt.date(2026, 6, 1)))
    assert rated["aqi"].tolist() == wide["aqi"].tolist()
    assert rated["primary"].tolist() == told.loc[told["item"] == "aqi", "primary"].tolist()


def test_bands_hold_each_other_and_chances_sum_to_one(home, made):
    told = read(home, made, items=["aqi"])
    ordered = told[["lower90", "lower50", "upper50", "upper90"]].to_numpy()
    assert np.isfinite(ordered).all()
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert np.allclose(told[[f"p{k}" for k in range(1, 7)]].sum(axis=1), 1, atol=1e-4)


def test_of_the_models_the_city_tells_all(home, made):
    assert {"persistence", "climatology", "damped", "ensemble"} <= set(read(home, made, models=None)["model"])
    stations = read(home, made, grain="hour", levels=["station"], models=None)
    assert set(stations["model"]) == {"ensemble"}


def test_an_issue_is_made_once(home, made):
    with pytest.raises(InputError, match="exists"):
        issue.make(home, EVERYTHING, made.as_of)


def test_what_came_later_changes_nothing(home, made, tmp_path):
    as_of = made.as_of - pd.Timedelta(days=4, hours=6)
    told = told_at(home, as_of)
    again = told_at(poisoned(home, as_of, tmp_path / "home"), as_of)
    assert len(told)
    pd.testing.assert_frame_equal(told, again)


def told_at(home, as_of):
    fitted = issue.ready(home, EVERYTHING, as_of)
    assert fitted.trained_until <= as_of
    return issue.forecasts(home, EVERYTHING, as_of, fitted)[0]


def poisoned(home, as_of, folder):
    """The home with absurd readings in the place of those after ``as_of``."""
    copy = copied(home, folder)
    table = copy.lake.table("observation").to_pyarrow_table()
    later = pc.greater(table["time"], pa.scalar(as_of.to_pydatetime()))
    value = pc.if_else(later, 777.0, table["value"])
    copy.lake.replace("observation", table.set_column(table.column_names.index("value"), "value", value))
    copy.lake.replace("weather_forecast", raised(copy.lake.table("weather_forecast").to_pyarrow_table(), as_of))
    derived.rebuild(copy)
    return copy


def raised(table, as_of):
    """The issues of the weather that were made later, with absurd numbers."""
    later = pc.greater(table["issued_at"], pa.scalar(as_of.to_pydatetime()))
    value = pc.if_else(later, 777.0, table["value"])
    return table.set_column(table.column_names.index("value"), "value", value)


def test_stale_readings_are_refused(home, made):
    with pytest.raises(InputError, match="three days"):
        issue.make(home, EVERYTHING, made.as_of + pd.Timedelta(days=9))


def test_who_may_only_see_makes_none(home):
    with pytest.raises(ScopeError):
        issue.make(home, Scope.seeing("air", "forecasts"))
