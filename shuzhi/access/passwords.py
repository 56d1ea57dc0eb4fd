"""Passwords (口令): Argon2id, and the rules that a new one keeps."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from shuzhi.errors import InputError
from shuzhi.i18n import _

SHORTEST, LONGEST = 10, 256
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is mistaken for another
_hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106, section 4, second choice
_NOBODY = _hasher.hash(secrets.token_hex(16))


def made() -> str:
    """A password to be used once: 16 letters and digits, 92 bits."""
    return "".join(secrets.choice(_LETTERS) for _letter in range(16))


def digest(password: str) -> str:
    """What the ledger keeps of a password."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password; as slow where there is none to compare with."""
    try:
        return _hasher.verify(kept or _NOBODY, password[:LONGEST]) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def check(password: str, login: str) -> None:
    """Raise InputError unless a new password is long enough, not the login, and not one letter again and again."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(_("口令需要 {n} 到 {most} 个字符").format(n=SHORTEST, most=LONGEST))
    if login.casefold() in password.casefold() or len(set(password)) < 5:
        raise InputError(_("口令太容易猜到：不要包含账号名，至少用 5 种不同的字符"))
