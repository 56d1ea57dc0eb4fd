"""Past days of the same season in the place of days to come (block bootstrap, Künsch 1989).

Blocks of 7–14 days follow one another; the year of each is drawn, and often stays that of the block before. Of a season
that was never seen, blocks of the last 60 days stand in.
"""

import numpy as np
import pandas as pd

MODEL, BLIND = "resampled", "recent"
"""Of an outlook whose season was seen before, and of one that was not."""
BLIND_DAYS = 45
"""Days ahead, of a season that the history lacks, of which something is still said."""
YEAR = 365
RECENT = 60
"""Days, the last ones, that stand in for a season that was never seen."""
MONTHS = 3
"""Months after this one that outlooks speak of."""

_SHIFT = 15  # days that the season of a block may be early or late
_LENGTH = (7, 14)
_STAY = 0.5  # chance that the next block is of the same year


def spans(day: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """First and last day of the month of a day, of those after it, and of its year: what outlooks are of."""
    begin = day.replace(day=1)
    firsts = [begin + pd.DateOffset(months=k) for k in range(MONTHS + 1)]
    months = [(first, first + pd.offsets.MonthEnd(0)) for first in firsts]
    return [*months, (day.replace(month=1, day=1), day.replace(month=12, day=31))]


def years(known: int, day):
    """How many of the past years have the season of days to come (0: tomorrow), of so many ``known`` days."""
    return (known + np.asarray(day) + 10) // YEAR


def blind(known: int, days: int) -> int:
    """How many of the next days lie in a season that was never seen."""
    return int((years(known, np.arange(days)) < 1).sum())


def drawn(known: int, days: int, paths: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Row of the past and year back (0: of the last days) of each coming day, (paths, days)."""
    rows, back = np.zeros((paths, days), int), np.zeros((paths, days), int)
    year, day = np.zeros(paths, int), 0
    while day < days:
        length = min(int(rng.integers(_LENGTH[0], _LENGTH[1] + 1)), days - day)
        most = int(years(known, day))
        if most < 1:
            year = np.zeros(paths, int)
            start = rng.integers(max(known - RECENT, 0), max(known - length, 0) + 1, paths)
        else:
            stay = (rng.random(paths) < _STAY) & (year >= 1) & (year <= most)
            year = np.where(stay, year, rng.integers(1, most + 1, paths))
            start = known + day - year * YEAR + rng.integers(-_SHIFT, _SHIFT + 1, paths)
        start = np.clip(start, 0, max(known - length, 0))
        rows[:, day : day + length] = np.minimum(start[:, None] + np.arange(length), known - 1)
        back[:, day : day + length] = year[:, None]
        day += length
    return rows, back
