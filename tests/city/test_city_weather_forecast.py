"""Weather forecasts of the simulated city: true in the long run, worse from day to day, the same whenever made."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi.city import build as building
from shuzhi.city import weather, weather_forecast
from shuzhi.city.plan import Plan
from shuzhi.ingest.numbers import bounds
from shuzhi.research import weather as reading
from shuzhi.settings import BEIJING
from shuzhi.store import Scope, open_home, quarantine
from shuzhi.store.engine import connect, relation

SEED = 7
ALL = Scope.all()


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    """The morning issues of a year."""
    months = [pd.date_range(f"2025-{month:02d}-01 08:00", periods=28) for month in range(1, 13)]
    parts = [weather_forecast.forecasts(SEED, made) for made in months]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(lead=(table["time"] - table["issue"]) / pd.Timedelta(hours=1))


@pytest.fixture(scope="module")
def errors(year) -> pd.DataFrame:
    """Forecast less truth of the whole city's mean, by lead day."""
    truth = weather.city_weather(SEED, dt.date(2025, 1, 1), dt.date(2026, 1, 10))
    truth = pd.DataFrame(truth.values, index=truth.times).rolling(3)
    means, sums = truth.mean(), truth.sum()
    city = year.groupby(["issue", "time", "lead"]).mean(numeric_only=True).reset_index()
    found = pd.DataFrame({"day": np.ceil(city["lead"] / 24).astype(int)})
    for factor in ("temperature", "humidity", "radiation", "wind_speed", "mixing_height", "pressure"):
        found[factor] = city[factor] - means[factor].reindex(city["time"]).to_numpy()
    found["precipitation"] = city["precipitation"] - sums["precipitation"].reindex(city["time"]).to_numpy()
    return found


def test_the_error_grows_with_the_lead(errors):
    spread = errors.groupby("day").std()
    for factor in ("temperature", "humidity", "wind_speed", "mixing_height", "pressure"):
        assert spread[factor].is_monotonic_increasing, factor
    assert (spread.loc[7] > 1.6 * spread.loc[1]).all()
    # 12 % of the variance after a day; a week of it is a walk of 84 %. A part of the error is each station's own.
    after = spread["pressure"] / 2.4
    assert after[1] == pytest.approx(np.sqrt(0.12 * 0.56 * 0.87), rel=0.15)
    assert after[7] == pytest.approx(np.sqrt(0.12 * 6.56 * 0.87), rel=0.15)


def test_it_is_true_in_the_long_run(errors):
    bias = errors.groupby("day").mean()
    assert bias["temperature"].abs().max() < 0.35
    assert bias["precipitation"].abs().max() < 0.15  # mm in three hours; 0.4 fall
    assert bias["pressure"].sub(bias["pressure"].mean()).abs().max() < 0.35
    assert bias["radiation"].abs().max() < 12


def test_the_error_walks(year):
    """Errors of neighbouring steps are alike, those of two issues are not, those of two stations are."""
    errors = weather_forecast.errors(SEED, pd.date_range("2025-03-01 08:00", periods=31))["temperature"]
    late = errors[:, 27:, :]
    assert np.corrcoef(late[:, 0].ravel(), late[:, 1].ravel())[0, 1] > 0.95
    assert np.corrcoef(late[:, 0, 0], late[:, 0, 5])[0, 1] > 0.7
    assert abs(np.corrcoef(late[:-1, 0, 0], late[1:, 0, 0])[0, 1]) < 0.5


def test_nothing_impossible(year):
    for factor in weather.FACTORS:
        low, high = bounds(factor, "3h")[:2]
        assert year[factor].between(low, high).all(), factor
    night = weather.sun(pd.DatetimeIndex(year["time"].unique()))
    dark = set(pd.DatetimeIndex(year["time"].unique())[night == 0])
    midnight = year[year["time"].dt.hour.isin([2, 23])]
    assert set(midnight["time"]) <= dark
    assert (midnight["radiation"] == 0).all()
    assert (year.loc[year["time"].dt.hour == 14, "radiation"] > 0).all()
    assert (year["precipitation"] == 0).mean() > 0.6
    assert year.notna().all().all()


def test_hits_misses_and_false_alarms_of_rain(year):
    truth = weather.city_weather(SEED, dt.date(2025, 1, 1), dt.date(2026, 1, 10))
    rain = pd.Series(truth["precipitation"], index=truth.times).rolling(3).sum()
    told = (year["precipitation"] > 0.1).to_numpy()
    came = (rain.reindex(year["time"]) > 0.1).to_numpy()
    day = np.ceil(year["lead"] / 24).to_numpy()
    found = {n: (told & came)[day == n].sum() / (told | came)[day == n].sum() for n in (1, 7)}
    assert found[1] > 0.7
    assert found[1] > found[7] + 0.2  # threat score
    assert found[7] > 0.15


