"""Charts of the forecast: what is measured, what is told, bands, levels, names that stand apart."""

import numpy as np
import pandas as pd
import pytest

from shuzhi import i18n
from shuzhi.charts import forecast as charts
from shuzhi.charts.theme import for_document, to_svg
from shuzhi.charts.tokens import LIGHT

ENDS = pd.date_range("2026-11-20", periods=12, freq="D", tz="Asia/Shanghai").tz_convert("UTC")


@pytest.fixture(autouse=True)
def chinese():
    i18n.use("zh")


def seen(days=5) -> pd.DataFrame:
    return pd.DataFrame({"time": ENDS[:days], "value": 40.0 + np.arange(days), "level": 1})


def told() -> pd.DataFrame:
    value = np.full(7, 120.0)
    bands = {name: value * share for name, share in zip(charts.BANDS, (0.5, 0.8, 1.2, 1.6), strict=True)}
    return pd.DataFrame({"time": ENDS[5:], "value": value, "level": 3, **bands})


def fan(observed=None, forecast=None, item="aqi", **more) -> dict:
    rows = seen() if observed is None else observed
    coming = told() if forecast is None else forecast
    return charts.fan(rows, coming, item, LIGHT, step=charts.DAY, issued=ENDS[4], **more)


def rows(spec: dict, *fields: str) -> list[dict]:
    return [row for layer in spec["layer"] for row in layer["data"]["values"] if set(fields) <= set(row)]


def test_measured_and_told_stand_in_the_middle_of_their_days():
    spec = fan()
    stamps = [row["t"] for row in rows(spec, "reading")]
    assert {t % 86_400_000 for t in stamps} == {43_200_000}  # noon, Beijing
    assert len(stamps) == 12
    assert stamps == sorted(stamps)


def test_bands_open_at_the_last_reading():
    first, second, *_rest = rows(fan(), "a", "d")
    assert (first["a"], first["d"]) == (44, 44)
    assert (second["a"], second["b"], second["c"], second["d"]) == pytest.approx((60, 96, 144, 192))


def test_bands_do_not_reach_back_over_missing_days():
    (first, *_rest) = rows(fan(observed=seen(3)), "a", "d")
    assert first["a"] == pytest.approx(60)


def test_what_came_after_the_issue_is_no_part_of_the_line():
    spec = fan(observed=pd.DataFrame({"time": ENDS[:8], "value": 50.0, "level": 1}))
    groups = [layer["data"]["values"] for layer in spec["layer"]]
    came = next(group for group in groups[::-1] if group and "run" in group[0])
    assert len(came) == 3
    assert len([row for row in rows(spec, "grade") if "color" in row]) == 5 + 7  # the strip has each day once


def test_limits_are_levels_for_the_index_and_grades_for_a_pollutant():
    assert "轻度污染 ≤ 150" in [row["text"] for row in rows(fan(), "text", "v")]
    names = [row["text"] for row in rows(fan(item="pm25", unit="µg/m³"), "text", "v")]
    assert any(name.startswith("二级限值") for name in names)
    assert not any("污染" in name for name in names)


def test_a_forecast_without_bands_or_readings_is_drawn():
    bare = told().assign(**dict.fromkeys(charts.BANDS, np.nan))
    nothing = pd.DataFrame({"time": pd.DatetimeIndex([], tz="UTC"), "value": [], "level": []})
    spec = fan(observed=nothing, forecast=bare)
    assert not rows(spec, "a", "d")
    assert "<svg" in to_svg(for_document(spec, LIGHT))
