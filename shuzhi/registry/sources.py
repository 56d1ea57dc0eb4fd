"""The inventory of pollution sources (污染源清单): who emits what, where; found by any mixture of filters.

Every function takes a :class:`~shuzhi.store.selection.Selection`; the same one drives list, map, counts and export.
Emissions are t/a. ``unit`` is the district or functional zone that manages a source (管理单位), ``district`` the
administrative one that it lies in (行政区划口径).
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from shuzhi.errors import NotFoundError
from shuzhi.registry import listing
from shuzhi.registry.initials import initials
from shuzhi.registry.listing import Found
from shuzhi.registry.names import names_of
from shuzhi.store import Home, Scope
from shuzhi.store.engine import relation
from shuzhi.store.schema import DELIVERED, EMISSIONS
from shuzhi.store.selection import Selection
from shuzhi.store.serving import CELL_LAT, CELL_LON, X, Y

REGISTER = "sources"
FACETS = ("unit", "street", "permit_class", "status", "industry")
_FACET_SQL = {"industry": "left(branch, 3)"}
GROUPS = {
    "unit": "unit",
    "district": "district",
    "street": "street",
    "division": "left(branch, 3)",
    "permit_class": "permit_class",
    "cell": None,
}
"""What totals can be made by, and its SQL."""

ORDERS = ("name", "unit", "street", "industry", "permit_class", *EMISSIONS)
_LISTED = (*DELIVERED["source"], "valid_from", "valid_to")


def serve(home: Home) -> None:
    """Make the serving copy anew: positions, and the text that is searched."""

    def prepare(connection) -> None:
        names = connection.execute("SELECT DISTINCT name FROM source").to_arrow_table()
        connection.register("initials", names.append_column("initials", initials(names["name"].combine_chunks())))
        connection.register("sections", _sections())

    searched = "lower(concat_ws('|', name, id, credit_code, permit_code, address, initials))"
    home.serving.write(
        REGISTER,
        f"""SELECT source.*, {X} AS x, {Y} AS y, {searched} AS search, section || industry AS branch
        FROM source LEFT JOIN initials USING (name) LEFT JOIN sections ON division = left(industry, 2)""",
        {"source": relation("source", home.lake.files("source"))},
        prepare,
    )


def search(
    home: Home,
    scope: Scope,
    selection: Selection,
    order: str = "nox",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> Found:
    """A page of the chosen sources, in order; sources without a value come last.

    Parameters
    ----------
    order : str
        One of ``ORDERS``.
    """
    column = order if order in ORDERS else "nox"
    return listing.page(home, scope, REGISTER, selection, _LISTED, column, descending, limit, offset)


def facets(home: Home, scope: Scope, selection: Selection) -> dict[str, pd.Series]:
    """How many sources each value would give, by facet; a facet is counted without its own choice.

    Returns
    -------
    dict
        Facet of ``FACETS`` → Series of counts by value, most first. ``industry`` counts divisions (C30).
        ``emits`` counts the sources that emit some of a pollutant.
    """
    named = {name for name, _ in selection.choices + selection.trees}
    shared = [name for name in FACETS if name not in named]
    found = _counted(home, scope, selection, shared) if shared else {}
    for name in set(FACETS) & named:
        found |= _counted(home, scope, selection.without(name), [name])
    return found | {"emits": _emitting(home, scope, selection)}


def totals(home: Home, scope: Scope, selection: Selection, by: str) -> pd.DataFrame:
    """Number of sources and their emissions by unit, district, street, division, permit class or cell of 1 km.

    Returns
    -------
    DataFrame
        value (``lon`` and ``lat`` of the middle for cells), n, and the pollutants [t/a]; most sources first.
    """
    sums = ", ".join(f"sum({pollutant}) AS {pollutant}" for pollutant in EMISSIONS)
    if by == "cell":
        keys = f"{CELL_LON} AS lon, {CELL_LAT} AS lat"
        question = f"SELECT {keys}, count(*)::BIGINT AS n, {sums} FROM chosen WHERE x IS NOT NULL GROUP BY 1, 2"
    else:
        question = f"SELECT {GROUPS[by]} AS value, count(*)::BIGINT AS n, {sums} FROM chosen GROUP BY 1"
    return home.engine.choose(REGISTER, f"{question} ORDER BY n DESC", selection, scope)


@dataclass(frozen=True)
class Concentration:
    """How few sources make most of the emissions.

    Attributes
    ----------
    pollutant : str
    total : float
        t/a of all chosen sources.
    emitting : int
        Sources that emit some.
    needed : int
        Of these, the largest that together make ``share`` of the total.
    share : float
    curve : DataFrame
        rank, share (cumulated): points of the curve, at most 200.
    """

    pollutant: str
    total: float
    emitting: int
    needed: int
    share: float
    curve: pd.DataFrame


def concentration(home: Home, scope: Scope, selection: Selection, pollutant: str, share: float = 0.8) -> Concentration:
    """How many sources make 80 % (``share``) of a pollutant's emissions."""
    question = f"SELECT {_pollutant(pollutant)} AS value FROM chosen WHERE {pollutant} > 0 ORDER BY 1 DESC"
    values = home.engine.choose_arrow(REGISTER, question, selection, scope)["value"].to_numpy()
    summed = np.cumsum(values)
    total = float(summed[-1]) if len(summed) else 0.0
    shares = summed / total if total else summed
    at = np.unique(np.geomspace(1, max(len(values), 1), 200).astype(int))[: len(values)]
    curve = pd.DataFrame({"rank": at, "share": shares[at - 1] if len(values) else []})
    needed = int(np.searchsorted(shares, share - 1e-12)) + 1 if total else 0
    return Concentration(pollutant, total, len(values), needed, share, curve)


