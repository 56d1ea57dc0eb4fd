"""Columns (列): the rows of a register that hold on one day, in memory.

Counts, sums and a page of a list cost a millisecond each, also for a choice that nobody has made before.

A text of which there are few values is held as whole numbers that keep its order; what a selection means on such
columns is the same as ``selection.predicate`` says in SQL. Rows of a text or a polygon are asked of the engine.
A quarter of a million sources take about 70 MB.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.store.selection import AGES, REGISTERS, Range, Selection
from shuzhi.store.serving import CELL_LAT, CELL_LON

EVERY = slice(None)
_ASKED, _TOLD = 16, 16  # masks of texts and polygons, and choices, that are kept
_CHOICE = "choice_"
_DAY = 86_400_000_000  # µs
_STEP, _ROWS = 0.001, 1_000_000  # finer than a cell [degrees], and more of these than there are from pole to pole


class Coded(NamedTuple):
    """A column of few values: ``values`` in rising order, and of each row the place of its own (their number: none)."""

    codes: np.ndarray
    values: pa.Array

    @property
    def named(self) -> pa.Array:
        """The values, and null for a row that has none."""
        return pa.concat_arrays([self.values, pa.nulls(1, self.values.type)])


class Number(NamedTuple):
    """A column of numbers: 0 where none is stated, and whether one is."""

    values: np.ndarray
    stated: np.ndarray


def question(register: str) -> str:
    """SQL of what `Columns` holds, over the rows ``chosen`` with their number as ``row``."""
    known = REGISTERS[register]
    made = {name: sql for name, sql in known.choices.items() if sql != name and name not in known.ages}
    choices = "".join(f", {sql} AS {_CHOICE}{name}" for name, sql in made.items())
    return f"""SELECT * EXCLUDE (search, delivery, closed_by, x, y), {CELL_LON} AS cell_lon, {CELL_LAT} AS cell_lat
        {choices} FROM chosen"""


class Columns:
    """The rows of a register that hold on one day. Nothing in it changes: threads share it.

    Parameters
    ----------
    register : str
    table : pyarrow.Table
        Answer to `question`.
    find : callable
        Given a selection of a text or a polygon alone: the numbers of its rows.
    """

    def __init__(self, register: str, table: pa.Table, find: Callable[[Selection], np.ndarray]):
        self.register, self._find = register, find
        self._known, self._lock = REGISTERS[register], threading.Lock()
        held = {name: table[name].combine_chunks() for name in table.column_names}
        self._row = held.pop("row").to_numpy()
        self.size = len(self._row)
        self.numbers = {name: _number(held.pop(name)) for name in self._known.ranges}
        self.cells, self.cell_middles = _cells(held.pop("cell_lon"), held.pop("cell_lat"))
        few = [*self._known.trees.values(), *(name for name in held if name in self._known.choices and name != "id")]
        self._codes = {name: _coded(held.pop(name)) for name in few if pa.types.is_string(held[name].type)}
        self._codes |= {
            name.removeprefix(_CHOICE): _coded(held.pop(name)) for name in [*held] if name.startswith(_CHOICE)
        }
        self._others = held
        self._ranks: dict[str, np.ndarray] = {}
        self._found: OrderedDict[Selection, np.ndarray] = OrderedDict()
        self._told: OrderedDict[tuple, tuple] = OrderedDict()

    def coded(self, name: str) -> Coded:
        """A choice or a tree of the register, as codes."""
        return self._age(name) if name in self._known.ages else self._codes[name]

    def branches(self, name: str, length: int) -> Coded:
        """A tree of the register, as codes of so many characters of its branches."""
        if (name, length) not in self._codes:
            of = self._codes[name]
            short = _coded(pc.utf8_slice_codeunits(of.named, 0, length))
            self._codes[name, length] = Coded(short.codes[of.codes], short.values)
        return self._codes[name, length]

    def banded(self, name: str, lows: Sequence[float]) -> Coded:
        """A number by bands, each named by its lower end; none below the first, and where no number is stated."""
        values, stated = self.numbers[name]
        band = np.searchsorted(lows, values, side="right") - 1
        return Coded(np.where(stated & (band >= 0), band, len(lows)), pa.array(lows))

    def chosen(self, selection: Selection, places: Mapping[str, Sequence[str]]) -> "Chosen":
        """The rows that are chosen and have the allowed values (column → values) of every place.

        The day of the selection is the one of the columns.
        """
        key = (selection, *((column, tuple(allowed)) for column, allowed in places.items()))
        return Chosen(self, *_kept(self._told, key, lambda: self._told_of(selection, places), self._lock, _TOLD))

    def rows(self, at: np.ndarray, columns: Sequence[str]) -> pd.DataFrame:
        """Columns of some rows, as the register has them."""
        return pa.table({name: self._values(name, at) for name in columns}).to_pandas(use_threads=False)

    def rank(self, name: str) -> np.ndarray:
        """Place of each row in the order of a column, from 0; rows without a value share the last, ``size``."""
        if name not in self._ranks:
            values = self._values(name, EVERY)
            ranks = pc.rank(values, tiebreaker="dense").to_numpy().astype(np.int32) - 1
            ranks[values.is_null().to_numpy(zero_copy_only=False)] = self.size
            self._ranks[name] = ranks
        return self._ranks[name]

    @cached_property
    def by_id(self) -> np.ndarray:
        """Rows in the order of their ids."""
        return np.argsort(self.rank("id"), kind="stable").astype(np.int32)

    @cached_property
    def id_place(self) -> np.ndarray:
        """The inverse of `by_id`: ids repeat in a register that was never delivered well, a place never does."""
        place = np.empty(self.size, np.int32)
        place[self.by_id] = np.arange(self.size, dtype=np.int32)
        return place

    def _values(self, name: str, at) -> pa.Array:
        if name in self.numbers:
            values, stated = self.numbers[name]
            return pa.array(values[at], mask=~stated[at])
        if name in self._others:
            return self._others[name] if at is EVERY else self._others[name].take(pa.array(at))
        return self._codes[name].named.take(pa.array(self._codes[name].codes[at]))

    def _told_of(self, selection: Selection, places: Mapping) -> tuple[dict, np.ndarray | slice]:
        masks = self._masks(selection, places)
        return masks, _all_of(masks.values())

    def _masks(self, selection: Selection, places: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
        """What each part of a selection lets through."""
        masks = {f"in {column}": self._among(column, allowed) for column, allowed in places.items()}
        if selection.text or selection.polygon:
            wanted = Selection(text=selection.text, polygon=selection.polygon)
            masks["where"] = _kept(self._found, wanted, lambda: self._asked(wanted), self._lock, _ASKED)
        masks |= {name: self._among(name, values) for name, values in selection.choices}
        masks |= {name: _under(self.coded(self._known.trees[name]), values) for name, values in selection.trees}
        return masks | {name: _within(self.numbers[self._known.ranges[name]], ends) for name, ends in selection.ranges}

    def _among(self, name: str, wanted: Sequence[str]) -> np.ndarray:
        if name in ("id", "credit_code"):  # nearly every row has one of its own
            return pc.is_in(self._others[name], pa.array(wanted, pa.string())).to_numpy(zero_copy_only=False)
        return _one_of(self.coded(name), wanted)

    def _asked(self, selection: Selection) -> np.ndarray:
        mask = np.zeros(self.size, bool)
        mask[np.searchsorted(self._row, self._find(selection))] = True
        return mask

    def _age(self, name: str) -> Coded:
        """How long ago a moment was, as ``selection.age`` says in SQL."""
        moments = self._others[self._known.ages[name]]
        ago = time.time_ns() // 1000 - moments.cast(pa.int64()).fill_null(0).to_numpy()
        old = np.searchsorted([days * _DAY for days in AGES.values()], ago, side="right")
        old[moments.is_null().to_numpy(zero_copy_only=False)] = len(AGES) + 1
        names = np.array([*AGES, "older", "never"])
        rising = np.argsort(names)
        return Coded(np.argsort(rising).astype(np.int8)[old], pa.array(names[rising]))


class Chosen:
    """The rows of a selection.

    Parameters
    ----------
    columns : Columns
    masks : mapping
        Part of the selection → the rows that it lets through.
    at : array of int, or slice
        The rows that all of them let through.
    """

    def __init__(self, columns: Columns, masks: Mapping[str, np.ndarray], at: np.ndarray | slice):
        self.columns, self._masks, self.at = columns, masks, at

    def without(self, name: str) -> np.ndarray | slice:
        """The rows as if nothing were chosen of one name: what a facet counts in."""
        if name not in self._masks:
            return self.at
        return _all_of(mask for part, mask in self._masks.items() if part != name)

    @property
    def count(self) -> int:
        """Chosen rows."""
        return self.columns.size if self.at is EVERY else len(self.at)

    @property
    def placed(self) -> int:
        """Of these, the ones with a position."""
        return int(np.count_nonzero(self.columns.cells[self.at] < len(self.columns.cell_middles)))

    def counts(self, coded: Coded, at=None) -> pd.Series:
        """Number of rows (of the chosen ones, or of those at ``at``) by value, most first, then by value."""
        number = np.bincount(coded.codes[self.at if at is None else at], minlength=len(coded.values) + 1)[:-1]
        order = _most_first(number)
        values = pd.Index(coded.values.take(pa.array(order)).to_pandas(), name="value")
        return pd.Series(number[order], index=values, name="n")

    def sums(self, coded: Coded, names: Sequence[str]) -> pd.DataFrame:
        """``value``, ``n`` and sums of numbers, most rows first; NaN where no row of a value states one."""
        table = self._sums(coded.codes[self.at], len(coded.values) + 1, names)
        table["code"] = coded.named.take(pa.array(table["code"].to_numpy())).to_pandas()
        return table.rename(columns={"code": "value"})

    def crossed(self, rows: Coded, columns: Coded) -> pd.DataFrame:
        """Number of rows by two codes, a row and a column for each value that occurs."""
        wide = len(columns.values) + 1
        both = rows.codes[self.at].astype(np.int64) * wide + columns.codes[self.at]
        number = np.bincount(both, minlength=(len(rows.values) + 1) * wide).reshape(-1, wide)[:-1, :-1]
        table = pd.DataFrame(number, rows.values.to_pandas(), columns.values.to_pandas())
        return table.loc[number.any(axis=1), number.any(axis=0)]

    def cells(self, names: Sequence[str]) -> pd.DataFrame:
        """``lon``, ``lat`` of the middle of each cell of a square kilometre, ``n`` and sums, most rows first."""
        middles, cells = self.columns.cell_middles, self.columns.cells[self.at]
        table = self._sums(cells, len(middles) + 1, names)
        table = table[table["code"] < len(middles)]
        where = middles[table.pop("code").to_numpy()]
        return pd.DataFrame({"lon": where[:, 0], "lat": where[:, 1]} | {name: table[name].array for name in table})

    def largest(self, name: str) -> np.ndarray:
        """Values of a number that are more than 0, the largest first."""
        values = self.columns.numbers[name].values[self.at]
        return np.sort(values[values > 0])[::-1]

    def emitting(self, name: str) -> int:
        """Rows of which a number is more than 0."""
        return int(np.count_nonzero(self.columns.numbers[name].values[self.without(name)] > 0))

    def top(self, order: str, descending: bool, limit: int, offset: int) -> np.ndarray:
        """Rows in the order of a column, then of their ids; rows without a value come last."""
        size, rank = self.columns.size, self.columns.rank(order)[self.at].astype(np.int64)
        rank = np.where(rank == size, size, size - 1 - rank) if descending else rank
        key = rank * size + self.columns.id_place[self.at]
        last = offset + limit
        first = np.sort(np.partition(key, last)[:last] if last < len(key) else key)
        return self.columns.by_id[first[offset:last] % max(size, 1)]

    def _sums(self, codes: np.ndarray, many: int, names: Sequence[str]) -> pd.DataFrame:
        number = np.bincount(codes, minlength=many)
        order = _most_first(number)
        sums = {name: self._sum(name, codes, order) for name in names}
        return pd.DataFrame({"code": order, "n": number[order]} | sums)

    def _sum(self, name: str, codes: np.ndarray, order: np.ndarray) -> np.ndarray:
        values, stated = (column[self.at] for column in self.columns.numbers[name])
        many = order.max(initial=0) + 1
        summed = np.bincount(codes, values, many)[order].astype(float)
        if not summed.all():
            summed[np.bincount(codes[stated], minlength=many)[order] == 0] = np.nan
        return summed


def _kept(kept: OrderedDict, key, make: Callable, lock: threading.Lock, most: int):
    """A result that is remembered; two threads may make it twice."""
    with lock:
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    made = make()
    with lock:
        kept[key] = made
        while len(kept) > most:
            kept.popitem(last=False)
    return made


def _all_of(masks: Iterable[np.ndarray]) -> np.ndarray | slice:
    """The rows that every mask lets through."""
    masks = [*masks]
    return np.flatnonzero(reduce(np.logical_and, masks)) if masks else EVERY


def _most_first(number: np.ndarray) -> np.ndarray:
    """Places of the numbers that are not 0, the largest first, equal ones as they come."""
    return np.argsort(-number, kind="stable")[: np.count_nonzero(number)]


def _coded(values: pa.Array) -> Coded:
    known = pc.unique(values).drop_null()
    known = known.take(pc.array_sort_indices(known))
    codes = pc.index_in(values, value_set=known).fill_null(len(known)).to_numpy()
    return Coded(codes.astype(np.min_scalar_type(len(known))), known)


def _number(values: pa.Array) -> Number:
    return Number(values.fill_null(0).to_numpy(), values.is_valid().to_numpy(zero_copy_only=False))


def _cells(lon: pa.Array, lat: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The cell of each row, and the middle of each cell [degrees]; the number of cells for a row without a position."""
    middles = np.column_stack([lon.to_numpy(zero_copy_only=False), lat.to_numpy(zero_copy_only=False)]).astype(float)
    placed = ~np.isnan(middles).any(axis=1)
    steps = np.round(middles[placed] / _STEP).astype(np.int64)
    codes, known = pd.factorize(steps[:, 0] * _ROWS + steps[:, 1])
    cells = np.full(len(middles), len(known), np.int32)
    cells[placed] = codes
    where = np.empty((len(known), 2))
    where[codes] = middles[placed]
    return cells, where


def _one_of(coded: Coded, wanted: Sequence[str]) -> np.ndarray:
    return _let_through(coded, pc.is_in(coded.values, pa.array(wanted, pa.string())))


def _under(coded: Coded, branches: Sequence[str]) -> np.ndarray:
    known = coded.values.to_pylist()
    return _let_through(coded, [value.startswith(tuple(branches)) for value in known])


def _let_through(coded: Coded, values) -> np.ndarray:
    """Rows of which the value is let through; a row without one never is."""
    return np.append(np.asarray(values, bool), False)[coded.codes]


def _within(number: Number, ends: Range) -> np.ndarray:
    """Both ends are in; from 0 means more than nothing."""
    values, mask = number.values, number.stated
    low, high = ends
    if low is not None:
        mask = mask & (values >= low if low else values > 0)
    return mask & (values <= high) if high is not None else mask
