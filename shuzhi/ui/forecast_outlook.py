"""A part of the page 趋势预测: what months and the year will come to, against targets; of the air and of water."""

import numpy as np
import pandas as pd

from shuzhi.decision.outlook import against_targets
from shuzhi.i18n import N_, _, when
from shuzhi.research.forecast import issues, words
from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.section_outlook import BELOW, SHARE
from shuzhi.ui import state, widgets
from shuzhi.ui.forecast_blocks import rich
from shuzhi.ui.markup import Html, join, tag

BLOCKS = {
    "good_days": (N_("优良天数"), N_("天")),
    "pm25": (N_("PM2.5 平均浓度"), None),
    SHARE: (N_("地表水优良（Ⅰ–Ⅲ类）断面比例"), "%"),
    BELOW: (N_("未达到目标类别的断面"), N_("个断面")),
}
"""Item → its heading and unit (None: that of the factor), in the order of the page."""
NEAR = pd.Timedelta(hours=36)
"""An issue is of the moment that a page shows if its readings are no further from that."""

_EDGE = 0.04
"""Part of a bar that is left free at either end."""


@state.shared(max_entries=4)
def outlooks(key: tuple, issue: Issue, _ctx: state.Context) -> pd.DataFrame:
    """Months and the year, beside their targets."""
    return against_targets(_ctx.home, _ctx.scope, issues.outlook(_ctx.home, _ctx.scope, issue))


@state.shared(max_entries=16)
def blocks(key: tuple, issue: Issue, lang: str, _ctx: state.Context) -> Html:
    """Each item of the months and the year as a distribution; the year against its target."""
    table = outlooks(key, issue, _ctx)
    parts = [_block(table[table["item"] == item], item) for item in BLOCKS if (table["item"] == item).any()]
    foot = [_("由已知的日子、这一期的七天和往年同季日子的重抽样得出；条为 50% 与 90% 区间，竖线为中位数，◇为目标。")]
    if table["item"].isin([SHARE, BELOW]).any():
        foot.append(_("断面的月、年类别由该时段各项均值按最差一项定，不由逐日类别累计（环办〔2011〕22号）。"))
    return join([tag("div", join(parts), class_="sz-outlooks"), *(tag("p", text, class_="sz-source") for text in foot)])


@state.shared(max_entries=16)
def year_of_water(key: tuple, at: pd.Timestamp, lang: str, _ctx: state.Context) -> Html:
    """What the year's share of classes Ⅰ–Ⅲ will come to, in one line that leads to its distribution.

    Nothing where the newest issue does not tell it, is of another time, or may not be seen.
    """
    issue = issues.newest(_ctx.home, _ctx.scope) if _ctx.scope.may(issues.DATASET) else None
    if issue is None or abs(at - issue.as_of) > NEAR:
        return join([])
    table = outlooks(key, issue, _ctx)
    rows = table[(table["item"] == SHARE).to_numpy() & _whole(table)]
    links = [tag("a", _brief(row), href="forecast?part=outlook", target="_self") for row in rows.to_dict("records")]
    return join(tag("p", link, class_="sz-note") for link in links)


def _brief(row: dict) -> str:
    numbers = {name: words.outlook_number(row[name], SHARE) for name in ("median", "lower90", "upper90")}
    said = _("全年预计 {median}%（90%：{lower90}–{upper90}）").format(**numbers)
    if row["target"] != row["target"]:
        return said
    chance = words.chance_text(row["chance"])
    return said + _("，达到目标 {target}% 的可能性 {chance}").format(target=f"{row['target']:g}", chance=chance)


def _block(rows: pd.DataFrame, item: str) -> Html:
    title, unit = BLOCKS[item]
    head = widgets.section(rich(_(title)), words.unit(item) if unit is None else _(unit))
    return tag("div", join([head, _year_sentence(rows), _table(rows, item)]))


def _year_sentence(rows: pd.DataFrame) -> Html:
    """What the year will come to, against its target."""
    return join(tag("p", rich(words.outlook(row)), class_="sz-lead") for row in rows[_whole(rows)].to_dict("records"))


def _table(rows: pd.DataFrame, item: str) -> Html:
    """A row a span: so far, median and bands as numbers and as a bar; the target and its chance where one is laid
    down."""
    aimed = bool(rows["target"].notna().any())
    head = [
        (_("时段"), "strong"),
        (_("至今"), "num"),
        (_("中位数"), "big"),
        (_("90% 区间"), "num"),
        ("", "sz-rangecell"),
    ]
    head += [(_("目标"), "num"), (_("达到的可能性"), "num")] if aimed else []
    body = []
    for span in (rows[~_whole(rows)], rows[_whole(rows)]):
        if span.empty:
            continue
        ends = span[["lower90", "upper90", "target"]].to_numpy(float)
        low, high = np.nanmin(ends), np.nanmax(ends)
        edge = _EDGE * (high - low) or 0.5  # marks at the ends stay whole, and one value alone stands in the middle
        low, high = low - edge, high + edge
        body += [_cells(row, item, low, high, aimed) for row in span.to_dict("records")]
    return tag("div", widgets.table(head, body, "sz-outlook"), class_="sz-scroll")


def _whole(rows: pd.DataFrame) -> np.ndarray:
    """Whether the span is a year."""
    return np.array([(last - first).days > 300 for first, last in zip(rows["first"], rows["last"], strict=True)], bool)


def _cells(row: dict, item: str, low: float, high: float, aimed: bool) -> list:
    first, last = pd.Timestamp(row["first"]).date(), pd.Timestamp(row["last"]).date()
    target, known = row["target"], row["target"] == row["target"]
    cells = [
        _("{year} 年").format(year=first.year) if (last - first).days > 300 else when(first, _("y年M月")),
        words.outlook_number(row["so_far"], item) if row["so_far"] == row["so_far"] and row["days"] else "–",
        words.outlook_number(row["median"], item),
        "–".join(words.outlook_number(row[name], item) for name in ("lower90", "upper90")),
        _range(row, low, high),
    ]
    if aimed:
        cells += [f"{target:g}" if known else "–", words.chance_text(row["chance"]) if known else "–"]
    return cells


def _range(row: dict, low: float, high: float) -> Html:
    """Bands and median of a distribution as a bar between the lowest and the highest of the spans beside it."""

    def at(value: float) -> float:
        return 100 * min(max((value - low) / (high - low), 0), 1)

    def band(a: str, b: str, class_: str) -> Html:
        return tag("i", class_=class_, style=f"left:{at(row[a]):.1f}%;width:{max(at(row[b]) - at(row[a]), 0.8):.1f}%")

    parts = [band("lower90", "upper90", "sz-out90"), band("lower50", "upper50", "sz-out50")]
    parts.append(tag("i", class_="sz-outmiddle", style=f"left:{at(row['median']):.1f}%"))
    if row["target"] == row["target"]:
        parts.append(tag("b", "◇", style=f"left:{at(row['target']):.1f}%"))
    return tag("div", join(parts), class_="sz-outbar")
