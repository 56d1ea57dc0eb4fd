"""Dialogs of the page 组织与人员: what adds and changes organisations, people, duties and responsibilities."""

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


def organisation(ctx: state.Context, row=None) -> None:
    """Add an organisation, or change one."""

    def ask() -> None:
        called = st.text_input(_("机构名称"), value=row.name if row else "", max_chars=organisations.LONGEST)
        kinds = list(names_of("organisation_kinds").index)
        kind = st.selectbox(
            _("机构类别"),
            kinds,
            index=kinds.index(row.kind) if row else kinds.index("district"),
            format_func=lambda code: name("organisation_kinds", code),
        )
        parent = _choice(_("上级机构"), _bodies(ctx, besides=row.id if row else None), row.parent if row else None)
        unit = _choice(_("管理单位"), _units(ctx), row.unit if row else None, _("全市"))
        street = _choice(_("街道"), _streets(ctx, unit), row.street if row else None)
        values = {"name": called, "kind": kind, "parent": parent, "unit": unit, "street": street}
        if st.button(_("保存"), key="go-people-save", type="primary", width="stretch"):
            if row is None:
                _act(lambda: organisations.add(ctx.home, ctx.scope, **values))
            else:
                _act(lambda: organisations.change(ctx.home, ctx.scope, row.id, **values))

    st.dialog(_("修改机构") if row else _("新增机构"))(ask)()


def person(ctx: state.Context, row: dict | None = None, body: str | None = None) -> None:
    """Add a person to an organisation, or change one.

    Whoever may see full records changes the record as it is, and its opening is an event; others leave empty what
    stays as it is.
    """
    record = _full(ctx, row) if row else {}

    def ask() -> None:
        blind = bool(row) and not record
        hint = _("不填则不变") if blind else ""
        called = st.text_input(_("姓名"), value=record.get("name") or "", placeholder=hint, max_chars=64)
        code = st.text_input(_("工号"), value=(record or row or {}).get("code") or "", max_chars=64)
        title = st.text_input(_("职务"), value=(record or row or {}).get("title") or "", max_chars=64)
        phone = st.text_input(_("电话"), value=record.get("phone") or "", placeholder=hint, max_chars=32)
        bodies = _bodies(ctx, own=True)
        of = _choice(_("所属机构"), bodies, row["organisation"] if row else body, required=True)
        values = {"name": called, "code": code, "title": title, "phone": phone, "organisation": of}
        if blind:
            values = {key: value for key, value in values.items() if value or key in ("code", "title")}
        if st.button(_("保存"), key="go-people-save", type="primary", width="stretch"):
            if row is None:
                _act(lambda: people.add(ctx.home, ctx.scope, called, of or "", code=code, phone=phone, title=title))
            else:
                _act(lambda: people.change(ctx.home, ctx.scope, row["id"], **values))

    st.dialog(_("修改人员") if row else _("新增人员"))(ask)()


def duty(ctx: state.Context, body: str, day: dt.date | None = None) -> None:
    """Put somebody on the roster of an organisation."""
    table = view.bodies(view.key_of(ctx), ctx)
    called = table.set_index("id")["name"].get(body, "")

    def ask() -> None:
        when = st.date_input(_("日期"), value=day or dt.datetime.now(BEIJING).date(), format="YYYY-MM-DD")
        shift = st.selectbox(_("班次"), list(duties.shifts()), format_func=_shift)
        who = _choice(_("值班人"), _staff(ctx, body), None, required=True)
        if st.button(_("排班"), key="go-people-save", type="primary", width="stretch"):
            _act(lambda: duties.add(ctx.home, ctx.scope, when, shift, body, who or ""))

    st.dialog(_("{body}值班").format(body=called))(ask)()


def area(ctx: state.Context, kind: str, place: str) -> None:
    """Make somebody answer for a place."""

    def ask() -> None:
        spot = reach.spots(ctx.home).get((kind, place))
        near = _near(ctx, spot)
        who = _choice(_("负责人"), near, None, required=True)
        task = st.selectbox(
            _("职责"),
            list(names_of("responsibility_tasks").index),
            format_func=lambda code: name("responsibility_tasks", code),
        )
        if st.button(_("指定"), key="go-people-save", type="primary", width="stretch"):
            _act(lambda: responsibilities.add(ctx.home, ctx.scope, who or "", kind, place, task))

    st.dialog(_("{place}的负责人").format(place=place))(ask)()


def _full(ctx: state.Context, row: dict) -> dict:
    """The full record, where it may be seen; opened once for a form."""
    if not ctx.scope.may(reach.DATASET, "full"):
        return {}
    return people.full(ctx.home, ctx.scope, row["id"])


def _choice(
    label: str, options: Mapping[str, str], chosen: str | None, none: str = "", required: bool = False
) -> str | None:
    """One of some things by their ids, or none of them."""
    keys = list(options)
    at = keys.index(chosen) if chosen in options else (0 if required and len(keys) == 1 else None)
    return st.selectbox(
        label, keys, index=at, format_func=lambda key: options.get(key, key), placeholder=none or _("请选择")
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


def _staff(ctx: state.Context, body: str) -> dict[str, str]:
    """People who may be on the roster of an organisation: its own first, then those of the same unit."""
    table, everybody = view.bodies(view.key_of(ctx), ctx), view.found(view.key_of(ctx), "", ctx)
    unit = table.set_index("id")["unit"].get(body)
    own = everybody[everybody["organisation"] == body]
    same = everybody["unit"].isna() if not isinstance(unit, str) else everybody["unit"] == unit
    return _called(pd.concat([own, everybody[same & (everybody["organisation"] != body)]]))


def _near(ctx: state.Context, spot: reach.Spot | None) -> dict[str, str]:
    """People who may answer for a place: those of its street first, then of its unit, then the others."""
    everybody = view.found(view.key_of(ctx), "", ctx)
    if spot is None:
        return _called(everybody)
    rank = 2 - (everybody["unit"] == spot.unit).astype(int) - (everybody["street"] == spot.street).astype(int)
    return _called(everybody.assign(rank=rank).sort_values("rank", kind="stable"))


def _called(table: pd.DataFrame) -> dict[str, str]:
    return {row.id: f"{row.name}\u2002{row.code or ''}\u2002{row.organisation_name}" for row in table.itertuples()}


def _shift(code: str) -> str:
    row = names_of("shifts").loc[code]
    return f"{name('shifts', code)}\u2002{row['begin']}–{row['end']}"


def _act(act: Callable[[], object]) -> None:
    """Do it and draw the page again; what is wrong is said in the dialog."""
    try:
        act()
    except ShuzhiError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()
