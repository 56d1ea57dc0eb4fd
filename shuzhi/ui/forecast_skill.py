"""The page 趋势预测 on itself: how good its forecasts were, and every one beside what came."""

import pandas as pd

from shuzhi.charts import forecast_skill as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _, when
from shuzhi.research.forecast import skill, words
from shuzhi.research.forecast.issues import TOLD
from shuzhi.standards.levels import level
from shuzhi.ui import forecast as view
from shuzhi.ui import picking, state, widgets
from shuzhi.ui.forecast import Spot
from shuzhi.ui.forecast_blocks import rich
from shuzhi.ui.markup import Html, join, tag

LEADS = tuple(range(1, 8))
DRAWN = (TOLD, "forecaster", "damped", "persistence", "climatology")
"""Models whose errors are drawn; the table of the models has the others."""
SHOWN_DAYS = 60


@state.shared(max_entries=4)
def verified(key: tuple, _ctx: state.Context) -> bool:
    """Whether any day of the city came that was told."""
    return len(skill.board(_ctx.home, _ctx.scope)) > 0


@state.shared(max_entries=32)
def board(key: tuple, spot: Spot, item: str, _ctx: state.Context) -> pd.DataFrame:
    """Scores of a place by model and lead; empty before anything is verified."""
    return skill.board(_ctx.home, _ctx.scope, level=spot.level, place=spot.code, item=item)


@state.shared(max_entries=32)
def pairs(key: tuple, spot: Spot, item: str, _ctx: state.Context) -> pd.DataFrame:
    """What was told of a place's days beside what came."""
    return skill.beside(_ctx.home, _ctx.scope, spot.level, spot.code, item)


@state.shared(max_entries=32)
def errors_chart(key: tuple, spot: Spot, item: str, lang: str, dark: bool, scale: float, _ctx) -> dict:
    """Vega-Lite of the mean absolute error by lead."""
    table = board(key, spot, item, _ctx).pivot(index="model", columns="lead", values="mae")
    chosen = [name for name in DRAWN if name in table.index]
    series = {words.model_name(name): table.loc[name].tolist() for name in chosen}
    shown = [_("第 {n} 天").format(n=lead) for lead in table.columns]
    told = words.model_name(TOLD)
    return charts.by_lead(series, shown, tokens(dark), told=told, decimals=1, scale=scale, height=230, zero=True)


@state.shared(max_entries=32)
def reliability_chart(key: tuple, spot: Spot, lang: str, dark: bool, scale: float, _ctx) -> dict | None:
    """Vega-Lite of how often polluted days came when they were held likely; None without any."""
    table = skill.reliability(_ctx.home, _ctx.scope, spot.level, spot.code)
    return charts.reliability(table, tokens(dark), scale=scale) if len(table) else None


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


@state.shared(max_entries=32)
def errors_table(key: tuple, spot: Spot, item: str, lang: str, _ctx: state.Context) -> Html:
    """Scores of what is told by lead: a row a score, a column a day."""
    told = board(key, spot, item, _ctx)
    told = told[told["model"] == TOLD].set_index("lead")
    digits = 1 if view.decimals(item) == 0 else 2
    rows = [
        (_("平均绝对误差"), "mae", f".{digits}f"),
        (_("偏差"), "bias", f"+.{digits}f"),
        (_("均方根误差"), "rmse", f".{digits}f"),
        (_("技巧，较持续"), "skill_persistence", "+.2f"),
        (_("技巧，较气候"), "skill_climatology", "+.2f"),
        (_("落在 50% 区间"), "inside50", ".0%"),
        (_("落在 90% 区间"), "inside90", ".0%"),
    ]
    if item == "aqi":
        rows += [
            (_("等级概率评分 RPS"), "rps", ".3f"),
            (_("污染日：报对"), "hits", "d"),
            (_("污染日：漏报"), "misses", "d"),
            (_("污染日：空报"), "false_alarms", "d"),
            (_("首要污染物报对"), "primary_right", ".0%"),
        ]
    rows.append((_("天数"), "n", "d"))
    head = [(_("集合预报"), ""), *((_("第 {n} 天").format(n=lead), "num") for lead in told.index)]
    body = [[label, *(_score(value, form) for value in told[name])] for label, name, form in rows]
    return tag("div", widgets.table(head, body, "sz-scores"), class_="sz-scroll")


def _score(value: float, form: str) -> str:
    return "–" if value != value else format(int(value) if form == "d" else value, form).replace("-", "−")


@state.shared(max_entries=32)
def claims_table(key: tuple, spot: Spot, lang: str, _ctx: state.Context) -> Html:
    """Accuracies of the level, each with its definition beside what takes no skill; nothing before any is verified."""
    if board(key, spot, "aqi", _ctx).empty:
        return Html("")
    found = skill.claims(skill.read(_ctx.home, _ctx.scope, level=spot.level, place=spot.code))
    head = [
        (_("口径（7 天合计）"), "sz-claim"),
        (_("集合预报"), "num"),
        (_("最差一天"), "num"),
        (_("气候"), "num"),
        (_("持续"), "num"),
        (_("优良日占比"), "num"),
    ]
    rows = [
        [
            one.text,
            tag("b", f"{one.share:.0%}"),
            f"{one.lowest:.0%}",
            _score(one.climatology, ".0%"),
            _score(one.persistence, ".0%"),
            _score(one.always_good, ".0%"),
        ]
        for one in found
    ]
    first = found[0]
    always = _("优良日占比即总报“优～良”在两级范围口径下的得分。")
    title = widgets.section(_("级别准确率"), _("AQI，{n} 对").format(n=first.n))
    note = tag(
        "p",
        join([always, _basis_text(skill.basis(_ctx.home, _ctx.scope, first.first, first.last))]),
        class_="sz-source",
    )
    return join([title, tag("div", widgets.table(head, rows, "sz-claims"), class_="sz-scroll"), note])


def _basis_text(basis: skill.Basis) -> str:
    text = _("检验的期次 {n} 期，其中回算 {made} 期（{first} 至 {last}）。")
    return text.format(n=basis.issues, made=basis.hindcasts, first=basis.first, last=basis.last)


@state.shared(max_entries=64)
def issues_table(key: tuple, spot: Spot, item: str, lang: str, _ctx: state.Context) -> Html:
    """The last issues: what each told of its days, and how far that was from what came."""
    rows = pairs(key, spot, item, _ctx)
    known = view.all_issues(key, _ctx)
    digits = view.decimals(item)
    shown = list(dict.fromkeys(rows.sort_values("issued_at", ascending=False)["issue"]))[:30]
    by_issue = {name: table.set_index("lead") for name, table in rows[rows["issue"].isin(shown)].groupby("issue")}
    head = [
        (_("期次"), "strong"),
        *((_("第 {n} 天").format(n=lead), "num") for lead in LEADS),
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
    title = widgets.section(_("最近的期次"), _("预报 → 实测；点期次看整期"))
    return join([title, tag("div", widgets.table(head, body, "sz-pairs"), class_="sz-scroll")])


def _pair(row: pd.Series, item: str, digits: int) -> Html:
    """Told and come; of the AQI a mark where the level was another one."""
    told, came = f"{row['value']:.{digits}f}", f"{row['came']:.{digits}f}"
    wrong = item == "aqi" and int(level(row["value"])) != int(level(row["came"]))
    return join([tag("span", f"{told} → ", class_="sz-muted"), tag("b", came) if wrong else came])


def note() -> Html:
    """What the marks mean."""
    return tag("p", rich(_("点为预报值，粗细条为 50% 与 90% 区间，线为实测。")), class_="sz-source")
