"""Lake (数据湖): facts as Delta tables under ``<home>/lake``."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import TableNotFoundError

from shuzhi.store.schema import TABLES

# Small row groups let a station's or an hour's query skip most of a month.
_WRITER = WriterProperties(compression="ZSTD", max_row_group_size=65_536)


class Lake:
    """The Delta tables of one home. Readers never wait; each write is one atomic commit.

    Parameters
    ----------
    path : Path
        Folder of the lake; created on the first write.
    """

    def __init__(self, path: Path):
        self.path = path

    def table(self, name: str) -> DeltaTable | None:
        """The newest state of a table, or None before its first write."""
        try:
            return DeltaTable(self._uri(name))
        except TableNotFoundError:
            return None

    def version(self, name: str) -> int:
        """Number of the newest commit, -1 before the first write."""
        table = self.table(name)
        return -1 if table is None else table.version()

    def append(self, name: str, rows: pa.Table) -> None:
        """Add rows in one commit."""
        self._write(name, rows, mode="append")

    def replace_months(self, name: str, rows: pa.Table, months: list[str]) -> None:
        """Put ``rows`` in the place of everything in ``months``, in one commit."""
        if self.table(name) is None:
            return self.append(name, rows)
        wanted = ", ".join(f"'{month}'" for month in months)
        return self._write(name, rows, mode="overwrite", predicate=f"month IN ({wanted})")

    def replace_rows(self, name: str, rows: pa.Table, **columns: str) -> None:
        """Put ``rows`` in the place of those that have the same text in some columns, in one commit."""
        if self.table(name) is None:
            return self.append(name, rows)
        same = " AND ".join(f"{column} = '{text.replace(chr(39), chr(39) * 2)}'" for column, text in columns.items())
        return self._write(name, rows, mode="overwrite", predicate=same)

    def replace(self, name: str, rows: pa.Table) -> None:
        """Put ``rows`` in the place of the whole table, in one commit."""
        self._write(name, rows, mode="overwrite")

    def files(self, name: str, months: list[str] | None = None) -> list[str]:
        """Parquet files of the newest state, of some months or of all."""
        table = self.table(name)
        if table is None:
            return []
        return table.file_uris(file_pruning_predicate=[("month", "in", months)] if months else None)

    def newest(self, name: str, column: str) -> dict[str, dt.datetime]:
        """Newest instant of a column in each month, by what the files say of themselves; no file is opened."""
        table = self.table(name)
        if table is None:
            return {}
        files = pa.table(table.get_add_actions(flatten=True))
        found = files.group_by("partition.month").aggregate([(f"max.{column}", "max")]).to_pylist()
        return {row["partition.month"]: row[f"max.{column}_max"] for row in found if row[f"max.{column}_max"]}

    def compact(self, name: str) -> int:
        """Merge small files and drop those that no reader can still need; returns the number of files merged away."""
        table = self.table(name)
        if table is None:
            return 0
        metrics = table.optimize.compact(writer_properties=_WRITER)
        table.vacuum(dry_run=False)
        table.create_checkpoint()
        return metrics["numFilesRemoved"]

    def _write(self, name: str, rows: pa.Table, **options) -> None:
        kind = TABLES[name]
        write_deltalake(
            self._uri(name),
            rows.select(kind.schema.names).cast(kind.schema),
            partition_by=list(kind.partition_by) or None,
            writer_properties=_WRITER,
            **options,
        )

    def _uri(self, name: str) -> str:
        return str(self.path / name)