def source(home: Home, scope: Scope, id: str, day: dt.date | None = None) -> pd.Series:
    """One source.

    Raises
    ------
    NotFoundError
        If there is none of this id that may be seen.
    """
    rows = home.engine.choose(REGISTER, "FROM chosen LIMIT 1", Selection.of(id=[id], day=day), scope)
    if rows.empty:
        raise NotFoundError(f"there is no source “{id[:60]}”")
    return rows.iloc[0]


def history(home: Home, scope: Scope, id: str) -> pd.DataFrame:
    """All rows that a source has had, oldest first, with ``valid_from`` and ``valid_to``."""
    return listing.history(home, scope, REGISTER, id)


def nearest(home: Home, scope: Scope, lon: float, lat: float, count: int = 10, besides: str = "") -> pd.DataFrame:
    """Sources near a position: id, name, permit_class, industry, lon, lat and distance [m], nearest first."""
    columns = ("id", "name", "permit_class", "industry", "lon", "lat")
    return listing.nearest(home, scope, REGISTER, columns, lon, lat, count, besides)


def rows(home: Home, scope: Scope, selection: Selection) -> pa.Table:
    """All chosen rows with the columns of the inventory, for export."""
    return home.engine.choose_arrow(REGISTER, f"SELECT {', '.join(_LISTED)} FROM chosen ORDER BY id", selection, scope)


def figures(home: Home, scope: Scope) -> dict[str, int]:
    """Today's number of sources: ``total``, and by permit class."""
    table = totals(home, scope, Selection(), "permit_class")
    return {"total": int(table["n"].sum())} | dict(zip(table["value"].dropna(), table["n"], strict=False))


def _sections() -> pa.Table:
    """Divisions of industries (two digits) and the sections (letters) that they belong to."""
    divisions = names_of("industries").query("level == '2'")
    return pa.table({"division": divisions.index.to_numpy(str), "section": divisions["parent"].to_numpy(str)})


def _counted(home: Home, scope: Scope, selection: Selection, names: list[str]) -> dict[str, pd.Series]:
    """Counts of several facets in one pass: a text is searched for once."""
    values = ", ".join(f"{_FACET_SQL.get(name, name)} AS f_{name}" for name in names)
    sets = ", ".join(f"(f_{name})" for name in names)
    keys = ", ".join(f"f_{name}" for name in names)
    which = f"GROUPING({keys})" if len(names) > 1 else "0"
    question = f"""SELECT {which} AS which, coalesce({keys}) AS value, count(*)::BIGINT AS n
    FROM (SELECT {values} FROM chosen) GROUP BY GROUPING SETS ({sets}) ORDER BY n DESC, value"""
    table = home.engine.choose(REGISTER, question, selection, scope)
    last = 2 ** len(names) - 1
    marks = {name: last - 2 ** (len(names) - 1 - place) for place, name in enumerate(names)}
    counts = {name: table[table["which"] == (mark if len(names) > 1 else 0)] for name, mark in marks.items()}
    return {name: rows.dropna(subset="value").set_index("value")["n"] for name, rows in counts.items()}


def _emitting(home: Home, scope: Scope, selection: Selection) -> pd.Series:
    """Sources that emit some of each pollutant, each counted without its own range."""
    counts = listing.summary(home, scope, REGISTER, selection)[list(EMISSIONS)]
    for name, _range in selection.ranges:
        counts[name] = listing.summary(home, scope, REGISTER, selection.without(name))[name]
    return counts


def _pollutant(code: str) -> str:
    if code not in EMISSIONS:
        raise NotFoundError(f"there is no pollutant “{code[:20]}”; use one of {', '.join(EMISSIONS)}")
    return code
