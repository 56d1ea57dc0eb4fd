"""新闻发布: a briefing of any period, written from the numbers, edited by an officer, exported as it stands."""

import datetime as dt

import streamlit as st

from shuzhi.access import rights
from shuzhi.i18n import _
from shuzhi.publish import drafts
from shuzhi.publish.document import Document
from shuzhi.publish.exports import DOCUMENTS, PICTURE_CARDS
from shuzhi.publish.period import KINDS, span, spoken, written
from shuzhi.publish.typeset import has_font
from shuzhi.settings import BEIJING, settings
from shuzhi.ui import briefing as view
from shuzhi.ui import guide, state, widgets

TITLE_HEIGHT = 68
"""Of the title's field [px], the least there is."""


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    newest = view.load_newest(ctx.key, dt.datetime.now(BEIJING).date(), ctx)
    if newest is None:
        guide.no_data(ctx)
        return
    if not view.load_places(ctx.key, ctx.lang, ctx):
        guide.no_stations(ctx)
        return
    chosen = view.choice(ctx, newest)
    made = view.make(ctx.key, chosen, newest, ctx)
    document = made.document.with_edits(view.edits(ctx, chosen))
    parts = [_("新闻发布"), document.place, spoken(document.figures.period)]
    widgets.show(widgets.dateline(parts, widgets.mark(ctx.home.kind)))
    left, middle, right = st.columns([20, 60, 20], gap="medium")
    with left, st.container(key="sz-brief-left"):
        controls(ctx, chosen, newest)
        kept(ctx, document)
    with middle, st.container(key="sz-brief-middle"):
        body(ctx, chosen, made, document)
    with right, st.container(key="sz-brief-right"):
        if rights.may(ctx.scope, "exports", "briefing"):
            files(ctx, made, document)
        origins(document)


def controls(ctx: state.Context, chosen: view.Choice, newest: dt.date) -> None:
    """Which days, which place, which language."""
    widgets.show(widgets.section(_("稿件")))
    st.session_state["sz-brief-kind"] = chosen.period.kind
    st.segmented_control(
        _("时段"),
        list(KINDS),
        required=True,
        format_func=lambda kind: _(KINDS[kind]),
        key="sz-brief-kind",
        on_change=lambda: view.choose_kind(st.session_state["sz-brief-kind"], chosen.period, newest),
        wrap=True,
    )
    when(ctx, chosen, newest)
    names = view.load_places(ctx.key, ctx.lang, ctx)
    st.session_state["sz-brief-place"] = chosen.place
    st.selectbox(
        _("范围"),
        list(names),
        format_func=names.__getitem__,
        key="sz-brief-place",
        on_change=lambda: view.choose(place=st.session_state["sz-brief-place"]),
    )
    st.session_state["sz-brief-doc"] = chosen.lang
    st.segmented_control(
        _("稿件语言"),
        ["zh", "en"],
        required=True,
        format_func={"zh": "中文", "en": "English"}.__getitem__,
        key="sz-brief-doc",
        on_change=lambda: view.choose(doc=st.session_state["sz-brief-doc"]),
    )


def when(ctx: state.Context, chosen: view.Choice, newest: dt.date) -> None:
    """The control that fits the kind of period."""
    kind = chosen.period.kind
    if kind in ("month", "year"):
        months(ctx, chosen)
    elif kind == "span":
        days(chosen, newest)
    else:
        st.session_state["sz-brief-day"] = chosen.period.first
        st.date_input(
            _("日期") if kind == "day" else _("该周任意一天"),
            key="sz-brief-day",
            max_value=max(newest, chosen.period.first),
            format="YYYY-MM-DD",
            on_change=lambda: view.choose(period=kind, of=str(st.session_state["sz-brief-day"])),
        )


