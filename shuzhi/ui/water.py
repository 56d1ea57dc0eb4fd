"""What the page 水环境 shows: loaded once for a version of the home, and turned into HTML."""

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
from shuzhi.status import water_words as words
from shuzhi.status.water_overview import Overview, Shares
from shuzhi.ui import city_map, picking, state, widgets
from shuzhi.ui import water_marks as marks
from shuzhi.ui.markup import Html, esc, join, tag

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
        return table[kept]


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


@state.shared(max_entries=512)
def place_name(key: tuple, name: str, lang: str, _ctx: state.Context) -> str:
    """A district, zone or river in the language of the page; an en dash where it is not known."""
    return _english(key, _ctx).get(name, name) if lang == "en" and isinstance(name, str) else _text(name)


@state.shared(max_entries=4)
def _english(key: tuple, _ctx: state.Context) -> dict[str, str]:
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
    rows = maps.rows_of(filters.of(load(key, at, basis, _ctx).sections), lang)
    return maps.deck(tokens(dark), ground(key, lang, _ctx), rows, selected).to_json()


@state.shared(max_entries=8)
def ground(key: tuple, lang: str, _ctx: state.Context) -> layers.Ground:
    """The base layers, with names placed beside the sections."""
    points = overview.watched(_ctx.home, _ctx.scope)[0][["lon", "lat"]].dropna().to_numpy(float)
    return layers.ground(_ctx.home, _ctx.scope, lang, points)


@state.shared(max_entries=64)
def readings(key: tuple, code: str, end: pd.Timestamp, days: int, _ctx: state.Context) -> pd.DataFrame:
    """Readings and classes of a section in the days up to ``end``."""
    return status.classes(_ctx.home, _ctx.scope, end - pd.Timedelta(days=days), end, [code])


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


# ---- blocks of HTML, made once ----


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


@state.shared(max_entries=64)
def shares(key: tuple, at: pd.Timestamp, basis: str, lang: str, _ctx: state.Context) -> Html:
    """Share of classes Ⅰ–Ⅲ, targets met, both years as bars."""
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
    return join([title, widgets.figures(good, met, worst), block])


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
        (_("主要污染指标"), "sz-wide"),
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
        widgets.table(head, rows, "sz-waterrivers")
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
    order = table.assign(silent=table["water_class"] == 0, worst=-table["water_class"])
    order = order.sort_values(["silent", "worst", "river", "sequence", "name"], kind="stable")
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
    rows = [_section_cells(key, row, other, seen, lang, _ctx) for row in order.to_dict("records")]
    return tag("div", widgets.table(head, rows, "sz-watersections"), class_="sz-scroll")


def _section_cells(key: tuple, row: dict, other: str, seen: Overview, lang: str, ctx: state.Context) -> tuple:
    return (
        pick(row["name"], section=row["code"]),
        place_name(key, row["river"], lang, ctx),
        place_name(key, row["district"], lang, ctx),
        marks.named(row["water_class"]),
        _deciding(row),
        "–" if pd.isna(row["target_class"]) else words.class_name(row["target_class"]),
        _met(row["meets"]),
        marks.named(row["before_class"]) if row["before_class"] else "–",
        _moved(row["change"]),
        words.class_name(row[other]) if row[other] else "–",
        _time(row["time"], seen.at),
    )


def _text(value) -> str:
    return value if isinstance(value, str) and value else "–"


def _deciding(row: dict) -> Html:
    """Items that decide the class, with their values; where one is missing, which; a state that isn't normal."""
    if row["missing"]:
        return tag("span", _("缺{items}").format(items=words.items_text(row["missing"])), class_="sz-muted")
    if not row["water_class"]:
        state_text = row["state"] if isinstance(row["state"], str) and row["state"] else _("没有读数")
        return tag("span", state_text, class_="sz-muted")
    symbols = {law.SYMBOLS[item]: item for item in law.AUTOMATIC}
    shown = [symbols[symbol] for symbol in row["deciding"].split(";") if symbol in symbols][:2]
    parts = [join([words.items_text(law.SYMBOLS[item]), " ", words.value(row[item], item)]) for item in shown]
    return join(parts, _("、")) if parts else esc("–")


def _met(meets) -> Html | str:
    if pd.isna(meets):
        return "–"
    return tag("span", _("是"), class_="sz-better") if meets else tag("b", _("否"))


def _moved(change: float) -> Html:
    text = words.change_words(change)
    if change != change or change == 0:
        return tag("span", text, class_="sz-muted")
    return tag("span", text, class_="sz-worse" if change > 0 else "sz-better")


