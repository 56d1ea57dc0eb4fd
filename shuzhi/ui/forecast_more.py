"""Parts of the page 趋势预测 beside the days of the air: sections of surface water, month and year against targets."""

import datetime as dt

import numpy as np
import pandas as pd

from shuzhi.decision.outlook import against_targets
from shuzhi.i18n import _, when
from shuzhi.research.forecast import issues, words
from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.research.forecast.sections import CLASS
from shuzhi.status import water_overview as overview
from shuzhi.status import water_words
from shuzhi.ui import state, widgets
from shuzhi.ui import water as water_view
from shuzhi.ui import water_marks as marks
from shuzhi.ui.forecast_blocks import chance_bar, rich
from shuzhi.ui.markup import Html, join, tag

GOOD_CLASSES = 3
"""Ⅰ–Ⅲ."""


@state.shared(max_entries=4)
def sections(key: tuple, issue: Issue, _ctx: state.Context) -> pd.DataFrame:
    """What is told of the classes of the sections: a row a section and day."""
    return issues.read(_ctx.home, _ctx.scope, issue, kind="water", items=[CLASS])


@state.shared(max_entries=4)
def outlooks(key: tuple, issue: Issue, _ctx: state.Context) -> pd.DataFrame:
    """Months and the year, beside their targets."""
    return against_targets(_ctx.home, _ctx.scope, issues.outlook(_ctx.home, _ctx.scope, issue))


@state.shared(max_entries=16)
def water_table(key: tuple, issue: Issue, today: dt.date, lang: str, _ctx: state.Context) -> Html:
    """Class and its probability of each section and day, the worst first."""
    table = sections(key, issue, _ctx).sort_values(["place", "lead"])
    register = overview.watched(_ctx.home, _ctx.scope)[0].set_index("code")
    dates = [words.date_of(end) for end in sorted(table["time"].unique())]
    head = [
        (_("断面名称"), "strong"),
        (_("河流"), "sz-slim"),
        (_("未来 7 天的类别概率"), "sz-chancecell"),
        *((_day_head(date, today), "sz-cell") for date in dates),
    ]
    rows = []
    for code, days in table.groupby("place", sort=False):
        if code not in register.index:
            continue
        chances = days[PROBABILITIES].to_numpy(float)
        by_date = dict(zip((words.date_of(end) for end in days["time"]), days.itertuples(), strict=True))
        bad = np.nansum(chances[:, GOOD_CLASSES:])
        row = register.loc[code]
        link = state.link("water", section=code)
        cells = [
            tag("a", row["name"], href=link, target="_self"),
            water_view.place_name(key, row["river"], lang, _ctx),
            chance_bar(np.nanmean(chances, axis=0), water_words.class_name, lambda k: marks.colors()[k][0]),
            *(_class_cell(by_date.get(date)) for date in dates),
        ]
        rows.append((-days["value"].max(), -bad, cells))
    rows.sort(key=lambda row: row[:2])
    note = _("{n} 个断面，最差的在前；格内为最可能的类别").format(n=len(rows))
    body = widgets.table(head, (cells for *_rank, cells in rows), "sz-daymatrix sz-watermatrix")
    return join([widgets.section(_("水环境　未来 7 天"), note), tag("div", body, class_="sz-scroll sz-tall")])


def _day_head(date: dt.date, today: dt.date) -> str:
    name = words.day_name(date, today)
    return when(date, _("d日")) if name == words.date_text(date) else name


def _class_cell(row) -> Html:
    """The likeliest class on its colour, with its probability."""
    if row is None or not np.isfinite(row.value):
        return tag("i", "–")
    level = int(row.value)
    chances = np.array([getattr(row, name) for name in PROBABILITIES], float)
    color, ink = marks.colors()[level]
    title = _("、").join(
        f"{water_words.class_name(k)} {words.chance_text(p)}" for k, p in enumerate(chances, 1) if p >= 0.005
    )
    text = water_words.class_name(level)
    return tag("i", text, title=title, style=f"background:{color};color:{ink}")


