"""Ridge regression over places: a law of logarithms is found, gaps are borne, contributions add up."""

import numpy as np
import pytest

from shuzhi.research.forecast import ridge
from shuzhi.research.forecast.ridge import Looks

NAMES = ["lead", "sin", "cos", "weekday", "climatology", "damped", "last", "lag1", "lag2", "lag6", "mean3", "mean7"]
NAMES += ["mean14", "mean30", "near", "own_co", "city_pm25", "now_wind", "target_wind", "before_wind", "mean_wind"]
NAMES += ["low_wind", "high_wind"]


def cases(count: int = 4000):
    """Features of two leads, and a value that the wind and what there was last decide."""
    random = np.random.default_rng(3)
    x = np.exp(random.normal(0, 0.4, (count, len(NAMES))))
    x[:, 0] = random.integers(1, 3, count)
    angle = random.uniform(0, 2 * np.pi, count)
    x[:, 1], x[:, 2], x[:, 3] = np.sin(angle), np.cos(angle), random.integers(0, 7, count)
    x[:, NAMES.index("mean30")] *= 40
    x[:, NAMES.index("last")] *= x[:, NAMES.index("mean30")]
    level, last, wind = (x[:, NAMES.index(name)] for name in ("mean30", "last", "target_wind"))
    came = level * (last / level) ** 0.5 * np.exp(-0.3 * (wind - 1) + random.normal(0, 0.05, count))
    return x.astype(np.float32), came


def test_the_law_is_found():
    x, came = cases()
    model = ridge.fit(x[:3000], came[:3000], NAMES, "pm25", 500)
    told = model.predict(x[3000:])
    assert np.median(np.abs(np.log(told / came[3000:]))) < 0.06  # the noise is 0.05


def test_blind_it_does_not_look_at_the_weather():
    x, came = cases()
    model = ridge.fit(x, came, NAMES, "pm25", 500, Looks(coming=False))
    hidden = x.copy()
    hidden[:, NAMES.index("target_wind") :] = np.nan
    assert np.array_equal(model.predict(x), model.predict(hidden))
    assert np.median(np.abs(np.log(model.predict(x) / came))) > 0.06


def test_gaps_are_borne_but_for_the_last_value_and_the_level():
    x, came = cases()
    model = ridge.fit(x, came, NAMES, "pm25", 500)
    for name, known in (("near", True), ("target_wind", True), ("last", False), ("mean30", False)):
        gap = x[:5].copy()
        gap[:, NAMES.index(name)] = np.nan
        assert np.isfinite(model.predict(gap)).all() == known, name


def test_a_column_without_anything_changes_nothing():
    x, came = cases()
    without = x.copy()
    without[:, NAMES.index("own_co")] = np.nan
    assert np.isfinite(ridge.fit(without, came, NAMES, "pm25", 500).predict(without)).all()


def test_what_has_never_been_seen_is_not_believed():
    x, came = cases()
    model = ridge.fit(x, came, NAMES, "pm25", 500)
    storm = x[:1].copy()
    storm[:, NAMES.index("target_wind")] = 1e6
    assert 0 < model.predict(storm)[0] < 1000


def test_contributions_add_up_to_the_logarithm():
    x, came = cases()
    model = ridge.fit(x, came, NAMES, "pm25", 500)
    found = model.contributions(x[:50])
    assert found.shape == (50, len(NAMES) + 1)
    level = x[:50, NAMES.index("mean30")].astype(float)
    assert found.sum(axis=1) == pytest.approx(np.log(model.predict(x[:50]) / level), abs=1e-6)
    calm = x[:50, NAMES.index("target_wind")] < 0.7
    assert (found[calm, NAMES.index("target_wind")] > 0).all()


def test_low_values_have_a_logarithm():
    x, came = cases()
    came[:10] = 0
    assert np.isfinite(ridge.fit(x, came, NAMES, "co", 500).predict(x)).all()


def test_less_than_a_year_has_no_season():
    x, came = cases()
    turned = x.copy()
    turned[:, 1:3] = -turned[:, 1:3]
    few, many = (ridge.fit(x, came, NAMES, "pm25", days) for days in (300, 400))
    assert np.array_equal(few.predict(x), few.predict(turned))
    assert not np.array_equal(many.predict(x), many.predict(turned))


def test_it_predicts_nothing_beyond_what_came():
    x, came = cases()
    model = ridge.fit(x, came, NAMES, "pm25", 500)
    far = x[:200].copy()
    far[:, NAMES.index("last")] *= 50
    level = far[:, NAMES.index("mean30")].astype(float)
    told = np.log(model.predict(far) / level)
    assert told.max() <= np.log(came / x[:, NAMES.index("mean30")]).max() + 1e-5
    assert model.contributions(far).sum(axis=1) == pytest.approx(told, abs=1e-5)
