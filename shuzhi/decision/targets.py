"""Targets (目标) of a year: good days, annual PM2.5, share of sections of surface water in classes Ⅰ–Ⅲ."""

from typing import Literal

from shuzhi.access import audit
from shuzhi.errors import InputError
from shuzhi.store import Home, Scope
from shuzhi.store.ledger import Target

Metric = Literal["good_days", "pm25", "water_good_share"]
DATASET = "operations"
_BOUNDS = {"good_days": (0, 366), "pm25": (1, 500), "water_good_share": (0, 100)}


def set_target(
    home: Home, scope: Scope, year: int, metric: Metric, value: float, source: str = "", city: str | None = None
) -> None:
    """Write a target, in the place of an older one.

    Parameters
    ----------
    value : float
        Days for ``good_days``, µg/m³ for ``pm25``, % for ``water_good_share``.
    source : str
        Where the target is laid down.

    Raises
    ------
    ScopeError
        If the platform's settings may not be changed.
    InputError
        If the metric is unknown or the value can't be meant.
    """
    scope.require(DATASET, "change")
    if metric not in _BOUNDS:
        raise InputError(f"there is no target '{metric}'; choose one of {', '.join(_BOUNDS)}")
    low, high = _BOUNDS[metric]
    if not low <= value <= high:
        raise InputError(f"a target of {value:g} for {metric} {year} can't be meant; give {low} … {high}")
    with home.ledger.session() as session:
        audit.append(home, session, scope.actor, "change", DATASET, f"{year} {metric}", value=value, source=source)
        session.merge(Target(year=year, city=city or home.city, metric=metric, value=value, source=source))
    home.changed()
