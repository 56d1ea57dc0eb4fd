"""What the page 组织与人员 shows: who is on duty, the tree of organisations, people, rosters, areas of responsibility.

Names and phones come masked from the registers. What is kept is kept by the version of people, which every change
raises, and by the scope.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pandas as pd

from shuzhi.i18n import N_, _, language, when
from shuzhi.ingest.rejects import NOT_TAKEN, Reject
from shuzhi.ingest.rejects import label as reason_label
from shuzhi.registry import duties, organisations, people, places, reach, responsibilities, staffing
from shuzhi.registry.names import name, names_of
from shuzhi.settings import BEIJING
from shuzhi.ui import picking, state, widgets
from shuzhi.ui.markup import Html, join, tag

PARTS = {"people": N_("人员"), "duty": N_("值班表"), "areas": N_("责任区"), "import": N_("批量导入")}
"""Parts of the page; the last only for whoever may change people."""
ROWS = 40
"""Rows of one page of a list."""
WEEK = 7

_ON_DUTY = 6
"""People on duty that are named above the page."""
_DIFFERENCES = 200
"""Differences of a file that are listed."""
_MARKS = {"new": N_("新增"), "changed": N_("变更"), "removed": N_("撤下"), "unchanged": N_("未变")}
_FIELDS = {
    "name": N_("姓名"),
    "phone": N_("电话"),
    "title": N_("职务"),
    "code": N_("工号"),
    "organisation": N_("所属机构"),
    "kind": N_("类别"),
    "parent": N_("上级机构"),
    "unit": N_("管理单位"),
    "street": N_("街道"),
}
_PART_NAMES = {
    "organisations": N_("机构"),
    "people": N_("人员"),
    "duties": N_("值班"),
    "responsibilities": N_("责任区"),
}


@dataclass(frozen=True)
class Gaps:
    """What is missing.

    Attributes
    ----------
    places : DataFrame
        Streets and grids for which nobody answers: kind, place, unit.
    days : DataFrame
        Days of the week ahead without duty: organisation, organisation_name, day.
    rostered : bool
        Whether anybody keeps a roster at all.
    """

    places: pd.DataFrame
    days: pd.DataFrame
    rostered: bool


def key_of(ctx: state.Context) -> tuple:
    """First argument of what is cached here."""
    return (*ctx.key, reach.version(ctx.home))


@state.shared(max_entries=32)
def bodies(key: tuple, _ctx: state.Context) -> pd.DataFrame:
    """The organisations, in the order of the units."""
    table = organisations.table(_ctx.home, _ctx.scope)
    order = {unit: at for at, unit in enumerate(places.units(_ctx.home, _ctx.scope)["name"])}
    return table.sort_values("unit", key=lambda units: units.map(order), kind="stable", na_position="first")


@state.shared(max_entries=64)
def found(key: tuple, text: str, _ctx: state.Context) -> pd.DataFrame:
    """People that a search leaves, in the order of their organisations."""
    order = {id: at for at, id in enumerate(bodies(key, _ctx)["id"])}
    table = people.table(_ctx.home, _ctx.scope, text=text)
    return table.sort_values("organisation", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)


@state.shared(max_entries=32)
def gaps(key: tuple, today: dt.date, _ctx: state.Context) -> Gaps:
    """What is missing from today on."""
    days = empty_days(key, today, _ctx)
    rostered = len(days) > 0 or len(week(key, today, _ctx)) > 0
    return Gaps(responsibilities.gaps(_ctx.home, _ctx.scope), days, rostered)


@state.shared(max_entries=32)
def empty_days(key: tuple, first: dt.date, _ctx: state.Context) -> pd.DataFrame:
    """Days without duty in the week that begins on a day."""
    return duties.gaps(_ctx.home, _ctx.scope, first, first + dt.timedelta(days=WEEK - 1))


@state.shared(max_entries=32)
def now_on_duty(key: tuple, moment: dt.datetime, _ctx: state.Context) -> pd.DataFrame:
    """Who is on duty at a moment."""
    return duties.on_duty(_ctx.home, _ctx.scope, None, moment)


@state.shared(max_entries=32)
def week(key: tuple, first: dt.date, _ctx: state.Context) -> pd.DataFrame:
    """The rosters of a week."""
    return duties.roster(_ctx.home, _ctx.scope, first, first + dt.timedelta(days=WEEK - 1))


@state.shared(max_entries=32)
def answering(key: tuple, _ctx: state.Context) -> pd.DataFrame:
    """Who answers for what."""
    return responsibilities.table(_ctx.home, _ctx.scope)


@state.shared(max_entries=32)
def spots(key: tuple, _ctx: state.Context) -> dict[str, list[reach.Spot]]:
    """Places by kind, for which the person may say who answers."""
    by_kind = defaultdict(list)
    for spot in responsibilities.covered(_ctx.home, _ctx.scope):
        by_kind[spot.kind].append(spot)
    return dict(by_kind)


@state.shared(max_entries=8)
def units(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """The managing units as they are called in the language of the page."""
    table = places.units(_ctx.home, _ctx.scope)
    return dict(zip(table["name"], table["name_en" if lang == "en" else "name"], strict=True))


@state.shared(max_entries=8)
def place_names(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """Units, streets, grids and rivers as they are called in the language of the page, where that is another name."""
    named = dict(units(key, lang, _ctx))
    for kind in ("street", "grid", "river") if lang == "en" else ():
        features = (feature["properties"] for feature in places.layer(_ctx.home, _ctx.scope, kind)["features"])
        named |= {said["name"]: said["name_en"] or said["name"] for said in features}
    return named


# ---- the answer ----


def answer(on: pd.DataFrame, staff: pd.DataFrame, known: pd.DataFrame, missing: Gaps) -> str:
    """How many are on duty, how many there are, what is missing."""
    sentence = _("现在值班 {on} 人，在册 {people} 人、{bodies} 个机构；{missing}")
    own = int(known["own"].sum())
    return sentence.format(
        on=on["person"].nunique(), people=f"{len(staff):,}", bodies=f"{own:,}", missing=_missing(missing)
    )


def _missing(missing: Gaps) -> str:
    spots_, days = len(missing.places), len(missing.days)
    if not missing.rostered:
        none = _("{n} 个街道或网格无人负责，7 天内没有值班表").format(n=spots_)
        return none if spots_ else _("责任区都有人，7 天内没有值班表")
    if not spots_ and not days:
        return _("责任区都有人，7 天内每天有人值班")
    if not days:
        return _("{n} 个街道或网格无人负责").format(n=spots_)
    if not spots_:
        return _("7 天内有 {n} 个值班日空缺").format(n=days)
    return _("{places} 个街道或网格无人负责，7 天内有 {days} 个值班日空缺").format(places=spots_, days=days)


def on_duty_line(on: pd.DataFrame) -> Html:
    """Who is on duty now, the city's own organisations first."""
    if on.empty:
        return tag("p", _("此刻没有登记值班人员。"), class_="sz-context")
    first = on.sort_values("unit", na_position="first", kind="stable")
    shown, parts = first.head(_ON_DUTY), []
    for of, rows in shown.groupby("organisation_name", sort=False):
        names = (_person(row["name"], row["person"]) for row in rows.to_dict("records"))
        parts.append(tag("span", join([of, " ", join(names, _("、"))])))
    rest = len(on) - len(shown)
    if rest:
        parts.append(tag("span", _("另有 {n} 人").format(n=rest), class_="sz-muted"))
    return tag("p", join([tag("b", _("正在值班")), *parts]), class_="sz-context")


