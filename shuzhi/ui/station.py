"""What the page of one station shows: loaded once per version of the home, and turned into HTML."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.charts import calendar as year_calendar
from shuzhi.charts import station as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.settings import BEIJING
from shuzhi.standards import limits
from shuzhi.standards.aqi import Explanation, explain
from shuzhi.standards.factors import SYMBOLS
from shuzhi.standards.statistics import minimum
from shuzhi.status import air
from shuzhi.status import station as status
from shuzhi.status import station_words as words
from shuzhi.store.calendar import day_span
from shuzhi.store.schema import DAY_ITEMS
from shuzhi.ui import state, widgets
from shuzhi.ui.markup import Html, join, rich, tag

CHART_ITEMS = ("o3", "pm25", "pm10", "no2", "so2", "co")
"""Order of the items on this page: ozone first, as in summer's question."""
DAYS = 7


@dataclass(frozen=True)
class Hour:
    """One station at one hour: the week's hours, the report (None without a reading in 24 h), and its words."""

    start: pd.Timestamp
    hours: pd.DataFrame
    report: status.Report | None
    answer: str
    context: str
    near: list[dict]
    explanation: Explanation | None


@dataclass(frozen=True)
class Year:
    """The days of one year of a station that have readings, and the newest valid one with its formula."""

    first: dt.date
    last: dt.date
    days: pd.DataFrame
    counts: dict[int, int]
    valid_day: dt.date | None
    explanation: Explanation | None


@dataclass(frozen=True)
class Silence:
    """A station without readings: why, facts (label, text), and the instant of the nearest reading."""

    text: str
    facts: list[tuple]
    jump: pd.Timestamp | None


@state.shared(max_entries=4)
def register(key: tuple, _ctx: state.Context) -> dict[str, dict]:
    """The air stations by code: name, city, district, network, lon, lat, background, evaluation."""
    table = air.stations(_ctx.home, _ctx.scope)
    return {row["code"]: row for row in table.astype(object).where(table.notna(), None).to_dict("records")}