def test_clouds_bring_cool_days_and_rain():
    errors = weather_forecast.errors(SEED, pd.date_range("2025-03-01 08:00", periods=31))
    last = {name: values[:, -1, 0] for name, values in errors.items()}
    assert np.corrcoef(last["clearness"], last["temperature"])[0, 1] > 0.3
    assert np.corrcoef(last["clearness"], last["wetness"])[0, 1] < -0.4


def test_an_issue_does_not_depend_on_what_else_is_made():
    whole = weather_forecast.forecasts(SEED, pd.date_range("2025-03-01 08:00", periods=31))
    alone = weather_forecast.forecasts(SEED, pd.DatetimeIndex(["2025-03-17 08:00"]))
    of_whole = whole[whole["issue"] == "2025-03-17 08:00"].reset_index(drop=True)
    assert alone.equals(of_whole)
    other = weather_forecast.forecasts(SEED + 1, pd.DatetimeIndex(["2025-03-17 08:00"]))
    assert not other["temperature"].equals(alone["temperature"])


def test_when_issues_are_made():
    def made(since, until):
        return [f"{moment:%m%d%H}" for moment in weather_forecast.issues(at(since), at(until))]

    assert made("2026-01-01 08:00", "2026-01-02 20:00") == ["010120", "010208", "010220"]
    assert made("2026-01-01 08:00", "2026-01-01 19:00") == []
    assert made("2026-01-01 07:00", "2026-01-01 08:00") == ["010108"]
    long = made("2025-11-01 00:00", "2026-01-01 00:00")
    assert len([issue for issue in long if issue.endswith("08")]) == 61
    assert len([issue for issue in long if issue.endswith("20")]) == 30


# --- through the door

PLAN = Plan(seed=5, first=dt.date(2026, 1, 26), stations=6, water=6, sources=300, machines=40)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def rows(home) -> pd.DataFrame:
    table = connect().execute(relation("weather_forecast", home.lake.files("weather_forecast"))).to_arrow_table()
    table = table.to_pandas().drop(columns=["source", "received_at"])
    return table.sort_values(["issued_at", "station", "time", "factor"], ignore_index=True)


@pytest.fixture
def only_weather(monkeypatch):
    """A city of weather and its forecasts alone, which is made in a moment."""
    monkeypatch.setattr(building, "STEPS", ("weather", "weather_forecast"))


def test_extended_equals_built_at_once(tmp_path, only_weather):
    whole, grown = (open_home(tmp_path / name) for name in ("whole", "grown"))
    building.build(whole, until=at("2026-02-03 21:10"), plan=PLAN)
    building.build(grown, until=at("2026-01-31 07:59"), plan=PLAN)
    for until in ("2026-01-31 08:00", "2026-01-31 19:00", "2026-02-01 20:30", "2026-02-03 21:10"):
        building.extend(grown, at(until))
    assert rows(grown).equals(rows(whole))
    assert len(rows(whole)) == (9 + 9) * 8 * 64 * 8
    assert quarantine.rows(whole).empty
    before = whole.version
    building.extend(whole, at("2026-02-03 22:10"))
    files = list((whole.path / "city" / "weather_forecast").glob("*.csv"))
    assert len(files) == 2  # a file a month that has issues
    assert whole.version > before  # the weather went on


def test_the_city_has_its_product(small_city):
    """It reaches over the seventh day and is held against what came."""
    now = pd.Timestamp.now(BEIJING)
    issue = reading.products(small_city, ALL, now)["newest"].iloc[0]
    assert now - issue < pd.Timedelta(hours=14)
    path = reading.path(small_city, ALL, issue)
    assert path["time"].max() == issue + pd.Timedelta(days=8)
    assert path["station"].nunique() == 8
    assert set(weather.FACTORS) <= set(path)
    assert reading.products(small_city, ALL)["product"].tolist() == [weather_forecast.PRODUCT]
    days = reading.day_values(path)
    assert days.groupby("station")["temperature"].count().min() >= 7
    first = now.date() - dt.timedelta(days=18)
    errors = reading.errors(small_city, ALL, first, now.date()).set_index(["factor", "lead"])
    rmse = errors.loc["temperature", "rmse"]
    assert rmse[1] < 1.3
    assert rmse[7] > 1.5 * rmse[1]
    assert quarantine.rows(small_city).empty