def _person(text: str, id: str) -> Html:
    """A name that opens the card."""
    return picking.link(text, urlencode({"person": id}), state.link("people", person=id))


# ---- organisations ----


def tree(table: pd.DataFrame, chosen: str | None) -> Html:
    """The organisations below each other, with the people of each and of what lies below it."""
    nodes = _Tree(table, chosen)
    everything = picking.link(
        _("全部机构"), urlencode({"org": "", "page": ""}), state.link("people", org=None), stay=True
    )
    head = tag("div", tag("b", everything) if chosen is None else everything, class_="sz-tree-all")
    fold = tag("details", tag("summary", _("选择机构")), class_="sz-fold")
    return join([fold, head, tag("ul", join(nodes.item(id, open_=True) for id in nodes.roots), class_="sz-tree")])


class _Tree:
    """Organisations as nested lists."""

    def __init__(self, table: pd.DataFrame, chosen: str | None):
        self._rows, self._chosen = {row.id: row for row in table.itertuples()}, chosen
        self._below, self.roots = defaultdict(list), []
        for row in table.itertuples():
            above = row.parent if row.parent in self._rows else None
            (self._below[above] if above else self.roots).append(row.id)

    def below(self, id: str) -> set[str]:
        """An organisation and all below it."""
        return {id}.union(*(self.below(one) for one in self._below[id]))

    def item(self, id: str, open_: bool = False) -> Html:
        inside = self._below[id]
        if not inside:
            return tag("li", self._label(id))
        listed = tag("ul", join(self.item(one) for one in inside))
        opened = open_ or self._chosen in self.below(id)
        whole = tag("details", join([tag("summary", self._label(id)), listed]), open="" if opened else None)
        return tag("li", whole)

    def _label(self, id: str) -> Html:
        row = self._rows[id]
        counts = [self._rows[one].people for one in self.below(id)]
        known = [int(n) for n in counts if not pd.isna(n)]
        link = (
            picking.link(row.name, urlencode({"org": id, "page": ""}), state.link("people", org=id), stay=True)
            if row.own
            else tag("span", row.name, class_="sz-muted")
        )
        label = tag("b", link) if id == self._chosen else link
        return tag("span", join([label, tag("i", sum(known) if known else "")]), class_="sz-node")


