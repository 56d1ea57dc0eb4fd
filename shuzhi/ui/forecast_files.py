"""Files of the page 趋势预测 to download: material for the meeting, tables, pictures; made when asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from shuzhi import i18n
from shuzhi.charts.theme import for_document, to_png, to_svg
from shuzhi.charts.tokens import LIGHT
from shuzhi.i18n import _, when
from shuzhi.publish import forecast_document as document
from shuzhi.publish import tables
from shuzhi.research.forecast.issues import DATASET, Issue
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_archive as past
from shuzhi.ui import forecast_file_tables as data
from shuzhi.ui import forecast_matrices as matrices
from shuzhi.ui import forecast_skill as board
from shuzhi.ui import forecast_splits as splits
from shuzhi.ui import forecast_verification as verification
from shuzhi.ui import state
from shuzhi.ui.downloads import Offer, file_name, later
from shuzhi.ui.forecast import Spot

WIDTH = 1100
"""Of pictures [px]."""
_HEAD = 76
"""Room for the title and the margins, which count as height of the chart [px]."""
_FORMATS = {"png": ("image/png", to_png), "svg": ("image/svg+xml", lambda spec: to_svg(spec).encode())}


@dataclass(frozen=True)
class Shown:
    """What the page shows and hands out: short name, title, and the functions that make its chart (on light ground) and
    its table (heads as shown); one of them may be missing. ``basis`` says what it is made of where that is more than
    the issue, ``note`` what its marks mean."""

    name: str
    title: str
    chart: Callable[[], dict] | None = None
    table: Callable[[], pd.DataFrame] | None = None
    basis: Callable[[], str] | None = None
    note: str = ""


def offers(ctx: state.Context, issue: Issue, spot: Spot, item: str, part: str) -> list[Offer]:
    """The files of the page as it is shown: charts and tables are those of the days and of the part that is open."""
    found = [
        Offer(text, f"forecast_{issue.id}.{ending}", mime, _material(ctx, issue, spot, ending))
        for ending, text, mime in (
            ("docx", _("会商材料（Word）"), document.FORMATS["docx"]),
            ("xlsx", _("日预报与说明（Excel）"), document.FORMATS["xlsx"]),
            ("csv", _("全部日预报（CSV）"), document.FORMATS["csv"]),
        )
    ]
    stem = f"forecast_{issue.id}_{spot.code if spot.level == 'station' else spot.level}"

    def offer(text: str, name: str, ending: str, mime: str, make: Callable, *arguments) -> Offer:
        file = file_name(stem, name, ending)
        return Offer(text, file, mime, later(ctx, DATASET, file, partial(make, *arguments)))

    if spot.level != "district":
        text = _("这个地点的逐时预报（CSV）")
        found.append(offer(text, "hours", "csv", tables.CSV_TYPE, _csv, partial(data.hours, ctx, issue, spot)))
    for shown in _shown(ctx, issue, spot, item, part):
        name = f"{item}_{shown.name}"
        for ending, (mime, draw) in _FORMATS.items() if shown.chart else ():
            text = _("{chart}图（{form}）").format(chart=shown.title, form=ending.upper())
            found.append(offer(text, name, ending, mime, _picture, ctx, issue, spot, shown, draw))
        if shown.table:
            text = _("{chart}（CSV）").format(chart=shown.title)
            found.append(offer(text, name, "csv", tables.CSV_TYPE, _csv, shown.table))
    return found


def _shown(ctx: state.Context, issue: Issue, spot: Spot, item: str, part: str) -> list[Shown]:
    """What the open part shows, and the days."""
    week = partial(view.week_chart, ctx.open_key, issue, spot, item, ctx.edition, *_light(ctx))
    of = {
        "hours": _hours,
        "stations": _stations,
        "districts": _districts,
        "models": _models,
        "water": _water,
        "outlook": _outlook,
        "skill": _skill,
        "archive": _archive,
    }.get(part)
    shown = of(ctx, issue, spot, item) if of else []
    return [*shown, Shown("week", _("{item} 日预报").format(item=view.item_name(item)), week)]


def _light(ctx: state.Context) -> tuple:
    """How pictures are drawn: the language, on light ground, at the desk's scale."""
    return ctx.lang, False, 1.0, ctx


