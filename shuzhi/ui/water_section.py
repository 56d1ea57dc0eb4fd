"""One section of surface water as HTML: who it is and how it stands, what its chart shows, its neighbours."""

import pandas as pd

from shuzhi.charts import water as charts
from shuzhi.i18n import _
from shuzhi.standards import water as law
from shuzhi.status import water_overview as overview
from shuzhi.status import water_words as words
from shuzhi.ui import state, widgets
from shuzhi.ui import water_marks as marks
from shuzhi.ui.markup import Html, join, tag
from shuzhi.ui.water import load, months, neighbours, pick, place_name, span_text
from shuzhi.ui.water import row as section_row


@state.shared(max_entries=128)
def card(key: tuple, code: str, at: pd.Timestamp, basis: str, lang: str, _ctx: state.Context) -> Html:
    """Head of the chosen section: who, where, its class, and how that compares."""
    seen = load(key, at, basis, _ctx)
    row = section_row(key, code, at, basis, _ctx)
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


def _mean(row: dict) -> Html | str:
    if not row["mean_class"]:
        return _("没有数据")
    return join(
        [
            words.class_name(row["mean_class"]),
            tag("span", _("　{n} 次").format(n=int(row["mean_times"])), class_="sz-muted"),
        ]
    )


@state.shared(max_entries=128)
def calendar(key: tuple, code: str, at: pd.Timestamp, lang: str, _ctx: state.Context) -> Html:
    """Classes of the months of this year and the one before as two rows of cells, each with its number."""
    found = months(key, code, at, _ctx)
    year = overview.span_of("year", at)[0].year
    head = [("", ""), *((_("{n}月").format(n=month), "") for month in range(1, 13))]
    rows = [
        [str(one), *(_month_cell(found.get(f"{one}-{month:02d}")) for month in range(1, 13))]
        for one in (year, year - 1)
    ]
    note = _("月均值，没有的月份为空")
    return join([widgets.section(_("逐月类别"), note), widgets.table(head, rows, "sz-watermonths")])


def _month_cell(row: dict | None) -> Html:
    """A month's class on its colour; how it came about in the tooltip."""
    if row is None:
        return tag("i")
    times = _("{n} 次读数").format(n=int(row["times"]))
    if not row["water_class"]:
        return tag("i", "–", title=_("缺{items}").format(items=words.items_text(row["missing"])))
    deciding = words.items_text(row["deciding"])
    color, ink = marks.colors()[int(row["water_class"])]
    text = " · ".join(part for part in (words.class_name(row["water_class"]), deciding, times) if part)
    return tag("i", law.ROMAN[int(row["water_class"]) - 1], title=text, style=f"background:{color};color:{ink}")


@state.shared(max_entries=128)
def stream(key: tuple, code: str, at: pd.Timestamp, lang: str, _ctx: state.Context) -> Html:
    """The next sections up and down the river with their classes now and the way to them."""
    near = neighbours(key, _ctx)
    title = widgets.section(_("上下游断面"), _("类别为最近读数"))
    if code not in near.index or not isinstance(near.at[code, "reach"], str):
        return join([title, tag("p", _("这个断面不在河网上。"), class_="sz-note")])

    def neighbour(other: str, text: str, km: float) -> Html:
        row = section_row(key, other, at, "now", _ctx)
        return _near(row, place_name(key, row["river"], lang, _ctx), text.format(km=f"{km:.1f}"))

    own = near.loc[code]
    above = list(zip(own["upstream"], own["upstream_km"], strict=True))
    below = [(own["downstream"], own["km"])] if isinstance(own["downstream"], str) else []
    row = section_row(key, code, at, "now", _ctx)
    here = join([marks.named(row["now_class"]), tag("b", row["name"])])
    rows = [neighbour(other, _("上游 {km} km"), km) for other, km in reversed(above)]
    rows += [tag("li", here, class_="sz-here")]
    rows += [neighbour(other, _("下游 {km} km"), km) for other, km in below]
    return join([title, tag("ol", join(rows), class_="sz-stream")])


def _near(row: dict, river: str, distance: str) -> Html:
    """A neighbour: class, name, river, how far."""
    name = pick(row["name"], section=row["code"])
    parts = [marks.named(row["now_class"]), name, tag("span", river, class_="sz-river"), tag("span", distance)]
    return tag("li", join(parts))


def series_note(item: str, body: str) -> Html:
    """What the chart shows."""
    unit = words.unit(item)
    name = join([tag("b", words.item_name(item)), f"　{unit}" if unit else ""])
    limits = _("虚线为湖库各类限值") if body == "lake" else _("虚线为各类限值")
    if not charts.limit_lines(item, body):
        limits = _("没有类别限值")
    return tag("p", join([name, "　", limits, _("，底部色带为断面类别")]), class_="sz-source")
