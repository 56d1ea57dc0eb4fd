"""``python -m shuzhi water``: classes of surface water as tables, and tables held against their published classes."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from shuzhi.access import operator
from shuzhi.errors import InputError
from shuzhi.standards.water import roman
from shuzhi.status import water, water_check
from shuzhi.status.options import Csv, From, To, iso, span, write
from shuzhi.store import open_home
from shuzhi.store.spreadsheet import guarded

app = typer.Typer(no_args_is_help=True)


@app.command()
def classes(
    from_: From,
    to: To,
    section: Annotated[list[str] | None, typer.Option(help="A section's name or code; may be repeated.")] = None,
    csv: Csv = "-",
) -> None:
    """Real-time classes of sections: time, section (name), class (Ⅰ … 劣Ⅴ), deciding items (symbols joined by “;”).

    The class is empty where an item that the station measures is missing.
    """
    start, end = span(from_, to)
    home, scope = open_home(), operator()
    names = water.sections(home, scope).set_index("code")["name"]
    table = water.classes(home, scope, start, end, _codes(names, section))
    table["section"] = table["station"].map(names)
    table["class"] = roman(table["water_class"])
    table["time"] = iso(table["time"])
    table = table.sort_values(["time", "section", "station"])[["time", "section", "class", "deciding"]]
    write(home, "water", "water classes", table, csv)


@app.command()
def check(
    file: Path,
    year: Annotated[int, typer.Option(help="Year of the first time in the table, whose times have none.")],
    csv: Csv = "-",
) -> None:
    """Hold a four-hourly table against our classes, each row by its own values, without a home.

    Writes the rows that differ: line, time, section, published, class, deciding items, why: "rounding" (a value shown
    on a limit may lie beyond it), "repetition" (the table has both classes for the same values), "other".
    """
    table = water_check.check(file, year)
    same, rows = int((table["why"] == "").sum()), len(table)
    share = f" ({same / rows:.2%})" if rows else ""
    typer.echo(f"{same} of {rows} published classes{share} are ours", err=True)
    table = table[table["why"] != ""]
    table = table.assign(
        time=iso(table["time"]),
        section=table["name"],
        published=roman(table["class_published"]),
        **{"class": roman(table["water_class"])},
    )
    columns = ["line", "time", "section", "published", "class", "deciding", "why"]
    guarded(table[columns]).to_csv(sys.stdout if csv == "-" else csv, index=False)


def _codes(names, wanted: list[str] | None) -> list[str] | None:
    """Codes of the sections that are named by code or name."""
    if not wanted:
        return None
    unknown = [one for one in wanted if one not in names.index and one not in names.to_numpy()]
    if unknown:
        raise InputError(f"the register has no section {', '.join(unknown)}")
    return names.index[names.index.isin(wanted) | names.isin(wanted)].tolist()
