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
from shuzhi.research.forecast import issues, observed, scores
from shuzhi.research.forecast.issues import TOLD
from shuzhi.research.forecast.meeting import FORECASTER
from shuzhi.research.forecast.verify import BEFORE, GOOD
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span, months_between
from shuzhi.store.queries import SHARES

Month = str | dt.date | None
"""``YYYY-MM``, or a day of the month; None: no bound."""

SEASONS = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}
EVENTS = {"polluted": range(GOOD["aqi"] + 1, 7), "good": range(1, GOOD["aqi"] + 1)}
"""Levels of the AQI in which an event comes: above 100, and 优良."""

CLAIMS = {
    "exact_level": N_("级别准确：预报的级别就是实况的级别（HJ 1130-2020）"),
    "range25": N_("范围准确：实况 AQI 在预报值的 ±25% 以内（HJ 1130-2020）"),
    "two_level": N_("两级范围准确：实况级别是预报最可能的相邻两级之一"),
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
    basis : Basis
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
    basis: Basis


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

    Returns
    -------
    DataFrame
        model, lead, n, mae, bias, rmse, skill_persistence, skill_climatology, skill_before (of the forecaster against
        the model on the same issues), exact_level, range25, two_level, within_one, good_or_not, always_good, the
        first four also as ``<share>_climatology``, inside50, inside90, hits, misses, false_alarms, csi (of days above
        100, of water worse than Ⅲ), n_primary, primary_right, rps. The model that is told comes first.

    Raises
    ------
    ScopeError
        If forecasts may not be seen.
    InputError
        An unknown season.
    """
    sums = _months(home, scope, kind, grain, level, place, item, first, last)
    if season is not None:
        sums = sums[_season(sums["month"]) == _known(season, SEASONS)]
    return _rated(sums, ["model", "lead"], item)


def by_month(home: Home, scope: Scope, **asked) -> pd.DataFrame:
    """As `board` with ``month`` (of the issues) before model and lead."""
    return _rated(_months(home, scope, **asked), ["month", "model", "lead"], asked.get("item", "aqi"))


def by_season(home: Home, scope: Scope, **asked) -> pd.DataFrame:
    """As `board` with ``season`` before model and lead; parameters as there, but for the season."""
    sums = _months(home, scope, **asked)
    return _rated(sums.assign(season=_season(sums["month"])), ["season", "model", "lead"], asked.get("item", "aqi"))


def by_station(
    home: Home,
    scope: Scope,
    kind: str = "air",
    grain: str = "day",
    level: str = "station",
    item: str = "aqi",
    first: Month = None,
    last: Month = None,
    models: Sequence[str] | None = (TOLD,),
    leads: Sequence[int] | None = None,
) -> pd.DataFrame:
    """As `board` with ``place`` before model and lead, a row for each place of a level.

    Parameters
    ----------
    models : sequence of str, optional
        None: all.
    leads : sequence of int, optional
        These pooled into one row a place, without ``lead``; by default each by itself.
    """
    asked = _asked(kind, grain, level, None, item, first, last)
    chosen = None if models is None else list(models)
    sums = home.engine.run("forecast_score_places", scope, **asked, models=chosen)
    if leads is None:
        return _rated(sums, ["place", "model", "lead"], item)
    return _rated(sums[sums["lead"].isin(list(leads))], ["place", "model"], item)


def basis(home: Home, scope: Scope, first: Month = None, last: Month = None) -> Basis:
    """What the scores of a span of months are made of."""
    low, high = _month(first, _FIRST), _month(last, _LAST)
    found = [one for one in issues.table(home, scope) if low <= one.month <= high]
    ends = (found[-1].id, found[0].id) if found else (None, None)
    return Basis(len(found), sum(one.hindcast for one in found), *ends)


def reliability(
    home: Home,
    scope: Scope,
    level: str = "city",
    place: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    event: str = "polluted",
    leads: Sequence[int] | None = None,
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

    Returns
    -------
    DataFrame
        low, high, n, probability, frequency: as `scores.reliability`.
    """
    levels = list(_known(event, EVENTS, EVENTS))
    rows = beside(home, scope, level, place, "aqi", first, last)
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
) -> pd.DataFrame:
    """What was told of the days of the air beside what had come when it was verified last.

    Parameters
    ----------
    first, last : date, optional
        Days that were told, both included.

    Returns
    -------
    DataFrame
        issue, issued_at, place, lead, time (UTC, end of the day), value, lower50, upper50, lower90, upper90, p1 … p6,
        primary, came, came_primary.
    """
    asked = {"level": level, "item": item, "places": None if place is None else [place]}
    rows = home.engine.run("forecast_pairs", scope, **asked, **_issues_of(first, last))
    if first is not None:
        rows = rows[rows["time"] > day_span(first, first)[0]]
    return rows if last is None else rows[rows["time"] <= day_span(last, last)[1]]


