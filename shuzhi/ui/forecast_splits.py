"""Part 检验 of the page 趋势预测 by season and by station, each accuracy beside what takes no skill."""

from urllib.parse import quote

import numpy as np
import pandas as pd

from shuzhi.charts import forecast_skill, forecast_splits
from shuzhi.charts.forecast_splits import Dot, Share
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import N_, _
from shuzhi.research.forecast import skill, sums, words
from shuzhi.research.forecast.issues import TOLD
from shuzhi.status import station_words as station
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_skill as board
from shuzhi.ui import picking, state, widgets
from shuzhi.ui import station as stations_view
from shuzhi.ui.forecast import Spot
from shuzhi.ui.forecast_skill import percent, score
from shuzhi.ui.markup import Html, join, tag

SEASON_NAMES = {
    "spring": N_("春季（3–5 月）"),
    "summer": N_("夏季（6–8 月）"),
    "autumn": N_("秋季（9–11 月）"),
    "winter": N_("冬季（12–2 月）"),
}
SORTS = ("share", "mae", "skill_persistence", "skill_climatology", "n")
"""Columns by which the stations may be ordered, the worst first; with “-” before it the best."""
_WORST_HIGH = ("mae",)


@state.shared(max_entries=32)
def seasons(key: tuple, spot: Spot, item: str, made: str | None, _ctx: state.Context) -> pd.DataFrame:
    """Scores of what is told by season of the issue, all leads together: those seasons that there are, in their order,
    with ``months`` (the first and the last)."""
    own = board.scored(key, spot, item, made, _ctx)
    own = own[own["model"] == TOLD]
    months = own.groupby("season")["month"].agg(["min", "max"])
    found = skill.rated(own, ["season"]).set_index("season")
    found["months"] = [f"{first}" if first == last else f"{first}–{last}" for first, last in months.to_numpy()]
    return found.loc[[name for name in sums.SEASONS if name in found.index]]


@state.shared(max_entries=32)
def season_chart(
    key: tuple, spot: Spot, item: str, claim: str, made: str | None, lang: str, dark: bool, scale: float, _ctx
) -> dict:
    """Vega-Lite of an accuracy by season."""
    shares = [
        Share(_(SEASON_NAMES[row.Index]), getattr(row, claim), _floor(row, claim), _always(row, item), row.n)
        for row in seasons(key, spot, item, made, _ctx).itertuples()
    ]
    return forecast_splits.beside(shares, tokens(dark), scale=scale)


@state.shared(max_entries=32)
def season_errors_chart(key: tuple, spot: Spot, item: str, made: str | None, lang: str, dark: bool, scale: float, _ctx):
    """Vega-Lite of the mean absolute error by lead, a line a season."""
    own = board.scored(key, spot, item, made, _ctx)
    own = own[own["model"] == TOLD]
    table = skill.rated(own, ["season", "lead"]).pivot(index="season", columns="lead", values="mae")
    series = {_(name): table.loc[season].tolist() for season, name in SEASON_NAMES.items() if season in table.index}
    whole = _("全部")
    if len(series) > 1:
        series[whole] = skill.rated(own, ["lead"])["mae"].tolist()
    shown = [board.lead_name(lead) for lead in table.columns]
    told = whole if whole in series else next(iter(series))
    return forecast_skill.by_lead(
        series, shown, tokens(dark), told=told, decimals=1, scale=scale, height=200, zero=True
    )


@state.shared(max_entries=32)
def seasons_table(key: tuple, spot: Spot, item: str, claim: str, made: str | None, lang: str, _ctx) -> Html:
    """A row a season: how many pairs, errors, skill, the accuracy beside what takes no skill."""
    head = [(_("起报季节"), "strong"), (_("起报月份"), ""), *((label, "num") for label in _heads(item, claim))]
    body = [
        [_(SEASON_NAMES[row.Index]), row.months, *_cells(row, item, claim)]
        for row in seasons(key, spot, item, made, _ctx).itertuples()
    ]
    without = [
        name for season, name in SEASON_NAMES.items() if season not in seasons(key, spot, item, made, _ctx).index
    ]
    table = tag("div", widgets.table(head, body, "sz-scores"), class_="sz-scroll")
    if not without:
        return table
    text = _("还没有成绩的季节：{names}。").format(names=_("、").join(_(name) for name in without))
    return join([table, tag("p", text, class_="sz-source")])


@state.shared(max_entries=16)
def all_stations(key: tuple, item: str, made: str | None, _ctx: state.Context) -> pd.DataFrame:
    """Scores of what is told by station, all leads together: index the code."""
    found = skill.read(_ctx.home, _ctx.scope, level="station", item=item, models=[TOLD])
    found = sums.chosen(found, made=made)
    return skill.rated(found[found["model"] == TOLD], ["place"]).set_index("place")


@state.shared(max_entries=32)
def stations(key: tuple, spot: Spot, item: str, made: str | None, _ctx: state.Context) -> pd.DataFrame:
    """Stations of the place, of a district its own, else all: as `all_stations` with name, network, district."""
    found, register = all_stations(board.scores_key(_ctx), item, made, _ctx), stations_view.register(key, _ctx)
    known = found[found.index.isin(list(register))]
    named = {name: [register[code][name] for code in known.index] for name in ("name", "network", "district")}
    known = known.assign(**named)
    return known[known["district"] == spot.code] if spot.level == "district" else known


