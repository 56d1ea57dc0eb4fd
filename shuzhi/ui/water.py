"""What the page 水环境 knows: the city's water, its map, one section; loaded once for a version of the home."""

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
import pandas as pd

from shuzhi.charts import water as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _, when
from shuzhi.maps import labels, layers
from shuzhi.maps import water as maps
from shuzhi.registry import places, rivers
from shuzhi.settings import BEIJING
from shuzhi.standards import water as law
from shuzhi.status import water as status
from shuzhi.status import water_overview as overview
from shuzhi.status.water_overview import Overview
from shuzhi.ui import city_map, picking, state
from shuzhi.ui.markup import Html

SPANS = (7, 30, 90)
"""Days of a section that the chart can show."""


@dataclass(frozen=True)
class Filters:
    """Which sections map and table show; None or empty: all."""

    district: str | None = None
    river: str | None = None
    classes: tuple[int, ...] = ()
    unmet: bool = False

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows that pass."""
        kept = np.ones(len(table), bool)
        for column, wanted in (("district", self.district), ("river", self.river)):
            if wanted:
                kept &= (table[column] == wanted).to_numpy()
        if self.classes:
            kept &= table["water_class"].isin(self.classes).to_numpy()
        if self.unmet:
            kept &= (table["meets"] == False).fillna(False).to_numpy(bool)  # noqa: E712  (NA is not "not met")
        return table if kept.all() else table[kept]


@state.shared(max_entries=4)
def latest_time(key: tuple, _ctx: state.Context) -> pd.Timestamp | None:
    """Newest stamp of any reading (Beijing)."""
    latest = status.latest_time(_ctx.home, _ctx.scope)
    return None if latest is None else latest.tz_convert(BEIJING)


@state.shared(max_entries=32)
def load(key: tuple, at: pd.Timestamp, basis: str, _ctx: state.Context) -> Overview | None:
    """The city's water at a moment."""
    return overview.overview(_ctx.home, _ctx.scope, at, basis)


@state.shared(max_entries=4)
def codes(key: tuple, _ctx: state.Context) -> frozenset[str]:
    """Codes of the sections that the page speaks of."""
    return frozenset(overview.watched(_ctx.home, _ctx.scope)[0]["code"])


@state.shared(max_entries=4)
def rivers_of(key: tuple, _ctx: state.Context) -> list[str]:
    """Rivers and lakes that sections lie in, in order."""
    return sorted(overview.watched(_ctx.home, _ctx.scope)[0]["river"].dropna().unique())


@state.shared(max_entries=256)
def row(key: tuple, code: str, at: pd.Timestamp, basis: str, _ctx: state.Context) -> dict:
    """One section's row of the city's table."""
    table = load(key, at, basis, _ctx).sections
    return table.iloc[int((table["code"] == code).argmax())].to_dict()


@state.shared(max_entries=4)
def neighbours(key: tuple, _ctx: state.Context) -> pd.DataFrame:
    """The next sections up and down the rivers from each; indexed by code (see `registry.rivers.neighbours`)."""
    register = overview.watched(_ctx.home, _ctx.scope)[0]
    flowing = register[~register["lake"]]
    network = rivers.network(_ctx.home, _ctx.scope)
    return rivers.neighbours(network, flowing).set_index("section")


