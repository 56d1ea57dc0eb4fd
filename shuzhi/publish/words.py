"""The sentences of a briefing, made from its figures in the language spoken now."""

import math

import pandas as pd

from shuzhi.i18n import N_, _, language, ngettext
from shuzhi.publish.facts import Fact, Parts, fill, joined
from shuzhi.publish.figures import COMPARABLE, Figures, days_source
from shuzhi.publish.period import spoken, spoken_day
from shuzhi.standards.factors import SYMBOLS, factors
from shuzhi.status.city import GOOD_UP_TO
from shuzhi.status.headline import item_word, level_name
from shuzhi.status.water_words import class_name

ITEMS = ("pm25", "pm10", "o3_8h", "no2", "so2", "co")
"""Order of the items in a text: as the public asks for them."""

_UNITS = {"µg/m³": N_("微克/立方米"), "mg/m³": N_("毫克/立方米")}
_NAMED_DISTRICTS = 3
"""From so many districts on the text names the best and the worst."""


def title(figures: Figures, place: str) -> Parts:
    """Heading of the document."""
    text = _("{period}{place}空气和地表水质量状况") if figures.water else _("{period}{place}空气质量状况")
    return fill(text, period=spoken(figures.period), place=place)


def lead(figures: Figures, place: str) -> Parts:
    """The first paragraph: good days and their change; of one day its index."""
    if figures.this.valid == 0:
        return _without_data(figures, place)
    if figures.period.days == 1:
        return joined([_one_day(figures, place), _day_a_year_before(figures)], _space())
    return joined([_good_days(figures, place), _change_of_days(figures)], _space())


def level_days(figures: Figures) -> Parts:
    """How many days of each level."""
    counts, rows = figures.this.counts, []
    for step in range(1, 7):
        if step <= GOOD_UP_TO or counts[step]:
            name = level_name(step)
            number = _count(figures, name, counts[step], _("有效日中该级别的天数（HJ 633）"))
            rows.append(fill(_("{level}{n}天"), level=name, n=number))
    text = fill(_("有效日中，{levels}"), levels=joined(rows, _("、")))
    end = "" if figures.bad else _("，没有污染天")
    worse = "" if figures.bad and any(counts[step] for step in (5, 6)) else _("，未出现重度及以上污染")
    return joined([text, (end or worse,), (_("。"),)])


def polluted_days(figures: Figures) -> Parts:
    """Primary pollutants of the polluted days, the worst day, the items over their daily limit."""
    return joined([_primaries(figures), _worst(figures), _exceedances(figures)], _space())


def concentrations(figures: Figures) -> Parts:
    """The six items and their change."""
    clauses = [_concentration(figures, item) for item in ITEMS if not math.isnan(figures.items.at[item, "value"])]
    return joined([joined(clauses, _("；")), (_("。"),)]) if clauses else ()


def districts(figures: Figures, names: dict[str, str]) -> Parts:
    """The districts with the lowest and the highest PM2.5.

    Parameters
    ----------
    names : dict
        Name of a district → as it is called in the language spoken now.
    """
    table = figures.districts.dropna(subset=["pm25"]) if len(figures.districts) else figures.districts
    if len(table) < _NAMED_DISTRICTS:
        return ()
    low, high = (_district(figures, table, names, value) for value in (table["pm25"].min(), table["pm25"].max()))
    text = _("有监测站点的{n}个区县中，PM2.5平均浓度最低的是{low}，最高的是{high}。")
    number = _fact(figures, _("区县数"), len(table), str(len(table)), "", _("有站点读数的区县"))
    return fill(text, n=number, low=low, high=high)


def surface_water(figures: Figures) -> Parts:
    """Share of classes Ⅰ–Ⅲ and its change, the other classes, the targets."""
    if figures.water is None:
        return ()
    return joined(
        [_water_shares(figures), _water_change(figures), _water_classes(figures), _water_targets(figures)], _space()
    )


