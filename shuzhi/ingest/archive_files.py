"""The files of an archive: given one by one, as folders or as patterns; one file holds one day."""

import datetime as dt
import glob
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from shuzhi.errors import InputError

_MEMBER = re.compile(r"china_sites_\d{8}\.csv(\.gz)?$", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(\d{8})(?!\d)")


@dataclass(frozen=True)
class Member:
    """One file of the archive, the name that messages give it, and the day that its name says (None: none)."""

    path: Path
    name: str
    day: dt.date | None


def find(paths: Iterable[Path | str]) -> list[Member]:
    """All files meant by the paths, each once, in the order of their days.

    Folders are searched with their subfolders for ``china_sites_YYYYMMDD.csv[.gz]``; a file that is named itself is
    taken whatever it is called.

    Raises
    ------
    InputError
        If a path means no file at all.
    """
    found: dict[Path, None] = {}
    for path in paths:
        for file in _expand(Path(path)):
            found.setdefault(file.resolve(), None)
    if not found:
        raise InputError("no file was given; name the files, a folder or a pattern of the archive")
    names = _names(list(found))
    members = [Member(path, names[path], day_in_name(path)) for path in found]
    return sorted(members, key=lambda m: (m.day or dt.date.min, m.name))


def by_day(members: list[Member]) -> list[list[Member]]:
    """Members of the same day together; one without a day in its name stands alone."""
    groups = groupby(enumerate(members), key=lambda pair: pair[1].day or pair[0])
    return [[member for _, member in group] for _, group in groups]


def day_in_name(path: Path) -> dt.date | None:
    """The day in a file's name, ``china_sites_20190826.csv`` → 26 August 2019; None where there is none."""
    for digits in _DATE.findall(path.name):
        try:
            return dt.datetime.strptime(digits, "%Y%m%d").date()
        except ValueError:
            continue
    return None


def _expand(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if _MEMBER.search(file.name) and file.is_file())
        if not files:
            raise InputError("no china_sites_YYYYMMDD.csv[.gz] in this folder or below it", file=path)
        return files
    if path.exists():
        return [path]
    if glob.has_magic(str(path)):
        files = [file for match in sorted(glob.glob(str(path), recursive=True)) for file in _expand(Path(match))]
        if not files:
            raise InputError("no file fits this pattern", file=path)
        return files
    raise InputError("there is no such file or folder; check the path", file=path)


def _names(paths: list[Path]) -> dict[Path, str]:
    """The shortest end of each path that tells it from the others."""
    names = {path: path.name for path in paths}
    depth = 1
    while len(set(names.values())) < len(paths):
        depth += 1
        seen = list(names.values())
        names = {p: "/".join(p.parts[-depth:]) if seen.count(n) > 1 else n for p, n in names.items()}
    return names
