"""The register of sections, and the outlines of cities."""

import pandas as pd
import pytest

from shuzhi.errors import InputError
from shuzhi.registry import sections
from shuzhi.registry.outlines import contradicts
from shuzhi.store import open_home
from shuzhi.store.ledger import Section


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home", create="real")


def upsert(home, **row):
    done = sections.upsert(home, pd.DataFrame([{"code": None, **row}]).astype(object), "sections")
    return done.new, done.changed, done.unchanged


def ensure(home, **row):
    return sections.ensure(home, pd.DataFrame([row], index=["label"]).astype(object))


def section(home, code="两河口") -> Section:
    with home.ledger.session() as session:
        return session.get(Section, code)


def test_new_changed_unchanged(home):
    assert upsert(home, name="两河口", province="四川省", target_class=3) == (1, 0, 0)
    assert upsert(home, name="两河口", province="四川", target_class=None) == (0, 1, 0)
    assert upsert(home, name="两河口", province="四川") == (0, 0, 1)
    assert section(home).target_class == 3


def test_readings_find_their_section_and_change_nothing_that_is_known(home):
    upsert(home, name="两河口", province="四川省", lake=False)
    assert ensure(home, name="两河口", province=None, basin="长江流域", lake=True) == ({"label": "两河口"}, [])
    assert (section(home).basin, section(home).lake) == ("长江流域", False)


def test_one_name_in_two_provinces(home):
    assert ensure(home, name="两河口", province="四川省")[1] == ["两河口"]
    assert ensure(home, name="两河口", province="湖北省")[1] == ["两河口（湖北省）"]
    assert ensure(home, name="两河口", province="湖北")[0] == {"label": "两河口（湖北省）"}
    with pytest.raises(InputError, match="省份"):
        ensure(home, name="两河口", province=None)


def test_a_code_is_taken_where_the_list_gives_one(home):
    assert upsert(home, name="两河口", code="CJ001") == (1, 0, 0)
    assert ensure(home, name="两河口", province="四川省") == ({"label": "CJ001"}, [])


@pytest.mark.parametrize(
    ("city", "lon", "lat", "found"),
    [
        ("成都", 104.06, 30.66, None),
        ("成都市", 104.06, 30.66, None),
        ("乐山", 104.06, 30.66, "成都市"),
        ("阿坝藏族羌族自治州", 103.85, 31.68, None),
        ("不存在", 104.06, 30.66, None),
    ],
)
def test_outlines(city, lon, lat, found):
    assert contradicts(city, lon, lat) == found
