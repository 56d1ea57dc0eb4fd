"""How an IAQI came about: the formula with its numbers, for a page that shows its working."""

from dataclasses import dataclass
from fractions import Fraction

from shuzhi.standards.factors import SYMBOLS
from shuzhi.standards.iaqi import HIGHEST, Breakpoints, breakpoints
from shuzhi.standards.rounding import half_even_units


@dataclass(frozen=True)
class Explanation:
    """One IAQI with every number of its formula.

    IAQI = (iaqi_hi − iaqi_lo) / (bp_hi − bp_lo) × (concentration − bp_lo) + iaqi_lo, rounded up.

    ``rule`` says how: "formula"; beyond the last breakpoint, with bounds None and the reason in ``note``, "cap" (500),
    "fixed" (2026: SO2 1 h 200, O3 8 h 300) or "unrated" (2012: those have no index); "missing" without a reading.
    ``concentration`` is the rounded one, ``reading`` the one given; ``raw`` is exact, before rounding up.
    """

    item: str
    symbol: str
    period: str
    unit: str
    edition: str
    clause: str
    source: str
    reading: float
    concentration: float | None
    bp_lo: float | None
    bp_hi: float | None
    iaqi_lo: int | None
    iaqi_hi: int | None
    raw: Fraction | None
    iaqi: int | None
    rule: str
    note: str


def explain(concentration: float, item: str, period: str, edition: str = "2012") -> Explanation:
    """The working of one IAQI (HJ 633, formula 1).

    Parameters
    ----------
    concentration : float
        µg/m³, CO mg/m³.
    item, period, edition
        As for `iaqi`; ``period`` of the result is that of the breakpoints used (PM of one hour: "24h").

    Raises
    ------
    InputError
        Unknown item, period or edition.
    """
    rule = breakpoints(item, period, edition)
    reading = float(concentration)
    head = (rule.item, SYMBOLS[rule.item], rule.period, rule.unit, edition, rule.clause, rule.source, reading)
    if not 0 <= reading < float("inf"):
        return Explanation(*head, *[None] * 7, rule="missing", note="")
    units = int(half_even_units(reading, rule.decimals))
    if units > rule.bounds[-1]:
        kind = "unrated" if rule.above is None else "cap" if rule.above == HIGHEST else "fixed"
        return Explanation(*head, _number(units, rule), *[None] * 5, rule.above, rule=kind, note=rule.note)
    raw, k = rule.value(units), rule.segment(units)
    bounds = [_number(bound, rule) for bound in rule.bounds[k - 1 : k + 1]]
    up = -(-raw.numerator // raw.denominator)
    return Explanation(
        *head, _number(units, rule), *bounds, *rule.indices[k - 1 : k + 1], raw, up, rule="formula", note=""
    )


def _number(units: int, rule: Breakpoints) -> float | int:
    return units / 10**rule.decimals if rule.decimals else units
