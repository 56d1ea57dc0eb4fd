"""The situation room's screen as text in the language spoken now: what ``/wall/data.json`` says.

Each block is a dictionary of texts ready to show, levels with their colours, and charts as SVG. A block that has
nothing to say is None.
"""

import datetime as dt

import pandas as pd

from shuzhi.charts import home as home_charts
from shuzhi.charts import wall as wall_charts
from shuzhi.charts.theme import to_svg
from shuzhi.charts.tokens import DARK
from shuzhi.i18n import N_, _, language, ngettext, when
from shuzhi.maps import component, labels, layers
from shuzhi.registry import places
from shuzhi.settings import settings
from shuzhi.standards.aqi import levels
from shuzhi.standards.factors import factors
from shuzhi.status import snapshot
from shuzhi.status.city import Situation, Year
from shuzhi.status.headline import headline, number
from shuzhi.status.wall import Wall
from shuzhi.store import Home, Scope

ORDER = ("o3", "pm25", "pm10", "no2", "so2", "co")
"""Rows of the pollutants: what decides in summer and in winter comes first."""

LAYOUTS = {
    "screen": {"hours": (23.5, 6.4), "week": (23.5, 9.2), "year": (23.5, 7)},
    "band": {"hours": (27, 10), "week": (34, 19), "year": (34, 10)},
}
"""Width and height of each chart [rem] on a screen of 16 : 9 and on a band of 32 : 9, as ``wall.css`` sets them."""

ROWS = 60
"""Stations that the list of exceedances goes through at most."""

_ROOT = 16
_SCALE = 14 / 13
"""Charts are drawn as on a page whose root has 16 px, their text at 0.875 rem; the screen enlarges the drawing."""

_CENTRE = 0.21, 0.105
_LEAST_SITES = 3

WORDS = {
    "title": N_("数智环境 · 态势大屏"),
    "now": N_("空气质量指数"),
    "pollutants": N_("六项污染物"),
    "week": N_("过去一周"),
    "week_note": N_("小时 AQI，色块内为日 AQI"),
    "year": N_("优良天数"),
    "over": N_("超标清单"),
    "centre": N_("中心城区"),
    "centre_note": N_("参评站点小时 AQI"),
    "lost": N_("连接中断，正在重连"),
    "failing": N_("服务器暂时给不出数据，正在重试"),
    "since": N_("自 {time} 起"),
}
"""Fixed words of the screen; the browser has them before the first data come, and when none come."""


def words() -> dict[str, str]:
    """The fixed words in the language spoken now."""
    return {key: _(text) for key, text in WORDS.items()}


def content(home: Home, scope: Scope, wall: Wall | None, now: pd.Timestamp, layout: str) -> dict:
    """Everything that the screen shows.

    Parameters
    ----------
    wall : Wall or None
        None in a home without any reading.
    now : tz-aware Timestamp
    layout : str
        In ``LAYOUTS``.
    """
    whole = {"kind": home.kind, "mark": _("模拟数据") if home.kind == "simulated" else _("实测数据")}
    whole["city"] = home.city if language() == "zh" else ""
    if wall is None:
        return whole | {"empty": _empty()}
    s = wall.situation
    sizes = LAYOUTS[layout]
    return whole | {
        "sentence": headline(s, live=True, late=wall.late),
        "dateline": _dateline(s, wall.late, now),
        "now": _now(s) | {"hours": _drawn(home_charts.hour_bars(s.hours.tail(24), DARK, _SCALE), sizes["hours"])},
        "pollutants": _pollutants(s),
        "week": {"chart": _drawn(wall_charts.week(wall.hours, wall.days, DARK, _SCALE), sizes["week"])},
        "year": _year(s) | {"chart": _drawn(home_charts.day_bars(s.year.days, DARK, _SCALE), sizes["year"])},
        "over": _over(s, _district_names(home, scope)),
        "map": _map(home, scope, s),
        "source": _source(home, scope),
    }


def _empty() -> dict:
    return {
        "title": _("还没有空气质量数据"),
        "text": _("导入实测存档，或先建一座模拟城市；大屏会自己更新。"),
        "command": "python -m shuzhi import --help",
    }


