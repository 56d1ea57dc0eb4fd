"""What the page 趋势预测 knows: an issue, a place of it, what was measured there; loaded once for a version of the
home."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
import pandas as pd

from shuzhi.charts import forecast as charts
from shuzhi.charts import forecast_skill
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _, when
from shuzhi.maps import labels
from shuzhi.registry import places
from shuzhi.research.forecast import held, issues, meeting, words
from shuzhi.research.forecast.held import ByPlace
from shuzhi.research.forecast.issues import Issue
from shuzhi.standards.levels import level
from shuzhi.status import station_words as station
from shuzhi.status.water_words import city_name
from shuzhi.ui import forecast_seen as past
from shuzhi.ui import picking, state
from shuzhi.ui import station as stations_view
from shuzhi.ui.markup import Html

ITEMS = ("aqi", "o3_8h", "pm25", "pm10", "no2", "so2", "co")
"""Order of the items on this page; the hourly chart of ozone is of the hour's mean."""


@dataclass(frozen=True)
class Spot:
    """A place of the forecast: ``level`` (city, district or station), its ``code`` in the tables, its name."""

    level: str
    code: str
    name: str


@state.shared(max_entries=16)
def all_issues(key: tuple, _ctx: state.Context) -> dict[str, Issue]:
    """Issues by their id, the newest first."""
    return {issue.id: issue for issue in issues.table(_ctx.home, _ctx.scope)}


@state.shared(max_entries=16)
def newest(key: tuple, _ctx: state.Context) -> Issue | None:
    """The issue that the page shows unless another one is asked for."""
    return issues.newest(_ctx.home, _ctx.scope)


@state.shared(max_entries=16)
def days(key: tuple, issue: Issue, _ctx: state.Context) -> ByPlace:
    """What is told of the days after the meeting, by level and place: as `meeting.official`."""
    home, scope = _ctx.home, _ctx.scope
    return ByPlace(meeting.official(home, scope, issue, held.days(home, scope, issue)))


@state.shared(max_entries=64)
def told(key: tuple, issue: Issue, spot: Spot, _ctx: state.Context) -> list[words.Day]:
    """The days of a place that are told, in their order."""
    return words.told(days(key, issue, _ctx)[spot.level, spot.code])


@state.shared(max_entries=16)
def all_members(key: tuple, issue: Issue, _ctx: state.Context) -> ByPlace:
    """Daily rows by all models, by level and place."""
    return held.members(_ctx.home, _ctx.scope, issue)


@state.shared(max_entries=32)
def members(key: tuple, issue: Issue, spot: Spot, _ctx: state.Context) -> pd.DataFrame:
    """Daily rows of a place by all models, and what was signed at the meeting as one more."""
    rows = all_members(key, issue, _ctx)[spot.level, spot.code]
    official = days(key, issue, _ctx)[spot.level, spot.code]
    signed = official[official["edit"].notna()]
    return rows if signed.empty else pd.concat([rows, signed[rows.columns].assign(model=meeting.FORECASTER)])


@state.shared(max_entries=16)
def all_drivers(key: tuple, issue: Issue, _ctx: state.Context) -> ByPlace:
    """What drove the days, by level and place."""
    return held.drivers(_ctx.home, _ctx.scope, issue)


def drivers(key: tuple, issue: Issue, spot: Spot, ctx: state.Context) -> pd.DataFrame:
    """What drove the days of a place; no rows where nothing was kept."""
    return all_drivers(key, issue, ctx).of(spot.level, spot.code)


@state.shared(max_entries=16)
def all_hours(key: tuple, issue: Issue, _ctx: state.Context) -> ByPlace:
    """What is told of the hours, by level and place; nothing of districts."""
    return held.hours(_ctx.home, _ctx.scope, issue)


def hours(key: tuple, issue: Issue, spot: Spot, ctx: state.Context) -> pd.DataFrame:
    """What is told of the hours of a place; no rows of a district."""
    return all_hours(key, issue, ctx).of(spot.level, spot.code)


@state.shared(max_entries=16)
def spots(key: tuple, issue: Issue, lang: str, _ctx: state.Context) -> dict[str, Spot]:
    """Places of an issue by what stands in the URL: the city (“”), its units in their order, its stations."""
    there = days(key, issue, _ctx)
    city = next((code for level_, code in there if level_ == "city"), None)
    found = {} if city is None else {"": Spot("city", city, city_name(_ctx.home.city))}
    units = places.units(_ctx.home, _ctx.scope)
    ordered = [*units["name"], *(code for level_, code in there if level_ == "district")]
    names = unit_names(key, lang, _ctx)
    for name in dict.fromkeys(ordered):
        if ("district", name) in there:
            found[name] = Spot("district", name, names.get(name, name))
    register = stations_view.register(key, _ctx)
    codes = [code for level_, code in there if level_ == "station"]
    for code in sorted(codes, key=lambda one: _station_rank(register.get(one))):
        found[code] = Spot("station", code, register[code]["name"] if code in register else code)
    return found


def _station_rank(row: dict | None) -> tuple:
    networks = list(station.NETWORKS)
    if row is None:
        return len(networks) + 1, "", ""
    network = networks.index(row["network"]) if row["network"] in networks else len(networks)
    return network, row["district"] or "", row["name"]