def claim(
    home: Home,
    scope: Scope,
    definition: str,
    level: str = "city",
    place: str | None = None,
    leads: Sequence[int] = tuple(range(1, 8)),
    model: str = TOLD,
    first: Month = None,
    last: Month = None,
) -> Claim:
    """An accuracy of the daily AQI with its definition, and beside it what takes no skill.

    Parameters
    ----------
    definition : str
        In ``CLAIMS``.

    Raises
    ------
    InputError
        An unknown definition, or nothing is verified yet.
    """
    text = _(_known(definition, CLAIMS, CLAIMS))
    sums = _months(home, scope, level=level, place=place, first=first, last=last)
    sums = sums[sums["lead"].isin(list(leads))]
    own = sums[sums["model"] == model]
    if own.empty:
        raise InputError(f"nothing of the model {model} is verified in these months; wait until its days have come")
    each, pooled = _rated(own, ["lead"], "aqi"), _rated(own, ["model"], "aqi").iloc[0]
    floors = _rated(sums, ["model"], "aqi").set_index("model")[definition]
    return Claim(
        definition=definition,
        text=text,
        model=model,
        share=float(pooled[definition]),
        lowest=float(each[definition].min()),
        leads=tuple(each["lead"]),
        n=int(pooled["n"]),
        first=own["month"].min(),
        last=own["month"].max(),
        always_good=float(pooled["always_good"]),
        climatology=float(floors.get("climatology", np.nan)),
        persistence=float(floors.get("persistence", np.nan)),
        basis=basis(home, scope, own["month"].min(), own["month"].max()),
    )


def _months(
    home: Home,
    scope: Scope,
    kind: str = "air",
    grain: str = "day",
    level: str = "city",
    place: str | None = None,
    item: str = "aqi",
    first: Month = None,
    last: Month = None,
) -> pd.DataFrame:
    return home.engine.run("forecast_score_months", scope, **_asked(kind, grain, level, place, item, first, last))


def _asked(kind, grain, level, place, item, first, last) -> dict:
    months = {"first_month": _month(first, _FIRST), "last_month": _month(last, _LAST)}
    of = {"kind": kind, "grain": grain, "level": level, "item": item}
    return of | months | {"places": None if place is None else [place]}


def _rated(sums: pd.DataFrame, keys: list[str], item: str) -> pd.DataFrame:
    """Scores from sums, by keys."""
    table = sums[sums["model"] != BEFORE].groupby(keys, sort=True).sum(numeric_only=True)
    n, levels = table["n"], table["n_levels"]
    out = {"n": n.astype(int), "mae": table["sum_absolute"] / n, "bias": table["sum_error"] / n}
    out["rmse"] = np.sqrt(table["sum_square"] / n)
    for name, reference in (("persistence", "persistence"), ("climatology", "climatology"), ("before", BEFORE)):
        out[f"skill_{name}"] = 1 - _share(table[f"{reference}_own"], table[f"{reference}_absolute"])
    out |= {share: _share(table[share], table[of]) for share, of in SHARES.items()}
    out["good_or_not"] = 1 - _share(table["polluted_missed"] + table["polluted_false"], levels)
    out["always_good"] = _share(table["always_good"], levels)
    for share in SHARES:
        out[f"{share}_climatology"] = _share(table[f"climatology_{share}"], table[f"climatology_{share}_n"])
    out |= {name: _share(table[name], table["n_bands"]) for name in ("inside50", "inside90")}
    out |= {name: table[counted].astype(int) for counted, name in _COUNTED.items()}
    out["csi"] = _share(table["polluted_hit"], table[list(_COUNTED)].sum(axis=1))
    out |= {"n_primary": table["n_primary"].astype(int), "rps": _share(table["sum_rps"], table["n_chances"])}
    out["primary_right"] = _share(table["primary_right"], table["n_primary"])
    found = pd.DataFrame(out, index=table.index).reset_index()
    if item == "class":
        found[["range25", "range25_climatology"]] = np.nan
    return _told_first(found, keys)


def _told_first(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if "model" not in keys:
        return found
    rank = found["model"].map({TOLD: 0, FORECASTER: 1}).fillna(2)
    ordered = found.assign(rank=rank).sort_values([*keys[: keys.index("model")], "rank", *keys[keys.index("model") :]])
    return ordered.drop(columns="rank").reset_index(drop=True)


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)


def _season(months: pd.Series) -> pd.Series:
    return months.str[5:].astype(int).map({month: name for name, those in SEASONS.items() for month in those})


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
