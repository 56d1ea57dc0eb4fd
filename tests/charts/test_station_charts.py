"""Charts of a station: what they draw, and that they can be drawn without a browser."""

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from shuzhi import i18n
from shuzhi.charts import calendar, theme
from shuzhi.charts import station as charts
from shuzhi.charts.tokens import DARK, LIGHT, tokens
from shuzhi.settings import BEIJING
from shuzhi.standards.factors import ITEMS

END = pd.Timestamp("2019-08-26T15:00", tz=BEIJING)
START = pd.Timestamp("2019-08-20", tz=BEIJING)


@pytest.fixture
def hours() -> pd.DataFrame:
    """A week of ozone with one hole of 23 hours, one of 3, a reading alone between them, and 215 at the end."""
    times = pd.date_range(START, END, freq="h", inclusive="right").tz_convert("UTC")
    table = pd.DataFrame({"time": times, "o3": 80.0, "so2": 7.0, "pm25": 30.0, "aqi": 40.0, "level": 1})
    table.loc[table.index[-1], ["o3", "aqi", "level"]] = [215.0, 108.0, 3]
    hole = list(range(40, 63)) + list(range(64, 67))
    return table.drop(index=hole)


@pytest.fixture
def days() -> pd.DataFrame:
    every = pd.date_range("2019-01-01", "2019-08-25")
    table = pd.DataFrame({"day": every, "valid": True, "aqi": 75.0, "level": 2, "primary": "O3"})
    table.loc[10:12, ["valid", "aqi", "level"]] = [False, np.nan, 0]
    return table


def marks(spec: dict) -> list[dict]:
    """Properties of every mark, in the order in which they are drawn."""
    return [layer["mark"] for group in spec["layer"] for layer in group["layer"]]


def rows(spec: dict, field: str) -> list[dict]:
    """Rows of the first group that have the field; columns are made rows, as the browser does."""
    values = next(group["data"]["values"] for group in spec["layer"] if field in (group["data"]["values"] or [{}])[0])
    if not isinstance(values[0][field], list):
        return values
    (columns,) = values
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def svg_of(spec: dict) -> str:
    return theme.to_svg(theme.for_document(spec, LIGHT, 900))


def week(hours, item="o3", mode=LIGHT, unit="µg/m³", **more) -> dict:
    return charts.concentration(hours, item, START, END, mode, unit=unit, **more)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_line_is_broken_where_hours_are_missing(hours):
    grid = charts.hour_grid(hours, "o3", START, END)
    there = ~np.isnan(grid.value)
    assert len(grid.clock) == 6 * 24 + 15
    assert set(grid.run[there]).isdisjoint(grid.run[~there])
    assert len(set(grid.run[there])) == 3
    assert grid.value[grid.alone].tolist() == [80.0]
    assert [hours for _first, _last, hours in charts.gaps(grid)] == [23, 3]


def test_only_long_gaps_are_named(hours):
    texts = [row["text"] for row in rows(week(hours), "t2")]
    assert texts == ["缺测 23 小时", ""]


def test_concentration_has_line_limits_strip_and_last_value(hours):
    spec = week(hours)
    assert {"line", "circle", "rect", "rule", "text"} <= {mark["type"] for mark in marks(spec)}
    limits = rows(spec, "rule")
    assert [(row["rule"], row["text"]) for row in limits] == [(200.0, "小时二级限值 200"), (160.0, "小时一级限值 160")]
    assert next(mark for mark in marks(spec) if mark.get("strokeDash"))["type"] == "rule"
    last = spec["layer"][-1]["data"]["values"]
    assert [row["text"] for row in last] == ["215"]
    assert rows(spec, "run")[-1]["level"] == 3
    assert "#FF7E00" in svg_of(spec)
    assert spec["padding"]["right"] > 0


def test_a_tooltip_says_hour_reading_and_level(hours):
    svg = svg_of(week(hours))
    assert "时间: 2019-08-26 15:00; 浓度: 215 µg/m³; 小时 AQI: 108 轻度污染" in svg
    assert "时间: 2019-08-22 00:00; 浓度: 缺测; 小时 AQI: —" in svg
    assert "浓度: 7.0 µg/m³" in svg_of(week(hours, "so2", decimals=1))


def test_limits_follow_the_date():
    before = charts.limit_lines("pm25", dt.date(2019, 8, 26))
    after = charts.limit_lines("pm25", dt.date(2031, 8, 26))
    assert before[0].name == "日均二级限值 75"
    assert after[0].value < before[0].value


def test_a_far_limit_does_not_flatten_the_line(hours):
    spec = week(hours, "so2")
    (limit,) = rows(spec, "rule")
    assert limit["rule"] is None
    assert limit["text"] == "小时二级限值 500、小时一级限值 150，在图外"
    top = next(param["value"] for param in spec["params"] if param["name"] == "top")
    assert top < 20


