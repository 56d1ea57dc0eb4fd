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
from shuzhi.registry.names import names_of
from shuzhi.settings import settings
from shuzhi.standards import water as law
from shuzhi.standards.aqi import levels
from shuzhi.standards.factors import factors
from shuzhi.status import snapshot, water_words
from shuzhi.status.city import Situation, Year
from shuzhi.status.headline import headline, number
from shuzhi.status.wall import Wall
from shuzhi.status.water_overview import Summary
from shuzhi.store import Home, Scope

ORDER = ("o3", "pm25", "pm10", "no2", "so2", "co")
"""Rows of the pollutants: what decides in summer and in winter comes first."""

LAYOUTS = {
    "screen": {"hours": (24, 5.6), "week": (24, 9.2), "year": (24, 7)},
    "band": {"hours": (27.5, 10), "week": (34.5, 16), "year": (34.5, 10)},
}
"""Width and height of each chart [rem] on a screen of 16 : 9 and on a band of 32 : 9, as ``wall.css`` sets them."""

DRY = {"screen": {"year": (24, 12)}, "band": {"week": (34.5, 37), "year": (33, 12)}}
"""The same where there is no water and the charts take its room."""

ROWS = 60
"""Stations that the list of exceedances goes through at most."""

_ROOT = 16
_SCALE = 14 / 13
"""Charts are drawn as on a page whose root has 16 px, their text at 0.875 rem; the screen enlarges the drawing."""

_ENGLISH_CLASS = {6: "> V"}
_FAIR = 3

_CENTRE = 0.21, 0.105
_LEAST_SITES = 3

