"""Weather by station, hourly (a column ``time``) or daily (a column ``date``), one column a factor.

Hourly times are ISO 8601, without offset Beijing time, and mean the **end** of the hour. A day is a Beijing day; its
values are stamped with its end, 00:00 of the next day.
"""

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.errors import InputError
from shuzhi.ingest.files import TextFile, read
from shuzhi.ingest.numbers import bounds, to_numbers, why_implausible
from shuzhi.ingest.parsed import Parsed, readings
from shuzhi.ingest.position import Fault, position
from shuzhi.ingest.rejects import (
    BAD_TIME,
    CONFLICT,
    FUTURE,
    NO_CODE,
    NOT_A_NUMBER,
    Rejects,
)
from shuzhi.ingest.repetitions import join_repetitions
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

_SECTOR = {"sector_max": ("maxwswd",)}
_ABOUT = {
    "station": ("station", "code", "站点编码", "站号"),
    "time": ("time", "时间"),
    "date": ("date", "日期"),
    "name": ("name", "站点名称"),
    "city": ("city", "城市"),
    "lon": ("lon", "经度"),
    "lat": ("lat", "纬度"),
}

_TIME = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]([01]?\d|2[0-3]):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?"
)
_DATE = re.compile(r"(\d{4})(?:(\d{2})(\d{2})|[-/](\d{1,2})[-/](\d{1,2}))(?:[T ]00:00(?::00)?)?")
_BEIJING = dt.timedelta(hours=8)
_SLACK = dt.timedelta(hours=1)
_PASCAL_ABOVE = 2000.0
"""No pressure in hPa is as high: a larger number is in Pa."""
_CALM = 17
_AHEAD = "more than an hour ahead of the clock"
_ABSENT = np.datetime64("NaT", "us")


def parse(path: Path | str, station: str | None = None, now: dt.datetime | None = None) -> Parsed:
    """Read a weather file.

    Parameters
    ----------
    path : Path
    station : str, optional
        Code of the station, for a file without a column ``station``.
    now : datetime, optional
        Aware; times more than an hour later are rejected. Default: the clock.

    Returns
    -------
    Parsed
        ``rows``: station, factor, time (UTC, end of the period), period '1h' or '1d', value in the units of
        ``data/standards/factors.csv``; ``stations``: what the file says about them.

    Raises
    ------
    InputError
        If the file can't be read, has no time, no station or no known factor.
    """
    text = read(path)
    rejects = Rejects(text.name)
    sheet = read_sheet(text, {**_ABOUT, **FACTORS, **_SECTOR}, [], rejects)
    period = _period(text, sheet)
    factors = [name for name in sheet.rows if name in FACTORS and (period == "1d" or name not in DAILY_ONLY)]
    factors += [name for name in sheet.rows if name in _SECTOR and period == "1d"]
    if not factors:
        known = ", ".join(names[0] for names in FACTORS.values())
        raise InputError(f"no column of a known factor; known are {known}", file=text.path, line=1)
    codes = _codes(text, sheet, station)
    good = _reject_without_code(codes, sheet, rejects)
    stamps = _stamps(sheet, period, now or dt.datetime.now(dt.UTC), good, rejects)
    good &= ~np.isnat(stamps)
    values, cells = _values(sheet, factors, period, codes, good, rejects)
    repeated = _join(codes, stamps, values, good, sheet, rejects)
    return Parsed(
        rows=_rows(codes, stamps, factors, values, good, period),
        rejected=rejects,
        lines=len(sheet.rows),
        rows_in=cells,
        duplicates=repeated,
        notes=sheet.notes,
        stations=_about(codes[good], sheet.rows[good], sheet, rejects),
    )


def _period(text: TextFile, sheet: Sheet) -> str:
    found = [name for name in ("time", "date") if name in sheet.rows]
    if len(found) != 1:
        what = (
            "both time and date are there; keep time for hours or date for days"
            if found
            else (
                "columns missing: time (hourly, end of the hour) or date (daily). Name the column so in the first line"
            )
        )
        raise InputError(what, file=text.path, line=1)
    return "1h" if found == ["time"] else "1d"


def _codes(text: TextFile, sheet: Sheet, station: str | None) -> np.ndarray:
    if "station" in sheet.rows:
        if station:
            raise InputError("the file has a column of stations; leave --station out", file=text.path, line=1)
        return sheet.rows["station"].to_numpy(dtype=object)
    if not station:
        raise InputError("no column station; name the station with --station CODE", file=text.path, line=1)
    return np.full(len(sheet.rows), station, dtype=object)


def _reject_without_code(codes: np.ndarray, sheet: Sheet, rejects: Rejects) -> np.ndarray:
    good = codes != ""
    for i in np.flatnonzero(~good):
        rejects.add(NO_CODE, line=int(sheet.rows.index[i]), column=sheet.heads["station"], raw=_raw(sheet, i))
    return good


