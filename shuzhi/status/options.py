"""What the commands about readings share: the span of time that they are asked for, and how they write times."""

import datetime as dt
import sys
from typing import Annotated

import pandas as pd
import typer

from shuzhi.access import audit, operator
from shuzhi.errors import InputError
from shuzhi.settings import BEIJING
from shuzhi.standards.days import beijing_day
from shuzhi.store import Home
from shuzhi.store.calendar import day_span
from shuzhi.store.spreadsheet import guarded

From = Annotated[str, typer.Option("--from", help="First Beijing day, or ISO time (included).")]
To = Annotated[str, typer.Option("--to", help="Last Beijing day (included), or ISO time (excluded).")]
Csv = Annotated[str, typer.Option(help="File to write; - for stdout.")]

_ONE_STAMP = pd.Timedelta(microseconds=1)


def span(from_: str, to: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Stamps (start, end] that ``--from`` and ``--to`` ask for.

    Raises
    ------
    InputError
        If one is neither a date nor an ISO time, or they are in the wrong order.
    """
    first, last = _moment(from_, "--from"), _moment(to, "--to")
    start = day_span(first, first)[0] if _is_day(first) else first - _ONE_STAMP
    end = day_span(last, last)[1] if _is_day(last) else last - _ONE_STAMP
    if end <= start:
        raise InputError(f"--to {to} lies before --from {from_}")
    return start, end


def days(from_: str, to: str) -> tuple[dt.date, dt.date]:
    """Beijing days whose stamp (the day's last midnight) lies in the span.

    Raises
    ------
    InputError
        As `span`.
    """
    start, end = span(from_, to)
    midnights = beijing_day(pd.DatetimeIndex([start + pd.Timedelta(seconds=2), end]))
    first, last = midnights.astype(object)
    return first, last if day_span(last, last)[1] <= end else last - dt.timedelta(days=1)


def _is_day(moment: dt.date | pd.Timestamp) -> bool:
    return not isinstance(moment, pd.Timestamp)  # a Timestamp is a date as well


def _moment(text: str, option: str) -> dt.date | pd.Timestamp:
    try:
        if len(text) <= 10:
            return dt.date.fromisoformat(text)
        moment = pd.Timestamp(text)
        return (moment.tz_localize(BEIJING) if moment.tz is None else moment).tz_convert("UTC")
    except ValueError as error:
        raise InputError(
            f"{option} {text!r} is neither a date (2019-08-26) nor an ISO time (2019-08-26T15:00)"
        ) from error


def iso(times: pd.Series) -> pd.Series:
    """Times as text in Beijing: ``2019-08-26T15:00:00+08:00``."""
    local = pd.DatetimeIndex(times).tz_convert(BEIJING)
    return pd.Series(local.strftime("%Y-%m-%dT%H:%M:%S+08:00"), index=times.index)


def write(home: Home, dataset: str, command: str, table: pd.DataFrame, target: str) -> None:
    """Write a table as CSV to a file, or to stdout (``-``), which is an export of the data set by whoever runs it."""
    audit.record(home, operator().actor, "export", dataset, command, rows=len(table), file=target)
    guarded(table).to_csv(sys.stdout if target == "-" else target, index=False)
