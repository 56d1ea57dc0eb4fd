"""Four-hourly tables of automatic stations of surface water (国家地表水水质自动监测), as published.

Their times have no year (``04-01 04:00``), missing values are written ``*``, ``-``, ``--`` or left empty, rows are
repeated, and a section is known by its name. The published class is kept as a reading of its own
(``class_published``, 1…6), so that it is corrected, compared and shown like the readings that it came with.

**Repetitions.** Rows of one section and time are one where they don't contradict each other. Where they do, the *last*
is kept, whole, with its class: it is the publisher's correction. In the Sichuan table of April 2021, 27 times stand
there with two different analyses under equal pH, oxygen and conductivity: 7 of the later rows go on with the values of
the next time and 2 of the earlier ones still have those of the time before, never the other way round (the earlier row
was published before the analysers had finished). A row of a station in its normal state goes before one under
maintenance, whose class was never published. What is not kept goes to quarantine with the line that replaced it.

One class a section and time can agree with at most one of two contradicting publications: of the 1 976 rows of that
table with a class 1 954 (98.89 %) are ours when each row is rated by itself, and 1 950 (98.68 %) when each is held
against the one class of its section and time, whichever repetition is kept. `rows_as_published` gives each row.
"""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.errors import InputError
from shuzhi.ingest.files import TextFile, read
from shuzhi.ingest.numbers import MISSING, bounds, to_numbers, why_implausible
from shuzhi.ingest.parsed import Parsed, readings
from shuzhi.ingest.rejects import BAD_CLASS, BAD_CODE, BAD_TIME, CONFLICT, FUTURE, NO_NAME, NOT_A_NUMBER, Rejects
from shuzhi.ingest.repetitions import join_repetitions
from shuzhi.ingest.sheet import Sheet, read_sheet
from shuzhi.standards import water
from shuzhi.store.schema import CLASS_PUBLISHED


def _with_units(units: tuple[str, ...], *names: str) -> tuple[str, ...]:
    """Header names alone and with a unit in either kind of brackets."""
    units = [f"{left}{unit}{right}" for unit in units for left, right in ("()", "（）")]
    return tuple(f"{name}{unit}" for name in names for unit in ("", *units))


FACTORS = {
    "water_temperature": _with_units(("℃", "°C"), "水温", "water_temperature"),
    "ph": _with_units(("无量纲",), "pH", "pH值"),
    "do": _with_units(("mg/L",), "溶解氧", "do"),
    "conductivity": _with_units(("μS/cm", "us/cm"), "电导率", "conductivity"),
    "turbidity": _with_units(("NTU",), "浊度", "turbidity"),
    "codmn": _with_units(("mg/L",), "高锰酸盐指数", "codmn"),
    "nh3n": _with_units(("mg/L",), "氨氮", "nh3n"),
    "tp": _with_units(("mg/L",), "总磷", "tp"),
    "tn": _with_units(("mg/L",), "总氮", "tn"),
    "chla": _with_units(("mg/L",), "叶绿素α", "叶绿素a", "叶绿素", "chla"),
    "algae": _with_units(("cells/L",), "藻密度", "algae"),
}
"""Factor codes and the header names that mean them, in the units of ``data/standards/factors.csv``."""

LAKE_ONLY = ("chla", "algae")
"""What only stations in lakes and reservoirs measure."""

NORMAL = "正常"
"""State of a station (站点情况) that needs no flag; any other is kept as the flag of its readings."""

_ABOUT = {
    "name": ("断面名称", "站点名称", "section", "name"),
    "time": ("监测时间", "时间", "time"),
    "class": ("水质类别", "class"),
    "state": ("站点情况", "站点状态", "state"),
    "province": ("省份", "province"),
    "basin": ("流域", "basin"),
}
_TIME = re.compile(r"(?:(\d{4})[-/])?(\d{1,2})[-/](\d{1,2})[T ]([01]?\d|2[0-3]):(\d{2})(?::00)?")
_NOTHING = (*MISSING, "*")
_BEIJING = dt.timedelta(hours=8)
_SLACK = dt.timedelta(hours=1)
_HALF_YEAR = 183
_LEAP_YEAR = 2000
_ABSENT = np.datetime64("NaT", "us")