def below(table: pd.DataFrame, id: str) -> set[str]:
    """An organisation and all below it."""
    return _Tree(table, None).below(id)


def body_card(row, table: pd.DataFrame, named: Mapping[str, str]) -> Html:
    """What is known of an organisation."""
    above = table.set_index("id")["name"].get(row.parent)
    pairs = [
        (_("类别"), name("organisation_kinds", row.kind)),
        (_("上级机构"), above),
        (_("管理单位"), named.get(row.unit, row.unit) if isinstance(row.unit, str) else _("全市")),
        (_("街道"), row.street),
    ]
    said = [tag("span", join([tag("b", label), " ", text])) for label, text in pairs if isinstance(text, str)]
    return tag("p", join(said), class_="sz-body-facts")


# ---- people ----


def listed(table: pd.DataFrame, picked: str | None) -> Html:
    """A page of people; the name opens the card."""
    if table.empty:
        return tag("p", _("没有符合条件的人员。"), class_="sz-note")
    head = [(_("姓名"), ""), (_("工号"), "minor"), (_("职务"), ""), (_("机构"), "body"), (_("电话"), "num")]
    rows = (
        [
            tag("b", _person(row["name"], row["id"])) if row["id"] == picked else _person(row["name"], row["id"]),
            row["code"],
            row["title"],
            row["organisation_name"],
            row["phone"],
        ]
        for row in table.to_dict("records")
    )
    return widgets.table(head, rows, class_="sz-register sz-people")


def card(row: dict, areas: pd.DataFrame, turns: pd.DataFrame, named: Mapping[str, str]) -> Html:
    """A person's card: post, number, what it answers for, when it is on duty next."""
    head = tag("div", join([tag("h2", row["name"]), tag("span", row["title"] or "")]), class_="sz-card-title")
    pairs = [
        (_("机构"), row["organisation_name"]),
        (_("工号"), row["code"]),
        (_("电话"), row["phone"]),
    ]
    facts = widgets.facts([(label, text) for label, text in pairs if text])
    return join([head, facts, _answers_for(areas, named), _next_turns(turns)])