def months(ctx: state.Context, chosen: view.Choice) -> None:
    """A month, or the month up to which a year is told."""
    kind, shown = chosen.period.kind, f"{chosen.period.last:%Y-%m}"
    known = view.load_months(ctx.key, ctx)
    names = (view.month_choices if kind == "month" else view.year_choices)(sorted({*known, shown}, reverse=True))
    if written(chosen.period) not in (shown, str(chosen.period.last)) or not chosen.period.whole_months:
        names = {shown: spoken(chosen.period), **{month: name for month, name in names.items() if month != shown}}
    st.session_state["sz-brief-month"] = shown
    st.selectbox(
        _("月份") if kind == "month" else _("截至"),
        list(names),
        format_func=names.__getitem__,
        key="sz-brief-month",
        on_change=lambda: view.choose(period=kind, of=st.session_state["sz-brief-month"]),
    )


def days(chosen: view.Choice, newest: dt.date) -> None:
    """First and last day."""
    st.session_state["sz-brief-first"], st.session_state["sz-brief-last"] = chosen.period.first, chosen.period.last

    def go() -> None:
        first, last = sorted([st.session_state["sz-brief-first"], st.session_state["sz-brief-last"]])
        view.choose(period="span", of=written(span(str(first), str(last))))

    limit = max(newest, chosen.period.last)
    with st.container(horizontal=True, gap="small"):
        st.date_input(_("首日"), key="sz-brief-first", max_value=limit, format="YYYY-MM-DD", on_change=go)
        st.date_input(_("末日"), key="sz-brief-last", max_value=limit, format="YYYY-MM-DD", on_change=go)


def kept(ctx: state.Context, document: Document) -> None:
    """Save, and the drafts that there are."""
    every, may_change = drafts.every(ctx.home, ctx.scope), ctx.scope.may(drafts.DATASET, "change")
    widgets.show(widgets.section(_("草稿"), str(len(every)) if every else ""))
    if may_change:
        st.button(
            _("保存草稿"),
            icon=":material/save:",
            key="sz-brief-save",
            on_click=view.keep,
            args=(ctx, document),
            width="stretch",
        )
    removed = st.session_state.get(view.REMOVED)
    if removed:
        with st.container(key="sz-brief-removed", horizontal=True, vertical_alignment="center"):
            widgets.show(widgets.source(_("已删除“{title}”").format(title=removed.title)))
            st.button(_("撤销删除"), key="sz-brief-undo", type="tertiary", on_click=view.bring_back, args=(ctx,))
    for draft in every:
        one_draft(ctx, draft, may_change)


def one_draft(ctx: state.Context, draft: drafts.Draft, may_change: bool) -> None:
    """A draft: open it, or delete it."""
    in_a_row = {"horizontal": True, "vertical_alignment": "center", "wrap": False, "gap": "xsmall"}
    with st.container(key=f"sz-draft-{draft.id}", **in_a_row):
        st.button(
            view.draft_label(draft, state.url("draft") == draft.id),
            key=f"sz-draft-open-{draft.id}",
            type="tertiary",
            on_click=view.visit,
            args=(draft,),
            width="stretch",
            wrap=True,
        )
        if may_change:
            st.button(
                "",
                icon=":material/delete:",
                key=f"sz-draft-delete-{draft.id}",
                type="tertiary",
                help=_("删除草稿"),
                on_click=view.remove,
                args=(ctx, draft),
            )


def body(ctx: state.Context, chosen: view.Choice, made: view.Made, document: Document) -> None:
    """The document: as it will look, or its texts to edit."""
    with st.container(key="sz-brief-bar", horizontal=True, vertical_alignment="center"):
        editing = st.segmented_control(
            _("视图"),
            [False, True],
            default=False,
            required=True,
            format_func=lambda edit: _("编辑文字") if edit else _("预览"),
            key="sz-brief-edit",
            label_visibility="collapsed",
        )
        changed = len(document.edits)
        if changed:
            widgets.show(widgets.source(_("已改写 {n} 段").format(n=changed)))
            st.button(_("全部恢复"), key="sz-brief-reset", type="tertiary", on_click=view.edits(ctx, chosen).clear)
    warnings = view.warnings(document)
    if view.outdated(view.open_draft(ctx), document):
        st.info(_("草稿保存之后数据有更新：未改写的段落已按新数据重写。"), icon=":material/update:")
    if editing:
        fields(ctx, chosen, document, warnings)
        return
    if warnings:
        st.warning(warnings_text(document, warnings), icon=":material/warning:")
    with st.container(key="sz-paper"):
        for part in view.paper(made, document):
            if isinstance(part, view.Picture):
                widgets.chart(part.spec, key=f"sz-paper-{part.key}", alt=part.caption)
            else:
                widgets.show(part)


