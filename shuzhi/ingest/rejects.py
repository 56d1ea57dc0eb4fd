"""Rejected rows (不合格记录): what could not be taken in, where it stood and why."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from shuzhi.i18n import N_, _

UNREADABLE = "unreadable file"
BROKEN = "broken line"
TRUNCATED = "truncated last line"
UNKNOWN_TYPE = "unknown type"
BAD_TIME = "bad time"
FUTURE = "time in the future"
OTHER_DAY = "date differs from the file"
CONFLICT = "conflicting repetition"
NOT_A_NUMBER = "not a number"
NEGATIVE = "negative value"
OUT_OF_RANGE = "value out of range"
NO_CODE = "station code missing"
BAD_CODE = "bad station code"
BAD_TEXT = "unreadable characters"
BAD_FLAG = "bad flag"
NO_NAME = "section name missing"
BAD_CLASS = "unknown class"
OUTSIDE_CHINA = "coordinates outside China"
SWAPPED = "longitude and latitude swapped"

_LABELS = {
    UNREADABLE: N_("文件无法读取"),
    BROKEN: N_("列数不符"),
    TRUNCATED: N_("末行不完整"),
    UNKNOWN_TYPE: N_("未知的数据类型"),
    BAD_TIME: N_("时间有误"),
    FUTURE: N_("时间晚于当前"),
    OTHER_DAY: N_("日期与文件不符"),
    CONFLICT: N_("重复且内容不一致"),
    NOT_A_NUMBER: N_("不是数字"),
    NEGATIVE: N_("负值"),
    OUT_OF_RANGE: N_("超出合理范围"),
    NO_CODE: N_("缺少站点编码"),
    BAD_CODE: N_("站点编码有误"),
    BAD_TEXT: N_("字符无法识别"),
    BAD_FLAG: N_("标志有误"),
    NO_NAME: N_("缺少断面名称"),
    BAD_CLASS: N_("水质类别无法识别"),
    OUTSIDE_CHINA: N_("坐标不在中国境内"),
    SWAPPED: N_("经纬度颠倒"),
}


def kind(reason: str) -> str:
    """The kind of a reason, without its detail: ``'broken line: 57 fields'`` → ``'broken line'``."""
    return reason.partition(": ")[0]


def label(reason: str) -> str:
    """The kind of a reason, in the language of the reader."""
    return _(_LABELS.get(kind(reason), kind(reason)))


class Reject(NamedTuple):
    """One rejected row or cell."""

    file: str
    line: int | None
    column: str | None
    station: str | None
    reason: str
    raw: str


class Rejects(list[Reject]):
    """The rejected rows of one file."""

    def __init__(self, file: str):
        super().__init__()
        self.file = file

    def add(self, reason: str, detail: str = "", *, line=None, column=None, station=None, raw="") -> None:
        """Note one rejected row or cell.

        Parameters
        ----------
        reason, detail : str
            One of the kinds above, and what is particular here.
        line : int, optional
            Line in the file, the header being line 1.
        column, station : str, optional
        raw : str or bytes
            The cell or line as it stood in the file; long ones are cut.
        """
        if isinstance(raw, bytes):
            raw = raw[:400].decode(errors="replace")
        reason = f"{reason}: {detail}" if detail else reason
        self.append(Reject(self.file, None if line is None else int(line), column, station, reason, raw[:200]))


def frame(rejects: Iterable[Reject]) -> pd.DataFrame:
    """Rejected rows as a table: file, line, column, station, reason, raw."""
    return pd.DataFrame(list(rejects), columns=Reject._fields, dtype=object).astype({"line": "Int64"})
