"""Hand out (交付): every file that leaves the house goes through here: the right is asked for, the event is kept."""

from collections.abc import Callable

from shuzhi.access import audit
from shuzhi.errors import ScopeError
from shuzhi.store import Home, Scope


def hand_out(home: Home, scope: Scope, dataset: str, file: str, make: Callable[[], bytes], **detail) -> bytes:
    """A file for somebody who may export the data set.

    Parameters
    ----------
    file : str
        Its name, for the audit.
    make : callable
        Makes it; called only where it may be.
    **detail
        What else the audit should know: what was chosen, how many rows.

    Raises
    ------
    ScopeError
        If the data set may not be exported, which is an event as well; or the person's session has ended.
    """
    try:
        scope.require(dataset, "export")
    except ScopeError:
        audit.refused(home, scope.actor, "export", dataset, file)
        raise
    content = make()
    audit.record(home, scope.actor, "export", dataset, file, bytes=len(content), **detail)
    return content
