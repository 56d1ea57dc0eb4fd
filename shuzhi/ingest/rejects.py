"""Rejected rows (不合格记录): what could not be taken in, where it stood and why."""

from collections.abc import Iterable, Sequence
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
NO_ID = "neither number nor name"
NO_LABEL = "label number missing"
BAD_WORD = "unknown word"
BAD_INDUSTRY = "unknown industry"
BAD_UNIT = "unknown district"
UNKNOWN_MACHINE = "machine not in the register"
NO_KEY = "needed cell is empty"
BAD_DAY = "bad day"
BAD_PHONE = "bad phone number"
BAD_PLACE = "unknown place"
BAD_TEXT_LENGTH = "text too long"
NOT_TAKEN = "not taken in"
BEFORE_ISSUE = "valid before its issue"
TOO_FAR = "valid too far ahead"
BAD_PERIOD = "unknown period"

# Warnings: the row is taken in, someone should look.
CODE_LENGTH = "code of another length"
CODE_CHECK = "check character is wrong"
UNKNOWN_STREET = "street not in the register"
OTHER_PLACE = "street in another district"
ELSEWHERE = "position outside the district"
BROAD_INDUSTRY = "industry not to four digits"
OTHER_TYPE = "type taken as other"
NAMELESS = "name missing"

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
    NO_ID: N_("既无编号也无名称"),
    NO_LABEL: N_("缺少标牌号"),
    BAD_WORD: N_("取值无法识别"),
    BAD_INDUSTRY: N_("行业无法识别"),
    BAD_UNIT: N_("区（市）县无法识别"),
    UNKNOWN_MACHINE: N_("机械未登记"),
    NO_KEY: N_("缺少必填内容"),
    BAD_DAY: N_("日期有误"),
    BAD_PHONE: N_("电话号码有误"),
    BAD_PLACE: N_("责任区无法识别"),
    BAD_TEXT_LENGTH: N_("文字过长"),
    NOT_TAKEN: N_("未能登记"),
    BEFORE_ISSUE: N_("预报时间早于起报"),
    TOO_FAR: N_("预报时效过长"),
    BAD_PERIOD: N_("时段长度无法识别"),
    CODE_LENGTH: N_("代码位数不符"),
    CODE_CHECK: N_("代码校验位不符"),
    UNKNOWN_STREET: N_("街道未登记"),
    OTHER_PLACE: N_("街道与区（市）县不符"),
    ELSEWHERE: N_("坐标不在所填区（市）县"),
    BROAD_INDUSTRY: N_("行业未到小类"),
    OTHER_TYPE: N_("类型归入其他"),
    NAMELESS: N_("缺少名称"),
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

    def add_all(self, reason: str, detail: str, column: str | None, lines, stations: Sequence, raws: Sequence) -> None:
        """Note many at once, one of each sequence for each."""
        reason = f"{reason}: {detail}" if detail else reason
        for line, station, raw in zip(lines, stations, raws, strict=True):
            self.append(Reject(self.file, int(line), column, station, reason, raw[:200]))

    def in_order(self) -> "Rejects":
        """The same by line, rows without one first."""
        self.sort(key=lambda reject: reject.line or 0)
        return self


def frame(rejects: Iterable[Reject]) -> pd.DataFrame:
    """Rejected rows as a table: file, line, column, station, reason, raw."""
    return pd.DataFrame(list(rejects), columns=Reject._fields, dtype=object).astype({"line": "Int64"})
