"""Quarantine (隔离区): rows that could not be taken in wait here with the reason."""

import pandas as pd
import pyarrow as pa

from shuzhi.store.home import Home
from shuzhi.store.schema import TABLES
from shuzhi.store.scope import Scope


def add(home: Home, import_id: str, rows: pd.DataFrame) -> None:
    """Keep rejected rows.

    Parameters
    ----------
    rows : DataFrame
        file, line, column, station, reason, raw; missing columns are empty.
    """
    if rows.empty:
        return
    schema = TABLES["quarantine"].schema
    table = rows.reindex(columns=schema.names).assign(import_id=import_id)
    with home.writer():
        home.lake.append("quarantine", pa.Table.from_pandas(table, schema=schema, preserve_index=False))
    home.changed()


def rows(home: Home, import_id: str | None = None, limit: int = 1000, scope: Scope | None = None) -> pd.DataFrame:
    """Rejected rows of one import or of all, newest import first."""
    found = home.engine.run("quarantine_rows", scope or Scope.all(), import_id=import_id)
    return found.astype({"line": "Int64"}).head(limit)