def _hours(ctx, issue: Issue, spot: Spot, item: str) -> list[Shown]:
    if spot.level == "district":
        return []
    title = _("{item} 逐时预报").format(item=view.item_name(item, "hour"))
    return [Shown("hours", title, partial(view.hour_chart, ctx.open_key, issue, spot, item, ctx.edition, *_light(ctx)))]


def _stations(ctx, issue: Issue, _spot: Spot, item: str) -> list[Shown]:
    key, known = ctx.open_key, matrices.networks(ctx.open_key, issue, ctx)
    network = matrices.chosen_network(known)
    if matrices.shown_hours(key, issue, item, network, ctx.lang, ctx).empty:
        return []
    title = _("{item} 站点 × 小时").format(item=view.item_name(item, "hour"))
    draw = partial(matrices.matrix_chart, key, issue, item, network, ctx.edition, True, *_light(ctx))
    return [Shown(f"stations_{network}", title, draw, partial(data.station_hours, ctx, issue, item, network))]


def _districts(ctx, issue: Issue, _spot: Spot, item: str) -> list[Shown]:
    title = _("{item} 区县 × 日").format(item=view.item_name(item))
    return [Shown("districts", title, table=partial(data.unit_days, ctx, issue, item))]


def _models(ctx, issue: Issue, spot: Spot, item: str) -> list[Shown]:
    title = _("{item} 各模型").format(item=view.item_name(item))
    draw = partial(view.member_chart, ctx.open_key, issue, spot, item, *_light(ctx))
    return [Shown("models", title, draw, partial(data.members, ctx, issue, spot, item))]


def _water(ctx, issue: Issue, _spot: Spot, _item: str) -> list[Shown]:
    return [Shown("water", _("断面水质类别预报"), table=partial(data.sections, ctx, issue))]


def _outlook(ctx, issue: Issue, _spot: Spot, _item: str) -> list[Shown]:
    return [Shown("outlook", _("月度与全年展望"), table=partial(data.outlooks, ctx, issue))]


def _skill(ctx, _issue: Issue, spot: Spot, item: str) -> list[Shown]:
    ask = verification.asked(item)
    if not board.pairs_made(board.scores_key(ctx), spot, item, ctx)[ask.made]:
        return []
    of = {"lead": _by_lead, "season": _by_season, "station": _by_station}[ask.split]
    basis = partial(board.basis_text, ctx.open_key, spot, item, ask.made, ctx.lang, ctx)
    return [replace(shown, basis=basis) for shown in of(ctx, spot, item, ask)]


def _by_lead(ctx, spot: Spot, item: str, ask: verification.Asked) -> list[Shown]:
    key, light, symbol = board.scores_key(ctx), _light(ctx), view.item_name(item)
    scores = partial(data.scores_by_lead, ctx, spot, item, ask.made)
    draw = partial(board.accuracy_chart, key, spot, item, ask.claim, ask.made, *light)
    shown = [
        Shown(
            "errors",
            _("{item} 的误差").format(item=symbol),
            partial(board.errors_chart, key, spot, item, ask.made, *light),
        ),
        Shown(f"accuracy_{ask.claim}", _accuracy(item, ask), draw),
        Shown("scores", _("{item} 各模型成绩").format(item=symbol), table=scores),
    ]
    if item == "aqi" and len(board.reliability(key, spot, ask.made, ctx)):
        draw = partial(board.reliability_chart, key, spot, ask.made, *light)
        shown.append(Shown("reliability", _("可靠性"), draw, partial(data.reliability, ctx, spot, ask.made)))
    return shown


def _accuracy(item: str, ask: verification.Asked) -> str:
    text = _("{item} 准确率（{claim}）")
    return text.format(item=view.item_name(item), claim=_(board.SHORT[ask.claim]))


