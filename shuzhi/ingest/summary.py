"""What an import did, for people and for programs."""

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass, field

from shuzhi.i18n import _
from shuzhi.ingest.rejects import label
from shuzhi.settings import BEIJING

REGISTERS = ("inventory", "machines")
"""Kinds whose deliveries are whole registers."""

_LISTS = ("stations", "sections", "layer", "positions", "people", *REGISTERS)


@dataclass
class ImportSummary:
    """Result of one import.

    Attributes
    ----------
    import_id, kind : str
        ``kind`` is 'stations', 'sections', 'weather', 'water-stations', 'air-archive', 'inventory', 'machines',
        'positions', 'people' or 'weather-forecast'.
    files : int
    failed : list of str
        Files that could not be read at all, and why.
    lines : int
        Data lines in the files.
    rows_in : int
        Readings (cells with a value) in the lines that could be read; for a list of stations its rows.
    new, unchanged, corrected : int
        What the store made of them; for stations and registers ``corrected`` are the changed ones.
    closed : int
        Rows of a register that a delivery no longer has; of people the turns that a roster no longer has.
    duplicates : int
        Repetitions with the same content, dropped.
    quarantined : int
        Rows or cells in quarantine; ``reasons`` counts them by kind.
    span : (datetime, datetime), optional
        First and last stamp (end of the period), UTC.
    sites : int
    created : list of str
        Stations that the register did not know.
    notes : list of str
    warnings : dict
        What was taken in and should be looked at, counted by kind.
    """

    import_id: str
    kind: str
    files: int = 0
    failed: list[str] = field(default_factory=list)
    lines: int = 0
    rows_in: int = 0
    new: int = 0
    unchanged: int = 0
    corrected: int = 0
    closed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    span: tuple[dt.datetime, dt.datetime] | None = None
    sites: int = 0
    created: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)

    @property
    def stored(self) -> int:
        """Rows that are in the store now because of this import or were there already."""
        return self.new + self.unchanged + self.corrected

    def as_dict(self) -> dict:
        """Ready for JSON; times in Beijing."""
        span = [_beijing(time).isoformat() for time in self.span] if self.span else None
        return {**asdict(self), "span": span}

    def text(self) -> str:
        """A few lines for a person."""
        rows = [(_("文件"), _files(self))]
        rows.append((_("数据"), _("{lines} 行").format(lines=f"{self.lines:,}") + _readings(self)))
        rows.append((_("入库"), _stored(self)))
        rows.append((_("隔离"), _quarantined(self)))
        if self.warnings:
            rows.append((_("提示"), _counted(self.warnings)))
        if self.span:
            first, last = (f"{_beijing(time):%Y-%m-%d %H:%M}" for time in self.span)
            rows.append((_("时段"), _("{first} 至 {last}（北京时间）").format(first=first, last=last)))
        rows += [(_things(self.kind), _sites(self))] if self.sites else []
        rows += [(_("未读"), failure) for failure in self.failed]
        rows += [(_("说明"), note) for note in gathered(self.notes)]
        return "\n".join(f"{name}  {text}" for name, text in rows)


def gathered(notes: list[str]) -> list[str]:
    """The same note about many files, said once."""
    files: dict[str, list[str]] = {}
    for note in notes:
        file, mark, message = note.partition(": ")
        files.setdefault(message if mark else note, []).append(file)
    several = _("{message}（{n} 个文件，{first} 等）")
    return [
        several.format(message=message, n=len(names), first=names[0])
        if len(names) > 1
        else (f"{names[0]}: {message}" if names[0] != message else message)
        for message, names in files.items()
    ]


def _files(summary: ImportSummary) -> str:
    text = _("{n} 个").format(n=summary.files)
    return text + (_("，其中 {n} 个无法读取").format(n=len(summary.failed)) if summary.failed else "")


def _readings(summary: ImportSummary) -> str:
    return "" if summary.kind in _LISTS else _("，{n} 个数").format(n=f"{summary.rows_in:,}")


def _stored(summary: ImportSummary) -> str:
    if summary.kind in (*REGISTERS, "people"):
        return _delivered(summary)
    text = _("新增 {new}，未变 {unchanged}，更正 {corrected}").format(
        new=f"{summary.new:,}", unchanged=f"{summary.unchanged:,}", corrected=f"{summary.corrected:,}"
    )
    return text + (_("，重复 {n}").format(n=f"{summary.duplicates:,}") if summary.duplicates else "")


def _quarantined(summary: ImportSummary) -> str:
    if not summary.quarantined:
        return "0"
    return _("{n}（{parts}）").format(n=f"{summary.quarantined:,}", parts=_counted(summary.reasons))


def _counted(kinds: dict[str, int]) -> str:
    merged = Counter()
    for reason, count in kinds.items():
        merged[label(reason)] += count
    return "，".join(f"{name} {count:,}" for name, count in merged.most_common())


def _delivered(summary: ImportSummary) -> str:
    text = _("新增 {new}，变更 {changed}，注销 {closed}，未变 {unchanged}").format(
        new=f"{summary.new:,}",
        changed=f"{summary.corrected:,}",
        closed=f"{summary.closed:,}",
        unchanged=f"{summary.unchanged:,}",
    )
    return text + (_("，重复 {n}").format(n=f"{summary.duplicates:,}") if summary.duplicates else "")


def _things(kind: str) -> str:
    names = {"inventory": _("污染源"), "machines": _("机械"), "positions": _("机械"), "people": _("人员")}
    return names.get(kind) or _("站点")


def _sites(summary: ImportSummary) -> str:
    text = f"{summary.sites:,}"
    if summary.created:
        names = ", ".join(summary.created[:5]) + (" …" if len(summary.created) > 5 else "")
        text += _("，新登记 {n}（{names}）").format(n=len(summary.created), names=names)
    return text


def _beijing(time: dt.datetime) -> dt.datetime:
    return time.astimezone(BEIJING)
