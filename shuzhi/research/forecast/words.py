"""A forecast in words, in the language spoken now: plain text, for the page, the wall and documents.

A probability always says of what: of the level, or of the two adjacent levels, that is named beside it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import yaml

from shuzhi.i18n import N_, _, language, ngettext, when
from shuzhi.research.forecast.issues import TOLD, Issue
from shuzhi.research.forecast.scores import PROBABILITIES, level_pairs, told_level
from shuzhi.research.forecast.section_outlook import BELOW
from shuzhi.settings import DATA
from shuzhi.standards.days import beijing_day
from shuzhi.standards.factors import factors
from shuzhi.standards.levels import GOOD_UP_TO
from shuzhi.status.headline import level_name, number
from shuzhi.status.station_words import symbol_rich
from shuzhi.status.station_words import unit as unit_of
from shuzhi.status.water_overview import GOOD_SHARE
from shuzhi.store.schema import DAY_ITEMS

SURE = 0.6
"""From this probability on a single level is named; below it two adjacent ones, the other the likelier neighbour."""

MODELS = {
    "forecaster": N_("会商订正"),
    TOLD: N_("集合预报"),
    "trees": N_("提升树"),
    "ridge": N_("岭回归"),
    "arima": "ARIMA",
    "ets": "ETS",
    "theta": "Theta",
    "damped": N_("阻尼持续"),
    "persistence": N_("持续"),
    "yesterday": N_("昨日同时"),
    "climatology": N_("气候"),
}
"""Models in the order of the tables, and what they are called."""

_GOOD = 2
_SIDES = ("lower50", "upper50", "lower90", "upper90")


@dataclass(frozen=True)
class Day:
    """What is told of one day at one place.

    Attributes
    ----------
    date : date
        Beijing day.
    lead : int
    aqi : int
    low, high : int
        Levels that are named, 1…6; equal where one is.
    probability : float
        That the day's level is one of them; NaN where it isn't known.
    chances : tuple of float
        Probability of each level, NaN where it isn't known.
    primary : tuple of str
        Items such as ``o3_8h``; empty for an AQI of at most 50.
    values : dict
        Item → concentration (µg/m³, CO mg/m³), of those that there are.
    bounds : dict
        Item or ``aqi`` → (lower50, upper50, lower90, upper90), NaN where they aren't known.
    """

    date: dt.date
    lead: int
    aqi: int
    low: int
    high: int
    probability: float
    chances: tuple[float, ...]
    primary: tuple[str, ...]
    values: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float, float, float]]

    @property
    def level(self) -> int:
        """Level of the AQI itself."""
        return int(told_level(self.aqi))

    @property
    def good(self) -> float:
        """Probability of an AQI of at most 100."""
        return sum(self.chances[:_GOOD])


def told(rows: pd.DataFrame) -> list[Day]:
    """The days of one place, in their order; those without an AQI are left out.

    Parameters
    ----------
    rows : DataFrame
        Daily rows of one place and model, as from `issues.read`.
    """
    columns = {name: rows[name].to_numpy() for name in ("lead", "item", "primary")}
    names = ["value", *_SIDES, *PROBABILITIES]
    numbers = dict(zip(names, rows[names].to_numpy(float).T, strict=True))
    dates = beijing_day(rows["time"]).astype(object) if len(rows) else []
    days: dict[int, list[int]] = {}
    for at, lead in enumerate(columns["lead"].tolist()):
        days.setdefault(lead, []).append(at)
    found = []
    for lead, places in sorted(days.items()):
        by_item = {columns["item"][at]: at for at in places}
        aqi = by_item.pop("aqi", None)
        if aqi is not None and np.isfinite(numbers["value"][aqi]):
            found.append(_day(lead, dates[aqi], aqi, by_item, columns["primary"][aqi], numbers))
    return found


def _day(lead: int, date: dt.date, at: int, others: dict[str, int], primary, numbers: dict[str, np.ndarray]) -> Day:
    """The day whose AQI stands in row ``at``, its pollutants in the rows ``others``."""
    aqi = int(np.rint(numbers["value"][at]))
    chances = np.array([numbers[name][at] for name in PROBABILITIES])
    low, high, probability = _levels(aqi, chances)
    values = {item: float(numbers["value"][row]) for item, row in others.items()}
    return Day(
        date=date,
        lead=lead,
        aqi=aqi,
        low=low,
        high=high,
        probability=probability,
        chances=tuple(chances.tolist()),
        primary=_items(primary),
        values={item: value for item, value in values.items() if np.isfinite(value)},
        bounds={
            item: tuple(float(numbers[name][row]) for name in _SIDES) for item, row in {"aqi": at, **others}.items()
        },
    )


def _levels(aqi: int, chances: np.ndarray) -> tuple[int, int, float]:
    """Lowest and highest level that are named, and their probability together."""
    level = int(told_level(aqi))
    if not np.isfinite(chances).all():
        return level, level, float("nan")
    if chances[level - 1] >= SURE:
        return level, level, float(chances[level - 1])
    low = int(level_pairs(chances[None], [level])[0])
    return low, low + 1, float(chances[low - 1 : low + 1].sum())


def date_of(end: pd.Timestamp) -> dt.date:
    """The Beijing day that ends at an instant."""
    return beijing_day(end).astype(dt.date)


def _items(symbols) -> tuple[str, ...]:
    """Items of symbols joined by “;”."""
    known = _items_by_symbol()
    return tuple(known[one] for one in symbols.split(";") if one in known) if isinstance(symbols, str) else ()


@cache
def _items_by_symbol() -> dict[str, str]:
    return {factors().at[item, "symbol"]: item for item in DAY_ITEMS}


def sentence(days: Sequence[Day], date: dt.date, today: dt.date) -> str:
    """The forecast of a day in one sentence: what, how much, which level, how likely.

    Parameters
    ----------
    days : sequence of Day
        As from `told`.
    date : date
        Of the day that is meant.
    today : date
        The day that is called so.

    Returns
    -------
    str
        “” where nothing is told of the day.
    """
    day = _day_of(days, date)
    return "" if day is None else _sentence(day, today)


def _day_of(days: Sequence[Day], date: dt.date) -> Day | None:
    return next((day for day in days if day.date == date), None)


def _sentence(day: Day, today: dt.date) -> str:
    words = {"day": day_name(day.date, today), "aqi": day.aqi, "level": levels_text(day.low, day.high)}
    words["chance"] = chance_text(day.probability)
    known = [item for item in day.primary if item in day.values]
    if not known:
        text = (
            _("{day} AQI 预计 {aqi}，{level}，可能性 {chance}。")
            if words["chance"]
            else _("{day} AQI 预计 {aqi}，{level}。")
        )
        return text.format(**words)
    words["values"] = _("、").join(
        _("{item} 预计 {value}").format(item=symbol(i), value=amount(day.values[i], i)) for i in known
    )
    text = _("{day} {values}，{level}，可能性 {chance}。") if words["chance"] else _("{day} {values}，{level}。")
    return text.format(**words)


def band(days: Sequence[Day], date: dt.date) -> str:
    """Within what the day's primary pollutant (else its AQI) lies with 90 %; “” where that isn't known."""
    found = _day_of(days, date)
    if found is None:
        return ""
    item = next((one for one in found.primary if one in found.values), "aqi")
    low, high = found.bounds[item][2:]
    if not np.isfinite([low, high]).all():
        return ""
    words = {"item": symbol(item), "low": _plain(low, item), "high": _plain(high, item), "unit": unit(item)}
    text = (
        _("{item} 有 90% 的可能在 {low}–{high} {unit} 之间。")
        if words["unit"]
        else _("AQI 有 90% 的可能在 {low}–{high} 之间。")
    )
    return text.format(**words)


def week(days: Sequence[Day]) -> str:
    """The days that are told, in one sentence: how many are good, when it turns, which is worst.

    The sum of the days' probabilities is the expected number of good days, whatever the days have to do with each
    other.
    """
    if not days:
        return ""
    turning = _turning(days)
    clauses = [_good_days(days), _turn(turning), _worst(days, turning)]
    return _("，").join(clause for clause in clauses if clause) + _("。")


def _good_days(days: Sequence[Day]) -> str:
    n, good = len(days), sum(day.aqi <= GOOD_UP_TO for day in days)
    words = {"first": date_text(days[0].date), "last": date_text(days[-1].date), "n": n, "good": good}
    texts = {0: _("{first}—{last}预计没有优良天"), n: _("{first}—{last}预计 {n} 天都是优良天")}
    text = texts.get(good) or ngettext("{first}—{last}预计优良 {good} 天", "{first}—{last}预计优良 {good} 天", good)
    expected = sum(day.good for day in days)
    if np.isfinite(expected):
        text += _("（按概率合计 {expected} 天）")
    return text.format(**words, expected=f"{expected:.1f}")


def _turning(days: Sequence[Day]) -> Day | None:
    """The first day that is polluted after a good one, or good after a polluted one."""
    pairs = zip(days, days[1:], strict=False)
    return next((day for before, day in pairs if (before.level > _GOOD) != (day.level > _GOOD)), None)


def _turn(day: Day | None) -> str:
    if day is None:
        return ""
    text = _("{day}起转为{level}") if day.level > _GOOD else _("{day}起好转为{level}")
    return text.format(day=weekday_text(day.date), level=level_name(day.level))


def _worst(days: Sequence[Day], turning: Day | None) -> str:
    """The day with the highest AQI, unless all are of one level and good."""
    if all(day.level == days[0].level for day in days) and days[0].level <= _GOOD:
        return _("各日均为{level}").format(level=level_name(days[0].level))
    worst = max(days, key=lambda day: day.aqi)
    named = _("当日") if worst is turning else weekday_text(worst.date)
    words = {"day": named, "aqi": worst.aqi, "level": levels_text(worst.low, worst.high)}
    chance = chance_text(worst.probability)
    text = (
        _("{day}最差，AQI 预计 {aqi}，{level}，可能性 {chance}") if chance else _("{day}最差，AQI 预计 {aqi}，{level}")
    )
    return text.format(**words, chance=chance)


def mode(issue: Issue) -> str:
    """What the issue was made of: with which product of weather forecasts, or without and what that costs in skill."""
    if issue.weather:
        text = (
            _("采用 {time} 起报的气象预报“{product}”。") if issue.weather_issued_at else _("采用气象预报“{product}”。")
        )
        made = text.format(product=issue.weather, time=_time(issue.weather_issued_at))
    else:
        made = _joined([_("本期没有气象预报，只由已测得的数据作出。"), _cost()])
    return _joined([made, _("本期为回算：事后用当时已知的数据作出。") if issue.hindcast else ""])


def _cost() -> str:
    worth = weather_worth()
    text = _("在{city} {year} 年的回测中，相对持续预报的技巧（1–7 天平均）有气象预报时为 {with_}，没有时为 {without}。")
    numbers = {"with_": f"{worth['with']:.2f}", "without": f"{worth['without']:.2f}"}
    return text.format(city=worth[f"city_{language()}"], year=worth["year"], **numbers)


@cache
def weather_worth() -> dict:
    """The table ``data/forecast/weather.yaml``: skill with and without weather forecasts, and where it was measured."""
    return yaml.safe_load((DATA / "forecast" / "weather.yaml").read_text(encoding="utf-8"))


def outlook(row: Mapping) -> str:
    """What a month or year will come to, against its target, in one sentence.

    Parameters
    ----------
    row : mapping
        A row of `decision.outlook.against_targets`: item (``good_days``, ``pm25``, those of `section_outlook`), first,
        last, median, lower90, upper90; target, chance, left and needed are NaN or absent where there is no target.
    """
    item = row["item"]
    words = {name: outlook_number(row[name], item) for name in ("median", "lower90", "upper90")}
    words |= {"span": _span(row["first"], row["last"])}
    if item not in _OUTLOOKS:
        words |= {"item": symbol(item), "unit": unit(item)}
        text = _("{span} {item} 平均浓度预计 {median} {unit}（90%：{lower90}–{upper90}）")
    else:
        text = _(_OUTLOOKS[item])
    return text.format(**words) + _against_target(row) + _("。")


_OUTLOOKS = {
    "good_days": N_("{span}优良天数预计 {median} 天（90%：{lower90}–{upper90}）"),
    GOOD_SHARE: N_("{span}地表水优良（Ⅰ–Ⅲ类）断面比例预计 {median}%（90%：{lower90}%–{upper90}%）"),
    BELOW: N_("{span}未达到目标类别的断面预计 {median} 个（90%：{lower90}–{upper90}）"),
}


def outlook_number(value: float, item: str) -> str:
    """A number of an outlook; days and sections are whole."""
    return f"{value:.{0 if item in ('good_days', BELOW) else 1}f}"


def _against_target(row: Mapping) -> str:
    if not np.isfinite(row.get("target", np.nan)):
        return ""
    item = row["item"]
    days = item == "good_days"
    words = {"target": f"{row['target']:g}", "chance": chance_text(row["chance"])}
    if item == GOOD_SHARE:
        return _("，达到目标 {target}% 的可能性 {chance}").format(**words)
    text = _("，达到目标 {target} 天的可能性 {chance}") if days else _("，达到目标 {target} {unit} 的可能性 {chance}")
    said = text.format(unit="" if days else unit(item), **words)
    if not days or not row["left"] > 0:
        return said
    return said + _("；余下 {left} 天还需优良 {needed} 天").format(left=int(row["left"]), needed=f"{row['needed']:.0f}")


def _span(first: dt.date, last: dt.date) -> str:
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return _("全年")
    if (first.year, first.month) == (last.year, last.month) and first.day == 1:
        return when(first, _("M月"))
    return _("{first}—{last}").format(first=date_text(first), last=date_text(last))


def model_name(model: str) -> str:
    """What a model is called; its own name where it has no other."""
    return _(MODELS[model]) if model in MODELS else model


def levels_text(low: int, high: int) -> str:
    """良, or 良～轻度污染."""
    if low == high:
        return level_name(low)
    return _("{low}～{high}").format(low=level_name(low), high=level_name(high))


def chance_text(probability: float) -> str:
    """78%; nothing forecast is impossible or certain; “” where it isn't known."""
    if not np.isfinite(probability):
        return ""
    whole = round(100 * probability)
    return ">99%" if whole > 99 else "<1%" if whole < 1 else f"{whole}%"


def day_name(day: dt.date, today: dt.date) -> str:
    """今日, 明日, 后天; else the date."""
    names = {0: _("今日"), 1: _("明日"), 2: _("后天")}
    return names.get((day - today).days) or date_text(day)


def weekday_text(day: dt.date) -> str:
    """周五（27日）."""
    return when(day, _("EEE（d日）"))


def date_text(day: dt.date) -> str:
    """11月27日."""
    return when(day, _("M月d日"))


def _time(moment: pd.Timestamp | None) -> str:
    return "" if moment is None else when(moment, _("M月d日 HH:mm"))


def symbol(item: str) -> str:
    """O₃-8h, PM₂.₅; AQI."""
    return "AQI" if item == "aqi" else symbol_rich(item)


def unit(item: str) -> str:
    """Unit of an item; “” for the AQI."""
    return "" if item == "aqi" else unit_of(item)


def amount(value: float, item: str) -> str:
    """172 µg/m³."""
    return f"{number(value, item)} {unit(item)}"


def _plain(value: float, item: str) -> str:
    return f"{value:.0f}" if item == "aqi" else number(value, item)


def _joined(sentences: list[str]) -> str:
    return ("" if language() == "zh" else " ").join(one for one in sentences if one)
