"""Secrets stay where they belong: not in the source tree, not in a log, not as they are in a home."""

import http.client
import os
import re
import stat
import subprocess
from urllib.parse import urlencode, urlsplit

import pytest

from shuzhi.access import accounts, operator, secret
from shuzhi.settings import ROOT, Settings, settings
from shuzhi.store import open_home
from tests.servers import web

PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}\b|\bsk-\w{32,}")
ASSIGNED = re.compile(r"""(?i)\b(?:password|passwd|secret|token|api_?key)\b\s*[=:]\s*["'][^"'{}<>\s]{20,}["']""")
NEVER = ("secrets.toml", ".env", "secret.key", "id_rsa")


@pytest.fixture
def cleared():
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_repository_holds_none():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a repository")
    files = [ROOT / name for name in listed.stdout.splitlines()]
    assert [file for file in files if file.name in NEVER or file.suffix in (".pem", ".key", ".pfx")] == []
    texts = [file for file in files if file.suffix in (".py", ".toml", ".yaml", ".yml", ".md", ".js", ".sh", ".cfg")]
    assert len(texts) > 100
    found = [file.name for file in texts if file.is_file() and PRIVATE.search(file.read_text(encoding="utf-8"))]
    product = [file for file in texts if "tests" not in file.parts and file.is_file()]
    found += [file.name for file in product if ASSIGNED.search(file.read_text(encoding="utf-8"))]
    assert [name for name in found if name != "test_secrets.py"] == []


def test_the_key_is_readable_by_its_owner_only(tmp_path):
    before = os.umask(0)
    try:
        secret.key(open_home(tmp_path))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_settings_from_a_file_outside_the_tree(tmp_path, monkeypatch, cleared):
    file = tmp_path / "shuzhi.env"
    file.write_text("SHUZHI_CITY=甲市\nSHUZHI_OIDC_CLIENT_SECRET=s3cret\n", encoding="utf-8")
    monkeypatch.setenv("SHUZHI_SETTINGS", str(file))
    assert settings().city == "甲市"
    assert settings().oidc_client_secret.get_secret_value() == "s3cret"
    settings.cache_clear()
    monkeypatch.setenv("SHUZHI_CITY", "乙市")
    assert settings().city == "乙市"  # the environment goes first


@pytest.mark.parametrize("name", [".env", "demo/none.env"])
def test_no_settings_in_the_tree(name, monkeypatch, cleared):
    path = ROOT / "README.md" if name == ".env" else ROOT / name
    monkeypatch.setenv("SHUZHI_SETTINGS", str(path))
    with pytest.raises(ValueError, match="outside of the source tree|no file"):
        settings()


@pytest.mark.parametrize("field", ["secret_file", "oidc_client_secret_file"])
def test_no_secret_file_in_the_tree(field):
    with pytest.raises(ValueError, match="outside of the source tree"):
        Settings(**{field: ROOT / "data" / "key"})


def test_settings_show_no_secret(monkeypatch, cleared):
    monkeypatch.setenv("SHUZHI_OIDC_CLIENT_SECRET", "s3cret")
    assert "s3cret" not in repr(settings())
    monkeypatch.setenv("SHUZHI_IDLE_MINUTES", "s3cret")
    settings.cache_clear()
    with pytest.raises(ValueError) as error:
        settings()
    assert "s3cret" not in str(error.value)


def test_nothing_secret_is_logged_or_kept(tmp_path, capfd):
    """Passwords, tokens and what a stranger types in their place: neither in what the server writes nor in its home."""
    home = open_home(tmp_path / "home")
    password = accounts.create(home, operator(), "Li.Na", "李娜", "leader", ())
    typed, token = "WrongPassword-8d1f", "stranger-token-77ab41"
    with web(home.path, SHUZHI_OIDC_CLIENT_SECRET="oidc-9c1e") as server:
        shown = ask(server, "GET", "/sign-in")
        seal, cookie = re.search(r'name="token" value="([^"]+)"', shown[2])[1], shown[1].split(";")[0]
        for given in (typed, password):
            form = urlencode({"token": seal, "login": "Li.Na", "password": given})
            status, session, _page = ask(server, "POST", "/sign-in", form, cookie)
        assert status == 303
        session = re.search(r"shuzhi_session=([^;]+)", session)[1]
        ask(server, "GET", f"/wall/enter?token={token}")
        ask(server, "GET", "/account", None, f"shuzhi_session={session}")
        ask(server, "GET", "/account", None, f"shuzhi_session={token}")
    written = "".join(capfd.readouterr())
    kept = b"".join(file.read_bytes() for file in home.path.rglob("*") if file.is_file())
    for what in (password, typed, token, session, "oidc-9c1e", seal):
        assert what not in written
        assert what.encode() not in kept


def ask(server: str, method: str, path: str, form: str | None = None, cookie: str = "") -> tuple[int, str, str]:
    """Status, cookies that are set, and the page."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    headers = {"Cookie": cookie, "Origin": server} | (
        {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    )
    connection.request(method, path, form, headers)
    answer = connection.getresponse()
    found = answer.status, "; ".join(answer.headers.get_all("set-cookie") or []), answer.read().decode()
    connection.close()
    return found