@state.shared(max_entries=16)
def unit_names(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """Names of the managing units in the language of the page."""
    table = places.units(_ctx.home, _ctx.scope)
    if lang != "en":
        return dict(zip(table["name"], table["name"], strict=True))
    shown = [
        labels.short(english) if english else name for name, english in zip(table.name, table.name_en, strict=True)
    ]
    return dict(zip(table["name"], shown, strict=True))


@state.shared(max_entries=16)
def picker_labels(key: tuple, issue: Issue, lang: str, _ctx: state.Context) -> dict[str, str]:
    """What the picker says of each place."""
    register = stations_view.register(key, _ctx)
    found = {}
    for value, spot in spots(key, issue, lang, _ctx).items():
        if spot.level == "city":
            found[value] = _("全市")
        elif spot.level == "station" and spot.code in register:
            found[value] = stations_view.label(register[spot.code])
        else:
            found[value] = spot.name
    return found


def day_of_sentence(issue: Issue, today: dt.date) -> dt.date:
    """The day that the answer speaks of: tomorrow, of an old issue the day after its own."""
    seen = today if today - issue.day <= dt.timedelta(days=5) else issue.day
    return max(issue.day, seen) + dt.timedelta(days=1)


def first_day(rows: pd.DataFrame) -> dt.date:
    """Day 1 of an issue."""
    return words.date_of(rows["time"].min())


def seen_days(key: tuple, issue: Issue, spot: Spot, edition: str, ctx: state.Context) -> pd.DataFrame:
    """Daily values of the place before the issue and, of an old one, over its days: as `forecast_seen.days`."""
    first = first_day(days(key, issue, ctx)[spot.level, spot.code])
    return past.days(key, first, spot.level, spot.code, edition, ctx)


def seen_hours(key: tuple, issue: Issue, spot: Spot, edition: str, ctx: state.Context) -> pd.DataFrame:
    """Hourly values of the place on the day before the issue and, of an old one, over its hours."""
    begin = hours(key, issue, spot, ctx)["time"].min() - charts.HOUR
    return past.hours(key, begin, spot.level, spot.code, edition, ctx)


def _plotted(table: pd.DataFrame, item: str, end: str = "time") -> pd.DataFrame:
    """What was measured of an item, as the chart takes it."""
    if table.empty or item not in table:
        return pd.DataFrame({"time": pd.DatetimeIndex([], tz="UTC"), "value": [], "level": []})
    value = table[item].to_numpy(float, na_value=np.nan)
    return pd.DataFrame({"time": table[end], "value": value, "level": table["level"].fillna(0).astype(int)})


def _told(table: pd.DataFrame, item: str) -> pd.DataFrame:
    """Forecast rows of an item, with the level of the AQI of their day or hour."""
    aqi, rows = table[table["item"] == "aqi"], table[table["item"] == item]
    at = pd.Index(aqi["time"]).get_indexer(rows["time"])
    return rows.assign(level=level(np.append(aqi["value"], np.nan)[at]))


@state.shared(max_entries=128)
def week_chart(
    key: tuple, issue: Issue, spot: Spot, item: str, edition: str, lang: str, dark: bool, scale: float, _ctx
) -> dict | None:
    """Vega-Lite of the days: measured and forecast; None where the item is not forecast."""
    rows = days(key, issue, _ctx)[spot.level, spot.code]
    if not (rows["item"] == item).any():
        return None
    seen = _plotted(seen_days(key, issue, spot, edition, _ctx), item, "end")
    return _fan(seen, _told(rows, item), item, charts.DAY, dark, scale, height=226)


@state.shared(max_entries=128)
def hour_chart(
    key: tuple, issue: Issue, spot: Spot, item: str, edition: str, lang: str, dark: bool, scale: float, _ctx
) -> dict | None:
    """Vega-Lite of the hours; None where they are not forecast."""
    item, rows = item.removesuffix("_8h"), hours(key, issue, spot, _ctx)
    if not (rows["item"] == item).any():
        return None
    seen = _plotted(seen_hours(key, issue, spot, edition, _ctx), item)
    return _fan(seen, _told(rows, item), item, charts.HOUR, dark, scale, height=300)


def _fan(seen: pd.DataFrame, told: pd.DataFrame, item: str, step: pd.Timedelta, dark, scale, height: int) -> dict:
    """The chart with the unit and the decimals of the item."""
    shown = {"unit": words.unit(item), "decimals": decimals(item), "scale": scale, "height": height}
    return charts.fan(seen, told, item, tokens(dark), step=step, **shown)


@state.shared(max_entries=64)
def member_chart(key: tuple, issue: Issue, spot: Spot, item: str, lang: str, dark: bool, scale: float, _ctx) -> dict:
    """Vega-Lite of all models beside what is told."""
    table = by_model(members(key, issue, spot, _ctx), item)
    series = {
        words.model_name(name): row.tolist() for name, row in zip(table.index, table.to_numpy(float), strict=True)
    }
    shown = [when(words.date_of(end), _("M月d日")) for end in table.columns]
    told = words.model_name(issues.TOLD)
    return forecast_skill.by_lead(
        series, shown, tokens(dark), told=told, decimals=decimals(item), scale=scale, height=270
    )


def by_model(rows: pd.DataFrame, item: str) -> pd.DataFrame:
    """A row a model, what is told first; a column the end of a day."""
    table = rows[rows["item"] == item].pivot(index="model", columns="time", values="value")
    order = [name for name in words.MODELS if name in table.index]
    return table.loc[[*order, *(name for name in table.index if name not in order)]]


def decimals(item: str) -> int:
    """With which an item is shown."""
    return 0 if item == "aqi" else stations_view.decimals(item)


def item_name(item: str, grain: str = "day") -> str:
    """AQI, O₃-8h; of the hour O₃."""
    return words.symbol(item if grain == "day" else item.removesuffix("_8h"))


def pick(text, value: str) -> Html:
    """A link on this page that chooses a place."""
    return picking.link(text, f"place={value}", f"forecast?place={quote(value)}")
