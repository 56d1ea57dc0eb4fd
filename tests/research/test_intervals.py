"""Intervals hold what they promise; probabilities add up."""

import numpy as np
import pytest

from shuzhi.research.forecast import intervals


def test_quantiles_are_corrected_for_the_sample():
    errors = np.arange(1.0, 100)  # 99 errors: rank ⌈0.95 · 100⌉
    assert intervals.quantile(errors, 0.95) == 95
    assert intervals.quantile(-errors, 0.05) == -95
    assert intervals.quantile(errors[:5], 0.95) == 5  # too few to know: the largest


def test_coverage_of_a_skewed_error():
    rng = np.random.default_rng(1)
    errors, coming = rng.exponential(10, 400), rng.exponential(10, 4000)
    lower, upper = intervals.conformal(np.zeros(4000), errors, 0.9)
    assert np.mean((lower <= coming) & (coming <= upper)) == pytest.approx(0.9, abs=0.03)
    assert np.mean(coming > upper) == pytest.approx(0.05, abs=0.025)


def test_the_local_scale_widens():
    errors = np.random.default_rng(2).normal(size=200)
    lower, upper = intervals.conformal(np.array([50.0, 50]), 2 * errors, 0.9, np.array([1.0, 3]), 2.0)
    assert (upper - lower)[1] == pytest.approx(3 * (upper - lower)[0])


def test_too_few_errors_say_nothing():
    lower, _ = intervals.conformal(np.array([50.0]), np.ones(5), 0.9)
    assert np.isnan(lower).all()


def test_probabilities():
    errors = np.random.default_rng(3).normal(0, 10, 300)
    chances = intervals.probabilities(np.array([30.0, 50.5, 150]), errors)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert chances[1, 0] == pytest.approx(0.5, abs=0.06)
    assert chances.argmax(axis=1).tolist()[0] == 0
    assert np.isnan(intervals.probabilities(np.array([30.0]), np.array([]))).all()


def test_recent_errors_weigh_more():
    errors, weights = np.r_[np.full(50, 10.0), np.full(50, -10.0)], np.r_[np.full(50, 1.0), np.full(50, 9.0)]
    chances = intervals.probabilities(np.array([50.5]), errors, weights=weights)
    assert chances[0, 0] > 0.7


def test_what_is_asked_for_follows_the_coverage_got():
    wide = intervals.Adaptive(0.9, 0.02)
    for _ in range(20):
        wide.learn(np.array([True, False]))
    assert 0.95 < wide.asked < 1
    wide.learn(np.array([], bool))
    for _ in range(400):
        wide.learn(np.ones(7, bool))
    assert 0.8 <= wide.asked < 0.9


def test_likeness_goes_around_the_year():
    assert intervals.likeness(2, [363.25], 10, period=365.25)[0] == pytest.approx(np.exp(-0.5 * 0.4**2))
