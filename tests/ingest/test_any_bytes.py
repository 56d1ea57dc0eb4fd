"""Whatever bytes a file holds, a door takes rows, rejects rows, or raises InputError; nothing else."""

import contextlib

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.ingest import inventory, machines, positions, sections, stations, water_stations, weather, weather_forecast
from shuzhi.ingest.air_archive import parse_day
from shuzhi.ingest.archive_files import find
from shuzhi.ingest.template import builtin
from shuzhi.ingest.whereabouts import Whereabouts

HEADS = {
    "archive": "date,hour,type,1431A,1434A\n",
    "stations": "code,name,city,lon,lat,background,network,evaluation\n",
    "hourly": "station,time,lon,lat,temperature,pressure\n",
    "daily": "date,station,avgtemp,maxwswd,avgp\n",
    "forecast": "station,issue,lead,lon,lat,temperature,pressure\n",
    "daily forecast": "product,station,issue,date,avgtemp,maxwswd\n",
    "sections": "断面名称,省份,城市,经度,纬度,目标类别,上下游序号\n",
    "inventory": "企业名称,统一社会信用代码,行业,区县,街道,经度,纬度,颗粒物,年份\n",
    "machines": "标牌号,机械类型,功率,排放阶段,燃料,管理单位\n",
    "positions": "标牌号,时间,经度,纬度\n",
    "water": "断面名称,监测时间,水质类别,pH,溶解氧,总磷,叶绿素a,省份,站点情况\n",
}
PARSERS = {
    "archive": lambda path: parse_day(find([path])),
    "stations": stations.parse,
    "hourly": weather.parse,
    "daily": weather.parse,
    "forecast": weather_forecast.parse,
    "daily forecast": weather_forecast.parse,
    "sections": sections.parse,
    "inventory": lambda path: inventory.parse(path, PLACES),
    "machines": lambda path: machines.parse(path, PLACES),
    "positions": lambda path: positions.parse(path, {"1"}),
    "water": lambda path: water_stations.parse(path, 2021),
}
PLACES = Whereabouts(
    frozenset({"高新"}),
    {"30": "武侯", "O3": "高新"}.get,
    pd.DataFrame({"unit": ["高新"], "district": ["武侯"]}, index=["Ⅱ"]),
    lambda lon, lat: np.full(len(lon), "武侯", dtype=object),
    lambda lon, lat: np.full(len(lon), "高新", dtype=object),
)

cell = st.one_of(
    st.sampled_from(
        [
            "",
            "1",
            "-1",
            "1e9",
            "nan",
            "inf",
            "*",
            "--",
            "Ⅱ",
            "04-01 04:00",
            "O3",
            "20190826",
            "2019-08-26",
            "2019-08-26T15:00",
            "104",
            "30",
        ]
    ),
    st.text(max_size=6),
)
lines = st.lists(st.lists(cell, min_size=1, max_size=9).map(",".join), max_size=12).map("\n".join)
content = st.one_of(lines.map(str.encode), lines.map(lambda text: text.encode("gb18030")), st.binary(max_size=200))


@pytest.mark.parametrize("door", HEADS)
@given(data=content, head=st.booleans())
def test_any_bytes(tmp_path_factory, door, data, head):
    path = tmp_path_factory.mktemp("bytes") / "china_sites_20190826.csv"
    path.write_bytes(HEADS[door].encode() * head + data)
    with contextlib.suppress(InputError):
        parsed = PARSERS[door](path)
        assert len(parsed.rejected) + len(parsed.rows) <= 12 * 20


NAMES = [name for field in builtin("inventory").fields.values() for name in field.names]
messy = st.sampled_from([" ", "（吨）", "\n", "2024年", "排放量", "*", "", "：", "x", "ｘ", '"', "，"])
heads = st.tuples(messy, st.sampled_from([*NAMES, "备注", ""]), messy, messy).map("".join)
value = st.one_of(st.none(), st.text(max_size=5), st.integers(-5, 4000), st.floats(allow_nan=False), st.booleans())


@settings(max_examples=40)
@given(header=st.lists(heads, max_size=8), rows=st.lists(st.lists(value, max_size=8), max_size=6))
def test_any_workbook(tmp_path_factory, header, rows):
    path = tmp_path_factory.mktemp("workbook") / "i.xlsx"
    with xlsxwriter.Workbook(path, {"nan_inf_to_errors": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["企业名称", *header], *rows]):
            sheet.write_row(number, 0, row)
    with contextlib.suppress(InputError):
        parsed = inventory.parse(path, PLACES)
        assert len(parsed.rows) + parsed.duplicates <= len(rows)
        assert len(set(parsed.rows["id"].to_pylist())) == len(parsed.rows)


@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"PK\x03\x04", b"PAR1", b"SQLite format 3\0", b"\xd0\xcf\x11\xe0"]),
)
def test_any_bytes_after_a_signature(tmp_path_factory, data, start):
    path = tmp_path_factory.mktemp("bytes") / "i.gpkg"
    path.write_bytes(start + data)
    with pytest.raises(InputError):
        inventory.parse(path, PLACES)