def parse(path: Path | str, year: int, now: dt.datetime | None = None) -> Parsed:
    """Read a four-hourly table.

    Parameters
    ----------
    path : Path
    year : int
        Year of the first time in the table. Where the table runs over the end of the year, its January is that of the
        next one. A time that tells its own year keeps it.
    now : datetime, optional
        Aware; times more than an hour later are rejected. Default: the clock.

    Returns
    -------
    Parsed
        ``rows``: station (a label of ``stations``), factor, time (UTC), period '4h', value, flag (state of the station
        where it was not normal); ``stations``: name, province, basin and lake of each section. Of contradicting
        repetitions one of a station in its normal state is kept, then the last (see above).

    Raises
    ------
    InputError
        If the file can't be read, lacks section or time, or has no column of a known factor.
    """
    read = _read(path, year, now)
    sheet, values, good = read.sheet, read.values, read.good
    labels = _labels(sheet)
    repeated = _join(labels, read.stamps, read.state, values, good, sheet, read.rejects)
    return Parsed(
        rows=_rows(labels, read.stamps, [*read.factors, CLASS_PUBLISHED], values, read.state, good),
        rejected=read.rejects,
        lines=len(sheet.rows),
        rows_in=int(read.cells[good].sum()),
        duplicates=repeated,
        notes=[*sheet.notes, *read.notes, *_silent(read.name, read.state[read.named & (read.cells == 0)])],
        stations=_about(sheet, labels, read.named, values, read.factors),
    )


def rows_as_published(path: Path | str, year: int, now: dt.datetime | None = None) -> pd.DataFrame:
    """Every row of a four-hourly table as it stands there, repetitions and contradictions too.

    Parameters and errors as for `parse`; cells that `parse` rejects are empty.

    Returns
    -------
    DataFrame
        line (of the file), section (label: name and province), name, time (UTC), lake (its section measures what only
        lakes do), the factors of the table, class_published (1…6, NaN none), state ("" normal). Rows without name or
        time are left out.
    """
    read = _read(path, year, now)
    labels, good = _labels(read.sheet), read.good
    about = _about(read.sheet, labels, read.named, read.values, read.factors)
    columns = {
        "line": read.sheet.rows.index.to_numpy()[good],
        "section": labels[good],
        "name": read.sheet.rows["name"].to_numpy()[good],
        "time": pd.to_datetime(read.stamps[good], utc=True),
        "lake": about["lake"].reindex(labels[good]).eq(True).to_numpy(),
    }
    columns |= {name: read.values[good, j] for j, name in enumerate([*read.factors, CLASS_PUBLISHED])}
    return pd.DataFrame(columns | {"state": read.state[good]})


@dataclass(frozen=True)
class _Read:
    """A table before its repetitions are joined: arrays with a value a row."""

    name: str
    sheet: Sheet
    factors: list[str]
    values: np.ndarray
    cells: np.ndarray
    named: np.ndarray
    good: np.ndarray
    stamps: np.ndarray
    state: np.ndarray
    notes: list[str]
    rejects: Rejects


def _read(path: Path | str, year: int, now: dt.datetime | None) -> _Read:
    if not 1980 <= year <= 2100:
        raise InputError(f"--year {year}: a year such as 2021 is needed")
    text = read(path)
    rejects = Rejects(text.name)
    sheet = read_sheet(text, {**_ABOUT, **FACTORS}, ["name", "time"], rejects)
    factors = [name for name in FACTORS if name in sheet.rows]
    if not factors:
        known = ", ".join(names[0] for names in FACTORS.values())
        raise InputError(f"no column of a known factor; known are {known}", file=text.path, line=1)
    named = _named(sheet, rejects)
    values, cells = _values(sheet, factors, named, rejects)
    good = named & ~(named & (cells == 0) & sheet.rows["time"].isin(_NOTHING).to_numpy())
    stamps, notes = _stamps(text, sheet, year, now or dt.datetime.now(dt.UTC), good, rejects)
    good &= ~np.isnat(stamps)
    return _Read(text.name, sheet, factors, values, cells, named, good, stamps, _states(sheet), notes, rejects)


