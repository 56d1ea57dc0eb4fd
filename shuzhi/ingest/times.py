"""Columns of times, as people and devices write them."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.errors import InputError

BEIJING_MINUTES = 8 * 60

_PARTED = (
    r"^(?P<y>\d{4})[-/.年](?P<mo>\d{1,2})[-/.月](?P<d>\d{1,2})日?[T\s]*"
    r"(?P<h>\d{1,2})[:时](?P<mi>\d{1,2})(?:[:分](?P<s>\d{1,2})(?:\.(?P<f>\d{1,9}))?)?[秒分]?\s*"
    r"(?P<z>Z|z|[+-]\d{2}:?\d{2})?$"
)
_SOLID = (
    r"^(?P<y>\d{4})(?P<mo>\d{2})(?P<d>\d{2})[T\s]?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})(?P<f>)"
    r"(?P<z>Z|z|[+-]\d{2}:?\d{2})?$"
)
_OFFSET = re.compile(r"[+-]\d{2}:?\d{2}")


def offset(zone: str | None) -> int:
    """Minutes by which a zone is ahead of UTC: ``+08:00``, ``Z``, ``UTC``, ``Asia/Shanghai``; by default Beijing's.

    Raises
    ------
    InputError
        If the zone is none of these.
    """
    if zone is None or zone in ("Asia/Shanghai", "Beijing", "北京"):
        return BEIJING_MINUTES
    if zone in ("Z", "UTC"):
        return 0
    if not _OFFSET.fullmatch(zone):
        raise InputError(f"unknown zone “{zone}”; use +08:00, UTC or Asia/Shanghai")
    return _minutes(zone)


def to_utc(cells: pa.Array, minutes: int = BEIJING_MINUTES) -> tuple[np.ndarray, np.ndarray]:
    """Text cells as times.

    Parameters
    ----------
    cells : pyarrow array of string, n
        ``2026-11-25 08:00:00``, ``2026/11/25 8:00``, ``2026年11月25日8时0分``, ``20261125080000``; a zone may
        follow.
    minutes : int
        By how much the zone of times without one is ahead of UTC.

    Returns
    -------
    datetime64[us] array, n
        UTC; NaT where there is no time.
    bool array, n
        True where something stands that is no time.
    """
    times = np.full(len(cells), np.datetime64("NaT", "us"))
    for pattern in (_PARTED, _SOLID):
        parts = pc.extract_regex(cells, pattern)
        found = pc.is_valid(parts).to_numpy(zero_copy_only=False)
        if found.any():
            times[found] = _times(parts.filter(pa.array(found)), minutes)
    return times, np.isnat(times) & pc.not_equal(cells, "").to_numpy(zero_copy_only=False)


def _times(parts: pa.Array, minutes: int) -> np.ndarray:
    """Times of parts; NaT for days and hours that there are not."""
    year, month, day, hour, minute, second = (_whole(parts, name) for name in ("y", "mo", "d", "h", "mi", "s"))
    months = (year - 1970).astype("M8[Y]").astype("M8[M]") + np.clip(month - 1, 0, 11)
    days = months.astype("M8[D]") + (day - 1)
    real = (month >= 1) & (month <= 12) & (days.astype("M8[M]") == months) & (day >= 1)
    real &= (hour < 24) & (minute < 60) & (second < 60) & (year >= 1900)
    fraction = pc.utf8_rpad(pc.utf8_slice_codeunits(pc.struct_field(parts, "f"), 0, 6), 6, "0")
    micro = fraction.cast(pa.int64()).to_numpy(zero_copy_only=False)
    ahead = _offsets(pc.struct_field(parts, "z"), minutes)
    elapsed = ((hour * 60 + minute - ahead) * 60 + second) * 1_000_000 + micro
    return np.where(real, days.astype("M8[us]") + elapsed.astype("m8[us]"), np.datetime64("NaT", "us"))


def _whole(parts: pa.Array, name: str) -> np.ndarray:
    text = pc.struct_field(parts, name)
    return pc.if_else(pc.equal(text, ""), "0", text).cast(pa.int64()).to_numpy(zero_copy_only=False)


def _offsets(zones: pa.Array, minutes: int) -> np.ndarray:
    """Minutes ahead of UTC of zones: empty, Z or an offset."""
    words = zones.dictionary_encode()
    known = {"": minutes, "Z": 0, "z": 0}
    each = [known[word] if word in known else _minutes(word) for word in words.dictionary.to_pylist()]
    return np.array(each, dtype=np.int64)[words.indices.to_numpy()]


def _minutes(zone: str) -> int:
    digits = zone[1:].replace(":", "")
    return (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))