@state.shared(max_entries=8)
def labels(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """What the picker says of each station."""
    return {code: label(station) for code, station in register(key, _ctx).items()}


@state.shared(max_entries=4)
def latest_hour(key: tuple, _ctx: state.Context) -> pd.Timestamp | None:
    """Newest stamp of any reading."""
    return air.latest_hour(_ctx.home, _ctx.scope)


def _place(key: tuple, code: str, ctx: state.Context) -> str:
    """What a station is shown together with: its city, or itself where it has none."""
    return register(key, ctx)[code]["city"] or code


@state.shared(max_entries=64)
def load_stations(key: tuple, place: str, _ctx: state.Context) -> list[dict]:
    """The stations of a city (or the one whose code ``place`` is), as in the register."""
    return [row for row in register(key, _ctx).values() if place in (row["city"], row["code"])]


@state.shared(max_entries=8)
def load_week(key: tuple, place: str, day: dt.date, edition: str, _ctx: state.Context) -> status.Rows:
    """The seven days up to ``day``: one read serves every hour of the day and every station of the city."""
    codes = [station["code"] for station in load_stations(key, place, _ctx)]
    start, end = day_span(day - dt.timedelta(days=DAYS - 1), day)
    return status.Rows.of(air.hourly(_ctx.home, _ctx.scope, start, end, stations=codes, edition=edition))


@state.shared(max_entries=256)
def load_hour(key: tuple, code: str, at: pd.Timestamp, edition: str, lang: str, _ctx: state.Context) -> Hour:
    """The station at the newest hour up to ``at`` that has a reading."""
    place = _place(key, code, _ctx)
    stations, week = load_stations(key, place, _ctx), load_week(key, place, status.day_of(at), edition, _ctx)
    hours = status.up_to(week.station(code), at)
    shown = status.latest(hours, at)
    sites = week.hour(shown or at)
    near = status.neighbours(stations, code, sites)
    if shown is None:
        return Hour(week_start(at), hours, None, "", "", near, None)
    evaluation = {station["code"] for station in stations if station["evaluation"]}
    report = status.report(code, hours, sites, evaluation, shown)
    value = report.reading(report.headline).value
    shown_as = None if value is None else explain(value, report.headline, "1h", report.edition)
    return Hour(week_start(at), hours, report, words.answer(report), words.context(report), near, shown_as)


@state.shared(max_entries=4)
def load_years(key: tuple, _ctx: state.Context) -> dict[str, list[int]]:
    """Years with readings by station; a lone midnight of New Year, which ends the year before, makes none."""
    spans = _ctx.home.engine.run("air_spans", _ctx.scope)
    first = (pd.to_datetime(spans["first"]) + pd.Timedelta(days=1)).dt.year
    last = pd.to_datetime(spans["last"]).dt.year
    return {code: list(range(a, b + 1)) for code, a, b in zip(spans["station"], first, last, strict=True)}


@state.shared(max_entries=4)
def load_days(key: tuple, place: str, year: int, edition: str, _ctx: state.Context) -> status.Rows:
    """The days of a year: one read serves every station of the city."""
    codes = [station["code"] for station in load_stations(key, place, _ctx)]
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return status.Rows.of(air.daily(_ctx.home, _ctx.scope, first, last, stations=codes, edition=edition))


@state.shared(max_entries=256)
def load_year(key: tuple, code: str, year: int, until: dt.date, edition: str, _ctx: state.Context) -> Year:
    """The station's days of a year, up to the last complete one."""
    first, last = status.year_span(year, until)
    days = load_days(key, _place(key, code, _ctx), year, edition, _ctx).station(code)
    days = status.days_up_to(days, last)
    counts, newest = status.level_counts(days, first, last), status.last_valid_day(days)
    if newest is None:
        return Year(first, last, days, counts, None, None)
    return Year(first, last, days, counts, days["day"].iat[newest], _explain_day(days, newest))


def _explain_day(days: pd.DataFrame, row: int) -> Explanation:
    """The formula of a day's AQI: that of its primary pollutant, or of its largest IAQI."""
    indices = {item: days[f"iaqi_{item}"].iat[row] for item in DAY_ITEMS}
    item = max((item for item, index in indices.items() if index == index), key=indices.get)
    period = "8h" if item == "o3_8h" else "24h"
    return explain(days[item].iat[row], item.removesuffix("_8h"), period, str(days["edition"].iat[row]))


@state.shared(max_entries=256)
def concentration(
    key: tuple, code: str, item: str, at: pd.Timestamp, edition: str, lang: str, dark: bool, scale: float, _ctx
) -> dict:
    """Vega-Lite of the week's hours of one item."""
    hour = load_hour(key, code, at, edition, lang, _ctx)
    return charts.concentration(
        hour.hours,
        item,
        hour.start,
        at,
        tokens(dark),
        unit=words.unit(item),
        decimals=decimals(item),
        scale=scale,
        height=395,
    )


@state.shared(max_entries=256)
def calendar(
    key: tuple, code: str, year: int, until: dt.date, edition: str, lang: str, dark: bool, scale: float, _ctx
) -> dict:
    """Vega-Lite of the year's days."""
    shown = load_year(key, code, year, until, edition, _ctx)
    return year_calendar.calendar(shown.days, shown.first, shown.last, tokens(dark), scale=scale)


def week_start(at: pd.Timestamp) -> pd.Timestamp:
    """Midnight at which the week that ends at ``at`` begins."""
    first = status.day_of(at) - dt.timedelta(days=DAYS - 1)
    return pd.Timestamp(first).tz_localize(BEIJING)


def last_complete_day(at: pd.Timestamp) -> dt.date:
    """The newest Beijing day that had ended at ``at``."""
    day = status.day_of(at)
    return day if status.elapsed_hours(at) == 24 else day - dt.timedelta(days=1)


def decimals(item: str) -> int:
    """Decimals of an item as it is reported."""
    return 1 if item == "co" else 0


# ---- words and HTML ----


@state.shared(max_entries=256)
def blocks(
    key: tuple, code: str, at: pd.Timestamp, edition: str, lang: str, wall: bool, _ctx: state.Context
) -> dict[str, Html]:
    """What the page says of the station at an hour: head, items, levels, neighbours. Links keep language and wall."""
    station, hour = register(key, _ctx)[code], load_hour(key, code, at, edition, lang, _ctx)
    report = hour.report
    return {
        "head": join([dateline(station, report.at, _ctx.home.kind), answer(hour.answer), context_line(hour, at)]),
        "items": join([widgets.section(_("六项"), limits_note(report.at)), readings_table(report)]),
        "levels": strip_legend(hour.hours),
        "neighbours": neighbours(station, hour, at),
    }


def label(station: dict) -> str:
    """A station in the picker: 沙河铺 1434A · 国控 · 锦江区."""
    more = [words.network_name(station["network"]), station["district"] or station["city"]]
    return " · ".join([f"{station['name']} {station['code']}", *(part for part in more if part)])


def dateline(station: dict, at: pd.Timestamp | None, kind: str) -> Html:
    """Who and when: name, network and code, district, role, hour, mark of the data."""
    role = _("城市评价点") if station["evaluation"] else _("清洁对照点") if station["background"] else ""
    network = words.network_name(station["network"])
    parts = [
        station["name"],
        f"{network} {station['code']}".strip(),
        station["district"] or station["city"],
        role,
        words.hour_text(at, year=True) if at is not None else "",
    ]
    return widgets.dateline(parts, widgets.mark(kind))


def answer(text: str) -> Html:
    """The sentence: digits of pollutants lowered, units small; screen readers get the plain text."""
    spoken = text
    for item, symbol in SYMBOLS.items():
        spoken = spoken.replace(symbol, words.symbol_rich(item))
    return tag("h1", _small_units(rich(text)), class_="sz-answer", aria_label=spoken)


def _small_units(html: str) -> Html:
    for unit in ("µg/m³", "mg/m³"):
        html = html.replace(f" {unit}", widgets.unit(f" {unit}"))
    return Html(html)


def context_line(hour: Hour, asked: pd.Timestamp) -> Html:
    """AQI and level, comparison; and that the hour asked for is missing, where it is."""
    report = hour.report
    index = join([_("小时 AQI"), " ", tag("b", report.aqi), " ", widgets.chip(report.level)]) if report.aqi else ""
    late = ""
    if report.at != asked:
        late = _("{asked} 没有读数，显示最近一小时。").format(asked=words.hour_text(asked))
    parts = [tag("span", part) for part in (index, late, rich(hour.context)) if part]
    return tag("p", join(parts), class_="sz-context")


def readings_table(report: status.Report) -> Html:
    """Six items: value, share of the limit, limit, IAQI, valid hours of the day."""
    head = [
        (_("项目"), "strong"),
        (_("{hour} 时").format(hour=report.at.tz_convert(BEIJING).hour), "big"),
        (_("占限值"), "sz-wide"),
        (_("限值"), "small"),
        ("IAQI", "num"),
        (_("今日有效"), "small"),
    ]
    rows = []
    for item in CHART_ITEMS:
        reading = report.reading(item)
        period = _("1 h") if reading.period == "1h" else _("24 h")
        bound = "–" if reading.limit is None else join([f"{reading.limit:g}", " ", tag("small", period)])
        rows.append(
            (
                widgets.symbol(item),
                widgets.number(reading.value, item),
                widgets.bullet(reading.value, reading.limit),
                bound,
                "–" if reading.iaqi is None else reading.iaqi,
                f"{reading.valid}/{reading.elapsed}",
            )
        )
    return widgets.table(head, rows, class_="sz-six")


def limits_note(at: pd.Timestamp) -> str:
    """Which limits the table shows: 限值为 GB 3095—2012 二级."""
    edition, stage = _limits_in_force(status.day_of(at))
    phase = _("过渡期") if stage == "transition" else ""
    return _("限值为 GB 3095—{edition} {stage}二级").format(edition=edition, stage=phase)


@lru_cache
def _limits_in_force(day: dt.date) -> tuple[str, str]:
    row = limits.limits(day, 2).iloc[0]
    return str(row["edition"]), row["stage"]


def strip_legend(hours: pd.DataFrame) -> Html:
    """What the colours under the chart mean: the levels that occur."""
    found = np.flatnonzero(np.bincount(hours["level"].to_numpy(), minlength=7))
    names = [tag("span", join([widgets.swatch(level), widgets.level_name(level)])) for level in found if level]
    return tag("div", join([tag("span", _("底部色带为小时 AQI 级别：")), *names]), class_="sz-legend sz-under")


def calendar_note(year: Year) -> str:
    """Span and completeness: 1月1日—8月25日，有效 178 天，无效 59 天."""
    valid = sum(year.counts.values()) - year.counts[0]
    return _("{first}—{last}，有效 {valid} 天，无效 {invalid} 天").format(
        first=words.day_text(year.first), last=words.day_text(year.last), valid=valid, invalid=year.counts[0]
    )


def calendar_legend(year: Year) -> Html:
    """Days at each level, the invalid ones last."""
    return tag("div", widgets.legend(year.counts, names={widgets.UNKNOWN: _("无效")}), class_="sz-under")


def working(shown: Explanation) -> tuple[str, str | None, str]:
    """How an IAQI came about: the sentence before, the formula in KaTeX or None, the sentence after."""
    symbol = words.symbol_rich(shown.item)
    hours = {"1h": _("1 小时"), "8h": _("日最大 8 小时"), "24h": _("24 小时")}[shown.period]
    before = _("{item} {hours} {value}").format(item=symbol, hours=hours, value=f"{shown.concentration:g}")
    clause = shown.clause.replace(", formula (1)", _("，式（1）"))
    if shown.rule != "formula":
        after = _("{clause}：超出断点表，按规定 IAQI 取 {iaqi}。").format(clause=clause, iaqi=shown.iaqi or "–")
        return before + _("。"), None, after
    before += _("，位于 {low}–{high} 段（IAQI {iaqi_low}–{iaqi_high}）：").format(
        low=f"{shown.bp_lo:g}", high=f"{shown.bp_hi:g}", iaqi_low=shown.iaqi_lo, iaqi_high=shown.iaqi_hi
    )
    after = _("{clause}，进位取整得 {iaqi}。").format(clause=clause, iaqi=shown.iaqi)
    return before, _formula(shown), after


def _formula(shown: Explanation) -> str:
    decimal = f"{float(shown.raw):.4g}"
    equal = "=" if shown.raw == pd.to_numeric(decimal) else r"\approx"
    return (
        rf"\frac{{{shown.iaqi_hi}-{shown.iaqi_lo}}}{{{shown.bp_hi:g}-{shown.bp_lo:g}}}"
        rf"({shown.concentration:g}-{shown.bp_lo:g})+{shown.iaqi_lo}{equal}{decimal}"
    )


def neighbours(station: dict, hour: Hour, at: pd.Timestamp) -> Html:
    """The nearest stations at the same hour."""
    note = _("{time}，单位 µg/m³，CO mg/m³").format(time=words.hour_text(hour.report.at))
    if station["lon"] is None or station["lat"] is None:
        near = widgets.source(_("本站没有坐标，不能列出近邻站点。请在站点登记中补上经纬度后重新导入。"))
    elif not hour.near:
        near = widgets.source(_("登记中没有本市其他有坐标的站点。"))
    else:
        near = neighbours_table(hour.near, at)
    return join([widgets.section(_("近邻站点"), note), tag("div", near, class_="sz-neighbours")])


def neighbours_table(near: list[dict], at: pd.Timestamp) -> Html:
    """The nearest stations with distance, level and readings; the name leads to the station at the same hour."""
    head = [
        (_("站点"), "strong"),
        (_("距离"), "num"),
        ("AQI", "num"),
        (_("级别"), "sz-after"),
        *((widgets.symbol(item), "num") for item in CHART_ITEMS),
        (_("网络"), "sz-after"),
        (_("区县"), ""),
    ]
    rows = [
        (
            link(row["name"], row["code"], at),
            _("{km} km").format(km=f"{row['km']:.1f}"),
            "–" if pd.isna(row["aqi"]) else f"{row['aqi']:.0f}",
            widgets.named_level(row["level"]),
            *(widgets.number(row[item], item) for item in CHART_ITEMS),
            words.network_name(row["network"]),
            row["district"],
        )
        for row in near
    ]
    return tag("div", widgets.table(head, rows, class_="sz-near"), class_="sz-scroll")


def link(name: str, code: str, at: pd.Timestamp) -> Html:
    """Link to a station at an hour."""
    return tag("a", name, href=state.link("station", station=code, at=state.hour_text(at)), target="_self")


@state.shared(max_entries=64)
def load_silence(key: tuple, code: str, at: pd.Timestamp, lang: str, _ctx: state.Context) -> Silence:
    """Why nothing is shown for the 24 hours up to ``at``, and what that means."""
    home, scope = _ctx.home, _ctx.scope
    station = register(key, _ctx)[code]
    before, after = status.readings_around(home, scope, code, at)
    stations = air.stations(home, scope, station["city"])["code"].tolist()
    others = air.hourly(home, scope, at - 24 * status.HOUR, at, stations=stations)["station"].nunique()
    day = status.day_of(at)
    today = air.daily(home, scope, day, day, stations=[code])
    valid = 0 if today.empty else int(today.iloc[0][[f"hours_{item}" for item in CHART_ITEMS]].max())
    text = _("{name}在所选 24 小时内没有小时值。").format(name=station["name"])
    text += (
        _("同期本市有 {n} 个站点有读数，可能是本站停机或数据未到。").format(n=others)
        if others
        else _("同期全市没有任何站点的记录：缺的是这段时间的数据，不是本站停机。")
    )
    least = minimum("day_hours")
    effect = _("{day}有效 {n} 小时，不足 {least} 小时，判为无效日，不计入优良天数")
    if valid >= least:
        effect = _("{day}有效 {n} 小时，满足 {least} 小时，不影响该日评价")
    facts = [
        (_("上一个读数"), _reading(before)),
        (_("下一个读数"), _reading(after)),
        (_("对统计的影响"), effect.format(day=words.day_text(day), n=valid, least=int(least))),
    ]
    if not others:
        facts.append((_("补上数据"), widgets.command("python -m shuzhi import air-archive PATH")))
    nearest = before if before is not None else after
    return Silence(text, facts, None if nearest is None else nearest["time"])


def _reading(row: pd.Series | None):
    if row is None:
        return _("没有")
    item = next(item for item in CHART_ITEMS if pd.notna(row[item]))
    text = f"{SYMBOLS[item]} {words.number(row[item], item)} {words.unit(item)}"
    return rich(_("{time}，{reading}").format(time=words.hour_text(row["time"], year=True), reading=text))
