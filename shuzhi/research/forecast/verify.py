"""Verification for ever (检验): each issue is held against what came, and its scores are kept as sums.

Sums are of the pairs of a month of issues, by place, item, model and lead; they add up to those of any season, level or
span. What was told of days of the air is kept beside what came as well, pair by pair. A month is made anew from its
issues and the readings, so that a correction of a reading corrects its scores, also in a month long past: readings
that came after the last verification are noticed. Issues that were made afterwards (回算) are summed apart, see
`store.pairs.AFTERWARDS`.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.progress import Progress, silent
from shuzhi.research.forecast import issues, meeting, observed, scores
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.meeting import FORECASTER
from shuzhi.standards.aqi import EXCELLENT_UP_TO
from shuzhi.store import Home, Scope, pairs
from shuzhi.store.ledger import Meta
from shuzhi.store.schema import SCORED, TABLES

TABLE, PAIRS = "forecast_score", "forecast_pair"
BEFORE = "before_edit"
"""What is told, on the issues that forecasters changed: what their word is held against. No model of its own."""
GOOD = {"aqi": 2, "class": 3}
"""Highest level that is good (优良): of the AQI 良, of water Ⅲ."""
CHANGING = 2
"""Newest months of issues that are always scored again: their targets come up to a week after an issue."""

_SEEN = "forecast_verified_readings"
_SUMS = ("sum_absolute", "sum_error", "sum_square", "sum_rps")
_KEY = ("level", "place", "item", "model", "lead")
_ORDER = ("month", "kind", "grain", "level", "item", "place", "model", "lead")
_OTHERS = ("level", "place", "item", "model", "lead", "time", *pairs.SAID)


def refresh(home: Home, progress: Progress = silent, months: Sequence[str] | None = None) -> list[str]:
    """Score the issues of some months, as far as their targets have come.

    Parameters
    ----------
    progress : Progress
    months : sequence of str, optional
        ``YYYY-MM`` of the issues; by default the newest ``CHANGING``, those that have no scores yet, and those of
        whose days readings came since the last verification.

    Returns
    -------
    list of str
        Months whose scores changed.
    """
    received = home.lake.newest("observation", "received_at")
    due = _due(home, received)
    asked = due if months is None else sorted(set(months) & set(pairs.months(home.lake, "forecast")))
    found = {}
    for done, month in enumerate(asked):
        progress(done, len(asked), month)
        found[month] = of_month(home, month)
    progress(len(asked), len(asked), "")
    changed = [month for month, rows in found.items() if not _same(rows, _stored(home, month))]
    if changed:
        _keep(home, found, changed)
    if received and set(due) <= set(asked):
        _remember(home, max(received.values()))
    return changed


def _keep(home: Home, found: dict[str, pa.Table], changed: list[str]) -> None:
    """Write the scores of months, and what was told beside what came."""
    beside = pa.concat_tables([told(home, month) for month in changed])
    with home.writer():
        # The scores last: what is killed between the two is made again.
        home.lake.replace_months(PAIRS, beside, changed)
        home.lake.replace_months(TABLE, pa.concat_tables([found[month] for month in changed]), changed)
    home.changed()


def scored(home: Home, scope: Scope) -> list[str]:
    """Months of issues that have scores, in order; nothing is opened.

    Raises
    ------
    ScopeError
        If forecasts may not be seen.
    """
    scope.require(issues.DATASET)
    return pairs.months(home.lake, TABLE)


def of_month(home: Home, month: str) -> pa.Table:
    """Scores of the issues of a month: rows of the lake table, in its order."""
    scope = Scope.all()
    hindcasts = [one.id for one in issues.table(home, scope) if one.hindcast and one.month == month]
    parts = [_empty()]
    for kind, grain in pairs.kinds(home.lake, month):
        came = observed.of_month(home, scope, month, kind, grain)
        others = _edited(home, scope, month) if (kind, grain) == ("air", "day") else None
        batches = pairs.batches(home.lake, month, kind, grain, came, others, hindcasts)
        sums = [summed(batch) for batch in batches]
        parts += [_named(table, month, kind, grain) for table in _together(sums)]
    return pa.concat_tables(parts).sort_by([(name, "ascending") for name in _ORDER])


def told(home: Home, month: str) -> pa.Table:
    """What the issues of a month told of days of the air beside what came: rows of the lake table ``forecast_pair``."""
    return pairs.told(home.lake, month, TOLD, observed.of_month(home, Scope.all(), month, "air", "day"))


def summed(batch: pa.Table) -> pa.Table:
    """Sums of pairs by place, item, model and lead.

    Parameters
    ----------
    batch : pyarrow.Table
        As from `store.pairs.batches`.

    Returns
    -------
    pyarrow.Table
        level, place, item, model, lead, n, ``sum_…`` and the counts in ``schema.SCORED``.
    """
    columns = _numbers(batch)
    table = pa.table({name: batch[name] for name in _KEY} | columns)
    return _added(table)


def _due(home: Home, received: dict[str, dt.datetime]) -> list[str]:
    """Months of issues whose scores may have changed; ``received``: the newest arrival of a reading of each month."""
    there, last = pairs.months(home.lake, "forecast"), _remembered(home)
    if last is None:
        return there
    late = {month for month in there if any(received.get(one, last) > last for one in _reached(month))}
    without = set(there) - set(scored(home, Scope.all()))
    return sorted(without | late | set(there[-CHANGING:]))


def _reached(month: str) -> list[str]:
    """Months of the days that the issues of a month tell of."""
    return [month, str(pd.Period(month, "M") + 1)]


def _remembered(home: Home) -> dt.datetime | None:
    """The newest arrival of a reading that was there at the last verification of all that was due."""
    with home.ledger.session() as session:
        row = session.get(Meta, _SEEN)
        return None if row is None else dt.datetime.fromisoformat(row.value)


def _remember(home: Home, arrival: dt.datetime) -> None:
    with home.ledger.session() as session:
        session.merge(Meta(key=_SEEN, value=arrival.isoformat()))


def _edited(home: Home, scope: Scope, month: str) -> pa.Table | None:
    """What was told after the meeting and what before it, of the issues of a month that a forecaster changed."""
    edits = meeting.edits(home, scope)
    parts = []
    for name in sorted(set(edits.loc[edits["value"].notna(), "issue"])):
        if name.startswith(month):
            issue = issues.find(home, scope, name)
            rows = issues.read(home, scope, issue)
            parts += [rows.assign(model=BEFORE), meeting.official(home, scope, issue, rows).assign(model=FORECASTER)]
    if not parts:
        return None
    schema = pa.schema([TABLES["forecast"].schema.field(name) for name in _OTHERS])
    return pa.Table.from_pandas(pd.concat(parts)[list(_OTHERS)], schema=schema, preserve_index=False)


def _numbers(batch: pa.Table) -> dict[str, np.ndarray]:
    """What is summed, of each pair."""
    value, came = _floats(batch, "value"), _floats(batch, "came")
    error = value - came
    out = {"n": np.ones(len(value), np.int32)}
    out |= {"sum_absolute": np.abs(error), "sum_error": error, "sum_square": error**2}
    low, high = _floats(batch, "lower90"), _floats(batch, "upper90")
    out["n_bands"] = np.isfinite(low) & np.isfinite(high)
    out["inside90"] = (low <= came) & (came <= high)
    out["inside50"] = (_floats(batch, "lower50") <= came) & (came <= _floats(batch, "upper50"))
    graded = {item: pc.equal(batch["item"], item).to_numpy() for item in GOOD}
    share = scores.RANGE
    out["range25"] = ((1 - share) * value <= came) & (came <= (1 + share) * value) & ~graded["class"]
    rated = np.flatnonzero(np.logical_or.reduce(list(graded.values())))
    for name, numbers in _of_levels(batch.take(pa.array(rated))).items():
        out[name] = np.zeros(len(value), numbers.dtype)
        out[name][rated] = numbers
    return {name: numbers if numbers.dtype.kind == "f" else numbers.astype(np.int32) for name, numbers in out.items()}


def _of_levels(batch: pa.Table) -> dict[str, np.ndarray]:
    """What is counted of pairs that have a level: of the AQI or the class of water."""
    value, came, index = _floats(batch, "value"), _floats(batch, "came"), pc.equal(batch["item"], "aqi").to_numpy()
    told = np.where(index, scores.told_level(value), np.rint(value)).astype(int)
    seen = np.where(index, scores.level(came), np.rint(came)).astype(int)
    good = np.where(index, GOOD["aqi"], GOOD["class"])
    out = {"n_levels": np.ones(len(value), bool), "exact_level": told == seen, "within_one": abs(told - seen) <= 1}
    out |= {"always_good": seen <= good, "polluted_hit": (told > good) & (seen > good)}
    out |= {"polluted_missed": (told <= good) & (seen > good), "polluted_false": (told > good) & (seen <= good)}
    chances = np.column_stack([_floats(batch, name) for name in scores.PROBABILITIES])
    known = np.isfinite(chances).all(axis=1)
    low = scores.level_pairs(chances, told)
    out |= {"n_chances": known, "two_level": known & ((seen == low) | (seen == low + 1))}
    happened = seen[:, None] <= np.arange(1, scores.LEVELS + 1)
    apart = ((chances.cumsum(axis=1) - happened) ** 2).sum(axis=1) / (scores.LEVELS - 1)
    out["sum_rps"] = np.where(known, apart, 0.0)
    out["n_primary"] = index & (came > EXCELLENT_UP_TO)
    out["primary_right"] = out["n_primary"] & _one_in_common(batch["primary"], batch["came_primary"])
    return out


def _one_in_common(one: pa.ChunkedArray, other: pa.ChunkedArray) -> np.ndarray:
    """Whether two sets of symbols, each joined by ";", share one."""
    bits: dict[str, int] = {}
    masks = [_masks(column, bits) for column in (one, other)]
    return masks[0] & masks[1] != 0


def _masks(column: pa.ChunkedArray, bits: dict[str, int]) -> np.ndarray:
    found = column.combine_chunks().dictionary_encode("encode")
    sets = [(text or "").split(";") for text in found.dictionary.to_pylist()]
    masks = [sum(1 << bits.setdefault(symbol, len(bits)) for symbol in symbols if symbol) for symbols in sets]
    return np.array(masks, np.int64)[found.indices.to_numpy()] if masks else np.zeros(len(column), np.int64)


def _floats(batch: pa.Table, name: str) -> np.ndarray:
    return batch[name].to_numpy().astype(float)


def _added(table: pa.Table) -> pa.Table:
    names = ("n", *_SUMS, *SCORED)
    found = table.group_by(list(_KEY)).aggregate([(name, "sum") for name in names])
    return found.rename_columns([name.removesuffix("_sum") for name in found.column_names])


def _together(sums: list[pa.Table]) -> Iterator[pa.Table]:
    if sums:
        yield _added(pa.concat_tables(sums))


def _named(table: pa.Table, month: str, kind: str, grain: str) -> pa.Table:
    count = table.num_rows
    said = {"month": month, "kind": kind, "grain": grain}
    schema = TABLES[TABLE].schema
    columns = [pa.repeat(said[name], count) if name in said else table[name] for name in schema.names]
    return pa.table(columns, names=schema.names).cast(schema)


def _empty() -> pa.Table:
    return TABLES[TABLE].schema.empty_table()


def _stored(home: Home, month: str) -> pa.Table:
    """Scores of a month as they are kept."""
    table = home.lake.table(TABLE)
    if table is None:
        return _empty()
    schema = TABLES[TABLE].schema
    found = table.to_pyarrow_table(filters=[("month", "=", month)]).select(schema.names).cast(schema)
    return found.sort_by([(name, "ascending") for name in _ORDER])


def _same(one: pa.Table, other: pa.Table) -> bool:
    """Whether two tables say the same; sums may differ in the last digits, by the order in which they were made."""
    if one.num_rows != other.num_rows:
        return False
    exact, near = [name for name in one.column_names if name not in _SUMS], list(_SUMS)
    if not one.select(exact).equals(other.select(exact)):
        return False
    return all(np.allclose(one[name], other[name], rtol=1e-9, atol=1e-6) for name in near)
