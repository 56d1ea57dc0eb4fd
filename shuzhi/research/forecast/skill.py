"""How good the forecasts were (技巧): from the sums that `verify` keeps, each score beside what takes no skill.

Shares are fractions 0–1, errors in the unit of the item; NaN where nothing can be said. Scores are of whole months of
issues. A reference is weighed as the model's own pairs are, so that a model with fewer issues is held against the
reference in the same months and places.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.errors import InputError
from shuzhi.i18n import N_, _
from shuzhi.research.forecast import issues, observed, scores, sums
from shuzhi.research.forecast.issues import TOLD, Issue
from shuzhi.research.forecast.meeting import FORECASTER
from shuzhi.research.forecast.sums import SHARES
from shuzhi.research.forecast.verify import BEFORE, GOOD
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span, months_between

Month = str | dt.date | None
"""``YYYY-MM``, or a day of the month; None: no bound."""

EVENTS = {"polluted": range(GOOD["aqi"] + 1, 7), "good": range(1, GOOD["aqi"] + 1)}
"""Levels of the AQI in which an event comes: above 100, and 优良."""

CLAIMS = {
    "exact_level": N_("级别准确：预报的级别就是实况的级别（HJ 1130-2020）"),
    "range25": N_("范围准确：实况 AQI 在预报值的 ±25% 以内（HJ 1130-2020）"),
    "two_level": N_("两级范围准确：实况在所报的相邻两级之内，即预报级别与更可能的邻级"),
    "within_one": N_("相差不超过一级：气候平均也几乎总能做到，不说明技巧"),
    "good_or_not": N_("优良判断准确：是否优良天报对了（AQI 不超过 100）"),
}
"""Definitions of what may be called accuracy."""

_FIRST, _LAST = "0000-00", "9999-99"
_COUNTED = {"polluted_hit": "hits", "polluted_missed": "misses", "polluted_false": "false_alarms"}


@dataclass(frozen=True)
class Basis:
    """What scores are made of.

    Attributes
    ----------
    issues, hindcasts : int
        All issues of the months, and those of them that were made afterwards (回算).
    first, last : str or None
        Ids of the first and the last.
    """

    issues: int
    hindcasts: int
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Claim:
    """An accuracy that may be told, since it carries its definition and what takes no skill.

    Attributes
    ----------
    definition, text : str
        Key in ``CLAIMS`` and its words.
    model : str
    share, lowest : float
        Pooled over the leads, and of the worst lead.
    leads : tuple of int
    n : int
        Pairs.
    first, last : str
        Months of the issues.
    always_good : float
        Share of the same days that were 优 or 良: what always saying 优～良 would score as a range of two levels.
    climatology : float
        The same definition for the climatology, in the same months and places.
    persistence : float
        The same for the last known day.
    """

    definition: str
    text: str
    model: str
    share: float
    lowest: float
    leads: tuple[int, ...]
    n: int
    first: str
    last: str
    always_good: float
    climatology: float
    persistence: float


def board(
    home: Home,
    scope: Scope,
    kind: str = "air",
    grain: str = "day",
    level: str = "city",
    place: str | None = None,
    item: str = "aqi",
    first: Month = None,
    last: Month = None,
    season: str | None = None,
    made: str | None = None,
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Scores by model and lead.

    Parameters
    ----------
    place : str, optional
        By default all of the level together.
    first, last : str or date, optional
        Months of the issues, both included.
    season : str, optional
        In ``SEASONS``.
    made : str, optional
        In ``MADE``: live issues only, or those only that were made afterwards.
    by : sequence of str
        More keys before model and lead, of ``sums.KEYS``.

    Returns
    -------
    DataFrame
        As `rated`.

    Raises
    ------
    ScopeError
        If forecasts may not be seen.
    InputError
        An unknown season, way of making or key.
    """
    for key in by:
        _known(key, sums.KEYS)
    found = read(home, scope, kind, grain, level, item, first, last, place)
    return rated(sums.chosen(found, season, made), [*by, "model", "lead"])


