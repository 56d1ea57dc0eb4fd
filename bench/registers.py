"""The inventory of a whole city: a delivery through the door, and what a page asks for after each choice."""

import datetime as dt
import random
import tempfile
import time
from pathlib import Path

import numpy as np

from shuzhi.city import inventory, places
from shuzhi.city.ground import ground
from shuzhi.city.plan import Plan
from shuzhi.ingest import service
from shuzhi.registry import sources
from shuzhi.store import Home, Scope, open_home
from shuzhi.store.selection import Selection

ASKED = 60
_TEXTS = ("", "", "", "热电", "jxc", "9151", "水泥")


def run(home: Home) -> list[tuple[str, float, str]]:
    """Measured figures: (what, value, unit)."""
    return [*_search(home), *_door(home)]


def _search(home: Home) -> list[tuple[str, float, str]]:
    """Every question asks for something else, as people do; the answers are not remembered."""
    scope, dice = Scope.all(), random.Random(1)
    units = sources.facets(home, scope, Selection())["unit"].index.tolist()
    asked = [_choice(dice, units) for _ in range(ASKED)]
    figures = [("sources in force", float(sources.figures(home, scope)["total"]), "rows")]
    for what, ask in (
        ("faceted search", lambda chosen: (sources.search(home, scope, chosen), sources.facets(home, scope, chosen))),
        ("totals by unit", lambda chosen: sources.totals(home, scope, chosen, "unit")),
        ("how few make 80 %", lambda chosen: sources.concentration(home, scope, chosen, "nox")),
    ):
        milliseconds = [_timed(ask, chosen) for chosen in asked]
        figures += [(f"{what}, p{p}", float(np.percentile(milliseconds, p)), "ms") for p in (50, 95)]
    return figures


def _choice(dice: random.Random, units: list[str]) -> Selection:
    return Selection.of(
        dice.choice(_TEXTS),
        unit=dice.sample(units, dice.randrange(3)),
        permit_class=dice.choice(([], ["key"], ["key", "simplified"])),
        trees={"industry": dice.choice(([], ["C"], ["C30", "C17"]))},
        ranges={"nox": (round(dice.random(), 4), None)} if dice.random() < 0.3 else {},
    )


def _door(home: Home) -> list[tuple[str, float, str]]:
    """The whole inventory as a file of the bureau, into a home of its own with the same streets."""
    plan = Plan.read(home.path / "city" / "city.json")
    table = inventory.make_inventory(plan, ground(home))
    with tempfile.TemporaryDirectory(prefix="shuzhi-bench-") as folder:
        fresh = open_home(Path(folder) / "home", create="simulated")
        places.deliver(fresh, plan.seed, Path(folder))
        file = Path(folder) / "sources.csv"
        inventory.write(file, inventory.of_delivery(table, plan, 0, plan.first))
        first = _timed(lambda day: service.import_inventory(fresh, file, day=day, origin="simulated"), plan.first)
        again = _timed(
            lambda day: service.import_inventory(fresh, file, day=day, origin="simulated"),
            plan.first + dt.timedelta(days=1),
        )
        rows = float(len(table))
    return [
        ("rows of the delivery", rows, "rows"),
        ("the inventory through the door (csv)", first / 1000, "s"),
        ("the same again", again / 1000, "s"),
    ]


def _timed(ask, what) -> float:
    start = time.perf_counter()
    ask(what)
    return 1000 * (time.perf_counter() - start)
