"""What the columns of weather files mean, shared by what was measured and what was forecast."""

import datetime as dt
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.errors import InputError
from shuzhi.ingest.files import TextFile
from shuzhi.ingest.numbers import bounds, to_numbers, why_implausible
from shuzhi.ingest.position import Fault, position
from shuzhi.ingest.rejects import BAD_TIME, FUTURE, NO_CODE, NOT_A_NUMBER, Rejects
from shuzhi.ingest.sheet import Sheet, read_sheet
from shuzhi.registry.stations import normal_city

FACTORS = {
    "temperature": ("temperature", "avgtemp", "气温"),
    "temperature_max": ("temperature_max", "maxtemp"),
    "temperature_min": ("temperature_min", "mintemp"),
    "humidity": ("humidity", "avgrh", "相对湿度"),
    "humidity_min": ("humidity_min", "minrh"),
    "pressure": ("pressure", "avgp", "气压"),
    "wind_speed": ("wind_speed", "avgws", "风速"),
    "wind_speed_max": ("wind_speed_max", "maxws"),
    "wind_direction": ("wind_direction", "风向"),
    "wind_direction_max": ("wind_direction_max",),
    "precipitation": ("precipitation", "降水量"),
    "radiation": ("radiation", "太阳辐射"),
    "sunshine": ("sunshine", "daylight", "日照时数"),
    "mixing_height": ("mixing_height", "混合层高度"),
}
"""Factor codes and the header names that mean them."""

DAILY_ONLY = ("temperature_max", "temperature_min", "humidity_min", "wind_speed_max", "wind_direction_max")

SECTOR = {"sector_max": ("maxwswd",)}
"""Directions of the strongest wind of a day as one of 16 sectors."""

STATION = {
    "station": ("station", "code", "站点编码", "站号"),
    "name": ("name", "站点名称"),
    "city": ("city", "城市"),
    "lon": ("lon", "经度"),
    "lat": ("lat", "纬度"),
}
"""What a file may say about its stations, likewise."""

_TIME = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]([01]?\d|2[0-3]):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?"
)
_DATE = re.compile(r"(\d{4})(?:(\d{2})(\d{2})|[-/](\d{1,2})[-/](\d{1,2}))(?:[T ]00:00(?::00)?)?")
_BEIJING = dt.timedelta(hours=8)
_PASCAL_ABOVE = 2000.0
"""No pressure in hPa is as high: a larger number is in Pa."""
_CALM = 17
_SLACK = dt.timedelta(hours=1)
_AHEAD = "more than an hour ahead of the clock"
_ABSENT = np.datetime64("NaT", "us")


def sheet_of(text: TextFile, others: dict[str, tuple[str, ...]], needed: list[str], rejects: Rejects) -> Sheet:
    """The sheet of a file: its stations, its factors, and ``others``; those ``needed`` must be there."""
    return read_sheet(text, {**STATION, **others, **FACTORS, **SECTOR}, needed, rejects)


def factors_of(text: TextFile, sheet: Sheet, daily: bool) -> list[str]:
    """Columns of the sheet that are factors.

    Raises
    ------
    InputError
        If there is none.
    """
    found = [name for name in sheet.rows if name in FACTORS and (daily or name not in DAILY_ONLY)]
    if daily and "wind_direction_max" not in found:  # degrees say more
        found += [name for name in sheet.rows if name in SECTOR]
    if not found:
        known = ", ".join(names[0] for names in FACTORS.values())
        raise InputError(f"no column of a known factor; known are {known}", file=text.path, line=1)
    return found


def codes_of(text: TextFile, sheet: Sheet, station: str | None) -> np.ndarray:
    """The station of each row.

    Raises
    ------
    InputError
        If it is named neither in the file nor beside it, or in both.
    """
    if "station" in sheet.rows:
        if station:
            raise InputError("the file has a column of stations; leave --station out", file=text.path, line=1)
        return sheet.rows["station"].to_numpy(dtype=object)
    if not station:
        raise InputError("no column station; name the station with --station CODE", file=text.path, line=1)
    return np.full(len(sheet.rows), station, dtype=object)


def with_code(codes: np.ndarray, sheet: Sheet, rejects: Rejects) -> np.ndarray:
    """Mask of the rows that name their station; the others are rejected."""
    good = codes != ""
    refuse(sheet, np.flatnonzero(~good), "station", (NO_CODE,), rejects)
    return good


def refuse(sheet: Sheet, rows: np.ndarray, column: str, why: tuple | list[tuple], rejects: Rejects) -> None:
    """Reject rows because of a column; `why` is reason and detail, the same for all or a list of one for each."""
    each = why if isinstance(why, list) else [why] * len(rows)
    for line, reason, text in zip(sheet.rows.index[rows], each, raws(sheet, rows), strict=True):
        rejects.add(*reason, line=line, column=sheet.heads[column], raw=text)


def instants(
    sheet: Sheet, column: str, read_one: Callable, latest: dt.datetime, good: np.ndarray, rejects: Rejects
) -> np.ndarray:
    """A column of times.

    Parameters
    ----------
    read_one : callable
        From the text of a cell to its instant (UTC, without zone); ValueError where it is none. Asked once for each
        different text.
    latest : datetime
        What is later is rejected (UTC, without zone).
    good : bool array, n
        Rows that still count.

    Returns
    -------
    datetime64[us] array, n
        NaT where a cell was rejected.
    """
    places, texts = pd.factorize(sheet.rows[column])
    found = [_judged(read_one, text, latest) for text in texts]
    wrong = np.array([isinstance(instant, tuple) for instant in found], dtype=bool)
    rows = np.flatnonzero(wrong[places] & good)
    refuse(sheet, rows, column, [found[place] for place in places[rows]], rejects)
    known = [_ABSENT if isinstance(instant, tuple) else np.datetime64(instant, "us") for instant in found]
    return np.array(known, dtype="M8[us]")[places] if known else np.empty(0, dtype="M8[us]")


