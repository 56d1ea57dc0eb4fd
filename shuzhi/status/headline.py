"""The situation in one sentence: state, main pollutant, which stations are over which limit; or that all is well."""

import re
from functools import cache

import pandas as pd

from shuzhi.i18n import _, language, ngettext
from shuzhi.standards.aqi import levels
from shuzhi.standards.factors import factors
from shuzhi.status.city import Situation

NAMED = 2
"""Up to so many stations the sentence names all; of more it names the worst."""

_BORDER = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[\u4e00-\u9fff])")


def headline(situation: Situation, live: bool = False, late: bool = False) -> str:
    """The situation as one sentence in the language spoken now; plain text.

    Parameters
    ----------
    situation : Situation
    live : bool
        The hour shown is the present one, so that what it says still goes on.
    late : bool
        Newer data are overdue: the sentence says since when.
    """
    sentence = _sentence(situation, live and not late)
    if not late:
        return _spaced(sentence)
    since = situation.at.strftime("%Y-%m-%d %H:%M") if language() == "en" else _chinese_time(situation.at)
    return _spaced(_("{since} 之后没有新数据；当时{sentence}").format(since=since, sentence=sentence))


def _sentence(situation: Situation, live: bool) -> str:
    over = situation.exceedances
    if situation.reporting == 0:
        return _("{hour} 时没有任何站点的读数。").format(hour=situation.at.hour)
    state = _state(situation)
    if over.empty:
        return _("{state}，{n} 个站点均未超标。").format(state=state, n=situation.reporting)
    return _("{state}，{what}。").format(state=state, what=_exceeding(over, live))


def _state(situation: Situation) -> str:
    """全市空气质量良; with the primary pollutant where the sentence names none otherwise."""
    if not situation.rated:
        return _("参评站点数据不足，全市指数暂缺")
    name = level_name(int(situation.now["level"]))
    primary = situation.now["primary"]
    if primary and situation.exceedances.empty:
        words = _("、").join(_word_of_symbol(symbol) for symbol in primary.split(";"))
        return _("全市空气质量{level}，首要污染物为{primary}").format(level=name, primary=words)
    return _("全市空气质量{level}").format(level=name)


def _exceeding(over: pd.DataFrame, live: bool) -> str:
    item = over.iloc[0]["item"]
    rows = over[over["item"] == item]
    first = rows.iloc[0]
    words = {
        "item": item_word(item),
        "verb": _("正在超标") if live else _("超标"),
        "n": len(rows),
        "sites": _("、").join(f"{row.name} {number(row.value, item)}" for row in _named(rows)),
        "limit": number(first["limit"], item),
        "unit": _factor(item)["unit"],
        "period": _("小时限值") if first["period"] == "1h" else _("日均限值"),
    }
    if len(rows) > NAMED:
        text = _("{n} 个站点{item}超过{period} {limit} {unit}，最高为{sites} {unit}")
    else:
        text = ngettext(
            "{item}{verb}：{sites} {unit}，高于{period} {limit} {unit}",
            "{item}{verb}：{sites} {unit}，均高于{period} {limit} {unit}",
            len(rows),
        )
    return text.format(**words)


def _named(rows: pd.DataFrame):
    """All of a few, the worst of many."""
    shown = rows if len(rows) <= NAMED else rows.head(1)
    return shown[["name", "value"]].itertuples(index=False, name="Named")


def _spaced(text: str) -> str:
    """Chinese with a space between Chinese and Latin letters or digits."""
    return text if language() != "zh" else _BORDER.sub(" ", text)


def level_name(level: int) -> str:
    """Name of an AQI level as it stands inside a sentence."""
    return _level_names(language())[level]


@cache
def _level_names(lang: str) -> dict[int, str]:
    table = levels().set_index("level")
    return table["name_zh"].to_dict() if lang == "zh" else table["name_en"].str.lower().to_dict()


@cache
def _factor(item: str) -> dict:
    return factors().loc[item].to_dict()


def item_word(item: str) -> str:
    """Word for an item inside a sentence: 臭氧, ozone; the symbol for particles."""
    row = _factor(item)
    if item.startswith("pm"):
        return row["symbol"]
    return row["name_zh"] if language() == "zh" else row["name_en"].lower()


def number(value: float, item: str) -> str:
    """A concentration as it is reported."""
    return f"{value:.{int(_factor(item)['decimals'])}f}"


def _word_of_symbol(symbol: str) -> str:
    table = factors("air")
    return item_word(table.index[table["symbol"] == symbol][0])


def _chinese_time(at: pd.Timestamp) -> str:
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
