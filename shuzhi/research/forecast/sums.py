"""Sums of scores in memory: read once for all places of a level, then added up by whatever is asked.

Each row carries what the references would have summed to on as many pairs of its month and place, so that a model with
fewer issues is held against the reference in the same months and places.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.research.forecast.verify import BEFORE
from shuzhi.store import Home, Scope
from shuzhi.store.pairs import AFTERWARDS
from shuzhi.store.schema import SCORED

REFERENCES = ("persistence", "climatology", BEFORE)
"""Models that others are held against."""
SHARES = {"exact_level": "n_levels", "within_one": "n_levels", "good_or_not": "n_levels"}
SHARES |= {"range25": "n_range", "two_level": "n_chances"}
"""Counts of what was right, and of what could be."""
MADE = ("live", "hindcast")
"""How an issue was made: in its time, or afterwards (回算)."""
SEASONS = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}

KEYS = ("month", "season", "place", "made")
"""By what scores may be split, besides by model and lead."""

_SEASON_OF = {month: name for name, those in SEASONS.items() for month in those}
_CELL = ["month", "place", "made", "lead"]


def read(
    home: Home,
    scope: Scope,
    kind: str,
    grain: str,
    level: str,
    item: str,
    first: str,
    last: str,
    place: str | None = None,
    models: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Sums of scores of a level, each beside its references.

    Parameters
    ----------
    kind, grain, level, item : str
        As in `store.schema`.
    first, last : str
        Months of the issues, ``YYYY-MM``, both included.
    place : str, optional
        By default all.
    models : sequence of str, optional
        By default all; with the references in any case.

    Returns
    -------
    DataFrame
        month, season, place, made (in ``MADE``), model, lead; n, ``sum_…``, the counts of ``schema.SCORED``,
        good_or_not, n_range; of each of ``REFERENCES`` its absolute errors ``_absolute`` on as many pairs and those
        of the model ``_own``; ``climatology_<share>`` and ``climatology_<share>_n`` likewise.

    Raises
    ------
    ScopeError
        If forecasts may not be seen.
    """
    asked = {"kind": kind, "grain": grain, "level": level, "item": item, "first_month": first, "last_month": last}
    asked |= {"places": None if place is None else [place], "models": None if models is None else _stored(models)}
    rows = home.engine.run("forecast_score_rows", scope, **asked)
    afterwards = rows["model"].str.startswith(AFTERWARDS).to_numpy(bool)
    columns = {"month": rows["month"], "season": rows["month"].str[5:].astype(int).map(_SEASON_OF)}
    columns |= {"place": rows["place"], "made": np.where(afterwards, MADE[1], MADE[0])}
    columns |= {"model": rows["model"].str.removeprefix(AFTERWARDS), "lead": rows["lead"].to_numpy(int)}
    numbers = rows[["n", *(name for name in rows if name.startswith("sum_")), *SCORED]].astype(float)
    numbers["n_range"] = 0.0 if item == "class" else numbers["n"]
    numbers["good_or_not"] = numbers["n_levels"] - numbers["polluted_missed"] - numbers["polluted_false"]
    found = pd.concat([pd.DataFrame(columns, index=rows.index), numbers], axis=1)
    return pd.concat([found, _references(found)], axis=1)


def _stored(models: Sequence[str]) -> list[str]:
    """Names under which models and the references are kept."""
    return [prefix + name for name in (*models, *REFERENCES) for prefix in ("", AFTERWARDS)]


def chosen(sums: pd.DataFrame, season: str | None = None, made: str | None = None, place: str | None = None):
    """Sums of a season, of live issues or those made afterwards, of a place; None: of all.

    Raises
    ------
    InputError
        An unknown season or way of making.
    """
    for column, value, known in (("season", season, SEASONS), ("made", made, MADE), ("place", place, None)):
        if value is None:
            continue
        if known is not None and value not in known:
            raise InputError(f"“{value}” is none of {', '.join(known)}")
        sums = sums[sums[column] == value]
    return sums


def added(sums: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sums by keys, models of no own left out: one aggregation."""
    own = sums[sums["model"] != BEFORE]
    names = [name for name in own.columns if own[name].dtype == float]
    return own.groupby(keys, sort=True)[names].sum()


def _references(rows: pd.DataFrame) -> pd.DataFrame:
    """What each reference would have summed to on the pairs of each row; 0 where there is no reference."""
    cell = rows.groupby(_CELL, sort=False).ngroup().to_numpy()
    model, n = rows["model"].to_numpy(object), rows["n"].to_numpy()
    absolute, out = rows["sum_absolute"].to_numpy(), {}

    def of_reference(name: str, part: str, whole: str) -> np.ndarray:
        """Mean of the reference in the cell of each row; NaN without one."""
        own, mean = model == name, np.full(len(rows), np.nan)
        there = own & (rows[whole].to_numpy() > 0)
        mean[cell[there]] = rows[part].to_numpy()[there] / rows[whole].to_numpy()[there]
        return mean[cell]

    for name in REFERENCES:
        mean = of_reference(name, "sum_absolute", "n")
        out[f"{name}_own"] = np.where(np.isnan(mean), 0.0, absolute)
        out[f"{name}_absolute"] = np.nan_to_num(mean * n)
    for share, whole in SHARES.items():
        mean, could = of_reference("climatology", share, whole), rows[whole].to_numpy()
        out[f"climatology_{share}"] = np.nan_to_num(mean * could)
        out[f"climatology_{share}_n"] = np.where(np.isnan(mean), 0.0, could)
    return pd.DataFrame(out, index=rows.index)
