"""The backtest: nothing after an origin is used, its numbers are the ones asked for, bad input is told."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.research.forecast import backtest, city_series, daily

ROOT = Path(__file__).resolve().parents[2]
DAYS = pd.date_range("2017-01-01", "2019-03-31")
START, END, ORIGIN = pd.Timestamp("2019-01-01"), pd.Timestamp("2019-02-20"), pd.Timestamp("2019-02-10")
COLUMNS = ["avgtemp", "avgrh", "avgws", "daylight", "precipitation"]


@pytest.fixture(scope="module", autouse=True)
def light(request):
    """Fewer trees and a shorter hindcast: what is tested here is what they may look at."""
    table = daily.settings()
    kept = {name: dict(values) for name, values in table["members"].items()}, table["warm_up_days"]
    for name in ("boosted", "boosted_median"):
        table["members"][name]["n_estimators"] = 20
    table["warm_up_days"] = 120
    yield
    table["members"], table["warm_up_days"] = kept


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A made-up city: calm days fill the air, wet ones wash it."""
    rng = np.random.default_rng(11)
    n, angle = len(DAYS), 2 * np.pi * DAYS.day_of_year / 365.25
    weather = {"avgtemp": 16 - 10 * np.cos(angle) + 2 * rng.normal(size=n), "avgrh": rng.uniform(50, 95, n)}
    weather |= {"avgws": rng.gamma(4, 0.35, n), "daylight": rng.uniform(0, 10, n)}
    weather["precipitation"] = rng.exponential(5, n) * (rng.random(n) < 0.3)
    log = np.zeros(n)
    for day in range(1, n):
        drive = -0.5 * (weather["avgws"][day] - 1.4) - 0.03 * weather["precipitation"][day] + 0.2 * rng.normal()
        log[day] = 0.5 * log[day - 1] + drive
    aqi = 70 * np.exp(log)
    air = pd.DataFrame({"date": DAYS, "aqi": aqi.round(), "pm25": (0.6 * aqi).round(), "o3": 80})
    at = tmp_path_factory.mktemp("series")
    air.to_csv(at / "city_daily.csv", index=False)
    pd.DataFrame({"date": DAYS, **weather}).to_csv(at / "weather_daily.csv", index=False)
    return at


@pytest.fixture(scope="module")
def issues(folder) -> pd.DataFrame:
    """A product's issues from the first origin on, with an error of their own."""
    weather, rng = city_series.read(folder).weather[COLUMNS], np.random.default_rng(5)
    tables = []
    for issue in pd.date_range(START, END):
        dates = issue + pd.to_timedelta(range(1, 8), unit="D")
        told = (weather.reindex(dates) + rng.normal(size=(7, 5)).cumsum(axis=0) * 0.3).clip(lower=0)
        tables.append(told.set_index(pd.MultiIndex.from_product([[issue], dates], names=["issue", "date"])))
    return pd.concat(tables)


@pytest.fixture(scope="module")
def told(light, folder, issues) -> dict[str, pd.DataFrame]:
    """What is told in each mode; not to be changed."""
    series = city_series.read(folder)
    return {mode: backtest.pairs(series, START, END, mode, issues) for mode in daily.MODES}


