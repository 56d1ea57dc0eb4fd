"""The named queries (命名查询): written once as Ibis expressions, compiled once, run by DuckDB.

A parameter is a place in the compiled text (``$start``), so that one compilation serves every call. A list parameter
that is NULL chooses everything.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import ibis
import ibis.expr.types as ir

from shuzhi.store.schema import DAY_ITEMS, ITEMS, TABLES

_MARK = "shuzhi_parameter"
_INSTANT = "timestamp('UTC')"


@dataclass(frozen=True)
class Query:
    """A compiled named query: the data set it reads (for the scope), its SQL, and the names of its parameters."""

    dataset: str
    sql: str
    parameters: tuple[str, ...]


_REGISTER: dict[str, tuple[str, Callable[[], ir.Table]]] = {}


def _named(dataset: str):
    def register(build):
        _REGISTER[build.__name__] = (dataset, build)
        return build

    return register


@cache
def compiled(name: str) -> Query:
    """The named query, compiled for DuckDB on its first use."""
    dataset, build = _REGISTER[name]
    sql = re.sub(rf"{_MARK}\('(\w+)'\)", r"$\1", str(ibis.to_sql(build(), dialect="duckdb")), flags=re.IGNORECASE)
    return Query(dataset, sql, tuple(dict.fromkeys(re.findall(r"\$(\w+)", sql))))


def names() -> list[str]:
    """Names of all queries."""
    return sorted(_REGISTER)


def _parameter(name: str, kind: str) -> ir.Value:
    mark = ibis.udf.scalar.builtin(lambda label: None, name=_MARK, signature=(("string",), kind))
    return mark(name)


def _lake(name: str) -> ir.Table:
    return ibis.table(ibis.Schema.from_pyarrow(TABLES[name].schema), name=name)


def _chosen(column: ir.Column, name: str) -> ir.BooleanValue:
    choice = _parameter(name, "array<string>")
    return choice.isnull() | choice.contains(column)


def _within(table: ir.Table) -> ir.Table:
    """Rows with start < time <= end, the months named as well so that other partitions are not opened."""
    return table.filter(
        table.month >= _parameter("first_month", "string"),
        table.month <= _parameter("last_month", "string"),
        table.time > _parameter("start", _INSTANT),
        table.time <= _parameter("end", _INSTANT),
    )


def _hourly_air(table: ir.Table) -> ir.Table:
    return table.filter(table.period == "1h", table.factor.isin(ITEMS))


@_named("air")
def air_hours() -> ir.Table:
    """One row a station-hour with its six items: start, end, first_month, last_month, stations."""
    rows = _hourly_air(_within(_lake("observation")))
    rows = rows.filter(_chosen(rows.station, "stations"))
    items = {item: rows.value.max(where=rows.factor == item) for item in ITEMS}
    return rows.group_by("time", "station").agg(**items).order_by("time", "station")


@_named("air")
def air_latest() -> ir.Table:
    """Newest and oldest stamp of any air reading of the chosen months: first_month, last_month."""
    table = _lake("observation")
    rows = _hourly_air(table).filter(
        table.month >= _parameter("first_month", "string"), table.month <= _parameter("last_month", "string")
    )
    return rows.agg(oldest=rows.time.min(), newest=rows.time.max())


@_named("air")
def air_days() -> ir.Table:
    """Daily statistics of the derived table: first, last (dates), first_month, last_month, stations."""
    table = _lake("air_day")
    rows = table.filter(
        table.month >= _parameter("first_month", "string"),
        table.month <= _parameter("last_month", "string"),
        table.day >= _parameter("first", "date"),
        table.day <= _parameter("last", "date"),
        _chosen(table.station, "stations"),
    )
    return rows.drop("month").order_by("day", "station")


@_named("air")
def air_months() -> ir.Table:
    """Months that hold daily statistics."""
    return _lake("air_day").select("month").distinct().order_by("month")


@_named("air")
def air_spans() -> ir.Table:
    """First and last day with any reading, by station: stations."""
    table = _lake("air_day")
    rows = table.filter(_chosen(table.station, "stations"))
    return rows.group_by("station").agg(first=rows.day.min(), last=rows.day.max()).order_by("station")


@_named("air")
def air_day_means() -> ir.Table:
    """Mean and number of hours of each item by station and day, from the readings: first_month, last_month."""
    table = _lake("observation")
    rows = _hourly_air(table).filter(
        table.month >= _parameter("first_month", "string"), table.month <= _parameter("last_month", "string")
    )
    rows = rows.mutate(day=_beijing_day(rows.time))
    statistics = {item: rows.value.mean(where=rows.factor == item) for item in ITEMS if item in DAY_ITEMS}
    statistics |= {f"hours_{item}": rows.value.count(where=rows.factor == item) for item in ITEMS}
    statistics["o3_1h"] = rows.value.max(where=rows.factor == "o3")
    return rows.group_by("station", "day").agg(**statistics).order_by("station", "day")


@_named("air")
def ozone_hours() -> ir.Table:
    """Hourly ozone with its day and hour of the day (1 … 24): first_month, last_month."""
    table = _lake("observation")
    rows = table.filter(
        table.month >= _parameter("first_month", "string"),
        table.month <= _parameter("last_month", "string"),
        table.period == "1h",
        table.factor == "o3",
    )
    day = _beijing_day(rows.time)
    hour = (rows.time.epoch_seconds() + 8 * 3600 - 1) // 3600 % 24 + 1
    return rows.select("station", day=day, hour=hour.cast("int16"), value=rows.value)


@_named("weather")
def weather_hours() -> ir.Table:
    """Weather readings, long: start, end, first_month, last_month, stations."""
    rows = _within(_lake("observation"))
    rows = rows.filter(rows.factor.notin(ITEMS), _chosen(rows.station, "stations"))
    return rows.select("station", "factor", "time", "period", "value").order_by("time", "station", "factor")


@_named("operations")
def quarantine_rows() -> ir.Table:
    """Rows that could not be taken in, with the reason: import_id (or NULL for all), limit."""
    table = _lake("quarantine")
    wanted = _parameter("import_id", "string")
    return table.filter(wanted.isnull() | (table.import_id == wanted)).order_by(
        ibis.desc("import_id"), "file", "line", "column"
    )


def _beijing_day(time: ir.TimestampValue) -> ir.DateValue:
    utc = time.cast("timestamp")
    return (utc + ibis.interval(hours=8) - ibis.interval(microseconds=1)).date()
