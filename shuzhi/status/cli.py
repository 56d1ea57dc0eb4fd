"""``python -m shuzhi air``: readings and indices as tables."""

from collections.abc import Sequence
from typing import Annotated, Literal

import pandas as pd
import typer

from shuzhi.access import operator
from shuzhi.standards.levels import levels
from shuzhi.status import air
from shuzhi.status.options import Csv, From, To, days, iso, span, write
from shuzhi.store import open_home
from shuzhi.store.schema import DAY_ITEMS, ITEMS

app = typer.Typer(no_args_is_help=True)

City = Annotated[str | None, typer.Option(help="A city.")]
Edition = Annotated[Literal["auto", "2012", "2026"], typer.Option(help="Edition of HJ 633.")]


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
    home, (start, end) = open_home(), span(from_, to)
    table = air.hourly(home, operator(), start, end, stations=site or None, city=city, edition=edition)
    table = table.rename(columns={"station": "site"})
    table["time"] = iso(table["time"])
    table = _readable(table, ["time", "site"], ITEMS)
    write(home, "air", "air hourly", table, csv)


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
        table = air.daily(home, operator(), first, last, stations=site, edition=edition)
        keys = ["date", "site", "valid"]
    else:
        table = air.city_daily(home, operator(), first, last, edition=edition, city=city)
        keys = ["date", "valid"]
    table = table.rename(columns={"day": "date", "station": "site"})
    table["valid"] = table["valid"].map({True: "true", False: "false"})
    write(home, "air", "air daily", _readable(table, keys, DAY_ITEMS), csv)


def _readable(table: pd.DataFrame, keys: Sequence[str], items: Sequence[str]) -> pd.DataFrame:
    names = dict(zip(levels()["level"], levels()["name_zh"], strict=True))
    table["level"] = table["level"].map(names)
    for column in {"aqi", *items} - {"co"}:
        table[column] = _shortest(table[column])
    return table[[*keys, "aqi", "level", "primary", *items]]


def _shortest(values: pd.Series) -> pd.Series:
    """Whole numbers without a point where all of them are whole."""
    whole = values.dropna() % 1 == 0
    return values.astype("Int64") if whole.all() else values
