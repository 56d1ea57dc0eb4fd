"""Sections are forecast from what was known, with classes that keep the factors of a day together."""

import io

import joblib
import numpy as np
import pandas as pd
import pytest

from shuzhi.research.forecast import section_days, sections
from shuzhi.research.forecast import section_models as models
from shuzhi.research.forecast.section_days import ITEMS, LEADS, RATED, Days
from shuzhi.status import water, water_rows
from shuzhi.store import Scope

ALL = Scope.all()
USUAL = {
    "ph": 7.8,
    "do": 8.0,
    "codmn": 3.0,
    "nh3n": 0.4,
    "tp": 0.1,
    "tn": 2.0,
    "turbidity": 20,
    "water_temperature": 18,
}
CHANCES = [f"p{level}" for level in range(1, 7)]


def city(count: int = 320, places: int = 8, memory: float = 0.7, upstream: bool = False, seed: int = 1) -> Days:
    """Sections whose logarithms wander around the usual values; with ``upstream`` the odd ones repeat the day before of
    the even ones."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((count, places, len(ITEMS)))
    for day in range(1, count):
        noise[day] = memory * noise[day - 1] + np.sqrt(1 - memory**2) * noise[day]
    shares = np.zeros((places, places))
    if upstream:
        noise[1:, 1::2] = noise[:-1, ::2]
        shares[np.arange(1, places, 2), np.arange(0, places, 2)] = 1
    values = np.array([USUAL[item] for item in ITEMS]) * np.exp(0.1 * noise)
    days = pd.date_range("2024-01-01", periods=count, freq="D")
    nothing = np.full((count, LEADS, 2), np.nan)
    codes = pd.Index([f"S{k:02}" for k in range(places)])
    return Days(days, codes, np.zeros(places, bool), values, nothing[:, 0], nothing, shares)


def until(days: Days, count: int) -> Days:
    """The first days alone."""
    parts = (days.values[:count], days.weather[:count], days.coming[:count])
    return Days(days.days[:count], days.codes, days.lake, *parts, days.upstream)


def moment(days: Days) -> pd.Timestamp:
    """08:00 after the last day."""
    return (days.days[-1] + pd.Timedelta(hours=32)).tz_localize("Asia/Shanghai")


@pytest.fixture
def held(monkeypatch):
    """Makes `sections` read some days, up to what is asked for."""

    def put(days: Days) -> None:
        def read(_home, _scope, as_of, **_others):
            return until(days, int((section_days.last_day(as_of) - days.days[0]).days) + 1)

        monkeypatch.setattr(sections, "read", read)

    return put


def test_a_day_is_over_at_its_midnight():
    at = pd.Timestamp("2026-11-25T00:00", tz="Asia/Shanghai")
    assert section_days.last_day(at) == pd.Timestamp("2026-11-24")
    assert section_days.last_day(at - pd.Timedelta(seconds=1)) == pd.Timestamp("2026-11-23")
    assert section_days.last_day(at + pd.Timedelta(hours=20)) == pd.Timestamp("2026-11-24")
    first = section_days.ends(pd.Timestamp("2026-11-24"))[0]
    assert first == pd.Timestamp("2026-11-26T00:00", tz="Asia/Shanghai")


def test_daily_values_are_the_means_of_the_status(small_city):
    last = section_days.last_day(water.latest_time(small_city, ALL))
    found = section_days.read(small_city, ALL, section_days.ends(last)[0] - pd.Timedelta(days=1))
    end = section_days.ends(last)[0] - pd.Timedelta(days=1)
    expected = water.means(small_city, ALL, end - pd.Timedelta(days=1), end).set_index("station")
    expected = expected[expected["times"] >= 3].reindex(found.codes)
    values = np.where(np.isfinite(expected[list(ITEMS)].to_numpy()), found.values[-1], np.nan)
    np.testing.assert_allclose(values, expected[list(ITEMS)].to_numpy(), rtol=1e-9)
    came = sections.observed(small_city, ALL, last.date(), last.date()).set_index("place")
    both = came.index.intersection(expected.dropna(subset=["ph"]).index)
    assert len(both)
    assert (came.loc[both, "class"] == expected.loc[both, "water_class"]).all()


def test_the_climatology_is_the_mean_around_the_day_of_the_years_before():
    days = city(count=800, places=2)
    past = models.Past(days)
    row, lead = 790, 4
    target = days.days[row] + pd.Timedelta(days=lead)
    z = section_days.scaled(days.values)
    total = []
    for years in (1, 2):
        middle = target - pd.Timedelta(days=round(365.25 * years))
        total.append(z[(days.days >= middle - pd.Timedelta(days=15)) & (days.days <= middle + pd.Timedelta(days=15))])
    np.testing.assert_allclose(past.climatology(lead)[row], np.concatenate(total).mean(axis=0))
    np.testing.assert_allclose(past.climatology(lead)[100], z[71:101].mean(axis=0))


def test_damping_is_found():
    left = models.damping(models.Past(city(count=1500, memory=0.8)), 1500)
    codmn = ITEMS.index("codmn")
    np.testing.assert_allclose(left[:3, codmn], [0.8, 0.64, 0.51], atol=0.12)
    assert (np.diff(left[:, codmn]) < 0.02).all()


def test_an_issue_has_every_model_and_sound_numbers(held):
    days = city()
    held(days)
    rows = sections.sections_rows(None, ALL, moment(days))
    assert set(rows["model"]) == {"persistence", "climatology", "damped", "trees", "ensemble"}
    assert set(rows["item"]) == {*ITEMS, "class"}
    told = rows[(rows["model"] == "ensemble") & (rows["item"] != "class")]
    assert len(told) == len(days.codes) * LEADS * len(ITEMS)
    assert (told[["lower90", "lower50", "value", "upper50", "upper90"]].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    rated = rows[(rows["model"] == "ensemble") & (rows["item"] == "class")]
    np.testing.assert_allclose(rated[CHANCES].sum(axis=1), 1, atol=1e-5)
    assert (rated["value"] == rated[CHANCES].to_numpy().argmax(axis=1) + 1).all()
    assert rows["time"].min() == days.days[-1].tz_localize("Asia/Shanghai") + pd.Timedelta(days=2)
    assert (rows["time"] - pd.to_timedelta(rows["lead"], unit="D")).nunique() == 1


def test_the_90_percent_band_holds_about_90_percent(held):
    days = city(count=280, places=20)
    held(days)
    inside = []
    for _as_of, rows in sections.sections_hindcast(None, ALL, [day.date() for day in days.days[240:270:3]]):
        told = rows[(rows["model"] == "ensemble") & (rows["item"] == "codmn")]
        day = (told["time"] - pd.Timedelta(hours=1)).dt.tz_convert("Asia/Shanghai").dt.tz_localize(None).dt.normalize()
        came = days.values[days.days.get_indexer(day), days.codes.get_indexer(told["place"]), ITEMS.index("codmn")]
        inside.append((came >= told["lower90"]) & (came <= told["upper90"]))
    assert 0.85 < np.concatenate(inside).mean() < 0.95


def test_nothing_after_the_moment_is_used(held):
    days = city(count=300)
    row = 260
    values = days.values.copy()
    values[row + 1 :] *= np.random.default_rng(5).uniform(0.1, 30, values[row + 1 :].shape)
    others = (days.weather + 1e3, np.where(np.arange(300)[:, None, None] > row, 77.0, days.coming))
    weather = np.where(np.arange(300)[:, None] > row, others[0], days.weather)
    poisoned = Days(days.days, days.codes, days.lake, values, weather, others[1], days.upstream)
    issued = [day.date() for day in days.days[[row + 1, 280]]]
    found = []
    for one in (days, poisoned):
        held(one)
        found.append([rows for _as_of, rows in sections.sections_hindcast(None, ALL, issued)])
    pd.testing.assert_frame_equal(found[0][0], found[1][0])
    assert not found[0][1]["value"].equals(found[1][1]["value"])  # the second day may know it


def test_readings_after_the_moment_are_not_asked_for(small_city, monkeypatch):
    asked = []
    rows = water_rows.rows

    def watched(home, start, end, wanted=None):
        asked.append(end)
        return rows(home, start, end, wanted)

    monkeypatch.setattr(water_rows, "rows", watched)
    as_of = water.latest_time(small_city, ALL) - pd.Timedelta(days=5)
    told = sections.sections_rows(small_city, ALL, as_of)
    assert asked
    assert max(asked) <= as_of
    assert told["time"].min() > as_of - pd.Timedelta(days=1)


def test_kept_models_say_the_same(held):
    days = city(count=250)
    held(days)
    kept = io.BytesIO()
    joblib.dump(sections.fit_sections(None, ALL, moment(days)), kept)
    kept.seek(0)
    again = sections.sections_rows(None, ALL, moment(days), models=joblib.load(kept))
    pd.testing.assert_frame_equal(sections.sections_rows(None, ALL, moment(days)), again)


def test_models_that_know_the_future_are_not_used(held):
    days = city(count=250)
    held(days)
    earlier = moment(until(days, 235))
    told = sections.sections_rows(None, ALL, earlier, models=sections.fit_sections(None, ALL, moment(days)))
    pd.testing.assert_frame_equal(told, sections.sections_rows(None, ALL, earlier))


def test_trees_see_what_comes_down_the_river(monkeypatch):
    monkeypatch.setattr(models, "_ROWS", 20_000)
    days = city(count=400, places=24, memory=0.5, upstream=True)
    past = models.Past(days)
    fitted = models.fit(past)
    rows = np.arange(400 - models.WINDOW, 400 - 8)
    came = past.truth(1)[rows][:, 1::2, 2]
    by_trees = np.abs(models.trees(past, rows, fitted)[:, 1::2, 0, 2] - came).mean()
    by_damping = np.abs(models.damped(past, rows, fitted.left)[:, 1::2, 0, 2] - came).mean()
    assert by_trees < 0.85 * by_damping


def test_limits_of_lakes_hold_in_lakes():
    values = np.array([[7.8, 8.0, 3.0, 0.4, 0.08]] * 2)
    assert section_days.graded(values, np.array([False, True])).tolist() == [2, 4]


def test_factors_of_a_day_stay_together():
    """Two factors that are bad on different days: together they are bad every day, apart on three of four."""
    centre = section_days.scaled(np.array([[[USUAL[item] for item in ITEMS]] * LEADS]))
    errors = np.zeros((models.WINDOW, 1, LEADS, len(ITEMS)))
    errors[::2, ..., ITEMS.index("nh3n")] = np.log(1.2 / 0.4)
    errors[1::2, ..., ITEMS.index("tp")] = np.log(0.25 / 0.1)
    mixed = sections._Mixed(centre, errors, np.ones_like(centre))
    chances = sections._chances(mixed, np.array([False]), np.ones((1, RATED), bool), seed=1)
    np.testing.assert_allclose(chances[0, 0], [0, 0, 0, 1, 0, 0], atol=0.01)


def test_no_class_is_certain_or_impossible(held):
    days = city(count=250)
    held(days)
    rows = sections.sections_rows(None, ALL, moment(days))
    for model in ("ensemble", "climatology"):
        chances = rows.loc[(rows["item"] == "class") & (rows["model"] == model), CHANCES].to_numpy(float)
        assert len(chances) == len(days.codes) * LEADS
        assert ((chances > 0) & (chances < 1)).all()
        np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)


def test_what_was_not_seen_is_as_likely_as_the_next_case_of_all_sections():
    counts = np.array([[0, 90.0, 0, 0, 0, 0], [0, 60, 30, 0, 0, 0], [np.nan] * 6])
    found = sections._honest(counts, np.array([90.0, 90, 90]))
    everywhere = (np.array([0, 1 + 2 / 3, 1 / 3, 0, 0, 0]) + 1 / 6) / 3
    np.testing.assert_allclose(found[0], (np.array([0, 90, 0, 0, 0, 0]) + everywhere) / 91)
    np.testing.assert_allclose(found[1], (np.array([0, 60, 30, 0, 0, 0]) + everywhere) / 91)
    assert np.isnan(found[2]).all()


def proper(probabilities: np.ndarray, came: np.ndarray) -> float:
    """Mean ranked probability score of classes 1…6."""
    below = came[:, None] <= np.arange(1, 7)
    return float(((probabilities.cumsum(axis=1) - below) ** 2).sum(axis=1).mean())


def test_honest_chances_score_no_worse_than_counted_ones():
    """Of 400 sections with 90 cases each, where classes come that these have not seen."""
    rng = np.random.default_rng(3)
    truth = rng.dirichlet([0.5, 40, 5, 0.3, 0.1, 0.05], 400)
    counts = np.stack([rng.multinomial(90, p) for p in truth]).astype(float)
    came = np.stack([rng.choice(6, 50, p=p) for p in truth])
    honest = sections._honest(counts, np.full(400, 90.0))
    seen = np.repeat(np.arange(400), 50), came.ravel()
    assert (counts[seen] == 0).sum() > 20
    assert (honest[seen] > 0).all()
    scores = [proper(np.repeat(p, 50, axis=0), came.ravel() + 1) for p in (honest, counts / 90)]
    assert scores[0] <= scores[1] * 1.001


def test_what_loses_to_a_floor_is_not_told(held):
    """Values without memory around a climatology: persistence, and all that leans on it, loses to that."""
    days = city(count=330, memory=0.0)
    held(days)
    rows = sections.sections_rows(None, ALL, moment(days))
    shown = rows[rows["item"] == "codmn"].set_index(["model", "place", "lead"])["value"]
    errors = np.array([[0.5, 0.3, np.nan, 0.2], [-0.5, -0.3, 0.4, 0.2], [0.1, np.nan, 0.1, 0.1]])
    assert sections._floor(errors) == 1
    assert sections._floor(errors[:, [1, 0, 2, 3]]) == 0
    apart = (shown["ensemble"] - shown["climatology"]).abs().mean()
    assert apart < 0.06 * (shown["persistence"] - shown["climatology"]).abs().mean()


def test_without_readings_there_is_no_row(tmp_path):
    from shuzhi.store import open_home

    home = open_home(tmp_path / "home")
    at = pd.Timestamp("2026-11-25T08:00", tz="Asia/Shanghai")
    assert sections.fit_sections(home, ALL, at) is None
    assert sections.sections_rows(home, ALL, at).empty
    assert sections.observed(home, ALL, at.date(), at.date()).empty
