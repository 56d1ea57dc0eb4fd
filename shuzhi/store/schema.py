"""The schema of the lake, in one place.

An ``observation`` is one reading: what a station measured of a factor over the period that ends at ``time`` (UTC).
``month`` is the Beijing month of the day that the reading belongs to; it is the partition of every table of facts.
A ``source`` (污染源) or ``machine`` (移动机械) is a row of a register that holds from one day to another; ``track``
holds the positions of machines. A ``weather_forecast`` is one number of a weather model's product, a ``forecast`` one
number of ours; both keep the time of their issue, so that each can be held against what came.
"""

from dataclasses import dataclass

import pyarrow as pa

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")
DAY_ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3_8h")

WATER_ITEMS = ("water_temperature", "ph", "do", "conductivity", "turbidity")
WATER_ITEMS += ("codmn", "nh3n", "tp", "tn", "chla", "algae")
"""What automatic stations of surface water send every four hours."""
CLASS_PUBLISHED = "class_published"
"""The class 1…6 that was published with the readings of a section, kept as a reading of its own."""

EMISSIONS = ("pm", "so2", "nox", "voc", "cod", "nh3n", "tp", "tn")
"""Pollutants of the inventory, t/a each; names in ``data/registers/pollutants.csv``."""

INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Table:
    """A lake table: its columns, its partition, and whether it binds to a district (see ``scope``)."""

    schema: pa.Schema
    partition_by: tuple[str, ...] = ()


_READING = [
    ("station", pa.string()),
    ("factor", pa.string()),
    ("time", INSTANT),
    ("period", pa.string()),
    ("value", pa.float64()),
    ("flag", pa.string()),
    ("source", pa.string()),
    ("received_at", INSTANT),
    ("month", pa.string()),
]

_DATED = [("valid_from", pa.date32()), ("valid_to", pa.date32()), ("delivery", pa.string()), ("closed_by", pa.string())]
"""A row of a register holds from ``valid_from`` until the day before ``valid_to`` (null: still)."""

_SOURCE = [
    *((name, pa.string()) for name in ("id", "name", "credit_code", "permit_code", "industry", "permit_class")),
    *((name, pa.string()) for name in ("unit", "district", "street", "address")),
    ("lon", pa.float64()),
    ("lat", pa.float64()),
    ("status", pa.string()),
    ("year", pa.int16()),
    *((pollutant, pa.float64()) for pollutant in EMISSIONS),
]

_MACHINE = [
    *((name, pa.string()) for name in ("id", "code", "type", "maker", "model")),
    ("power", pa.float64()),
    *((name, pa.string()) for name in ("stage", "fuel", "owner", "unit")),
]

DELIVERED = {"source": tuple(name for name, _ in _SOURCE), "machine": tuple(name for name, _ in _MACHINE)}
"""Columns that a delivery of a register brings; the first is the key."""

SCORED = ("exact_level", "range25", "two_level", "within_one", "always_good", "inside50", "inside90", "n_levels")
SCORED += ("n_bands", "n_chances", "n_primary", "primary_right", "polluted_hit", "polluted_missed", "polluted_false")
"""Numbers of forecasts that were right in a sense (``research.forecast.scores``), and of those that could be."""

_BANDS = [(name, pa.float32()) for name in ("value", "lower50", "upper50", "lower90", "upper90")]

_OF_FORECAST = [
    *((name, pa.string()) for name in ("kind", "grain", "level", "place", "item", "model")),
    ("lead", pa.int16()),
]
"""What a forecast is of. ``kind``: air or water; ``grain``: hour or day, the unit of ``lead``; ``level``: station,
district, city or section, whose code or name is ``place``; ``item``: as in the readings, daily ozone ``o3_8h``, and
``aqi`` or ``class``; ``model``: its name, ``ensemble`` for what is told."""

