"""Rows for registers in tests: many, plausible and without any file."""

import numpy as np
import pyarrow as pa

from shuzhi.store.schema import DELIVERED, EMISSIONS, TABLES

UNITS = ("锦江区", "武侯区", "双流区", "成都高新区")


def inventory(count: int, seed: int = 1) -> pa.Table:
    """Sources with the columns of a delivery; every 50th has no position."""
    random = np.random.default_rng(seed)
    number = np.arange(count)
    nowhere = number % 50 == 49
    columns = {
        "id": [f"S{i:07d}" for i in number],
        "name": [
            f"成都{trade}厂{i}号" for i, trade in enumerate(random.choice(["热电", "印染", "家具", "汽修"], count))
        ],
        "credit_code": [f"91510100MA{i:08d}"[:18] for i in number],
        "permit_code": [None] * count,
        "industry": random.choice(["4411", "1713", "2110", "8111", "3011"], count),
        "permit_class": random.choice(["key", "simplified", "registered"], count, p=[0.05, 0.15, 0.8]),
        "unit": random.choice(UNITS, count),
        "district": random.choice(UNITS[:3], count),
        "street": random.choice(["桂溪街道", "华阳街道", "春熙路街道"], count),
        "address": [f"{i} 号" for i in number],
        "lon": np.where(nowhere, np.nan, 104.06 + 0.2 * random.standard_normal(count)),
        "lat": np.where(nowhere, np.nan, 30.66 + 0.15 * random.standard_normal(count)),
        "status": random.choice(["operating", "suspended", "closed"], count, p=[0.9, 0.06, 0.04]),
        "year": np.full(count, 2025),
    }
    for pollutant in EMISSIONS:
        amount = random.lognormal(-3, 2, count)
        columns[pollutant] = np.where(random.random(count) < 0.4, np.nan, amount)
    return _table("source", columns)


def register(count: int, seed: int = 1) -> pa.Table:
    """Machines with the columns of a delivery."""
    random = np.random.default_rng(seed)
    columns = {
        "id": [f"3-AA{i:06d}" for i in range(count)],
        "code": [f"FJ{i:015d}" for i in range(count)],
        "type": random.choice(["excavator", "loader", "forklift"], count),
        "maker": random.choice(["甲重工", "乙机械"], count),
        "model": random.choice(["X1", "X2"], count),
        "power": random.uniform(20, 300, count).round(),
        "stage": random.choice(["2", "3", "4", "electric"], count),
        "fuel": ["diesel"] * count,
        "owner": [f"某公司{i}" for i in range(count)],
        "unit": random.choice(UNITS, count),
    }
    return _table("machine", columns)


def _table(name: str, columns: dict) -> pa.Table:
    schema = TABLES[name].schema
    return pa.table(
        {column: pa.array(columns[column], schema.field(column).type, from_pandas=True) for column in DELIVERED[name]}
    )
