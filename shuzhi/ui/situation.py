"""The page 态势 as HTML: each function takes a :class:`Situation` and gives one block in the language spoken now."""

import datetime as dt

import pandas as pd

from shuzhi.i18n import _, language, ngettext, when
from shuzhi.status import water_words
from shuzhi.status.city import Situation, Year
from shuzhi.status.headline import headline
from shuzhi.status.water_overview import Summary
from shuzhi.ui import water_marks
from shuzhi.ui.markup import Html, esc, join, rich, tag
from shuzhi.ui.state import hour_text, link
from shuzhi.ui.widgets import (
    bullet,
    change,
    chip,
    dateline,
    figure,
    figures,
    hero,
    legend,
    level_name,
    level_row,
    mark,
    named_level,
    number,
    primary_text,
    section,
    source,
    symbol,
    table,
)

ORDER = ("o3", "pm25", "pm10", "no2", "so2", "co")
"""Rows of the pollutant table: what decides in summer and in winter comes first."""

ROWS, ROWS_BESIDE_WATER, ROWS_ON_THE_WALL = 6, 3, 1
"""Stations in the list of exceedances: alone, where surface water takes its room, and that with the wall's letters."""


def top(s: Situation, kind: str, live: bool, late: bool) -> Html:
    """Dateline and the sentence."""
    evaluated = int(s.stations["evaluation"].sum())
    background = int(s.stations["background"].sum())
    arrived = _("；{time} 入库").format(time=when(s.received, "HH:mm")) if live and s.received is not None else ""
    parts = [
        when(s.at, _("y年M月d日 EEEE HH:mm")),
        _("小时值，时标为时段末{arrived}").format(arrived=arrived),
        _("{n} 个站点，{evaluated} 个参评").format(n=len(s.stations), evaluated=evaluated)
        + (_("，{n} 个对照点不参评").format(n=background) if background else ""),
    ]
    wall = tag("a", _("大屏"), href=link("wall"), target="_blank")
    return join([dateline([*parts, wall], mark(kind)), hero(headline(s, live, late)), _ways_out(s)])


def _ways_out(s: Situation) -> Html:
    """Links to the nearest hours that have readings, where this one has none."""
    form = _("M月d日 HH:mm")
    names = ((_("上一个读数"), s.before), (_("下一个读数"), s.after))
    links = [
        tag("a", f"{name} {when(time, form)}", href=link("", at=hour_text(time)), target="_self")
        for name, time in names
        if time is not None
    ]
    return tag("p", join(links, "　"), class_="sz-note") if links else Html("")


def index_block(s: Situation) -> Html:
    """AQI of the hour, its level and primary pollutant, the hour before and the same hour of yesterday."""
    now = s.now
    level = int(now["level"])
    row = level_row(level)
    grade = row.get("grade_zh", "") if language() == "zh" else _("{roman}级").format(roman=row["roman"])
    words = [
        tag("div", join([chip(level), tag("span", grade, class_="sz-muted")]), class_="sz-grade"),
        tag("div", _primary(now["primary"])),
    ]
    if not s.rated:
        words = [tag("div", _("参评站点数据不足"), class_="sz-muted")]
    before = s.hours.iloc[-2]
    then = join([_then(when(before["time"], _("H 时")), before), _then(_("昨日同时"), s.hours.iloc[0])])
    text = f"{now['aqi']:.0f}" if s.rated else "–"
    aqi = tag("div", text, class_="sz-aqi sz-long" if len(text) > 2 else "sz-aqi")
    body = join([aqi, tag("div", join(words), class_="sz-words"), tag("div", then, class_="sz-then")])
    index = tag("div", tag("div", body, class_="sz-index"), class_="sz-box")
    return join([section(_("空气质量指数"), _rule(s.edition)), index])


def _primary(symbols: str) -> Html:
    if not symbols:
        return esc(_("没有首要污染物"))
    return join([_("首要污染物"), " ", tag("b", primary_text(symbols))])


def _then(label: str, row: pd.Series) -> Html:
    """The AQI of an earlier hour on one line."""
    value = f"{row['aqi']:.0f}" if row["level"] else "–"
    return tag("p", join([tag("span", label), tag("b", value), named_level(int(row["level"]))]))


def _rule(edition: str) -> str:
    return _("实时报 · HJ 633—{edition}").format(edition=edition)


