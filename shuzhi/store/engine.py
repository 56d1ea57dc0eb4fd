"""Engine: DuckDB in the process, running the named queries over the files of the lake."""

import threading

import duckdb
import pandas as pd
import pyarrow as pa

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


class Engine:
    """Answers named queries. Safe to share between threads: each call works on a cursor of its own.

    Parameters
    ----------
    lake : Lake
    """

    def __init__(self, lake: Lake):
        self._lake = lake
        self._connection = connect()
        self._seen = None
        self._lock = threading.Lock()

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
            If the query's data set is outside the scope.
        """
        question = compiled(query)
        scope.require(question.dataset)
        values = {name: parameters.get(name) for name in question.parameters}
        return self._connection.cursor().execute(question.sql, values).to_arrow_table().to_pandas()
