"""The ledger's time: UTC without a zone, to the microsecond."""

import datetime as dt

from shuzhi.settings import settings


def now() -> dt.datetime:
    """This moment, as the ledger keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def too_old(session) -> bool:
    """Whether a person's session is past its absolute limit, or was idle for too long."""
    moment = now()
    return moment >= session.expires_at or moment - session.seen_at >= dt.timedelta(minutes=settings().idle_minutes)
