"""What the page 移动机械 shows, cached: counts, tables, the list, the map of what is chosen, a machine's card."""

import pandas as pd

from shuzhi.access import audit, masks
from shuzhi.i18n import N_, _, when
from shuzhi.registry import machines
from shuzhi.registry.names import head, name, names_of
from shuzhi.settings import BEIJING
from shuzhi.store.selection import Selection, visible
from shuzhi.ui import facets, state, widgets
from shuzhi.ui.markup import Html, join, tag
from shuzhi.ui.sources import units

ROWS = 50
"""Rows of one page of the list."""

SEEN = {
    "day": N_("24 小时内"),
    "week": N_("7 天内"),
    "month": N_("30 天内"),
    "older": N_("更早"),
    "never": N_("没有定位"),
}
"""Age of the last position."""

_NONE_OF_BAND = "–"
_SHOWN = ("id", "type", "stage", "power", "unit", "seen_at", "zone", "forbidden")


@state.shared(max_entries=8)
def figures(key: tuple, _ctx: state.Context) -> dict[str, int]:
    """Number of machines, seen in 24 hours, forbidden where they stand."""
    return machines.figures(_ctx.home, _ctx.scope)


def total(key: tuple, ctx: state.Context) -> int:
    """Number of today's machines."""
    return figures(key, ctx)["total"]


@state.shared(max_entries=64)
def counts(key: tuple, chosen: Selection, _ctx: state.Context) -> dict[str, dict[str, int]]:
    """How many machines each value of the filters would give."""
    return {name: values.to_dict() for name, values in machines.facets(_ctx.home, _ctx.scope, chosen).items()}


@state.shared(max_entries=64)
def found(key: tuple, chosen: Selection, order: str, descending: bool, page: int, _ctx) -> machines.Found:
    """A page of the list."""
    part = {"limit": ROWS, "offset": page * ROWS, "columns": _SHOWN}
    return machines.search(_ctx.home, _ctx.scope, chosen, order, descending, **part)


def answer(ctx: state.Context, chosen: Selection, found: machines.Found) -> str:
    """The sentence of the page."""
    if chosen.is_empty:
        sentence = _("{city}登记移动机械 {total} 台，24 小时内有定位 {seen} 台，低排区内禁用机械 {forbidden} 台")
        numbers = {key: f"{value:,}" for key, value in figures(ctx.key, ctx).items()}
        return sentence.format(city=facets.territory(ctx, units(ctx.key, ctx.lang, ctx)), **numbers)
    if not found.count:
        return _("没有符合条件的移动机械")
    sentence = _("选中移动机械 {n} 台，占全部的 {share}，其中 {placed} 台有定位")
    share = f"{100 * found.count / figures(ctx.key, ctx)['total']:.1f}%"
    return sentence.format(n=f"{found.count:,}", share=share, placed=f"{found.placed:,}")


