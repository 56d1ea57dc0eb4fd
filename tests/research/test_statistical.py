"""Statistical models rolled forward."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import statistical

DAYS = pd.date_range("2018-01-01", periods=500)
ORIGINS = DAYS[460:463]


@pytest.fixture(scope="module")
def series() -> pd.Series:
    """An AR(1) about 4 with coefficient 0.7."""
    rng, values = np.random.default_rng(1), np.zeros(len(DAYS))
    for day in range(1, len(DAYS)):
        values[day] = 0.7 * values[day - 1] + rng.normal()
    return pd.Series(4 + values, DAYS)


def test_arima_goes_back_to_the_mean(series):
    found = statistical.rolled(series, "arima", [DAYS[450]], ORIGINS, 7)
    today = series[ORIGINS[0]]
    assert found.loc[ORIGINS[0], 1] == pytest.approx(4 + 0.7 * (today - 4), abs=0.5)
    assert abs(found.loc[ORIGINS[0], 7] - 4) < 0.6


@pytest.mark.parametrize("kind", sorted(statistical.KINDS))
def test_nothing_later_is_used(series, kind):
    before = statistical.rolled(series, kind, [DAYS[450]], ORIGINS, 7)
    assert np.isfinite(before).all(axis=None)
    poisoned = series.copy()
    poisoned[poisoned.index > ORIGINS[0]] = 99
    after = statistical.rolled(poisoned, kind, [DAYS[450]], ORIGINS, 7)
    assert after.loc[ORIGINS[0]].to_numpy() == pytest.approx(before.loc[ORIGINS[0]].to_numpy())
    assert after.loc[ORIGINS[1], 1] > before.loc[ORIGINS[1], 1]


def test_too_short_says_nothing(series):
    assert statistical.rolled(series[:30], "ets", [DAYS[20]], DAYS[20:22], 3).isna().all(axis=None)