def _judged(read_one: Callable, text: str, latest: dt.datetime) -> dt.datetime | tuple[str, str]:
    """What `read_one` makes of a text, or reason and detail where it is no time or later than `latest` (UTC)."""
    try:
        end = read_one(text)
    except (ValueError, OverflowError) as error:
        return BAD_TIME, str(error)
    return (FUTURE, _AHEAD) if end > latest else end


def clock(now: dt.datetime | None) -> dt.datetime:
    """The latest time that a file may name, an hour ahead of the clock; UTC, without zone."""
    return (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(tzinfo=None) + _SLACK


def end_of_hour(text: str) -> dt.datetime:
    """An hour's end in UTC, without zone; ValueError where it is none."""
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError("a time such as 2019-08-26T15:00+08:00 is needed")
    *parts, offset = match.groups()
    end = dt.datetime(*(int(part or 0) for part in parts)) - _offset(offset)
    if end.minute or end.second:
        raise ValueError("the end of an hour is needed, such as 15:00")
    return end


def _offset(text: str | None) -> dt.timedelta:
    if text is None:
        return _BEIJING
    if text == "Z":
        return dt.timedelta()
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    return dt.timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1)


def end_of_day(text: str) -> dt.datetime:
    """The end of a Beijing day in UTC, without zone; ValueError where it is no date."""
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError("a date such as 2019-08-26 is needed")
    year, month, day = (int(part) for part in match.groups() if part)
    return dt.datetime(year, month, day) + dt.timedelta(days=1) - _BEIJING


def values(sheet: Sheet, factors, period: str, codes, good, rejects: Rejects) -> tuple[np.ndarray, int]:
    """Numbers in our units, rows by factors, impossible ones rejected; also how many cells hold something."""
    found = np.full((len(good), len(factors)), np.nan)
    cells = 0
    for j, name in enumerate(factors):
        texts = sheet.rows[name].array
        column, bad = to_numbers(pa.array(texts, type=pa.string()))
        column = _CONVERT.get(name, lambda x: x)(column.copy())
        low, high = bounds(_factor_of(name), period)[:2]
        with np.errstate(invalid="ignore"):
            bad |= (column < low) | (column > high)
        bad &= good
        cells += int(((~np.isnan(column) | bad) & good).sum())
        for i in np.flatnonzero(bad):
            line = int(sheet.rows.index[i])
            why = (NOT_A_NUMBER,) if np.isnan(column[i]) else why_implausible(column[i], _factor_of(name), period)
            rejects.add(*why, line=line, column=sheet.heads[name], station=codes[i], raw=texts[i])
        column[bad] = np.nan
        found[:, j] = column
    return found, cells


def numbers(factors, found: np.ndarray, good: np.ndarray) -> tuple[np.ndarray, pa.DictionaryArray, np.ndarray]:
    """The numbers of the rows that count: the row, the factor and the value of each."""
    row, column = np.nonzero(~np.isnan(found) & good[:, None])
    names = pa.array([_factor_of(name) for name in factors])
    return row, pa.DictionaryArray.from_arrays(column.astype("i4"), names), found[row, column]


def _factor_of(name: str) -> str:
    """Code of the factor that a column of the sheet gives."""
    return "wind_direction_max" if name in SECTOR else name


def _hectopascal(pressure: np.ndarray) -> np.ndarray:
    return np.where(pressure > _PASCAL_ABOVE, pressure / 100, pressure)


def _degrees(sector: np.ndarray) -> np.ndarray:
    """Wind directions from the 16 sectors of the national climate data: 1 NNE, 2 NE … 16 N; 17 calm, no direction."""
    whole = np.isin(sector, np.arange(1, _CALM + 1))
    degrees = np.where(whole, sector * 22.5, np.where(np.isnan(sector), np.nan, np.inf))
    return np.where(sector == _CALM, np.nan, degrees)


_CONVERT = {"pressure": _hectopascal, "sector_max": _degrees}


def about(codes, rows: pd.DataFrame, sheet: Sheet, rejects: Rejects) -> pd.DataFrame:
    """Name, city and position of each station, from its first row."""
    first = rows.assign(code=codes).drop_duplicates("code")
    known = pd.DataFrame(
        index=pd.Index(first["code"], name="code"), columns=["name", "city", "lon", "lat"], dtype=object
    )
    for name in ("name", "city"):
        if name in first:
            known[name] = [(normal_city(text) if name == "city" else text) or None for text in first[name]]
    if "lon" in first and "lat" in first:
        for line, code, lon, lat in zip(first.index, first["code"], first["lon"], first["lat"], strict=True):
            try:
                known.loc[code, ["lon", "lat"]] = position(lon, lat)
            except Fault as fault:
                reason, detail, column = fault.args
                rejects.add(reason, detail, line=line, column=sheet.heads[column], station=code, raw=f"{lon},{lat}")
    return known.astype(object).where(known.notna(), None)


def raws(sheet: Sheet, rows: np.ndarray) -> list[str]:
    """Rows of the known columns, for messages."""
    columns = [sheet.rows[name].iloc[rows].tolist() for name in sheet.rows]
    return [",".join(cells) for cells in zip(*columns, strict=True)]