def pollutants_block(s: Situation) -> Html:
    """Six pollutants: now, against the limit, this year so far, against last year."""
    head = [
        (_("项目"), ""),
        (when(s.at, _("H 时")), "big"),
        (_("占限值"), "track"),
        (_("限值"), "small"),
        (_("今年以来"), "num"),
        (_("较去年"), "num"),
    ]
    rows = []
    for item in ORDER:
        row = s.pollutants.loc[item]
        rows.append(
            [
                tag("b", symbol(item)),
                number(row["now"], item),
                bullet(row["now"], row["limit"]),
                f"{row['limit']:g}",
                tag("b", number(row["year"], item)),
                change(row["change"]),
            ]
        )
    title = section(_("六项污染物"), rich(_("µg/m³，CO 为 mg/m³；颗粒物用日均限值")))
    return join([title, table(head, rows, "sz-pollutants")])


def days_block(s: Situation) -> Html:
    """Good days so far and their share, against last year."""
    year, before = s.year, s.last_year
    valid = _("有效 {valid} 天，无效 {invalid} 天").format(valid=year.valid, invalid=year.counts[0])
    if before.valid:
        points = change(year.share - before.share, 1, _(" 个百分点"))
        note = join([_("去年同期 {share} %，").format(share=f"{before.share:.1f}"), points])
    else:
        note = esc(_("去年同期没有数据"))
    share = f"{year.share:.1f}" if year.valid else "–"
    return join(
        [
            section(_("优良天数"), _span(year)),
            figures(figure(year.good, _("天"), valid), figure(share, "%", note)),
        ]
    )


def _span(year: Year) -> str:
    """2019年1月1日—8月25日."""
    first, last = when(year.first, _("y年M月d日")), when(year.last, _("M月d日"))
    return f"{first}—{last}"


def comparison_block(s: Situation) -> Html:
    """Days by level this year and last year as two bars, and the target."""
    shown = [level for level in range(1, 7) if level <= 4 or s.year.counts[level] or s.last_year.counts[level]]
    counts = {level: s.year.counts[level] for level in [*shown, 0]}
    bars = [_days_bar(s.year, shown)]
    if s.last_year.valid:
        bars.append(_days_bar(s.last_year, shown))
    rule = _("两年均按 HJ 633—{edition}") if s.last_year.valid else _("按 HJ 633—{edition}")
    parts = [
        section(_("同期与目标"), rule.format(edition=s.edition)),
        _targets(s),
        *bars,
        legend(counts, {0: _("无效")}),
    ]
    return tag("div", join(parts), class_="sz-compare")


def _days_bar(year: Year, shown: list[int]) -> Html:
    """Valid days of a year in the order of their levels, as one bar; good days stand beside it."""
    pieces = join(
        tag(
            "i",
            style=f"flex:{year.counts[level]};background:{level_row(level)['color']}",
            title=f"{level_name(level)} {year.counts[level]}",
        )
        for level in shown
        if year.counts[level]
    )
    good = tag("span", join([tag("b", year.good), "/", year.valid, " ", _("天")]), class_="sz-muted")
    return tag("div", join([tag("span", year.first.year), tag("div", pieces), good]), class_="sz-yearbar")


def _targets(s: Situation) -> Html:
    """Where the year stands against its targets; without a target, against last year only."""
    found = []
    goal = s.targets.get("good_days")
    if goal is not None:
        found.append(figure(f"{goal:.0f}", _("天目标"), _days_to_go(s.year, goal)))
    elif s.last_year.valid:
        difference = s.year.good - s.last_year.good
        note = _("去年同期优良 {good} 天").format(good=s.last_year.good)
        found.append(figure(f"{difference:+d}".replace("-", "−"), _("天，较去年同期"), note))
    mean = s.year.statistics["pm25"]
    if mean == mean:
        found.append(figure(f"{mean:.1f}", "µg/m³", _particles_note(s)))
    return figures(*found)


def _days_to_go(year: Year, goal: float) -> str:
    missing = goal - year.good
    left = (dt.date(year.last.year, 12, 31) - year.last).days
    if missing <= 0:
        return _("已达到，多 {n} 天").format(n=f"{-missing:.0f}")
    if missing > left:
        return _("已不能达到，最多 {most} 天").format(most=year.good + left)
    return _("还需 {missing} 天，今年还有 {left} 天").format(missing=f"{missing:.0f}", left=left)