def notes(figures: Figures) -> list[str]:
    """How the numbers were made and what they must not be taken for; plain sentences."""
    found = [
        _("按 HJ 633-{edition} 和 HJ 663 评价，{sites}；数据不足的日子不参加评价。").format(
            edition=figures.edition, sites=_site_words(figures)
        ),
        _(
            "颗粒物、二氧化氮、二氧化硫为日均值的平均，臭氧为日最大8小时平均的第90百分位数，一氧化碳为日均值的第95百分位数。"
        ),
    ]
    if figures.comparable:
        found.append(_("同比为与{period}相比，浓度变化按修约后的数值计算。").format(period=spoken(figures.earlier)))
    if figures.reference_state_differs:
        found.append(
            _(
                "2018年9月1日起气态污染物按298.15K参比状态报告，此前为273.15K，两期气态污染物浓度及优良率的同比仅供参考。"
            )
        )
    if figures.water:
        items = _("pH、溶解氧、高锰酸盐指数、氨氮、总磷")
        text = _("地表水类别按自动站所测{items}的时段均值评价（GB 3838-2002、环办〔2011〕22号）。")
        found.append(text.format(items=items))
    if figures.asked.last > figures.period.last:
        found.append(_("时段尚未结束，统计至{day}。").format(day=spoken_day(figures.period.last)))
    if figures.kind == "simulated":
        found.append(_("本稿数据为模拟数据，不是实测，不得对外发布。"))
    return found


def unit(item: str) -> str:
    """Unit of an item as it stands in a sentence."""
    return _(_UNITS[factors().at[item, "unit"]])


def _space() -> str:
    return "" if language() == "zh" else " "


def _site_words(figures: Figures) -> str:
    n = len(figures.sites)
    if figures.evaluation:
        return ngettext("{n}个城市评价点的均值", "{n}个城市评价点的均值", n).format(n=n)
    return ngettext("{n}个站点的均值（非城市评价点）", "{n}个站点的均值（非城市评价点）", n).format(n=n)


def _without_data(figures: Figures, place: str) -> Parts:
    text = _("{period}，{place}没有有效监测日（{days}天数据不足），不作评价。")
    days = _count(figures, _("数据不足天数"), figures.invalid, _("日历天数减有效天数"))
    return fill(text, period=spoken(figures.period), place=place, days=days)


def _one_day(figures: Figures, place: str) -> Parts:
    day = figures.this.days.iloc[0]
    words = {
        "period": spoken(figures.period),
        "place": place,
        "aqi": _fact(figures, "AQI", day["aqi"], f"{day['aqi']:.0f}", "", _("日均浓度的空气质量指数（HJ 633）")),
        "level": level_name(int(day["level"])),
        "primary": _symbols(day["primary"]),
    }
    if day["primary"]:
        return fill(_("{period}，{place}空气质量指数（AQI）{aqi}，{level}，首要污染物为{primary}。"), **words)
    return fill(_("{period}，{place}空气质量指数（AQI）{aqi}，{level}。"), **words)


def _day_a_year_before(figures: Figures) -> Parts:
    if not figures.comparable:
        return (_("去年同日没有有效监测，不作同比。"),)
    day = figures.last.days.iloc[0]
    aqi = _fact(figures, _("去年同日 AQI"), day["aqi"], f"{day['aqi']:.0f}", "", _("同一标准评价"), "last")
    return fill(_("去年同日AQI为{aqi}，{level}。"), aqi=aqi, level=level_name(int(day["level"])))


