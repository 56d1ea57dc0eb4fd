"""Sections to watch in the days of an issue (断面关注): which may miss their target class, and whose class changes.

The class is that of a day's means. Targets are of the year: a day beyond one is a warning, not a target missed.
"""

import numpy as np
import pandas as pd

from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.research.forecast.section_days import last_day, observed
from shuzhi.store import Home, Scope

EXPECTED = 0.5
"""Probability from which a section is expected to miss its target class on a day."""
SEEN = 0.2
"""From which it is worth a look."""

_ABOUT = ["name", "river", "target_class"]


def missing(rows: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """How likely each section is worse than its target class on the day on which that is likeliest.

    Parameters
    ----------
    rows : DataFrame
        What is told of the item ``class``, as from `issues.read`.
    register : DataFrame
        Sections, as from `status.water.sections`.

    Returns
    -------
    DataFrame
        A row a section with a target, the likeliest first: place (code), name, river, target_class, lead, time (end of
        that day, UTC), p1 … p6 (of its classes), chance.
    """
    table = _beside(rows, register)
    table = table[table["target_class"].notna()]
    worse = np.arange(1, 7) > table["target_class"].to_numpy(float)[:, None]
    table = table.assign(chance=(table[PROBABILITIES].to_numpy(float) * worse).sum(axis=1))
    table = table.sort_values(["chance", "lead", "place"], ascending=[False, True, True]).drop_duplicates("place")
    return table[["place", *_ABOUT, "lead", "time", *PROBABILITIES, "chance"]].reset_index(drop=True)


def changes(rows: pd.DataFrame, register: pd.DataFrame, before: pd.Series) -> pd.DataFrame:
    """Sections whose likeliest class is another one than that of the last known day: the first day of that.

    Parameters
    ----------
    before : Series
        Class of the last known day by code, 0 for none; as from `known`.

    Returns
    -------
    DataFrame
        A row a section, those that worsen most first: place, name, river, target_class, before, lead, time, value,
        chance (of that class).
    """
    table = _beside(rows, register)
    table["before"] = table["place"].map(before).fillna(0).astype(int)
    table = table[(table["before"] > 0) & (table["value"] != table["before"])]
    table = table.sort_values("lead").drop_duplicates("place")
    likely = table[PROBABILITIES].to_numpy(float)[np.arange(len(table)), table["value"].to_numpy(int) - 1]
    table = table.assign(chance=likely, worse=table["value"] - table["before"])
    table = table.sort_values(["worse", "chance", "place"], ascending=[False, False, True])
    return table[["place", *_ABOUT, "before", "lead", "time", "value", "chance"]].reset_index(drop=True)


def known(home: Home, scope: Scope, issue: Issue) -> pd.Series:
    """Class of each section on the last day that the issue knew, by code; 0 for none."""
    day = last_day(issue.as_of).date()
    return observed(home, scope, day, day).set_index("place")["class"]


def _beside(rows: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Told classes with what the register says of their section."""
    about = register.set_index("code")[_ABOUT]
    rows = rows[rows["value"].notna() & rows["place"].isin(about.index)]
    return rows.join(about, on="place")
