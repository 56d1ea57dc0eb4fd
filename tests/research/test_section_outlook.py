"""Outlooks of surface water are of classes of means, count what is known, and are as sure as the past lets them be."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from shuzhi.research.forecast import blocks, section_days, section_outlook
from shuzhi.research.forecast.cli import app
from shuzhi.research.forecast.section_outlook import BELOW, SHARE, Known
from shuzhi.standards import water as law
from shuzhi.status import water, water_overview
from shuzhi.store import Scope, open_home

ALL = Scope.all()
USUAL = {"ph": 7.8, "do": 8.0, "codmn": 3.0, "nh3n": 0.5, "tp": 0.1}
NH3N = law.AUTOMATIC.index("nh3n")


def city(first: str = "2021-01-01", last: str = "2024-12-31", sections: int = 12, seed: int = 1, **noise) -> Known:
    """Sections with more ammonia in winter, each at a level of its own, six readings a day; target class Ⅲ."""
    days = pd.date_range(first, last, freq="D")
    rng = np.random.default_rng(seed)
    shape = (len(days), sections, len(USUAL))
    values = np.array(list(USUAL.values())) * np.exp(noise.get("daily", 0.05) * rng.standard_normal(shape))
    winter = np.cos(2 * np.pi * days.day_of_year.to_numpy() / 365.25)[:, None]
    months = rng.standard_normal((len(days) // 30 + 1, 1)).repeat(30, axis=0)[: len(days)]
    values[..., NH3N] *= np.exp(0.5 * winter + np.linspace(0.2, 0.7, sections) + noise.get("monthly", 0.1) * months)
    values[..., 0] = 10.0 ** -values[..., 0]
    codes = pd.Index([f"S{k:02}" for k in range(sections)])
    counts = np.full(shape, 6)
    return Known(days, codes, np.zeros(sections, bool), np.full(sections, 3.0), values * counts, counts)


def changed(known: Known, first: str, last: str, factor: float, item: int = NH3N) -> Known:
    """The same with other values in some days."""
    totals = known.totals.copy()
    totals[(known.days >= first) & (known.days <= last), :, item] *= factor
    return Known(known.days, known.codes, known.lake, known.target, totals, known.counts)


def of(found: pd.DataFrame, item: str, first: str, last: str) -> pd.Series:
    """The row of a span."""
    span = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return found[(found["item"] == item) & (found["first"] == span[0]) & (found["last"] == span[1])].iloc[0]


def issue(known: Known, factor: float = 1.0) -> pd.DataFrame:
    """Seven sure days of all sections."""
    values = {item: value * (factor if item == "nh3n" else 1) for item, value in USUAL.items()}
    rows = pd.DataFrame({"item": values.keys(), "value": values.values()})
    rows = rows.merge(pd.DataFrame({"place": known.codes}), how="cross").merge(
        pd.DataFrame({"lead": range(1, 8)}), how="cross"
    )
    return rows.assign(lower90=rows["value"], upper90=rows["value"], kind="water", model="ensemble")


def test_the_spans_are_those_of_the_air():
    known = city().until(pd.Timestamp("2023-10-15"))
    found = section_outlook.of_known(known, "成都")
    spans = {(first.date(), last.date()) for first, last in blocks.spans(pd.Timestamp("2023-10-16"))}
    for item in section_outlook.ITEMS:
        rows = found[found["item"] == item]
        assert set(zip(rows["first"], rows["last"], strict=True)) == spans
    assert set(found["place"]) == {"成都"}
    assert all(len(q) == 101 and (np.diff(q) >= 0).all() for q in found["quantiles"])


def test_the_class_of_a_year_is_that_of_its_means():
    """Winters beyond class Ⅲ in a year whose mean is within it: the year's section is good."""
    known = city(monthly=0)
    bad = known.came(pd.Timestamp("2023-01-01"), pd.Timestamp("2023-01-31"))
    assert bad[SHARE] < 50
    assert bad[BELOW] > 6
    year = known.came(pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-31"))
    totals, counts = known.sums(pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-31"))
    within = np.round(totals[:, NH3N] / counts[:, NH3N], 2) <= law.limit("nh3n")
    assert year[SHARE] == pytest.approx(100 * within.mean())
    assert year[SHARE] > 50
    told = section_outlook.of_known(known.until(pd.Timestamp("2023-11-30")))
    assert abs(of(told, SHARE, "2023-01-01", "2023-12-31")["quantiles"][50] - year[SHARE]) <= 100 / 12 + 1e-6


def test_what_is_known_is_what_the_status_says(small_city):
    last = section_days.last_day(water.latest_time(small_city, ALL))
    known = section_outlook.read(small_city, ALL, last)
    assert known.days[-1] == last
    first = last - pd.Timedelta(days=9)
    seen = water_overview.period(small_city, ALL, first.date(), last.date()).now
    came = known.came(first, last)
    assert came[SHARE] == pytest.approx(seen.good_share)
    assert came[BELOW] == seen.with_target - seen.met


def test_what_is_known_counts_as_it_is():
    known = city()
    last = pd.Timestamp("2023-12-30")
    row = of(section_outlook.of_known(known.until(last)), SHARE, "2023-01-01", "2023-12-31")
    came = known.came(pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-31"))
    assert row["days"] == 364
    assert set(row["quantiles"]) == {np.float32(came[SHARE])}
    row = of(section_outlook.of_known(known.until(last)), BELOW, "2024-02-01", "2024-02-29")
    assert row["days"] == 0
    assert np.isnan(row["so_far"])
    assert np.ptp(row["quantiles"]) > 0


def test_a_station_that_lost_an_item_has_no_class():
    known = city(sections=4)
    counts = known.counts.copy()
    counts[-5:, 0, NH3N] = 0
    first = known.days[-3]
    found = Known(known.days, known.codes, known.lake, known.target, known.totals, counts)
    totals, n = found.sums(first, known.days[-1])
    rated = found.rated(totals[None], n[None], found.measured)
    assert rated[SHARE][0] in {100 * k / 3 for k in range(4)}


def test_the_days_of_the_issue_come_from_its_bands():
    known = city().until(pd.Timestamp("2023-06-23"))
    clean = of(section_outlook.of_known(known, told=issue(known)), SHARE, "2023-06-01", "2023-06-30")
    dirty = of(section_outlook.of_known(known, told=issue(known, 20)), SHARE, "2023-06-01", "2023-06-30")
    assert clean["quantiles"].min() == 100
    assert dirty["quantiles"].max() == 0
    assert dirty["so_far"] == 100


def test_nothing_after_the_last_day_is_used_and_the_seed_is_the_issue():
    known, last = city(), pd.Timestamp("2023-06-15")
    poisoned = changed(known, "2023-06-16", "2024-12-31", 50.0)
    found, again = (section_outlook.of_known(one.until(last)) for one in (known, poisoned))
    for one, other in zip(found["quantiles"], again["quantiles"], strict=True):
        np.testing.assert_array_equal(one, other)


def test_readings_after_the_moment_are_not_looked_at(small_city):
    last = section_days.last_day(water.latest_time(small_city, ALL)) - pd.Timedelta(days=3)
    known = section_outlook.read(small_city, ALL, last)
    assert known.days[-1] == last
    assert (known.counts[-1] > 0).any()


def test_little_history_says_less():
    known = city(last="2023-03-31")
    short = section_outlook.of_known(known.until(pd.Timestamp("2021-03-31")))
    assert set(short["model"]) == {"recent"}
    assert short["last"].max() == dt.date(2021, 4, 30)
    assert section_outlook.of_known(known.until(pd.Timestamp("2021-01-20"))).empty
    long = section_outlook.of_known(known)
    assert set(long["model"]) == {"resampled"}
    assert len(long) == 10


def test_the_level_follows_the_last_months():
    known, last = city(), pd.Timestamp("2023-10-31")
    risen = changed(known, "2023-08-03", "2023-10-31", 2.0)
    shares = [
        of(section_outlook.of_known(one.until(last)), BELOW, "2023-11-01", "2023-11-30")["quantiles"][50]
        for one in (known, risen)
    ]
    assert shares[1] > shares[0] + 2


def test_outlooks_of_past_months_hold():
    known = city(first="2020-01-01", sections=15)
    found = section_outlook.check(known, pd.Timestamp("2023-08-01"), pd.Timestamp("2024-08-31"))
    months = found[(found["item"] == BELOW) & (found["ahead"] < 150)]
    assert len(months) > 90
    assert months["inside90"].mean() > 0.8
    assert months["inside50"].mean() > 0.4
    error = (months["median"] - months["came"]).abs().mean()
    assert error < (months["carried"] - months["came"]).abs().mean()
    assert error < 1.2 * (months["last_year"] - months["came"]).abs().mean()
    years = found[(found["item"] == SHARE) & (found["ahead"] > 300)]
    assert {day.year for day in years["first"]} == {2024}


def test_a_home_without_sections_has_no_outlook(tmp_path):
    at = pd.Timestamp("2026-11-25T08:00", tz="Asia/Shanghai")
    assert section_outlook.outlooks(open_home(tmp_path / "home"), ALL, at).empty


def test_the_check_is_a_command(monkeypatch):
    known = city(first="2022-06-01", sections=5)
    monkeypatch.setattr("shuzhi.research.forecast.outlook_cli.open_home", lambda: None)
    monkeypatch.setattr(water, "latest_time", lambda *_args: pd.Timestamp("2024-12-31T16:00Z"))
    monkeypatch.setattr(section_outlook, "read", lambda _home, _scope, last: known.until(last))
    result = CliRunner().invoke(app, ["water-outlook-check", "--from", "2024-07-10", "--to", "2024-08-10"])
    assert result.exit_code == 0, result.output
    assert "water_below_target, this month: 2 outlooks" in result.output
    assert "beside last_year" in result.output
    assert CliRunner().invoke(app, ["water-outlook-check", "--from", "2024-12-20", "--to", "2024-12-28"]).exit_code != 0
