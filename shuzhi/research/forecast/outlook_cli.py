"""``python -m shuzhi forecast outlook-check``: how the outlooks of past years would have held."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from shuzhi.errors import InputError
from shuzhi.research.forecast import outlook


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
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First last known day.")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last one.")],
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
