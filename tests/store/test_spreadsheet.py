"""No table that leaves the house holds a formula from outside."""

import re
import zipfile
from io import BytesIO

import pandas as pd
import pytest

from shuzhi.publish.registers import export
from shuzhi.publish.tables import Sheet, to_csv, to_xlsx
from shuzhi.settings import ROOT
from shuzhi.store import Scope
from shuzhi.store.selection import Selection
from shuzhi.store.spreadsheet import guarded, plain
from tests import hostile

EVIL = ["=1+1", "+1+1", "-1+A1", "-1\n", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"]


@pytest.mark.parametrize("text", EVIL)
def test_what_would_start_a_formula_is_text(text):
    assert plain(text) == f"'{text}"
    assert guarded(pd.DataFrame({text: [text]})).to_dict("list") == {f"'{text}": [f"'{text}"]}
    assert f"'{text}" in to_csv(pd.DataFrame({"a": [text]})).decode()


def test_numbers_times_and_other_texts_stay():
    table = pd.DataFrame(
        {
            "number": [-1.5, None, 0, 0],
            "time": pd.to_datetime(["2026-01-01", None, None, None], utc=True),
            "text": pd.Series(["a=1", None, "b", ""], dtype="str"),
            "mixed": pd.Series([-1, "-1+A1", "-1.5", "+2"], dtype=object),
            "words": pd.Series(["=a", "b", "b", "b"], dtype="category"),
            "sure": [True, False, True, True],
        }
    )
    made = guarded(table)
    assert made["mixed"].tolist() == [-1, "'-1+A1", "-1.5", "+2"]
    assert made["words"].tolist() == ["'=a", "b", "b", "b"]
    pd.testing.assert_frame_equal(made.drop(columns=["mixed", "words"]), table.drop(columns=["mixed", "words"]))


def test_every_csv_is_guarded():
    """Wherever the product writes one."""
    files = [*(ROOT / "shuzhi").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    calls = [
        (file.name, line.strip())
        for file in files
        if "city" not in file.parts
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"\.to_csv\(|csv\.writer\(|\.write_csv\(", line)
    ]
    own = [call for call in calls if "guarded(" not in call[1] and "tables.to_csv(" not in call[1]]
    assert [name for name, _line in own] == ["registers.py", "tables.py"]  # which guard each cell themselves


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return hostile.home_of(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("register", ["sources", "machines"])
def test_registers_hold_no_formula(home, register):
    text = export(home, Scope.all(), register, Selection(), "csv").decode()
    assert "HYPERLINK" in text
    assert not re.search(r'(^|,)"?=', text, re.MULTILINE)
    assert formulas(export(home, Scope.all(), register, Selection(), "xlsx")) == []


def test_workbooks_hold_no_formula():
    table = pd.DataFrame({text: [text] for text in EVIL})
    assert formulas(to_xlsx([Sheet("a", [(text, text) for text in EVIL], table)])) == []


def formulas(workbook: bytes) -> list[str]:
    """Formulas and links of a workbook."""
    with zipfile.ZipFile(BytesIO(workbook)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    return [found for sheet in sheets for found in re.findall(r"<f[ >].*?</f>|<hyperlink.*?>", sheet)]
