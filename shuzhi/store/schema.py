"""The schema of the lake, in one place.

An ``observation`` is one reading: what a station measured of a factor over the period that ends at ``time`` (UTC).
``month`` is the Beijing month of the day that the reading belongs to; it is the partition of every dated table.
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
