"""组织与人员: who is on duty, organisations and their people, rosters, who answers for which place."""

import datetime as dt
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl

import pandas as pd
import streamlit as st

from shuzhi.access import rights
from shuzhi.errors import ShuzhiError
from shuzhi.i18n import _
from shuzhi.ingest import blank
from shuzhi.ingest import people as door
from shuzhi.ingest.service import import_people
from shuzhi.publish import people as publish
from shuzhi.registry import duties, organisations, people, reach, responsibilities
from shuzhi.registry.names import name
from shuzhi.settings import BEIJING
from shuzhi.ui import facets, guide, picking, state, widgets
from shuzhi.ui import people as view
from shuzhi.ui import people_dialogs as dialogs
from shuzhi.ui.choosing import segments
from shuzhi.ui.city_map import bound, one_of
from shuzhi.ui.markup import literal, tag

_PICKED = ("person", "org", "page")
_ASKED, _UNDO = "sz-people-asked", "sz-people-undo"
_ENDINGS = {"csv": "CSV", "xlsx": "Excel"}


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    may_change = ctx.scope.may(reach.DATASET, "change")
    asked = st.session_state.pop(_ASKED, {})
    if may_change:
        do(ctx, asked)
    key = view.key_of(ctx)
    table, everybody = view.bodies(key, ctx), view.found(key, "", ctx)
    if table.empty and not may_change:
        guide.no_people(ctx)
        return
    head(ctx, key, table, everybody)
    part = parts(may_change, "people" if len(table) else "import")
    undo(ctx)
    if part == "people":
        staff(ctx, key, table, may_change)
    elif part == "duty":
        rosters(ctx, key, table, may_change)
    elif part == "areas":
        areas(ctx, key, may_change)
    else:
        batch(ctx)
    picking.listen("people-pick", receive, show=".st-key-people-side")
    if may_change:
        dialogs.show(ctx)


def head(ctx: state.Context, key: tuple, table: pd.DataFrame, everybody: pd.DataFrame) -> None:
    """The sentence, and who is on duty now."""
    now = dt.datetime.now(BEIJING)
    on = view.now_on_duty(key, now.replace(second=0, microsecond=0), ctx)
    line = [facets.territory(ctx, view.units(ctx.key, ctx.lang, ctx)), _("组织与人员"), f"{now:%Y-%m-%d %H:%M}"]
    sentence = (
        view.answer(on, everybody, table, view.gaps(key, now.date(), ctx)) if len(table) else _("还没有组织与人员")
    )
    with st.container(key="people-head", gap="xxsmall"):
        widgets.show(
            widgets.dateline(line, widgets.mark(ctx.home.kind)),
            widgets.hero(sentence),
            view.on_duty_line(on) if len(table) else "",
        )


def parts(may_change: bool, usual: str) -> str:
    """Which part of the page the URL asks for."""
    known = [part for part in view.PARTS if part != "import" or may_change]
    part = one_of("part", known, usual)
    segments(
        _("部分"),
        "part",
        known,
        part,
        key="people-part",
        names=lambda one: _(view.PARTS[one]),
        clears=("page", "person"),
    )
    return part