def _answers_for(areas: pd.DataFrame, named: Mapping[str, str]) -> Html:
    if areas.empty:
        return Html("")
    lines = join(
        tag("li", join([named.get(row.place, row.place), tag("span", name("responsibility_tasks", row.task))]))
        for row in areas.itertuples()
    )
    title = widgets.section(_("责任区"), _("{n} 处").format(n=len(areas)))
    return join([title, tag("ul", lines, class_="sz-person-list")])


def _next_turns(turns: pd.DataFrame) -> Html:
    if turns.empty:
        return Html("")
    lines = join(
        tag("li", join([day_text(row.day), tag("span", name("shifts", row.shift))])) for row in turns.itertuples()
    )
    return join([widgets.section(_("接下来的值班"), ""), tag("ul", lines, class_="sz-person-list")])


def day_text(day: dt.date) -> str:
    """A day with its weekday."""
    return when(pd.Timestamp(day), _("M月d日 EEE"))


# ---- rosters ----


def monday(day: dt.date) -> dt.date:
    """The Monday of a day's week."""
    return day - dt.timedelta(days=day.weekday())


def calendar(
    rows: pd.DataFrame, table: pd.DataFrame, first: dt.date, missing: set[tuple[str, dt.date]], may_change: bool
) -> Html:
    """The rosters of a week: an organisation a row, a day a column; days without duty are said.

    Parameters
    ----------
    table : DataFrame
        The organisations that have a row, in order.
    missing : set of (str, date)
        Organisation and day without duty.
    """
    days = [first + dt.timedelta(days=n) for n in range(WEEK)]
    today = dt.datetime.now(BEIJING).date()
    turns = defaultdict(list)
    for row in rows.to_dict("records"):
        turns[row["organisation"], row["day"]].append(row)
    head = [(_("机构"), "body"), *((_day_head(day), "today" if day == today else "") for day in days)]
    lines = (
        [row.name, *(_cell(turns[row.id, day], (row.id, day), missing, may_change) for day in days)]
        for row in table.itertuples()
    )
    return tag("div", widgets.table(head, lines, class_="sz-week"), class_="sz-scroll")


def _day_head(day: dt.date) -> Html:
    return join([tag("b", when(pd.Timestamp(day), _("EEE"))), " ", when(pd.Timestamp(day), _("M月d日"))])


def _cell(turns: list[dict], of: tuple[str, dt.date], missing, may_change: bool) -> Html:
    """The turns of a day, a shift a line."""
    by_shift = defaultdict(list)
    for turn in turns:
        by_shift[turn["shift"]].append(_turn(turn, may_change))
    lines = [tag("span", join([tag("i", _short_shift(shift)), join(names, " ")])) for shift, names in by_shift.items()]
    if not turns and of in missing:
        lines.append(tag("span", _("缺"), class_="sz-gap"))
    if may_change:
        value = urlencode({"add": f"{of[0]} {of[1]}"})
        lines.append(picking.link("+", value, state.link("people", part="duty"), stay=True))
    return tag("div", join(lines), class_="sz-turns")


def _turn(turn: dict, may_change: bool) -> Html:
    person = _person(turn["name"], turn["person"])
    if not may_change:
        return person
    off = picking.link("×", urlencode({"off": turn["id"]}), state.link("people", part="duty"), stay=True)
    return tag("span", join([person, off]), class_="sz-turn")


def _short_shift(shift: str) -> str:
    known = names_of("shifts")
    return known.at[shift, f"short_{language()}"] if shift in known.index else shift


def legend_of_shifts() -> Html:
    """Hours of the shifts."""
    table = names_of("shifts")
    said = (
        f"{_short_shift(code)}：{name('shifts', code)} {row['begin']}–{row['end']}" for code, row in table.iterrows()
    )
    return join(said, "\u3000")


# ---- areas of responsibility ----


def matches(spot: reach.Spot, text: str) -> bool:
    """Whether a place is meant by a part of its name, street or unit."""
    return text.strip() in " ".join(part for part in (spot.name, spot.street, spot.unit) if isinstance(part, str))


