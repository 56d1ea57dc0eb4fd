"""Coordinate systems that a delivery may declare: WGS 84, CGCS2000, GCJ-02, BD-09 and any EPSG code, to WGS 84."""

import numpy as np

from shuzhi.errors import InputError
from shuzhi.ingest.bd09 import wgs84_from_bd09
from shuzhi.ingest.gcj02 import wgs84_from_gcj02

_SAME = ("wgs84", "cgcs2000", "epsg:4326", "epsg:4490")
"""Equal within decimetres."""


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
            return wgs84_from_bd09(x, y)
        lon, lat = self._transformer.transform(x, y)
        return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


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
