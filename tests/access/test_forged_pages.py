"""Somebody of 锦江区 opens pages at addresses that mean the protected records of 武侯区."""

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from shuzhi.registry import people
from shuzhi.store.selection import Selection
from tests.access.forging import ALL, AROUND, MODULES, OTHER, Truth, Who, everybody, forget
from tests.apps import visiting


def written(app: AppTest) -> str:
    """All that a run sends to the browser: html, lists, their options, tables, charts, what maps are told."""
    return "".join(element.proto.SerializeToString().decode("utf-8", "ignore") for element in _elements(app._tree))


def _elements(block):
    for child in getattr(block, "children", {}).values():
        yield from _elements(child)
    if hasattr(getattr(block, "proto", None), "SerializeToString"):
        yield block


def pages(truth: Truth) -> dict[str, tuple[str, dict]]:
    """Addresses of pages that mean the other district's records: page and parameters."""
    source, machine = (truth.other(name).dropna(subset="lon").iloc[0] for name in MODULES)
    staff = people.table(truth.home, ALL)
    person = staff[staff["unit"] == OTHER].iloc[0]
    area = ";".join(f"{lon},{lat}" for lon, lat in AROUND)
    here = f"{source['lon']:.6f},{source['lat']:.6f}"
    return {
        "list": ("sources", {}),
        "unit": ("sources", {"unit": OTHER}),
        "district": ("sources", {"district": OTHER}),
        "ids": ("sources", {"id": ",".join(truth.other("sources")["id"].head(20))}),
        "area": ("sources", {"area": area, "by": "street"}),
        "name": ("sources", {"q": source["name"]}),
        "day": ("sources", {"day": dt.date.today().isoformat(), "unit": OTHER}),
        "card": ("sources", {"source": source["id"]}),
        "machines": ("machines", {"unit": OTHER}),
        "machine ids": ("machines", {"id": ",".join(truth.other("machines")["id"].head(20))}),
        "machine": ("machines", {"machine": machine["id"]}),
        "people": ("people", {"org": person["organisation"], "q": person["code"], "person": person["id"]}),
        "people of a unit": ("people", {"q": OTHER}),
        "duties": ("people", {"part": "duty", "org": person["organisation"]}),
        "areas": ("people", {"part": "areas", "place": OTHER}),
        "map": ("map", {"show": "sources,machines,district", "s_unit": OTHER, "m_unit": OTHER}),
        "map card": ("map", {"show": "sources", "source": source["id"]}),
        "map machine": ("map", {"show": "machines", "machine": machine["id"]}),
        "map cell": ("map", {"show": "sources", "cell": f"sources:{here}"}),
        "map cell of machines": ("map", {"cell": f"machines:{machine['lon']:.6f},{machine['lat']:.6f}"}),
        "map place": ("map", {"place": f"district:{OTHER}"}),
        "map street": ("map", {"place": f"street:{source['street']}"}),
    }


def secrets_of(truth: Truth, who: Who, parameters: dict) -> set[str]:
    """What must not be written: whatever tells one of the other's records from the own ones, but what was asked."""
    found = set()
    for name in MODULES:
        columns = ("id", "name", "credit_code", "address") if name == "sources" else ("id", "code")
        other, own = truth.other(name), truth.rows(name)
        own = who.own(own) if name in who.registers else own.head(0)
        for column in columns:
            found |= set(other[column].dropna()) - set(own[column].dropna())
    staff = people.table(truth.home, ALL)
    if who.column in staff:
        found |= set(staff.loc[staff["unit"] == OTHER, "code"].dropna()) - set(who.own(staff)["code"].dropna())
    asked = ",".join(parameters.values())
    return {text for text in found if text not in asked}


@pytest.mark.parametrize(
    ("role", "first"),
    [("district_officer", "who"), ("district_officer", "boss"), ("grid_inspector", "boss"), ("enterprise", "boss")],
)
def test_pages(city, role, monkeypatch, first):
    """Whoever asks first, in the same process, is not answered to the other."""
    forget()
    who = next(one for one in everybody(city) if one.role == role)
    source = city.other("sources").dropna(subset="lon").iloc[0]
    for label, (page, parameters) in pages(city).items():
        said = {}
        for name in ("boss", "who") if first == "boss" else ("who", "boss"):
            asker = (who.role, who.places) if name == "who" else ("administrator", ())
            with visiting(monkeypatch, page, *asker) as go:
                said[name] = written(go(city.home, **parameters))
        leaked = {text for text in secrets_of(city, who, parameters) if text in said["who"]}
        assert not leaked, (label, sorted(leaked)[:5])
        assert "没有显示出来" not in said["who"], label
        if label in ("unit", "card", "map card"):
            assert any(text in said["boss"] for text in (source["credit_code"], source["name"])), label


def test_the_list_of_one_s_own_is_whole(city, role, monkeypatch):
    who = next(one for one in everybody(city) if one.role == role)
    count = len(who.own(city.chosen("sources", Selection())))
    with visiting(monkeypatch, "sources", who.role, who.places) as go:
        said = written(go(city.home))
        card = written(go(city.home, source=who.own(city.sources)["id"].iloc[0]))
    assert f"污染源 {count:,} 家" in said
    assert f"{len(city.chosen('sources', Selection())):,}" not in said
    assert who.own(city.sources)["credit_code"].iloc[0] in card
