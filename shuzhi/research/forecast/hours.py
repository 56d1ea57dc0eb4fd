"""The hourly forecast of every station and of the city, 72 hours ahead."""

import numpy as np
import pandas as pd

from shuzhi.research.forecast import naive, told
from shuzhi.research.forecast.panel import Panel

LEADS = np.arange(1, 73)
STEP = 12
"""Hours between the origins that count: forecasts of the same hours of the day, and of those opposite."""
VERIFIED = 60
"""Origins whose forecasts, when they have come true, give weights and intervals."""
DAYS = VERIFIED * STEP // 24 + 34
"""Days of readings that a forecast needs."""


def rows(panel: Panel) -> pd.DataFrame:
    """The forecast made at the last hour of a panel, as rows of the lake table ``forecast``."""
    origins = earlier(len(panel.times) - 1)

    def members(item: int) -> dict[str, np.ndarray]:
        return naive.of_hours(panel.values[:, :, item].astype(float), origins, LEADS)

    return told.rows(panel, origins, LEADS, members, everywhere=False)


def earlier(row: int) -> np.ndarray:
    """Rows of the origins that count for a forecast made at a row, itself the last."""
    back = STEP * np.arange(VERIFIED, -1, -1)
    return (row - back)[row - back >= 0]
