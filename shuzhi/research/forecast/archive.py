"""The archive (往期预报): every issue beside what came of it."""

import datetime as dt

import numpy as np
import pandas as pd

from shuzhi.research.forecast import issues, meeting, observed, scores, skill
from shuzhi.research.forecast.issues import TOLD, Issue
from shuzhi.settings import BEIJING
from shuzhi.standards.levels import level as level_of
from shuzhi.store import Home, Scope

_BANDS = (50, 90)
_DAY = pd.Timedelta(days=1)


def issue_beside(
    home: Home, scope: Scope, issue: Issue, level: str, place: str, item: str, grain: str = "day", model: str = TOLD
) -> pd.DataFrame:
    """What an issue told of a place, beside what came.

    Parameters
    ----------
    issue : Issue
    level : 'station', 'district', 'city' or 'section'
    place : str
        Code or name.
    item : str
        As in the issue: aqi, class, or a factor.
    grain : 'day' or 'hour'

    Returns
    -------
    DataFrame
        lead, time (UTC, end of the period), value, lower50, upper50, lower90, upper90 (of the model), official (after
        the meeting, else as the model), edited (bool), came (NaN: not yet, or not valid), error (official − came),
        inside50, inside90 (bool or NA), told_level, came_level (of the AQI or of water; 0 none), primary, came_primary.
    """
    kind = "water" if level == "section" else "air"
    asked = {"kind": kind, "grain": grain, "levels": [level], "places": [place], "items": [item], "models": [model]}
    rows = issues.read(home, scope, issue, **asked).sort_values("lead", ignore_index=True)
    official = meeting.official(home, scope, issue, rows) if (kind, grain, model) == ("air", "day", TOLD) else rows
    rows = rows.assign(official=official["value"].astype(float))
    rows["edited"] = official["edit"].notna() if "edit" in official else False
    rows = rows.drop(columns=["issued_at", "level", "item", "model", *scores.PROBABILITIES])
    came = _came(home, scope, rows, kind, grain, level, place, item)
    rows = rows.merge(came, "left", ["place", "time"]).drop(columns="place")
    known = rows["came"].notna()
    rows["error"] = rows["official"] - rows["came"]
    for share in _BANDS:
        low, high = rows[f"lower{share}"], rows[f"upper{share}"]
        inside = (low <= rows["came"]) & (rows["came"] <= high)
        rows[f"inside{share}"] = inside.astype("boolean").mask(~known | low.isna() | high.isna())
    for name, value in (("told_level", rows["official"]), ("came_level", rows["came"])):
        rows[name] = _levels(item, value.to_numpy(float))
    return rows


def overview(home: Home, scope: Scope, first: str | dt.date | None = None) -> pd.DataFrame:
    """A row an issue with its later score at the level of the city, the newest first.

    Parameters
    ----------
    first : str or date, optional
        Month of the first issue; by default all.

    Returns
    -------
    DataFrame
        issue (id), issued_at, hindcast, weather (product or None), model_version, days (of the AQI that have come),
        mae and mae_official (of the AQI on them: of the model, after the meeting), levels_right (of ``days``), inside90
        (likewise), edited (edits that hold). NaN where nothing has come.
    """
    month = "0000-00" if first is None else str(first)[:7]
    table = [issue for issue in issues.table(home, scope) if issue.month >= month]
    names = ("id", "issued_at", "hindcast", "weather", "model_version")
    out = pd.DataFrame([[getattr(issue, name) for name in names] for issue in table], columns=list(names))
    out = out.rename(columns={"id": "issue"})
    rows = skill.beside(home, scope, "city", home.city, "aqi", _day_of(first))
    rows = _with_official(home, scope, rows)
    told, came = rows["official"].to_numpy(float), rows["came"].to_numpy(float)
    scored = pd.DataFrame({"issue": rows["issue"], "days": 1, "mae": np.abs(rows["value"] - came)})
    scored["mae_official"] = np.abs(told - came)
    scored["levels_right"] = scores.told_level(told) == level_of(came)
    scored["inside90"] = (rows["lower90"] <= came) & (came <= rows["upper90"])
    means, counts = ["mae", "mae_official"], ["days", "levels_right", "inside90"]
    found = scored.groupby("issue").agg(dict.fromkeys(means, "mean") | dict.fromkeys(counts, "sum"))
    out = out.join(found.astype(dict.fromkeys(counts, int)), on="issue")
    out[counts] = out[counts].fillna(0).astype(int)
    held = meeting.edits(home, scope)
    edited = held[held["value"].notna()].groupby("issue").size()
    return out.assign(edited=out["issue"].map(edited).fillna(0).astype(int))


def _with_official(home: Home, scope: Scope, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the city's AQI with ``official``."""
    out = rows.assign(official=rows["value"].astype(float)).set_index(["issue", "lead"])
    held = meeting.edits(home, scope)
    for name in set(held.loc[held["value"].notna() & (held["level"] == "city"), "issue"]) & set(rows["issue"]):
        issue = issues.find(home, scope, name)
        told = issues.read(home, scope, issue, levels=["city"], places=[home.city], items=["aqi"])
        official = meeting.official(home, scope, issue, told).assign(issue=name).set_index(["issue", "lead"])["value"]
        there = out.index.intersection(official.index)
        out.loc[there, "official"] = official[there].astype(float)
    return out.reset_index()


def _came(home: Home, scope: Scope, rows: pd.DataFrame, kind: str, grain: str, level: str, place: str, item: str):
    """place, time, came, came_primary."""
    if rows.empty:
        return rows[["place", "time"]].assign(came=np.nan, came_primary=None)
    first, last = rows["time"].min(), rows["time"].max()
    if grain == "hour":
        found = observed.hours(home, scope, first - pd.Timedelta(hours=1), last, [place] if level == "station" else [])
    else:
        span = [(time - _DAY).tz_convert(BEIJING).date() for time in (first, last)]
        days = observed.water_days if kind == "water" else observed.air_days
        found = days(home, scope, *span, *(() if kind == "water" else ([level], [place])))
    found = found.to_pandas()
    found = found[(found["level"] == level) & (found["place"] == place) & (found["item"] == item)]
    found = found.rename(columns={"value": "came", "primary": "came_primary"})
    return found[["place", "time", "came", "came_primary"]]


def _levels(item: str, values: np.ndarray) -> np.ndarray:
    if item == "aqi":
        return level_of(np.rint(values))
    if item == "class":
        return np.nan_to_num(np.rint(values)).astype(np.int8)
    return np.zeros(len(values), np.int8)


def _day_of(first: str | dt.date | None) -> dt.date | None:
    """The first day that issues of a month tell of."""
    return None if first is None else dt.date.fromisoformat(f"{str(first)[:7]}-01")
