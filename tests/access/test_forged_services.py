"""Somebody of 锦江区 asks every service for the protected records of 武侯区, with forged parameters."""

from dataclasses import replace

import pytest

from shuzhi.errors import NotFoundError, ScopeError
from shuzhi.registry import deliveries, machines, sources
from shuzhi.store.selection import Selection
from tests.access.forging import ALL, MODULES, forged, same


def test_the_test_would_notice(truth, who):
    """There is something to find of one's own, and something of the other's that must not be found."""
    for name in who.registers:
        assert len(who.own(truth.rows(name)))
        assert len(truth.other(name)) > 20
        assert len(truth.chosen(name, forged(truth, name)["unit"]))


@pytest.mark.parametrize("name", MODULES)
def test_rows_lists_and_counts(truth, who, name):
    module, home = MODULES[name], truth.home
    for label, selection in forged(truth, name).items():
        if name not in who.registers:
            for ask in (module.rows, module.search, module.facets):
                with pytest.raises(ScopeError):
                    ask(home, who.scope, selection)
            continue
        due = who.own(truth.chosen(name, selection))
        same(module.rows(home, who.scope, selection).to_pandas(), due)
        found = module.search(home, who.scope, selection, limit=10_000)
        assert (found.count, found.placed) == (len(due), due["lon"].notna().sum()), label
        same(found.rows, due)
        for field, counted in module.facets(home, who.scope, selection.without("unit")).items():
            if field in ("unit", "street", "permit_class", "status", "type", "stage", "fuel"):
                table = who.own(truth.chosen(name, selection.without("unit").without(field)))
                assert counted.to_dict() == table[field].value_counts().to_dict(), (label, field)


def test_totals_of_sources(truth, who):
    home = truth.home
    for label, selection in forged(truth, "sources").items():
        due = who.own(truth.chosen("sources", selection))
        for by in ("unit", "district", "street", "permit_class"):
            table = sources.totals(home, who.scope, selection, by).set_index("value")
            assert table["n"].to_dict() == due[by].value_counts().to_dict(), (label, by)
        for by in ("division", "cell"):
            table = sources.totals(home, who.scope, selection, by)
            counted = due if by == "division" else due.dropna(subset="lon")
            assert table["n"].sum() == len(counted), (label, by)
            assert table["nox"].sum() == pytest.approx(counted["nox"].sum())
        few = sources.concentration(home, who.scope, selection, "nox")
        assert few.total == pytest.approx(due["nox"].sum())
        assert few.emitting == (due["nox"] > 0).sum()
        assert sources.facets(home, who.scope, selection)["emits"]["nox"] == (due["nox"] > 0).sum() or selection.range(
            "nox"
        ) != (None, None)
    assert sources.figures(home, who.scope)["total"] == len(who.own(truth.chosen("sources", Selection())))


def test_counts_of_machines(truth, who):
    home = truth.home
    for label, selection in forged(truth, "machines").items():
        asked = (
            lambda s=selection: machines.counts(home, who.scope, s, "type"),
            lambda s=selection: machines.counts(home, who.scope, s, "power"),
            lambda s=selection: machines.cells(home, who.scope, s)["n"],
            lambda s=selection: machines.crossed(home, who.scope, s, "unit", "stage"),
        )
        if "machines" not in who.registers:
            for ask in asked:
                with pytest.raises(ScopeError):
                    ask()
            continue
        due = who.own(truth.chosen("machines", selection))
        types, powers, cells, crossed = (ask() for ask in asked)
        assert types.to_dict() == due["type"].value_counts().to_dict(), label
        assert powers.sum() == due["power"].notna().sum()
        assert cells.sum() == due["lon"].notna().sum()
        assert crossed.sum(axis=1).to_dict() == due["unit"].value_counts().to_dict()
    if "machines" in who.registers:
        assert machines.figures(home, who.scope)["total"] == len(who.own(truth.chosen("machines", Selection())))


@pytest.mark.parametrize("name", MODULES)
def test_one_record_its_history_and_its_track(truth, who, name):
    module, home, one = MODULES[name], truth.home, {"sources": sources.source, "machines": machines.machine}[name]
    today = truth.chosen(name, Selection())
    if name not in who.registers:
        for ask in (one, module.history, *([machines.track] if name == "machines" else [])):
            with pytest.raises(ScopeError):
                ask(home, who.scope, today["id"].iloc[0])
        return
    mine = set(who.own(today)["id"])
    for id in [*sorted(mine)[:40], *truth.other(name)["id"].head(40)]:
        due = who.own(truth.rows(name).query("id == @id"))
        same(module.history(home, who.scope, id), due)
        if id in mine:
            assert one(home, who.scope, id)["id"] == id
        else:
            with pytest.raises(NotFoundError):
                one(home, who.scope, id)
        if name == "machines" and id in mine:
            assert len(machines.track(home, who.scope, id)) == len(machines.track(home, ALL, id))
        elif name == "machines":
            with pytest.raises(NotFoundError):
                machines.track(home, who.scope, id)


def test_what_is_near(truth, who):
    today = truth.chosen("sources", Selection())
    middle = truth.other("sources").dropna(subset="lon").iloc[0]
    near = sources.nearest(truth.home, who.scope, middle["lon"], middle["lat"], 5000)
    same(near, who.own(today).dropna(subset="lon"))
    if "machines" in who.registers:
        found = machines.nearest(truth.home, who.scope, middle["lon"], middle["lat"], 5000)
        same(found, who.own(truth.chosen("machines", Selection())).dropna(subset="lon"))


def test_what_was_delivered_is_told_without_the_city_s_numbers(truth, who):
    for receipt in deliveries.receipts(truth.home, who.scope, "sources"):
        assert receipt.done is None
    assert all(receipt.done for receipt in deliveries.receipts(truth.home, ALL, "sources"))
    with pytest.raises(ScopeError):
        deliveries.undo(truth.home, replace(who.scope, rights=None), deliveries.listed(truth.home, "source")[0].id)
