"""The city's water as HTML: the sentence, shares, rivers, sections, districts, lakes, the method; made once."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.i18n import _, when
from shuzhi.registry import places
from shuzhi.settings import BEIJING
from shuzhi.standards import water as law
from shuzhi.status import water_overview as overview
from shuzhi.status import water_words as words
from shuzhi.status.water_overview import Overview, Shares
from shuzhi.ui import state, widgets
from shuzhi.ui import water_marks as marks
from shuzhi.ui.deck import Picture
from shuzhi.ui.forecast_outlook import year_of_water
from shuzhi.ui.markup import Html, esc, join, tag
from shuzhi.ui.water import Filters, basis_text, load, pick, place_name, span_text


@state.shared(max_entries=64)
def top(key: tuple, at: pd.Timestamp, basis: str, late: bool, lang: str, _ctx: state.Context) -> Html:
    """Dateline and the sentence."""
    seen = load(key, at, basis, _ctx)
    silent = seen.now.sections - seen.now.rated
    parts = [
        _("水环境"),
        when(seen.at, _("y年M月d日 EEEE HH:mm")),
        basis_text(seen),
        _("{n} 个自动断面").format(n=seen.now.sections),
        _("{n} 个没有数据").format(n=silent) if silent else "",
    ]
    sentence = words.headline(seen, basis, brief=late)
    if late:
        since = when(seen.at, _("M月d日 HH:mm"))
        sentence = _("{since} 之后没有新数据；当时{sentence}").format(since=since, sentence=sentence)
    return join([widgets.dateline(parts, widgets.mark(_ctx.home.kind)), widgets.hero(sentence)])


@state.shared(max_entries=64)
def shares(key: tuple, at: pd.Timestamp, basis: str, lang: str, _ctx: state.Context) -> Html:
    """Share of classes Ⅰ–Ⅲ, targets met, both years as bars, what the year will come to."""
    seen = load(key, at, basis, _ctx)
    here, before = seen.now, seen.before
    good = widgets.figure(_share(here.good_share), "%", _goal(seen))
    met = widgets.figure(
        _share(here.met_share), "%", _("达标 {met}/{n} 个断面").format(met=here.met, n=here.with_target)
    )
    if not here.with_target:
        met = widgets.figure("–", "", _("没有目标类别"))
    worst = widgets.figure(
        here.worst, _("个劣Ⅴ类"), _("去年同期 {n} 个").format(n=before.worst if before.rated else "–")
    )
    bars = [_yearbar(str(seen.at.year), here)]
    if before.rated:
        bars.append(_yearbar(str(seen.at.year - 1), before))
    block = tag("div", join(bars), class_="sz-watershares")
    title = widgets.section(_("Ⅰ–Ⅲ类比例与达标"), _("与去年同期比"))
    return join([title, widgets.figures(good, met, worst), block, year_of_water(key, at, lang, _ctx)])


def _share(value: float) -> str:
    return "–" if value != value else f"{value:.1f}"


def _goal(seen: Overview) -> Html:
    """Change against last year, and the target where there is one."""
    known = seen.change == seen.change
    change = join([_("较去年同期 "), _points(seen.change)]) if known else esc(_("去年同期没有数据"))
    if seen.target_share is None:
        return change
    return join([change, _("，目标 {goal}").format(goal=f"{seen.target_share:g}"), " %"])


def _points(change: float) -> Html:
    """▲ or ▼ and the amount in points; fewer good sections stand in ink."""
    size = f"{abs(change):.1f}"
    sign = "" if float(size) == 0 else "▲" if change > 0 else "▼"
    worse = change < 0 and float(size) > 0
    return tag("span", join([sign, size, _(" 个百分点")]), class_="sz-worse" if worse else "sz-better")


def _yearbar(label: str, counted: Shares) -> Html:
    good = join([tag("b", counted.good), "/", counted.rated])
    return tag(
        "div",
        join([tag("span", label), marks.bar(counted.counts, labelled=True), tag("span", good, class_="sz-muted")]),
    )


@state.shared(max_entries=64)
def rivers_table(key: tuple, at: pd.Timestamp, basis: str, lang: str, _ctx: state.Context) -> Html:
    """Quality of each river from its sections; the name chooses the river."""
    table = load(key, at, basis, _ctx).rivers
    head = [
        (_("河流"), "strong"),
        (_("断面类别"), "sz-barcell"),
        (_("断面"), "num sz-slim"),
        (_("Ⅰ–Ⅲ类"), "num"),
        (_("水质状况"), "sz-after"),
        (_("较去年"), "sz-wide"),
        (_("主要污染指标"), "sz-wide sz-main"),
    ]
    changes = law.changes()[f"name_{lang}"].to_dict()
    rows = [
        (
            pick(place_name(key, row["river"], lang, _ctx), river=row["river"]),
            marks.bar({k: int(row[f"n_{k}"]) for k in marks.CLASSES}),
            int(row["registered"]),
            "–" if np.isnan(row["good_share"]) else f"{row['good_share']:.0f} %",
            words.quality_name(row["quality"]),
            "–" if np.isnan(row["change"]) else changes[int(row["change"])],
            words.items_text(row["main"]) or "–",
        )
        for row in table.to_dict("records")
    ]
    note = _("{n} 条，按断面比例；不足 5 个断面按均值").format(n=len(table))
    body = (
        widgets.table(head, rows, f"sz-waterrivers sz-{lang}")
        if rows
        else tag("p", _("登记的断面没有写明河流。"), class_="sz-note")
    )
    return join([widgets.section(_("河流"), note), tag("div", body, class_="sz-box")])


@state.shared(max_entries=64)
def sections_table(key: tuple, at: pd.Timestamp, basis: str, filters: Filters, lang: str, _ctx: state.Context) -> Html:
    """The sections that the filters let through, worst first; the name chooses the section."""
    seen = load(key, at, basis, _ctx)
    table = filters.of(seen.sections)
    if table.empty:
        return tag("p", _("没有断面符合筛选条件。"), class_="sz-note")
    head = [
        (_("断面名称"), "strong"),
        (_("河流"), "sz-slim"),
        (_("区县"), "sz-wide"),
        (_("类别"), ""),
        (_("决定项目"), ""),
        (_("目标"), ""),
        (_("达标"), ""),
        (_("去年同期"), ""),
        (_("变化"), ""),
        (_("{span}均值").format(span=span_text(seen)) if basis == "now" else _("最近读数"), "sz-wide"),
        (_("读数时间"), "num"),
    ]
    other = "mean_class" if basis == "now" else "now_class"
    fixed = _fixed(key, lang, _ctx)
    columns = {name: table[name].tolist() for name in (*_SHOWN, other, *law.AUTOMATIC)}
    columns["text"] = _times(table["time"], seen.at)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    rows.sort(key=lambda row: (not row["water_class"], -row["water_class"], fixed[row["code"]].rank))
    cells = [_section_cells(fixed[row["code"]], row, row[other]) for row in rows]
    return tag("div", widgets.table(head, cells, "sz-watersections"), class_="sz-scroll")


_SHOWN = ("code", "water_class", "deciding", "missing", "state", "meets", "before_class", "change")


@dataclass(frozen=True)
class _Fixed:
    """What stands in a section's row whatever the moment, and where it comes among those of its class."""

    rank: int
    name: Html
    river: str
    district: str
    target: str


