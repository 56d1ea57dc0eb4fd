"""Two calendar years of the whole city, made once."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shuzhi.city import air, stations, weather
from shuzhi.standards.aqi import daily_aqi
from shuzhi.standards.statistics import city_mean, day_mean, o3_8h, o3_day_max

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 12, 31)


@pytest.fixture(scope="session")
def city():
    """Register, hourly stamps, readings by item, weather, and city means by day over the evaluation sites."""
    register = stations.make_stations(1)
    sites = air.sites(1, register)
    parts = []
    for start in pd.date_range(FIRST, LAST, freq="MS"):
        parts.append(air.concentrations(1, sites, start.date(), (start + pd.offsets.MonthEnd()).date()))
    readings = {item: np.concatenate([part[item] for part in parts]) for item in air.ITEMS}
    whole = weather.city_weather(1, FIRST, LAST)
    judged = (register["评价点"] == "Y").to_numpy()
    return SimpleNamespace(
        register=register,
        sites=sites,
        times=weather.hours_of(FIRST, LAST),
        readings=readings,
        weather=pd.DataFrame(whole.values, index=whole.times),
        judged=judged,
        days=_city_days({item: values[:, judged] for item, values in readings.items()}),
    )


def _city_days(readings: dict) -> pd.DataFrame:
    """City means of the Beijing days, the last, incomplete one left out; `aqi_2012` and `aqi_2026` beside them."""
    by_day = {item: values[1:-23].reshape(-1, 24, values.shape[1]).swapaxes(1, 2) for item, values in readings.items()}
    days = {item: day_mean(hours)[0] for item, hours in by_day.items() if item != "o3"}
    days["o3_8h"] = o3_day_max(o3_8h(by_day["o3"]))[0]
    table = pd.DataFrame({name: city_mean(days[name], decimals=1 if name == "co" else 0)[0] for name in days})
    table.index = pd.date_range(FIRST, periods=len(table))
    for edition in ("2012", "2026"):
        table[f"aqi_{edition}"] = daily_aqi(table, edition=edition)["aqi"]
    return table
