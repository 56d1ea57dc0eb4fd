"""Tables whose rows are unique by a key: what is new in a batch, and what it corrects."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from shuzhi.store.engine import connect, relation
from shuzhi.store.lake import Lake
from shuzhi.store.schema import TABLES


@dataclass(frozen=True)
class Changes:
    """What a batch changes.

    Attributes
    ----------
    news : pyarrow.Table
        Rows to be written: new ones and corrections.
    old : pyarrow.Table
        Rows that the corrections supersede.
    """

    news: pa.Table
    old: pa.Table


def compare(lake: Lake, name: str, incoming: pa.Table, key: Sequence[str], said: Sequence[str]) -> Changes:
    """Hold a batch against a table.

    Parameters
    ----------
    name : str
        Of a lake table that is partitioned by month.
    incoming : pyarrow.Table
        Canonical rows of it, unique by `key`.
    said : sequence of str
        Columns that make a row another one.
    """
    files = lake.files(name, months_of(incoming))
    if not files:
        return Changes(incoming, incoming.slice(0, 0))
    connection = connect()
    connection.register("incoming", incoming)
    connection.execute(f"CREATE VIEW existing AS {relation(name, files)}")
    differs = " OR ".join(f"e.{column} IS DISTINCT FROM i.{column}" for column in said)
    using, columns = ", ".join(key), ", ".join(incoming.column_names)
    connection.execute(
        f"""CREATE TABLE compared AS SELECT i.*, e.{key[0]} IS NOT NULL AS known
        FROM incoming i LEFT JOIN existing e USING ({using}) WHERE e.{key[0]} IS NULL OR {differs}"""
    )
    news = connection.execute(f"SELECT {columns} FROM compared ORDER BY {using}").to_arrow_table()
    old = connection.execute(
        f"SELECT e.* FROM existing e SEMI JOIN (FROM compared WHERE known) USING ({using})"
    ).to_arrow_table()
    return Changes(news, old.select(incoming.column_names))


def commit(lake: Lake, name: str, changes: Changes, key: Sequence[str]) -> None:
    """Write the news in one commit, in the place of what they supersede."""
    if not changes.old.num_rows:
        return lake.append(name, changes.news)
    touched = months_of(changes.news)
    connection = connect()
    connection.register("news", changes.news)
    connection.execute(f"CREATE VIEW existing AS {relation(name, lake.files(name, touched))}")
    columns, using = ", ".join(TABLES[name].schema.names), ", ".join(key)
    merged = connection.execute(
        f"""SELECT {columns} FROM existing ANTI JOIN news USING ({using})
        UNION ALL SELECT {columns} FROM news ORDER BY {using}"""
    ).to_arrow_table()
    return lake.replace_months(name, merged, touched)


def months_of(rows: pa.Table) -> list[str]:
    """Partitions that rows belong to, in order."""
    return sorted(set(rows["month"].unique().to_pylist()))
