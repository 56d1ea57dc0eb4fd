"""The parts that pages are made of. They return HTML; :func:`show` draws it (an element costs, a string does not)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import streamlit as st

from shuzhi.i18n import _, language
from shuzhi.standards.aqi import levels
from shuzhi.standards.factors import factors
from shuzhi.ui.markup import Html, ems, esc, headed, join, rich, tag

UNKNOWN = 0
"""Level of a place without a reading."""


def show(*parts) -> None:
    """Draw HTML as one element."""
    st.html(join(parts))


@cache
def level_row(level: int) -> dict:
    """Name, colour and ink of an AQI level (1…6) from the standards table; 0 has no colour."""
    table = levels().set_index("level")
    if level not in table.index:
        return {"name_zh": "无数据", "name_en": "No data", "roman": "", "color": "transparent", "ink": "inherit"}
    return table.loc[level].to_dict()


def level_name(level: int) -> str:
    """Name of an AQI level in the language spoken now."""
    return level_row(int(level))[f"name_{language()}"]


@cache
def _factor(item: str) -> dict:
    return factors().loc[item].to_dict()


def symbol(item: str) -> Html:
    """Symbol of an item (``pm25``, ``o3_8h`` …) with lowered digits."""
    return rich(_factor(item)["symbol"])


def number(value: float | None, item: str) -> str:
    """A concentration as it is reported: CO with one decimal, the others whole; an en dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:.{int(_factor(item)['decimals'])}f}"


def primary_text(primary: str) -> Html:
    """Primary pollutants ``"PM2.5;O3"`` as HTML."""
    return join((rich(one) for one in primary.split(";")), _("、"))


def mark(kind: str) -> Html:
    """The outlined 模拟数据 / 实测数据 that every page carries."""
    return tag("span", _("模拟数据") if kind == "simulated" else _("实测数据"), class_=f"sz-mark sz-mark-{kind}")


def dateline(parts: Iterable, mark: Html | str = "") -> Html:
    """First line of a page: the first part is bold, the mark stands last."""
    spans = [tag("b" if i == 0 else "span", part) for i, part in enumerate(parts) if part]
    return tag("div", join([*spans, mark]), class_="sz-dateline")


def hero(sentence: str) -> Html:
    """The one sentence of a page, as text: it takes one line where it can, with smaller letters when it is long."""
    return tag("h1", headed(sentence), class_="sz-hero", style=f"--ems:{ems(sentence)}")


def unit(text: str) -> Html:
    """A unit after a number: smaller, lighter."""
    return tag("span", text, class_="sz-unit")


def section(title, qualifier="") -> Html:
    """Head of a section: a rule, the title, and what it is about at the right."""
    return tag("div", join([tag("h2", title), tag("span", qualifier)]), class_="sz-section")


def figure(value, unit: str = "", note="") -> Html:
    """One large number, its unit, and one line of comparison under it."""
    head = join([tag("span", value, class_="sz-value"), tag("span", unit, class_="sz-small")])
    return tag("div", join([tag("div", head), tag("div", note, class_="sz-note")]), class_="sz-figure")


def figures(*each: Html) -> Html:
    """Figures side by side with a rule between them."""
    return tag("div", join(each), class_="sz-figures")


def chip(level: int) -> Html:
    """Name of a level on its colour. A few on a page at most."""
    row = level_row(int(level))
    style = f"background:{row['color']};color:{row['ink']}"
    return tag("span", level_name(level), class_="sz-chip", style=style)


def swatch(level: int, shape: str = "air") -> Html:
    """Mark of a level: ● for air, ◆ (``shape="water"``) for water; hollow where there is no reading."""
    hollow = " sz-hollow" if not level else ""
    style = f"background:{level_row(int(level))['color']}" if level else None
    return tag("i", class_=f"sz-swatch sz-{shape}{hollow}", style=style)


def named_level(level: int) -> Html:
    """Swatch and name of a level, in ink."""
    return tag("span", join([swatch(level), level_name(level)]), class_="sz-level")


def legend(counts: Mapping[int, int], names: Mapping[int, str] | None = None) -> Html:
    """Swatch, name and count of every level; zero counts are shown. Level 0 is "no data" and comes last."""
    ordered = sorted(counts, key=lambda level: (level == UNKNOWN, level))
    names = names or {}
    entries = (
        tag("span", join([swatch(level), names.get(level) or level_name(level), " ", tag("b", counts[level])]))
        for level in ordered
    )
    return tag("div", join(entries), class_="sz-legend")


