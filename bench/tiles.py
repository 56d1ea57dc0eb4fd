"""Tiles of the inventory: time at the server with filters, what a scope adds, tiles a second for 8 clients, large
cities."""

import datetime as dt
import http.client
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np

from shuzhi.access.session import COOKIE
from shuzhi.maps import tiles
from shuzhi.registry import deliveries
from shuzhi.store import Home, Scope, open_home
from shuzhi.store.schema import EMISSIONS
from shuzhi.store.selection import Selection, write
from tests.registry.inventory import UNITS, inventory
from tests.servers import web
from tests.visitors import known

SIZES = {"270 000": 270_000, "0.6 M": 600_000, "2.7 M": 2_700_000}
ZOOMS = range(8, 17)
ASKED, ASKED_BY_HTTP = 270, 480
CLIENTS = 8
_CLASSES = ("key", "simplified", "registered")


def run(home: Home) -> list[tuple[str, float, str]]:
    """Measured figures: (what, value, unit). `home` is not asked: the cities differ in nothing but their size."""
    figures, slowest = [], {}
    for name, count in SIZES.items():
        with _city(count) as city:
            milliseconds = _at_the_server(city)
            slowest[name] = float(np.percentile(milliseconds, 95))
            figures += [
                (f"tile of {name} sources, filters and scope, median", float(np.percentile(milliseconds, 50)), "ms"),
                (f"tile of {name} sources, filters and scope, p95", slowest[name], "ms"),
            ]
            if count == min(SIZES.values()):
                figures += [*_scoped(city), *_over_http(city)]
    first, *_others, last = slowest.values()
    return [*figures, ("p95 of 2.7 M sources against 270 000", last / first, "×")]


@contextmanager
def _city(count: int) -> Iterator[Home]:
    with tempfile.TemporaryDirectory(prefix="shuzhi-tiles-") as folder:
        home = open_home(Path(folder), create="simulated")
        day = dt.date.today() - dt.timedelta(days=1)
        deliveries.deliver(home, "source", inventory(count), day, "inventory.csv", "bench")
        yield home


def _questions(home: Home, seed: int) -> Iterator[tuple[int, int, int, Selection, str | None]]:
    """Tiles that hold sources, at every zoom that a person uses, each with another filter: nothing is kept for it."""
    picked = random.Random(seed)
    sample = "SELECT x, y FROM chosen WHERE x IS NOT NULL USING SAMPLE 2000 ROWS (reservoir, 7)"
    rows = home.engine.choose("sources", sample, Selection(), Scope.all())
    for number in range(10**6):
        x, y = rows.iloc[picked.randrange(len(rows))]
        zoom = picked.choice(ZOOMS)
        pollutant = picked.choice(EMISSIONS)
        lowest = round(picked.uniform(0.0001, 0.05), 5) + number * 1e-9
        classes = picked.sample(_CLASSES, picked.choice((1, 2, 3)))
        chosen = Selection.of(permit_class=classes, ranges={pollutant: (lowest, None)})
        yield zoom, int(x) >> (30 - zoom), int(y) >> (30 - zoom), chosen, picked.choice((None, pollutant))


def _at_the_server(home: Home) -> np.ndarray:
    """Milliseconds of single tiles, within three of the districts."""
    scope = Scope(districts=frozenset(UNITS[:3]))
    taken = []
    for at, question in enumerate(islice(_questions(home, 1), ASKED + 20)):
        start = time.perf_counter()
        tiles.tile(home, scope, "sources", *question)
        if at >= 20:  # the first ones open the copy
            taken.append((time.perf_counter() - start) * 1000)
    return np.array(taken)


def _scoped(home: Home) -> list[tuple[str, float, str]]:
    """What a scope costs: the same tiles asked with and without it, in turns; the first of a pair alternates."""
    bound = {
        "a district": Scope(districts=frozenset(UNITS[:1])),
        "three districts": Scope(districts=frozenset(UNITS[:3])),
        "a street": Scope(streets=frozenset(["桂溪街道"])),
        "an enterprise": Scope(enterprises=frozenset(["91510100MA00000007"])),
    }
    taken = {name: [] for name in ("all", *bound)}
    for at, question in enumerate(islice(_questions(home, 3), ASKED + 20)):
        asked = [("all", Scope.all()), *bound.items()]
        for name, scope in asked if at % 2 else reversed(asked):
            start = time.perf_counter()
            tiles.tile(home, scope, "sources", *question)
            taken[name].append(time.perf_counter() - start)
    medians = {name: float(np.median(times[20:])) for name, times in taken.items()}
    return [(f"tile within {name} against the whole city", medians[name] / medians["all"], "×") for name in bound]


def _over_http(home: Home) -> list[tuple[str, float, str]]:
    addresses = [_address(*question) for question in islice(_questions(home, 2), ASKED_BY_HTTP)]
    with web(home.path) as server, ThreadPoolExecutor(CLIENTS) as clients:
        _all(server, clients, addresses[:CLIENTS])
        cold, warm = (_all(server, clients, addresses) for _turn in range(2))
    return [
        (f"tiles a second, {CLIENTS} clients, each tile another", len(addresses) / cold, "/s"),
        (f"tiles a second, {CLIENTS} clients, each tile known", len(addresses) / warm, "/s"),
    ]


def _address(z: int, x: int, y: int, selection: Selection, amount: str | None) -> str:
    query = urlencode(write(selection) | ({"amount": amount} if amount else {}))
    return f"/tiles/sources/1/{z}/{x}/{y}.mvt?{query}"


def _all(server: str, clients: ThreadPoolExecutor, addresses: list[str]) -> float:
    """Seconds until every tile is there; each client asks for one after the other."""
    start = time.perf_counter()
    parts = [addresses[at::CLIENTS] for at in range(CLIENTS)]
    for failed in clients.map(lambda part: _ask(server, part), parts):
        if failed:
            raise RuntimeError(f"no tile at {failed[0]}")
    return time.perf_counter() - start


def _ask(server: str, addresses: list[str]) -> list[str]:
    """Addresses that were not answered."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    failed = []
    for address in addresses:
        connection.request("GET", address, headers={"Accept-Encoding": "gzip", "Cookie": f"{COOKIE}={known()}"})
        answer = connection.getresponse()
        answer.read()
        failed += [address] if answer.status != 200 else []
    connection.close()
    return failed