TABLES = {
    "observation": Table(pa.schema(_READING), ("month",)),
    "superseded": Table(pa.schema(_READING), ("month",)),
    "air_day": Table(
        pa.schema(
            [("station", pa.string()), ("day", pa.date32())]
            + [(item, pa.float64()) for item in DAY_ITEMS]
            + [(f"hours_{item}", pa.int16()) for item in ITEMS]
            + [("o3_1h", pa.float64()), ("o3_windows", pa.int16()), ("month", pa.string())]
        ),
        ("month",),
    ),
    "water_time": Table(
        pa.schema(
            [("station", pa.string()), ("time", INSTANT)]
            + [(item, pa.float64()) for item in (*WATER_ITEMS, CLASS_PUBLISHED)]
            + [("state", pa.string()), ("held_back", pa.int16()), ("month", pa.string())]
        ),
        ("month",),
    ),
    "water_month": Table(
        pa.schema(
            [("station", pa.string()), ("times", pa.int32())]
            + [(f"sum_{item}", pa.float64()) for item in WATER_ITEMS]
            + [(f"n_{item}", pa.int32()) for item in WATER_ITEMS]
            + [("month", pa.string())]
        ),
        ("month",),
    ),
    "source": Table(pa.schema(_SOURCE + _DATED)),
    "machine": Table(pa.schema(_MACHINE + _DATED)),
    "track": Table(
        pa.schema(
            [("machine", pa.string()), ("time", INSTANT), ("lon", pa.float64()), ("lat", pa.float64())]
            + [("source", pa.string()), ("received_at", INSTANT), ("month", pa.string())]
        ),
        ("month",),
    ),
    "weather_forecast": Table(
        pa.schema(
            [("product", pa.string()), ("station", pa.string()), ("issued_at", INSTANT), ("time", INSTANT)]
            + [("period", pa.string()), ("factor", pa.string()), ("value", pa.float64())]
            + [("source", pa.string()), ("received_at", INSTANT), ("month", pa.string())]
        ),
        ("month",),
    ),
    "forecast": Table(
        pa.schema(
            [("issue", pa.string()), ("issued_at", INSTANT)]
            + _OF_FORECAST
            + [("time", INSTANT)]
            + _BANDS
            + [(f"p{level}", pa.float32()) for level in range(1, 7)]
            + [("primary", pa.string()), ("month", pa.string())]
        ),
        ("month",),
    ),
    "forecast_driver": Table(
        pa.schema(
            [("issue", pa.string()), ("issued_at", INSTANT)]
            + [(name, pa.string()) for name in ("level", "place", "item")]
            + [("lead", pa.int16()), ("group", pa.string()), ("contribution", pa.float32()), ("month", pa.string())]
        ),
        ("month",),
    ),
    "outlook": Table(
        pa.schema(
            [("issue", pa.string()), ("issued_at", INSTANT), ("place", pa.string()), ("item", pa.string())]
            + [("first", pa.date32()), ("last", pa.date32()), ("model", pa.string()), ("so_far", pa.float64())]
            + [("days", pa.int16()), ("quantiles", pa.list_(pa.float32())), ("month", pa.string())]
        ),
        ("month",),
    ),
    "forecast_score": Table(
        pa.schema(
            _OF_FORECAST
            + [("n", pa.int32())]
            + [(f"sum_{name}", pa.float64()) for name in ("absolute", "error", "square", "rps")]
            + [(name, pa.int32()) for name in SCORED]
            + [("month", pa.string())]
        ),
        ("month", "level"),  # a city's few rows are read without those of its stations
    ),
    "forecast_pair": Table(
        pa.schema(
            [("issue", pa.string()), ("issued_at", INSTANT)]
            + [(name, pa.string()) for name in ("level", "place", "item")]
            + [("lead", pa.int16()), ("time", INSTANT)]
            + _BANDS
            + [(f"p{level}", pa.float32()) for level in range(1, 7)]
            + [("primary", pa.string()), ("came", pa.float64()), ("came_primary", pa.string()), ("month", pa.string())]
        ),
        ("month", "level"),
    ),
    "quarantine": Table(
        pa.schema(
            [
                ("import_id", pa.string()),
                ("file", pa.string()),
                ("line", pa.int64()),
                ("column", pa.string()),
                ("station", pa.string()),
                ("reason", pa.string()),
                ("raw", pa.string()),
            ]
        )
    ),
}

_PLACED = [("x", pa.int32()), ("y", pa.int32()), ("search", pa.string())]
"""Position in the world's square (see ``selection.world``), and what a text is searched in."""

SERVED = {
    "sources": pa.schema(_SOURCE + _DATED + [("branch", pa.string())] + _PLACED),
    "machines": pa.schema(
        _MACHINE
        + _DATED
        + [("lon", pa.float64()), ("lat", pa.float64()), ("seen_at", INSTANT), ("zone", pa.string())]
        + [("forbidden", pa.bool_())]
        + _PLACED
    ),
}
"""Serving copies of the registers: ordered by position, with all that a map or a list asks for (see ``serving``).
``branch`` is the path in the tree of industries, such as C3011."""
