"""Machines of the simulated city: registered by kind, working for weeks on a site, seen once on a day that they work.

What a day holds does not depend on when it was made; positions begin a month before the city was built.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from shuzhi.city import people
from shuzhi.city.ground import Ground, ground
from shuzhi.city.noise import generator
from shuzhi.city.plan import Plan
from shuzhi.city.stations import CENTRE
from shuzhi.ingest import service
from shuzhi.progress import Progress, silent
from shuzhi.registry.names import names_of
from shuzhi.settings import BEIJING, DATA
from shuzhi.store import Home
from shuzhi.store.deliveries import listed

WHOLE = 38_000
"""Machines of the whole city."""

BACK = 30
"""Days before the building for which there are positions."""

HEADS = {
    "id": "环保登记号码",
    "code": "机械环保代码",
    "type": "机械类型",
    "maker": "生产厂家",
    "model": "型号",
    "power": "额定功率",
    "stage": "排放阶段",
    "fuel": "燃料类型",
    "owner": "所有人",
    "unit": "管理单位",
}
"""Column → its name in the files."""

_STREAM = 70
_STAGES = {"国一前": 0.02, "国一": 0.05, "国二": 0.27, "国三": 0.47, "国四": 0.17, "不明": 0.02}
_LABEL = {"国一前": "X", "国一": "1", "国二": "2", "国三": "3", "国四": "4", "不明": "0", "电动": "D"}
_MAKERS = ["岷山重工", "锦江机械", "天府装备", "龙门工程", "蜀通机械", "沱江动力"]
_PRIVATE = 0.2  # share of machines that belong to a private person
_SITES = {"site": 900, "park": 260, "rural": 400}
_WEEKS = 21  # days that a machine stays on a site
_STRAYS = 25  # one old machine of so many works where it must not
_JITTER = 0.0012  # degrees around the middle of a site
_AIRPORTS = np.array([[103.950, 30.575], [104.440, 30.310]])
_HOURS = (7, 20)  # positions come in these hours of the day


def deliver(home: Home, plan: Plan, folder: Path, progress: Progress = silent) -> None:
    """Write the register of a city and take it in, unless its home has it."""
    if listed(home, "machine"):
        return
    progress(0, 0, "machines")
    table = make_machines(plan, ground(home))
    file = folder / "machines" / f"machines_{plan.first:%Y%m%d}.csv"
    _write(file, table[list(HEADS)].rename(columns=HEADS))
    service.import_machines(home, file, day=plan.first, origin="simulated", progress=progress)


def extend(
    home: Home, plan: Plan, folder: Path, since: dt.datetime, until: dt.datetime, progress: Progress = silent
) -> None:
    """Write the positions of the hours after `since` up to `until` and take them in.

    Of a long time only the last `BACK` days.
    """
    since = max(since, until - dt.timedelta(days=BACK))
    rows = positions(plan, ground(home), since, until)
    if rows.empty:
        return
    progress(0, 0, "positions")
    file = folder / "machines" / f"positions_{until.astimezone(BEIJING):%Y%m%d%H}.csv"
    _write(file, rows)
    service.import_positions(home, file, origin="simulated", progress=progress)


def make_machines(plan: Plan, streets: Ground) -> pd.DataFrame:
    """The register; columns as ``HEADS`` names them in English, and ``where`` a machine works."""
    random = generator(plan.seed, _STREAM)
    kinds = pd.read_csv(DATA / "city" / "machines.csv")
    count = WHOLE if plan.machines is None else plan.machines
    share = kinds["count"] / kinds["count"].sum()
    table = kinds.iloc[random.choice(len(kinds), count, p=share)].reset_index(drop=True)
    low, high = table["power_low"].to_numpy(), table["power_high"].to_numpy()
    stage = random.choice(list(_STAGES), count, p=list(_STAGES.values()))
    stage = np.where(random.random(count) < table["electric"], "电动", stage)
    electric = stage == "电动"
    yard = streets.table.iloc[streets.choose("site", count, random)]
    number = np.arange(count)
    return pd.DataFrame(
        {
            "id": [f"{_LABEL[s]}-AA{n:06d}" for s, n in zip(stage, number, strict=True)],
            "code": np.char.add("SC", np.char.zfill(random.permutation(10**7)[:count].astype(str), 15)),
            "type": names_of("machine_types")["name_zh"][table["type"]].to_numpy(),
            "maker": random.choice(_MAKERS, count),
            "model": [f"{t[:2].upper()}{p:.0f}" for t, p in zip(table["type"], high, strict=True)],
            "power": np.rint(low + (high - low) * random.beta(1.6, 2.4, count)).astype(int),
            "stage": stage,
            "fuel": np.where(electric, "电", "柴油"),
            "owner": _owners(plan, yard["name"], number),
            "unit": yard["unit"].to_numpy(),
            "where": table["where"],
        }
    )


def _owners(plan: Plan, streets: pd.Series, number: np.ndarray) -> list[str]:
    """Teams that let machines, and for every fifth machine a private person."""
    random = generator(plan.seed, _STREAM + 4)
    private = random.random(len(number)) < _PRIVATE
    return [
        people.name(random) if alone else f"{street}第{n % 37 + 1}机械租赁队"
        for street, n, alone in zip(streets, number, private, strict=True)
    ]


def positions(plan: Plan, streets: Ground, since: dt.datetime, until: dt.datetime) -> pd.DataFrame:
    """Positions that came in after `since` up to `until`: 环保登记号码, 时间 (Beijing), 经度, 纬度."""
    table = make_machines(plan, streets)
    sites = _sites(plan, streets)
    works = generator(plan.seed, _STREAM + 1).beta(0.7, 1.3, len(table))  # share of days that a machine is seen
    parts = []
    day = since.astimezone(BEIJING).date()
    while day <= until.astimezone(BEIJING).date():
        parts.append(_of_day(plan, table, sites, works, day))
        day += dt.timedelta(days=1)
    rows = pd.concat(parts)
    inside = (rows["时间"] > pd.Timestamp(since)) & (rows["时间"] <= pd.Timestamp(until))
    rows = rows[inside].sort_values(["时间", "环保登记号码"])
    return rows.assign(时间=rows["时间"].dt.strftime("%Y-%m-%d %H:%M:%S"))


def _of_day(plan: Plan, table: pd.DataFrame, sites: dict, works: np.ndarray, day: dt.date) -> pd.DataFrame:
    random = generator(plan.seed, _STREAM + 2, day.toordinal())
    old = ~table["stage"].isin(["国四", "电动"]).to_numpy()
    seen = np.flatnonzero(random.random(len(table)) < works)
    hour = random.uniform(*_HOURS, len(table))[seen]
    jitter = _JITTER * random.standard_normal((len(table), 2))[seen]
    middle = np.empty((len(seen), 2))
    for where, of_kind in sites.items():
        at = np.flatnonzero((table["where"].to_numpy() == where)[seen])
        turn = (seen[at] * 31 + (day.toordinal() + seen[at]) // _WEEKS * 17) % len(of_kind)
        kept_out = old[seen[at]] & (turn % _STRAYS > 0)  # most old machines keep out of the zones that forbid them
        middle[at] = of_kind[np.where(kept_out, len(of_kind) - 1 - turn % max(1, len(of_kind) // 3), turn)]
    position = (middle + jitter).round(6)
    midnight = pd.Timestamp(day, tz=BEIJING)
    return pd.DataFrame(
        {
            "环保登记号码": table["id"].to_numpy()[seen],
            "时间": midnight + pd.to_timedelta(np.rint(hour * 3600), unit="s"),
            "经度": position[:, 0],
            "纬度": position[:, 1],
        }
    )


def _sites(plan: Plan, streets: Ground) -> dict[str, np.ndarray]:
    """Middles of the places where machines work, by kind, the nearest to the middle of the city first."""
    random = generator(plan.seed, _STREAM + 3)
    found = {}
    for where, count in _SITES.items():
        points = streets.points(streets.choose(where, count, random), 1.2, random)
        found[where] = points[np.argsort(np.hypot(*(points - CENTRE).T))]
    return found | {"airport": _AIRPORTS}


def _write(file: Path, rows: pd.DataFrame) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    csv.write_csv(pa.Table.from_pandas(rows, preserve_index=False), file)
