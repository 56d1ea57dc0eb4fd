"""Homes and documents that the tests of briefings share."""

import datetime as dt

import pytest

from shuzhi import i18n
from shuzhi.publish.document import write
from shuzhi.publish.period import Period
from shuzhi.publish.pictures import pictures
from shuzhi.settings import ROOT
from shuzhi.store import Scope, open_home

FIXTURES = ROOT / "tests" / "fixtures"
ALL = Scope.all()
AUGUST = Period("span", dt.date(2019, 8, 25), dt.date(2019, 8, 26))


@pytest.fixture(autouse=True)
def speaking_chinese():
    """Each test starts in Chinese."""
    i18n.use("zh")
    yield
    i18n.use("zh")


@pytest.fixture(scope="session")
def two_years(tmp_path_factory):
    """25 and 26 August of 2019 and of 2018: then the figures of the 26th on both days, twice the NO2."""
    from shuzhi.ingest.service import import_air_archive, import_stations

    folder = tmp_path_factory.mktemp("archive")
    for day in ("20190825", "20190826"):
        (folder / f"china_sites_{day}.csv").write_text((FIXTURES / f"china_sites_{day}.csv").read_text())
    source = (FIXTURES / "china_sites_20190826.csv").read_text().splitlines()
    for day in ("20180825", "20180826"):
        lines = [_doubled(line.replace("20190826", day)) for line in source]
        (folder / f"china_sites_{day}.csv").write_text("\n".join(lines) + "\n")
    home = open_home(tmp_path_factory.mktemp("two-years"))
    import_stations(home, FIXTURES / "stations_chengdu.csv")
    import_air_archive(home, [folder])
    return home


def _doubled(line: str) -> str:
    date, hour, kind, *values = line.split(",")
    if kind != "NO2":
        return line
    return ",".join([date, hour, kind, *(str(2 * int(value)) if value else "" for value in values)])


@pytest.fixture(scope="session")
def august(two_years):
    """The document of two days with a year to compare, and its pictures."""
    i18n.use("zh")
    document = write(two_years, ALL, AUGUST)
    return document, pictures(two_years, ALL, document)
