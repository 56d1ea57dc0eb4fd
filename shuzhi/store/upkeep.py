"""Upkeep (维护): what keeps a lake that is written every hour as quick as on its first day."""

from shuzhi.store.home import Home
from shuzhi.store.schema import TABLES


def compact(home: Home) -> dict[str, int]:
    """Merge the small files of every table; returns how many were merged away, by table."""
    with home.writer():
        merged = {name: home.lake.compact(name) for name in TABLES}
    home.changed()
    return merged
