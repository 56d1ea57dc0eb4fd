"""Coordinate systems of deliveries."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.ingest.bd09 import bd09_from_wgs84
from shuzhi.ingest.coordinates import System
from shuzhi.ingest.gcj02 import gcj02_from_wgs84
from shuzhi.ingest.position import positions

HERE = (104.06, 30.66)

SAME_PLACE = {
    "wgs84": HERE,
    "CGCS2000": HERE,
    "EPSG:4490": HERE,
    "GCJ-02": (104.062496, 30.657570),
    "bd09": (104.068963, 30.663691),
    "EPSG:4544": (409907.103, 3393656.584),
}
"""The same position, by public tools."""


@pytest.mark.parametrize("name", SAME_PLACE)
def test_to_wgs84(name):
    assert np.allclose(System(name).to_wgs84(*SAME_PLACE[name]), HERE, rtol=0, atol=2e-6)


@given(st.floats(73.6, 135), st.floats(18, 53.5))
def test_there_and_back(lon, lat):
    for name, shift in (("bd09", bd09_from_wgs84), ("gcj02", gcj02_from_wgs84)):
        assert np.allclose(System(name).to_wgs84(*shift(lon, lat)), (lon, lat), rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", ["mars", "EPSG:1", "EPSG:"])
def test_unknown(name):
    with pytest.raises(InputError, match="EPSG:4544"):
        System(name)


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        ("104.06", "30.66", None),
        ("104°03′36″", "30度39分36秒", None),
        ("", "", None),
        ("", "30.66", "not a number"),
        ("x", "30.66", "not a number"),
        ("104°61′", "30.66", "not a number"),
        ("30.66", "104.06", "longitude and latitude swapped"),
        ("0", "0", "coordinates outside China"),
        ("1e999", "30.66", "coordinates outside China"),
    ],
)
def test_columns_of_positions(lon, lat, reason):
    x, y, faults = positions(pa.array([lon]), pa.array([lat]))
    assert [fault for fault, _detail in faults] == ([] if reason is None else [reason])
    assert np.isnan(x[0]) == np.isnan(y[0]) == (reason is not None or lon == "")
    if not np.isnan(x[0]):
        assert np.allclose((x[0], y[0]), HERE)
