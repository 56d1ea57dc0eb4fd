"""The page 组织与人员: what it says, whom it shows to whom, forms, undo, upload with a preview, export."""

import datetime as dt
import re

import pytest

from shuzhi.access import audit
from shuzhi.publish import people as publish
from shuzhi.registry import duties, organisations, people, responsibilities
from shuzhi.settings import BEIJING
from shuzhi.store import open_home
from tests.apps import html, text, visiting
from tests.ingest.test_people_door import workbook
from tests.registry.people import BOSS, officer, staffed

TODAY = dt.datetime.now(BEIJING).date()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A staffed home for reading only."""
    home = open_home(tmp_path_factory.mktemp("people-page"))
    ids = staffed(home)
    for day in (TODAY - dt.timedelta(days=1), TODAY):
        duties.add(home, BOSS, day, "whole", ids["j"], ids["jp"])
    return home, ids


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path)


@pytest.fixture
def ids(home):
    return staffed(home)


@pytest.fixture
def visit(monkeypatch):
    with visiting(monkeypatch, "people") as go:
        yield go


@pytest.fixture
def jinjiang(monkeypatch):
    with visiting(monkeypatch, "people", role="district_officer", places=("锦江区",)) as go:
        yield go


def pick(app, **asked):
    """What a link of the page sends."""
    app.session_state["sz-people-asked"] = asked
    return app.run()


def test_the_sentence_says_who_is_on_duty_and_what_is_missing(visit, kept):
    home, _ids = kept
    page = text(visit(home))
    empty = len(duties.gaps(home, BOSS, TODAY, TODAY + dt.timedelta(days=6)))
    said = f"现在值班 1 人，在册 5 人、5 个机构；2 个街道或网格无人负责，7 天内有 {empty} 个值班日空缺"
    assert said in page
    assert empty >= 6
    assert "正在值班锦江区生态环境局 李*" in page


def test_a_street_without_a_roster_says_so(monkeypatch, kept):
    home, _ids = kept
    with visiting(monkeypatch, "people", role="grid_inspector", places=("春熙街道",)) as go:
        assert "在册 1 人、1 个机构；1 个街道或网格无人负责，7 天内没有值班表" in text(go(home))


def test_names_and_phones_are_masked_for_the_administrator_too(visit, kept):
    home, _ids = kept
    page = html(visit(home))
    assert "154****1234" in page
    assert not re.search(r"李娜|欧阳明|15400001234", page)


def test_a_district_officer_sees_its_own(jinjiang, kept):
    home, ids = kept
    for asked in ({}, {"part": "duty"}, {"part": "areas"}, {"org": ids["w"]}, {"q": "w-1"}, {"person": ids["wp"]}):
        page = text(jinjiang(home, **asked))
        assert not re.search(r"武侯|浆洗街|欧阳|w-1", page), asked
    assert "没有这个人员，或不在您的管辖范围" in page


def test_the_full_record_is_shown_when_asked_for_and_it_is_an_event(jinjiang, home, ids):
    app = jinjiang(home, person=ids["jp"])
    assert "李娜" not in text(app)
    app.button(key=f"people-full-{ids['jp']}").click().run()
    assert "李娜" in text(app)
    assert "15400001234" in text(app)
    assert list(audit.search(home, BOSS, actions=["full"])[0]["object"]) == [f"person/{ids['jp']}"]
    app.run()
    assert "李娜" not in text(app)


def test_who_may_only_see_has_no_tools(monkeypatch, kept):
    home, ids = kept
    with visiting(monkeypatch, "people", role="analyst") as go:
        for asked in ({"person": ids["jp"]}, {"part": "duty"}, {"part": "areas"}, {"part": "import"}):
            app = go(home, **asked)
            keys = [button.key for button in app.button]
            assert not [key for key in keys if re.match("people-(full|new|change|remove|org-)", key or "")]
            assert not re.search(r'data-pick="(add|off|give|drop)=', html(app))
            assert not app.get("file_uploader")
    assert len(app.segmented_control(key="people-part").options) == 3


def test_a_removed_person_comes_back_by_undo(visit, home, ids):
    app = visit(home, person=ids["jp"])
    app.button(key="people-remove").click().run()
    assert "在册 4 人" in text(app)
    assert "已移除李*（j-1）" in text(app)
    app.button(key="people-undo-button").click().run()
    assert "在册 5 人" in text(app)
    assert not people.table(home, BOSS).empty


def test_what_was_removed_can_be_brought_back_later(visit, home, ids):
    people.remove(home, BOSS, ids["jsp"])
    organisations.remove(home, BOSS, ids["js"])
    app = visit(home)
    app.button(key=f"people-back-{ids['js']}").click().run()
    app.button(key=f"people-back-{ids['jsp']}").click().run()
    assert "在册 5 人、5 个机构" in text(app)


def test_an_organisation_with_people_is_not_removed_and_it_is_said(visit, home, ids):
    app = visit(home, org=ids["j"])
    app.button(key="people-org-remove").click().run()
    assert "先把它们移走" in app.toast[0].value
    assert len(organisations.table(home, BOSS)) == 5


def test_a_person_is_changed_in_a_form(visit, home, ids):
    app = visit(home, person=ids["jp"])
    app.button(key="people-change").click().run()
    assert (app.text_input(key="person-name").value, app.text_input(key="person-phone").value) == (
        "李娜",
        "15400001234",
    )
    app.text_input(key="person-title").set_value("副局长").run()
    app.button(key="go-people-save").click().run()
    assert people.full(home, BOSS, ids["jp"])["title"] == "副局长"
    assert not [field for field in app.text_input if field.key == "person-name"]
    assert audit.search(home, BOSS, actions=["full"])[1] == 2


def test_a_new_person_and_what_is_wrong_with_it(visit, home, ids):
    app = visit(home, org=ids["j"])
    app.button(key="people-new").click().run()
    app.text_input(key="person-name").set_value("张三")
    app.text_input(key="person-phone").set_value("123")
    app.button(key="go-people-save").click().run()
    assert "不是电话号码" in app.error[0].value
    app.text_input(key="person-phone").set_value("15400001111")
    app.button(key="go-people-save").click().run()
    assert set(people.table(home, BOSS, ids["j"])["name"]) == {"李*", "张*"}


def test_an_organisation_is_added_and_changed(visit, home, ids):
    app = visit(home)
    app.button(key="people-org-new").click().run()
    app.text_input(key="org-name").set_value("青羊区生态环境局")
    app.selectbox(key="org-unit").set_value("青羊区")
    app.button(key="go-people-save").click().run()
    table = organisations.table(home, BOSS).set_index("name")
    assert (table.at["青羊区生态环境局", "unit"], table.at["青羊区生态环境局", "kind"]) == ("青羊区", "district")
    app = visit(home, org=table.at["青羊区生态环境局", "id"])
    app.button(key="people-org-edit").click().run()
    app.selectbox(key="org-parent").set_value(ids["bureau"])
    app.button(key="go-people-save").click().run()
    assert organisations.table(home, BOSS).set_index("name").at["青羊区生态环境局", "parent"] == ids["bureau"]


def test_a_turn_and_a_responsibility_are_added_in_forms(visit, home, ids):
    app = visit(home, part="duty")
    pick(app, add=f"{ids['j']} 2026-12-24")
    app.selectbox(key="duty-person").set_value(ids["jsp"])
    app.button(key="go-people-save").click().run()
    day = dt.date(2026, 12, 24)
    assert list(duties.roster(home, BOSS, day, day)["code"]) == ["j-2"]
    pick(app, give="grid 春熙网格1")
    app.selectbox(key="area-person").set_value(ids["jsp"])
    app.button(key="go-people-save").click().run()
    assert list(responsibilities.responsible(home, BOSS, "grid", "春熙网格1")["code"]) == ["j-2"]


def test_turns_and_responsibilities_are_taken_off_and_given_back(visit, home, ids):
    app = visit(home, part="duty", week="2026-11-16")
    assert "赵*" in text(app)
    pick(app, off=str(ids["bd"]))
    assert "已撤下一个班次" in text(app)
    assert ids["bd"] not in set(duties.roster(home, BOSS, dt.date(2026, 11, 20), dt.date(2026, 11, 20))["id"])
    app.button(key="people-undo-button").click().run()
    assert "b-1" in set(duties.roster(home, BOSS, dt.date(2026, 11, 20), dt.date(2026, 11, 20))["code"])
    pick(app, drop=str(ids["jr"]))
    assert responsibilities.responsible(home, BOSS, "street", "春熙街道").empty


def test_forged_links_of_a_district_officer_do_nothing(jinjiang, home, ids):
    app = jinjiang(home, part="duty", week="2026-11-16")
    for asked in (
        {"off": str(ids["wd"])},
        {"drop": str(ids["wr"])},
        {"off": "x"},
        {"off": "99999"},
        {"add": f"{ids['w']} 2026-12-24"},
    ):
        pick(app, **asked)
        assert not app.exception
    assert len(duties.roster(home, BOSS, dt.date(2026, 11, 20), dt.date(2026, 11, 20))) == 3
    assert len(responsibilities.table(home, BOSS)) == 2


def test_a_week_shows_gaps(visit, kept):
    home, _ids = kept
    page = html(visit(home, part="duty", week="2026-11-16"))
    assert page.count("sz-gap") == 18
    assert "11月16日" in page


@pytest.mark.parametrize("asked", [{"week": "x"}, {"page": "0"}, {"page": "999"}, {"page": "-1"}, {"kind": "moon"}])
def test_addresses_that_cant_be_are_taken_as_usual(visit, kept, asked):
    home, _ids = kept
    for part in ("people", "duty", "areas"):
        visit(home, part=part, **asked)


def test_a_file_is_seen_before_it_is_taken_in(visit, home, ids, tmp_path):
    rows = [["工号", "姓名", "所属机构"], ["N1", "张三", "锦江区生态环境局"], ["N2", "李四", "没有的局"]]
    path = workbook(tmp_path / "人员.xlsx", {"人员": rows})
    app = visit(home, part="import")
    app.file_uploader[0].upload(path.name, path.read_bytes(), "application/octet-stream").run()
    page = text(app)
    assert "张* (N1)" in page
    assert "没有叫“没有的局”的机构" in page
    assert len(people.table(home, BOSS)) == 5
    app.button(key="go-people-import").click().run()
    assert len(people.table(home, BOSS)) == 6


def test_an_export_is_for_who_may_and_safe(home, ids):
    people.change(home, BOSS, ids["jp"], title="=cmd()")
    content = publish.export(home, BOSS, "csv").decode("utf-8-sig")
    assert "李娜" in content
    assert "'=cmd()" in content
    assert publish.export(home, BOSS, "xlsx")[:2] == b"PK"
    assert list(audit.search(home, BOSS, actions=["export"])[0]["object"]) == ["people.xlsx", "people.csv"]
    with pytest.raises(Exception, match="export"):
        publish.export(home, officer("锦江区"), "csv")
    assert audit.search(home, BOSS, outcomes=["refused"])[1] == 1


def test_an_empty_home_says_what_to_do(visit, monkeypatch, tmp_path):
    home = open_home(tmp_path)
    assert "还没有组织与人员" in text(visit(home))
    with visiting(monkeypatch, "people", role="leader") as go:
        assert "import people" in text(go(home))


def test_english(visit, kept):
    home, _ids = kept
    assert "1 on duty of 5 people in 5 organisations" in text(visit(home, lang="en"))
