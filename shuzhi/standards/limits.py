"""Concentration limits (浓度限值): GB 3095-2012 with its 2018 amendment, GB 3095-2026 transition and final."""

from functools import lru_cache

import pandas as pd

from shuzhi.errors import InputError
from shuzhi.standards import tables

GRADES = (1, 2)


def limits(day, grade: int | None = None) -> pd.DataFrame:
    """The limits in force on a day.

    Parameters
    ----------
    day : date, Timestamp or ISO text
        The Beijing day.
    grade : {1, 2}, optional
        Only this grade; 1 for nature reserves and the like, 2 for where people live.

    Returns
    -------
    DataFrame
        edition, stage ("original", "amended", "transition", "final"), effective_from, effective_to (NaT = open), item,
        period, grade, value, unit, state (to which the concentrations refer), note, source. Besides ``ITEMS`` also tsp,
        nox, pb, bap.
    """
    table = tables.in_force("air_limits", day)
    table["note"] = table["note"].fillna("")
    return (table if grade is None else table[table["grade"] == grade]).reset_index(drop=True)


def limit(item: str, period: str, day, grade: int = 2) -> float | None:
    """One limit, None where the standard has none (PM10 and PM2.5 of one hour).

    Parameters
    ----------
    item : str
        One of ``ITEMS``, ``o3_8h`` (ozone over 8 h, whatever the period says), tsp, nox, pb, bap.
    period : {"1h", "8h", "24h", "annual", "season"}
    day : date, Timestamp or ISO text
        The Beijing day.
    grade : {1, 2}

    Raises
    ------
    InputError
        Unknown grade, period or item.
    """
    if item == "o3_8h":
        item, period = "o3", "8h"
    if grade not in GRADES:
        raise InputError(f"unknown grade {grade!r}; known are 1 and 2")
    items, periods = _known()
    if item not in items or period not in periods:
        raise InputError(
            f"no limits for item {item!r}, period {period!r}; known are {sorted(items)}, {sorted(periods)}"
        )
    return _values(pd.Timestamp(day).date()).get((item, period, grade))


@lru_cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    table = tables.read("air_limits")
    return frozenset(table["item"]), frozenset(table["period"])


@lru_cache(maxsize=4096)
def _values(day) -> dict[tuple[str, str, int], float]:
    rows = tables.in_force("air_limits", day)
    keys = zip(rows["item"], rows["period"], rows["grade"], strict=True)
    return dict(zip(keys, map(float, rows["value"]), strict=True))
