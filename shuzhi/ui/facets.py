"""Filters of a register (筛选), each with how many rows its values would give; the URL holds what is chosen."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import parse_qsl, quote_plus, urlencode

import pandas as pd
import streamlit as st

from shuzhi.access import rights
from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.publish.registers import FORMATS, export, export_cells
from shuzhi.registry import deliveries as of_register
from shuzhi.settings import BEIJING
from shuzhi.status.water_words import city_name
from shuzhi.store.selection import LONGEST, REGISTERS, Range, Selection, read, write
from shuzhi.ui import guide, picking, state, widgets
from shuzhi.ui.city_map import bound, one_of
from shuzhi.ui.markup import Html, join, literal, tag

_ENDINGS = {"csv": "CSV", "xlsx": "Excel", "gpkg": "GeoPackage", "parquet": "GeoParquet"}
_NAMED = 3
"""Places that a headline names; more are counted."""

_PICKED = ("source", "machine", "sort", "desc", "page", "by", "area")
"""Parameters of the URL that a link of the page may write."""


def begin(register: str, total: Callable[[tuple, state.Context], int]) -> tuple[state.Context, Selection] | None:
    """What a run of a register's page knows, and what its URL chooses; None where there is no row, which is said.

    Parameters
    ----------
    total : callable
        Number of today's rows, from the context's key and the context.
    """
    ctx = state.context()
    state.follow(ctx)
    if not total(ctx.key, ctx):
        guide.no_register(ctx, register)
        return None
    return ctx, selection(register)


@contextmanager
def finder(register: str) -> Iterator[None]:
    """The column of the filters; on a phone it is folded away until its head is touched."""
    with st.container(key=f"{register}-finder", gap=None):
        widgets.show(tag("details", tag("summary", _("筛选")), class_="sz-fold"))
        with st.container(key=f"{register}-filters", gap="small"):
            yield


@state.shared(max_entries=8)
def delivered(key: tuple, register: str, _ctx: state.Context) -> list:
    """What was delivered of a register, newest first; undone deliveries too."""
    return of_register.receipts(_ctx.home, _ctx.scope, register)


def selection(register: str) -> Selection:
    """What the URL chooses; an address that can't be understood is said and taken as far as it goes: not at all."""
    try:
        return read(register, {key: st.query_params[key] for key in st.query_params})
    except InputError as error:
        st.warning(literal(str(error)), icon=":material/filter_alt_off:")
        return Selection()


def put(register: str, chosen: Selection, **others) -> None:
    """Write a selection into the URL, in place of the one that is there; a list begins at its first page again."""
    known = REGISTERS[register]
    keys = [*known.choices, *known.trees, "q", "day", "area", "page"]
    keys += [f"{name}_{end}" for name in known.ranges for end in ("min", "max")]
    state.set_url(**(dict.fromkeys(keys) | write(chosen) | others))


def told(widget: str, value) -> str:
    """Make a list show a value whose label changes with the counts; returns its key.

    A list of Streamlit sends labels back: unless it is told the new one, it sends the old one, which is no option now.
    """
    st.session_state[widget] = value
    return widget


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
    counts: Mapping[str, int | None],
    shown: Callable[[str], str] | Mapping[str, str] = str,
    placeholder: str | None = None,
) -> None:
    """Values of one name in a list that can be searched, most frequent first."""
    options = _with_chosen(counts, chosen.chosen(name))
    key = told(f"f-{register}-{name}", list(chosen.chosen(name)))
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
    counts: Mapping[str, int | None],
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
    labels = _("不少于（{unit}）"), _("不多于（{unit}）")
    keys = [bound(f"f-{register}-{name}-{i}", end) for i, end in enumerate(chosen.range(name))]

    def write_ends() -> None:
        limits = Range(*(st.session_state[key] for key in keys))
        put(register, with_range(chosen, name, limits))

    with st.container(horizontal=True, wrap=False, gap="xsmall"):
        for label, key in zip(labels, keys, strict=True):
            st.number_input(label.format(unit=unit), 0.0, value=None, key=key, on_change=write_ends, format="%g")


def day(ctx: state.Context, register: str, chosen: Selection) -> None:
    """The day whose rows are shown; empty means today."""
    first = min((row.day for row in delivered(ctx.key, register, ctx) if not row.undone), default=None)
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


def order(known: tuple[str, ...], usual: str, falling: tuple[str, ...]) -> tuple[str, bool, int]:
    """Order, whether it falls, and the page of the list (from 1), as the URL has them.

    Parameters
    ----------
    falling : tuple of str
        Orders that fall unless the URL says otherwise.
    """
    name = one_of("sort", known, usual)
    descending = state.url("desc", "1" if name in falling else "0") == "1"
    page = state.url("page", "1")
    return name, descending, max(1, int(page)) if page.isdecimal() and len(page) < 8 else 1


def sorter(register: str, chosen: Selection, label, name: str, order: str, descending: bool) -> Html:
    """Head of a column by which the list is put in order; once more turns it round."""
    if name != order:
        return pick(register, label, chosen, stay=True, sort=name, desc=None, page=None)
    turned = join([label, " ▼" if descending else " ▲"])
    return pick(register, turned, chosen, stay=True, sort=name, desc="0" if descending else "1", page=None)


def pick(register: str, label, chosen: Selection | None = None, stay: bool = False, **url) -> Html:
    """A link that writes into the URL without loading the page anew (see :func:`picked`).

    Parameters
    ----------
    chosen : Selection, optional
        What its address keeps for a new tab; None: nothing.
    stay : bool
        The page does not scroll to what it opens.
    """
    query = urlencode({key: "" if value is None else value for key, value in url.items()})
    address = (write(chosen) if chosen else {}) | {key: value for key, value in url.items() if value is not None}
    return picking.link(label, query, state.link(register, **address), stay=stay)


