"""What the worker of a home does by itself."""

import pytest

from shuzhi.jobs import worker
from shuzhi.settings import settings
from shuzhi.store import open_home


def jobs(home) -> set[str]:
    return {job.id for job in worker.schedule(home).get_jobs()}


def test_a_real_city_is_only_kept_in_order(tmp_path):
    assert jobs(open_home(tmp_path)) == {"compact"}


def test_a_simulated_city_lives_on(tmp_path):
    assert jobs(open_home(tmp_path, create="simulated")) == {"compact", "extend", "extend-now"}


@pytest.mark.slow
def test_an_extension_that_fails_is_logged_not_raised(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("SHUZHI_HOME", str(tmp_path))
    settings.cache_clear()
    worker.extend_city()
    settings.cache_clear()
    assert "city build" in caplog.text
