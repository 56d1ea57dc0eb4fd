"""Weights follow what the members were worth."""

import numpy as np
import pytest

from shuzhi.research.forecast import ensemble

RNG = np.random.default_rng(4)
ERRORS = RNG.normal(size=(60, 3)) * [5, 10, 30]


def test_the_better_member_weighs_more():
    found = ensemble.weights(ERRORS)
    assert found.sum() == pytest.approx(1)
    assert found[0] > found[1] > found[2] > 0


def test_a_member_that_loses_to_the_floor_is_not_used():
    found = ensemble.weights(ERRORS, RNG.normal(size=60) * 15)
    assert found[2] == 0
    assert found.sum() == pytest.approx(1)
    assert ensemble.weights(ERRORS, np.zeros(60)).tolist() == [0, 0, 0]


def test_few_days_tell_nothing():
    assert ensemble.weights(ERRORS[:5]) == pytest.approx(np.full(3, 1 / 3))


def test_a_member_without_a_forecast_is_left_out():
    found = ensemble.combined(np.array([[10, np.nan, 30.0], [np.nan] * 3]), np.array([0.5, 0.3, 0.2]))
    assert found[0] == pytest.approx((5 + 6) / 0.7)
    assert np.isnan(found[1])
