"""What the first page remembers of a year is what the year is made of."""

import datetime as dt

import pandas as pd

from shuzhi.status import air, city
from shuzhi.store import Scope
from shuzhi.ui import home as page

SCOPE = Scope.all()


def test_a_year_up_to_a_day_is_a_part_of_the_remembered_year(small_city):
    newest = air.latest_hour(small_city, SCOPE).tz_convert("Asia/Shanghai").date()
    key = (str(small_city.path), small_city.version)
    for last in (newest - dt.timedelta(days=n) for n in (0, 1, 7, 400)):
        for ours, whole in zip(
            page._years(key, SCOPE, last, "2026", small_city),
            city.years(small_city, SCOPE, last, "2026"),
            strict=True,
        ):
            pd.testing.assert_frame_equal(ours.days, whole.days)
            assert (ours.first, ours.last, ours.counts) == (whole.first, whole.last, whole.counts)
            pd.testing.assert_series_equal(pd.Series(ours.statistics), pd.Series(whole.statistics))
