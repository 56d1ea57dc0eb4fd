"""Coordinates from outside: degrees in WGS 84 within China."""

from shuzhi.ingest.numbers import MISSING, bounds
from shuzhi.ingest.rejects import NOT_A_NUMBER, OUTSIDE_CHINA, SWAPPED


class Fault(Exception):
    """What is wrong with a row: reason, detail and column."""


def position(lon: str, lat: str) -> tuple[float | None, float | None]:
    """Two cells as longitude and latitude; (None, None) where both are empty.

    Raises
    ------
    Fault
        If one is missing or no number, they lie outside China, or they look swapped (nothing is guessed).
    """
    degrees = {"lon": _degrees(lon, "lon"), "lat": _degrees(lat, "lat")}
    if all(value is None for value in degrees.values()):
        return None, None
    for column, value in degrees.items():
        if value is None:
            raise Fault(NOT_A_NUMBER, "one of the two coordinates is missing", column)
    if _within(degrees["lon"], "latitude") and _within(degrees["lat"], "longitude"):
        raise Fault(SWAPPED, f"{lon} is a latitude, {lat} a longitude; swap the two columns", "lon")
    for column, name in (("lon", "longitude"), ("lat", "latitude")):
        if not _within(degrees[column], name):
            low, high, _ = bounds(name, "")
            raise Fault(OUTSIDE_CHINA, f"{name} {degrees[column]:g} is not within {low:g} to {high:g}°", column)
    return degrees["lon"], degrees["lat"]


def _degrees(cell: str, column: str) -> float | None:
    try:
        return None if cell in MISSING else float(cell)
    except ValueError:
        raise Fault(NOT_A_NUMBER, "degrees with decimals are needed", column) from None


def _within(value: float, name: str) -> bool:
    low, high, _ = bounds(name, "")
    return low <= value <= high
