"""Weather forecasts with the time of their issue."""

import datetime as dt
import importlib.util
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from shuzhi.errors import InputError
from shuzhi.ingest import service
from shuzhi.ingest.cli import app
from shuzhi.ingest.weather_forecast import PRODUCT, parse
from shuzhi.store import quarantine
from shuzhi.store.engine import connect, relation
from shuzhi.store.ledger import AuditEvent, ImportRun, Station
from shuzhi.store.weather_forecasts import KEY

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HEAD = "station,issue,time,temperature\n"
ISSUE = "2025-08-26T08:00"


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Shanghai").tz_convert("UTC")


def only(parsed):
    (reject,) = parsed.rejected
    return reject


def stored(home) -> pd.DataFrame:
    files = home.lake.files("weather_forecast")
    rows = connect().execute(relation("weather_forecast", files)).to_arrow_table().to_pandas()
    return rows.sort_values(list(KEY), ignore_index=True)


def test_three_hours(write):
    content = (
        "产品,站号,起报时间,预报时间,气温,降水量,风向,混合层高度\n"
        f"甲,W1,{ISSUE},2025-08-26 11:00,30.5,310,350,900\n甲,W1,{ISSUE},2025-08-26 14:00,32,0,10,\n"
    )
    parsed = parse(write("f.csv", content.encode("gb18030")), now=NOW)
    rows = parsed.rows.to_pandas()
    assert set(rows["product"]) == {"甲"}
    assert set(rows["issued_at"]) == {utc(ISSUE)}
    assert set(rows["period"]) == {"3h"}
    assert rows["time"].min() == utc("2025-08-26T11:00")
    assert rows.set_index(["time", "factor"])["value"][utc("2025-08-26T11:00"), "precipitation"] == 310  # more than 300
    assert (len(rows), parsed.rows_in) == (7, 7)
    assert any("GBK" in note for note in parsed.notes)


@pytest.mark.parametrize(
    ("leads", "periods"),
    [
        ([1, 2, 3], ["1h", "1h", "1h"]),
        ([3, 6, 9], ["3h", "3h", "3h"]),
        ([1, 2, 3, 6, 9], ["1h", "1h", "1h", "3h", "3h"]),  # hourly first
        ([1, 3, 4, 6], ["1h", "1h", "1h", "1h"]),  # hours are missing
        ([3, 9, 15, 18], ["3h", "3h", "3h", "3h"]),
        ([1], ["1h"]),
        ([9, 6, 3], ["3h", "3h", "3h"]),  # in any order
        ([3, 3, 6], ["3h", "3h", "3h"]),  # a repetition is no neighbour
    ],
)
def test_the_period_follows_from_the_neighbours(write, leads, periods):
    lines = "".join(f"W1,{ISSUE},{lead},20\n" for lead in leads)
    parsed = parse(write("f.csv", "station,issue,lead,temperature\n" + lines), now=NOW)
    rows = parsed.rows.to_pandas()
    told = {(time - utc(ISSUE)) // pd.Timedelta(hours=1): period for time, period in rows[["time", "period"]].values}
    assert told == dict(zip(leads, periods, strict=True))


def test_each_issue_has_its_own_step(write):
    lines = "W1,2025-08-26T08:00,3,20\nW1,2025-08-26T08:00,6,20\nW1,2025-08-26T09:00,1,20\nW2,2025-08-26T08:00,1,2\n"
    rows = parse(write("f.csv", "station,issue,lead,temperature\n" + lines), now=NOW).rows.to_pandas()
    assert rows.groupby(["station", "issued_at"])["period"].unique().str[0].tolist() == ["3h", "1h", "1h"]


def test_steps_of_six_hours_are_refused(write):
    lines = "".join(f"W1,{ISSUE},{lead},20\n" for lead in (6, 12, 18))
    parsed = parse(write("f.csv", "station,issue,lead,temperature\n" + lines), now=NOW)
    assert parsed.rows.num_rows == 0
    assert {reject.reason.partition(":")[0] for reject in parsed.rejected} == {"unknown period"}
    assert parsed.rejected[0].line == 2


def test_days_as_the_reference_writes_them(write):
    content = "issue,date,avgtemp,maxtemp,mintemp,avgrh,minrh,avgws,maxws,daylight,precipitation,avgp\n"
    content += "2020-01-01,2020-01-02,4.5,8.1,2.3,89,80,1.0,1.6,0.0,0.0,95123.5\n"
    rows = parse(write("f.csv", content), station="56294", now=NOW).rows.to_pandas()
    assert set(rows["issued_at"]) == {utc("2020-01-02T00:00")}  # the end of the last observed day
    assert set(rows["time"]) == {utc("2020-01-03T00:00")}
    assert set(rows["period"]) == {"1d"}
    assert set(rows["product"]) == {PRODUCT}
    found = rows.set_index("factor")["value"]
    assert found["pressure"] == pytest.approx(951.235)
    assert found["humidity_min"] == 80
    assert len(found) == 10


def test_a_day_from_an_issue_by_the_clock(write):
    rows = parse(write("f.csv", "station,issue,date,avgtemp\nW1,2025-08-26 08:00,2025-08-26,1\n"), now=NOW).rows
    assert rows["time"][0].as_py() == utc("2025-08-27T00:00")


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        (f"W1,{ISSUE},2025-08-26T07:00,2", "valid before its issue", "time"),
        (f"W1,{ISSUE},2025-09-11T09:00,2", "valid too far ahead: more than 16 days", "time"),
        (f"W1,{ISSUE},2025-08-26T09:30,2", "bad time", "time"),
        ("W1,soon,2025-08-26T09:00,2", "bad time", "issue"),
        ("W1,2026-01-01T10:00,2026-01-01T11:00,2", "time in the future", "issue"),
        (f",{ISSUE},2025-08-26T09:00,2", "station code missing", "station"),
        (f"W1,{ISSUE},2025-08-26T09:00,99", "value out of range", "temperature"),
        (f"W1,{ISSUE},2025-08-26T09:00,warm", "not a number", "temperature"),
        (f"W1,{ISSUE}", "broken line", None),
    ],
)
def test_bad_rows_say_where(write, line, reason, column):
    parsed = parse(write("f.csv", f"{HEAD}{line}\nW1,{ISSUE},2025-08-26T10:00,21\n"), now=NOW)
    reject = only(parsed)
    assert reject.reason.startswith(reason)
    assert (reject.file, reject.line, reject.column) == ("f.csv", 2, column)
    assert parsed.rows["value"].to_pylist() == [21]