@state.shared(max_entries=8)
def _fixed(key: tuple, lang: str, _ctx: state.Context) -> dict[str, _Fixed]:
    """By the code of the section."""
    register = overview.watched(_ctx.home, _ctx.scope)[0].sort_values(["river", "sequence", "name"], kind="stable")
    return {
        row["code"]: _Fixed(
            rank,
            pick(row["name"], section=row["code"]),
            place_name(key, row["river"], lang, _ctx),
            place_name(key, row["district"], lang, _ctx),
            "–" if pd.isna(row["target_class"]) else words.class_name(row["target_class"]),
        )
        for rank, row in enumerate(register.to_dict("records"))
    }


def _section_cells(fixed: _Fixed, row: dict, other: int) -> tuple:
    return (
        fixed.name,
        fixed.river,
        fixed.district,
        marks.named(row["water_class"]),
        _deciding(row),
        fixed.target,
        _met(row["meets"]),
        marks.named(row["before_class"]) if row["before_class"] else "–",
        _moved(row["change"]),
        words.class_name(other) if other else "–",
        row["text"],
    )


_ITEMS = {law.SYMBOLS[item]: item for item in law.AUTOMATIC}


def _deciding(row: dict) -> Html:
    """Items that decide the class, with their values; where one is missing, which; a state that isn't normal."""
    if row["missing"]:
        return tag("span", _("缺{items}").format(items=words.items_text(row["missing"])), class_="sz-muted")
    if not row["water_class"]:
        state_text = row["state"] if isinstance(row["state"], str) and row["state"] else _("没有读数")
        return tag("span", state_text, class_="sz-muted")
    shown = [_ITEMS[symbol] for symbol in row["deciding"].split(";") if symbol in _ITEMS][:2]
    parts = [join([words.items_text(law.SYMBOLS[item]), " ", words.value(row[item], item)]) for item in shown]
    return join(parts, _("、")) if parts else esc("–")


