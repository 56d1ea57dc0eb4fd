"""A few organisations and people of two units, for tests."""

import datetime as dt

from shuzhi.access.rights import scope_of
from shuzhi.registry import duties, organisations, people, places, responsibilities
from shuzhi.store import Actor, Home, Scope

BOSS = Scope.all(Actor("system", "root", "root"))
DAY = dt.date(2026, 11, 20)


def square(lon: float, lat: float) -> dict:
    edge = [[lon, lat], [lon + 0.01, lat], [lon + 0.01, lat + 0.01], [lon, lat + 0.01], [lon, lat]]
    return {"type": "Polygon", "coordinates": [edge]}


def officer(*units: str) -> Scope:
    """A district officer of these units."""
    from dataclasses import replace

    actor = Actor("account", "officer", "officer")
    return replace(scope_of("district_officer", units), actor=actor)


def staffed(home: Home) -> dict[str, str]:
    """Two districts with a street and a station each, below the city bureau; ids by short names."""
    new = places.NewPlace
    places.replace(
        home,
        "street",
        [
            new("春熙街道", square(104.08, 30.65), unit="锦江区", parent="锦江区"),
            new("浆洗街街道", square(104.04, 30.63), unit="武侯区", parent="武侯区"),
        ],
        source="test",
    )
    new_grid = [new("春熙网格1", square(104.08, 30.65)), new("浆洗街网格1", square(104.04, 30.63))]
    places.replace(home, "grid", new_grid, source="test")
    add = organisations.add
    ids = {"bureau": add(home, BOSS, "市生态环境局", "bureau")}
    for key, unit, street in (("j", "锦江区", "春熙街道"), ("w", "武侯区", "浆洗街街道")):
        ids[key] = add(home, BOSS, f"{unit}生态环境局", "district", ids["bureau"], unit)
        ids[f"{key}s"] = add(home, BOSS, f"{street}生态环境所", "street", ids[key], None, street)
        ids[f"{key}p"] = people.add(
            home, BOSS, "李娜" if key == "j" else "欧阳明", ids[key], code=f"{key}-1", phone="15400001234", title="科长"
        )
        ids[f"{key}sp"] = people.add(home, BOSS, "王强", ids[f"{key}s"], code=f"{key}-2", phone="15400005678")
        ids[f"{key}d"] = duties.add(home, BOSS, DAY, "day", ids[key], ids[f"{key}p"])
        ids[f"{key}r"] = responsibilities.add(home, BOSS, ids[f"{key}sp"], "street", street)
    ids["bp"] = people.add(home, BOSS, "赵云", ids["bureau"], code="b-1", phone="15400009999")
    ids["bd"] = duties.add(home, BOSS, DAY, "night", ids["bureau"], ids["bp"])
    return ids