def areas(
    rows: pd.DataFrame, shown: list[reach.Spot], missing: set[str], named: Mapping[str, str], may_change: bool
) -> Html:
    """Places with who answers for them; those without anybody say so."""
    if not shown:
        return tag("p", _("没有符合条件的责任区。"), class_="sz-note")
    by_place = defaultdict(list)
    for row in rows.to_dict("records"):
        by_place[row["place"]].append(row)
    head = [(_("责任区"), ""), (_("管理单位"), "minor"), (_("负责人"), "who"), ("", "num")]
    lines = (
        [
            spot.name,
            tag(
                "span", named.get(spot.unit, spot.unit) if isinstance(spot.unit, str) else _("全市"), class_="sz-muted"
            ),
            _who(by_place[spot.name], spot.name in missing, may_change),
            _give(spot) if may_change else "",
        ]
        for spot in shown
    )
    return widgets.table(head, lines, class_="sz-register sz-areas")


def _who(rows: list[dict], missing: bool, may_change: bool) -> Html:
    if not rows:
        return tag("span", _("无人负责"), class_="sz-gap") if missing else tag("span", "–", class_="sz-muted")
    return join(_one_who(row, may_change) for row in rows)


def _one_who(row: dict, may_change: bool) -> Html:
    task = tag("i", name("responsibility_tasks", row["task"]))
    of = tag("span", row["organisation_name"], class_="sz-muted")
    parts = [_person(row["name"], row["person"]), " ", task, " ", of]
    if may_change:
        parts.append(picking.link("×", urlencode({"drop": row["id"]}), state.link("people", part="areas"), stay=True))
    return tag("span", join(parts), class_="sz-one-who")


def _give(spot: reach.Spot) -> Html:
    value = urlencode({"give": f"{spot.kind} {spot.name}"})
    return picking.link(_("指定"), value, state.link("people", part="areas"), stay=True)


# ---- import ----


def how_to_fill() -> str:
    """What a file may hold and what it does."""
    return _(
        "一个工作簿四张表：机构、人员、值班、责任区；也可只传其中一张。按机构名称和工号识别，空着的格子不改动；一个机构一天的班表以文件为准。"
    )


def counted(taken: staffing.Taken) -> Html:
    """How many rows of each part a file makes new, changes, takes off, leaves."""
    head = [("", ""), *((_(_MARKS[what]), "num") for what in _MARKS)]
    rows = (
        [tag("b", _(_PART_NAMES[part])), *(f"{taken.counts[part][what]:,}" for what in _MARKS)]
        for part in staffing.PARTS
    )
    return widgets.table(head, rows, class_="sz-counted")


def differences(taken: staffing.Taken) -> Html:
    """What a file would change, line by line."""
    shown = taken.differences[:_DIFFERENCES]
    head = [(_("变动"), ""), (_("类别"), ""), (_("内容"), ""), (_("改了什么"), "")]
    rows = (
        [_(_MARKS[one.what]), _(_PART_NAMES[one.part]), one.label, _("、").join(_(_FIELDS[f]) for f in one.fields)]
        for one in shown
    )
    rest = len(taken.differences) - len(shown)
    more = tag("p", _("另有 {n} 处变动没有列出").format(n=f"{rest:,}"), class_="sz-note") if rest else ""
    return join([tag("div", widgets.table(head, rows, class_="sz-register"), class_="sz-window"), more])


def bad_rows(rejected: list[Reject]) -> Html:
    """Rows that can't be taken in, with file, line, column, what stands there and the reason."""
    head = [
        (_("文件"), ""),
        (_("行"), "num"),
        (_("列"), "after"),
        (_("工号或名称"), "minor"),
        (_("原文"), "minor"),
        (_("原因"), ""),
    ]
    rows = ([one.file, one.line, one.column, one.station, one.raw, _reason(one)] for one in rejected)
    return tag("div", widgets.table(head, rows, class_="sz-register sz-bad"), class_="sz-window")


def _reason(one: Reject) -> str:
    """Why; what the registers say of a row is said in the language of the page."""
    kind, _mark, detail = one.reason.partition(": ")
    return detail if kind == NOT_TAKEN else reason_label(one.reason)
