"""Numbers from text cells, and whether they can be true."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.ingest.rejects import NEGATIVE, OUT_OF_RANGE
from shuzhi.settings import DATA

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-", "--", "—", "——", "/", "\\N")
"""Cells that say “no value”."""

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def to_numbers(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Text cells as numbers.

    Parameters
    ----------
    cells : pyarrow.Array of string, length n

    Returns
    -------
    values : float array, n
        NaN where the cell is empty, a mark for “no value”, or no number.
    bad : bool array, n
        True where the cell holds something that is no number.
    """
    known = pc.if_else(pc.equal(cells, ""), None, cells)
    try:
        values = known.cast(pa.float64()).to_numpy(zero_copy_only=False)
        if np.isfinite(values).sum() == len(known) - known.null_count:
            return values, np.zeros(len(cells), dtype=bool)
    except pa.ArrowInvalid:
        pass
    return _look_closely(cells)


def _look_closely(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    trimmed = pc.utf8_trim_whitespace(cells)
    missing = pc.is_in(trimmed, value_set=pa.array(MISSING))
    number = pc.match_substring_regex(trimmed, _NUMBER)
    values = pc.if_else(number, trimmed, None).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values, pc.invert(pc.or_(missing, number)).to_numpy(zero_copy_only=False)


@cache
def _bounds() -> pd.DataFrame:
    return pd.read_csv(DATA / "quality" / "plausible.csv", keep_default_na=False)


@cache
def bounds(factor: str, period: str) -> tuple[float, float, str]:
    """Lowest and highest plausible value of a factor and its unit (``data/quality/plausible.csv``).

    Raises
    ------
    KeyError
        If the table has no such factor.
    """
    table = _bounds()
    rows = table[(table["factor"] == factor) & table["period"].isin([period, ""])]
    if rows.empty:
        raise KeyError(factor)
    row = rows.iloc[0]
    return float(row["low"]), float(row["high"]), row["unit"]


def why_implausible(value: float, factor: str, period: str) -> tuple[str, str]:
    """Reason and detail for a value outside its bounds."""
    low, high, unit = bounds(factor, period)
    if value < 0 <= low:
        return NEGATIVE, ""
    return OUT_OF_RANGE, f"{factor} {low:g} to {high:g} {unit}"
