"""BD-09, the coordinates of Baidu's maps: GCJ-02, shifted a second time."""

import numpy as np

from shuzhi.ingest.gcj02 import gcj02_from_wgs84, wgs84_from_gcj02

_EAST, _NORTH = 0.0065, 0.006  # degrees
_WAVES = np.pi * 3000 / 180
_ROUNDS = 5  # of the inverse; each leaves less than a thirtieth of the rest


def bd09_from_gcj02(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes [degrees] as Baidu's maps have them."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _WAVES)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _WAVES)
    return radius * np.cos(angle) + _EAST, radius * np.sin(angle) + _NORTH


def gcj02_from_bd09(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """The inverse, by iteration."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    gcj_lon, gcj_lat = lon - _EAST, lat - _NORTH
    for _round in range(_ROUNDS):
        shifted_lon, shifted_lat = bd09_from_gcj02(gcj_lon, gcj_lat)
        gcj_lon, gcj_lat = gcj_lon + lon - shifted_lon, gcj_lat + lat - shifted_lat
    return gcj_lon, gcj_lat


def bd09_from_wgs84(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """From WGS 84."""
    return bd09_from_gcj02(*gcj02_from_wgs84(lon, lat))


def wgs84_from_bd09(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """To WGS 84."""
    return wgs84_from_gcj02(*gcj02_from_bd09(lon, lat))
