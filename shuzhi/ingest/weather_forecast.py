"""Weather forecasts by station, one column a factor: hourly, three-hourly or daily, as the point output of a model.

Each row names its issue (``issue``) and what it is valid for: ``time`` (ISO 8601, without offset Beijing time, the
**end** of the hour or of the three hours), ``lead`` (hours from the issue to that end) or ``date`` (a Beijing day). An
issue that is a date was made at the end of that day. Whether a row is of one hour or of three follows from its
neighbours in the issue: an issue may be hourly first and three-hourly later.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.errors import InputError
from shuzhi.ingest import weather_columns as columns
from shuzhi.ingest.files import TextFile, read
from shuzhi.ingest.numbers import to_numbers
from shuzhi.ingest.parsed import Parsed, readings
from shuzhi.ingest.rejects import BAD_PERIOD, BEFORE_ISSUE, NO_KEY, NOT_A_NUMBER, TOO_FAR, Rejects
from shuzhi.ingest.sheet import Sheet
from shuzhi.ingest.weather_columns import refuse

PRODUCT = "数值预报"
"""Name of a product where neither the file nor the caller gives one."""

LONGEST = 16
"""Days that the longest forecasts reach; further ahead is a mistake."""

_ABOUT = {
    "product": ("product", "model", "产品", "模式"),
    "issue": ("issue", "issued_at", "起报时间", "起报", "发布时间"),
    "time": ("time", "valid", "valid_time", "预报时间", "时间"),
    "date": ("date", "预报日期", "日期"),
    "lead": ("lead", "lead_hours", "预报时效", "时效"),
}
_VALID = ("time", "date", "lead")
_HOUR = np.timedelta64(1, "h")
_BEYOND = dt.datetime.max
_FAR = 100_000
"""Hours; more are as wrong."""
_PRODUCT_LENGTH = 64
_LENGTHS = {"1h": 1, "3h": 3, "1d": 24}


def parse(
    path: Path | str, product: str | None = None, station: str | None = None, now: dt.datetime | None = None
) -> Parsed:
    """Read a file of weather forecasts.

    Parameters
    ----------
    path : Path
    product : str, optional
        Name of the product, for a file without a column ``product``; by default `PRODUCT`.
    station : str, optional
        Code of the station, for a file without a column ``station``.
    now : datetime, optional
        Aware; issues more than an hour later are rejected. Default: the clock.

    Returns
    -------
    Parsed
        ``rows``: product, station, issued_at (UTC), time (UTC, end of the period), period '1h', '3h' or '1d', factor,
        value in the units of ``data/standards/factors.csv``; ``stations``: what the file says about them;
        ``duplicates``: numbers that a later line says again, which holds.

    Raises
    ------
    InputError
        If the file can't be read, or has no issue, no valid time, no station or no known factor.
    """
    text = read(path)
    rejects = Rejects(text.name)
    sheet = columns.sheet_of(text, _ABOUT, ["issue"], rejects)
    valid = _valid_column(text, sheet)
    factors = columns.factors_of(text, sheet, valid == "date")
    products, codes = _products(text, sheet, product), columns.codes_of(text, sheet, station)
    good = columns.with_code(codes, sheet, rejects) & _named(products, sheet, rejects)
    issued, ends = _times(sheet, valid, good, now, rejects)
    good &= ~np.isnat(issued) & ~np.isnat(ends)
    good, analyses = _ahead(sheet, valid, issued, ends, good, rejects)
    keys = _keys(products, codes, issued, ends)
    periods = _periods(sheet, valid, keys, issued, ends, good, rejects)
    good &= periods != ""
    found, cells = _values(sheet, factors, periods, codes, good, rejects)
    repeated = _last_holds(keys[good], found, np.flatnonzero(good))
    notes = [f"{text.name}: {analyses:,} rows are valid at their issue and were left out: analyses"] if analyses else []
    return Parsed(
        rows=_rows(products, codes, issued, ends, periods, factors, found, good),
        rejected=rejects,
        lines=len(sheet.rows),
        rows_in=cells,
        duplicates=repeated,
        notes=[*sheet.notes, *notes],
        stations=columns.about(codes[good], sheet.rows[good], sheet, rejects),
    )


def _valid_column(text: TextFile, sheet: Sheet) -> str:
    found = [name for name in _VALID if name in sheet.rows]
    if len(found) != 1:
        needed = "time (end of the hour or of the three hours), lead (hours after the issue) or date (a day)"
        if found:
            heads = ", ".join(sheet.heads[name] for name in found)
            raise InputError(f"{heads} are there together; keep one: {needed}", file=text.path, line=1)
        raise InputError(f"columns missing: {needed}. Name one so in the first line", file=text.path, line=1)
    return found[0]


def _products(text: TextFile, sheet: Sheet, product: str | None) -> np.ndarray:
    """The product of each row."""
    if "product" in sheet.rows:
        if product:
            raise InputError("the file has a column of products; leave --product out", file=text.path, line=1)
        return sheet.rows["product"].to_numpy(dtype=object)
    name = PRODUCT if product is None else product.strip()
    if not 0 < len(name) <= _PRODUCT_LENGTH:
        raise InputError(f"--product: a name of at most {_PRODUCT_LENGTH} characters is needed")
    return np.full(len(sheet.rows), name, dtype=object)


def _named(products: np.ndarray, sheet: Sheet, rejects: Rejects) -> np.ndarray:
    """Mask of the rows with a name of a product; the others are rejected."""
    lengths = np.array([len(name) for name in products], dtype=int)
    good = (lengths > 0) & (lengths <= _PRODUCT_LENGTH)
    why = NO_KEY, f"a name of at most {_PRODUCT_LENGTH} characters is needed"
    refuse(sheet, np.flatnonzero(~good), "product", why, rejects)
    return good


def _times(sheet: Sheet, valid: str, good: np.ndarray, now, rejects: Rejects) -> tuple[np.ndarray, np.ndarray]:
    """Issue and end of the period of each row, UTC; NaT where it can't be read."""
    issued = columns.instants(sheet, "issue", _issue, columns.clock(now), good, rejects)
    good = good & ~np.isnat(issued)
    if valid == "lead":
        return issued, issued + _leads(sheet, good, rejects)
    read_one = columns.end_of_hour if valid == "time" else columns.end_of_day
    return issued, columns.instants(sheet, valid, read_one, _BEYOND, good, rejects)


