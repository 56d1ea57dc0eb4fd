"""Models of the daily means of sections: naive ones for all sections at once, and boosted trees pooled over them.

Arrays: past ``z`` (days, sections, items) on the scale of `section_days.scaled`; forecasts (origins, sections, leads,
items), of the days after each origin. Nothing after an origin is used for it.
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd

from shuzhi.progress import Progress, silent
from shuzhi.research.forecast.section_days import ITEMS, LEADS, Days, scaled

HALF_WINDOW = 15
"""Days around the day of the year that make its climatology."""
RECENT = 30
"""Days whose mean stands in for the climatology where there are no earlier years."""
FILL = 3
"""A missing day is taken as the last known one for so long, as input only."""
WINDOW = 90
"""Origins whose verified errors make the weights and the bands; trees are held back from them when they are fitted."""
LEAST_DAYS = 120
"""Days before the window that trees need to learn from."""

_YEAR = 365.25
_ROWS = 60_000  # of one item, that trees learn from
_TREES = {"n_estimators": 60, "learning_rate": 0.05, "num_leaves": 8, "min_child_samples": 500, "max_bin": 63}
_TREES |= {"subsample": 0.7, "subsample_freq": 1, "colsample_bytree": 0.5}


@dataclass(frozen=True)
class Fitted:
    """What is kept from one fit to the next; joblib can store it.

    Attributes
    ----------
    until : Timestamp
        Last day that was known (naive).
    left : array (leads, items)
        Part of today's departure from the climatology that is left after each lead, 0…1.
    trees : list of LGBMRegressor, one an item, or None
        Of what damped persistence doesn't say; None: too little was known.
    codes : list of str
        Sections of ``held_back``.
    first : Timestamp
        First origin of ``held_back``.
    held_back : array (origins, sections, leads, items)
        float32; forecasts of trees that knew only the days before the first origin: what their errors are like.
    """

    until: pd.Timestamp
    left: np.ndarray
    trees: list | None
    codes: list
    first: pd.Timestamp
    held_back: np.ndarray


class Past:
    """The days in the form that the models ask for; computed once for many origins.

    Parameters
    ----------
    days : Days
    """

    def __init__(self, days: Days):
        self.days = days
        self.z = scaled(days.values)
        self.filled = _filled(self.z)
        self.means = {span: _mean_of_last(self.z, span) for span in (3, 7, RECENT)}
        self._around = _around(self.z)
        self._normals = {}

    def climatology(self, lead: int) -> np.ndarray:
        """Mean of the days of the year around the target in the years before, else of the last 30 days; for each
        origin (days, sections, items)."""
        if lead not in self._normals:
            self._normals[lead] = climatology(*self._around, self.means[RECENT], lead)
        return self._normals[lead]

    def truth(self, lead: int) -> np.ndarray:
        """What came ``lead`` days after each day; NaN where it is not known yet."""
        return _shifted(self.z, -lead, np.nan)


def _filled(z: np.ndarray) -> np.ndarray:
    out = z.copy()
    for back in range(1, FILL + 1):
        out = np.where(np.isnan(out), _shifted(z, back, np.nan), out)
    return out


def _shifted(values: np.ndarray, by: int, nothing: float) -> np.ndarray:
    """Rows of ``by`` days before (negative: after)."""
    out = np.full_like(values, nothing)
    if by >= len(values) or -by >= len(values):
        return out
    if by >= 0:
        out[by:] = values[: len(values) - by]
    else:
        out[:by] = values[-by:]
    return out


def _running(values: np.ndarray, span: int) -> np.ndarray:
    """Sum of each row and the ``span`` − 1 before."""
    total = np.cumsum(values, axis=0)
    return total - _shifted(total, span, 0.0)


def _mean_of_last(z: np.ndarray, span: int) -> np.ndarray:
    known = np.isfinite(z)
    total, n = _running(np.where(known, z, 0), span), _running(known.astype(float), span)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def _around(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of the values of each row and the ``HALF_WINDOW`` on both sides, stamped with the last of them."""
    known, span = np.isfinite(z), 2 * HALF_WINDOW + 1
    return _running(np.where(known, z, 0), span), _running(known.astype(float), span)


