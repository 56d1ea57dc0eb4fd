"""A home (数据目录): all state of one city, either real or simulated, never both."""

from functools import cached_property
from pathlib import Path
from typing import Literal

from filelock import FileLock
from sqlalchemy import func, select

from shuzhi.errors import HomeKindError
from shuzhi.settings import settings
from shuzhi.store.engine import Engine
from shuzhi.store.lake import Lake
from shuzhi.store.ledger import ImportRun, Ledger, Meta
from shuzhi.store.serving import Serving

Kind = Literal["real", "simulated"]


class Home:
    """Lake, ledger and engine of one city. Open it with :func:`open_home`.

    Parameters
    ----------
    path : Path
        An existing, migrated home.
    """

    def __init__(self, path: Path):
        self.path = path
        self.ledger = Ledger(f"sqlite:///{path / 'ledger.db'}")
        self.lake = Lake(path / "lake")
        self.serving = Serving(path / "serving", self.ledger)

    @cached_property
    def kind(self) -> Kind:
        """``real`` or ``simulated``."""
        return self.ledger.meta("kind")

    @cached_property
    def city(self) -> str:
        """The city that the pages speak of."""
        return self.ledger.meta("city")

    @property
    def version(self) -> int:
        """Rises whenever an import changed what pages show; the key of every page cache."""
        return int(self.ledger.meta("version"))

    @property
    def engine(self) -> Engine:
        """The engine, seeing the home as it is now."""
        self._engine.refresh(self.version)
        return self._engine

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self.lake, self.serving)

    def writer(self) -> FileLock:
        """The lock that one writer of the lake holds at a time; the system frees it when a writer dies."""
        return FileLock(self.path / "writer.lock")

    def changed(self) -> None:
        """Tell every page that there is something new."""
        with self.ledger.session() as session:
            row = session.get(Meta, "version", with_for_update=True)
            row.value = str(int(row.value) + 1)

    def require(self, kind: Kind) -> None:
        """Make sure that data of this kind may enter; a home without any import takes the kind of its first.

        Raises
        ------
        HomeKindError
            If the home already holds data of the other kind.
        """
        if self.kind == kind:
            return
        if self._holds_data():
            raise HomeKindError(
                f"{self.path} holds a {self.kind} city; {kind} data must not be mixed in. "
                "Choose another folder with SHUZHI_HOME."
            )
        self.ledger.set_meta(kind=kind)
        del self.kind

    def _holds_data(self) -> bool:
        with self.ledger.session() as session:
            return bool(session.scalar(select(func.count()).where(ImportRun.rows_new > 0)))


def open_home(path: Path | str | None = None, create: Kind | None = None) -> Home:
    """Open a home, creating and migrating it on first use.

    Parameters
    ----------
    path : Path, optional
        The home's folder; by default ``SHUZHI_HOME``.
    create : 'real' or 'simulated', optional
        The kind that the caller is about to write.

    Raises
    ------
    HomeKindError
        If the home holds data of the other kind.
    """
    path = Path(path or settings().home).resolve()
    path.mkdir(parents=True, exist_ok=True)
    home = Home(path)
    with FileLock(path / "migrate.lock"):
        home.ledger.migrate()
        if home.ledger.meta("kind") is None:
            home.ledger.set_meta(kind=create or "real", city=settings().city, version="0")
        _complete(home)
    if create is not None:
        home.require(create)
    return home


def _complete(home: Home) -> None:
    """Give the home of an earlier version of the program the derived tables that it does not have."""
    from shuzhi.store import derived  # it needs the home

    if derived.missing(home.lake):
        with home.writer():
            derived.refresh(home, derived.months_of(home.lake), kinds=derived.missing(home.lake))
        home.changed()