def _good_days(figures: Figures, place: str) -> Parts:
    this = figures.this
    words = {
        "period": spoken(figures.period),
        "place": place,
        "good": _count(figures, _("优良天数"), this.good, _("有效日中AQI不大于100的天数（HJ 633）")),
        "share": _share(figures, _("优良率")),
    }
    if figures.invalid == 0:
        return fill(_("{period}，{place}优良{good}天，优良率{share}%。"), **words)
    text = _(
        "{period}，{place}有效监测{valid}天，优良{good}天，优良率{share}%（{days}天中{invalid}天数据不足，未计入）。"
    )
    valid = _count(figures, _("有效天数"), this.valid, _("各项日均值有效、可评价AQI的天数（HJ 663）"))
    days = _count(figures, _("日历天数"), figures.period.days, _("时段的日历天数"))
    invalid = _count(figures, _("数据不足天数"), figures.invalid, _("日历天数减有效天数"))
    return fill(text, valid=valid, days=days, invalid=invalid, **words)


def _change_of_days(figures: Figures) -> Parts:
    last = figures.last
    if last.valid == 0:
        return (_("去年同期没有监测数据，不作同比。"),)
    if not figures.comparable:
        text = _("本期或去年同期有效天数不足{share}%，不作同比。")
        return fill(text, share=f"{100 * COMPARABLE:.0f}")
    change = float(f"{figures.this.share:.1f}") - float(f"{last.share:.1f}")
    method = _("两期优良率之差（按所列数值）")
    words = {
        "good": _count(figures, _("去年同期优良天数"), last.good, _("与本期同一标准评价"), "last"),
        "share": _share(figures, _("去年同期优良率"), "last"),
        "change": _fact(figures, _("优良率同比"), change, f"{abs(change):.1f}", _("个百分点"), method),
        "valid": _count(figures, _("去年同期有效天数"), last.valid, _("与本期同一标准评价"), "last"),
    }
    return joined([fill(_before(figures), **words), fill(_moved(change), **words)])


def _before(figures: Figures) -> str:
    if figures.last.valid == figures.earlier.days:
        return _("去年同期优良{good}天、优良率{share}%，")
    return _("去年同期有效监测{valid}天、优良{good}天、优良率{share}%，")


def _moved(change: float) -> str:
    if f"{abs(change):.1f}" == "0.0":
        return _("优良率与去年同期持平。")
    return _("优良率同比上升{change}个百分点。") if change > 0 else _("优良率同比下降{change}个百分点。")


def _primaries(figures: Figures) -> Parts:
    if not figures.primaries:
        return ()
    label, method = _("首要污染物天数"), _("污染日中该项IAQI最大的天数")
    rows = [
        fill(_("为{item}的{n}天"), item=_word(symbol), n=_count(figures, label, n, method))
        for symbol, n in figures.primaries.items()
    ]
    text = _("{bad}个污染日中，首要污染物{items}")
    bad = _count(figures, _("污染天数"), figures.bad, _("有效日中AQI大于100的天数"))
    twice = sum(figures.primaries.values()) > figures.bad
    end = _("（一日可有并列的首要污染物）。") if twice else _("。")
    return joined([fill(text, bad=bad, items=joined(rows, _("、"))), (end,)])


def _worst(figures: Figures) -> Parts:
    days = figures.this.days
    if not figures.bad or figures.period.days == 1:
        return ()
    worst = days.loc[days["aqi"].idxmax()]
    aqi = _fact(figures, _("最高日AQI"), worst["aqi"], f"{worst['aqi']:.0f}", "", _("有效日中AQI的最大值"))
    text = _("AQI最高为{aqi}（{day}，{level}）。")
    return fill(text, aqi=aqi, day=spoken_day(pd.Timestamp(worst["day"]).date()), level=level_name(int(worst["level"])))


def _exceedances(figures: Figures) -> Parts:
    over = [item for item in ITEMS if figures.items.at[item, "exceed"]]
    kept = [item for item in ITEMS if item not in over and figures.items.at[item, "days"]]
    rows = [fill(_("{item}为{n}天"), item=item_name(item), n=_days_over(figures, item)) for item in over]
    fine = _("、").join(item_name(item) for item in kept)
    if not over:
        return fill(_("各项日均浓度均未超过二级限值。")) if kept else ()
    text = (
        _("日均浓度超过二级限值的天数：{over}；{fine}未超标。") if kept else _("日均浓度超过二级限值的天数：{over}。")
    )
    return fill(text, over=joined(rows, _("、")), fine=fine)


