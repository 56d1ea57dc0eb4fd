"""Part 检验 of the page 趋势预测: how good the forecasts of a place were, each accuracy beside what takes no skill.

Scores change once a day, the home with every hour's readings: what is made of scores alone is kept by `scores_key`.
"""

import pandas as pd

from shuzhi.charts import forecast_skill as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import N_, _
from shuzhi.research.forecast import skill, sums, verify, words
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.skill import CLAIMS
from shuzhi.ui import forecast as view
from shuzhi.ui import state, widgets
from shuzhi.ui.forecast import Spot
from shuzhi.ui.forecast_blocks import rich
from shuzhi.ui.markup import Html, join, tag

LEADS = tuple(range(1, 8))
FEW = 30
"""Pairs below which a share says little: its standard error is some 7 points or more."""
DRAWN = (TOLD, "forecaster", "damped", "persistence", "climatology")
"""Models whose errors are drawn; the table of the models has the others."""
SHORT = {
    "two_level": N_("相邻两级"),
    "exact_level": N_("级别准确"),
    "range25": N_("范围 ±25%"),
    "within_one": N_("相差一级以内"),
    "good_or_not": N_("优良与否"),
}
"""Names of the definitions in ``skill.CLAIMS``, in the order of the page."""


def definitions(item: str) -> tuple[str, ...]:
    """Definitions of accuracy that an item has: a concentration has no levels of its own."""
    return tuple(SHORT) if item == "aqi" else ("range25",)


@state.shared(max_entries=4)
def verified(key: tuple, _ctx: state.Context) -> bool:
    """Whether any day came that was told."""
    return bool(verify.scored(_ctx.home, _ctx.scope))


def scores_key(ctx: state.Context) -> tuple:
    """First argument of what is made of scores alone: their state instead of the home's version."""
    path, _version, scope = ctx.open_key
    return path, ("scores", ctx.home.engine.state("forecast_score")), scope


@state.shared(max_entries=48)
def all_sums(key: tuple, spot: Spot, item: str, _ctx: state.Context) -> pd.DataFrame:
    """Sums of scores of a place, as from `skill.read`; empty before anything is verified."""
    return skill.read(_ctx.home, _ctx.scope, level=spot.level, place=spot.code, item=item)


def scored(key: tuple, spot: Spot, item: str, made: str | None, ctx: state.Context) -> pd.DataFrame:
    """Sums of a place, of live issues or those made afterwards only where that is asked for."""
    return sums.chosen(all_sums(key, spot, item, ctx), made=made)


@state.shared(max_entries=48)
def pairs_made(key: tuple, spot: Spot, item: str, _ctx: state.Context) -> dict[str | None, int]:
    """Pairs of a place by how their issues were made; None: all."""
    told = all_sums(key, spot, item, _ctx)
    told = told[told["model"] == TOLD]
    counted = told.groupby("made")["n"].sum().to_dict()
    return {None: int(told["n"].sum())} | {made: int(counted.get(made, 0)) for made in sums.MADE}


@state.shared(max_entries=48)
def board(key: tuple, spot: Spot, item: str, made: str | None, _ctx: state.Context) -> pd.DataFrame:
    """Scores of a place by model and lead."""
    return skill.rated(scored(key, spot, item, made, _ctx), ["model", "lead"])


@state.shared(max_entries=48)
def pooled(key: tuple, spot: Spot, item: str, made: str | None, _ctx: state.Context) -> pd.DataFrame:
    """Scores of a place by model, all leads together."""
    return skill.rated(scored(key, spot, item, made, _ctx), ["model"]).set_index("model")


def lead_name(lead: int) -> str:
    """第 1 天."""
    return _("第 {n} 天").format(n=lead)


@state.shared(max_entries=32)
def errors_chart(key: tuple, spot: Spot, item: str, made: str | None, lang: str, dark: bool, scale: float, _ctx):
    """Vega-Lite of the mean absolute error by lead."""
    table = board(key, spot, item, made, _ctx).pivot(index="model", columns="lead", values="mae")
    series = {words.model_name(name): table.loc[name].tolist() for name in DRAWN if name in table.index}
    return _by_lead(series, table.columns, dark, scale, decimals=1, height=230, zero=True)


@state.shared(max_entries=32)
def accuracy_chart(
    key: tuple, spot: Spot, item: str, claim: str, made: str | None, lang: str, dark: bool, scale: float, _ctx
) -> dict:
    """Vega-Lite of an accuracy by lead in percent, beside the climatology and what always saying 优～良 would score."""
    table = 100 * board(key, spot, item, made, _ctx).set_index(["model", "lead"])[[claim, "always_good"]]
    leads = list(table.loc[TOLD].index)
    names = [name for name in (TOLD, "climatology", "persistence") if (name, leads[0]) in table.index]
    series = {words.model_name(name): table.loc[name, claim].reindex(leads).tolist() for name in names}
    if item == "aqi":
        series[_("总报“优～良”")] = table.loc[TOLD, "always_good"].tolist()
    return _by_lead(series, leads, dark, scale, decimals=0, height=200, most=100)


def _by_lead(series: dict, leads, dark: bool, scale: float, **more) -> dict:
    shown, told = [lead_name(lead) for lead in leads], words.model_name(TOLD)
    return charts.by_lead(series, shown, tokens(dark), told=told, scale=scale, **more)


@state.shared(max_entries=32)
def reliability(key: tuple, spot: Spot, made: str | None, _ctx: state.Context) -> pd.DataFrame:
    """How often polluted days came when they were held likely."""
    return skill.reliability(_ctx.home, _ctx.scope, spot.level, spot.code, made=made)


