"""Random numbers that depend on the day they are for, not on when they are drawn.

Each day has a generator of its own, keyed by seed, stream and date, so that a month can be made alone and equals the
same month made in a longer run. Memory in time comes from kernels of fixed length over the days before, never from a
running state.
"""

import datetime as dt

import numpy as np

HOURS = 24


def day_numbers(first: dt.date, last: dt.date) -> np.ndarray:
    """Ordinals of the days from `first` to `last`, both included."""
    return np.arange(first.toordinal(), last.toordinal() + 1)


def generator(seed: int, stream: int, day: int = 0) -> np.random.Generator:
    """The generator of one stream on one day (ordinal)."""
    return np.random.Generator(np.random.Philox(key=[seed, (stream << 32) | int(day)]))


def white(seed: int, stream: int, days: np.ndarray, width: int) -> np.ndarray:
    """White noise, standard normal, shape (24 × days, width)."""
    return np.concatenate([generator(seed, stream, day).standard_normal((HOURS, width)) for day in days])


def _decay(x: np.ndarray, tau: float) -> tuple[np.ndarray, float]:
    """Sum of the past of `x` weighted by exp(-age/tau), by doubling; the kernel ends where it is below 0.001."""
    ratio, step = float(np.exp(-1 / tau)), 1
    while ratio**step > 1e-3:
        x = np.concatenate([x[:step], x[step:] + ratio**step * x[:-step]])
        step *= 2
    return x, ratio


def red(x: np.ndarray, tau: float) -> np.ndarray:
    """White noise turned into noise with a memory of `tau` hours, unit variance (AR 1)."""
    summed, ratio = _decay(x, tau)
    return summed * np.sqrt(1 - ratio**2)


def trailing(x: np.ndarray, tau: float) -> np.ndarray:
    """Mean of the past hours weighted by exp(-age/tau)."""
    summed, ratio = _decay(x, tau)
    return summed * (1 - ratio)
