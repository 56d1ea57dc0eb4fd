"""Filters of the page 环境一张图: layers, item and networks of the air, district, what is chosen of the registers."""

from dataclasses import replace

import streamlit as st

from shuzhi.i18n import _
from shuzhi.maps.register_layers import BY
from shuzhi.registry import machines
from shuzhi.registry.names import head, name, names_of
from shuzhi.store.schema import EMISSIONS
from shuzhi.store.selection import LONGEST, Selection
from shuzhi.ui import city_map, facets, state, station
from shuzhi.ui import machines as machine_view
from shuzhi.ui import map_layers as view
from shuzhi.ui import sources as source_view
from shuzhi.ui.city_map import bound


def choose_layers(shown: tuple[str, ...], counts: dict[str, int]) -> None:
    """Things, with how many the filters leave, and the ground under them."""
    groups = (("map-show", _("图层"), view.THINGS), ("map-layers", _("底图"), view.GROUND))

    def write() -> None:
        view.switch(tuple(layer for key, *_rest in groups for layer in st.session_state[key]))

    for key, label, names in groups:
        present = tuple(layer for layer in names if counts.get(layer) is not None)
        st.pills(
            label,
            present,
            selection_mode="multi",
            format_func=lambda layer, names=names: _layer_label(_(names[layer]), counts[layer], names is view.THINGS),
            label_visibility="visible" if key == "map-show" else "collapsed",
            key=bound(key, [layer for layer in present if layer in shown]),
            on_change=write,
        )


def _layer_label(label: str, count: int, counted: bool) -> str:
    return f"{label} {count:,}" if counted else label


def choose_factor(factor: str) -> None:
    st.segmented_control(
        _("指标"),
        city_map.FACTORS,
        required=True,
        format_func=lambda code: "AQI" if code == "aqi" else station.words.symbol_rich(code),
        key=bound("map-factor", factor),
        on_change=lambda: state.set_url(factor=st.session_state["map-factor"]),
    )


def choose_networks(present: tuple, networks: tuple) -> None:
    def write() -> None:
        chosen = st.session_state["map-network"]
        state.set_url(network=",".join(chosen) if 0 < len(chosen) < len(present) else None)

    st.pills(
        _("站网"),
        present,
        selection_mode="multi",
        format_func=station.words.network_name,
        label_visibility="collapsed",
        key=bound("map-network", list(networks)),
        on_change=write,
    )


def choose_district(ctx: state.Context, district: str | None) -> None:
    known = city_map.districts(ctx.key, ctx)
    st.selectbox(
        _("区县"),
        list(known),
        index=None,
        placeholder=_("全部 {n} 个区县").format(n=len(known)),
        format_func=lambda name: known[name] if ctx.lang == "en" else name,
        label_visibility="collapsed",
        key=bound("map-district", district),
        on_change=lambda: state.set_url(district=st.session_state["map-district"]),
    )


def choose_sources(ctx: state.Context, chosen: Selection) -> None:
    """What is chosen of the sources, and what their circles tell; the list of the same is a click away."""
    with _popover("sources", _("筛选污染源"), chosen) as popover:
        if not popover.open:
            return
        register = "sources"
        counts = source_view.counts(ctx.key, chosen, ctx)
        facets.text(register, chosen, _("查找"), _("名称、代码、地址或拼音首字母"))
        facets.choice(register, chosen, "unit", head("unit"), counts["unit"], source_view.units(ctx.key, ctx.lang, ctx))
        tree = source_view.branches(counts["industry"], chosen.chosen("industry"))
        facets.choice(register, chosen, "industry", _("行业（国民经济行业分类）"), tree, source_view.branch_label)
        for field, codes in (("permit_class", "permit_classes"), ("status", "statuses")):
            labels = {code: name(codes, code) for code in names_of(codes).index}
            facets.pills(register, chosen, field, head(field), counts[field], list(labels), labels)
        amount = view.pollutant()
        st.selectbox(
            _("圆的大小"),
            EMISSIONS,
            index=None,
            placeholder=_("按数量"),
            format_func=source_view.pollutant_label,
            key=bound("map-amount", amount),
            on_change=lambda: state.set_url(amount=st.session_state["map-amount"]),
        )
        if amount:
            facets.ends(register, chosen, amount, _("吨/年"))
        facets.clear(register, chosen)


def choose_machines(ctx: state.Context, chosen: Selection) -> None:
    """What is chosen of the machines, and what their colours tell."""
    with _popover("machines", _("筛选移动机械"), chosen) as popover:
        if not popover.open:
            return
        counts = machine_view.counts(ctx.key, chosen, ctx)
        by = {"stage": _("排放阶段"), "seen": _("定位时间")}
        st.segmented_control(
            _("颜色"),
            BY["machines"],
            required=True,
            format_func=by.get,
            key=bound("map-m-by", view.coloured()),
            on_change=lambda: state.set_url(**{"m.by": st.session_state["map-m-by"]}),
        )
        _text(chosen)
        types = {code: name("machine_types", code) for code in names_of("machine_types").index}
        stages = {code: name("stages", code) for code in names_of("stages").index}
        seen = {code: _(label) for code, label in machine_view.SEEN.items() if code != "never"}
        _several(chosen, "type", head("type"), types, counts["type"], st.multiselect)
        _several(chosen, "stage", head("stage"), stages, counts["stage"], st.pills)
        _several(chosen, "seen", head("seen_at"), seen, counts["seen"], st.pills)
        _several(chosen, "forbidden", head("forbidden"), {"yes": _("在禁用区内")}, counts["forbidden"], st.pills)
        st.button(
            _("清除全部筛选"),
            icon=":material/filter_alt_off:",
            key="map-m-clear",
            type="tertiary",
            disabled=chosen.is_empty,
            on_click=lambda: view.put(machines.REGISTER, Selection()),
        )


def _popover(register: str, label: str, chosen: Selection):
    """A button with the number of filters that are set; what is inside is made when it is open."""
    number = len(chosen.choices) + len(chosen.trees) + len(chosen.ranges) + bool(chosen.text) + bool(chosen.polygon)
    label = f"{label}（{number}）" if number else label
    return st.popover(label, key=f"map-{register}-filters", icon=":material/tune:", width="stretch", on_change="rerun")


def _text(chosen: Selection) -> None:
    st.text_input(
        _("查找"),
        placeholder=_("标牌号、环保代码、厂家、型号或所有人"),
        max_chars=LONGEST,
        key=bound("map-m-q", chosen.text),
        icon=":material/search:",
        on_change=lambda: view.put("machines", replace(chosen, text=st.session_state["map-m-q"].strip())),
    )


def _several(chosen: Selection, field: str, label: str, names: dict[str, str], counts, widget) -> None:
    """Values of one name with their counts; the URL holds them with the machines' prefix."""
    key = facets.told(f"map-m-{field}", list(chosen.chosen(field)))
    more = {"selection_mode": "multi"} if widget is st.pills else {"placeholder": _("全部")}
    widget(
        label,
        list(names),
        format_func=lambda value: f"{names[value]}\u2002{int(counts.get(value, 0)):,}",
        key=key,
        on_change=lambda: view.put("machines", facets.chosen_of(chosen, "machines", field, st.session_state[key])),
        **more,
    )
