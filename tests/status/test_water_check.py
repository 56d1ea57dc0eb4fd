"""A table held against the classes that it publishes, row by row."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from shuzhi.errors import InputError
from shuzhi.status import water_check
from shuzhi.status.water_cli import app

HEAD = "断面名称,监测时间,水质类别,pH,溶解氧,高锰酸盐指数,氨氮,总磷,叶绿素a,站点情况\n"
ROWS = """甲桥,04-01 04:00,Ⅱ,7.60,7.60,1.90,0.100,0.050,*,正常
甲桥,04-01 08:00,Ⅱ,7.60,7.60,1.90,0.100,0.020,*,正常
甲桥,04-01 12:00,Ⅳ,7.60,7.60,1.90,0.100,0.050,*,正常
甲桥,04-01 16:00,Ⅳ,7.60,7.60,1.90,0.100,0.050,*,正常
甲桥,04-01 16:00,Ⅱ,7.60,7.60,1.90,0.100,0.050,*,正常
甲桥,04-01 20:00,Ⅱ,7.60,7.60,1.90,0.100,--,*,正常
甲桥,04-02 00:00,*,7.60,7.60,1.90,0.100,0.050,*,正常
乙桥,04-01 04:00,Ⅰ,7.60,7.60,1.90,0.100,*,*,正常
丙湖,04-01 04:00,Ⅳ,7.60,7.60,1.90,0.100,0.060,0.010,正常
*,04-01 04:00,Ⅳ,7.60,7.60,1.90,0.100,0.060,*,正常
"""


@pytest.fixture
def write(tmp_path):
    """Writes a table and gives its path."""

    def writer(content: str):
        path = tmp_path / "w.csv"
        path.write_text(content)
        return path

    return writer


def test_each_row_is_rated_by_itself_and_differences_are_explained(write):
    found = water_check.check(write(HEAD + ROWS), 2026)
    assert found[["line", "water_class", "why"]].values.tolist() == [
        [2, 2, ""],
        [3, 1, "rounding"],  # 0.0203 is shown as 0.020
        [4, 2, "other"],
        [5, 2, "repetition"],
        [6, 2, ""],
        [7, 0, "other"],  # phosphorus is missing, and no class to be given
        [9, 1, ""],  # never measures phosphorus
        [10, 4, ""],  # limits of a lake
    ]


def test_command(write):
    path = write(HEAD + ROWS)
    result = CliRunner().invoke(app, ["check", str(path), "--year", "2026"], catch_exceptions=False)
    assert "4 of 8 published classes (50.00%) are ours" in result.stderr
    assert result.stdout.splitlines()[:2] == [
        "line,time,section,published,class,deciding,why",
        "3,2026-04-01T08:00:00+08:00,甲桥,Ⅱ,Ⅰ,,rounding",
    ]


def test_nothing_to_rate(write):
    with pytest.raises(InputError, match="known factor"):
        water_check.check(write("断面名称,监测时间,雾\n甲桥,04-01 04:00,7\n"), 2026)


@pytest.mark.archive
def test_the_table_of_sichuan(water_2021):
    """98.89 % of 1 976 rows; 21 of 22 differences are display rounding, the other contradicts itself."""
    found = water_check.check(water_2021, 2021)
    assert (len(found), (found["why"] == "").sum()) == (1976, 1954)
    assert found["why"].value_counts().drop("").to_dict() == {"rounding": 21, "repetition": 1}
    (line,) = found.loc[found["why"] == "repetition", "line"]
    assert found.set_index("line").at[line, "time"] == pd.Timestamp("2021-04-03T16:00Z")
