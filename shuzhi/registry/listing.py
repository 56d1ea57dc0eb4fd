"""Lists of the registers (清单): a page of what is chosen, one row, the rows that one thing has had."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from shuzhi.store import Home, Scope
from shuzhi.store.selection import Selection


@dataclass(frozen=True)
class Found:
    """A page of a list.

    Attributes
    ----------
    rows : DataFrame
        The columns that were asked for.
    count : int
        Chosen rows in all.
    placed : int
        Of these, the ones with a position: what the map shows.
    """

    rows: pd.DataFrame
    count: int
    placed: int


def page(
    home: Home,
    scope: Scope,
    register: str,
    selection: Selection,
    order: str,
    descending: bool,
    columns: Sequence[str],
    limit: int = 50,
    offset: int = 0,
) -> Found:
    """A page of the chosen rows, ordered by a column of the register; rows without a value come last."""
    chosen = home.engine.held(register, selection, scope)
    rows = chosen.columns.rows(chosen.top(order, descending, limit, offset), columns)
    return Found(rows, chosen.count, chosen.placed)


def history(home: Home, scope: Scope, register: str, id: str) -> pd.DataFrame:
    """All rows that one thing has had, oldest first, with ``valid_from`` and ``valid_to``."""
    every = replace(Selection.of(id=[id]), ever=True)
    return home.engine.choose(register, "FROM chosen ORDER BY valid_from, valid_to", every, scope)


def nearest(
    home: Home, scope: Scope, register: str, columns: Sequence[str], lon: float, lat: float, count: int, besides: str
) -> pd.DataFrame:
    """Rows near a position but one, with their ``distance`` [m], nearest first."""
    return home.engine.choose(
        register,
        f"""SELECT {", ".join(columns)}, ST_Distance_Sphere(ST_Point(lat, lon), ST_Point($lat, $lon)) AS distance
        FROM chosen WHERE x IS NOT NULL AND id <> $besides ORDER BY distance LIMIT $count""",
        Selection(),
        scope,
        lon=lon,
        lat=lat,
        count=count,
        besides=besides,
    )
