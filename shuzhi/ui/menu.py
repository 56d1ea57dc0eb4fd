"""The menu (导航): the groups of the method and their pages. Without Streamlit: the server's gate reads it."""

from functools import cache

from shuzhi.i18n import N_
from shuzhi.settings import ROOT

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
        N_("科研"),
        (("forecast", N_("趋势预测"), "forecast"),),
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
    (
        N_("系统"),
        (
            ("people", N_("组织与人员"), "people"),
            ("accounts", N_("账号与权限"), "accounts"),
            ("audit", N_("审计"), "audit"),
        ),
    ),
)
"""Groups of the method and their pages: file, title, path. A page whose file does not exist is not in the menu."""


@cache
def existing() -> tuple:
    """Groups and pages whose file exists."""
    groups = ((group, tuple(p for p in pages if (PAGES / f"{p[0]}.py").exists())) for group, pages in MENU)
    return tuple((group, pages) for group, pages in groups if pages)


@cache
def paths() -> dict[str, str]:
    """Address of each page (``/``, ``/map``…) and its file."""
    return {f"/{path or ''}": file for _group, pages in existing() for file, _title, path in pages}


def file_of(url_path: str) -> str:
    """The page's file, by which the matrix of rights knows it."""
    return paths()[f"/{url_path}"]