def warnings_text(document: Document, warnings: dict[str, str]) -> str:
    """All differences, a line a paragraph."""
    names = {paragraph.key: view.paragraph_name(paragraph) for paragraph in document.every}
    return "  \n".join(f"**{names[key]}** {text}" for key, text in warnings.items())


def fields(ctx: state.Context, chosen: view.Choice, document: Document, warnings: dict[str, str]) -> None:
    """A field a paragraph; what differs from the data is said under it."""
    texts = view.edits(ctx, chosen)
    for paragraph in document.every:
        key = f"sz-brief-text-{paragraph.key}"
        if st.session_state.get(key) != paragraph.text:  # else what is being typed would be lost at a rerun
            st.session_state[key] = paragraph.text

        def write(key: str = key, name: str = paragraph.key) -> None:
            texts[name] = st.session_state[key]

        height = TITLE_HEIGHT if paragraph.key == "title" else "content"
        with st.container(key=f"sz-field-{paragraph.key}", gap="xxsmall"):
            st.text_area(view.paragraph_name(paragraph), key=key, height=height, on_change=write)
            if paragraph.key in warnings:
                st.warning(warnings[paragraph.key], icon=":material/warning:")
            if paragraph.edited is not None:
                st.button(
                    _("恢复生成的文字"),
                    icon=":material/undo:",
                    key=f"sz-brief-undo-{paragraph.key}",
                    type="tertiary",
                    on_click=texts.pop,
                    args=(paragraph.key, None),
                )
    widgets.show(widgets.source(_("清空一段即不发布该段。图、表和说明由数据生成，不在此处修改。")))


def files(ctx: state.Context, made: view.Made, document: Document) -> None:
    """Every export, made when its button is pressed."""
    widgets.show(widgets.section(_("导出文件"), _("与预览一致")))
    buttons(ctx, made, document, DOCUMENTS, ":material/description:")
    if document.figures.this.valid:
        widgets.show(widgets.source(_("图片（PNG）")))
        buttons(ctx, made, document, PICTURE_CARDS, ":material/image:")
    if not has_font():
        text = _("PDF 和图片要用字体 {font}，本机没有安装。请安装 fonts-noto-cjk，或在 SHUZHI_DOCUMENT_FONT 中另选。")
        widgets.show(widgets.source(text.format(font=settings().document_font)))


def buttons(ctx: state.Context, made: view.Made, document: Document, kinds, icon: str) -> None:
    """A button a file."""
    for kind, name, make in view.offers(ctx, made, document, kinds):
        st.download_button(
            _(kind.text),
            make,
            file_name=name,
            mime=kind.mime,
            on_click="ignore",
            key=f"sz-brief-get-{kind.key}",
            icon=icon,
            disabled=kind.typeset and not has_font(),
            width="stretch",
        )


def origins(document: Document) -> None:
    """Where every number comes from."""
    facts = document.facts
    widgets.show(widgets.section(_("数据来源"), _("{n} 个数字").format(n=len(facts))))
    with st.expander(_("查询、参数与算法"), icon=":material/database:", key="sz-brief-sources"):
        widgets.show(view.sources(document))
    widgets.show(widgets.source(_("指向文中带点线的数字，可看到它的查询、参数和数据时间。")))


page()
