"""The register of stations."""

import pandas as pd
import pytest

from shuzhi.registry import stations
from shuzhi.store import open_home
from shuzhi.store.ledger import Station


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home", create="real")


def row(code="1434A", **given) -> pd.DataFrame:
    base = {"code": code, "name": "沙河铺", "city": "成都", "lon": 104.1, "lat": 30.6, "background": False}
    return pd.DataFrame([{**base, **given}]).astype(object)


def station(home, code="1434A") -> Station:
    with home.ledger.session() as session:
        return session.get(Station, code)


def upsert(home, *args, **given):
    done = stations.upsert(home, row(*args, **given), "stations")
    return done.new, done.changed, done.unchanged


def test_new_changed_unchanged(home):
    version = home.version
    assert upsert(home) == (1, 0, 0)
    assert home.version > version
    version = home.version
    assert upsert(home) == (0, 0, 1)
    assert home.version == version
    assert upsert(home, name="沙河") == (0, 1, 0)
    assert station(home).name == "沙河"


def test_a_national_site_counts_unless_it_is_a_reference_site(home):
    upsert(home)
    assert (station(home).network, station(home).evaluation) == ("national", True)
    upsert(home, background=True)
    assert station(home).evaluation is False
    upsert(home, "X1")
    assert (station(home, "X1").network, station(home, "X1").evaluation) == (None, False)


def test_what_a_row_does_not_say_stays(home):
    upsert(home, district="锦江区", evaluation=False, network="city")
    assert upsert(home, district=None) == (0, 0, 1)
    assert (station(home).district, station(home).network, station(home).evaluation) == ("锦江区", "city", False)


def test_site_known_from_readings_only(home):
    assert stations.ensure(home, ["1434A", "Z9"]) == ["1434A", "Z9"]
    assert stations.ensure(home, ["1434A"]) == []
    made = station(home)
    assert (made.name, made.city, made.network, made.evaluation, made.kind) == ("1434A", None, "national", False, "air")
    assert station(home, "Z9").network is None
    assert upsert(home) == (0, 1, 0)
    assert (station(home).name, station(home).evaluation) == ("沙河铺", True)


def test_details_fill_and_never_overwrite(home):
    details = pd.DataFrame(
        {"name": ["温江"], "city": [None], "lon": [103.8], "lat": [30.7]}, index=["W1"], dtype=object
    )
    stations.ensure(home, ["W1"], "weather", details)
    assert (station(home, "W1").name, station(home, "W1").lon, station(home, "W1").kind) == ("温江", 103.8, "weather")
    stations.ensure(home, ["W1"], "weather", details.assign(name="别名", city="成都"))
    assert (station(home, "W1").name, station(home, "W1").city) == ("温江", "成都")


def test_air_station_that_sent_weather_first(home):
    stations.ensure(home, ["1434A", "X1"], "weather")
    upsert(home)
    stations.ensure(home, ["X1"])
    assert (station(home).kind, station(home, "X1").kind) == ("air", "air")
    stations.ensure(home, ["1434A"], "weather")
    assert station(home).kind == "air"


def test_codes_of_city(home):
    upsert(home)
    upsert(home, "1001A", city="北京")
    assert stations.codes_of_city(home, "成都市") == {"1434A"}


@pytest.mark.parametrize(
    ("name", "short"), [("成都市", "成都"), ("成都", "成都"), ("沙市", "沙市"), (" ", None), (None, None)]
)
def test_normal_city(name, short):
    assert stations.normal_city(name) == short
