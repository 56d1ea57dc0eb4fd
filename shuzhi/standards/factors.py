"""Factors (监测因子): names, symbols, units, decimals and HJ 212 codes."""

from functools import lru_cache

import pandas as pd

from shuzhi.standards import tables

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")
"""The six basic items (基本项目) in the order used everywhere; µg/m³, CO mg/m³."""


def factors(kind: str | None = None) -> pd.DataFrame:
    """The factors as a table indexed by code.

    Parameters
    ----------
    kind : {"air", "weather", "water", "class"}, optional
        Only these.

    Returns
    -------
    DataFrame
        Columns kind, name_zh, name_en, symbol, symbol_rich, unit, decimals, hj212_code ("" = none), note, source.
    """
    table = _factors()
    return table.copy() if kind is None else table[table["kind"] == kind].copy()


@lru_cache
def _factors() -> pd.DataFrame:
    table = tables.read("factors").fillna({"unit": "", "hj212_code": "", "note": "", "source": ""}).set_index("code")
    return table.drop(columns=["edition", "effective_from", "effective_to"])


SYMBOLS = {item: factors().at[item, "symbol"] for item in ITEMS}
"""Plain symbols of the six items, as written in tables and files: PM2.5 PM10 SO2 NO2 CO O3."""
