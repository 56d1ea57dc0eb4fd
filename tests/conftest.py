"""Fixtures that many tests share."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side: threads of models would wait for each other

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("shuzhi", deadline=None)  # the machine may be busy
settings.load_profile("shuzhi")


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords():
    """Digests that cost nothing: tests sign in hundreds of times."""
    from argon2 import PasswordHasher

    from shuzhi.access import passwords

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setattr(passwords, "_NOBODY", passwords.digest("nobody"))
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_ledgers():
    """Ledgers that don't wait for the disk: no test draws the plug, and there are hundreds of homes."""
    from shuzhi.store import ledger

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "_PRAGMAS", (*ledger._PRAGMAS, "synchronous=OFF"))
        yield


_MAIN = sys.modules["__main__"]


def pytest_runtest_teardown() -> None:
    """A page that ran as a script has put itself in the place of the main program, which new processes would begin
    with."""
    sys.modules["__main__"] = _MAIN


@pytest.fixture(scope="session")
def archive_2019() -> Path:
    """Folder of the real hourly archive of 2019 (``china_sites_YYYYMMDD.csv``), or skip."""
    named = os.environ.get("SHUZHI_ARCHIVE")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "air" / "cnemc_2019"
    if not any(folder.glob("china_sites_*.csv*")):
        pytest.skip(f"no archive of 2019: SHUZHI_ARCHIVE is {named or 'not set'} and {folder} has no files")
    return folder


@pytest.fixture(scope="session")
def water_2021() -> Path:
    """The national 4-hourly table of Sichuan, 1–5 April 2021, as it was published, or skip."""
    named = os.environ.get("SHUZHI_WATER")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "water"
    path = folder / "sichuan_4h_20210401_20210405.csv"
    if not path.is_file():
        pytest.skip(f"no real water data: SHUZHI_WATER is {named or 'not set'} and {path} is absent")
    return path


@pytest.fixture(scope="session")
def home_2019(archive_2019, tmp_path_factory):
    """A home with the real year 2019 of Chengdu, through the doors; for reading only."""
    from shuzhi.ingest.service import import_air_archive, import_stations
    from shuzhi.store import open_home

    home = open_home(tmp_path_factory.mktemp("home-2019"))
    import_stations(home, archive_2019.parent / "stations_national.csv")
    import_air_archive(home, [archive_2019], city="成都")
    return home


@pytest.fixture(scope="session")
def small_city(tmp_path_factory):
    """A small simulated city up to the last full hour; for reading only."""
    from shuzhi.city.build import build
    from shuzhi.city.plan import Plan
    from shuzhi.store import open_home

    home = open_home(tmp_path_factory.mktemp("small-city"), create="simulated")
    build(home, plan=Plan.small(days=20))
    return home


@pytest.fixture(scope="session")
def two_days(tmp_path_factory):
    """A home with 25 and 26 August 2019 of the eight Chengdu sites, through the doors; for reading only."""
    from shuzhi.ingest.service import import_air_archive, import_stations
    from shuzhi.store import open_home

    home = open_home(tmp_path_factory.mktemp("two-days"))
    import_stations(home, ROOT / "tests" / "fixtures" / "stations_chengdu.csv")
    import_air_archive(home, [ROOT / "tests" / "fixtures"])
    return home
