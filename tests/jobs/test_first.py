"""The first start: one administrator, whatever starts at once; a demo of a simulated city only."""

import os
import subprocess
import sys

import pytest

from shuzhi.access import accounts, operator, session, signin
from shuzhi.errors import ShuzhiError
from shuzhi.jobs.first import begin
from shuzhi.settings import ROOT, settings
from shuzhi.store import open_home

HERE = "http://127.0.0.1:8501"
START = f"from shuzhi.jobs.first import begin; from shuzhi.store import open_home; begin(open_home(), {HERE!r})"


def test_processes_that_start_at_once_create_one_administrator(tmp_path):
    environment = {**os.environ, "SHUZHI_HOME": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", START], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _turn in range(3)
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert sum("one-time password" in text for text in said) == 1
    home = open_home(tmp_path)
    assert list(accounts.table(home, operator())["login"]) == [accounts.FIRST]


def test_the_password_is_printed_once_and_signs_in(tmp_path, capsys):
    home = open_home(tmp_path)
    begin(home, HERE)
    said, out = capsys.readouterr().err, ""
    password = said.split("one-time password")[1].split()[0]
    begin(home, HERE)
    assert capsys.readouterr() == (out, "")
    who = session.person(home, signin.with_password(home, "admin", password, "", signin.Visitor()))
    assert (who.role, who.must_change) == ("administrator", True)


def test_a_demo_has_an_account_for_each_role_in_places_that_exist(small_city, monkeypatch):
    begin(small_city, HERE, demo=True)
    begin(small_city, HERE, demo=True)
    monkeypatch.setattr(settings(), "demo", True)
    found = signin.demo_roles(small_city)
    assert found["district_officer"] == ["锦江区"]
    assert len(found["grid_inspector"]) == len(found["enterprise"]) == 1
    assert found["leader"] == []
    assert {"public", "wall"}.isdisjoint(found)


def test_no_demo_of_a_real_city(tmp_path):
    home = open_home(tmp_path)
    with pytest.raises(ShuzhiError, match="real city.*--demo.*SHUZHI_HOME"):
        begin(home, HERE, demo=True)
    assert accounts.table(home, operator()).empty
