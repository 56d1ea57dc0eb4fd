"""``python -m shuzhi forecast outlook-check | water-outlook-check``: how outlooks of the past would have held."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from shuzhi.errors import InputError
from shuzhi.research.forecast import outlook, section_outlook
from shuzhi.research.forecast.section_days import last_day
from shuzhi.status import water
from shuzhi.store import Scope, open_home

First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First last known day.")]
Last = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last one.")]


def read_days(path: Path) -> pd.DataFrame:
    """aqi and pm25 by day, without gaps in the days.

    Raises
    ------
    InputError
        If the file is none or lacks a column.
    """
    try:
        table = pd.read_csv(path, usecols=["date", "aqi", "pm25"], parse_dates=["date"])
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}; give a table with date, aqi and pm25") from error
    days = table.drop_duplicates("date").set_index("date").astype(float)
    return days.reindex(pd.date_range(days.index.min(), days.index.max(), freq="D"))


def outlook_check(
    data: Annotated[Path, typer.Option(help="Folder with city_daily.csv.")],
    start: First,
    end: Last,
) -> None:
    """Make the year-end outlook at each month's end and hold it against what the year came to."""
    found = outlook.check(read_days(data / "city_daily.csv"), start.date(), end.date())
    if found.empty:
        raise InputError("no year whose days are all there begins in this span; give an earlier --from or more days")
    for item, table in found.groupby("item"):
        error, width = table["median"] - table["came"], table["upper90"] - table["lower90"]
        held = f"within 50 % {table['inside50'].mean():.2f}, within 90 % {table['inside90'].mean():.2f}"
        wrong = f"mean error {error.mean():+.1f}, MAE {error.abs().mean():.1f}, width of 90 % {width.mean():.1f}"
        typer.echo(f"{item}: {len(table)} outlooks of {table['first'].nunique()} years; {held}; {wrong}")


def water_outlook_check(start: First, end: Last) -> None:
    """Make the home's outlooks of surface water twice a month and hold them against what came, beside last year's value
    and what was so far."""
    home, scope = open_home(), Scope.all()
    latest = water.latest_time(home, scope)
    known = None if latest is None else section_outlook.read(home, scope, last_day(latest))
    found = pd.DataFrame() if known is None else section_outlook.check(known, pd.Timestamp(start), pd.Timestamp(end))
    if found.empty:
        raise InputError("no month of which 30 days are known before is over in this span; give another --from or --to")
    found["of"] = [_ahead(row) for row in found.itertuples()]
    for (item, span), table in found.groupby(["item", "of"]):
        error = (table["median"] - table["came"]).abs()
        held = f"within 50 % {table['inside50'].mean():.2f}, within 90 % {table['inside90'].mean():.2f}"
        naive = " ".join(f"{name} {_error(table, name)}" for name in ("last_year", "carried"))
        typer.echo(f"{item}, {span}: {len(table)} outlooks; {held}; MAE {error.mean():.2f} beside {naive}")


def _ahead(row) -> str:
    if (row.first.month, row.last.month) == (1, 12):
        return "year"
    return "this month" if row.ahead <= 31 else "next month" if row.ahead <= 62 else "later month"


def _error(table: pd.DataFrame, name: str) -> str:
    """MAE of what takes no skill, and ours where there is one."""
    both = table[table[name].notna()]
    if both.empty:
        return "–"
    naive, ours = ((both[column] - both["came"]).abs().mean() for column in (name, "median"))
    return f"{naive:.2f} (ours there {ours:.2f})"