def test_times_are_the_citys_clock(hours):
    last = rows(week(hours), "run")[-1]
    assert pd.Timestamp(last["t"], unit="ms") == pd.Timestamp("2019-08-26T15:00")


def test_a_station_without_readings_still_draws(hours):
    png = theme.to_png(theme.for_document(week(hours.iloc[:0]), LIGHT, 400), scale=1)
    assert pixels(png).std() > 1


def test_calendar_counts_and_prints(days):
    first, last = dt.date(2019, 1, 1), dt.date(2019, 8, 25)
    cells = calendar.calendar_cells(days, first, last)
    months = calendar.completeness(cells)
    assert [month["text"] for month in months] == [
        "28/31", "28/28", "31/31", "30/30", "31/31", "30/30", "31/31", "25/25",
    ]  # fmt: skip
    table = pd.DataFrame(cells)
    assert len(table) == 237
    grey = table[table["aqi"].isna()]
    assert list(zip(grey["month"], grey["day"], strict=True)) == [(1, 11), (1, 12), (1, 13)]
    assert set(table.loc[table["aqi"].notna(), "level"]) == {2}
    svg = svg_of(calendar.calendar(days, first, last, LIGHT))
    assert svg.count("日期: 2019-") == 237
    assert "日期: 2019-01-11; 日 AQI: 无效日; 首要污染物: —" in svg
    assert "日期: 2019-08-25; 日 AQI: 75 良; 首要污染物: O3" in svg
    assert svg.count('fill="#FFFF00"') == 234


def test_a_day_without_a_row_is_as_one_that_is_not_valid(days):
    first, last = dt.date(2019, 1, 1), dt.date(2019, 8, 25)
    assert calendar.calendar_cells(days[days["valid"]], first, last) == calendar.calendar_cells(days, first, last)


def test_calendar_numbers_go_on_a_phone(days):
    spec = calendar.calendar(days, dt.date(2019, 1, 1), dt.date(2019, 8, 25), LIGHT)
    number = next(mark for mark in marks(spec) if mark["type"] == "text")
    assert number["fontSize"]["expr"].startswith("width < 640 ? 0 :")
    assert spec["height"] == 28 * 8


def test_spark_has_the_last_value_and_the_limit(hours):
    spec = charts.spark(hours, "o3", END, DARK)
    assert [row["text"] for row in rows(spec, "rule")] == ["小时二级限值 200"]
    assert len(rows(spec, "run")) == 24
    assert marks(spec)[-1]["type"] == "text"


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize("width", [900, 350])
def test_png_is_drawn(hours, mode, width):
    image = pixels(theme.to_png(theme.for_document(week(hours, mode=mode), mode, width), scale=1))
    assert image.shape[1] == pytest.approx(width + 32, abs=40)
    ground = np.array([int(mode.bg[i : i + 2], 16) for i in (1, 3, 5)])
    share = (np.abs(image - ground).max(axis=2) > 8).mean()
    assert 0.02 < share < 0.9


def test_png_has_the_level_colours_and_the_pollutants_line(hours):
    image = pixels(theme.to_png(theme.for_document(week(hours), LIGHT, 900), scale=2)).reshape(-1, 3)
    for colour in ("#00E400", "#FF7E00", LIGHT.pollutant("o3")):
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        assert (np.abs(image.astype(int) - wanted).max(axis=1) <= 2).sum() > 50, colour


def test_chinese_is_drawn_and_not_boxes():
    """Two different Chinese characters look different, which the box for a missing glyph would not."""

    def picture(text: str) -> np.ndarray:
        values = {"values": [{"text": text}]}
        mark = {"type": "text", "fontSize": 40, "font": theme.FONT}
        spec = {"data": values, "mark": mark, "encoding": {"text": {"field": "text"}}, "width": 80, "height": 60}
        return pixels(theme.to_png(spec, scale=1))

    one, other, empty = picture("缺"), picture("测"), picture(" ")
    assert (one != empty).any()
    assert (one != other).any(axis=2).sum() > 60


def test_svg_keeps_chinese_as_text(hours):
    svg = theme.to_svg(theme.for_document(week(hours), LIGHT, 900))
    assert "缺测 23 小时" in svg
    assert "8月21日" in svg


def test_english_charts_speak_english(hours):
    i18n.use("en")
    try:
        svg = theme.to_svg(theme.for_document(week(hours), LIGHT, 900))
    finally:
        i18n.use("zh")
    assert "23 h missing" in svg
    assert "21 Aug" in svg


def test_a_template_is_filled_without_changing_it(hours):
    first, second = week(hours), week(hours.iloc[:50])
    assert rows(first, "run") != rows(second, "run")
    assert rows(week(hours), "run") == rows(first, "run")


def test_every_item_has_a_line_colour_of_its_own():
    for dark in (False, True):
        mode = tokens(dark)
        assert len({mode.pollutant(item) for item in ITEMS}) == len(ITEMS)
        assert mode.pollutant("o3_8h") == mode.pollutant("o3")
