"""Reruns at the server: real websocket clients on each page, alone and thirty at a time."""

import asyncio
import itertools
import os
import random
import subprocess
import sys
import time
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import psutil

from bench.clients import Client, act
from shuzhi.research.forecast import hindcast, issue, issues, verify
from shuzhi.settings import BEIJING
from shuzhi.status import air, water
from shuzhi.store import Home, Scope
from shuzhi.store.schema import DAY_ITEMS
from tests.servers import free_port, wait_for
from tests.visitors import known, token

PAGES = {"home": ""} | {name: name for name in ("map", "station", "water", "forecast", "sources", "machines")}
USERS = 30
EVERY = 5.0  # seconds between the actions of one user
ACTIONS_ALONE, ACTIONS_TOGETHER = 40, 14
_ITEMS = ("o3", "pm25", "pm10", "no2", "so2", "co")


def run(home: Home) -> list[tuple[str, float, str]]:
    """Measured figures: (what, value, unit)."""
    port = free_port()
    command = [sys.executable, "-m", "shuzhi", "serve", "--port", str(port)]
    token(home.path)
    figures = _forecasts(home)
    process = subprocess.Popen(command, env={**os.environ, "SHUZHI_HOME": str(home.path)})
    try:
        wait_for(port)
        people = _People(home, f"ws://127.0.0.1:{port}/_stcore/stream")
        web = next(one for one in _family(process.pid) if "uvicorn" in one.cmdline())
        for page in PAGES:
            figures += asyncio.run(people.alone(page, web))
        before = _megabytes(process.pid)
        for page, milliseconds in asyncio.run(people.together()).items():
            figures += _percentiles(f"{page}, {USERS} users", milliseconds)
        figures.append(("memory of all processes before the users", before, "MB"))
        figures.append(("memory of all processes after the users", _megabytes(process.pid), "MB"))
        return figures
    finally:
        process.terminate()
        process.wait(timeout=20)


def _forecasts(home: Home) -> list[tuple[str, float, str]]:
    """Give the home what its worker would begin with while we measure."""
    if any(not one.hindcast for one in issues.table(home, Scope.all())):
        return []
    now = pd.Timestamp.now(tz=BEIJING)
    begun = time.monotonic()
    issue.ready(home, Scope.all(), now)
    fitted = time.monotonic()
    made = issue.make(home, Scope.all(), now)
    issued = time.monotonic()
    days = hindcast.make(home, Scope.all(), now)
    verify.refresh(home)
    return [
        ("models of the forecast fitted", fitted - begun, "s"),
        (f"an issue of {made.rows} numbers", issued - fitted, "s"),
        (f"{days} issues made afterwards, and scored", time.monotonic() - issued, "s"),
    ]


class _People:
    """Users whose every action asks for something else, as people do."""

    def __init__(self, home: Home, url: str):
        self.url = url
        self.random = random.Random(1)
        table = air.stations(home, Scope.all())
        self.codes = table["code"].tolist()
        self.districts = sorted(table["district"].dropna().unique())
        self.latest = air.latest_hour(home, Scope.all()).tz_convert(BEIJING)
        self.sections = water.sections(home, Scope.all())["code"].tolist()

    def action(self, page: str) -> str:
        """Query string of something that a user of the page would do next."""
        hour = self.latest - pd.Timedelta(hours=self.random.randrange(24))
        if page == "station":
            wanted = {"station": self.random.choice(self.codes), "factor": self.random.choice(_ITEMS)}
        elif page == "map":
            wanted = self.random.choice(
                [
                    {"factor": self.random.choice(_ITEMS)},
                    {"district": self.random.choice(self.districts)},
                    {"station": self.random.choice(self.codes)},
                ]
            )
        elif page == "water":
            wanted = {"section": self.random.choice(self.sections)}
        elif page == "forecast":
            place = self.random.choice([*self.codes, *self.districts])
            return urlencode({"place": place, "item": self.random.choice(DAY_ITEMS)})
        elif page in ("sources", "machines"):
            return urlencode(self.filter(page))
        else:
            wanted = {}
        return urlencode({"at": hour.strftime("%Y-%m-%dT%H:%M"), **wanted})

    def filter(self, page: str) -> dict[str, str]:
        """What a user of a register would choose next."""
        kind = {"sources": ("permit_class", ("key", "simplified")), "machines": ("stage", ("2", "3", "4"))}[page]
        chosen = {"unit": self.random.choice(self.districts), kind[0]: self.random.choice(kind[1])}
        name = self.random.choice(list(chosen))
        return {name: chosen[name], "page": str(self.random.randrange(1, 4))}

    def pauses(self) -> list[float]:
        """About `EVERY` seconds each: two users who happen to act together do not stay together."""
        first = self.random.uniform(0, EVERY)
        return [first, *(EVERY * self.random.uniform(0.8, 1.2) for _ in range(ACTIONS_TOGETHER - 1))]

    async def alone(self, page: str, web: psutil.Process) -> list[tuple[str, float, str]]:
        """Time on the clock, CPU of the web process, and bytes of one user's reruns."""
        client = Client(self.url, PAGES[page], known())
        await client.open()
        spent, received = _cpu(web), client.received
        for _ in range(ACTIONS_ALONE):
            await client.rerun(self.action(page))
        spent, received = _cpu(web) - spent, client.received - received
        await client.close()
        return [
            *_percentiles(f"{page}, 1 user", client.milliseconds),
            (f"CPU of a rerun of {page}, mean", 1000 * spent / ACTIONS_ALONE, "ms"),
            (f"sent for a rerun of {page}, mean", received / ACTIONS_ALONE / 1000, "kB"),
        ]

    async def together(self) -> dict[str, list[float]]:
        pages = itertools.islice(itertools.cycle(PAGES), USERS)
        clients = [(page, Client(self.url, PAGES[page], known())) for page in pages]
        for _, client in clients:
            await client.open()
        work = [
            act(client, [self.action(page) for _ in range(ACTIONS_TOGETHER)], self.pauses()) for page, client in clients
        ]
        await asyncio.gather(*work)
        found = {page: [] for page in PAGES}
        for page, client in clients:
            found[page] += client.milliseconds
            await client.close()
        return found


def _percentiles(what: str, milliseconds: list[float]) -> list[tuple[str, float, str]]:
    return [
        (f"rerun of {what}, median", float(np.percentile(milliseconds, 50)), "ms"),
        (f"rerun of {what}, p95", float(np.percentile(milliseconds, 95)), "ms"),
    ]


def _family(pid: int) -> list[psutil.Process]:
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process has used; unlike the clock they depend little on who else is at work."""
    return sum(process.cpu_times()[:2])


def _megabytes(pid: int) -> float:
    time.sleep(1)
    return sum(member.memory_info().rss for member in _family(pid)) / 1e6
