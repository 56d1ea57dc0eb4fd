"""Links inside HTML that choose something without loading the page anew.

A link carries ``data-pick`` with what it chooses; its address stays what it is, for a new tab and without JavaScript.
"""

from collections.abc import Callable

import streamlit as st

from shuzhi.ui.markup import Html, tag

_LISTEN = """
export default function ({ data, setTriggerValue }) {
  const listen = event => {
    const link = event.target.closest?.("a[data-pick]")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    setTriggerValue("pick", link.dataset.pick)
    if ("stay" in link.dataset) return
    document.querySelector(data.show)?.scrollIntoView({ behavior: "smooth", block: "nearest" })
  }
  document.addEventListener("click", listen)
  document.documentElement.dataset.picks = ""  // says that links are heard
  return () => document.removeEventListener("click", listen)
}
"""
_listener = st.components.v2.component("shuzhi_picking", js=_LISTEN)


def link(text, value: str, href: str, stay: bool = False) -> Html:
    """A link that chooses ``value``; with ``stay`` the page does not scroll to what it opens."""
    return tag("a", text, href=href, target="_self", data_pick=value, data_stay="" if stay else None)


def listen(key: str, receiver: Callable[[str], None], show: str = "") -> None:
    """Hear the links of the page.

    Parameters
    ----------
    key : str
        Of the element.
    receiver : callable
        Called before the rerun with what was chosen.
    show : str
        CSS selector of the element to be brought into view.
    """

    def receive() -> None:
        chosen = st.session_state[key].get("pick")
        if chosen is not None:
            receiver(chosen)

    with st.container(key=f"sz-picking-{key}"):
        _listener(key=key, data={"show": show}, on_pick_change=receive)
