"""Tables of the page 趋势预测 as files have them: heads for people, units, Beijing time."""

import pandas as pd

from shuzhi.i18n import N_, _
from shuzhi.research.forecast import skill, words
from shuzhi.research.forecast.issues import TOLD, Issue
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.settings import BEIJING
from shuzhi.status import station_words as station
from shuzhi.status import water_overview as overview
from shuzhi.status import water_words
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_archive as past
from shuzhi.ui import forecast_matrices as matrices
from shuzhi.ui import forecast_more as more
from shuzhi.ui import forecast_outlook as outlook
from shuzhi.ui import forecast_skill as board
from shuzhi.ui import forecast_splits as splits
from shuzhi.ui import state, widgets
from shuzhi.ui.forecast import Spot

BANDS = {
    "lower50": N_("50% 下限"),
    "upper50": N_("50% 上限"),
    "lower90": N_("90% 下限"),
    "upper90": N_("90% 上限"),
}
SCORES = {
    "n": N_("对数"),
    "mae": N_("平均绝对误差"),
    "bias": N_("偏差"),
    "rmse": N_("均方根误差"),
    "skill_persistence": N_("技巧，较持续"),
    "skill_climatology": N_("技巧，较气候"),
    "exact_level": N_("级别准确"),
    "range25": N_("范围 ±25%"),
    "two_level": N_("相邻两级"),
    "within_one": N_("相差一级以内"),
    "good_or_not": N_("优良与否"),
    "always_good": N_("总报“优～良”"),
    "inside50": N_("落在 50% 区间"),
    "inside90": N_("落在 90% 区间"),
    "hits": N_("污染日：报对"),
    "misses": N_("污染日：漏报"),
    "false_alarms": N_("污染日：空报"),
    "primary_right": N_("首要污染物报对"),
    "rps": N_("等级概率评分 RPS"),
}
"""Columns of a board and their heads; a share that the climatology has too is followed by that."""
_LEVELS = ("exact_level", "two_level", "within_one", "good_or_not", "always_good", "hits", "misses", "false_alarms")
_LEVELS += ("primary_right", "rps")
"""Of the AQI only."""


def hours(ctx: state.Context, issue: Issue, spot: Spot) -> pd.DataFrame:
    """The coming hours of a place: item, end of the hour, value, bands."""
    rows = view.hours(ctx.open_key, issue, spot, ctx)
    columns = {
        _("项目"): [view.item_name(item) for item in rows["item"]],
        _("时间（北京时间）"): rows["time"].dt.tz_convert(BEIJING),
        _("预报"): rows["value"].round(2),
    }
    columns |= {_(head): rows[name].round(2) for name, head in BANDS.items()}
    return pd.DataFrame({**columns, _("单位"): [words.unit(item) for item in rows["item"]]})


def station_hours(ctx: state.Context, issue: Issue, item: str, network: str) -> pd.DataFrame:
    """An item by station and hour, as the matrix shows it: a column the end of an hour (Beijing)."""
    table = matrices.shown_hours(ctx.open_key, issue, item, network, ctx.lang, ctx)
    ends = table.columns.tz_convert(BEIJING).strftime("%Y-%m-%d %H:%M")
    unit = _with_unit(view.item_name(item, "hour"), item)
    found = table.round(2).set_axis(ends, axis=1)
    found.insert(0, _("项目"), unit)
    found.insert(0, _("站点"), table.index.get_level_values("name"))
    found.insert(0, _("站点编码"), table.index.get_level_values("code"))
    return found


def unit_days(ctx: state.Context, issue: Issue, item: str) -> pd.DataFrame:
    """An item by unit and day: value, level, 90 % interval."""
    rows = matrices.unit_days(ctx.open_key, issue, item, ctx.edition, ctx.lang, ctx)
    bounds = [day.bounds.get(item, (None,) * 4) for day in rows["day"]]
    return pd.DataFrame(
        {
            _("区县"): [spot.name for spot in rows["spot"]],
            _("日期"): rows["date"],
            _with_unit(view.item_name(item), item): rows["value"].astype(float).round(2),
            _("级别"): [widgets.level_name(int(level)) if level else "" for level in rows["level"]],
            _("90% 下限"): [_rounded(bound[2]) for bound in bounds],
            _("90% 上限"): [_rounded(bound[3]) for bound in bounds],
        }
    )


def members(ctx: state.Context, issue: Issue, spot: Spot, item: str) -> pd.DataFrame:
    """What each model says of each day."""
    table = view.by_model(view.members(ctx.open_key, issue, spot, ctx), item)
    dates = [words.date_of(end).isoformat() for end in table.columns]
    found = table.astype(float).round(2).set_axis(dates, axis=1)
    found.insert(0, _("项目"), _with_unit(view.item_name(item), item))
    found.insert(0, _("模型"), [words.model_name(name) for name in table.index])
    return found


