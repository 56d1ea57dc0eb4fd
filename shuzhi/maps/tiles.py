"""Vector tiles (矢量切片) of the large registers: what a selection looks like on the map, a square at a time.

A tile holds cells. A cell stands for all chosen rows that lie in it, at their middle, and says how many there are of
each category. So the cells of all tiles of a zoom add up to the chosen rows that have a position: nothing is ever
dropped. Where a tile has few rows its cells are so small that nearly every row stands alone, and says which it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from shuzhi.errors import InputError, NotFoundError
from shuzhi.store import Home, Scope
from shuzhi.store.schema import EMISSIONS
from shuzhi.store.selection import REGISTERS, Selection

MAX_ZOOM = 18
EXTENT = 4096
"""Steps of a tile's own coordinates along each side."""
COARSE, FINE = 32, 256
"""Cells along each side of a tile with many rows, and of one with few."""
FEW, FEW_FAR = 1000, 150
"""Rows that a tile may have to be divided finely, and that one of the far view (before zoom 12) may have: there a tile
divided otherwise than its neighbours is conspicuous."""

_WORLD_BITS = 30
_NEAR, _USUALLY_FINE = 12, 14
"""Zoom from which a tile is first divided finely, and coarsely only if it turns out to have many rows."""


@dataclass(frozen=True)
class Kinds:
    """Categories of which each row has one.

    Attributes
    ----------
    value : str
        SQL of what tells the category.
    names : mapping
        Value → property.
    rest : str
        Property of the rows with any other value, or none.
    """

    value: str
    names: Mapping[str, str]
    rest: str


