"""Scope (数据范围): what a person may see. Every query takes one; ``access`` decides it."""

from dataclasses import dataclass

from shuzhi.errors import ScopeError

CITY_WIDE = frozenset({"air", "water", "weather", "operations"})
"""Data sets that no district binds: readings, indices, forecasts and the platform's own records."""


@dataclass(frozen=True)
class Scope:
    """Data sets and districts that may be seen; ``None`` means all of them.

    Parameters
    ----------
    datasets : frozenset of str, optional
    districts : frozenset of str, optional
        Binds what is protected (sources, enterprises, machines, people, cases), not the city-wide data sets.
    """

    datasets: frozenset[str] | None = None
    districts: frozenset[str] | None = None

    @classmethod
    def all(cls) -> "Scope":
        """Sees everything: the command line, and everybody until accounts exist."""
        return cls()

    def require(self, dataset: str) -> None:
        """Raise ScopeError unless the data set may be seen."""
        if self.datasets is not None and dataset not in self.datasets:
            raise ScopeError(
                f"the data set '{dataset}' is outside your scope; ask an administrator for the right to it"
            )

    def districts_for(self, dataset: str) -> list[str] | None:
        """Districts that bind a query on the data set, or None when nothing binds it."""
        self.require(dataset)
        return None if dataset in CITY_WIDE or self.districts is None else sorted(self.districts)
