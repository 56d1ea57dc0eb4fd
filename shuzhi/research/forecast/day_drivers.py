"""What drove the daily forecasts, of every place: contributions of the members to their mixture, kept with an issue."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import drivers
from shuzhi.research.forecast.day_models import LEADS, RIDGE, TREES
from shuzhi.research.forecast.days import Daily, Mixture
from shuzhi.research.forecast.ridge import LEVEL

_MEMBERS = {TREES: ("root", "last"), RIDGE: ("log", LEVEL)}
"""Of members whose features have contributions: in what they add up, and the feature they start from."""


def rows(told: Daily) -> pd.DataFrame:
    """Contributions by group to the forecasts made at the end of the last day of a panel.

    Parameters
    ----------
    told : days.Daily

    Returns
    -------
    DataFrame
        Rows of the lake table ``forecast_driver``: level, place, item, lead, group, contribution (unit of the item; of
        one forecast together the mixture less the climatology). Empty without fitted models.
    """
    parts = [part for item in range(len(told.panel.items)) for part in _of_item(told, item)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _of_item(told: Daily, item: int) -> list[pd.DataFrame]:
    learnt = told.models(item)
    if learnt is None:
        return []
    features, mixture, found = told.features(item), told.mixture(item), []
    for level in told.panel.places["level"].unique():
        columns = told.panel.columns(level)
        origins = np.full(len(columns), len(told.panel.times) - 1)
        for at, lead in enumerate(LEADS):
            x = features.table(origins, lead, columns)
            by_group = _mixed(learnt, mixture, level, at, columns, x, features.names)
            table = by_group.join(told.panel.places.iloc[columns].reset_index(drop=True))
            table = table[by_group.notna().all(axis=1)].assign(item=told.panel.items[item], lead=lead)
            found.append(table.melt(["level", "place", "item", "lead"], var_name="group", value_name="contribution"))
    return found


def _mixed(learnt, mixture: Mixture, level: str, at: int, columns: np.ndarray, x: np.ndarray, names) -> pd.DataFrame:
    """Contributions to the mixture of some places by group, a row a place; NaN where there is no climatology."""
    normal = mixture.now["climatology"][at, columns].astype(float)
    total = pd.DataFrame({"recent": np.zeros(len(columns))})
    for name, share in mixture.shares(level, at, columns).items():
        value = mixture.now[name][at, columns].astype(float)
        if name in _MEMBERS:
            link, start = _MEMBERS[name]
            groups = drivers.grouped(getattr(learnt, name).contributions(x), names)
            part = drivers.in_units(groups, value, normal, x[:, names.index(start)].astype(float), link)
        else:
            part = pd.DataFrame({"recent": value - normal})  # floors and series know the last days alone
        part = part.mul(share, axis=0)
        part.loc[~(share > 0)] = 0.0
        total = total.add(part, fill_value=0.0)
    return total.where(pd.Series(normal > 0), axis=0)
