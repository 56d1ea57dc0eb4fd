"""The weather of days: what a week's issues tell together is better than the last alone, and looks at nothing later."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import day_weather
from shuzhi.research.forecast.day_weather import LIMITS, DayWeather
from shuzhi.research.forecast.panel import Panel

COUNT, LEADS = 500, 7
NAMES = list(LIMITS)


@pytest.fixture(scope="module")
def panel():
    times = pd.date_range("2025-01-01", periods=COUNT)
    places = pd.DataFrame({"level": ["city"], "place": ["成都"]})
    return Panel("day", times, places, ("pm25",), np.zeros((COUNT, 1, 1), np.float32))


@pytest.fixture(scope="module")
def weather():
    """A product whose errors walk away along each issue, each by itself; no sunshine is measured."""
    random = np.random.default_rng(8)
    season = 15 - 10 * np.cos(2 * np.pi * np.arange(COUNT + LEADS) / 365.25)
    truth = np.empty((COUNT + LEADS, len(NAMES)))
    truth[:] = random.normal(0, 1, truth.shape)
    for day in range(1, len(truth)):
        truth[day] = 0.6 * truth[day - 1] + 0.8 * truth[day]
    truth = 20 + 3 * truth + season[:, None]
    error = np.sqrt(0.14) * 3 * random.normal(0, 1, (COUNT, LEADS, len(NAMES))).cumsum(axis=1)
    coming = np.stack([truth[k + 1 : k + 1 + LEADS] for k in range(COUNT)]) + error
    truth[:, NAMES.index("sunshine")] = coming[..., NAMES.index("sunshine")] = np.nan
    coming[450] = np.nan  # no fresh issue on that morning
    return DayWeather(truth[:COUNT].astype(np.float32), coming.astype(np.float32), NAMES)


def limitless(monkeypatch):
    monkeypatch.setattr(day_weather, "LIMITS", dict.fromkeys(NAMES, (-100, 100)))


def missed(panel, weather: DayWeather, told: DayWeather, name: str) -> np.ndarray:
    """Mean square error by lead over the days from the 400th on."""
    k, rows = NAMES.index(name), np.arange(400, COUNT - LEADS)
    came = np.stack([weather.now[rows + lead, k] for lead in range(1, LEADS + 1)], axis=1)
    return np.nanmean((told.coming[rows, :, k] - came) ** 2, axis=0)


def test_a_week_of_issues_tells_more_than_the_last(panel, weather, monkeypatch):
    limitless(monkeypatch)
    known = day_weather.learn(panel, weather, 400)
    assert "sunshine" not in known.columns
    together = day_weather.together(panel, weather, known)
    last, best = (missed(panel, weather, told, "temperature") for told in (weather, together))
    assert (best < last).all()
    assert best[2] < 0.6 * last[2]


def test_a_morning_without_an_issue_stays_without(panel, weather):
    together = day_weather.together(panel, weather, day_weather.learn(panel, weather, 400))
    assert together.seen(449)
    assert not together.seen(450)
    assert together.now is weather.now


def test_nothing_later_is_looked_at(panel, weather):
    poisoned = DayWeather(weather.now.copy(), weather.coming.copy(), NAMES)
    poisoned.now[421:], poisoned.coming[421:] = 1e6, -1e6
    told = [
        day_weather.together(panel, one, day_weather.learn(panel, one, 400)).coming[: 420 + 1]
        for one in (weather, poisoned)
    ]
    assert np.array_equal(*told, equal_nan=True)


def test_it_stays_within_what_can_be(panel, weather):
    told = day_weather.together(panel, weather, day_weather.learn(panel, weather, 400)).coming
    for k, (low, high) in enumerate(LIMITS.values()):
        there = told[..., k][np.isfinite(told[..., k])]
        assert ((there >= low - 1e-3) & (there <= high + 1e-3)).all()


def test_less_than_a_year_leaves_the_last_issue_alone(panel, weather):
    assert day_weather.learn(panel, weather, 364) is None
    assert day_weather.together(panel, weather, None) is weather


def test_without_a_product_there_is_nothing_to_learn(panel, weather):
    blind = DayWeather(weather.now, np.full_like(weather.coming, np.nan), NAMES)
    assert day_weather.learn(panel, blind, COUNT) is None
