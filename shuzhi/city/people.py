"""Organisations, people, rosters and areas of responsibility of the simulated city, as workbooks that the door reads.

Names are drawn from common surnames and given names. Every mobile number is 154 0000 and four digits: no operator was
given 154, so none of them rings anywhere. A few streets and grids have nobody, and some days no duty, as in life.

Rosters are made by whole weeks, two ahead; what a week holds does not depend on when it was made.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from shuzhi.city.noise import generator
from shuzhi.city.plan import Plan
from shuzhi.ingest import service
from shuzhi.ingest.people import SHEETS
from shuzhi.progress import Progress, silent
from shuzhi.registry import places
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope

BACK, AHEAD = 45, 14
"""Days of rosters before the building and ahead of the newest hour."""

BUREAU, CENTRE = "市生态环境局", "市生态环境监测中心"
TEAMS = {
    "ZF": "市生态环境综合行政执法支队",
    "XC": "市生态环境巡查队",
    "DC": "市生态环境督查组",
    "SD": "市生态环境属地工作组",
}
"""Prefix of the staff numbers of the four teams (执法、巡查、督查、属地) and their names."""

PHONES = "1540000"
"""Beginning of all mobile numbers."""

_STREAM = 80
_HEADS = {
    "organisations": ("机构名称", "机构类别", "上级机构", "管理单位", "街道"),
    "people": ("工号", "姓名", "所属机构", "职务", "联系电话"),
    "responsibilities": ("责任区类型", "责任区", "工号", "职责"),
    "duties": ("值班日期", "班次", "工号", "值班机构"),
}
_SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "令狐")
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰鹏飞红梅建国文志海燕春晓雪峰云波宁欣怡然子轩梓涵思远嘉铭雨彤"
)
_BUREAU_POSTS = (
    "局长",
    "副局长",
    "副局长",
    "总工程师",
    "大气处处长",
    "水处处长",
    "土壤处处长",
    "监测处处长",
    "办公室主任",
    "科员",
    "科员",
    "科员",
)
_CENTRE_POSTS = ("主任", "副主任", "预报员", "预报员", "预报员", "分析员", "分析员", "质控员", "质控员")
_TEAM_POSTS = ("队长", "副队长", "队员", "队员", "队员", "队员", "队员", "队员")
_UNIT_POSTS = ("局长", "副局长", "科长", "科员", "科员", "科员")
_STREET_POSTS = ("所长", "网格员")
_SECOND = 0.6  # share of stations with a second person
_NO_STREET, _NO_GRID, _NO_DUTY = 0.02, 0.02, 0.02  # share of streets, grids and days that were forgotten
_MONDAY = dt.date(2024, 1, 1)


def deliver(home: Home, plan: Plan, folder: Path, progress: Progress = silent) -> None:
    """Write organisations, people and responsibilities and take them in; the same again changes nothing."""
    progress(0, 1, "people.xlsx")
    file = folder / "people" / "people.xlsx"
    streets = places.streets(home, Scope.all())
    staff = make_people(plan.seed, _units(home), streets)
    write(
        file,
        {
            "organisations": list(_organisations(_units(home), streets)),
            "people": staff[list(_HEADS["people"])].to_numpy().tolist(),
            "responsibilities": list(_responsibilities(home, plan.seed, staff, streets)),
        },
    )
    service.import_people(home, file, origin="simulated", progress=progress, scope=Scope.all())


def extend(
    home: Home, plan: Plan, folder: Path, since: dt.datetime, until: dt.datetime, progress: Progress = silent
) -> None:
    """Write the rosters of the weeks that have come into sight after `since` up to `until`, and take them in.

    At the beginning of the plan those of the last `BACK` days too.
    """
    first, last = _sight(since), _sight(until)
    if since <= plan.begin:
        first = max(since, until - dt.timedelta(days=BACK)).astimezone(BEIJING).date()
        first -= dt.timedelta(days=first.weekday())
    days = [first + dt.timedelta(days=n) for n in range((last - first).days)]
    if not days:
        return
    progress(0, 1, "roster")
    staff = make_people(plan.seed, _units(home), places.streets(home, Scope.all()))
    file = folder / "people" / f"roster_{days[0]:%Y%m%d}.xlsx"
    write(file, {"duties": [turn for day in days for turn in turns(plan.seed, staff, day)]})
    service.import_people(home, file, origin="simulated", progress=progress, scope=Scope.all())


def make_people(seed: int, units: list[str], streets: pd.DataFrame) -> pd.DataFrame:
    """Everybody: 工号, 姓名, 所属机构, 职务, 联系电话, and the street (None: none) that the person works for."""
    random = generator(seed, _STREAM)
    rows = list(_posts(units, streets, random))
    numbers = random.permutation(10_000)[: len(rows)]
    return pd.DataFrame(
        {
            "工号": [code for code, _of, _post, _street in rows],
            "姓名": [name(random) for _row in rows],
            "所属机构": [of for _code, of, _post, _street in rows],
            "职务": [post for _code, _of, post, _street in rows],
            "联系电话": [f"{PHONES}{number:04d}" for number in numbers],
            "street": [street for _code, _of, _post, street in rows],
        }
    )


def turns(seed: int, staff: pd.DataFrame, day: dt.date) -> Iterator[tuple]:
    """The rosters of a day: rows of the sheet of duties."""
    random, number = generator(seed, _STREAM + 1, day.toordinal()), (day - _MONDAY).days
    keeping = staff[staff["street"].isna()]
    for organisation, codes in keeping.groupby("所属机构", sort=False)["工号"]:
        codes, forgotten = list(codes), random.random() < _NO_DUTY
        if forgotten and organisation != BUREAU:
            continue
        for shift, at in _shifts(organisation, len(codes), number):
            yield day.isoformat(), shift, codes[at], organisation


def write(file: Path, parts: dict[str, list]) -> None:
    """Write a workbook with a sheet for each part, as a bureau would; equal rows make equal files."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": dt.datetime(2026, 1, 1)})
        for part, rows in parts.items():
            sheet = book.add_worksheet(SHEETS[part])
            for line, row in enumerate((_HEADS[part], *rows)):
                for column, cell in enumerate(row):
                    sheet.write_string(line, column, cell or "")


