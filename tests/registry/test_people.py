"""Organisations, people, duties, responsibilities: who sees and changes what, masks, undo, the audit."""

import datetime as dt
import json

import pytest

from shuzhi.access import audit
from shuzhi.access.rights import roles, scope_of
from shuzhi.errors import InputError, NotFoundError, ScopeError
from shuzhi.registry import duties, organisations, people, reach, responsibilities
from shuzhi.settings import BEIJING
from shuzhi.store import Scope, open_home
from tests.registry.people import BOSS, DAY, officer, staffed

JINJIANG = officer("锦江区")


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path)


@pytest.fixture
def ids(home):
    return staffed(home)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A staffed home for reading only."""
    home = open_home(tmp_path_factory.mktemp("people"))
    return home, staffed(home)


def events(home, **asked):
    found, _total = audit.search(home, BOSS, **asked)
    return [(row.action, row.object, json.loads(row.detail)) for row in found.itertuples()]


# Reading


def test_a_list_is_masked_for_everybody(kept):
    home, _ids = kept
    for scope in (BOSS, JINJIANG):
        row = people.table(home, scope).set_index("code").loc["j-1"]
        assert (row["name"], row["phone"]) == ("李*", "154****1234")
    assert people.table(home, BOSS).set_index("code").loc["w-1", "name"] == "欧阳*"


def test_a_district_officer_sees_its_own(kept):
    home, ids = kept
    assert set(people.table(home, JINJIANG)["code"]) == {"j-1", "j-2"}
    assert set(duties.roster(home, JINJIANG, DAY, DAY)["id"]) == {ids["jd"]}
    assert set(responsibilities.table(home, JINJIANG)["id"]) == {ids["jr"]}
    assert set(responsibilities.gaps(home, JINJIANG)["place"]) == {"春熙网格1"}
    known = organisations.table(home, JINJIANG).set_index("name")
    assert set(known.index) == {"市生态环境局", "锦江区生态环境局", "春熙街道生态环境所"}
    assert known["own"].to_dict() == {"市生态环境局": False, "锦江区生态环境局": True, "春熙街道生态环境所": True}
    assert known["people"].isna().to_dict()["市生态环境局"]


def test_forged_ids_give_nothing_of_another_district(kept):
    home, ids = kept
    assert people.table(home, JINJIANG, ids["w"]).empty
    assert people.table(home, JINJIANG, ids["bureau"]).empty
    assert people.table(home, JINJIANG, text="w-1").empty
    assert duties.roster(home, JINJIANG, DAY, DAY, ids["w"]).empty
    noon = dt.datetime(2026, 11, 20, 12, tzinfo=BEIJING)
    assert duties.on_duty(home, JINJIANG, ids["w"], noon).empty
    assert responsibilities.responsible(home, JINJIANG, "street", "浆洗街街道").empty
    assert responsibilities.table(home, JINJIANG, person=ids["wsp"]).empty
    with pytest.raises(NotFoundError):
        people.full(home, JINJIANG, ids["wp"])
    with pytest.raises(NotFoundError):
        people.full(home, JINJIANG, ids["bp"])


def test_forged_ids_change_nothing_of_another_district(home, ids):
    refused = [
        lambda: people.add(home, JINJIANG, "张三", ids["w"]),
        lambda: people.add(home, JINJIANG, "张三", ids["bureau"]),
        lambda: people.change(home, JINJIANG, ids["wp"], title="局长"),
        lambda: people.change(home, JINJIANG, ids["jp"], organisation=ids["w"]),
        lambda: people.remove(home, JINJIANG, ids["wp"]),
        lambda: people.bring_back(home, JINJIANG, ids["wp"]),
        lambda: organisations.add(home, JINJIANG, "新局", "district", None, "武侯区"),
        lambda: organisations.add(home, JINJIANG, "新局", "bureau"),
        lambda: organisations.add(home, JINJIANG, "新所", "street", None, None, "浆洗街街道"),
        lambda: organisations.change(home, JINJIANG, ids["w"], name="x", kind="district", unit="锦江区"),
        lambda: organisations.change(home, JINJIANG, ids["j"], name="x", kind="district", unit="武侯区"),
        lambda: organisations.change(home, JINJIANG, ids["bureau"], name="x", kind="bureau"),
        lambda: organisations.remove(home, JINJIANG, ids["ws"]),
        lambda: organisations.bring_back(home, JINJIANG, ids["ws"]),
        lambda: duties.add(home, JINJIANG, DAY, "night", ids["w"], ids["jp"]),
        lambda: duties.add(home, JINJIANG, DAY, "night", ids["j"], ids["wp"]),
        lambda: duties.remove(home, JINJIANG, ids["wd"]),
        lambda: responsibilities.add(home, JINJIANG, ids["wsp"], "street", "春熙街道"),
        lambda: responsibilities.add(home, JINJIANG, ids["jsp"], "street", "浆洗街街道"),
        lambda: responsibilities.add(home, JINJIANG, ids["jsp"], "grid", "浆洗街网格1"),
        lambda: responsibilities.add(home, JINJIANG, ids["jsp"], "unit", "武侯区"),
        lambda: responsibilities.remove(home, JINJIANG, ids["wr"]),
    ]
    before = reach.version(home)
    for act in refused:
        with pytest.raises((NotFoundError, ScopeError)):
            act()
    with pytest.raises(InputError):
        organisations.change(home, JINJIANG, ids["js"], name="x", kind="street", parent=ids["w"], street="春熙街道")
    assert reach.version(home) == before


def test_an_inspector_sees_the_own_street_and_an_enterprise_nothing(kept):
    home, _ids = kept
    inspector = scope_of("grid_inspector", ("春熙街道",))
    assert set(people.table(home, inspector)["code"]) == {"j-2"}
    assert set(responsibilities.table(home, inspector)["place"]) == {"春熙街道"}
    firm = Scope.seeing("people", enterprises=frozenset({"x"}))
    assert people.table(home, firm).empty
    assert organisations.table(home, firm).empty


@pytest.mark.parametrize("role", [key for key, role in roles().items() if ("people", "see") not in role.rights])
def test_a_role_without_the_right_is_refused(kept, role):
    home, ids = kept
    scope = scope_of(role, ("锦江区",))
    for ask in (
        lambda: people.table(home, scope),
        lambda: people.full(home, scope, ids["jp"]),
        lambda: organisations.table(home, scope),
        lambda: duties.on_duty(home, scope),
        lambda: responsibilities.responsible(home, scope, "street", "春熙街道"),
        lambda: responsibilities.gaps(home, scope),
    ):
        with pytest.raises(ScopeError):
            ask()


def test_who_may_only_see_changes_and_opens_nothing(kept):
    home, ids = kept
    analyst = scope_of("analyst", ())
    assert len(people.table(home, analyst)) == 5
    for act in (
        lambda: people.full(home, analyst, ids["jp"]),
        lambda: people.export(home, analyst),
        lambda: people.remove(home, analyst, ids["jp"]),
        lambda: organisations.add(home, analyst, "x", "other"),
        lambda: duties.remove(home, analyst, ids["jd"]),
        lambda: responsibilities.add(home, analyst, ids["jp"], "river", "锦江"),
    ):
        with pytest.raises(ScopeError):
            act()


def test_a_search_tells_nobody_what_the_mask_hides(kept):
    home, _ids = kept
    assert len(people.table(home, BOSS, text="李娜")) == 1
    assert people.table(home, scope_of("analyst", ()), text="李娜").empty
    assert len(people.table(home, scope_of("analyst", ()), text="李")) == 1


def test_the_full_record_is_an_event(home, ids):
    record = people.full(home, JINJIANG, ids["jp"])
    assert (record["name"], record["phone"], record["code"]) == ("李娜", "15400001234", "j-1")
    assert events(home, actions=["full"]) == [("full", f"person/{ids['jp']}", {"organisation": "锦江区生态环境局"})]


def test_an_export_is_full_only_for_who_may_see_it(kept):
    home, _ids = kept
    assert set(people.export(home, BOSS)["name"]) >= {"李娜", "欧阳明"}
    masked = people.export(home, Scope(frozenset({("people", "see"), ("people", "export")})))
    assert set(masked["name"]) == {"李*", "欧阳*", "王*", "赵*"}


# Changing


def test_changes_are_events_with_masked_values_and_the_fields(home, ids):
    people.change(home, JINJIANG, ids["jp"], phone="028-86001122", title="")
    assert people.full(home, BOSS, ids["jp"])["phone"] == "028-86001122"
    assert people.full(home, BOSS, ids["jp"])["title"] is None
    action, object_, detail = events(home, text="person.change")[0]
    assert (action, object_, detail["fields"]) == ("change", f"person/{ids['jp']}", ["phone", "title"])
    assert (detail["before"]["phone"], detail["after"]["phone"]) == ("154****1234", "028****1122")
    everything = json.dumps(events(home, limit=999), ensure_ascii=False)
    assert "李娜" not in everything
    assert "15400001234" not in everything
    assert audit.verify(home) == []


def test_a_change_that_changes_nothing_is_none(home, ids):
    before = reach.version(home)
    people.change(home, BOSS, ids["jp"], name=" 李娜 ", phone="154 0000 1234")
    organisations.change(home, BOSS, ids["bureau"], name="市生态环境局", kind="bureau")
    assert reach.version(home) == before


def test_what_is_removed_is_brought_back_with_all_that_hangs_on_it(home, ids):
    people.remove(home, JINJIANG, ids["jsp"])
    assert set(people.table(home, BOSS, removed=True)["id"]) == {ids["jsp"]}
    assert "春熙街道" in set(responsibilities.gaps(home, BOSS)["place"])
    with pytest.raises(NotFoundError):
        people.change(home, BOSS, ids["jsp"], title="x")
    organisations.remove(home, JINJIANG, ids["js"])
    with pytest.raises(InputError, match="先恢复"):
        people.bring_back(home, JINJIANG, ids["jsp"])
    organisations.bring_back(home, JINJIANG, ids["js"])
    people.bring_back(home, JINJIANG, ids["jsp"])
    assert set(responsibilities.responsible(home, BOSS, "street", "春熙街道")["person"]) == {ids["jsp"]}


def test_an_organisation_with_people_or_others_below_stays(home, ids):
    for id in (ids["j"], ids["bureau"], ids["js"]):
        with pytest.raises(InputError, match="先把它们移走"):
            organisations.remove(home, BOSS, id)


@pytest.mark.parametrize("phone", ["12345", "1380000123", "abc", "15400001234 转", "0086"])
def test_what_is_no_phone_is_refused(home, ids, phone):
    with pytest.raises(InputError, match="电话"):
        people.change(home, BOSS, ids["jp"], phone=phone)


def test_values_that_cant_be_are_refused(home, ids):
    for act in (
        lambda: people.add(home, BOSS, " ", ids["j"]),
        lambda: people.add(home, BOSS, "长" * 65, ids["j"]),
        lambda: people.add(home, BOSS, "张三", ids["j"], code="w-1"),
        lambda: organisations.add(home, BOSS, "市生态环境局", "bureau"),
        lambda: organisations.add(home, BOSS, "x", "ministry"),
        lambda: organisations.add(home, BOSS, "x", "district", None, "某区"),
        lambda: organisations.add(home, BOSS, "x", "street", None, None, "某街道"),
        lambda: organisations.add(home, BOSS, "x", "street", None, "武侯区", "春熙街道"),
        lambda: organisations.change(home, BOSS, ids["bureau"], name="x", kind="bureau", parent=ids["js"]),
        lambda: duties.add(home, BOSS, DAY, "tea", ids["j"], ids["jp"]),
        lambda: duties.add(home, BOSS, DAY, "day", ids["j"], ids["jp"]),
        lambda: responsibilities.add(home, BOSS, ids["jp"], "street", "某街道"),
        lambda: responsibilities.add(home, BOSS, ids["jp"], "street", "春熙街道", "tea"),
        lambda: responsibilities.add(home, BOSS, ids["jsp"], "street", "春熙街道"),
    ):
        with pytest.raises(InputError):
            act()


def test_a_number_of_a_removed_person_is_still_taken(home, ids):
    people.remove(home, BOSS, ids["jp"])
    with pytest.raises(InputError, match="已有人使用"):
        people.add(home, BOSS, "张三", ids["j"], code="j-1")


def test_the_unit_of_a_station_is_that_of_its_street(home, ids):
    row = organisations.table(home, BOSS).set_index("id").loc[ids["js"]]
    assert (row["unit"], row["street"], row["people"]) == ("锦江区", "春熙街道", 1)
