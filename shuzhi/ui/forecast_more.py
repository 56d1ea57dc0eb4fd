"""A part of the page 趋势预测 beside the days of the air: the sections of surface water."""

import datetime as dt

import numpy as np
import pandas as pd

from shuzhi.i18n import _
from shuzhi.research.forecast import issues, words
from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.research.forecast.sections import CLASS
from shuzhi.status import water_overview as overview
from shuzhi.status import water_words
from shuzhi.ui import state, widgets
from shuzhi.ui import water as water_view
from shuzhi.ui import water_marks as marks
from shuzhi.ui.forecast_blocks import chance_bar, day_head
from shuzhi.ui.markup import Html, join, tag

GOOD_CLASSES = 3
"""Ⅰ–Ⅲ."""


@state.shared(max_entries=4)
def sections(key: tuple, issue: Issue, _ctx: state.Context) -> pd.DataFrame:
    """What is told of the classes of the sections: a row a section and day."""
    return issues.read(_ctx.home, _ctx.scope, issue, kind="water", items=[CLASS])


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
        *((day_head(date, today), "sz-cell") for date in dates),
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
