"""Chart of the forecast: what is measured, what is told, bands, levels."""

import numpy as np
import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.charts import forecast as charts
from shuzhi.charts.theme import for_document, to_svg
from shuzhi.charts.tokens import LIGHT
from tests.charted import groups, rows_with

ENDS = pd.date_range("2026-11-20", periods=12, freq="D", tz="Asia/Shanghai").tz_convert("UTC")


@pytest.fixture(autouse=True)
def chinese():
    i18n.use("zh")


def measured(days=5) -> pd.DataFrame:
    return pd.DataFrame({"time": ENDS[:days], "value": 40.0 + np.arange(days), "level": 1})


def coming() -> pd.DataFrame:
    value = np.full(7, 120.0)
    bands = {name: value * share for name, share in zip(charts.BANDS, (0.5, 0.8, 1.2, 1.6), strict=True)}
    return pd.DataFrame({"time": ENDS[5:], "value": value, "level": 3, **bands})


def fan(observed=None, forecast=None, item="aqi", **more) -> dict:
    rows = measured() if observed is None else observed
    told = coming() if forecast is None else forecast
    return charts.fan(rows, told, item, LIGHT, step=charts.DAY, **more)


def told(spec: dict) -> list[dict]:
    return groups(spec)[3]


def seen(spec: dict) -> list[dict]:
    return groups(spec)[4]


def came(spec: dict) -> list[dict]:
    return groups(spec)[5]


def svg_of(spec: dict) -> str:
    return to_svg(for_document(spec, LIGHT))


def test_measured_and_told_stand_in_the_middle_of_their_days():
    spec = fan()
    stamps = [row["t"] for row in (*seen(spec), *told(spec)) if row["v"] is not None]
    assert {t % 86_400_000 for t in stamps} == {43_200_000}  # noon, Beijing
    assert len(stamps) == 12
    assert stamps == sorted(stamps)


def test_bands_open_at_the_last_reading():
    first, second, *_rest = told(fan())
    assert (first["v"], first["a"], first["d"]) == (None, 44, 44)
    assert (second["a"], second["b"], second["c"], second["d"]) == pytest.approx((60, 96, 144, 192))


@pytest.mark.parametrize("observed", [measured(3), measured().assign(value=[40, 41, 42, 43, np.nan])])
def test_bands_do_not_reach_back_over_missing_days(observed):
    (first, *_rest) = told(fan(observed=observed))
    assert first["a"] == pytest.approx(60)


def test_the_line_is_broken_where_days_are_missing():
    runs = [row["run"] for row in seen(fan(observed=measured().drop(index=2)))]
    assert runs[0] == runs[1] != runs[2] == runs[3]


def test_what_came_after_the_issue_is_no_part_of_the_line():
    spec = fan(observed=pd.DataFrame({"time": ENDS[:8], "value": 50.0, "level": 1}))
    assert len(seen(spec)) == 5
    assert len(came(spec)) == 3
    assert len(told(spec)) == 1 + 7


def test_limits_are_levels_for_the_index_and_grades_for_a_pollutant():
    assert "轻度污染 ≤ 150" in [row["text"] for row in rows_with(fan(), "rule")]
    names = [row["text"] for row in rows_with(fan(item="pm25", unit="µg/m³"), "rule")]
    assert any(name.startswith("二级限值") for name in names)
    assert not any("污染" in name for name in names)


def test_days_have_their_numbers_and_levels_their_colours():
    svg = svg_of(fan(decimals=1))
    assert svg.count(">120.0<") == 7
    assert svg.count('fill="#FF7E00"') == 7
    assert ">120<" not in svg_of(fan(forecast=coming().assign(value=np.nan)))


def test_hours_have_no_numbers_and_end_at_their_stamps():
    hours = coming().assign(time=pd.date_range(ENDS[5], periods=7, freq="h"))
    spec = charts.fan(measured(0), hours, "aqi", LIGHT, step=charts.HOUR)
    assert ">120<" not in svg_of(spec)
    assert told(spec)[0]["t"] % 3_600_000 == 1_800_000


def test_a_forecast_without_bands_or_readings_is_drawn():
    bare = coming().assign(**dict.fromkeys(charts.BANDS, np.nan))
    nothing = pd.DataFrame({"time": pd.DatetimeIndex([], tz="UTC"), "value": [], "level": []})
    spec = fan(observed=nothing, forecast=bare)
    assert not any(row["a"] for row in told(spec))
    assert "<svg" in svg_of(spec)
