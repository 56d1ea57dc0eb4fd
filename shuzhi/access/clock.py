"""The ledger's time: UTC without a zone, to the microsecond."""

import datetime as dt


def now() -> dt.datetime:
    """This moment, as the ledger keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
