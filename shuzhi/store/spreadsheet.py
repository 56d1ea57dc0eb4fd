"""Text that came from outside never becomes a formula where a table is opened in a spreadsheet program (公式注入).

In a workbook text is written as text; what is written here is CSV, where a program guesses by the first sign.
"""

import re

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so may be run as a formula; the wide signs too, where the program speaks Chinese."""

_NUMBER = re.compile(r"[+-]\d+(\.\d+)?")
"""A number with its sign, which no program takes for anything else."""


def plain(text: str) -> str:
    """Text that a spreadsheet program takes as text: an apostrophe goes before what would start a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text) else text


def guarded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its heads and texts as :func:`plain` makes them; numbers and times stay what they are."""
    made = table.rename(columns=lambda name: plain(str(name)))
    for at, kind in enumerate(made.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            made.isetitem(at, made.iloc[:, at].map(lambda cell: plain(cell) if isinstance(cell, str) else cell))
    return made
