"""Sections of surface water on the map (水质断面): where each stands and what class its water has."""

from functools import cache

import pandas as pd

from shuzhi.standards.water import classes
from shuzhi.status import water_overview
from shuzhi.store import Home, Scope


def section_rows(home: Home, scope: Scope, at: pd.Timestamp | None, lang: str) -> list[dict]:
    """The sections that have a position, with their class at a moment.

    Parameters
    ----------
    at : tz-aware Timestamp, optional
        By default the newest stamp; a section keeps its class for 12 hours (`shuzhi.status.water_overview.FRESH`).
    lang : {"zh", "en"}
        Language of ``class_name``.

    Returns
    -------
    list of dict
        code, name, position [lon, lat] (WGS 84), water_class (1…6, 0 none), class_name (Ⅱ类, Class II; "" for none),
        river, district (None where not known), target_class (1…6 or None), lake (bool), time (ISO 8601 of the reading,
        Beijing; None without one). Worst last, so that it lies on top.

    Raises
    ------
    ScopeError
        If water is outside the scope.
    """
    register, _city = water_overview.watched(home, scope)
    moment = water_overview.moment(home, scope, at)
    found = register.assign(water_class=0, time=pd.NaT)
    if moment is not None:
        found = water_overview.now(home, scope, moment, register)
    found = found.dropna(subset=["lon", "lat"]).sort_values("water_class", kind="stable")
    return [_row(row, lang) for row in found.to_dict("records")]


def class_name(water_class: int, lang: str) -> str:
    """Ⅱ类 or Class II; "" for none."""
    return _names(lang).get(int(water_class), "")


@cache
def _names(lang: str) -> dict[int, str]:
    return classes().set_index("water_class")[f"name_{lang}"].to_dict()


def _row(row: dict, lang: str) -> dict:
    time = row["time"]
    return {
        "code": row["code"],
        "name": row["name"],
        "position": [round(float(row["lon"]), 5), round(float(row["lat"]), 5)],
        "water_class": int(row["water_class"]),
        "class_name": class_name(row["water_class"], lang),
        "river": row["river"],
        "district": row["district"],
        "target_class": None if pd.isna(row["target_class"]) else int(row["target_class"]),
        "lake": bool(row["lake"]),
        "time": None if pd.isna(time) else time.tz_convert("Asia/Shanghai").isoformat(),
    }