def _dateline(s: Situation, late: bool, now: pd.Timestamp) -> dict:
    """Up to when the data go; that nothing newer has come, where it should have."""
    time = _time(s.at, now)
    evaluated = int(s.stations["evaluation"].sum())
    return {
        "asof": _("数据截至 {time}").format(time=time),
        "stale": _("自 {time} 起没有新数据").format(time=time) if late else None,
        "received": _("{time} 入库").format(time=_time(s.received, now)) if s.received is not None else None,
        "stations": _("{n} 个站点，{evaluated} 个参评").format(n=len(s.stations), evaluated=evaluated),
    }


def _time(moment: pd.Timestamp, now: pd.Timestamp) -> str:
    """A time with as much of its date as the present leaves open."""
    if moment.date() == now.date():
        return when(moment, "HH:mm")
    return when(moment, _("M月d日 HH:mm") if moment.year == now.year else _("y年M月d日 HH:mm"))


def _level(level: int) -> dict:
    """Number, name and colours of an AQI level; 0 is "no data"."""
    table = levels().set_index("level")
    if level not in table.index:
        return {"level": 0, "name": _("无数据"), "color": None, "ink": None}
    row = table.loc[level]
    return {"level": level, "name": row[f"name_{language()}"], "color": row["color"], "ink": row["ink"]}


def _now(s: Situation) -> dict:
    hour = s.now
    before, yesterday = s.hours.iloc[-2], s.hours.iloc[0]
    symbols = _("、").join(hour["primary"].split(";")) if hour["primary"] else ""
    return {
        "aqi": f"{hour['aqi']:.0f}" if s.rated else "–",
        "level": _level(int(hour["level"])),
        "primary": _primary(s, symbols),
        "rule": _("实时报 · HJ 633—{edition}").format(edition=s.edition),
        "earlier": [_earlier(when(before["time"], _("H 时")), before), _earlier(_("昨日同时"), yesterday)],
    }


def _primary(s: Situation, symbols: str) -> str:
    if not s.rated:
        return _("参评站点数据不足")
    return " ".join([_("首要污染物"), symbols]) if symbols else _("没有首要污染物")


def _earlier(label: str, row: pd.Series) -> dict:
    value = f"{row['aqi']:.0f}" if row["level"] else "–"
    return {"label": label, "value": value, "level": _level(int(row["level"]))}


def _pollutants(s: Situation) -> dict:
    rows = []
    for item in ORDER:
        row = s.pollutants.loc[item]
        known = not pd.isna(row["now"])
        rows.append(
            {
                "symbol": factors().at[item, "symbol"],
                "value": number(row["now"], item) if known else "–",
                "share": round(float(row["now"] / row["limit"]), 3) if known else 0,
                "limit": f"{row['limit']:g}",
            }
        )
    return {"note": _("µg/m³，CO 为 mg/m³；颗粒物用日均限值"), "rows": rows}


def _year(s: Situation) -> dict:
    """Good days, their share, how they stand to the target and to last year, days by level."""
    year, before = s.year, s.last_year
    share = f"{year.share:.1f}" if year.valid else "–"
    if before.valid:
        compared = _("去年同期 {good} 天，{share} %").format(good=before.good, share=f"{before.share:.1f}")
    else:
        compared = _("去年同期没有数据")
    shown = [level for level in range(1, 7) if level <= 4 or year.counts[level]]
    return {
        "span": "—".join([when(year.first, _("y年M月d日")), when(year.last, _("M月d日"))]),
        "good": {"value": str(year.good), "unit": _("天"), "note": _valid_days(year)},
        "share": {"value": share, "unit": "%", "note": compared},
        "target": _target(s),
        "levels": [_level(level) | {"n": year.counts[level]} for level in shown],
    }


def _valid_days(year: Year) -> str:
    return _("有效 {valid} 天，无效 {invalid} 天").format(valid=year.valid, invalid=year.counts[0])


def _target(s: Situation) -> str | None:
    """Good days against the year's target; None where none is laid down."""
    goal = s.targets.get("good_days")
    if goal is None:
        return None
    missing, left = goal - s.year.good, (dt.date(s.year.last.year, 12, 31) - s.year.last).days
    if missing <= 0:
        words = _("已达到，多 {n} 天").format(n=f"{-missing:.0f}")
    elif missing > left:
        words = _("已不能达到，最多 {most} 天").format(most=s.year.good + left)
    else:
        words = _("还需 {missing} 天，今年还有 {left} 天").format(missing=f"{missing:.0f}", left=left)
    return _("目标 {goal} 天：{words}").format(goal=f"{goal:.0f}", words=words)


