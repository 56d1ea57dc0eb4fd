"""What the worker of a home does by itself."""

import pytest

from shuzhi.jobs import worker
from shuzhi.settings import settings
from shuzhi.store import open_home


def jobs(home) -> set[str]:
    return {job.id for job in worker.schedule(home).get_jobs()}


REGULAR = {"compact", "forecast-issue", "forecast-verify", "forecast-fit", "catch-up"}


def test_a_real_city_is_kept_in_order_and_forecast(tmp_path):
    assert jobs(open_home(tmp_path)) == REGULAR


def test_a_simulated_city_lives_on(tmp_path):
    assert jobs(open_home(tmp_path, create="simulated")) == REGULAR | {"extend"}


def test_hours_are_caught_up_before_the_forecasts_that_start_from_them(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(worker, "extend_city", lambda: done.append("hours"))
    monkeypatch.setattr(worker.forecasts, "begin", lambda home: done.append("forecasts"))
    worker.catch_up(open_home(tmp_path / "simulated", create="simulated"))
    assert done == ["hours", "forecasts"]
    done.clear()
    worker.catch_up(open_home(tmp_path / "real"))
    assert done == ["forecasts"]


@pytest.mark.slow
def test_an_extension_that_fails_is_logged_not_raised(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("SHUZHI_HOME", str(tmp_path))
    settings.cache_clear()
    worker.extend_city()
    settings.cache_clear()
    assert "city build" in caplog.text