def _met(meets) -> Html | str:
    if meets is pd.NA:
        return "–"
    return tag("span", _("是"), class_="sz-better") if meets else tag("b", _("否"))


def _moved(change: float) -> Html:
    text = words.change_words(change)
    if change != change or change == 0:
        return tag("span", text, class_="sz-muted")
    return tag("span", text, class_="sz-worse" if change > 0 else "sz-better")


def _times(times: pd.Series, at: pd.Timestamp) -> list[str]:
    """The hour of each reading of the day shown, else its day too; of few different times."""
    texts = {time: _time(time, at) for time in times.unique()}
    return [texts[time] for time in times]


def _time(time, at: pd.Timestamp) -> str:
    if pd.isna(time):
        return "–"
    same = time.tz_convert(BEIJING).date() == at.date()
    return when(time, "HH:mm") if same else when(time, _("M月d日 HH:mm"))


@state.shared(max_entries=64)
def districts_table(key: tuple, at: pd.Timestamp, basis: str, lang: str, _ctx: state.Context) -> Html:
    """CWQI of the districts, the best first, with how many of the 21 items were measured."""
    seen = load(key, at, basis, _ctx)
    table = seen.districts
    measured = int(table["measured"].max()) if len(table) else 0
    note = _("{span}均值，实测 {n}/21 项").format(span=span_text(seen), n=measured)
    title = widgets.section(_("区县水质指数 CWQI"), note)
    if table.empty:
        return join([title, tag("p", _("没有断面写明区县。"), class_="sz-note")])
    head = [
        ("", "small"),
        (_("区县"), "strong"),
        (_("指数"), "num"),
        ("", "sz-barcell"),
        (_("断面"), "num"),
        (_("较去年"), "num"),
    ]
    top_value = table["cwqi"].max()
    rows = [
        (
            f"{row['rank']:.0f}",
            pick(place_name(key, row["district"], lang, _ctx), district=row["district"]),
            f"{row['cwqi']:.4f}",
            tag("div", tag("i", style=f"width:{row['cwqi'] / top_value * 100:.1f}%"), class_="sz-indexbar"),
            int(row["rivers"] + row["lakes"]),
            widgets.change(row["change"], 1),
        )
        for row in table.to_dict("records")
    ]
    foot = tag("p", _("指数越小越好；只与相同项目数的指数可比，不作排名依据。"), class_="sz-source")
    return join([title, tag("div", widgets.table(head, rows, "sz-waterindex"), class_="sz-box"), foot])


