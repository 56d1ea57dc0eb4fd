"""Serving copies (服务副本): registers as pages, tiles and exports read them, made from the lake.

A copy is a DuckDB file that is written once and then only read, by any number of processes; the newest is named in the
ledger. Rows in force come first, ordered along a curve through the map (Hilbert): a tile opens only what lies near it.
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import duckdb_extension_spatial

from shuzhi.store.ledger import Ledger
from shuzhi.store.schema import SERVED

_META = "serving."
_KEPT = 3  # copies that a reader which has not noticed yet may still hold open
_GROUP = 16_384  # rows read or passed over as one: small, for a tile of the map is small
_SPATIAL = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
_EDITIONS = {"machines": "owners masked"}
"""Copies whose columns mean something else than they did."""
_ORDER = """ORDER BY valid_to IS NOT NULL, ST_Hilbert(coalesce(x, 0)::DOUBLE, coalesce(y, 0)::DOUBLE,
{'min_x': 0.0, 'min_y': 0.0, 'max_x': 1073741824.0, 'max_y': 1073741824.0}::BOX_2D)"""

X = "((lon + 180) / 360 * 1073741824)::INTEGER"
"""SQL of the position in the world's square (``selection.world``)."""
Y = "((0.5 - ln((1 + sin(radians(lat))) / (1 - sin(radians(lat)))) / (4 * pi())) * 1073741824)::INTEGER"

CELL_LON = "floor(lon / 0.0104) * 0.0104 + 0.0052"
"""SQL of the middle of a cell of about a square kilometre [degrees]."""
CELL_LAT = "floor(lat / 0.009) * 0.009 + 0.0045"


def load_spatial(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the spatial extension from its wheel; no host is asked."""
    connection.execute(f"LOAD '{_SPATIAL}'")


class Serving:
    """The serving copies of one home.

    Parameters
    ----------
    path : Path
        Folder of the copies.
    ledger : Ledger
    """

    def __init__(self, path: Path, ledger: Ledger):
        self._path, self._ledger = path, ledger

    def current(self, name: str) -> Path | None:
        """File of the newest copy, or None where there is none with the columns that are asked for now."""
        kept = self._ledger.meta(_META + name) or ""
        file = self._path / kept
        return file if kept.startswith(_stem(name)) and file.exists() else None

    def write(self, name: str, select: str, views: Mapping[str, str], prepare: Callable | None = None) -> None:
        """Make a copy anew and name it the newest.

        Parameters
        ----------
        name : str
            In ``SERVED``.
        select : str
            SQL of its rows; the columns are chosen by name.
        views : mapping
            View → its SQL, for `select` to read.
        prepare : callable, optional
            Given the connection before `select` runs, to register tables.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        file = self._path / f"{_stem(name)}-{uuid.uuid4().hex[:12]}.duckdb"
        connection = duckdb.connect()
        try:
            connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            load_spatial(connection)
            for view, sql in views.items():
                connection.execute(f"CREATE VIEW {view} AS {sql}")
            if prepare is not None:
                prepare(connection)
            columns = ", ".join(SERVED[name].names)
            connection.execute(f"ATTACH '{_quoted(file)}' AS copy (ROW_GROUP_SIZE {_GROUP})")
            connection.execute(f"CREATE TABLE copy.{name} AS SELECT {columns} FROM ({select}) {_ORDER}")
            connection.execute("DETACH copy")
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        finally:
            connection.close()
        self._ledger.set_meta(**{_META + name: file.name})
        self._forget(name)

    def _forget(self, name: str) -> None:
        copies = sorted(self._path.glob(f"{name}-*.duckdb"), key=lambda file: file.stat().st_mtime)
        for file in copies[:-_KEPT]:
            file.unlink(missing_ok=True)


def _stem(name: str) -> str:
    """Beginning of a copy's file name; it changes with what a copy holds, so that newer software makes a new one."""
    held = f"{SERVED[name]}{_EDITIONS.get(name, '')}"
    return f"{name}-{hashlib.sha256(held.encode()).hexdigest()[:8]}"


def attach(connection: duckdb.DuckDBPyConnection, file: Path) -> str:
    """Attach a copy for reading; the name under which it is attached."""
    alias = file.stem.replace("-", "_")
    connection.execute(f"ATTACH IF NOT EXISTS '{_quoted(file)}' AS {alias} (READ_ONLY)")
    return alias


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")
