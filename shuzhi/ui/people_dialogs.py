"""Dialogs of the page 组织与人员: what adds and changes organisations, people, duties and responsibilities.

Which dialog is open stands in the session, not in the run that opened it: a page that draws itself again keeps it.
"""

import datetime as dt
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from shuzhi.errors import ShuzhiError
from shuzhi.i18n import _
from shuzhi.registry import duties, organisations, people, places, reach, responsibilities
from shuzhi.registry.names import name, names_of
from shuzhi.settings import BEIJING
from shuzhi.ui import people as view
from shuzhi.ui import state
from shuzhi.ui.markup import literal

_OPEN, _RECORD = "sz-people-dialog", "sz-people-record"

Form = tuple[str, Callable[[], None]]
"""Title of a dialog, and what draws it."""


def ask(kind: str, *given: str | None) -> None:
    """Open a dialog.

    Parameters
    ----------
    kind : str
        ``organisation`` (its id, None for a new one), ``person`` (its id or None, and the organisation of a new one),
        ``duty`` (organisation and day) or ``area`` (kind and name of a place).
    """
    close()
    st.session_state[_OPEN] = (kind, given)


def close() -> None:
    """Close it, and forget the record that it was opened with."""
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_RECORD, None)


def show(ctx: state.Context) -> None:
    """Draw the dialog that is open; one of something that is not there, or not covered, is closed."""
    if _OPEN not in st.session_state:
        return
    kind, given = st.session_state[_OPEN]
    form = _FORMS[kind](ctx, *given)
    if form is None:
        close()
        return
    title, body = form

    def draw() -> None:
        if _OPEN not in st.session_state:
            st.rerun()
        body()

    st.dialog(title, on_dismiss=close)(draw)()


def _organisation(ctx: state.Context, id: str | None) -> Form | None:
    row = _body(ctx, id)
    if id is not None and row is None:
        return None

    def body() -> None:
        called = st.text_input(
            _("机构名称"), value=row.name if row else "", max_chars=organisations.LONGEST, key="org-name"
        )
        kinds = list(names_of("organisation_kinds").index)
        kind = st.selectbox(
            _("机构类别"),
            kinds,
            index=kinds.index(row.kind if row else "district"),
            format_func=lambda code: name("organisation_kinds", code),
            key="org-kind",
        )
        parent = _choice(_("上级机构"), _bodies(ctx, besides=id), row.parent if row else None, "org-parent")
        unit = _choice(_("管理单位"), _units(ctx), row.unit if row else None, "org-unit", _("全市"))
        street = _choice(_("街道"), _streets(ctx, unit), row.street if row else None, "org-street")
        values = {"name": called, "kind": kind, "parent": parent, "unit": unit, "street": street}
        if row is None:
            _button(_("保存"), lambda: organisations.add(ctx.home, ctx.scope, **values))
        else:
            _button(_("保存"), lambda: organisations.change(ctx.home, ctx.scope, row.id, **values))

    return _("修改机构") if row else _("新增机构"), body


def _person(ctx: state.Context, id: str | None, of: str | None = None) -> Form | None:
    """Whoever may see full records changes the record as it is; others leave empty what stays as it is."""
    everybody = view.found(view.key_of(ctx), "", ctx)
    rows = everybody[everybody["id"] == id].to_dict("records")
    if id is not None and not rows:
        return None
    record = _record(ctx, id) if rows else {}
    said = record or (rows[0] if rows else {})
    blind = bool(rows) and not record

    def body() -> None:
        hint = _("不填则不变") if blind else ""
        called = st.text_input(
            _("姓名"), value=record.get("name") or "", placeholder=hint, max_chars=64, key="person-name"
        )
        code = st.text_input(_("工号"), value=said.get("code") or "", max_chars=64, key="person-code")
        title = st.text_input(_("职务"), value=said.get("title") or "", max_chars=64, key="person-title")
        phone = st.text_input(
            _("电话"), value=record.get("phone") or "", placeholder=hint, max_chars=32, key="person-phone"
        )
        body_ = _choice(_("所属机构"), _bodies(ctx, own=True), said.get("organisation") or of, "person-body")
        values = {"code": code, "title": title, "organisation": body_ or ""}
        values |= {key: text for key, text in (("name", called), ("phone", phone)) if text or not blind}
        if id is None:
            _button(_("保存"), lambda: people.add(ctx.home, ctx.scope, **values))
        else:
            _button(_("保存"), lambda: people.change(ctx.home, ctx.scope, id, **values))

    return _("修改人员") if rows else _("新增人员"), body