def _issue(text: str) -> dt.datetime:
    try:
        return columns.end_of_hour(text)
    except ValueError as error:
        if ":" in text:
            raise
        try:
            return columns.end_of_day(text)
        except ValueError:
            raise ValueError(f"{error}, or the last day that was observed, such as 2019-08-26") from None


def _leads(sheet: Sheet, good: np.ndarray, rejects: Rejects) -> np.ndarray:
    """Hours ahead; NaT where a cell holds no whole number of them."""
    texts = sheet.rows["lead"].array
    hours = to_numbers(pa.array(texts, type=pa.string()))[0]
    known = np.isfinite(hours) & (hours == np.floor(hours))
    why = NOT_A_NUMBER, "whole hours from the issue to the end of the period are needed"
    refuse(sheet, np.flatnonzero(good & ~known), "lead", why, rejects)
    whole = np.where(known, hours, 0).clip(-_FAR, _FAR).astype("i8").astype("m8[h]").astype("m8[us]")
    return np.where(known, whole, np.timedelta64("NaT", "us"))


def _ahead(sheet: Sheet, valid: str, issued, ends, good: np.ndarray, rejects: Rejects) -> tuple[np.ndarray, int]:
    """Mask of the rows that lie ahead of their issue, and how many lie exactly at it."""
    lead = (ends - issued) / _HOUR
    longest = 24 * (LONGEST + (valid == "date"))
    early, late = good & (lead < 0), good & (lead > longest)
    refuse(sheet, np.flatnonzero(early), valid, (BEFORE_ISSUE,), rejects)
    refuse(sheet, np.flatnonzero(late), valid, (TOO_FAR, f"more than {LONGEST} days"), rejects)
    return good & (lead > 0) & ~late, int((good & (lead == 0)).sum())


