"""Rounding by GB/T 8170 (四舍六入五成双)."""

import numpy as np

NOISE_DECIMALS = 9
"""What lies beyond this decimal of the kept digit is the noise of binary fractions, not a measurement."""

_NOISE_FREE = 1e6  # from here on binary64 itself has no more than these decimals


def round_half_even(x, decimals: int = 0):
    """Round half to even, once, from the unrounded value (GB/T 8170).

    Float noise is taken off before a tie is decided: 1.015 (which is 1.01499… in binary) becomes 1.02 and a mean that
    should be 60.5 but is 60.50000000000001 becomes 60.

    Parameters
    ----------
    x : array_like or float
        Any shape; NaN and infinities pass through.
    decimals : int
        Decimals to keep.

    Returns
    -------
    numpy.ndarray or float
        The shape of ``x``; a float for a scalar. Never ``-0.0``.
    """
    units = half_even_units(x, decimals)
    rounded = units / 10.0**decimals if decimals else units
    return float(rounded) if np.ndim(rounded) == 0 else rounded


def half_even_units(x, decimals: int = 0) -> np.ndarray:
    """``x`` rounded half to even, in units of the last kept decimal (whole numbers held as float)."""
    scaled = np.asarray(x, dtype=float)
    if decimals:
        scaled = scaled * 10.0**decimals
    small = np.abs(scaled) < _NOISE_FREE
    return np.rint(np.where(small, np.round(scaled, NOISE_DECIMALS), scaled)) + 0.0
