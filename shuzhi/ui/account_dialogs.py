"""Dialogs of the page 账号与权限: what makes, changes and ends; a password or token is shown here, once.

Which dialog is open stands in the session, not in the run that opened it: a page that draws itself again keeps it.
"""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import streamlit as st

from shuzhi.access import accounts, rights, session, words
from shuzhi.errors import ShuzhiError
from shuzhi.i18n import _
from shuzhi.registry import places
from shuzhi.ui import accounts as view
from shuzhi.ui import state, widgets
from shuzhi.ui.markup import literal, tag

_OPEN, _MADE = "sz-account-dialog", "sz-account-made"


def ask(kind: str, id: str | None = None) -> None:
    """Open a dialog: ``create``, ``change``, ``reset``, ``disable``, ``end``, ``device``; of an account or session."""
    st.session_state[_OPEN] = (kind, id)
    st.session_state.pop(_MADE, None)


def close() -> None:
    """Close it; what it has shown is shown no more."""
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_MADE, None)


def show(ctx: state.Context, rows: Iterable) -> None:
    """Draw the dialog that is open.

    Parameters
    ----------
    rows : iterable of namedtuples
        Accounts and sessions that it may be of.
    """
    if _OPEN not in st.session_state:
        return
    kind, id = st.session_state[_OPEN]
    row = next((row for row in rows if row.id == id), None)
    if id is not None and row is None:
        close()
        return
    title, body = _DIALOGS[kind](ctx, row)

    def draw() -> None:
        if _OPEN not in st.session_state:
            st.rerun()
        made = st.session_state.get(_MADE)
        if made is None:
            body()
        else:
            _show_made(*made)

    st.dialog(title, on_dismiss=close)(draw)()


def _create(ctx: state.Context, _row) -> tuple[str, Callable[[], None]]:
    def body() -> None:
        login = st.text_input(_("账号名"), key="account-login", max_chars=64, placeholder=_("登录时输入，大小写不限"))
        name, role, where = _who(ctx, "", "analyst", [])
        oidc = _identity()

        def act() -> tuple:
            return "password", login, accounts.create(ctx.home, ctx.scope, login, name, role, where, oidc=oidc)

        _button(_("建立"), act)

    return _("新建账号"), body


def _change(ctx: state.Context, row) -> tuple[str, Callable[[], None]]:
    def body() -> None:
        name, role, where = _who(ctx, row.name, row.role, row.places)
        widgets.show(widgets.source(_("改动立即生效：已登录的会话从下一次点击起按新权限。")))
        _button(_("保存"), lambda: accounts.change(ctx.home, ctx.scope, row.id, name=name, role=role, places=where))

    return _("修改 {login}").format(login=row.login), body


def _disable(ctx: state.Context, row) -> tuple[str, Callable[[], None]]:
    text = _("{name} 将不能登录，正在登录的 {n} 个会话立即结束。之后可以重新启用。")

    def body() -> None:
        _say(text.format(name=row.name, n=row.sessions))
        _button(_("停用"), lambda: accounts.disable(ctx.home, ctx.scope, row.id))

    return _("停用 {login}？").format(login=row.login), body


def _reset(ctx: state.Context, row) -> tuple[str, Callable[[], None]]:
    text = _("{name} 原来的口令和二次验证作废，正在登录的 {n} 个会话立即结束。这一步不能撤销。")

    def body() -> None:
        _say(text.format(name=row.name, n=row.sessions))
        _button(_("重置"), lambda: ("password", row.login, accounts.reset(ctx.home, ctx.scope, row.id)))

    return _("重置 {login} 的口令？").format(login=row.login), body


def _end(ctx: state.Context, row) -> tuple[str, Callable[[], None]]:
    if row.kind == session.DEVICE:
        title, text, label = _("收回设备令牌？"), _("{who} 立即失去访问，需要重新建立设备才能恢复。"), _("收回")
    else:
        title, text, label = _("结束这个会话？"), _("{who} 从下一次点击起需要重新登录。"), _("结束")

    def body() -> None:
        _say(text.format(who=view.session_text(row)))
        _button(label, lambda: session.end(ctx.home, ctx.scope, row.id))

    return title, body