def _keys(products, codes, issued, ends) -> np.ndarray:
    """Numbers that order the rows by product, station and issue, and in it by time; shape (rows, 2)."""
    names = pd.factorize(products)[0], pd.factorize(codes)[0], pd.factorize(issued)[0]
    issue = (names[0] * (names[1].max(initial=0) + 1) + names[1]) * (names[2].max(initial=0) + 1) + names[2]
    return np.column_stack([issue, ends.astype("i8")])


def _periods(sheet: Sheet, valid: str, keys: np.ndarray, issued, ends, good: np.ndarray, rejects: Rejects):
    """The period of each row; empty where its neighbours don't tell one, which is rejected."""
    periods = np.full(len(good), "", dtype="U2")
    if valid == "date":
        periods[good] = "1d"
        return periods
    step, of_issue = _steps(keys, (ends - issued) / _HOUR, good)
    periods[good & (step <= 2)] = "1h"
    periods[good & (step >= 3) & (of_issue <= 3)] = "3h"
    unknown = np.flatnonzero(good & (periods == ""))
    needed = "hours between neighbours; hourly, three-hourly or daily (a column date) is needed"
    refuse(sheet, unknown, valid, [(BAD_PERIOD, f"{hours:.0f} {needed}") for hours in step[unknown]], rejects)
    return periods


def _steps(keys: np.ndarray, lead: np.ndarray, good: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hours from each row to its nearest neighbour in its issue, the issue itself being one of the first; and the
    least of them in the issue."""
    step, of_issue = np.full(len(good), np.inf), np.full(len(good), np.inf)
    rows = np.flatnonzero(good)
    if not len(rows):
        return step, of_issue
    order = rows[np.lexsort((keys[rows, 1], keys[rows, 0]))]
    fresh = np.r_[True, (keys[order][1:] != keys[order][:-1]).any(axis=1)]  # a repetition is no neighbour
    single, place = order[fresh], np.cumsum(fresh) - 1
    first = np.r_[True, keys[single][1:, 0] != keys[single][:-1, 0]]
    before = np.where(first, lead[single], np.r_[0, np.diff(lead[single])])
    after = np.r_[np.where(first[1:], np.inf, before[1:]), np.inf]
    nearest = np.minimum(before, after)
    least = np.minimum.reduceat(nearest, np.flatnonzero(first))[np.cumsum(first) - 1]
    step[order], of_issue[order] = nearest[place], least[place]
    return step, of_issue


def _values(sheet: Sheet, factors, periods, codes, good, rejects: Rejects) -> tuple[np.ndarray, int]:
    """As `weather_columns.values`, each row by the bounds of its period."""
    found, cells = np.full((len(good), len(factors)), np.nan), 0
    for period in _LENGTHS:
        rows = good & (periods == period)
        if rows.any():
            part, count = columns.values(sheet, factors, period, codes, rows, rejects)
            found[rows], cells = part[rows], cells + count
    return found, cells


def _last_holds(keys: np.ndarray, found: np.ndarray, rows: np.ndarray) -> int:
    """Keep of each number the one that stands last in the file, in place; how many others there were."""
    places = pd.MultiIndex.from_arrays(keys.T)
    twice = places.duplicated(keep=False)
    if not twice.any():
        return 0
    groups, part = pd.factorize(places[twice])[0], pd.DataFrame(found[rows[twice]])
    last = part.groupby(groups).last().to_numpy()  # the last that says something, column by column
    stays = ~pd.Series(groups).duplicated(keep="last").to_numpy()
    before = int(part.count().sum())
    found[rows[twice]] = np.where(stays[:, None], last[groups], np.nan)
    return before - int((~np.isnan(last)).sum())


def _rows(products, codes, issued, ends, periods, factors, found: np.ndarray, good: np.ndarray) -> pa.Table:
    row, factor, value = columns.numbers(factors, found, good)
    table = readings(codes[row], factor, ends[row], "", value)
    instant = pa.array(issued[row]).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    table = table.set_column(
        table.column_names.index("period"), "period", pa.array(periods[row].astype(object), pa.string())
    )
    return table.append_column("product", pa.array(products[row], pa.string())).append_column("issued_at", instant)
