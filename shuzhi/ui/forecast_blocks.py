"""The forecast as HTML: the answer, the seven days, districts by day, models, what drove it, the method; made once."""

import datetime as dt

import numpy as np

from shuzhi.i18n import _, when
from shuzhi.research.forecast import drivers, issues, words
from shuzhi.research.forecast.issues import Issue
from shuzhi.ui import forecast as view
from shuzhi.ui import state, widgets
from shuzhi.ui.forecast import Spot
from shuzhi.ui.markup import Html, esc, join, tag
from shuzhi.ui.markup import rich as lowered

LEVELS = range(1, 7)
_DIGITS = str.maketrans("₀₁₂₃₅", "01235")
_SEEN = 0.03
"""Probability from which a level stands in the bar."""


def rich(text: str) -> Html:
    """Text with the digits of pollutants lowered, also where they came as small digits."""
    return lowered(text.translate(_DIGITS))


@state.shared(max_entries=64)
def top(key: tuple, issue: Issue, spot: Spot, today: dt.date, lang: str, _ctx: state.Context) -> Html:
    """Dateline, the answer, and in a line the week and what it was made of."""
    rows, days = view.days(key, issue, _ctx)[spot.level, spot.code], view.told(key, issue, spot, _ctx)
    day = view.day_of_sentence(issue, today)
    answer = words.sentence(days, day, today) or _("这一期没有 {day}的预报。").format(day=words.date_text(day))
    parts = [
        _("趋势预测"),
        spot.name,
        _("{time} 起报").format(time=when(issue.issued_at, _("M月d日 HH:mm"))),
        _("数据截至 {time}").format(time=when(issue.as_of, _("M月d日 HH:mm"))),
        _("气象预报 {product}").format(product=issue.weather) if issue.weather else _("无气象预报"),
    ]
    marks = [widgets.mark(_ctx.home.kind)]
    if issue.hindcast:
        marks.insert(0, tag("span", _("回算"), class_="sz-mark"))
    if rows["edit"].notna().any():
        marks.insert(0, tag("span", _("含会商订正"), class_="sz-mark"))
    more = [words.band(days, day), words.week(days), words.mode(issue)]
    context = tag("p", join([tag("span", rich(text)) for text in more if text]), class_="sz-context sz-outcome")
    return join([widgets.dateline(parts, join(marks)), widgets.hero(answer.translate(_DIGITS)), context])


@state.shared(max_entries=64)
def strip(key: tuple, issue: Issue, spot: Spot, item: str, today: dt.date, lang: str, _ctx: state.Context) -> Html:
    """A card a day: level, number with its bands, primary pollutant, the levels by their probability."""
    rows = view.days(key, issue, _ctx)[spot.level, spot.code]
    edited = rows[rows["edit"].notna()]
    signed = set(edited.loc[edited["item"].isin(["aqi", item]), "lead"])
    cards = [_card(day, item, today, day.lead in signed) for day in view.told(key, issue, spot, _ctx)]
    return tag("div", join(cards), class_=f"sz-days sz-{lang}")


def _card(day: words.Day, item: str, today: dt.date, signed: bool) -> Html:
    near = tag("b", _near(day.date, today))
    head = tag("div", join([near, tag("span", words.date_text(day.date))]), class_="sz-dayhead")
    value = day.aqi if item == "aqi" else day.values.get(item, float("nan"))
    shown = tag("span", "–" if value != value else f"{value:.{view.decimals(item)}f}", class_="sz-value")
    figure = tag("span", join([shown, tag("span", words.unit(item) or "AQI", class_="sz-small")]))
    grade = join([widgets.swatch(day.level), tag("span", _grade(day), class_="sz-dayname", title=_grade(day))])
    primary = join([rich(words.symbol(one)) for one in day.primary], _("、")) if day.primary else esc("–")
    facts = [
        ("50%", _span(day.bounds.get(item), 0, item)),
        ("90%", _span(day.bounds.get(item), 2, item)),
        (_("首要"), primary),
        *([(_("会商"), tag("span", _("已订正"), class_="sz-mark"))] if signed else []),
    ]
    cells = join(tag("div", join([tag("dt", label), tag("dd", text)])) for label, text in facts)
    return tag(
        "div",
        join(
            [
                head,
                tag("div", grade, class_="sz-daylevel"),
                tag("div", join([figure, _chance(day.probability)]), class_="sz-daynumber"),
                tag("dl", cells, class_="sz-dayfacts"),
                chance_bar(day.chances),
            ]
        ),
        class_="sz-day",
    )


