"""Forecasts are made by themselves: regularly, and from the beginning where there is nothing."""

import pandas as pd
import pytest

from shuzhi.jobs import forecasts
from shuzhi.research.forecast import issues
from shuzhi.settings import settings
from shuzhi.store import open_home

NOW = pd.Timestamp("2026-11-25T00:10Z")


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home", create="simulated")


@pytest.fixture
def asked(monkeypatch):
    commands = []
    monkeypatch.setattr(forecasts, "run", lambda home, command: commands.append(command))
    return commands


def recorded(home, hindcast: bool) -> None:
    at = NOW.floor("h") - pd.Timedelta(days=int(hindcast))
    rows = pd.DataFrame({"kind": ["air"], "grain": "day", "level": "city", "place": "成都", "item": "aqi", "lead": 1})
    made = issues.Issue(issues.issue_id(at), at, at, None, None, "1", hindcast, NOW, 1.0, 1)
    issues.record(home, made, rows.assign(model="ensemble", time=at, value=50.0))


def test_a_home_without_an_issue_begins(home, asked):
    recorded(home, hindcast=True)
    forecasts.begin(home)
    assert asked == ["begin"]


def test_later_only_the_days_without_an_issue_are_made_up_for(home, asked):
    recorded(home, hindcast=False)
    forecasts.begin(home)
    assert asked == ["hindcast"]


def test_without_readings_nothing_is_tried(home, monkeypatch):
    monkeypatch.setattr(forecasts.subprocess, "Popen", lambda *a, **k: pytest.fail("a process was started"))
    forecasts.run(home, "issue")


@pytest.mark.slow
def test_a_failure_is_logged_not_raised(small_city, monkeypatch, caplog, tmp_path):
    monkeypatch.setenv("SHUZHI_HOME", str(tmp_path / "empty"))
    settings.cache_clear()
    forecasts.run(small_city, "issue")
    settings.cache_clear()
    assert "three days" in caplog.text
