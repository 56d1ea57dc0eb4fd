"""Files of one station to download: made when asked for, in a thread of their own, in the language of the page."""

import datetime as dt
from collections.abc import Callable
from functools import partial

import pandas as pd

from shuzhi.charts import station as charts
from shuzhi.charts.theme import for_document, to_png
from shuzhi.charts.tokens import LIGHT
from shuzhi.i18n import _
from shuzhi.publish import tables
from shuzhi.status import air
from shuzhi.status import station as status
from shuzhi.status import station_words as words
from shuzhi.ui import state
from shuzhi.ui import station as view
from shuzhi.ui.downloads import Offer, file_name, later


def offers(ctx: state.Context, station: dict, at: pd.Timestamp, item: str, year: int) -> list[Offer]:
    """The files of the page as it is shown."""
    until, week = view.last_complete_day(at), f"{view.week_start(at):%Y%m%d}-{status.day_of(at):%Y%m%d}"
    code, symbol = station["code"], words.symbol_rich(item)

    def offer(text: str, name: str, mime: str, make: Callable, *arguments) -> Offer:
        return Offer(text, name, mime, later(ctx, "air", name, partial(make, ctx, station, *arguments)))

    year_text = _("{year} 年日值（CSV）").format(year=year)
    picture_text = _("{item} 小时浓度图（PNG）").format(item=symbol)
    return [
        offer(_("近 7 天小时值（CSV）"), file_name(code, f"hourly_{week}", "csv"), tables.CSV_TYPE, hours_csv, at),
        offer(year_text, file_name(code, f"daily_{year}", "csv"), tables.CSV_TYPE, days_csv, year, until),
        offer(
            _("小时值与日值（Excel）"),
            file_name(code, f"{week}_{year}", "xlsx"),
            tables.XLSX_TYPE,
            workbook,
            at,
            year,
            until,
        ),
        offer(
            picture_text.format(item=symbol), file_name(code, f"{item}_{week}", "png"), "image/png", picture, item, at
        ),
    ]


def hours_csv(ctx: state.Context, station: dict, at: pd.Timestamp) -> bytes:
    """The week's hours as CSV."""
    return tables.to_csv(tables.hourly_table(_hours(ctx, station, at)))


def days_csv(ctx: state.Context, station: dict, year: int, until: dt.date) -> bytes:
    """The year's days as CSV."""
    return tables.to_csv(tables.daily_table(_days(ctx, station, year, until)))


def workbook(ctx: state.Context, station: dict, at: pd.Timestamp, year: int, until: dt.date) -> bytes:
    """The week's hours and the year's days as an Excel workbook with station, units, edition and source."""
    hours = tables.hourly_table(_hours(ctx, station, at))
    days = tables.daily_table(_days(ctx, station, year, until))
    notes = _notes(ctx, station)
    return tables.to_xlsx([tables.Sheet(_("小时值"), notes, hours), tables.Sheet(_("日值"), notes, days)])


def picture(ctx: state.Context, station: dict, item: str, at: pd.Timestamp) -> bytes:
    """The chart of the week's hours as PNG, with its title."""
    hours, start = _hours(ctx, station, at), view.week_start(at)
    spec = charts.concentration(hours, item, start, at, LIGHT, unit=words.unit(item), decimals=view.decimals(item))
    title = _("{name} {code} {item} 小时浓度（{unit}），{first} 至 {last}").format(
        name=station["name"],
        code=station["code"],
        item=words.symbol_rich(item),
        unit=words.unit(item),
        first=words.day_text(status.day_of(start + status.HOUR)),
        last=words.hour_text(at, year=True),
    )
    mark = _("模拟数据") if ctx.home.kind == "simulated" else _("实测数据")
    heading = {"text": title, "subtitle": mark, "anchor": "start", "color": LIGHT.ink, "subtitleColor": LIGHT.ink2}
    return to_png(for_document({**spec, "title": heading}, LIGHT, width=1100, height=420))


def _hours(ctx, station, at) -> pd.DataFrame:
    return air.hourly(ctx.home, ctx.scope, view.week_start(at), at, stations=[station["code"]], edition=ctx.edition)


def _days(ctx, station, year, until) -> pd.DataFrame:
    days = status.year_of_days(ctx.home, ctx.scope, station["code"], year, until, ctx.edition)
    return days.assign(station=station["code"])


def _notes(ctx: state.Context, station: dict) -> list[tuple[str, str]]:
    rule = _("按数据日期选用") if ctx.edition == "auto" else f"HJ 633-{ctx.edition}"
    kind = _("模拟数据") if ctx.home.kind == "simulated" else _("实测数据")
    return [
        (_("站点"), f"{station['name']} {station['code']}"),
        (_("网络"), words.network_name(station["network"])),
        (_("区县"), station["district"] or ""),
        (_("时间"), _("北京时间；小时值的时间为该小时的结束时刻")),
        (_("AQI 标准"), rule),
        (_("有效性"), "HJ 663"),
        (_("数据"), kind),
        (_("来源"), _("数智环境，{city}").format(city=ctx.home.city)),
    ]
