"""Empty workbooks for deliveries: the columns of a register, what they mean and which values they take."""

from collections.abc import Mapping
from pathlib import Path

import xlsxwriter

from shuzhi.errors import InputError
from shuzhi.i18n import _, language
from shuzhi.ingest.template import REGISTERS, table
from shuzhi.registry.names import names_of

LISTS = {
    "inventory": {"permit_class": "permit_classes", "status": "statuses", "industry": "industries"},
    "machines": {"type": "machine_types", "stage": "stages", "fuel": "fuels"},
    "positions": {},
    "people_organisations": {"kind": "organisation_kinds"},
    "people_people": {},
    "people_duties": {"shift": "shifts"},
    "people_responsibilities": {"kind": "responsibility_places", "task": "responsibility_tasks"},
}
"""Fields whose values are listed, and the code lists of ``data/registers`` that list them."""

SEVERAL = {
    "people": {
        "people_organisations": "机构",
        "people_people": "人员",
        "people_duties": "值班",
        "people_responsibilities": "责任区",
    }
}
"""Workbooks of several sheets: template of each and its name, by which the door knows it."""

TEXTS = ("id", "credit_code", "permit_code", "industry", "code", "machine", "phone", "day")
"""Fields of digits that a spreadsheet must not take for numbers: it would drop zeros and round long ones."""

_FIRST, _LAST = 1, 5000
"""Rows of the sheet that offer the values to choose from."""
_LONGEST = 255  # characters of a list that Excel takes in a cell's rule


def write(register: str, path: Path | str) -> None:
    """Write an empty workbook; texts in the language spoken now, headers in Chinese, as the door reads them.

    Raises
    ------
    InputError
        If the register is unknown, the file is no xlsx, or it can't be written.
    """
    if register not in (*REGISTERS, *SEVERAL):
        raise InputError(f"there is no template “{register}”; use one of {', '.join((*REGISTERS, *SEVERAL))}")
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise InputError("a template is a workbook; give a name that ends in .xlsx", file=path)
    try:
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
            parts = SEVERAL.get(register) or {register: _("数据")}
            for part, title in parts.items():
                _data_sheet(book, part, title)
            _meanings_sheet(book, parts)
            _values_sheet(book, parts)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise InputError(f"the template can't be written ({error})", file=path) from error


def headers(register: str) -> dict[str, str]:
    """Field → header, with the unit of amounts."""
    units = {"t": "（t/a）", "kw": "（kW）"}
    return {row.field: row.names.split("|")[0] + units.get(row.unit, "") for row in _rows(register)}


def _rows(register: str):
    return table(register).itertuples(index=False)


def _data_sheet(book: xlsxwriter.Workbook, register: str, title: str) -> None:
    sheet = book.add_worksheet(title)
    bold, needed = _styles(book)
    text = book.add_format({"num_format": "@"})
    for column, row in enumerate(_rows(register)):
        sheet.write_string(0, column, headers(register)[row.field], needed if row.needed else bold)
        values = _values(register, row.field)
        if 0 < len(",".join(values)) <= _LONGEST:
            sheet.data_validation(
                _FIRST, column, _LAST, column, {"validate": "list", "source": values, "error_type": "warning"}
            )
        sheet.set_column(column, column, 18, text if row.field in TEXTS else None)
    sheet.freeze_panes(1, 0)


def _meanings_sheet(book: xlsxwriter.Workbook, parts: Mapping[str, str]) -> None:
    """What the columns mean; of several sheets each says which one it is in."""
    sheet = book.add_worksheet(_("填写说明"))
    bold, _needed = _styles(book)
    heads = [_("列"), _("必填"), _("含义"), _("示例"), _("也可写作")]
    sheet.write_row(0, 0, heads if len(parts) == 1 else [*heads, _("工作表")], bold)
    every = [(part, row) for part in parts for row in _rows(part)]
    for line, (part, row) in enumerate(every, start=1):
        meaning = row.meaning_zh if language() == "zh" else row.meaning_en
        aliases = "、".join(row.names.split("|")[1:])
        cells = [headers(part)[row.field], _("是") if row.needed else "", meaning, row.example, aliases]
        for column, cell in enumerate(cells if len(parts) == 1 else [*cells, parts[part]]):
            sheet.write_string(line, column, cell)
    sheet.set_column(0, 1, 18)
    sheet.set_column(2, 2, 60)
    sheet.set_column(3, 5, 40)


def _values_sheet(book: xlsxwriter.Workbook, parts: Mapping[str, str]) -> None:
    lists = [(headers(part)[field], codes) for part in parts for field, codes in LISTS[part].items()]
    if not lists:
        return
    sheet = book.add_worksheet(_("取值"))
    bold, _needed = _styles(book)
    for at, (header, codes) in enumerate(lists):
        names = names_of(codes)
        sheet.write_row(0, 3 * at, [header, _("英文名称"), _("代码")], bold)
        for line, (code, row) in enumerate(names.iterrows(), start=1):
            sheet.write_row(line, 3 * at, [row["name_zh"], row["name_en"], code])
        sheet.set_column(3 * at, 3 * at, 40)
    sheet.freeze_panes(1, 0)


def _styles(book: xlsxwriter.Workbook):
    return book.add_format({"bold": True}), book.add_format({"bold": True, "bg_color": "#DCE6F0"})


def _values(register: str, field: str) -> list[str]:
    codes = LISTS[register].get(field)
    return [] if codes is None else list(names_of(codes)["name_zh"])
