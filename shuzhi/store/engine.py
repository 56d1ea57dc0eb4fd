"""Engine: DuckDB in the process, running the named queries over the files of the lake."""

import threading
from collections import OrderedDict
from dataclasses import replace

import duckdb
import pandas as pd
import pyarrow as pa

from shuzhi.errors import ScopeError
from shuzhi.store import serving
from shuzhi.store.columns import Chosen, Columns, question
from shuzhi.store.lake import Lake
from shuzhi.store.queries import compiled
from shuzhi.store.schema import INSTANT, SERVED, TABLES
from shuzhi.store.scope import SEE, Scope
from shuzhi.store.selection import Selection, places, predicate

_SQL_TYPES = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int16(): "SMALLINT", pa.int64(): "BIGINT"}
_SQL_TYPES |= {pa.int32(): "INTEGER", pa.bool_(): "BOOLEAN", pa.date32(): "DATE", INSTANT: "TIMESTAMPTZ"}
_SQL_TYPES |= {pa.float32(): "FLOAT", pa.list_(pa.float32()): "FLOAT[]"}


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own, speaking UTC."""
    connection = duckdb.connect(config={"enable_external_file_cache": True})
    # Not in the config: there the time zone's own extension isn't loaded yet.
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return connection


def relation(name: str, files: list[str]) -> str:
    """SQL of a lake table read from its files; an empty one with the same columns where there is none."""
    if files:
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        hive = ", hive_partitioning = true, hive_types = {'month': VARCHAR}" if TABLES[name].partition_by else ""
        return f"SELECT * FROM read_parquet([{listed}]{hive})"
    return _nothing(TABLES[name].schema)


def _nothing(schema: pa.Schema) -> str:
    columns = ", ".join(f'NULL::{_SQL_TYPES[field.type]} AS "{field.name}"' for field in schema)
    return f"SELECT {columns} WHERE false"


_HELD = 2  # copies of a register that are open at once
_REMEMBERED, _SMALL = 256, 5_000  # results, and the rows that one may have


class Engine:
    """Answers named queries, and questions about what is chosen of a register. Safe to share between threads: each call
    works on a cursor of its own.

    Small results are remembered until the home changes; what a caller does to one is not seen by the next.

    Parameters
    ----------
    lake : Lake
    copies : Serving
    """

    def __init__(self, lake: Lake, copies: serving.Serving):
        self._lake, self._copies = lake, copies
        self._connection = connect()
        serving.load_spatial(self._connection)
        self._seen = None
        self._lock = threading.Lock()
        self._attached: dict[str, list[str]] = {}
        self._columns: dict[tuple, tuple[tuple, Columns]] = {}
        self._loading = threading.Lock()
        self._results: OrderedDict[tuple, pd.DataFrame] = OrderedDict()
        self._states: dict[str, int] = {}

    def state(self, name: str) -> int:
        """A number for what a lake table holds as the engine sees it: another one when the table changed, and only
        then."""
        return self._states[name]

    def refresh(self, version: int) -> None:
        """See the lake as it is at this version of the home; free where nothing changed."""
        if version == self._seen:
            return
        with self._lock:
            if version == self._seen:
                return
            for name in TABLES:
                files = self._lake.files(name)
                self._states[name] = hash(tuple(sorted(files)))
                self._connection.cursor().execute(f"CREATE OR REPLACE VIEW {name} AS {relation(name, files)}")
            for name in SERVED:
                self._serve(name)
            self._let_go_of_files()
            self._results = OrderedDict()
            self._seen = version

    def _let_go_of_files(self) -> None:
        """DuckDB keeps what it has read of a file, also of one that was replaced: else each import stays in memory."""
        for setting in ("false", "true"):
            self._connection.cursor().execute(f"SET enable_external_file_cache = {setting}")

    def _serve(self, name: str) -> None:
        """Read the newest copy; let go of those before the last, which a running query may still read."""
        file, cursor = self._copies.current(name), self._connection.cursor()
        if file is None:
            cursor.execute(f"CREATE OR REPLACE VIEW {name} AS {_nothing(SERVED[name])}")
            return
        alias = serving.attach(cursor, file)
        cursor.execute(f"CREATE OR REPLACE VIEW {name} AS FROM {alias}.{name}")
        held = self._attached.setdefault(name, [])
        if alias not in held:
            held.append(alias)
        while len(held) > _HELD:
            cursor.execute(f"DETACH {held.pop(0)}")

    def run(self, query: str, scope: Scope, **parameters) -> pd.DataFrame:
        """Result of a named query.

        Parameters
        ----------
        query : str
            A name in ``store.queries``.
        scope : Scope
            What the asker may see.
        **parameters
            Values of the query's parameters; a list or None where the query takes a choice.

        Raises
        ------
        ScopeError
            If the data set is outside the scope, or places bind the asker: a named query is of the whole city.
        """
        question = compiled(query)
        if scope.places_for(question.dataset):
            raise ScopeError(
                f"'{query}' can't be kept to your places; ask an administrator for the whole city",
                dataset=question.dataset,
                action=SEE,
            )
        values = {name: parameters.get(name) for name in question.parameters}
        return self._answer((query, *map(_hashable, values.values())), question.sql, values)

    def choose(self, register: str, question: str, selection: Selection, scope: Scope, **parameters) -> pd.DataFrame:
        """Answer about the rows of a register that are chosen and may be seen.

        Parameters
        ----------
        register : str
            In ``schema.SERVED``.
        question : str
            SQL over ``chosen``, the rows with all their columns; ``$name`` for each of the parameters.
        selection : Selection
        scope : Scope

        Raises
        ------
        ScopeError
            If the register is outside the scope.
        """
        sql, values = self._chosen(register, question, selection, scope, parameters)
        return self._answer((sql, *map(_hashable, values.values())), sql, values)

    def held(self, register: str, selection: Selection, scope: Scope) -> Chosen:
        """The rows of a register that are chosen and may be seen, in memory: for counts, sums and pages of a list.

        Of each register today's rows are held, and those of the past day that was asked for last.

        Raises
        ------
        ScopeError
            If the register is outside the scope.
        """
        bound = places(register, scope)
        columns = self._held_columns(register, Selection(day=selection.day, ever=selection.ever))
        return columns.chosen(replace(selection, day=None, ever=False), bound)

    def _held_columns(self, register: str, days: Selection) -> Columns:
        place, of = (register, days.is_empty), (self._newest(register), days)
        held = self._columns.get(place)
        if held is None or held[0] != of:
            with self._loading:
                held = self._columns.get(place)
                if held is None or held[0] != of:
                    held = self._columns[place] = (of, self._load(register, *of))
        return held[1]

    def _newest(self, register: str) -> str:
        """SQL of the newest copy's rows with their numbers; an older copy's answers do not fit its columns."""
        held = self._attached.get(register)
        return (
            f"(SELECT rowid AS row, * FROM {held[-1]}.{register})"
            if held
            else f"(SELECT 0::BIGINT AS row, * FROM {register})"
        )

    def _load(self, register: str, copy: str, days: Selection) -> Columns:
        def ask(selection: Selection, sql: str) -> pa.Table:
            condition, values = predicate(register, selection, Scope.all())
            chosen = f"WITH chosen AS (FROM {copy} WHERE {condition}) {sql}"
            return self._connection.cursor().execute(chosen, values).to_arrow_table()

        def find(selection: Selection):
            asked = replace(selection, day=days.day, ever=days.ever)
            return ask(asked, "SELECT row FROM chosen")["row"].to_numpy()

        return Columns(register, ask(days, question(register)), find)

    def choose_arrow(self, register: str, question: str, selection: Selection, scope: Scope, **parameters) -> pa.Table:
        """As `choose`, as an Arrow table that is not remembered: for exports of any size and for tiles."""
        return (
            self._connection.cursor()
            .execute(*self._chosen(register, question, selection, scope, parameters))
            .to_arrow_table()
        )

    def _chosen(self, register: str, question: str, selection: Selection, scope: Scope, parameters: dict):
        condition, values = predicate(register, selection, scope)
        return f"WITH chosen AS (FROM {register} WHERE {condition}) {question}", values | parameters

    def _answer(self, key: tuple, sql: str, values: dict) -> pd.DataFrame:
        results = self._results
        with self._lock:
            if key in results:
                results.move_to_end(key)
                return results[key].copy(deep=False)
        found = self._connection.cursor().execute(sql, values).to_arrow_table().to_pandas()
        if len(found) <= _SMALL:
            self._remember(results, key, found)
        return found.copy(deep=False)

    def _remember(self, results: OrderedDict, key: tuple, found: pd.DataFrame) -> None:
        """Keep a result in the collection of the version that it was asked of."""
        with self._lock:
            results[key] = found
            while len(results) > _REMEMBERED:
                results.popitem(last=False)


def _hashable(value):
    return tuple(value) if isinstance(value, list) else value
