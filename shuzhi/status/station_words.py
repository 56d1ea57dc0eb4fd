"""What a station's hour means, in the language spoken now: plain text, for pages, tooltips and documents."""

from functools import cache

import pandas as pd

from shuzhi.i18n import N_, _, when
from shuzhi.settings import BEIJING
from shuzhi.standards.factors import factors
from shuzhi.status.headline import level_name, number
from shuzhi.status.station import Comparison, Reading, Region, Report

NETWORKS = {"national": N_("国控"), "provincial": N_("省控"), "city": N_("市控"), "micro": N_("微站")}


def answer(report: Report) -> str:
    """The hour in one sentence: item, value, against which limit, level."""
    hour = report.at.tz_convert(BEIJING).hour
    reading = report.reading(report.headline)
    if report.aqi is None:
        missing = _("、").join(symbol(each.item) for each in report.readings if each.value is None)
        return _("{hour} 时缺 {items}，不评价 AQI。").format(hour=hour, items=missing)
    words = {
        "hour": hour,
        "item": symbol(report.headline),
        "value": f"{number(reading.value, report.headline)} {unit(report.headline)}",
        "limit": f"{reading.limit:g}",
        "level": level_name(report.level),
        "aqi": report.aqi,
    }
    return _sentence(report, reading).format(**words, n=report.exceedance.hours if report.exceedance else 0)


def _sentence(report: Report, reading: Reading) -> str:
    if report.exceedance and report.exceedance.first:
        return _("{hour} 时 {item} {value}，今日首次超过小时限值 {limit}，{level}。")
    if report.exceedance:
        return _("{hour} 时 {item} {value}，今日第 {n} 个小时超过小时限值 {limit}，{level}。")
    if reading.above:
        return _("{hour} 时 {item} {value}，高于日均限值 {limit}，{level}。")
    if report.primary:
        return _("{hour} 时 {item} {value}，为首要污染物，{level}。")
    return _("{hour} 时 AQI {aqi}，没有首要污染物，{level}。")


def context(report: Report) -> str:
    """How the reading compares: with the hours before, and with the other evaluation sites at the same hour."""
    if report.aqi is None:
        return ""
    parts = [_comparison(report.comparison), _region(report.region, report.reading(report.headline))]
    return _("；").join(part for part in parts if part) + _("。") if any(parts) else ""


def _comparison(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    percent = round(abs(comparison.change) * 100)
    if percent == 0:
        return _("与前 3 小时均值相同")
    text = _("比前 3 小时均值高 {percent} %") if comparison.change > 0 else _("比前 3 小时均值低 {percent} %")
    return text.format(percent=percent)


def _region(region: Region | None, reading: Reading) -> str:
    if region is None:
        return ""
    hourly = reading.period == "1h"
    if region.above == 0:
        text = _("同时次 {n} 个评价点均未超标") if hourly else _("同时次 {n} 个评价点均不高于日均限值")
    else:
        text = _("同时次 {n} 个评价点中 {k} 个超标") if hourly else _("同时次 {n} 个评价点中 {k} 个高于日均限值")
    kinds = {"regional": _("，属区域性升高"), "local": _("，属局地升高"), "mixed": _("，介于区域性与局地之间")}
    return text.format(n=region.reporting, k=region.above) + kinds.get(region.kind, "")


@cache
def _factor(item: str) -> dict:
    return factors().loc[item].to_dict()


def symbol(item: str) -> str:
    """Plain symbol of an item: PM2.5, O3, O3-8h."""
    return _factor(item)["symbol"]


def symbol_rich(item: str) -> str:
    """Symbol of an item with subscript digits: PM₂.₅, O₃, O₃-8h."""
    return _factor(item)["symbol_rich"]


def unit(item: str) -> str:
    """Unit of an item."""
    return _factor(item)["unit"]


def network_name(code: str | None) -> str:
    """国控, 省控, 市控 or 微站; empty where the network is unknown."""
    name = NETWORKS.get(code or "")
    return _(name) if name else ""


def day_text(day) -> str:
    """A day without its year: 8月26日."""
    return when(pd.Timestamp(day).to_pydatetime(), _("M月d日"))


def hour_text(stamp: pd.Timestamp, year: bool = False) -> str:
    """An instant on the city's clock: 8月26日 15:00, with the year in front where asked."""
    return when(stamp, _("y年M月d日 HH:mm") if year else _("M月d日 HH:mm"))