def _chance(probability: float) -> Html:
    """The probability of the level that is named, with its name where there is room."""
    text, name = words.chance_text(probability), _("可能性")
    return tag("span", join([tag("span", name), text]), class_="sz-daychance", title=name) if text else Html("")


def _grade(day: words.Day) -> str:
    return words.levels_text(day.low, day.high)


def _span(bounds, at: int, item: str) -> str:
    if bounds is None or not np.isfinite(bounds[at : at + 2]).all():
        return "–"
    low, high = bounds[at : at + 2]
    return f"{low:.{view.decimals(item)}f}–{high:.{view.decimals(item)}f}"


def chance_bar(chances: np.ndarray, names=widgets.level_name, colour=None) -> Html:
    """Levels by their probability as one bar; what is hardly likely is left out, and the tooltip has all."""
    if not np.isfinite(chances).all():
        return tag("div", class_="sz-chances")
    colour = colour or (lambda level: widgets.level_row(level)["color"])
    said = _("、").join(
        f"{names(k)} {words.chance_text(p)}" for k, p in zip(LEVELS, chances, strict=True) if p >= 0.005
    )
    pieces = [
        tag("i", style=f"flex:{p:.3f};background:{colour(k)}")
        for k, p in zip(LEVELS, chances, strict=True)
        if p >= _SEEN
    ]
    return tag("div", join(pieces), class_="sz-chances", title=said, role="img", aria_label=said)


@state.shared(max_entries=16)
def legend(lang: str) -> Html:
    """What the colours and bands mean."""
    entries = [widgets.named_level(k) for k in LEVELS]
    bands = [
        tag("span", join([tag("i", class_="sz-band sz-band50"), _("50% 区间")])),
        tag("span", join([tag("i", class_="sz-band sz-band90"), _("90% 区间")])),
    ]
    return tag("div", join([*entries, *bands]), class_="sz-legend")


def day_head(date: dt.date, today: dt.date) -> Html:
    """Head of a column: which day it is, and its date."""
    return join([_near(date, today), tag("span", words.date_text(date), class_="sz-under-head")])


def _near(date: dt.date, today: dt.date) -> str:
    """今日, 明日; else the day of the week."""
    return words.day_name(date, today) if 0 <= (date - today).days <= 1 else when(date, _("EEE"))


@state.shared(max_entries=64)
def models_table(key: tuple, issue: Issue, spot: Spot, item: str, today: dt.date, lang: str, _ctx) -> Html:
    """What each model says of each day; what is told stands first."""
    rows = view.members(key, issue, spot, _ctx)
    table = view.by_model(rows, item)
    dates = [words.date_of(end) for end in table.columns]
    head = [(_("模型"), "strong"), *((day_head(date, today), "num") for date in dates)]
    digits = view.decimals(item)
    body = [
        [_model_cell(name), *("–" if v != v else f"{v:.{digits}f}" for v in values)]
        for name, values in zip(table.index, table.to_numpy(float), strict=True)
    ]
    unit = words.unit(item)
    note = rich(f"{view.item_name(item)}　{unit}" if unit else view.item_name(item))
    return join([widgets.section(_("各模型的预报"), note), tag("div", widgets.table(head, body), class_="sz-scroll")])


def _model_cell(name: str) -> Html:
    text = words.model_name(name)
    return tag("b", text) if name == issues.TOLD else tag("span", text, class_="sz-muted")


