"""One of a few options, which stands in the URL."""

from collections.abc import Callable, Sequence

import streamlit as st

from shuzhi.ui import city_map, state


def segments(
    label: str,
    parameter: str,
    options: Sequence,
    value,
    *,
    key: str,
    names: Callable[..., str] = str,
    default=None,
    clears: Sequence[str] = (),
) -> None:
    """Options side by side; a click writes the parameter, which the URL leaves out where it is the default.

    Parameters
    ----------
    label : str
        For those who can't see.
    value
        The option that is chosen now.
    key : str
        Of the element.
    names : callable
        Option → what it is called.
    clears : sequence of str
        Parameters that belong to the option left, and leave the URL with it.
    """
    st.segmented_control(
        label,
        options,
        required=True,
        format_func=names,
        key=city_map.bound(key, value),
        on_change=lambda: state.set_url(**dict.fromkeys(clears), **{parameter: unless(st.session_state[key], default)}),
        label_visibility="collapsed",
    )


def unless(value, default):
    """None for the default, which the URL leaves out."""
    return None if value == default else value
