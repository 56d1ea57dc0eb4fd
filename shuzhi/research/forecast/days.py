"""The daily forecast of every station, district and of the city, one to seven days ahead.

Districts and the city are forecast as series of their own, not from the forecasts of their stations: the intervals are
then those of their own errors, and a mean of many is told with more certainty than any of them.
"""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import naive, told
from shuzhi.research.forecast.panel import Panel

LEADS = np.arange(1, 8)
VERIFIED = 120
"""Days whose forecasts, when they have come true, give weights and intervals."""


def rows(panel: Panel, row: int | None = None) -> pd.DataFrame:
    """The forecast made at the end of a day, as rows of the lake table ``forecast``.

    Parameters
    ----------
    panel : Panel
        Of days.
    row : int, optional
        The day, by default the last; what the panel has after it isn't looked at.
    """
    known = panel if row is None else panel.until(row)
    origins = earlier(len(known.times) - 1)

    def members(item: int) -> dict[str, np.ndarray]:
        return naive.of_days(known.values[:, :, item].astype(float), known.times, origins, LEADS)

    return told.rows(known, origins, LEADS, members)


def earlier(row: int) -> np.ndarray:
    """Rows of the origins that count for a forecast made at a row, itself the last."""
    return np.arange(max(row - VERIFIED - LEADS[-1], 0), row + 1)
