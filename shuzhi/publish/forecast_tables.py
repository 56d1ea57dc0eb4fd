"""The tables of the forecast meeting (会商): as text for the document, and with all digits for CSV and Excel.

Frames are as from `research.forecast.issues.read`; every number in a table is one of the issue.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shuzhi.i18n import N_, _, language, when
from shuzhi.publish.layout import Grid
from shuzhi.research.forecast import words
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.scores import PROBABILITIES, told_level
from shuzhi.research.forecast.words import Day
from shuzhi.settings import BEIJING
from shuzhi.standards.days import beijing_day
from shuzhi.standards.factors import factors
from shuzhi.standards.levels import levels
from shuzhi.status.headline import level_name, number
from shuzhi.store.schema import DAY_ITEMS

_LEVEL_NAMES = {"city": N_("城市"), "district": N_("区县"), "station": N_("站点"), "section": N_("断面")}
_NONE = "–"


def week(days: Sequence[Day], edited: Mapping) -> Grid:
    """Day × AQI, level, probability, primary pollutant, bands.

    Parameters
    ----------
    edited : mapping
        Date → AQI that a forecaster wrote instead; a column of its own where there is one.
    """
    heads = [_("日期"), _("级别"), _("首要污染物"), "AQI"]
    heads += [_("会商订正")] if edited else []
    rows = []
    for day in days:
        primary = _("、").join(_symbol(item) for item in day.primary) or _NONE
        cells = [words.weekday_text(day.date), words.levels_text(day.low, day.high), primary, str(day.aqi)]
        cells += [f"{edited[day.date]:.0f}" if day.date in edited else _NONE] if edited else []
        lower50, upper50, lower90, upper90 = day.bounds["aqi"]
        chance = words.chance_text(day.probability) or _NONE
        rows.append([*cells, chance, _range(lower50, upper50), _range(lower90, upper90)])
    heads += [_("可能性"), _("50% 区间"), _("90% 区间")]
    return Grid("week", _("逐日AQI预报；可能性为所列级别（范围）的概率"), heads, rows, words=3)


def concentrations(days: Sequence[Day]) -> Grid:
    """Day × the six pollutants."""
    units = [f"{_symbol(item)} ({factors().at[item, 'unit']})" for item in DAY_ITEMS]
    rows = [[words.date_text(day.date), *(_amount(day.values.get(item), item) for item in DAY_ITEMS)] for day in days]
    return Grid("items", _("六项污染物日浓度预报"), [_("日期"), *units], rows)


def districts(rows: pd.DataFrame, names: Mapping[str, str]) -> Grid:
    """District × day: AQI and level.

    Parameters
    ----------
    rows : DataFrame
        AQI of the districts.
    names : mapping
        District → as it is called in the text.
    """
    dates = {lead: words.date_of(end) for lead, end in rows.groupby("lead")["time"].first().items()}
    table = rows.pivot(index="place", columns="lead", values="value")
    cells = [
        [names.get(place, place), *(_rated(values.get(lead, np.nan)) for lead in dates)]
        for place, values in table.iterrows()
    ]
    heads = [_("区县"), *(_head(date) for date in dates.values())]
    return Grid("districts", _("各区县逐日AQI预报及级别（站点均值）"), heads, cells)


def models(rows: pd.DataFrame) -> Grid:
    """Model × day: the AQI that each tells of one place."""
    dates = {lead: words.date_of(end) for lead, end in rows.groupby("lead")["time"].first().items()}
    table = rows.pivot(index="model", columns="lead", values="value")
    cells = [
        [words.model_name(model), *(_whole(table.at[model, lead]) for lead in dates)]
        for model in sorted(table.index, key=_order)
    ]
    heads = [_("模型"), *(_head(date) for date in dates.values())]
    return Grid("models", _("各模型的AQI"), heads, cells)


def _order(model: str) -> int:
    known = list(words.MODELS)
    return known.index(model) if model in known else len(known)


def edits(changed: pd.DataFrame, names: Mapping[str, str]) -> Grid:
    """What forecasters wrote instead of the model's values, why, and who signed.

    Parameters
    ----------
    changed : DataFrame
        time, place, item, model_value, value (NaN: back to the model's), reason, signed_name, signed_at.
    """
    heads = [_("日期"), _("地点"), _("项目"), _("理由"), _("签字"), _("模型值"), _("订正值")]
    rows = [
        [
            words.date_text(words.date_of(row.time)),
            clean(names.get(row.place, row.place)),
            "AQI" if row.item == "aqi" else _symbol(row.item),
            clean(row.reason),
            f"{clean(row.signed_name)} {row.signed_at.tz_convert(BEIJING):%m-%d %H:%M}",
            _digits(row.model_value, row.item),
            _("撤销") if row.value is None or row.value != row.value else _digits(row.value, row.item),
        ]
        for row in changed.itertuples()
    ]
    return Grid("edits", _("会商订正及签字"), heads, rows, words=5)


def verification(scores: pd.DataFrame) -> Grid:
    """Horizon × scores of late of what is told, each beside what takes no skill.

    Parameters
    ----------
    scores : DataFrame
        As from `research.forecast.skill.board`.
    """
    heads = [
        _("时效（天）"),
        _("样本"),
        _("平均误差"),
        _("技巧 对持续"),
        _("技巧 对气候"),
        _("级别 准确"),
        _("气候 级别准确"),
    ]
    heads += [_("两级 范围"), _("恒报 优～良"), _("90% 命中")]
    shares = ("exact_level", "exact_level_climatology", "two_level", "always_good", "inside90")
    rows = [
        [
            str(int(row["lead"])),
            str(int(row["n"])),
            _decimal(row["mae"], 1),
            *(_decimal(row[name], 2) for name in ("skill_persistence", "skill_climatology")),
            *(_share(row[name]) for name in shares),
        ]
        for row in scores[scores["model"] == TOLD].sort_values("lead").to_dict("records")
    ]
    return Grid("verification", _("集合预报的检验（AQI；技巧 0 为与参照相当，1 为完全准确）"), heads, rows, words=0)


def days_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Daily rows with heads for people and all digits; one row a place, item, model and day.

    Parameters
    ----------
    rows : DataFrame
        With ``level``, ``place``, ``item``, ``model``.
    """
    symbols, units = (
        {"aqi": text} | factors("air")[name].to_dict() for text, name in (("AQI", "symbol"), ("", "unit"))
    )
    columns = {
        _("起报时间（北京时间）"): rows["issued_at"].dt.tz_convert(BEIJING),
        _("日期"): beijing_day(rows["time"]).astype(object),
        _("时效（天）"): rows["lead"].astype(int),
        _("层级"): rows["level"].map({level: _(name) for level, name in _LEVEL_NAMES.items()}),
        _("地点"): rows["place"],
        _("项目"): rows["item"].map(symbols),
        _("单位"): rows["item"].map(units),
        _("模型"): rows["model"].map({model: words.model_name(model) for model in rows["model"].unique()}),
        _("预报值"): _rounded(rows["value"], 1),
    }
    for share in (50, 90):
        columns[_("{share}% 区间下限").format(share=share)] = _rounded(rows[f"lower{share}"], 1)
        columns[_("{share}% 区间上限").format(share=share)] = _rounded(rows[f"upper{share}"], 1)
    for level, column in enumerate(PROBABILITIES, 1):
        columns[_("{level}的概率").format(level=level_name(level))] = _rounded(rows[column], 3)
    columns[_("首要污染物")] = [one if isinstance(one, str) else "" for one in rows["primary"]]
    return pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})


