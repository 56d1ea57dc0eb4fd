"""The part of the forecast meeting's material that is about surface water: what may miss its class, what changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.i18n import _, language, ngettext
from shuzhi.publish.layout import Grid
from shuzhi.registry import places
from shuzhi.research.forecast import issues, section_watch, words
from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.research.forecast.section_outlook import ITEMS
from shuzhi.research.forecast.section_watch import EXPECTED, SEEN
from shuzhi.research.forecast.sections import CLASS
from shuzhi.standards.days import beijing_day
from shuzhi.standards.water import ROMAN
from shuzhi.status import water_overview
from shuzhi.status.water_words import class_name
from shuzhi.store import Home, Scope

LEAST = 0.1
"""Probability of missing the class from which a section stands in the table."""
ROWS = 10
"""So many sections a table has at most."""
_NAMED = 3  # sections that the sentence names
_GOOD = 3
_NONE = "–"


@dataclass(frozen=True)
class Water:
    """What an issue tells of the sections.

    Attributes
    ----------
    rows : DataFrame
        Told classes with their probabilities, as from `issues.read`.
    register : DataFrame
        Sections that the pages speak of.
    missing, changes : DataFrame
        As from `section_watch.missing` and `section_watch.changes`.
    outlooks : DataFrame
        Those of surface water.
    rivers : mapping
        River → as it is called in the text.
    """

    rows: pd.DataFrame
    register: pd.DataFrame
    missing: pd.DataFrame
    changes: pd.DataFrame
    outlooks: pd.DataFrame
    rivers: Mapping[str, str]


def gather(home: Home, scope: Scope, issue: Issue, outlooks: pd.DataFrame) -> Water | None:
    """What an issue tells of the city's sections; None where it tells nothing, or not to this person.

    Parameters
    ----------
    outlooks : DataFrame
        Of the issue, as from `decision.outlook.against_targets`.
    """
    if not scope.may("water"):
        return None
    register = water_overview.watched(home, scope)[0]
    rows = issues.read(home, scope, issue, kind="water", items=[CLASS])
    rows = rows[rows["place"].isin(register["code"])]
    if rows.empty:
        return None
    return Water(
        rows=rows,
        register=register,
        missing=section_watch.missing(rows, register),
        changes=section_watch.changes(rows, register, section_watch.known(home, scope, issue)),
        outlooks=outlooks[outlooks["item"].isin(ITEMS)],
        rivers=_rivers(home, scope) if language() == "en" else {},
    )


def _rivers(home: Home, scope: Scope) -> dict[str, str]:
    features = places.layer(home, scope, "river")["features"] if scope.may("places") else []
    return {p["name"]: p["name_en"] for p in (one["properties"] for one in features) if p["name_en"]}


def sentences(water: Water) -> list[str]:
    """How many sections are good and which are expected to miss their class; this month; the year."""
    begun = water.outlooks["first"] <= words.date_of(water.rows["time"].min())
    spans = water.outlooks[begun].sort_values("item", ascending=False)
    outlooks = [[words.outlook(row) for row in span.to_dict("records")] for _first, span in spans.groupby("last")]
    return [_joined(lines) for lines in ([_good(water), _expected(water)], *outlooks)]


def _joined(lines: Sequence[str]) -> str:
    return ("" if language() == "zh" else " ").join(lines)


def _good(water: Water) -> str:
    """The sum of probabilities is the expected number, whatever the sections have to do with one another."""
    chances = water.rows.groupby("time")[PROBABILITIES[:_GOOD]].sum().sum(axis=1)
    text = _("{first}—{last} {n} 个断面中，各日预计有 {low}–{high} 个为Ⅰ–Ⅲ类（按概率合计）。")
    return text.format(
        first=_date(chances.index.min()),
        last=_date(chances.index.max()),
        n=water.rows["place"].nunique(),
        low=f"{chances.min():.0f}",
        high=f"{chances.max():.0f}",
    )


def _expected(water: Water) -> str:
    likely = water.missing[water.missing["chance"] >= EXPECTED]
    seen = int((water.missing["chance"] >= SEEN).sum()) - len(likely)
    if likely.empty:
        said = _("没有断面预计达不到目标类别")
    else:
        named = _("、").join(_named(row) for row in likely.head(_NAMED).itertuples())
        text = ngettext(
            "{n} 个断面预计有日均值达不到目标类别：{named}",
            "{n} 个断面预计有日均值达不到目标类别：{named}",
            len(likely),
        )
        said = text.format(n=len(likely), named=_("{name}等").format(name=named) if len(likely) > _NAMED else named)
    if seen:
        text = ngettext("；另有 {n} 个的可能性在 20% 以上", "；另有 {n} 个的可能性在 20% 以上", seen)
        said += text.format(n=seen)
    return said + _("。")


def _named(row) -> str:
    text = _("{name}（{day}，{chance}）")
    return text.format(name=row.name, day=_date(row.time), chance=words.chance_text(row.chance))


def grids(water: Water) -> list[Grid]:
    """Table of what may miss its class, table of changes; those that have rows."""
    found = [_missing(water), _changes(water)]
    return [grid for grid in found if grid.rows]


def _missing(water: Water) -> Grid:
    heads = [_("断面名称"), _("所在河流"), _("目标"), _("日期"), _("类别及可能性"), _("达不到的可能性")]
    rows = water.missing[water.missing["chance"] >= LEAST].head(ROWS)
    cells = [
        [
            row.name,
            _river(water, row.river),
            class_name(row.target_class),
            _date(row.time),
            _likeliest(row),
            words.chance_text(row.chance),
        ]
        for row in rows.itertuples()
    ]
    caption = _("未来 7 天可能达不到目标类别的断面（日均值；所列为可能性最大的一天）")
    return Grid("water_missing", caption, heads, cells, words=5)


def _likeliest(row) -> str:
    """The two likeliest classes, the better one first: Ⅲ 49%、Ⅳ 44%."""
    chances = np.array([getattr(row, name) for name in PROBABILITIES], float)
    two = np.sort(np.argsort(-chances, kind="stable")[:2])
    return _("、").join(f"{ROMAN[at]} {words.chance_text(chances[at])}" for at in two)


def _changes(water: Water) -> Grid:
    heads = [_("断面名称"), _("所在河流"), _("最近一日"), _("变化日期"), _("预计类别"), _("可能性")]
    cells = [
        [
            row.name,
            _river(water, row.river),
            class_name(row.before),
            _date(row.time),
            class_name(row.value),
            words.chance_text(row.chance),
        ]
        for row in water.changes.head(ROWS).itertuples()
    ]
    caption = _("最可能类别与最近一日实测不同的断面（变差的在前）")
    return Grid("water_changes", caption, heads, cells, words=5)


def note() -> str:
    """What a class of a day means."""
    return _("断面类别是日均值的，按 GB 3838-2002 以最差一项定；目标类别是全年的，一日达不到不等于全年未达标。")


def table(water: Water) -> pd.DataFrame:
    """Every section and day with its probabilities and that of missing its target; heads for people."""
    about = water.register.set_index("code")
    rows = water.rows.sort_values(["place", "lead"])
    target = rows["place"].map(about["target_class"]).to_numpy(float, na_value=np.nan)
    missed = (rows[PROBABILITIES].to_numpy(float) * (np.arange(1, 7) > target[:, None])).sum(axis=1)
    columns = {
        _("断面编码"): rows["place"],
        _("断面名称"): rows["place"].map(about["name"]),
        _("所在河流"): [_river(water, river) for river in rows["place"].map(about["river"])],
        _("日期"): beijing_day(rows["time"]).astype(object),
        _("时效（天）"): rows["lead"].astype(int),
        _("目标类别"): [class_name(one) if one == one else "" for one in target],
        _("最可能类别"): [class_name(one) for one in rows["value"]],
    }
    for level, column in enumerate(PROBABILITIES, 1):
        columns[_("{level}的概率").format(level=class_name(level))] = rows[column].astype(float).round(4)
    columns[_("达不到的可能性")] = [
        round(one, 4) if known == known else None for one, known in zip(missed, target, strict=True)
    ]
    return pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})


def _river(water: Water, river) -> str:
    return water.rivers.get(river, river) if isinstance(river, str) else _NONE


def _date(end: pd.Timestamp) -> str:
    return words.date_text(words.date_of(end))
