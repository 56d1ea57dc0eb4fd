"""Scope (数据范围): what a person may see and do. Every query takes one; ``access`` decides it."""

from dataclasses import dataclass, field, replace

from shuzhi.errors import ScopeError

CITY_WIDE = frozenset({"air", "water", "weather", "forecasts", "operations", "places", "briefings"})
"""Data sets that no place binds: readings, indices, forecasts, maps, what was published, the platform's own records."""

SEE, COUNT = "see", "count"


@dataclass(frozen=True)
class Actor:
    """Who acts, as the audit remembers it.

    Attributes
    ----------
    kind : str
        ``account``, ``device``, ``public`` (nobody signed in) or ``system`` (a user of the operating system).
    id, name : str
        Key and display name; the user name for ``system``.
    session, address : str or None
        Sign-in and network address that it came through.
    standing : str or None
        Role and places that its scope was made of; an act asks whether they still are.
    """

    kind: str
    id: str
    name: str
    session: str | None = None
    address: str | None = None
    standing: str | None = None


@dataclass(frozen=True)
class Scope:
    """Rights and places of somebody; ``None`` means all of them.

    Two people who may see the same have equal scopes: results that are kept by scope are shared between them.

    Parameters
    ----------
    rights : frozenset of (str, str), optional
        Pairs of data set and action.
    districts, streets, enterprises : frozenset of str, optional
        Managing units, streets and credit codes that bind what is protected (sources, enterprises, machines, people,
        cases), not the city-wide data sets. Several of them bind together.
    actor : Actor, optional
        Who it is; no part of what may be seen.
    """

    rights: frozenset[tuple[str, str]] | None = None
    districts: frozenset[str] | None = None
    streets: frozenset[str] | None = None
    enterprises: frozenset[str] | None = None
    actor: Actor | None = field(default=None, compare=False)

    @classmethod
    def all(cls, actor: Actor | None = None) -> "Scope":
        """Sees and does everything: the command line and the platform's own work."""
        return cls(actor=actor)

    @classmethod
    def seeing(cls, *datasets: str, **places) -> "Scope":
        """Sees these data sets, and does nothing."""
        return cls(frozenset((dataset, SEE) for dataset in datasets), **places)

    def may(self, dataset: str, action: str = SEE) -> bool:
        """Whether the action on the data set is allowed, somewhere."""
        return self.rights is None or (dataset, action) in self.rights

    def require(self, dataset: str, action: str = SEE) -> None:
        """Raise ScopeError unless the action on the data set is allowed."""
        if not self.may(dataset, action):
            raise ScopeError(
                f"'{action}' on the data set '{dataset}' is outside your scope; an administrator can grant it",
                dataset=dataset,
                action=action,
            )

    def places_for(self, dataset: str) -> dict[str, list[str]]:
        """Column and allowed values of each place that binds a query on the data set; empty when nothing binds it.

        Raises
        ------
        ScopeError
            If the data set may not be seen.
        """
        self.require(dataset)
        if dataset in CITY_WIDE:
            return {}
        bound = {"unit": self.districts, "street": self.streets, "credit_code": self.enterprises}
        return {column: sorted(values) for column, values in bound.items() if values is not None}

    def counting(self, dataset: str) -> "Scope":
        """The scope for totals of a data set: who may only count it may see it for that."""
        if self.rights is None or (dataset, COUNT) not in self.rights:
            return self
        return replace(self, rights=self.rights | {(dataset, SEE)})

    @property
    def bound(self) -> bool:
        """Whether any place binds it."""
        return not (self.districts is None and self.streets is None and self.enterprises is None)

    @property
    def city_wide(self) -> "Scope":
        """The same rights without places: the key of results of city-wide data sets."""
        return Scope(self.rights)
