"""Files of the page 趋势预测 to download: material for the meeting, tables, pictures; made when asked for."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from shuzhi import i18n
from shuzhi.charts.theme import for_document, to_png, to_svg
from shuzhi.charts.tokens import LIGHT
from shuzhi.i18n import _, when
from shuzhi.publish import forecast_document as document
from shuzhi.publish import tables
from shuzhi.research.forecast import words
from shuzhi.research.forecast.issues import DATASET, Issue
from shuzhi.settings import BEIJING
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_skill as board
from shuzhi.ui import state
from shuzhi.ui.forecast import Spot
from shuzhi.ui.station_files import Offer, later

WIDTH = 1100
"""Of pictures [px]."""


def offers(ctx: state.Context, issue: Issue, spot: Spot, item: str, part: str) -> list[Offer]:
    """The files of the page as it is shown: the charts are those of the days and of the part that is open."""
    found = [
        Offer(text, f"forecast_{issue.id}.{ending}", mime, _material(ctx, issue, spot, ending))
        for ending, text, mime in (
            ("docx", _("会商材料（Word）"), document.FORMATS["docx"]),
            ("xlsx", _("日预报与说明（Excel）"), document.FORMATS["xlsx"]),
            ("csv", _("全部日预报（CSV）"), document.FORMATS["csv"]),
        )
    ]
    stem = f"forecast_{issue.id}_{spot.code if spot.level == 'station' else spot.level}"

    def offer(text: str, name: str, mime: str, make: Callable, *arguments) -> Offer:
        return Offer(text, name, mime, later(ctx, DATASET, name, partial(make, *arguments)))

    if spot.level != "district":
        found.append(
            offer(_("这个地点的逐时预报（CSV）"), f"{stem}_hours.csv", tables.CSV_TYPE, hours_csv, ctx, issue, spot)
        )
    for name, title, chart in _charts(ctx, issue, spot, item, part):
        for ending, mime, draw in (("png", "image/png", to_png), ("svg", "image/svg+xml", _svg)):
            text = _("{chart}图（{form}）").format(chart=title, form=ending.upper())
            file = f"{stem}_{item}_{name}.{ending}"
            found.append(offer(text, file, mime, _picture, ctx, issue, spot, chart, title, draw))
    return found


def _charts(ctx, issue: Issue, spot: Spot, item: str, part: str) -> list[tuple[str, str, Callable[[], dict]]]:
    """Charts that the page shows: short name, title, and what makes it, on light ground."""
    light, symbol, key = (ctx.lang, False, 1.0, ctx), view.item_name(item), ctx.open_key
    shown = [("week", _("{item} 日预报").format(item=symbol), view.week_chart, (issue, spot, item, ctx.edition))]
    if part == "hours" and spot.level != "district":
        title = _("{item} 逐时预报").format(item=view.item_name(item, "hour"))
        shown.append(("hours", title, view.hour_chart, (issue, spot, item, ctx.edition)))
    if part == "models":
        shown.append(("models", _("{item} 各模型").format(item=symbol), view.member_chart, (issue, spot, item)))
    if part == "skill" and len(board.board(key, spot, item, ctx)):
        shown.append(("errors", _("{item} 的误差").format(item=symbol), board.errors_chart, (spot, item)))
    return [(name, title, partial(chart, key, *given, *light)) for name, title, chart, given in shown]


def _material(ctx: state.Context, issue: Issue, spot: Spot, ending: str) -> Callable[[], bytes]:
    """What the publisher makes; it asks for the right and keeps the event itself."""

    def run() -> bytes:
        i18n.use(ctx.lang)
        return document.export(ctx.home, ctx.scope, ending, issue, None if spot.level == "city" else spot.code)

    return run


def hours_csv(ctx: state.Context, issue: Issue, spot: Spot) -> bytes:
    """The coming hours of a place: item, end of the hour, value, bands."""
    rows = view.hours(ctx.open_key, issue, spot, ctx)
    return tables.to_csv(
        pd.DataFrame(
            {
                _("项目"): [view.item_name(item) for item in rows["item"]],
                _("时间（北京时间）"): rows["time"].dt.tz_convert(BEIJING),
                _("预报"): rows["value"].round(2),
                _("50% 下限"): rows["lower50"].round(2),
                _("50% 上限"): rows["upper50"].round(2),
                _("90% 下限"): rows["lower90"].round(2),
                _("90% 上限"): rows["upper90"].round(2),
                _("单位"): [words.unit(item) for item in rows["item"]],
            }
        )
    )


def _picture(ctx, issue: Issue, spot: Spot, chart: Callable[[], dict], title: str, draw: Callable) -> bytes:
    """The chart with its title: where, what, which issue, and what the data are."""
    text = _("{place}　{chart}　{time} 起报").format(
        place=spot.name, chart=title, time=when(issue.issued_at, _("y年M月d日 HH:mm"))
    )
    mark = _("模拟数据") if ctx.home.kind == "simulated" else _("实测数据")
    marks = _("{mark}　回算").format(mark=mark) if issue.hindcast else mark
    heading = {"text": text, "subtitle": marks, "anchor": "start", "color": LIGHT.ink, "subtitleColor": LIGHT.ink2}
    return draw(for_document({**chart(), "title": heading}, LIGHT, width=WIDTH))


def _svg(spec: dict) -> bytes:
    return to_svg(spec).encode()