def _stamps(sheet: Sheet, period: str, now: dt.datetime, good: np.ndarray, rejects: Rejects) -> np.ndarray:
    """End of each row's period, UTC; NaT where it can't be read."""
    column = "time" if period == "1h" else "date"
    latest = now.astimezone(dt.UTC).replace(tzinfo=None) + _SLACK
    places, texts = pd.factorize(sheet.rows[column])
    read_one = _end_of_hour if period == "1h" else _end_of_day
    ends = [_judge(read_one, text, latest) for text in texts]
    for i in np.flatnonzero([isinstance(end, tuple) for end in ends]):
        for row in np.flatnonzero((places == i) & good):
            line = int(sheet.rows.index[row])
            rejects.add(*ends[i], line=line, column=sheet.heads[column], raw=_raw(sheet, row))
    known = np.array([_ABSENT if isinstance(end, tuple) else np.datetime64(end, "us") for end in ends], dtype="M8[us]")
    return known[places] if len(known) else np.empty(0, dtype="M8[us]")


def _judge(read_one, text: str, latest: dt.datetime) -> dt.datetime | tuple[str, str]:
    """The end of the period in UTC, or reason and detail."""
    try:
        end = read_one(text)
    except ValueError as error:
        return BAD_TIME, str(error)
    return (FUTURE, _AHEAD) if end > latest else end


def _end_of_hour(text: str) -> dt.datetime:
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


def _end_of_day(text: str) -> dt.datetime:
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError("a date such as 2019-08-26 is needed")
    year, month, day = (int(part) for part in match.groups() if part)
    return dt.datetime(year, month, day) + dt.timedelta(days=1) - _BEIJING


def _values(sheet: Sheet, factors, period: str, codes, good, rejects: Rejects) -> tuple[np.ndarray, int]:
    """Numbers in our units, rows by factors, impossible ones rejected; also how many cells hold something."""
    values = np.full((len(good), len(factors)), np.nan)
    cells = 0
    for j, name in enumerate(factors):
        texts = sheet.rows[name].array
        column, bad = to_numbers(pa.array(texts, type=pa.string()))
        column = _CONVERT.get(name, lambda x: x)(column.copy())
        low, high = bounds(_factor(name), period)[:2]
        with np.errstate(invalid="ignore"):
            bad |= (column < low) | (column > high)
        bad &= good
        cells += int(((~np.isnan(column) | bad) & good).sum())
        for i in np.flatnonzero(bad):
            line = int(sheet.rows.index[i])
            why = (NOT_A_NUMBER,) if np.isnan(column[i]) else why_implausible(column[i], _factor(name), period)
            rejects.add(*why, line=line, column=sheet.heads[name], station=codes[i], raw=texts[i])
        column[bad] = np.nan
        values[:, j] = column
    return values, cells


def _factor(name: str) -> str:
    return "wind_direction_max" if name in _SECTOR else name


def _hectopascal(pressure: np.ndarray) -> np.ndarray:
    return np.where(pressure > _PASCAL_ABOVE, pressure / 100, pressure)


def _degrees(sector: np.ndarray) -> np.ndarray:
    """Wind directions from the 16 sectors of the national climate data: 1 NNE, 2 NE … 16 N; 17 calm, no direction."""
    whole = np.isin(sector, np.arange(1, _CALM + 1))
    degrees = np.where(whole, sector * 22.5, np.where(np.isnan(sector), np.nan, np.inf))
    return np.where(sector == _CALM, np.nan, degrees)


_CONVERT = {"pressure": _hectopascal, "sector_max": _degrees}


def _join(codes, stamps, values: np.ndarray, good: np.ndarray, sheet: Sheet, rejects: Rejects) -> int:
    """Rows of the same station and time become one; a contradiction is rejected. How many values only repeat."""
    rows = np.flatnonzero(good)
    keys = pd.MultiIndex.from_arrays([codes[rows], stamps[rows]])
    part = values[rows]
    repeated, conflicts = join_repetitions(keys, part)
    values[rows] = part
    for at, kept, _ in conflicts:
        line, first = int(sheet.rows.index[rows[at]]), int(sheet.rows.index[rows[kept]])
        detail = f"differs from line {first}; the first is kept"
        rejects.add(CONFLICT, detail, line=line, station=codes[rows[at]], raw=_raw(sheet, rows[at]))
    return repeated


def _rows(codes, stamps, factors, values: np.ndarray, good: np.ndarray, period: str) -> pa.Table:
    row, column = np.nonzero(~np.isnan(values) & good[:, None])
    names = pa.array([_factor(name) for name in factors])
    return readings(
        station=codes[row],
        factor=pa.DictionaryArray.from_arrays(column.astype("i4"), names),
        time=stamps[row],
        period=period,
        value=values[row, column],
    )


def _about(codes, rows: pd.DataFrame, sheet: Sheet, rejects: Rejects) -> pd.DataFrame:
    """Name, city and position of each station, from its first row."""
    first = rows.assign(code=codes).drop_duplicates("code")
    about = pd.DataFrame(
        index=pd.Index(first["code"], name="code"), columns=["name", "city", "lon", "lat"], dtype=object
    )
    for name in ("name", "city"):
        if name in first:
            about[name] = [(normal_city(text) if name == "city" else text) or None for text in first[name]]
    if "lon" in first and "lat" in first:
        for line, code, lon, lat in zip(first.index, first["code"], first["lon"], first["lat"], strict=True):
            try:
                about.loc[code, ["lon", "lat"]] = position(lon, lat)
            except Fault as fault:
                reason, detail, column = fault.args
                rejects.add(reason, detail, line=line, column=sheet.heads[column], station=code, raw=f"{lon},{lat}")
    return about.astype(object).where(about.notna(), None)


def _raw(sheet: Sheet, row: int) -> str:
    return ",".join(sheet.rows.iloc[row])
