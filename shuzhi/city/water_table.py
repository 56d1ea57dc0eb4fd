"""The four-hourly water of the simulated city as the national table shows it: missing marks, states, repeated rows.

What is missing, repeated or in maintenance is drawn day by day, like everything else: it does not depend on when the
table was made.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from shuzhi.city.archive import replace_file
from shuzhi.city.noise import HOURS, day_numbers, generator
from shuzhi.city.sections import PROVINCE
from shuzhi.city.water import BY_ANALYSER, DECIMALS, LAKE_ONLY, STEP, Waters, conditions, times_of
from shuzhi.standards import water as law

HEAD = (
    "省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU),"
    "高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L),叶绿素α(mg/L),藻密度(cells/L),站点情况\n"
)
BASIN = "长江流域"

STATES = ("正常", "停运", "停电", "通讯故障", "不具备运行条件", "维护")
"""States of a station. In maintenance it sends what needs no analyser, in the others but the first it is silent."""

_NORMAL, _UNFIT, _MAINTAINED = 0, 4, 5

_DAY = HOURS // STEP
_OUTAGE_LEAD_DAYS = 16

_ONCE, _NEVER, _REPEATED, _COMPLETED = 0, 1, 2, 3
"""How the row of a stamp is told; one of a station in maintenance may be completed by a second, normal one."""

_ABSENT, _NOT_MEASURED = b",--", b",*"


@dataclass(frozen=True)
class Told:
    """What the stations tell; arrays of shape (stamps, sections)."""

    times: pd.DatetimeIndex
    values: dict[str, np.ndarray]
    """By item, unrounded; NaN where it is missing or not measured."""
    classes: np.ndarray
    """The class of the values, 0 where one of its items is missing."""
    state: np.ndarray
    rows: np.ndarray


def write_table(path: Path, seed: int, place: Waters, first: dt.date, last: dt.date, after, until) -> bool:
    """Write the table of the Beijing days from `first` to `last`, as far as its stamps lie after `after` up to `until`.

    The first stamp of a day is 04:00; its last, 00:00, is that of the next calendar day.

    Parameters
    ----------
    after, until : datetime
        Beijing, without zone.

    Returns
    -------
    bool
        Whether there are such stamps; without any there is no file.
    """
    day = dt.timedelta(days=1)
    times = times_of(first, last + day)
    wanted = np.asarray((times > max(after, pd.Timestamp(first))) & (times <= min(until, pd.Timestamp(last + day))))
    if not wanted.any():
        return False
    text = _text(place, told(seed, place, first, last + day), np.flatnonzero(wanted))
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, HEAD.encode() + text)
    return True


def told(seed: int, place: Waters, first: dt.date, last: dt.date) -> Told:
    """What the stations tell of the calendar days from `first` to `last`; row 0 is the stamp `first` 00:00."""
    values = conditions(seed, place, first, last)
    outage = _outages(seed, len(place.names), first, last)
    rows, state, lost = _faults(seed, day_numbers(first, last), len(place.names))
    for item, lacking in zip(DECIMALS, lost, strict=True):
        values[item][lacking | (outage != _NORMAL)] = np.nan
    rows[(outage != _NORMAL) & (rows == _COMPLETED)] = _ONCE
    classes = _classes(place, values)
    return Told(times_of(first, last), values, classes, np.where(outage != _NORMAL, outage, state), rows)


def _outages(seed: int, count: int, first: dt.date, last: dt.date) -> np.ndarray:
    """The state of stations that are silent: some hours now and then, rarely up to two weeks; else normal."""
    days = day_numbers(first - dt.timedelta(days=_OUTAGE_LEAD_DAYS), last)
    state = np.full((len(days) * _DAY, count), _NORMAL, np.int8)
    for i, day in enumerate(days):
        chance, begin, length, long, why = generator(seed, 220, day).random((5, count))
        for section in np.flatnonzero(chance < 0.006):
            rare = long[section] < 0.07
            steps = _DAY * (3 + 11 * length[section]) if rare else 1 + 11 * length[section] ** 2
            at = i * _DAY + int(begin[section] * _DAY)
            state[at : at + int(steps), section] = _UNFIT if rare and why[section] < 0.4 else 1 + int(3 * why[section])
    return state[_OUTAGE_LEAD_DAYS * _DAY :]


def _faults(seed: int, days: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How each row is told, whether the station is in maintenance, and by item which values are lost."""
    draws = [generator(seed, 221, day).random((3 + len(DECIMALS), _DAY, count)) for day in days]
    chance, served, completed, *lost = np.concatenate(draws, axis=1)
    rows = np.select([chance < 0.006, chance < 0.07], [_NEVER, _REPEATED], _ONCE).astype(np.int8)
    state = np.where(served < 0.012, _MAINTAINED, _NORMAL).astype(np.int8)
    rows[(state == _MAINTAINED) & (completed < 0.25)] = _COMPLETED
    return rows, state, np.array(lost) < 0.003


