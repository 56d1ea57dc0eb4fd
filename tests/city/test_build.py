"""Building, extending and going on after an interruption, through the real doors."""

import datetime as dt
import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from shuzhi.city import build as building
from shuzhi.city.cli import app
from shuzhi.city.plan import STEPS, Plan, last_full_hour, reached
from shuzhi.decision.targets import set_target
from shuzhi.errors import HomeKindError, InputError
from shuzhi.registry import machines, places, sources
from shuzhi.settings import BEIJING, settings
from shuzhi.standards.credit_code import GOOD, faults
from shuzhi.status import air
from shuzhi.status import water as water_status
from shuzhi.store import Scope, open_home, quarantine
from shuzhi.store.ledger import ImportRun
from shuzhi.store.selection import Selection
from shuzhi.store.targets import targets

PLAN = Plan(seed=5, first=dt.date(2026, 1, 20), stations=8, water=6, sources=900, machines=120)
NIGHT = dt.datetime(2026, 2, 1, 0, 20, tzinfo=BEIJING)
UNTIL = dt.datetime(2026, 2, 2, 15, 40, tzinfo=BEIJING)


def _rows(home):
    start = pd.Timestamp(PLAN.first, tz=BEIJING) - pd.Timedelta(hours=1)
    hourly = air.hourly(home, Scope.all(), start, pd.Timestamp(UNTIL))
    return hourly.sort_values(["time", "station"], ignore_index=True)


def _water(home):
    start = pd.Timestamp(PLAN.first, tz=BEIJING) - pd.Timedelta(hours=1)
    readings = water_status.readings(home, Scope.all(), start, pd.Timestamp(UNTIL))
    return readings.sort_values(["time", "station"], ignore_index=True)


