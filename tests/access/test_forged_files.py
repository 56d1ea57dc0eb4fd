"""Somebody of 锦江区 asks for files of the protected records of 武侯区."""

import io

import geopandas as gpd
import pandas as pd
import pytest

from shuzhi.errors import ScopeError
from shuzhi.publish.registers import FORMATS, export, export_cells
from shuzhi.registry.names import head
from shuzhi.store.selection import Selection
from tests.access.forging import MODULES, forged, same


@pytest.mark.parametrize("ending", FORMATS)
def test_exports(truth, who, ending):
    for label in ("nothing", "unit", "ids", "past", "ever") if ending == "csv" else ("nothing", "ids"):
        for name in MODULES:
            selection = forged(truth, name)[label]
            if not who.scope.may(name, "export") or name not in who.registers:
                with pytest.raises(ScopeError):
                    export(truth.home, who.scope, name, selection, ending)
                continue
            content = export(truth.home, who.scope, name, selection, ending)
            same(_opened(content, ending), who.own(truth.chosen(name, selection)))


def _opened(content: bytes, ending: str) -> pd.DataFrame:
    file = io.BytesIO(content)
    if ending == "parquet":
        return gpd.read_parquet(file)
    if ending == "gpkg":
        return gpd.read_file(file)
    table = pd.read_csv(file, dtype=str) if ending == "csv" else pd.read_excel(file, dtype=str, engine="calamine")
    return table.rename(columns={head("id"): "id"})


def test_exports_of_cells(truth, who):
    for name in MODULES:
        if not who.scope.may(name, "export") or name not in who.registers:
            with pytest.raises(ScopeError):
                export_cells(truth.home, who.scope, name, Selection())
            continue
        table = pd.read_csv(io.BytesIO(export_cells(truth.home, who.scope, name, Selection())))
        due = who.own(truth.chosen(name, Selection())).dropna(subset="lon")
        assert table["数量"].sum() == len(due)
