"""What the page 污染源清单 shows, cached: counts, the list, totals, the map of what is chosen, a source's card."""

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from shuzhi.access import audit
from shuzhi.charts.registers import concentration_curve
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import N_, _, language
from shuzhi.registry import machines, places, responsibilities, sources
from shuzhi.registry.names import head, industry, name, names_of
from shuzhi.status import air
from shuzhi.store.schema import EMISSIONS
from shuzhi.store.selection import Selection, visible
from shuzhi.ui import facets, state, widgets
from shuzhi.ui.markup import Html, join, tag

ROWS = 50
"""Rows of one page of the list."""
GROUPS = {
    "unit": N_("管理单位"),
    "district": N_("行政区划口径"),
    "street": N_("街道"),
    "division": N_("行业"),
    "permit_class": N_("管理类别"),
}
PLACES = ("unit", "district", "street")
"""Groups that are places."""
_BARS = 12
_NAMED = 3  # people who answer for a place, of which a street may have a dozen
_SHOWN = ("id", "name", "permit_class", "industry", "unit", "street", "status", *EMISSIONS)


@state.shared(max_entries=8)
def whole(key: tuple, _ctx: state.Context) -> dict:
    """Today's sources without any choice: number and emissions."""
    table = sources.totals(_ctx.home, _ctx.scope, Selection(), "permit_class")
    return {"n": int(table["n"].sum())} | table[list(EMISSIONS)].sum().to_dict()


def total(key: tuple, ctx: state.Context) -> int:
    """Number of today's sources."""
    return whole(key, ctx)["n"]


