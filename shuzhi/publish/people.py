"""People as a file: all that are covered, as CSV or Excel; masked unless full records may be seen.

Text that came from outside never becomes a formula in a spreadsheet.
"""

from functools import partial

import pandas as pd

from shuzhi.i18n import N_, _
from shuzhi.publish import tables
from shuzhi.publish.hand_out import hand_out
from shuzhi.registry import people
from shuzhi.registry.reach import DATASET
from shuzhi.store import Home, Scope

FORMATS = {"csv": tables.CSV_TYPE, "xlsx": tables.XLSX_TYPE}
"""Ending of the file → its type."""

_HEADS = {
    "code": N_("工号"),
    "name": N_("姓名"),
    "title": N_("职务"),
    "phone": N_("电话"),
    "organisation_name": N_("机构"),
    "unit": N_("管理单位"),
    "street": N_("街道"),
}


def export(home: Home, scope: Scope, ending: str) -> bytes:
    """The people that a scope covers.

    Parameters
    ----------
    ending : str
        One of ``FORMATS``.

    Raises
    ------
    ScopeError
        If people may not be exported.
    """
    whole = scope.may(DATASET, "full")
    rows = people.export(home, scope) if scope.may(DATASET, "export") else pd.DataFrame()
    return hand_out(home, scope, DATASET, f"people.{ending}", partial(_made, rows, ending), rows=len(rows), full=whole)


def _made(rows: pd.DataFrame, ending: str) -> bytes:
    table = pd.DataFrame({_(label): rows[column].astype(object) for column, label in _HEADS.items()})
    table = table.where(table.notna(), None)
    return tables.to_csv(table) if ending == "csv" else tables.to_xlsx([tables.Sheet(_("人员"), [], table)])
