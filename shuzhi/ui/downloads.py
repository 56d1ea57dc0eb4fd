"""Files of a page to download: a menu of offers, of which each is made only when its button is pressed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from shuzhi import i18n
from shuzhi.access import rights
from shuzhi.i18n import _
from shuzhi.publish.hand_out import hand_out
from shuzhi.ui import state


@dataclass(frozen=True)
class Offer:
    """A file that can be made: what the button says, the file's name and type, and the function that makes it."""

    text: str
    name: str
    mime: str
    make: Callable[[], bytes]


def later(ctx: state.Context, dataset: str, file: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
    """A file that is made when somebody asks for it, in the language of the page, if the data set may be exported."""

    def run() -> bytes:
        i18n.use(ctx.lang)
        return hand_out(ctx.home, ctx.scope, dataset, file, make)

    return run


def file_name(code: str, what: str, ending: str) -> str:
    """Name of a download: plain letters only, whatever the station's code holds."""
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in code)
    return f"{safe}_{what}.{ending}"


def menu(ctx: state.Context, page: str, offers: Callable[[], Iterable[Offer]]) -> None:
    """The button 下载 of a page with its offers; nothing for whom files of the page are not."""
    if not rights.may(ctx.scope, "exports", page):
        return
    with st.popover(_("下载"), icon=":material/download:", key="sz-download"):
        for offer in offers():
            st.download_button(
                offer.text,
                offer.make,
                file_name=offer.name,
                mime=offer.mime,
                on_click="ignore",
                key=f"sz-get-{offer.name}",
                width="stretch",
            )