def opener(register: str, parameter: str) -> Callable[[str, str], Html]:
    """A function that makes the links of many rows, from text and id: what the URL keeps is asked for once."""
    address = state.link(register, **{parameter: ""})
    return lambda text, id: picking.link(text, urlencode({parameter: id}), address + quote_plus(id))


def picked(register: str) -> None:
    """Hear the links of the page; nothing but what they may write is written."""

    def receive(query: str) -> None:
        asked = {key: value or None for key, value in parse_qsl(query, keep_blank_values=True) if key in _PICKED}
        state.set_url(**asked)

    picking.listen(f"{register}-pick", receive, show=f".st-key-{register}-side")


def pages(number: int, last: int) -> None:
    """One page of the list on or back."""
    if last < 2:
        return
    turn(number - 1, number <= 1, "chevron_left", _("上一页"))
    st.html(tag("span", f"{number:,} / {last:,}", class_="sz-note"), width="content")
    turn(number + 1, number >= last, "chevron_right", _("下一页"))


def turn(to: int, disabled: bool, icon: str, help: str) -> None:
    """A button to another page of the list."""
    st.button(
        "",
        icon=f":material/{icon}:",
        key=f"f-{icon}",
        disabled=disabled,
        help=help,
        on_click=lambda: state.set_url(page=to),
    )


def exports(ctx: state.Context, register: str, chosen: Selection, name: str) -> None:
    """Exactly what is chosen, as a file; nothing for whom the register is not to be exported."""
    if not rights.may(ctx.scope, "exports", register):
        return
    with st.popover(_("导出"), icon=":material/download:"):
        st.caption(_("导出的正是当前选中的记录。"))
        for ending, mime in FORMATS.items():
            st.download_button(
                _ENDINGS[ending],
                lambda ending=ending: export(ctx.home, ctx.scope, register, chosen, ending),
                file_name=f"{name}.{ending}",
                mime=mime,
                key=f"f-export-{ending}",
                type="tertiary",
                on_click="ignore",
            )
        st.download_button(
            _("每 1 km 格的合计（CSV）"),
            lambda: export_cells(ctx.home, ctx.scope, register, chosen),
            file_name=f"{name}_1km.csv",
            mime=FORMATS["csv"],
            key="f-export-cells",
            type="tertiary",
            on_click="ignore",
        )


def deliveries(ctx: state.Context, register: str) -> None:
    """What was delivered, and the newest taken back if need be; it can be imported again."""
    with st.popover(_("批次"), icon=":material/history:"):
        listed = delivered(ctx.key, register, ctx)
        numbers = [] if ctx.scope.bound else [(_("新增"), "num"), (_("变更"), "num"), (_("终止"), "num")]
        columns = [(_("生效日"), ""), (_("文件"), ""), *numbers, ("", "")]
        widgets.show(widgets.table(columns, (_delivery(row) for row in listed)))
        newest = next((row for row in listed if not row.undone), None)
        if newest is not None and ctx.scope.may(register, "undo"):
            widgets.show(tag("p", _("撤销最新一批后，清单回到它之前的样子；文件可以重新导入。"), class_="sz-note"))
            sure = st.checkbox(_("我要撤销 {day} 的批次").format(day=newest.day), key=f"f-{register}-sure")
            st.button(
                _("撤销"),
                icon=":material/undo:",
                key=f"f-{register}-undo",
                disabled=not sure,
                on_click=lambda: of_register.undo(ctx.home, ctx.scope, newest.id),
            )


def _delivery(row) -> list:
    done = row.done
    numbers = [f"{n:,}" for n in (done.opened, done.changed, done.closed)] if done else []
    return [str(row.day), row.file, *numbers, _("已撤销") if row.undone else ""]


def area_hint(chosen: Selection) -> str:
    """What a person can do on the map, or has done."""
    return _("已按所画范围筛选") if chosen.polygon else _("用图上工具画范围来筛选")


def no_area(register: str, chosen: Selection) -> None:
    """Take the drawn area away."""
    if chosen.polygon:
        st.button(
            _("去掉范围"),
            icon=":material/layers_clear:",
            key=f"f-{register}-no-area",
            type="tertiary",
            on_click=lambda: put(register, replace(chosen, polygon=())),
        )


def close(key: str, **url) -> None:
    """The cross of a card."""
    st.button(
        "",
        icon=":material/close:",
        help=_("关闭"),
        key=key,
        type="tertiary",
        on_click=lambda: state.set_url(**url),
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


def _with_chosen(counts: Mapping[str, int | None], chosen: tuple[str, ...]) -> list[str]:
    return [*counts, *(value for value in chosen if value not in counts)]


def _shown(shown: Callable[[str], str] | Mapping[str, str], value: str) -> str:
    return shown(value) if callable(shown) else shown.get(value, value)


def _counted(label: str, count: int | None) -> str:
    return label if count is None else f"{label}\u2002{count:,}"


def territory(ctx: state.Context, units: dict[str, str]) -> str:
    """Name of what the person is shown: the city, or the own units, streets or enterprise.

    Parameters
    ----------
    units : dict
        Names of the managing units in the language spoken now.
    """
    if ctx.scope.enterprises is not None:
        return _("本企业")
    own = ctx.scope.streets if ctx.scope.streets is not None else ctx.scope.districts
    if own is None:
        return city_name(ctx.home.city)
    names = sorted(units.get(place, place) for place in own)
    return _("、").join(names) if len(names) <= _NAMED else _("{first}等 {n} 处").format(first=names[0], n=len(names))