@state.shared(max_entries=64)
def by_type_and_stage(key: tuple, chosen: Selection, lang: str, _ctx: state.Context) -> Html:
    """Machines by type and stage, shaded by their number."""
    table = machines.crossed(_ctx.home, _ctx.scope, chosen, "type", "stage")
    if table.empty:
        return tag("p", "–", class_="sz-note")
    stages = [code for code in names_of("stages").index if code in table.columns]
    table = table[stages]
    table = table.loc[table.sum(axis=1).sort_values(ascending=False).index]
    most = table.to_numpy().max(initial=1)
    columns = [(head("type"), ""), *((name("stages", code), "num") for code in stages), (_("合计"), "num strong")]
    rows = [
        [name("machine_types", code), *(_shaded(n, most) for n in row), f"{row.sum():,}"]
        for code, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    return tag("div", widgets.table(columns, rows, class_="sz-crossed"), class_="sz-scroll")


def _shaded(n: int, most: int) -> Html:
    if not n:
        return tag("span", _NONE_OF_BAND, class_="sz-muted")
    return tag("span", f"{n:,}", class_="sz-shade", style=f"--part:{(n / most) ** 0.5:.2f}")


@state.shared(max_entries=64)
def bars(key: tuple, chosen: Selection, by: str, lang: str, _ctx: state.Context) -> Html:
    """Machines by power or by unit, with their share as a bar."""
    table = machines.counts(_ctx.home, _ctx.scope, chosen, by)
    if table.empty:
        return tag("p", "–", class_="sz-note")
    if by == "power":
        table = table.sort_index()
    most, named = table.max(), _named(by, table.index, key, lang, _ctx)
    rows = [[label, f"{n:,}", _bar(n / most)] for label, n in zip(named, table, strict=True)]
    title = head("unit") if by == "unit" else head("power")
    return widgets.table([(title, ""), (_("台数"), "num"), ("", "track")], rows, class_="sz-bars")


def _bar(share: float) -> Html:
    return tag("div", tag("i", class_="sz-bar", style=f"width:{100 * share:.1f}%"), class_="sz-bullet")


def _named(by: str, values: pd.Index, key: tuple, lang: str, ctx: state.Context) -> list[str]:
    if by == "unit":
        known = units(key, lang, ctx)
        return [known.get(value, value) for value in values]
    tops = dict(zip(machines.POWER_BANDS, machines.POWER_BANDS[1:], strict=False))
    return [f"{low:.0f}–{tops[low]}" if low in tops else f"≥ {low:.0f}" for low in values]


@state.shared(max_entries=64)
def listed(
    key: tuple, chosen: Selection, order: str, descending: bool, page: int, lang: str, _ctx: state.Context
) -> Html:
    """A page of the list; the label opens the card."""
    rows = found(key, chosen, order, descending, page, _ctx).rows
    if rows.empty:
        return tag("p", _("没有符合条件的移动机械。可去掉一些筛选条件。"), class_="sz-note")
    heads = [("id", ""), ("type", ""), ("stage", ""), ("power", "num"), ("unit", "minor"), ("seen_at", "")]
    columns = [(facets.sorter("machines", chosen, head(by), by, order, descending), css) for by, css in heads]
    columns += [(_("低排区"), "minor")]
    open_, named = facets.opener("machines", "machine"), units(key, lang, _ctx)
    cells = (_cells(row, open_, named) for row in rows.to_dict("records"))
    return widgets.table(columns, cells, class_="sz-register")


def _cells(row: dict, open_, named: dict[str, str]) -> list:
    return [
        open_(row["id"], row["id"]),
        name("machine_types", row["type"]),
        name("stages", row["stage"]),
        "–" if row["power"] != row["power"] else f"{row['power']:.0f}",
        named.get(row["unit"], row["unit"]),
        seen_text(row["seen_at"]),
        _zone(row),
    ]


def _zone(row) -> Html:
    if not isinstance(row["zone"], str):
        return Html("")
    warning = tag("b", _("禁用")) if row["forbidden"] else tag("span", _("允许"), class_="sz-muted")
    return join([row["zone"], " ", warning])


def seen_text(moment) -> str:
    """When a machine was last seen."""
    return "–" if pd.isna(moment) else when(moment.tz_convert(BEIJING), _("M月d日 HH:mm"))


def card(key: tuple, id: str, lang: str, ctx: state.Context) -> Html:
    """A machine's card: what it is, where it was last, where before, history of its row."""
    made = _card(key, id, lang, ctx)
    if made is None:
        audit.refused(ctx.home, ctx.scope.actor, "see", "machines", id)
        return _no_card(id)
    audit.seen(ctx.home, ctx.scope.actor, "machines", id)
    return made


@state.shared(max_entries=128)
def is_masked(key: tuple, id: str, _ctx: state.Context) -> bool:
    """Whether a card hides something of the owner, which whoever may see full records can open."""
    if not _ctx.scope.may(machines.REGISTER, "full"):
        return False
    past = machines.history(_ctx.home, _ctx.scope, id)
    return not past.empty and masks.HIDDEN in str(past.iloc[-1]["owner"])


def _no_card(id: str) -> Html:
    return tag("p", _("没有编号为 {id} 的机械，或不在您的管辖范围。").format(id=id[:60]), class_="sz-note")


@state.shared(max_entries=128)
def _card(key: tuple, id: str, lang: str, _ctx: state.Context) -> Html | None:
    past = machines.history(_ctx.home, _ctx.scope, id) if visible(machines.REGISTER, _ctx.scope) else pd.DataFrame()
    if past.empty:
        return None
    row = past.iloc[-1]
    return join([_identity(row, units(key, lang, _ctx)), _whereabouts(_ctx, row), _records(past)])


def _identity(row: pd.Series, named: dict[str, str]) -> Html:
    title = join([tag("h2", row["id"]), tag("span", name("stages", row["stage"]), class_="sz-mark")])
    closed = "" if pd.isna(row["valid_to"]) else _("已不在登记表（{day} 起）").format(day=row["valid_to"])
    power = "" if pd.isna(row["power"]) else f"{row['power']:.0f} kW"
    facts = [
        (head("type"), join([name("machine_types", row["type"]), " ", closed])),
        (_("厂家、型号"), " ".join(part for part in (row["maker"], row["model"]) if isinstance(part, str))),
        (_("功率、燃料"), join([power, " ", name("fuels", row["fuel"])])),
        (head("code"), row["code"]),
        (head("owner"), row["owner"]),
        (head("unit"), named.get(row["unit"], row["unit"])),
    ]
    shown = [(label, text) for label, text in facts if isinstance(text, str) and text.strip()]
    return join([tag("div", title, class_="sz-card-title"), widgets.facts(shown)])


def _whereabouts(ctx: state.Context, row: pd.Series) -> Html:
    seen = machines.track(ctx.home, ctx.scope, row["id"], limit=8) if pd.isna(row["valid_to"]) else pd.DataFrame()
    title = widgets.section(_("定位"), _("最近 {n} 次").format(n=len(seen)))
    if seen.empty:
        return join([title, tag("p", _("没有定位。"), class_="sz-note")])
    zone = tag("p", _zone(row), class_="sz-note") if isinstance(row["zone"], str) else ""
    table = [(_("时间"), ""), (head("lon"), "num"), (head("lat"), "num")]
    rows = [[seen_text(p.time), f"{p.lon:.5f}", f"{p.lat:.5f}"] for p in seen.itertuples()]
    return join([title, zone, widgets.table(table, rows)])


def _records(past: pd.DataFrame) -> Html:
    rows = [
        [str(row["valid_from"]), "" if pd.isna(row["valid_to"]) else str(row["valid_to"]), name("stages", row["stage"])]
        for row in reversed(past.to_dict("records"))
    ]
    columns = [(head("valid_from"), ""), (head("valid_to"), ""), (head("stage"), "")]
    return join([widgets.section(_("登记记录"), ""), widgets.table(columns, rows)])
