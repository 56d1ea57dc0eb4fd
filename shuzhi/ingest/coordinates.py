"""Coordinate systems that a delivery may declare: WGS 84, CGCS2000, GCJ-02, BD-09 and any EPSG code, to WGS 84."""

import numpy as np

from shuzhi.errors import InputError
from shuzhi.ingest.gcj02 import gcj02_from_wgs84, wgs84_from_gcj02

_SAME = ("wgs84", "cgcs2000", "epsg:4326", "epsg:4490")
"""Equal within decimetres."""
_BD_TURN = np.pi * 3000 / 180
_BD_LON, _BD_LAT = 0.0065, 0.006  # degrees
_ROUNDS = 3  # of the inverse; after two the rest is below a millimetre


class System:
    """A coordinate system by its name.

    Parameters
    ----------
    name : str, optional
        ``wgs84`` (also by default), ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:…``.

    Raises
    ------
    InputError
        If the name is unknown.
    """

    def __init__(self, name: str | None = None):
        self.name = (name or "wgs84").strip().lower().replace("-", "").replace(" ", "")
        self._transformer = None
        if self.name not in (*_SAME, "gcj02", "bd09"):
            self._transformer = _projection(self.name, name)

    @property
    def in_degrees(self) -> bool:
        """Whether its coordinates are longitudes and latitudes."""
        return self._transformer is None

    def to_wgs84(self, x, y) -> tuple[np.ndarray, np.ndarray]:
        """Longitudes and latitudes in WGS 84 [degrees] of longitudes and latitudes, or of eastings and northings [m].

        Positions that the system does not have become NaN.
        """
        x, y = np.asarray(x, float), np.asarray(y, float)
        if self.name in _SAME:
            return x, y
        if self.name == "gcj02":
            return wgs84_from_gcj02(x, y)
        if self.name == "bd09":
            return wgs84_from_gcj02(*gcj02_from_bd09(x, y))
        lon, lat = self._transformer.transform(x, y)
        return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


def bd09_from_gcj02(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates as the maps of Baidu have them: GCJ-02 shifted and turned once more."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT


def gcj02_from_bd09(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """The inverse, by iteration."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    gcj_lon, gcj_lat = lon - _BD_LON, lat - _BD_LAT
    for _round in range(_ROUNDS):
        bd_lon, bd_lat = bd09_from_gcj02(gcj_lon, gcj_lat)
        gcj_lon, gcj_lat = gcj_lon + lon - bd_lon, gcj_lat + lat - bd_lat
    return gcj_lon, gcj_lat


def bd09_from_wgs84(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """WGS 84 as the maps of Baidu have it."""
    return bd09_from_gcj02(*gcj02_from_wgs84(lon, lat))


def _projection(name: str, given: str | None):
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        return Transformer.from_crs(name, "EPSG:4326", always_xy=True)
    except (ProjError, ValueError) as error:
        raise InputError(
            f"unknown coordinate system “{given}”; use wgs84, cgcs2000, gcj02, bd09 or EPSG:… such as "
            "EPSG:4544 (CGCS2000, 105° E)"
        ) from error
