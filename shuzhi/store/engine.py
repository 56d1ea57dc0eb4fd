"""Engine: DuckDB in the process, running the named queries over the files of the lake."""

import threading
from collections import OrderedDict

import duckdb
import pandas as pd
import pyarrow as pa

from shuzhi.errors import ScopeError
from shuzhi.store.lake import Lake
from shuzhi.store.queries import compiled
from shuzhi.store.schema import TABLES
from shuzhi.store.scope import Scope

_SQL_TYPES = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int16(): "SMALLINT", pa.int64(): "BIGINT"}
_SQL_TYPES |= {pa.date32(): "DATE", TABLES["observation"].schema.field("time").type: "TIMESTAMPTZ"}


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
    columns = ", ".join(f'NULL::{_SQL_TYPES[field.type]} AS "{field.name}"' for field in TABLES[name].schema)
    return f"SELECT {columns} WHERE false"


_REMEMBERED, _SMALL = 256, 5_000  # results, and the rows that one may have


class Engine:
    """Answers named queries. Safe to share between threads: each call works on a cursor of its own.

    Small results are remembered until the home changes; what a caller does to one is not seen by the next.

    Parameters
    ----------
    lake : Lake
    """

    def __init__(self, lake: Lake):
        self._lake = lake
        self._connection = connect()
        self._seen = None
        self._lock = threading.Lock()
        self._results: OrderedDict[tuple, pd.DataFrame] = OrderedDict()

    def refresh(self, version: int) -> None:
        """See the lake as it is at this version of the home; free where nothing changed."""
        if version == self._seen:
            return
        with self._lock:
            if version == self._seen:
                return
            for name in TABLES:
                files = self._lake.files(name)
                self._connection.cursor().execute(f"CREATE OR REPLACE VIEW {name} AS {relation(name, files)}")
            self._results = OrderedDict()
            self._seen = version

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
            If the data set is outside the scope, or districts bind the asker and the query has no place for them.
        """
        question = compiled(query)
        districts = scope.districts_for(question.dataset)
        if districts is not None and "districts" not in question.parameters:
            raise ScopeError(f"'{query}' can't be kept to your districts; ask an administrator for the whole city")
        parameters["districts"] = districts
        values = {name: parameters.get(name) for name in question.parameters}
        results, key = self._results, (query, scope, *map(_hashable, values.values()))
        with self._lock:
            if key in results:
                results.move_to_end(key)
                return results[key].copy(deep=False)
        found = self._connection.cursor().execute(question.sql, values).to_arrow_table().to_pandas()
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
