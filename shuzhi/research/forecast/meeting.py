"""The meeting's word (会商订正): a forecaster's value instead of the model's, with a reason, signed.

Both are kept and both are verified. An edit is never changed: the newest of a place, item and day holds, and one
without a value gives the day back to the model.
"""

import math

import numpy as np
import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shuzhi.access import audit
from shuzhi.access.clock import now
from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import _
from shuzhi.ingest.numbers import bounds
from shuzhi.research.forecast import issues
from shuzhi.research.forecast.intervals import BREAKPOINTS
from shuzhi.research.forecast.issues import DATASET, Issue
from shuzhi.research.forecast.scores import PROBABILITIES
from shuzhi.settings import settings
from shuzhi.standards.aqi import daily_aqi
from shuzhi.standards.days import beijing_day
from shuzhi.standards.rounding import round_half_even
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import ForecastEdit
from shuzhi.store.schema import DAY_ITEMS

FORECASTER = "forecaster"
"""The model's name under which what was signed is verified."""
LONGEST_REASON = 500

_LEVELS = ("station", "district", "city")
_AQI, _HIGHEST_AQI = "aqi", 500.0
_KEY = ["level", "place", "item", "time"]
_COLUMNS = ["id", *_KEY, "model_value", "value", "reason", "signed_by", "signed_name", "signed_at"]
_BANDS = ["lower90", "lower50", "value", "upper50", "upper90"]
_BELOW = np.array([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0])  # of the bands, with an end on each side


def edit(
    home: Home,
    scope: Scope,
    issue: Issue,
    level: str,
    place: str,
    item: str,
    time: pd.Timestamp,
    value: float | None,
    reason: str,
    seen: int | None = None,
) -> int:
    """Write a value instead of the model's and sign it; the number of the edit.

    Parameters
    ----------
    issue : Issue
        The newest one.
    level, place, item
        What it is of: a day's ``aqi`` or one of ``DAY_ITEMS``, of a station, district or the city.
    time : Timestamp
        End of the day, as in the issue; not past.
    value : float or None
        In the item's unit; None: back to the model's.
    reason : str
        At most ``LONGEST_REASON`` characters.
    seen : int, optional
        The edit that held when the forecaster looked; None: there was none.

    Raises
    ------
    ScopeError
        If forecasts may not be changed.
    NotFoundError
        If the issue says nothing of this.
    InputError
        If the day is over, the issue is not the newest, the value can't be meant, the reason is missing, or somebody
        signed meanwhile.
    """
    scope.require(DATASET, "change")
    reason = _reason(reason)
    _require_open(home, scope, issue, time)
    value = None if value is None else _plausible(item, value)
    model = _told(home, scope, issue, level, place, item, time)
    with home.ledger.session() as session:
        row = ForecastEdit(issue=issue.id, level=level, place=place, item=item, time=_naive(time))
        row.model_value, row.value, row.reason = model, value, reason
        row.signed_by, row.signed_name, row.signed_at = *_who(scope), now()
        said = {"time": time.isoformat(), "model": model, "value": value, "reason": reason}
        # The audit holds the ledger's one writer, so that two who sign at once are seen by each other.
        audit.append(home, session, scope.actor, "change", DATASET, f"{issue.id} {level} {place} {item}", **said)
        _require_seen(session, row, seen)
        session.add(row)
        session.flush()
        number = row.id
    home.changed()
    return number


def history(home: Home, scope: Scope, issue: Issue | None = None) -> pd.DataFrame:
    """Every edit of an issue, or of all, in the order of signing.

    Returns
    -------
    DataFrame
        issue, id, level, place, item, time (UTC, end of the day), model_value, value (NaN: back to the model's),
        reason, signed_by, signed_name, signed_at (UTC).
    """
    scope.require(DATASET)
    columns = ["issue", *_COLUMNS]
    query = select(*(getattr(ForecastEdit, name) for name in columns)).order_by(ForecastEdit.id)
    if issue is not None:
        query = query.where(ForecastEdit.issue == issue.id)
    with home.ledger.session() as session:
        found = pd.DataFrame(session.execute(query).all(), columns=columns)
    for name in ("time", "signed_at"):
        found[name] = pd.to_datetime(found[name]).dt.tz_localize("UTC").dt.as_unit("us")
    return found.astype({"value": float, "model_value": float})


def edits(home: Home, scope: Scope, issue: Issue | None = None) -> pd.DataFrame:
    """The edits that hold: of each place, item and day the newest; columns as of `history`. One that gives the day back
    to the model has no value."""
    return history(home, scope, issue).drop_duplicates(["issue", *_KEY], keep="last", ignore_index=True)


def official(home: Home, scope: Scope, issue: Issue, rows: pd.DataFrame) -> pd.DataFrame:
    """What is told after the meeting: the edits in the place of the model's values.

    Bands move with the value and keep their width. Where a pollutant was edited and the AQI was not, the AQI and its
    primary pollutant are made anew; probabilities follow from the moved bands.

    Parameters
    ----------
    rows : DataFrame
        Of the air, by days, of the model that is told, as from `issues.read`.

    Returns
    -------
    DataFrame
        ``rows`` with ``model_value``, and where an edit holds ``edit`` (its number; of an AQI made anew that of the
        pollutant's), ``reason``, ``signed_name``, ``signed_at``.
    """
    held = edits(home, scope, issue)
    held = held[held["value"].notna()]
    signed = ["reason", "signed_name", "signed_at"]
    found = rows.merge(
        held.rename(columns={"id": "edit", "value": "edited"})[[*_KEY, "edit", "edited", *signed]], "left", _KEY
    )
    found.index = rows.index
    found["model_value"] = found["value"].astype(float)
    if held.empty:
        return found.drop(columns="edited")
    derived = _derived(home, scope, issue, held, found)
    return _moved(derived).drop(columns="edited")


