"""Times as people and devices write them."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.errors import InputError
from shuzhi.ingest.times import offset, to_utc


def read(*cells, zone=None):
    return to_utc(pa.array(cells, pa.string()), offset(zone))


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-25 08:00:00",
        "2026/11/25 8:00",
        "2026.11.25 08:00",
        "2026-11-25T08:00",
        "2026-11-25 08:00:00.000000",
        "2026年11月25日 8时0分",
        "2026年11月25日8时0分0秒",
        "20261125080000",
        "2026-11-25T00:00:00Z",
        "2026-11-25T09:30:00+09:30",
        "2026-11-24 19:00:00-0500",
    ],
)
def test_one_moment(cell):
    times, wrong = read(cell)
    assert (times[0], wrong[0]) == (np.datetime64("2026-11-25T00:00:00", "us"), False)


@pytest.mark.parametrize(
    "cell",
    ["2026-02-30 08:00", "2026-13-01 00:00", "2026-11-25 24:00", "2026-11-25", "45987.3", "昨天", "2026-00-10 00:00"],
)
def test_no_moment(cell):
    times, wrong = read(cell)
    assert (np.isnat(times[0]), wrong[0]) == (True, True)


def test_nothing_stands_there():
    assert read("")[1].tolist() == [False]


def test_a_zone_for_times_without_one():
    assert read("2026-11-25 00:00", zone="UTC")[0] == read("2026-11-25 08:00")[0]
    assert read("2026-11-25 07:00Z", zone="+01:00")[0] == read("2026-11-25 08:00", zone="+01:00")[0]
    with pytest.raises(InputError, match="unknown zone"):
        offset("Mars")


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)))
def test_iso_is_read_exactly(moment):
    times, _wrong = read(moment.isoformat(sep=" "), zone="UTC") if moment.second or moment.microsecond else (None, None)
    assert times is None or times[0].item() == moment


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_text(cells):
    times, wrong = read(*cells)
    assert len(times) == len(wrong) == len(cells)
