"""What drove the daily forecasts of the trees, of the city and its districts: kept with an issue."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import drivers
from shuzhi.research.forecast.day_features import Features
from shuzhi.research.forecast.day_weather import DayWeather
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
    told, beside = _of_levels(panel, near)
    parts = [part for item in range(len(told.items)) for part in _of_item(told, item, models, weather, beside)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _of_levels(panel: Panel, near: np.ndarray) -> tuple[Panel, np.ndarray]:
    """The districts and the city alone, whose features need no station: places near are those of stations."""
    chosen = np.sort(np.concatenate([panel.columns(level) for level in LEVELS]))
    places = panel.places.iloc[chosen].reset_index(drop=True)
    return Panel(panel.grain, panel.times, places, panel.items, panel.values[:, chosen]), np.full_like(near[chosen], -1)


def _of_item(panel: Panel, item: int, models: Models, weather: DayWeather, near: np.ndarray) -> list[pd.DataFrame]:
    trees, features = models.trees("day", panel.items[item]), Features(panel, item, weather, near)
    names, places = features.names, np.arange(len(panel.places))
    origins = np.full(len(places), len(panel.times) - 1)
    start, found = features.filled[origins, places], []
    for lead in LEADS:
        x = features.table(origins, lead, places)
        values, normals = trees.predict(x, start), x[:, names.index("climatology")].astype(float)
        known = np.isfinite(values) & (normals > 0) & (start > 0)
        groups = drivers.grouped(trees.contributions(x[known]), names)
        told = drivers.in_units(groups, values[known], normals[known], start[known])
        table = told.join(panel.places[known].reset_index(drop=True)).assign(item=panel.items[item], lead=lead)
        found.append(table.melt(["level", "place", "item", "lead"], var_name="group", value_name="contribution"))
    return found
