"""One work on the forecasts at a time, and how far it is, for those who look at the page meanwhile."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from shuzhi.errors import InputError
from shuzhi.progress import Progress, silent
from shuzhi.research.forecast.models import FOLDER
from shuzhi.store import Home

_EVERY = 0.5  # s between two notes
_BLINK = 5.0  # s; who looks whether there is work holds the lock for a moment


@contextmanager
def working(home: Home, progress: Progress = silent, wait: float = _BLINK) -> Iterator[Progress]:
    """Hold the lock of the work on forecasts, and note how far it is.

    Parameters
    ----------
    progress : Progress
        Told as well.
    wait : float
        Seconds to wait for another work to end.

    Raises
    ------
    InputError
        Another work is still going on.
    """
    folder = home.path / FOLDER
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(folder / "work.lock", timeout=wait):
            yield _Noted(_path(home), progress)
            _path(home).unlink(missing_ok=True)
    except Timeout:
        raise InputError(f"forecasts of {home.path} are being worked on already; wait until that has ended") from None


def going_on(home: Home) -> dict | None:
    """What work on the forecasts is going on: done, total, message, started (ISO 8601, UTC); None: none.

    A work that was killed is no work: the system has freed its lock.
    """
    lock = FileLock(home.path / FOLDER / "work.lock", timeout=0)
    if not _path(home).is_file():
        return None
    try:
        with lock:
            return None
    except Timeout:
        try:
            return json.loads(_path(home).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None


class _Noted:
    """A progress that is kept in a file."""

    def __init__(self, path: Path, progress: Progress):
        self._path, self._progress = path, progress
        self._started = pd.Timestamp.now(tz="UTC").isoformat()
        self._last = 0.0

    def __call__(self, done: int, total: int, message: str) -> None:
        self._progress(done, total, message)
        if time.monotonic() - self._last < _EVERY and done < total:
            return
        self._last = time.monotonic()
        note = {"done": done, "total": total, "message": message, "started": self._started}
        making = self._path.with_suffix(f".{os.getpid()}")
        making.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
        making.rename(self._path)


def _path(home: Home) -> Path:
    return home.path / FOLDER / "progress.json"
