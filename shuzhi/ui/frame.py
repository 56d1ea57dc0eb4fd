"""The frame around every page: look, navigation, language, theme watcher, error state."""

from base64 import b64encode
from copy import copy
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import FragmentHandledException

from shuzhi import i18n
from shuzhi.access import Person, audit, rights, words
from shuzhi.charts.theme import FONT
from shuzhi.charts.tokens import tokens as of_mode
from shuzhi.errors import ScopeError
from shuzhi.i18n import _
from shuzhi.ui import failure, state, theme, widgets
from shuzhi.ui.markup import tag
from shuzhi.ui.menu import PAGES, existing, file_of, paths

HERE = Path(__file__).parent

_LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="32" viewBox="0 0 {width} 32">
<g fill="{bars}"><rect x="0" y="19" width="6" height="9"/><rect x="8" y="13" width="6" height="15"/>
<rect x="16" y="6" width="6" height="22"/></g><text x="32" y="25" fill="{ink}" font-size="23" font-weight="700"
font-family="{font}">{name}</text></svg>"""


def configure() -> None:
    """Page configuration, language, look; first thing of every run."""
    i18n.ask_with(_language)
    i18n.use(_language())
    st.set_page_config(
        page_title=_("数智环境"),
        page_icon=_icon(),
        layout="wide",
        menu_items={"About": _("数智环境：城市生态环境的现状、科研、决策、执行与评估。")},
    )
    st.html(_look(state.kept("wall") == "1"))
    theme.watch()
    st.logo(_logo(theme.is_dark(), i18n.language()), size="large")


def run() -> None:
    """Navigation and the chosen page; an error inside it becomes the designed error state."""
    who = state.person()
    state.begin(who)
    page = st.navigation(_pages(_allowed(who)), position="top")
    state.keep_parameters(page.url_path)
    _account(who)
    _language_switch()
    file = file_of(page.url_path)
    if who.must_change or not rights.may(who.scope, "pages", file, who.signed_in):
        _refuse(who, file, page.title)
        return
    state.act(who)
    try:
        page.run()
    except FragmentHandledException:
        raise
    except ScopeError as error:
        audit.refused(state.home(), who.scope.actor, error.action or "see", error.dataset, file)
        failure.show(error, _("“{page}”页").format(page=page.title))
    except Exception as error:
        failure.show(error, _("“{page}”页").format(page=page.title))


def _language() -> str:
    return state.kept("lang", "zh")


def _allowed(who: Person) -> frozenset[str]:
    """Files of the pages that the person may open."""
    if who.must_change:
        return frozenset()
    return frozenset(file for file in paths().values() if rights.may(who.scope, "pages", file, who.signed_in))


def _pages(allowed: frozenset[str]) -> list | dict:
    """The menu in the language spoken now; a single group needs no head.

    Copies: a session writes into its pages which of them may run.
    """
    groups = {group: [copy(page) for page in pages] for group, pages in _menu(i18n.language(), allowed).items()}
    return next(iter(groups.values())) if len(groups) == 1 else groups


@lru_cache(maxsize=64)
def _menu(lang: str, allowed: frozenset[str]) -> dict[str, list]:
    """Heads and pages of the menu, made once for each language: Streamlit looks for the file of each page it makes.

    What may not be opened is there, hidden: its address leads to the refusal and not to another page.
    """
    return {
        _(group): [
            st.Page(
                PAGES / f"{file}.py",
                title=_(title),
                url_path=path,
                default=path is None,
                visibility="visible" if file in allowed else "hidden",
            )
            for file, title, path in pages
        ]
        for group, pages in existing()
    }


def _account(who: Person) -> None:
    """Who is signed in, at the head of the page, with the way to the own account; for strangers the way in."""
    with st.container(key="sz-account"):
        if who.signed_in:
            name = tag("span", who.name, class_="sz-account-name")
            widgets.show(tag("a", name, href="/account", target="_self", title=words.role_name(who.role)))
        else:
            widgets.show(tag("a", _("登录"), href=_sign_in(), target="_self"))


def _refuse(who: Person, file: str, title: str) -> None:
    """The page is not for this person: an ended session, a password to change, or a right that is missing."""
    if who.must_change:
        box = widgets.empty(_("先换一个新口令"), _("现在的口令只能用一次。"), key="must-change")
        box.link_button(_("换口令"), "/account", type="primary")
    elif not who.signed_in:
        box = widgets.empty(_("请登录"), _("还没有登录，或者登录已经结束。"), key="signed-out")
        box.link_button(_("登录"), _sign_in(), type="primary")
    else:
        asked = rights.needed("pages", file)
        audit.refused(state.home(), who.scope.actor, "see", asked[0] if isinstance(asked, tuple) else None, file)
        widgets.empty(
            _("这一页不对您开放"),
            _("“{page}”不在您的权限之内。工作需要时，请管理员调整角色。").format(page=title),
            key="refused",
        )
    state.watch_session(who)


def _sign_in() -> str:
    """The way in, and back to here."""
    return f"/sign-in?{urlencode({'next': state.here()})}"


@cache
def _look(wall: bool) -> str:
    """The stylesheets, read once, the common one first; a large screen is the same page with a larger root."""
    files = sorted((HERE / "look").glob("*.css"), key=lambda file: (file.stem != "base", file.stem))
    css = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return f"<style>{css}{'html{font-size:18px !important}' if wall else ''}</style>"


@cache
def _icon() -> str:
    """The icon inside the page: as a file Streamlit would read and digest it at every run."""
    return f"data:image/png;base64,{b64encode((HERE / 'icon.png').read_bytes()).decode()}"


@cache
def _logo(dark: bool, lang: str) -> str:
    colours = of_mode(dark)
    name, width = ("数智环境", 128) if lang == "zh" else ("Shuzhi", 124)
    return _LOGO.format(font=FONT, bars=colours.accent, ink=colours.ink, name=name, width=width)


def _language_switch() -> None:
    """中 / EN in the header (the stylesheet puts it there)."""
    other = "en" if i18n.language() == "zh" else "zh"
    label = "EN" if other == "en" else "中"
    st.button(label, key="sz-lang", type="tertiary", on_click=state.set_url, kwargs={"lang": other})
