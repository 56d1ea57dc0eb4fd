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

from shuzhi.store.schema import CLASS_PUBLISHED, ITEMS, TABLES, WATER_ITEMS

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


def _of_months(table: ir.Table) -> ir.Table:
    return table.filter(
        table.month >= _parameter("first_month", "string"), table.month <= _parameter("last_month", "string")
    )


def _within(table: ir.Table) -> ir.Table:
    """Rows with start < time <= end, the months named as well so that other partitions are not opened."""
    rows = _of_months(table)
    return rows.filter(rows.time > _parameter("start", _INSTANT), rows.time <= _parameter("end", _INSTANT))


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
    rows = _hourly_air(_of_months(_lake("observation")))
    return rows.agg(oldest=rows.time.min(), newest=rows.time.max())


@_named("air")
def air_days() -> ir.Table:
    """Daily statistics of the derived table: first, last (dates), first_month, last_month, stations."""
    rows = _of_months(_lake("air_day"))
    rows = rows.filter(
        rows.day >= _parameter("first", "date"),
        rows.day <= _parameter("last", "date"),
        _chosen(rows.station, "stations"),
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
    """Mean, highest and number of hours by station, item and day, from the readings: first_month, last_month."""
    rows = _hourly_air(_of_months(_lake("observation")))
    groups = rows.group_by("station", "factor", day=_beijing_hour(rows.time) // 24)
    return groups.agg(mean=rows.value.mean(), highest=rows.value.max(), hours=rows.value.count())


@_named("air")
def ozone_hours() -> ir.Table:
    """Hourly ozone with the number of its Beijing hour: first_month, last_month."""
    rows = _of_months(_lake("observation"))
    rows = rows.filter(rows.period == "1h", rows.factor == "o3")
    return rows.select("station", hour=_beijing_hour(rows.time), value=rows.value)


@_named("weather")
def weather_hours() -> ir.Table:
    """Weather readings, long: start, end, first_month, last_month, stations."""
    rows = _within(_lake("observation"))
    others = (*ITEMS, *WATER_ITEMS, CLASS_PUBLISHED)
    rows = rows.filter(rows.factor.notin(others), _chosen(rows.station, "stations"))
    return rows.select("station", "factor", "time", "period", "value").order_by("time", "station", "factor")


@_named("weather")
def weather_forecast_issues() -> ir.Table:
    """Issues of weather forecasts, the newest first, with what they reach: first_month, last_month."""
    rows = _of_months(_lake("weather_forecast"))
    found = rows.group_by("product", "issued_at").agg(
        first=rows.time.min(), last=rows.time.max(), stations=rows.station.nunique(), rows=rows.count()
    )
    return found.order_by(ibis.desc("issued_at"), "product")


@_named("weather")
def weather_forecast_rows() -> ir.Table:
    """Numbers of the issues of a product, long: product, first_issue, last_issue, first_month, last_month, stations."""
    rows = _of_months(_lake("weather_forecast"))
    rows = rows.filter(
        rows["product"] == _parameter("product", "string"),
        rows.issued_at >= _parameter("first_issue", _INSTANT),
        rows.issued_at <= _parameter("last_issue", _INSTANT),
        _chosen(rows.station, "stations"),
    )
    rows = rows.select("issued_at", "station", "time", "period", "factor", "value")
    return rows.order_by("issued_at", "station", "time", "period", "factor")


@_named("water")
def water_hours() -> ir.Table:
    """Four-hourly readings of the derived table, one row a section and time, with the class published, the state of
    the station ("" normal) and the items held back (bits in the order of ``schema.WATER_ITEMS``): start, end,
    first_month, last_month, stations."""
    rows = _within(_lake("water_time"))
    return rows.filter(_chosen(rows.station, "stations")).drop("month").order_by("time", "station")


@_named("water")
def water_months() -> ir.Table:
    """Sums and numbers of readings of the derived table, by section and month, stations in their normal state only:
    first_month, last_month, stations."""
    rows = _of_months(_lake("water_month"))
    return rows.filter(_chosen(rows.station, "stations")).order_by("station", "month")


@_named("water")
def water_times() -> ir.Table:
    """The rows of the derived table ``water_time``, from the readings: first_month, last_month."""
    rows = _water(_of_months(_lake("observation")))
    items = {item: rows.value.max(where=rows.factor == item) for item in (*WATER_ITEMS, CLASS_PUBLISHED)}
    unsure = [ibis.ifelse((rows.factor == item) & (rows.flag != ""), 1 << k, 0) for k, item in enumerate(WATER_ITEMS)]
    held_back = sum(bit.max() for bit in unsure)
    found = rows.group_by("month", "time", "station").agg(**items, state=rows.flag.max(), held_back=held_back)
    return found.order_by("time", "station")


@_named("water")
def water_sums() -> ir.Table:
    """The rows of the derived table ``water_month``, from the readings, of pH the hydrogen ions: first_month,
    last_month."""
    rows = _water(_of_months(_lake("observation")))
    known = (rows.flag == "") & (rows.factor != CLASS_PUBLISHED)
    value = ibis.ifelse(rows.factor == "ph", 10.0 ** (-rows.value), rows.value)
    sums = {f"sum_{item}": value.sum(where=known & (rows.factor == item)).fill_null(0.0) for item in WATER_ITEMS}
    counts = {f"n_{item}": value.count(where=known & (rows.factor == item)) for item in WATER_ITEMS}
    found = rows.group_by("station", "month").agg(times=rows.time.nunique(where=known), **sums, **counts)
    return found.order_by("month", "station")


@_named("water")
def water_means() -> ir.Table:
    """Mean of each item of a section, of pH that of the hydrogen ions, and the number of its times; readings of a
    station in its normal state only: start, end, first_month, last_month, stations.

    What `shuzhi.status.water.means` makes of the derived tables, in one question that anybody can ask again."""
    rows = _water(_within(_lake("observation")))
    known = rows.filter(rows.flag == "", rows.factor != CLASS_PUBLISHED, _chosen(rows.station, "stations"))
    value = ibis.ifelse(known.factor == "ph", 10.0 ** (-known.value), known.value)
    means = {item: value.mean(where=known.factor == item) for item in WATER_ITEMS}
    means["ph"] = -means["ph"].log10()
    return known.group_by("station").agg(times=known.time.nunique(), **means).order_by("station")


@_named("water")
def water_latest() -> ir.Table:
    """Oldest and newest stamp of any reading of surface water."""
    rows = _lake("water_time")
    return rows.agg(oldest=rows.time.min(), newest=rows.time.max())


def _water(table: ir.Table) -> ir.Table:
    return table.filter(table.period == "4h")


@_named("forecasts")
def forecast_rows() -> ir.Table:
    """Numbers of one issue: month, issue, kind, grain, levels, places, items, models (the last four: NULL for all)."""
    rows = _lake("forecast")
    rows = rows.filter(rows.month == _parameter("month", "string"), rows.issue == _parameter("issue", "string"))
    rows = rows.filter(rows.kind == _parameter("kind", "string"), rows.grain == _parameter("grain", "string"))
    for column in ("level", "place", "item", "model"):
        rows = rows.filter(_chosen(rows[column], f"{column}s"))
    return rows.drop("month", "issue", "kind", "grain").order_by("level", "place", "item", "model", "lead")


@_named("forecasts")
def forecast_driver_rows() -> ir.Table:
    """What drove the forecasts of one issue: month, issue, places (NULL for all)."""
    rows = _lake("forecast_driver")
    rows = rows.filter(rows.month == _parameter("month", "string"), rows.issue == _parameter("issue", "string"))
    rows = rows.filter(_chosen(rows.place, "places"))
    return rows.drop("month", "issue", "issued_at").order_by("level", "place", "item", "lead", "group")


@_named("forecasts")
def outlook_rows() -> ir.Table:
    """Outlooks of one issue: month, issue."""
    rows = _lake("outlook")
    rows = rows.filter(rows.month == _parameter("month", "string"), rows.issue == _parameter("issue", "string"))
    return rows.drop("month", "issue").order_by("place", "item", "first", "last", "model")


@_named("forecasts")
def forecast_pairs() -> ir.Table:
    """What was told of days of the air beside what came: first_month, last_month (of the issues), level, item, places
    (NULL for all)."""
    rows = _of_months(_lake("forecast_pair"))
    for column in ("level", "item"):
        rows = rows.filter(rows[column] == _parameter(column, "string"))
    rows = rows.filter(_chosen(rows.place, "places"))
    return rows.drop("month", "level", "item").order_by("issue", "place", "lead")


@_named("forecasts")
def forecast_score_rows() -> ir.Table:
    """Sums of scores by month of issues, place, model and lead: first_month, last_month (of the issues), kind, grain,
    level, item, places, models (the last two: NULL for all)."""
    rows = _of_months(_lake("forecast_score"))
    for column in ("kind", "grain", "level", "item"):
        rows = rows.filter(rows[column] == _parameter(column, "string"))
    rows = rows.filter(_chosen(rows.place, "places"), _chosen(rows.model, "models"))
    return rows.drop("kind", "grain", "level", "item").order_by("month", "place", "model", "lead")


@_named("machines")
def machine_track() -> ir.Table:
    """Positions of a machine, newest first: machine."""
    rows = _lake("track").filter(lambda table: table.machine == _parameter("machine", "string"))
    return rows.select("time", "lon", "lat").order_by(ibis.desc("time"))


@_named("operations")
def quarantine_rows() -> ir.Table:
    """Rows that could not be taken in, with the reason: import_id (or NULL for all), limit."""
    table = _lake("quarantine")
    wanted = _parameter("import_id", "string")
    return table.filter(wanted.isnull() | (table.import_id == wanted)).order_by(
        ibis.desc("import_id"), "file", "line", "column"
    )


@ibis.udf.scalar.builtin(name="epoch_us", signature=((_INSTANT,), "int64"))
def _microseconds(time) -> ir.IntegerValue:
    """Since 1970. A cast to local time would ask the time-zone library for each row."""


def _beijing_hour(time: ir.TimestampValue) -> ir.IntegerValue:
    """Number of the Beijing hour that a stamp ends, since 1970-01-01; by 24 it gives the day and the hour in it."""
    return (_microseconds(time) - 1 + 8 * 3_600_000_000) // 3_600_000_000
