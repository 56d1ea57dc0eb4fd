"""Weather as it was forecast (气象预报): issues, what they say, and how far they were from what came.

A number of an issue is valid for the period that ends at its time, as a reading is. Nothing here uses an issue that was
made later than the caller says.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from shuzhi.settings import BEIJING
from shuzhi.standards.days import beijing_day
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import beijing_month, day_span, months_between

DATASET = "weather"

DIRECTIONS = {"wind_direction": "wind_speed", "wind_direction_max": "wind_speed_max"}
"""Directions [°] and the speeds that they belong to: averaged as vectors, compared the short way round."""

SUMS = ("precipitation", "sunshine")
"""Factors that a longer period sums up; of the others it holds the mean."""

EXTREMES = {
    "temperature_max": ("temperature", "max"),
    "temperature_min": ("temperature", "min"),
    "humidity_min": ("humidity", "min"),
    "wind_speed_max": ("wind_speed", "max"),
}
"""Daily factors that are extremes of others. Of three-hourly means they are a little too mild."""

DAY_HOURS = 20
"""Hours of a day that must be known for a daily value, as HJ 663 asks it of air."""

HOURS = {"1h": 1, "3h": 3, "1d": 24}
"""Lengths of the periods."""

_EVER = ("0000-01", "9999-12")
_KEYS = ("station", "time", "period")


def issues(
    home: Home, scope: Scope, first: dt.date | None = None, last: dt.date | None = None, product: str | None = None
) -> pd.DataFrame:
    """Issues of weather forecasts, the newest first.

    Parameters
    ----------
    first, last : date, optional
        Beijing days on which they were made, both included; the 00:00 that ends a day belongs to it.
    product : str, optional
        Only of this product.

    Returns
    -------
    DataFrame
        product, issued_at (UTC), first and last (times that it is valid for), stations (how many), rows.
    """
    first_month, last_month = (f"{first:%Y-%m}" if first else _EVER[0]), (f"{last:%Y-%m}" if last else _EVER[1])
    found = home.engine.run("weather_forecast_issues", scope, first_month=first_month, last_month=last_month)
    days = beijing_day(found["issued_at"]) if len(found) else np.empty(0, dtype="M8[D]")
    wanted = np.ones(len(found), dtype=bool)
    if first is not None:
        wanted &= days >= np.datetime64(first)
    if last is not None:
        wanted &= days <= np.datetime64(last)
    if product is not None:
        wanted &= (found["product"] == product).to_numpy()
    return found[wanted].reset_index(drop=True)


def products(home: Home, scope: Scope, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
    """Products of weather forecasts, the one with the newest issue first: product, issues (how many), newest (UTC).

    Parameters
    ----------
    as_of : tz-aware Timestamp, optional
        Only of issues that were made by then.
    """
    found = issues(home, scope, last=None if as_of is None else as_of.tz_convert(BEIJING).date())
    found = found if as_of is None else found[found["issued_at"] <= as_of]
    table = found.groupby("product").agg(issues=("issued_at", "size"), newest=("issued_at", "max")).reset_index()
    return table.sort_values(["newest", "product"], ascending=[False, True], ignore_index=True)


def path(
    home: Home,
    scope: Scope,
    issued_at: pd.Timestamp,
    product: str | None = None,
    stations: Sequence[str] | None = None,
) -> pd.DataFrame:
    """What an issue says of each station, by valid time.

    Parameters
    ----------
    issued_at : tz-aware Timestamp
        As from `issues`, or ``newest`` of `products`.
    product : str, optional
        By default the first one, by name, that has this issue.
    stations : sequence of str, optional
        Codes; all by default.

    Returns
    -------
    DataFrame
        issued_at, station, time (UTC, end of the period), period ('1h', '3h', '1d'), lead (hours to that end), and a
        column for each factor, units of ``data/standards/factors.csv``. Empty where there is no such issue.
    """
    if product is None:
        day = issued_at.tz_convert(BEIJING).date()
        found = issues(home, scope, day, day)
        found = found[found["issued_at"] == issued_at]
        product = "" if found.empty else found["product"].iloc[0]
    return _wide(_rows(home, scope, product, issued_at, issued_at, stations))


def paths(
    home: Home, scope: Scope, first: dt.date, last: dt.date, product: str, stations: Sequence[str] | None = None
) -> pd.DataFrame:
    """What the issues of a product say that were made on the Beijing days `first` … `last`; columns as from `path`."""
    return _wide(_rows_of_days(home, scope, product, first, last, stations))


def observed(
    home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp, stations: Sequence[str] | None = None
) -> pd.DataFrame:
    """Weather as it was measured, stamps with start < time <= end: station, time, period and a column a factor."""
    return _spread(_readings(home, scope, start, end, stations), _KEYS)


def day_values(rows: pd.DataFrame, by: Sequence[str] = ("station",)) -> pd.DataFrame:
    """Daily values of hourly and three-hourly ones; days that are told as days stay as they are told. Three hours over
    midnight count by their hours in both days.

    Readings of the hours that are over may be put before a forecast of those to come: together they make today.

    Parameters
    ----------
    rows : DataFrame
        station, time (end), period and factors, as from `path` and `observed`.
    by : sequence of str
        What the days are of; ``("issued_at", "station")`` for several issues.

    Returns
    -------
    DataFrame
        The columns `by`, day (Beijing), and the factors: means weighted by the length of the period, sums of
        `SUMS`, the `EXTREMES`, directions as those of the mean vector of the wind, ``wind_direction_max`` as that of
        the strongest wind. NaN where less than `DAY_HOURS` hours are known.
    """
    factors = _factors(rows)
    rows, keys = _by_day(rows), [*by, "day"]
    whole = rows["period"] == "1d"
    told = rows[whole].set_index(keys)[factors]
    made = _summed_up(rows[~whole].reset_index(drop=True), factors, keys)
    return told.combine_first(made)[_ordered([*told, *made])].reset_index()


def errors(
    home: Home,
    scope: Scope,
    first: dt.date,
    last: dt.date,
    product: str | None = None,
    stations: Sequence[str] | None = None,
) -> pd.DataFrame:
    """How far the issues of some days were from what was measured since.

    Hours are held against hours, three hours against their mean or sum, where all three were measured, days against
    days; directions the short way round.

    Parameters
    ----------
    first, last : date
        Beijing days on which the issues were made, both included.
    product : str, optional
        By default the one with the newest issue.

    Returns
    -------
    DataFrame
        factor, period, lead (days: 1 for the first 24 hours …), n, bias (forecast less measured), mae, rmse; units of
        the factor.
    """
    columns = ["factor", "period", "lead", "n", "bias", "mae", "rmse"]
    if product is None:
        known = products(home, scope)
        if known.empty:
            return pd.DataFrame(columns=columns)
        product = known["product"].iloc[0]
    told = _rows_of_days(home, scope, product, first, last, stations)
    pairs = _beside(home, scope, told)
    if pairs.empty:
        return pd.DataFrame(columns=columns)
    error = _difference(pairs)
    lead = np.ceil((pairs["time"] - pairs["issued_at"]) / pd.Timedelta(days=1)).astype(int)
    parts = pairs[["factor", "period"]].assign(lead=lead, error=error, size=error.abs(), square=error**2)
    found = parts.groupby(["factor", "period", "lead"], observed=True).agg(
        n=("error", "size"), bias=("error", "mean"), mae=("size", "mean"), rmse=("square", "mean")
    )
    return found.assign(rmse=np.sqrt(found["rmse"])).reset_index()[columns]


def _rows_of_days(home, scope, product, first, last, stations) -> pd.DataFrame:
    start, end = day_span(first, last)
    return _rows(home, scope, product, start + pd.Timedelta(seconds=1), end, stations)


def _rows(home: Home, scope: Scope, product: str, first: pd.Timestamp, last: pd.Timestamp, stations) -> pd.DataFrame:
    """Numbers of the issues made from `first` to `last`, long."""
    months = beijing_month(pd.DatetimeIndex([first, last]))
    return home.engine.run(
        "weather_forecast_rows",
        scope,
        product=product,
        first_issue=first.to_pydatetime(),
        last_issue=last.to_pydatetime(),
        first_month=str(months[0]),
        last_month=str(months[1]),
        stations=None if stations is None else list(stations),
    )


def _readings(home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp, stations) -> pd.DataFrame:
    first_month, last_month = months_between(start, end)
    return home.engine.run(
        "weather_hours",
        scope,
        start=start.to_pydatetime(),
        end=end.to_pydatetime(),
        first_month=first_month,
        last_month=last_month,
        stations=None if stations is None else list(stations),
    )


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    table = _spread(rows, ("issued_at", *_KEYS))
    hours = ((table["time"] - table["issued_at"]) / pd.Timedelta(hours=1)).astype(int)
    table.insert(table.columns.get_loc("period") + 1, "lead", hours)
    return table


def _spread(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Long rows as one column a factor."""
    keys = list(keys)
    place = rows.groupby(keys, sort=True).ngroup().to_numpy()
    table = rows[keys].iloc[np.unique(place, return_index=True)[1]].reset_index(drop=True)
    codes, names = pd.factorize(rows["factor"])
    values = np.full((len(table), len(names)), np.nan)
    values[place, codes] = rows["value"]
    return pd.concat([table, pd.DataFrame(values, columns=list(names))[_ordered(names)]], axis=1)