WORDS = {
    "title": N_("数智环境 · 态势大屏"),
    "brand": N_("数智环境"),
    "now": N_("空气质量指数"),
    "pollutants": N_("六项污染物"),
    "week": N_("过去一周"),
    "week_note": N_("小时 AQI，色块内为日 AQI"),
    "year": N_("优良天数"),
    "over": N_("超标清单"),
    "water": N_("水环境"),
    "sources": N_("污染源"),
    "machines": N_("移动机械"),
    "centre": N_("中心城区"),
    "centre_note": N_("参评站点小时 AQI"),
    "lost": N_("连接中断，正在重连"),
    "failing": N_("服务器暂时给不出数据，正在重试"),
    "since": N_("（自 {time} 起）"),
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
        return whole | {"mark": None, "empty": _empty()}
    s = wall.situation
    districts = _district_names(home, scope)
    whose = {"of": _("、").join(districts.get(name, name) for name in sorted(scope.districts or ()))}
    sizes = LAYOUTS[layout] if wall.water else LAYOUTS[layout] | DRY[layout]
    return whole | {
        "sentence": headline(s, live=True, late=wall.late),
        "dateline": _dateline(s, wall.late, now),
        "now": _now(s) | {"hours": _drawn(wall_charts.day(s.hours.tail(24), DARK, _SCALE), sizes["hours"])},
        "pollutants": _pollutants(s),
        "week": {"chart": _drawn(wall_charts.week(wall.hours, wall.days, DARK, _SCALE), sizes["week"])},
        "year": _year(s) | {"chart": _drawn(home_charts.day_bars(s.year.days, DARK, _SCALE), sizes["year"])},
        "water": _water(wall.water) if wall.water else None,
        "over": _over(wall, districts),
        "sources": _sources(wall.sources) | whose if wall.sources else None,
        "machines": _machines(wall.machines) | whose if wall.machines else None,
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
        "asof": None if late else _("数据截至 {time}").format(time=time),
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


def _brief(level: int) -> dict:
    """The level as it stands in a row, where English needs the shorter name."""
    return _level(level) if language() == "zh" else _short(_level(level))


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
    return {"label": label, "value": value, "level": _brief(int(row["level"]))}


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
                "limit": _("限值 {limit}").format(limit=f"{row['limit']:g}"),
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
        "levels": [_short(_level(level)) | {"n": year.counts[level]} for level in shown],
    }


def _short(level: dict) -> dict:
    """The level without the word for polluted: 轻度, Lightly."""
    return level | {"name": level["name"].removesuffix("污染").removesuffix(" polluted")}


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


def _water(found: Summary) -> dict:
    """Share of classes Ⅰ–Ⅲ against last year and target, sections worse than class Ⅴ, sections by class."""
    here = found.now
    return {
        "note": _("{rated}/{n} 个断面，{time}").format(rated=here.rated, n=here.sections, time=when(found.at, "HH:mm")),
        "good": {"value": f"{here.good_share:.1f}", "unit": "%", "note": _("Ⅰ–Ⅲ类，{n} 个").format(n=here.good)},
        "met": {"value": str(here.met), "unit": f"/{here.with_target}", "note": _("个断面达到目标类别")},
        "compared": _("；").join([*_water_target(found), water_words.compared(found.change, found.before)]),
        "levels": [_class(step) | {"n": here.counts[step]} for step in (1, 2, 3, 4, 5, 6)],
    }


def _water_target(found: Summary) -> list[str]:
    goal = found.target_share
    return [] if goal is None else [_("目标 {goal} %").format(goal=f"{goal:g}")]


def _class(step: int) -> dict:
    """Number, name and colours of a water class 1…6."""
    row = law.classes().set_index("water_class").loc[step]
    name = row["roman"] if language() == "zh" else _ENGLISH_CLASS.get(step, row["roman"])
    return {"level": step, "name": name, "color": row["color"], "ink": row["ink"]}


def _over(wall: Wall, district: dict[str, str]) -> dict:
    """Stations over a limit and sections that miss their target class, worst first."""
    air = _over_air(wall.situation, district)
    water = _over_water(wall.water, district) if wall.water else []
    hour = when(wall.situation.at, _("H 时"))
    if wall.water:
        count = _("{hour}，空气 {air} 个，水 {water} 个").format(hour=hour, air=len(air), water=len(water))
    else:
        count = ngettext("{hour}，{n} 个站点", "{hour}，{n} 个站点", len(air)).format(hour=hour, n=len(air))
    return {"count": count, "none": _nothing_over(wall, air + water), "rows": (air + water)[:ROWS]}


def _nothing_over(wall: Wall, rows: list[dict]) -> str | None:
    if rows:
        return None
    reporting = wall.situation.reporting
    if not reporting:
        return _("这个小时没有读数。")
    air = _("{n} 个有读数的站点都没有超过限值。").format(n=reporting)
    return air + (_("断面全部达到目标类别。") if wall.water else "")


def _over_air(s: Situation, district: dict[str, str]) -> list[dict]:
    return [
        {
            "name": row.name,
            "place": district.get(row.district, row.district) if isinstance(row.district, str) else "",
            "item": factors().at[row.item, "symbol"],
            "value": number(row.value, row.item),
            "times": _("{times} 倍").format(times=f"{row.times:.2f}"),
            "level": _brief(int(row.level)) | {"water": False},
        }
        for row in s.exceedances.itertuples(index=False, name="Row")
    ]


def _over_water(found: Summary, district: dict[str, str]) -> list[dict]:
    """Sections worse than their target class, or than class Ⅲ where they have none; times the limit of class Ⅲ."""
    worst = found.worst[found.worst["water_class"] > found.worst["target_class"].fillna(_FAIR)]
    return [
        {
            "name": row.name,
            "place": district.get(row.district, row.district) if isinstance(row.district, str) else row.river,
            "item": water_words.items_text((row.main or row.deciding).split(";")[0]),
            "value": "",
            "times": "" if pd.isna(row.times) else _("{times} 倍").format(times=f"{row.times + 1:.2f}"),
            "level": _class(int(row.water_class)) | {"water": True},
        }
        for row in worst.itertuples(index=False, name="Row")
    ]


def _sources(figures: dict[str, int]) -> dict:
    """Number of pollution sources, and by permit class."""
    names = names_of("permit_classes")[f"name_{language()}"]
    rows = [
        {
            "label": name.removesuffix(" management").removesuffix(" only"),
            "n": grouped(figures.get(code, 0)),
        }
        for code, name in names.items()
    ]
    return {"total": grouped(figures["total"]), "unit": _("个"), "rows": rows}


def _machines(figures: dict[str, int]) -> dict:
    """Number of machines, how many were seen within a day, and how many stand where they must not."""
    rows = [
        {"label": _("24 小时内定位"), "n": grouped(figures["seen"])},
        {"label": _("低排区内禁用"), "n": grouped(figures["forbidden"])},
    ]
    return {"total": grouped(figures["total"]), "unit": _("台"), "rows": rows}


def grouped(n: int) -> str:
    """270 000: thousands apart by a narrow space."""
    return f"{n:,}".replace(",", "\u202f")


def _district_names(home: Home, scope: Scope) -> dict[str, str]:
    """How districts and zones are called on the screen: by their short English name, in Chinese as they are."""
    if language() == "zh":
        return {}
    named = places.units(home, scope).set_index("name")["name_en"]
    return {name: labels.short(english) for name, english in named.items() if english}


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
        "levels": [_brief(level) | {"n": counts[level]} for level in (1, 2, 3, 4, 5, 6, 0)],
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
