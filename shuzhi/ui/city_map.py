"""What the page 环境一张图 shows besides the map: filters, the card of a station, and what is cached of them."""

import pandas as pd
import streamlit as st

from shuzhi.charts import station as charts
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.maps import frames, layers
from shuzhi.registry import places
from shuzhi.settings import BEIJING, settings
from shuzhi.standards.factors import ITEMS
from shuzhi.status import station as status
from shuzhi.status import station_words as words
from shuzhi.ui import state, widgets
from shuzhi.ui import station as view
from shuzhi.ui.markup import Html, join, rich, tag

NETWORKS = tuple(words.NETWORKS)
FACTORS = ("aqi", *ITEMS)
_END = "sz-map-end"


@state.shared(max_entries=8)
def ground(key: tuple, lang: str, _ctx: state.Context) -> layers.Ground:
    """The base layers of the home, with their names placed."""
    return layers.ground(_ctx.home, _ctx.scope, lang)


@state.shared(max_entries=8)
def stations(key: tuple, _ctx: state.Context) -> dict[str, dict]:
    """The city's air stations that have a position, by code."""
    register = view.register(key, _ctx)
    return {code: row for code, row in register.items() if row["city"] == _ctx.home.city and row["lon"] is not None}


@state.shared(max_entries=8)
def districts(key: tuple, _ctx: state.Context) -> dict[str, str]:
    """Districts and their English names."""
    return dict(places.districts(_ctx.home, _ctx.scope))


@state.shared(max_entries=8)
def span(key: tuple, _ctx: state.Context) -> tuple[str, str]:
    """First day and last day that may have readings, ISO."""
    months = _ctx.home.engine.run("air_months", _ctx.scope)["month"]
    return f"{months.iloc[0]}-01", view.latest_hour(key, _ctx).tz_convert(BEIJING).strftime("%Y-%m-%d")


@state.shared(max_entries=8)
def networks(key: tuple, _ctx: state.Context) -> tuple[str, ...]:
    """Networks that the city's stations belong to."""
    present = {row["network"] for row in view.register(key, _ctx).values() if row["city"] == _ctx.home.city}
    return tuple(code for code in NETWORKS if code in present)


def last_frame(at: pd.Timestamp, latest: pd.Timestamp) -> pd.Timestamp:
    """End of the hours that can be played back; it stays while the person moves inside them."""
    kept = st.session_state.get(_END)
    if kept is None or not kept - frames.HOURS * status.HOUR < at <= kept or kept > latest:
        near = latest - frames.HOURS * status.HOUR < at
        kept = latest if near else min(latest, at + (12 if kept is not None else 0) * status.HOUR)
    st.session_state[_END] = kept
    return kept


def lateness(latest: pd.Timestamp) -> str | None:
    """That nothing newer has come, where the latest hour is older than it should be."""
    if pd.Timestamp.now(BEIJING) - latest <= pd.Timedelta(hours=settings().stale_hours):
        return None
    return _("{time} 之后没有新数据").format(time=words.hour_text(latest, year=True))


def choice(key: str, options: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """The options named in a comma-separated parameter of the URL; the default without one, nothing for ``none``."""
    if state.url(key) == "none":
        return ()
    asked = [part for part in (state.url(key) or "").split(",") if part in options]
    return tuple(asked) or default


def one_of(key: str, options, default: str | None) -> str | None:
    """The parameter of the URL if it is an option, else the default."""
    return state.url(key) if state.url(key) in options else default


def bound(widget: str, value) -> str:
    """Make a widget show what the URL says; returns its key."""
    if st.session_state.get(widget) != value:
        st.session_state[widget] = value
    return widget


@state.shared(max_entries=256)
def card(key: tuple, code: str, at: pd.Timestamp, edition: str, lang: str, _ctx: state.Context) -> tuple[Html, Html]:
    """Head and readings of a station's card."""
    station, hour = view.register(key, _ctx)[code], view.load_hour(key, code, at, edition, lang, _ctx)
    if hour.report is None:
        return _head(station, at), tag("p", _("这个站点在此前 24 小时没有读数。"), class_="sz-note")
    report = hour.report
    index = join(
        [
            tag("span", report.aqi, class_="sz-card-aqi"),
            tag("div", join([tag("div", widgets.chip(report.level)), _primary(report)])),
        ]
    )
    late = ""
    if report.at != at:
        late = _("{asked} 没有读数，显示最近一小时。").format(asked=words.hour_text(at))
    sentence = tag("p", join([late, rich(hour.context)]), class_="sz-note")
    cells = (join([tag("dt", widgets.symbol(r.item)), tag("dd", _value(r))]) for r in _ordered(report))
    values = tag("dl", join(tag("div", cell) for cell in cells), class_="sz-card-values")
    unit = tag("p", _("µg/m³，CO 为 mg/m³"), class_="sz-source")
    return join([_head(station, report.at), tag("div", index, class_="sz-card-index"), sentence]), join([values, unit])


@state.shared(max_entries=256)
def spark(
    key: tuple, code: str, at: pd.Timestamp, edition: str, lang: str, dark: bool, scale: float, _ctx: state.Context
) -> tuple[Html, dict] | None:
    """Caption and chart of the last 24 hours of the item that the card speaks of."""
    hour = view.load_hour(key, code, at, edition, lang, _ctx)
    if hour.report is None:
        return None
    item = hour.report.headline
    caption = join([widgets.symbol(item), _(" 过去 24 小时，虚线为限值")])
    spec = charts.spark(hour.hours, item, at, tokens(dark), decimals=view.decimals(item), scale=scale)
    return tag("p", caption, class_="sz-source"), spec


@state.shared(max_entries=32)
def note(key: tuple, lang: str, shown: tuple[str, ...], _ctx: state.Context) -> Html:
    """Where the base layers come from, which are drawn by hand, and what kind of data this is."""
    built_in = "district" in shown and not places.is_own(_ctx.home, _ctx.scope, "district")
    parts = [_("界线：{source}").format(source=_(places.DISTRICT_SOURCE))] if built_in else []
    kinds = {"zone": _("功能区"), "street": _("街道"), "grid": _("网格"), "lez": _("低排区"), "river": _("河流")}
    by_hand = [name for kind, name in kinds.items() if kind in shown and places.schematic(_ctx.home, _ctx.scope, kind)]
    parts += [_("{layers}为示意").format(layers=_("、").join(by_hand))] if by_hand else []
    return join([*(tag("span", part) for part in parts), widgets.mark(_ctx.home.kind)])


def _head(station: dict, at: pd.Timestamp) -> Html:
    code = f"{words.network_name(station['network'])} {station['code']}".strip()
    title = join([tag("h2", station["name"]), tag("span", code)])
    place = join([tag("span", part) for part in (station["district"], words.hour_text(at)) if part])
    return join([tag("div", title, class_="sz-card-title"), tag("div", place, class_="sz-card-place")])


def _primary(report: status.Report) -> Html:
    if not report.primary:
        return tag("div", _("没有首要污染物"), class_="sz-note")
    items = join((widgets.symbol(item) for item in report.primary), _("、"))
    return tag("div", join([_("首要污染物"), " ", tag("b", items)]), class_="sz-note")


def _ordered(report: status.Report):
    return (report.reading(item) for item in view.CHART_ITEMS)


def _value(reading: status.Reading) -> Html:
    value = widgets.number(reading.value, reading.item)
    return tag("b", value) if reading.above else Html(value)
