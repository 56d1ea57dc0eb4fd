"""Results that all sessions share, kept by the arguments that made them.

``st.cache_resource`` does the same and asks more of it: it pickles and digests every argument at each call, which on a
page of a dozen cached parts costs more than drawing some of them. Here an argument is a key as it is.
"""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class _Entry:
    lock: Lock = field(default_factory=Lock)
    made: bool = False
    value: object = None


class Memo:
    """A function whose newest results are kept; two threads that ask for the same one make it once.

    Parameters
    ----------
    function : callable
        With positional parameters. One whose name begins with ``_`` is handed over but is no part of the key; the
        others must be hashable.
    max_entries : int
        Results kept; the one that was asked for longest ago goes first.
    """

    def __init__(self, function: Callable, max_entries: int):
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self._function, self._max_entries = function, max_entries
        names = inspect.signature(function).parameters
        self._counts = [at for at, name in enumerate(names) if not name.startswith("_")]
        self._lock = Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def __call__(self, *arguments):
        """The kept result, or a new one; an error is not kept."""
        entry = self._entry(tuple(arguments[at] for at in self._counts))
        if not entry.made:
            with entry.lock:
                if not entry.made:
                    entry.value = self._function(*arguments)
                    entry.made = True
        return entry.value

    def _entry(self, key: Hashable) -> _Entry:
        with self._lock:
            if key not in self._entries:
                self._entries[key] = _Entry()
            entry = self._entries[key]
            self._entries.move_to_end(key)
            if len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)
            return entry
