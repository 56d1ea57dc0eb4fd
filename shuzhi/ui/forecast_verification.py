"""Parts 检验 and 往期 of the page 趋势预测: how good the forecasts of a place were, and every one beside what came."""

from dataclasses import dataclass

import streamlit as st

from shuzhi.i18n import N_, _
from shuzhi.research.forecast.issues import Issue
from shuzhi.ui import city_map, state, widgets
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_archive as past
from shuzhi.ui import forecast_blocks as blocks
from shuzhi.ui import forecast_skill as board
from shuzhi.ui import forecast_splits as splits
from shuzhi.ui import forecast_states as states
from shuzhi.ui.choosing import segments
from shuzhi.ui.forecast import Spot

SPLITS = {"lead": N_("按提前天数"), "season": N_("按季节"), "station": N_("按站点")}
MADE = {"all": N_("全部期次 {n} 对"), "live": N_("实时起报 {n} 对"), "hindcast": N_("回算 {n} 对")}
LEAD = 2
"""The lead whose days the archive draws unless another one is asked for."""


@dataclass(frozen=True)
class Asked:
    """What the URL asks of the scores."""

    split: str
    claim: str
    made: str | None
    sort: str


def asked(item: str) -> Asked:
    """How the scores are split, which definition of accuracy, of which issues, in which order of stations."""
    known = board.definitions(item)
    made = city_map.one_of("made", MADE, "all")
    sorts = [sign + name for name in splits.SORTS for sign in ("", "-")]
    return Asked(
        city_map.one_of("split", SPLITS, "lead"),
        city_map.one_of("claim", known, known[0]),
        None if made == "all" else made,
        city_map.one_of("sort", sorts, "share"),
    )


def skill(ctx: state.Context, _issue: Issue, spot: Spot, item: str, _today) -> None:
    """How good the forecasts of the place were: by lead, by season, by station."""
    if board.all_sums(board.scores_key(ctx), spot, item, ctx).empty:
        widgets.show(states.note(_("这个地点的这一项还没有检验。")))
        return
    ask = asked(item)
    choices(ctx, spot, item, ask)
    if not board.pairs_made(board.scores_key(ctx), spot, item, ctx)[ask.made]:
        widgets.show(states.note(_("实时起报的期次所报的日子还没有到，检验从次日开始；回算的成绩见“全部期次”。")))
        return
    {"lead": by_lead, "season": by_season, "station": by_station}[ask.split](ctx, spot, item, ask)
    widgets.show(board.basis_note(ctx.open_key, spot, item, ask.made, ctx))


def choices(ctx: state.Context, spot: Spot, item: str, ask: Asked) -> None:
    """How the scores are split, which definition, of which issues; all of it stands in the URL."""
    with st.container(key="forecast-skill-tools", horizontal=True, vertical_alignment="center"):
        _choose(_("分组"), "split", {name: _(text) for name, text in SPLITS.items()}, ask.split, "lead")
        known = board.definitions(item)
        if len(known) > 1:
            _choose(_("口径"), "claim", {name: _(board.SHORT[name]) for name in known}, ask.claim, known[0])
        counts = board.pairs_made(board.scores_key(ctx), spot, item, ctx)
        if counts["hindcast"]:
            shown = {
                name: _(text).format(n=f"{counts[None if name == 'all' else name]:,}") for name, text in MADE.items()
            }
            _choose(_("期次"), "made", shown, ask.made or "all", "all")


def _choose(label: str, name: str, shown: dict, value, default) -> None:
    segments(label, name, list(shown), value, names=shown.get, key=f"forecast-{name}", default=default)


def by_lead(ctx: state.Context, spot: Spot, item: str, ask: Asked) -> None:
    """Errors and accuracies by lead; the definitions; reliability."""
    key, looks = board.scores_key(ctx), (ctx.lang, ctx.dark, ctx.scale, ctx)
    widgets.show(board.answer(key, spot, item, ask.claim, ask.made, ctx.lang, ctx))
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        errors_title(item)
        spec = board.errors_chart(key, spot, item, ask.made, *looks)
        widgets.chart(spec, "forecast-error-chart", alt=_("平均绝对误差，按提前天数"))
        widgets.show(board.errors_table(key, spot, item, ask.claim, ask.made, ctx.lang, ctx))
    with right:
        accuracy(ctx, spot, item, ask)
        if item != "aqi":
            return
        widgets.show(board.claims_table(key, spot, ask.made, ctx.lang, ctx))
        spec = board.reliability_chart(key, spot, ask.made, *looks)
        if spec is not None:
            widgets.show(widgets.section(_("可靠性"), _("AQI 超过 100 的可能性与实际出现；数为次数")))
            widgets.chart(spec, "forecast-reliability-chart", alt=_("可靠性"))