@dataclass(frozen=True)
class Layer:
    """What the tiles of a register tell.

    Attributes
    ----------
    kinds : tuple of Kinds
    flags : tuple of str
        Columns that are true or false; told is how often they are true.
    single : tuple of str
        Columns that a cell of one row has in a finely divided tile.
    """

    kinds: tuple[Kinds, ...]
    flags: tuple[str, ...]
    single: tuple[str, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """All properties that count rows, besides ``n``."""
        named = [name for kinds in self.kinds for name in (*kinds.names.values(), kinds.rest)]
        return (*named, *self.flags)


def _as_they_are(*values: str) -> dict[str, str]:
    return {value: value for value in values}


_STAGES = {stage: f"stage_{stage}" for stage in ("0", "1", "2", "3", "4", "electric")}

LAYERS = MappingProxyType(
    {
        "sources": Layer(
            (Kinds("permit_class", _as_they_are("key", "simplified", "registered"), "other"),),
            (),
            ("id", "name", "status"),
        ),
        "machines": Layer(
            (
                Kinds("stage", _STAGES, "stage_unknown"),
                Kinds(REGISTERS["machines"].choices["seen"], _as_they_are("day", "week", "month"), "older"),
            ),
            ("forbidden",),
            ("id", "type"),
        ),
    }
)


def layer_named(name: str) -> Layer:
    """What the tiles of a register tell.

    Raises
    ------
    NotFoundError
        If there is no such layer.
    """
    if name not in LAYERS:
        raise NotFoundError(f"there are no tiles of “{name[:20]}”; use one of {', '.join(LAYERS)}")
    return LAYERS[name]


def tile(
    home: Home, scope: Scope, layer: str, z: int, x: int, y: int, selection: Selection, amount: str | None = None
) -> bytes:
    """One tile as MVT (Mapbox Vector Tile 2.1), empty where nothing chosen lies in it.

    Parameters
    ----------
    layer : str
        In ``LAYERS``.
    z, x, y : int
        Zoom (0 … 18), column and row (from the north) of the tile, as on every web map.
    selection : Selection
        Of the register.
    amount : str, optional
        Pollutant whose emissions [t/a] the cells sum up; of sources.

    Returns
    -------
    bytes
        One layer of the register's name with points: ``n`` rows, the counts of ``LAYERS[layer].categories`` (left out
        where 0), ``amount`` where asked for; in a finely divided tile a cell of one row has ``LAYERS[layer].single``.

    Raises
    ------
    NotFoundError
        If there is no such layer or pollutant.
    InputError
        If there is no such tile.
    ScopeError
        If the register is outside the scope.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise InputError(f"there is no tile {z}/{x}/{y}; the zoom goes from 0 to {MAX_ZOOM}")
    size = 2 ** (_WORLD_BITS - z)

    def asked(fine: bool) -> tuple[bytes, int]:
        values = {
            "left": x * size,
            "top": y * size,
            "size": size,
            "side": (size // (FINE if fine else COARSE)).bit_length() - 1,
        }
        found = home.engine.choose_arrow(layer, _question(layer, fine, amount), selection, scope, **values)
        rows = found["n"][0].as_py() or 0
        return found["tile"][0].as_py() if rows else b"", rows

    fine = z >= _USUALLY_FINE
    made, rows = asked(fine)
    return made if fine == (rows <= (FEW if z >= _NEAR else FEW_FAR)) else asked(not fine)[0]


def counts(home: Home, scope: Scope, layer: str, selection: Selection, amount: str | None = None) -> pd.Series:
    """What the tiles of any zoom add up to: ``n``, every category, ``amount``; and ``unplaced``, rows without position.

    Parameters and errors as for `tile`.
    """
    told = ", ".join(f"{sql} AS {name}" for name, sql in _told(layer).items())
    placed = f"""SELECT count(*)::INTEGER AS n, {", ".join(_sums(layer))}, {_amount(layer, amount)} AS amount
        FROM chosen WHERE x IS NOT NULL"""
    question = f"SELECT n, {told}, amount FROM ({placed})"
    missing = "SELECT count(*) AS unplaced FROM chosen WHERE x IS NULL"
    found = home.engine.choose(layer, question, selection, scope).iloc[0].fillna(0)
    found["unplaced"] = home.engine.choose(layer, missing, selection, scope)["unplaced"].iloc[0]
    return found


def _question(layer: str, fine: bool, amount: str | None) -> str:
    """SQL of a tile and its number of rows.

    All is in whole steps of the world's square, so that each row is in exactly one cell. Texts are read only where they
    are told: they are what makes a city of millions slow. Small cells come last, so that they lie on top; the order
    makes a tile the same bytes each time.
    """
    singles = layer_named(layer).single if fine else ()
    shown = [f"nullif({sql}, 0) AS {name}" for name, sql in _told(layer).items()]
    shown += [f"CASE n WHEN 1 THEN {name} END AS {name}" for name in singles]
    summed = [*_sums(layer), *(f"any_value({name}) AS {name}" for name in singles)]
    if amount:
        shown.append("amount")
        summed.append(f"{_amount(layer, amount)} AS amount")
    return f"""SELECT ST_AsMVT(cell, '{layer}', {EXTENT}, 'position') AS tile, sum(n)::BIGINT AS n FROM (
        SELECT ST_Point(east // n // ($size // {EXTENT}), south // n // ($size // {EXTENT})) AS position, n,
        {", ".join(shown)} FROM (
            SELECT count(*)::INTEGER AS n, sum(x - $left) AS east, sum(y - $top) AS south, {", ".join(summed)}
            FROM chosen WHERE x BETWEEN $left AND $left + $size - 1 AND y BETWEEN $top AND $top + $size - 1
            GROUP BY ((x - $left) >> $side) * {FINE} + ((y - $top) >> $side))
        ORDER BY n DESC, east, south) cell"""


def _sums(layer: str) -> list[str]:
    """SQL of the counts that are made row by row; the last category of each kind is what they leave."""
    told = layer_named(layer)
    tests = {name: f"{kinds.value} = '{value}'" for kinds in told.kinds for value, name in kinds.names.items()}
    tests |= {flag: flag for flag in told.flags}
    return [f"coalesce(sum(({test})::INTEGER), 0)::INTEGER AS {name}" for name, test in tests.items()]


def _told(layer: str) -> dict[str, str]:
    """Properties in order, and SQL of each over the sums."""
    told = {}
    for kinds in layer_named(layer).kinds:
        told |= {name: name for name in kinds.names.values()}
        told[kinds.rest] = " - ".join(("n", *kinds.names.values()))
    return told | {flag: flag for flag in layer_named(layer).flags}


def _amount(layer: str, amount: str | None) -> str:
    """SQL of the emissions of a pollutant."""
    if amount is None:
        return "0"
    if layer != "sources" or amount not in EMISSIONS:
        raise NotFoundError(f"{layer} have no amount “{amount[:20]}”; sources have {', '.join(EMISSIONS)}")
    return f"round(sum({amount}), 3)"
