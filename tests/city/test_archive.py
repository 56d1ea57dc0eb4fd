"""The files: the format of the national archive, its running columns, and values that do not depend on when."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from shuzhi.city import air, archive, stations, weather

FIXTURE = "tests/fixtures/china_sites_20190826.csv"
FIRST, LAST = dt.date(2026, 2, 27), dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def small():
    register = stations.make_stations(3, 12)
    sites = air.sites(3, register)
    times = weather.hours_of(FIRST, LAST)
    readings = air.concentrations(3, sites, FIRST, LAST)
    readings["o3"][30, 2] = np.nan
    for values in readings.values():
        values[40:44, 1] = np.nan
    return sites, times, readings


def test_file_reads_back(small, tmp_path):
    sites, times, readings = small
    columns = archive.archive_columns(readings, None, times)
    wanted = (times >= "2026-02-28T01:00") & (times <= "2026-03-01T09:00")
    files = archive.write_days(tmp_path, columns, sites.codes, times, wanted)
    assert [file.name for file in files] == ["china_sites_20260228.csv", "china_sites_20260301.csv"]
    whole, begun = (pd.read_csv(file) for file in files)
    real = pd.read_csv(FIXTURE)
    assert whole.columns[:3].tolist() == real.columns[:3].tolist()
    assert whole.columns[3:].tolist() == sites.codes
    assert set(whole["type"]) == set(real["type"])
    assert whole["hour"].unique().tolist() == list(range(1, 24))
    assert begun["hour"].max() == 9
    for item, symbol in archive.SYMBOLS.items():
        written = whole[whole["type"] == symbol].iloc[:, 3:].to_numpy(float)
        np.testing.assert_allclose(written, readings[item][25:48])


def test_running_columns(small):
    _, times, readings = small
    columns = archive.archive_columns(readings, None, times)
    silent = np.all([np.isnan(values) for values in readings.values()], axis=0)
    pm25 = pd.DataFrame(readings["pm25"]).rolling(24, min_periods=1).mean().round(0).to_numpy()
    np.testing.assert_array_equal(columns["PM2.5_24h"], np.where(silent, np.nan, pm25))
    o3 = pd.DataFrame(readings["o3"], index=times)
    day = (times - pd.Timedelta(hours=1)).floor("D")
    eight = o3.groupby(day).transform(lambda hours: hours.rolling(8, min_periods=1).mean()).round(0)
    np.testing.assert_array_equal(columns["O3_8h"], np.where(silent, np.nan, eight))
    highest = eight.groupby(day).cummax().groupby(day).ffill()
    np.testing.assert_array_equal(columns["O3_8h_24h"], np.where(silent, np.nan, highest))
    highest = o3.rolling(24, min_periods=1).max()
    np.testing.assert_array_equal(columns["O3_24h"], np.where(silent, np.nan, highest))


def test_running_columns_are_those_of_the_real_archive():
    """The second day of the fixture from its hours and those of the day before."""
    days = [pd.read_csv(FIXTURE.replace("26.csv", f"{day}.csv")) for day in (25, 26)]
    sites = days[1].columns[3:]

    def hours(table, name):
        table = table[table["type"] == name].set_index("hour").reindex(range(24))
        return table.reindex(columns=sites).to_numpy(float)

    lead, today = ({item: hours(day, symbol) for item, symbol in archive.SYMBOLS.items()} for day in days)
    made = archive.archive_columns(today, lead, weather.hours_of(dt.date(2019, 8, 26), dt.date(2019, 8, 26)))
    whole = np.all([np.isfinite(np.concatenate([lead[item], today[item]])).all(axis=0) for item in lead], axis=0)
    for name in ("AQI", "PM2.5", "O3_8h", "O3_8h_24h", "O3_24h"):
        known = np.isfinite(hours(days[1], name)) & np.isfinite(made[name])
        equal = (hours(days[1], name) == made[name])[known]
        assert known.any()
        assert equal.mean() > (0.99 if name in ("AQI", "PM2.5") or whole.any() else 0.9), name


def test_values_do_not_depend_on_the_length_of_the_run(small):
    """A day made alone equals the same day made in a longer run."""
    sites, _, _ = small
    alone = air.concentrations(3, sites, LAST, LAST)
    long = air.concentrations(3, sites, FIRST, LAST)
    for item in air.ITEMS:
        np.testing.assert_array_equal(alone[item], long[item][-24:])
    alone, long = weather.station_weather(3, LAST, LAST), weather.station_weather(3, FIRST, LAST)
    long = long[long["time"] > pd.Timestamp(LAST)].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, long)


def test_weather_file(tmp_path):
    path = tmp_path / "weather.csv"
    archive.write_weather(path, weather.station_weather(3, FIRST, FIRST), weather.stations())
    table = pd.read_csv(path)
    assert table.columns.tolist() == ["station", "name", "city", "lon", "lat", "time", *weather.FACTORS]
    assert table["time"].iloc[0] == "2026-02-27T01:00:00+08:00"
    assert table["time"].iloc[-1] == "2026-02-28T00:00:00+08:00"
