"""The daily models learn what was put into a made-up city, and the weather's way is told as it is."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import daily, design, path, product
from shuzhi.research.forecast.city_series import WEATHER
from shuzhi.research.forecast.linear import Linear
from shuzhi.research.forecast.trees import Boosted

DAYS = pd.date_range("2016-01-01", periods=900)
LEADS = 7


@pytest.fixture(scope="module")
def air() -> pd.DataFrame:
    """AQI that the wind of the day makes, with a memory."""
    rng = np.random.default_rng(7)
    return pd.DataFrame({"aqi": 80 * np.exp(0.5 * rng.normal(size=len(DAYS)))}, DAYS)


def pooled(air: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Features whose path holds what makes the AQI of the target day, and that AQI."""
    driver = np.log(air[["aqi"]] / 80).set_axis(["avgws"], axis=1)
    x = design.pooled(design.of_air(air), LEADS, path.ahead(driver, DAYS, LEADS), ["avgws"])
    return x, pd.concat([air["aqi"].shift(-lead) for lead in range(1, LEADS + 1)]).to_numpy()


@pytest.mark.parametrize(("kind", "name"), [(Boosted, "boosted"), (Boosted, "boosted_median"), (Linear, "ridge")])
def test_a_member_learns_from_the_path(air, kind, name):
    x, y = pooled(air)
    day = x.index.get_level_values(1)
    learning, asked = (day < DAYS[700]) & np.isfinite(y), (day >= DAYS[720]) & np.isfinite(y)
    forecast = kind(daily.settings()["members"][name]).fit(x[learning], y[learning]).predict(x[asked])
    error = np.abs(forecast - y[asked]).mean()
    assert error < 0.5 * np.abs(y[asked] - np.nanmedian(y)).mean()


def test_members_take_gaps_in_the_weather(air):
    x, y = pooled(air)
    x["target_avgws"] = x["target_avgws"].where(np.arange(len(x)) % 5 > 0)
    x = x.assign(now_avgws=np.float32(np.nan))
    done = np.isfinite(y)
    for member in daily.members().values():
        assert np.isfinite(member.fit(x[done], y[done]).predict(x[-50:])).all()


def test_air_features_look_at_nothing_later(air):
    before = design.of_air(air).loc[: DAYS[500]]
    poisoned = air.copy()
    poisoned.loc[DAYS[501] :] = 9999
    pd.testing.assert_frame_equal(design.of_air(poisoned).loc[: DAYS[500]], before)


def test_dry_days():
    weather = pd.DataFrame({"precipitation": [0, 5.0, 0, 0, 2, 0]}, DAYS[:6])
    found = design.of_weather(path.with_components(weather))
    assert found["dry_days"].tolist() == [1, 0, 1, 2, 0, 1]
    assert found["rain_7"].iloc[-1] == 7


def test_path_of_a_lead():
    coming = np.arange(1.0, 8)[None, :, None] * np.ones((2, 1, 1))
    coming[1, 2] = np.nan
    found = path.features(coming, 3, ["avgtemp"])
    assert found["target_avgtemp"][0] == 3
    assert np.isnan(found["target_avgtemp"][1])
    assert found["before_avgtemp"].tolist() == [2, 2]
    assert found["mean_avgtemp"].tolist() == [2, 1.5]
    assert found["high_avgtemp"].tolist() == [3, 2]
    assert np.isnan(path.features(coming, 1, ["avgtemp"])["before_avgtemp"]).all()


def test_wind_directions_are_components():
    found = path.with_components(pd.DataFrame({"maxwswd": [4, 16, 12, 0]}))
    assert found["wind_east"].to_numpy() == pytest.approx([1, 0, -1, 0], abs=1e-9)
    assert found["wind_north"].to_numpy() == pytest.approx([0, 1, 0, 0], abs=1e-9)
    assert "maxwswd" not in found


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    """Temperatures with a season and a memory."""
    rng = np.random.default_rng(3)
    anomaly = np.zeros(len(DAYS))
    for day in range(1, len(DAYS)):
        anomaly[day] = 0.7 * anomaly[day - 1] + rng.normal()
    return pd.DataFrame({"avgtemp": 15 - 9 * np.cos(2 * np.pi * DAYS.day_of_year / 365.25) + 3 * anomaly}, DAYS)


class TestProduct:
    """Issues of a week together."""

    SETTINGS = daily.settings()["product"]

    def test_together_they_err_less_than_the_last_alone(self, weather):
        known = product.learn(weather, None, ["avgtemp"], self.SETTINGS, LEADS, WEATHER)
        seen = known.anomaly(weather.to_numpy(), DAYS)
        told = product.simulated(known, seen, seed=1)
        rows = np.arange(20, 880)
        best = product.combined(known, seen, told, rows)
        for lead in range(1, LEADS + 1):
            came = seen[rows + lead]
            alone = np.mean((told[rows, lead - 1] - came) ** 2)
            assert alone == pytest.approx(0.12 * lead, rel=0.25)
            assert np.mean((best[:, lead - 1] - came) ** 2) < 0.6 * alone

    def test_without_an_issue_it_is_the_climate_and_what_is_left_of_today(self, weather):
        known = product.learn(weather, None, ["avgtemp"], self.SETTINGS, LEADS, WEATHER)
        seen = known.anomaly(weather.to_numpy(), DAYS)
        far = int(np.abs(seen[100:800, 0]).argmax()) + 100
        left = np.abs(product.combined(known, seen, np.full((len(DAYS), LEADS, 1), np.nan), np.array([far]))[0, :, 0])
        assert left[-1] < 0.4 * left[0] < left[0] < abs(seen[far, 0])

    def test_the_error_is_learnt_from_verified_issues(self, weather):
        first = product.learn(weather, None, ["avgtemp"], self.SETTINGS, LEADS, WEATHER)
        seen = first.anomaly(weather.to_numpy(), DAYS)
        came = np.stack([np.roll(seen, -lead, axis=0) for lead in range(1, LEADS + 1)], axis=1)
        told = came + 2 * (product.simulated(first, seen, seed=2) - came)
        issued, lead = np.repeat(DAYS[:800], LEADS), np.tile(np.arange(1, LEADS + 1), 800)
        days = issued + pd.to_timedelta(lead, unit="D")
        values = first.weather(told[:800].reshape(-1, 1), days)
        issues = pd.DataFrame({"avgtemp": values[:, 0]}, pd.MultiIndex.from_arrays([issued, days]))
        found = product.learn(weather, issues, ["avgtemp"], self.SETTINGS, LEADS, WEATHER)
        assert found.along[0, 0] == pytest.approx(4 * 0.12, rel=0.2)
        assert found.between < 0.15

    def test_what_comes_later_changes_nothing(self, weather):
        known = product.learn(weather, None, ["avgtemp"], self.SETTINGS, LEADS, WEATHER)
        seen = known.anomaly(weather.to_numpy(), DAYS)
        told = product.simulated(known, seen, seed=1)
        before = product.combined(known, seen, told, np.array([300]))
        seen, told = seen.copy(), told.copy()
        seen[301:], told[301:] = 99, 99
        assert product.combined(known, seen, told, np.array([300])) == pytest.approx(before)
