"""Fixtures that many tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("shuzhi", deadline=None)  # the machine may be busy
settings.load_profile("shuzhi")


@pytest.fixture(scope="session")
def archive_2019() -> Path:
    """Folder of the real hourly archive of 2019 (``china_sites_YYYYMMDD.csv``), or skip."""
    named = os.environ.get("SHUZHI_ARCHIVE")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "air" / "cnemc_2019"
    if not any(folder.glob("china_sites_*.csv*")):
        pytest.skip(f"no archive of 2019: SHUZHI_ARCHIVE is {named or 'not set'} and {folder} has no files")
    return folder
