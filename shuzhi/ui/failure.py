"""What a person sees when a page fails: what, where, effect, what to do, and the number under which the log has it."""

import datetime as dt
import logging
import secrets

from shuzhi.errors import ShuzhiError
from shuzhi.i18n import _
from shuzhi.settings import BEIJING

log = logging.getLogger("shuzhi.ui")


def on_script_error(error: Exception) -> bool:
    """Handler for ``st.App(on_script_error=…)``: also errors in a fragment's own rerun get the designed state."""
    show(error, _("页面的一部分"))
    return True


def show(error: Exception, place: str) -> str:
    """Draw the error state for an uncaught exception and log it.

    Parameters
    ----------
    error : Exception
    place : str
        Which page or part failed, in the language spoken now.

    Returns
    -------
    str
        The number of the incident, as shown and logged.
    """
    from shuzhi.ui import widgets  # the app imports this module before Streamlit's caches exist

    number = f"UI-{dt.datetime.now(BEIJING):%Y%m%d}-{secrets.token_hex(2).upper()}"
    log.error("%s: %s failed", number, place, exc_info=error)
    known = isinstance(error, ShuzhiError)
    box = widgets.error(
        _("{place}没有显示出来").format(place=place),
        str(error) if known else _("程序在计算或绘制时出错，数据没有受到影响。"),
        [
            (_("出错位置"), _where(error)),
            (_("影响"), _("只影响这一页的这次显示，其他页面照常使用。")),
            (_("您可以"), _("重新载入页面；仍不行时把编号告诉系统管理员，日志中有详细记录。")),
            (_("事件编号"), number),
        ],
        key=f"error-{number[-4:].lower()}",
    )
    box.button(_("重新载入"), key=f"go-{number}", type="primary", icon=":material/refresh:")
    return number


def _where(error: Exception) -> str:
    """Kind of the error and the innermost place of ours it passed; no paths of the machine."""
    frame, place = error.__traceback__, ""
    while frame:
        module = frame.tb_frame.f_globals.get("__name__", "")
        if module.startswith("shuzhi."):
            place = f"{module}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(error).__name__}, {place}" if place else type(error).__name__
