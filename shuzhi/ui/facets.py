"""Filters of a register (筛选), each with how many rows its values would give; the URL holds what is chosen."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.settings import BEIJING
from shuzhi.store.selection import LONGEST, REGISTERS, Range, Selection, read, write
from shuzhi.ui import state, widgets
from shuzhi.ui.city_map import bound


def selection(register: str) -> Selection:
    """What the URL chooses; an address that can't be understood is said and taken as far as it goes: not at all."""
    try:
        return read(register, {key: st.query_params[key] for key in st.query_params})
    except InputError as error:
        st.warning(str(error), icon=":material/filter_alt_off:")
        return Selection()


def put(register: str, chosen: Selection, **others) -> None:
    """Write a selection into the URL, in place of the one that is there; a list begins at its first page again."""
    known = REGISTERS[register]
    keys = [*known.choices, *known.trees, "q", "day", "area", "page"]
    keys += [f"{name}_{end}" for name in known.ranges for end in ("min", "max")]
    state.set_url(**(dict.fromkeys(keys) | write(chosen) | others))


def text(register: str, chosen: Selection, label: str, placeholder: str) -> None:
    """Part of a name, code or address, or pinyin initials."""
    key = bound(f"f-{register}-q", chosen.text)
    st.text_input(
        label,
        placeholder=placeholder,
        max_chars=LONGEST,
        key=key,
        icon=":material/search:",
        on_change=lambda: put(register, replace(chosen, text=st.session_state[key].strip())),
    )


def choice(
    register: str,
    chosen: Selection,
    name: str,
    label: str,
    counts: pd.Series,
    shown: Callable[[str], str] | Mapping[str, str] = str,
    placeholder: str | None = None,
) -> None:
    """Values of one name in a list that can be searched, most frequent first."""
    options = _with_chosen(counts, chosen.chosen(name))
    key = bound(f"f-{register}-{name}", list(chosen.chosen(name)))
    st.multiselect(
        label,
        options,
        format_func=lambda value: _counted(_shown(shown, value), counts.get(value, 0)),
        placeholder=placeholder or _("全部"),
        key=key,
        on_change=lambda: put(register, chosen_of(chosen, register, name, st.session_state[key])),
    )


def pills(
    register: str,
    chosen: Selection,
    name: str,
    label: str,
    counts: pd.Series,
    options: list[str],
    shown: Callable[[str], str] | Mapping[str, str] = str,
) -> None:
    """A few values of one name side by side; zero counts are shown."""
    key = bound(f"f-{register}-{name}", list(chosen.chosen(name)))
    st.pills(
        label,
        options,
        selection_mode="multi",
        format_func=lambda value: _counted(_shown(shown, value), counts.get(value, 0)),
        key=key,
        on_change=lambda: put(register, chosen_of(chosen, register, name, st.session_state[key])),
    )


def ends(register: str, chosen: Selection, name: str, unit: str) -> None:
    """From and to of a number."""
    columns = st.columns(2, gap="xsmall")
    labels = _("不少于（{unit}）"), _("不多于（{unit}）")
    keys = [bound(f"f-{register}-{name}-{i}", end) for i, end in enumerate(chosen.range(name))]

    def write_ends() -> None:
        limits = Range(*(st.session_state[key] for key in keys))
        put(register, with_range(chosen, name, limits))

    for column, label, key in zip(columns, labels, keys, strict=True):
        column.number_input(label.format(unit=unit), 0.0, value=None, key=key, on_change=write_ends, format="%g")


def day(register: str, chosen: Selection, first: dt.date | None) -> None:
    """The day whose rows are shown; empty means today."""
    key = bound(f"f-{register}-day", chosen.day)
    st.date_input(
        _("显示哪一天的清单"),
        value=None,
        min_value=first,
        max_value=pd.Timestamp.now(BEIJING).date(),
        format="YYYY-MM-DD",
        key=key,
        help=_("空着为今天。过去的任何一天都可以看。"),
        on_change=lambda: put(register, replace(chosen, day=st.session_state[key])),
    )


def clear(register: str, chosen: Selection) -> None:
    """One button that shows everything again."""
    st.button(
        _("清除全部筛选"),
        icon=":material/filter_alt_off:",
        key=f"f-{register}-clear",
        type="tertiary",
        disabled=chosen.is_empty,
        on_click=lambda: put(register, Selection()),
    )


def chosen_of(chosen: Selection, register: str, name: str, values) -> Selection:
    """The selection with other values of one name."""
    rest = chosen.without(name)
    if not values:
        return rest
    into = "trees" if name in REGISTERS[register].trees else "choices"
    return replace(rest, **{into: tuple(sorted((*getattr(rest, into), (name, tuple(values)))))})


def with_range(chosen: Selection, name: str, limits: Range) -> Selection:
    """The selection with another range of one name."""
    rest = chosen.without(name)
    if limits == Range(None, None):
        return rest
    return replace(rest, ranges=tuple(sorted((*rest.ranges, (name, limits)))))


def _with_chosen(counts: pd.Series, chosen: tuple[str, ...]) -> list[str]:
    return [*counts.index, *(value for value in chosen if value not in counts.index)]


def _shown(shown: Callable[[str], str] | Mapping[str, str], value: str) -> str:
    return shown(value) if callable(shown) else shown.get(value, value)


def _counted(label: str, count: int) -> str:
    return f"{label}\u2002{count:,}"


def empty(register: str, title: str, text: str, commands: list[tuple[str, str]]) -> None:
    """The designed state of a register without rows."""
    pairs = [(label, widgets.command(command)) for label, command in commands]
    widgets.empty(title, text, pairs, key=f"no-{register}")