def _device(ctx: state.Context, _row) -> tuple[str, Callable[[], None]]:
    def body() -> None:
        name = st.text_input(_("设备名称"), key="device-name", max_chars=128, placeholder=_("摆在哪里"))
        role = st.radio(
            _("用途"),
            view.DEVICE_ROLES,
            format_func=lambda key: _("{role}：{use}").format(role=words.role_name(key), use=_use(key)),
            key="device-role",
        )
        where = _places(ctx, rights.role(role).place, [])
        _button(_("建立"), lambda: ("token", role, session.device(ctx.home, ctx.scope, name, role, where)))

    return _("新建设备"), body


_DIALOGS = {
    "create": _create,
    "change": _change,
    "disable": _disable,
    "reset": _reset,
    "end": _end,
    "device": _device,
}


def _button(label: str, act: Callable[[], tuple | None]) -> None:
    """Do it, then close, or show what it made; what is wrong is said above the button."""
    wrong = st.empty()
    if not st.button(label, key="go-account-do", type="primary", width="stretch"):
        return
    try:
        made = act()
    except ShuzhiError as error:
        wrong.error(literal(str(error)), icon=":material/error:")
        return
    if made is None:
        close()
    else:
        st.session_state[_MADE] = made
    st.rerun()


def _who(ctx: state.Context, name: str, role: str, where: list[str]) -> tuple[str, str, list[str]]:
    """Name, role and places; which places there are depends on the role."""
    name = st.text_input(_("姓名"), value=name, key="account-name", max_chars=64)
    known = [key for key in rights.roles() if key not in (rights.PUBLIC, *rights.SCREENS)]
    role = st.selectbox(
        _("角色"),
        known,
        index=known.index(role) if role in known else 0,
        format_func=lambda key: _("{role}（{place}）").format(role=words.role_name(key), place=words.place_name(key)),
        key="account-role",
    )
    return name, role, _places(ctx, rights.role(role).place, where)


def _places(ctx: state.Context, bound: str, where: list[str]) -> list[str]:
    if bound == "city":
        return []
    if bound == "enterprise":
        hint = _("18 位；几家企业之间用空格分开")
        given = st.text_input(_("统一社会信用代码"), value=" ".join(where), key="account-enterprises", placeholder=hint)
        return given.upper().split()
    names = (places.units if bound == "unit" else places.streets)(ctx.home, ctx.scope)
    english = dict(zip(names["name"], names["name_en"], strict=True)) if ctx.lang == "en" else {}
    known = list(names["name"])
    return st.multiselect(
        _("管辖区县") if bound == "unit" else _("管辖街道"),
        known + [gone for gone in where if gone not in known],  # what is no place any more is taken away by hand
        default=where,
        format_func=lambda one: english.get(one) or one,
        placeholder=_("至少选一个"),
        key=f"account-places-{bound}",
    )


def _identity() -> tuple[str, str] | None:
    """Issuer and subject of an identity provider, where one vouches for the account instead of a password."""
    if not st.checkbox(_("由单位统一认证（OIDC）登录，不设口令"), key="account-oidc"):
        return None
    issuer = st.text_input(_("认证方（issuer）"), key="account-issuer", placeholder="https://id.example.gov.cn")
    subject = st.text_input(_("用户标识（subject）"), key="account-subject")
    return issuer.strip(), subject.strip()


def _use(role: str) -> str:
    return _("打开 /wall") if role in rights.SCREENS else _("程序按接口取数")


def _show_made(kind: str, whose: str, secret: str | None) -> None:
    """A password or token, once, in a box that can be copied from."""
    if secret is None:
        _say(_("账号 {login} 已建立，用单位认证登录。").format(login=whose))
    elif kind == "password":
        _say(_("账号 {login} 的一次性口令，只显示这一次：").format(login=accounts.spelled(whose)))
        st.code(secret, language=None)
        widgets.show(widgets.source(_("当面或用电话告诉本人，不要发在群里。第一次登录后必须更换。")))
    elif whose in rights.SCREENS:
        address = urlsplit(st.context.url or "http://localhost")
        _say(_("在大屏的浏览器里打开这个地址，只显示这一次："))
        st.code(f"{address.scheme}://{address.netloc}/wall/enter?token={secret}", language=None, wrap_lines=True)
        widgets.show(widgets.source(_("打开一次后令牌存在这台设备里，地址栏不再显示它。设备丢失时在这里收回。")))
    else:
        _say(_("程序在请求头里带上它，只显示这一次："))
        st.code(f"Authorization: Bearer {secret}", language=None, wrap_lines=True)
    if st.button(_("记下了，关闭"), key="account-made-close", width="stretch"):
        close()
        st.rerun()


def _say(text: str) -> None:
    widgets.show(tag("p", text, class_="sz-dialog-text"))
