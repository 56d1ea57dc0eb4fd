"""Coordinates from outside: degrees in WGS 84 within China."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.ingest.coordinates import System
from shuzhi.ingest.numbers import MISSING, bounds, to_numbers
from shuzhi.ingest.rejects import NOT_A_NUMBER, OUTSIDE_CHINA, SWAPPED

_SEXAGESIMAL = r"^(?P<d>\d{1,3})[°度](?P<m>\d{1,2})['′’分](?:(?P<s>\d{1,2}(?:\.\d+)?)[\"″”秒]?)?$"


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


def positions(
    lon: pa.Array, lat: pa.Array, system: System | None = None
) -> tuple[np.ndarray, np.ndarray, dict[tuple[str, str], np.ndarray]]:
    """Columns of cells as longitudes and latitudes; also degrees with minutes and seconds (104°03′59″).

    Parameters
    ----------
    lon, lat : pyarrow arrays of string, n
        Trimmed.
    system : System, optional
        What they are in; by default WGS 84.

    Returns
    -------
    lon, lat : float arrays, n
        WGS 84, NaN where both cells are empty or something is wrong.
    faults : dict
        (reason, detail) → rows. Nothing is guessed: swapped coordinates stay out.
    """
    (x, no_lon), (y, no_lat) = _coordinates(lon), _coordinates(lat)
    wrong = no_lon | no_lat
    half = ~wrong & (np.isnan(x) != np.isnan(y))
    found = {
        (NOT_A_NUMBER, "degrees with decimals are needed"): np.flatnonzero(wrong),
        (NOT_A_NUMBER, "one of the two coordinates is missing"): np.flatnonzero(half),
    }
    x, y, outside = within_china(np.where(wrong, np.nan, x), np.where(wrong, np.nan, y), system)
    return x, y, {fault: rows for fault, rows in found.items() if len(rows)} | outside


def within_china(
    x: np.ndarray, y: np.ndarray, system: System | None = None
) -> tuple[np.ndarray, np.ndarray, dict[tuple[str, str], np.ndarray]]:
    """Coordinates as longitudes and latitudes in WGS 84; result as of :func:`positions`."""
    system = system or System()
    there = ~np.isnan(x) & ~np.isnan(y)
    if not system.in_degrees:
        x, y = system.to_wgs84(x, y)
    with np.errstate(invalid="ignore"):
        swapped = there & _inside(x, "latitude") & _inside(y, "longitude")
        inside = there & _inside(x, "longitude") & _inside(y, "latitude")
    faults = {
        (SWAPPED, "the first is a latitude, the second a longitude; swap the two columns"): np.flatnonzero(swapped),
        (OUTSIDE_CHINA, ""): np.flatnonzero(there & ~inside & ~swapped),
    }
    x, y = np.where(inside, x, np.nan), np.where(inside, y, np.nan)
    if system.in_degrees:
        x, y = system.to_wgs84(x, y)
    return x, y, {fault: rows for fault, rows in faults.items() if len(rows)}


def _coordinates(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    values, bad = to_numbers(cells)
    if bad.any():
        parts = pc.extract_regex(cells, _SEXAGESIMAL)
        degrees, minutes, seconds = (_number(pc.struct_field(parts, name)) for name in "dms")
        read = bad & ~np.isnan(degrees) & (minutes < 60) & ~(seconds >= 60)
        values = np.where(read, degrees + minutes / 60 + np.nan_to_num(seconds) / 3600, values)
        bad = bad & ~read
    return values, bad


def _number(cells: pa.Array) -> np.ndarray:
    return pc.if_else(pc.equal(cells, ""), None, cells).cast(pa.float64()).to_numpy(zero_copy_only=False)


def _inside(values: np.ndarray, name: str) -> np.ndarray:
    low, high, _ = bounds(name, "")
    return (values >= low) & (values <= high)


def _degrees(cell: str, column: str) -> float | None:
    try:
        return None if cell in MISSING else float(cell)
    except ValueError:
        raise Fault(NOT_A_NUMBER, "degrees with decimals are needed", column) from None


def _within(value: float, name: str) -> bool:
    low, high, _ = bounds(name, "")
    return low <= value <= high
