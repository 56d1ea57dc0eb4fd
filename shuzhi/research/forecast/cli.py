"""``python -m shuzhi forecast``: progress and notes go to stderr, JSON and tables to stdout."""

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from shuzhi.research import weather_cli
from shuzhi.research.forecast import backtest as backtests
from shuzhi.research.forecast import pipeline_cli, verify_cli
from shuzhi.research.forecast.outlook_cli import outlook_check, water_outlook_check

app = typer.Typer(no_args_is_help=True)
pipeline_cli.register(app)
verify_cli.register(app)
app.command("weather")(weather_cli.show)


@app.callback()
def main() -> None:
    """What comes next, and how good it was."""


app.command("outlook-check")(outlook_check)
app.command("water-outlook-check")(water_outlook_check)


@app.command()
def backtest(
    data: Annotated[Path, typer.Option(help="Folder with city_daily.csv and weather_daily.csv.")],
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First origin: the last day known.")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last origin.")],
    weather: Annotated[str, typer.Option(help="none, degraded (as forecast) or observed (an upper bound)")] = "none",
    weather_forecast: Annotated[
        Path | None, typer.Option(help="Issues of a weather product (csv: issue, date, …), for degraded.")
    ] = None,
    json_: Annotated[str | None, typer.Option("--json", metavar="-", help="“-”: JSON on stdout, or a file.")] = None,
) -> None:
    """Make the daily city forecast of past days and score it; nothing after an origin is used for it."""
    span = pd.Timestamp(start), pd.Timestamp(end)
    found = backtests.backtest(data, *span, weather, weather_forecast, _progress)
    if found["origins_without_issue"]:
        typer.echo(f"{found['origins_without_issue']} origins have no issue: forecast without weather", err=True)
    if json_ is None:
        typer.echo(pd.DataFrame(found["horizons"]).set_index("horizon").round(3).to_string())
        typer.echo(f"mean MAE {found['mean_mae']:.2f}, mean skill {found['mean_skill']:.3f}")
        return
    text = json.dumps(_plain(found), indent=1)
    typer.echo(text) if json_ == "-" else Path(json_).write_text(text + "\n", encoding="utf-8")


def _progress(done: int, total: int, message: str) -> None:
    typer.echo(f"\rmodels {done}/{total} {message}".ljust(40), err=True, nl=done == total)


def _plain(value):
    """JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