def errors_title(item: str) -> None:
    """Above a picture of errors by lead."""
    name = blocks.rich(_("{item} 的误差").format(item=view.item_name(item)))
    widgets.show(widgets.section(name, _("平均绝对误差，按提前天数")))


def accuracy_title(ask: Asked, note: str) -> None:
    """Above a picture of the accuracy that is chosen."""
    widgets.show(widgets.section(_("准确率：{claim}").format(claim=_(board.SHORT[ask.claim])), note))


def accuracy(ctx: state.Context, spot: Spot, item: str, ask: Asked) -> None:
    """The accuracy that is chosen, by lead."""
    accuracy_title(ask, _("%，按提前天数"))
    spec = board.accuracy_chart(
        board.scores_key(ctx), spot, item, ask.claim, ask.made, ctx.lang, ctx.dark, ctx.scale, ctx
    )
    widgets.chart(spec, "forecast-accuracy-chart", alt=_("准确率，按提前天数"))


def by_season(ctx: state.Context, spot: Spot, item: str, ask: Asked) -> None:
    """Accuracy and errors of the seasons that there are."""
    key, looks = board.scores_key(ctx), (ctx.lang, ctx.dark, ctx.scale, ctx)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        accuracy_title(ask, _("按起报的季节，7 天合计"))
        spec = splits.season_chart(key, spot, item, ask.claim, ask.made, *looks)
        with st.container(gap="xxsmall"):
            widgets.chart(spec, "forecast-season-chart", alt=_("按起报的季节，7 天合计"))
            widgets.show(splits.marks_legend(item, ctx.lang))
    with right:
        errors_title(item)
        spec = splits.season_errors_chart(key, spot, item, ask.made, *looks)
        widgets.chart(spec, "forecast-season-errors-chart", alt=_("平均绝对误差，按提前天数"))
    widgets.show(splits.seasons_table(key, spot, item, ask.claim, ask.made, ctx.lang, ctx))


def by_station(ctx: state.Context, spot: Spot, item: str, ask: Asked) -> None:
    """Every station: the best and the worst by name, all as dots, all as a table."""
    key, looks = ctx.open_key, (ctx.lang, ctx.dark, ctx.scale, ctx)
    if splits.stations(key, spot, item, ask.made, ctx).empty:
        widgets.show(states.note(_("这里没有检验过的站点。")))
        return
    widgets.show(splits.stations_answer(key, spot, item, ask.claim, ask.made, ctx.lang, ctx))
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        accuracy_title(ask, _("每点一站，7 天合计；虚线为气候"))
        spec = splits.spread_chart(key, spot, item, ask.claim, ask.made, *looks)
        widgets.chart(spec, "forecast-station-chart", alt=_("每点一站，7 天合计；虚线为气候"))
    with right:
        widgets.show(widgets.section(_("各站成绩"), _("点列名排序，最差在前；点站名看它的预报")))
        widgets.show(splits.stations_table(key, spot, item, ask.claim, ask.made, ask.sort, ctx.lang, ctx))


def archive(ctx: state.Context, _issue: Issue, spot: Spot, item: str, _today) -> None:
    """What was told so many days before, beside what came; the last issues."""
    lead = chosen_lead()
    title = blocks.rich(_("{item}：预报与实测").format(item=view.item_name(item)))
    widgets.show(widgets.section(title, _("近 60 天")))
    _choose(_("提前天数"), "lead", {n: board.lead_name(n) for n in board.LEADS}, lead, LEAD)
    with st.container(gap="xxsmall"):
        spec = past.beside_chart(board.scores_key(ctx), spot, item, lead, ctx.lang, ctx.dark, ctx.scale, ctx)
        if spec is None:
            widgets.show(states.note(_("这个提前天数还没有检验。")))
        else:
            widgets.chart(spec, "forecast-beside-chart", alt=_("近 60 天"))
            widgets.show(past.note())
    if spec is not None:
        widgets.show(past.issues_table(ctx.open_key, spot, item, ctx.lang, ctx))


def chosen_lead() -> int:
    """The lead of the URL."""
    return int(city_map.one_of("lead", [str(n) for n in board.LEADS], str(LEAD)))