def _named(sheet: Sheet, rejects: Rejects) -> np.ndarray:
    lengths = sheet.rows["name"].str.len().to_numpy()
    missing = sheet.rows["name"].isin(_NOTHING).to_numpy()
    good = ~missing & (lengths <= 64)
    for i in np.flatnonzero(~good):
        why = (NO_NAME,) if missing[i] else (BAD_CODE, "at most 64 characters")
        rejects.add(*why, line=int(sheet.rows.index[i]), column=sheet.heads["name"], raw=_raw(sheet, i))
    return good


def _values(sheet: Sheet, factors: list[str], good: np.ndarray, rejects: Rejects) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, rows by factors and published class, impossible ones rejected; also how many cells of a row hold one."""
    values = np.full((len(good), len(factors) + 1), np.nan)
    cells = np.zeros(len(good), dtype=np.int64)
    for j, name in enumerate(factors):
        texts = sheet.rows[name].array
        column, bad = to_numbers(_without_stars(texts))
        column = column.copy()
        low, high = bounds(name, "4h")[:2]
        with np.errstate(invalid="ignore"):
            bad |= (column < low) | (column > high)
        cells += ~np.isnan(column) | bad
        for i in np.flatnonzero(bad & good):
            why = (NOT_A_NUMBER,) if np.isnan(column[i]) else why_implausible(column[i], name, "4h")
            _reject(sheet, rejects, i, name, *why)
        column[bad] = np.nan
        values[:, j] = column
    if "class" in sheet.rows:
        published = water.class_number(sheet.rows["class"])
        unknown = (published == 0) & ~sheet.rows["class"].isin(_NOTHING).to_numpy()
        cells += (published > 0) | unknown
        for i in np.flatnonzero(unknown & good):
            _reject(sheet, rejects, i, "class", BAD_CLASS, f"one of {' '.join(water.ROMAN)} is needed")
        values[:, -1] = np.where(published > 0, published, np.nan)
    return values, cells


def _without_stars(texts) -> pa.Array:
    cells = pa.array(texts, type=pa.string())
    return pc.if_else(pc.equal(cells, "*"), "", cells)


def _stamps(text: TextFile, sheet: Sheet, year: int, now: dt.datetime, good: np.ndarray, rejects: Rejects):
    """Time of each row in UTC, NaT where it can't be read; and notes."""
    latest = now.astimezone(dt.UTC).replace(tzinfo=None) + _SLACK
    places, texts = pd.factorize(sheet.rows["time"])
    found = [_moment(one) for one in texts]
    used = set(places[good])
    turn = _turn_of_year([parts for i, parts in enumerate(found) if i in used and isinstance(parts, tuple)])
    ends = [_judge(parts, year, turn, latest) for parts in found]
    for i in np.flatnonzero([isinstance(end, tuple) for end in ends]):
        for row in np.flatnonzero((places == i) & good):
            _reject(sheet, rejects, row, "time", *ends[i])
    known = np.array([_ABSENT if isinstance(end, tuple) else np.datetime64(end, "us") for end in ends], dtype="M8[us]")
    stamps = known[places] if len(known) else np.empty(0, dtype="M8[us]")
    note = f"{text.name}: the table runs over the end of the year; before month {turn} it is {year + 1}"
    return stamps, [note] if turn else []


def _moment(text: str) -> tuple[int, ...] | str:
    """Year (0: not told), month, day, hour and minute of a time, or what is wrong with it."""
    match = _TIME.fullmatch(text)
    if not match:
        return "a time such as 04-01 04:00 is needed"
    return tuple(int(part or 0) for part in match.groups())


def _turn_of_year(times: list[tuple[int, ...]]) -> int | None:
    """The month with which a table begins that runs over the end of the year, else None.

    Its days leave out more than half a year, and that gap lies within the year of the calendar.
    """
    days = set()
    for year, month, day, *_ in times:
        try:
            days |= set() if year else {dt.date(_LEAP_YEAR, month, day)}
        except ValueError:
            continue
    days = sorted(days)
    for before, after in zip(days, days[1:], strict=False):
        if (after - before).days > _HALF_YEAR:
            return after.month
    return None


