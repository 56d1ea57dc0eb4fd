"""``python -m shuzhi air``: readings and indices as tables."""

import datetime as dt
import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import pandas as pd
import typer

from shuzhi.errors import InputError
from shuzhi.settings import BEIJING
from shuzhi.standards.days import beijing_day
from shuzhi.standards.levels import levels
from shuzhi.status import air
from shuzhi.store import Scope, open_home
from shuzhi.store.calendar import day_span
from shuzhi.store.schema import DAY_ITEMS, ITEMS

app = typer.Typer(no_args_is_help=True)

_ONE_STAMP = pd.Timedelta(microseconds=1)
From = Annotated[str, typer.Option("--from", help="First Beijing day, or ISO time (included).")]
To = Annotated[str, typer.Option("--to", help="Last Beijing day (included), or ISO time (excluded).")]
City = Annotated[str | None, typer.Option(help="A city.")]
Edition = Annotated[Literal["auto", "2012", "2026"], typer.Option(help="Edition of HJ 633.")]
Csv = Annotated[str, typer.Option(help="File to write; - for stdout.")]


@app.command()
def hourly(
    from_: From,
    to: To,
    city: City = None,
    site: Annotated[list[str] | None, typer.Option(help="A station's code; may be repeated.")] = None,
    edition: Edition = "auto",
    csv: Csv = "-",
) -> None:
    """Hourly readings and AQI of stations: time, site, aqi, level, primary, six items."""
    start, end = span(from_, to)
    table = air.hourly(open_home(), Scope.all(), start, end, stations=site or None, city=city, edition=edition)
    table = table.rename(columns={"station": "site"})
    table["time"] = _iso(table["time"])
    _write(table, ["time", "site"], ITEMS, csv)


@app.command()
def daily(
    from_: From,
    to: To,
    city: City = None,
    site: Annotated[list[str] | None, typer.Option(help="A station's code; may be repeated.")] = None,
    edition: Edition = "auto",
    csv: Csv = "-",
) -> None:
    """Daily values and AQI of a city (mean of its evaluation sites), or of stations with --site."""
    home, (first, last) = open_home(), days(from_, to)
    if site:
        table = air.daily(home, Scope.all(), first, last, stations=site, edition=edition)
        keys = ["date", "site", "valid"]
    else:
        table = air.city_daily(home, Scope.all(), first, last, edition=edition, city=city)
        keys = ["date", "valid"]
    table = table.rename(columns={"day": "date", "station": "site"})
    table["valid"] = table["valid"].map({True: "true", False: "false"})
    _write(table, keys, DAY_ITEMS, csv)


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


def _iso(times: pd.Series) -> pd.Series:
    local = pd.DatetimeIndex(times).tz_convert(BEIJING)
    return pd.Series(local.strftime("%Y-%m-%dT%H:%M:%S+08:00"), index=times.index)


def _write(table: pd.DataFrame, keys: Sequence[str], items: Sequence[str], target: str) -> None:
    names = dict(zip(levels()["level"], levels()["name_zh"], strict=True))
    table["level"] = table["level"].map(names)
    for column in {"aqi", *items} - {"co"}:
        table[column] = _shortest(table[column])
    table = table[[*keys, "aqi", "level", "primary", *items]]
    table.to_csv(sys.stdout if target == "-" else target, index=False)


def _shortest(values: pd.Series) -> pd.Series:
    """Whole numbers without a point where all of them are whole."""
    whole = values.dropna() % 1 == 0
    return values.astype("Int64") if whole.all() else values
