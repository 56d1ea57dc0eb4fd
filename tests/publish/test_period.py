"""Periods: how they are asked for, and how they are said."""

import datetime as dt

import pytest

from shuzhi import i18n
from shuzhi.errors import InputError
from shuzhi.publish.period import Period, containing, parse, span, spoken, written


def days(first: str, last: str) -> tuple[dt.date, dt.date]:
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    ("kind", "at", "first", "last", "chinese", "english"),
    [
        ("day", "2019-08-26", "2019-08-26", "2019-08-26", "2019年8月26日", "26 August 2019"),
        ("week", "2019-W35", "2019-08-26", "2019-09-01", "2019年8月26日—9月1日", "26 August – 1 September 2019"),
        ("week", "2019-08-22", "2019-08-19", "2019-08-25", "2019年8月19—25日", "19–25 August 2019"),
        ("week", "2020-01-01", "2019-12-30", "2020-01-05", "2019年12月30日—2020年1月5日", None),
        ("month", "2019-08", "2019-08-01", "2019-08-31", "2019年8月", "August 2019"),
        ("month", "2020-02-10", "2020-02-01", "2020-02-29", "2020年2月", None),
        ("year", "2019-08", "2019-01-01", "2019-08-31", "2019年1—8月", "January–August 2019"),
        ("year", "2019-08-25", "2019-01-01", "2019-08-25", "2019年1月1日—8月25日", "1 January – 25 August 2019"),
        ("year", "2019", "2019-01-01", "2019-12-31", "2019年", "2019"),
        ("span", "2018-11-01..2019-02-28", "2018-11-01", "2019-02-28", "2018年11月—2019年2月", None),
        ("span", "2019-08-03..2019-08-05", "2019-08-03", "2019-08-05", "2019年8月3—5日", "3–5 August 2019"),
    ],
)
def test_periods(kind, at, first, last, chinese, english):
    period = parse(kind, at)
    assert (period.first, period.last) == days(first, last)
    assert spoken(period) == chinese
    i18n.use("en")
    assert english is None or spoken(period) == english
    assert parse(kind, written(period)) == period


@pytest.mark.parametrize(
    ("kind", "at"),
    [("day", "26.8.2019"), ("month", "2019-13"), ("week", "x"), ("year", "19"), ("span", "2019-08-26"), ("hour", "1")],
)
def test_nonsense_is_said_so(kind, at):
    with pytest.raises(InputError):
        parse(kind, at)


def test_a_span_runs_forward():
    with pytest.raises(InputError, match="before the first"):
        span("2019-08-31", "2019-01-01")


def test_the_year_before_ends_with_its_month():
    assert parse("month", "2020-02").earlier == Period("month", *days("2019-02-01", "2019-02-28"))
    assert parse("month", "2021-02").earlier == Period("month", *days("2020-02-01", "2020-02-29"))
    assert parse("day", "2020-02-29").earlier.days == 1


def test_what_is_not_over_is_cut():
    cut = parse("month", "2019-08").until(dt.date(2019, 8, 20))
    assert (cut.last, cut.days) == (dt.date(2019, 8, 20), 20)
    assert parse("month", "2019-08").until(dt.date(2019, 7, 1)).days == 1


def test_around_a_day():
    day = dt.date(2019, 8, 22)
    assert containing("month", day) == parse("month", "2019-08")
    assert containing("year", day).last == day
    assert containing("span", day).first == dt.date(2019, 8, 1)