def _tracks(home):
    ids = machines.search(home, Scope.all(), Selection(), "id", False, limit=PLAN.machines).rows["id"]
    return pd.concat([machines.track(home, Scope.all(), id).assign(machine=id) for id in ids], ignore_index=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A city built at once."""
    home = open_home(tmp_path_factory.mktemp("whole"))
    building.build(home, until=UNTIL, plan=PLAN)
    return home


def test_built(whole):
    assert whole.kind == "simulated"
    assert air.latest_hour(whole, Scope.all()) == last_full_hour(UNTIL)
    register = air.stations(whole, Scope.all())
    assert len(register) == PLAN.stations
    assert register["district"].notna().all()
    assert set(register["network"]) == {"national", "provincial", "city", "micro"}
    assert set(targets(whole, 2026)) == {"good_days", "pm25", "water_good_share"}
    assert len(places.streets(whole, Scope.all())) > 100
    sections = water_status.sections(whole, Scope.all())
    assert len(sections) == PLAN.water
    assert sections["target_class"].notna().all()
    assert water_status.latest_time(whole, Scope.all()) == dt.datetime(2026, 2, 2, 12, tzinfo=BEIJING)
    assert quarantine.rows(whole).empty


def test_indices_are_those_of_the_archive(whole):
    day = pd.read_csv(whole.path / "city" / "archive" / "china_sites_20260201.csv")
    published = day[day["type"] == "AQI"].set_index("hour").drop(columns=["date", "type"]).stack()
    hourly = _rows(whole)
    hours = hourly["time"].dt.tz_convert(BEIJING)
    computed = hourly[hours.dt.strftime("%Y%m%d") == "20260201"].assign(hour=hours.dt.hour)
    computed = computed.set_index(["hour", "station"])["aqi"].dropna()
    assert len(computed) > 150
    assert (computed == published.reindex(computed.index)).all()


def test_extended_equals_built_at_once(whole, tmp_path):
    home = open_home(tmp_path)
    building.build(home, until=NIGHT, plan=PLAN)
    for until in (NIGHT + dt.timedelta(hours=1), NIGHT + dt.timedelta(hours=26), UNTIL):
        assert building.extend(home, until).hours > 0
    version = home.version
    assert building.extend(home, UNTIL).hours == 0
    assert home.version == version
    assert _rows(home).equals(_rows(whole))
    assert _water(home).equals(_water(whole))
    assert _tracks(home).equals(_tracks(whole))
    files = ["archive/china_sites_20260201.csv", "weather/weather_202602.csv", "water/water_202602.csv"]
    for name in (*files, "stations.csv", "sections.csv"):
        assert (home.path / "city" / name).read_bytes() == (whole.path / "city" / name).read_bytes()


def test_registers_come_through_the_doors_without_a_doubt(whole):
    assert quarantine.rows(whole).empty
    found = sources.search(whole, Scope.all(), Selection(), limit=PLAN.sources)
    assert 0.9 * PLAN.sources < found.count < PLAN.sources
    assert found.placed == found.count
    rows = found.rows
    assert (places.locate(whole, Scope.all(), "street", rows["lon"], rows["lat"]) == rows["street"]).mean() > 0.999
    assert (faults(rows["credit_code"].tolist()) == GOOD).all()
    assert sources.concentration(whole, Scope.all(), Selection(), "nox").needed < 0.1 * found.count
    assert machines.figures(whole, Scope.all())["total"] == PLAN.machines
    assert len(_tracks(whole)) > PLAN.machines


def test_interrupted_building_goes_on(whole, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    home = open_home(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(building.service, "import_air_archive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            building.build(home, until=UNTIL, plan=PLAN)
    building.build(home, until=UNTIL)
    assert _rows(home).equals(_rows(whole))


def test_a_city_from_before_it_had_water_gets_it(whole, tmp_path, monkeypatch):
    home = open_home(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(building, "STEPS", STEPS[1:4])
        building.build(home, until=NIGHT, plan=PLAN)
    folder = home.path / "city"
    (folder / "reached.json").write_text(json.dumps({"until": last_full_hour(NIGHT).isoformat()}))
    (folder / "city.json").write_text(json.dumps({"seed": 5, "first": "2026-01-20", "stations": 8}))
    kept = Plan.read(folder / "city.json")
    assert (kept.scale, kept.water) == ("small", Plan.small().water)
    assert reached(folder) is None
    assert building.build(home, until=NIGHT).hours > 0
    assert len(water_status.sections(home, Scope.all())) == kept.water
    assert len(places.streets(home, Scope.all())) > 100
    assert reached(folder) == last_full_hour(NIGHT)
    assert _rows(home).equals(_rows(whole)[lambda rows: rows["time"] <= pd.Timestamp(NIGHT)])


def test_a_whole_city_from_before_gets_the_whole_water(tmp_path):
    (tmp_path / "city.json").write_text(json.dumps({"seed": 5, "first": "2026-01-20", "stations": None}))
    assert Plan.read(tmp_path / "city.json") == Plan(5, dt.date(2026, 1, 20))


def test_published_classes_are_ours(whole):
    start, end = (pd.Timestamp(moment, tz=BEIJING) for moment in (PLAN.first, UNTIL.date()))
    equal, published = water_status.compared(water_status.classes(whole, Scope.all(), start, end))
    assert published > 380
    assert equal >= 0.987 * published


def test_targets_that_somebody_laid_down_stay(tmp_path, monkeypatch):
    home = open_home(tmp_path)
    set_target(home, Scope.all(), 2026, "good_days", 311)
    monkeypatch.setattr(building, "STEPS", STEPS[1:3])
    building.build(home, until=NIGHT, plan=PLAN)
    assert targets(home, 2026)["good_days"] == 311
    assert "pm25" in targets(home, 2026)


def test_another_seed_is_refused(whole):
    with pytest.raises(InputError, match="seed 5"):
        building.build(whole, seed=6, until=UNTIL)


def test_another_size_is_refused(whole):
    assert building.build(whole, scale="small").hours == 0
    with pytest.raises(InputError, match="seed 5, small"):
        building.build(whole, scale="full")


def test_the_future_is_refused(whole):
    with pytest.raises(InputError, match="not over yet"):
        building.extend(whole, dt.datetime.now(BEIJING) + dt.timedelta(days=2))


def test_a_real_home_is_refused(tmp_path):
    home = open_home(tmp_path, create="real")
    with home.ledger.session() as session:
        session.add(ImportRun(id="x", kind="stations", started_at=dt.datetime(2026, 1, 1), rows_new=1))
    with pytest.raises(HomeKindError):
        building.build(home, plan=PLAN, until=UNTIL)


def test_extend_needs_a_city(tmp_path):
    with pytest.raises(InputError, match="city build"):
        building.extend(tmp_path)


def test_a_city_that_is_there_stays_as_it_is(whole):
    assert building.build(whole).hours == 0
    assert building.build(whole, seed=5).until == last_full_hour(UNTIL)


def test_commands(whole, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(whole.path))
    settings.cache_clear()
    built = CliRunner().invoke(app, ["build"])
    extended = CliRunner().invoke(app, ["extend", "--until", "2026-02-02T15:40"])
    settings.cache_clear()
    assert (built.exit_code, extended.exit_code) == (0, 0)
    assert "up to 2026-02-02T15:00:00+08:00" in built.stderr
    assert "0 new hours" in extended.stderr
    assert built.stdout == extended.stdout == ""


def test_a_small_city_by_command(tmp_path, monkeypatch):
    monkeypatch.setenv("SHUZHI_HOME", str(tmp_path))
    settings.cache_clear()
    runs = [CliRunner().invoke(app, ["build", "--scale", size, "--seed", "3"]) for size in ("small", "small", "full")]
    settings.cache_clear()
    assert [run.exit_code for run in runs[:2]] == [0, 0]
    assert "there, up to" in runs[1].stderr
    assert isinstance(runs[2].exception, InputError)
    home = open_home(tmp_path)
    assert len(air.stations(home, Scope.all())) == 12
    assert len(water_status.sections(home, Scope.all())) == 9
    latest = water_status.latest_time(home, Scope.all())
    assert pd.Timestamp.now(BEIJING) - latest < pd.Timedelta(hours=8)
    assert (home.path / "city" / "city.json").read_text().count("null") == 0


def test_a_broken_description_says_so(tmp_path):
    (tmp_path / "city.json").write_text(json.dumps({"seed": 1}))
    with pytest.raises(InputError, match="city.json"):
        Plan.read(tmp_path / "city.json")
