"""The home's key (密钥): seals the audit chain and forms. It lives outside the source tree and the ledger."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from shuzhi.settings import settings
from shuzhi.store.home import Home

_BYTES = 32


def key(home: Home) -> bytes:
    """The key of this home, made on first use; two processes that make it agree."""
    return _read(settings().secret_file or home.path / "secret.key")


def seal(home: Home, purpose: str, text: str) -> str:
    """HMAC-SHA256 of a text in hexadecimal; a seal for one purpose is none for another."""
    return sealer(home, purpose)(text)


def sealer(home: Home, purpose: str) -> Callable[[str], str]:
    """The seal for one purpose as a function of the text: for many of them the key is read once."""
    begun = hmac.new(key(home), f"{purpose}\0".encode(), hashlib.sha256)

    def sealed(text: str) -> str:
        one = begun.copy()
        one.update(text.encode())
        return one.hexdigest()

    return sealed


@lru_cache(maxsize=8)
def _read(path: Path) -> bytes:
    if not path.exists():
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_bytes()