@state.shared(max_entries=8)
def units(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """The managing units and districts as they are called in the language of the page."""
    table = places.units(_ctx.home, _ctx.scope)
    return dict(zip(table["name"], table["name_en" if lang == "en" else "name"], strict=True))


@state.shared(max_entries=64)
def counts(key: tuple, chosen: Selection, _ctx: state.Context) -> dict[str, dict[str, int]]:
    """How many sources each value of the filters would give."""
    return {name: values.to_dict() for name, values in sources.facets(_ctx.home, _ctx.scope, chosen).items()}


@state.shared(max_entries=64)
def found(key: tuple, chosen: Selection, order: str, descending: bool, page: int, _ctx: state.Context) -> sources.Found:
    """A page of the list."""
    part = {"limit": ROWS, "offset": page * ROWS, "columns": _SHOWN}
    return sources.search(_ctx.home, _ctx.scope, chosen, order, descending, **part)


@state.shared(max_entries=64)
def totals(key: tuple, chosen: Selection, by: str, pollutant: str, _ctx: state.Context) -> pd.DataFrame:
    """Number of sources and emissions of a pollutant by a group."""
    return sources.totals(_ctx.home, _ctx.scope, chosen, by, (pollutant,))


@state.shared(max_entries=64)
def concentration(key: tuple, chosen: Selection, pollutant: str, _ctx: state.Context) -> sources.Concentration:
    """How few sources make most of a pollutant."""
    return sources.concentration(_ctx.home, _ctx.scope, chosen, pollutant)


@state.shared(max_entries=64)
def curve(
    key: tuple, chosen: Selection, pollutant: str, lang: str, dark: bool, scale: float, _ctx: state.Context
) -> dict:
    """The chart of that."""
    few = concentration(key, chosen, pollutant, _ctx)
    return concentration_curve(few.curve, few.needed, few.share, tokens(dark), scale)


def how_many(found: sources.Found) -> str:
    """How many are listed, how many of them the map shows, and the unit of the amounts."""
    if found.placed == found.count:
        return _("{n} 家，都有坐标；排放量为吨/年").format(n=f"{found.count:,}")
    counted = {"n": f"{found.count:,}", "placed": f"{found.placed:,}"}
    return _("{n} 家，{placed} 家有坐标；排放量为吨/年").format(**counted)


def branches(divisions: Mapping[str, int], chosen: tuple[str, ...]) -> dict[str, int | None]:
    """Counts by branch of the industries' tree: sections, their divisions, and what lies under a chosen division."""
    sections = Counter()
    for division, count in divisions.items():
        sections[division[:1]] += count
    table = names_of("industries")
    under = [branch for branch in chosen if len(branch) >= 3]
    finer = [branch[0] + code for branch in under for code in table.index[table["parent"] == branch[1:]]]
    return dict(sorted((dict.fromkeys(finer) | sections | divisions).items()))


def branch_label(branch: str) -> str:
    """A branch as the filter shows it, indented by its level."""
    return "\u2003" * max(0, len(branch) - 2) + f"{branch} {industry(branch)}"


def pollutant_label(code: str) -> str:
    """Name and sign of a pollutant."""
    return name("pollutants", code)


def sign(code: str) -> str:
    """A pollutant where there is little room: its name, in English its sign."""
    return pollutant_label(code) if language() == "zh" else names_of("pollutants").at[code, "symbol"]


def answer(ctx: state.Context, chosen: Selection, count: int, few: sources.Concentration) -> str:
    """The sentence of the page."""
    everything, pollutant = whole(ctx.key, ctx), pollutant_label(few.pollutant)
    pollutant = pollutant[:1].lower() + pollutant[1:]
    amount = {"pollutant": pollutant, "amount": tons(few.total), "needed": f"{few.needed:,}"}
    if chosen.is_empty:
        sentence = _("{city}在册污染源 {n} 家，年排放{pollutant} {amount} 吨，其中 {needed} 家占八成")
        return sentence.format(city=facets.territory(ctx, units(ctx.key, ctx.lang, ctx)), n=f"{count:,}", **amount)
    if not count:
        return _("没有符合条件的污染源")
    share = few.total / everything[few.pollutant] if everything[few.pollutant] else 0
    sentence = _("选中污染源 {n} 家，年排放{pollutant} {amount} 吨，占全部的 {share}，其中 {needed} 家占八成")
    return sentence.format(n=f"{count:,}", share=percent(share), **amount)


def tons(value: float) -> str:
    """An emission [t/a] with three digits."""
    if value != value:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def percent(share: float) -> str:
    """A share with one decimal."""
    return f"{100 * share:.1f}%"


def group_name(by: str, value) -> str:
    """How a group is called."""
    if value is None or value != value:
        return _("未填")
    if by == "division":
        return industry(value)
    return name("permit_classes", value) if by == "permit_class" else value


def groupings(chosen: Selection, by: str) -> Html:
    """The ways to group by place, the one that is shown without a link."""
    ways = (
        tag("b", _(GROUPS[way])) if way == by else facets.pick("sources", _(GROUPS[way]), chosen, stay=True, by=way)
        for way in PLACES
    )
    return join(ways, " · ")


@state.shared(max_entries=64)
def bars(key: tuple, chosen: Selection, by: str, pollutant: str, lang: str, _ctx: state.Context) -> Html:
    """Largest groups: number of sources, emissions, and their share as a bar."""
    table = totals(key, chosen, by, pollutant, _ctx).sort_values([pollutant, "n"], ascending=False)
    if table.empty:
        return tag("p", "–", class_="sz-note")
    whole_amount = table[pollutant].sum()
    named = units(key, lang, _ctx)
    rows = [_bar_row(by, row, pollutant, whole_amount, named) for row in table.head(_BARS).to_dict("records")]
    rest = table.iloc[_BARS:]
    if len(rest):
        label = _("其余 {n} 个").format(n=len(rest))
        rows.append([label, f"{rest['n'].sum():,}", tons(rest[pollutant].sum()), ""])
    columns = [(_(GROUPS[by]), ""), (_("家数"), "num"), (_("吨/年"), "num"), (_("占比"), "track")]
    return widgets.table(columns, rows, class_="sz-bars")


def _bar_row(by: str, row: dict, pollutant: str, whole_amount: float, named: dict[str, str]) -> list:
    share = row[pollutant] / whole_amount if whole_amount else 0
    bar = tag("div", tag("i", class_="sz-bar", style=f"width:{100 * share:.1f}%"), class_="sz-bullet")
    label = group_name(by, row["value"])
    label = named.get(label, label)
    return [tag("span", label, title=label), f"{row['n']:,}", tons(row[pollutant]), bar]


@state.shared(max_entries=64)
def listed(
    key: tuple, chosen: Selection, order: str, descending: bool, page: int, pollutant: str, lang: str, _ctx
) -> Html:
    """A page of the list; the name opens the card, a head puts it in another order."""
    rows = found(key, chosen, order, descending, page, _ctx).rows
    if rows.empty:
        return tag("p", _("没有符合条件的污染源。可去掉一些筛选条件。"), class_="sz-note")
    heads = [("name", head("name"), "name"), ("permit_class", _("类别"), "class"), ("industry", _("行业"), "industry")]
    heads += [("unit", head("unit"), "place"), (pollutant, sign(pollutant), "num")]
    columns = [(facets.sorter("sources", chosen, label, by, order, descending), css) for by, label, css in heads]
    open_, named = facets.opener("sources", "source"), units(key, lang, _ctx)
    cells = (_cells(row, open_, named, pollutant) for row in rows.to_dict("records"))
    return widgets.table(columns, cells, class_="sz-register sz-sources" + (" sz-en" if lang == "en" else ""))


def _cells(row: dict, open_, named: dict[str, str], pollutant: str) -> list:
    """A row of the list; under the name, on a phone, what the columns say that have no room there."""
    trade, place = _industry(row), _place(row, named)
    status = "" if row["status"] == "operating" else tag("span", name("statuses", row["status"]), class_="sz-muted")
    under = tag("small", join([trade, "\u3000", place]), class_="sz-second")
    called = join([open_(row["name"], row["id"]), " ", status, under])
    return [called, _class(row["permit_class"]), tag("span", trade, title=trade), place, tons(row[pollutant])]


def _class(code: str | None) -> str:
    """A permit class without the word that all of them have."""
    return name("permit_classes", code).removesuffix("管理").removesuffix(" management").removesuffix(" only")


def _industry(row: dict) -> str:
    return industry(f"-{row['industry']}")


def _place(row: dict, named: dict[str, str]) -> Html:
    return join([named.get(row["unit"], row["unit"]), " ", tag("span", row["street"] or "", class_="sz-muted")])


def card(key: tuple, id: str, lang: str, ctx: state.Context) -> Html:
    """A source's card: identity, permit, who answers for the place, emissions by year, what is near, its history."""
    made = _card(key, id, lang, ctx)
    if made is None:
        audit.refused(ctx.home, ctx.scope.actor, "see", "sources", id)
        return _no_card(id)
    audit.seen(ctx.home, ctx.scope.actor, "sources", id)
    identity, rest, spots = made
    return join([identity, _responsible(ctx, spots), rest])


def _no_card(id: str) -> Html:
    return tag("p", _("没有编号为 {id} 的污染源，或不在您的管辖范围。").format(id=id[:60]), class_="sz-note")


@state.shared(max_entries=128)
def _card(key: tuple, id: str, lang: str, _ctx: state.Context) -> tuple[Html, Html, dict[str, str]] | None:
    """Identity, what follows it, and the places by kind in which the source lies."""
    past = sources.history(_ctx.home, _ctx.scope, id) if visible(sources.REGISTER, _ctx.scope) else pd.DataFrame()
    if past.empty:
        return None
    row = past.iloc[-1]
    spots = {kind: row[kind] for kind in ("street", "unit") if isinstance(row[kind], str) and row[kind]}
    rest = join(
        [
            widgets.section(_("年排放量"), _("吨/年")),
            _emissions(past),
            _near(_ctx, row),
            widgets.section(_("清单记录"), _("{n} 条").format(n=len(past))),
            _history(past),
        ]
    )
    return _identity(row, units(key, lang, _ctx)), rest, spots


def _responsible(ctx: state.Context, spots: dict[str, str]) -> Html:
    """Who answers for the places, the nearest first, masked; nothing for whoever may not see people."""
    if not ctx.scope.may(responsibilities.DATASET, "see"):
        return join([])
    lines = [
        (place, join((_answers(who) for who in rows.head(_NAMED).to_dict("records")), _("；")))
        for kind, place in spots.items()
        if len(rows := responsibilities.responsible(ctx.home, ctx.scope, kind, place))
    ]
    return join([widgets.section(_("谁负责"), ""), widgets.facts(lines)]) if lines else join([])


def _answers(who: dict) -> Html:
    named = tag("a", who["name"], href=state.link("people", person=who["person"]), target="_self")
    more = " · ".join(filter(None, (who["title"], name("responsibility_tasks", who["task"]), who["phone"])))
    return join([named, " ", tag("span", more, class_="sz-muted")])


def _identity(row: pd.Series, named: dict[str, str]) -> Html:
    class_ = tag("span", name("permit_classes", row["permit_class"]), class_="sz-mark")
    title = join([tag("h2", row["name"]), class_])
    closed = _("已不在清单（{day} 起）").format(day=row["valid_to"]) if pd.notna(row["valid_to"]) else ""
    facts = [
        (head("credit_code"), row["credit_code"]),
        (head("permit_code"), row["permit_code"]),
        (_("行业"), join([row["industry"], " ", industry(row["branch"])])),
        (head("status"), join([name("statuses", row["status"]), " ", closed])),
        (head("unit"), join([named.get(row["unit"], row["unit"]), " ", row["street"] or ""])),
        (head("address"), row["address"]),
    ]
    shown = [(label, text) for label, text in facts if isinstance(text, str) and text.strip()]
    return join([tag("div", title, class_="sz-card-title"), widgets.facts(shown)])


def _emissions(past: pd.DataFrame) -> Html:
    """A row a pollutant, a column a year; the newest row of a year counts."""
    years = past.dropna(subset="year").drop_duplicates("year", keep="last").set_index("year")
    stated = [p for p in EMISSIONS if years[p].notna().any()]
    if not stated:
        return tag("p", _("没有填报排放量。"), class_="sz-note")
    heads = [("", ""), *((str(int(year)), "num") for year in years.index)]
    rows = [[pollutant_label(p), *(tons(value) for value in years[p])] for p in stated]
    return widgets.table(heads, rows)


def _near(ctx: state.Context, row: pd.Series) -> Html:
    if pd.isna(row["lon"]):
        return join([widgets.section(_("周边"), ""), tag("p", _("没有坐标。"), class_="sz-note")])
    lon, lat = float(row["lon"]), float(row["lat"])
    lines = [(_("空气站"), _stations(ctx, lon, lat)), (_("污染源"), _sources(ctx, lon, lat, row["id"]))]
    if visible(machines.REGISTER, ctx.scope):
        lines.append((_("机械"), _machines(ctx, lon, lat)))
    return join([widgets.section(_("周边"), f"{lon:.4f}, {lat:.4f}"), widgets.facts(line for line in lines if line[1])])


def _stations(ctx: state.Context, lon: float, lat: float) -> Html:
    table = air.stations(ctx.home, ctx.scope, ctx.home.city).dropna(subset=["lon", "lat"])
    east, north = (table["lon"].astype(float) - lon) * 95.7, (table["lat"].astype(float) - lat) * 111.2
    km = (east**2 + north**2) ** 0.5
    near = table.assign(km=km).nsmallest(3, "km")
    links = (
        join([tag("a", row["name"], href=state.link("station", station=row["code"]), target="_self"), _km(row["km"])])
        for row in near.to_dict("records")
    )
    return join(links, _("；"))


def _sources(ctx: state.Context, lon: float, lat: float, besides: str) -> Html:
    near = sources.nearest(ctx.home, ctx.scope, lon, lat, 4, besides)
    links = (
        join(
            [
                facets.pick("sources", row["name"], source=row["id"]),
                _km(row["distance"] / 1000),
            ]
        )
        for row in near.to_dict("records")
    )
    return join(links, _("；"))


def _machines(ctx: state.Context, lon: float, lat: float) -> Html:
    near = machines.nearest(ctx.home, ctx.scope, lon, lat, 3)
    return join(
        (
            join([_machine(row["id"]), " ", name("machine_types", row["type"]), _km(row["distance"] / 1000)])
            for row in near.to_dict("records")
        ),
        _("；"),
    )


def _machine(id: str) -> Html:
    return tag("a", id, href=state.link("machines", machine=id), target="_self")


def _km(distance: float) -> Html:
    text = f" {1000 * distance:.0f} m" if distance < 1 else f" {distance:.1f} km"
    return tag("span", text, class_="sz-muted")


def _history(past: pd.DataFrame) -> Html:
    rows = [
        [str(row["valid_from"]), "" if pd.isna(row["valid_to"]) else str(row["valid_to"]), _change(before, row)]
        for before, row in zip([None, *past.to_dict("records")], past.to_dict("records"), strict=False)
    ]
    return widgets.table([(head("valid_from"), ""), (head("valid_to"), ""), (_("变化"), "")], reversed(rows))


def _change(before: dict | None, row: dict) -> str:
    if before is None:
        return _("列入清单")
    told = ("name", "industry", "permit_class", "status", "unit", "street", "address", "lon", "lat", "year", *EMISSIONS)
    changed = [field for field in told if not _same(before[field], row[field])]
    return _("、").join(head(field).removesuffix(" (t/a)") for field in changed)


def _same(a, b) -> bool:
    return a == b or (pd.isna(a) and pd.isna(b))