@state.shared(max_entries=32)
def reliability_chart(key: tuple, spot: Spot, made: str | None, lang: str, dark: bool, scale: float, _ctx):
    """Vega-Lite of the reliability; None without any."""
    table = reliability(key, spot, made, _ctx)
    return charts.reliability(table, tokens(dark), scale=scale) if len(table) else None


@state.shared(max_entries=48)
def answer(key: tuple, spot: Spot, item: str, claim: str, made: str | None, lang: str, _ctx: state.Context) -> Html:
    """The sentence: how often it was right in a sense, beside what takes no skill; the error of the first day."""
    table = pooled(key, spot, item, made, _ctx)
    told = table.loc[TOLD]
    floors = []
    if item == "aqi":
        floors.append(_("总报“优～良”得 {share}").format(share=percent(told["always_good"])))
    floors.append(_("气候平均得 {share}").format(share=percent(_of(table, "climatology", claim))))
    floors.append(_("把前一天照搬得 {share}").format(share=percent(_of(table, "persistence", claim))))
    leads = board(key, spot, item, made, _ctx).set_index(["model", "lead"]).loc[TOLD]
    first = leads.iloc[0]
    text = _("{n} 天合计，“{claim}”准确率 {share}；{floors}。第 1 天平均误差 {error}，较持续的技巧 {skill}。").format(
        n=len(leads),
        claim=_(SHORT[claim]),
        share=percent(told[claim]),
        floors=_("，").join(floors),
        error=f"{first['mae']:.{1 if view.decimals(item) == 0 else 2}f} {words.unit(item)}".strip(),
        skill=score(first["skill_persistence"], "+.2f"),
    )
    few = _("只有 {n} 对，还说明不了什么。").format(n=int(told["n"])) if told["n"] < FEW else ""
    definition = tag("span", rich(_(CLAIMS[claim])), class_="sz-muted")
    return tag("p", join([rich(text), rich(few), " ", definition]), class_="sz-lead")


def _of(table: pd.DataFrame, model: str, claim: str) -> float:
    return float(table.loc[model, claim]) if model in table.index else float("nan")


@state.shared(max_entries=32)
def errors_table(key: tuple, spot: Spot, item: str, claim: str, made: str | None, lang: str, _ctx) -> Html:
    """Scores of what is told by lead: a row a score, a column a day; under the accuracy what takes no skill."""
    told = board(key, spot, item, made, _ctx)
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
    rows += [(_(SHORT[claim]), claim, ".0%"), (_("　气候"), f"{claim}_climatology", ".0%")]
    if item == "aqi":
        rows += [
            (_("　总报“优～良”"), "always_good", ".0%"),
            (_("等级概率评分 RPS"), "rps", ".3f"),
            (_("污染日：报对"), "hits", "d"),
            (_("污染日：漏报"), "misses", "d"),
            (_("污染日：空报"), "false_alarms", "d"),
            (_("首要污染物报对"), "primary_right", ".0%"),
        ]
    rows.append((_("天数"), "n", "d"))
    head = [(_("集合预报"), ""), *((lead_name(lead), "num") for lead in told.index)]
    body = [[label, *(score(value, form) for value in told[name])] for label, name, form in rows]
    return tag("div", widgets.table(head, body, "sz-scores"), class_="sz-scroll")


def score(value: float, form: str) -> str:
    """A number in a format, with a true minus; – without one."""
    return "–" if value != value else format(int(value) if form == "d" else value, form).replace("-", "−")


def percent(value: float) -> str:
    """85%; – without one."""
    return score(value, ".0%")


@state.shared(max_entries=32)
def claims_table(key: tuple, spot: Spot, made: str | None, lang: str, _ctx: state.Context) -> Html:
    """Accuracies of the level, each with its definition beside what takes no skill."""
    found = {one.definition: one for one in skill.claims(scored(key, spot, "aqi", made, _ctx))}
    head = [
        (_("口径（7 天合计）"), "sz-claim"),
        (_("集合预报"), "num"),
        (_("最差一天"), "num"),
        (_("气候"), "num"),
        (_("持续"), "num"),
        (_("总报“优～良”"), "num"),
    ]
    rows = [
        [
            rich(one.text),
            tag("b", f"{one.share:.0%}"),
            percent(one.lowest),
            percent(one.climatology),
            percent(one.persistence),
            percent(one.always_good),
        ]
        for one in (found[name] for name in SHORT)
    ]
    always = _("总报“优～良”：实况是优或良的日子所占的比例，即不看任何资料、每天只说这一句能得的分。")
    title = widgets.section(_("级别准确率"), _("AQI，{n} 对").format(n=found["two_level"].n))
    table = tag("div", widgets.table(head, rows, "sz-claims"), class_="sz-scroll")
    return join([title, table, tag("p", always, class_="sz-source")])


@state.shared(max_entries=32)
def basis_text(key: tuple, spot: Spot, item: str, made: str | None, lang: str, _ctx: state.Context) -> str:
    """What the scores are made of."""
    months = scored(scores_key(_ctx), spot, item, made, _ctx)["month"]
    basis = skill.basis(_ctx.home, _ctx.scope, months.min(), months.max(), made)
    return _("检验的期次 {n} 期，其中回算 {made} 期（{first} 至 {last}）。").format(
        n=basis.issues, made=basis.hindcasts, first=basis.first, last=basis.last
    )


def basis_note(key: tuple, spot: Spot, item: str, made: str | None, ctx: state.Context) -> Html:
    """What the scores are made of, and how they follow corrections."""
    follow = _("每天重新检验近两个月的期次；更早月份的实况补到或订正后，次日一并重算。")
    return widgets.source(basis_text(key, spot, item, made, ctx.lang, ctx), " ", follow)
