"""The tables of the standards (``data/standards/*.csv``), read in one place.

Every table carries the edition, the days it is in force (blank = open) and its source.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.errors import ShuzhiError
from shuzhi.settings import DATA

FOLDER = DATA / "standards"
COMMON = ("edition", "effective_from", "effective_to", "source")


@lru_cache
def _read(name: str) -> pd.DataFrame:
    path = FOLDER / f"{name}.csv"
    text = {"edition": str, "note": str, "above": str, "hj212_code": str}
    table = pd.read_csv(path, dtype=text, encoding="utf-8")
    absent = [column for column in COMMON if column not in table]
    if absent:
        raise ShuzhiError(f"{path.name}: columns {absent} are absent; restore the table from the repository")
    for column in ("effective_from", "effective_to"):
        table[column] = pd.to_datetime(table[column]).astype("datetime64[s]")
    return table


def read(name: str) -> pd.DataFrame:
    """One table of ``data/standards`` as the caller's own copy.

    Parameters
    ----------
    name : str
        File name without ``.csv``.

    Raises
    ------
    ShuzhiError
        A common column (edition, effective_from, effective_to, source) is absent.
    """
    return _read(name).copy()


def in_force(name: str, day) -> pd.DataFrame:
    """The rows of a table that are in force on one day (date, Timestamp or ISO text)."""
    table = _read(name)
    when = np.datetime64(pd.Timestamp(day).date())
    begun = table["effective_from"].isna() | (table["effective_from"] <= when)
    lasting = table["effective_to"].isna() | (table["effective_to"] >= when)
    return table[begun & lasting].copy()
