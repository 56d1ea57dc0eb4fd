"""Colours and names of the AQI levels, as charts need them."""

from functools import cache

import pandas as pd

from shuzhi.i18n import language
from shuzhi.standards.aqi import levels


@cache
def level_colors() -> pd.DataFrame:
    """Colour, ink and names of each level, index 1…6."""
    return levels().set_index("level")


def level_names() -> dict[int, str]:
    """Name of each level in the language spoken now."""
    return _names(language())


@cache
def _names(lang: str) -> dict[int, str]:
    return level_colors()[f"name_{lang}"].to_dict()
