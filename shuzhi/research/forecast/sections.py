"""The forecast of the sections of surface water: daily means of their factors for seven days, and their class.

The members are the naive forecasts and trees pooled over all sections; they are mixed by what they were worth of late.
A member that loses to persistence or to the climatology, whichever is better at its lead, is not used: where all lose,
that floor is what is told. Bands and the probability of each class come from the verified errors of the last ``WINDOW``
origins: those of all factors on one day stay together, so that a class is made of values that go together.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import ensemble, intervals
from shuzhi.research.forecast import section_models as models_of
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.section_days import (
    ITEMS,
    LEADS,
    RATED,
    ends,
    graded,
    last_day,
    measured,
    observed,
    read,
    unscaled,
)
from shuzhi.research.forecast.section_models import WINDOW, Fitted, Past
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span

__all__ = ["ITEMS", "fit_sections", "observed", "sections_hindcast", "sections_rows"]

CLASS = "class"
MEMBERS = ("persistence", "climatology", "damped", "trees")
FLOORS = 2
"""So many of ``MEMBERS``, the first ones, take no skill."""
SHARES = {"lower90": 0.05, "lower50": 0.25, "upper50": 0.75, "upper90": 0.95}
CHANCES = [f"p{level}" for level in range(1, 7)]

_HALF_LIFE = 20.0  # days after which an error counts half as much in the bands: seasons change
_RECENCY = 0.5 ** (np.arange(WINDOW)[::-1] / _HALF_LIFE)
_PRIOR = 15  # errors of all sections that count beside a section's own in how large its errors are


def fit_sections(home: Home, scope: Scope, until: pd.Timestamp, progress: Progress = silent) -> Fitted | None:
    """Fit the models to all days that are over at an instant; joblib can store what comes back.

    Parameters
    ----------
    until : tz-aware Timestamp

    Returns
    -------
    Fitted or None
        None in a home without readings of sections. Of less than 210 days there are no trees in it.
    """
    days = read(home, scope, until)
    return None if days is None else models_of.fit(Past(days), progress)


def sections_rows(
    home: Home, scope: Scope, as_of: pd.Timestamp, progress: Progress = silent, models: Fitted | None = None
) -> pd.DataFrame:
    """The forecast of the seven days after the last one that is over.

    Parameters
    ----------
    as_of : tz-aware Timestamp
        Nothing later is used.
    models : Fitted, optional
        From `fit_sections`; fitted here if not given, or if these know days after the last one.

    Returns
    -------
    DataFrame
        Rows of the lake table ``forecast`` (kind water, grain day, level section): for each place, item, model and
        lead the central value and, for the ensemble, the 50 % and 90 % bands; rows of the item ``class`` have the
        likeliest class 1…6 and, for the ensemble and the climatology, p1 … p6. Empty without readings.
    """
    days = read(home, scope, as_of, issues_from=None if models is None else models.until)
    if days is None:
        return _table([])
    past = Past(days)
    known = models is not None and models.until <= days.days[-1]
    fitted = models if known else models_of.fit(past, progress)
    return _Told(past, fitted, 1).rows(len(days.days) - 1)


def sections_hindcast(
    home: Home, scope: Scope, days: Sequence[dt.date], progress: Progress = silent
) -> Iterator[tuple[pd.Timestamp, pd.DataFrame]]:
    """What would have been said on past days, with models that knew only what was before the first of them.

    Parameters
    ----------
    days : sequence of date
        Days of issue, in rising order.

    Yields
    ------
    tuple
        ``as_of`` (the beginning of the day of issue, UTC) and rows as from `sections_rows`.
    """
    moments = [day_span(day, day)[0] for day in days]
    if not moments or (models := fit_sections(home, scope, moments[0], progress)) is None:
        return
    past = Past(read(home, scope, moments[-1], issues_from=models.until))
    place = past.days.days.get_indexer([last_day(moment) for moment in moments])
    told = _Told(past, models, int(place.max() - place[place >= 0].min()) + 1)
    for k, (moment, row) in enumerate(zip(moments, place, strict=True)):
        progress(k, len(moments), f"{days[k]}")
        if row >= 0:
            yield moment, told.rows(int(row))
    progress(len(moments), len(moments), "")


@dataclass(frozen=True)
class _Mixed:
    """The ensemble of one origin on the scale of the models: its centre (sections, leads, items); errors (origins,
    sections, leads, items) that it would have made; how large those of each section are, as the centre."""

    centre: np.ndarray
    errors: np.ndarray
    spread: np.ndarray


class _Told:
    """Forecasts of all members for the last origins and those before that tell their errors.

    Parameters
    ----------
    past : Past
    fitted : Fitted
    count : int
        Origins that will be asked for, the last ones.
    """

    def __init__(self, past: Past, fitted: Fitted, count: int):
        self.past = past
        self.first = max(len(past.days.days) - count - WINDOW - LEADS, 0)
        rows = np.arange(self.first, len(past.days.days))
        found = (models_of.persistence(past, rows), models_of.normals(past, rows))
        found += (models_of.damped(past, rows, fitted.left), models_of.trees(past, rows, fitted))
        self.members = np.stack(found, axis=-1)
        self.truth = np.stack([past.truth(lead)[rows] for lead in range(1, LEADS + 1)], axis=2)
        self._classes = _Classes(past)

    def rows(self, row: int) -> pd.DataFrame:
        """The issue whose last known day has this number."""
        at = row - self.first
        mixed = self._mixed(at)
        parts = self._of_members(row, at)
        parts += self._of_items(row, mixed)
        parts.append(self._of_class(row, mixed))
        return _table(parts)

    def _verified(self, at: int, lead: int) -> slice:
        """Origins whose forecasts of a lead had come true by origin ``at``."""
        return slice(max(at - lead - WINDOW + 1, 0), max(at - lead + 1, 0))

    def _mixed(self, at: int) -> _Mixed:
        shape = self.members.shape[1:-1]
        centre, errors = np.full(shape, np.nan), np.full((WINDOW, *shape), np.nan)
        for lead in range(1, LEADS + 1):
            done = self._verified(at, lead)
            n = done.stop - done.start
            for k in range(len(ITEMS)):
                told = self.members[done, :, lead - 1, k].reshape(-1, len(MEMBERS))
                came = self.truth[done, :, lead - 1, k].ravel()
                wrong = told - came[:, None]
                weight = ensemble.weights(wrong, wrong[:, _floor(wrong)])
                now = self.members[at, :, lead - 1, k]
                centre[:, lead - 1, k] = ensemble.combined(now, weight)
                errors[WINDOW - n :, :, lead - 1, k] = (came - ensemble.combined(told, weight)).reshape(n, -1)
        return _Mixed(centre, errors, _spread(errors))

    def _of_items(self, row: int, mixed: _Mixed) -> list[dict]:
        """The ensemble's rows of the factors."""
        relative = mixed.errors / mixed.spread
        parts = []
        for k, item in enumerate(ITEMS):
            columns = {"value": unscaled(mixed.centre[..., k], k)}
            for name, share in SHARES.items():
                columns[name] = np.empty_like(columns["value"])
                for lead in range(LEADS):
                    step = _quantile(relative[:, :, lead, k], share) * mixed.spread[:, lead, k]
                    columns[name][:, lead] = unscaled(mixed.centre[:, lead, k] + step, k)
            parts.append(self._part(row, item, TOLD, columns))
        return parts

    def _of_members(self, row: int, at: int) -> list[dict]:
        """Rows of the members: the factors and the class of their values."""
        parts = []
        expected = measured(self.past.days, row)[:, None, :RATED]
        for m, name in enumerate(MEMBERS):
            values = unscaled(self.members[at, ..., m])
            parts += [self._part(row, item, name, {"value": values[..., k]}) for k, item in enumerate(ITEMS)]
            chances = {}
            if name == "climatology":
                chances = dict(zip(CHANCES, np.moveaxis(self._classes.chances(row), -1, 0), strict=True))
            columns = {"value": _class_of(values[..., :RATED], self.past.days.lake[:, None], expected)}
            parts.append(self._part(row, CLASS, name, columns | chances))
        return parts

    def _of_class(self, row: int, mixed: _Mixed) -> dict:
        """The ensemble's rows of the class."""
        chances = _chances(mixed, self.past.days.lake, measured(self.past.days, row)[:, :RATED], row)
        below = chances.cumsum(axis=-1)
        columns = {"value": chances.argmax(axis=-1) + 1.0}
        columns |= {name: (below < share - 1e-9).sum(axis=-1) + 1.0 for name, share in SHARES.items()}
        nothing = np.isnan(chances).any(axis=-1)
        columns = {name: np.where(nothing, np.nan, column) for name, column in columns.items()}
        return self._part(row, CLASS, TOLD, columns | dict(zip(CHANCES, np.moveaxis(chances, -1, 0), strict=True)))

    def _part(self, row: int, item: str, model: str, columns: dict[str, np.ndarray]) -> dict:
        """Columns of one item and model, from arrays (sections, leads)."""
        codes, times = self.past.days.codes.to_numpy(object), ends(self.past.days.days[row])
        known = np.isfinite(columns["value"]).ravel()
        head = {"place": np.repeat(codes, LEADS), "lead": np.tile(np.arange(1, LEADS + 1, dtype=np.int16), len(codes))}
        head["time"] = times.to_numpy()[head["lead"] - 1]
        part = head | {name: column.astype(np.float32).ravel() for name, column in columns.items()}
        part = {name: column[known] for name, column in part.items()}
        return part | {"item": np.full(known.sum(), item, object), "model": np.full(known.sum(), model, object)}


