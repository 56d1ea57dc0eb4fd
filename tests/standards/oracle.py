"""The law once more, one number at a time in exact arithmetic, written apart from the code that it checks."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import ceil

INDICES = (0, 50, 100, 150, 200, 300, 400, 500)

BREAKPOINTS_2012 = {
    ("so2", "24h"): "0 50 150 475 800 1600 2100 2620",
    ("so2", "1h"): "0 150 500 650 800",
    ("no2", "24h"): "0 40 80 180 280 565 750 940",
    ("no2", "1h"): "0 100 200 700 1200 2340 3090 3840",
    ("pm10", "24h"): "0 50 150 250 350 420 500 600",
    ("co", "24h"): "0 2 4 14 24 36 48 60",
    ("co", "1h"): "0 5 10 35 60 90 120 150",
    ("o3", "1h"): "0 160 200 300 400 800 1000 1200",
    ("o3", "8h"): "0 100 160 215 265 800",
    ("pm25", "24h"): "0 35 75 115 150 250 350 500",
}
BREAKPOINTS_2026 = BREAKPOINTS_2012 | {
    ("pm10", "24h"): "0 50 120 250 350 420 500 600",
    ("pm25", "24h"): "0 35 60 115 150 250 350 500",
}
BREAKPOINTS = {
    edition: {key: tuple(map(int, text.split())) for key, text in table.items()}
    for edition, table in (("2012", BREAKPOINTS_2012), ("2026", BREAKPOINTS_2026))
}
ABOVE = {("so2", "1h"): {"2012": None, "2026": 200}, ("o3", "8h"): {"2012": None, "2026": 300}}


def rounded(reading: float, decimals: int) -> Decimal:
    return Decimal(str(reading)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


def iaqi(reading: float, item: str, period: str, edition: str) -> int | None:
    if not 0 <= reading < float("inf"):
        return None
    bounds = BREAKPOINTS[edition][item, period]
    concentration = Fraction(rounded(reading, 1 if item == "co" else 0))
    if concentration > bounds[-1]:
        return ABOVE.get((item, period), {}).get(edition, 500)
    for k in range(1, len(bounds)):
        if concentration <= bounds[k]:
            slope = Fraction(INDICES[k] - INDICES[k - 1], bounds[k] - bounds[k - 1])
            return ceil(slope * (concentration - bounds[k - 1]) + INDICES[k - 1])
    raise AssertionError(concentration)