def _by_season(ctx, spot: Spot, item: str, ask: verification.Asked) -> list[Shown]:
    key, light = board.scores_key(ctx), _light(ctx)
    draw = partial(splits.season_chart, key, spot, item, ask.claim, ask.made, *light)
    marks = _("● 集合预报　◇ 气候　| 总报“优～良”") if item == "aqi" else _("● 集合预报　◇ 气候")
    title = _("{item} 各季节的误差").format(item=view.item_name(item))
    errors = partial(splits.season_errors_chart, key, spot, item, ask.made, *light)
    table = partial(data.scores_by_season, ctx, spot, item, ask.made)
    return [
        Shown(f"season_{ask.claim}", _("按季节：{what}").format(what=_accuracy(item, ask)), draw, note=marks),
        Shown("season_errors", title, errors),
        Shown("season_scores", _("{item} 各季节成绩").format(item=view.item_name(item)), table=table),
    ]


def _by_station(ctx, spot: Spot, item: str, ask: verification.Asked) -> list[Shown]:
    key = ctx.open_key
    if splits.stations(key, spot, item, ask.made, ctx).empty:
        return []
    draw = partial(splits.spread_chart, key, spot, item, ask.claim, ask.made, *_light(ctx))
    table = partial(data.scores_by_station, ctx, spot, item, ask.made)
    return [
        Shown(
            f"station_{ask.claim}",
            _("按站点：{what}").format(what=_accuracy(item, ask)),
            draw,
            note=_("每点一站，7 天合计；虚线为气候"),
        ),
        Shown("station_scores", _("{item} 各站成绩").format(item=view.item_name(item)), table=table),
    ]


def _archive(ctx, _issue: Issue, spot: Spot, item: str) -> list[Shown]:
    lead, key = verification.chosen_lead(), board.scores_key(ctx)
    if past.pairs(key, spot, item, ctx).empty:
        return []
    draw = partial(past.beside_chart, key, spot, item, lead, *_light(ctx))
    title = _("{item} 预报与实测（{lead}）").format(item=view.item_name(item), lead=board.lead_name(lead))
    chart = draw if past.beside_chart(key, spot, item, lead, *_light(ctx)) else None
    every = _("{item} 各期预报与实测").format(item=view.item_name(item))
    basis = partial(board.basis_text, ctx.open_key, spot, item, None, ctx.lang, ctx)
    note = _("点为预报值，粗细条为 50% 与 90% 区间，线为实测。")
    found = [Shown(f"archive_{lead}", title, chart, basis=basis, note=note)] if chart else []
    return [*found, Shown("archive", every, table=partial(data.pairs, ctx, spot, item))]


def _material(ctx: state.Context, issue: Issue, spot: Spot, ending: str) -> Callable[[], bytes]:
    """What the publisher makes; it asks for the right and keeps the event itself."""

    def run() -> bytes:
        i18n.use(ctx.lang)
        return document.export(ctx.home, ctx.scope, ending, issue, None if spot.level == "city" else spot.code)

    return run


def _csv(table: Callable[[], pd.DataFrame]) -> bytes:
    return tables.to_csv(table())


def _picture(ctx, issue: Issue, spot: Spot, shown: Shown, draw: Callable[[dict], bytes]) -> bytes:
    """The chart with its title: where and what, of which issue or issues, and what the data are."""
    mark = _("模拟数据") if ctx.home.kind == "simulated" else _("实测数据")
    if shown.basis:
        text, marks = f"{spot.name}　{shown.title}", "　".join(filter(None, (shown.note, shown.basis(), mark)))
    else:
        text = _("{place}　{chart}　{time} 起报").format(
            place=spot.name, chart=shown.title, time=when(issue.issued_at, _("y年M月d日 HH:mm"))
        )
        marks = _("{mark}　回算").format(mark=mark) if issue.hindcast else mark
    heading = {"text": text, "subtitle": marks, "anchor": "start", "color": LIGHT.ink, "subtitleColor": LIGHT.ink2}
    spec = {**shown.chart(), "title": heading}
    return draw(for_document(spec, LIGHT, width=WIDTH, height=spec["height"] + _HEAD))