def name(random: np.random.Generator) -> str:
    """A name that nobody was given: a common surname and one or two signs of common given names."""
    surname = str(random.choice(_COMPOUND)) if random.random() < 0.02 else str(random.choice(list(_SURNAMES)))
    given = random.choice(list(_GIVEN), 1 if random.random() < 0.25 else 2, replace=False)
    return surname + "".join(given)


def _sight(moment: dt.datetime) -> dt.date:
    """The Monday after the last week that is seen ahead at a moment."""
    day = moment.astimezone(BEIJING).date() + dt.timedelta(days=AHEAD)
    return day + dt.timedelta(days=7 - day.weekday())


def _units(home: Home) -> list[str]:
    return list(places.units(home, Scope.all())["name"])


def _bureau_of(unit: str) -> str:
    return f"{unit}生态环境局"


def _station_of(street: str) -> str:
    return f"{street}生态环境所"


def _organisations(units: list[str], streets: pd.DataFrame) -> Iterator[tuple]:
    yield BUREAU, "市局", "", "", ""
    yield CENTRE, "监测中心", BUREAU, "", ""
    for team in TEAMS.values():
        yield team, "队伍", BUREAU, "", ""
    for unit in units:
        yield _bureau_of(unit), "区（市）县局", BUREAU, unit, ""
    for street in streets.itertuples():
        yield _station_of(street.name), "街道站所", _bureau_of(street.unit), street.unit, street.name


def _posts(units: list[str], streets: pd.DataFrame, random: np.random.Generator) -> Iterator[tuple]:
    """Staff number, organisation, post and street of everybody."""
    city = [("SJ", BUREAU, _BUREAU_POSTS), ("JC", CENTRE, _CENTRE_POSTS)]
    city += [(prefix, team, _TEAM_POSTS) for prefix, team in TEAMS.items()]
    city += [(f"Q{number:02d}", _bureau_of(unit), _UNIT_POSTS) for number, unit in enumerate(units, start=1)]
    for prefix, of, posts in city:
        yield from ((f"{prefix}{n:03d}", of, post, None) for n, post in enumerate(posts, start=1))
    second = random.random(len(streets)) < _SECOND
    for number, (street, two) in enumerate(zip(streets["name"], second, strict=True), start=1):
        for n, post in enumerate(_STREET_POSTS[: 1 + two], start=1):
            yield f"J{number:03d}{n:02d}", _station_of(street), post, street


def _responsibilities(home: Home, seed: int, staff: pd.DataFrame, streets: pd.DataFrame) -> Iterator[tuple]:
    random, of = generator(seed, _STREAM + 2), staff.groupby("所属机构", sort=False)["工号"].apply(list)
    for unit in _units(home):
        yield "管理单位", unit, of[_bureau_of(unit)][1], "综合"
    kept = random.random(len(streets)) >= _NO_STREET
    for street, answered in zip(streets.itertuples(), kept, strict=True):
        if answered:
            yield "街道", street.name, of[_station_of(street.name)][0], "综合"
            yield "街道", street.name, of[_bureau_of(street.unit)][2 + street.Index % 4], "大气"
    grids = [feature["properties"] for feature in places.layer(home, Scope.all(), "grid")["features"]]
    for number, (grid, dice) in enumerate(zip(grids, random.random(len(grids)), strict=True)):
        if dice >= _NO_GRID:
            there = of[_station_of(grid["parent"])]
            yield "网格", grid["name"], there[number % len(there)], "综合"
    rivers = {feature["properties"]["name"] for feature in places.layer(home, Scope.all(), "river")["features"]}
    posts = of[BUREAU]
    for number, river in enumerate(sorted(rivers)):
        yield "河流", river, posts[number % len(posts)], "水"


def _shifts(organisation: str, people: int, number: int) -> Iterator[tuple[str, int]]:
    """Shift and row of the person for an organisation on the day of a number: everybody in turn."""
    if organisation == BUREAU:
        yield "日班", number % 4 + 1
        yield "日班", 4 + number % (people - 4)
        yield "夜班", 4 + (number + 3) % (people - 4)
    elif organisation in (CENTRE, TEAMS["ZF"], TEAMS["XC"]):
        yield "日班", number % people
        yield "夜班", (number + people // 2) % people
    elif organisation in TEAMS.values():
        yield "日班", number % people
    else:
        yield "全天", number % people
