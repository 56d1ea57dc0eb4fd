"""Sections, rivers, districts and lakes as arrays, against the law asked one section at a time."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.ingest.service import import_water_stations
from shuzhi.standards import water as law
from shuzhi.status import water, water_groups, water_rows
from shuzhi.status import water_overview as overview
from shuzhi.store import Scope
from shuzhi.store.engine import Engine
from shuzhi.store.schema import WATER_ITEMS
from tests.water import rows, water_home

ALL = Scope.all()
FIVE = list(law.AUTOMATIC)
BACK = [0, 4, 30, 57, 24 * 5 + 3, 24 * 17]
"""Hours before the newest stamp; the last ones lie in another month."""


@pytest.fixture(scope="module")
def latest(small_city):
    return water.latest_time(small_city, ALL).tz_convert("Asia/Shanghai")


def expected_items(home, start, rows):
    """Items that each section measures: what it sent in the span, on its first day or in the 30 days before."""
    first = (start - pd.Timedelta(microseconds=1)).normalize()
    earlier = water.readings(home, ALL, first - water.RECENT, first + water.DAY)
    sent = pd.concat([earlier, rows]).groupby("station")[FIVE].count() > 0
    return {code: [item for item in FIVE if row[item]] for code, row in sent.iterrows()}


def class_of(values, items, body, rounded):
    """Class of a section's five values: none where one is missing that it measures."""
    if any(np.isnan(values[item]) for item in items):
        return 0
    row = pd.DataFrame([{item: values[item] for item in FIVE}])
    row = law.round_items(row) if rounded else row
    return max(int(law.item_class(row[item], item, body)[0]) for item in FIVE)


def classes_now(home, at):
    """The newest class of each section in the 12 hours up to a moment, asked of one reading after the other."""
    start, bodies = at - water_groups.FRESH, bodies_of(home)
    readings = water.readings(home, ALL, start, at)
    items, found = expected_items(home, start, readings), {}
    for row in readings.to_dict("records"):
        found[row["station"]] = class_of(row, items[row["station"]], bodies[row["station"]], False) or found.get(
            row["station"], 0
        )
    return found


def bodies_of(home):
    table = water.sections(home, ALL).set_index("code")["lake"]
    return {code: "lake" if lake else "river" for code, lake in table.items()}


def means_of(home, start, end):
    """Means of the readings that were not held back, by section."""
    rows = water_rows.rows(home, start, end)
    held = rows.held_back[:, None] >> np.arange(len(WATER_ITEMS)) & 1 == 1
    table = rows.table()
    table[list(WATER_ITEMS)] = table[list(WATER_ITEMS)].mask(held)
    return law.means(table[table[list(WATER_ITEMS)].notna().any(axis=1)], "station")


def mean_classes(home, start, end):
    mean, bodies = means_of(home, start, end), bodies_of(home)
    rows = mean.reset_index()
    items = expected_items(home, start, rows)
    return {
        row["station"]: class_of(row, items[row["station"]], bodies[row["station"]], True) for _, row in rows.iterrows()
    }


@pytest.mark.parametrize("back", BACK)
def test_sections_have_the_classes_of_their_readings_and_means(small_city, latest, back):
    at = latest - pd.Timedelta(hours=back)
    seen = overview.overview(small_city, ALL, at)
    table = seen.sections.set_index("code")
    now, means = classes_now(small_city, at), mean_classes(small_city, seen.start, seen.end)
    assert table["now_class"].to_dict() == {code: now.get(code, 0) for code in table.index}
    assert table["mean_class"].to_dict() == {code: means.get(code, 0) for code in table.index}
    assert table["water_class"].equals(table["now_class"])
    met = [
        k <= goal for k, goal in zip(table["now_class"], table["target_class"], strict=True) if k and goal is not pd.NA
    ]
    assert (seen.now.met, seen.now.with_target) == (sum(met), len(met))
    main = law.main_pollutants(table, table["body"], FIVE)["main"]
    assert table["main"].tolist() == main.tolist()