def _duty(ctx: state.Context, of: str, day: str) -> Form | None:
    row = _body(ctx, of)
    if row is None:
        return None

    def body() -> None:
        when = st.date_input(_("日期"), value=_day(day), format="YYYY-MM-DD", key="duty-day")
        shift = st.selectbox(_("班次"), list(duties.shifts()), format_func=_shift, key="duty-shift")
        who = _choice(_("值班人"), _staff(ctx, row), None, "duty-person")
        _button(_("排班"), lambda: duties.add(ctx.home, ctx.scope, when, shift, row.id, who or ""))

    return _("{body}值班").format(body=row.name), body


def _area(ctx: state.Context, kind: str, place: str) -> Form | None:
    spot = reach.spots(ctx.home).get((kind, place))
    if spot is None:
        return None

    def body() -> None:
        who = _choice(_("负责人"), _near(ctx, spot), None, "area-person")
        tasks = list(names_of("responsibility_tasks").index)
        task = st.selectbox(
            _("职责"), tasks, format_func=lambda code: name("responsibility_tasks", code), key="area-task"
        )
        _button(_("指定"), lambda: responsibilities.add(ctx.home, ctx.scope, who or "", kind, place, task))

    return _("{place}的负责人").format(place=view.place_names(ctx.key, ctx.lang, ctx).get(place, place)), body


_FORMS = {"organisation": _organisation, "person": _person, "duty": _duty, "area": _area}


def _record(ctx: state.Context, id: str) -> dict:
    """The full record, where it may be seen; a form opens it once, not at every key that is pressed in it."""
    if not ctx.scope.may(reach.DATASET, "full"):
        return {}
    if _RECORD not in st.session_state:
        st.session_state[_RECORD] = people.full(ctx.home, ctx.scope, id)
    return st.session_state[_RECORD]


def _body(ctx: state.Context, id: str | None):
    """A covered organisation, or None."""
    table = view.bodies(view.key_of(ctx), ctx)
    return next((row for row in table.itertuples() if row.id == id and row.own), None)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return dt.datetime.now(BEIJING).date()


def _choice(label: str, options: Mapping[str, str], chosen: str | None, key: str, none: str = "") -> str | None:
    """One of some things by their ids, or none of them."""
    keys = list(options)
    at = keys.index(chosen) if chosen in options else None
    return st.selectbox(
        label, keys, index=at, format_func=lambda id: options.get(id, id), placeholder=none or _("请选择"), key=key
    )


def _bodies(ctx: state.Context, besides: str | None = None, own: bool = False) -> dict[str, str]:
    table = view.bodies(view.key_of(ctx), ctx)
    kept = table[table["own"]] if own else table
    return {row.id: row.name for row in kept.itertuples() if row.id != besides}


def _units(ctx: state.Context) -> dict[str, str]:
    known = view.units(ctx.key, ctx.lang, ctx)
    bound = ctx.scope.places_for(reach.DATASET).get("unit")
    return {unit: known[unit] for unit in known if bound is None or unit in bound}


def _streets(ctx: state.Context, unit: str | None) -> dict[str, str]:
    table = places.streets(ctx.home, ctx.scope)
    table = table[table["unit"] == unit] if unit else table
    return dict(zip(table["name"], table["name_en" if ctx.lang == "en" else "name"], strict=True))


def _staff(ctx: state.Context, row) -> dict[str, str]:
    """People who may be on the roster of an organisation: its own first, then those of the same unit."""
    everybody = view.found(view.key_of(ctx), "", ctx)
    own = everybody["organisation"] == row.id
    same = everybody["unit"] == row.unit if isinstance(row.unit, str) else everybody["unit"].isna()
    return _called(pd.concat([everybody[own], everybody[same & ~own]]))


def _near(ctx: state.Context, spot: reach.Spot) -> dict[str, str]:
    """People who may answer for a place: those of its street first, then of its unit, then the others."""
    everybody = view.found(view.key_of(ctx), "", ctx)
    rank = 2 - (everybody["unit"] == spot.unit).astype(int) - (everybody["street"] == spot.street).astype(int)
    return _called(everybody.assign(rank=rank).sort_values("rank", kind="stable"))


def _called(table: pd.DataFrame) -> dict[str, str]:
    return {row.id: f"{row.name}\u2002{row.code or ''}\u2002{row.organisation_name}" for row in table.itertuples()}


def _shift(code: str) -> str:
    row = names_of("shifts").loc[code]
    return f"{name('shifts', code)}\u2002{row['begin']}–{row['end']}"


def _button(label: str, act: Callable[[], object]) -> None:
    """Do it and draw the page again; what is wrong is said in the dialog."""
    if not st.button(label, key="go-people-save", type="primary", width="stretch"):
        return
    try:
        act()
    except ShuzhiError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    close()
    st.rerun()
