"""Real data of surface water for the tests of its law."""

import os
from pathlib import Path

import pytest

FILE = "sichuan_4h_20210401_20210405.csv"


@pytest.fixture(scope="session")
def water_2021() -> Path:
    """The national 4-hourly table of Sichuan, 1–5 April 2021, as it was published, or skip."""
    named = os.environ.get("SHUZHI_WATER")
    shared = Path(__file__).resolve().parents[3] / "shared" / "data" / "water"
    path = (Path(named) if named else shared) / FILE
    if not path.is_file():
        pytest.skip(f"no real water data: SHUZHI_WATER is {named or 'not set'} and {path} is absent")
    return path