def bullet(value: float | None, limit: float | None) -> Html:
    """Bar of a value against its limit: the track is 150 % of the limit, a tick stands at the limit."""
    if not limit:
        return Html("")
    share = 0.0 if value is None or value != value else min(value / limit / 1.5, 1.0)
    over = " sz-over" if value is not None and value > limit else ""
    bar = tag("i", class_=f"sz-bar{over}", style=f"width:{share * 100:.1f}%")
    return tag("div", join([bar, tag("i", class_="sz-tick")]), class_="sz-bullet")


def change(percent: float | None, digits: int = 0, unit: str = " %") -> Html:
    """▲ or ▼ and the amount; worse (more) stands in ink, better in the lighter ink. Never a colour."""
    if percent is None or percent != percent:
        return esc("–")
    size = f"{abs(percent):.{digits}f}"
    if float(size) == 0:
        return tag("span", f"{size}{unit}", class_="sz-better")
    return tag("span", f"{'▲' if percent > 0 else '▼'}{size}{unit}", class_="sz-worse" if percent > 0 else "sz-better")


def table(head: Sequence[tuple], rows: Iterable[Sequence], class_: str = "") -> Html:
    """A table without vertical lines.

    Parameters
    ----------
    head : sequence of (label, css class)
        ``num`` aligns right; ``""`` is text.
    rows : iterable of cells
        Cells are text or :class:`Html`.
    """
    heads = join(tag("th", label, class_=css or None, scope="col") for label, css in head)
    opened = [tag("td", class_=css or None).removesuffix("</td>") for _label, css in head]
    body = Html("".join(_row(opened, cells) for cells in rows))
    whole = join([tag("thead", tag("tr", heads)), tag("tbody", body)])
    return tag("table", whole, class_=f"sz-table {class_}".strip())


def _row(opened: list[str], cells: Sequence) -> str:
    """One of the many rows of a table; every column's element is opened alike."""
    return f"<tr>{''.join(f'{start}{esc(cell)}</td>' for start, cell in zip(opened, cells, strict=True))}</tr>"


def facts(pairs: Iterable[tuple]) -> Html:
    """Label and text in two columns."""
    cells = (join([tag("dt", label), tag("dd", text)]) for label, text in pairs)
    return tag("dl", join(cells), class_="sz-facts")


def command(text: str) -> Html:
    """A command to type, as it is."""
    return tag("code", text, class_="sz-command")


def notice(icon: str, title, text="", pairs: Iterable[tuple] = ()) -> None:
    """A state that takes the place of a picture: icon, what, why, facts. Buttons may follow inside the container."""
    st.markdown(f":material/{icon}:")
    pairs = list(pairs)
    show(
        tag("h2", title, class_="sz-notice-title"),
        tag("p", text, class_="sz-notice-text"),
        facts(pairs) if pairs else "",
    )


def empty(title, text="", pairs: Iterable[tuple] = (), key: str = "empty"):
    """Nothing to show: what is missing, why, and what to do. Returns the container: put buttons into it."""
    box = st.container(key=f"sz-notice-{key}")
    with box:
        notice("hourglass_empty", title, text, pairs)
    return box


def error(title, text="", pairs: Iterable[tuple] = (), key: str = "error"):
    """Something failed: what, where, effect, what to do, number. Returns the container: put buttons into it."""
    box = st.container(key=f"sz-notice-{key}")
    with box:
        notice("sync_problem", title, text, pairs)
    return box


def source(*parts) -> Html:
    """The note at the foot of a page: sources, definitions."""
    return tag("p", join(parts), class_="sz-source")


def chart(spec: dict, key: str, height: int | str = "content", alt: str | None = None) -> None:
    """Draw a chart of :mod:`shuzhi.charts` (its Vega-Lite as a dict) in the product's own theme.

    Parameters
    ----------
    height : int or str
        Pixels, ``"content"`` or ``"stretch"`` (inside a box of definite height).
    alt : str
        What a screen reader says.
    """
    st.vega_lite_chart(spec=spec, theme=None, width="stretch", height=height, key=key, alt=alt)