def grid_table(grid: Grid) -> pd.DataFrame:
    """A grid as a table of text."""
    return pd.DataFrame([list(row) for row in grid.rows], columns=list(grid.heads), dtype=object)


def clean(text: str) -> str:
    """Text that a document can hold: signs that XML does not know become spaces, lines one line."""
    return " ".join("".join(sign if sign.isprintable() or sign == " " else " " for sign in text).split())


def _symbol(item: str) -> str:
    """Plain symbol; the document lowers its digits."""
    return factors().at[item, "symbol"]


def _amount(value: float | None, item: str) -> str:
    return _NONE if value is None else number(value, item)


def _digits(value: float, item: str) -> str:
    return f"{value:.0f}" if item == "aqi" else number(value, item)


def _head(date: dt.date) -> str:
    return when(date, _("EEE d"))


def _rated(aqi: float) -> str:
    return f"{aqi:.0f} {_short(int(told_level(aqi)))}" if np.isfinite(aqi) else _NONE


def _short(level: int) -> str:
    """优, 良, 轻度 …; Roman numbers in English, whose names are long."""
    row = levels().set_index("level").loc[level]
    return row["name_zh"].removesuffix("污染") if language() == "zh" else row["roman"]


def _whole(value: float) -> str:
    return f"{value:.0f}" if np.isfinite(value) else _NONE


def _range(low: float, high: float) -> str:
    return f"{low:.0f}–{high:.0f}" if np.isfinite([low, high]).all() else _NONE


def _decimal(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "−") if np.isfinite(value) else _NONE


def _share(value: float) -> str:
    return f"{100 * value:.0f}%" if np.isfinite(value) else _NONE


def _rounded(values: pd.Series, decimals: int) -> list[float | None]:
    return values.astype(float).round(decimals).astype(object).where(values.notna(), None).tolist()
