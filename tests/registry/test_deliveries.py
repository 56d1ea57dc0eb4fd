"""A delivery closes what is gone and opens what is new; any past day can be shown; it can be undone."""

import datetime as dt
import multiprocessing
import os
import signal
import time

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from shuzhi.errors import InputError, NotFoundError
from shuzhi.registry import deliveries, sources
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection
from tests.registry.inventory import inventory

ALL = Scope.all()
MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)


def changed(table: pa.Table) -> pa.Table:
    """Without the first ten, the next one renamed, and three new ones."""
    rest = table.slice(10)
    names = rest["name"].to_pylist()
    rest = rest.set_column(1, "name", pa.array(["改名的厂", *names[1:]]))
    new = inventory(3, seed=9)
    return pa.concat_tables([rest, new.set_column(0, "id", pa.array(["N1", "N2", "N3"]))])


@pytest.fixture
def home(tmp_path):
    home = open_home(tmp_path)
    deliveries.deliver(home, "source", inventory(500), MAY, "may.csv", "d1")
    return home


def ids(home, day=None) -> set[str]:
    return set(sources.rows(home, ALL, Selection.of(day=day))["id"].to_pylist())


def test_first_delivery_opens_every_row(home):
    (delivery,) = deliveries.listed(home)
    assert (delivery.opened, delivery.changed, delivery.closed, delivery.rows) == (500, 0, 0, 500)
    assert len(ids(home)) == 500


def test_the_same_again_changes_nothing(home):
    before = home.version, home.lake.version("source")
    done = deliveries.deliver(home, "source", inventory(500), JUNE, "again.csv", "d2")
    assert (done.opened, done.changed, done.closed, done.unchanged) == (0, 0, 0, 500)
    assert (home.version, home.lake.version("source")) == before
    assert len(deliveries.listed(home)) == 1


def test_new_delivery_dates_what_changed(home):
    done = deliveries.deliver(home, "source", changed(inventory(500)), JUNE, "june.csv", "d2")
    assert (done.opened, done.changed, done.closed, done.unchanged) == (3, 1, 10, 489)
    assert ids(home) - ids(home, MAY) == {"N1", "N2", "N3"}
    assert ids(home, MAY) - ids(home) == {f"S{i:07d}" for i in range(10)}
    assert ids(home, MAY - dt.timedelta(days=1)) == set()
    past = sources.history(home, ALL, "S0000010")
    assert past["name"].tolist()[1] == "改名的厂"
    assert [past["valid_to"].iloc[0], past["valid_from"].iloc[1]] == [JUNE, JUNE]


def test_undo_restores_every_row(home):
    before = sources.rows(home, ALL, Selection())
    deliveries.deliver(home, "source", changed(inventory(500)), JUNE, "june.csv", "d2")
    with pytest.raises(InputError, match="undo that one first"):
        deliveries.undo(home, ALL, "d1")
    deliveries.undo(home, ALL, "d2")
    assert sources.rows(home, ALL, Selection()).equals(before)
    with pytest.raises(NotFoundError):
        deliveries.undo(home, ALL, "d2")


def test_an_older_delivery_is_refused(home):
    with pytest.raises(InputError, match="in force"):
        deliveries.deliver(home, "source", inventory(5), MAY - dt.timedelta(days=1), "old.csv", "d0")


def test_an_empty_delivery_is_refused(home):
    with pytest.raises(InputError, match="without rows"):
        deliveries.deliver(home, "source", inventory(1).slice(1), JUNE, "empty.csv", "d2")
    assert len(ids(home)) == 500


def _deliver(path, day, name, count):
    deliveries.deliver(open_home(path), "source", inventory(count, seed=hash(name) % 99), day, name, name)


def test_two_deliveries_at_once_come_one_after_the_other(home):
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=_deliver, args=(home.path, JUNE, name, 400)) for name in ("a", "b")]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    listed = deliveries.listed(home)
    assert {row.id for row in listed} == {"d1", "a", "b"}
    rows = sources.rows(open_home(home.path), ALL, Selection())
    assert rows.num_rows == 400
    assert pc.count_distinct(rows["id"]).as_py() == 400


@pytest.mark.parametrize("after", [0.3, 1.0, 1.6])
def test_a_killed_delivery_leaves_the_register_whole(home, after):
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_deliver, args=(home.path, JUNE, "killed", 60_000))
    process.start()
    time.sleep(after)
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    again = open_home(home.path)
    assert sources.rows(again, ALL, Selection()).num_rows in (500, 60_000)
    done = deliveries.deliver(again, "source", inventory(700), JUNE, "next.csv", "next")
    assert done.opened + done.changed + done.unchanged == 700
    assert len(ids(again)) == 700


def test_copies_that_are_read_no_more_are_let_go(home):
    for count in range(501, 506):
        deliveries.deliver(home, "source", inventory(count), JUNE, f"{count}.csv", f"d{count}")
        assert len(ids(home)) == count
    attached = home.engine._connection.execute(
        "SELECT count(*) FROM duckdb_databases() WHERE database_name LIKE 'sources_%'"
    )
    assert attached.fetchone()[0] == 2
    assert len(list((home.path / "serving").glob("sources-*"))) == 3


def test_a_lost_copy_is_made_again(home):
    home.serving.current("sources").unlink()
    again = open_home(home.path)
    assert len(ids(again)) == 0
    deliveries.serve_missing(again)
    assert len(ids(again)) == 500
