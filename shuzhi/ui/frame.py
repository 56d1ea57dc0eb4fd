"""The frame around every page: look, navigation, language, theme watcher, error state."""

from base64 import b64encode
from copy import copy
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.errors import FragmentHandledException

from shuzhi import i18n
from shuzhi.charts.theme import FONT
from shuzhi.charts.tokens import tokens as of_mode
from shuzhi.i18n import N_, _
from shuzhi.settings import ROOT
from shuzhi.ui import failure, state, theme

HERE = Path(__file__).parent
PAGES = ROOT / "pages"

MENU = (
    (
        N_("现状"),
        (
            ("home", N_("态势"), None),
            ("map", N_("环境一张图"), "map"),
            ("station", N_("站点"), "station"),
            ("water", N_("水环境"), "water"),
        ),
    ),
    (
        N_("监管"),
        (
            ("sources", N_("污染源清单"), "sources"),
            ("machines", N_("移动机械"), "machines"),
        ),
    ),
    (
        N_("数据与发布"),
        (("briefing", N_("新闻发布"), "briefing"),),
    ),
)
"""Groups of the method and their pages: file, title, path. A page whose file does not exist is not in the menu."""

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
    page = st.navigation(_pages(), position="top")
    state.keep_parameters(page.url_path)
    _language_switch()
    try:
        page.run()
    except FragmentHandledException:
        raise
    except Exception as error:
        failure.show(error, _("“{page}”页").format(page=page.title))


def _language() -> str:
    return state.kept("lang", "zh")


@cache
def _existing() -> tuple:
    groups = ((group, tuple(p for p in pages if (PAGES / f"{p[0]}.py").exists())) for group, pages in MENU)
    return tuple((group, pages) for group, pages in groups if pages)


def _pages() -> list | dict:
    """The menu in the language spoken now; a single group needs no head.

    Copies: a session writes into its pages which of them may run.
    """
    groups = {group: [copy(page) for page in pages] for group, pages in _menu(i18n.language()).items()}
    return next(iter(groups.values())) if len(groups) == 1 else groups


@cache
def _menu(lang: str) -> dict[str, list]:
    """Heads and pages of the menu, made once for each language: Streamlit looks for the file of each page it makes."""
    return {
        _(group): [
            st.Page(PAGES / f"{file}.py", title=_(title), url_path=path, default=path is None)
            for file, title, path in pages
        ]
        for group, pages in _existing()
    }


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
