"""Lists of the registers (清单): a page of what is chosen, one row, the rows that one thing has had."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from shuzhi.store import Home, Scope
from shuzhi.store.schema import EMISSIONS
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
    columns: Sequence[str],
    order: str,
    descending: bool,
    limit: int,
    offset: int,
) -> Found:
    """A page of the chosen rows, ordered by a column of the register; rows without a value come last."""
    way = "DESC" if descending else "ASC"
    rows = home.engine.choose(
        register,
        f"SELECT {', '.join(columns)} FROM chosen ORDER BY {order} {way} NULLS LAST, id LIMIT $limit OFFSET $offset",
        selection,
        scope,
        limit=limit,
        offset=offset,
    )
    numbers = summary(home, scope, register, selection)
    return Found(rows, int(numbers["count"]), int(numbers["placed"]))


def summary(home: Home, scope: Scope, register: str, selection: Selection) -> pd.Series:
    """Numbers of the chosen rows: ``count`` in all, ``placed`` with a position; of sources also those that emit some of
    each pollutant. One pass answers the list and the filters: a text is searched for in each pass again."""
    emitting = [f"count(*) FILTER ({name} > 0)::BIGINT AS {name}" for name in EMISSIONS if register == "sources"]
    columns = ["count(*)::BIGINT AS count", "count(x)::BIGINT AS placed", *emitting]
    return home.engine.choose(register, f"SELECT {', '.join(columns)} FROM chosen", selection, scope).iloc[0]


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
