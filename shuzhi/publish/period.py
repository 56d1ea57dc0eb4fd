"""What a briefing is about in time: a day, week, month, year so far or any span of days; and how that is said."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from shuzhi.errors import InputError
from shuzhi.i18n import N_, _, language, when
from shuzhi.status.city import year_earlier

KINDS = {"day": N_("日"), "week": N_("周"), "month": N_("月"), "year": N_("年累计"), "span": N_("自选")}

_EXAMPLES = {
    "day": "2019-08-26",
    "week": "2019-W35, or any day of it",
    "month": "2019-08",
    "year": "2019, 2019-08 (January to August) or 2019-08-25 (1 January to 25 August)",
}
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both included.

    Parameters
    ----------
    kind : {"day", "week", "month", "year", "span"}
    """

    kind: str
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.last - self.first).days + 1

    @property
    def earlier(self) -> "Period":
        """The same calendar days a year earlier; a month that ends on its last day still does."""
        last = year_earlier(self.last)
        return Period(self.kind, year_earlier(self.first), _month_end(last) if _ends_month(self.last) else last)

    @property
    def whole_months(self) -> bool:
        """From the first day of a month to the last of one."""
        return self.first.day == 1 and _ends_month(self.last)

    def until(self, newest: dt.date) -> "Period":
        """The part of it that is over on a day; itself where all of it is."""
        return Period(self.kind, self.first, min(self.last, max(newest, self.first)))


def parse(kind: str, at: str) -> Period:
    """A period by its kind and a text: ``2019-08-26``, ``2019-W35``, ``2019-08``, ``2019``, ``2019-01-01..2019-08-31``.

    Raises
    ------
    InputError
        Unknown kind, or a text that names no such period.
    """
    if kind not in KINDS:
        raise InputError(f"unknown period {kind!r}; known are {', '.join(KINDS)}")
    if kind == "span":
        first, _dots, last = at.partition("..")
        return span(first, last)
    try:
        first, last = _READ[kind](at.strip())
    except (ValueError, IndexError):
        raise InputError(f"{at!r} is no {kind}; write for example {_EXAMPLES[kind]}") from None
    return Period(kind, first, last)


def span(first: str, last: str) -> Period:
    """Any days, both included.

    Raises
    ------
    InputError
        One is no date, they are in the wrong order, or more than three years apart.
    """
    try:
        found = Period("span", dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except ValueError:
        raise InputError(
            f"{first!r} to {last!r} is no span of days; write for example 2019-01-01 and 2019-08-31"
        ) from None
    if not 1 <= found.days <= 3 * 366:
        raise InputError(f"{first} to {last}: the last day lies before the first, or more than three years after it")
    return found


def containing(kind: str, day: dt.date) -> Period:
    """The period of a kind that a day lies in; of a year its days up to this one."""
    if kind == "span":
        return Period("span", day.replace(day=1), day)
    return parse(kind, day.isoformat()[: 7 if kind == "month" else None])


def written(period: Period) -> str:
    """The text from which `parse` makes the period again."""
    if period.kind == "month":
        return f"{period.first:%Y-%m}"
    if period.kind == "span":
        return f"{period.first}..{period.last}"
    return f"{period.last if period.kind == 'year' else period.first}"


def _day(text: str) -> tuple[dt.date, dt.date]:
    day = dt.date.fromisoformat(text)
    return day, day


def _week(text: str) -> tuple[dt.date, dt.date]:
    day = dt.date.fromisoformat(text)  # 2019-W35 is its Monday
    monday = day - _DAY * day.weekday()
    return monday, monday + 6 * _DAY


def _month(text: str) -> tuple[dt.date, dt.date]:
    first = dt.date.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d\d", text) else text).replace(day=1)
    return first, _month_end(first)


def _year(text: str) -> tuple[dt.date, dt.date]:
    if re.fullmatch(r"\d{4}", text):
        return dt.date(int(text), 1, 1), dt.date(int(text), 12, 31)
    last = _month(text)[1] if len(text) == 7 else dt.date.fromisoformat(text)
    return last.replace(month=1, day=1), last


_READ = {"day": _day, "week": _week, "month": _month, "year": _year}


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _ends_month(day: dt.date) -> bool:
    return (day + _DAY).day == 1


def spoken(period: Period) -> str:
    """The period in the language spoken now: 2019年1—8月, 2019年8月26日—9月1日, 2019年."""
    first, last = period.first, period.last
    if period.whole_months:
        return _spoken_months(first, last)
    if first == last:
        text = _("{year}年{month}月{day}日")
    elif first.year != last.year:
        text = _("{year}年{month}月{day}日—{year2}年{month2}月{day2}日")
    elif first.month != last.month:
        text = _("{year}年{month}月{day}日—{month2}月{day2}日")
    else:
        text = _("{year}年{month}月{day}—{day2}日")
    return text.format(**_words(first, last))


def spoken_day(day: dt.date) -> str:
    """A day without its year: 8月26日."""
    return _("{month}月{day}日").format(month=_month_word(day), day=day.day)


def _spoken_months(first: dt.date, last: dt.date) -> str:
    if first.year != last.year:
        text = _("{year}年{month}月—{year2}年{month2}月")
    elif (first.month, last.month) == (1, 12):
        text = _("{year}年")
    elif first.month == last.month:
        text = _("{year}年{month}月")
    else:
        text = _("{year}年{month}—{month2}月")
    return text.format(**_words(first, last))


def _words(first: dt.date, last: dt.date) -> dict:
    of_first = {"year": first.year, "month": _month_word(first), "day": first.day}
    return of_first | {"year2": last.year, "month2": _month_word(last), "day2": last.day}


def _month_word(day: dt.date) -> str:
    """8 in Chinese, where 月 is in the sentence; August in English."""
    return when(day, "MMMM" if language() == "en" else "M")
