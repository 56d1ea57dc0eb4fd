"""What an import found, as one table for the people who mend the file."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.ingest.rejects import Reject, frame, label
from shuzhi.store.spreadsheet import guarded


def write(path: Path | str, rejected: Iterable[Reject], warnings: Iterable[Reject]) -> None:
    """Write a csv (UTF-8 with mark): file, line, column, row, what became of it, kind, reason, text as it stood.

    Raises
    ------
    InputError
        If the file can't be written.
    """
    tables = [frame(rejected).assign(outcome=_("隔离")), frame(warnings).assign(outcome=_("提示"))]
    table = pd.concat(tables, ignore_index=True).sort_values(["file", "line"], kind="stable", na_position="first")
    shown = {
        _("文件"): table["file"],
        _("行"): table["line"],
        _("列"): table["column"],
        _("对象"): table["station"],
        _("处理"): table["outcome"],
        _("问题"): table["reason"].map(label),
        _("原因"): table["reason"],
        _("原文"): table["raw"],
    }
    try:
        guarded(pd.DataFrame(shown)).to_csv(path, index=False, encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"the report can't be written ({error})", file=path) from error
