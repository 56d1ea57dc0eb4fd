from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.standards.rounding import round_half_even


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (60.5, 0, 60),
        (61.5, 0, 62),
        (60.51, 0, 61),
        (60.49, 0, 60),
        (0.25, 1, 0.2),
        (0.35, 1, 0.4),
        (1.015, 2, 1.02),  # 1.01499… in binary
        (2.675, 2, 2.68),  # 2.67499… in binary
        (1.005, 2, 1.00),
        (0.1 + 0.2, 1, 0.3),
        (60.50000000000001, 0, 60),
        (-0.5, 0, 0),
        (-1.5, 0, -2),
        (1234567.5, 0, 1234568),
    ],
)
def test_examples_of_half_even(value, decimals, expected):
    assert round_half_even(value, decimals) == expected


@given(st.decimals(-99999, 99999, places=4), st.integers(0, 3))
def test_agrees_with_decimal_arithmetic_on_the_written_number(value, decimals):
    exact = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    assert round_half_even(float(value), decimals) == float(exact)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=24), st.integers(0, 1))
def test_a_mean_of_readings_is_rounded_from_its_exact_value(tenths, decimals):
    readings = np.array(tenths) / 10
    exact = Decimal(sum(tenths)) / (10 * len(tenths))
    assert round_half_even(readings.mean(), decimals) == float(
        exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    )


def test_keeps_shape_and_missing_values_and_has_no_negative_zero():
    result = round_half_even(np.array([[0.5, np.nan], [np.inf, -0.2]]))
    assert result.shape == (2, 2)
    np.testing.assert_array_equal(result, [[0, np.nan], [np.inf, 0]])
    assert not np.signbit(result[1, 1])
    assert isinstance(round_half_even(2.5), float)