def receive(query: str) -> None:
    """What a link of the page chooses: into the URL, or what is to be done."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    state.set_url(**{key: value or None for key, value in given.items() if key in _PICKED})
    st.session_state[_ASKED] = {key: value for key, value in given.items() if key not in _PICKED}


# ---- acts ----


def do(ctx: state.Context, asked: dict[str, str]) -> None:
    """What a link asked for: open a form, or take a turn or a responsibility away, which can be undone."""
    for what, kind in (("add", "duty"), ("give", "area")):
        first, between, second = asked.get(what, "").partition(" ")
        if between:
            dialogs.ask(kind, first, second)
    acts = {
        "off": (duties.remove, duties.add, _("已撤下一个班次")),
        "drop": (responsibilities.remove, responsibilities.add, _("已撤下一项责任")),
    }
    for what, (remove, add, said) in acts.items():
        if asked.get(what, "").isdecimal():
            attempt(
                lambda remove=remove, id=int(asked[what]), add=add, said=said: to_undo(
                    said, add, **remove(ctx.home, ctx.scope, id)
                )
            )


def asking(label: str, icon: str, key: str, kind: str, *given: str | None, **look) -> None:
    """A button that opens a dialog."""
    st.button(label, icon=f":material/{icon}:", key=key, on_click=dialogs.ask, args=(kind, *given), **look)


def to_undo(said: str, act, *arguments, **values) -> None:
    """Remember how the last act is undone."""
    st.session_state[_UNDO] = (said, act, arguments, values)


def undo(ctx: state.Context) -> None:
    """What was removed last, and the way back."""
    if _UNDO not in st.session_state:
        return
    said, act, arguments, values = st.session_state[_UNDO]

    def take_back() -> None:
        del st.session_state[_UNDO]
        attempt(lambda: act(ctx.home, ctx.scope, *arguments, **values))

    with st.container(key="people-undo", horizontal=True, vertical_alignment="center", gap="small"):
        widgets.show(tag("span", said, class_="sz-note"))
        st.button(_("撤销"), icon=":material/undo:", key="people-undo-button", type="tertiary", on_click=take_back)
        st.button(
            "",
            icon=":material/close:",
            key="people-undo-close",
            type="tertiary",
            help=_("关闭"),
            on_click=lambda: st.session_state.pop(_UNDO, None),
        )


def attempt(act) -> None:
    """Do it; what is wrong is said on the page."""
    try:
        act()
    except ShuzhiError as error:
        st.toast(literal(str(error)), icon=":material/error:")


# ---- people ----


def staff(ctx: state.Context, key: tuple, table: pd.DataFrame, may_change: bool) -> None:
    """The tree of organisations, the people of the chosen one, a person's card."""
    org = state.url("org") if state.url("org") in set(table["id"]) else None
    left, right = st.columns([1, 2.9], gap="medium")
    with left, st.container(key="people-tree", gap="xsmall"):
        widgets.show(widgets.section(_("机构"), _("{n} 个").format(n=f"{table['own'].sum():,}")), view.tree(table, org))
        if may_change:
            asking(_("新增机构"), "add", "people-org-new", "organisation", None, type="tertiary")
    with right, st.container(key="people-row"):
        with st.container(key="people-list", gap="xsmall"):
            people_list(ctx, key, table, org, may_change)
        card(ctx, key, may_change)


def people_list(ctx: state.Context, key: tuple, table: pd.DataFrame, org: str | None, may_change: bool) -> None:
    """Search, the list, its pages."""
    text = state.url("q", "")
    shown = view.found(key, text, ctx)
    if org:
        shown = shown[shown["organisation"].isin(view.below(table, org))]
        shown = shown.sort_values("organisation", key=lambda ids: ids != org, kind="stable")  # its own first
    row = next((row for row in table.itertuples() if row.id == org), None)
    widgets.show(
        widgets.section(row.name if row else _("人员"), _("{n} 人").format(n=f"{len(shown):,}")),
        view.body_card(row, table, view.units(ctx.key, ctx.lang, ctx)) if row else "",
    )
    with st.container(key="people-tools", horizontal=True, vertical_alignment="center", gap="small"):
        field = bound("people-q", text)
        st.text_input(
            _("查找"),
            placeholder=_("姓名、工号、职务或机构"),
            max_chars=64,
            key=field,
            icon=":material/search:",
            label_visibility="collapsed",
            on_change=lambda: state.set_url(q=st.session_state[field] or None, page=None),
        )
        if may_change:
            change_tools(ctx, row)
        exports(ctx)
    number, last = numbered(len(shown))
    part = shown.iloc[(number - 1) * view.ROWS : number * view.ROWS]
    with st.container(key="people-table"):
        widgets.show(view.listed(part, state.url("person")))
    with st.container(key="people-pages", horizontal=True, vertical_alignment="center", gap="xsmall"):
        facets.pages(number, last)