def _ordered(names) -> list[str]:
    return sorted(set(names))


def _factors(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows if name not in (*_KEYS, "issued_at", "lead", "product")]


def _by_day(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their day and their ``hours`` in it; those over midnight are there for both days."""
    if rows.empty:
        return rows.assign(day=np.empty(0, dtype="M8[s]"), hours=0.0)
    days, length = beijing_day(rows["time"]), rows["period"].map(HOURS).to_numpy(float)
    midnight = pd.DatetimeIndex(days).tz_localize(BEIJING)
    since = ((pd.DatetimeIndex(rows["time"]) - midnight) / pd.Timedelta(hours=1)).to_numpy()
    both = rows.assign(day=days, hours=np.minimum(length, since))
    before = rows.assign(day=days - np.timedelta64(1, "D"), hours=length - since)
    return pd.concat([both, before[length > since]], ignore_index=True)


def _summed_up(rows: pd.DataFrame, factors: list[str], keys: list[str]) -> pd.DataFrame:
    """Values of the groups of rows, by their hours."""
    length = rows["hours"].to_numpy(float)
    share = length / rows["period"].map(HOURS).to_numpy(float)
    groups = rows.groupby(keys, sort=True)
    place, index = groups.ngroup().to_numpy(), groups.size().index
    found = {}
    for name in factors:
        value = rows[name].to_numpy(float)
        known = np.isfinite(value)
        hours = np.bincount(place, length * known, len(index))
        if name in DIRECTIONS:
            found[name] = _mean_direction(rows, name, place, length, len(index))
        elif name in SUMS:
            found[name] = np.bincount(place, np.where(known, value, 0) * share, len(index))
        else:
            total = np.bincount(place, np.where(known, value, 0) * length, len(index))
            found[name] = total / np.where(hours > 0, hours, np.nan)
        found[name] = np.where(hours >= DAY_HOURS, found[name], np.nan)
    found |= _extremes(rows, groups, found)
    return pd.DataFrame(found, index=index)


def _mean_direction(rows: pd.DataFrame, name: str, place: np.ndarray, length: np.ndarray, count: int) -> np.ndarray:
    """Direction of the mean vector; where no speeds are told, all count alike."""
    angle = np.deg2rad(rows[name].to_numpy(float))
    speed = rows[DIRECTIONS[name]].to_numpy(float) if DIRECTIONS[name] in rows else np.ones(len(rows))
    weight = np.where(np.isfinite(angle) & np.isfinite(speed), speed * length, 0)
    east, north = (np.bincount(place, weight * np.nan_to_num(part(angle)), count) for part in (np.sin, np.cos))
    calm = np.hypot(east, north) < 1e-9
    return np.where(calm, np.nan, np.degrees(np.arctan2(east, north)) % 360)


def _extremes(rows: pd.DataFrame, groups, means: dict) -> dict[str, np.ndarray]:
    """Extremes of the days whose means are known."""
    found = {}
    for name, (of, kind) in EXTREMES.items():
        if of in means:
            found[name] = np.where(np.isfinite(means[of]), getattr(groups[of], kind)().to_numpy(float), np.nan)
    if "wind_direction" in means and "wind_speed" in means:
        strongest = rows["wind_speed"].where(rows["wind_direction"].notna(), -1.0).fillna(-1.0)
        at = strongest.groupby(groups.ngroup()).idxmax().to_numpy()
        direction = rows["wind_direction"].to_numpy(float)[at]
        found["wind_direction_max"] = np.where(np.isfinite(found["wind_speed_max"]), direction, np.nan)
    return found


def _beside(home: Home, scope: Scope, told: pd.DataFrame) -> pd.DataFrame:
    """Numbers that were told beside what was measured in the same period, long, with a column ``measured``."""
    if told.empty:
        return told.assign(measured=np.nan)
    start, end = told["time"].min() - pd.Timedelta(days=1), told["time"].max()
    seen = _readings(home, scope, start, end, told["station"].unique().tolist())
    measured = pd.concat([_measured(seen, period) for period in told["period"].unique()])
    pairs = told.merge(measured.rename(columns={"value": "measured"}), on=[*_KEYS, "factor"])
    return pairs[pairs["measured"].notna()].reset_index(drop=True)


def _measured(seen: pd.DataFrame, period: str) -> pd.DataFrame:
    """Readings as of one period, long: station, time, period, factor, value."""
    hours = seen[seen["period"] == "1h"]
    if period == "1h" or seen.empty:
        return hours
    if period == "3h":
        return _long(_three_hours(_spread(hours, _KEYS)).assign(period="3h"), _KEYS)
    days = day_values(_spread(seen, _KEYS))
    ends = pd.DatetimeIndex(days["day"]).tz_localize(BEIJING).tz_convert("UTC") + pd.Timedelta(days=1)
    return _long(days.drop(columns="day").assign(time=ends.as_unit("us"), period="1d"), _KEYS)


def _three_hours(hours: pd.DataFrame) -> pd.DataFrame:
    """Means and sums of each three hours in a row that were measured whole, stamped with their end."""
    if hours.empty:
        return hours
    step = pd.Timedelta(hours=1)
    times = pd.date_range(hours["time"].min(), hours["time"].max(), freq="h")
    place, stations = pd.factorize(hours["station"], sort=True)
    row = ((hours["time"] - times[0]) // step).to_numpy()
    cells, found = (len(times), len(stations)), {}
    components = {name: _grid(hours[name], row, place, cells) for name in _factors(hours)}
    for name, grid in components.items():
        if name not in DIRECTIONS:
            found[name] = _of_three(grid) * (3 if name in SUMS else 1)
            continue
        angle, speed = np.deg2rad(grid), components.get(DIRECTIONS[name], np.ones(cells))
        east, north = _of_three(speed * np.sin(angle)), _of_three(speed * np.cos(angle))
        found[name] = np.degrees(np.arctan2(east, north)) % 360
    table = pd.DataFrame({name: grid.ravel() for name, grid in found.items()})
    table.insert(0, "time", times.repeat(len(stations)))
    table.insert(0, "station", np.tile(np.asarray(stations, dtype=object), len(times)))
    return table


def _grid(values: pd.Series, row: np.ndarray, place: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    grid = np.full(cells, np.nan)
    grid[row, place] = values
    return grid


def _of_three(grid: np.ndarray) -> np.ndarray:
    """Mean of each row and the two before; NaN where one is missing."""
    mean = np.full_like(grid, np.nan)
    mean[2:] = (grid[2:] + grid[1:-1] + grid[:-2]) / 3
    return mean


def _long(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    return table.melt(list(keys), var_name="factor").dropna(subset="value")


def _difference(pairs: pd.DataFrame) -> pd.Series:
    """Forecast less measured; of directions the short way round, from −180 to 180."""
    difference = pairs["value"] - pairs["measured"]
    round_ = pairs["factor"].isin(DIRECTIONS)
    return difference.where(~round_, (difference + 180) % 360 - 180)
