"""Empty workbooks for deliveries: the columns of a register, what they mean and which values they take."""

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
}
"""Fields whose values are listed, and the code lists of ``data/registers`` that list them."""

TEXTS = ("id", "credit_code", "permit_code", "industry", "code", "machine")
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
    if register not in REGISTERS:
        raise InputError(f"there is no template “{register}”; use one of {', '.join(REGISTERS)}")
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise InputError("a template is a workbook; give a name that ends in .xlsx", file=path)
    try:
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
            _data_sheet(book, register)
            _meanings_sheet(book, register)
            _values_sheet(book, register)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise InputError(f"the template can't be written ({error})", file=path) from error


def headers(register: str) -> dict[str, str]:
    """Field → header, with the unit of amounts."""
    units = {"t": "（t/a）", "kw": "（kW）"}
    return {row.field: row.names.split("|")[0] + units.get(row.unit, "") for row in _rows(register)}


def _rows(register: str):
    return table(register).itertuples(index=False)


def _data_sheet(book: xlsxwriter.Workbook, register: str) -> None:
    sheet = book.add_worksheet(_("数据"))
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


def _meanings_sheet(book: xlsxwriter.Workbook, register: str) -> None:
    sheet = book.add_worksheet(_("填写说明"))
    bold, _needed = _styles(book)
    sheet.write_row(0, 0, [_("列"), _("必填"), _("含义"), _("示例"), _("也可写作")], bold)
    for line, row in enumerate(_rows(register), start=1):
        meaning = row.meaning_zh if language() == "zh" else row.meaning_en
        aliases = "、".join(row.names.split("|")[1:])
        cells = [headers(register)[row.field], _("是") if row.needed else "", meaning, row.example, aliases]
        for column, cell in enumerate(cells):
            sheet.write_string(line, column, cell)
    sheet.set_column(0, 1, 18)
    sheet.set_column(2, 2, 60)
    sheet.set_column(3, 4, 40)


def _values_sheet(book: xlsxwriter.Workbook, register: str) -> None:
    if not LISTS[register]:
        return
    sheet = book.add_worksheet(_("取值"))
    bold, _needed = _styles(book)
    for at, (field, codes) in enumerate(LISTS[register].items()):
        names = names_of(codes)
        sheet.write_row(0, 3 * at, [headers(register)[field], _("英文名称"), _("代码")], bold)
        for line, (code, row) in enumerate(names.iterrows(), start=1):
            sheet.write_row(line, 3 * at, [row["name_zh"], row["name_en"], code])
        sheet.set_column(3 * at, 3 * at, 40)
    sheet.freeze_panes(1, 0)


def _styles(book: xlsxwriter.Workbook):
    return book.add_format({"bold": True}), book.add_format({"bold": True, "bg_color": "#DCE6F0"})


def _values(register: str, field: str) -> list[str]:
    codes = LISTS[register].get(field)
    return [] if codes is None else list(names_of(codes)["name_zh"])