def numbered(count: int) -> tuple[int, int]:
    """The page of a list that the URL asks for, and the last one."""
    last = max(1, -(-count // view.ROWS))
    asked = state.url("page", "1")
    return min(int(asked) if asked.isdecimal() and 0 < len(asked) < 6 else 1, last) or 1, last


def change_tools(ctx: state.Context, row) -> None:
    """New person; change and remove the chosen organisation; what was removed."""
    own = row is None or row.own
    if own:
        asking(_("新增人员"), "person_add", "people-new", "person", None, row.id if row else None)
    if row is not None and row.own:
        asking("", "edit", "people-org-edit", "organisation", row.id, help=_("修改机构"))
        st.button(
            "",
            icon=":material/delete:",
            key="people-org-remove",
            help=_("移除机构"),
            on_click=lambda: attempt(lambda: remove_body(ctx, row)),
        )
    removed(ctx)


def remove_body(ctx: state.Context, row) -> None:
    organisations.remove(ctx.home, ctx.scope, row.id)
    state.set_url(org=None)
    to_undo(_("已移除{name}").format(name=row.name), organisations.bring_back, row.id)


def removed(ctx: state.Context) -> None:
    """What was removed, each with its way back."""
    gone = people.table(ctx.home, ctx.scope, removed=True)
    bodies = organisations.table(ctx.home, ctx.scope, removed=True)
    if gone.empty and bodies.empty:
        return
    with st.popover(_("已移除 {n}").format(n=len(gone) + len(bodies)), icon=":material/history:"):
        rows = [(row.id, row.name, organisations.bring_back) for row in bodies.itertuples()]
        rows += [
            (row.id, f"{row.name} {row.code or ''} {row.organisation_name}", people.bring_back)
            for row in gone.itertuples()
        ]
        for id, label, back in rows:
            st.button(
                label,
                icon=":material/undo:",
                key=f"people-back-{id}",
                type="tertiary",
                help=_("恢复"),
                on_click=lambda id=id, back=back: attempt(lambda: back(ctx.home, ctx.scope, id)),
            )


def exports(ctx: state.Context) -> None:
    """All people as a file, for whom they may be exported."""
    if not rights.may(ctx.scope, "exports", "people"):
        return
    with st.popover(_("导出"), icon=":material/download:"):
        st.caption(_("全部人员，不受筛选影响；导出会记入审计。"))
        for ending, mime in publish.FORMATS.items():
            st.download_button(
                _ENDINGS[ending],
                lambda ending=ending: publish.export(ctx.home, ctx.scope, ending),
                file_name=_("人员") + f".{ending}",
                mime=mime,
                key=f"people-export-{ending}",
                type="tertiary",
                on_click="ignore",
            )


def card(ctx: state.Context, key: tuple, may_change: bool) -> None:
    """The card of one person, and what can be done with it."""
    id = state.url("person")
    if not id:
        return
    everybody = view.found(key, "", ctx)
    rows = everybody[everybody["id"] == id]
    with st.container(key="people-side", gap="small"):
        facets.close("people-card-close", person=None)
        if rows.empty:
            widgets.show(tag("p", _("没有这个人员，或不在您的管辖范围"), class_="sz-note"))
            return
        row = rows.iloc[0].to_dict()
        every, today = view.answering(key, ctx), dt.datetime.now(BEIJING).date()
        turns = pd.concat([view.week(key, today + dt.timedelta(days=n), ctx) for n in (0, view.WEEK)])
        shown = st.container()
        opened = acts(ctx, row, may_change)
        with shown:
            named = view.place_names(ctx.key, ctx.lang, ctx)
            widgets.show(view.card(opened or row, every[every["person"] == id], turns[turns["person"] == id], named))
            if opened:
                widgets.show(tag("p", _("本次查看已记入审计。"), class_="sz-note"))


def acts(ctx: state.Context, row: dict, may_change: bool) -> dict | None:
    """The full record, where it was asked for; change, remove."""
    with st.container(key="people-acts", horizontal=True, gap="xsmall"):
        asked = ctx.scope.may(reach.DATASET, "full") and st.button(
            _("显示完整信息"), icon=":material/visibility:", key=f"people-full-{row['id']}", help=_("查看会记入审计")
        )
        if may_change:
            asking(_("修改"), "edit", "people-change", "person", row["id"])
            st.button(
                _("移除"),
                icon=":material/person_remove:",
                key="people-remove",
                on_click=lambda: attempt(lambda: remove_person(ctx, row)),
            )
    return people.full(ctx.home, ctx.scope, row["id"]) if asked else None


def remove_person(ctx: state.Context, row: dict) -> None:
    people.remove(ctx.home, ctx.scope, row["id"])
    state.set_url(person=None)
    to_undo(_("已移除{name}").format(name=f"{row['name']}（{row['code'] or ''}）"), people.bring_back, row["id"])


# ---- rosters ----


def rosters(ctx: state.Context, key: tuple, table: pd.DataFrame, may_change: bool) -> None:
    """A week of all rosters, or of the chosen organisation's."""
    today = dt.datetime.now(BEIJING).date()
    first = view.monday(asked_day("week") or today)
    org = state.url("org") if state.url("org") in set(table.loc[table["own"], "id"]) else None
    rows, last = view.week(key, first, ctx), first + dt.timedelta(days=view.WEEK - 1)
    missing = view.empty_days(key, first, ctx)
    keeping = set(rows["organisation"]) | set(missing["organisation"]) | ({org} if org else set())
    shown = table[table["id"].isin({org} if org else keeping)]
    with st.container(key="people-row"):
        with st.container(key="people-duty", gap="xsmall"):
            span = f"{view.day_text(first)} – {view.day_text(last)}"
            widgets.show(widgets.section(_("值班表"), span))
            week_tools(table, keeping, first, today, org, may_change)
            known = set(zip(missing["organisation"], missing["day"], strict=True))
            widgets.show(
                view.calendar(rows, shown, first, known, may_change) if len(shown) else no_roster(),
                widgets.source(view.legend_of_shifts()),
            )
        card(ctx, key, may_change)


def no_roster():
    return tag("p", _("这一周没有登记值班。可在“批量导入”上传值班表。"), class_="sz-note")


def week_tools(table, keeping: set, first: dt.date, today: dt.date, org: str | None, may_change: bool) -> None:
    """A week back or on, today's, and one organisation."""
    with st.container(key="people-week", horizontal=True, vertical_alignment="center", gap="xsmall"):
        steps = ((-7, "chevron_left", _("上一周")), (7, "chevron_right", _("下一周")))
        for days, icon, said in steps:
            to = first + dt.timedelta(days=days)
            st.button(
                "",
                icon=f":material/{icon}:",
                key=f"people-{icon}",
                help=said,
                on_click=state.set_url,
                kwargs={"week": to},
            )
        st.button(
            _("本周"),
            key="people-this-week",
            disabled=view.monday(today) == first,
            on_click=state.set_url,
            kwargs={"week": None},
        )
        bodies = {row.id: row.name for row in table.itertuples() if row.own and (row.id in keeping or may_change)}
        field = bound("people-duty-org", org)
        st.selectbox(
            _("机构"),
            list(bodies),
            format_func=lambda id: bodies.get(id, ""),
            index=None,
            placeholder=_("全部机构"),
            key=field,
            label_visibility="collapsed",
            width=320,
            on_change=lambda: state.set_url(org=st.session_state[field]),
        )


def asked_day(parameter: str) -> dt.date | None:
    """A day of the URL; None for anything that is no day."""
    try:
        return dt.date.fromisoformat(state.url(parameter, ""))
    except ValueError:
        return None


# ---- areas of responsibility ----


def areas(ctx: state.Context, key: tuple, may_change: bool) -> None:
    """Places of a kind and who answers for them, those without anybody first."""
    by_kind, every = view.spots(key, ctx), view.answering(key, ctx)
    today = dt.datetime.now(BEIJING).date()
    missing = view.gaps(key, today, ctx).places
    kinds = [kind for kind in reach.PLACES if by_kind.get(kind)]
    kind = one_of("kind", kinds, "street" if "street" in kinds else None)
    with st.container(key="people-row"):
        with st.container(key="people-areas", gap="xsmall"):
            lacking = set(missing.loc[missing["kind"] == kind, "place"])
            counted = _("{n} 处，{missing} 处无人负责").format(
                n=f"{len(by_kind.get(kind, [])):,}", missing=len(lacking)
            )
            widgets.show(widgets.section(_("责任区"), counted))
            text = area_tools(kinds, kind, by_kind)
            shown = [spot for spot in by_kind.get(kind, []) if view.matches(spot, text)]
            shown.sort(key=lambda spot: spot.name not in lacking)
            number, last = numbered(len(shown))
            part = shown[(number - 1) * view.ROWS : number * view.ROWS]
            named = view.place_names(ctx.key, ctx.lang, ctx)
            widgets.show(view.areas(every[every["kind"] == kind], part, lacking, named, may_change))
            with st.container(key="people-pages", horizontal=True, vertical_alignment="center", gap="xsmall"):
                facets.pages(number, last)
        card(ctx, key, may_change)


def area_tools(kinds: list[str], kind: str | None, by_kind: dict) -> str:
    """Kind of place, and part of its name."""
    text = state.url("place", "")
    with st.container(key="people-tools", horizontal=True, vertical_alignment="center", gap="small"):
        segments(
            _("责任区类型"),
            "kind",
            kinds,
            kind,
            key="people-kind",
            names=lambda one: f"{name('responsibility_places', one)}\u2002{len(by_kind[one]):,}",
            clears=("page",),
        )
        search = bound("people-place", text)
        st.text_input(
            _("查找"),
            placeholder=_("责任区或管理单位"),
            max_chars=64,
            key=search,
            icon=":material/search:",
            label_visibility="collapsed",
            on_change=lambda: state.set_url(place=st.session_state[search] or None, page=None),
        )
    return text


# ---- import ----


def batch(ctx: state.Context) -> None:
    """A file: what it would change and what can't be taken in, before it is taken in."""
    left, right = st.columns([1, 2.4], gap="medium")
    with left, st.container(key="people-upload", gap="small"):
        widgets.show(widgets.section(_("上传表格"), "xlsx, csv"))
        file = st.file_uploader(_("上传表格"), type=["xlsx", "csv"], key="people-file", label_visibility="collapsed")
        widgets.show(tag("p", view.how_to_fill(), class_="sz-note"))
        st.download_button(
            _("下载空白模板"),
            template,
            file_name=_("人员模板") + ".xlsx",
            mime=publish.FORMATS["xlsx"],
            icon=":material/download:",
            key="people-template",
            on_click="ignore",
        )
    with right, st.container(key="people-preview", gap="small"):
        if file is None:
            widgets.show(
                widgets.section(_("预览"), ""), tag("p", _("上传后先看变动，确认后才写入。"), class_="sz-note")
            )
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / (Path(file.name).name or "people.xlsx")
            path.write_bytes(file.getvalue())
            preview(ctx, path)


def template() -> bytes:
    """The empty workbook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.xlsx"
        blank.write("people", path)
        return path.read_bytes()


def preview(ctx: state.Context, path: Path) -> None:
    """What a file would change; a button takes it in."""
    try:
        taken, read = door.preview(ctx.home, ctx.scope, path)
    except ShuzhiError as error:
        st.error(literal(str(error).replace(f"{path.parent}/", "")), icon=":material/error:")
        return
    widgets.show(widgets.section(_("预览"), path.name), view.counted(taken))
    if not taken.differs:
        widgets.show(tag("p", _("与已登记的内容一致，没有变动。"), class_="sz-note"))
    elif st.button(
        _("写入 {n} 处变动").format(n=f"{len(taken.differences):,}"), key="go-people-import", type="primary"
    ):
        done = import_people(ctx.home, path, origin=ctx.home.kind, scope=ctx.scope)
        st.toast(
            _("已写入：新增 {new}，变更 {changed}").format(new=done.new, changed=done.corrected),
            icon=":material/check:",
        )
        st.rerun()
    if read.rejected:
        counted = _("{n} 行").format(n=f"{len(read.rejected):,}")
        widgets.show(widgets.section(_("不能写入"), counted), view.bad_rows(read.rejected))
    if taken.differs:
        widgets.show(
            widgets.section(_("变动"), _("{n} 处").format(n=f"{len(taken.differences):,}")), view.differences(taken)
        )


page()
