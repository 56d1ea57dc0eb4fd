"""How long the simulated city takes to build and load: the whole one, step by step, and the small one of the tests."""

import tempfile
import time
from pathlib import Path

from shuzhi.city.build import build
from shuzhi.city.plan import Plan
from shuzhi.store import Home, open_home


class _Clock:
    """Told of the progress of a building, it notes when a step begins and what processor time was used by then."""

    def __init__(self):
        self.begun: dict[str, tuple[float, float]] = {}

    def __call__(self, done: int, total: int, message: str) -> None:
        self.begun.setdefault(message.partition(":")[0], _now())

    def steps(self) -> list[tuple[str, float]]:
        """Name of each step and the seconds of processor time that it used."""
        marks = [*self.begun.values(), _now()]
        return [(name, after[1] - before[1]) for name, before, after in zip(self.begun, marks, marks[1:], strict=False)]


def whole(home: Home) -> list[tuple[str, float, str]]:
    """Build the whole city in an empty home; figures (what, value, unit)."""
    clock, start = _Clock(), _now()
    build(home, progress=clock)
    steps, end = clock.steps(), _now()
    return [
        ("simulated city built and loaded", end[0] - start[0], "s"),
        ("  processor time of it", end[1] - start[1], "s"),
        *((f"  {name}, processor time", used, "s") for name, used in steps),
    ]


def small() -> list[tuple[str, float, str]]:
    """Build the small city in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="shuzhi-bench-") as folder:
        home, start = open_home(Path(folder), create="simulated"), _now()
        build(home, plan=Plan.small())
        return [("small simulated city built and loaded", _now()[0] - start[0], "s")]


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()