def _floor(wrong: np.ndarray) -> int:
    """Which of the floors was less wrong (errors (n, members)) where all of them told something."""
    size = np.abs(wrong[:, :FLOORS])
    known = np.isfinite(size).all(axis=1)
    return int(size[known].mean(axis=0).argmin()) if known.any() else 0


def _spread(errors: np.ndarray) -> np.ndarray:
    """How large the errors of each section are: its mean absolute error of late, drawn to that of all sections."""
    size, weight = np.abs(errors), _RECENCY[:, None, None, None]
    n = (np.isfinite(size) * weight).sum(axis=0)
    total = np.nansum(size * weight, axis=0)
    everywhere = total.sum(axis=0) / np.maximum(n.sum(axis=0), 1e-9)
    return np.maximum((total + _PRIOR * everywhere) / (n + _PRIOR), 1e-9)


def _quantile(relative: np.ndarray, share: float) -> float:
    """Of errors (origins, sections)."""
    known = np.isfinite(relative)
    weights = np.broadcast_to(_RECENCY[:, None], relative.shape)[known]
    return intervals.quantile(relative[known], share, weights) if known.sum() >= intervals.LEAST else float("nan")


def _class_of(values: np.ndarray, lake: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Class of values (…, items of the class); NaN where an item is missing that is expected."""
    whole = (np.isfinite(values) | ~expected).all(axis=-1) & expected.any(axis=-1)
    return np.where(whole, graded(np.where(expected, values, np.nan), lake), np.nan)


def _chances(mixed: _Mixed, lake: np.ndarray, expected: np.ndarray, seed: int) -> np.ndarray:
    """Probability of each class (sections, leads, 6): errors of all factors on one day, laid around the forecast.

    Half of the errors are the section's own, half are drawn from all sections in proportion to how large its own are.
    No class is certain or impossible: see `_honest`.
    """
    errors, centre = mixed.errors[..., :RATED], mixed.centre[..., :RATED]
    relative = errors / mixed.spread[..., :RATED]
    rng = np.random.default_rng(seed)
    out = np.full((*centre.shape[:2], 6), np.nan)
    weights = np.concatenate([_RECENCY, np.full(WINDOW, _RECENCY.mean())])
    for lead in range(LEADS):
        origin, section = np.nonzero(np.isfinite(relative[:, :, lead]).all(axis=-1))
        if len(origin) < intervals.LEAST:
            continue
        chosen = rng.choice(len(origin), WINDOW, p=_RECENCY[origin] / _RECENCY[origin].sum())
        drawn = relative[origin[chosen], section[chosen], lead][:, None] * mixed.spread[:, lead, :RATED]
        samples = centre[:, lead] + np.concatenate([errors[:, :, lead], drawn])
        found = _class_of(unscaled(samples, slice(RATED)), lake, expected)
        counts = np.stack([weights @ (found == level) for level in range(1, 7)], axis=-1)
        squares = weights**2 @ (found > 0)
        out[:, lead] = _honest(counts, counts.sum(axis=-1) ** 2 / np.maximum(squares, 1e-9))
    return out


def _honest(counts: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Probability of each class (sections, 6) from weighted counts, of which none is 0 or 1.

    To the ``size`` cases that the weights amount to (Kish 1965) comes one that has not been seen; it is shared out as
    all sections together are, of which one more is spread over all classes.
    """
    total = counts.sum(axis=-1, keepdims=True)
    known = total[:, 0] > 0
    shares = counts / np.maximum(total, 1e-9)
    everywhere = (shares[known].sum(axis=0) + 1 / 6) / (known.sum() + 1)
    size = size[:, None]
    return np.where(known[:, None], (size * shares + everywhere) / (size + 1), np.nan)


class _Classes:
    """How often each class came around the day of the year, else in the last 30 days; none always or never."""

    def __init__(self, past: Past):
        days = past.days
        known = np.isfinite(days.values[..., :RATED])
        whole = known.sum(axis=-1) >= known.any(axis=0).sum(axis=-1)
        found = np.where(whole & known.any(axis=-1), graded(days.values[..., :RATED], days.lake), 0)
        kinds = np.where((found > 0)[..., None], found[..., None] == np.arange(1, 7), np.nan)
        self._sums, self._counts, self._recent = models_of.windows(kinds)

    def chances(self, row: int) -> np.ndarray:
        """Of the days after one, (sections, leads, 6)."""
        until = slice(0, row + 1)
        arrays = self._sums[until], self._counts[until], self._recent[until]
        shares = [models_of.climatology(*arrays, lead)[-1] for lead in range(1, LEADS + 1)]
        size = np.full(len(shares[0]), models_of.RECENT, float)
        return np.stack([_honest(models_of.RECENT * share, size) for share in shares], axis=1)


def _table(parts: list[dict]) -> pd.DataFrame:
    """Rows of the lake table from columns; those that a part lacks are NaN."""
    names = ["place", "item", "model", "lead", "time", "value", *sorted(SHARES), *CHANCES]
    columns = {}
    for name in names:
        filled = [part.get(name, np.full(len(part["place"]), np.nan, np.float32)) for part in parts]
        columns[name] = np.concatenate(filled) if filled else []
    table = pd.DataFrame(columns)
    table["time"] = pd.to_datetime(table["time"], utc=True)
    table.insert(0, "kind", "water")
    table.insert(1, "grain", "day")
    table.insert(2, "level", "section")
    return table