def _classes(place: Waters, values: dict[str, np.ndarray]) -> np.ndarray:
    """The class that is published: made from unrounded values."""
    table = pd.DataFrame({item: values[item].ravel() for item in law.AUTOMATIC})
    body = np.tile(np.where(place.lake, "lake", "river"), len(values["do"]))
    classes = law.section_class(table, body, law.AUTOMATIC)["water_class"].to_numpy()
    return np.where(table.isna().any(axis=1), 0, classes).reshape(values["do"].shape)


def _text(place: Waters, all_told: Told, stamps: np.ndarray) -> bytes:
    """The lines of some stamps, section by section."""
    section, stamp = (part.ravel() for part in np.meshgrid(np.arange(len(place.names)), stamps, indexing="ij"))
    rows = all_told.rows[stamp, section]
    times_told = np.select([rows == _NEVER, rows == _ONCE], [0, 1], 2)
    section, stamp, rows = (np.repeat(part, times_told) for part in (section, stamp, rows))
    again = np.concatenate([[False], (section[1:] == section[:-1]) & (stamp[1:] == stamp[:-1])])
    state = np.where((rows == _COMPLETED) & again, _NORMAL, all_told.state[stamp, section])
    silent = (state != _NORMAL) & (state != _MAINTAINED)
    columns = [_names(place)[section], np.where(silent, b",*", _stamps(all_told.times)[stamp])]
    published = all_told.classes[stamp, section] * (state == _NORMAL)
    columns.append(np.array([b",*", *(f",{roman}".encode() for roman in law.ROMAN)])[published])
    for item, decimals in DECIMALS.items():
        values = all_told.values[item][stamp, section]
        lacking = np.isnan(values) | ((state == _MAINTAINED) & (item in BY_ANALYSER))
        column = np.where(lacking, _ABSENT, _digits(values, decimals))
        columns.append(np.where(place.lake[section], column, _NOT_MEASURED) if item in LAKE_ONLY else column)
    columns.append(np.array([f",{name}\n".encode() for name in STATES])[state])
    parts = [column.view(np.uint8).reshape(len(column), -1) for column in map(np.ascontiguousarray, columns)]
    text = np.concatenate(parts, axis=1).ravel()
    return text[text != 0].tobytes()


def _names(place: Waters) -> np.ndarray:
    return np.array([f"{PROVINCE},{BASIN},{name}".encode() for name in place.names])


def _stamps(times: pd.DatetimeIndex) -> np.ndarray:
    return np.array([f",{time:%m-%d %H:%M}".encode() for time in times])


def _digits(values: np.ndarray, decimals: int) -> np.ndarray:
    """Cells with a comma before; any number for NaN."""
    whole = np.rint(np.nan_to_num(values) * 10**decimals).astype(np.int64)
    distinct, place = np.unique(whole, return_inverse=True)
    return np.array([f",{number / 10**decimals:.{decimals}f}".encode() for number in distinct.tolist()])[place]
