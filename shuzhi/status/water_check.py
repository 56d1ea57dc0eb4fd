"""A four-hourly table held against itself (核对): is the class that it publishes in each row ours of the same row?"""

from pathlib import Path

import numpy as np
import pandas as pd

from shuzhi.ingest.water_stations import rows_as_published
from shuzhi.standards import water as law
from shuzhi.standards.factors import factors
from shuzhi.store.schema import CLASS_PUBLISHED

ROUNDING, REPETITION, OTHER = "rounding", "repetition", "other"
"""Why a class differs: a value shown on a limit may be beyond it; the table says both of the same values; neither."""

ITEMS = list(law.AUTOMATIC)


def check(path: Path | str, year: int) -> pd.DataFrame:
    """Rate every row of a table that has a published class, each by its own values.

    An item that the section never measures in the table is not asked for; without one that it does there is no class.

    Parameters
    ----------
    path : Path
    year : int
        Of the first time in the table.

    Returns
    -------
    DataFrame
        line, name, time (UTC), the five items, class_published, water_class (0 none), deciding, why ("" where they are
        equal, else one of `ROUNDING`, `REPETITION`, `OTHER`).

    Raises
    ------
    InputError
        If the file can't be read, or has none of the five items.
    """
    table = rows_as_published(path, year)
    table[[item for item in ITEMS if item not in table]] = np.nan
    measured = table[ITEMS].notna().groupby(table["section"]).transform("any")
    lacking = (measured & table[ITEMS].isna()).any(axis=1).to_numpy()
    bodies = np.where(table["lake"], "lake", "river")
    rated = law.section_class(table, bodies, law.AUTOMATIC)
    found = np.where(lacking, 0, rated["water_class"])
    table = table.assign(water_class=found, deciding=np.where(lacking, "", rated["deciding"]))
    table["why"] = _why(table, bodies, lacking)
    columns = ["line", "name", "time", *ITEMS, CLASS_PUBLISHED, "water_class", "deciding", "why"]
    return table.loc[table[CLASS_PUBLISHED].notna(), columns].reset_index(drop=True)


def _why(table: pd.DataFrame, bodies: np.ndarray, lacking: np.ndarray) -> np.ndarray:
    published = table[CLASS_PUBLISHED]
    different = (published.notna() & (table["water_class"] != published)).to_numpy()
    best, worst = (law.section_class(_shifted(table, sign), bodies, law.AUTOMATIC)["water_class"] for sign in (-1, 1))
    displayed = ((best <= published) & (published <= worst)).to_numpy() & ~lacking
    both = table.groupby(["section", "time", *ITEMS], dropna=False)[CLASS_PUBLISHED].transform("nunique").gt(1)
    reasons = np.select([displayed, both.to_numpy()], [ROUNDING, REPETITION], OTHER)
    return np.where(different, reasons, "")


def _shifted(table: pd.DataFrame, sign: int) -> pd.DataFrame:
    """The best (−1) or worst (1) values that are displayed as these are: half a unit of their last decimal away."""
    half = {item: 0.5 * 10.0 ** -int(factors().at[item, "decimals"]) for item in ITEMS}
    worse = dict.fromkeys(ITEMS, 1) | {"do": -1}
    moved = {item: table[item] + sign * worse[item] * half[item] for item in ITEMS if item != "ph"}
    outwards = np.where(table["ph"] >= 7, 1, -1)
    return pd.DataFrame(moved | {"ph": table["ph"] + sign * outwards * half["ph"]})
