"""Reading weather forecasts: never one of the future, days as anybody would count them, errors as they are."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from shuzhi.errors import InputError, ScopeError
from shuzhi.ingest import service
from shuzhi.research import weather, weather_cli
from shuzhi.research.forecast.cli import app as forecast_app
from shuzhi.settings import BEIJING
from shuzhi.store import Scope, open_home

ALL = Scope.all()
FIRST = dt.date(2025, 6, 29)
FACTORS = ["temperature", "humidity", "wind_speed", "wind_direction", "precipitation"]


def at(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz=BEIJING)


def truth(hours: int = 24 * 14) -> pd.DataFrame:
    """Hourly weather of two stations from 29 June 2025 on, Beijing times."""
    random = np.random.default_rng(3)
    table = pd.DataFrame({"time": np.repeat(pd.date_range(FIRST, periods=hours + 1, freq="h")[1:], 2)})
    table["station"] = ["W1", "W2"] * hours
    table["temperature"] = (20 + 8 * random.standard_normal(len(table))).round(1)
    table["humidity"] = random.integers(30, 100, len(table))
    table["wind_speed"] = random.gamma(2, 0.6, len(table)).round(1)
    table["wind_direction"] = random.integers(0, 360, len(table))
    table["precipitation"] = np.where(random.random(len(table)) < 0.2, random.gamma(1, 2, len(table)), 0).round(1)
    return table


def three_hours(table: pd.DataFrame, end: pd.Timestamp, station: str) -> dict:
    """The plain way: three rows, counted by hand."""
    rows = table[(table["station"] == station) & (table["time"] > end - pd.Timedelta(hours=3)) & (table["time"] <= end)]
    assert len(rows) == 3
    angle = np.radians(rows["wind_direction"])
    east, north = (rows["wind_speed"] * np.sin(angle)).sum(), (rows["wind_speed"] * np.cos(angle)).sum()
    return {
        "temperature": rows["temperature"].mean(),
        "humidity": rows["humidity"].mean(),
        "wind_speed": rows["wind_speed"].mean(),
        "wind_direction": np.degrees(np.arctan2(east, north)) % 360,
        "precipitation": rows["precipitation"].sum(),
    }


def forecasts(table: pd.DataFrame, product: str, warmer: float) -> pd.DataFrame:
    """Three days in steps of three hours, as they will be, but for the temperature and a turn of the wind."""
    rows = []
    for issue in pd.date_range(f"{FIRST} 08:00", periods=4):
        for lead in range(3, 73, 3):
            for station in ("W1", "W2"):
                end = issue + pd.Timedelta(hours=lead)
                told = three_hours(table, end, station)
                told["temperature"] += warmer * (1 if lead % 2 else -1) + lead // 24
                told["wind_direction"] = (told["wind_direction"] + 350) % 360
                rows.append({"product": product, "station": station, "issue": issue, "time": end, **told})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return truth()


@pytest.fixture(scope="module")
def home(table, tmp_path_factory):
    """Two weeks of weather, and two products of four issues each, the second without that of the last day."""
    folder = tmp_path_factory.mktemp("files")
    home = open_home(tmp_path_factory.mktemp("home"), create="real")
    gap = (table["station"] == "W2") & (table["time"] == pd.Timestamp("2025-06-29 10:00"))
    table[~gap].to_csv(folder / "w.csv", index=False, date_format="%Y-%m-%dT%H:%M")
    service.import_weather(home, folder / "w.csv")
    both = pd.concat([forecasts(table, "甲", 0.5), forecasts(table, "乙", 2.0).iloc[: 3 * 48]])
    both.to_csv(folder / "f.csv", index=False, date_format="%Y-%m-%dT%H:%M")
    service.import_weather_forecast(home, folder / "f.csv")
    return home


@pytest.mark.parametrize(
    ("as_of", "product", "issue"),
    [
        ("2025-07-05 00:00", None, "2025-07-02 08:00"),
        ("2025-07-02 08:00", None, "2025-07-02 08:00"),
        ("2025-07-02 07:59:59", None, "2025-07-01 08:00"),
        ("2025-07-01 00:00", None, "2025-06-30 08:00"),  # over the end of a month
        ("2025-07-05 00:00", "乙", "2025-07-01 08:00"),
        ("2025-06-29 07:00", None, None),
        ("2025-07-05 00:00", "丙", None),
    ],
)
def test_no_issue_of_the_future(home, as_of, product, issue):
    newest = weather.products(home, ALL, at(as_of)).set_index("product")["newest"]
    found = newest.get(product) if product else newest.max()
    assert pd.isna(found) if issue is None else found == at(issue)


def test_issues(home):
    found = weather.issues(home, ALL)
    assert len(found) == 7
    assert found["issued_at"].is_monotonic_decreasing
    first = found.iloc[-1]
    assert (first["issued_at"], first["first"]) == (at("2025-06-29 08:00"), at("2025-06-29 11:00"))
    assert (first["last"], first["stations"], first["rows"]) == (at("2025-07-02 08:00"), 2, 24 * 2 * 5)
    assert len(weather.issues(home, ALL, dt.date(2025, 6, 30), dt.date(2025, 7, 1))) == 4
    assert len(weather.issues(home, ALL, dt.date(2025, 6, 30), product="甲")) == 3
    assert weather.products(home, ALL)["product"].tolist() == ["甲", "乙"]
    assert weather.products(home, ALL, at("2025-06-30 08:00"))["issues"].tolist() == [2, 2]


def test_path(home, table):
    issue = at("2025-07-01 08:00")
    found = weather.path(home, ALL, issue, "甲")
    assert found.columns.tolist() == ["issued_at", "station", "time", "period", "lead", *sorted(FACTORS)]
    assert len(found) == 48
    assert found["time"].min() == at("2025-07-01 11:00")
    assert set(found["lead"]) == set(range(3, 73, 3))
    row = found[(found["station"] == "W2") & (found["lead"] == 3)].iloc[0]
    expected = three_hours(table, pd.Timestamp("2025-07-01 11:00"), "W2")
    assert row["precipitation"] == pytest.approx(expected["precipitation"])
    assert row["temperature"] == pytest.approx(expected["temperature"] + 0.5)
    assert set(weather.path(home, ALL, issue, "甲", ["W2"])["station"]) == {"W2"}
    assert len(weather.path(home, ALL, issue)) == 48  # one product of the two
    assert weather.path(home, ALL, at("2025-07-01 09:00")).empty
    several = weather.paths(home, ALL, dt.date(2025, 6, 30), dt.date(2025, 7, 1), "甲")
    assert several["issued_at"].nunique() == 2


def test_day_values_are_those_of_plain_counting(home, table):
    start, end = at("2025-06-29 00:00"), at("2025-07-01 00:00")
    days = weather.day_values(weather.observed(home, ALL, start, end)).set_index(["station", "day"])
    assert len(days) == 4
    for (station, day), found in days.iterrows():
        hours = table[(table["station"] == station) & (table["time"] > day)]
        hours = hours[hours["time"] <= day + pd.Timedelta(days=1)]
        if station == "W2":
            hours = hours[hours["time"] != pd.Timestamp("2025-06-29 10:00")]
        angle = np.radians(hours["wind_direction"])
        north, east = (hours["wind_speed"] * np.cos(angle)).sum(), (hours["wind_speed"] * np.sin(angle)).sum()
        assert found["temperature"] == pytest.approx(hours["temperature"].mean())
        assert found["temperature_max"] == hours["temperature"].max()
        assert found["temperature_min"] == hours["temperature"].min()
        assert found["humidity_min"] == hours["humidity"].min()
        assert found["wind_speed"] == pytest.approx(hours["wind_speed"].mean())
        assert found["wind_speed_max"] == hours["wind_speed"].max()
        assert found["precipitation"] == pytest.approx(hours["precipitation"].sum())
        assert found["wind_direction"] == pytest.approx(np.degrees(np.arctan2(east, north)) % 360)
        strongest = hours[hours["wind_speed"] == hours["wind_speed"].max()]
        assert found["wind_direction_max"] in strongest["wind_direction"].tolist()


def test_days_weigh_by_length():
    """Nine hours one by one, then five times three; a fourth day that ends too early has no value."""
    times = [*range(1, 10), *range(12, 25, 3)]
    rows = pd.DataFrame(
        {
            "station": "W1",
            "time": [at("2025-07-01 00:00") + pd.Timedelta(hours=hour) for hour in (*times, 25, 26)],
            "period": ["1h"] * 9 + ["3h"] * 5 + ["1h"] * 2,
            "temperature": [10.0] * 9 + [20.0] * 5 + [99.0] * 2,
            "precipitation": [1.0] * 9 + [2.0] * 5 + [9.0] * 2,
            "wind_direction": [350.0, 10.0] * 7 + [0.0] * 2,
        }
    )
    days = weather.day_values(rows)
    assert days["day"].tolist() == [pd.Timestamp("2025-07-01"), pd.Timestamp("2025-07-02")]
    first, second = days.drop(columns=["station", "day"]).to_dict("records")
    assert first["temperature"] == pytest.approx((9 * 10 + 15 * 20) / 24)
    assert first["precipitation"] == 19
    assert min(first["wind_direction"], 360 - first["wind_direction"]) < 3  # north, not south
    assert (first["temperature_max"], first["temperature_min"]) == (20, 10)
    assert all(np.isnan(value) for value in second.values())


def test_three_hours_over_midnight_count_in_both_days():
    """Steps as a model of 00 UTC has them: 02:00 ends a step of which an hour is of yesterday."""
    ends = [at("2025-07-01 00:00") + pd.Timedelta(hours=hour) for hour in range(2, 51, 3)]
    rows = pd.DataFrame({"station": "W1", "time": ends, "period": "3h", "precipitation": 0.0, "temperature": 10.0})
    rows.loc[8, ["precipitation", "temperature"]] = 3.0, 40.0
    assert rows.loc[8, "time"] == at("2025-07-02 02:00")
    days = weather.day_values(rows).set_index("day")
    assert days["precipitation"].dropna().tolist() == [1, 2]
    assert days["temperature"].dropna().tolist() == pytest.approx([10 + 30 / 24, 10 + 60 / 24])
    assert days["temperature_max"].dropna().tolist() == [40, 40]


def test_days_that_are_told_stay():
    rows = pd.DataFrame(
        {
            "station": ["W1"] * 25,
            "time": [at("2025-07-01 00:00") + pd.Timedelta(hours=hour) for hour in (*range(1, 25), 24)],
            "period": ["1h"] * 24 + ["1d"],
            "temperature": [10.0] * 24 + [11.0],
            "humidity": [50.0] * 24 + [np.nan],
        }
    )
    (day,) = weather.day_values(rows).to_dict("records")
    assert (day["temperature"], day["temperature_max"], day["humidity"]) == (11, 10, 50)


def test_errors_are_what_was_planted(home):
    found = weather.errors(home, ALL, FIRST, dt.date(2025, 7, 2), "甲").set_index(["factor", "lead"])
    assert set(found["period"]) == {"3h"}
    assert set(found.index.get_level_values("lead")) == {1, 2, 3}
    # 4 issues, 2 stations, 8 steps a day; one hour of W2 was not measured, which spoils the three hours it is in
    assert found.loc[("humidity", 1), "n"] == 4 * 2 * 8 - 1
    assert found.loc[("humidity", 2), "n"] == 4 * 2 * 8
    for factor in ("humidity", "precipitation", "wind_speed"):
        assert found.loc[factor]["rmse"].max() < 1e-4
    assert found.loc["wind_direction"]["bias"].round(3).tolist() == [-10, -10, -10]
    assert found.loc["wind_direction"]["mae"].round(3).tolist() == [10, 10, 10]
    # warmer by 0.5 at odd leads, cooler at even ones, and 1 °C more after each 24 h
    errors = [(0.5 if lead % 2 else -0.5) + lead // 24 for lead in range(27, 49, 3)]
    second = found.loc[("temperature", 2)]
    assert second["bias"] == pytest.approx(np.mean(errors), abs=0.01)
    assert second["mae"] == pytest.approx(np.mean(np.abs(errors)), abs=0.01)
    assert second["rmse"] == pytest.approx(np.sqrt(np.mean(np.square(errors))), abs=0.01)
    worse = weather.errors(home, ALL, FIRST, dt.date(2025, 7, 2), "乙").set_index(["factor", "lead"])
    assert worse.loc[("temperature", 1), "rmse"] > found.loc[("temperature", 1), "rmse"]
    assert weather.errors(home, ALL, FIRST, FIRST).set_index(["factor", "lead"]).loc[("humidity", 2), "n"] == 16


def test_errors_of_days(home, tmp_path):
    """A daily product is held against days made of the hours."""
    start = at("2025-06-29 00:00")
    days = weather.day_values(weather.observed(home, ALL, start, start + pd.Timedelta(days=3)))
    told = days.drop(columns="wind_direction_max").assign(issue="2025-06-28", product="丁")
    told = told.assign(temperature=told["temperature"] + 3).rename(columns={"day": "date"})
    told.to_csv(tmp_path / "d.csv", index=False, date_format="%Y-%m-%d")
    service.import_weather_forecast(home, tmp_path / "d.csv")
    try:
        found = weather.errors(home, ALL, dt.date(2025, 6, 28), dt.date(2025, 6, 28), "丁")
    finally:
        home.lake.replace_rows("weather_forecast", home.lake.table("weather_forecast").to_pyarrow_table().slice(0, 0),
                               product="丁")  # fmt: skip
        home.changed()
    assert set(found["period"]) == {"1d"}
    assert set(found["lead"]) == {1, 2, 3}
    assert found.loc[found["factor"] == "temperature", "bias"].round(6).tolist() == [3, 3, 3]
    assert found.loc[found["factor"] != "temperature", "rmse"].max() < 1e-6
    assert {"temperature_max", "humidity_min", "precipitation"} <= set(found["factor"])


def test_an_empty_home_has_none(tmp_path):
    home = open_home(tmp_path)
    assert weather.issues(home, ALL).empty
    assert weather.errors(home, ALL, FIRST, FIRST).empty
    assert weather.path(home, ALL, at("2025-07-05 00:00")).empty
    assert weather.products(home, ALL).empty
    assert weather.day_values(weather.observed(home, ALL, at("2025-07-05"), at("2025-07-06"))).empty


@pytest.mark.parametrize(
    "ask",
    [
        lambda home, scope: weather.issues(home, scope),
        lambda home, scope: weather.products(home, scope, at("2025-07-05")),
        lambda home, scope: weather.path(home, scope, at("2025-07-01 08:00"), "甲"),
        lambda home, scope: weather.errors(home, scope, FIRST, FIRST, "甲"),
        lambda home, scope: weather.observed(home, scope, at("2025-07-01"), at("2025-07-02")),
    ],
)
def test_it_asks_the_scope(home, ask):
    ask(home, Scope.seeing("weather"))
    with pytest.raises(ScopeError):
        ask(home, Scope.seeing("air"))


# --- the command


@pytest.fixture
def command(monkeypatch):
    def runner(home, *options):
        monkeypatch.setattr(weather_cli, "open_home", lambda: home)
        app = typer.Typer()
        app.command()(weather_cli.show)
        return CliRunner().invoke(app, list(options))

    return runner


def test_command(home, command):
    days = (pd.Timestamp.now(BEIJING).date() - FIRST).days + 2
    shown = command(home, "--days", str(days))
    assert shown.exit_code == 0, shown.output
    assert "2025-07-02 08:00" in shown.stdout
    assert "气温 ℃" in shown.stdout
    found = json.loads(command(home, "--days", str(days), "--product", "乙", "--json", "-").stdout)
    assert (found["product"], [row["issues"] for row in found["products"]]) == ("乙", [4, 3])
    assert {row["lead"] for row in found["errors"]} == {1, 2, 3}
    assert "尚无观测" in command(home, "--days", "1").stderr
    assert isinstance(command(home, "--product", "丙").exception, InputError)


def test_command_without_any(tmp_path, command):
    shown = command(open_home(tmp_path))
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "weather-forecast" in shown.stderr


def test_it_is_a_command_of_the_forecast():
    assert "weather" in {command.name for command in forecast_app.registered_commands}
