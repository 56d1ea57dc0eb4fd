"""Tables that leave the house: CSV and Excel with units, station, edition and source.

Text that came from outside (names of stations) never becomes a formula in a spreadsheet.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import xlsxwriter

from shuzhi.i18n import _, language
from shuzhi.settings import BEIJING
from shuzhi.standards.factors import factors
from shuzhi.standards.levels import levels
from shuzhi.store.schema import DAY_ITEMS, ITEMS
from shuzhi.store.spreadsheet import plain

BOM = "\ufeff"
"""Tells a spreadsheet program that a CSV file is UTF-8."""
CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its name, lines about it (label, text), and its table with heads as shown.

    ``widths``: of the columns, in characters; text in them is wrapped. Without them all are of one width.
    """

    name: str
    notes: Sequence[tuple[str, str]]
    table: pd.DataFrame
    widths: Sequence[int] = ()


def hourly_table(hours: pd.DataFrame) -> pd.DataFrame:
    """An hourly table of :mod:`shuzhi.status.air` with heads for people: names, units; Beijing time."""
    return _headed(hours, _("时间（北京时间，小时末）"), hours["time"].dt.tz_convert(BEIJING), ITEMS)


def daily_table(days: pd.DataFrame) -> pd.DataFrame:
    """A daily table of :mod:`shuzhi.status.air` with heads for people, and whether the day is valid (HJ 663)."""
    table = _headed(days, _("日期"), pd.to_datetime(days["day"]).dt.date, DAY_ITEMS)
    table.insert(1, _("有效"), [_("是") if valid else _("否") for valid in days["valid"].eq(True)])
    return table


def _headed(source: pd.DataFrame, head: str, when: pd.Series, items: Sequence[str]) -> pd.DataFrame:
    known = factors()
    names = levels().set_index("level")[f"name_{language()}"]
    columns = {head: when.to_numpy(dtype=object)}
    if "station" in source:
        columns[_("站点编码")] = source["station"].fillna("").astype(str)
    for item in items:
        factor = known.loc[item.removesuffix("_8h")]
        window = "-8h" if item.endswith("_8h") else ""
        columns[f"{factor['symbol']}{window} ({factor['unit']})"] = source[item]
    columns["AQI"] = source["aqi"]
    columns[_("级别")] = source["level"].map(names).fillna("")
    columns[_("首要污染物")] = source["primary"].fillna("")
    columns[_("标准版本")] = source["edition"].map(lambda edition: f"HJ 633-{edition}", na_action="ignore").fillna("")
    return pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})


def to_csv(table: pd.DataFrame) -> bytes:
    """CSV in UTF-8 with BOM; times in ISO 8601 with +08:00; text can't become a formula.

    Parameters
    ----------
    table : DataFrame
        Heads as shown.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([plain(str(name)) for name in table])
    writer.writerows([_csv_cell(value) for value in row] for row in table.itertuples(index=False, name=None))
    return (BOM + buffer.getvalue()).encode()


def _csv_cell(value) -> str:
    if isinstance(value, str):
        return plain(value)
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Excel workbook, a sheet a table, notes above it; text is written as text, numbers as numbers, times as times."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "label": book.add_format({"font_color": "#5F6A66"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        }
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name[:31]), sheet, formats)
    return buffer.getvalue()


def _write_sheet(page, sheet: Sheet, formats: dict) -> None:
    for row, (label, text) in enumerate(sheet.notes):
        page.write_string(row, 0, label, formats["label"])
        page.write_string(row, 1, text)
    head = len(sheet.notes) + bool(sheet.notes)
    for column, name in enumerate(sheet.table):
        page.write_string(head, column, str(name), formats["head"])
        _write_column(page, head + 1, column, sheet.table[name], formats)
    page.set_column(0, 0, 24)
    page.set_column(1, max(1, sheet.table.shape[1] - 1), 14)
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width, formats["wrap"])
    page.freeze_panes(head + 1, 1)


def _write_column(page, first: int, column: int, values: pd.Series, formats: dict) -> None:
    for row, value in enumerate(values, first):
        if isinstance(value, str):
            page.write_string(row, column, value)
        elif value is None or value != value:
            continue
        elif isinstance(value, pd.Timestamp):
            page.write_datetime(row, column, value.tz_localize(None).to_pydatetime(), formats["time"])
        elif hasattr(value, "year"):
            page.write_datetime(row, column, value, formats["day"])
        else:
            page.write_number(row, column, float(value))