def _judge(parts, year: int, turn: int | None, latest: dt.datetime) -> dt.datetime | tuple[str, str]:
    """The time in UTC, or reason and detail."""
    if isinstance(parts, str):
        return BAD_TIME, parts
    told, month, *rest = parts
    try:
        local = dt.datetime(told or (year + 1 if turn and month < turn else year), month, *rest)
    except ValueError as error:
        return BAD_TIME, str(error)
    if local.minute:
        return BAD_TIME, "a full hour is needed, such as 04:00"
    return (FUTURE, "more than an hour ahead of the clock") if local - _BEIJING > latest else local - _BEIJING


def _states(sheet: Sheet) -> np.ndarray:
    """State of the station of each row, "" where it is normal or not told."""
    if "state" not in sheet.rows:
        return np.full(len(sheet.rows), "", dtype=object)
    told = sheet.rows["state"].str.slice(0, 32)
    return np.where(told.isin((*_NOTHING, NORMAL)), "", told).astype(object)


def _labels(sheet: Sheet) -> np.ndarray:
    """What tells the sections of this file apart: name, and province as far as any row of the name tells it."""
    name = sheet.rows["name"]
    if "province" not in sheet.rows:
        return name.to_numpy(dtype=object)
    province = sheet.rows["province"].str.slice(0, 2)  # 四川 and 四川省 are one
    province = province.mask(province.isin(_NOTHING))
    known = province.groupby(name).transform("first")
    return (name + "\n" + province.fillna(known).fillna("")).to_numpy(dtype=object)


def _join(labels, stamps, state, values: np.ndarray, good: np.ndarray, sheet: Sheet, rejects: Rejects) -> int:
    """Rows of the same section and time become one; what contradicts the last normal one is rejected.

    Returns how many values only repeat.
    """
    rows = np.flatnonzero(good)[::-1]  # the last goes before the earlier ones
    rows = rows[np.argsort(state[rows] != "", kind="stable")]
    part = values[rows]
    repeated, conflicts = join_repetitions(pd.MultiIndex.from_arrays([labels[rows], stamps[rows]]), part)
    values[rows] = part
    for at, kept, columns in conflicts:
        detail = f"differs from line {int(sheet.rows.index[rows[kept]])} in {len(columns)} values; that one is kept"
        _reject(sheet, rejects, rows[at], None, CONFLICT, detail)
    return repeated


def _rows(labels, stamps, factors: list[str], values: np.ndarray, state, good: np.ndarray) -> pa.Table:
    row, column = np.nonzero(~np.isnan(values) & good[:, None])
    table = readings(
        station=labels[row],
        factor=pa.DictionaryArray.from_arrays(column.astype("i4"), pa.array(factors)),
        time=stamps[row],
        period="4h",
        value=values[row, column],
    )
    return table.append_column("flag", pa.array(state[row], type=pa.string()))


def _about(sheet: Sheet, labels, named: np.ndarray, values: np.ndarray, factors: list[str]) -> pd.DataFrame:
    """Name, province and basin of each section from its first row; a lake's measures what only those do."""
    rows = sheet.rows[named]
    telling = [j for j, name in enumerate(factors) if name in LAKE_ONLY]
    measured = (~np.isnan(values[named][:, telling])).any(axis=1)
    lakes = set(labels[named][measured])
    about = rows.assign(label=labels[named]).drop_duplicates("label").set_index("label")
    about = about.reindex(columns=["name", "province", "basin"]).astype(object)
    about = about.where(about.notna() & ~about.isin(_NOTHING), None)
    return about.assign(lake=pd.Series([True if one in lakes else None for one in about.index], about.index, object))


def _silent(name: str, state: np.ndarray) -> list[str]:
    """What the rows say that have no reading, often no time either: only the state of their station."""
    if not len(state):
        return []
    counts = ", ".join(f"{one or NORMAL} {n}" for one, n in Counter(state).most_common())
    return [f"{name}: {len(state)} rows have no reading, only the state of the station ({counts})"]


def _reject(sheet: Sheet, rejects: Rejects, row: int, column: str | None, reason: str, detail: str = "") -> None:
    rejects.add(
        reason,
        detail,
        line=int(sheet.rows.index[row]),
        column=sheet.heads.get(column),
        station=sheet.rows["name"].iloc[row],
        raw=sheet.rows[column].iloc[row] if column else _raw(sheet, row),
    )


def _raw(sheet: Sheet, row: int) -> str:
    return ",".join(sheet.rows.iloc[row])
