"""Light or dark: what the browser shows now, also after the person has used the menu."""

import streamlit as st

from shuzhi.charts.tokens import DARK, Tokens
from shuzhi.charts.tokens import tokens as of_mode

KEY = "sz-theme"

# The component runs again when the theme changes; it reports only a background that Python doesn't know yet,
# so a normal load costs no extra rerun. Popovers stand outside the app's root, which alone has Streamlit's
# color-scheme: the page gets it too, else light-dark() would give them the ink of the other mode.
_WATCHER_JS = """
export default function({data, parentElement, setStateValue}) {
  const style = getComputedStyle(parentElement.host ?? parentElement)
  document.documentElement.style.colorScheme = style.colorScheme
  const bg = style.getPropertyValue('--st-background-color').trim().toUpperCase()
  if (bg && bg !== data.bg) setStateValue('bg', bg)
}
"""
_watcher = st.components.v2.component("shuzhi_theme", js=_WATCHER_JS)


def is_dark() -> bool:
    """True when the page is shown on the dark ground: from the watcher's report, else from Streamlit's context."""
    seen = (st.session_state.get(KEY) or {}).get("bg")
    if seen:
        return seen.upper() == DARK.bg
    return st.context.theme.type == "dark"


def tokens(dark: bool | None = None) -> Tokens:
    """Colour tokens of a mode; of the mode shown now when ``dark`` is None."""
    return of_mode(is_dark() if dark is None else dark)


def watch() -> None:
    """Mount the watcher (no size, no place in the page). Once a run, by the shell."""
    _watcher(key=KEY, data={"bg": tokens().bg}, on_bg_change=lambda: None)