def scores_by_lead(ctx: state.Context, spot: Spot, item: str, made: str | None) -> pd.DataFrame:
    """Scores of all models by lead."""
    found = board.board(board.scores_key(ctx), spot, item, made, ctx)
    keys = {_("模型"): [words.model_name(name) for name in found["model"]], _("提前天数"): found["lead"]}
    return _scores(found, keys, item)


def scores_by_season(ctx: state.Context, spot: Spot, item: str, made: str | None) -> pd.DataFrame:
    """Scores of what is told by season and lead."""
    own = board.scored(board.scores_key(ctx), spot, item, made, ctx)
    found = skill.rated(own[own["model"] == TOLD], ["season", "lead"])
    keys = {_("起报季节"): [_(splits.SEASON_NAMES[name]) for name in found["season"]], _("提前天数"): found["lead"]}
    return _scores(found, keys, item)


def scores_by_station(ctx: state.Context, spot: Spot, item: str, made: str | None) -> pd.DataFrame:
    """Scores of what is told by station, all leads together."""
    found = splits.stations(ctx.open_key, spot, item, made, ctx)
    keys = {
        _("站点编码"): found.index,
        _("站点"): found["name"],
        _("站网"): [station.network_name(code) for code in found["network"]],
        _("区县"): found["district"],
    }
    return _scores(found, keys, item)


def _scores(found: pd.DataFrame, keys: dict, item: str) -> pd.DataFrame:
    """Keys, then the scores that an item has, each share followed by that of the climatology."""
    columns = dict(keys)
    for name, head in SCORES.items():
        if item != "aqi" and name in _LEVELS:
            continue
        columns[_(head)] = found[name].round(4)
        if f"{name}_climatology" in found:
            columns[_("{share}，气候").format(share=_(head))] = found[f"{name}_climatology"].round(4)
    return pd.DataFrame({head: list(values) for head, values in columns.items()})


def reliability(ctx: state.Context, spot: Spot, made: str | None) -> pd.DataFrame:
    """How often polluted days came when they were held likely."""
    table = board.reliability(board.scores_key(ctx), spot, made, ctx)
    return pd.DataFrame(
        {
            _("可能性，从"): table["low"].round(2),
            _("可能性，至"): table["high"].round(2),
            _("次数"): table["n"],
            _("预报的可能性"): table["probability"].round(4),
            _("实际出现"): table["frequency"].round(4),
        }
    )


def pairs(ctx: state.Context, spot: Spot, item: str) -> pd.DataFrame:
    """Every issue's days beside what came."""
    rows = past.pairs(board.scores_key(ctx), spot, item, ctx)
    known = view.all_issues(ctx.open_key, ctx)
    columns = {
        _("期次"): rows["issue"],
        _("回算"): [_("是") if name in known and known[name].hindcast else _("否") for name in rows["issue"]],
        _("日期"): [words.date_of(end) for end in rows["time"]],
        _("提前天数"): rows["lead"],
        _("项目"): _with_unit(view.item_name(item), item),
        _("预报"): rows["value"].astype(float).round(2),
        _("实测"): rows["came"].round(2),
    }
    columns |= {_(head): rows[name].astype(float).round(2) for name, head in BANDS.items()}
    return pd.DataFrame(columns)


def sections(ctx: state.Context, issue: Issue) -> pd.DataFrame:
    """Class of each section and day, with the probability of each."""
    rows = more.sections(ctx.open_key, issue, ctx)
    names = overview.watched(ctx.home, ctx.scope)[0].set_index("code")["name"]
    columns = {
        _("断面编码"): rows["place"].astype(str),
        _("断面名称"): rows["place"].astype(str).map(names),
        _("日期"): [words.date_of(end) for end in rows["time"]],
        _("类别"): [water_words.class_name(int(value)) for value in rows["value"]],
    }
    for number, name in enumerate(PROBABILITIES, 1):
        columns[_("{level} 的可能性").format(level=water_words.class_name(number))] = rows[name].astype(float).round(3)
    return pd.DataFrame(columns)


def outlooks(ctx: state.Context, issue: Issue) -> pd.DataFrame:
    """What the months and the year will come to, beside their targets."""
    rows = outlook.outlooks(ctx.open_key, issue, ctx)
    names = {item: _(title) for item, (title, _unit) in outlook.BLOCKS.items()}
    columns = {
        _("项目"): [names.get(item, item) for item in rows["item"]],
        _("起"): rows["first"],
        _("止"): rows["last"],
        _("至今"): rows["so_far"].round(1),
        _("中位数"): rows["median"].round(1),
    }
    columns |= {_(head): rows[name].astype(float).round(1) for name, head in BANDS.items()}
    return pd.DataFrame({**columns, _("目标"): rows["target"], _("达到的可能性"): rows["chance"].round(3)})


def _with_unit(name: str, item: str) -> str:
    unit = words.unit(item)
    return f"{name} ({unit})" if unit else name


def _rounded(value: float | None) -> float | None:
    return None if value is None or value != value else round(float(value), 2)
