"""The law of surface water once more, one number at a time in exact arithmetic, written apart from the code."""

from decimal import Decimal

LIMITS = {
    "codmn": "2 4 6 10 15",
    "cod": "15 15 20 30 40",
    "bod5": "3 3 4 6 10",
    "nh3n": "0.15 0.5 1.0 1.5 2.0",
    "tp": "0.02 0.1 0.2 0.3 0.4",
    "copper": "0.01 1.0 1.0 1.0 1.0",
    "zinc": "0.05 1.0 1.0 2.0 2.0",
    "fluoride": "1.0 1.0 1.0 1.5 1.5",
    "selenium": "0.01 0.01 0.01 0.02 0.02",
    "arsenic": "0.05 0.05 0.05 0.1 0.1",
    "mercury": "0.00005 0.00005 0.0001 0.001 0.001",
    "cadmium": "0.001 0.005 0.005 0.005 0.01",
    "chromium6": "0.01 0.05 0.05 0.05 0.1",
    "lead": "0.01 0.01 0.05 0.05 0.1",
    "cyanide": "0.005 0.05 0.2 0.2 0.2",
    "phenol": "0.002 0.002 0.005 0.01 0.1",
    "petroleum": "0.05 0.05 0.05 0.5 1.0",
    "las": "0.2 0.2 0.2 0.3 0.3",
    "sulphide": "0.05 0.1 0.2 0.5 1.0",
    "coliform": "200 2000 10000 20000 40000",
}
LIMITS = {(item, body): text for item, text in LIMITS.items() for body in ("river", "lake")} | {
    ("tp", "lake"): "0.01 0.025 0.05 0.1 0.2",
    ("tn", "lake"): "0.2 0.5 1.0 1.5 2.0",
}
LIMITS = {key: [Decimal(number) for number in text.split()] for key, text in LIMITS.items()}
OXYGEN = [Decimal(number) for number in ["7.5", "6", "5", "3", "2"]]
KEYS = [*LIMITS, *((item, body) for item in ("ph", "do") for body in ("river", "lake"))]


def item_class(reading: float, item: str, body: str) -> int:
    if not 0 <= reading < float("inf"):
        return 0
    value = Decimal(str(reading))
    if item == "ph":
        return 0 if value > 14 else 1 if 6 <= value <= 9 else 6
    if item == "do":
        return next((k for k, limit in enumerate(OXYGEN, start=1) if value >= limit), 6)
    return next((k for k, limit in enumerate(LIMITS[item, body], start=1) if value <= limit), 6)
