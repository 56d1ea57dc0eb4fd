"""A home of the eight Chengdu sites with three days of August 2019 and an issue of the first, all known by hand.

Every site reads the same. PM2.5 makes the AQI: 60 µg/m³ on the first day (HJ 633-2012: 50 + 50·25/40 = 81.25, so 82),
100 on the second (100 + 50·25/40 = 131.25, so 132); of the third, ten hours have come.
"""

import datetime as dt

import pandas as pd

from shuzhi.research.forecast import issues
from shuzhi.store import observations
from shuzhi.store.ledger import ForecastEdit
from tests.forecasts import forecast_home

DAYS = [dt.date(2019, 8, 1), dt.date(2019, 8, 2), dt.date(2019, 8, 3)]
PM25 = (60, 100, 100)
AQI = (82, 132)
ISSUED = pd.Timestamp("2019-08-01T08:00+08:00").tz_convert("UTC")
_SITES = ("1431A", "1432A", "1433A", "1434A", "1437A", "1438A", "2880A", "3136A")
_CLEAN = {"pm10": 40, "so2": 10, "no2": 20, "co": 0.5, "o3": 50}
TOLD = {
    1: {"value": 75, "lower50": 70, "upper50": 80, "lower90": 60, "upper90": 100, "primary": "PM2.5"}
    | {"p1": 0.2, "p2": 0.7, "p3": 0.1, "p4": 0, "p5": 0, "p6": 0},
    2: {"value": 95, "lower50": 90, "upper50": 100, "lower90": 80, "upper90": 140, "primary": "O3"}
    | {"p1": 0, "p2": 0.6, "p3": 0.4, "p4": 0, "p5": 0, "p6": 0},
    3: {"value": 120, "lower50": 110, "upper50": 130, "lower90": 90, "upper90": 160, "primary": "PM2.5"}
    | {"p1": 0, "p2": 0.1, "p3": 0.8, "p4": 0.1, "p5": 0, "p6": 0},
}
"""The ensemble's AQI of the city by lead; persistence says 60 and climatology 70 on every day."""


def readings(day: dt.date, pm25: float, hours: int = 24) -> pd.DataFrame:
    """Hourly readings of all sites on a day."""
    begin = pd.Timestamp(day, tz="Asia/Shanghai")
    times = (begin + pd.to_timedelta(range(1, hours + 1), unit="h")).tz_convert("UTC")
    index = pd.MultiIndex.from_product([_SITES, [*_CLEAN, "pm25"], times], names=["station", "factor", "time"])
    rows = pd.DataFrame({"period": "1h"}, index=index).reset_index()
    return rows.assign(value=rows["factor"].map({**_CLEAN, "pm25": pm25}).astype(float))


def day_end(lead: int, issued_at: pd.Timestamp = ISSUED) -> pd.Timestamp:
    """End of the day of a lead."""
    return (issued_at.tz_convert("Asia/Shanghai").normalize() + pd.Timedelta(days=lead)).tz_convert("UTC")


def row(level: str, place: str, item: str, model: str, lead: int, issued_at=ISSUED, **said) -> dict:
    """A daily row of an issue."""
    named = {"level": level, "place": place, "item": item, "model": model, "lead": lead}
    return {"kind": "air", "grain": "day", **named, "time": day_end(lead, issued_at), **said}


def city_rows(issued_at=ISSUED) -> pd.DataFrame:
    """Rows of the city's AQI by three models."""
    rows = [row("city", "成都", "aqi", "ensemble", lead, issued_at, **said) for lead, said in TOLD.items()]
    for model, value in (("persistence", 60.0), ("climatology", 70.0)):
        rows += [row("city", "成都", "aqi", model, lead, issued_at, value=value) for lead in TOLD]
    return pd.DataFrame(rows)


def issue(issued_at=ISSUED, hindcast: bool = False) -> issues.Issue:
    """An issue of a moment."""
    named = issues.issue_id(issued_at)
    return issues.Issue(named, issued_at, issued_at, None, None, "1", hindcast, issued_at, 1.0, 1)


def verified_home(folder, rows: pd.DataFrame | None = None):
    """A home with readings and the issue; ``rows`` besides those of the city."""
    home = forecast_home(folder)
    parts = [readings(day, pm25, 24 if day != DAYS[-1] else 10) for day, pm25 in zip(DAYS, PM25, strict=True)]
    observations.append(home, pd.concat(parts), "first")
    issues.record(home, issue(), pd.concat([city_rows(), *([] if rows is None else [rows])]))
    return home


def sign(home, lead: int, value: float | None, item: str = "aqi", named: str | None = None) -> None:
    """A forecaster's word, as the meeting would have kept it in time."""
    said = {"level": "city", "place": "成都", "item": item, "time": day_end(lead).tz_localize(None).to_pydatetime()}
    said |= {"model_value": 0.0, "value": value, "reason": "冷空气", "signed_by": "li", "signed_name": "李娜"}
    with home.ledger.session() as session:
        session.add(ForecastEdit(issue=named or issue().id, **said, signed_at=dt.datetime(2019, 8, 1)))
    home.changed()
