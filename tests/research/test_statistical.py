"""Statistical models rolled forward."""

import numpy as np
import pytest

from shuzhi.research.forecast import statistical

KNOWN = 450
ORIGINS = np.array([460, 461, 462])


@pytest.fixture(scope="module")
def series() -> np.ndarray:
    """An AR(1) about 4 with coefficient 0.7."""
    rng, values = np.random.default_rng(1), np.zeros(500)
    for day in range(1, len(values)):
        values[day] = 0.7 * values[day - 1] + rng.normal()
    return 4 + values


def rolled(kind: str, series: np.ndarray) -> np.ndarray:
    return statistical.forecasts(kind, statistical.parameters(kind, series[:KNOWN]), series, ORIGINS, 7)


def test_arima_goes_back_to_the_mean(series):
    found = rolled("arima", series)
    assert found[0, 0] == pytest.approx(4 + 0.7 * (series[ORIGINS[0]] - 4), abs=0.5)
    assert abs(found[0, 6] - 4) < 0.6


@pytest.mark.parametrize("kind", statistical.KINDS)
def test_nothing_later_is_used(series, kind):
    before = rolled(kind, series)
    assert np.isfinite(before).all()
    poisoned = series.copy()
    poisoned[ORIGINS[0] + 1 :] = 99
    after = rolled(kind, poisoned)
    assert after[0] == pytest.approx(before[0])
    assert after[1, 0] > before[1, 0]


def test_without_an_origin_there_is_nothing(series):
    assert statistical.forecasts("ets", [], series, ORIGINS[:0], 7).shape == (0, 7)
