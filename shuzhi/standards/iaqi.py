"""Individual air-quality indices (IAQI, 空气质量分指数): HJ 633-2012 and HJ 633-2026.

A concentration is rounded before it is rated (SO2, NO2, O3, PM10, PM2.5 to whole numbers, CO to one decimal), so every
IAQI is a look-up in a table made once in whole-number arithmetic: exact at the breakpoints, and fast.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.standards import tables
from shuzhi.standards.days import EDITIONS
from shuzhi.standards.rounding import half_even_units

NONE = -1
"""No IAQI, in the whole-number arrays inside this package."""


HIGHEST = 500
"""AQI ends here; the text gives no extrapolation."""


@dataclass(frozen=True)
class Breakpoints:
    """One row of the breakpoint table.

    ``bounds`` are whole numbers in units of the last kept decimal (CO in 0.1 mg/m³), ``above`` is the IAQI beyond the
    last bound (None = there is none).
    """

    edition: str
    item: str
    period: str
    unit: str
    decimals: int
    bounds: tuple[int, ...]
    indices: tuple[int, ...]
    above: int | None
    note: str
    clause: str
    source: str

    def segment(self, units: int) -> int:
        """Number of the upper bound of the segment that holds a rounded concentration."""
        return next(k for k in range(1, len(self.bounds)) if units <= self.bounds[k])

    def value(self, units: int) -> Fraction:
        """The index of a rounded concentration before it is rounded up (formula 1)."""
        k = self.segment(units)
        bp_lo, bp_hi = self.bounds[k - 1 : k + 1]
        iaqi_lo, iaqi_hi = self.indices[k - 1 : k + 1]
        return Fraction(iaqi_hi - iaqi_lo, bp_hi - bp_lo) * (units - bp_lo) + iaqi_lo


@lru_cache
def _table() -> dict[tuple[str, str, str], Breakpoints]:
    rows = map(_row, tables.read("aqi_breakpoints").to_dict("records"))
    return {(row.edition, row.item, row.period): row for row in rows}


def _row(record: dict) -> Breakpoints:
    steps = [(int(name.removeprefix("iaqi_")), record[name]) for name in record if name.startswith("iaqi_")]
    steps = [(index, bound) for index, bound in steps if not pd.isna(bound)]
    scale = 10 ** record["decimals"]
    return Breakpoints(
        *(record[name] for name in ("edition", "item", "period", "unit", "decimals")),
        bounds=tuple(round(bound * scale) for _, bound in steps),
        indices=tuple(index for index, _ in steps),
        above=None if pd.isna(record["above"]) else int(record["above"]),
        **{name: record[name] for name in ("note", "clause", "source")},
    )


def breakpoints(item: str, period: str, edition: str) -> Breakpoints:
    """The breakpoints for an item and an averaging period.

    PM10 and PM2.5 of one hour are rated with the 24 h breakpoints (practice since 2014; text of HJ 633-2026). The name
    ``o3_8h`` is taken for ozone over 8 h.

    Raises
    ------
    InputError
        The edition has no such item or period.
    """
    if item == "o3_8h":
        item, period = "o3", "8h"
    if item in ("pm25", "pm10") and period == "1h":
        period = "24h"
    try:
        return _table()[edition, item, period]
    except KeyError:
        known = ", ".join(" ".join(key) for key in _table())
        raise InputError(
            f"no IAQI for edition {edition!r}, item {item!r}, period {period!r}; known are {known}"
        ) from None


@lru_cache
def _lookup(item: str, period: str, edition: str) -> tuple[np.ndarray, int, int]:
    """IAQI by rounded concentration; the last two places are "above the table" and "none"."""
    rule = breakpoints(item, period, edition)
    last = rule.bounds[-1]
    found = [-(-value.numerator // value.denominator) for value in map(rule.value, range(last + 1))]
    return np.array([*found, NONE if rule.above is None else rule.above, NONE], np.int16), last + 1, rule.decimals


def whole_iaqi(concentration: np.ndarray, item: str, period: str, edition: str) -> np.ndarray:
    """IAQI as int16 with ``NONE`` where there is none; one edition, float concentrations."""
    index, above, decimals = _lookup(item, period, edition)
    known = (concentration >= 0) & (concentration < np.inf)
    capped = np.where(known, np.minimum(concentration, above), np.nan)
    units = np.minimum(half_even_units(capped, decimals), above)
    return index[np.where(known, units, above + 1).astype(np.intp)]


def numbers(values) -> np.ndarray:
    """Readings as float64; missing ones of any dtype become NaN."""
    if isinstance(values, pd.Series):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(values, dtype=float)


def as_float(index: np.ndarray) -> np.ndarray:
    """Whole-number indices as float with NaN for none."""
    return np.where(index == NONE, np.nan, index)


def iaqi(concentration, item: str, period: str, edition="2012"):
    """IAQI of concentrations.

    Parameters
    ----------
    concentration : array_like or float
        µg/m³, CO mg/m³; any shape.
    item : str
        One of ``ITEMS``, or ``o3_8h``.
    period : {"1h", "8h", "24h"}
        PM10 and PM2.5 take the 24 h breakpoints for "1h".
    edition : {"2012", "2026"} or array of them
        As an array it goes with the shape of ``concentration``.

    Returns
    -------
    numpy.ndarray or float
        Whole numbers 0…500 as float, rounded up (HJ 633-2012 clause 6.2, formula 1); 500 above the last breakpoint.
        NaN where missing, negative or infinite, and where the edition gives no index: 2012 SO2 1 h and O3 8 h above 800
        (2026: 200 and 300).

    Raises
    ------
    InputError
        Unknown item, period or edition.
    """
    values = numbers(concentration)
    if isinstance(edition, str):
        found = as_float(whole_iaqi(values, item, period, edition))
    else:
        values, edition = np.broadcast_arrays(values, np.asarray(edition, dtype=str))
        unknown = set(np.unique(edition)) - set(EDITIONS)
        if unknown:
            raise InputError(f"unknown editions {sorted(unknown)}; known are {list(EDITIONS)}")
        found = np.full(values.shape, np.nan)
        for name in EDITIONS:
            chosen = edition == name
            found[chosen] = as_float(whole_iaqi(values[chosen], item, period, name))
    return float(found) if np.ndim(found) == 0 else found
