"""The inventory of the simulated city: kinds of sources gather where such kinds do, emissions are log-normal by kind.

There are two deliveries, one for each year of the city; in the second some sources are gone, some are new, and every
one has the emissions of the next year.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from shuzhi.city.ground import Ground, ground
from shuzhi.city.noise import generator
from shuzhi.city.plan import Plan
from shuzhi.ingest import service
from shuzhi.progress import Progress, silent
from shuzhi.settings import DATA
from shuzhi.standards.credit_code import completed
from shuzhi.store import Home
from shuzhi.store.deliveries import listed
from shuzhi.store.schema import EMISSIONS

WHOLE = 270_000
"""Sources of the whole city."""

HEADS = {
    "id": "污染源编号",
    "name": "单位名称",
    "credit_code": "统一社会信用代码",
    "permit_code": "排污许可证编号",
    "industry": "行业代码",
    "permit_class": "管理类别",
    "unit": "管理单位",
    "district": "区县",
    "street": "街道",
    "address": "地址",
    "lon": "经度",
    "lat": "纬度",
    "status": "运行状态",
    "year": "年份",
    "pm": "颗粒物",
    "so2": "二氧化硫",
    "nox": "氮氧化物",
    "voc": "挥发性有机物",
    "cod": "化学需氧量",
    "nh3n": "氨氮",
    "tp": "总磷",
    "tn": "总氮",
}
"""Column → its name in the files."""

_STREAM = 60
_SPREAD = {"town": 0.9, "park": 0.45, "rural": 1.6, "river": 0.5}
"""Size of a clump [km]."""
_SIGMA = 1.2
_CLASSES = ("重点管理", "简化管理", "登记管理")
_STATUSES, _STATUS_SHARES = ("正常", "停产", "关闭"), (0.93, 0.045, 0.025)
_GONE = 0.04
_FIRST = "天地元亨利贞瑞祥盛隆昌茂荣华康泰安宁宏达远鑫汇通源恒益佳美新锦蓉川蜀岷江都"
_SECOND = "丰和兴旺顺德信诚立业成大中正光明海山林森洋波云峰岭泉溪桥园庭轩阁堂坊居里"
_ROADS = [
    "人民路",
    "建设路",
    "青年路",
    "解放街",
    "兴业大道",
    "科技一路",
    "工业大道",
    "东环路",
    "西环路",
    "滨河路",
    "文化街",
    "和平街",
]


def deliver(home: Home, plan: Plan, folder: Path, progress: Progress = silent) -> None:
    """Write the deliveries of a city and take in those that its home has not taken yet.

    Parameters
    ----------
    folder : Path
        Of the city's files; they go into ``inventory`` inside it.
    """
    there = {row.day for row in listed(home, "source")}
    days = _days(plan)
    if there >= set(days):
        return
    table = None
    for number, day in enumerate(days):
        if day in there:
            continue
        if table is None:
            progress(number, len(days), "inventory")
            table = make_inventory(plan, ground(home))
        file = folder / "inventory" / f"sources_{day:%Y%m%d}.csv"
        write(file, of_delivery(table, plan, number, day))
        service.import_inventory(home, file, day=day, origin="simulated", progress=progress)


def make_inventory(plan: Plan, streets: Ground) -> pd.DataFrame:
    """All sources that the city ever has; columns as ``HEADS`` names them in English, without year and emissions.

    ``delivery`` is the number of the delivery that a source comes with, ``gone`` whether it misses in the last one;
    the columns of ``EMISSIONS`` hold the mean emissions of its kind [t/a].
    """
    random = generator(plan.seed, _STREAM)
    trades = pd.read_csv(DATA / "city" / "trades.csv", dtype={"industry": str})
    count = WHOLE if plan.sources is None else plan.sources
    kind = _kinds(trades["count"].to_numpy(), count, random)
    table = trades.iloc[kind].reset_index(drop=True)
    street, position = np.empty(count, int), np.empty((count, 2))
    for where in trades["where"].unique():
        at = np.flatnonzero(table["where"] == where)
        street[at] = streets.choose(where, len(at), random)
        position[at] = streets.points(street[at], _SPREAD[where], random)
    places = streets.table.iloc[street].reset_index(drop=True)
    dice = random.random(count)
    key, permitted = dice < table["key"], dice < table["key"] + table["simplified"]
    number = np.arange(count)
    table = table.assign(
        permit_class=np.select([key, permitted], _CLASSES[:2], _CLASSES[2]),
        id=np.char.add("CD", np.char.zfill(number.astype(str), 7)),
        unit=places["unit"],
        district=places["district"],
        street=places["name"],
        address=_addresses(places, random),
        lon=position[:, 0],
        lat=position[:, 1],
        status=random.choice(_STATUSES, count, p=_STATUS_SHARES),
        delivery=(random.random(count) < _GONE).astype(int),
        gone=random.random(count) < _GONE,
    )
    codes = _credit_codes(table, random)
    return table.assign(name=_names(table, random), credit_code=codes, permit_code=_permits(table, codes))


def of_delivery(table: pd.DataFrame, plan: Plan, number: int, day: dt.date) -> pd.DataFrame:
    """The rows of one delivery, with the emissions of the year before its day [t/a]."""
    random = generator(plan.seed, _STREAM + 1)
    lasting = np.exp(_SIGMA * random.standard_normal((len(table), 1)) - _SIGMA**2 / 2)
    by_pollutant = np.exp(0.35 * random.standard_normal((len(table), len(EMISSIONS))))
    of_year = np.exp(
        0.12 * generator(plan.seed, _STREAM + 2, day.year).standard_normal(by_pollutant.shape) - 0.03 * number
    )
    amounts = table[list(EMISSIONS)].to_numpy(float) * lasting * by_pollutant * of_year
    amounts[(table["status"] == "关闭").to_numpy()] = 0
    rounded = pd.DataFrame(_three_digits(amounts), columns=list(EMISSIONS), index=table.index)
    rows = table.assign(year=day.year - 1, **rounded)
    held = (table["delivery"] <= number) & ~(table["gone"] & (number == len(_days(plan)) - 1) & (number > 0))
    return rows.loc[held, list(HEADS)]


def write(file: Path, rows: pd.DataFrame) -> None:
    """Write a delivery as a bureau sends it: CSV with Chinese heads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    csv.write_csv(pa.Table.from_pandas(rows.rename(columns=HEADS), preserve_index=False), file)


