"""Numbers of the assessment method that stand alone (``data/standards/water_rules.csv``), with their source."""

from functools import lru_cache

from shuzhi.errors import InputError
from shuzhi.standards import tables


@lru_cache
def _rules() -> dict[str, float]:
    table = tables.read("water_rules")
    return dict(zip(table["rule"], map(float, table["value"]), strict=True))


def rule(name: str) -> float:
    """One number, as in the table: few_sections, main_pollutants, do_saturation, change_some, change_clear, …

    Raises
    ------
    InputError
        Unknown rule.
    """
    try:
        return _rules()[name]
    except KeyError:
        raise InputError(f"no rule {name!r} of surface water; known are {', '.join(_rules())}") from None
