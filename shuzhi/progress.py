"""How long work tells how far it is (进度)."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Called with (done, total, message); ``total`` 0 means that the amount is not known."""


def silent(done: int, total: int, message: str) -> None:
    """A progress that nobody watches."""
