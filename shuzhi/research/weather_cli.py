"""``python -m shuzhi forecast weather``: which weather forecasts there are, and how good they were."""

import datetime as dt
import json
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shuzhi.access import operator
from shuzhi.errors import InputError
from shuzhi.i18n import _, language
from shuzhi.research import weather
from shuzhi.settings import BEIJING
from shuzhi.standards.factors import factors
from shuzhi.store import open_home


def show(
    product: Annotated[str | None, typer.Option(help="By default the one with the newest issue.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Errors of the issues of so many days.")] = 30,
    json_: Annotated[str | None, typer.Option("--json", metavar="-", help="“-”: JSON on stdout.")] = None,
) -> None:
    """Products of weather forecasts, their newest issue, and their errors by day of lead against what was measured."""
    if json_ not in (None, "-"):
        raise InputError("--json takes only “-” (stdout); redirect it to write a file")
    home, scope, now = open_home(), operator(), pd.Timestamp.now(BEIJING)
    known = weather.products(home, scope, now)
    if product is not None and product not in set(known["product"]):
        raise InputError(f"no product “{product}”; there are: {', '.join(known['product']) or 'none'}")
    product = product or (None if known.empty else known["product"].iloc[0])
    first = now.date() - dt.timedelta(days=days - 1)
    errors = weather.errors(home, scope, first, now.date(), product)
    known = known.assign(newest=[moment.tz_convert(BEIJING).isoformat() for moment in known["newest"]])
    if json_ == "-":
        found = {"products": known.to_dict("records"), "product": product, "errors": errors.to_dict("records")}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if known.empty:
        typer.echo(_("没有气象预报；导入：python -m shuzhi import weather-forecast FILE"), err=True)
        return
    console = Console()
    console.print(_products(known))
    if errors.empty:
        typer.echo(_("{product}：近 {n} 日的预报尚无观测可对照。").format(product=product, n=days), err=True)
        return
    title = _("{product}：近 {n} 日各期平均绝对误差（偏差）").format(product=product, n=days)
    console.print(_errors(errors, title))


def _products(known: pd.DataFrame) -> Table:
    table = Table(_("产品"), _("期数"), _("最新一期"))
    for row in known.itertuples():
        table.add_row(Text(row.product), f"{row.issues:,}", row.newest[:16].replace("T", " "))
    return table


def _errors(errors: pd.DataFrame, title: str) -> Table:
    """A row a factor and period, a column a day of lead."""
    names, leads = factors("weather"), sorted(errors["lead"].unique())
    table = Table(_("要素"), _("时段"), *(_("第 {n} 天").format(n=lead) for lead in leads), title=title)
    for (factor, period), rows in errors.set_index("lead").groupby(["factor", "period"]):
        name, unit, digits = (names.at[factor, column] for column in (f"name_{language()}", "unit", "decimals"))
        digits = max(int(digits), 1)
        cells = [
            f"{rows.at[lead, 'mae']:.{digits}f} ({rows.at[lead, 'bias']:+.{digits}f})" if lead in rows.index else ""
            for lead in leads
        ]
        table.add_row(f"{name} {unit}", period, *cells)
    return table