def _derived(home: Home, scope: Scope, issue: Issue, held: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The AQI of places and days of which a pollutant was edited."""
    days = held.loc[held["item"] != _AQI, ["level", "place", "time"]].drop_duplicates()
    wanted = found.reset_index().merge(days, on=["level", "place", "time"])
    wanted = wanted[(wanted["item"] == _AQI) & wanted["edit"].isna()]
    if wanted.empty:
        return found
    pollutants = issues.read(home, scope, issue, places=sorted(set(wanted["place"])), items=DAY_ITEMS)
    values = pollutants.merge(held.rename(columns={"value": "edited"})[[*_KEY, "edited", "id"]], "left", _KEY)
    values["value"] = values["edited"].fillna(values["value"].astype(float))
    keys = ["level", "place", "time"]
    newest = values.dropna(subset="id").sort_values("id").drop_duplicates(keys, keep="last").set_index(keys)["id"]
    indices = _aqi(values.pivot(index=keys, columns="item", values="value"))
    signs = held.set_index("id")[["reason", "signed_name", "signed_at"]]
    for row in wanted.itertuples():
        key, at = (row.level, row.place, row.time), row.index
        number = newest[key]
        found.loc[at, ["edited", "edit", "primary"]] = indices.loc[key, "aqi"], number, indices.loc[key, "primary"]
        for name in signs:
            found.loc[at, name] = signs.loc[number, name]
    return found


def _aqi(values: pd.DataFrame) -> pd.DataFrame:
    table = values.reindex(columns=list(DAY_ITEMS)).astype(float)
    rounded = {name: round_half_even(table[name].to_numpy(), 1 if name == "co" else 0) for name in table}
    days = pd.DataFrame(rounded).assign(day=beijing_day(values.index.get_level_values("time")))
    return daily_aqi(days, method=settings().aqi_2012_method)[["aqi", "primary"]].set_axis(values.index)


def _moved(found: pd.DataFrame) -> pd.DataFrame:
    edited = found["edited"].notna()
    by = (found["edited"] - found["model_value"])[edited]
    for name in _BANDS:
        moved = found.loc[edited, name].astype(float) + by
        found[name] = found[name].astype(float)
        found.loc[edited, name] = moved.clip(lower=0)
    rated = edited & (found["item"] == _AQI)
    if rated.any():
        found[PROBABILITIES] = found[PROBABILITIES].astype(float)
        found.loc[rated, PROBABILITIES] = _chances(found.loc[rated, _BANDS].to_numpy(float))
    return found


def _chances(bands: np.ndarray) -> np.ndarray:
    """Probability of each level from bands (n, 5), straight between them."""
    below = bands[:, :1] - (bands[:, 1:2] - bands[:, :1])
    above = bands[:, -1:] + (bands[:, -1:] - bands[:, -2:-1])
    points = np.maximum.accumulate(np.hstack([below, bands, above]), axis=1)
    bounds_ = np.array(BREAKPOINTS) + 0.5
    inside = np.array([np.interp(bounds_, row, _BELOW) for row in points])
    return np.diff(np.hstack([np.zeros((len(bands), 1)), inside, np.ones((len(bands), 1))]), axis=1)


def _reason(text: str) -> str:
    reason = " ".join((text or "").split())
    if not reason:
        raise InputError(_("订正要写明理由"))
    if len(reason) > LONGEST_REASON:
        raise InputError(_("理由太长：最多 {n} 个字").format(n=LONGEST_REASON))
    return reason


def _plausible(item: str, value: float) -> float:
    if item == _AQI:
        low, high = 0.0, _HIGHEST_AQI
    elif item in DAY_ITEMS:
        low, high, _unit = bounds(item.removesuffix("_8h"), "1h")
    else:
        raise NotFoundError(_("预报里没有“{item}”这一项").format(item=item))
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(_("订正值应在 {low} 到 {high} 之间").format(low=f"{low:g}", high=f"{high:g}"))
    return float(value)


def _require_open(home: Home, scope: Scope, issue: Issue, time: pd.Timestamp) -> None:
    newest = issues.newest(home, scope)
    if newest is None or newest.id != issue.id:
        raise InputError(_("只能订正最新一期预报；这一期之后已有新的预报"))
    if time <= pd.Timestamp(now(), tz="UTC"):
        raise InputError(_("这一天已经过去，不能再订正"))


def _told(home: Home, scope: Scope, issue: Issue, level: str, place: str, item: str, time: pd.Timestamp) -> float:
    if level not in _LEVELS:
        raise NotFoundError(_("预报里没有“{item}”这一项").format(item=level))
    rows = issues.read(home, scope, issue, levels=[level], places=[place], items=[item])
    rows = rows[rows["time"] == time]
    if rows.empty:
        raise NotFoundError(_("这一期预报里没有 {place} 这一天的数值").format(place=place))
    return float(rows["value"].iloc[0])


def _require_seen(session: Session, row: ForecastEdit, seen: int | None) -> None:
    """Nobody's word is replaced unread."""
    key = [getattr(ForecastEdit, name) == getattr(row, name) for name in ("issue", *_KEY)]
    newest = session.scalar(select(func.max(ForecastEdit.id)).where(*key))
    if newest is not None and newest != seen:
        other = session.get(ForecastEdit, newest)
        raise InputError(_("{name} 刚刚订正过这一项，请看过之后再改").format(name=other.signed_name))


def _who(scope: Scope) -> tuple[str, str]:
    actor = scope.actor or audit.PLATFORM
    return actor.id[:64], actor.name[:128]


def _naive(time: pd.Timestamp):
    return time.tz_convert("UTC").tz_localize(None).to_pydatetime()
