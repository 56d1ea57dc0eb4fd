"""Numbers of an issue in memory: a grain is read once for all places, and a place's rows are a slice of it.

What an issue said never changes: no delivery and no edit makes it be read again.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from shuzhi.research.forecast import issues
from shuzhi.research.forecast.issues import DATASET, Issue
from shuzhi.store import Home, Scope

_HELD = 4  # issues, of 8 MB each
_NAMES = ["level", "place", "item", "model", "group"]
_HOUR_COLUMNS = ["level", "place", "item", "time", "value", "lower50", "upper50", "lower90", "upper90"]


class ByPlace(Mapping):
    """A table of many places that is asked for one of them: (level, place) → its rows.

    Parameters
    ----------
    rows : DataFrame
        In the order of level and place, as from `issues.read`; not to be changed.
    """

    def __init__(self, rows: pd.DataFrame):
        self.rows = rows
        level, place = (rows[name].to_numpy(object) for name in ("level", "place"))
        new = (level[1:] != level[:-1]) | (place[1:] != place[:-1])
        starts = np.flatnonzero(np.append(True, new))[: len(rows)]
        ends = np.append(starts[1:], len(rows))[: len(starts)]
        self._slices = dict(zip(zip(level[starts], place[starts], strict=True), map(slice, starts, ends), strict=True))

    def __getitem__(self, place: tuple[str, str]) -> pd.DataFrame:
        return self.rows.iloc[self._slices[place]]

    def of(self, level: str, place: str) -> pd.DataFrame:
        """The rows of a place; none where there are none."""
        return self.rows.iloc[self._slices.get((level, place), slice(0, 0))]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._slices)

    def __len__(self) -> int:
        return len(self._slices)


def days(home: Home, scope: Scope, issue: Issue) -> pd.DataFrame:
    """What is told of the days of the air: as `issues.read`; not to be changed."""
    scope.require(DATASET)
    return _days(home, issue)


def members(home: Home, scope: Scope, issue: Issue) -> ByPlace:
    """Days of the air by all models: as `issues.read`."""
    scope.require(DATASET)
    return _members(home, issue)


def drivers(home: Home, scope: Scope, issue: Issue) -> ByPlace:
    """What drove the days of the air: as `issues.drivers`."""
    scope.require(DATASET)
    return _drivers(home, issue)


def hours(home: Home, scope: Scope, issue: Issue) -> ByPlace:
    """What is told of the hours of the air: level, place, item, time (UTC, end of the hour), value and bands."""
    scope.require(DATASET)
    return _hours(home, issue)


@lru_cache(maxsize=_HELD)
def _days(home: Home, issue: Issue) -> pd.DataFrame:
    return issues.read(home, Scope.all(), issue)


@lru_cache(maxsize=_HELD)
def _members(home: Home, issue: Issue) -> ByPlace:
    return ByPlace(_compact(issues.read(home, Scope.all(), issue, models=None)))


@lru_cache(maxsize=_HELD)
def _drivers(home: Home, issue: Issue) -> ByPlace:
    return ByPlace(_compact(issues.drivers(home, Scope.all(), issue)))


@lru_cache(maxsize=_HELD)
def _hours(home: Home, issue: Issue) -> ByPlace:
    return ByPlace(_compact(issues.read(home, Scope.all(), issue, grain="hour")[_HOUR_COLUMNS]))


def _compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Names as numbers of categories."""
    return rows.astype({name: "category" for name in _NAMES if name in rows})