def _over(s: Situation, district: dict[str, str]) -> dict:
    """Stations over a limit, worst first."""
    over, n = s.exceedances, len(s.exceedances)
    count = ngettext("{hour}，{n} 个站点", "{hour}，{n} 个站点", n).format(hour=when(s.at, _("H 时")), n=n)
    if not s.reporting:
        none = _("这个小时没有读数。")
    else:
        none = _("{n} 个有读数的站点都没有超过限值。").format(n=s.reporting) if over.empty else None
    rows = [
        {
            "name": row.name,
            "place": district.get(row.district, row.district) if isinstance(row.district, str) else "",
            "item": factors().at[row.item, "symbol"],
            "value": number(row.value, row.item),
            "times": _("{times} 倍").format(times=f"{row.times:.2f}"),
            "level": _level(int(row.level)),
        }
        for row in over.head(ROWS).itertuples(index=False, name="Row")
    ]
    return {"count": count, "none": none, "rows": rows}


def _district_names(home: Home, scope: Scope) -> dict[str, str]:
    """How districts are called on the screen: by their short English name, in Chinese as they are."""
    if language() == "zh":
        return {}
    return {name: labels.short(english) for name, english in places.districts(home, scope) if english}


def _map(home: Home, scope: Scope, s: Situation) -> dict:
    """The maps of the city and of its centre as ``deck_map.js`` takes them, and the stations by level."""
    ground = layers.ground(home, scope, language())
    frames = component.Frames(home.version, s.at, hours=1, labelled={"national": 0}, named={})
    close = component.Frames(home.version, s.at, hours=1, labelled={"national": 0}, named={"national": 0})
    box = _centre(s.stations)
    counts = snapshot.counts(s.stations["seen"])
    district = _district_names(home, scope)
    city = _place(layers.deck(DARK, ground), ground.bounds, frames, district, _("全市空气质量地图"))
    centre = _place(layers.deck(DARK, ground, names=("river",)), box, close, district, _("中心城区空气质量地图"))
    return {
        "city": city,
        "centre": centre if box else None,
        "levels": [_level(level) | {"n": counts[level]} for level in (1, 2, 3, 4, 5, 6, 0)],
    }


def _place(deck, bounds: list[float] | None, frames: component.Frames, district: dict, label: str) -> dict:
    return {
        "spec": deck.to_json(),
        "dark": True,
        "lang": language(),
        "view": {"bounds": bounds, "padding": [0.3] * 4, "phonePadding": [0.3] * 4, "minZoom": 6, "maxZoom": 16},
        "air": component.air(frames, True, None, district, False),
        "text": component.words(label),
    }


def _centre(stations: pd.DataFrame) -> list[float] | None:
    """West, south, east, north around the median of the evaluation sites; None where there are too few."""
    sites = stations[stations["evaluation"]].dropna(subset=["lon", "lat"])
    if len(sites) < _LEAST_SITES:
        return None
    lon, lat = sites["lon"].median(), sites["lat"].median()
    return [lon - _CENTRE[0], lat - _CENTRE[1], lon + _CENTRE[0], lat + _CENTRE[1]]


def _source(home: Home, scope: Scope) -> str:
    """Where the numbers and the lines of the map come from."""
    data = (
        _("数据：模拟城市，不是实测。") if home.kind == "simulated" else _("数据：入库的小时值，城市值为参评站点均值。")
    )
    parts = [data.strip()]
    if not places.is_own(home, scope, "district"):
        parts.append(_("界线：{source}").format(source=_(places.DISTRICT_SOURCE)))
    grey = _("灰点：超过 {n} 小时没有读数").format(n=settings().stale_hours)
    return "　".join([*parts, grey])


def _drawn(spec: dict, size: tuple[float, float]) -> str:
    """A chart as SVG of a size [rem]."""
    width, height = size
    return to_svg({**spec, "width": round(width * _ROOT), "height": round(height * _ROOT)})
