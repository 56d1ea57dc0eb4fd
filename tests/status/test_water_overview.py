"""Surface water at a moment and over a span: classes, targets, last year, rivers, districts, lakes."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi.decision.targets import set_target
from shuzhi.errors import ScopeError
from shuzhi.ingest.service import import_sections, import_water_stations
from shuzhi.status import water
from shuzhi.status import water_overview as overview
from shuzhi.store import Scope, open_home
from tests.water import HEAD, water_home

SCOPE = Scope.all()


def beijing(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Shanghai")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return water_home(tmp_path_factory.mktemp("overview"))


@pytest.fixture(scope="module")
def seen(home):
    return overview.overview(home, SCOPE)


def test_the_summary_counts_the_city_s_sections(home):
    found = overview.summary(home, SCOPE)
    assert (found.at, found.city) == (beijing("2026-04-02 20:00"), "成都")
    assert found.now.counts == {0: 1, 1: 0, 2: 1, 3: 2, 4: 2, 5: 0, 6: 1}
    assert (found.now.sections, found.now.rated, found.now.good, found.now.worst) == (7, 6, 3, 1)
    assert found.now.good_share == 50
    assert (found.now.with_target, found.now.met, found.now.met_share) == (6, 3, 50)
    assert (found.before.rated, found.before.good_share, found.change) == (5, 60, -10)
    assert found.worst["name"].tolist() == ["丁桥", "丙桥", "己湖坝前"]
    assert found.worst["main"].tolist() == ["NH3-N", "TP", "TP"]
    assert found.worst["times"].round(2).tolist() == [1.4, 0.25, 0.2]


def test_the_target_of_the_year(home):
    assert overview.summary(home, SCOPE).target_share is None
    set_target(home, Scope.all(), 2026, overview.GOOD_SHARE, 97.5)
    assert overview.summary(home, SCOPE).target_share == 97.5


def test_a_section_keeps_its_class_for_twelve_hours(home):
    assert overview.summary(home, SCOPE, beijing("2026-04-01 15:00")).now.rated == 6
    kept = overview.now(home, SCOPE, beijing("2026-04-03 07:00"), overview.watched(home, SCOPE)[0])
    assert (kept["water_class"] > 0).sum() == 6
    gone = overview.now(home, SCOPE, beijing("2026-04-03 09:00"), overview.watched(home, SCOPE)[0])
    assert (gone["water_class"] > 0).sum() == 0


def test_a_moment_before_all_data_has_no_class(home):
    found = overview.summary(home, SCOPE, beijing("2020-01-01"))
    assert (found.at, found.now.rated, found.now.sections) == (None, 0, 7)
    assert np.isnan(found.now.good_share)
    assert overview.overview(home, SCOPE, beijing("2020-01-01")).now.rated == 0


def test_sections_against_last_year_and_target(seen):
    table = seen.sections.set_index("name")
    assert table["water_class"].to_dict() == {
        "甲桥": 2, "乙桥": 3, "丙桥": 4, "丁桥": 6, "戊湖心": 3, "己湖坝前": 4, "庚桥": 0,
    }  # fmt: skip
    assert table["before_class"].to_dict() == {
        "甲桥": 2, "乙桥": 4, "丙桥": 3, "丁桥": 0, "戊湖心": 3, "己湖坝前": 4, "庚桥": 0,
    }  # fmt: skip
    assert table["change"].dropna().to_dict() == {"甲桥": 0, "乙桥": -1, "丙桥": 1, "戊湖心": 0, "己湖坝前": 0}
    assert table["meets"].dropna().to_dict() == {
        "甲桥": True, "乙桥": True, "丙桥": False, "丁桥": False, "戊湖心": True, "己湖坝前": False,
    }  # fmt: skip
    assert table.at["丁桥", "main"] == "NH3-N"


def test_rivers_by_few_sections_are_classed_by_means(seen):
    rivers = seen.rivers.set_index("river")
    assert rivers.index.tolist() == ["浊水河", "清水河"]
    assert rivers.at["清水河", "method"] == "means"
    assert rivers.at["清水河", "water_class"] == 3  # TP 0.15, NH3-N 0.47
    assert rivers.at["清水河", "n_4"] == 1
    assert (rivers.at["浊水河", "quality"], rivers.at["浊水河", "main"]) == (5, "NH3-N")
    assert rivers["quality_before"].to_dict() == {"清水河": 2, "浊水河": 0}


def test_districts_by_the_items_measured(seen):
    districts = seen.districts.set_index("district")
    assert set(districts["measured"]) == {5}
    expected = 0.3 + 5 / 8 + 1.9 / 6 + 0.1 + 0.05 / 0.2
    assert districts.at["郫都区", "cwqi"] == pytest.approx(expected, abs=5e-5)
    assert districts.index[0] == "郫都区"
    assert districts.index[-1] == "金堂县"
    assert districts.at["武侯区", "change"] < 0 < districts.at["双流区", "change"]
    assert np.isnan(districts.at["金堂县", "change"])


def test_lakes_by_the_mean_of_their_points(seen):
    (lake,) = seen.lakes.to_dict("records")
    assert (lake["lake"], lake["points"], lake["water_class"], lake["class_tn"]) == ("戊湖", 2, 3, 4)
    assert lake["tp"] == pytest.approx(0.05)
    # chl-a 20 mg/m³ 57.53, TP 45.71, TN 57.62, CODMn 30.32 with weights 1, 0.7056, 0.6724, 0.6889
    assert lake["tli"] == pytest.approx(48.72, abs=0.01)
    assert lake["trophic"] == 2  # 中营养


def test_by_month_and_by_year_the_means_count(home):
    month = overview.overview(home, SCOPE, beijing("2026-04-01 12:00"), "month")
    assert (month.start, month.end) == (beijing("2026-04-01"), beijing("2026-04-01 12:00"))
    assert month.now.counts == {0: 1, 1: 0, 2: 1, 3: 2, 4: 2, 5: 0, 6: 1}
    year = overview.overview(home, SCOPE, None, "year")
    assert year.start == beijing("2026-01-01")
    assert year.before.rated == 5


def test_midnight_belongs_to_the_month_before():
    start, end = overview.span_of("month", beijing("2026-05-01 00:00"))
    assert (start, end) == (beijing("2026-04-01"), beijing("2026-05-01"))


def test_a_period_for_a_briefing(home):
    found = overview.period(home, SCOPE, dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert (found.now.good_share, found.before.good_share, found.change) == (50, 60, -10)
    assert found.sections.set_index("name").at["乙桥", "before_class"] == 4
    nothing = overview.period(home, SCOPE, dt.date(2026, 5, 1), dt.date(2026, 5, 31))
    assert nothing.now.rated == 0
    assert np.isnan(nothing.change)


def test_classes_by_month(home):
    found = water.months(home, SCOPE, beijing("2025-01-01"), beijing("2026-12-31"), ["A2"])
    assert found[["month", "times", "water_class", "deciding"]].values.tolist() == [
        ["2025-04", 6, 4, "TP"], ["2026-04", 6, 3, "TP"],
    ]  # fmt: skip


def test_a_month_without_an_item_of_the_month_before_has_no_class(tmp_path):
    row = "四川省,甲桥,{}-01 04:00,*,18.0,7.6,8.0,1.9,0.10,{},1.8,*,正常\n"
    (tmp_path / "w.csv").write_text(HEAD + "".join(row.format(*one) for one in (("03", "0.05"), ("04", "*"))))
    home = open_home(tmp_path / "home", create="real")
    import_water_stations(home, tmp_path / "w.csv", 2026)
    found = water.months(home, SCOPE, beijing("2026-01-01"), beijing("2026-12-31"))
    assert found[["month", "water_class", "missing"]].values.tolist() == [["2026-03", 2, ""], ["2026-04", 0, "TP"]]


def test_readings_of_a_station_under_maintenance_are_no_part_of_a_mean(tmp_path):
    row = "四川省,甲桥,04-01 {}:00,*,18.0,7.6,8.0,1.9,0.10,{},1.8,*,{}\n"
    (tmp_path / "w.csv").write_text(HEAD + row.format("04", "0.05", "正常") + row.format("08", "9.00", "维护"))
    home = open_home(tmp_path / "home", create="real")
    import_water_stations(home, tmp_path / "w.csv", 2026)
    found = overview.period(home, SCOPE, dt.date(2026, 4, 1), dt.date(2026, 4, 1))
    assert found.sections["tp"].tolist() == [0.05]
    assert found.city is None  # no section of the register is in 成都


def test_a_section_without_a_district_gets_the_one_that_it_stands_in(tmp_path):
    rows = ["甲桥,成都市,,104.08,30.66", "乙桥,成都市,金堂县,104.08,30.66", "丙桥,成都市,,,"]
    (tmp_path / "s.csv").write_text("\n".join(["断面名称,城市,区县,经度,纬度", *rows]))
    home = open_home(tmp_path / "home", create="real")
    import_sections(home, tmp_path / "s.csv")
    found = overview.watched(home, SCOPE)[0].set_index("name")["district"]
    assert found[["甲桥", "乙桥"]].tolist() == ["锦江区", "金堂县"]
    assert pd.isna(found["丙桥"])


def test_an_empty_home(tmp_path):
    empty = open_home(tmp_path / "empty")
    found = overview.summary(empty, SCOPE)
    assert (found.at, found.now.sections, len(found.worst)) == (None, 0, 0)
    assert overview.overview(empty, SCOPE) is None


def test_scope(home):
    with pytest.raises(ScopeError):
        overview.summary(home, Scope.seeing("air"))