def read(
    home: Home,
    scope: Scope,
    kind: str = "air",
    grain: str = "day",
    level: str = "city",
    item: str = "aqi",
    first: Month = None,
    last: Month = None,
    place: str | None = None,
    models: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The sums that `board` rates, as from `sums.read`: who shows several boards of a level reads them once."""
    return sums.read(home, scope, kind, grain, level, item, _month(first, _FIRST), _month(last, _LAST), place, models)


def rated(found: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Scores from sums.

    Parameters
    ----------
    found : DataFrame
        As from `read`.
    keys : sequence of str
        Some of month, season, place, made, model, lead; what is no key is added up.

    Returns
    -------
    DataFrame
        The keys, n, mae, bias, rmse, skill_persistence, skill_climatology, skill_before (of the forecaster against
        the model on the same issues), exact_level, range25, two_level, within_one, good_or_not, always_good, the
        first five also as ``<share>_climatology``, inside50, inside90, hits, misses, false_alarms, csi (of days above
        100, of water worse than Ⅲ), n_primary, primary_right, rps. The model that is told comes first.
    """
    keys = list(keys)
    table = sums.added(found, keys)
    total = {name: table[name].to_numpy() for name in table}
    n = total["n"]
    out = {"n": n.astype(int), "mae": _share(total["sum_absolute"], n), "bias": _share(total["sum_error"], n)}
    out["rmse"] = np.sqrt(_share(total["sum_square"], n))
    for name, reference in (("persistence", "persistence"), ("climatology", "climatology"), ("before", BEFORE)):
        out[f"skill_{name}"] = 1 - _share(total[f"{reference}_own"], total[f"{reference}_absolute"])
    out |= {share: _share(total[share], total[of]) for share, of in SHARES.items()}
    out["always_good"] = _share(total["always_good"], total["n_levels"])
    for share in SHARES:
        out[f"{share}_climatology"] = _share(total[f"climatology_{share}"], total[f"climatology_{share}_n"])
    out |= {name: _share(total[name], total["n_bands"]) for name in ("inside50", "inside90")}
    out |= {name: total[counted].astype(int) for counted, name in _COUNTED.items()}
    out["csi"] = _share(total["polluted_hit"], sum(total[name] for name in _COUNTED))
    out |= {"n_primary": total["n_primary"].astype(int), "rps": _share(total["sum_rps"], total["n_chances"])}
    out["primary_right"] = _share(total["primary_right"], total["n_primary"])
    return _told_first(pd.DataFrame(out, index=table.index).reset_index(), keys)


def basis(home: Home, scope: Scope, first: Month = None, last: Month = None, made: str | None = None) -> Basis:
    """What the scores of a span of months are made of."""
    low, high = _month(first, _FIRST), _month(last, _LAST)
    found = [one for one in issues.table(home, scope) if low <= one.month <= high and _is_made(one, made)]
    ends = (found[-1].id, found[0].id) if found else (None, None)
    return Basis(len(found), sum(one.hindcast for one in found), *ends)


def _is_made(issue: Issue, made: str | None) -> bool:
    return made is None or issue.hindcast == (made == "hindcast")


def reliability(
    home: Home,
    scope: Scope,
    level: str = "city",
    place: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    event: str = "polluted",
    leads: Sequence[int] | None = None,
    made: str | None = None,
) -> pd.DataFrame:
    """How often an event came when it was held likely (可靠性), of the AQI of days.

    Parameters
    ----------
    place : str, optional
        By default all of the level.
    first, last : date, optional
        Days that were forecast; by default all that are over.
    event : str
        In ``EVENTS``.
    leads : sequence of int, optional
        By default all.
    made : str, optional
        In ``MADE``.

    Returns
    -------
    DataFrame
        low, high, n, probability, frequency: as `scores.reliability`.
    """
    levels = list(_known(event, EVENTS, EVENTS))
    rows = beside(home, scope, level, place, "aqi", first, last, made)
    rows = rows if leads is None else rows[rows["lead"].isin(list(leads))]
    rows = rows[rows["p1"].notna()]
    if rows.empty:
        return pd.DataFrame(columns=["low", "high", "n", "probability", "frequency"])
    chance = rows[[f"p{number}" for number in levels]].sum(axis=1).clip(0, 1)
    return scores.reliability(chance, np.isin(scores.level(rows["came"]), levels))


def beside(
    home: Home,
    scope: Scope,
    level: str,
    place: str | None,
    item: str,
    first: dt.date | None = None,
    last: dt.date | None = None,
    made: str | None = None,
) -> pd.DataFrame:
    """What was told of the days of the air beside what had come when it was verified last.

    Parameters
    ----------
    first, last : date, optional
        Days that were told, both included.
    made : str, optional
        In ``MADE``.

    Returns
    -------
    DataFrame
        issue, issued_at, place, lead, time (UTC, end of the day), value, lower50, upper50, lower90, upper90, p1 … p6,
        primary, came, came_primary.
    """
    asked = {"level": level, "item": item, "places": None if place is None else [place]}
    rows = home.engine.run("forecast_pairs", scope, **asked, **_issues_of(first, last))
    if made is not None:
        rows = rows[rows["issue"].isin([one.id for one in issues.table(home, scope) if _is_made(one, made)])]
    if first is not None:
        rows = rows[rows["time"] > day_span(first, first)[0]]
    return rows if last is None else rows[rows["time"] <= day_span(last, last)[1]]


def claims(found: pd.DataFrame, leads: Sequence[int] = tuple(range(1, 8)), model: str = TOLD) -> list[Claim]:
    """Accuracies of the daily AQI, each with its definition and beside it what takes no skill.

    Parameters
    ----------
    found : DataFrame
        Sums of the AQI as from `read`, of the place or places that are meant.

    Raises
    ------
    InputError
        Nothing of the model is verified.
    """
    found = found[found["lead"].isin(list(leads))]
    months = found.loc[found["model"] == model, "month"]
    if months.empty:
        raise InputError(f"nothing of the model {model} is verified in these months; wait until its days have come")
    each = rated(found, ["model", "lead"])
    each, every = each[each["model"] == model], rated(found, ["model"]).set_index("model")
    told = every.loc[model]
    return [
        Claim(
            definition=definition,
            text=_(text),
            model=model,
            share=float(told[definition]),
            lowest=float(each[definition].min()),
            leads=tuple(each["lead"]),
            n=int(told["n"]),
            first=months.min(),
            last=months.max(),
            always_good=float(told["always_good"]),
            climatology=_floor(every, "climatology", definition),
            persistence=_floor(every, "persistence", definition),
        )
        for definition, text in CLAIMS.items()
    ]


def _floor(floors: pd.DataFrame, model: str, definition: str) -> float:
    return float(floors.loc[model, definition]) if model in floors.index else float("nan")


def _told_first(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if "model" not in keys:
        return found
    rank = found["model"].map({TOLD: 0, FORECASTER: 1}).fillna(2)
    ordered = found.assign(rank=rank).sort_values([*keys[: keys.index("model")], "rank", *keys[keys.index("model") :]])
    return ordered.drop(columns="rank").reset_index(drop=True)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _month(given: Month, default: str) -> str:
    return default if given is None else str(given)[:7]


def _issues_of(first: dt.date | None, last: dt.date | None) -> dict[str, str]:
    """Months of the issues that can tell of these days."""
    low, high = _FIRST, _LAST
    if first is not None:
        low = months_between(*day_span(first - observed.AHEAD["day"].to_pytimedelta(), first))[0]
    if last is not None:
        high = _month(last, _LAST)
    return {"first_month": low, "last_month": high}


def _known(name: str, names, values=None):
    if name not in names:
        raise InputError(f"“{name}” is none of {', '.join(names)}")
    return name if values is None else values[name]
