"""Forecasts beside what came (预报与实况配对), a month of issues at a time."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from shuzhi.store.engine import connect, relation
from shuzhi.store.lake import Lake
from shuzhi.store.schema import TABLES

SAID = ("value", "lower50", "upper50", "lower90", "upper90", *(f"p{level}" for level in range(1, 7)), "primary")
"""Columns of a forecast that are held against what came."""
AFTERWARDS = "hindcast:"
"""The names of models begin with it in the scores of issues that were made afterwards (回算): scores of the two are
kept apart."""
_OF = ("level", "place", "item", "model", "lead")
_BATCH = 500_000


def kinds(lake: Lake, month: str) -> list[tuple[str, str]]:
    """Pairs of kind and grain that the issues of a month hold."""
    found = _opened(lake, month).execute("SELECT DISTINCT kind, grain FROM forecast ORDER BY ALL").fetchall()
    return [(kind, grain) for kind, grain in found]


def months(lake: Lake, name: str) -> list[str]:
    """Months of a lake table, in order."""
    table = lake.table(name)
    return [] if table is None else sorted({row["month"] for row in table.partitions()})


def batches(
    lake: Lake,
    month: str,
    kind: str,
    grain: str,
    came: pa.Table,
    others: pa.Table | None = None,
    hindcasts: Sequence[str] = (),
) -> Iterator[pa.Table]:
    """Pairs of a month of issues, in tables of bounded size and no order.

    Parameters
    ----------
    month : str
        ``YYYY-MM`` of the issues.
    kind : 'air' or 'water'
    grain : 'hour' or 'day'
    came : pyarrow.Table
        level, place, item, time (UTC, end of the period), value, primary.
    others : pyarrow.Table, optional
        More forecasts, of no issue's own: level, place, item, model, lead, time and ``SAID``.
    hindcasts : sequence of str
        Issues that were made afterwards: ``AFTERWARDS`` stands before the names of their models.

    Yields
    ------
    pyarrow.Table
        level, place, item, model, lead, ``SAID``, came, came_primary; only where both values exist.
    """
    connection = _opened(lake, month)
    connection.register("came", came)
    names = ", ".join(map(_quoted, (*_OF, "time", *SAID)))
    marked = "CASE WHEN list_contains($hindcasts::VARCHAR[], issue) THEN $afterwards ELSE '' END || model AS model"
    told = f"SELECT * REPLACE ({marked}) FROM forecast WHERE kind = $kind AND grain = $grain"
    told = f"SELECT {names} FROM ({told})"
    if others is not None and others.num_rows:
        connection.register("others", others)
        told += f" UNION ALL SELECT {names} FROM others"
    columns = ", ".join(f"f.{_quoted(name)}" for name in (*_OF, *SAID))
    found = connection.execute(
        f"""SELECT {columns}, c.value AS came, c."primary" AS came_primary
        FROM ({told}) f JOIN came c USING (level, place, item, time)
        WHERE isfinite(f.value) AND isfinite(c.value)""",
        {"kind": kind, "grain": grain, "hindcasts": list(hindcasts), "afterwards": AFTERWARDS},
    )
    for batch in found.to_arrow_reader(_BATCH):
        yield pa.Table.from_batches([batch])


def told(lake: Lake, month: str, model: str, came: pa.Table) -> pa.Table:
    """Daily forecasts of the air by one model beside what came: rows of the lake table ``forecast_pair``, ordered.

    Parameters
    ----------
    month : str
        ``YYYY-MM`` of the issues.
    came : pyarrow.Table
        As for `batches`.
    """
    connection = _opened(lake, month)
    connection.register("came", came)
    names = [name for name in TABLES["forecast_pair"].schema.names if name not in ("came", "came_primary")]
    columns = ", ".join(f"f.{_quoted(name)}" for name in names)
    found = connection.execute(
        f"""SELECT {columns}, c.value AS came, c."primary" AS came_primary
        FROM forecast f JOIN came c USING (level, place, item, time)
        WHERE f.kind = 'air' AND f.grain = 'day' AND f.model = $model AND isfinite(f.value) AND isfinite(c.value)
        ORDER BY level, item, place, issue, lead""",
        {"model": model},
    ).to_arrow_table()
    return found.select(TABLES["forecast_pair"].schema.names).cast(TABLES["forecast_pair"].schema)


def _opened(lake: Lake, month: str):
    connection = connect()
    connection.execute(f"CREATE VIEW forecast AS {relation('forecast', lake.files('forecast', [month]))}")
    return connection


def _quoted(name: str) -> str:
    return f'"{name}"'
