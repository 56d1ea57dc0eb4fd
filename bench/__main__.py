"""Run every bench on one simulated city and print what was measured; name parts to run only these."""

import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import access, city, map, pages, registers, store, tiles, wall
from shuzhi.city.build import extend
from shuzhi.store import Home, open_home

_PARTS = {
    "access": access,
    "store": store,
    "registers": registers,
    "tiles": tiles,
    "pages": pages,
    "map": map,
    "wall": wall,
}


def _city() -> tuple[Home, list[tuple[str, float, str]]]:
    """The home named by SHUZHI_HOME, or a whole city built for this run."""
    if "SHUZHI_HOME" in os.environ:
        home = open_home()
        if home.kind == "simulated":
            extend(home)  # so that the worker has nothing to add while we measure
        return home, []
    home = open_home(Path(tempfile.mkdtemp(prefix="shuzhi-bench-")), create="simulated")
    return home, city.whole(home)


def main() -> None:
    """Print the figures as they come."""
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}", flush=True)
    home, figures = _city()
    _print(figures if sys.argv[1:] else [*figures, *city.small()])
    for name in sys.argv[1:] or _PARTS:
        _print(_PARTS[name].run(home))


def _print(figures: list[tuple[str, float, str]]) -> None:
    for what, value, unit in figures:
        print(f"{what:<60} {value:>12,.3f} {unit}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