def _days_over(figures: Figures, item: str) -> Fact:
    label = _("{item}超标天数").format(item=item_name(item))
    method = _("日评价浓度高于GB 3095二级限值的天数")
    return _count(figures, label, int(figures.items.at[item, "exceed"]), method)


def _concentration(figures: Figures, item: str) -> Parts:
    row = figures.items.loc[item]
    number = f"{row['value']:.{int(factors().at[item, 'decimals'])}f}"
    value = _fact(figures, _statistic_name(figures, item), row["value"], number, unit(item), _method(figures))
    text = fill(_statistic(figures, item), item=item_name(item), value=value, unit=unit(item))
    return joined([text, _change(figures, item, row)])


def _statistic(figures: Figures, item: str) -> str:
    """The template of one item's clause."""
    if item == "o3_8h":
        one, many = _("{item}日最大8小时平均浓度{value}{unit}"), _("{item}日最大8小时平均浓度第90百分位数{value}{unit}")
    elif item == "co":
        one, many = _("{item}日均浓度{value}{unit}"), _("{item}日均浓度第95百分位数{value}{unit}")
    else:
        one, many = _("{item}日均浓度{value}{unit}"), _("{item}平均浓度{value}{unit}")
    return one if figures.period.days == 1 else many


def _statistic_name(figures: Figures, item: str) -> str:
    name = item_name(item)
    return (
        name if figures.period.days == 1 else _("{item}{statistic}").format(item=name, statistic=statistic_label(item))
    )


def statistic_label(item: str) -> str:
    """What of an item a period is known by: mean, 90th or 95th percentile."""
    return {"o3_8h": _("第90百分位数"), "co": _("第95百分位数")}.get(item, _("平均"))


def _method(figures: Figures) -> str:
    if figures.period.days == 1:
        return _("评价点日值的均值，按HJ 663修约")
    return _("城市有效日值的统计量（HJ 663），按标准修约")


def _change(figures: Figures, item: str, row: pd.Series) -> Parts:
    percent = row["change"]
    if not figures.comparable or math.isnan(percent):
        return ()
    if f"{abs(percent):.1f}" == "0.0":
        return (_("，同比持平"),)
    method = _("与去年同期{value}{unit}比较").format(
        value=f"{row['last']:.{int(factors().at[item, 'decimals'])}f}", unit=unit(item)
    )
    label = _("{item}同比").format(item=item_name(item))
    change = _fact(figures, label, percent, f"{abs(percent):.1f}", "%", method)
    return fill(_("，同比上升{change}%") if percent > 0 else _("，同比下降{change}%"), change=change)


def _district(figures: Figures, table: pd.DataFrame, names: dict[str, str], value: float) -> Parts:
    same = table.index[table["pm25"] == value]
    codes = figures.stations.loc[figures.stations["district"].isin(same), "code"]
    source = days_source(figures.period, codes, figures.as_of)
    shown = _("、").join(names.get(name, name) for name in same)
    number = Fact(f"{shown} PM2.5", value, f"{value:.0f}", unit("pm25"), source, _("区县站点均值的平均（HJ 663）"))
    return fill(_("{names}（{value}{unit}）"), names=shown, value=number, unit=unit("pm25"))


def _water_shares(figures: Figures) -> Parts:
    now = figures.water.now
    text = _("{n}个有数据的地表水断面中，Ⅰ—Ⅲ类{good}个，占{share}%，劣Ⅴ类{worst}个。")
    return fill(
        text,
        n=_water_fact(figures, _("评价断面数"), now.rated, _("时段均值可评类别的断面数")),
        good=_water_fact(figures, _("Ⅰ—Ⅲ类断面数"), now.good, _("时段均值为Ⅰ—Ⅲ类的断面数")),
        share=_water_fact(figures, _("Ⅰ—Ⅲ类断面比例"), now.good_share, _("占评价断面的比例"), "%"),
        worst=_water_fact(figures, _("劣Ⅴ类断面数"), now.worst, _("时段均值劣于Ⅴ类的断面数")),
    )


