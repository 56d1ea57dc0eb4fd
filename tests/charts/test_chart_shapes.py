"""What charts over time are made of."""

import pytest

from shuzhi import i18n
from shuzhi.charts import shapes
from shuzhi.charts.shapes import HOUR_MS, Limit
from shuzhi.charts.tokens import LIGHT


@pytest.mark.parametrize(
    ("top", "expected"),
    [(6.4, [0, 1, 2, 3, 4, 5, 6]), (60, [0, 10, 20, 30, 40, 50, 60]), (0.65, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])],
)
def test_ticks_are_round_and_begin_at_zero(top, expected):
    assert shapes.ticks(top) == expected


def test_fewer_ticks_are_farther_apart():
    assert shapes.ticks(60, most=4) == [0, 20, 40, 60]


def test_times_lie_on_the_hours_of_the_day():
    day = 24 * HOUR_MS
    assert shapes.every(day - 1, 2 * day, 24) == [day, 2 * day]
    assert shapes.every(1, 13 * HOUR_MS, 6) == [6 * HOUR_MS, 12 * HOUR_MS]


def test_a_limit_beyond_the_chart_has_a_name_and_no_line():
    i18n.use("zh")
    near, far = shapes.limit_rows([Limit(100, "二级", True), Limit(160, "一级")], 120, 0, LIGHT)
    assert (near["rule"], near["text"], near["color"]) == (100, "二级", LIGHT.ink)
    assert (far["rule"], far["text"]) == (None, "一级，在图外")
    assert far["v"] < 120
