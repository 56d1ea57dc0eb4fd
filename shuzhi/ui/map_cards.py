"""Cards of the page 环境一张图 besides the air station's: section, source, machine, place, several at one place."""

import pandas as pd

from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.i18n import _
from shuzhi.maps import tiles
from shuzhi.maps.search import KINDS
from shuzhi.registry import machines, places, sources
from shuzhi.registry.names import name
from shuzhi.status import water_overview, water_words
from shuzhi.store.selection import Selection, visible
from shuzhi.ui import machines as machine_view
from shuzhi.ui import map_layers, state, water_marks, widgets
from shuzhi.ui import sources as source_view
from shuzhi.ui.markup import Html, join, tag

OPENED = ("station", "section", "source", "machine", "place", "cell")
"""Parameters of the URL that open a card; one at a time."""
PARAMETER = {"sources": "source", "machines": "machine"}
LAYER = {"section": "water", "source": "sources", "machine": "machines"}
"""Layer in which a thing lies."""
_HERE = 0.00004
"""Degrees around a position within which things count as being there: some metres."""
_LISTED = 30


def open_card(thing: str) -> None:
    """Write what was clicked or found into the URL, in place of what was open."""
    kind, _colon, code = thing.partition(":")
    state.set_url(**(dict.fromkeys(OPENED) | {PARAMETER.get(kind, kind): code}))


def close() -> None:
    """No card."""
    state.set_url(**dict.fromkeys(OPENED))


def opened() -> tuple[str, str] | None:
    """What the URL opens: parameter and code."""
    return next(((kind, state.url(kind)) for kind in OPENED if state.url(kind)), None)


@state.shared(max_entries=256)
def position(key: tuple, kind: str, code: str, _ctx: state.Context) -> tuple[float, float] | None:
    """Where a thing stands; None where that is unknown, or it is an area."""
    if kind == "section":
        row = map_layers.sections(key, _ctx).get(code)
        return (row["lon"], row["lat"]) if row else None
    if kind == "cell":
        place = _place_of(code)
        return place[1:] if place else None
    if kind not in ("source", "machine"):
        return None
    find = sources.source if kind == "source" else machines.machine
    try:
        row = find(_ctx.home, _ctx.scope, code)
    except (NotFoundError, ScopeError):
        return None
    return None if pd.isna(row["lon"]) else (float(row["lon"]), float(row["lat"]))


def card(ctx: state.Context, kind: str, code: str, at: pd.Timestamp) -> Html:
    """The card of anything but an air station."""
    if kind == "section":
        return section(ctx.key, code, at, ctx.lang, ctx)
    if kind == "source":
        return source_view.card(ctx.key, code, ctx.lang, ctx)
    if kind == "machine":
        return machine_view.card(ctx.key, code, ctx.lang, ctx)
    return place(ctx.key, code, ctx.lang, ctx) if kind == "place" else cell(ctx.key, code, ctx.lang, ctx)


@state.shared(max_entries=128)
def section(key: tuple, code: str, at: pd.Timestamp, lang: str, _ctx: state.Context) -> Html:
    """A section: its class at the hour of the map, what decides it, its target, when it was measured."""
    register, _city = water_overview.watched(_ctx.home, _ctx.scope)
    row = register[register["code"] == code]
    if row.empty:
        return _nothing(code)
    found = water_overview.now(_ctx.home, _ctx.scope, at, row).iloc[0]
    return join([_section_head(found), *_section_state(found)])


def _section_head(row: pd.Series) -> Html:
    title = join([tag("h2", row["name"]), tag("span", row["code"])])
    place = [part for part in (row["river"], row["district"]) if isinstance(part, str)]
    return join(
        [
            tag("div", title, class_="sz-card-title"),
            tag("div", join(tag("span", part) for part in place), class_="sz-card-place"),
        ]
    )


def _section_state(row: pd.Series) -> list[Html]:
    if not row["water_class"]:
        return [tag("p", _("这个断面在此前 12 小时没有可评价的读数。"), class_="sz-note")]
    deciding = water_words.items_text(row["deciding"]) if isinstance(row["deciding"], str) else ""
    target = None if pd.isna(row["target_class"]) else int(row["target_class"])
    met = _("达到目标") if target and row["water_class"] <= target else _("未达目标")
    index = [tag("div", water_marks.chip(row["water_class"]))]
    index += [tag("div", met, class_="sz-note")] if target else []
    facts = [
        (_("定类项目"), deciding or "–"),
        (_("目标类别"), water_words.class_name(target) if target else _("没有")),
        (_("读数时间"), row["time"].tz_convert("Asia/Shanghai").strftime("%Y-%m-%d %H:%M")),
    ]
    return [tag("div", join(index), class_="sz-card-index"), widgets.facts(facts)]


