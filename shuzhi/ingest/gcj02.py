"""GCJ-02, the shifted coordinates of Chinese web maps (火星坐标), to WGS 84 and back.

The shift is a published approximation: an ellipsoid of its own and a sum of sines. PROJ does not know it.
"""

import numpy as np

_A = 6378245.0  # m, semi-major axis of the Krasovsky ellipsoid
_E2 = 0.00669342162296594323  # its first eccentricity squared
_ROUNDS = 4  # of the inverse; after three the rest is below a millimetre


def gcj02_from_wgs84(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes [degrees] as a Chinese web map has them."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon - 105, lat - 35
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + _waves(x, x, 150, 300)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + _waves(x, y, 160, 320)
    phi = np.radians(lat)
    scale = 1 - _E2 * np.sin(phi) ** 2
    d_lat = np.degrees(north / (_A * (1 - _E2) / scale**1.5))
    d_lon = np.degrees(east / (_A / np.sqrt(scale) * np.cos(phi)))
    return lon + d_lon, lat + d_lat


def wgs84_from_gcj02(lon, lat) -> tuple[np.ndarray, np.ndarray]:
    """The inverse, by iteration."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    wgs_lon, wgs_lat = lon, lat
    for _round in range(_ROUNDS):
        shifted_lon, shifted_lat = gcj02_from_wgs84(wgs_lon, wgs_lat)
        wgs_lon, wgs_lat = wgs_lon + lon - shifted_lon, wgs_lat + lat - shifted_lat
    return wgs_lon, wgs_lat


def _waves(x, z, mid: float, long: float):
    """The sines of one axis: short ones of ``x``, longer ones of ``z`` with the sizes given [m]."""
    short = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    third = 20 * np.sin(np.pi * z) + 40 * np.sin(np.pi * z / 3)
    far = mid * np.sin(np.pi * z / 12) + long * np.sin(np.pi * z / 30)
    return (short + third + far) * 2 / 3