@state.shared(max_entries=64)
def drivers_list(key: tuple, issue: Issue, spot: Spot, item: str, today: dt.date, lang: str, _ctx) -> Html:
    """What made each day higher or lower than usual, in words; of the AQI its primary pollutant."""
    days = view.told(key, issue, spot, _ctx)
    said = [(words.day_name(day.date, today), _reasons(key, issue, spot, item, day, _ctx)) for day in days]
    entries = [
        tag("div", join([tag("dt", name), tag("dd", join(tag("p", rich(text)) for text in texts))]))
        for name, texts in said
        if texts
    ]
    title = widgets.section(_("为什么这样报"), rich(view.item_name(item)))
    if not entries:
        return join([title, tag("p", _("这一期没有留下可以比较的基准。"), class_="sz-note")])
    foot = tag("p", _("说的是模型的依据，不是大气中的因果。"), class_="sz-source")
    return join([title, tag("dl", join(entries), class_="sz-reasons"), foot])


def _reasons(key: tuple, issue: Issue, spot: Spot, item: str, day: words.Day, ctx: state.Context) -> list[str]:
    """What the models go by, and the weather of the day; of these what is known."""
    if item == "aqi":
        item = next((one for one in day.primary if one in day.values), item)
    parts = drivers.of(view.drivers(key, issue, spot, ctx), view.members(key, issue, spot, ctx), item, day.lead)
    tendency, sky = _sky(key, issue, ctx.lang, ctx).get(day.date, ({}, ""))
    said = "" if parts is None else drivers.in_words(parts, words.unit(item), tendency)
    return [text for text in (said and f"{view.item_name(item)} {said}", sky) if text]


@state.shared(max_entries=8)
def _sky(key: tuple, issue: Issue, lang: str, _ctx: state.Context) -> dict[dt.date, tuple[dict[str, float], str]]:
    """What the weather of each day has more and less of than usual, and that in words; of those days of which it is
    known, and none for who may not see it."""
    found = drivers.weather_of_days(_ctx.home, _ctx.scope, issue) if _ctx.scope.may("weather") else {}
    return {date: (drivers.tendency(day), drivers.weather_words(day)) for date, day in found.items()}


def method() -> Html:
    """How a forecast is made, and what its numbers mean."""
    lines = [
        _("区间：按过去同一提前量的误差取分位数（保形预测）；50% 区间应有一半的日子落在其中，90% 区间九成。"),
        _("可能性：该日 AQI 落在所说级别（或相邻两级）的概率，由同样的误差得出。"),
        _("AQI：由六项污染物的预报按 HJ 633 计算，取最大的分指数；首要污染物随之而定。"),
        _("集合预报：各模型按近期检验的误差加权；检验中不如持续或气候的模型不用。"),
        _("天气：一周内的各次数值预报合起来估计未来几天的天气；没有天气预报时，按没有天气时的误差加权、取区间。"),
        _("第 1 天是最后一个完整实测日之后的那一天。"),
    ]
    return tag("ul", join(tag("li", line) for line in lines), class_="sz-forecastmethod")


@state.shared(max_entries=16)
def issue_note(key: tuple, issue: Issue, lang: str, _ctx) -> Html:
    """Foot of the page: which issue, which models, how long it took."""
    parts = [
        _("期次 {id}").format(id=issue.id),
        _("模型 {version}").format(version=issue.model_version),
        _("{n} 行，用时 {s} 秒").format(n=f"{issue.rows:,}", s=f"{issue.seconds:.0f}"),
    ]
    return widgets.source("　".join(parts))


@state.shared(max_entries=8)
def issue_labels(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """What the picker says of each issue, the newest first."""
    found, afterwards = {}, _("回算")
    for issue in view.all_issues(key, _ctx).values():
        text = _("{time} 起报").format(time=when(issue.issued_at, _("M月d日 HH:mm")))
        found[issue.id] = f"{text} · {afterwards}" if issue.hindcast else text
    return found