@pytest.mark.parametrize("back", BACK)
def test_rivers_districts_and_lakes_are_those_of_the_law(small_city, latest, back):
    seen = overview.overview(small_city, ALL, latest - pd.Timedelta(hours=back), "month")
    rated = seen.sections[seen.sections["water_class"] > 0]
    flowing, lakes = rated[rated["body"] == "river"], rated[rated["body"] == "lake"]
    rivers = law.river_quality(flowing, "river", items=FIVE)
    ours = seen.rivers.set_index("river").loc[rivers.index]
    pd.testing.assert_frame_equal(ours[rivers.columns], rivers, check_dtype=False, check_names=False)
    index = law.city_cwqi(rated, rated["body"], "district", FIVE, decimals=4)
    ours = seen.districts.set_index("district").loc[index.index]
    pd.testing.assert_frame_equal(ours[index.columns], index, check_dtype=False, check_names=False)
    assert seen.districts["cwqi"].is_monotonic_increasing
    mean = law.means(lakes[list(WATER_ITEMS)], lakes["river"].fillna(lakes["name"]).to_numpy())
    trophic = law.tli(mean, water_groups.TLI_MEASURED)
    ours = seen.lakes.set_index("lake").loc[mean.index]
    assert ours["tli"].to_numpy() == pytest.approx(trophic["tli"].to_numpy(), nan_ok=True)
    assert ours["water_class"].tolist() == law.lake_quality(mean, mean.index, FIVE)["water_class"].tolist()
    assert ours["points"].sum() == len(lakes)


def test_sums_to_a_moment_are_those_of_its_readings(small_city, latest):
    """From the beginning of a month they are held ready; from elsewhere they are made of the rows."""
    start = latest.replace(day=1).normalize()
    for end in (start, start + pd.Timedelta(hours=4), latest, latest + pd.Timedelta(days=90)):
        _codes, ready = water_rows.sums(small_city, start, end)
        _codes, made = water_rows.sums(small_city, start + pd.Timedelta(seconds=1), end)
        assert ready.times.tolist() == made.times.tolist()
        assert np.array_equal(ready.counts, made.counts)
        assert ready.totals == pytest.approx(made.totals)


def test_what_a_section_measures_is_told_by_day(small_city, latest):
    midnight = latest.normalize()
    found = water_rows.measured(small_city, midnight - pd.Timedelta(days=3), midnight)
    rows = water_rows.rows(small_city, midnight - pd.Timedelta(days=3), midnight)
    assert np.array_equal(found, rows.measured())
    assert not water_rows.measured(small_city, midnight + pd.Timedelta(days=40), midnight + pd.Timedelta(days=50)).any()


def test_a_month_is_read_again_when_its_files_change(tmp_path, monkeypatch):
    home, asked = water_home(tmp_path), []
    run = Engine.run
    monkeypatch.setattr(
        Engine, "run", lambda self, query, *rest, **values: asked.append(query) or run(self, query, *rest, **values)
    )

    def april(year):
        start = pd.Timestamp(f"{year}-04-01", tz="Asia/Shanghai")
        return water_rows.rows(home, start, start + pd.Timedelta(days=20))

    first = {year: april(year) for year in (2025, 2026)}
    home.changed()
    asked.clear()
    assert len(april(2026)) == len(first[2026])
    assert asked == []
    (tmp_path / "more.csv").write_text(rows(2026, days=3))
    import_water_stations(home, tmp_path / "more.csv", 2026)
    asked.clear()
    assert len(april(2026)) == len(first[2026]) * 1.5
    assert len(april(2025)) == len(first[2025])
    assert asked.count("water_hours") == 1


def test_means_by_group_are_those_of_pandas():
    random = np.random.default_rng(7)
    values = random.uniform(0, 10, (200, 3))
    values[random.random(values.shape) < 0.2] = np.nan
    label = random.integers(-1, 6, 200)
    found = law.group_means(values, label, 7, ("codmn", "ph", "chla"))
    table = pd.DataFrame(values).assign(**{"1": 10.0 ** -values[:, 1]})[label >= 0].groupby(label[label >= 0]).mean()
    assert found[:6, 0] == pytest.approx(table[0].to_numpy())
    assert found[:6, 1] == pytest.approx(-np.log10(table["1"].to_numpy()))
    assert np.isnan(found[6]).all()
