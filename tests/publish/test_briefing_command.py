"""``python -m shuzhi briefing``."""

import pytest
from typer.testing import CliRunner

from shuzhi.errors import InputError
from shuzhi.publish.cli import app
from shuzhi.settings import settings
from shuzhi.store import open_home


@pytest.fixture
def run(two_years, monkeypatch):
    """A function that runs the command in the home of two years, or another."""

    def go(*words: str, home=two_years):
        monkeypatch.setenv("SHUZHI_HOME", str(home.path))
        settings.cache_clear()
        result = CliRunner().invoke(app, list(words))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    yield go
    settings.cache_clear()


def test_sentences_are_printed(run):
    out = run("--from", "2019-08-25", "--to", "2019-08-26").stdout.splitlines()
    assert out[0] == "2019年8月25—26日成都市空气质量状况"
    assert out[2].startswith("2019年8月25—26日，成都市优良")
    assert "Air quality in Chengdu" in run("--period", "day", "--at", "2019-08-26", "--lang", "en").stdout


def test_the_newest_period_is_the_default(run):
    assert run().stdout.startswith("2019年8月1—26日成都市空气质量状况")


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.html", "a.xlsx", "a.png"])
def test_files_are_written(run, tmp_path, name):
    run("--period", "month", "--at", "2019-08", "--place", "成都市", "--out", str(tmp_path / name))
    assert (tmp_path / name).stat().st_size > 5_000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--period", "month", "--at", "August"), "no month"),
        (("--period", "decade"), "unknown period"),
        (("--from", "2019-08-25"), "--from and --to"),
        (("--lang", "fr"), "unknown language"),
        (("--out", "a.odt"), "endings known"),
        (("--period", "month", "--at", "2019-03", "--out", "a.png"), "no valid day"),
    ],
)
def test_what_is_wrong_is_said(run, words, message):
    with pytest.raises(InputError, match=message):
        run(*words)


def test_an_empty_home_is_said_so(run, tmp_path):
    with pytest.raises(InputError, match="import air-archive"):
        run(home=open_home(tmp_path / "empty"))
