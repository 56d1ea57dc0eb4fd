"""Rows that are there twice: an equal one is dropped, a contradicting one is rejected, the first stays.

A door for which the last is right gives its rows in reverse.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def join_repetitions(keys: Sequence | pd.Index, values: np.ndarray) -> tuple[int, list[tuple[int, int, np.ndarray]]]:
    """Make rows unique by their key, in place.

    A later row that says the same as the first (where both say something) moves into it: it may fill what was empty.
    Then, and also when it contradicts, it becomes empty (NaN).

    Parameters
    ----------
    keys : sequence, n
    values : float array, n × m
        Changed in place.

    Returns
    -------
    repeated : int
        Values that were there twice and equal.
    conflicts : list of (row, first row, differing columns)
    """
    places = pd.factorize(keys)[0]
    repeated, conflicts = 0, []
    first: dict[int, int] = {}
    twice = np.flatnonzero(pd.Series(places).duplicated(keep=False))
    for at in twice.tolist():
        kept = first.setdefault(places[at], at)
        if kept == at:
            continue
        a, b = values[kept], values[at]
        both = ~np.isnan(a) & ~np.isnan(b)
        differing = np.flatnonzero(both & (a != b))
        if len(differing):
            conflicts.append((at, kept, differing))
        else:
            repeated += int(both.sum())
            values[kept] = np.where(np.isnan(a), b, a)
        values[at] = np.nan
    return repeated, conflicts
