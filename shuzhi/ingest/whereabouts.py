"""What the home knows about places, for the doors: units, districts, streets."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.registry import places
from shuzhi.store import Home, Scope

_ABOVE = ("四川省", "四川", "成都市")
_ENDS = ("街道", "街道办事处", "镇", "乡")


@dataclass(frozen=True)
class Whereabouts:
    """Places of the city.

    Attributes
    ----------
    zones : frozenset of str
        Units that are functional zones (功能区); all others are districts.
    unit_named : callable
        The unit that a text means, or None.
    streets : DataFrame
        unit and district by name of the street.
    district_at : callable
        Districts (object array, None outside) of longitudes and latitudes.
    unit_at : callable
        Managing units likewise.
    """

    zones: frozenset[str]
    unit_named: Callable[[str], str | None]
    streets: pd.DataFrame
    district_at: Callable[[np.ndarray, np.ndarray], np.ndarray]
    unit_at: Callable[[np.ndarray, np.ndarray], np.ndarray]

    @classmethod
    def of(cls, home: Home) -> "Whereabouts":
        """The places of a home."""
        scope = Scope.all()
        units = places.units(home, scope)

        def unit_named(text: str) -> str | None:
            for above in _ABOVE:
                text = text.removeprefix(above) if len(text) > len(above) + 1 else text
            return places.unit_named(home, scope, text)

        return cls(
            frozenset(units.loc[units["kind"] == "zone", "name"]),
            unit_named,
            places.streets(home, scope).set_index("name")[["unit", "district"]],
            lambda lon, lat: places.locate(home, scope, "district", lon, lat),
            lambda lon, lat: places.locate_unit(home, scope, lon, lat),
        )

    def street_named(self, text: str) -> str | None:
        """The street of the register that a text means (桂溪 for 桂溪街道), or None."""
        for end in ("", *_ENDS):
            if text + end in self.streets.index:
                return text + end
        for end in _ENDS:
            stem = text.removesuffix(end)
            for other in _ENDS if stem != text else ():
                if stem + other in self.streets.index:
                    return stem + other
        return None
