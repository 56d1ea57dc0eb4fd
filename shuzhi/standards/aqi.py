"""Air-quality index (AQI, 空气质量指数), hourly and daily, over whole tables: HJ 633-2012 and HJ 633-2026."""

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.standards.days import EDITIONS, beijing_day, edition_codes, edition_on
from shuzhi.standards.explain import Explanation, explain
from shuzhi.standards.factors import ITEMS, SYMBOLS
from shuzhi.standards.iaqi import NONE, as_float, iaqi, numbers, whole_iaqi
from shuzhi.standards.levels import EXCELLENT_UP_TO, GOOD_UP_TO, level, levels, sensitive_groups

__all__ = [
    "EXCELLENT_UP_TO",
    "GOOD_UP_TO",
    "ITEMS",
    "SYMBOLS",
    "Explanation",
    "beijing_day",
    "daily_aqi",
    "edition_on",
    "explain",
    "hourly_aqi",
    "iaqi",
    "level",
    "levels",
    "sensitive_groups",
]

Inputs = dict[str, tuple[str, str]]
"""Column of a table → (item, averaging period)."""

HOURLY: Inputs = {item: (item, "1h") for item in ITEMS}
DAILY: Inputs = {item: (item, "24h") for item in ITEMS if item != "o3"} | {"o3_8h": ("o3", "8h")}

# The literal text of HJ 633-2012. Its hourly report lists nine values, but PM10 and PM2.5 of one hour have no
# breakpoints of their own there: they are shown, not rated.
HOURLY_TEXT: Inputs = {item: (item, "1h") for item in ("so2", "no2", "co", "o3")} | {
    "o3_8h": ("o3", "8h"),
    "pm10_24h": ("pm10", "24h"),
    "pm25_24h": ("pm25", "24h"),
}
DAILY_TEXT: Inputs = DAILY | {"o3_1h": ("o3", "1h")}

_LOWEST_2026 = 1  # "AQI range 1–500"

_BITS = {item: np.int8(1 << place) for place, item in enumerate(ITEMS)}
_SYMBOL_SETS = pd.array(
    [";".join(SYMBOLS[item] for item in ITEMS if bits & _BITS[item]) for bits in range(1 << len(ITEMS))], dtype="str"
)


def hourly_aqi(
    table: pd.DataFrame, edition="auto", method: str = "practice", missing: str = "auto", plan=ITEMS
) -> pd.DataFrame:
    """AQI of every row of an hourly table.

    Parameters
    ----------
    table : DataFrame
        1 h means in columns named as ``ITEMS`` (µg/m³, CO mg/m³); an absent column counts as missing. ``time``
        (tz-aware, END of the hour) is needed for ``edition="auto"``. Method "text" also reads ``o3_8h``, ``pm10_24h``,
        ``pm25_24h`` (sliding means ending at the stamp).
    edition : {"auto", "2012", "2026"} or array of "2012" and "2026"
        "auto" goes by the Beijing day of each row, see `edition_on`.
    method : {"practice", "text"}
        What 2012 rates. "practice" (since 2014): six 1 h means, PM with the 24 h breakpoints. "text": the literal
        HJ 633-2012, gases of 1 h, sliding O3 8 h, sliding PM 24 h. Rows of 2026 always take the six 1 h means.
    missing : {"auto", "others", "na"}
        Where an item of the plan is missing: "others" = the AQI of the others, "na" = that only if above 100 and none
        otherwise (HJ 633-2026). "auto" = "others" for 2012 and "na" for 2026.
    plan : sequence of items, or boolean array (rows, 6)
        The items of the monitoring plan (a site that never measures SO2 has none), in the second form row by row in the
        order of ``ITEMS``. What is not in the plan is not missing.

    Returns
    -------
    DataFrame
        On ``table.index``: aqi (whole, NaN none), level (int8, 0 none), primary (symbols of the items with the largest
        IAQI where AQI > 50, joined by ";"), exceed (2012: items with IAQI > 100; "" in 2026, which dropped the term),
        iaqi_<column> for each column that is rated, edition.

    Raises
    ------
    InputError
        No usable column, no ``time`` for "auto", an unknown edition, method, rule or item of the plan.
    """
    codes = _codes(table, edition, "time", beijing_day)
    inputs = HOURLY if _checked(method, "method", ("practice", "text")) == "practice" else HOURLY_TEXT
    return _indices(table, codes, (inputs, HOURLY), missing, plan)


def daily_aqi(
    table: pd.DataFrame, edition="auto", method: str = "practice", missing: str = "auto", plan=ITEMS
) -> pd.DataFrame:
    """AQI of every row of a daily table.

    Parameters
    ----------
    table : DataFrame
        24 h means pm25 pm10 so2 no2 co and ``o3_8h`` (daily maximum 8 h mean); ``day`` (dates) for ``edition="auto"``.
        Method "text" also reads ``o3_1h`` (daily maximum 1 h mean).
    edition, method, missing, plan
        As for `hourly_aqi`; the literal text of 2012 rates seven values, O3 1 h beside O3 8 h.

    Returns
    -------
    DataFrame
        As from `hourly_aqi`, with iaqi_o3_8h.

    Raises
    ------
    InputError
        As `hourly_aqi`.
    """
    codes = _codes(table, edition, "day", lambda days: days)
    inputs = DAILY if _checked(method, "method", ("practice", "text")) == "practice" else DAILY_TEXT
    return _indices(table, codes, (inputs, DAILY), missing, plan)


