"""The inventory of pollution sources (污染源清单): who emits what, where; found by any mixture of filters.

Every function takes a :class:`~shuzhi.store.selection.Selection`; the same one drives list, map, counts and export.
Emissions are t/a. ``unit`` is the district or functional zone that manages a source (管理单位), ``district`` the
administrative one that it lies in (行政区划口径).
"""

import datetime as dt
from collections.abc import Sequence
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
from shuzhi.store.columns import Chosen, Coded
from shuzhi.store.engine import relation
from shuzhi.store.schema import DELIVERED, EMISSIONS
from shuzhi.store.selection import Selection
from shuzhi.store.serving import X, Y

REGISTER = "sources"
FACETS = ("unit", "street", "permit_class", "status", "industry")
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
    home: Home, scope: Scope, selection: Selection, order: str = "nox", descending: bool = True, **part
) -> Found:
    """A page of the chosen sources, in order (one of ``ORDERS``); sources without a value come last.

    ``part``: ``limit``, ``offset`` and ``columns`` as of :func:`shuzhi.registry.listing.page`.
    """
    column = order if order in ORDERS else "nox"
    return listing.page(home, scope, REGISTER, selection, column, descending, **{"columns": _LISTED} | part)


def facets(home: Home, scope: Scope, selection: Selection) -> dict[str, pd.Series]:
    """How many sources each value would give, by facet; a facet is counted without its own choice.

    Returns
    -------
    dict
        Facet of ``FACETS`` → Series of counts by value, most first. ``industry`` counts divisions (C30).
        ``emits`` counts the sources that emit some of a pollutant.
    """
    chosen = home.engine.held(REGISTER, selection, scope)
    coded = {name: _coded(chosen, "division" if name == "industry" else name) for name in FACETS}
    found = {name: chosen.counts(of, chosen.without(name)) for name, of in coded.items()}
    return found | {"emits": pd.Series({name: chosen.emitting(name) for name in EMISSIONS})}


def totals(
    home: Home, scope: Scope, selection: Selection, by: str, pollutants: Sequence[str] = EMISSIONS
) -> pd.DataFrame:
    """Number of sources and their emissions by unit, district, street, division, permit class or cell of 1 km.

    Returns
    -------
    DataFrame
        value (``lon`` and ``lat`` of the middle for cells), n, and the pollutants [t/a]; most sources first.
    """
    chosen = home.engine.held(REGISTER, selection, scope)
    if by == "cell":
        return chosen.cells(pollutants)
    return chosen.sums(_coded(chosen, by), pollutants)


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
    values = home.engine.held(REGISTER, selection, scope).largest(_pollutant(pollutant))
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


def _coded(chosen: Chosen, by: str) -> Coded:
    """What sources are grouped by; a division is a branch's letter and two digits (C30)."""
    return chosen.columns.branches("branch", 3) if by == "division" else chosen.columns.coded(by)


def _pollutant(code: str) -> str:
    if code not in EMISSIONS:
        raise NotFoundError(f"there is no pollutant “{code[:20]}”; use one of {', '.join(EMISSIONS)}")
    return code
