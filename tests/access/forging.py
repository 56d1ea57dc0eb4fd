"""Who asks for what: somebody of 锦江区, and the protected records of 武侯区.

What may come back is worked out here by hand, from what the whole city's scope sees; own records must come completely.
"""

import datetime as dt
import gc
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from shuzhi.access import rights
from shuzhi.api import map_rows
from shuzhi.api import tiles as tile_route
from shuzhi.api import wall as wall_route
from shuzhi.maps import search as map_search
from shuzhi.registry import machines, sources
from shuzhi.store import Scope
from shuzhi.store.selection import Selection
from shuzhi.ui.memo import Memo

OWN, OTHER = "锦江区", "武侯区"
ALL = Scope.all()
EVER = replace(Selection(), ever=True)
AROUND = ((103.0, 30.0), (105.0, 30.0), (105.0, 31.5), (103.0, 31.5))
MODULES = {"sources": sources, "machines": machines}


@dataclass(frozen=True)
class Who:
    """Somebody whom places bind, and the column of the registers that does."""

    role: str
    places: tuple[str, ...]
    column: str

    @property
    def scope(self) -> Scope:
        return rights.scope_of(self.role, self.places)

    @property
    def registers(self) -> tuple[str, ...]:
        """What of the registers may be seen at all: machines say no street and no credit code."""
        return ("sources", "machines") if self.column == "unit" else ("sources",)

    def own(self, table: pd.DataFrame) -> pd.DataFrame:
        """By hand: the rows of a table that may be seen."""
        return table[table[self.column].isin(self.places)]


@dataclass(frozen=True)
class Truth:
    """What there is, asked with every right."""

    home: object
    sources: pd.DataFrame
    machines: pd.DataFrame

    def rows(self, register: str) -> pd.DataFrame:
        return getattr(self, register)

    def chosen(self, register: str, selection: Selection) -> pd.DataFrame:
        """The rows of a selection, of the whole city."""
        return MODULES[register].rows(self.home, ALL, selection).to_pandas()

    def other(self, register: str) -> pd.DataFrame:
        rows = self.rows(register)
        return rows[rows["unit"] == OTHER]


def told(home) -> Truth:
    return Truth(home, *(module.rows(home, ALL, EVER).to_pandas() for module in MODULES.values()))


def everybody(truth: Truth) -> list[Who]:
    """An officer, an inspector of one of the district's streets, an enterprise."""
    rows = truth.sources
    one = rows[(rows["unit"] == OWN) & rows["valid_to"].isna()].iloc[0]
    return [
        Who("district_officer", (OWN,), "unit"),
        Who("grid_inspector", (one["street"],), "street"),
        Who("enterprise", (one["credit_code"],), "credit_code"),
    ]


def forged(truth: Truth, register: str) -> dict[str, Selection]:
    """Selections that mean the other district's records, one by each field that a selection has, and all of them."""
    other = truth.other(register)
    one, some = other.iloc[0], other["id"].head(50).tolist()
    made = {
        "nothing": Selection(),
        "unit": Selection.of(unit=[OTHER]),
        "both units": Selection.of(unit=[OWN, OTHER]),
        "ids": Selection.of(id=some),
        "area": Selection.of(polygon=AROUND),
        "text": Selection.of(text=one["id"][:4]),
        "ever": EVER,
        "past": Selection.of(day=dt.date(2025, 6, 1)),
        "future": Selection.of(day=dt.date(2027, 1, 1), unit=[OTHER]),
    }
    if register == "sources":
        made |= {
            "district": Selection.of(district=[OTHER]),
            "street": Selection.of(street=other["street"].unique().tolist()),
            "name": Selection.of(text=one["name"]),
            "code": Selection.of(text=one["credit_code"]),
            "industry": Selection.of(trees={"industry": ["A", "C", "D", "O"]}),
            "class": Selection.of(permit_class=["key", "simplified", "registered"]),
            "amount": Selection.of(ranges={"nox": (0, None)}),
            "all at once": Selection.of(one["name"][:2], None, AROUND, unit=[OTHER], district=[OWN, OTHER]),
        }
    else:
        made |= {
            "type": Selection.of(type=["excavator", "loader", "forklift"]),
            "seen": Selection.of(seen=["day", "week", "month", "older", "never"]),
            "forbidden": Selection.of(forbidden=["yes", "no"]),
            "power": Selection.of(ranges={"power": (0, None)}),
        }
    return made


def same(found: pd.DataFrame, due: pd.DataFrame) -> None:
    assert sorted(found["id"]) == sorted(due["id"])


def forget() -> None:
    """Nothing is kept: who asks first decides what is."""
    tile_route.kept.__init__(tile_route.KEPT)
    for kept in (wall_route._packed, map_search._index, map_rows._layer):
        kept.cache_clear()
    for made in gc.get_objects():
        if type(made) is Memo:
            made._entries.clear()
    st.cache_data.clear()