def _water_change(figures: Figures) -> Parts:
    now, before = figures.water.now, figures.water.before
    if not before.rated:
        return (_("地表水去年同期没有数据，不作同比。"),)
    if not figures.water.comparable:
        return (_("地表水去年同期有数据的断面太少，不作同比。"),)
    change = float(f"{now.good_share:.1f}") - float(f"{before.good_share:.1f}")
    words = {
        "n": _water_fact(figures, _("去年同期评价断面数"), before.rated, _("时段均值可评类别的断面数"), of="last"),
        "share": _water_fact(
            figures, _("去年同期Ⅰ—Ⅲ类断面比例"), before.good_share, _("占评价断面的比例"), "%", "last"
        ),
        "change": _points(figures, change),
    }
    return joined([fill(_("去年同期{n}个断面中Ⅰ—Ⅲ类占{share}%，"), **words), fill(_water_moved(change), **words)])


def _points(figures: Figures, change: float) -> Fact:
    label, method = _("Ⅰ—Ⅲ类断面比例同比"), _("两期比例之差（按所列数值）")
    return Fact(label, change, f"{abs(change):.1f}", _("个百分点"), figures.water_source(), method)


def _water_moved(change: float) -> str:
    if f"{abs(change):.1f}" == "0.0":
        return _("比例与去年同期持平。")
    return _("比例同比上升{change}个百分点。") if change > 0 else _("比例同比下降{change}个百分点。")


def _water_classes(figures: Figures) -> Parts:
    counts = figures.water.now.counts
    method = _("时段均值为该类别的断面数")
    rows = [
        fill(_("{name}{n}个"), name=class_name(k), n=_water_fact(figures, class_name(k), counts[k], method))
        for k in range(1, 7)
        if counts[k]
    ]
    return fill(_("按类别分，{classes}。"), classes=joined(rows, _("、")))


def _water_targets(figures: Figures) -> Parts:
    now = figures.water.now
    if not now.with_target:
        return ()
    method = _("登记了目标类别的评价断面")
    return fill(
        _("{n}个有目标的断面中，{met}个达到目标类别。"),
        n=_water_fact(figures, _("有目标的断面数"), now.with_target, method),
        met=_water_fact(figures, _("达标断面数"), now.met, _("类别不劣于目标的断面数")),
    )


def _water_fact(figures: Figures, label: str, value: float, method: str, unit: str = "", of: str = "this") -> Fact:
    text = f"{value:.1f}" if unit == "%" else str(int(value))
    return Fact(label, float(value), text, unit or _("个"), figures.water_source(of), method)


def item_name(item: str) -> str:
    """Word for an item: PM2.5, 臭氧 (also for its 8 h mean)."""
    return item_word(item.removesuffix("_8h"))


def _word(symbol: str) -> str:
    return item_word(next(item for item, one in SYMBOLS.items() if one == symbol))


def _symbols(primary: str) -> str:
    return _("、").join(_word(symbol) for symbol in primary.split(";")) if primary else ""


def _share(figures: Figures, label: str, of: str = "this") -> Fact:
    share = figures.this.share if of == "this" else figures.last.share
    return _fact(figures, label, share, f"{share:.1f}", "%", _("优良天数除以有效天数"), of)


def _count(figures: Figures, label: str, n: int, method: str, of: str = "this") -> Fact:
    return _fact(figures, label, n, str(n), _("天"), method, of)


def _fact(figures: Figures, label: str, value: float, text: str, unit: str, method: str, of: str = "this") -> Fact:
    return Fact(label, float(value), text, unit, figures.source(of), method)