def _time(time, at: pd.Timestamp) -> str:
    """The hour of a reading of the day shown, else its day too."""
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


@state.shared(max_entries=128)
def card(key: tuple, code: str, at: pd.Timestamp, basis: str, lang: str, _ctx: state.Context) -> Html:
    """Head of the chosen section: who, where, its class, and how that compares."""
    seen = load(key, at, basis, _ctx)
    row = seen.sections.set_index("code").loc[code]
    place = [
        place_name(key, row["river"], lang, _ctx),
        place_name(key, row["district"], lang, _ctx),
    ]
    title = tag("div", join([tag("h2", row["name"]), marks.chip(row["now_class"])]), class_="sz-watertitle")
    facts = [
        (_("水体"), " · ".join(part for part in place if part and part != "–") or "–"),
        (_("目标类别"), _("没有") if pd.isna(row["target_class"]) else words.class_name(row["target_class"])),
        (_("{span}均值").format(span=span_text(seen)), _mean(row)),
        (_("去年同期均值"), words.class_name(row["past_class"]) if row["past_class"] else _("没有数据")),
    ]
    sentence = tag("p", words.section_sentence(row), class_="sz-note")
    cells = (tag("div", join([tag("dt", label), tag("dd", text)])) for label, text in facts)
    return join([title, sentence, tag("dl", join(cells), class_="sz-waterfacts")])


def _mean(row: pd.Series) -> Html | str:
    if not row["mean_class"]:
        return _("没有数据")
    return join(
        [
            words.class_name(row["mean_class"]),
            tag("span", _("　{n} 次").format(n=int(row["mean_times"])), class_="sz-muted"),
        ]
    )


@state.shared(max_entries=128)
def stream(key: tuple, code: str, at: pd.Timestamp, lang: str, _ctx: state.Context) -> Html:
    """The next sections up and down the river with their classes now and the way to them."""
    seen = load(key, at, "now", _ctx)
    table = seen.sections.set_index("code", drop=False)
    near = neighbours(key, _ctx)
    title = widgets.section(_("上下游断面"), _("类别为最近读数"))
    if code not in near.index or not isinstance(near.at[code, "reach"], str):
        return join([title, tag("p", _("这个断面不在河网上。"), class_="sz-note")])

    def neighbour(other: str, text: str, km: float) -> Html:
        row = table.loc[other]
        return _near(row, place_name(key, row["river"], lang, _ctx), text.format(km=f"{km:.1f}"))

    own = near.loc[code]
    above = list(zip(own["upstream"], own["upstream_km"], strict=True))
    below = [(own["downstream"], own["km"])] if isinstance(own["downstream"], str) else []
    here = join([marks.named(table.at[code, "now_class"]), tag("b", table.at[code, "name"])])
    rows = [neighbour(other, _("上游 {km} km"), km) for other, km in reversed(above)]
    rows += [tag("li", here, class_="sz-here")]
    rows += [neighbour(other, _("下游 {km} km"), km) for other, km in below]
    return join([title, tag("ol", join(rows), class_="sz-stream")])


def _near(row: pd.Series, river: str, distance: str) -> Html:
    """A neighbour: class, name, river, how far."""
    name = pick(row["name"], section=row["code"])
    parts = [marks.named(row["now_class"]), name, tag("span", river, class_="sz-river"), tag("span", distance)]
    return tag("li", join(parts))


def first_item(row: pd.Series, known: tuple[str, ...]) -> str:
    """The item that the chart begins with: what decides the class, else phosphorus."""
    symbols = {law.SYMBOLS[item]: item for item in law.AUTOMATIC}
    deciding = [symbols.get(symbol) for symbol in row["now_deciding"].split(";")]
    return next((item for item in (*deciding, "tp") if item in known), known[0])


def series_note(item: str, body: str) -> Html:
    """What the chart shows."""
    unit = words.unit(item)
    name = join([tag("b", words.item_name(item)), f"　{unit}" if unit else ""])
    limits = _("虚线为湖库各类限值") if body == "lake" else _("虚线为各类限值")
    if not charts.limit_lines(item, body):
        limits = _("没有类别限值")
    return tag("p", join([name, "　", limits, _("，底部色带为断面类别")]), class_="sz-source")


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


def pick(text, **chosen) -> Html:
    """A link on this page that chooses a section, a river or a district."""
    ((key, value),) = chosen.items()
    return picking.link(text, f"{key}={value}", f"water?{key}={quote(value)}")


def legend(seen: Overview, filters: Filters) -> Html:
    """Classes with the numbers of the sections that the map shows."""
    shown = filters.of(seen.sections)
    return marks.legend(overview.shares(shown["water_class"]).counts)