def forecasts(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.drop(columns=["observed", "persistence"])


def at_origin(found: pd.DataFrame) -> pd.DataFrame:
    return found[found.index.get_level_values(1) <= ORIGIN]


@pytest.mark.parametrize("mode", daily.MODES)
def test_nothing_after_an_origin_is_used(folder, issues, told, mode):
    """Values, bounds, probabilities, and with them the weights: all the same whatever comes later."""
    series = city_series.read(folder)
    before = forecasts(told[mode])
    aqi, air, weather = series.aqi.copy(), series.air.copy(), series.weather.copy()
    after = DAYS > ORIGIN
    aqi[after], air.loc[after] = 400, 400
    given = pd.Timedelta(days=7 if mode == "observed" else 0)  # there the weather up to the target day is known by name
    weather.loc[ORIGIN + given < DAYS] = 35.0
    later = issues.index.get_level_values(0) > ORIGIN
    poisoned = issues.where(~pd.Series(later, issues.index), 35.0)
    after = forecasts(backtest.pairs(city_series.CitySeries(aqi, air, weather), START, END, mode, poisoned))
    pd.testing.assert_frame_equal(at_origin(after), at_origin(before))
    assert not np.allclose(after["forecast"], before["forecast"])  # the poison is one


def test_weather_that_is_not_asked_for_changes_nothing(folder, told):
    series = city_series.read(folder)
    other = city_series.CitySeries(series.aqi, series.air, series.weather * 0)
    pd.testing.assert_frame_equal(backtest.pairs(other, START, END, "none"), told["none"])


def test_weather_pays(told):
    error = {mode: (table["forecast"] - table["observed"]).abs().mean() for mode, table in told.items()}
    assert error["observed"] < 0.8 * error["none"]
    assert error["degraded"] < 0.9 * error["none"]


def test_pairs_need_both_ends(folder):
    series = city_series.read(folder, weather=False)
    series.aqi[ORIGIN] = series.air.loc[ORIGIN, "aqi"] = np.nan
    found = backtest.pairs(series, START, END, "none")
    n = (END - START).days + 1
    assert found.groupby(level=0).size().tolist() == [n - 2] * 7


def test_origins_without_an_issue_go_without_weather(folder, issues):
    series = city_series.read(folder)
    fewer = issues[issues.index.get_level_values(0) != ORIGIN]
    found = backtest.pairs(series, START, END, "degraded", fewer)
    assert np.isfinite(found["forecast"]).all()
    assert ORIGIN in found.index.get_level_values(1)
    assert backtest.summary(found, "degraded", START, END, fewer)["origins_without_issue"] == 1


def test_the_command_tells_the_numbers_asked_for(folder):
    """The whole way, on a short series of origins."""
    call = [sys.executable, "-m", "shuzhi", "forecast", "backtest", "--data", str(folder), "--weather", "none"]
    call += ["--from", "2019-03-01", "--to", "2019-03-31", "--json", "-", "--weather-forecast", "absent.csv"]
    done = subprocess.run(call, capture_output=True, text=True, cwd=ROOT, check=True)
    found = json.loads(done.stdout)
    assert [row["horizon"] for row in found["horizons"]] == list(range(1, 8))
    assert [row["n"] for row in found["horizons"]] == [31 - lead for lead in range(1, 8)]
    asked = {"mae", "mae_persistence", "skill", "exact_level", "range25", "two_level", "within_one", "coverage90"}
    assert asked <= set(found["horizons"][0])
    first = found["horizons"][0]
    assert first["skill"] == pytest.approx(1 - first["mae"] / first["mae_persistence"])
    assert found["mean_mae"] == pytest.approx(np.mean([row["mae"] for row in found["horizons"]]))
    assert 0 <= first["coverage90"] <= 1


def test_what_is_wrong_is_told(folder, tmp_path):
    with pytest.raises(InputError, match="degraded weather needs"):
        backtest.backtest(folder, START, END, "degraded")
    with pytest.raises(InputError, match="needs 120 days"):
        backtest.backtest(folder, DAYS[5], END, "none")
    with pytest.raises(InputError, match="no origin from"):
        backtest.backtest(folder, END + pd.Timedelta(days=900), END + pd.Timedelta(days=901), "none")
    with pytest.raises(InputError, match="unknown weather"):
        backtest.backtest(folder, START, END, "perfect")
    with pytest.raises(InputError, match=r"city_daily\.csv.*can't be read"):
        backtest.backtest(tmp_path, START, END, "none")
    (tmp_path / "city_daily.csv").write_text("date,pm25\n2019-01-01,4\n")
    with pytest.raises(InputError, match=r"column aqi: the column is absent"):
        backtest.backtest(tmp_path, START, END, "none")
    (tmp_path / "city_daily.csv").write_text("date,aqi\n2019-01-01,4\nyesterday,5\n")
    with pytest.raises(InputError, match=r"line 3, column date: “yesterday” is no date"):
        backtest.backtest(tmp_path, START, END, "none")
    (tmp_path / "issues.csv").write_text("issue,date,avgtemp\n2001-01-01,2001-01-02,4\n")
    with pytest.raises(InputError, match="there is no issue from"):
        backtest.backtest(folder, START, END, "degraded", tmp_path / "issues.csv")


def test_codes_for_gaps_are_no_weather(tmp_path):
    (tmp_path / "city_daily.csv").write_text("date,aqi\n2019-01-01,0\n2019-01-03,5\n")
    (tmp_path / "weather_daily.csv").write_text("date,avgtemp,precipitation\n2019-01-01,32766,1\n2019-01-02,3,32700\n")
    found = city_series.read(tmp_path)
    assert found.aqi.tolist()[0] == 0  # as published; a pair that the reference counts too
    assert np.isnan(found.air["aqi"].iloc[:2]).all()
    assert found.weather["avgtemp"].isna().tolist() == [True, False, True]
    assert found.weather["precipitation"].isna().tolist() == [False, True, True]


def test_long_gaps_leave_no_pair_without_a_forecast(folder, issues):
    """A month without air before an origin, a week without weather, a column that was never measured."""
    series = city_series.read(folder)
    aqi, air, weather = series.aqi.copy(), series.air.copy(), series.weather.copy()
    gap = (ORIGIN - pd.Timedelta(days=32) < DAYS) & (DAYS < ORIGIN)
    aqi[gap], air.loc[gap] = np.nan, np.nan
    weather.loc[ORIGIN - pd.Timedelta(days=7) : ORIGIN] = np.nan
    weather["avgrh"] = np.nan
    found = backtest.pairs(city_series.CitySeries(aqi, air, weather), START, END, "degraded", issues)
    at_gap = found[found.index.get_level_values(1) == ORIGIN]
    assert len(at_gap) == 7
    assert np.isfinite(at_gap).all(axis=None)
    assert len(found) == sum(
        (aqi[START:END].notna() & aqi.shift(-lead)[START:END].notna()).sum() for lead in range(1, 8)
    )