def _particles_note(s: Situation) -> Html:
    name = rich(_("PM2.5 今年以来均值"))
    goal = s.targets.get("pm25")
    if goal is not None:
        return join([name, _("，目标 {goal}").format(goal=f"{goal:g}")])
    last = s.last_year.statistics["pm25"]
    return join([name, _("，去年同期 {value}").format(value=f"{last:.1f}")]) if last == last else name


def water_block(seen: Summary, water_link) -> Html:
    """Sections of surface water by class: share of classes Ⅰ–Ⅲ, what is worst; nothing where none has a class.

    Parameters
    ----------
    water_link : callable
        Code of a section → address of the page of surface water at it.
    """
    here = seen.now
    if not here.rated:
        return Html("")
    note = _("{n} 个断面，{time}").format(n=here.sections, time=when(seen.at, "HH:mm"))
    change = water_words.compared(seen.change, seen.before)
    if seen.target_share is not None:
        change = _("目标 {goal} %，{change}").format(goal=f"{seen.target_share:g}", change=change)
    good = figure(f"{here.good_share:.1f}", _("% 达Ⅰ–Ⅲ类"), change)
    missed = figure(here.with_target - here.met, _("个未达标"), _worst_section(seen, water_link))
    bar = water_marks.bar(here.counts)
    parts = [section(_("水质断面"), note), figures(good, missed), bar, water_marks.legend(here.counts, short=True)]
    return tag("div", join(parts), class_="sz-compare")


def _worst_section(seen: Summary, water_link) -> Html | str:
    """The worst section, where one is worse than class Ⅲ: 劣Ⅴ类 毗河断面9（氨氮）."""
    if seen.worst.empty:
        return _("没有断面劣于Ⅲ类")
    row = seen.worst.iloc[0]
    name = tag("a", row["name"], href=water_link(row["code"]), target="_self")
    items = water_words.items_text(row["main"] or row["deciding"])
    return join([water_words.class_name(row["water_class"]), " ", name, " ", items])


def rows_of_exceedances(water: bool, wall: bool) -> int:
    """How many rows the list of exceedances has room for."""
    return ROWS if not water else ROWS_ON_THE_WALL if wall else ROWS_BESIDE_WATER


def exceedance_block(s: Situation, station_link, rows: int = ROWS) -> Html:
    """Stations over a limit at this hour, worst first.

    Parameters
    ----------
    station_link : callable
        Station code → address of its page.
    rows : int
        How many at most.
    """
    over = s.exceedances
    n = len(over)
    count = ngettext("{hour}，{n} 个站点", "{hour}，{n} 个站点", n).format(hour=when(s.at, _("H 时")), n=n)
    title = section(_("超标清单"), count)
    if over.empty:
        return join([title, tag("p", _nothing_over(s), class_="sz-quiet")])
    head = [(_("点位"), ""), (_("项目"), ""), (_("浓度"), "num"), (_("限值倍数"), "num sz-wide"), (_("级别"), "")]
    listed = [
        [
            join([tag("a", row.name, href=station_link(row.code), target="_self"), " ", _district(row.district)]),
            symbol(row.item),
            tag("b", number(row.value, row.item)),
            _("{times} 倍").format(times=f"{row.times:.2f}"),
            named_level(int(row.level)),
        ]
        for row in over.head(rows).itertuples(index=False, name="Row")
    ]
    return join([title, tag("div", table(head, listed, "sz-over"), class_="sz-box")])


def _district(name) -> Html:
    return tag("span", name if isinstance(name, str) else "", class_="sz-muted sz-wide")


def _nothing_over(s: Situation) -> str:
    if not s.reporting:
        return _("这个小时没有读数。")
    return _("{n} 个有读数的站点都没有超过限值。").format(n=s.reporting)


def source_block(s: Situation, kind: str, other_edition: tuple[str, str]) -> Html:
    """Where the numbers come from, what the statistics are, and the way to the other edition.

    Parameters
    ----------
    other_edition : tuple of str
        The other edition of HJ 633 and the address of this page under it.
    """
    edition, address = other_edition
    notes = [
        _("数据：模拟城市，不是实测。") if kind == "simulated" else _("数据：入库的小时值，城市值为参评站点均值。"),
        rich(_("今年以来：O3 为日最大 8 小时第 90 百分位数，CO 为第 95 百分位数，其余为均值。")),
    ]
    if s.reference_state_differs:
        notes.append(_("去年同期气态污染物参比状态不同（2018年9月1日起为 298.15 K），同比仅供参考。"))
    link = tag("a", _("改用 {edition} 版").format(edition=edition), href=address, target="_self")
    return source(*notes, " ", link)