@state.shared(max_entries=8)
def districts(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """Districts and zones that sections lie in, and how they are called in the language of the page."""
    register = overview.watched(_ctx.home, _ctx.scope)[0]
    return {name: place_name(key, name, lang, _ctx) for name in sorted(register["district"].dropna().unique())}


def place_name(key: tuple, name: str | None, lang: str, ctx: state.Context) -> str:
    """A district, zone or river in the language of the page; an en dash where it is not known."""
    if not isinstance(name, str):
        return "–"
    return _english(key, ctx).get(name, name) if lang == "en" else name


@state.shared(max_entries=4)
def _english(key: tuple, _ctx: state.Context) -> dict[str, str]:
    """English names of districts, zones and rivers."""
    layer = places.layer(_ctx.home, _ctx.scope, "zone")
    zones = {p["name"]: p["name_en"] for p in (feature["properties"] for feature in layer["features"]) if p["name_en"]}
    names = {name: labels.short(english) for name, english in city_map.districts(key, _ctx).items()}
    flowing = places.layer(_ctx.home, _ctx.scope, "river")
    streams = {p["name"]: p["name_en"] for p in (one["properties"] for one in flowing["features"]) if p["name_en"]}
    return names | zones | streams


@state.shared(max_entries=64)
def deck_json(
    key: tuple,
    at: pd.Timestamp,
    basis: str,
    filters: Filters,
    selected: str | None,
    lang: str,
    dark: bool,
    _ctx: state.Context,
) -> str:
    """The map of the sections that the filters let through, as deck.gl's JSON."""
    rows = _rows(key, at, basis, filters, lang, _ctx)
    return maps.deck(tokens(dark), _frame(key, lang, dark, _ctx), rows, selected)


@state.shared(max_entries=8)
def _frame(key: tuple, lang: str, dark: bool, _ctx: state.Context) -> maps.Frame:
    """The map without its sections."""
    return maps.frame(tokens(dark), ground(key, lang, _ctx))


@state.shared(max_entries=32)
def _rows(key: tuple, at: pd.Timestamp, basis: str, filters: Filters, lang: str, _ctx: state.Context) -> list[dict]:
    """Rows of the map, whichever section is chosen on it."""
    return maps.rows_of(filters.of(load(key, at, basis, _ctx).sections), lang)


@state.shared(max_entries=8)
def ground(key: tuple, lang: str, _ctx: state.Context) -> layers.Ground:
    """The base layers, with names placed beside the sections."""
    points = overview.watched(_ctx.home, _ctx.scope)[0][["lon", "lat"]].dropna().to_numpy(float)
    return layers.ground(_ctx.home, _ctx.scope, lang, points)


@state.shared(max_entries=64)
def readings(key: tuple, code: str, end: pd.Timestamp, days: int, _ctx: state.Context) -> pd.DataFrame:
    """Readings and classes of a section in the days up to ``end``."""
    return status.classes(_ctx.home, _ctx.scope, end - pd.Timedelta(days=days), end, [code])


def months(key: tuple, code: str, end: pd.Timestamp, ctx: state.Context) -> dict[str, dict]:
    """Classes of a section by month, of the year of ``end`` up to its month and the one before, by month
    (``YYYY-MM``)."""
    last = end.tz_convert(BEIJING).strftime("%Y-%m")
    found = _months(key, end.tz_convert(BEIJING).year, ctx).get(code, [])
    return {row["month"]: row for row in found if row["month"] <= last}


_OF_MONTHS = ["month", "times", "water_class", "deciding", "missing"]


@state.shared(max_entries=4)
def _months(key: tuple, year: int, _ctx: state.Context) -> dict[str, list[dict]]:
    """The same of all sections, read once: one section's costs a third of it."""
    first = pd.Timestamp(year - 1, 1, 1, tz=BEIJING)
    last = min(latest_time(key, _ctx), pd.Timestamp(year + 1, 1, 1, tz=BEIJING))
    table = status.months(_ctx.home, _ctx.scope, first, last)
    found = defaultdict(list)
    for code, one in zip(table["station"], table[_OF_MONTHS].to_dict("records"), strict=True):
        found[code].append(one)
    return found


@state.shared(max_entries=128)
def series(
    key: tuple,
    code: str,
    item: str,
    end: pd.Timestamp,
    days: int,
    body: str,
    lang: str,
    dark: bool,
    scale: float,
    _ctx: state.Context,
) -> dict:
    """Vega-Lite of one item of a section."""
    table = readings(key, code, end, days, _ctx)
    start = end - pd.Timedelta(days=days)
    return charts.series(table, item, start, end, tokens(dark), body=body, scale=scale, height=250)


@state.shared(max_entries=256)
def items(key: tuple, code: str, end: pd.Timestamp, days: int, _ctx: state.Context) -> tuple[str, ...]:
    """Items that the section measured in the days shown; the five of the class where it measured none."""
    table = readings(key, code, end, days, _ctx)
    return tuple(item for item in charts.ITEMS if table[item].notna().any()) or law.AUTOMATIC


def basis_text(seen: Overview) -> str:
    """What the classes are made of."""
    if seen.basis == "now":
        return _("实时类别，由未修约的最近读数评价")
    return _("{span}均值评价").format(span=span_text(seen))


def span_text(seen: Overview) -> str:
    """11月1日—25日, the span of the means."""
    first, last = seen.start.tz_convert(BEIJING), (seen.end - pd.Timedelta(microseconds=1)).tz_convert(BEIJING)
    if first.date() == last.date():
        return when(first, _("M月d日"))
    if first.month == last.month:
        return when(last, _("M月{first}日—d日").format(first=first.day))
    return _("{first}—{last}").format(first=when(first, _("M月d日")), last=when(last, _("M月d日")))


def first_item(row: dict, known: tuple[str, ...]) -> str:
    """The item that the chart begins with: what decides the class, else phosphorus."""
    symbols = {law.SYMBOLS[item]: item for item in law.AUTOMATIC}
    deciding = [symbols.get(symbol) for symbol in row["now_deciding"].split(";")]
    return next((item for item in (*deciding, "tp") if item in known), known[0])


def pick(text, **chosen) -> Html:
    """A link on this page that chooses a section, a river or a district."""
    ((key, value),) = chosen.items()
    return picking.link(text, f"{key}={value}", f"water?{key}={quote(value)}")
