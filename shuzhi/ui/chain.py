"""Whether the audit's chain holds: checked in a thread of its own, once at a time, for all who look."""

import threading
import time
from dataclasses import dataclass, field

import pandas as pd

from shuzhi.access import audit
from shuzhi.settings import BEIJING
from shuzhi.store import Home

AT_ONCE = 200_000
"""Events up to which the chain is checked without being asked: some two seconds."""


@dataclass
class Check:
    """A check of the chain: how far it is, and in the end what was found, when, and how long it took [s]."""

    done: int = 0
    total: int = 0
    found: audit.Verified | None = None
    failed: bool = False
    at: pd.Timestamp | None = None
    seconds: float = 0.0

    @property
    def running(self) -> bool:
        """Still at work."""
        return self.found is None and not self.failed


@dataclass
class _Checks:
    lock: threading.Lock = field(default_factory=threading.Lock)
    latest: dict[str, Check] = field(default_factory=dict)


_checks = _Checks()


def latest(home: Home) -> Check | None:
    """The last check of this home in this process."""
    return _checks.latest.get(str(home.path))


def start(home: Home) -> Check:
    """Check the chain, unless that is being done."""
    with _checks.lock:
        there = latest(home)
        if there is not None and there.running:
            return there
        check = _checks.latest[str(home.path)] = Check()
    threading.Thread(target=_run, args=(home, check), name="audit-chain", daemon=True).start()
    return check


def _run(home: Home, check: Check) -> None:
    def tell(done: int, total: int, _message: str) -> None:
        check.done, check.total = done, total

    begun = time.perf_counter()
    try:
        check.at = pd.Timestamp.now(BEIJING)
        found = audit.check(home, tell)
        check.seconds, check.found = time.perf_counter() - begun, found
    finally:
        check.failed = check.found is None