def _days(plan: Plan) -> list[dt.date]:
    """Days of the deliveries: the city's first, and the first of January after it."""
    following = dt.date(plan.first.year + 1, 1, 1)
    return [plan.first] + ([following] if following <= dt.date.today() else [])


def _kinds(weights: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Kind of each source; every kind is there as often as its weight says, rare ones at least once."""
    number = np.maximum(np.rint(weights / weights.sum() * count).astype(int), 1)
    number[0] += count - number.sum()
    return random.permutation(np.repeat(np.arange(len(weights)), number))


def _names(table: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    words = np.array([a + b for a in _FIRST for b in _SECOND])
    place = table["street"].str.replace("街道|镇|乡", "", regex=True).to_numpy(str)
    return np.char.add(np.char.add(place, random.choice(words, len(table))), table["trade"].to_numpy(str))


def _addresses(places: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    road = random.choice(_ROADS, len(places))
    number = random.integers(1, 900, len(places)).astype(str)
    street = np.char.add(places["unit"].to_numpy(str), places["name"].to_numpy(str))
    return np.char.add(np.char.add(np.char.add(street, road), number), "号")


def _credit_codes(table: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    """Codes that stand the check; shops are registered as households (92), works as companies (91)."""
    kind = np.where(table["where"] == "town", "92", "91")
    serial = np.char.zfill(random.permutation(1_000_000)[: len(table)].astype(str), 6)
    return completed(np.char.add(np.char.add(kind, "510100MA"), serial))


def _permits(table: pd.DataFrame, codes: np.ndarray) -> np.ndarray:
    """Permit numbers of those who hold one; the others are only registered."""
    holds = (table["permit_class"] != _CLASSES[2]).to_numpy()
    return np.where(holds, np.char.add(codes, "001P"), "")


def _three_digits(values: np.ndarray) -> np.ndarray:
    """Three significant digits, as inventories state them."""
    some = np.where(values > 0, values, 1)
    scale = 10.0 ** (2 - np.floor(np.log10(some)))
    return np.where(values > 0, np.rint(some * scale) / scale, values)