def _checked(value: str, what: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InputError(f"unknown {what} {value!r}; known are {', '.join(known)}")
    return value


def _codes(table: pd.DataFrame, edition, column: str, to_days) -> np.ndarray:
    """Index into ``EDITIONS`` for each row; one number where all rows share it."""
    if isinstance(edition, str) and edition != "auto":
        return np.array(EDITIONS.index(_checked(edition, "edition", EDITIONS)), np.int8)
    if not isinstance(edition, str):
        names = np.asarray(edition, dtype=str)
        if names.shape != (len(table),) or not np.isin(names, EDITIONS).all():
            raise InputError(f"editions must be one of {', '.join(EDITIONS)} for each row")
        return _shared(np.searchsorted(EDITIONS, names).astype(np.int8))
    if column not in table:
        raise InputError('edition "auto" needs the date of each row; add the column or name an edition', column=column)
    return _shared(edition_codes(to_days(table[column])))


def _shared(codes: np.ndarray) -> np.ndarray:
    return codes[0] if codes.size and (codes == codes[0]).all() else codes


def _indices(table: pd.DataFrame, codes: np.ndarray, inputs: tuple[Inputs, Inputs], missing: str, plan) -> pd.DataFrame:
    columns = inputs[0] | inputs[1] if codes.ndim else inputs[int(codes)]
    if table.columns.intersection(list(columns)).empty:
        raise InputError(f"no column to rate; expected some of {', '.join(columns)}")
    found = {name: _one_column(table, name, codes, inputs) for name in columns}
    aqi = np.maximum.reduce(list(found.values()))
    aqi = np.where((codes == 1) & (aqi == 0), np.int16(_LOWEST_2026), aqi)
    hidden = _hidden(aqi, found, columns, codes, missing, plan)
    primary = _bits(found, columns, lambda index: (index == aqi) & (aqi > EXCELLENT_UP_TO) & ~hidden)
    exceed = _bits(found, columns, lambda index: (index > GOOD_UP_TO) & (codes == 0))
    aqi = as_float(np.where(hidden, np.int16(NONE), aqi))
    out = {"aqi": aqi, "level": level(aqi), "primary": _SYMBOL_SETS.take(primary), "exceed": _SYMBOL_SETS.take(exceed)}
    out |= {f"iaqi_{name}": as_float(index) for name, index in found.items()}
    out["edition"] = pd.array(EDITIONS, dtype="str").take(np.broadcast_to(codes, len(table)))
    return pd.DataFrame(out, index=table.index)


def _one_column(table: pd.DataFrame, name: str, codes: np.ndarray, inputs: tuple[Inputs, Inputs]) -> np.ndarray:
    if name not in table:
        return np.full(len(table), NONE, np.int16)
    values = numbers(table[name])
    if not codes.ndim:
        return whole_iaqi(values, *inputs[int(codes)][name], EDITIONS[int(codes)])
    found = np.full(len(table), NONE, np.int16)
    for code, edition in enumerate(EDITIONS):
        if name in inputs[code]:
            rows = codes == code
            found[rows] = whole_iaqi(values[rows], *inputs[code][name], edition)
    return found


def _bits(found: dict[str, np.ndarray], columns: Inputs, chosen) -> np.ndarray:
    """A set of items for each row, one bit an item."""
    bits = 0
    for name, index in found.items():
        bits = bits | chosen(index) * _BITS[columns[name][0]]
    return bits.astype(np.intp)


def _hidden(aqi, found: dict[str, np.ndarray], columns: Inputs, codes: np.ndarray, missing: str, plan) -> np.ndarray:
    """Rows whose AQI is not published because an item of the plan is missing (HJ 633-2026)."""
    _checked(missing, "rule for missing items", ("auto", "others", "na"))
    strict = np.array(missing == "na") if missing != "auto" else codes == 1
    if not strict.any():
        return np.zeros(len(aqi), bool)
    planned = np.broadcast_to(_planned(plan), (len(aqi), len(ITEMS)))
    seen = _bits(found, columns, lambda index: index != NONE)
    wanted = planned @ np.array([int(bit) for bit in _BITS.values()])
    return strict & ((wanted & ~seen) != 0) & (aqi <= GOOD_UP_TO)


def _planned(plan) -> np.ndarray:
    """The plan as booleans in the order of ``ITEMS``, one row or a row for each of the table."""
    if np.ndim(plan) == 2:
        return np.asarray(plan, dtype=bool)
    names = {name.removesuffix("_8h") for name in plan}
    if not names <= set(ITEMS):
        raise InputError(f"unknown items {sorted(names - set(ITEMS))} in the plan; known are {', '.join(ITEMS)}")
    return np.array([item in names for item in ITEMS])