@state.shared(max_entries=32)
def stations_answer(
    key: tuple, spot: Spot, item: str, claim: str, made: str | None, lang: str, _ctx: state.Context
) -> Html:
    """The best and the worst station by name; a click opens its forecast."""
    table = stations(key, spot, item, made, _ctx).sort_values(claim)
    worst, best = table.iloc[0], table.iloc[-1]
    text = _("{n} 个站点，“{claim}”准确率中位数 {median}").format(
        n=len(table), claim=_(board.SHORT[claim]), median=percent(table[claim].median())
    )
    if worst[claim] == best[claim]:
        return tag("p", text, class_="sz-lead")
    ends = [
        join([_("最高 "), _link(best.name, best["name"]), f" {percent(best[claim])}"]),
        join([_("最低 "), _link(worst.name, worst["name"]), f" {percent(worst[claim])}"]),
    ]
    return tag("p", join([text, *ends], _("，")), class_="sz-lead")


def _link(code: str, name: str) -> Html:
    return view.pick(name, code)


@state.shared(max_entries=32)
def spread_chart(
    key: tuple, spot: Spot, item: str, claim: str, made: str | None, lang: str, dark: bool, scale: float, _ctx
) -> dict:
    """Vega-Lite of the stations along their accuracy by network; the best, the worst and the chosen one are named."""
    table = stations(key, spot, item, made, _ctx).sort_values(claim)
    named = {spot.code}
    if table[claim].iloc[0] < table[claim].iloc[-1]:
        named |= {table.index[0], table.index[-1]}
    lanes = [code for code in station.NETWORKS if code in set(table["network"])]
    dots = [
        Dot(
            station.network_name(row.network),
            row.name,
            getattr(row, claim),
            row.n,
            _address(row.Index, lang),
            row.Index in named,
        )
        for row in table.itertuples()
    ]
    shown = [station.network_name(code) for code in lanes]
    return forecast_splits.spread(dots, shown, tokens(dark), level=_mean(table, f"{claim}_climatology"), scale=scale)


def _address(code: str, lang: str) -> str:
    return f"forecast?place={quote(code)}" + ("&lang=en" if lang == "en" else "")


def _mean(table: pd.DataFrame, column: str) -> float:
    """Of the stations, each with the weight of its pairs; NaN without any."""
    known = table[table[column].notna()]
    return float(np.average(known[column], weights=known["n"])) if len(known) else float("nan")


@state.shared(max_entries=48)
def stations_table(
    key: tuple, spot: Spot, item: str, claim: str, made: str | None, sort: str, lang: str, _ctx: state.Context
) -> Html:
    """A row a station; a head orders by its column, the worst first, and once more the best."""
    table = stations(key, spot, item, made, _ctx).assign(share=lambda rows: rows[claim])
    column, best = sort.removeprefix("-"), sort.startswith("-")
    table = table.sort_values([column, "name"], ascending=[(column in _WORST_HIGH) == best, True])
    labels = dict(zip(_columns(item), _heads(item, claim), strict=True))
    head = [(_("站点"), "strong"), (_("站网"), ""), (_("区县"), "sz-slim")]
    head += [(_sorter(name, label, sort) if name in SORTS else label, "num") for name, label in labels.items()]
    names = view.unit_names(key, lang, _ctx)
    body = [
        [
            _link(row.Index, row.name),
            station.network_name(row.network),
            names.get(row.district, row.district or "–"),
            *_cells(row, item, claim),
        ]
        for row in table.itertuples()
    ]
    return tag("div", widgets.table(head, body, "sz-scores sz-stationscores"), class_="sz-scroll sz-tall")


def _sorter(name: str, label: str, sort: str) -> Html:
    """Head of a column that orders the table; an arrow where it does."""
    value = f"-{name}" if sort == name else name
    arrow = {name: " ↓", f"-{name}": " ↑"}.get(sort, "")
    return picking.link(
        f"{label}{arrow}", f"sort={value}", f"forecast?part=skill&split=station&sort={value}", stay=True
    )


def _columns(item: str) -> tuple[str, ...]:
    floors = ("climatology", "always") if item == "aqi" else ("climatology",)
    return ("n", "mae", "skill_persistence", "skill_climatology", "share", *floors)


def _heads(item: str, claim: str) -> list[str]:
    """Heads of the numbers of a row, in the order of `_cells`."""
    unit = f"（{words.unit(item)}）" if words.unit(item) else ""
    found = [_("对数"), _("平均误差") + unit, _("技巧，较持续"), _("技巧，较气候"), _(board.SHORT[claim]), _("气候")]
    return [*found, _("总报“优～良”")] if item == "aqi" else found


def _cells(row, item: str, claim: str) -> list:
    digits = 1 if view.decimals(item) == 0 else 2
    cells = [f"{row.n:,}", score(row.mae, f".{digits}f"), score(row.skill_persistence, "+.2f")]
    cells += [score(row.skill_climatology, "+.2f"), tag("b", percent(getattr(row, claim)))]
    cells.append(percent(_floor(row, claim)))
    return [*cells, percent(row.always_good)] if item == "aqi" else cells


def _floor(row, claim: str) -> float:
    """The climatology's accuracy on as many pairs of the same months."""
    return getattr(row, f"{claim}_climatology")


def _always(row, item: str) -> float:
    return row.always_good if item == "aqi" else float("nan")


@state.shared(max_entries=8)
def marks_legend(item: str, lang: str) -> Html:
    """What the marks of the seasons mean."""
    entries = [
        (tag("i", class_="sz-mark-told"), _("集合预报")),
        (tag("i", class_="sz-mark-floor"), _("气候")),
        *([(tag("i", class_="sz-mark-always"), _("总报“优～良”"))] if item == "aqi" else []),
    ]
    return tag("div", join(tag("span", join(entry)) for entry in entries), class_="sz-legend")