def test_bad_lead(write):
    parsed = parse(write("f.csv", f"station,issue,lead,temperature\nW1,{ISSUE},1.5,2\nW1,{ISSUE},1,3\n"), now=NOW)
    assert (only(parsed).column, parsed.rows["value"].to_pylist()) == ("lead", [3])


def test_an_analysis_is_no_forecast(write):
    parsed = parse(write("f.csv", f"{HEAD}W1,{ISSUE},{ISSUE},20\nW1,{ISSUE},2025-08-26T09:00,21\n"), now=NOW)
    assert parsed.rows["value"].to_pylist() == [21]
    assert parsed.rejected == []
    assert "1 rows are valid at their issue" in parsed.notes[-1]


def test_the_last_holds_and_is_counted(write):
    head = "station,issue,lead,temperature,humidity\n"
    lines = f"W1,{ISSUE},1,20,50\nW2,{ISSUE},1,9,9\nW1,{ISSUE},1,21,\nW1,{ISSUE},1,21,\n"
    parsed = parse(write("f.csv", head + lines), now=NOW)
    rows = parsed.rows.to_pandas()
    found = rows.set_index(["station", "factor"])["value"]
    assert found["W1", "temperature"] == 21
    assert found["W1", "humidity"] == 50  # an empty cell takes nothing back
    assert (len(found), parsed.rows_in, parsed.duplicates) == (4, 6, 2)


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        ("station,time,temperature\nW1,2025-08-26T09:00,1\n", {}, "issue"),
        ("station,issue,temperature\n", {}, "lead"),
        ("station,issue,time,lead,temperature\n", {}, "keep one"),
        ("issue,time,temperature\n", {}, "--station CODE"),
        (HEAD, {"station": "W1"}, "leave --station out"),
        ("station,issue,time,fog\n", {}, "known are temperature"),
        ("product," + HEAD, {"product": "x"}, "leave --product out"),
        (HEAD, {"product": " "}, "--product"),
    ],
)
def test_refused_files(write, content, options, says):
    with pytest.raises(InputError, match=says):
        parse(write("f.csv", content), now=NOW, **options)


leads = st.lists(st.integers(-3, 420), max_size=12)
cell = st.one_of(st.integers(-80, 80).map(str), st.sampled_from(["", "NA", "x", "1e3", "nan", "-"]))
issue = st.sampled_from(["2025-08-26T08:00", "2025-08-26 20:00", "2025-08-25", "20250825", "2027-01-01", "26.8.", ""])


@given(rows=st.lists(st.tuples(st.sampled_from(["W1", "W2", ""]), issue, leads, cell), max_size=6))
def test_any_rows(tmp_path_factory, rows):
    """Each cell becomes a number, a repetition, a rejected one or an analysis; keys are unique and lie ahead."""
    lines = [f"{station},{told},{lead},{value},{value}" for station, told, many, value in rows for lead in many]
    path = tmp_path_factory.mktemp("any") / "f.csv"
    path.write_text("station,issue,lead,temperature,humidity\n" + "\n".join(lines) + "\n")
    parsed = parse(path, now=NOW)
    table = parsed.rows.to_pandas()
    assert not table.duplicated([*KEY]).any()
    hours = (table["time"] - table["issued_at"]) / pd.Timedelta(hours=1)
    assert hours.between(1, 16 * 24).all()
    assert table["period"].isin(["1h", "3h"]).all()
    assert table["value"].between(-60, 100).all()
    cells = [reject for reject in parsed.rejected if reject.column in ("temperature", "humidity")]
    assert len(table) + parsed.duplicates + len(cells) == parsed.rows_in
    assert parsed.lines == len(lines)
    for reject in parsed.rejected:
        assert lines[reject.line - 2].startswith(reject.raw) or reject.raw in lines[reject.line - 2]


