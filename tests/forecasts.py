"""A home with an issue of the forecast whose numbers are known, without any model."""

import numpy as np
import pandas as pd

from shuzhi.ingest.service import import_stations
from shuzhi.research.forecast import issues
from shuzhi.settings import BEIJING, ROOT
from shuzhi.store import open_home
from shuzhi.store.schema import DAY_ITEMS, ITEMS

STATIONS = ("1434A", "1437A")
UNITS = ("锦江区", "青羊区")
MODELS = {"ensemble": 1.0, "damped": 0.9, "persistence": 0.7, "climatology": 1.2}
OUTLOOKS = [("good_days", 270, 310), ("pm25", 30, 40), ("water_good_share", 90, 100), ("water_below_target", 0, 10)]
"""Item, lowest and highest of what a month and the year come to."""
WORST = 3
"""The lead whose AQI is 150; the others have 80."""


def forecast_home(folder):
    """A home of the eight Chengdu sites, without readings."""
    home = open_home(folder)
    import_stations(home, ROOT / "tests" / "fixtures" / "stations_chengdu.csv")
    return home


def record_issue(
    home, issued_at: pd.Timestamp, hindcast: bool = False, weather: str | None = None, stations=STATIONS
) -> issues.Issue:
    """Record an issue of all grains and levels; day 1 is the day of the issue."""
    issued = issued_at.tz_convert(BEIJING)
    places = [("city", home.city), *(("district", name) for name in UNITS), *(("station", code) for code in stations)]
    rows = [row for level, place in places for row in _days(level, place, issued.normalize())]
    rows += [row for level, place in places if level != "district" for row in _hours(level, place, issued)]
    rows += [
        _row("water", "day", "section", "S1", "class", "ensemble", k, issued.normalize(), 4.0) for k in range(1, 8)
    ]
    issue = issues.Issue(
        id=issues.issue_id(issued),
        issued_at=issued,
        as_of=issued,
        weather=weather,
        weather_issued_at=issued if weather else None,
        model_version="test",
        hindcast=hindcast,
        made_at=issued,
        seconds=1.0,
        rows=len(rows),
    )
    last = issued.date().replace(month=12, day=31)
    spans = [(issued.date().replace(day=1), issued.date()), (issued.date().replace(month=1, day=1), last)]
    outlooks = pd.DataFrame(
        [
            (home.city, item, first, end, "resampled", 200.0, 300, np.linspace(low, high, 101).astype(np.float32))
            for item, low, high in OUTLOOKS
            for first, end in spans
        ],
        columns=["place", "item", "first", "last", "model", "so_far", "days", "quantiles"],
    )
    issues.record(home, issue, pd.DataFrame(rows), outlooks)
    return issue


def _days(level: str, place: str, first: pd.Timestamp):
    for model, share in MODELS.items():
        for lead in range(1, 8):
            yield _row("air", "day", level, place, "aqi", model, lead, first, share * (150 if lead == WORST else 80))
            for item in DAY_ITEMS:
                yield _row("air", "day", level, place, item, model, lead, first, 1.2 if item == "co" else 60 * share)


def _hours(level: str, place: str, issued: pd.Timestamp):
    for lead in range(1, 73):
        for item in ("aqi", *ITEMS):
            yield _row("air", "hour", level, place, item, "ensemble", lead, issued, 40.0 + lead)


def _row(kind, grain, level, place, item, model, lead, first, value) -> dict:
    step = pd.Timedelta(days=1) if grain == "day" else pd.Timedelta(hours=1)
    row = {"kind": kind, "grain": grain, "level": level, "place": place, "item": item, "model": model, "lead": lead}
    row |= {"time": (first + lead * step).tz_convert("UTC"), "value": value, "primary": None}
    row |= {"lower50": 0.9 * value, "upper50": 1.1 * value, "lower90": 0.7 * value, "upper90": 1.4 * value}
    if item in ("aqi", "class"):
        likely = 3 if value > 100 else 4 if item == "class" else 2
        chances = np.full(6, 0.0)
        chances[[likely - 1, likely]] = 0.78, 0.22
        row |= {f"p{k}": float(p) for k, p in enumerate(chances, 1)}
        row["primary"] = "PM2.5" if item == "aqi" else None
    return row
