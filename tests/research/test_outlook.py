"""Outlooks count what is known, use what the issue says, and are as sure as the past lets them be."""

import datetime as dt
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from shuzhi.research.forecast import outlook
from shuzhi.research.forecast.cli import app
from shuzhi.research.forecast.outlook_cli import read_days
from shuzhi.status import air
from shuzhi.store import Scope

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def daily_table() -> Path:
    """Folder of the real daily series 2014–2020, or skip."""
    named = os.environ.get("SHUZHI_DAILY")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "air" / "daily"
    if not (folder / "city_daily.csv").is_file():
        pytest.skip(f"no daily series: SHUZHI_DAILY is {named or 'not set'} and {folder} has no city_daily.csv")
    return folder


def days(first: str = "2020-01-01", last: str = "2024-12-31", seed: int = 1) -> pd.DataFrame:
    """Winters with much PM2.5, some chance in every day."""
    index = pd.date_range(first, last, freq="D")
    season = np.cos(2 * np.pi * (index.day_of_year.to_numpy() - 10) / 365.25)
    pm25 = 40 * np.exp(0.5 * season + 0.4 * np.random.default_rng(seed).standard_normal(len(index)))
    return pd.DataFrame({"aqi": 1.6 * pm25, "pm25": pm25}, index)


def year(found: pd.DataFrame, item: str) -> pd.Series:
    """The row of the year."""
    return found[(found["item"] == item) & ((found["last"] - found["first"]).map(lambda span: span.days) > 300)].iloc[0]


def issue(good: float, pm25: float) -> pd.DataFrame:
    """Seven days that are all as good and sure."""
    table = pd.DataFrame({"item": ["aqi", "pm25"], "value": [80.0, pm25]}).merge(
        pd.DataFrame({"lead": range(1, 8)}), how="cross"
    )
    bands = dict.fromkeys(("lower50", "upper50", "lower90", "upper90"), pm25)
    return table.assign(**bands, p1=0.0, p2=np.where(table["item"] == "aqi", good, np.nan))


def test_the_spans_are_this_month_three_more_and_the_year():
    found = outlook.of_history(days(), pd.Timestamp("2023-10-15"), "成都")
    spans = list(dict.fromkeys(zip(found["first"], found["last"], strict=True)))
    assert spans[0] == (dt.date(2023, 10, 1), dt.date(2023, 10, 31))
    assert spans[3] == (dt.date(2024, 1, 1), dt.date(2024, 1, 31))
    assert spans[4] == (dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert len(spans) == 5
    assert set(found["place"]) == {"成都"}
    assert all(len(q) == 101 and (np.diff(q) >= 0).all() for q in found["quantiles"])


def test_what_is_known_counts_as_it_is():
    table = days()
    last = pd.Timestamp("2023-12-30")
    found = outlook.of_history(table, last)
    known = table.loc["2023-01-01":"2023-12-30"]
    good = year(found, "good_days")
    assert good["so_far"] == (known["aqi"] <= 100).sum()
    assert good["days"] == 364
    assert good["quantiles"].min() >= good["so_far"]
    assert good["quantiles"].max() <= good["so_far"] + 1
    mean = year(found, "pm25")
    assert mean["so_far"] == pytest.approx(known["pm25"].mean())
    assert np.ptp(mean["quantiles"]) < 2


def test_a_year_begins_anew_on_its_first_day():
    found = outlook.of_history(days(), pd.Timestamp("2023-12-31"))
    assert year(found, "good_days")["first"] == dt.date(2024, 1, 1)
    assert year(found, "good_days")["so_far"] == 0
    assert np.isnan(year(found, "pm25")["so_far"])


def test_the_days_of_the_issue_come_from_its_distribution():
    last = pd.Timestamp("2023-12-24")
    so_far = year(outlook.of_history(days(), last), "good_days")["so_far"]
    for chance, expected in ((0.0, 0), (1.0, 7)):
        good = year(outlook.of_history(days(), last, daily=issue(chance, 70.0)), "good_days")
        assert set(good["quantiles"]) == {so_far + expected}
    mean = year(outlook.of_history(days(), last, daily=issue(1.0, 70.0)), "pm25")
    expected = (mean["so_far"] * 358 + 70.0 * 7) / 365
    np.testing.assert_allclose(mean["quantiles"], expected, rtol=1e-5)


def test_chances_of_the_issue_become_shares_of_the_paths():
    last = pd.Timestamp("2023-12-30")
    found = year(outlook.of_history(days(), last, daily=issue(0.3, 70.0).query("lead == 1")), "good_days")
    assert (found["quantiles"] > found["so_far"]).mean() == pytest.approx(0.3, abs=0.05)


def test_nothing_after_the_last_day_is_used_and_the_seed_is_the_issue():
    last = pd.Timestamp("2023-06-15")
    poisoned = days()
    poisoned.loc["2023-06-16":] = 999.0
    found, again = outlook.of_history(days(), last), outlook.of_history(poisoned, last)
    for one, other in zip(found["quantiles"], again["quantiles"], strict=True):
        np.testing.assert_array_equal(one, other)


def test_little_history_says_less():
    last = pd.Timestamp("2024-03-31")
    width = [
        np.ptp(np.asarray(year(outlook.of_history(days(first), last), "pm25")["quantiles"])[[5, 95]])
        for first in ("2020-01-01", "2023-03-01")
    ]
    assert width[1] > 1.15 * width[0]
    months = outlook.of_history(days("2024-01-01"), last)
    assert set(months["model"]) == {"recent"}
    assert months["last"].max() == dt.date(2024, 4, 30)
    assert outlook.of_history(days("2024-03-10"), last).empty


def test_the_level_follows_the_last_twelve_months():
    table = days()
    table.loc["2023-01-01":] *= 0.5
    found = year(outlook.of_history(table, pd.Timestamp("2023-12-31")), "pm25")
    assert 0.35 < found["quantiles"][50] / days().loc["2024", "pm25"].mean() < 0.55


def test_outlooks_of_a_home_are_rated_as_its_pages(home_2019):
    as_of = pd.Timestamp("2019-11-30T08:00", tz="Asia/Shanghai")
    found = outlook.outlooks(home_2019, Scope.all(), as_of)
    known = air.city_daily(home_2019, Scope.all(), dt.date(2019, 11, 1), dt.date(2019, 11, 29))
    row = found[(found["item"] == "good_days") & (found["first"] == dt.date(2019, 11, 1))].iloc[0]
    assert row["so_far"] == (known.loc[known["valid"], "aqi"] <= 100).sum()
    assert row["days"] == 29
    assert (found["model"] == "recent").all()


def test_outlooks_of_past_years_hold(daily_table):
    """48 outlooks of four years are few independent ones: only gross errors are caught here."""
    found = outlook.check(read_days(daily_table / "city_daily.csv"), dt.date(2016, 12, 1), dt.date(2020, 11, 30))
    for item, most in (("good_days", 16), ("pm25", 3)):
        table = found[found["item"] == item]
        assert len(table) == 48
        assert 0.35 <= table["inside50"].mean() <= 0.80
        assert table["inside90"].mean() >= 0.85
        assert (table["median"] - table["came"]).abs().mean() < most


def test_the_check_is_a_command(daily_table):
    options = ["outlook-check", "--data", str(daily_table), "--from", "2019-10-01", "--to", "2019-12-31"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "good_days: 3 outlooks of 2 years" in result.output
