"""Part 往期 of the page 趋势预测: every issue beside what came."""

import pandas as pd

from shuzhi.charts import forecast_skill as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _, when
from shuzhi.research.forecast import skill, words
from shuzhi.standards.levels import level
from shuzhi.ui import forecast as view
from shuzhi.ui import picking, state, widgets
from shuzhi.ui.forecast import Spot
from shuzhi.ui.forecast_blocks import rich
from shuzhi.ui.forecast_skill import LEADS, lead_name
from shuzhi.ui.markup import Html, join, tag

SHOWN_DAYS, SHOWN_ISSUES = 60, 60


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
    rows = pairs(key, spot, item, _ctx)
    known = view.all_issues(key, _ctx)
    digits = view.decimals(item)
    every = list(dict.fromkeys(rows.sort_values("issued_at", ascending=False)["issue"]))
    shown = every[:SHOWN_ISSUES]
    by_issue = {name: table.set_index("lead") for name, table in rows[rows["issue"].isin(shown)].groupby("issue")}
    head = [
        (_("期次"), "strong"),
        *((lead_name(lead), "num") for lead in LEADS),
        (_("平均误差"), "num"),
        ("", "sz-after"),
    ]
    body = []
    for name in shown:
        table = by_issue[name]
        error = (table["value"] - table["came"]).abs().mean()
        text = when(known[name].issued_at, _("M月d日 HH:mm"))
        link = picking.link(text, f"issue={name}", f"forecast?issue={name}", stay=True)
        mark = tag("span", _("回算"), class_="sz-muted") if known[name].hindcast else ""
        cells = [_pair(table.loc[lead], item, digits) if lead in table.index else "–" for lead in LEADS]
        body.append([link, *cells, f"{error:.{max(digits, 1)}f}", mark])
    title = widgets.section(_("最近的期次"), _("预报 → 实测；粗体为级别不同；点期次看整期"))
    whole = [title, tag("div", widgets.table(head, body, "sz-pairs"), class_="sz-scroll sz-tall")]
    if len(every) > len(shown):
        more = _("共 {n} 期，这里是最近 {shown} 期；下载的 CSV 有全部。").format(n=len(every), shown=len(shown))
        whole.append(tag("p", more, class_="sz-source"))
    return join(whole)


def _pair(row: pd.Series, item: str, digits: int) -> Html:
    """Told and come; of the AQI a mark where the level was another one."""
    told, came = f"{row['value']:.{digits}f}", f"{row['came']:.{digits}f}"
    wrong = item == "aqi" and int(level(row["value"])) != int(level(row["came"]))
    return join([tag("span", f"{told} → ", class_="sz-muted"), tag("b", came) if wrong else came])


def note() -> Html:
    """What the marks mean."""
    return tag("p", rich(_("点为预报值，粗细条为 50% 与 90% 区间，线为实测。")), class_="sz-source")
