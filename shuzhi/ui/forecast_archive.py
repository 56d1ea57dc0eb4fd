"""Part 往期 of the page 趋势预测: every issue beside what came."""

import numpy as np
import pandas as pd

from shuzhi.charts import forecast_skill as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _, when
from shuzhi.research.forecast import meeting, skill, words
from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.scores import told_level
from shuzhi.standards.levels import level
from shuzhi.ui import forecast as view
from shuzhi.ui import picking, state, widgets
from shuzhi.ui.forecast import Spot
from shuzhi.ui.forecast_blocks import rich
from shuzhi.ui.forecast_skill import LEADS, lead_name, scores_key
from shuzhi.ui.markup import Html, esc, join, tag

SHOWN_DAYS, SHOWN_ISSUES = 60, 60
_BESIDE = ("value", "came")


@state.shared(max_entries=32)
def pairs(key: tuple, spot: Spot, item: str, _ctx: state.Context) -> pd.DataFrame:
    """What was told of a place's days beside what came."""
    return skill.beside(_ctx.home, _ctx.scope, spot.level, spot.code, item)


@state.shared(max_entries=64)
def beside_chart(
    key: tuple, spot: Spot, item: str, lead: int, lang: str, dark: bool, scale: float, _ctx
) -> dict | None:
    """Vega-Lite of the last days as they were told so many days before, beside what came; None without any."""
    rows = pairs(key, spot, item, _ctx)
    rows = rows[rows["lead"] == lead].sort_values("issued_at").drop_duplicates("time", keep="last")
    rows = rows.sort_values("time").tail(SHOWN_DAYS)
    if rows.empty:
        return None
    return charts.beside(
        rows, item, tokens(dark), unit=words.unit(item), decimals=view.decimals(item), scale=scale, height=270
    )


@state.shared(max_entries=64)
def issues_table(key: tuple, spot: Spot, item: str, lang: str, _ctx: state.Context) -> Html:
    """The last issues: what each told of its days, and how far that was from what came."""
    rows = pairs(scores_key(_ctx), spot, item, _ctx)
    known, digits, signed = view.all_issues(key, _ctx), view.decimals(item), edited(key, spot, item, _ctx)
    told, came = (rows.pivot(index="issue", columns="lead", values=name).reindex(columns=LEADS) for name in _BESIDE)
    every = sorted(told.index, reverse=True)
    shown = every[:SHOWN_ISSUES]
    told, came = told.loc[shown].to_numpy(float), came.loc[shown].to_numpy(float)
    wrong = told_level(told) != level(came) if item == "aqi" else np.zeros(told.shape, bool)
    head = [
        (_("期次"), "strong"),
        *((lead_name(lead), "num") for lead in LEADS),
        (_("平均误差"), "num"),
        ("", "sz-after"),
    ]
    body = []
    for name, *days in zip(shown, told.tolist(), came.tolist(), wrong.tolist(), strict=True):
        cells = [_pair(*day, digits) for day in zip(*days, strict=True)]
        errors = [abs(value - seen) for value, seen in zip(*days[:2], strict=True) if value == value]
        marks = [_("回算")] * known[name].hindcast + [_("含会商订正")] * (name in signed)
        mean, said = sum(errors) / len(errors), tag("span", _("，").join(marks), class_="sz-muted")
        body.append([_link(known[name]), *cells, f"{mean:.{max(digits, 1)}f}", said])
    title = widgets.section(_("最近的期次"), _("预报 → 实测；粗体为级别不同；点期次看整期"))
    whole = [title, tag("div", widgets.table(head, body, "sz-pairs"), class_="sz-scroll sz-tall")]
    if len(every) > len(shown):
        more = _("共 {n} 期，这里是最近 {shown} 期；下载的 CSV 有全部。").format(n=len(every), shown=len(shown))
        whole.append(tag("p", more, class_="sz-source"))
    return join(whole)


@state.shared(max_entries=32)
def edited(key: tuple, spot: Spot, item: str, _ctx: state.Context) -> frozenset[str]:
    """Issues in which forecasters changed the item of the place; the AQI follows every pollutant."""
    held = meeting.edits(_ctx.home, _ctx.scope)
    held = held[held["value"].notna() & (held["level"] == spot.level) & (held["place"] == spot.code)]
    return frozenset(held["issue"] if item == "aqi" else held.loc[held["item"] == item, "issue"])


def _link(issue: Issue) -> Html:
    text = when(issue.issued_at, _("M月d日 HH:mm"))
    return picking.link(text, f"issue={issue.id}", f"forecast?issue={issue.id}", stay=True)


def _pair(told: float, came: float, wrong: bool, digits: int) -> Html:
    """Told and come; a mark where the level was another one."""
    if told != told:
        return esc("–")
    seen = f"{came:.{digits}f}"
    return join([tag("span", f"{told:.{digits}f} → ", class_="sz-muted"), tag("b", seen) if wrong else seen])


def note() -> Html:
    """What the marks mean."""
    return tag("p", rich(_("点为预报值，粗细条为 50% 与 90% 区间，线为实测。")), class_="sz-source")
