"""Unified social credit codes (统一社会信用代码, GB 32100-2015) and the organisation code inside (GB 11714-1997).

A wrong check digit is a reason to look, not to refuse: pilots of 2014 and 2015 were given codes that fail the rule.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and letters without I, O, S, V, Z; a character counts as its place (GB 32100-2015, table 2)."""

GOOD, WRONG_LENGTH, WRONG_CHARACTER, WRONG_CHECK, WRONG_ORGANISATION = range(5)
"""What :func:`faults` tells."""

_WEIGHTS = np.array([pow(3, i, 31) for i in range(LENGTH - 1)])
_ORGANISATION = slice(8, 17)
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_NONE = 255


def _values(alphabet: str) -> np.ndarray:
    """Value of each byte, ``_NONE`` for those that are not in the alphabet."""
    table = np.full(256, _NONE, dtype=np.uint8)
    for value, character in enumerate(alphabet):
        table[ord(character)] = value
    return table


_VALUE = _values(ALPHABET)
_PLAIN_VALUE = _values("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def faults(codes: pa.Array | Sequence[str]) -> np.ndarray:
    """What is wrong with each code, in capitals and without blanks.

    Parameters
    ----------
    codes : array of string, n

    Returns
    -------
    int8 array, n
        ``GOOD``, ``WRONG_LENGTH``, ``WRONG_CHARACTER``, ``WRONG_CHECK`` (last character) or ``WRONG_ORGANISATION``
        (the check character of the organisation code, 17th); the first that applies. An absent code has the
        wrong length.
    """
    codes = pa.array(codes, type=pa.string()) if not isinstance(codes, pa.Array) else codes.cast(pa.string())
    found = np.full(len(codes), WRONG_LENGTH, dtype=np.int8)
    fitting = pc.fill_null(pc.and_(pc.equal(pc.binary_length(codes), LENGTH), pc.string_is_ascii(codes)), False)
    at = np.flatnonzero(fitting.to_numpy(zero_copy_only=False))
    if len(at):
        found[at] = _checked("".join(codes.take(pa.array(at)).to_pylist()))
    longer = pc.fill_null(pc.and_(pc.equal(pc.utf8_length(codes), LENGTH), pc.invert(pc.string_is_ascii(codes))), False)
    found[longer.to_numpy(zero_copy_only=False)] = WRONG_CHARACTER
    return found


def completed(beginnings: Sequence[str]) -> np.ndarray:
    """Whole codes from their first 16 characters: with the organisation code's check character and the last one.

    Parameters
    ----------
    beginnings : sequence of str, n
        16 characters each, all in ``ALPHABET``.

    Returns
    -------
    str array, n
    """
    raw = np.frombuffer("".join(beginnings).encode("ascii"), dtype=np.uint8).reshape(-1, LENGTH - 2)
    signs = np.frombuffer((ALPHABET + "X").encode("ascii"), dtype=np.uint8)
    organisation = -(_PLAIN_VALUE[raw[:, 8:]].astype(np.int32) @ _ORGANISATION_WEIGHTS) % 11
    seventeenth = np.where(organisation == 10, ord("X"), signs[organisation]).astype(np.uint8)
    raw = np.column_stack([raw, seventeenth])
    last = signs[-(_VALUE[raw].astype(np.int32) @ _WEIGHTS) % 31]
    return np.ascontiguousarray(np.column_stack([raw, last])).view(f"S{LENGTH}")[:, 0].astype(f"U{LENGTH}")


def _checked(text: str) -> np.ndarray:
    """Faults of codes of the right length, one after another in a text."""
    raw = np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(-1, LENGTH)
    values = _VALUE[raw].astype(np.int32)
    check = -(values[:, :-1] @ _WEIGHTS) % 31
    inner = _PLAIN_VALUE[raw[:, _ORGANISATION]].astype(np.int32)
    organisation = -(inner[:, :-1] @ _ORGANISATION_WEIGHTS) % 11
    stated = np.where(raw[:, 16] == ord("X"), 10, inner[:, -1])
    return np.select(
        [(values == _NONE).any(axis=1), values[:, -1] != check, stated != organisation],
        [WRONG_CHARACTER, WRONG_CHECK, WRONG_ORGANISATION],
        GOOD,
    )
