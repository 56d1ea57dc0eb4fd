"""Surface water in words, in the language spoken now: plain text, for pages, tooltips and documents."""

from collections.abc import Mapping
from functools import cache

import pandas as pd

from shuzhi.i18n import _, language, ngettext, when
from shuzhi.standards import water as law
from shuzhi.standards.factors import factors
from shuzhi.status.water_overview import Basis, Overview, Shares, Summary

NAMED = 2
"""Up to so many sections worse than class Ⅴ the sentence names all; of more it names the worst."""


def headline(seen: Overview | Summary, basis: Basis = "now", brief: bool = False) -> str:
    """The water of the city in one sentence: share of classes Ⅰ–Ⅲ, change from last year, what is worst.

    Parameters
    ----------
    seen : Overview or Summary
    basis : "now", "month" or "year"
        What the classes of the overview are made of.
    brief : bool
        Leave out that no section is worse than class Ⅴ.
    """
    here = seen.now
    if not here.rated:
        return _("{place}没有水质类别。").format(place=_place(seen, here))
    words = {
        "since": _since(seen, basis),
        "place": _place(seen, here),
        "good": here.good,
        "share": f"{here.good_share:.1f}",
        "change": compared(seen.change, seen.before),
        "worst": _worst(seen) if here.worst or not brief else "",
    }
    return _("{since}{place}中 {good} 个达到Ⅰ–Ⅲ类，占 {share}%，{change}{worst}。").format(**words)


def _since(seen, basis: Basis) -> str:
    """今年以来, where classes are those of means."""
    return {"month": _("{month}以来"), "year": _("今年以来")}.get(basis, "").format(month=when(seen.at, _("M月")))


def _place(seen, here: Shares) -> str:
    """成都 138 个断面; without the city where all sections of the register are meant."""
    some = here.rated and here.rated < here.sections
    if seen.city is None:
        text = _("{n} 个有数据的断面") if some else _("{n} 个断面")
    else:
        text = _("{city} {n} 个有数据的断面") if some else _("{city} {n} 个断面")
    return text.format(city=city_name(seen.city), n=here.rated if some else here.sections)


def city_name(city: str | None) -> str:
    """The city in the language spoken now, as far as it is known."""
    return _("成都") if city == "成都" else city or ""


def compared(change: float, before: Shares) -> str:
    """How the share of classes Ⅰ–Ⅲ compares with last year's."""
    if not before.rated:
        return _("去年同期没有数据")
    points = round(abs(change), 1)
    if points == 0:
        return _("与去年同期持平")
    text = _("比去年同期高 {points} 个百分点") if change > 0 else _("比去年同期低 {points} 个百分点")
    return text.format(points=f"{points:.1f}")


def _worst(seen: Overview | Summary) -> str:
    """；1 个劣Ⅴ类：某桥（氨氮）; nothing where no section is worse than class Ⅴ."""
    n = seen.now.worst
    if not n:
        return _("，没有劣Ⅴ类")
    table = seen.worst if isinstance(seen, Summary) else seen.sections
    rows = table[table["water_class"] == 6].head(NAMED if n <= NAMED else 1)
    named = _("、").join(_named(row) for row in rows.itertuples())
    if n > NAMED:
        named = _("{name}等").format(name=named)
    return ngettext("；{n} 个劣Ⅴ类：{named}", "；{n} 个劣Ⅴ类：{named}", n).format(n=n, named=named)


def _named(row) -> str:
    return _("{name}（{items}）").format(name=row.name, items=items_text(row.main or row.deciding))


def items_text(symbols: str) -> str:
    """Names of items from their symbols joined by “;”: 氨氮、总磷; in English the symbols as printed: NH₃-N."""
    names = _names_of_symbols(language())
    return _("、").join(names.get(symbol, symbol) for symbol in symbols.split(";") if symbol)


@cache
def _names_of_symbols(lang: str) -> dict[str, str]:
    table = factors("water").set_index("symbol")
    return table["symbol_rich"].to_dict() if lang == "en" else table["name_zh"].str.removesuffix("值").to_dict()


def item_name(item: str) -> str:
    """总磷 or Total phosphorus."""
    return _factor(item)[f"name_{language()}"]


def symbol(item: str) -> str:
    """NH₃-N, in running text."""
    return _factor(item)["symbol_rich"]


def unit(item: str) -> str:
    """Unit of an item; "" for pH."""
    return _factor(item)["unit"]


def value(number: float, item: str) -> str:
    """A reading with the decimals of its item; an en dash where there is none."""
    return "–" if number is None or number != number else f"{number:.{int(_factor(item)['decimals'])}f}"


@cache
def _factor(item: str) -> dict:
    return factors().loc[item].to_dict()


def class_name(water_class: int) -> str:
    """Ⅲ类 or Class III; what is said where there is none."""
    return _class_names(language()).get(int(water_class)) or _("无类别")


@cache
def _class_names(lang: str) -> dict[int, str]:
    return law.classes().set_index("water_class")[f"name_{lang}"].to_dict()


def quality_name(quality: int) -> str:
    """优 良好 轻度污染 中度污染 重度污染; an en dash for none."""
    return _quality_names(language()).get(int(quality), "–")


@cache
def _quality_names(lang: str) -> dict[int, str]:
    return law.qualities().set_index("quality")[f"name_{lang}"].to_dict()


def trophic_name(trophic: int) -> str:
    """贫营养 … 重度富营养; an en dash for none."""
    return _trophic_names(language()).get(int(trophic), "–")


@cache
def _trophic_names(lang: str) -> dict[int, str]:
    return law.trophic_levels().set_index("trophic")[f"name_{lang}"].to_dict()


def change_words(change: float) -> str:
    """How a section's class has moved: 好 1 类, 差 2 类, 持平; an en dash where unknown."""
    if change is None or change != change:
        return "–"
    if change == 0:
        return _("持平")
    return (_("差 {n} 类") if change > 0 else _("好 {n} 类")).format(n=int(abs(change)))


def section_sentence(row: Mapping) -> str:
    """One section: its class now, what decides, whether it meets its target."""
    if not row["now_class"]:
        return _silent(row)
    text = _("{time} 为{grade}").format(time=when(row["time"], _("M月d日 HH:mm")), grade=class_name(row["now_class"]))
    if row["now_deciding"] and row["now_class"] > 2:
        text += _("，由{items}决定").format(items=items_text(row["now_deciding"]))
    return text + _target(row) + _("。")


def _target(row: Mapping) -> str:
    if pd.isna(row["target_class"]):
        return _("，没有目标类别")
    met = row["now_class"] <= row["target_class"]
    text = _("，达到目标{grade}") if met else _("，未达到目标{grade}")
    return text.format(grade=class_name(row["target_class"]))


def _silent(row: Mapping) -> str:
    if pd.isna(row["time"]):
        return _("此前 12 小时没有读数。")
    if row["now_missing"]:
        return _("{time} 缺{items}，不评类别。").format(
            time=when(row["time"], _("M月d日 HH:mm")), items=items_text(row["now_missing"])
        )
    return _("{time} 没有类别。").format(time=when(row["time"], _("M月d日 HH:mm")))