def windows(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `climatology` asks for: sums, counts, recent."""
    return *_around(values), _mean_of_last(values, RECENT)


def climatology(sums: np.ndarray, counts: np.ndarray, recent: np.ndarray, lead: int) -> np.ndarray:
    """Mean around the target's day of the year in the years before, else ``recent``.

    Parameters
    ----------
    sums, counts : array (days, …)
        Over windows of 2 × ``HALF_WINDOW`` + 1 days, stamped with the last.
    recent : array (days, …)
        Mean of the last 30 days.
    lead : int
        Days from the origin to the target.
    """
    total, n = np.zeros_like(sums), np.zeros_like(counts)
    for years in range(1, int(len(sums) / _YEAR) + 2):
        back = round(_YEAR * years) - lead - HALF_WINDOW
        total += _shifted(sums, back, 0.0)
        n += _shifted(counts, back, 0.0)
    return np.where(n > HALF_WINDOW, total / np.maximum(n, 1), recent)


def persistence(past: Past, rows: np.ndarray) -> np.ndarray:
    """The last day's value."""
    return np.repeat(past.filled[rows][:, :, None], LEADS, axis=2)


def normals(past: Past, rows: np.ndarray) -> np.ndarray:
    """The climatology of each target day."""
    return np.stack([past.climatology(lead)[rows] for lead in range(1, LEADS + 1)], axis=2)


def damped(past: Past, rows: np.ndarray, left: np.ndarray) -> np.ndarray:
    """The climatology with what is left of today's departure from it."""
    today = (past.filled - past.climatology(0))[rows]
    return normals(past, rows) + left * today[:, :, None]


def damping(past: Past, known: int) -> np.ndarray:
    """What is left of a departure after each lead, by least squares over all sections; (leads, items), 0…1.

    Parameters
    ----------
    known : int
        Only the first ``known`` days are looked at.
    """
    today = past.filled - past.climatology(0)
    out = np.zeros((LEADS, len(ITEMS)))
    for lead in range(1, min(LEADS, known - 1) + 1):
        later = (past.truth(lead) - past.climatology(lead))[: known - lead]
        early = np.where(np.isfinite(later), today[: known - lead], np.nan)
        later = np.where(np.isfinite(early), later, np.nan)
        square = np.nansum(early * early, axis=(0, 1))
        out[lead - 1] = np.clip(np.nansum(early * later, axis=(0, 1)) / np.maximum(square, 1e-12), 0, 1)
    return out


def fit(past: Past, progress: Progress = silent) -> Fitted:
    """Learn from all days; and once more without the last ``WINDOW``, to know how far the trees are wrong."""
    days, codes = past.days.days, past.days.codes.tolist()
    n = len(days)
    left = damping(past, n)
    begin = n - WINDOW
    if begin < LEAST_DAYS:
        return Fitted(days[-1], left, None, codes, days[-1], np.zeros((0, len(codes), LEADS, len(ITEMS)), np.float32))
    rows = np.arange(begin, n)
    held_back = np.empty((len(rows), len(codes), LEADS, len(ITEMS)), np.float32)
    before = damping(past, begin)
    trees = []
    for k, item in enumerate(ITEMS):
        progress(k, len(ITEMS), item)
        held_back[..., k] = _grown(past, begin, before, k, rows)
        trees.append(_fitted(past, n, left, k))
    progress(len(ITEMS), len(ITEMS), "")
    return Fitted(days[-1], left, trees, codes, days[begin], held_back)


def _grown(past: Past, known: int, left: np.ndarray, item: int, rows: np.ndarray) -> np.ndarray:
    return _of_trees(past, rows, _fitted(past, known, left, item), left, item)


def _fitted(past: Past, known: int, left: np.ndarray, item: int) -> lgb.LGBMRegressor | None:
    """Trees of one item, from a fixed sample of the targets among the first ``known`` days."""
    rng = np.random.default_rng(item)
    parts, targets = [], []
    for lead in range(1, LEADS + 1):
        told = _damped_of(past, left, lead, item)
        y = (past.truth(lead)[..., item] - told)[: known - lead]
        origin, section = np.nonzero(np.isfinite(y))
        chosen = rng.permutation(len(origin))[: _ROWS // LEADS]
        origin, section = origin[chosen], section[chosen]
        parts.append(_features(past, origin, section, lead, item))
        targets.append(y[origin, section])
    y = np.concatenate(targets)
    if len(y) < _ROWS // 20:
        return None
    model = lgb.LGBMRegressor(**_TREES, random_state=item, n_jobs=1, verbose=-1)
    return model.fit(np.concatenate(parts), y)


def _damped_of(past: Past, left: np.ndarray, lead: int, item: int) -> np.ndarray:
    today = past.filled[..., item] - past.climatology(0)[..., item]
    return past.climatology(lead)[..., item] + left[lead - 1, item] * today


def _of_trees(past: Past, rows: np.ndarray, model, left: np.ndarray, item: int) -> np.ndarray:
    """Forecasts (origins, sections, leads) of one item; NaN where today is not known."""
    shape = (len(rows), len(past.days.codes))
    out = np.full((*shape, LEADS), np.nan)
    if model is None or not len(rows):
        return out
    origin, section = (part.ravel() for part in np.broadcast_arrays(rows[:, None], np.arange(shape[1])[None]))
    for lead in range(1, LEADS + 1):
        more = model.predict(_features(past, origin, section, lead, item)).reshape(shape)
        out[:, :, lead - 1] = _damped_of(past, left, lead, item)[rows] + more
    return out


def trees(past: Past, rows: np.ndarray, fitted: Fitted) -> np.ndarray:
    """Forecasts of the trees: of the held-back ones up to the day of the fit, of the newest ones from there on."""
    out = np.full((len(rows), len(past.days.codes), LEADS, len(ITEMS)), np.nan)
    if fitted.trees is None:
        return out
    days = past.days.days[rows]
    old = (days >= fitted.first) & (days < fitted.until)
    place = pd.Index(fitted.codes).get_indexer(past.days.codes)
    kept = fitted.held_back[(days[old] - fitted.first).days.to_numpy()]
    out[old] = np.where((place >= 0)[None, :, None, None], kept[:, place], np.nan)
    new = days >= fitted.until
    for k, model in enumerate(fitted.trees):
        out[new, ..., k] = _of_trees(past, rows[new], model, fitted.left, k)
    return out


def _features(past: Past, origin: np.ndarray, section: np.ndarray, lead: int, item: int) -> np.ndarray:
    """What the trees see of each (origin, section), float32 (rows, features).

    The season is not among it: of one or two years trees learn the days of a season by heart.
    """
    days, z = past.days, past.filled

    def at(values: np.ndarray, k: int = item) -> np.ndarray:
        return values[origin, section, k]

    def before(back: int) -> np.ndarray:
        return np.where(origin >= back, z[np.maximum(origin - back, 0), section, item], np.nan)

    today, month, week = at(z), at(past.means[RECENT]), at(past.means[7])
    normal, coming = at(past.climatology(0)), at(past.climatology(lead))
    columns = [np.full(len(origin), lead), days.lake[section], month]
    columns += [today - normal, coming - normal, today - month, today - week, week - month, today - at(past.means[3])]
    columns += [today - before(1), before(1) - before(2), before(7) - month]
    columns += [at(z, k) - at(past.means[RECENT], k) for k in range(len(ITEMS)) if k != item]
    columns.append(at(z, ITEMS.index("water_temperature")))
    columns += _from_upstream(past, origin, section, item)
    columns += _of_weather(days, origin, lead)
    return np.column_stack(columns).astype(np.float32)


def _from_upstream(past: Past, origin: np.ndarray, section: np.ndarray, item: int) -> list[np.ndarray]:
    """Departure of the sections upstream from their last 30 days, today and yesterday; 0 where there are none."""
    departure = np.nan_to_num(past.filled[..., item] - past.means[RECENT][..., item]) @ past.days.upstream.T
    return [departure[origin, section], departure[np.maximum(origin - 1, 0), section]]


def _of_weather(days: Days, origin: np.ndarray, lead: int) -> list[np.ndarray]:
    """Rain of the last days and change of temperature as measured; rain and warmth to come as far as forecast."""
    rain, warmth = days.weather.T
    table = pd.DataFrame({"rain": rain, "warmth": warmth})
    sums = [table["rain"].rolling(span, min_periods=1).sum().to_numpy() for span in (1, 3, 10)]
    week = table["warmth"].rolling(7, min_periods=1).mean().to_numpy()
    wet, warm = days.coming[origin, :lead].transpose(2, 0, 1)
    seen = [total[origin] for total in sums] + [(warmth - week)[origin]]
    return [*seen, wet.sum(axis=1), wet[:, -1], warm[:, -1] - warmth[origin], warm.mean(axis=1) - week[origin]]
