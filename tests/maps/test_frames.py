"""Frames: the hours that a map plays back, as compact JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from shuzhi.maps.frames import frames
from shuzhi.status import air, snapshot
from shuzhi.store import Scope

SCOPE = Scope.all()
END = pd.Timestamp("2019-08-26T15:00", tz="Asia/Shanghai")


@pytest.fixture(scope="module")
def body(two_days):
    return json.loads(frames(two_days, SCOPE, END))


def test_an_entry_for_each_hour_and_station(body):
    assert (body["first"], body["end"], body["hours"]) == ("2019-08-23T16:00", "2019-08-26T15:00", 72)
    assert len(body["stations"]) == 8
    for name in ("value", "level", "age"):
        assert len(body[name]) == 72
        assert {len(row) for row in body[name]} == {8}
    assert len(body["city"]["aqi"]) == len(body["city"]["level"]) == 72


def test_the_last_frame_is_the_snapshot(two_days, body):
    seen = snapshot.window(two_days, SCOPE, END, 1)
    assert [station[0] for station in body["stations"]] == seen.stations["code"].tolist()
    assert body["value"][-1] == seen.value[0].tolist()
    assert body["level"][-1] == "".join(map(str, seen.level[0]))


def test_hours_without_a_reading_are_empty(body):
    """The publication was interrupted until 25 August 08:00."""
    assert set(body["value"][0]) == {None}
    assert set(body["level"][0]) == {"0"}
    assert set(body["age"][0]) == {"-"}
    assert body["city"]["aqi"][0] is None


def test_the_city_is_that_of_the_status(two_days, body):
    now = air.city_hourly(two_days, SCOPE, END - pd.Timedelta(hours=1), END).iloc[-1]
    assert body["city"]["aqi"][-1] == now["aqi"]
    assert body["city"]["level"][-1] == str(now["level"])


def test_carbon_monoxide_keeps_its_decimal(two_days):
    values = json.loads(frames(two_days, SCOPE, END, hours=1, factor="co"))["value"][0]
    assert 0 < min(values) < 3
    assert np.allclose(np.round(values, 1), values)


def test_a_station_without_a_position_is_not_on_the_map(tmp_path):
    from shuzhi.store import open_home
    from shuzhi.store.ledger import Station

    home = open_home(tmp_path, create="real")
    with home.ledger.session() as session:
        session.add(Station(code="A", name="甲", kind="air", city=home.city, lon=104.0, lat=30.6))
        session.add(Station(code="B", name="乙", kind="air", city=home.city))
    assert [row[0] for row in json.loads(frames(home, SCOPE, END, hours=1))["stations"]] == ["A"]
