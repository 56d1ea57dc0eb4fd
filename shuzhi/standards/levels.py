"""Levels of the air-quality index: names, colours, advice (HJ 633)."""

from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.standards import tables
from shuzhi.standards.iaqi import numbers


def levels(edition: str = "2012") -> pd.DataFrame:
    """The six levels; names, colours and upper bounds are the same in both editions.

    Returns
    -------
    DataFrame
        level (1…6), roman, grade_zh (一级…), low, high (of the AQI), name_zh, name_en, color_zh, color (hex), r, g, b,
        ink (hex, readable on the colour), health_zh, health_en, advice_zh, advice_en, source. 2026 has no advice here.
    """
    return _levels(edition).copy()


@lru_cache
def _levels(edition: str) -> pd.DataFrame:
    table = tables.read("aqi_levels")
    table = table[table["edition"] == edition].drop(columns=["edition", "effective_from", "effective_to"])
    texts = [name for name in table if name.startswith(("health_", "advice_"))]
    return table.fillna(dict.fromkeys(texts, "")).reset_index(drop=True)


_INNER_BOUNDS = levels()["high"].to_numpy()[:-1]
EXCELLENT_UP_TO, GOOD_UP_TO = map(int, _INNER_BOUNDS[:2])
"""AQI up to which a day is 优, and up to which it is 优 or 良 (a good day, 优良天)."""


def level(aqi) -> np.ndarray:
    """Level 1…6 of an AQI or IAQI, 0 where there is none.

    Parameters
    ----------
    aqi : array_like or float
        Any shape; NaN or negative means none.

    Returns
    -------
    numpy.ndarray
        int8, the shape of ``aqi``.
    """
    values = numbers(aqi)
    found = np.searchsorted(_INNER_BOUNDS, values, side="left") + 1
    return np.where(values >= 0, found, 0).astype(np.int8)


def sensitive_groups() -> pd.DataFrame:
    """Who is sensitive to which item when its IAQI is above 100 (HJ 633-2026), indexed by item."""
    return tables.read("aqi_sensitive_groups").set_index("item")[["iaqi_above", "groups_zh", "groups_en", "source"]]
