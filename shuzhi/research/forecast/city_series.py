"""A city's daily series as files: air and weather (``city_daily.csv``, ``weather_daily.csv``), issues of a weather
product.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.research.forecast.path import DIRECTION

AIR = ("aqi", "pm25", "pm10", "o3", "no2", "so2", "co")
"""Columns of the air; all but ``aqi`` may be absent. µg/m³, CO mg/m³, ozone as the daily maximum of 8 h."""
WEATHER = {
    "avgtemp": (-60, 60),
    "maxtemp": (-60, 60),
    "mintemp": (-60, 60),
    "avgrh": (0, 100),
    "minrh": (0, 100),
    "avgws": (0, 80),
    "maxws": (0, 80),
    "daylight": (0, 24),
    "precipitation": (0, 2000),
    "avgp": (40000, 110000),
}
"""Columns of the weather with what they can be at all: °C, %, m/s, h of sun, mm, Pa."""


@dataclass(frozen=True)
class CitySeries:
    """Daily series with one row for every day.

    Attributes
    ----------
    aqi : Series
        As published; NaN where a day is missing.
    air : DataFrame
        Columns of ``AIR`` that there are; NaN where missing or not above 0 (0 stands for a gap in public archives).
    weather : DataFrame
        Columns of ``WEATHER`` that there are, and ``maxwswd``; empty without weather.
    """

    aqi: pd.Series
    air: pd.DataFrame
    weather: pd.DataFrame


def read(folder: Path, weather: bool = True) -> CitySeries:
    """The series of a folder.

    Parameters
    ----------
    folder : Path
        With ``city_daily.csv`` and, if ``weather``, ``weather_daily.csv``.

    Raises
    ------
    InputError
        A file is absent, has no ``date``, no ``aqi`` or no weather, dates that are none or values that are no numbers.
    """
    air = _daily(Path(folder) / "city_daily.csv", ("aqi",), AIR)
    days = pd.date_range(air.index.min(), air.index.max())
    sky = _daily(Path(folder) / "weather_daily.csv", (), (*WEATHER, DIRECTION)) if weather else pd.DataFrame(index=days)
    if weather and sky.columns.intersection(list(WEATHER)).empty:
        raise InputError(
            f"no column of weather; expected some of {', '.join(WEATHER)}", file=Path(folder) / "weather_daily.csv"
        )
    air, sky = air.reindex(days), sky.reindex(days)
    return CitySeries(air["aqi"], air.where(air > 0), _possible(sky))


def read_issues(file: Path) -> pd.DataFrame:
    """Issues of a weather product.

    Parameters
    ----------
    file : Path
        Columns ``issue``, ``date`` and some of ``WEATHER``; a row is what an issue says of a day after it.

    Returns
    -------
    DataFrame
        Indexed by (issue, date), sorted; rows whose day is not after their issue are left out.

    Raises
    ------
    InputError
        As `read`.
    """
    table = _table(file, ("issue", "date"))
    columns = [name for name in WEATHER if name in table]
    if not columns:
        raise InputError(f"no column of weather; expected some of {', '.join(WEATHER)}", file=file)
    table = table.set_index(["issue", "date"])[columns]
    table = _possible(table.apply(_numbers, file=file)).sort_index()
    when = table.index
    return table[(when.get_level_values(1) > when.get_level_values(0)) & ~when.duplicated()]


def _daily(file: Path, needed: tuple[str, ...], known: tuple[str, ...]) -> pd.DataFrame:
    table = _table(file, ("date", *needed)).drop_duplicates("date").set_index("date").sort_index()
    return table[[name for name in known if name in table]].apply(_numbers, file=file)


def _table(file: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = pd.read_csv(file)
    except OSError as error:
        raise InputError(f"can't be read ({error.strerror}); name a folder with daily series", file=file) from error
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"not a readable CSV file ({error})", file=file) from error
    for name in needed:
        if name not in table:
            raise InputError(f"the column is absent; there are {', '.join(table.columns)}", file=file, column=name)
        if name in ("date", "issue"):
            table[name] = _dates(table[name], file)
    if table.empty:
        raise InputError("there are no rows", file=file)
    return table


def _dates(column: pd.Series, file: Path) -> pd.Series:
    found = pd.to_datetime(column, errors="coerce", format="ISO8601").dt.normalize()
    if found.isna().any():
        line = int(np.flatnonzero(found.isna())[0])
        text = column.iloc[line]
        raise InputError(f"“{text}” is no date; write 2020-01-31", file=file, line=line + 2, column=column.name)
    return found


def _numbers(column: pd.Series, file: Path) -> pd.Series:
    found = pd.to_numeric(column, errors="coerce")
    if (found.isna() & column.notna()).any():
        text = column[found.isna() & column.notna()].iloc[0]
        raise InputError(f"“{text}” is no number; leave a gap empty", file=file, column=column.name)
    return found.astype(float)


def _possible(weather: pd.DataFrame) -> pd.DataFrame:
    """Weather without codes for gaps such as 32766 or −9999."""
    return weather.apply(lambda v: v.where(v.between(*WEATHER[v.name])) if v.name in WEATHER else v)
