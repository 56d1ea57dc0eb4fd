"""账号与权限: who may sign in, who is signed in, and what each role may do."""

from urllib.parse import parse_qsl

import streamlit as st

from shuzhi.access import accounts, rights, session, words
from shuzhi.i18n import _
from shuzhi.status.water_words import city_name
from shuzhi.ui import account_dialogs as dialogs
from shuzhi.ui import accounts as view
from shuzhi.ui import facets, picking, state, widgets
from shuzhi.ui.choosing import segments
from shuzhi.ui.city_map import bound, one_of

_PICKED = ("account", "role")


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    table, here = view.load(ctx), session.table(ctx.home, ctx.scope)
    may_change = ctx.scope.may(accounts.DATASET, "change")
    line = [_("账号与权限"), city_name(ctx.home.city)]
    widgets.show(widgets.dateline(line, widgets.mark(ctx.home.kind)), widgets.hero(view.answer(table, here)))
    part = parts()
    if part == "accounts":
        account_list(ctx, table, here, may_change)
    elif part == "sessions":
        signed_in(ctx, here, may_change)
    else:
        matrix()
    picking.listen("accounts-pick", receive, show=".st-key-accounts-side")
    if may_change:
        dialogs.show(ctx, [*table.itertuples(), *here.itertuples()])


def parts() -> str:
    """Which part of the page the URL asks for."""
    part = one_of("part", view.PARTS, "accounts")
    segments(
        _("部分"),
        "part",
        list(view.PARTS),
        part,
        key="accounts-part",
        names=lambda name: _(view.PARTS[name]),
        clears=("account", "role"),
    )
    return part


def receive(query: str) -> None:
    """What a link of the page chooses: into the URL, or the session to be ended."""
    asked = dict(parse_qsl(query))
    state.set_url(**{key: value for key, value in asked.items() if key in _PICKED})
    if "end" in asked:
        dialogs.ask("end", asked["end"])


def row_of(table, id: str | None):
    """The row with this id, or None."""
    return next((row for row in table.itertuples() if row.id == id), None)


def account_list(ctx: state.Context, table, here, may_change: bool) -> None:
    """Filters, the list, and the card of one account."""
    left, right = st.columns([1, 4.2], gap="medium")
    with left:
        with facets.finder("accounts"):
            chosen = filters(table)
        if may_change:
            opens(_("新建账号"), "person_add", "create", key="go-account-new", type="primary")
    shown, names = view.chosen(table, chosen), view.place_names(ctx.open_key, ctx.lang, ctx)
    with right, st.container(key="accounts-row"):
        with st.container(key="accounts-list", gap="xsmall"):
            counted = _("{n} 个，共 {total} 个").format(n=len(shown), total=len(table))
            widgets.show(widgets.section(_("账号列表"), counted), view.listed(shown, state.url("account"), names))
        if (row := row_of(table, state.url("account"))) is not None:
            card(ctx, row, here, names, may_change)


def filters(table) -> view.Filters:
    """Text, role and state, in the URL."""
    chosen = view.Filters(
        state.url("q", ""),
        one_of("of", rights.roles(), None),
        one_of("state", accounts.STATES, None),
    )
    text, role, state_ = bound("accounts-q", chosen.text), bound("accounts-of", chosen.role), "accounts-state"
    st.text_input(
        _("查找"),
        placeholder=_("账号、姓名或地方"),
        max_chars=64,
        key=text,
        icon=":material/search:",
        on_change=lambda: state.set_url(q=st.session_state[text] or None),
    )
    counts = table["role"].value_counts()
    st.selectbox(
        _("角色"),
        [key for key in rights.roles() if key in counts.index],
        format_func=lambda key: f"{words.role_name(key)}\u2002{counts.get(key, 0)}",
        placeholder=_("全部"),
        index=None,
        key=role,
        on_change=lambda: state.set_url(of=st.session_state[role]),
    )
    states = table["state"].value_counts()
    st.pills(
        _("状态"),
        accounts.STATES,
        format_func=lambda key: f"{words.state_name(key)}\u2002{states.get(key, 0)}",
        key=bound(state_, chosen.state),
        wrap=True,
        on_change=lambda: state.set_url(state=st.session_state[state_]),
    )
    return chosen


def card(ctx: state.Context, row, here, names: dict[str, str], may_change: bool) -> None:
    """One account, and what can be done with it."""
    with st.container(key="accounts-side"):
        facets.close("accounts-card-close", account=None)
        widgets.show(view.card(row, here, names))
        if may_change:
            acts(ctx, row)


def acts(ctx: state.Context, row) -> None:
    """Change, reset, disable; what can be undone is done at once, the rest is asked first."""
    with st.container(key="accounts-acts", horizontal=True, gap="xsmall"):
        opens(_("修改"), "edit", "change", row.id)
        if not (row.demo or row.oidc):
            opens(_("重置口令"), "key", "reset", row.id)
        if row.state in ("disabled", "locked"):
            label = _("启用") if row.state == "disabled" else _("解锁")
            st.button(
                label,
                icon=":material/lock_open:",
                key="account-enable",
                on_click=lambda: accounts.enable(ctx.home, ctx.scope, row.id),
            )
        if row.state != "disabled":
            opens(_("停用"), "block", "disable", row.id)


def opens(label: str, icon: str, kind: str, id: str | None = None, key: str | None = None, type="secondary") -> None:
    """A button that opens a dialog."""
    st.button(
        label,
        icon=f":material/{icon}:",
        key=key or f"account-{kind}",
        type=type,
        on_click=dialogs.ask,
        args=(kind, id),
    )


def signed_in(ctx: state.Context, here, may_change: bool) -> None:
    """Who is signed in, and the screens with a token."""
    people, screens = (here[here["kind"] == kind] for kind in (session.PERSON, session.DEVICE))
    left, right = st.columns([2.2, 1], gap="large")
    with left, st.container(key="accounts-here"):
        counted = _("{n} 个会话").format(n=len(people))
        widgets.show(
            widgets.section(_("正在登录"), counted),
            view.people_here(people, ctx.person.session, may_change),
            view.limits(),
        )
    with right:
        counted = _("{n} 台").format(n=len(screens))
        widgets.show(widgets.section(_("设备令牌"), counted), view.devices(screens, may_change))
        if may_change:
            opens(_("新建设备"), "tv", "device")


def matrix() -> None:
    """What each role may do with each data set, and what each face asks for."""
    role = one_of("role", rights.roles(), None)
    with st.container(key="rights-row"):
        with st.container(key="rights-main", gap="small"):
            text = searched()
            widgets.show(
                widgets.section(_("角色与数据"), _("没有写明的一律拒绝")),
                view.legend(),
                view.scrolled(view.matrix(text, role)),
            )
            widgets.show(widgets.section(_("入口与要求"), _("页面、图层、导出、接口")), view.scrolled(view.faces(text)))
            widgets.show(widgets.source(_("依据 data/rights.yaml；改动需要修改该文件并重启服务。")))
        if role:
            with st.container(key="accounts-side"):
                facets.close("rights-card-close", role=None)
                widgets.show(view.role_card(role))


def searched() -> str:
    """Part of a name of a role or a face, in the URL."""
    key = bound("rights-q", state.url("find", ""))
    st.text_input(
        _("查找"),
        placeholder=_("角色、页面、数据或接口"),
        max_chars=64,
        key=key,
        icon=":material/search:",
        label_visibility="collapsed",
        width=360,
        on_change=lambda: state.set_url(find=st.session_state[key] or None),
    )
    return state.url("find", "")


page()
