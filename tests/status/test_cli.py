"""What --from and --to mean."""

import datetime as dt

import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.status.options import days, span


def beijing(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="Asia/Shanghai")


def test_dates_are_beijing_days_both_included():
    start, end = span("2019-08-26", "2019-08-27")
    assert (start, end) == (beijing("2019-08-26 00:00"), beijing("2019-08-28 00:00"))
    assert days("2019-08-26", "2019-08-27") == (dt.date(2019, 8, 26), dt.date(2019, 8, 27))


def test_times_include_the_first_and_exclude_the_last():
    start, end = span("2019-08-26T15:00", "2019-08-26T16:00")
    assert start < beijing("2019-08-26 15:00") < end < beijing("2019-08-26 16:00")
    assert span("2019-08-26T15:00+08:00", "2019-08-26T08:00Z") == (start, end)


@pytest.mark.parametrize(("first", "last"), [("26.8.2019", "2019-08-26"), ("2019-08-26", "2019-13-01")])
def test_what_is_no_time_is_said_so(first, last):
    with pytest.raises(InputError, match="neither a date"):
        span(first, last)


def test_the_wrong_order_is_said_so():
    with pytest.raises(InputError, match="before"):
        span("2019-08-27", "2019-08-26")