@state.shared(max_entries=64)
def lakes_table(key: tuple, at: pd.Timestamp, basis: str, lang: str, _ctx: state.Context) -> Html:
    """Class and trophic level of the lakes, the richest first."""
    seen = load(key, at, basis, _ctx)
    head = [
        (_("湖库"), "strong"),
        (_("类别"), ""),
        (_("总氮单评"), "sz-wide"),
        ("TLI", "num"),
        (_("去年"), "num"),
        (_("营养状态"), "sz-after"),
    ]
    rows = [
        (
            pick(row["lake"], river=row["lake"]),
            marks.named(row["water_class"]),
            words.class_name(row["class_tn"]) if row.get("class_tn") else "–",
            "–" if np.isnan(row["tli"]) else f"{row['tli']:.1f}",
            "–" if np.isnan(row["tli_before"]) else f"{row['tli_before']:.1f}",
            words.trophic_name(row["trophic"]),
        )
        for row in seen.lakes.to_dict("records")
    ]
    note = _("{span}均值，4/5 项，缺透明度").format(span=span_text(seen))
    body = tag("div", widgets.table(head, rows, "sz-waterlakes"), class_="sz-box")
    return join([widgets.section(_("湖库营养状态"), note), body])


def method() -> Html:
    """How the classes and indices on the page come about."""
    parts = [
        _("断面类别：GB 3838—2002 表 1，以最差的一项定（单因子评价）；自动站评 pH、溶解氧、高锰酸盐指数、氨氮、"
          "总磷五项，缺任何一项它本来监测的就不评。"),
        _("实时类别用未修约的读数，断面保留最近 12 小时内的类别；月、年类别用均值，修约后评价，pH 均值按氢离子浓度求，"
          "站点维护、停电时的读数不参加。"),
        _("河流：5 个及以上断面按Ⅰ–Ⅲ类和劣Ⅴ类比例（环办〔2011〕22号），不足 5 个按各项均值；湖库不参加河流评价。"),
        _("CWQI：各项均值与Ⅲ类限值之比求和（环办监测〔2017〕51号）；全部 21 项，自动站只测 5 项。"),
        _("TLI：五项加权（总站生字〔2001〕090号）；自动站没有透明度，其余四项重新归一，因此偏差未知。"),
        _("去年同期：实时类别与去年同一时刻比，均值与去年同一时段比。"),
    ]  # fmt: skip
    return tag("ul", join(tag("li", part) for part in parts), class_="sz-watermethod")


@state.shared(max_entries=64)
def legend(key: tuple, at: pd.Timestamp, basis: str, filters: Filters, lang: str, _ctx: state.Context) -> Html:
    """Classes with the numbers of the sections that the map shows."""
    return marks.legend(_counts(load(key, at, basis, _ctx), filters))


def _counts(seen: Overview, filters: Filters) -> dict[int, int]:
    return overview.shares(filters.of(seen.sections)["water_class"]).counts


@state.shared(max_entries=64)
def picture(key: tuple, at: pd.Timestamp, basis: str, filters: Filters, lang: str, _ctx: state.Context) -> Picture:
    """What a downloaded picture of the map says: city, time, classes with their numbers, where the borders are from."""
    seen = load(key, at, basis, _ctx)
    counts = _counts(seen, filters)
    entries = [
        {"shape": "diamond", "fill": marks.colors()[k][0], "name": words.class_name(k), "count": counts[k]}
        for k in marks.CLASSES
    ]
    entries.append({"shape": "hollow", "fill": None, "name": _("无数据"), "count": counts[0]})
    title = _("{city}水质断面　{time}").format(
        city=words.city_name(seen.city), time=when(seen.at, _("y年M月d日 HH:mm"))
    )
    kind = _("模拟数据") if _ctx.home.kind == "simulated" else _("实测数据")
    own = places.is_own(_ctx.home, _ctx.scope, "district")
    source = "" if own else _("界线：{source}").format(source=_(places.DISTRICT_SOURCE))
    return Picture(title, kind, source, [{"title": basis_text(seen), "entries": entries}])
