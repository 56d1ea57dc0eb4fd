"""From a file to the store, and what is said about it."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from shuzhi.errors import HomeKindError, InputError
from shuzhi.ingest import service
from shuzhi.ingest.cli import app
from shuzhi.store import Scope, quarantine
from shuzhi.store.ledger import ImportRun, Station

NAME = "china_sites_20190826.csv"
HEAD = "date,hour,type,1431A,1434A\n"


@pytest.fixture
def run(home, monkeypatch):
    monkeypatch.setattr("shuzhi.ingest.cli.open_home", lambda create=None: home)

    def runner(*args, code=0):
        result = CliRunner().invoke(app, [str(arg) for arg in args])
        assert result.exit_code == code, result.output
        return result

    return runner


def runs(home) -> list[ImportRun]:
    with home.ledger.session() as session:
        return session.query(ImportRun).order_by(ImportRun.started_at).all()


def test_two_days_twice(home, fixtures):
    service.import_stations(home, fixtures / "stations_chengdu.csv")
    seen = []
    summary = service.import_air_archive(home, fixtures, progress=lambda *step: seen.append(step))
    assert (summary.files, summary.lines, summary.new, summary.sites) == (2, 585, summary.rows_in, 8)
    assert [time.isoformat() for time in summary.span] == ["2019-08-25T00:00:00+00:00", "2019-08-26T15:00:00+00:00"]
    assert summary.created == []
    assert seen[-1] == (2, 2, NAME)
    version = home.version
    again = service.import_air_archive(home, fixtures)
    assert (again.new, again.corrected, again.unchanged) == (0, 0, summary.new)
    assert home.version == version
    first, second = runs(home)[-2:]
    assert (first.kind, first.status, first.rows_new, first.sites) == ("air-archive", "done", summary.new, 8)
    assert second.rows_unchanged == summary.new


def test_unknown_sites_are_created_only_with_a_value(home, write):
    summary = service.import_air_archive(home, write(NAME, HEAD + "20190826,1,O3,,7\n"))
    assert summary.created == ["1434A"]
    with home.ledger.session() as session:
        assert [s.code for s in session.query(Station)] == ["1434A"]


def test_a_correction_is_counted(home, write):
    service.import_air_archive(home, write(NAME, HEAD + "20190826,1,O3,5,6\n"))
    summary = service.import_air_archive(home, write(NAME, HEAD + "20190826,1,O3,5,7\n"))
    assert (summary.new, summary.unchanged, summary.corrected) == (0, 1, 1)


def test_only_one_city(home, fixtures):
    with pytest.raises(InputError, match="no station in 成都"):
        service.import_air_archive(home, fixtures, city="成都")
    service.import_stations(home, fixtures / "stations_chengdu.csv")
    assert service.import_air_archive(home, fixtures, city="成都市").sites == 8


def test_midnight_of_the_first_belongs_to_the_month_before(home, write):
    service.import_air_archive(
        home,
        [
            write("china_sites_20190831.csv", HEAD + "20190831,23,O3,5,6\n"),
            write("china_sites_20190901.csv", HEAD + "20190901,0,O3,5,6\n20190901,1,O3,5,6\n"),
        ],
    )
    assert len(home.lake.files("observation", ["2019-08"])) == 1
    assert len(home.lake.files("observation", ["2019-09"])) == 1


def test_bad_rows_wait_in_quarantine_once(home, write):
    path = write(NAME, HEAD + "20190826,1,O3,-1,6\n20190826,2,O3,99999,7\n20190826,3,PM1,1,1\n20190826,4,O3")
    for _ in range(2):
        summary = service.import_air_archive(home, path)
        assert summary.reasons == {
            "negative value": 1, "value out of range": 1, "unknown type": 1, "truncated last line": 1,
        }  # fmt: skip
        assert summary.stored == 2
    rows = quarantine.rows(home).sort_values("line")
    assert rows["line"].tolist() == [2, 3, 4, 5]
    assert set(rows["file"]) == {NAME}
    assert rows["column"].tolist()[:3] == ["1431A", "1431A", "type"]
    assert runs(home)[0].rows_quarantined == 4


def test_an_unreadable_file_does_not_stop_the_others(home, fixtures, tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    shutil.copy(fixtures / NAME, folder)
    (folder / "china_sites_20190827.csv").write_bytes(b"PK\x03\x04")
    (folder / "china_sites_20190828.csv").write_text("")
    (folder / "china_sites_20190829.csv").write_text(HEAD)
    summary = service.import_air_archive(home, folder)
    assert summary.sites == 8
    assert len(summary.failed) == 2
    assert summary.reasons == {"unreadable file": 2}
    assert "china_sites_20190829.csv: no reading in it" in summary.notes
    assert "zip" in summary.failed[0]


def test_nothing_stored_is_an_error_with_its_place(home, write):
    with pytest.raises(InputError) as caught:
        service.import_air_archive(home, write(NAME, HEAD + "20190826,1,O3,-1,-1\n"))
    assert (caught.value.line, caught.value.column, caught.value.file) == (2, "1431A", NAME)
    assert quarantine.rows(home)["line"].tolist() == [2, 2]
    assert runs(home)[-1].status == "failed"
    with pytest.raises(InputError, match="empty"):
        service.import_stations(home, write("s.csv", ""))
    assert len(runs(home)) == 2


def test_simulated_data_stay_out_of_a_real_home(home, fixtures):
    service.import_stations(home, fixtures / "stations_chengdu.csv")
    with pytest.raises(HomeKindError):
        service.import_air_archive(home, fixtures, origin="simulated")


def test_weather_station_is_created(home, write):
    content = "station,name,city,lon,lat,time,temperature\nW1,温江,成都,103.83,30.7,2019-08-26T15:00,20\n"
    summary = service.import_weather(home, write("w.csv", content))
    assert (summary.new, summary.created, summary.sites) == (1, ["W1"], 1)
    with home.ledger.session() as session:
        made = session.get(Station, "W1")
    assert (made.kind, made.name, made.lon) == ("weather", "温江", 103.83)
    assert service.import_weather(home, write("w.csv", content)).unchanged == 1


def test_readings_reach_the_engine(home, fixtures):
    service.import_air_archive(home, fixtures / NAME)
    files = home.lake.files("observation", ["2019-08"])
    assert files
    assert home.engine.run("quarantine_rows", Scope.all(), import_id=None).empty


def test_command_line(run, fixtures):
    run("stations", fixtures / "stations_chengdu.csv")
    result = run("air-archive", fixtures, "--json", "-")
    said = json.loads(result.stdout)
    assert (said["kind"], said["sites"], said["quarantined"]) == ("air-archive", 8, 0)
    assert said["span"] == ["2019-08-25T08:00:00+08:00", "2019-08-26T23:00:00+08:00"]
    assert "2019-08-25 08:00 至 2019-08-26 23:00" in result.stderr


def test_command_line_exit_status_and_quarantine(run, write):
    result = run("air-archive", write(NAME, HEAD + "20190826,1,O3,-1,6\n"))
    assert "负值 1" in result.stderr
    assert result.stdout == ""
    table = run("quarantine", "--csv", "-").stdout
    assert f"{NAME},2,1431A,1431A,negative value,-1" in table
    assert "negative" in run("quarantine").stdout
    assert isinstance(run("air-archive", write(NAME, ""), code=1).exception, InputError)
