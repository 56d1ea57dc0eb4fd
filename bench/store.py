"""The page's read and the rebuild of daily AQI, against plain pandas on the same files."""

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench import plain_pandas
from shuzhi.status import air
from shuzhi.store import Home, Scope, derived

_SCOPE = Scope.all()


def _in_turn(works: list[Callable[[], object]], rounds: int) -> np.ndarray:
    """Seconds (rounds, works), each work once a round so that the machine's moods meet all of them."""
    taken = np.empty((rounds, len(works)))
    for row in taken:
        for at, work in enumerate(works):
            start = time.perf_counter()
            work()
            row[at] = time.perf_counter() - start
    return taken


def months_of_a_year(home: Home) -> list[str]:
    """The newest twelve months of the home."""
    return derived.months_of(home.lake)[-12:]


def run(home: Home) -> list[tuple[str, float, str]]:
    """Measured figures: (what, value, unit)."""
    months = months_of_a_year(home)
    first = dt.date.fromisoformat(months[0] + "-01")
    last = dt.date.fromisoformat(months[-1] + "-01") + dt.timedelta(days=31)
    codes = air.stations(home, _SCOPE)["code"].tolist()
    files = [str(Path(file)) for file in home.lake.files("observation", months)]

    def read():
        return air.daily(home, _SCOPE, first, last, stations=codes)

    def rebuild():
        with home.writer():
            derived.refresh(home, months, kinds=["air"])

    ours = read()
    plain = plain_pandas.daily_aqi(files)
    days = ours["day"].astype("datetime64[us]")
    expected = plain.reindex(list(zip(ours["station"], days, strict=True))).to_numpy()
    different = ~np.isclose(ours["aqi"].to_numpy(dtype=float), expected, equal_nan=True)
    rebuild()
    seconds = _in_turn([read, rebuild, lambda: plain_pandas.daily_aqi(files)], 7)
    page, full, script = np.median(seconds, axis=0)
    against_page, against_full = np.median(seconds[:, 2:] / seconds[:, :2], axis=0)
    return [
        ("stations in the year", float(ours["station"].nunique()), ""),
        ("station-days compared with plain pandas", float(len(ours)), ""),
        ("station-days that differ", float(np.count_nonzero(different)), ""),
        ("daily AQI of a year from the derived table", page, "s"),
        ("full rebuild of the year's derived table", full, "s"),
        ("plain pandas, from the same files", script, "s"),
        ("page's read against plain pandas", against_page, "×"),
        ("rebuild against plain pandas", against_full, "×"),
    ]
