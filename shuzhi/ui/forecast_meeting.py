"""The forecast meeting (会商) on the page 趋势预测: what was signed, and the dialog that signs."""

import datetime as dt

import pandas as pd
import streamlit as st

from shuzhi.errors import ShuzhiError
from shuzhi.i18n import _, when
from shuzhi.research.forecast import meeting, words
from shuzhi.research.forecast.issues import DATASET, Issue
from shuzhi.settings import BEIJING
from shuzhi.ui import forecast as view
from shuzhi.ui import state, widgets
from shuzhi.ui.forecast import Spot
from shuzhi.ui.forecast_blocks import rich
from shuzhi.ui.markup import Html, join, literal, tag

_OPEN = "sz-forecast-meeting"


def may_sign(ctx: state.Context, issue: Issue) -> bool:
    """Whether the person may change the issue: only the newest one can be."""
    return ctx.scope.may(DATASET, "change") and issue == view.newest(ctx.open_key, ctx)


@state.shared(max_entries=8)
def signed(key: tuple, issue: Issue, _ctx: state.Context) -> pd.DataFrame:
    """Every edit of an issue, the newest first."""
    return meeting.history(_ctx.home, _ctx.scope, issue).iloc[::-1]


@state.shared(max_entries=16)
def table(key: tuple, issue: Issue, lang: str, _ctx: state.Context) -> Html:
    """What was signed, beside what the models told."""
    found = signed(key, issue, _ctx)
    title = widgets.section(_("会商订正"), _("模型值与订正值都留存，都参加检验"))
    if found.empty:
        return join([title, tag("p", _("这一期没有订正，发布的是集合预报。"), class_="sz-note")])
    held = set(meeting.edits(_ctx.home, _ctx.scope, issue)["id"])
    head = [
        (_("时间"), ""),
        (_("地点"), "strong"),
        (_("日期"), ""),
        (_("项目"), ""),
        (_("模型值"), "num"),
        (_("订正值"), "num"),
        (_("理由"), "sz-reason"),
        (_("签名"), ""),
        (_("状态"), ""),
    ]
    called = {(spot.level, spot.code): spot.name for spot in view.spots(key, issue, lang, _ctx).values()}
    rows = [_cells(row, called, row["id"] in held) for row in found.to_dict("records")]
    return join([title, tag("div", widgets.table(head, rows, "sz-signed"), class_="sz-scroll")])


def _cells(row: dict, called: dict, held: bool) -> list:
    back = row["value"] != row["value"]
    stands = (_("退回模型") if back else _("有效")) if held else _("已被取代")
    return [
        when(row["signed_at"], _("M月d日 HH:mm")),
        called.get((row["level"], row["place"]), row["place"]),
        words.date_text(words.date_of(row["time"])),
        rich(view.item_name(row["item"])),
        _number(row["model_value"], row["item"]),
        "–" if back else tag("b", _number(row["value"], row["item"])),
        row["reason"],
        row["signed_name"],
        tag("span", stands, class_="sz-muted"),
    ]


def _number(value: float, item: str) -> str:
    return "–" if value != value else f"{value:.{view.decimals(item)}f}"


def ask() -> None:
    """Open the dialog; it remembers which edits the forecaster found, so that nobody's word is replaced unread."""
    st.session_state[_OPEN] = {}


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def dialog(ctx: state.Context, issue: Issue, spot: Spot, item: str) -> None:
    """Draw the dialog if it is open: a day's value with a reason, signed with the person's own name."""
    if _OPEN not in st.session_state:
        return
    if not may_sign(ctx, issue):
        _close()
        return
    st.dialog(_("会商订正：{place}").format(place=literal(spot.name)), on_dismiss=_close)(_form)(ctx, issue, spot, item)


def _form(ctx: state.Context, issue: Issue, spot: Spot, item: str) -> None:
    if _OPEN not in st.session_state:
        st.rerun()
    rows = view.days(ctx.open_key, issue, ctx)[spot.level, spot.code]
    open_ends = sorted(end for end in rows["time"].unique() if end > pd.Timestamp.now("UTC"))
    if not open_ends:
        st.info(_("这一期的日子都已过去，不能再订正。"))
        return
    items = [one for one in view.ITEMS if (rows["item"] == one).any()]
    chosen = st.selectbox(_("项目"), items, index=items.index(item), format_func=view.item_name, key="meeting-item")
    today = pd.Timestamp.now(BEIJING).date()
    end = st.selectbox(
        _("日期"),
        open_ends,
        index=min(1, len(open_ends) - 1),
        format_func=lambda time: _day_text(words.date_of(time), today),
        key="meeting-day",
    )
    row = rows[(rows["item"] == chosen) & (rows["time"] == end)].iloc[0]
    unit = words.unit(chosen)
    value = st.number_input(
        _("订正值（{unit}）").format(unit=unit) if unit else _("订正值"),
        min_value=0.0,
        value=round(float(row["value"]), view.decimals(chosen)),
        step=0.1 if chosen == "co" else 1.0,
        format=f"%.{view.decimals(chosen)}f",
        key=f"meeting-value-{chosen}-{end:%m%d}",
    )
    st.caption(_("模型值 {value}").format(value=_number(float(row["model_value"]), chosen)))
    reason = st.text_area(_("理由"), max_chars=meeting.LONGEST_REASON, key="meeting-reason")
    found = st.session_state[_OPEN]
    if (chosen, end) not in found:
        found[chosen, end] = None if pd.isna(row["edit"]) else _own_edit(ctx, issue, spot, chosen, end)
    seen = found[chosen, end]
    place = (spot.level, spot.code, chosen, end)
    with st.container(horizontal=True):
        if st.button(_("签署"), type="primary", key="go-meeting-sign"):
            _sign(lambda: meeting.edit(ctx.home, ctx.scope, issue, *place, value, reason, seen))
        if seen is not None and st.button(_("退回模型值"), key="meeting-back"):
            _sign(lambda: meeting.edit(ctx.home, ctx.scope, issue, *place, None, reason, seen))
    st.caption(_("以您的姓名签署，不能删改；模型值一并留存。"))


def _own_edit(ctx: state.Context, issue: Issue, spot: Spot, item: str, end: pd.Timestamp) -> int | None:
    """The edit of just this value that holds; an AQI may have been made anew of a pollutant's."""
    held = meeting.edits(ctx.home, ctx.scope, issue)
    same = (held["level"] == spot.level) & (held["place"] == spot.code) & (held["item"] == item) & (held["time"] == end)
    return int(held.loc[same, "id"].iloc[0]) if same.any() else None


def _day_text(date: dt.date, today: dt.date) -> str:
    name = words.day_name(date, today)
    return name if name == words.date_text(date) else f"{name}　{words.date_text(date)}"


def _sign(act) -> None:
    try:
        act()
    except ShuzhiError as error:
        st.error(literal(str(error)))
        return
    _close()
    st.rerun()
