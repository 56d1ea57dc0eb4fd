"""What drove the daily forecasts of the trees, of the city and its districts: kept with an issue."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import drivers
from shuzhi.research.forecast.day_features import DayWeather, Features
from shuzhi.research.forecast.days import LEADS
from shuzhi.research.forecast.models import Models
from shuzhi.research.forecast.panel import Panel

LEVELS = ("city", "district")


def rows(panel: Panel, models: Models, weather: DayWeather, near: np.ndarray) -> pd.DataFrame:
    """Contributions by group to the forecasts made at the end of the last day of a panel.

    Parameters
    ----------
    panel, models, weather, near
        As for `days.Daily`.

    Returns
    -------
    DataFrame
        Rows of the lake table ``forecast_driver``: level, place, item, lead, group, contribution (unit of the item; of
        one forecast together the trees' value less the climatology). Empty without trees.
    """
    if models.trials("day") is None:
        return pd.DataFrame()
    places = np.concatenate([panel.columns(level) for level in LEVELS])
    parts = [part for item in range(len(panel.items)) for part in _of_item(panel, item, models, weather, near, places)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _of_item(panel: Panel, item: int, models: Models, weather: DayWeather, near, places) -> list[pd.DataFrame]:
    trees, features = models.trees("day", panel.items[item]), Features(panel, item, weather, near)
    names = features.names
    origins = np.full(len(places), len(panel.times) - 1)
    start, found = features.filled[origins, places], []
    for lead in LEADS:
        x = features.table(origins, lead, places)
        values, normals = trees.predict(x, start), x[:, names.index("climatology")].astype(float)
        each = trees.contributions(x)
        for at in np.flatnonzero(np.isfinite(values) & (normals > 0) & (start > 0)):
            groups = drivers.grouped(each[at], names)
            table = drivers.in_units(groups, values[at], normals[at], start[at])
            said = dict(zip(("level", "place"), panel.places.iloc[places[at]][["level", "place"]], strict=True))
            found.append(table.assign(**said, item=panel.items[item], lead=lead))
    return found