@state.shared(max_entries=128)
def place(key: tuple, code: str, lang: str, _ctx: state.Context) -> Html:
    """A place: what it is, who manages it, what stands in it."""
    kind, _colon, called = code.partition(":")
    try:
        features = places.layer(_ctx.home, _ctx.scope, kind)["features"]
    except NotFoundError:
        return _nothing(code)
    found = [feature["properties"] for feature in features if feature["properties"]["name"] == called]
    if not found:
        return _nothing(called)
    told = found[0]
    title = told["name_en"] if lang == "en" and told["name_en"] else told["name"]
    units = source_view.units(key, lang, _ctx)
    where = [
        (label, units.get(told[field], told[field]))
        for label, field in ((_("管理单位"), "unit"), (_("所在"), "parent"))
    ]
    facts = [*where, *_within(kind, called, _ctx), *_forbids(told)]
    shown = [(label, text) for label, text in facts if text]
    mark = tag("span", _("示意"), class_="sz-mark") if told["schematic"] else ""
    head = join([tag("h2", title), tag("span", join([_(KINDS.get(kind, kind)), " ", mark]))])
    return join([tag("div", head, class_="sz-card-title"), widgets.facts(shown) if shown else ""])


def _within(kind: str, called: str, ctx: state.Context) -> list[tuple]:
    """How many sources and machines stand in a place, each the way to their list."""
    by = {"district": "district", "zone": "unit", "street": "street"}.get(kind)
    lines = []
    if by:
        chosen = Selection.of(**{by: [called]})
        lines.append((_("污染源"), _listed(ctx, "sources", chosen, {by: called})))
    if kind in ("district", "zone", "lez"):
        by = "zone" if kind == "lez" else "unit"
        lines.append((_("移动机械"), _listed(ctx, "machines", Selection.of(**{by: [called]}), {by: called})))
    return lines


def _listed(ctx: state.Context, register: str, chosen: Selection, query: dict) -> Html | None:
    if not visible(register, ctx.scope):
        return None
    counted = tiles.counts(ctx.home, ctx.scope, register, chosen)
    total = int(counted["n"] + counted["unplaced"])
    return tag("a", f"{total:,}", href=state.link(register, **query), target="_self") if total else None


def _forbids(told: dict) -> list[tuple]:
    stages = told["attributes"].get("forbidden_stages") or []
    return [(_("禁用"), _("、").join(name("stages", stage) for stage in stages))] if stages else []


@state.shared(max_entries=64)
def cell(key: tuple, code: str, lang: str, _ctx: state.Context) -> Html:
    """Several rows of a register at one position."""
    place = _place_of(code)
    if place is None:
        return _nothing(code)
    register, lon, lat = place
    if not visible(register, _ctx.scope):
        return _nothing(code)
    corners = [(lon + east * _HERE, lat + north * _HERE) for east, north in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    chosen = Selection.of(polygon=corners)
    module = sources if register == "sources" else machines
    found = module.search(_ctx.home, _ctx.scope, chosen, limit=_LISTED)
    title = _("此处 {n} 个污染源") if register == "sources" else _("此处 {n} 台机械")
    head = tag("div", tag("h2", title.format(n=f"{found.count:,}")), class_="sz-card-title")
    lines = (_line(register, row) for row in found.rows.to_dict("records"))
    return join([head, tag("ul", join(lines), class_="sz-card-list")])


def _line(register: str, row: dict) -> Html:
    opened = {**dict.fromkeys(OPENED), PARAMETER[register]: row["id"]}
    called = row["name"] if register == "sources" else row["id"]
    kind = name("permit_classes", row["permit_class"]) if register == "sources" else name("machine_types", row["type"])
    link = tag("a", called, href=state.link("map", **opened), target="_self")
    return tag("li", join([link, " ", tag("span", kind, class_="sz-muted")]))


def _place_of(code: str) -> tuple[str, float, float] | None:
    """Register and position of ``sources:104.06,30.66``."""
    register, _colon, position = code.partition(":")
    try:
        lon, lat = (float(part) for part in position.split(","))
    except ValueError:
        return None
    return (register, lon, lat) if register in PARAMETER and abs(lon) <= 180 and abs(lat) <= 85 else None


def _nothing(code: str) -> Html:
    return tag("p", _("没有找到“{code}”，它可能已不在登记册中。").format(code=code[:60]), class_="sz-note")
