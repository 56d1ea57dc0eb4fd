"""Whatever bytes a file holds, a door takes rows, rejects rows, or raises InputError; nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.ingest import sections, stations, water_stations, weather
from shuzhi.ingest.air_archive import parse_day
from shuzhi.ingest.archive_files import find

HEADS = {
    "archive": "date,hour,type,1431A,1434A\n",
    "stations": "code,name,city,lon,lat,background,network,evaluation\n",
    "hourly": "station,time,lon,lat,temperature,pressure\n",
    "daily": "date,station,avgtemp,maxwswd,avgp\n",
    "sections": "断面名称,省份,城市,经度,纬度,目标类别,上下游序号\n",
    "water": "断面名称,监测时间,水质类别,pH,溶解氧,总磷,叶绿素a,省份,站点情况\n",
}
PARSERS = {
    "archive": lambda path: parse_day(find([path])),
    "stations": stations.parse,
    "hourly": weather.parse,
    "daily": weather.parse,
    "sections": sections.parse,
    "water": lambda path: water_stations.parse(path, 2021),
}

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