@state.shared(max_entries=16)
def outlook_blocks(key: tuple, issue: Issue, lang: str, _ctx: state.Context) -> Html:
    """Good days and PM2.5 of the months and the year as distributions; the year against its target."""
    table = outlooks(key, issue, _ctx)
    parts = []
    for item, title in (("good_days", _("优良天数")), ("pm25", _("PM2.5 平均浓度"))):
        rows = table[table["item"] == item]
        if len(rows):
            unit = _("天") if item == "good_days" else words.unit(item)
            head = [widgets.section(rich(title), unit), _year_sentence(rows)]
            parts.append(tag("div", join([*head, _outlook_table(rows, item)])))
    foot = tag(
        "p",
        _("由已知的日子、这一期的七天和往年同季日子的重抽样得出；条为 50% 与 90% 区间，竖线为中位数，◇为目标。"),
        class_="sz-source",
    )
    return join([tag("div", join(parts), class_="sz-outlooks"), foot])


def _year_sentence(rows: pd.DataFrame) -> Html:
    """What the year will come to, against its target."""
    return join(tag("p", rich(words.outlook(row)), class_="sz-lead") for row in rows[_whole(rows)].to_dict("records"))


def _outlook_table(rows: pd.DataFrame, item: str) -> Html:
    """A row a span: so far, median and bands as numbers and as a bar, the target and its chance."""
    digits = 0 if item == "good_days" else 1
    head = [
        (_("时段"), "strong"),
        (_("至今"), "num"),
        (_("中位数"), "big"),
        (_("90% 区间"), "num"),
        ("", "sz-rangecell"),
        (_("目标"), "num"),
        (_("达到的可能性"), "num"),
    ]
    body = []
    for span in (rows[~_whole(rows)], rows[_whole(rows)]):
        if span.empty:
            continue
        ends = span[["lower90", "upper90", "target"]].to_numpy(float)
        low, high = np.nanmin(ends), np.nanmax(ends)
        for row in span.to_dict("records"):
            body.append(_outlook_cells(row, digits, low, high))
    return tag("div", widgets.table(head, body, "sz-outlook"), class_="sz-scroll")


def _whole(rows: pd.DataFrame) -> np.ndarray:
    """Whether the span is a year."""
    return np.array([(last - first).days > 300 for first, last in zip(rows["first"], rows["last"], strict=True)], bool)


def _outlook_cells(row: dict, digits: int, low: float, high: float) -> list:
    first, last = pd.Timestamp(row["first"]).date(), pd.Timestamp(row["last"]).date()
    name = _("{year} 年").format(year=first.year) if (last - first).days > 300 else when(first, _("y年M月"))
    so_far = "–" if row["so_far"] != row["so_far"] or not row["days"] else f"{row['so_far']:.{digits}f}"
    target, known = row["target"], row["target"] == row["target"]
    return [
        name,
        so_far,
        f"{row['median']:.{digits}f}",
        f"{row['lower90']:.{digits}f}–{row['upper90']:.{digits}f}",
        _range(row, low, high),
        f"{target:g}" if known else "–",
        words.chance_text(row["chance"]) if known else "–",
    ]


def _range(row: dict, low: float, high: float) -> Html:
    """Bands and median of a distribution as a bar between the lowest and the highest of the spans beside it."""
    width = (high - low) or 1.0

    def at(value: float) -> float:
        return 100 * min(max((value - low) / width, 0), 1)

    def band(a: str, b: str, class_: str) -> Html:
        return tag("i", class_=class_, style=f"left:{at(row[a]):.1f}%;width:{max(at(row[b]) - at(row[a]), 0.8):.1f}%")

    parts = [band("lower90", "upper90", "sz-out90"), band("lower50", "upper50", "sz-out50")]
    parts.append(tag("i", class_="sz-outmiddle", style=f"left:{at(row['median']):.1f}%"))
    if row["target"] == row["target"]:
        parts.append(tag("b", "◇", style=f"left:{at(row['target']):.1f}%"))
    return tag("div", join(parts), class_="sz-outbar")
