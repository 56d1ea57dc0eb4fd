"""Sums are read for all places of a level at once, each row beside what the references would have summed to."""

import pandas as pd
import pyarrow as pa
import pytest

from shuzhi.research.forecast import sums
from shuzhi.store import Scope, open_home
from shuzhi.store.schema import TABLES

ALL = Scope.all()


def row(model: str, n: int, absolute: float, place: str = "A", **counts) -> dict:
    of = {"kind": "air", "grain": "day", "level": "station", "item": "aqi", "month": "2026-07", "lead": 1}
    return of | {"place": place, "model": model, "n": n, "sum_absolute": absolute, "n_levels": n} | counts


@pytest.fixture
def home(tmp_path):
    rows = [row("ensemble", 10, 50), row("damped", 10, 70), row("climatology", 20, 200, exact_level=10)]
    rows += [row("hindcast:ensemble", 4, 8), row("ensemble", 10, 90, place="B", polluted_missed=3)]
    rows.append(row("ensemble", 5, 5) | {"kind": "water", "grain": "day", "level": "section", "item": "class"})
    found, schema = open_home(tmp_path / "home"), TABLES["forecast_score"].schema
    table = pd.DataFrame(rows).reindex(columns=schema.names).fillna(0)
    found.lake.append("forecast_score", pa.Table.from_pandas(table, schema=schema, preserve_index=False))
    found.changed()
    return found


def read(home, **more) -> pd.DataFrame:
    asked = {"kind": "air", "grain": "day", "level": "station", "item": "aqi", "first": "2026-01", "last": "2026-12"}
    return sums.read(home, ALL, **asked | more)


def test_a_reference_is_of_the_same_place_and_the_same_way_of_making(home):
    table = read(home).set_index(["place", "made", "model"])
    own = table.loc[("A", "live", "ensemble")]
    assert (own["climatology_absolute"], own["climatology_own"]) == (100, 50)  # on ten of its twenty pairs
    assert (own["climatology_exact_level"], own["climatology_exact_level_n"]) == (5, 10)
    for place, made in (("A", "hindcast"), ("B", "live")):
        lonely = table.loc[(place, made, "ensemble")]
        assert (lonely["climatology_absolute"], lonely["climatology_own"]) == (0, 0)


def test_models_that_are_not_asked_for_are_not_read_but_for_the_references(home):
    found = read(home, models=["ensemble"])
    assert set(found["model"]) == {"ensemble", "climatology"}
    assert set(found["made"]) == {"live", "hindcast"}


def test_what_is_chosen_is_added_up(home):
    table = sums.added(sums.chosen(read(home), made="live", season="summer"), ["model"])
    assert table.loc["ensemble", ["n", "sum_absolute", "good_or_not"]].tolist() == [20, 140, 17]
    assert sums.chosen(read(home), season="winter").empty


def test_a_class_of_water_has_no_range(home):
    assert read(home)["n_range"].sum() == 54
    found = read(home, kind="water", level="section", item="class")
    assert (found["n"].sum(), found["n_range"].sum()) == (5, 0)
