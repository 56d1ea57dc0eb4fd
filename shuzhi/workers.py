"""Processes that share work."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread


def pool(count: int) -> ProcessPoolExecutor:
    """A pool of ``count`` processes, which begin anew (spawn) and end with the one that asked for them, also if it is
    killed."""
    return ProcessPoolExecutor(count, get_context("spawn"), initializer=_watch)


def _watch() -> None:
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent_process().join()
    os._exit(1)