# --- through the door


def file_of(days: int, stations: int = 2, warmer: float = 0.0, first: str = "2025-06-25") -> str:
    issues = pd.date_range(f"{first}T08:00", periods=days)
    lines = [
        f"W{station},{issued:%Y-%m-%dT%H:%M},{lead},{20 + station + lead / 10 + warmer},{50 + lead / 10}"
        for issued in issues
        for station in range(stations)
        for lead in range(3, 169, 3)
    ]
    return "station,issue,lead,temperature,humidity\n" + "\n".join(lines) + "\n"


def test_twice_changes_nothing(home, write):
    path = write("f.csv", file_of(10))
    summary = service.import_weather_forecast(home, path, "甲")
    assert (summary.new, summary.sites, summary.created) == (10 * 2 * 56 * 2, 2, ["W0", "W1"])
    assert summary.lines == 10 * 2 * 56
    before, version = stored(home), home.version
    again = service.import_weather_forecast(home, path, "甲")
    assert (again.new, again.corrected, again.unchanged) == (0, 0, summary.new)
    assert home.version == version
    assert stored(home).equals(before)
    assert set(before["month"]) == {"2025-06", "2025-07"}
    months = (before["issued_at"] + pd.Timedelta(hours=8)).dt.strftime("%Y-%m")
    assert (before["month"] == months).all()
    with home.ledger.session() as session:
        assert {row.kind for row in session.query(Station)} == {"weather"}
        assert {row.kind for row in session.query(ImportRun)} == {"weather-forecast"}
        assert {(row.action, row.dataset) for row in session.query(AuditEvent)} == {("import", "weather")}


def test_a_correction_takes_the_place_of_its_issue_only(home, write):
    service.import_weather_forecast(home, write("f.csv", file_of(2)), "甲")
    summary = service.import_weather_forecast(home, write("g.csv", file_of(1, warmer=0.5)), "甲")
    assert (summary.new, summary.unchanged, summary.corrected) == (0, 112, 112)
    found = stored(home)
    assert not found.duplicated(list(KEY)).any()
    warm = found[(found["factor"] == "temperature") & (found["station"] == "W0")]
    first, second = (rows["value"].to_numpy() for _, rows in warm.groupby("issued_at"))
    assert np.allclose(first - second, 0.5)
    other = service.import_weather_forecast(home, write("g.csv", file_of(1)), "乙")
    assert (other.new, other.corrected) == (224, 0)


def test_readings_are_left_alone(home, write):
    service.import_weather_forecast(home, write("f.csv", file_of(1)))
    assert home.lake.table("observation") is None


def test_bad_rows_wait_in_quarantine(home, write):
    path = write("f.csv", f"{HEAD}W1,{ISSUE},2025-08-26T07:00,2\nW1,{ISSUE},2025-08-26T09:00,2\n")
    for _ in range(2):
        assert service.import_weather_forecast(home, path).reasons == {"valid before its issue": 1}
    assert quarantine.rows(home)["line"].tolist() == [2]


def test_nothing_good_is_an_error(home, write):
    with pytest.raises(InputError, match="valid before its issue"):
        service.import_weather_forecast(home, write("f.csv", f"{HEAD}W1,{ISSUE},2025-08-26T07:00,2\n"))


def test_command(home, write, monkeypatch):
    monkeypatch.setattr("shuzhi.ingest.cli.open_home", lambda create=None: home)
    content = "issue,date,avgtemp\n2020-01-01,2020-01-02,4.5\n"
    options = ["--product", "乙", "--station", "56294", "--json", "-"]
    done = CliRunner().invoke(app, ["weather-forecast", str(write("f.csv", content)), *options])
    assert done.exit_code == 0, done.output
    assert '"kind": "weather-forecast"' in done.stdout
    assert stored(home)[["product", "station", "value"]].values.tolist() == [["乙", "56294", 4.5]]


def test_a_quarter_of_a_million_lines_in_seconds(home, write):
    begin = time.perf_counter()
    summary = service.import_weather_forecast(home, write("f.csv", file_of(600, 8, first="2024-01-01")))
    assert summary.lines == 268_800
    assert time.perf_counter() - begin < 30  # about 6 on a free core


def test_the_reference_itself(home, tmp_path, archive_2019):
    script = archive_2019.parents[2] / "forecast" / "baseline.py"
    if not script.is_file():
        pytest.skip(f"no reference: {script} is absent")
    spec = importlib.util.spec_from_file_location("baseline", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    weather = module.load(archive_2019.parent / "daily")[1]
    table = module.degrade(weather, pd.date_range("2020-03-01", "2020-03-20"), 0)
    table.to_csv(tmp_path / "degraded.csv", index=False)
    summary = service.import_weather_forecast(home, tmp_path / "degraded.csv", station="56294")
    assert summary.new == table.drop(columns=["issue", "date"]).count().sum() - summary.quarantined
    assert summary.quarantined == 0
